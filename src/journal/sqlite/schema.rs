//! Owns the tables and their version.

use rusqlite::Connection;

use super::super::error::StoreError;

/// The version of the tables that this program makes; kept in the file as its `user_version`.
const SCHEMA: u32 = 3;

/// What tells the file from those of other programs: `rbk` and a one, kept as its `application_id`.
const APPLICATION: u32 = 0x7262_6b01;

/// `runs` has what changes with every commit and is small; `plans` has what never changes and is large.
const TABLES: &str = "
CREATE TABLE runs (
    id       TEXT PRIMARY KEY,
    service  TEXT NOT NULL,
    epoch    INTEGER NOT NULL,
    next     INTEGER NOT NULL,
    head     BLOB NOT NULL,
    last_run INTEGER NOT NULL,
    last_wall INTEGER NOT NULL,
    standing TEXT NOT NULL,
    over     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX runs_open ON runs (service) WHERE over = 0;
CREATE TABLE plans (
    run       TEXT PRIMARY KEY REFERENCES runs (id),
    title     TEXT NOT NULL,
    by        TEXT NOT NULL,
    started   INTEGER NOT NULL,
    program   TEXT NOT NULL,
    dir       TEXT NOT NULL,
    speed     INTEGER NOT NULL,
    plan_hash BLOB NOT NULL,
    plan      TEXT NOT NULL,
    source    TEXT NOT NULL
) STRICT;
CREATE TABLE records (
    run    TEXT NOT NULL REFERENCES runs (id),
    seq    INTEGER NOT NULL,
    at_run INTEGER NOT NULL,
    at_wall INTEGER NOT NULL,
    kind   TEXT NOT NULL,
    format INTEGER NOT NULL,
    body   TEXT NOT NULL,
    hash   BLOB NOT NULL,
    PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE locks (
    service TEXT PRIMARY KEY,
    run     TEXT NOT NULL REFERENCES runs (id),
    epoch   INTEGER NOT NULL,
    by      TEXT NOT NULL,
    host    TEXT NOT NULL,
    pid     INTEGER NOT NULL,
    started INTEGER NOT NULL,
    boot    TEXT NOT NULL,
    space   TEXT NOT NULL,
    since   INTEGER NOT NULL
) STRICT;
CREATE TABLE inbox (
    letter INTEGER PRIMARY KEY AUTOINCREMENT,
    run    TEXT NOT NULL REFERENCES runs (id),
    format INTEGER NOT NULL,
    body   TEXT NOT NULL,
    by     TEXT NOT NULL,
    wall   INTEGER NOT NULL
) STRICT;
";

/// The tables that version 2 has beside those of version 1.
const LEFT: &str = "
CREATE TABLE incidents (
    run      TEXT PRIMARY KEY REFERENCES runs (id),
    service  TEXT NOT NULL,
    template TEXT NOT NULL,
    text     TEXT NOT NULL,
    opened   INTEGER NOT NULL,
    resolved INTEGER,
    by       TEXT,
    note     TEXT
) STRICT;
CREATE INDEX incidents_open ON incidents (service) WHERE resolved IS NULL;
CREATE TABLE reminders (
    run     TEXT NOT NULL REFERENCES runs (id),
    number  INTEGER NOT NULL,
    service TEXT NOT NULL,
    text    TEXT NOT NULL,
    due     INTEGER NOT NULL,
    ended   INTEGER,
    by      TEXT,
    note    TEXT,
    PRIMARY KEY (run, number)
) STRICT;
";

/// What version 3 has beside version 2: how a run begins, when its runner dies before that is recorded.
const BEGIN: &str = "ALTER TABLE plans ADD COLUMN begin TEXT;";

/// Makes the tables in a new file, adds those that an older file lacks, and refuses a newer one.
pub(super) fn prepare(connection: &Connection) -> Result<(), StoreError> {
    let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, u32>(0));
    let (application, version) = (number("application_id")?, number("user_version")?);
    match (application, version) {
        (APPLICATION, SCHEMA) => Ok(()),
        (APPLICATION, newer) if newer > SCHEMA => Err(StoreError::Newer {
            what: "store",
            found: newer,
            known: SCHEMA,
        }),
        (APPLICATION, 1) => grow(connection, &[LEFT, BEGIN]),
        (APPLICATION, 2) => grow(connection, &[BEGIN]),
        (0, 0) if is_empty(connection)? => Ok(create(connection)?),
        _ => Err(StoreError::Corrupted {
            why: "the file is not a journal of this program".to_owned(),
        }),
    }
}

/// Adds what an older file lacks, all of it or nothing.
fn grow(connection: &Connection, lacking: &[&str]) -> Result<(), StoreError> {
    Ok(connection.execute_batch(&format!(
        "BEGIN IMMEDIATE; {} PRAGMA user_version = {SCHEMA}; COMMIT;",
        lacking.concat()
    ))?)
}

fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| {
        row.get(0)
    })
}

fn create(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch(&format!(
        "BEGIN IMMEDIATE; {TABLES} {LEFT} {BEGIN}
         PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {SCHEMA}; COMMIT;"
    ))
}
