//! Owns the store in one SQLite file, `runbook.db` in a directory of its own. It is the only place that names rusqlite, and
//! the only one of the journal that opens, creates and checks files.
//!
//! The file is in WAL mode. A durable commit runs under `synchronous=FULL`: one `fsync` of the WAL, which covers every
//! commit before it. A lazy one runs under `synchronous=NORMAL`: none. A checkpoint, about every thousand pages, syncs too.
#![expect(
    clippy::disallowed_methods,
    reason = "the store owns its file: it creates it, and checks its mode and its owner"
)]

mod failure;
mod left;
mod letters;
mod place;
mod read;
mod schema;
mod write;

use place::Files;
pub use place::Place;

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::chain::Head;
use super::durability::Durability;
use super::entry::Row;
use super::error::StoreError;
use super::ids::{Epoch, RunId, Seq};
use super::inbox::{Inbox, Post};
use super::left::{Ended, Incident, Left, Reminder, Resolved};
use super::lock::{Claim, Taken};
use super::store::{Batch, Commits, NewRun, RunMeta, Store, StoredRun};
use crate::world::Letter;

/// How long a commit waits for another process's, in milliseconds.
const PATIENCE: i64 = 5_000;

/// A store in one SQLite file.
pub struct SqliteStore {
    place: Place,
    connection: Connection,
    /// Which files they were when something was written last.
    files: Files,
    /// What the connection is set to; a pragma is sent only when it changes.
    level: Option<Durability>,
    commits: Commits,
}

impl SqliteStore {
    /// Opens the store in a directory, and creates both when they are not there.
    ///
    /// # Errors
    /// When it cannot be created or written, is not safe, is damaged, or was written by a newer program.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        Self::at(Place::create(directory)?)
    }

    /// Opens the store in a directory; nothing when there is none. For commands that only look.
    ///
    /// # Errors
    /// When it cannot be read, is not safe, is damaged, or was written by a newer program.
    pub fn open_existing(directory: &Path) -> Result<Option<Self>, StoreError> {
        match Place::existing(directory)? {
            Some(place) => Self::at(place).map(Some),
            None => Ok(None),
        }
    }

    fn at(place: Place) -> Result<Self, StoreError> {
        let guard = place.lock()?;
        let connection = connect(&place)?;
        schema::prepare(&connection)?;
        place.settle()?;
        let files = place.files();
        drop(guard);
        Ok(Self {
            place,
            connection,
            files,
            level: None,
            commits: Commits::default(),
        })
    }

    /// Where it is: also where the output of steps goes.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Sets what the next commit survives.
    fn survive(&mut self, durability: Durability) -> Result<(), StoreError> {
        if self.level != Some(durability) {
            let level = match durability {
                Durability::Durable => "FULL",
                Durability::Lazy => "NORMAL",
            };
            self.connection.pragma_update(None, "synchronous", level)?;
            self.level = Some(durability);
        }
        Ok(())
    }

    /// Refuses to write where nobody would find it.
    fn are_there(&mut self) -> Result<(), StoreError> {
        let now = self.place.files();
        self.files.are_still(&now)?;
        self.files = now;
        Ok(())
    }

    /// Does something in one transaction that is begun by taking the right to write.
    fn transact<T>(
        &mut self,
        durability: Durability,
        act: impl FnOnce(&rusqlite::Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.are_there()?;
        self.survive(durability)?;
        let transaction = self
            .connection
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let done = act(&transaction)?;
        transaction.commit()?;
        let count = match durability {
            Durability::Durable => &mut self.commits.durable,
            Durability::Lazy => &mut self.commits.lazy,
        };
        *count = count.saturating_add(1);
        Ok(done)
    }
}

/// Opens the file, which is there, and sets what SQLite does not keep in it.
fn connect(place: &Place) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(
        place.database(),
        OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW
            | OpenFlags::SQLITE_OPEN_EXRESCODE,
    )?;
    for (name, value) in [
        ("busy_timeout", PATIENCE),
        ("foreign_keys", 1),
        // A WAL of about 4 MB is folded into the file; a longer one is cut back to that.
        ("wal_autocheckpoint", 1_000),
        ("journal_size_limit", 4 * 1024 * 1024),
        // Numbers in the file that contradict each other are an error, not a guess.
        ("cell_size_check", 1),
    ] {
        connection.pragma_update(None, name, value)?;
    }
    Ok(connection)
}

impl Store for SqliteStore {
    fn create_run(
        &mut self,
        new: &NewRun<'_>,
        claim: &Claim<'_>,
    ) -> Result<(RunId, Taken), StoreError> {
        self.transact(Durability::Durable, |tx| write::create_run(tx, new, claim))
    }

    fn take_lock(&mut self, run: &RunId, claim: &Claim<'_>) -> Result<Taken, StoreError> {
        self.transact(Durability::Durable, |tx| write::take_lock(tx, run, claim))
    }

    fn release_lock(&mut self, run: &RunId, epoch: Epoch) -> Result<(), StoreError> {
        self.transact(Durability::Lazy, |tx| write::release_lock(tx, run, epoch))
    }

    fn append_all(
        &mut self,
        run: &RunId,
        epoch: Epoch,
        batches: &[Batch<'_>],
    ) -> Result<(), StoreError> {
        let most = batches.iter().map(|batch| batch.durability).max();
        self.transact(most.unwrap_or(Durability::Lazy), |tx| {
            batches
                .iter()
                .try_for_each(|batch| write::append(tx, run, epoch, batch))
        })
    }

    fn runs(&self) -> Result<Vec<RunMeta>, StoreError> {
        read::runs(&self.connection)
    }

    fn load(&self, run: &RunId) -> Result<StoredRun, StoreError> {
        read::load(&self.connection, run)
    }

    fn rows(&self, run: &RunId, from: Seq) -> Result<Vec<Row>, StoreError> {
        read::rows(&self.connection, run, from)
    }

    fn head(&self, run: &RunId) -> Result<Head, StoreError> {
        read::head(&self.connection, run)
    }

    fn post(&mut self, run: &RunId, post: &Post<'_>) -> Result<Letter, StoreError> {
        self.transact(Durability::Durable, |tx| letters::post(tx, run, post))
    }

    fn inbox(&self, run: &RunId) -> Result<Box<dyn Inbox + Send>, StoreError> {
        Ok(Box::new(letters::SqliteInbox::new(
            connect(&self.place)?,
            run.clone(),
        )))
    }

    fn incidents(&self) -> Result<Vec<Incident>, StoreError> {
        left::incidents(&self.connection)
    }

    fn reminders(&self) -> Result<Vec<Reminder>, StoreError> {
        left::reminders(&self.connection)
    }

    fn left(&self, run: &RunId) -> Result<Left, StoreError> {
        left::of(&self.connection, run)
    }

    fn end_left(&mut self, run: &RunId, word: &Resolved) -> Result<Ended, StoreError> {
        self.transact(Durability::Durable, |tx| left::end(tx, run, word))
    }

    fn commits(&self) -> Commits {
        self.commits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A store whose disk has room for so many more pages of 4 KiB.
    fn nearly_full(directory: &Path, room: u32) -> SqliteStore {
        let store = SqliteStore::open(directory).unwrap();
        let pages: u32 = store
            .connection
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .unwrap();
        store
            .connection
            .pragma_update_and_check(None, "max_page_count", pages + room, |_| Ok(()))
            .unwrap();
        store
    }

    #[test]
    fn a_full_disk_takes_nothing_of_a_transition() {
        let directory = tempfile::tempdir().unwrap();
        let mut store = nearly_full(directory.path(), 3);
        let mut write = |size: u32| {
            store.transact(Durability::Durable, |tx| {
                tx.execute("INSERT INTO runs VALUES (?1, 's', 1, 1, x'', 0, 0, '', 1)", [size])?;
                tx.execute("INSERT INTO plans VALUES (?1, '', '', 0, '', '', 1, x'', '', hex(zeroblob(?1)), '')", [size])?;
                Ok(())
            })
        };
        assert_eq!(write(1_000), Ok(()));
        assert_eq!(write(30_000), Err(StoreError::DiskFull));
        assert_eq!(write(1_001), Ok(()), "what fits is still taken");
        assert_eq!(store.commits().durable, 2);
        let whole: String = store
            .connection
            .pragma_query_value(None, "integrity_check", |row| row.get(0))
            .unwrap();
        assert_eq!(whole, "ok");
        let runs: u32 = store
            .connection
            .query_row("SELECT count(*) FROM runs", [], |row| row.get(0))
            .unwrap();
        assert_eq!(runs, 2);
    }
}
