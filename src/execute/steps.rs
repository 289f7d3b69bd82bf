//! Owns attempts that may change the world, as a runner sees them: it has a supervisor started for each, passes the order to stop on
//! to it, and takes the end from it. What a step is given, how it is bounded and ended is the supervisor's.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rustix::process::getpid;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::sleep;

use super::fate::await_end;
use super::operator::Lent;
use super::outputs::Files;
use super::program::Program;
use super::request::Remote;
use super::scene::Scene;
use super::secrets::Delivered;
use super::server::{Handed, Server};
use super::ssh::Line;
use super::stop::Stop;
use super::supervise::{Brief, Handover};
use super::text;
use crate::engine::Outcome;
use crate::value::Millis;

/// The pause between two looks at a server that has not taken an attempt up.
const LOOK: Duration = Duration::from_secs(1);

/// What bounds an attempt.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// TERM after this.
    pub(super) timeout: Millis,
    /// KILL so much after TERM.
    pub(super) grace: Millis,
}

/// Runs an attempt to its end. The files say at any time what is known of it.
pub(super) async fn run(
    (program, scene, input): (&Program, &Scene, Option<Vec<u8>>),
    (files, server): (&Files, &Server),
    (bounds, line, request): (Bounds, Option<Line>, Option<Remote>),
    (secrets, lent): (&Delivered, Option<Lent>),
    mut stop: Stop,
) -> Outcome {
    if let Err(error) = files.begin() {
        return not_started(&format!(
            "its output file {} cannot be made: {}",
            files.output().display(),
            text::reason(&error)
        ));
    }
    let brief = Brief {
        program: program.clone(),
        vars: scene
            .vars()
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
        secrets: secrets.values.clone(),
        folder: secrets.folder.clone(),
        files: files.clone(),
        bounds,
        line,
        input,
        request,
        account: scene.account().cloned(),
        at_terminal: lent.is_some(),
        runner: getpid().as_raw_nonzero().get(),
    };
    match start(server, &brief, lent.as_ref()).await {
        Ok((life, memory, handed)) => {
            wait(life, &mut stop, (files, server, handed)).await;
            if let Some(lent) = &lent {
                lent.back();
            }
            match answer(memory) {
                Some(outcome) => outcome,
                // The supervisor was killed. What there is of the step goes on with its bounds, watched from here.
                None => await_end(files.clone(), stop).await,
            }
        }
        Err(error) => not_started(&format!(
            "its supervisor cannot be started: {}",
            text::reason(&error)
        )),
    }
}

fn not_started(why: &str) -> Outcome {
    Outcome::NotStarted {
        why: why.to_owned(),
    }
}

/// Has a supervisor started: its brief is in memory that only the two share, so that this runner's death takes nothing from it.
async fn start(
    server: &Server,
    brief: &Brief,
    lent: Option<&Lent>,
) -> io::Result<(tokio::net::UnixStream, File, Handed)> {
    let lock = brief.files.lock()?;
    let mut memory = memory()?;
    memory.write_all(&brief.to_bytes())?;
    memory.seek(SeekFrom::Start(0))?;
    let (life, far) = UnixStream::pair()?;
    life.set_nonblocking(true)?;
    let handover = Handover {
        memory,
        lock,
        life: far,
        terminal: lent.map(|lent| lent.terminal.try_clone()).transpose()?,
    };
    let handed = server.hand(&handover).await?;
    let life = tokio::net::UnixStream::from_std(life)?;
    Ok((life, handover.memory, handed))
}

/// Memory that reads and writes like a file.
#[cfg(target_os = "linux")]
pub(super) fn memory() -> io::Result<File> {
    use rustix::fs::{MemfdFlags, memfd_create};
    Ok(File::from(memfd_create("runbook", MemfdFlags::CLOEXEC)?))
}

/// Where the system has no such memory, a file without a name is the closest to it.
#[cfg(not(target_os = "linux"))]
pub(super) fn memory() -> io::Result<File> {
    tempfile::tempfile()
}

/// Waits for the supervisor's end, and passes an order to stop on to it. Until there is one, it is looked at whether there can be one.
async fn wait(
    mut life: tokio::net::UnixStream,
    stop: &mut Stop,
    (files, server, handed): (&Files, &Server, Handed),
) {
    let mut nothing = [0];
    let (mut is_told, mut is_taken_up) = (false, false);
    loop {
        tokio::select! {
            biased;
            _ = life.read(&mut nothing) => return,
            () = stop.asked(), if !is_told => {
                is_told = true;
                // One that is gone needs no order.
                let _ = life.write_all(b"!").await;
            }
            () = sleep(LOOK), if !is_taken_up => {
                is_taken_up = files.was_taken_up();
                if !is_taken_up {
                    server.end_stopped(handed);
                }
            }
        }
    }
}

/// What the supervisor has left in the memory; nothing when it was killed before.
fn answer(mut memory: File) -> Option<Outcome> {
    let mut bytes = Vec::new();
    memory.seek(SeekFrom::Start(0)).ok()?;
    memory.read_to_end(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}
