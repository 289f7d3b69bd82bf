//! Owns the sweep: the engine itself, taken through everything that can happen in every state that it can come to, each kind of
//! state once. It ends when every such state was seen, or when its budget is used up, and then it has proved nothing.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::ControlFlow;

use crate::engine::{Phase, QuestionAbout};
use crate::plan::{LevelId, Op, Plan, StepId, Way};

use super::act::{Actor, Watch};
use super::end::{End, end_of, is_exposed};
use super::kinds::Kinds;
use super::look::Looker;
use super::monitor::Back;
use super::moves::{Move, moves};
use super::node::Node;
use super::pairs::{Pair, pairs};
use super::same::one_of_each;
use super::wide::Wide;

/// How many states a proof may look at.
pub const BUDGET: usize = 20_000;

/// How many it looks at where it is certain that they are not all: the beginning.
const GLIMPSE: usize = 2_000;

/// How many bytes a proof may write of the states that its ways lead to: where much stands side by side, each state is large, and there are
/// many ways out of it.
const MOST_BYTES: usize = 64 << 20;

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

/// Every state that a run of this plan can come to. Who watches is shown every way to each of them.
#[must_use]
pub fn sweep(plan: &Plan, budget: usize, watch: Option<Watch<'_>>) -> Swept {
    sweep_of((plan, &pairs(plan, &in_stages(plan))), budget, watch)
}

/// The same; what takes apart and what puts together is known.
pub(super) fn sweep_of(
    (plan, pairs): (&Plan, &[Pair]),
    budget: usize,
    mut watch: Option<Watch<'_>>,
) -> Swept {
    let actor = if watch.is_some() {
        Actor::of(plan)
    } else {
        Actor::wordless(plan)
    };
    let mut sweep = Sweep::of((&actor, pairs), budget);
    let mut looker = Looker::of(&actor, pairs);
    // The room of states that are done with, for new ones.
    let mut done = Vec::new();
    while let Some((number, node)) = sweep.open.pop_front() {
        let mut moves = sweep.moves(number, &node);
        if watch.is_none() {
            one_of_each(plan, &actor.sights, &node.state, &mut moves);
        }
        for happens in moves {
            let again = watch.as_mut().map(|watch| &mut **watch as Watch<'_>);
            let (next, key) = looker.take(&node, happens, again);
            match sweep.come_to((number, happens), (next, key)) {
                ControlFlow::Continue(None) => {}
                ControlFlow::Continue(Some(place)) => {
                    let room = done.pop().unwrap_or_else(|| actor.beginning());
                    sweep.open.push_back((place, looker.exchange(room)));
                }
                ControlFlow::Break(()) => return sweep.swept,
            }
        }
        done.push(node);
    }
    sweep.swept
}

/// A sweep under way.
struct Sweep<'a> {
    actor: &'a Actor<'a>,
    pairs: &'a [Pair],
    seen: Kinds,
    wide: Wide<'a>,
    budget: usize,
    /// How many bytes of states were written.
    written: usize,
    /// By whom and by which move each state was come to first.
    trail: Vec<(usize, Move)>,
    /// The states that were come to and not looked at yet, each with its number.
    open: VecDeque<(usize, Node)>,
    swept: Swept,
}

impl<'a> Sweep<'a> {
    fn of((actor, pairs): (&'a Actor<'a>, &'a [Pair]), budget: usize) -> Self {
        Self {
            actor,
            pairs,
            seen: Kinds::default(),
            wide: Wide::of(actor.plan),
            budget,
            written: 0,
            trail: Vec::new(),
            open: VecDeque::from([(0, actor.beginning())]),
            swept: Swept {
                states: 1,
                ways: 0,
                whole: true,
                ends: BTreeMap::new(),
                faults: Vec::new(),
                asked_for_ever: BTreeSet::new(),
                dead_end: None,
            },
        }
    }

    /// What is looked at of what can happen in a state. Notes what is not.
    fn moves(&mut self, number: usize, node: &Node) -> Vec<Move> {
        let mut all = moves(self.actor, node);
        if all.is_empty() && !matches!(node.state.phase, Phase::Final(_)) {
            let path = || path_to(&self.trail, number);
            self.swept.dead_end.get_or_insert_with(path);
        }
        self.swept.whole &= self.wide.keeps_all(&node.state, &mut all);
        all
    }

    /// Notes a way that leads to a state, which is written as these bytes. Returns its number when it is seen for the first time and goes on;
    /// breaks off at the bounds of the proof.
    fn come_to(
        &mut self,
        (from, happens): (usize, Move),
        (next, key): (&Node, &[u8]),
    ) -> ControlFlow<(), Option<usize>> {
        self.swept.ways = self.swept.ways.saturating_add(1);
        self.written = self.written.saturating_add(key.len());
        if self.written > MOST_BYTES {
            self.swept.whole = false;
            return ControlFlow::Break(());
        }
        self.wide.note(&next.state, key.len());
        let end = end_of(next);
        if let Some(end) = end {
            let count = self.swept.ends.entry(end).or_insert(0);
            *count = count.saturating_add(1);
        }
        if self.seen.has(key) {
            return ControlFlow::Continue(None);
        }
        if self.swept.states >= self.budget {
            self.swept.whole = false;
            return ControlFlow::Break(());
        }
        self.seen.put(key);
        self.trail.push((from, happens));
        let place = self.trail.len();
        self.swept.states = self.swept.states.saturating_add(1);
        let plan = self.actor.plan;
        for kind in faults(plan, next, self.pairs) {
            if !self.swept.faults.iter().any(|known| known.kind == kind) {
                let path = path_to(&self.trail, place);
                self.swept.faults.push(Fault { kind, path });
            }
        }
        for question in &next.state.questions {
            if let (None, QuestionAbout::Unknown { step, .. }) = (question.until, question.about)
                && next.state.level().is_none()
            {
                self.swept.asked_for_ever.insert(plan.of_file(step));
            }
        }
        ControlFlow::Continue(end.is_none().then_some(place))
    }
}

/// How many states a proof of this plan looks at.
pub(super) fn budget_of(plan: &Plan) -> usize {
    if is_too_long(plan) { GLIMPSE } else { BUDGET }
}

/// Whether it is certain that a plan has more kinds of states than a proof may look at: each step of a stage is under way, and its outcome
/// is unknown; everything else that takes time is under way.
pub(super) fn is_too_long(plan: &Plan) -> bool {
    let all = plan.stages.iter().flat_map(|stage| &stage.ops);
    let fewest = all.map(|op| match op {
        Op::Step(_) => 2,
        Op::Wait { .. } | Op::Expose { .. } => 1,
        Op::Until { .. }
        | Op::Verify { .. }
        | Op::Notify(_)
        | Op::Fail { .. }
        | Op::Approve(_)
        | Op::Parallel { .. }
        | Op::Undo { .. }
        | Op::NoReturn { .. }
        | Op::If { .. } => 0,
    });
    fewest.sum::<usize>() > BUDGET
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
    ops.filter_map(Op::step).collect()
}

/// What is wrong with the end of a path.
fn faults(plan: &Plan, node: &Node, pairs: &[Pair]) -> Vec<FaultKind> {
    let mut found = Vec::new();
    match end_of(node) {
        None | Some(End::Completed | End::Aborted | End::Refused) => {}
        Some(End::RolledBack(level) | End::WentForward(level)) => {
            let judged = plan.recovered_of(level).is_some();
            let exposed = plan
                .exposures
                .iter()
                .any(|one| is_exposed(plan, &node.state, one));
            if !judged && exposed {
                found.push(FaultKind::EndsExposed { level });
            }
            for (index, pair) in pairs.iter().enumerate() {
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
