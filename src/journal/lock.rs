//! Owns what is known of who runs a service. A service has one runner at a time; a living one's lock is never broken.

use super::ids::{Epoch, RunId};
use super::owner::{Liveness, Owner};

/// A runner that wants a service.
pub struct Claim<'a> {
    /// Its process.
    pub owner: &'a Owner,
    /// The person.
    pub by: &'a str,
    /// When, Unix milliseconds.
    pub wall: i64,
    /// Whether a process that holds a lock still lives. Data, so that the store looks at no process itself, and so that a
    /// person who knows better about a machine that is gone can be heard.
    pub liveness: &'a dyn Fn(&Owner) -> Liveness,
}

/// Who has a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The service.
    pub service: String,
    /// The run.
    pub run: RunId,
    /// The person.
    pub by: String,
    /// The process.
    pub owner: Owner,
    /// Since when, Unix milliseconds.
    pub since: i64,
}

/// A lock that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// What the runner writes under.
    pub epoch: Epoch,
    /// The runner before, when it died without letting go.
    pub died: Option<Holder>,
}
