//! Owns SQL that a step runs. Pure data: the text is here, so that a run never reads the file again.

use serde::{Deserialize, Serialize};

use super::ids::ProviderId;

/// A file of SQL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sql {
    /// The database.
    pub provider: ProviderId,
    /// The file, as it is named.
    pub file: String,
    /// SHA-256 of its text, hexadecimal.
    pub sha256: String,
    /// What is in it.
    pub text: String,
    /// The first statement that cannot stand in a transaction with others, by its words: then there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alone: Option<String>,
}
