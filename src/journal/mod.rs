//! Owns the journal: what happened, written down before anything acts on it, so that a run outlives its runner.
//!
//! ```text
//! world::run -> Writer (what must be on disk, what may follow) -> Store (one transaction a transition) -> SQLite
//! Store -> replay (the same transitions) -> a state to go on from
//! ```
//!
//! It decides nothing about a run: the engine does. It starts nothing and reads no clock: times come with the facts.

mod chain;
mod durability;
mod entry;
mod error;
mod ids;
mod inbox;
mod left;
mod lock;
mod owner;
mod replay;
pub mod sqlite;
mod store;
mod writer;

pub use chain::{Hash, Head};
pub use durability::{Durability, durability};
pub use entry::{Entry, Event, RECORD_FORMAT, Row};
pub use error::StoreError;
pub use ids::{Epoch, RunId, Seq};
pub use inbox::{Inbox, Post, Posted};
pub use left::{Ended, Incident, Left, Reminder, Resolved, title_of};
pub use lock::{Claim, Holder, Taken};
pub use owner::{Liveness, Owner};
pub use replay::{Divergence, ReplayError, Replayed, replay};
pub use store::{Batch, Commits, NewRun, RunMeta, Standing, Store, StoredRun};
pub use writer::{Boundary, FailPoint, Nth, Writer};
