//! Owns what the sweep remembers of a path that the engine does not: whether a rollback began, whether a level did, who was told,
//! and what was taken apart and not put together again.

use crate::engine::{Effect, Note, Verdict, Work};
use crate::plan::Plan;

use super::pairs::Pair;

/// How far a rollback has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Back {
    /// There is none.
    #[default]
    No,
    /// It began, and no level has yet.
    Ordered,
    /// A level has begun.
    Tried,
}

/// What is remembered of a path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Monitor {
    /// How far a rollback has come.
    pub(super) back: Back,
    /// People were told that the run is stuck.
    pub(super) told: bool,
    /// The pairs that are apart, a bit each.
    pub(super) apart: u32,
}

impl Monitor {
    /// Follows what the engine ordered.
    pub(super) fn see(&mut self, plan: &Plan, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::Say(Note::RollbackBegan { .. } | Note::ForwardBegan { .. }) => {
                    self.back = Back::Ordered
                }
                Effect::Say(Note::LevelBegan(_)) => self.back = Back::Tried,
                Effect::Finish(Verdict::Stuck { .. }) => self.told = !plan.if_stuck.is_empty(),
                Effect::Start { .. }
                | Effect::Stop { .. }
                | Effect::Query { .. }
                | Effect::LookBack { .. }
                | Effect::Measure { .. }
                | Effect::Ask(_)
                | Effect::Withdraw(_)
                | Effect::Notify { .. }
                | Effect::Open { .. }
                | Effect::Remind { .. }
                | Effect::Say(_)
                | Effect::Left(_)
                | Effect::Finish(_) => {}
            }
        }
    }

    /// Follows the steps that are begun and done.
    pub(super) fn pair(&mut self, pairs: &[Pair], effects: &[Effect]) {
        for effect in effects {
            let (began, done) = match effect {
                Effect::Start {
                    work: Work::Step { step, .. },
                    ..
                } => (Some(*step), None),
                Effect::Say(Note::StepDone { step, .. } | Note::StepSkipped { step }) => {
                    (None, Some(*step))
                }
                Effect::Start { .. }
                | Effect::Stop { .. }
                | Effect::Query { .. }
                | Effect::LookBack { .. }
                | Effect::Measure { .. }
                | Effect::Ask(_)
                | Effect::Withdraw(_)
                | Effect::Notify { .. }
                | Effect::Open { .. }
                | Effect::Remind { .. }
                | Effect::Say(_)
                | Effect::Left(_)
                | Effect::Finish(_) => (None, None),
            };
            for (index, pair) in pairs.iter().enumerate() {
                if began == Some(pair.opens) {
                    self.apart |= 1 << index;
                }
                if done.is_some_and(|step| pair.closes.contains(&step)) {
                    self.apart &= !(1 << index);
                }
            }
        }
    }

    /// As bytes.
    pub(super) fn bytes(self) -> [u8; 5] {
        let [a, b, c, d] = self.apart.to_le_bytes();
        let back = match self.back {
            Back::No => 0,
            Back::Ordered => 1,
            Back::Tried => 2,
        };
        [back | (u8::from(self.told) << 2), a, b, c, d]
    }
}
