//! Owns what became of an attempt whose runner left or died: it never began, it still runs, it is known how it ended, or
//! nobody knows. Unknown is said, never guessed away.

use std::path::Path;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::time::sleep;

use super::clock::Look;
use super::group;
use super::notify::instant;
use super::outputs::{Files, Identity, boot_id};
use super::parts;
use super::stop::Stop;
use crate::engine::{Attempt, Outcome, Work};

/// The pause between two looks at an attempt that outlived its runner.
const LOOK: Duration = Duration::from_millis(20);

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// Nothing happened: its output file was never made, or it only reads and is asked again.
    NeverBegan,
    /// Processes of it still run.
    StillRunning(Alive),
    /// It ended, and its supervisor noted how.
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
    watched: Watched,
}

/// Who watches it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Watched {
    /// Its supervisor, which will say how it ended.
    BySupervisor,
    /// Nobody: the supervisor was killed, and this process goes on.
    ByNobody(Identity),
}

impl Alive {
    /// Whether its supervisor lives, so that its true end will be known.
    #[must_use]
    pub fn is_supervised(&self) -> bool {
        self.watched == Watched::BySupervisor
    }
}

/// What became of an attempt, by the files in `dir` and the list of processes.
#[must_use]
pub fn fate(dir: &Path, attempt: Attempt, work: Work) -> Fate {
    match work {
        Work::Step { .. } | Work::Check { .. } | Work::Set { .. } => {}
        Work::Unless { .. } | Work::Read { .. } | Work::Probe { .. } => return Fate::NeverBegan,
    }
    fate_of(&Files::new(dir, attempt))
}

fn fate_of(files: &Files) -> Fate {
    if !files.has_begun() {
        return if files.may_have_lost_files() {
            unknown(
                files,
                "the machine has been restarted since, and no file of it is left; whether it began is not known",
            )
        } else {
            Fate::NeverBegan
        };
    }
    // The lock first: a supervisor that lets go of it in between has noted the end before.
    let supervised = files.is_supervised();
    if let Some(outcome) = files.outcome() {
        return Fate::Finished(outcome);
    }
    if supervised {
        let watched = Watched::BySupervisor;
        return Fate::StillRunning(Alive { watched });
    }
    let Some(identity) = files.identity() else {
        return if !files.has_lock() {
            unknown(
                files,
                "the runner ended while it was starting it; whether it began is not known",
            )
        } else if files.may_have_lost_files() {
            unknown(
                files,
                "the machine has been restarted since; whether it began is not known",
            )
        } else {
            // Nobody has the lock who could still begin it, and a process that begins notes itself first.
            Fate::NeverBegan
        };
    };
    if identity.boot.is_some() && identity.boot != boot_id() {
        return unknown(
            files,
            &format!("{}; the machine has been restarted since", begun(&identity)),
        );
    }
    if is_running(&identity) {
        let watched = Watched::ByNobody(identity);
        Fate::StillRunning(Alive { watched })
    } else {
        unknown(
            files,
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
    let path = files.output();
    let part = files.tail().ok().and_then(|tail| parts::begun(&tail));
    let what = match part {
        Some(part) => format!("{what}; {part}, had begun"),
        None => what.to_owned(),
    };
    let why = if last.is_empty() {
        format!("{what}; it printed nothing")
    } else {
        format!(
            "{what}; its output is in {}, and ends with: {last}",
            path.display()
        )
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

/// Waits for the end of an attempt that outlived its runner or its supervisor; ends it when told to. While there is a
/// supervisor, that one keeps the timeout; without it, this process does.
pub(super) async fn await_end(files: Files, mut stop: Stop) -> Outcome {
    loop {
        match fate_of(&files) {
            Fate::Finished(outcome) => return outcome,
            Fate::Unknown { why } => return Outcome::Unknown { why },
            Fate::NeverBegan if stop.is_asked() => return Outcome::Stopped,
            // Its supervisor was killed before it began.
            Fate::NeverBegan => return Outcome::NeverBegan,
            Fate::StillRunning(Alive {
                watched: Watched::BySupervisor,
            }) => released(&files, &mut stop).await,
            Fate::StillRunning(Alive {
                watched: Watched::ByNobody(identity),
            }) => {
                let outcome = ended(&identity, &files, &mut stop).await;
                // It only matters if this runner dies before the journal knows.
                let _ = files.keep_outcome(&outcome);
                return outcome;
            }
        }
    }
}

/// Waits until no supervisor has the lock any more; passes an order to stop on to it.
async fn released(files: &Files, stop: &mut Stop) {
    let mut passed = false;
    while files.is_supervised() {
        if !passed && stop.is_asked() {
            // One that has not said yet who it is, is asked when it has.
            passed = files
                .supervisor()
                .is_some_and(|pid| kill_process(pid, Signal::TERM).is_ok());
        }
        sleep(LOOK).await;
    }
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
        "{}, its supervisor was killed, and it has ended since; its exit status is not known",
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
