//! Files that a power failure or a bad disk has torn. What is left is a beginning of what was written, or it is refused;
//! never something else.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use runbook::journal::sqlite::SqliteStore;
use runbook::journal::{Row, RunId, Seq, Store, StoreError, replay};
use runbook::plan::Plan;
use runbook::simulate::Scenario;

use super::recorded::{Death, begin, directory, open};
use crate::engine::stage::plan;
use crate::faults::{LEDGER, ledger};

/// A journal as it stands on the disk while its runner lives.
struct Disk {
    database: Vec<u8>,
    wal: Vec<u8>,
    run: RunId,
    rows: Vec<Row>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Folded {
    /// All of the run is in the WAL.
    No,
    /// All of the run is in the database.
    Yes,
}

fn disk(plan: &Plan, folded: Folded) -> Disk {
    let home = directory();
    let mut store = open(home.path());
    let raw = rusqlite::Connection::open(home.path().join("runbook.db")).unwrap();
    let fold = || {
        raw.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
            row.get::<_, i64>(0)
        })
        .unwrap()
    };
    assert_eq!(fold(), 0);
    let scenario = Scenario::all_goes_well(plan, "ada");
    let (run, ended) = begin(&mut store, (plan, scenario), Death::Never, &mut Vec::new());
    ended.unwrap();
    if folded == Folded::Yes {
        assert_eq!(fold(), 0);
    }
    let rows = store.rows(&run, Seq::FIRST).unwrap();
    Disk {
        database: fs::read(home.path().join("runbook.db")).unwrap(),
        wal: fs::read(home.path().join("runbook.db-wal")).unwrap(),
        run,
        rows,
    }
}

/// What is left of a torn disk.
#[derive(Debug)]
enum Left {
    /// The first so many rows.
    Rows(usize),
    /// Not even the run.
    Nothing,
    /// It is refused.
    Refused,
}

fn look(plan: &Plan, original: &Disk, torn: (&[u8], &[u8])) -> Left {
    let home = directory();
    let put = |name: &str, bytes: &[u8]| {
        let path = home.path().join(name);
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    };
    put("runbook.db", torn.0);
    put("runbook.db-wal", torn.1);
    match read(plan, &original.run, home.path()) {
        Ok(rows) => {
            assert_eq!(rows, original.rows[..rows.len()], "a beginning of it");
            Left::Rows(rows.len())
        }
        Err(StoreError::NoSuchRun { .. }) => Left::Nothing,
        Err(_) => Left::Refused,
    }
}

/// What a runner does that takes a run up.
fn read(plan: &Plan, run: &RunId, path: &Path) -> Result<Vec<Row>, StoreError> {
    let store = SqliteStore::open(path)?;
    store.verify(run)?;
    let stored = store.load(run)?;
    assert_eq!(stored.plan()?, *plan);
    let entries = store.entries(run, Seq::FIRST)?;
    let replayed = replay(plan, &entries)?;
    assert_eq!(replayed.standing(), stored.meta.standing);
    assert_eq!(replayed.last, stored.meta.last);
    store.rows(run, Seq::FIRST)
}

#[derive(Default, Debug)]
struct Count {
    whole: usize,
    shorter: usize,
    nothing: usize,
    refused: usize,
}

impl Count {
    fn add(&mut self, original: &Disk, left: &Left) {
        match left {
            Left::Rows(rows) if *rows == original.rows.len() => self.whole += 1,
            Left::Rows(_) => self.shorter += 1,
            Left::Nothing => self.nothing += 1,
            Left::Refused => self.refused += 1,
        }
    }
}

#[test]
fn a_wal_that_is_cut_off_anywhere_leaves_a_beginning() {
    LEDGER.fault("write-ahead log cut off", cut_off);
}

fn cut_off(ledger: &ledger::Count) {
    let plan = plan();
    let disk = disk(&plan, Folded::No);
    let mut count = Count::default();
    let mut before = 0;
    for length in (0..=disk.wal.len()).step_by(19_997) {
        let left = look(&plan, &disk, (&disk.database, &disk.wal[..length]));
        if let Left::Rows(rows) = left {
            assert!(rows >= before, "a longer WAL has no less");
            before = rows;
        }
        count.add(&disk, &left);
        ledger.survived();
    }
    assert_eq!(count.refused, 0, "{count:?}");
    assert!(count.shorter > 30 && count.nothing > 0, "{count:?}");
}

#[test]
fn a_wal_with_a_damaged_sector_or_bit_leaves_a_beginning() {
    LEDGER.fault(
        "write-ahead log with a flipped bit or a torn sector",
        damaged,
    );
}

fn damaged(ledger: &ledger::Count) {
    let plan = plan();
    let disk = disk(&plan, Folded::No);
    let mut count = Count::default();
    for offset in (0..disk.wal.len()).step_by(40_009) {
        let mut flipped = disk.wal.clone();
        flipped[offset] ^= 1 << (offset % 8);
        count.add(&disk, &look(&plan, &disk, (&disk.database, &flipped)));
        let mut zeroed = disk.wal.clone();
        let sector = offset / 512 * 512;
        let end = disk.wal.len().min(sector + 512);
        zeroed[sector..end].fill(0);
        count.add(&disk, &look(&plan, &disk, (&disk.database, &zeroed)));
        ledger.survived();
        ledger.survived();
    }
    assert_eq!(count.refused, 0, "{count:?}");
    assert!(count.shorter > 30, "{count:?}");
}

#[test]
fn a_damaged_database_is_whole_where_it_matters_or_refused() {
    LEDGER.fault("database with a flipped bit", flipped);
}

fn flipped(ledger: &ledger::Count) {
    let plan = plan();
    let disk = disk(&plan, Folded::Yes);
    assert_eq!(disk.wal.len(), 0);
    let mut count = Count::default();
    for offset in (0..disk.database.len()).step_by(1_009) {
        let mut flipped = disk.database.clone();
        flipped[offset] ^= 1 << (offset % 8);
        count.add(&disk, &look(&plan, &disk, (&flipped, b"")));
        ledger.survived();
    }
    assert_eq!(count.shorter, 0, "{count:?}");
    assert!(count.refused > 20, "{count:?}");
}
