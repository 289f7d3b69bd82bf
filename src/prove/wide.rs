//! Owns places where so much is under way side by side that a sweep cannot see everything that can happen: what is looked at there, and how
//! long.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use crate::engine::{QuestionAbout, State, Task, Work};
use crate::plan::{Plan, StepId};

use super::likeness::alike;
use super::moves::Move;

/// So many strands beside the main one, which end in any order, come to more kinds of states than a sweep may look at before the last has
/// ended.
const TOO_WIDE: usize = 15;

/// How many bytes may be written of such states: none of them leads out of the wide place, so only what happens first there is looked at.
const MOST_BYTES: usize = 256 << 10;

/// What is known of the wide places of a plan.
pub(super) struct Wide<'p> {
    plan: &'p Plan,
    /// The class of each step; those of a class differ in nothing but their words.
    classes: OnceCell<Vec<usize>>,
    /// How many bytes were written of states in wide places.
    written: usize,
}

impl<'p> Wide<'p> {
    pub(super) fn of(plan: &'p Plan) -> Self {
        Self {
            plan,
            classes: OnceCell::new(),
            written: 0,
        }
    }

    /// Notes that so many bytes were written of a state.
    pub(super) fn note(&mut self, state: &State, bytes: usize) {
        if is_too_wide(state) {
            self.written = self.written.saturating_add(bytes);
        }
    }

    /// Of the moves in a wide place leaves one of each sort, since it is the same which of what is alike ends first, and none when enough was
    /// looked at. Returns whether those are all.
    pub(super) fn keeps_all(&self, state: &State, moves: &mut Vec<Move>) -> bool {
        if !is_too_wide(state) {
            return true;
        }
        let all = moves.len();
        if self.written > MOST_BYTES {
            moves.clear();
        }
        let mut ends = BTreeSet::new();
        let mut answers = Vec::new();
        moves.retain(|one| match one {
            Move::Ends {
                attempt,
                how,
                at,
                closed,
            } => {
                let out = state.running.iter().find(|out| out.attempt == *attempt);
                let class = out.and_then(|out| self.of_work(out.work));
                class.is_none_or(|class| ends.insert((class, *how, *at, *closed)))
            }
            Move::Answers { question, answer } => {
                let open = state.questions.iter().find(|open| open.number == *question);
                let class = open.and_then(|open| self.of_question(open.about));
                class.is_none_or(|class| {
                    let is_new = !answers.contains(&(class, *answer));
                    answers.push((class, *answer));
                    is_new
                })
            }
            Move::Begins(_)
            | Move::Passes { .. }
            | Move::Trips { .. }
            | Move::Flaps(_)
            | Move::Misses { .. }
            | Move::Blinds { .. }
            | Move::Sees(_)
            | Move::Drifts(_)
            | Move::Recovers { .. }
            | Move::Relapses { .. }
            | Move::Awaits { .. }
            | Move::Orders
            | Move::Leaves
            | Move::TakenUp => true,
        });
        moves.len() == all
    }

    fn of_work(&self, work: Work) -> Option<usize> {
        match work {
            Work::Step { step, .. } => self.class(step),
            Work::Check { .. }
            | Work::Unless { .. }
            | Work::Set { .. }
            | Work::Read { .. }
            | Work::Probe { .. } => None,
        }
    }

    fn of_question(&self, about: QuestionAbout) -> Option<usize> {
        match about {
            QuestionAbout::Failure(step) | QuestionAbout::Unknown { step, .. } => self.class(step),
            QuestionAbout::Guard(_)
            | QuestionAbout::Hold
            | QuestionAbout::Undo { .. }
            | QuestionAbout::Approval(_)
            | QuestionAbout::Unseen
            | QuestionAbout::Unapproved(_) => None,
        }
    }

    fn class(&self, step: StepId) -> Option<usize> {
        let classes = self.classes.get_or_init(|| {
            let shapes: Vec<Vec<u8>> = self.plan.steps.iter().map(alike).collect();
            let mut known: Vec<&Vec<u8>> = shapes.iter().collect();
            known.sort();
            known.dedup();
            let place = |shape| known.binary_search(&shape).unwrap_or_default();
            shapes.iter().map(place).collect()
        });
        classes.get(step.index()).copied()
    }
}

/// Whether so much is under way in a state.
fn is_too_wide(state: &State) -> bool {
    let strands = state.strands.values();
    strands.filter(|strand| strand.task != Task::Over).count() > TOO_WIDE
}
