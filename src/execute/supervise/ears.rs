//! Owns waiting in a supervisor: for the end of a process, an order to stop, the runner's end, output, or a time. Whoever waits is woken by the
//! first of them.

use std::io::{self, ErrorKind, Read};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use nix::sys::signal::{SigHandler, SigSet, Signal, signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::super::clock::Look;

/// In suspend the waiting stands still and the clock goes on, so it is looked at this often, in microseconds.
const LOOK: u64 = 5_000_000;

/// What is heard: ends of processes, orders from whoever is not the runner that began the attempt, and what ends nothing and means nothing.
const HEARD: [Signal; 5] = [
    Signal::SIGCHLD,
    Signal::SIGINT,
    Signal::SIGTERM,
    Signal::SIGHUP,
    Signal::SIGQUIT,
];

/// Hears signals.
#[derive(Debug)]
pub(super) struct Ears {
    signals: SignalFd,
    ordered: bool,
    /// The way from the runner, for as long as it lives: any word is the order to stop.
    life: Option<UnixStream>,
}

impl Ears {
    /// Begins to listen.
    pub(super) fn new(life: &UnixStream) -> io::Result<Self> {
        let heard: SigSet = HEARD.into_iter().collect();
        heard.thread_block()?;
        usual()?;
        let signals = SignalFd::with_flags(&heard, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?;
        let life = life.try_clone()?;
        life.set_nonblocking(true)?;
        Ok(Self {
            signals,
            ordered: false,
            life: Some(life),
        })
    }

    /// Whether an order to stop has come.
    pub(super) fn is_ordered(&self) -> bool {
        self.ordered
    }

    /// Waits until something is heard, there is output, or it is this late by the clock since the machine's start.
    pub(super) fn wait(&mut self, output: Vec<PollFd<'_>>, until: u64) {
        let left = until.saturating_sub(Look::now().boot).min(LOOK);
        let limit = Timespec {
            tv_sec: i64::try_from(left / 1_000_000).unwrap_or(0),
            tv_nsec: i64::try_from(left % 1_000_000 * 1_000).unwrap_or(0),
        };
        let signals = self.signals.as_fd();
        let mut heard = vec![PollFd::from_borrowed_fd(signals, PollFlags::IN)];
        let life = self.life.iter();
        heard.extend(life.map(|life| PollFd::from_borrowed_fd(life.as_fd(), PollFlags::IN)));
        heard.extend(output);
        // Whatever it says, all is looked at.
        let _ = poll(&mut heard, Some(&limit));
        self.hear_signals();
        self.hear_runner();
    }
}

impl Ears {
    fn hear_signals(&mut self) {
        while let Ok(Some(heard)) = self.signals.read_signal() {
            let heard = i32::try_from(heard.ssi_signo).map(Signal::try_from);
            self.ordered |= matches!(heard, Ok(Ok(Signal::SIGINT | Signal::SIGTERM)));
        }
    }

    /// A runner that is gone says nothing any more, and orders nothing by that.
    fn hear_runner(&mut self) {
        let Some(mut life) = self.life.as_ref() else {
            return;
        };
        match life.read(&mut [0; 8]) {
            Ok(1..) => self.ordered = true,
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Ok(_) | Err(_) => self.life = None,
        }
    }
}

/// Gives each of them back to the system, whatever whoever started this had made of it: what is ignored is not heard, and a step gets
/// them as they are here.
#[expect(
    unsafe_code,
    reason = "signals are given back to the system, and no function of ours is called by them"
)]
fn usual() -> io::Result<()> {
    for heard in HEARD {
        // SAFETY: nothing is called; they are blocked, and read one by one.
        unsafe { signal(heard, SigHandler::SigDfl) }?;
    }
    Ok(())
}
