//! Owns what is handed to the server of supervisors for each attempt: open files, through a socket that only the two share.

use std::fs::File;
use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::cmsg_space;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, FdFlags, fcntl_setfd};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};

/// What a supervisor is given.
#[derive(Debug)]
pub(in super::super) struct Handover {
    /// The brief, in memory; the outcome is written there.
    pub(in super::super) memory: File,
    /// The lock of the attempt.
    pub(in super::super) lock: File,
    /// Closed when either end is gone; a word from the runner is the order to stop.
    pub(in super::super) life: UnixStream,
    /// The person's terminal, where the step has it.
    pub(in super::super) terminal: Option<OwnedFd>,
}

impl Handover {
    /// Hands it over, or fails at once.
    ///
    /// # Errors
    /// `AGAIN` and `TOOMANYREFS` when as much is on its way as may be; others when the server is gone.
    pub(in super::super) fn send(&self, to: &UnixStream) -> Result<(), Errno> {
        let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(4))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        let mut files = vec![self.memory.as_fd(), self.lock.as_fd(), self.life.as_fd()];
        files.extend(self.terminal.as_ref().map(AsFd::as_fd));
        control.push(SendAncillaryMessage::ScmRights(&files));
        let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
        sendmsg(to, &[IoSlice::new(b"!")], &mut control, flags).map(drop)
    }

    /// Waits for the next; nothing when nobody is left who could send one.
    ///
    /// # Errors
    /// When the system does not let it be taken.
    pub(super) fn receive(from: &UnixStream) -> io::Result<Option<Self>> {
        let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(4))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut word = [0];
        let came = loop {
            let mut into = [IoSliceMut::new(&mut word)];
            match recvmsg(from, &mut into, &mut control, RecvFlags::empty()) {
                Err(Errno::INTR) => {}
                came => break came?,
            }
        };
        let mut files = Vec::new();
        for message in control.drain() {
            if let RecvAncillaryMessage::ScmRights(all) = message {
                files.extend(all);
            }
        }
        if came.bytes == 0 {
            return Ok(None);
        }
        for file in &files {
            // A step gets none of them.
            fcntl_setfd(file, FdFlags::CLOEXEC)?;
        }
        let mut files = files.into_iter();
        let (Some(memory), Some(lock), Some(life)) = (files.next(), files.next(), files.next())
        else {
            return Err(ErrorKind::InvalidData.into());
        };
        Ok(Some(Self {
            memory: memory.into(),
            lock: lock.into(),
            life: life.into(),
            terminal: files.next(),
        }))
    }
}

/// Whether whoever has the other end still lives.
pub(super) fn is_there(life: &UnixStream) -> bool {
    let mut looked = [PollFd::from_borrowed_fd(life.as_fd(), PollFlags::IN)];
    let at_once = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // What cannot be looked at is taken for gone: then more is synced, and nobody is shown anything.
    poll(&mut looked, Some(&at_once)).is_ok()
        && looked
            .iter()
            .all(|one| !one.revents().intersects(PollFlags::HUP | PollFlags::ERR))
}
