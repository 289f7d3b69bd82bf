//! Folders for what is measured. They stay until all rows are measured: a file system that takes care not to give a file's number away
//! soon after it was freed makes the rows after a large one pay for what that one removed.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tempfile::TempDir;

static KEPT: Mutex<Vec<TempDir>> = Mutex::new(Vec::new());

/// A folder that is removed at the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

/// A folder on the disk that the build is on. The usual one for temporary files may be in memory, where a sync is free.
pub(crate) fn folder() -> Folder {
    let made = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder for the inputs");
    let path = made.path().to_owned();
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    kept.push(made);
    Folder(path)
}

/// Removes all of them.
pub(crate) fn remove_all() {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner).clear();
}
