//! Owns the strands of a stage or level: where each of them is, how one becomes several, and how several become one again. What
//! is done at a place is decided elsewhere, and once, for whichever strand it is in.

use serde::{Deserialize, Serialize};

use super::copy::copied_in_place;
use super::effect::Note;
use super::state::{Aim, Phase, State, Task};
use super::transition::Move;
use crate::plan::{Op, Plan};

/// The number of a strand; never used twice in a run, but for the main one of each stage and level.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct StrandId(pub u32);

impl StrandId {
    /// The one with which a stage or a level begins and ends.
    pub const MAIN: Self = Self(0);
}

/// A strand that has begun and not ended.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct StrandState {
    /// The strand that waits for it; none for the main one.
    pub parent: Option<StrandId>,
    /// The operation that is next or under way: its place in the stage or level, then, as deep as it lies, the way in the
    /// operation that holds it and its place there.
    pub at: Vec<usize>,
    /// The length of `at` on its own level.
    pub depth: usize,
    /// What is done about the operation.
    pub task: Task,
    /// How a step on hosts goes that this strand waits for.
    #[serde(default, skip_serializing_if = "Tally::is_empty")]
    pub tally: Tally,
}

copied_in_place! { StrandState: parent at depth task tally }

/// How a step on hosts goes.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How many of the hosts have begun.
    pub begun: usize,
    /// Those on which it failed, by their place, and why.
    pub failed: Vec<Failed>,
    /// Those that have failed and are tried again, because a person said so.
    pub again: Vec<usize>,
}

copied_in_place! { Tally: begun failed again }

/// A host on which a step failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// Its place.
    pub way: usize,
    /// Why, in a sentence.
    pub why: String,
}

impl Tally {
    fn is_empty(&self) -> bool {
        self.begun == 0 && self.failed.is_empty() && self.again.is_empty()
    }
}

impl StrandState {
    /// The main strand of a stage or level that begins.
    #[must_use]
    pub fn main() -> Self {
        Self::beginning(None, vec![0])
    }

    fn beginning(parent: Option<StrandId>, at: Vec<usize>) -> Self {
        Self {
            parent,
            depth: at.len(),
            at,
            task: Task::Ready,
            tally: Tally::default(),
        }
    }

    /// The way that leads to it from the strand that waits for it: the place among the strands of its `parallel`.
    pub(super) fn way(&self) -> Option<usize> {
        let place = self.depth.checked_sub(2)?;
        self.at.get(place).copied()
    }
}

impl State {
    /// The operations of the stage or level that the run is in.
    #[must_use]
    pub fn ops<'p>(&self, plan: &'p Plan) -> &'p [Op] {
        let found = match &self.phase {
            Phase::Rolling { stage, .. } => plan.stages.get(stage.index()).map(|one| &one.ops),
            Phase::RollingBack { level, .. } => plan.level(*level).map(|one| &one.ops),
            Phase::New | Phase::Preparing(_) | Phase::Closing(_) | Phase::Final(_) => None,
        };
        found.map_or(&[], Vec::as_slice)
    }

    /// The operation that is next or under way in a strand; none behind the last.
    #[must_use]
    pub fn op<'p>(&self, plan: &'p Plan, strand: &StrandState) -> Option<&'p Op> {
        at(self.ops(plan), &strand.at)
    }

    /// Every strand with its operation.
    pub fn strand_ops<'s, 'p: 's>(
        &'s self,
        plan: &'p Plan,
    ) -> impl Iterator<Item = (&'s StrandState, Option<&'p Op>)> + 's {
        let all = self.strands.values();
        all.map(move |strand| (strand, self.op(plan, strand)))
    }

    /// What a strand is called: the names of the `parallel` strands that lead to it. Empty for the main one.
    #[must_use]
    pub fn strand_name(&self, plan: &Plan, id: StrandId) -> String {
        let mut names = Vec::new();
        let mut next = self.strands.get(&id);
        while let Some(strand) = next {
            let parent = strand.parent.and_then(|parent| self.strands.get(&parent));
            if let Some(parent) = parent
                && let Some(Op::Parallel { strands, .. }) = self.op(plan, parent)
                && let Some(one) = strand.way().and_then(|way| strands.get(way))
            {
                names.push(one.name.as_str());
            }
            next = parent;
        }
        names.reverse();
        names.join(" ")
    }

    /// How many strands a strand waits for.
    #[must_use]
    pub fn children(&self, id: StrandId) -> usize {
        let all = self.strands.values();
        all.filter(|strand| strand.parent == Some(id)).count()
    }

    /// Whether an attempt of this strand is out.
    #[must_use]
    pub fn is_out(&self, id: StrandId) -> bool {
        self.running.iter().any(|running| running.strand == id)
    }
}

fn at<'p>(ops: &'p [Op], place: &[usize]) -> Option<&'p Op> {
    match place {
        [] => None,
        [index] => ops.get(*index),
        [index, way, rest @ ..] => at(ops.get(*index)?.inside(*way)?, rest),
    }
}

impl<'a> Move<'a> {
    pub(super) fn here(&self) -> Option<&StrandState> {
        self.state.strands.get(&self.strand)
    }

    /// The operation that is next or under way in this strand.
    pub(super) fn current_op(&self) -> Option<&'a Op> {
        self.state.op(self.plan, self.here()?)
    }

    /// The operation that holds the current one, if it lies in one, with the way and the place in it.
    pub(super) fn outer_op(&self) -> Option<(&'a Op, usize, usize)> {
        let strand = self.here()?;
        let [outside @ .., way, place] = strand.at.as_slice() else {
            return None;
        };
        let op = at(self.state.ops(self.plan), outside)?;
        Some((op, *way, *place))
    }

    /// What is done about it.
    pub(super) fn task(&self) -> Option<&Task> {
        self.here().map(|strand| &strand.task)
    }

    pub(super) fn set_task(&mut self, new: Task) {
        if let Some(strand) = self.state.strands.get_mut(&self.strand) {
            strand.task = new;
        }
    }

    /// The aim of the attempt that is out or was last made.
    pub(super) fn aim(&self) -> Option<Aim> {
        match self.task()? {
            Task::Attempting(aim) => Some(*aim),
            Task::Ready
            | Task::Pausing { .. }
            | Task::Asking { .. }
            | Task::Interrupted { .. }
            | Task::Soaking(_)
            | Task::Waiting(_)
            | Task::Joining { .. }
            | Task::Over
            | Task::Settling { .. }
            | Task::Recovering(_)
            | Task::Watching(_) => None,
        }
    }

    /// The current operation is done; the next one is ready.
    pub(super) fn op_done(&mut self) {
        if let Some(strand) = self.state.strands.get_mut(&self.strand) {
            if let Some(index) = strand.at.last_mut() {
                *index = index.saturating_add(1);
            }
            strand.tally = Tally::default();
            strand.task = Task::Ready;
        }
        self.note_undoing();
    }

    /// Goes into the current operation, which holds others.
    pub(super) fn enter_way(&mut self, way: usize) {
        self.enter_way_at(way, 0);
    }

    /// Goes into the current operation, behind what is done of it already.
    pub(super) fn enter_way_at(&mut self, way: usize, place: usize) {
        if let Some(strand) = self.state.strands.get_mut(&self.strand) {
            strand.at.extend([way, place]);
            strand.task = Task::Ready;
        }
    }

    /// Behind the last operation: leaves the one that holds it, or ends the strand. Returns false for the main strand, whose
    /// end is the stage's or level's.
    pub(super) fn leave_way(&mut self) -> bool {
        let Some(strand) = self.state.strands.get_mut(&self.strand) else {
            return false;
        };
        if strand.at.len() > strand.depth {
            let outside = strand.at.len().saturating_sub(2);
            let way = strand.at.get(outside).copied();
            strand.at.truncate(outside);
            if !self.is_undone(way) {
                self.op_done();
            }
            return true;
        }
        let ends = strand.parent.is_some();
        if ends {
            self.state.strands.remove(&self.strand);
        }
        ends
    }

    /// Begins with the strands of `parallel`.
    pub(super) fn fork(&mut self) {
        let Some(Op::Parallel {
            strands,
            most,
            hosts,
        }) = self.current_op()
        else {
            return;
        };
        let names = strands.iter().map(|one| one.name.clone()).collect();
        let note = match hosts {
            Some(step) => Note::HostsBegan {
                step: *step,
                hosts: names,
            },
            None => Note::ParallelBegan {
                strands: names,
                most: *most,
            },
        };
        self.say(note);
        self.set_task(Task::Joining { begun: 0 });
    }

    /// Begins the next strand that may begin, or goes on when all have ended. Returns whether it did.
    pub(super) fn join(&mut self, begun: usize) -> bool {
        let Some(Op::Parallel {
            strands,
            most,
            hosts,
        }) = self.current_op()
        else {
            return false;
        };
        let (all, most) = (strands.len(), *most);
        let alive = self.state.children(self.strand);
        if let Some(step) = *hosts {
            return self.join_hosts(step, begun, (all, alive));
        }
        if begun >= all {
            if alive == 0 {
                self.say(Note::ParallelEnded);
                self.op_done();
            }
            return alive == 0;
        }
        let is_full = most.is_some_and(|most| alive >= most as usize);
        if is_full || self.state.stands_still() {
            return false;
        }
        self.begin_way(begun);
        self.set_task(Task::Joining {
            begun: begun.saturating_add(1),
        });
        true
    }

    /// Begins the strand of one of the ways of the current operation.
    pub(super) fn begin_way(&mut self, way: usize) {
        let Some(parent) = self.here() else {
            return;
        };
        let mut place = parent.at.clone();
        place.extend([way, 0]);
        let number = self.state.next.strand.saturating_add(1);
        self.state.next.strand = number;
        let child = StrandState::beginning(Some(self.strand), place);
        self.state.strands.insert(StrandId(number), child);
    }

    /// Nothing more happens in the strands whose attempts have ended, because the run turns when the others have.
    pub(super) fn rest(&mut self) {
        let state = &mut *self.state;
        for (id, strand) in state.strands.iter_mut() {
            let is_out = state.running.iter().any(|running| running.strand == *id);
            if matches!(strand.task, Task::Attempting(_)) && !is_out {
                strand.task = Task::Over;
            }
        }
    }
}
