//! SQL that a step runs.

use crate::check::ids::ProviderId;

/// A file of SQL.
#[derive(Clone, Debug)]
pub struct Sql {
    /// The database.
    pub provider: ProviderId,
    /// The file, as it is named.
    pub file: String,
    /// What is in it.
    pub text: String,
    /// The first statement that cannot stand in a transaction with others, by its words.
    pub alone: Option<String>,
}
