//! Owns the way from a runner to the supervisors of its attempts: it starts their server when the first is wanted, and another when that
//! one was killed. What a supervisor does is not its matter.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rustix::io::Errno;
use tokio::time::{Instant, sleep};

use super::supervise::{Handover, SUPERVISE};

/// The pause before it is tried again, while the server has more to do than it may have at once.
const PAUSE: Duration = Duration::from_millis(2);

/// A server that has taken nothing for so long is stuck: another one is started.
const STUCK: Duration = Duration::from_secs(5);

/// A server is started so many times for one attempt.
const STARTS: u32 = 3;

/// The server of a runner.
#[derive(Debug)]
pub(super) struct Server {
    /// This program.
    program: PathBuf,
    /// The folder of the run, for people who look at the list of processes.
    run: PathBuf,
    /// The way to the one that was started last.
    socket: Mutex<Option<UnixStream>>,
}

impl Server {
    pub(super) fn new(program: PathBuf, run: PathBuf) -> Self {
        Self {
            program,
            run,
            socket: Mutex::new(None),
        }
    }

    /// Lets an attempt be supervised.
    ///
    /// # Errors
    /// When no server can be started, or none takes it.
    pub(super) async fn hand(&self, handover: &Handover) -> io::Result<()> {
        let mut starts = 0;
        let mut from = Instant::now();
        loop {
            match self.try_to_hand(handover, &mut starts)? {
                Ok(()) => return Ok(()),
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
    fn try_to_hand(&self, handover: &Handover, starts: &mut u32) -> io::Result<Result<(), Errno>> {
        let mut socket = self.lock();
        let to = match socket.take() {
            Some(to) => to,
            None => {
                *starts = starts.saturating_add(1);
                self.start()?
            }
        };
        let sent = handover.send(&to);
        *socket = Some(to);
        Ok(sent)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<UnixStream>> {
        self.socket.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(&self) -> io::Result<UnixStream> {
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
        // Collected by the runtime when it is killed.
        drop(tokio::process::Command::from(command).spawn()?);
        Ok(near)
    }
}
