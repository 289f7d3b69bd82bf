//! Owns what became of an attempt whose runner left or died: it never began, it still runs, it is known how it ended, or
//! nobody knows. Unknown is said, never guessed away.

use std::path::Path;
use std::time::Duration;

use rustix::process::Pid;
use tokio::time::sleep;

use super::clock::Look;
use super::group;
use super::notify::instant;
use super::outputs::{Files, Identity, boot_id};
use super::secrets;
use super::stop::Stop;
use crate::engine::{Attempt, Outcome, Work};

/// The pause between two looks at an attempt that outlived its runner.
const LOOK: Duration = Duration::from_millis(100);

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// Nothing happened: its output file was never made, or it only reads and is asked again.
    NeverBegan,
    /// Processes of it still run.
    StillRunning(Alive),
    /// It ended, and its runner had noted how.
    Finished(Outcome),
    /// It may have happened.
    Unknown {
        /// What is known, as a sentence: when it started, as which process, what became of that, what it last printed.
        why: String,
    },
}

/// An attempt that outlived its runner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alive {
    identity: Identity,
}

impl Alive {
    /// The leader of its process group.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.identity.pid
    }
}

/// What became of an attempt, by the files in `dir` and the list of processes.
#[must_use]
pub fn fate(dir: &Path, attempt: Attempt, work: Work) -> Fate {
    match work {
        Work::Step { .. } | Work::Check { .. } | Work::Set { .. } => {}
        Work::Unless { .. } | Work::Read { .. } | Work::Probe { .. } => return Fate::NeverBegan,
    }
    let files = Files::new(dir, attempt);
    if !files.has_begun() {
        return if files.may_have_lost_files() {
            unknown(
                &files,
                "the machine has been restarted since, and no file of it is left; whether it began is not known",
            )
        } else {
            Fate::NeverBegan
        };
    }
    if let Some(outcome) = files.outcome() {
        return Fate::Finished(outcome);
    }
    let Some(identity) = files.identity() else {
        return unknown(
            &files,
            "the runner ended while it was starting it; whether it began is not known",
        );
    };
    if identity.boot.is_some() && identity.boot != boot_id() {
        return unknown(
            &files,
            &format!("{}; the machine has been restarted since", begun(&identity)),
        );
    }
    if is_running(&identity) {
        Fate::StillRunning(Alive { identity })
    } else {
        unknown(
            &files,
            &format!("{}; it ended while nobody looked", begun(&identity)),
        )
    }
}

fn begun(identity: &Identity) -> String {
    format!(
        "it was started at {} as process {}",
        instant(identity.wall),
        identity.pid
    )
}

fn unknown(files: &Files, what: &str) -> Fate {
    let last = files.last_line();
    let why = if last.is_empty() {
        format!("{what}; it printed nothing")
    } else {
        format!("{what}; the last it printed was: {last}")
    };
    Fate::Unknown { why }
}

/// Whether anything of the attempt's group still runs. When another process has the leader's number, the group is gone: the
/// system gives no number away that a group still has.
fn is_running(identity: &Identity) -> bool {
    let Some(group) = Pid::from_raw(identity.pid) else {
        return false;
    };
    let reused = group::listed(identity.pid)
        .is_some_and(|listed| identity.start.is_some_and(|start| start != listed.start));
    !reused && group::is_alive(group)
}

/// Whether the leader itself still runs; what its children left behind says nothing of its status.
fn leads(identity: &Identity) -> bool {
    group::listed(identity.pid)
        .is_some_and(|listed| !listed.ended && identity.start == Some(listed.start))
}

/// Waits for an attempt that outlived its runner; ends it at its timeout, or when told to.
pub(super) async fn await_end(alive: Alive, files: Files, mut stop: Stop) -> Outcome {
    let outcome = ended(&alive.identity, &files, &mut stop).await;
    if let Some(folder) = &alive.identity.secrets {
        secrets::remove(folder);
    }
    // As in an attempt of our own: it only matters if this runner dies before the journal knows.
    let _ = files.keep_outcome(&outcome);
    outcome
}

async fn ended(identity: &Identity, files: &Files, stop: &mut Stop) -> Outcome {
    let forced = tokio::select! {
        biased;
        () = gone(identity) => None,
        () = stop.asked() => Some(Outcome::Stopped),
        () = sleep(left(identity)) => Some(Outcome::TimedOut),
    };
    let Some(outcome) = forced else {
        return lost(files, identity);
    };
    let led = leads(identity);
    let Some(group) = Pid::from_raw(identity.pid) else {
        return lost(files, identity);
    };
    if let Err(why) = group::end(group, Duration::from_millis(identity.grace)).await {
        return Outcome::Unknown { why };
    }
    if led { outcome } else { lost(files, identity) }
}

fn lost(files: &Files, identity: &Identity) -> Outcome {
    let what = format!(
        "{}, outlived its runner and has ended since; its exit status is not known",
        begun(identity)
    );
    match unknown(files, &what) {
        Fate::Unknown { why } => Outcome::Unknown { why },
        Fate::NeverBegan | Fate::StillRunning(_) | Fate::Finished(_) => {
            Outcome::Unknown { why: what }
        }
    }
}

async fn gone(identity: &Identity) {
    while is_running(identity) {
        sleep(LOOK).await;
    }
}

/// What is left of its timeout.
fn left(identity: &Identity) -> Duration {
    let passed = u64::try_from(Look::now().wall.saturating_sub(identity.wall)).unwrap_or(0);
    Duration::from_millis(identity.timeout.saturating_sub(passed))
}
