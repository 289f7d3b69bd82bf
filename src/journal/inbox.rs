//! Owns what other processes tell a runner: answers, orders, wishes. A letter is removed in the commit that records what it
//! says, so that it is never lost and never read twice.

use super::error::StoreError;
use crate::engine::Input;
use crate::world::Letter;

/// A letter to a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Post<'a> {
    /// What it says.
    pub input: &'a Input,
    /// Who wrote it.
    pub by: &'a str,
    /// When, Unix milliseconds.
    pub wall: i64,
}

/// A letter that has arrived.
#[derive(Clone, Debug, PartialEq)]
pub struct Posted {
    /// Its number, to be handed on with the fact.
    pub letter: Letter,
    /// What it says.
    pub input: Input,
    /// Who wrote it.
    pub by: String,
    /// When, Unix milliseconds.
    pub wall: i64,
}

/// A runner's view of its inbox. Cheap to ask, and independent of the store that writes.
pub trait Inbox {
    /// The next letter, oldest first, if there is one. Each is given once.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn next(&mut self) -> Result<Option<Posted>, StoreError>;
}
