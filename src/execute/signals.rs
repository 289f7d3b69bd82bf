//! Owns the signals that people and systems send to the runner. What they mean for the run is decided in `execute`.

use std::io;
use std::sync::Arc;

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
}

impl Signals {
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            quit: signal(SignalKind::quit())?,
            user: signal(SignalKind::user_defined1())?,
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

/// Makes two signals what this program needs, before it does anything else and whatever it is to do: runner, supervisor or request.
///
/// Whoever started it may have had the ends of its children thrown away, and a process started so would never know how its own ended.
/// A file that would be larger than a limit allows must end neither of them: the write fails, and that is said where it matters. A step
/// has the second one as the system gives it, since a handler ends with the program that set it.
#[expect(
    unsafe_code,
    reason = "a signal is given back to the system, and no function of ours is called by it"
)]
pub(crate) fn own_signals() {
    use nix::sys::signal::{SigHandler, Signal, signal};
    // SAFETY: nothing is called. Before anything else is done, nobody listens yet.
    let _ = unsafe { signal(Signal::SIGCHLD, SigHandler::SigDfl) };
    // Nobody reads the flag: what counts is that the signal is handled.
    let _ = signal_hook::flag::register(Signal::SIGXFSZ as i32, Arc::default());
}
