//! The conformance suite of guards: every series of `guards/series` against every rule, in virtual time, by the real parser, plan
//! and engine. A file holds its series and what comes of it under every rule, with the sentence; `docs/guards.md` has the same
//! tables, made of the same cases.
//!
//! `INSTA_UPDATE=always cargo test --test it guards::` writes the files and the document anew; read what changed.

mod cases;
mod edges;
mod table;
mod world;

use std::fs;
use std::path::Path;

use cases::{ACTIONS, RULES, Series};
use table::Told;

/// Where the series are.
const SERIES: &str = "tests/it/guards/series";

fn path(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// All series in the order of their names.
fn all() -> Vec<Series> {
    let mut names: Vec<_> = fs::read_dir(path(SERIES))
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    names.sort();
    names.iter().map(|path| Series::read(path)).collect()
}

fn updates() -> bool {
    std::env::var_os("INSTA_UPDATE").is_some_and(|how| how == "always")
}

/// Holds a file against what it should be, or writes it.
fn hold(name: &Path, wanted: &str) {
    if updates() {
        fs::write(name, wanted).expect("it can be written");
    }
    let found = fs::read_to_string(name).unwrap_or_default();
    similar_asserts(&found, wanted, name);
}

/// The first line that differs, with its place.
fn similar_asserts(found: &str, wanted: &str, name: &Path) {
    if found == wanted {
        return;
    }
    let at = found
        .lines()
        .zip(wanted.lines())
        .position(|(found, wanted)| found != wanted)
        .unwrap_or_else(|| found.lines().count().min(wanted.lines().count()));
    panic!(
        "{}: line {}\n  the file says  {}\n  the engine     {}",
        name.display(),
        at + 1,
        found.lines().nth(at).unwrap_or("(nothing)"),
        wanted.lines().nth(at).unwrap_or("(nothing)")
    );
}

/// A machine sleeps for just `max_gap`, and for the least less and more. What the source remembers of it counts in any case, and what
/// it does not counts only where the gap is short.
#[test]
fn a_sleep_of_just_max_gap_is_short_and_one_tick_more_is_long() {
    let plan = table::plan("for 1m then rollback { on blind ignore \"people look\" }");
    let most = plan.limits.max_gap;
    let played_by = |plan: &_, gap: u64, remembers| {
        let event = cases::Event {
            place: Some("canary".to_owned()),
            into: runbook::value::Millis(120_000),
            what: cases::What::Asleep(runbook::value::Millis(gap), remembers),
        };
        let series = Series {
            path: path(SERIES),
            title: "asleep".to_owned(),
            about: String::new(),
            lines: Vec::new(),
            events: vec![event],
        };
        world::play(plan, &series).short
    };
    let played = |gap, remembers| played_by(&plan, gap, remembers);
    for gap in [most.0 - 1, most.0] {
        assert_eq!(
            played(gap, false),
            "completed at 21m",
            "{gap} ms, forgotten"
        );
        assert_eq!(
            played(gap, true),
            "completed at 21m",
            "{gap} ms, remembered"
        );
    }
    assert_eq!(played(most.0 + 1, false), "completed at 26m");
    assert_eq!(played(most.0 + 1, true), "completed at 21m");
    // A run that began under the rules before these keeps them: the gap reached back to the last sample.
    let mut before = plan.clone();
    before.limits.guard_rules = 2;
    assert_eq!(played_by(&before, most.0 - 1, false), "completed at 26m14s");
}

#[test]
fn every_series_under_every_rule() {
    let series = all();
    let mut cases = 0;
    let mut document = String::from(table::OPENING);
    for one in &series {
        let told = Told::of(one);
        cases += told.cases();
        hold(&one.path, &told.file(one));
        document.push_str(&told.markdown(one));
    }
    hold(&path("docs/guards.md"), &document);
    assert_eq!(series.len(), 25);
    assert_eq!(cases, 25 * RULES.len() * ACTIONS.len());
}
