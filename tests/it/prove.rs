//! The proof: every state that a run can come to, on the engine that runs.

mod agree;
mod beside;
mod dies;
mod follow;
mod long;
mod made;
mod missed;
mod once;
mod possible;
mod same;
mod swept;
mod unknown;
mod watcher;
mod wide;
mod world;

pub(crate) use swept::plan_of;
