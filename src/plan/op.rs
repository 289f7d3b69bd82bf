//! Owns the operations of stages and levels. Pure data; nothing is run here.

use serde::{Deserialize, Serialize};

use super::act::{Notice, Template};
use super::condition::Condition;
use super::ids::{ApprovalId, ExposureId, ProbeId, StepId};
use crate::value::Millis;

/// One operation of a stage or level; they run in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Op {
    /// Run a step.
    Step(StepId),
    /// A soak: ends after `min` of observed healthy time, becomes a hold after `max`.
    Wait {
        /// Healthy time to observe.
        min: Millis,
        /// When it becomes a hold, counted from its beginning.
        max: Millis,
    },
    /// Wait until a condition holds, seen in samples that were taken since.
    Until {
        /// Which.
        condition: Condition,
        /// For at most so long.
        within: Millis,
        /// Samples whose window reaches back before the wait do not count.
        warmup: Millis,
    },
    /// Set an exposure and read it back until it agrees.
    Expose {
        /// Which.
        exposure: ExposureId,
        /// To what, as a number of its scale.
        target: f64,
        /// How long reading back may take to agree.
        within: Millis,
    },
    /// Ask a probe until it holds.
    Verify {
        /// Which.
        probe: ProbeId,
        /// For at most so long.
        within: Millis,
        /// Time between two tries.
        every: Millis,
    },
    /// Undo the steps of the rollout that began in this run, the newest first, one at a time.
    Undo {
        /// What undoes each of them, in the order of the file.
        of: Vec<Compensation>,
    },
    /// Nothing is rolled back any more: what goes wrong takes the levels of the way forward.
    NoReturn {
        /// Why.
        why: Template,
    },
    /// Tell people.
    Notify(Notice),
    /// Fail on purpose.
    Fail {
        /// Why.
        why: Template,
    },
    /// Wait for an approval.
    Approve(ApprovalId),
    /// Several strands at once. It ends when all of them have ended.
    Parallel {
        /// What is done in each, in order of declaration.
        strands: Vec<Strand>,
        /// At most so many are under way at a time; all of them when not given.
        most: Option<u32>,
        /// The step that is run on hosts, a strand a host: so many of them may fail as it says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hosts: Option<StepId>,
    },
    /// One of two ways, decided when the run comes to it.
    If {
        /// What decides, seen in samples that were taken since.
        condition: Condition,
        /// How long it may take to see it.
        within: Millis,
        /// Samples whose window reaches back before the run came to it do not count.
        warmup: Millis,
        /// What is done when it holds.
        then: Vec<Op>,
        /// What is done when it does not hold.
        otherwise: Vec<Op>,
    },
}

/// What undoes a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compensation {
    /// The step that is undone.
    pub step: StepId,
    /// What is run for that, in order: steps alone.
    pub ops: Vec<Op>,
}

/// One of several ways that are gone at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Strand {
    /// What it is called: its turn of a loop, or its place.
    pub name: String,
    /// What is done in it, in order.
    pub ops: Vec<Op>,
}

impl Op {
    /// The operations that this one holds: a strand of `parallel` by its place; what `if` does (0), and what it does else (1);
    /// what undoes a step, by its place.
    #[must_use]
    pub fn inside(&self, way: usize) -> Option<&[Self]> {
        match (self, way) {
            (Self::Parallel { strands, .. }, way) => Some(&strands.get(way)?.ops),
            (Self::Undo { of }, way) => Some(&of.get(way)?.ops),
            (Self::If { then, .. }, 0) => Some(then),
            (Self::If { otherwise, .. }, 1) => Some(otherwise),
            (
                Self::Step(_)
                | Self::Wait { .. }
                | Self::Until { .. }
                | Self::Expose { .. }
                | Self::Verify { .. }
                | Self::Notify(_)
                | Self::Fail { .. }
                | Self::NoReturn { .. }
                | Self::Approve(_)
                | Self::If { .. },
                _,
            ) => None,
        }
    }

    /// The step that it runs, if it is one.
    #[must_use]
    pub const fn step(&self) -> Option<StepId> {
        if let Self::Step(step) = self {
            Some(*step)
        } else {
            None
        }
    }

    /// The approval that it waits for, if it is one.
    #[must_use]
    pub const fn approval(&self) -> Option<ApprovalId> {
        if let Self::Approve(approval) = self {
            Some(*approval)
        } else {
            None
        }
    }

    /// What it sets an exposure to, if it does.
    #[must_use]
    pub fn sets(&self, id: ExposureId) -> Option<f64> {
        if let Self::Expose {
            exposure, target, ..
        } = self
            && *exposure == id
        {
            Some(*target)
        } else {
            None
        }
    }

    /// The condition that it waits for or is decided by.
    #[must_use]
    pub const fn condition(&self) -> Option<&Condition> {
        if let Self::Until { condition, .. } | Self::If { condition, .. } = self {
            Some(condition)
        } else {
            None
        }
    }

    /// These operations and all that they hold, in the order of the file.
    #[must_use]
    pub fn all(ops: &[Self]) -> Vec<&Self> {
        let mut found = Vec::new();
        for op in ops {
            found.push(op);
            let mut way = 0;
            while let Some(inside) = op.inside(way) {
                found.extend(Self::all(inside));
                way += 1;
            }
        }
        found
    }
}
