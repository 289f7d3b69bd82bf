//! The engine in the simulated world: a small rollout is played through what can happen to it, and its timeline is read.
//! Every input is followed by a look at the laws.

mod approvals;
mod captures;
mod doubts;
mod exposures;
mod faults;
mod gaps;
mod guards;
mod hand;
mod hosts;
mod levels;
mod no_return;
mod order;
pub(crate) mod stage;
mod strands;
mod turns;
mod undo;
mod unknowns;
mod until;
