//! Owns the border between the engine and everything outside: the trait [`World`] and the one loop that connects the two.

use crate::engine::{Effect, Input, Moment, Stamp, State};
use crate::plan::Plan;

/// All of the outside. Real, simulated, scripted or exhaustive: the engine cannot tell.
pub trait World {
    /// Obeys one order. It was committed to the journal before, and so was the input that led to it.
    fn start(&mut self, plan: &Plan, state: &State, effect: &Effect);

    /// The next fact, at the latest when the engine wants to be woken. [`Input::Tick`] when that time has come.
    fn next(&mut self, plan: &Plan, state: &State, wake: Option<Moment>) -> (Stamp, Input);
}
