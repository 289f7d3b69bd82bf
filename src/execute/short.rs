//! Owns short read-only commands: probes, reads, `unless`, metrics, secrets. Each has its own group, a deadline, and a
//! bounded amount of output. Whatever may change the world goes through `steps`.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::Pid;
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::time::{sleep, timeout};

use super::group;
use super::mask::Mask;
use super::program::Program;
use super::scene::Scene;
use super::stop::Stop;
use super::supervise::assume;
use super::text;

/// More output than this is thrown away.
const MOST: usize = 64 * 1024;

/// Between TERM and KILL: what only reads has nothing to tidy up.
const GRACE: Duration = Duration::from_secs(1);

/// A process outside the group may hold the pipe open after the group is gone; nobody waits for it longer than this.
const DRAIN: Duration = Duration::from_secs(1);

/// How a short command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Exited(i32),
    Signalled(i32),
    TimedOut,
    Stopped,
}

/// What a short command did.
#[derive(Clone, Debug)]
pub(super) struct Short {
    pub(super) end: End,
    /// What it printed, at most [`MOST`] bytes.
    pub(super) output: Vec<u8>,
    /// What it complained, at most [`MOST`] bytes.
    pub(super) complaint: Vec<u8>,
}

impl Short {
    /// The last line of its complaint, or else of its output; safe to show.
    pub(super) fn said(&self) -> String {
        let said = text::last_line(&self.complaint);
        if said.is_empty() {
            text::last_line(&self.output)
        } else {
            said
        }
    }

    /// What it printed, trimmed; bytes that are no text are replaced.
    pub(super) fn printed(&self) -> String {
        String::from_utf8_lossy(&self.output).trim().to_owned()
    }

    /// Masks what it printed.
    pub(super) fn masked(mut self, mask: &Mask) -> Self {
        self.output = mask.whole(&self.output);
        self.complaint = mask.whole(&self.complaint);
        self
    }
}

/// Runs a short command to its end, its deadline, or until `stop` says so.
///
/// # Errors
/// A sentence when it could not be started.
pub(super) async fn run(
    (program, input): (&Program, Option<Vec<u8>>),
    scene: &Scene,
    deadline: Duration,
    stop: &mut Stop,
) -> Result<Short, String> {
    let (handle, output, complaint) =
        start((program, input), scene).map_err(|error| program.refusal(&error))?;
    let leader = handle.pids().first().and_then(|pid| (*pid).try_into().ok());
    let Some(group) = leader.and_then(Pid::from_raw) else {
        return Err("the system gave no process id".to_owned());
    };
    let reading = tokio::spawn(async { tokio::join!(bounded(output), bounded(complaint)) });
    let mut waiting = tokio::task::spawn_blocking(move || handle.wait().map(|out| out.status));
    let (forced, status) = tokio::select! {
        biased;
        status = &mut waiting => (None, Some(status)),
        () = stop.asked() => (Some(End::Stopped), None),
        () = sleep(deadline) => (Some(End::TimedOut), None),
    };
    // What it left behind is ended too; a process that cannot be ended changes nothing about the answer. What has used up its time gets no
    // more of it: that is what the bounds count with.
    let grace = match forced {
        Some(End::TimedOut) => Duration::ZERO,
        Some(End::Stopped | End::Exited(_) | End::Signalled(_)) | None => GRACE,
    };
    let _ = group::end(group, grace).await;
    let status = match status {
        Some(status) => Some(status),
        None => timeout(DRAIN, waiting).await.ok(),
    };
    let (output, complaint) = timeout(DRAIN, reading)
        .await
        .ok()
        .and_then(Result::ok)
        .unwrap_or_default();
    let end = match (forced, status) {
        (Some(forced), _) => forced,
        (None, Some(Ok(Ok(status)))) => ended(status),
        (None, Some(Ok(Err(error)))) => return Err(error.to_string()),
        (None, Some(Err(_)) | None) => return Err("its end was missed".to_owned()),
    };
    Ok(Short {
        end,
        output,
        complaint,
    })
}

fn ended(status: std::process::ExitStatus) -> End {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => End::Exited(code),
        (None, Some(signal)) => End::Signalled(signal),
        (None, None) => End::Signalled(0),
    }
}

type Started = (Arc<duct::Handle>, Receiver, Receiver);

fn start((program, input): (&Program, Option<Vec<u8>>), scene: &Scene) -> io::Result<Started> {
    let (output, output_end) = io::pipe()?;
    let (complaint, complaint_end) = io::pipe()?;
    let command = duct::cmd(&program.path, &program.args);
    let command = match input {
        None => command.stdin_null(),
        Some(input) => command.stdin_bytes(input),
    };
    let account = scene.account().cloned();
    let handle = command
        .dir(&program.dir)
        .full_env(scene.vars())
        .stdout_file(output_end)
        .stderr_file(complaint_end)
        .unchecked()
        .before_spawn(move |command| {
            use std::os::unix::process::CommandExt;
            command.process_group(0);
            if let Some(account) = &account {
                assume(command, account);
            }
            Ok(())
        })
        .start()?;
    let receiver = |pipe| Receiver::from_owned_fd(OwnedFd::from(pipe));
    Ok((Arc::new(handle), receiver(output)?, receiver(complaint)?))
}

/// The beginning of what comes; the rest is read and thrown away, so that the writer is not held up.
async fn bounded(mut pipe: Receiver) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut chunk = vec![0; 16 * 1024];
    loop {
        match pipe.read(&mut chunk).await {
            Ok(0) | Err(_) => return kept,
            Ok(count) => {
                let free = MOST.saturating_sub(kept.len());
                kept.extend_from_slice(chunk.get(..count.min(free)).unwrap_or_default());
            }
        }
    }
}
