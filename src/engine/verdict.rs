//! Owns how a run ended.

use serde::{Deserialize, Serialize};

use crate::plan::LevelId;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// Every stage was served.
    Completed,
    /// Rolled back and recovered by this level.
    RolledBack {
        /// The level that was enough.
        level: LevelId,
    },
    /// Behind the point of no return: brought to health by this level of the way forward.
    WentForward {
        /// The level that was enough.
        level: LevelId,
    },
    /// Exposed or half-done; a person is needed.
    Stuck {
        /// Why.
        why: String,
    },
    /// Ended before anything was changed.
    Aborted {
        /// Why.
        why: String,
    },
    /// A precondition did not hold; nothing was changed.
    Refused {
        /// Each reason, as a sentence.
        why: Vec<String>,
    },
}
