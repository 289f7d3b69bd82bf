//! Owns the rows of a journal: what they say and how it is written. One transition is one fact and the orders that followed.
//! A row is never changed; a newer format is refused, never guessed at.

use serde::{Deserialize, Serialize};

use super::chain::Hash;
use super::error::StoreError;
use super::ids::Seq;
use crate::engine::{Effect, Input, Stamp};

/// The format of the rows that this program writes. It reads every older one.
pub const RECORD_FORMAT: u32 = 1;

/// A row, understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its position.
    pub seq: Seq,
    /// When the fact happened that it belongs to.
    pub stamp: Stamp,
    /// What it says.
    pub event: Event,
}

/// What a row says.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A fact that the world reported.
    Input(Input),
    /// An order, or a note, that the engine answered with.
    Effect(Effect),
}

/// What kind of row it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A fact.
    Input,
    /// An order or a note.
    Effect,
}

impl Kind {
    /// The word that is stored.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Effect => "effect",
        }
    }

    /// The kind that a stored word means.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Input, Self::Effect]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// A row as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its position.
    pub seq: Seq,
    /// When the fact happened that it belongs to.
    pub stamp: Stamp,
    /// What kind it is.
    pub kind: Kind,
    /// [`RECORD_FORMAT`] of the program that wrote it.
    pub format: u32,
    /// What it says, in JSON.
    pub body: String,
    /// What seals it and all rows before it.
    pub hash: Hash,
}

impl Row {
    /// What the row says.
    ///
    /// # Errors
    /// [`StoreError::Newer`] for a newer format, [`StoreError::Corrupted`] for what is no row.
    pub fn read(&self) -> Result<Entry, StoreError> {
        if self.format > RECORD_FORMAT {
            return Err(StoreError::Newer {
                what: "record",
                found: self.format,
                known: RECORD_FORMAT,
            });
        }
        let event = match self.kind {
            Kind::Input => serde_json::from_str(&self.body).map(Event::Input),
            Kind::Effect => serde_json::from_str(&self.body).map(Event::Effect),
        };
        Ok(Entry {
            seq: self.seq,
            stamp: self.stamp,
            event: event.map_err(|error| StoreError::Corrupted {
                why: format!("row {} cannot be read: {error}", self.seq.0),
            })?,
        })
    }
}

/// The JSON of something that is stored.
pub(super) fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Failed {
        why: error.to_string(),
    })
}
