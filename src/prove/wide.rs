//! Owns places where so much is under way side by side that a sweep cannot see everything that can happen: what is looked at there, and how
//! long.

use std::cell::{Cell, OnceCell};
use std::collections::BTreeSet;

use crate::engine::{State, Task, Work};
use crate::plan::{Plan, StepId};

use super::likeness::alike;
use super::moves::Move;

/// So many strands beside the main one, which end in any order, come to more kinds of states than a sweep may look at before the last has
/// ended.
const TOO_WIDE: usize = 15;

/// How many bytes may be written of such states: none of them leads out of the wide place, so only what happens first there is looked at.
const MOST_BYTES: usize = 32 << 10;

/// What is known of the wide places of a plan.
pub(super) struct Wide<'p> {
    plan: &'p Plan,
    /// The class of each step; those of a class differ in nothing but their words.
    classes: OnceCell<Vec<usize>>,
    /// How many bytes were written of states in wide places.
    written: Cell<usize>,
}

impl<'p> Wide<'p> {
    pub(super) fn of(plan: &'p Plan) -> Self {
        Self {
            plan,
            classes: OnceCell::new(),
            written: Cell::new(0),
        }
    }

    /// Notes that so many bytes were written of a state in a wide place.
    pub(super) fn note(&self, bytes: usize) {
        self.written.set(self.written.get().saturating_add(bytes));
    }

    /// Whether nothing more is looked at in wide places.
    pub(super) fn is_enough(&self) -> bool {
        self.written.get() > MOST_BYTES
    }

    /// Leaves of the moves in a wide place one of each sort: it is the same which of what is alike ends first. Returns whether those are all.
    pub(super) fn keeps_all(&self, state: &State, moves: &mut Vec<Move>) -> bool {
        let all = moves.len();
        let mut seen = BTreeSet::new();
        moves.retain(|one| match one {
            Move::Ends {
                attempt,
                how,
                at,
                closed,
            } => {
                let out = state.running.iter().find(|out| out.attempt == *attempt);
                let class = out.and_then(|out| match out.work {
                    Work::Step { step, .. } => self.class(step),
                    Work::Check { .. }
                    | Work::Unless { .. }
                    | Work::Set { .. }
                    | Work::Read { .. }
                    | Work::Probe { .. } => None,
                });
                class.is_none_or(|class| seen.insert((class, *how, *at, *closed)))
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
            | Move::Answers { .. }
            | Move::Orders
            | Move::Leaves
            | Move::TakenUp => true,
        });
        moves.len() == all
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
pub(super) fn is_too_wide(state: &State) -> bool {
    let strands = state.strands.values();
    strands.filter(|strand| strand.task != Task::Over).count() > TOO_WIDE
}
