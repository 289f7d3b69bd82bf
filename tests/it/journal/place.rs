//! The directory of a store: what it is created as, and what is refused.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use runbook::journal::sqlite::SqliteStore;
use runbook::journal::{Batch, RunId, Seq, Standing, Store, StoreError};

use super::conformance::{left_behind, tick};
use super::recorded::{create, directory, open};
use crate::engine::stage::plan;

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn refusal(path: &Path) -> StoreError {
    match SqliteStore::open(path) {
        Ok(_) => panic!("{} was opened", path.display()),
        Err(error) => error,
    }
}

#[test]
fn only_the_owner_may_read_what_is_created() {
    let home = directory();
    let state = home.path().join("a/b/state");
    let mut store = open(&state);
    let (run, _) = create(&mut store, &plan());
    let output = store.place().run_directory(&run).unwrap();
    assert_eq!(output, store.place().run_directory(&run).unwrap());
    assert_eq!(output.file_name().unwrap(), run.as_str());
    for name in ["runbook.db", "runbook.db-wal", "runbook.db-shm"] {
        assert_eq!(mode(&state.join(name)), 0o600, "{name}");
    }
    for path in [&state, &state.join("runs"), &output] {
        assert_eq!(mode(path), 0o700, "{}", path.display());
    }
}

#[test]
fn looking_creates_nothing() {
    let home = directory();
    let state = home.path().join("state");
    assert!(SqliteStore::open_existing(&state).unwrap().is_none());
    assert!(!state.exists());
    fs::create_dir(&state).unwrap();
    set_mode(&state, 0o700);
    assert!(SqliteStore::open_existing(&state).unwrap().is_none());
    assert_eq!(fs::read_dir(&state).unwrap().count(), 0);
    drop(open(&state));
    assert!(SqliteStore::open_existing(&state).unwrap().is_some());
}

#[test]
fn symbolic_links_are_refused_above_them_they_are_not() {
    let home = directory();
    let state = home.path().join("state");
    drop(open(&state));
    let link = home.path().join("link");
    symlink(&state, &link).unwrap();
    let refused = |path: &Path| StoreError::Symlink { path: path.into() };
    assert_eq!(refusal(&link), refused(&link));

    let above = home.path().join("above");
    symlink(home.path(), &above).unwrap();
    assert!(SqliteStore::open(&above.join("state")).is_ok());

    for name in ["runbook.db", "runbook.db-wal", "runbook.db-shm"] {
        let other = home.path().join(format!("with-{name}"));
        fs::create_dir(&other).unwrap();
        set_mode(&other, 0o700);
        let there = home.path().join("there");
        fs::write(&there, "").unwrap();
        symlink(&there, other.join(name)).unwrap();
        let path = fs::canonicalize(&other).unwrap().join(name);
        assert_eq!(refusal(&other), refused(&path));
        assert_eq!(fs::read(&there).unwrap(), b"", "and nothing is written");
    }
    let runs = home.path().join("runs");
    fs::create_dir(&runs).unwrap();
    let store = open(&state);
    symlink(&runs, state.join("runs")).unwrap();
    let run = RunId::at(0, 0);
    let error = store.place().run_directory(&run).unwrap_err();
    assert!(matches!(error, StoreError::Symlink { .. }), "{error}");
}

#[test]
fn what_others_may_write_or_read_is_refused() {
    let home = directory();
    let state = home.path().join("state");
    drop(open(&state));
    let says = |text: &str| {
        let error = refusal(&state);
        assert!(matches!(error, StoreError::NotOurs { .. }), "{error}");
        assert!(error.to_string().contains(text), "{error}");
    };
    set_mode(&state, 0o770);
    says("its mode is 0770, which lets others in; it may be 0750");
    set_mode(&state, 0o755);
    drop(open(&state));
    assert_eq!(mode(&state), 0o755, "what it did not create is left as is");
    set_mode(&state.join("runbook.db"), 0o640);
    says("its mode is 0640, which lets others in; it may be 0600");
    set_mode(&state.join("runbook.db"), 0o600);
    drop(open(&state));
    // Only root can give a file away.
    if std::os::unix::fs::chown(state.join("runbook.db"), Some(12345), None).is_ok() {
        says("it belongs to user 12345, and this is user 0");
    }
}

#[test]
fn what_is_no_journal_is_not_touched() {
    let home = directory();
    let file = home.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(matches!(refusal(&file), StoreError::NotOurs { .. }));
    let below = refusal(&file.join("state"));
    assert!(matches!(below, StoreError::NotWritable { .. }), "{below}");

    let with = |text: &[u8]| {
        let state = tempfile::tempdir_in(home.path()).unwrap();
        let path = state.path().join("runbook.db");
        fs::write(&path, text).unwrap();
        set_mode(&path, 0o600);
        let error = refusal(state.path());
        assert_eq!(fs::read(&path).unwrap(), text, "it is left as it was");
        error
    };
    let noise = "no database, but long enough to be looked at ".repeat(100);
    let error = with(noise.as_bytes());
    assert!(matches!(error, StoreError::Corrupted { .. }), "{error}");
    let foreign = {
        let path = home.path().join("foreign.db");
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.execute_batch("CREATE TABLE t (a)").unwrap();
        drop(connection);
        fs::read(path).unwrap()
    };
    let error = with(&foreign);
    assert_eq!(
        error.to_string(),
        "the journal is damaged: the file is not a journal of this program"
    );
}

#[test]
fn newer_formats_are_refused_not_guessed_at() {
    let home = directory();
    let mut store = open(home.path());
    let (run, _) = create(&mut store, &plan());
    drop(store);
    let raw = rusqlite::Connection::open(home.path().join("runbook.db")).unwrap();
    let text = raw
        .query_row("SELECT plan FROM plans", [], |row| row.get::<_, String>(0))
        .unwrap();
    let newer = text.replacen("\"format\":1", "\"format\":99", 1);
    raw.execute("UPDATE plans SET plan = ?1", [&newer]).unwrap();
    raw.execute(
        "INSERT INTO records VALUES (?1, 1, 0, 0, 'input', 99, '\"Later\"', zeroblob(32))",
        [run.as_str()],
    )
    .unwrap();
    let store = open(home.path());
    let newer = |what, known| StoreError::Newer {
        what,
        found: 99,
        known,
    };
    assert_eq!(store.load(&run).unwrap().plan(), Err(newer("plan", 1)));
    assert_eq!(store.entries(&run, Seq::FIRST), Err(newer("record", 1)));
    drop(store);
    raw.pragma_update(None, "user_version", 99).unwrap();
    assert_eq!(refusal(home.path()), newer("store", 3));
}

#[test]
fn what_was_changed_by_hand_is_found() {
    let changes = [
        "UPDATE plans SET plan = replace(plan, '10.0', '90.0')",
        "UPDATE plans SET source = source || ' '",
        "UPDATE plans SET by = 'eve'",
        "UPDATE plans SET dir = '/'",
        "UPDATE plans SET begin = replace(begin, 'Now', 'Later')",
        "UPDATE records SET body = replace(body, 'ada', 'eve')",
        "UPDATE records SET at_wall = at_wall + 1 WHERE seq = 2",
        "UPDATE records SET at_run = at_run + 1 WHERE seq = 2",
        "UPDATE records SET format = 0 WHERE seq = 2",
        "UPDATE records SET kind = 'input' WHERE kind = 'effect'",
        "DELETE FROM records WHERE seq = 2",
        "DELETE FROM records WHERE seq = (SELECT max(seq) FROM records)",
        "UPDATE runs SET next = next - 1",
        "UPDATE runs SET head = zeroblob(32)",
        "UPDATE plans SET title = 'another one'",
        "UPDATE runs SET standing = '{\"Over\":{\"Stuck\":{\"why\":\"it is said\"}}}'",
        "UPDATE runs SET standing = '\"Open\"'",
    ];
    for change in changes {
        let plan = plan();
        let home = directory();
        let mut store = open(home.path());
        let scenario = runbook::simulate::Scenario::all_goes_well(&plan, "ada");
        let never = super::recorded::Death::Never;
        let (run, _) =
            super::recorded::begin(&mut store, (&plan, scenario), never, &mut Vec::new());
        store.verify(&run).unwrap();
        let raw = rusqlite::Connection::open(home.path().join("runbook.db")).unwrap();
        assert!(raw.execute(change, []).unwrap() > 0, "{change}");
        let error = store.verify(&run).unwrap_err();
        assert!(
            matches!(error, StoreError::Corrupted { .. }),
            "{change}: {error}"
        );
        let words = match change {
            "DELETE FROM records WHERE seq = 2" => format!("row 2 of {run} is missing"),
            "DELETE FROM records WHERE seq = (SELECT max(seq) FROM records)"
            | "UPDATE runs SET next = next - 1" => "but its head says".to_owned(),
            _ => "changed".to_owned(),
        };
        let is_head = change.contains("head = zeroblob");
        assert!(
            is_head || error.to_string().contains(&words),
            "{change}: {error}"
        );
    }
}

#[test]
fn what_a_run_left_and_was_changed_by_hand_is_found() {
    let changes = [
        ("UPDATE incidents SET text = 'all is well'", "the incident"),
        ("UPDATE incidents SET opened = opened + 1", "the incident"),
        ("UPDATE incidents SET service = 'other'", "the incident"),
        ("DELETE FROM incidents", "is missing"),
        (
            "UPDATE reminders SET due = due + 1 WHERE number = 1",
            "a reminder",
        ),
        (
            "UPDATE reminders SET text = 'never' WHERE number = 0",
            "a reminder",
        ),
        ("DELETE FROM reminders WHERE number = 0", "is missing"),
        (
            "INSERT INTO reminders SELECT run, 7, service, text, due, ended, by, note FROM reminders LIMIT 1",
            "was never ordered",
        ),
    ];
    for (change, words) in changes {
        let home = directory();
        let mut store = open(home.path());
        let (run, epoch) = create(&mut store, &plan());
        let effects = left_behind();
        let batch = Batch {
            effects: &effects,
            ..tick(1, &Standing::Open)
        };
        store.append(&run, epoch, &batch).unwrap();
        store.verify(&run).unwrap();
        let raw = rusqlite::Connection::open(home.path().join("runbook.db")).unwrap();
        assert!(raw.execute(change, []).unwrap() > 0, "{change}");
        let error = store.verify(&run).unwrap_err().to_string();
        assert!(error.contains(words), "{change}: {error}");
    }
}

/// What SQLite would not notice: it goes on writing a file that has no name any more.
#[test]
fn a_journal_that_is_taken_away_takes_nothing_more() {
    for name in ["runbook.db", "runbook.db-wal"] {
        let home = directory();
        let state = home.path().join("state");
        let mut store = open(&state);
        let (run, epoch) = create(&mut store, &plan());
        let file = state.join(name);
        let mut write = |first| store.append(&run, epoch, &tick(first, &Standing::Open));
        assert_eq!(write(1), Ok(()));
        let aside = state.join("aside");
        fs::rename(&file, &aside).unwrap();
        let path = fs::canonicalize(&state).unwrap().join(name);
        let gone = Err(StoreError::Gone { path });
        assert_eq!(write(2), gone);
        fs::copy(&aside, &file).unwrap();
        assert_eq!(write(2), gone, "another file of that name");
        fs::rename(&aside, &file).unwrap();
        assert_eq!(write(2), Ok(()), "put back, it is the journal again");
    }
}
