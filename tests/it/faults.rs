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
mod kin;
pub(crate) mod ledger;
mod said;

use std::path::PathBuf;

use ledger::Ledger;

/// Every fault, in the order of the table.
pub(crate) static LEDGER: Ledger = Ledger::new(&[
    "kill -9 of the runner at every commit: a rollout",
    "kill -9 of the runner at every commit: a rollback",
    "kill -9 of a supervisor at each of its points",
    "kill -9 of supervisor and runner at once",
    "kill -9 of whatever, at random times: a rollout",
    "kill -9 of whatever, at random times: a rollback",
    "no room for the journal, at every size",
    "write-ahead log cut off",
    "write-ahead log with a flipped bit or a torn sector",
    "database with a flipped bit",
]);

/// A runbook of this stage.
fn runbook(name: &str) -> PathBuf {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/faults");
    PathBuf::from(folder).join(format!("{name}.runbook"))
}

/// How often a random fault is injected: as often as the environment says, else this often.
fn times(usual: u64) -> u64 {
    std::env::var("RUNBOOK_FAULTS")
        .ok()
        .map_or(usual, |text| text.parse().expect("RUNBOOK_FAULTS=NUMBER"))
}
