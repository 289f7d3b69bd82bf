//! Owns the terminal of a step that has one: a terminal of its own, and what goes between it and the person's. The step leads a
//! session at it, so that keys such as Ctrl-C are the step's and not the run's. The person's terminal is taken only while the
//! runner that lent it is in front there: whoever sits there otherwise types for somebody else.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::event::{PollFd, PollFlags};
use rustix::fs::{OFlags, fchown, fcntl_getfl, fcntl_setfl};
use rustix::process::{Gid, Uid, ioctl_tiocsctty, setsid};
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{
    OptionalActions, QueueSelector, Termios, Winsize, tcflush, tcgetattr, tcgetwinsize, tcsetattr,
    tcsetwinsize,
};

use super::super::group;
use super::super::mask::Mask;
use super::handover::is_there;
use super::stream::{Masked, Sink};
use super::{Brief, Start};

/// The pause between two looks at who is in front, and at the size of the screen, in microseconds.
pub(super) const LOOK: u64 = 100_000;

/// So many bytes are read at once.
const CHUNK: usize = 16 * 1024;

/// So many chunks are taken before anything else is looked at.
const TURN: usize = 16;

/// What waits for a screen that takes nothing; the step waits when there is more.
const WAITING: usize = 256 * 1024;

/// A screen that has taken nothing for so many looks at the end gets no more.
const PATIENCE: usize = 10;

/// The terminal of a step, and the person's.
pub(super) struct Desk {
    person: Option<Person>,
    far: File,
    /// Kept, so that a step which closes its terminal for a while has not lost it.
    near: OwnedFd,
    /// What was typed and is not there yet.
    keys: Vec<u8>,
    /// What is to be shown.
    screen: Vec<u8>,
    into: Sink,
    chunk: Vec<u8>,
}

/// The person's terminal.
struct Person {
    terminal: File,
    runner: i32,
    /// Closed when the runner is gone: then the terminal is left to others at once.
    life: UnixStream,
    usual: Termios,
    /// Every key is handed over as it is.
    raw: Termios,
    size: Winsize,
    in_front: bool,
}

impl Desk {
    /// Gives the command a terminal that behaves like the person's.
    ///
    /// # Errors
    /// When there is none, or no further terminal.
    pub(super) fn connect(
        command: &mut Start<'_>,
        brief: &Brief,
        (file, mask): (File, &Mask),
        life: &UnixStream,
    ) -> io::Result<Self> {
        let person = Person::sit(brief.runner, life.try_clone()?)?;
        let far = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&far)?;
        unlockpt(&far)?;
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let near = ioctl_tiocgptpeer(&far, flags)?;
        tcsetattr(&near, OptionalActions::Now, &person.usual)?;
        tcsetwinsize(&far, person.size)?;
        if let Some(account) = &brief.account {
            // Tools open it again by its path.
            fchown(&near, Some(Uid::from_raw(account.id)), None::<Gid>)?;
        }
        let flags = fcntl_getfl(&far)?;
        fcntl_setfl(&far, flags | OFlags::NONBLOCK)?;
        command.stdin(near.try_clone()?);
        command.stdout(near.try_clone()?);
        command.stderr(near.try_clone()?);
        lead(command);
        Ok(Self {
            person: Some(person),
            far: File::from(far),
            near,
            keys: Vec::new(),
            screen: Vec::new(),
            into: Sink::new(file, mask),
            chunk: vec![0; CHUNK],
        })
    }

    /// What is waited for.
    pub(super) fn awaited(&self) -> Vec<PollFd<'_>> {
        let mut of_step = PollFlags::empty();
        let mut of_person = PollFlags::empty();
        let is_read = self.person.as_ref().is_some_and(|person| person.in_front);
        of_step.set(PollFlags::IN, self.screen.len() < WAITING);
        of_step.set(PollFlags::OUT, !self.keys.is_empty());
        of_person.set(PollFlags::IN, is_read && self.keys.is_empty());
        of_person.set(PollFlags::OUT, !self.screen.is_empty());
        let mut all = vec![PollFd::from_borrowed_fd(self.far.as_fd(), of_step)];
        if let Some(person) = self.person.as_ref().filter(|_| !of_person.is_empty()) {
            all.push(PollFd::from_borrowed_fd(person.terminal.as_fd(), of_person));
        }
        all
    }

    /// Hands over what is there, in both directions, at most some of it.
    pub(super) fn pump(&mut self) {
        self.look();
        self.hand_keys();
        for _ in 0..TURN {
            if self.screen.len() >= WAITING || !self.read() {
                break;
            }
        }
        self.show();
    }

    /// Who is at the terminal, and how large it is.
    fn look(&mut self) {
        let Some(person) = &mut self.person else {
            return;
        };
        if !person.is_lent() {
            self.leave();
            return;
        }
        if let Some(size) = person.resized() {
            // The step is told by a signal.
            let _ = tcsetwinsize(&self.far, size);
        }
    }

    /// Nobody sits there any more: the step goes on, and nobody types.
    fn leave(&mut self) {
        self.person = None;
        self.screen.clear();
    }

    fn hand_keys(&mut self) {
        if self.keys.is_empty() {
            match self.person.as_mut().map(Person::typed) {
                None => {}
                Some(Ok(keys)) => self.keys = keys,
                Some(Err(_)) => self.leave(),
            }
        }
        while !self.keys.is_empty() {
            match self.far.write(&self.keys) {
                Ok(count) => drop(self.keys.drain(..count)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => self.keys.clear(),
            }
        }
    }

    /// Takes some of what the step has printed. Whether there was any.
    fn read(&mut self) -> bool {
        match self.far.read(&mut self.chunk) {
            Ok(count @ 1..) => {
                let bytes = self.chunk.get(..count).unwrap_or_default();
                self.into.take(bytes);
                if self.person.is_some() {
                    self.screen.extend_from_slice(bytes);
                }
                true
            }
            Err(error) => error.kind() == ErrorKind::Interrupted,
            Ok(_) => false,
        }
    }

    fn show(&mut self) {
        while !self.screen.is_empty() {
            let Some(person) = &mut self.person else {
                self.screen.clear();
                return;
            };
            match person.terminal.write(&self.screen) {
                Ok(count) => drop(self.screen.drain(..count)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => self.leave(),
            }
        }
    }

    /// Takes the rest, when nobody is left to print, and gives the person's terminal back as it was.
    ///
    /// # Errors
    /// Why not all of the output is in the file.
    pub(super) fn finish(mut self) -> io::Result<Masked> {
        // With nobody else at its other end, what is read is all there is.
        let (near, _) = io::pipe()?;
        drop(std::mem::replace(&mut self.near, OwnedFd::from(near)));
        self.look();
        let mut left = PATIENCE;
        loop {
            let before = self.screen.len();
            while self.screen.len() < WAITING && self.read() {}
            let read = self.screen.len();
            self.show();
            if self.screen.is_empty() {
                if read < WAITING {
                    break;
                }
                continue;
            }
            if self.screen.len() >= before {
                left = left.saturating_sub(1);
            }
            if left == 0 {
                // It has stopped; the file has all of it.
                self.leave();
                continue;
            }
            std::thread::sleep(std::time::Duration::from_micros(LOOK));
        }
        self.leave();
        self.into.finish()
    }
}

impl Person {
    /// Takes the terminal that was lent, which is this process's standard error.
    fn sit(runner: i32, life: UnixStream) -> io::Result<Self> {
        let terminal = File::from(io::stderr().as_fd().try_clone_to_owned()?);
        let usual = tcgetattr(&terminal)?;
        let mut raw = usual.clone();
        raw.make_raw();
        let size = tcgetwinsize(&terminal)?;
        let mut person = Self {
            terminal,
            runner,
            life,
            usual,
            raw,
            size,
            in_front: false,
        };
        person.is_lent();
        Ok(person)
    }

    /// Whether the runner lives that lent it; takes note of whether it is in front.
    fn is_lent(&mut self) -> bool {
        if !is_there(&self.life) {
            return false;
        }
        let in_front = group::is_in_front(self.runner);
        if in_front && !self.in_front {
            // What was typed before was not meant for the step.
            let _ = tcflush(&self.terminal, QueueSelector::IFlush);
            let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.raw);
        }
        self.in_front = in_front;
        true
    }

    fn resized(&mut self) -> Option<Winsize> {
        let size = tcgetwinsize(&self.terminal).ok()?;
        let both = |size: &Winsize| (size.ws_row, size.ws_col);
        if both(&size) == both(&self.size) {
            return None;
        }
        self.size = size;
        Some(size)
    }

    /// What was typed.
    ///
    /// # Errors
    /// When the terminal has gone away.
    fn typed(&mut self) -> io::Result<Vec<u8>> {
        let mut chunk = [0; 1024];
        if !self.in_front {
            return Ok(Vec::new());
        }
        match self.terminal.read(&mut chunk) {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => Ok(chunk.get(..count).unwrap_or_default().to_vec()),
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) =>
            {
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        }
    }
}

impl Drop for Person {
    /// Leaves the terminal as it was found. Another program that is in front by now has set it for itself.
    fn drop(&mut self) {
        if self.in_front {
            let _ = tcflush(&self.terminal, QueueSelector::IFlush);
            let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.usual);
        }
    }
}

/// Lets what the command starts lead a session at its terminal.
fn lead(command: &mut Start<'_>) {
    command.before(|| {
        setsid()?;
        ioctl_tiocsctty(io::stdin())?;
        Ok(())
    });
}
