//! Owns the way from a runner to the supervisors of its attempts: it starts their server when the first is wanted, and another when that
//! one was killed. What a supervisor does is not its matter.

use std::io::{self, Read};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::io::Errno;
use tokio::time::{Instant, sleep};

use super::group;
use super::supervise::{Handover, SUPERVISE};

/// The pause before it is tried again, while the server has more to do than it may have at once.
const PAUSE: Duration = Duration::from_millis(2);

/// A server that has taken nothing for so long is stuck: another one is started.
const STUCK: Duration = Duration::from_secs(5);

/// A server that is not stopped ends at once when nobody is left who could tell it anything.
const LAST: Duration = Duration::from_secs(1);

/// A server is started so many times for one attempt.
const STARTS: u32 = 3;

/// The server of a runner.
#[derive(Debug)]
pub(super) struct Server {
    /// This program.
    program: PathBuf,
    /// The folder of the run, for people who look at the list of processes.
    run: PathBuf,
    /// The one that was started last.
    started: Mutex<Option<Started>>,
}

impl Server {
    pub(super) fn new(program: PathBuf, run: PathBuf) -> Self {
        Self {
            program,
            run,
            started: Mutex::new(None),
        }
    }

    /// Lets an attempt be supervised.
    ///
    /// # Errors
    /// When no server can be started, or none takes it.
    pub(super) async fn hand(&self, handover: &Handover) -> io::Result<Handed> {
        let mut starts = 0;
        let mut from = Instant::now();
        loop {
            match self.try_to_hand(handover, &mut starts)? {
                Ok(handed) => return Ok(handed),
                Err(Errno::AGAIN | Errno::TOOMANYREFS | Errno::NOBUFS)
                    if from.elapsed() < STUCK =>
                {
                    sleep(PAUSE).await;
                }
                Err(error) => {
                    if starts >= STARTS {
                        return Err(error.into());
                    }
                    *self.lock() = None;
                    from = Instant::now();
                }
            }
        }
    }

    /// One try; a server is started if there is none.
    fn try_to_hand(
        &self,
        handover: &Handover,
        starts: &mut u32,
    ) -> io::Result<Result<Handed, Errno>> {
        let mut started = self.lock();
        let to = match started.take() {
            Some(to) => to,
            None => {
                *starts = starts.saturating_add(1);
                self.start()?
            }
        };
        let sent = handover.send(&to.socket).map(|()| Handed(to.child.id()));
        *started = Some(to);
        Ok(sent)
    }

    /// Ends the server that an attempt was handed to, if somebody has stopped it: the attempt would begin whenever it goes on. What it
    /// has not taken up by then nobody takes up any more, and supervisors that it has become go on.
    pub(super) fn end_stopped(&self, handed: Handed) {
        let mut started = self.lock();
        let it = started.as_mut().filter(|it| it.child.id() == handed.0);
        let Some(it) = it.filter(|it| it.is_stopped()) else {
            return;
        };
        // Only one that has ended already is not there.
        let _ = it.child.kill();
        *started = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<Started>> {
        self.started.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(&self) -> io::Result<Started> {
        let (near, far) = UnixStream::pair()?;
        let mut command = std::process::Command::new(&self.program);
        command
            .arg0("runbook")
            .arg(SUPERVISE)
            .arg(&self.run)
            .env_clear()
            .stdin(OwnedFd::from(far))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let child = command.spawn()?;
        Ok(Started {
            socket: near,
            child,
        })
    }
}

/// The process that an attempt was handed to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Handed(u32);

/// A server that was started.
#[derive(Debug)]
struct Started {
    /// The way to it.
    socket: UnixStream,
    child: Child,
}

impl Started {
    fn is_stopped(&self) -> bool {
        let pid = i32::try_from(self.child.id()).ok();
        pid.and_then(group::listed)
            .is_some_and(|listed| listed.stopped)
    }

    /// Whether it ends very soon. It says nothing: what can be read is that its end of the socket is closed, which is when it ends.
    fn ends(&mut self) -> bool {
        if self.socket.set_read_timeout(Some(LAST)).is_err() {
            return false;
        }
        let read = self.socket.read(&mut [0]);
        match read {
            Ok(_) => true,
            Err(error) => error.kind() == io::ErrorKind::ConnectionReset,
        }
    }
}

impl Drop for Started {
    /// Tells it that nothing more comes, and waits for its end, so that a run that is over leaves no process behind. One that hears nothing
    /// is killed: what it has not taken up it must not take up later.
    fn drop(&mut self) {
        // What fails here fails because it is gone, and the read says so.
        let _ = self.socket.shutdown(Shutdown::Write);
        let mut ends = self.ends();
        if !ends {
            let _ = self.child.kill();
            ends = self.ends();
        }
        if ends {
            let _ = self.child.wait();
        }
    }
}
