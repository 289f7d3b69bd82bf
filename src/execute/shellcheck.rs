//! Owns the program shellcheck: finds it, and asks it about shell texts. It is started only when somebody asks for it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::program::located;
use crate::check::Remark;

/// A text that takes it longer is not waited for.
const PATIENCE: Duration = Duration::from_secs(120);

/// How many texts it is given at once.
const AT_ONCE: usize = 200;

/// What it must not say: that a variable is not set (`check` knows which are), and that the first line names no shell.
const NOT_ASKED: &str = "--exclude=SC2154,SC2148";

/// Its settings.
const SETTINGS: &str = ".shellcheckrc";

/// The program, which is there.
#[derive(Clone, Debug)]
pub struct Shellcheck {
    path: PathBuf,
}

#[derive(Deserialize)]
struct Answer {
    comments: Vec<Comment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Comment {
    file: String,
    line: usize,
    end_line: usize,
    column: usize,
    end_column: usize,
    level: String,
    code: u32,
    message: String,
}

impl Shellcheck {
    /// Looks for it on a PATH.
    ///
    /// # Errors
    /// That it is not there, as a sentence.
    pub fn find(path: Option<&OsStr>) -> Result<Self, String> {
        let path = located("shellcheck", Path::new("/"), path)?;
        Ok(Self { path })
    }

    /// What it says of texts for `/bin/sh`, with the settings of the nearest `.shellcheckrc` above `dir`.
    ///
    /// # Errors
    /// Why there is no answer, as a sentence.
    pub fn ask(&self, texts: &[&str], dir: &Path) -> Result<Vec<Remark>, String> {
        let mut all = Vec::new();
        for (index, some) in texts.chunks(AT_ONCE).enumerate() {
            let said = self.some(some, dir)?;
            all.extend(said.into_iter().map(|one| Remark {
                text: one.text + index * AT_ONCE,
                ..one
            }));
        }
        Ok(all)
    }

    fn some(&self, texts: &[&str], dir: &Path) -> Result<Vec<Remark>, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let unwritten = |error: std::io::Error| format!("its input cannot be written: {error}");
        let settings = dir.ancestors().map(|above| above.join(SETTINGS));
        if let Some(settings) = settings.into_iter().find(|file| file.is_file()) {
            std::fs::copy(settings, folder.path().join(SETTINGS)).map_err(unwritten)?;
        }
        let mut words = vec!["--format=json1".to_owned(), "--shell=sh".to_owned()];
        words.push(NOT_ASKED.to_owned());
        for (index, text) in texts.iter().enumerate() {
            let name = format!("{index}.sh");
            std::fs::write(folder.path().join(&name), format!("{text}\n")).map_err(unwritten)?;
            words.push(name);
        }
        let answer = self.answer(&words, folder.path())?;
        let number = |file: &str| file.trim_end_matches(".sh").parse().ok();
        let remarks = answer.comments.into_iter().map(|one| {
            Some(Remark {
                text: number(&one.file)?,
                from: (one.line, one.column),
                to: (one.end_line, one.end_column),
                level: one.level,
                code: one.code,
                message: one.message,
            })
        });
        let remarks: Option<Vec<Remark>> = remarks.collect();
        remarks.ok_or_else(|| "it speaks of a file that it was not given".to_owned())
    }

    fn answer(&self, words: &[String], dir: &Path) -> Result<Answer, String> {
        let started = duct::cmd(&self.path, words)
            .dir(dir)
            .stdin_null()
            .stdout_capture()
            .stderr_capture()
            .unchecked()
            .start();
        let started = started.map_err(|error| format!("it cannot be started: {error}"))?;
        let Some(output) = started
            .wait_timeout(PATIENCE)
            .map_err(|error| error.to_string())?
        else {
            let _ = started.kill();
            return Err(format!("no answer within {} s", PATIENCE.as_secs()));
        };
        let said = String::from_utf8_lossy(&output.stderr);
        // 1 says that something was found.
        if !matches!(output.status.code(), Some(0 | 1)) {
            let first = said.lines().next().unwrap_or("it said nothing");
            return Err(format!("{}: {first}", output.status));
        }
        serde_json::from_slice(&output.stdout)
            .map_err(|error| format!("its answer cannot be read: {error}"))
    }
}
