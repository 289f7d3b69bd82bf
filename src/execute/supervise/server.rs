//! Owns the server of supervisors: the one process that a runner starts for them, which becomes a supervisor for each attempt by forking.
//! So a program of this size is loaded and made ready once in a run. It ends with its runner; supervisors go on without either.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use nix::sys::signal::{SigHandler, Signal, signal};
use nix::unistd::{ForkResult, fork};
use rustix::process::setsid;
use rustix::stdio::{dup2_stderr, dup2_stdin};
use rustix::thread::set_name;
use signal_hook::low_level::exit;

use super::handover::Handover;
use super::{answer, not_started, supervisor};
use crate::execute::text;

/// The whole life of the server; its exit status means nothing. Its stdin is the socket through which it is told, its other streams are
/// nothing.
#[must_use]
pub fn supervise() -> u8 {
    // Fails only for the leader of a group, which then has a session of its own or is started by hand.
    let _ = setsid();
    let _ = set_name(c"supervise");
    let Ok(socket) = apart().and_then(|socket| forgetful().map(|()| socket)) else {
        return 1;
    };
    loop {
        let handover = match Handover::receive(&socket) {
            Ok(Some(handover)) => handover,
            // What was not whole is dropped, and its runner sees that nobody has it.
            Err(error) if error.kind() == io::ErrorKind::InvalidData => continue,
            Ok(None) | Err(_) => return 0,
        };
        match forked() {
            Ok(ForkResult::Parent { .. }) => {}
            Ok(ForkResult::Child) => {
                drop(socket);
                exit(i32::from(become_one(handover)));
            }
            Err(error) => {
                let why = text::reason(&error.into());
                let why = format!("its supervisor cannot be started: {why}");
                let _ = answer(&handover.memory, &not_started(&why));
            }
        }
    }
}

/// The socket, where no supervisor and no step finds it.
fn apart() -> io::Result<UnixStream> {
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    dup2_stdin(File::open("/dev/null")?)?;
    Ok(socket)
}

/// Nobody asks how a supervisor ended, so none of them has to be collected.
#[expect(
    unsafe_code,
    reason = "before anything else happens, and no function of ours is called by the signal"
)]
fn forgetful() -> io::Result<()> {
    // SAFETY: the signal is ignored, so nothing is called; whoever wants it later sets it for itself.
    unsafe { signal(Signal::SIGCHLD, SigHandler::SigIgn) }?;
    Ok(())
}

#[expect(
    unsafe_code,
    reason = "this process has one thread, so nothing that the child uses is held by another"
)]
fn forked() -> nix::Result<ForkResult> {
    // SAFETY: there is one thread, so allocation, files and locks work in the child as they do here.
    unsafe { fork() }
}

fn become_one(handover: Handover) -> u8 {
    // Fails never: a child leads no group.
    let _ = setsid();
    if let Some(terminal) = &handover.terminal
        && dup2_stderr(terminal).is_err()
    {
        return 1;
    }
    supervisor(handover)
}
