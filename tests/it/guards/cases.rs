//! The cases: what a series file says, and the rules that it is played against.

use std::fs;
use std::path::{Path, PathBuf};

use runbook::engine::Reading;
use runbook::value::{Millis, Type, Value};

/// What makes a rule trip, and what it does without eyes: `CONDITION … { OPTIONS }`.
pub(crate) const RULES: &[(&str, &str, &str)] = &[
    ("at once", "", ""),
    ("for 1m", "for 1m", ""),
    ("for 3 of 5", "for 3 of 5", ""),
    ("for 1m, coverage 100%", "for 1m", "coverage 100%"),
    ("for 1m, on blind rollback", "for 1m", "on blind rollback"),
    (
        "for 1m, on blind ignore",
        "for 1m",
        "on blind ignore \"people look\"",
    ),
    ("for 1m, warmup 6m", "for 1m", "warmup 6m"),
];

/// What a rule does.
pub(crate) const ACTIONS: &[(&str, &str)] = &[
    ("rollback", "then rollback"),
    (
        "decide … else rollback",
        "then decide within 15m else rollback",
    ),
    (
        "decide … else continue",
        "then decide within 15m else continue",
    ),
    ("hold", "then hold"),
    ("warn", "then warn"),
];

/// What happens from some moment on.
#[derive(Clone, Debug)]
pub(crate) enum What {
    /// The metric answers this; the readings repeat, one a sample.
    Says(Vec<Reading>),
    /// The runner does not run for so long; the source remembers what happened or not.
    Asleep(Millis, bool),
    /// The clock on the wall is set by so many milliseconds.
    Clock(i64),
}

/// One line of a series.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// The stage or level; nothing from the start.
    pub(crate) place: Option<String>,
    /// How far into it.
    pub(crate) into: Millis,
    pub(crate) what: What,
}

/// A series.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    pub(crate) path: PathBuf,
    pub(crate) title: String,
    pub(crate) about: String,
    /// The lines as they are written.
    pub(crate) lines: Vec<String>,
    pub(crate) events: Vec<Event>,
}

impl Series {
    pub(crate) fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).expect("a series is text");
        let head = text.split("\nverdicts\n").next().expect("a beginning");
        let mut lines = head.lines().filter(|line| !line.is_empty());
        let title = lines.next().and_then(|line| line.strip_prefix("# "));
        let title = title.expect("a title").to_owned();
        let about = lines.next().expect("a sentence about it").to_owned();
        let lines: Vec<String> = lines.map(str::to_owned).collect();
        let events = lines.iter().map(|line| event(line)).collect();
        Self {
            path: path.to_owned(),
            title,
            about,
            lines,
            events,
        }
    }
}

fn span(text: &str) -> Millis {
    match Value::read(&Type::Duration, text) {
        Ok(Value::Duration(span)) => span,
        other => panic!("`{text}` is no duration: {other:?}"),
    }
}

/// `canary 5m   40%`, `start   no data`.
fn event(line: &str) -> Event {
    let (head, what) = line
        .split_once("  ")
        .unwrap_or_else(|| panic!("two blanks before what happens: `{line}`"));
    let (place, into) = match head.split_once(' ') {
        Some((place, into)) => (Some(place.to_owned()), span(into)),
        None => {
            assert_eq!(head, "start");
            (None, Millis(0))
        }
    };
    Event {
        place,
        into,
        what: happens(what.trim()),
    }
}

fn happens(what: &str) -> What {
    if let Some(rest) = what.strip_prefix("asleep ") {
        let forgotten = rest.strip_suffix(", forgotten");
        return What::Asleep(span(forgotten.unwrap_or(rest)), forgotten.is_none());
    }
    if let Some(rest) = what.strip_prefix("clock -") {
        return What::Clock(-i64::try_from(span(rest).0).expect("a small jump"));
    }
    match what.strip_prefix("cycle ") {
        Some(words) => What::Says(words.split(' ').map(reading).collect()),
        None => What::Says(vec![reading(what)]),
    }
}

fn reading(word: &str) -> Reading {
    match word {
        "healthy" => Reading::Value(0.1),
        "no data" => Reading::NoData("the query returned nothing".to_owned()),
        "NaN" => Reading::NoData("the answer is not a number (NaN)".to_owned()),
        "null" => Reading::NoData("`.rate` gives null".to_owned()),
        "stale" => Reading::NoData("its newest value is 5m old".to_owned()),
        "down" => Reading::Error("connection refused at prometheus:9090".to_owned()),
        "unauthorised" => Reading::Misconfigured(
            "prometheus:9090 wants to know who asks (HTTP 401)".to_owned(),
        ),
        "two series" => Reading::Misconfigured(
            "the query gives 2 series, not one number, for example {pod=\"a\"} and {pod=\"b\"}; combine them, for example with sum(…)"
                .to_owned(),
        ),
        percent => {
            let number = percent.strip_suffix('%').and_then(|text| text.parse().ok());
            Reading::Value(number.unwrap_or_else(|| panic!("what is `{percent}`?")))
        }
    }
}
