//! Owns finding the processes of a run from outside, and killing them: everything that has the run's folder among its words or
//! in its environment. It looks at `/proc`, as someone with `ps` would.

use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};

/// A process of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kin {
    pub(crate) pid: Pid,
    /// A supervisor, or the server that they are forked from.
    pub(crate) is_supervisor: bool,
    /// It minds an attempt.
    pub(crate) minds: bool,
}

/// All of them but those that have ended; the caller itself is none.
pub(crate) fn of(folder: &Path) -> Vec<Kin> {
    let folder = folder.to_string_lossy().into_owned();
    let own = std::process::id();
    let entries = std::fs::read_dir("/proc").expect("the list of processes");
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        .filter(|pid| u32::try_from(*pid) != Ok(own))
        .filter_map(|pid| {
            // One that ended meanwhile has neither.
            let words = text(pid, "cmdline");
            let found = words.contains(&folder) || text(pid, "environ").contains(&folder);
            (found && !text(pid, "stat").contains(") Z ")).then_some(Kin {
                pid: Pid::from_raw(pid)?,
                is_supervisor: words.contains("__supervise"),
                minds: text(pid, "comm").starts_with("attempt-"),
            })
        })
        .collect()
}

fn text(pid: i32, file: &str) -> String {
    let bytes = std::fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Kills those that are still there.
pub(crate) fn kill(kin: &[Kin]) {
    for one in kin {
        // One that has ended meanwhile is as dead.
        let _ = kill_process(one.pid, Signal::KILL);
    }
}
