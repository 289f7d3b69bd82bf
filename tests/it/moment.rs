//! Owns how a test catches the program at a named moment: a named pipe that a step waits at, so that it provably runs, and
//! signals to the runner. Nothing here depends on time, but for the one that wants any moment.

use std::path::Path;
use std::time::Duration;

use rustix::fs::{CWD, FileType, Mode, OFlags, mknodat, open};
use rustix::process::{Pid, Signal, kill_process};

use crate::program::Running;
use crate::wait;

/// From now on whoever reads this file waits.
pub(crate) fn shut(gate: &Path) {
    if gate.exists() {
        std::fs::remove_file(gate).expect("the gate was open");
    }
    mknodat(CWD, gate, FileType::Fifo, Mode::RWXU, 0).expect("a named pipe");
}

/// Lets the one who waits at the gate pass; waits for them. A pipe that nobody reads cannot be opened like this, so whoever
/// waits there is provably alive.
pub(crate) fn let_pass(gate: &Path) {
    wait::until(
        "someone waits at the gate",
        || open(gate, OFlags::WRONLY | OFlags::NONBLOCK, Mode::empty()).map(drop),
        Result::is_ok,
    );
}

/// Sends a signal to the runner, and to nothing else.
pub(crate) fn send(runner: &Running, signal: Signal) {
    let pid = i32::try_from(runner.child.id()).expect("a process number");
    let pid = Pid::from_raw(pid).expect("a process number");
    kill_process(pid, signal).expect("the process is ours");
}

/// Lets so many microseconds pass: for what has to happen at a moment that nothing in the program marks.
pub(crate) fn after(micros: u64) {
    std::thread::sleep(Duration::from_micros(micros));
}
