//! Owns the processes that come from one step: the children of this one, theirs, and those that left their group or lost
//! their parent, which the system hands to this one. It knows of no time.

use std::collections::BTreeSet;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, getpid, kill_process, wait};

/// A step's processes.
#[derive(Debug)]
pub(super) struct Family {
    leader: Pid,
    /// How the leader ended.
    status: Option<WaitStatus>,
    empty: bool,
}

impl Family {
    pub(super) fn new(leader: Pid) -> Self {
        Self {
            leader,
            status: None,
            empty: false,
        }
    }

    /// Collects those that have ended.
    pub(super) fn reap(&mut self) {
        while !self.empty {
            match wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) => {
                    if pid == self.leader {
                        self.status = Some(status);
                    }
                }
                Ok(None) => return,
                Err(Errno::INTR) => {}
                // There are no children; and whatever has no parent would be one.
                Err(_) => self.empty = true,
            }
        }
    }

    /// Whether all of them have ended.
    pub(super) fn is_empty(&self) -> bool {
        self.empty
    }

    /// How the leader ended, when it has.
    pub(super) fn status(&self) -> Option<WaitStatus> {
        self.status
    }

    /// How many there are that have not ended.
    pub(super) fn count(&self) -> usize {
        members().len()
    }

    /// Sends a signal to all of them; those that have none before are found, too.
    pub(super) fn send(&self, signal: Signal) {
        for pid in members() {
            // One that is gone between the look and the signal is what is wanted.
            let _ = kill_process(pid, signal);
        }
    }

    /// Stops all of them until a look finds no new one, so that nothing can fork away from the signal; then kills them.
    pub(super) fn kill(&self) {
        let mut stopped = BTreeSet::new();
        // A storm that outruns this many looks meets the next call.
        for _ in 0..16 {
            let before = stopped.len();
            for pid in members() {
                let _ = kill_process(pid, Signal::STOP);
                stopped.insert(pid.as_raw_nonzero());
            }
            if stopped.len() == before {
                break;
            }
        }
        self.send(Signal::KILL);
    }
}

/// The living descendants of this process.
fn members() -> Vec<Pid> {
    let parents: Vec<(i32, i32)> = std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| parent(entry.file_name().to_str()?.parse().ok()?))
        .collect();
    let mut known = BTreeSet::from([getpid().as_raw_nonzero().get()]);
    let mut found = Vec::new();
    loop {
        let before = known.len();
        for (pid, parent) in &parents {
            if known.contains(parent) && known.insert(*pid) {
                found.extend(Pid::from_raw(*pid));
            }
        }
        if known.len() == before {
            return found;
        }
    }
}

/// A process that has not ended, and its parent.
fn parent(pid: i32) -> Option<(i32, i32)> {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    let stat = String::from_utf8_lossy(&stat);
    // The name stands in parentheses and may hold anything, parentheses too.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    (!matches!(state, "Z" | "X")).then_some((pid, parent))
}
