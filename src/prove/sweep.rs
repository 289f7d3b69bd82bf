//! Owns the sweep: the engine itself, taken through everything that can happen in every state that it can come to, each kind of
//! state once. It ends when every such state was seen, or when its budget is used up, and then it has proved nothing.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::engine::{Phase, QuestionAbout, Task};
use crate::plan::{LevelId, Op, Plan, StepId, Way};

use super::act::{Actor, Watch};
use super::end::{End, end_of};
use super::kinds::Kinds;
use super::likeness::likeness;
use super::monitor::{Back, Pair, pairs};
use super::moves::{Missed, Move, moves};
use super::node::Node;

/// How many states a proof may look at.
pub const BUDGET: usize = 20_000;

/// How many bytes a proof may write of the states that its ways lead to: where much stands side by side, each state is large, and there are
/// many ways out of it.
const MOST_BYTES: usize = 64 << 20;

/// So many strands beside the main one, which end in any order, come to more kinds of states than [`BUDGET`] before the last has ended.
const TOO_WIDE: usize = 15;

/// How many bytes it may write of such states: none of them leads out of the wide place, so only what happens first there is looked at.
const MOST_WIDE_BYTES: usize = 2 << 20;

/// What a sweep came to.
#[derive(Clone, Debug)]
pub struct Swept {
    /// How many kinds of states were seen.
    pub states: usize,
    /// How many ways from one to the next.
    pub ways: usize,
    /// Whether every state was seen: else nothing is proved.
    pub whole: bool,
    /// How the run can end, and in how many ways.
    pub ends: BTreeMap<End, usize>,
    /// Paths that end as none may, one of each kind, the shortest.
    pub faults: Vec<Fault>,
    /// Steps whose outcome a person is asked for without a limit.
    pub asked_for_ever: BTreeSet<StepId>,
    /// A state that nothing leads out of: the program itself is wrong.
    pub dead_end: Option<Vec<Move>>,
}

/// A path that ends as none may.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What is wrong with its end.
    pub kind: FaultKind,
    /// What happens, from the beginning.
    pub path: Vec<Move>,
}

/// What is wrong with an end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultKind {
    /// It counts as rolled back, or as gone forward, while something is exposed, and nothing judged whether that is well.
    EndsExposed {
        /// By this level.
        level: LevelId,
    },
    /// The rollback, or the way forward, began, and no level was for it.
    NoLevelApplies(Way),
    /// It is stuck, and nobody is told.
    NobodyTold,
    /// It counts as rolled back while something that was taken apart is still apart.
    LeftApart {
        /// The step that took it apart.
        opens: StepId,
        /// The words that take apart and put together.
        words: (String, String),
    },
}

/// Every state that a run of this plan can come to.
#[must_use]
pub fn sweep(plan: &Plan, budget: usize, mut watch: Option<Watch<'_>>) -> Swept {
    let actor = if watch.is_some() {
        Actor::of(plan)
    } else {
        Actor::wordless(plan)
    };
    let pairs = pairs(plan, &in_stages(plan));
    let mut seen = Kinds::default();
    // Only one kind at a time is written.
    let mut key = Vec::new();
    let (mut written, mut wide) = (0_usize, 0_usize);
    // By whom and by which move each state was come to first.
    let mut trail: Vec<(usize, Move)> = Vec::new();
    let mut queue: VecDeque<(usize, Node)> = VecDeque::new();
    let mut swept = Swept {
        states: 1,
        ways: 0,
        whole: true,
        ends: BTreeMap::new(),
        faults: Vec::new(),
        asked_for_ever: BTreeSet::new(),
        dead_end: None,
    };
    queue.push_back((0, actor.beginning()));
    // Most moves lead to what was seen already: their ends are made in the same room.
    let mut next = actor.beginning();
    let mut effects = Vec::new();
    while let Some((number, node)) = queue.pop_front() {
        if is_too_wide(&node) && wide > MOST_WIDE_BYTES {
            swept.whole = false;
            continue;
        }
        let all = moves(plan, &actor.sights, &node);
        if all.is_empty() && !matches!(node.state.phase, Phase::Final(_)) {
            let path = || path_to(&trail, number);
            swept.dead_end.get_or_insert_with(path);
        }
        for happens in all {
            let again = watch.as_mut().map(|watch| &mut **watch as Watch<'_>);
            next.clone_from(&node);
            effects.clear();
            actor.take(&mut next, happens, (&mut effects, again));
            next.monitor.pair(&pairs, &effects);
            swept.ways = swept.ways.saturating_add(1);
            key.clear();
            key.push(
                u8::try_from(next.wrong.drift.map_or(0, |drift| drift.saturating_add(1)))
                    .unwrap_or(u8::MAX),
            );
            key.push(next.wrong.flaps.map_or(0, |guard| {
                u8::try_from(guard.index().saturating_add(1)).unwrap_or(u8::MAX)
            }));
            let missed = next.wrong.misses.map_or(0, |(guard, missed)| {
                let kind = match missed {
                    Missed::Many => 1,
                    Missed::Newest => 2,
                };
                u32::try_from(guard.index())
                    .unwrap_or(u32::MAX)
                    .saturating_mul(3)
                    .saturating_add(kind)
            });
            key.extend_from_slice(&missed.to_le_bytes());
            key.extend_from_slice(&next.monitor.bytes());
            actor.sights.write_recent(plan, &next.state, &mut key);
            key = likeness(&next.state, key);
            written = written.saturating_add(key.len());
            if written > MOST_BYTES {
                swept.whole = false;
                return swept;
            }
            if is_too_wide(&next) {
                wide = wide.saturating_add(key.len());
            }
            if let Some(end) = end_of(&next) {
                let count = swept.ends.entry(end).or_insert(0);
                *count = count.saturating_add(1);
            }
            if seen.has(&key) {
                continue;
            }
            if swept.states >= budget {
                swept.whole = false;
                return swept;
            }
            seen.put(&key);
            trail.push((number, happens));
            let place = trail.len();
            swept.states = swept.states.saturating_add(1);
            for kind in faults(plan, &next, &pairs) {
                if !swept.faults.iter().any(|known| known.kind == kind) {
                    let path = path_to(&trail, place);
                    swept.faults.push(Fault { kind, path });
                }
            }
            for question in &next.state.questions {
                if let (None, QuestionAbout::Unknown { step, .. }) =
                    (question.until, question.about)
                    && next.state.level().is_none()
                {
                    swept.asked_for_ever.insert(plan.of_file(step));
                }
            }
            if end_of(&next).is_none() {
                queue.push_back((place, next.clone()));
            }
        }
    }
    swept
}

fn is_too_wide(node: &Node) -> bool {
    let strands = node.state.strands.values();
    strands.filter(|strand| strand.task != Task::Over).count() > TOO_WIDE
}

/// The moves that lead to a state; the first state has the number 0, and the others their place in the trail from 1.
pub(super) fn path_to(trail: &[(usize, Move)], mut number: usize) -> Vec<Move> {
    let mut path = Vec::new();
    while let Some((from, happens)) = number.checked_sub(1).and_then(|at| trail.get(at)) {
        path.push(*happens);
        number = *from;
    }
    path.reverse();
    path
}

/// The steps of the stages, in the order of the file.
pub(super) fn in_stages(plan: &Plan) -> Vec<StepId> {
    let ops = plan.stages.iter().flat_map(|stage| Op::all(&stage.ops));
    ops.filter_map(|op| match op {
        Op::Step(step) => Some(*step),
        Op::Wait { .. }
        | Op::Until { .. }
        | Op::Expose { .. }
        | Op::Verify { .. }
        | Op::Notify(_)
        | Op::Fail { .. }
        | Op::Approve(_)
        | Op::Parallel { .. }
        | Op::Undo { .. }
        | Op::NoReturn { .. }
        | Op::If { .. } => None,
    })
    .collect()
}

/// What is wrong with the end of a path.
fn faults(plan: &Plan, node: &Node, pairs: &[Pair]) -> Vec<FaultKind> {
    let mut found = Vec::new();
    match end_of(node) {
        None | Some(End::Completed | End::Aborted | End::Refused) => {}
        Some(End::RolledBack(level) | End::WentForward(level)) => {
            let judged = plan.recovered_of(level).is_some();
            // It began with nothing exposed.
            let exposed = node
                .state
                .exposures
                .iter()
                .flatten()
                .any(|value| *value > 0.0);
            if !judged && exposed {
                found.push(FaultKind::EndsExposed { level });
            }
            for (index, pair) in pairs.iter().enumerate().take(32) {
                if node.monitor.apart & (1 << index) != 0 {
                    found.push(FaultKind::LeftApart {
                        opens: pair.opens,
                        words: pair.words.clone(),
                    });
                }
            }
        }
        Some(end @ (End::StuckAfterLevels | End::StuckUndecided)) => {
            if end == End::StuckAfterLevels && node.monitor.back == Back::Ordered {
                found.push(FaultKind::NoLevelApplies(node.state.way()));
            }
            // Where nothing can be exposed and nobody has a channel, the person who runs it is told by the program.
            let exposes = |op: &&Op| matches!(op, Op::Expose { .. });
            let mut ops = plan.stages.iter().flat_map(|stage| Op::all(&stage.ops));
            let expected = !plan.channels.is_empty() || ops.any(|op| exposes(&op));
            if expected && !node.monitor.told {
                found.push(FaultKind::NobodyTold);
            }
        }
    }
    found
}
