//! Owns attempts that may change the world: a process group of its own, output into one file, a timeout, the ladder of
//! signals, and what is noted for a runner that comes after a crash. What the end means is the engine's business.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::Pid;
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::process::Child;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::clock::Look;
use super::group;
use super::mask::Mask;
use super::outputs::{Files, Identity, boot_id};
use super::program::Program;
use super::scene::Scene;
use super::secrets::Delivered;
use super::stop::Stop;
use super::text;
use crate::engine::Outcome;
use crate::value::Millis;

/// Children that are about to end by themselves when their leader has are no leak.
const SETTLE: Duration = Duration::from_millis(100);

/// How long output is waited for that a process outside the group may still write.
const DRAIN: Duration = Duration::from_secs(1);

/// What is said of an attempt that ended before its children did.
const LEAK: &str = "it left processes running behind it, which were ended";

/// What bounds an attempt.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// TERM after this.
    pub(super) timeout: Millis,
    /// KILL so much after TERM.
    pub(super) grace: Millis,
}

/// Runs an attempt to its end and notes it. The files say at any time what is known of it.
pub(super) async fn run(
    (program, scene): (&Program, &Scene),
    files: &Files,
    bounds: Bounds,
    secrets: &Delivered,
    stop: Stop,
) -> Outcome {
    let outcome = attempt((program, scene), files, bounds, secrets, stop).await;
    // The journal is about to know; the note only matters if the runner dies before.
    let _ = files.keep_outcome(&outcome);
    outcome
}

async fn attempt(
    (program, scene): (&Program, &Scene),
    files: &Files,
    bounds: Bounds,
    secrets: &Delivered,
    stop: Stop,
) -> Outcome {
    let file = match files.begin() {
        Ok(file) => file,
        Err(error) => {
            let path = files.output();
            return not_started(&format!(
                "its output file {} cannot be made: {}",
                path.display(),
                text::reason(&error)
            ));
        }
    };
    let started = match spawn(program, scene, file, &secrets.mask) {
        Ok(started) => started,
        Err(error) => return not_started(&program.refusal(&error)),
    };
    let Some(group) = started.child.id().and_then(as_pid) else {
        return Outcome::Unknown {
            why: "the system gave no process id".to_owned(),
        };
    };
    let pid = group.as_raw_nonzero().get();
    // Without this note a runner after a crash cannot find the process; the outcome is unknown then, which is safe.
    let _ = files.keep_identity(&Identity {
        pid,
        start: group::listed(pid).map(|listed| listed.start),
        boot: boot_id(),
        wall: Look::now().wall,
        timeout: bounds.timeout.0,
        grace: bounds.grace.0,
        secrets: secrets.folder.clone(),
    });
    watch(started, (group, bounds), files, stop).await
}

fn not_started(why: &str) -> Outcome {
    Outcome::NotStarted {
        why: why.to_owned(),
    }
}

fn as_pid(id: u32) -> Option<Pid> {
    Pid::from_raw(id.try_into().ok()?)
}

/// A running attempt.
struct Started {
    child: Child,
    /// Copies its output into the file and masks it; ends when the last writer does.
    copying: Option<JoinHandle<io::Result<()>>>,
}

fn spawn(program: &Program, scene: &Scene, file: File, mask: &Mask) -> io::Result<Started> {
    let mut command = std::process::Command::new(&program.path);
    command
        .args(&program.args)
        .current_dir(&program.dir)
        .env_clear()
        .envs(scene.vars())
        .stdin(Stdio::null())
        .process_group(0);
    let copying = if mask.is_none() {
        command.stderr(file.try_clone()?).stdout(file);
        None
    } else {
        let (reader, writer) = io::pipe()?;
        command.stderr(writer.try_clone()?).stdout(writer);
        // The step keeps a reading end too: when this runner dies, what it prints is lost, but printing does not kill it.
        let kept = reader.try_clone()?;
        rustix::io::fcntl_setfd(&kept, rustix::io::FdFlags::empty())?;
        let reader = Receiver::from_owned_fd(OwnedFd::from(reader))?;
        Some((reader, file, kept))
    };
    let mut command = tokio::process::Command::from(command);
    let child = command.spawn()?;
    // The writing ends of the pipe go with the command; only then can the reading end see the end.
    drop(command);
    let copying = copying.map(|(reader, file, _)| tokio::spawn(copy(reader, file, mask.clone())));
    Ok(Started { child, copying })
}

/// Copies a stream into a file and masks it. It reads on when the file takes no more, so that the step is not held up.
async fn copy(mut reader: Receiver, mut file: File, mask: Mask) -> io::Result<()> {
    let mut stream = mask.stream();
    let mut chunk = vec![0; 64 * 1024];
    let mut out = Vec::new();
    let mut kept = Ok(());
    loop {
        let count = reader.read(&mut chunk).await.unwrap_or(0);
        if count == 0 {
            stream.finish(&mut out);
        } else {
            stream.push(chunk.get(..count).unwrap_or_default(), &mut out);
        }
        if kept.is_ok() {
            kept = file.write_all(&out);
        }
        out.clear();
        if count == 0 {
            return kept;
        }
    }
}

/// Why an attempt is ended from outside.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Forced {
    TimedOut,
    Stopped,
}

async fn watch(
    mut started: Started,
    (group, bounds): (Pid, Bounds),
    files: &Files,
    mut stop: Stop,
) -> Outcome {
    let forced = tokio::select! {
        biased;
        status = started.child.wait() => Err(status),
        () = stop.asked() => Ok(Forced::Stopped),
        () = sleep(bounds.timeout.to_std()) => Ok(Forced::TimedOut),
    };
    let grace = bounds.grace.to_std();
    let leaked = match &forced {
        Ok(_) => false,
        Err(_) => !group::is_gone_within(group, SETTLE).await,
    };
    if forced.is_ok() || leaked {
        if let Err(why) = group::end(group, grace).await {
            return Outcome::Unknown { why };
        }
        // Collected here, so that it does not stay in the list of processes.
        let _ = timeout(DRAIN, started.child.wait()).await;
    }
    let lost = drained(started.copying).await;
    match forced {
        Ok(Forced::TimedOut) => Outcome::TimedOut,
        Ok(Forced::Stopped) => Outcome::Stopped,
        Err(Err(error)) => Outcome::Unknown {
            why: format!("its end was missed: {error}"),
        },
        Err(Ok(status)) => {
            let leak = leaked.then(|| LEAK.to_owned());
            ended(status, leak.into_iter().chain(lost).collect(), files)
        }
    }
}

/// Waits until the output is in the file; a sentence when it is not.
async fn drained(copying: Option<JoinHandle<io::Result<()>>>) -> Option<String> {
    let copying = copying?;
    let stop = copying.abort_handle();
    match timeout(DRAIN, copying).await {
        Ok(Ok(Ok(()))) => None,
        Ok(Ok(Err(error))) => Some(format!(
            "its output could not be kept: {}",
            text::reason(&error)
        )),
        Ok(Err(_)) => Some("its output could not be kept".to_owned()),
        Err(_) => {
            stop.abort();
            Some("a process that left its group may still print".to_owned())
        }
    }
}

/// How the leader ended, with what it said last and what else there is to say.
fn ended(status: ExitStatus, mut said: Vec<String>, files: &Files) -> Outcome {
    let Some(status) = status.code() else {
        return Outcome::Signalled {
            signal: status.signal().unwrap_or(0),
        };
    };
    let line = files.last_line();
    if status != 0 && !line.is_empty() {
        said.insert(0, line);
    }
    Outcome::Exited {
        status,
        said: said.join("; "),
    }
}
