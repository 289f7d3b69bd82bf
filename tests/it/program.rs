//! Owns running the real program in an environment of its own: a new directory, no variable of the caller's, no colour.
//! It must not know what the program is asked to do.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use tempfile::TempDir;

use crate::wait;

/// What the commands of a runbook may count on.
const TOOLS: &str = "/usr/local/bin:/usr/bin:/bin";

/// A directory that is gone after the test, with the program's state in it.
pub(crate) struct Place(TempDir);

impl Place {
    /// In memory where there is such a place: what a disk does when it is told to sync is not tested here.
    pub(crate) fn new() -> Self {
        let made = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        Self(made.expect("a directory"))
    }

    /// The path of a file in it.
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file, at once for whoever reads it meanwhile.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let new = self.at(&format!("{name}.new"));
        std::fs::write(&new, text)
            .and_then(|()| std::fs::rename(&new, self.at(name)))
            .expect("a file in the test's directory is written");
    }

    /// A file's text; nothing when there is no such file.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.at(name)).unwrap_or_default()
    }

    /// The program with these words, in this environment.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_runbook"));
        command
            .args(words)
            .current_dir(self.0.path())
            .env_clear()
            .env("PATH", TOOLS)
            .env("HOME", self.0.path())
            .env("USER", "ann")
            .env("NO_COLOR", "1")
            .env("RUNBOOK_STATE", self.at("state"))
            .stdin(Stdio::null());
        command
    }

    /// Runs it to its end.
    pub(crate) fn call(&self, words: &[&str]) -> Ran {
        Ran::of(&mut self.command(words))
    }

    /// Starts it and lets it run.
    pub(crate) fn start(&self, words: &[&str]) -> Running {
        self.started(self.command(words))
    }

    /// The same for a command that was made of [`Self::command`].
    pub(crate) fn started(&self, mut command: Command) -> Running {
        Running::of(&mut command, self.0.path())
    }
}

/// What came out of the program.
#[derive(Debug)]
pub(crate) struct Ran {
    /// Nothing when a signal ended it.
    pub(crate) status: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().expect("the program starts");
        Self {
            status: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// The program, running. What it says goes to files, so that nobody has to read it for it to go on.
pub(crate) struct Running {
    pub(crate) child: Child,
    out: PathBuf,
    err: PathBuf,
}

impl Running {
    fn of(command: &mut Command, folder: &Path) -> Self {
        // Several may run in one directory.
        let file = |kind| {
            let made = tempfile::Builder::new().prefix(kind).tempfile_in(folder);
            let (file, path) = made.expect("a file").keep().expect("it is kept");
            (Stdio::from(file), path)
        };
        let ((stdout, out), (stderr, err)) = (file("out"), file("err"));
        let child = command.stdout(stdout).stderr(stderr).spawn();
        Self {
            child: child.expect("the program starts"),
            out,
            err,
        }
    }

    /// What it has said on stderr up to now.
    pub(crate) fn err(&self) -> String {
        std::fs::read_to_string(&self.err).expect("what it says can be read")
    }

    /// Waits until it has said this; returns the run that it named.
    pub(crate) fn has_said(&mut self, words: &str) -> String {
        let (child, err) = (&mut self.child, &self.err);
        wait::until(
            &format!("it says `{words}`"),
            || {
                let ended = child.try_wait().expect("the process is ours");
                let said = std::fs::read_to_string(err).expect("what it says can be read");
                assert!(
                    ended.is_none() || said.contains(words),
                    "it ended before it said `{words}`:\n{said}"
                );
                said
            },
            |said| said.contains(words),
        );
        run_named_in(&self.err())
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Ran {
        let mut ended: Option<ExitStatus> = None;
        wait::until(
            "it ends",
            || {
                ended = self.child.try_wait().expect("the process is ours");
                ended.is_some()
            },
            |ended| *ended,
        );
        let text = |path: &Path| {
            let bytes = std::fs::read(path).expect("what it said can be read");
            String::from_utf8_lossy(&bytes).into_owned()
        };
        Ran {
            status: ended.and_then(|status| status.code()),
            out: text(&self.out),
            err: text(&self.err),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A test that fails leaves nothing running; of one that passed it has ended.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The run that is named in what a runner said: its first line is `run 20261123-k3f2: …`.
pub(crate) fn run_named_in(said: &str) -> String {
    said.lines()
        .find_map(|line| line.strip_prefix("run ")?.split_once(':'))
        .unwrap_or_else(|| panic!("no run is named in:\n{said}"))
        .0
        .to_owned()
}
