//! Owns the start of a step's process. The new process shares this one's memory until it becomes the step: the copy of a program of this
//! size, page by page, costs more than everything else that a short step needs.

use std::convert::Infallible;
use std::ffi::{CString, OsStr};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;

use nix::sched::{CloneFlags, clone};
use nix::sys::signal::{SigHandler, SigSet, Signal, signal};
use nix::unistd::execvpe;
use rustix::process::{Pid, WaitOptions, chdir, waitpid};
use rustix::stdio::{dup2_stderr, dup2_stdin, dup2_stdout};

use super::super::program::Program;

/// What the new process has for its own work before it is the step.
const STACK: usize = 256 * 1024;

/// Something that the new process does before it becomes the step.
type Before<'a> = Box<dyn FnMut() -> io::Result<()> + 'a>;

/// A process to be started.
pub(super) struct Start<'a> {
    path: CString,
    /// The program's name is the first of them.
    args: Vec<CString>,
    vars: Vec<CString>,
    dir: CString,
    stdin: Option<OwnedFd>,
    stdout: Option<OwnedFd>,
    stderr: Option<OwnedFd>,
    before: Vec<Before<'a>>,
}

impl<'a> Start<'a> {
    /// What there is to start, with nothing of this process's environment.
    ///
    /// # Errors
    /// When a word of it has a zero byte.
    pub(super) fn new(
        program: &Program,
        vars: &[(impl AsRef<OsStr>, impl AsRef<OsStr>)],
    ) -> io::Result<Self> {
        let path = word(program.path.as_os_str())?;
        let args = program.args.iter().map(|arg| word(arg));
        let args = std::iter::once(Ok(path.clone())).chain(args);
        let vars = vars.iter().map(|(name, value)| {
            let (name, value) = (name.as_ref().as_bytes(), value.as_ref().as_bytes());
            Ok(CString::new([name, b"=", value].concat())?)
        });
        Ok(Self {
            args: args.collect::<io::Result<_>>()?,
            vars: vars.collect::<io::Result<_>>()?,
            dir: word(program.dir.as_os_str())?,
            path,
            stdin: None,
            stdout: None,
            stderr: None,
            before: Vec::new(),
        })
    }

    /// What it reads; without that, what this process reads.
    pub(super) fn stdin(&mut self, from: impl Into<OwnedFd>) {
        self.stdin = Some(from.into());
    }

    /// Where it prints.
    pub(super) fn stdout(&mut self, to: impl Into<OwnedFd>) {
        self.stdout = Some(to.into());
    }

    /// Where it complains.
    pub(super) fn stderr(&mut self, to: impl Into<OwnedFd>) {
        self.stderr = Some(to.into());
    }

    /// Lets the new process do something before it becomes the step, after all that was given before.
    pub(super) fn before(&mut self, what: impl FnMut() -> io::Result<()> + 'a) {
        self.before.push(Box::new(what));
    }

    /// Starts it.
    ///
    /// # Errors
    /// When it could not become the step; then it is gone.
    #[expect(
        unsafe_code,
        reason = "this process has one thread, which stands still until the new one has become the step or is gone"
    )]
    pub(super) fn start(mut self) -> io::Result<Pid> {
        let mut stack = vec![0; STACK];
        let mut failed = None;
        let become_it = || {
            let Err(error) = self.become_it();
            failed = Some(error);
            1
        };
        let flags = CloneFlags::CLONE_VM | CloneFlags::CLONE_VFORK;
        let end = Some(Signal::SIGCHLD as i32);
        // SAFETY: both processes use this memory, one after the other; what the new one calls needs no other thread, and no signal calls
        // a function of ours. Its stack is its own.
        let started = unsafe { clone(Box::new(become_it), &mut stack, flags, end) }?;
        let pid = Pid::from_raw(started.as_raw())
            .ok_or_else(|| io::Error::other("the system gave no process id"))?;
        match failed {
            None => Ok(pid),
            Some(error) => {
                // It is over, so this does not wait.
                let _ = waitpid(Some(pid), WaitOptions::empty());
                Err(error)
            }
        }
    }

    /// What the new process does. It returns when it could not become the step.
    fn become_it(&mut self) -> io::Result<Infallible> {
        if let Some(stdin) = &self.stdin {
            dup2_stdin(stdin)?;
        }
        if let Some(stdout) = &self.stdout {
            dup2_stdout(stdout)?;
        }
        if let Some(stderr) = &self.stderr {
            dup2_stderr(stderr)?;
        }
        chdir(self.dir.as_c_str())?;
        for before in &mut self.before {
            before()?;
        }
        hears_everything()?;
        Ok(execvpe(&self.path, &self.args, &self.vars)?)
    }
}

/// Signals that this process hears in its own way are the step's again.
#[expect(
    unsafe_code,
    reason = "a signal is given back to the system, and no function of ours is called by it"
)]
fn hears_everything() -> io::Result<()> {
    // SAFETY: nothing is called; the signals of this process stay what they are.
    unsafe { signal(Signal::SIGPIPE, SigHandler::SigDfl) }?;
    SigSet::empty().thread_set_mask()?;
    Ok(())
}

fn word(text: &OsStr) -> io::Result<CString> {
    Ok(CString::new(text.as_bytes())?)
}
