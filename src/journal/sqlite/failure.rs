//! Owns the reading of SQLite's failures: which of the store's errors each one is.

use rusqlite::{Error, ErrorCode};

use super::super::error::StoreError;

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        let why = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupted { why },
            Some(
                ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::AuthorizationForStatementDenied,
            ) => Self::NotWritable {
                path: super::place::DATABASE.into(),
                why,
            },
            Some(_) => Self::Failed { why },
            // A value of another type than the schema says, a text that is not UTF-8: not written by this program.
            None => Self::Corrupted { why },
        }
    }
}
