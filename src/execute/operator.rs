//! Owns the terminal of the person who runs this. It is looked at now and then and never waited for.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use rustix::fs::{Mode, OFlags, fcntl_getfl, fcntl_setfl, open};
use rustix::io::Errno;
use rustix::termios::{OptionalActions, Termios, isatty, tcgetattr, tcgetpgrp, tcsetattr};

/// A longer line is cut: nobody types it.
const LONGEST: usize = 4 * 1024;

/// The person at the terminal.
#[derive(Debug)]
pub(super) struct Operator {
    terminal: OwnedFd,
    typed: Vec<u8>,
}

/// The terminal, lent to a step: opened anew, so that nothing which is set on it touches who reads lines.
#[derive(Debug)]
pub(super) struct Lent {
    pub(super) terminal: OwnedFd,
    usual: Termios,
}

impl Lent {
    /// Sets it as it was when it was lent, should whoever had it have been killed. In the background the system would stop the
    /// whole run for it.
    pub(super) fn back(&self) {
        if is_foreground(&self.terminal) {
            let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.usual);
        }
    }
}

/// What the terminal gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// A line, trimmed.
    Line(String),
    /// Nothing yet.
    Nothing,
    /// The terminal has gone away.
    Gone,
}

impl Operator {
    /// Reads lines from here. The file must have been opened for this alone: it is made not to block.
    pub(super) fn new(terminal: OwnedFd) -> io::Result<Self> {
        let flags = fcntl_getfl(&terminal)?;
        fcntl_setfl(&terminal, flags | OFlags::NONBLOCK)?;
        Ok(Self {
            terminal,
            typed: Vec::new(),
        })
    }

    /// Lends it to a step; nothing when this run is not in front, or there is no terminal.
    pub(super) fn lend(&self) -> Option<Lent> {
        if !isatty(&self.terminal) || !is_foreground(&self.terminal) {
            return None;
        }
        let path = format!("/proc/self/fd/{}", self.terminal.as_raw_fd());
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let terminal = open(path, flags, Mode::empty()).ok()?;
        let usual = tcgetattr(&terminal).ok()?;
        Some(Lent { terminal, usual })
    }

    /// The next line, if it is there.
    pub(super) fn line(&mut self) -> Typed {
        loop {
            if let Some(end) = self.typed.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.typed.drain(..=end).collect();
                return Typed::Line(String::from_utf8_lossy(&line).trim().to_owned());
            }
            self.typed.truncate(LONGEST);
            // A program in the background that reads is stopped by the system, and the whole run with it.
            if !is_foreground(&self.terminal) {
                return Typed::Nothing;
            }
            let mut chunk = [0; 1024];
            match rustix::io::read(&self.terminal, &mut chunk) {
                Ok(0) => return Typed::Gone,
                Ok(count) => self
                    .typed
                    .extend_from_slice(chunk.get(..count).unwrap_or_default()),
                Err(Errno::AGAIN) => return Typed::Nothing,
                Err(Errno::INTR) => {}
                Err(_) => return Typed::Gone,
            }
        }
    }
}

fn is_foreground(terminal: &OwnedFd) -> bool {
    // What is not a terminal (a pipe in a test) has no foreground.
    !isatty(terminal) || tcgetpgrp(terminal).is_ok_and(|group| group == rustix::process::getpgrp())
}
