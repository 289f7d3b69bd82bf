//! Owns waiting in a supervisor: for the end of a process, an order to stop, the runner's end, output, or a time. Whoever waits is woken by the
//! first of them.

use std::io::{self, ErrorKind, Read};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::low_level::pipe;

use super::super::clock::Look;

/// In suspend the waiting stands still and the clock goes on, so it is looked at this often, in microseconds.
const LOOK: u64 = 5_000_000;

/// Hears signals.
#[derive(Debug)]
pub(super) struct Ears {
    /// A process has ended.
    ended: UnixStream,
    /// TERM or INT; from whoever is not the runner that began the attempt.
    orders: UnixStream,
    ordered: bool,
    /// The way from the runner, for as long as it lives: any word is the order to stop.
    life: Option<UnixStream>,
}

impl Ears {
    /// Begins to listen. HUP and QUIT end nothing: they are heard and mean nothing.
    pub(super) fn new(life: &UnixStream) -> io::Result<Self> {
        let (ended, of_children) = UnixStream::pair()?;
        let (orders, of_orders) = UnixStream::pair()?;
        let life = life.try_clone()?;
        for end in [&ended, &orders, &life] {
            end.set_nonblocking(true)?;
        }
        for signal in [SIGCHLD, SIGHUP, SIGQUIT] {
            pipe::register(signal, of_children.try_clone()?)?;
        }
        for signal in [SIGINT, SIGTERM] {
            pipe::register(signal, of_orders.try_clone()?)?;
        }
        Ok(Self {
            ended,
            orders,
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
        let mut heard = vec![
            PollFd::from_borrowed_fd(self.ended.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(self.orders.as_fd(), PollFlags::IN),
        ];
        let life = self.life.iter();
        heard.extend(life.map(|life| PollFd::from_borrowed_fd(life.as_fd(), PollFlags::IN)));
        heard.extend(output);
        // An interruption is a signal, which is in its pipe by then.
        let _ = poll(&mut heard, Some(&limit));
        empty(&self.ended);
        self.ordered |= empty(&self.orders);
        self.hear_runner();
    }
}

impl Ears {
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

/// Takes all that is in it; whether there was anything.
fn empty(mut stream: &UnixStream) -> bool {
    let mut bytes = [0; 64];
    let mut any = false;
    while stream.read(&mut bytes).is_ok_and(|count| count > 0) {
        any = true;
    }
    any
}
