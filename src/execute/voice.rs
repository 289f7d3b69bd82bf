//! Owns what is said to people on stderr while a run is driven. A thread of its own writes it, so that a terminal that is held, or a
//! pipe that nobody reads, holds up nothing else. What does not fit is left out, and how much that was is said; the journal has it all.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nix::sys::signal::SigSet;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::{Errno, ReadWriteFlags, pwritev2};

/// So many bytes wait at most for whoever reads.
const MOST: usize = 256 * 1024;

/// So long whoever speaks waits for it to be written: what is said before something happens is seen before it.
const MOMENT: Duration = Duration::from_millis(50);

/// So long the end of the program waits for what is still to be written.
const LAST: Duration = Duration::from_secs(1);

/// What is said, in order.
#[derive(Debug)]
pub(crate) struct Voice(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    pending: Mutex<Pending>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Pending {
    pieces: VecDeque<Piece>,
    bytes: usize,
    /// A piece is being written.
    writing: bool,
    /// Whoever reads takes nothing, so nobody waits for it.
    held: bool,
    by: By,
}

/// Who writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum By {
    /// Whoever speaks, as much as is taken at once; the thread, what is left.
    #[default]
    Speaker,
    /// The thread: where it is written cannot be asked to take only what it takes at once.
    Thread,
}

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    /// Whole lines.
    Lines(Vec<u8>),
    /// What lives at the end of a terminal: only the newest is worth showing. It begins where the cursor can go back to.
    Living(Vec<u8>),
    /// So many lines did not fit.
    LeftOut(u64),
}

impl Voice {
    /// Begins.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start() -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("voice".to_owned())
            .spawn(move || of_thread.write())?;
        Ok(Self(shared))
    }

    /// Says it, and waits no longer than a moment until it is written.
    pub(crate) fn speak(&self, text: &[u8]) {
        let mut pending = self.0.lock();
        let rest = pending.say_at_once(text);
        if rest.is_empty() {
            return;
        }
        pending.take_in(rest);
        self.0.changed.notify_all();
        if pending.held {
            return;
        }
        let (mut pending, waited) = self
            .0
            .changed
            .wait_timeout_while(pending, MOMENT, |pending| pending.is_busy())
            .unwrap_or_else(PoisonError::into_inner);
        pending.held = waited.timed_out();
    }

    /// Waits until all is written, a bounded time.
    pub(crate) fn finish(&self) {
        let pending = self.0.lock();
        drop(
            self.0
                .changed
                .wait_timeout_while(pending, LAST, |pending| pending.is_busy()),
        );
    }
}

impl Pending {
    fn is_busy(&mut self) -> bool {
        self.writing || !self.pieces.is_empty()
    }

    /// Writes what a pipe takes at once, and gives the rest: two threads need not take turns for each line that somebody reads. A terminal is
    /// left to the other thread, since it may stop whoever writes.
    fn say_at_once<'t>(&mut self, text: &'t [u8]) -> &'t [u8] {
        if self.is_busy() || self.by == By::Thread {
            return text;
        }
        let here = u64::MAX;
        let written = pwritev2(
            io::stderr(),
            &[IoSlice::new(text)],
            here,
            ReadWriteFlags::NOWAIT,
        );
        match written {
            Ok(count) => text.get(count..).unwrap_or_default(),
            Err(Errno::AGAIN | Errno::INTR) => text,
            Err(_) => {
                self.by = By::Thread;
                text
            }
        }
    }

    fn take_in(&mut self, text: &[u8]) {
        let fits = self.bytes.saturating_add(text.len()) <= MOST;
        let lives = text.starts_with(b"\r");
        let lines = text.iter().filter(|byte| **byte == b'\n' && !lives);
        let lines = lines.count() as u64;
        match (self.pieces.back_mut(), lines) {
            (Some(Piece::Living(old)), 0) => {
                self.bytes = self.bytes.saturating_sub(old.len()) + text.len();
                *old = text.to_vec();
            }
            (Some(Piece::Lines(_) | Piece::LeftOut(_)) | None, 0) => {
                if fits {
                    self.add(Piece::Living(text.to_vec()));
                }
            }
            (_, 1..) if fits => self.add(Piece::Lines(text.to_vec())),
            (Some(Piece::LeftOut(count)), 1..) => *count += lines,
            (Some(Piece::Lines(_) | Piece::Living(_)) | None, 1..) => {
                self.add(Piece::LeftOut(lines));
            }
        }
    }

    fn add(&mut self, piece: Piece) {
        self.bytes += piece.len();
        self.pieces.push_back(piece);
    }

    fn take(&mut self) -> Option<Piece> {
        let piece = self.pieces.pop_front()?;
        self.bytes = self.bytes.saturating_sub(piece.len());
        Some(piece)
    }
}

impl Piece {
    fn len(&self) -> usize {
        match self {
            Self::Lines(text) | Self::Living(text) => text.len(),
            Self::LeftOut(_) => 0,
        }
    }

    fn text(self) -> Vec<u8> {
        match self {
            Self::Lines(text) | Self::Living(text) => text,
            Self::LeftOut(1) => {
                b"... 1 line is left out: it was not read in time; `runbook log` has it\r\n".to_vec()
            }
            Self::LeftOut(count) => format!(
                "... {count} lines are left out: they were not read in time; `runbook log` has them\r\n"
            )
            .into_bytes(),
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The thread's work, for ever.
    fn write(&self) {
        // A terminal may be told to stop what writes from the background (`stty tostop`), and the whole run with it. It lets one write who
        // holds that signal back; the others are for the thread that decides.
        let _ = SigSet::all().thread_block();
        loop {
            let pending = self.lock();
            let mut pending = self
                .changed
                .wait_while(pending, |pending| pending.pieces.is_empty())
                .unwrap_or_else(PoisonError::into_inner);
            let piece = pending.take();
            pending.writing = true;
            drop(pending);
            put(&piece.map(Piece::text).unwrap_or_default());
            let mut pending = self.lock();
            pending.writing = false;
            if pending.pieces.is_empty() {
                pending.held = false;
            }
            self.changed.notify_all();
        }
    }
}

/// Writes it whole, however long that takes. What cannot be written is lost.
fn put(mut bytes: &[u8]) {
    // Not under the lock of the standard library, which a panic elsewhere would wait for.
    let err = io::stderr();
    while !bytes.is_empty() {
        match rustix::io::write(&err, bytes) {
            Ok(0) => return,
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            // Someone else has made it so that it does not block.
            Err(Errno::AGAIN) => {
                let _ = poll(&mut [PollFd::new(&err, PollFlags::OUT)], None);
            }
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_counted_and_only_the_newest_living_line_is_kept() {
        let mut pending = Pending::default();
        pending.take_in(b"\r1");
        pending.take_in(b"\r2\r\nof two lines\r\x1b[1A");
        let long = vec![b'\n'; MOST - 21];
        pending.take_in(&long);
        pending.take_in(b"lost\n");
        pending.take_in(b"\r3");
        pending.take_in(b"lost\nlost too\n");
        let newest = b"\r2\r\nof two lines\r\x1b[1A".to_vec();
        assert_eq!(pending.take(), Some(Piece::Living(newest)));
        assert_eq!(pending.take(), Some(Piece::Lines(long)));
        pending.take_in(b"said\n");
        assert_eq!(pending.take(), Some(Piece::LeftOut(3)));
        assert_eq!(pending.take(), Some(Piece::Lines(b"said\n".to_vec())));
        assert_eq!(pending.take(), None);
        assert_eq!(pending.bytes, 0);
    }
}
