//! Owns undoing: which steps began and can be undone, which of them comes next, and what is done when nobody knows how one stands.

use serde::{Deserialize, Serialize};

use super::effect::{Note, QuestionAbout, Work};
use super::input::{Answer, Outcome};
use super::state::{Phase, Task};
use super::transition::Move;
use crate::plan::{Compensation, OnUnknown, Op, Otherwise, StepId};

/// A step that began and can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// Which.
    pub step: StepId,
    /// What is known of the attempt.
    pub fate: Fate,
    /// So much of what undoes it is done.
    pub undone: u32,
    /// Nobody knows whether the next part of what undoes it happened.
    pub unsure: bool,
}

/// What is known of an attempt of a step that can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fate {
    /// It is out.
    Out,
    /// It began: it ended well or badly, or was cut off.
    Began,
    /// Nobody knows whether it began.
    Unknown,
}

impl Move<'_> {
    /// An attempt begins.
    pub(super) fn note_begun(&mut self, work: Work) {
        let Some(step) = self.compensated(work) else {
            return;
        };
        if matches!(self.state.phase, Phase::Rolling { .. }) {
            self.state.begun.push(Begun {
                step,
                fate: Fate::Out,
                undone: 0,
                unsure: false,
            });
        }
    }

    /// An attempt has ended.
    pub(super) fn note_fate(&mut self, work: Work, outcome: &Outcome) {
        if let (Outcome::Unknown { .. }, Work::Step { step, .. }) = (outcome, work) {
            self.doubt_undoing(step);
        }
        let Some(step) = self.compensated(work) else {
            return;
        };
        let mut all = self.state.begun.iter();
        let Some(index) = all.rposition(|one| one.step == step && one.fate == Fate::Out) else {
            return;
        };
        match outcome {
            // Nothing happened.
            Outcome::NeverBegan | Outcome::NotStarted { .. } => {
                self.state.begun.remove(index);
            }
            Outcome::Unknown { .. } => {
                // An attempt before this one may have begun for certain.
                let began = |one: &Begun| one.step == step && one.fate == Fate::Began;
                let fate = if self.state.begun.iter().any(began) {
                    Fate::Began
                } else {
                    Fate::Unknown
                };
                self.settle_fate(step, (index, fate));
            }
            Outcome::Exited { .. }
            | Outcome::Printed { .. }
            | Outcome::Read { .. }
            | Outcome::Signalled { .. }
            | Outcome::TimedOut
            | Outcome::Stopped => self.settle_fate(step, (index, Fate::Began)),
        }
    }

    /// What is known of the newest attempt of a step, which alone counts then.
    fn settle_fate(&mut self, step: StepId, (newest, fate): (usize, Fate)) {
        if let Some(one) = self.state.begun.get_mut(newest) {
            one.fate = fate;
        }
        let mut place = 0;
        self.state.begun.retain(|one| {
            place += 1;
            one.step != step || place > newest
        });
    }

    /// Somebody or something says that an attempt happened of which nobody knew.
    pub(super) fn it_happened(&mut self, step: StepId) {
        let mut all = self.state.begun.iter();
        let unknown = |one: &Begun| one.step == step && one.fate == Fate::Unknown;
        if let Some(index) = all.rposition(unknown) {
            self.settle_fate(step, (index, Fate::Began));
        }
    }

    /// The same, that it did not happen.
    pub(super) fn it_did_not_happen(&mut self, step: StepId) {
        let unknown = |one: &Begun| one.step == step && one.fate == Fate::Unknown;
        self.state.begun.retain(|one| !unknown(one));
        for one in self.undone_by(step) {
            one.unsure = false;
        }
    }

    /// The step of this work, if something undoes it.
    fn compensated(&self, work: Work) -> Option<StepId> {
        let Work::Step { step, .. } = work else {
            return None;
        };
        let known = self.plan.steps.get(step.index());
        known
            .is_some_and(|one| !one.undo.is_empty())
            .then_some(step)
    }

    /// Undoes the newest step that is left, or goes on when there is none.
    pub(super) fn undo_next(&mut self, of: &[Compensation]) {
        let plan = self.plan;
        let newest = self.state.begun.iter().rev().find_map(|begun| {
            let mut all = of.iter();
            let way = all.position(|one| one.step == begun.step)?;
            Some((*begun, way, of.get(way)?))
        });
        let Some((begun, way, compensation)) = newest else {
            self.say(Note::NothingToUndo);
            self.op_done();
            return;
        };
        let place = begun.undone as usize;
        let by = compensation.ops.get(place).and_then(Op::step);
        let by = by.and_then(|by| plan.steps.get(by.index()));
        let name = plan
            .steps
            .get(begun.step.index())
            .map_or("?", |step| step.name.as_str());
        // What undoes it may say itself what is done when nobody knows.
        let must_ask = by.is_some_and(|by| {
            by.unless.is_none() && !by.idempotent && by.on_unknown != OnUnknown::Rerun
        });
        let doubt = if begun.unsure && must_ask {
            Some(format!("nobody knows whether step {name} was undone"))
        } else if begun.fate == Fate::Unknown {
            Some(format!(
                "nobody knows whether step {name} happened, and it is to be undone"
            ))
        } else {
            None
        };
        match (doubt, by) {
            (Some(doubt), Some(by)) => {
                self.ask(
                    QuestionAbout::Undo {
                        step: begun.step,
                        by: by.id,
                    },
                    doubt,
                    &[Answer::Undo, Answer::Leave, Answer::Rollback],
                    (None, Otherwise::Stuck),
                );
            }
            (_, _) => {
                self.say(Note::Undoes { step: begun.step });
                self.enter_way_at(way, place);
            }
        }
    }

    /// A person says that a step of which nobody knows how it stands is to be undone.
    pub(super) fn undo_anyway(&mut self, about: QuestionAbout) {
        if let QuestionAbout::Undo { step, .. } = about {
            self.it_happened(step);
            for one in self.state.begun.iter_mut().filter(|one| one.step == step) {
                one.unsure = false;
            }
        }
    }

    /// A person says that it is to be left as it is.
    pub(super) fn leave_as_it_is(&mut self, about: QuestionAbout) {
        if let QuestionAbout::Undo { step, .. } = about {
            self.state.begun.retain(|one| one.step != step);
        }
    }

    /// A part of what undoes a step is done.
    pub(super) fn note_undoing(&mut self) {
        let Some((Op::Undo { of }, way, place)) = self.outer_op() else {
            return;
        };
        let step = of.get(way).map(|one| one.step);
        for one in &mut self.state.begun {
            if Some(one.step) == step {
                one.undone = u32::try_from(place).unwrap_or(u32::MAX);
                one.unsure = false;
            }
        }
    }

    /// Nobody knows whether an attempt of what undoes a step happened.
    pub(super) fn doubt_undoing(&mut self, by: StepId) {
        for one in self.undone_by(by) {
            one.unsure = true;
        }
    }

    /// What is remembered of the step that this one undoes.
    fn undone_by(&mut self, by: StepId) -> impl Iterator<Item = &mut Begun> {
        let step = self.plan.steps.get(by.index()).and_then(|by| by.undoes);
        let all = self.state.begun.iter_mut();
        all.filter(move |one| Some(one.step) == step)
    }

    /// Behind the last part of what undoes the step of this way; false where nothing is undone.
    pub(super) fn is_undone(&mut self, way: Option<usize>) -> bool {
        let (Some(Op::Undo { of }), Some(way)) = (self.current_op(), way) else {
            return false;
        };
        if let Some(step) = of.get(way).map(|one| one.step) {
            self.state.begun.retain(|one| one.step != step);
            self.say(Note::Undone { step });
        }
        // The next one is looked for at the same place.
        self.set_task(Task::Ready);
        true
    }
}
