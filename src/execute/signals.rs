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
