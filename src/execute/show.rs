//! Owns the border to whatever shows a run to people.

use crate::engine::{Effect, Stamp, State};
use crate::plan::Plan;

/// Shows a run. Everything that it is told has been committed to the journal. It must neither fail nor wait: when nobody
/// can see what it writes, it goes on writing to nobody.
pub trait Show {
    /// An order of the engine, right before it is obeyed.
    fn effect(&mut self, at: Stamp, plan: &Plan, state: &State, effect: &Effect);

    /// Time goes by; called about four times a second for a display that moves.
    fn idle(&mut self, at: Stamp, plan: &Plan, state: &State) {
        let _ = (at, plan, state);
    }

    /// Someone asked for the state, by a signal.
    fn status(&mut self, at: Stamp, plan: &Plan, state: &State);

    /// A sentence or a question to the person at the terminal.
    fn say(&mut self, text: &str);
}
