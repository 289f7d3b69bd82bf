//! Owns process groups: whether one is empty, and how it is ended. It knows nothing of steps.

use std::fs::{self, File};
use std::io::Read;
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use tokio::time::{Instant, sleep};

/// The pause between two looks at a group that is ending.
const LOOK: Duration = Duration::from_millis(20);

/// A group that survives KILL for this long hangs in the kernel; nobody can end it.
const HOPELESS: Duration = Duration::from_secs(30);

/// What the system says of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    /// Its group.
    pub(super) group: i32,
    /// When it started, in clock ticks since the machine did.
    pub(super) start: u64,
    /// Whether it has ended and only waits to be collected.
    pub(super) ended: bool,
    /// Whether somebody has stopped it, so that it does nothing until it is told to go on.
    pub(super) stopped: bool,
}

/// What the system says of a process; nothing when it is gone, or the system has no such list.
pub(super) fn listed(pid: i32) -> Option<Listed> {
    // One line, which one read gives whole.
    let mut stat = [0; 1024];
    let mut file = File::open(format!("/proc/{pid}/stat")).ok()?;
    let length = file.read(&mut stat).ok()?;
    let stat = String::from_utf8_lossy(stat.get(..length)?);
    // The name stands in parentheses and may hold anything, parentheses too.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();
    let state = fields.next()?;
    let group = fields.nth(1)?.parse().ok()?;
    let start = fields.nth(16)?.parse().ok()?;
    Some(Listed {
        group,
        start,
        ended: matches!(state, "Z" | "X"),
        stopped: state == "T",
    })
}

/// Whether a process is in front at its terminal: what is typed there is for its group.
pub(super) fn is_in_front(pid: i32) -> bool {
    let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else {
        return false;
    };
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let fields: Vec<&str> = fields.split_whitespace().collect();
    // State, parent, group, session, terminal, the group in front.
    match fields.as_slice() {
        [_, _, group, _, _, in_front, ..] => group == in_front,
        _short => false,
    }
}

/// Whether a process of the group still runs. One that has ended and was not collected does not count: where the first
/// process of a container does not collect orphans, it stays for ever.
pub(super) fn is_alive(group: Pid) -> bool {
    if test_kill_process_group(group) == Err(Errno::SRCH) {
        return false;
    }
    let Ok(processes) = fs::read_dir("/proc") else {
        return true;
    };
    let wanted = group.as_raw_nonzero().get();
    let mut any = false;
    for pid in processes
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
    {
        any = true;
        if listed(pid).is_some_and(|process| process.group == wanted && !process.ended) {
            return true;
        }
    }
    !any
}

/// Whether the group is empty within this time.
pub(super) async fn is_gone_within(group: Pid, limit: Duration) -> bool {
    let end = Instant::now() + limit;
    loop {
        if !is_alive(group) {
            return true;
        }
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        sleep(LOOK.min(left)).await;
    }
}

/// TERM, then after `grace` KILL, until the group is empty: not its leader, all of it.
///
/// # Errors
/// A sentence when a process of it cannot be ended.
pub(super) async fn end(group: Pid, grace: Duration) -> Result<(), String> {
    // A process that is gone between the look and the signal is what is wanted, so the answers do not matter.
    let _ = kill_process_group(group, Signal::TERM);
    // A stopped process would take the TERM only when it goes on.
    let _ = kill_process_group(group, Signal::CONT);
    if is_gone_within(group, grace).await {
        return Ok(());
    }
    let hopeless = Instant::now() + HOPELESS;
    while Instant::now() < hopeless {
        // Again and again: a process may have forked while the signal was on its way.
        let _ = kill_process_group(group, Signal::KILL);
        if is_gone_within(group, LOOK * 5).await {
            return Ok(());
        }
    }
    Err(format!(
        "a process of group {group} does not end even when it is killed; it hangs in the kernel",
        group = group.as_raw_nonzero()
    ))
}
