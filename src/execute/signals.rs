//! Owns the signals that people and systems send to the runner. What they mean for the run is decided in `execute`.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// INT, TERM: leave.
    Leave,
    /// HUP: the terminal has gone away; go on without it.
    Hangup,
    /// QUIT, USR1: show the state.
    Status,
}

/// The signals that are listened to.
#[derive(Debug)]
pub(super) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
    quit: Signal,
    user: Signal,
    /// A file that would be larger than is allowed: the write says so, and the runner goes on. Steps have it as it was.
    _size: Signal,
}

impl Signals {
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            quit: signal(SignalKind::quit())?,
            user: signal(SignalKind::user_defined1())?,
            _size: signal(SignalKind::from_raw(
                nix::sys::signal::Signal::SIGXFSZ as i32,
            ))?,
        })
    }

    pub(super) async fn sent(&mut self) -> Sent {
        tokio::select! {
            _ = self.interrupt.recv() => Sent::Leave,
            _ = self.terminate.recv() => Sent::Leave,
            _ = self.hangup.recv() => Sent::Hangup,
            _ = self.quit.recv() => Sent::Status,
            _ = self.user.recv() => Sent::Status,
        }
    }
}

/// Whoever started this may have had the ends of its children thrown away, and a process started so would never know how its own ended.
#[expect(
    unsafe_code,
    reason = "a signal is given back to the system, and no function of ours is called by it"
)]
pub(crate) fn hear_children() {
    use nix::sys::signal::{SigHandler, Signal, signal};
    // SAFETY: nothing is called. Before anything else is done, nobody listens yet.
    let _ = unsafe { signal(Signal::SIGCHLD, SigHandler::SigDfl) };
}
