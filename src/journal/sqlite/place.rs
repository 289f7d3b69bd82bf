//! Owns the directory of a store: who may read and write it, and where things are in it. It never changes the mode of what
//! it did not create, and follows no symbolic link.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::super::error::StoreError;
use super::super::ids::RunId;

/// The file's name.
pub(super) const DATABASE: &str = "runbook.db";

/// The permission bits by which others than the owner may write.
const OTHERS_WRITE: u32 = 0o022;
/// All permission bits of others than the owner.
const OTHERS: u32 = 0o077;

/// The directory of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    root: PathBuf,
}

impl Place {
    /// The directory, created with mode 0700 when it is not there, with an empty file of mode 0600 for the database.
    pub(super) fn create(root: &Path) -> Result<Self, StoreError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(root)
            .or_else(|error| {
                // What is there instead is said better by the look at it.
                let there = error.kind() == ErrorKind::AlreadyExists;
                if there {
                    Ok(())
                } else {
                    Err(not_writable(root, &error))
                }
            })?;
        let place = Self::checked(root)?;
        let database = place.database();
        match OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&database)
        {
            Ok(_) => sync_directory(&place.root)?,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(not_writable(&database, &error)),
        }
        place.check_files()?;
        Ok(place)
    }

    /// The directory when there is a store in it.
    pub(super) fn existing(root: &Path) -> Result<Option<Self>, StoreError> {
        let there = |path: &Path| match fs::symlink_metadata(path) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(not_writable(path, &error)),
        };
        if !there(root)? || !there(&root.join(DATABASE))? {
            return Ok(None);
        }
        let place = Self::checked(root)?;
        place.check_files()?;
        Ok(Some(place))
    }

    fn checked(root: &Path) -> Result<Self, StoreError> {
        check(root, Kind::Directory, OTHERS_WRITE)?;
        // SQLite refuses a path with a symbolic link anywhere in it; above the store, they are the system's affair.
        let root = fs::canonicalize(root).map_err(|error| not_writable(root, &error))?;
        Ok(Self { root })
    }

    /// Looks at the files of the database, as far as they are there.
    fn check_files(&self) -> Result<(), StoreError> {
        for ending in ["", "-wal", "-shm", "-journal"] {
            check(
                &self.root.join(format!("{DATABASE}{ending}")),
                Kind::File,
                OTHERS,
            )?;
        }
        Ok(())
    }

    /// Makes sure that SQLite's own files are as they should be, once they are there.
    pub(super) fn settle(&self) -> Result<(), StoreError> {
        self.check_files()
    }

    /// Keeps other processes from opening the store at the same time: who creates it must not be disturbed.
    pub(super) fn lock(&self) -> Result<File, StoreError> {
        let directory = File::open(&self.root).map_err(|error| not_writable(&self.root, &error))?;
        rustix::fs::flock(&directory, rustix::fs::FlockOperation::LockExclusive)
            .map_err(|error| not_writable(&self.root, &error.into()))?;
        Ok(directory)
    }

    /// The directory.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The database file.
    pub(super) fn database(&self) -> PathBuf {
        self.root.join(DATABASE)
    }

    /// Which files the database is now. SQLite goes on writing files that have no name any more, and says nothing.
    pub(super) fn files(&self) -> Files {
        Files(["", "-wal"].map(|ending| {
            let path = self.root.join(format!("{DATABASE}{ending}"));
            let found = fs::symlink_metadata(&path).ok();
            let which = found.map(|found| (found.dev(), found.ino()));
            (path, which)
        }))
    }

    /// The directory for the output of a run's steps, created with mode 0700 when it is not there.
    ///
    /// # Errors
    /// When it cannot be created, or is not safe.
    pub fn run_directory(&self, run: &RunId) -> Result<PathBuf, StoreError> {
        let runs = self.root.join("runs");
        let own = runs.join(run.as_str());
        for directory in [&runs, &own] {
            match DirBuilder::new().mode(0o700).create(directory) {
                Ok(()) => sync_directory(directory.parent().unwrap_or(&self.root))?,
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(not_writable(directory, &error)),
            }
            check(directory, Kind::Directory, OTHERS)?;
        }
        Ok(own)
    }
}

/// The files of a database that is open, each with what the system knows it by, where it is there.
#[derive(Debug)]
pub(super) struct Files([(PathBuf, Option<(u64, u64)>); 2]);

impl Files {
    /// Whether all that were there still are, under their names.
    pub(super) fn are_still(&self, now: &Self) -> Result<(), StoreError> {
        for ((path, then), (_, now)) in self.0.iter().zip(&now.0) {
            if then.is_some() && then != now {
                return Err(StoreError::Gone { path: path.clone() });
            }
        }
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Directory,
    File,
}

/// Refuses a path that is not ours, is a symbolic link, or lets others do what they must not. A file may be missing.
fn check(path: &Path, kind: Kind, forbidden: u32) -> Result<(), StoreError> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound && kind == Kind::File => return Ok(()),
        Err(error) => return Err(not_writable(path, &error)),
    };
    let not_ours = |why: String| {
        Err(StoreError::NotOurs {
            path: path.to_owned(),
            why,
        })
    };
    if found.file_type().is_symlink() {
        return Err(StoreError::Symlink {
            path: path.to_owned(),
        });
    }
    let right_kind = match kind {
        Kind::Directory => found.is_dir(),
        Kind::File => found.is_file(),
    };
    if !right_kind {
        return not_ours(match kind {
            Kind::Directory => "it is not a directory".to_owned(),
            Kind::File => "it is not a regular file".to_owned(),
        });
    }
    let own = rustix::process::geteuid().as_raw();
    if found.uid() != own {
        return not_ours(format!(
            "it belongs to user {}, and this is user {own}",
            found.uid()
        ));
    }
    if found.mode() & forbidden != 0 {
        let mode = found.mode() & 0o777;
        let allowed = mode & !forbidden;
        return not_ours(format!(
            "its mode is {mode:04o}, which lets others in; it may be {allowed:04o}"
        ));
    }
    Ok(())
}

/// A new name in a directory survives a power failure once the directory is synced.
fn sync_directory(path: &Path) -> Result<(), StoreError> {
    File::open(path)
        .and_then(|directory| directory.sync_all())
        .map_err(|error| not_writable(path, &error))
}

fn not_writable(path: &Path, error: &io::Error) -> StoreError {
    if error.kind() == ErrorKind::StorageFull {
        return StoreError::DiskFull;
    }
    StoreError::NotWritable {
        path: path.to_owned(),
        why: error.to_string(),
    }
}
