//! Frozen journals: written once by the program of their time, never changed, and brought back for ever. A new format gets a
//! file of its own; the old ones stay.
//!
//! `cargo test --test it freeze -- --ignored` writes the one of the current format. Until the first release that is how a
//! change of the engine's mind is taken over; from then on a frozen journal that no longer replays is a fault in the program.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use runbook::engine::{Answer, Input, Moment, Outcome, Reading};
use runbook::journal::{Event, Post, RECORD_FORMAT, Seq, Standing, Store, StoreError, replay};
use runbook::plan::{MetricId, OnFailure, PLAN_FORMAT, Plan, StepId};
use runbook::simulate::{Feed, Scenario};
use runbook::value::Millis;

use super::dying::{ill, short, well};
use super::recorded::{Death, NOON, begin, directory, open, take_up};
use crate::engine::stage::{MINUTE, SECOND};

/// Every table, in an order in which they can be filled.
const TABLES: [&str; 7] = [
    "runs",
    "plans",
    "records",
    "locks",
    "inbox",
    "incidents",
    "reminders",
];

#[test]
fn a_frozen_journal_is_brought_back() {
    let mut seen = 0;
    crate::inputs::glob!("frozen/*.sql", |path| {
        let home = directory();
        thaw(path, home.path());
        let store = open(home.path());
        // Tables that its time did not have are there now.
        assert_eq!(store.incidents().unwrap(), []);
        let mut standings = BTreeMap::new();
        let mut kinds = BTreeMap::new();
        for meta in store.runs().unwrap() {
            let run = &meta.id;
            store.verify(run).unwrap();
            let plan = store.load(run).unwrap().plan().unwrap();
            let entries = store.entries(run, Seq::FIRST).unwrap();
            for entry in &entries {
                *kinds.entry(kind(&entry.event)).or_insert(0) += 1;
            }
            let replayed = replay(&plan, &entries)
                .unwrap_or_else(|error| panic!("{}: {run}: {error}", path.display()));
            assert_eq!(replayed.standing(), meta.standing, "{run}");
            let out = !replayed.outstanding().is_empty();
            standings.insert(run.to_string(), (meta.standing, out));
            let letters = store.inbox(run).unwrap().next().unwrap();
            assert_eq!(letters.is_some(), meta.service == "left", "{run}");
        }
        let ends: Vec<&(Standing, bool)> = standings.values().collect();
        let over = ends.iter().filter(|(end, _)| end.is_over()).count();
        assert_eq!((ends.len(), over), (5, 4), "{standings:?}");
        assert!(ends.iter().any(|(end, out)| !end.is_over() && *out));
        assert!(kinds.len() >= 30, "{} kinds: {kinds:?}", kinds.len());
        seen += 1;
    });
    assert!(seen >= 1);
}

/// A run that was left in the middle years ago can be taken up by the program of today.
#[test]
fn a_frozen_run_is_taken_up() {
    crate::inputs::glob!("frozen/*.sql", |path| {
        let home = directory();
        thaw(path, home.path());
        let mut store = open(home.path());
        let open = store
            .runs()
            .unwrap()
            .into_iter()
            .find(|meta| !meta.standing.is_over())
            .expect("a run that was left");
        let plan = store.load(&open.id).unwrap().plan().unwrap();
        let ended = take_up(
            &mut store,
            &open.id,
            (well(&plan), Death::Never),
            &mut Vec::new(),
        );
        assert!(ended.is_ok(), "{ended:?}");
        assert!(store.load(&open.id).unwrap().meta.standing.is_over());
    });
}

#[test]
#[ignore = "writes the frozen journal of the current format"]
fn freeze() {
    let home = directory();
    let mut store = open(home.path());
    let mut play = |plan: &Plan, scenario: Scenario, service: &str, death: Death| {
        let mut plan = plan.clone();
        plan.header.service = service.into();
        begin(&mut store, (&plan, scenario), death, &mut Vec::new()).0
    };
    let plan = short();
    play(&plan, well(&plan), "completed", Death::Never);
    play(&plan, ill(&plan), "rolled-back", Death::Never);

    // It never gets better, its revert fails, and its source falls silent for a while.
    let mut scenario = well(&plan);
    let at = |from, reading| Feed {
        from: Moment(from),
        reading,
    };
    let readings = vec![
        at(0, Reading::Value(0.0)),
        at(2 * MINUTE, Reading::NoData("there is no series".into())),
        at(5 * MINUTE, Reading::Error("connection refused".into())),
        at(7 * MINUTE, Reading::Value(f64::INFINITY)),
    ];
    scenario.feeds.insert(MetricId(0), readings);
    let failed = Outcome::Exited {
        status: 2,
        said: "no such release".into(),
    };
    let revert = vec![(failed.clone(), Millis(SECOND))];
    scenario.steps.insert(StepId(1), revert);
    play(&plan, scenario, "stuck", Death::Never);

    // A step fails, is tried again, fails for good, and a person goes on.
    let mut held = plan.clone();
    held.steps[0].retry.more = 1;
    held.steps[0].retry.first = Millis(10 * SECOND);
    held.steps[0].retry.most = Millis(10 * SECOND);
    held.steps[0].on_failure = OnFailure::Hold;
    let mut scenario = well(&held);
    let deploy = vec![
        (failed, Millis(SECOND)),
        (Outcome::TimedOut, Millis(SECOND)),
    ];
    scenario.steps.insert(StepId(0), deploy);
    scenario.otherwise = Some((Answer::Continue, Millis(MINUTE)));
    let jump = Input::ClockJumped { by: -3_600_000 };
    scenario.facts.push((Moment(4 * MINUTE), jump));
    play(&held, scenario, "held", Death::Never);

    let left = play(&plan, well(&plan), "left", Death::After(3));
    let post = Post {
        input: &Input::Interrupt,
        by: "bob",
        wall: NOON,
    };
    store.post(&left, &post).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!(
        "tests/it/journal/frozen/format-{RECORD_FORMAT}.sql"
    ));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, dump(home.path())).unwrap();
    assert_eq!(PLAN_FORMAT, RECORD_FORMAT, "name the files otherwise now");
}

/// The database as statements that make it again.
fn dump(directory: &Path) -> String {
    let raw = rusqlite::Connection::open(directory.join("runbook.db")).unwrap();
    let mut text = String::new();
    for name in ["application_id", "user_version"] {
        let value: i64 = raw
            .pragma_query_value(None, name, |row| row.get(0))
            .unwrap();
        writeln!(text, "PRAGMA {name} = {value};").unwrap();
    }
    let mut schema = raw
        .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid")
        .unwrap();
    let statements = schema.query_map([], |row| row.get::<_, String>(0)).unwrap();
    for statement in statements {
        writeln!(text, "{};", statement.unwrap()).unwrap();
    }
    for table in TABLES {
        let mut rows = raw
            .prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2"))
            .unwrap();
        let columns = rows.column_count();
        let quoted = (0..columns)
            .map(|column| format!("quote({})", rows.column_name(column).unwrap()))
            .collect::<Vec<_>>()
            .join(" || ',' || ");
        drop(rows);
        rows = raw
            .prepare(&format!("SELECT {quoted} FROM {table} ORDER BY 1"))
            .unwrap();
        let values = rows.query_map([], |row| row.get::<_, String>(0)).unwrap();
        for value in values {
            writeln!(text, "INSERT INTO {table} VALUES ({});", value.unwrap()).unwrap();
        }
    }
    text
}

/// Makes the database again.
fn thaw(dump: &Path, directory: &Path) {
    let path = directory.join("runbook.db");
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let raw = rusqlite::Connection::open(path).unwrap();
    let text = fs::read_to_string(dump).unwrap();
    raw.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON; BEGIN; {text} COMMIT;"
    ))
    .unwrap();
}

/// The name of what a row says: `Say.StepDone`.
fn kind(event: &Event) -> String {
    let value = match event {
        Event::Input(input) => serde_json::to_value(input),
        Event::Effect(effect) => serde_json::to_value(effect),
    };
    let mut value = value.unwrap();
    let mut name = String::new();
    loop {
        if let Some(word) = value.as_str() {
            return format!("{name}.{word}");
        }
        let fields = value.as_object().filter(|fields| fields.len() == 1);
        let variant = fields
            .and_then(|fields| fields.iter().next())
            .filter(|(word, _)| word.starts_with(char::is_uppercase));
        let Some((word, inner)) = variant.map(|(word, inner)| (word.clone(), inner.clone())) else {
            return name;
        };
        write!(name, ".{word}").unwrap();
        value = inner;
    }
}

#[test]
fn an_error_of_a_store_is_a_sentence() {
    let sentences = [
        StoreError::DiskFull.to_string(),
        StoreError::Busy.to_string(),
        StoreError::Newer {
            what: "plan",
            found: 2,
            known: 1,
        }
        .to_string(),
    ];
    assert_eq!(
        sentences,
        [
            "the disk that holds the journal is full",
            "another process has kept the journal busy for too long",
            "the plan has format 2, written by a newer program; this one reads up to 1",
        ]
    );
}
