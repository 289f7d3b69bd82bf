//! Owns finding what a command runs: the shell or a program, and the directory it runs in. Missing things are named here,
//! because the system says the same words for a missing program and a missing directory. It starts nothing.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::parts::{self, Found};
use super::request::REQUEST;
use super::scene::Scene;
use super::text;
use crate::plan::Command;

/// An absolute path, so that the system can start it without copying this process.
const SHELL: &str = "/bin/sh";

/// A program that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Program {
    pub(super) path: PathBuf,
    pub(super) args: Vec<OsString>,
    pub(super) dir: PathBuf,
}

impl Program {
    /// Finds what a command runs.
    ///
    /// # Errors
    /// What is missing, as a sentence.
    pub(super) fn find(command: &Command, scene: &Scene) -> Result<Self, String> {
        let dir = scene.dir().to_owned();
        if !dir.is_dir() {
            let what = if dir.exists() {
                "is not a directory"
            } else {
                "is not there"
            };
            return Err(format!("the directory {} {what}", dir.display()));
        }
        match command {
            Command::Shell { text } => Ok(Self {
                path: PathBuf::from(SHELL),
                args: ["-eu", "-c", text].map(OsString::from).to_vec(),
                dir,
            }),
            Command::Exec { argv } => {
                let mut words = argv.iter().map(|word| scene.fill(word));
                let name = words.next().unwrap_or_default();
                let path = located(&name, &dir, scene.get("PATH"))?;
                let args = words.map(OsString::from).collect();
                Ok(Self { path, args, dir })
            }
            Command::Http { .. } | Command::Sql { .. } => {
                Err("this is no program, and stands in a step alone".to_owned())
            }
            Command::Block { parts } => {
                let script = parts::script(parts, scene, Found::Here)?;
                let args = ["-c".into(), OsString::from_vec(script)].to_vec();
                let path = PathBuf::from(SHELL);
                Ok(Self { path, args, dir })
            }
        }
    }

    /// This program again, as what makes a request.
    pub(super) fn for_a_request(this: &Path, dir: &Path) -> Self {
        Self {
            path: this.to_owned(),
            args: vec![REQUEST.into()],
            dir: dir.to_owned(),
        }
    }

    /// Why the system does not start it, as a sentence.
    pub(super) fn refusal(&self, error: &io::Error) -> String {
        let path = self.path.display();
        if error.kind() == io::ErrorKind::NotFound && self.path.exists() && self.dir.is_dir() {
            return format!(
                "{path} cannot be run: the interpreter that its first line names is not there"
            );
        }
        format!("{path} cannot be run: {}", text::reason(error))
    }
}

/// The absolute path of a program: searched on the PATH, or seen from the directory when its name holds a slash.
pub(super) fn located(name: &str, dir: &Path, path: Option<&OsStr>) -> Result<PathBuf, String> {
    if name.is_empty() {
        return Err("the program's name is empty".to_owned());
    }
    if name.contains('/') {
        let file = dir.join(name);
        return if !file.exists() {
            Err(format!(
                "the program {name} is not there, seen from {}",
                dir.display()
            ))
        } else if !is_program(&file) {
            Err(format!(
                "{name}, seen from {}, is not an executable file",
                dir.display()
            ))
        } else {
            Ok(file)
        };
    }
    path.unwrap_or_default()
        .as_bytes()
        .split(|byte| *byte == b':')
        .map(|entry| dir.join(OsStr::from_bytes(entry)).join(name))
        .find(|file| is_program(file))
        .ok_or_else(|| format!("the program `{name}` is not on the PATH"))
}

fn is_program(file: &Path) -> bool {
    file.metadata()
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}
