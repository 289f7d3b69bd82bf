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
    let value = match files.is_apart().then(|| files.begin_value()).transpose() {
        Ok(value) => value,
        Err(error) => {
            return not_started(&format!(
                "the file of its value cannot be made: {}",
                text::reason(&error)
            ));
        }
    };
    let started = match spawn((program, scene), (file, value), &secrets.mask) {
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
    copying: Option<JoinHandle<io::Result<Masked>>>,
    /// The same of its standard output, where that is a value.
    valuing: Option<JoinHandle<io::Result<Masked>>>,
}

/// Whether a secret was in what was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Masked {
    Something,
    Nothing,
}

fn spawn(
    (program, scene): (&Program, &Scene),
    (file, value): (File, Option<File>),
    mask: &Mask,
) -> io::Result<Started> {
    let mut command = std::process::Command::new(&program.path);
    command
        .args(&program.args)
        .current_dir(&program.dir)
        .env_clear()
        .envs(scene.vars())
        .stdin(Stdio::null())
        .process_group(0);
    let (mut copying, mut valuing) = (None, None);
    if mask.is_none() {
        let value = value.map_or_else(|| file.try_clone(), Ok)?;
        command.stderr(file).stdout(value);
    } else {
        let (piped, writer) = Piped::new(file)?;
        command.stderr(writer.try_clone()?);
        match value {
            None => command.stdout(writer),
            Some(value) => {
                let (piped, writer) = Piped::new(value)?;
                valuing = Some(piped);
                command.stdout(writer)
            }
        };
        copying = Some(piped);
    }
    let mut command = tokio::process::Command::from(command);
    let child = command.spawn()?;
    // The writing ends of the pipe go with the command; only then can the reading end see the end.
    drop(command);
    let copied = |piped: Piped| tokio::spawn(copy(piped.reader, piped.file, mask.clone()));
    Ok(Started {
        child,
        copying: copying.map(copied),
        valuing: valuing.map(copied),
    })
}

/// A pipe whose end is copied into a file.
struct Piped {
    reader: Receiver,
    file: File,
    /// The step keeps a reading end too: when this runner dies, what it prints is lost, but printing does not kill it.
    _kept: io::PipeReader,
}

impl Piped {
    fn new(file: File) -> io::Result<(Self, io::PipeWriter)> {
        let (reader, writer) = io::pipe()?;
        let kept = reader.try_clone()?;
        rustix::io::fcntl_setfd(&kept, rustix::io::FdFlags::empty())?;
        let reader = Receiver::from_owned_fd(OwnedFd::from(reader))?;
        let piped = Self {
            reader,
            file,
            _kept: kept,
        };
        Ok((piped, writer))
    }
}

/// Copies a stream into a file and masks it. It reads on when the file takes no more, so that the step is not held up.
async fn copy(mut reader: Receiver, mut file: File, mask: Mask) -> io::Result<Masked> {
    let mut stream = mask.stream();
    let mut chunk = vec![0; 64 * 1024];
    let mut out = Vec::new();
    let mut kept = Ok(());
    // What stands for a secret is shorter than every secret.
    let (mut came, mut went) = (0_usize, 0_usize);
    loop {
        let count = reader.read(&mut chunk).await.unwrap_or(0);
        came = came.wrapping_add(count);
        if count == 0 {
            stream.finish(&mut out);
        } else {
            stream.push(chunk.get(..count).unwrap_or_default(), &mut out);
        }
        if kept.is_ok() {
            kept = file.write_all(&out);
        }
        went = went.wrapping_add(out.len());
        out.clear();
        if count == 0 {
            return kept.map(|()| {
                if came == went {
                    Masked::Nothing
                } else {
                    Masked::Something
                }
            });
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
    let (lost, _) = drained(started.copying).await;
    let (unvalued, masked) = drained(started.valuing).await;
    let lost = lost.or(unvalued.clone());
    match forced {
        Ok(Forced::TimedOut) => Outcome::TimedOut,
        Ok(Forced::Stopped) => Outcome::Stopped,
        Err(Err(error)) => Outcome::Unknown {
            why: format!("its end was missed: {error}"),
        },
        Err(Ok(status)) => {
            let leak = leaked.then(|| LEAK.to_owned());
            let outcome = ended(status, leak.into_iter().chain(lost).collect(), files);
            if files.is_apart() && matches!(outcome, Outcome::Exited { status: 0, .. }) {
                valued(files, unvalued, masked)
            } else {
                outcome
            }
        }
    }
}

/// The value of a capture that ended well.
fn valued(files: &Files, lost: Option<String>, masked: Masked) -> Outcome {
    let refused = |said: String| Outcome::Exited { status: 1, said };
    match (lost, masked) {
        (Some(lost), _) => refused(lost),
        (None, Masked::Something) => {
            refused("it printed a secret, and a secret is never kept as a value".to_owned())
        }
        (None, Masked::Nothing) => match files.value() {
            Ok(text) => Outcome::Printed { text },
            Err(error) => refused(format!(
                "its value cannot be read: {}",
                text::reason(&error)
            )),
        },
    }
}

/// Waits until the output is in the file; a sentence when it is not.
async fn drained(copying: Option<JoinHandle<io::Result<Masked>>>) -> (Option<String>, Masked) {
    let Some(copying) = copying else {
        return (None, Masked::Nothing);
    };
    let stop = copying.abort_handle();
    let lost = match timeout(DRAIN, copying).await {
        Ok(Ok(Ok(masked))) => return (None, masked),
        Ok(Ok(Err(error))) => Some(format!(
            "its output could not be kept: {}",
            text::reason(&error)
        )),
        Ok(Err(_)) => Some("its output could not be kept".to_owned()),
        Err(_) => {
            stop.abort();
            Some("a process that left its group may still print".to_owned())
        }
    };
    (lost, Masked::Nothing)
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
