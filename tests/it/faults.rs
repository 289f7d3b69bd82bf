//! Bad luck: what a run has to survive, injected into the real program. What truly happened is read from the file that the steps
//! write, never from our journal. Four things hold whatever happens:
//!
//! - no attempt is made twice unless the file says so;
//! - no step follows an unknown outcome that nobody has resolved;
//! - the run comes to the verdict that it would have come to, or to a question;
//! - what people have been told is in the journal.
//!
//! The tests print what they injected and what came of it, as one table when all of them are run. Faults that need a root's rights,
//! a real server or much room are in `tests/real`. `RUNBOOK_FAULTS=N` makes the random ones more numerous.

mod anytime;
mod canary;
mod clocks;
mod examples;
mod interactive;
pub(crate) mod kin;
pub(crate) mod ledger;
mod people;
mod said;
mod signals;
pub(crate) mod source;
mod sources;
mod steps;
mod stopped;
pub(crate) mod terminal;
mod unknowns;

use std::path::PathBuf;

use ledger::Ledger;

/// Every fault, in the order of the table.
pub(crate) static LEDGER: Ledger = Ledger::new(&[
    "kill -9 of the runner at every commit: a rollout",
    "kill -9 of the runner at every commit: a rollback",
    "kill -9 of the runner at every commit: strands",
    "kill -9 of the runner at every commit: tasks",
    "kill -9 of the runner at every commit: steps undone",
    "kill -9 of the runner at every commit: a way forward",
    "kill -9 of the runner at every commit: hosts, values, exposures",
    "kill -9 of a supervisor at each of its points",
    "kill -9 of a supervisor of whatever is under way",
    "kill -9 of supervisor and runner at once",
    "kill -9 of the server of supervisors",
    "kill -9 of whatever, at random times: a rollout",
    "kill -9 of whatever, at random times: a rollback",
    "no room for the journal, at every size",
    "write-ahead log cut off",
    "write-ahead log with a flipped bit or a torn sector",
    "database with a flipped bit",
    "kill -9 of the runner: every example completes",
    "kill -9 of the runner: every example rolls back",
    "SIGSTOP for longer than a guard's interval, then CONT",
    "the clock is set, forwards or back, in a soak",
    "the clock is set between death and resume",
    "several runners on one service",
    "stdout closed, terminal gone, HUP",
    "INT, TERM: the first",
    "INT, TERM: the second",
    "INT, TERM: the second, with deaf grandchildren",
    "INT, TERM: the third",
    "INT at a terminal, and each answer",
    "a step at the terminal: answered, interrupted, too slow",
    "a step at the terminal, and its runner dies or has none",
    "HUP",
    "QUIT, USR1",
    "a step leaves processes behind",
    "a step ignores TERM",
    "NUL, bad UTF-8, escapes, endless lines in the output",
    "a secret is printed, encoded, complained about",
    "Prometheus fails in the middle of a stage",
    "Prometheus slow, or without data",
    "Prometheus restarts",
    "Prometheus fails, or its name, before the start",
]);

/// The runbooks of this stage, and the tool that stands for those of the examples.
fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/faults"))
}

/// A runbook of this stage.
fn runbook(name: &str) -> PathBuf {
    folder().join(format!("{name}.runbook"))
}

/// How often a random fault is injected: as often as the environment says, else this often.
fn times(usual: u64) -> u64 {
    std::env::var("RUNBOOK_FAULTS")
        .ok()
        .map_or(usual, |text| text.parse().expect("RUNBOOK_FAULTS=NUMBER"))
}
