//! Owns where things are on this machine: the state directory, the person, the time.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use super::args::Common;
use super::say::Say;
use crate::execute::without_controls;
use crate::journal::StoreError;
use crate::journal::sqlite::SqliteStore;

/// Where runs are kept; said when there is no such place.
pub(crate) fn state_dir(common: &Common, say: &Say) -> Option<PathBuf> {
    if let Some(dir) = &common.state {
        return Some(dir.clone());
    }
    let absolute = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let found = absolute("XDG_STATE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/state")))
        .map(|base| base.join("runbook"));
    if found.is_none() {
        say.error(
            "there is no place to keep runs in: neither XDG_STATE_HOME nor HOME is set",
            "name one with --state DIR, or set RUNBOOK_STATE",
        );
    }
    found
}

/// The store, made when it is not there.
pub(crate) fn open(common: &Common, say: &Say) -> Option<SqliteStore> {
    let dir = state_dir(common, say)?;
    match SqliteStore::open(&dir) {
        Ok(store) => Some(store),
        Err(error) => {
            store_error(&error, say);
            None
        }
    }
}

/// The store, for a command that only looks; said when there is none.
pub(crate) fn open_existing(common: &Common, say: &Say) -> Option<SqliteStore> {
    let dir = state_dir(common, say)?;
    match SqliteStore::open_existing(&dir) {
        Ok(Some(store)) => Some(store),
        Ok(None) => {
            say.error(
                &format!("there are no runs in {}", dir.display()),
                "start one with `runbook run FILE`, or name another place with --state DIR",
            );
            None
        }
        Err(error) => {
            store_error(&error, say);
            None
        }
    }
}

/// Says what is wrong with the store, and what to type.
pub(crate) fn store_error(error: &StoreError, say: &Say) {
    let help = match error {
        StoreError::NotWritable { .. } => {
            "name a place that you may write with --state DIR, or set RUNBOOK_STATE".to_owned()
        }
        StoreError::DiskFull => {
            "make room and go on with `runbook resume`; nothing that was recorded is lost"
                .to_owned()
        }
        StoreError::NotOurs { .. } | StoreError::Symlink { .. } => {
            "use a directory that is yours alone (mode 0700), with --state DIR".to_owned()
        }
        StoreError::Newer { .. } => "use the newer program".to_owned(),
        StoreError::Corrupted { .. } => {
            "keep the file as it is; `runbook log RUN --verify` says how far it is whole".to_owned()
        }
        StoreError::Gone { .. } => {
            "put back what was moved; without it the account above is all that is left of what happened"
                .to_owned()
        }
        StoreError::Busy => "try again".to_owned(),
        StoreError::NoSuchRun { .. } | StoreError::Ambiguous { .. } => {
            "`runbook list` shows all runs".to_owned()
        }
        StoreError::Held(holder) => format!(
            "since {}; look with `runbook status {run}`, answer it with `runbook decide {run} ANSWER --reason …`, end it with `runbook rollback {run} --reason …`",
            clock(holder.since),
            run = holder.run
        ),
        StoreError::Unfinished { run, .. } => format!(
            "go on with `runbook resume {run}`, or bring it back with `runbook rollback {run} --reason …`"
        ),
        StoreError::Incident(incident) => format!(
            "since {}; read it with `runbook incident show {run}`, resolve it with `runbook incident resolve {run} --note \"…\"`; --hotfix is about the window and does not change this",
            clock(incident.opened),
            run = incident.run
        ),
        StoreError::NothingLeft { .. } => "`runbook incident list` shows what is open".to_owned(),
        StoreError::Over { .. } | StoreError::Failed { .. } | StoreError::Fenced { .. } => {
            String::new()
        }
    };
    say.error(&error.to_string(), &help);
}

/// The person who types this.
pub(crate) fn person(given: Option<&String>) -> String {
    given
        .cloned()
        .or_else(|| std::env::var("USER").ok())
        .or_else(|| std::env::var("LOGNAME").ok())
        .map(|name| without_controls(&name).trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()))
}

/// Now, Unix milliseconds.
pub(crate) fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_millis()).ok())
        .unwrap_or(0)
}

/// A moment for people, in UTC.
pub(crate) fn clock(wall: i64) -> String {
    jiff::Timestamp::from_millisecond(wall).map_or_else(
        |_| "an unknown time".to_owned(),
        |at| at.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
    )
}

/// How a run is called that goes faster than the clock.
pub(super) fn rehearsal(speed: u32) -> String {
    if speed == 1 {
        String::new()
    } else {
        format!(", rehearsed at {speed}x: waits and polls are short, commands are real")
    }
}
