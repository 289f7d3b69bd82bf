//! Owns the way from a path to a plan: reading, parsing, checking, binding parameters. Everything that is wrong is said.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::USAGE;
use super::args::Values;
use super::library::Project;
use super::say::Say;
use crate::check::Checked;
use crate::diag::{Diagnostic, Diagnostics};
use crate::plan::{Plan, judged, read_files, read_holidays};
use crate::prove::{Shapes, prove};
use crate::source::{SourceFile, Sources};
use crate::syntax::{SIZE_LIMIT, decode};

/// Why there is no text.
pub(super) enum Unread {
    /// The file cannot be opened or read.
    File {
        /// In a sentence.
        message: String,
    },
    /// Its bytes are not the text of a runbook.
    Bytes(Box<Diagnostic>),
}

impl Unread {
    pub(super) fn say(&self, say: &Say) {
        match self {
            Self::File { message } => say.error(
                message,
                "name a runbook file, for example `runbook check release.runbook`",
            ),
            Self::Bytes(why) => say.diagnostic(why, &Sources::default()),
        }
    }

    /// The same for programs.
    pub(super) fn diagnostic(&self) -> Diagnostic {
        match self {
            Self::File { message } => crate::diag::factory::syntax::not_looked_at(message),
            Self::Bytes(why) => (**why).clone(),
        }
    }
}

/// Reads a runbook.
pub(super) fn text(path: &Path) -> Result<SourceFile, Unread> {
    let name = path.display().to_string();
    let bytes = bytes(path).map_err(|why| Unread::File {
        message: format!("{name} cannot be read: {why}"),
    })?;
    decode(&name, bytes).map_err(|why| Unread::Bytes(Box::new(why)))
}

/// Reads a runbook; says why it cannot be read.
pub(super) fn read(path: &Path, say: &Say) -> Option<SourceFile> {
    text(path).map_err(|why| why.say(say)).ok()
}

/// No more bytes than it takes to see that there are too many.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    let words = |error: std::io::Error| {
        let known = [
            (std::io::ErrorKind::NotFound, "there is no such file"),
            (std::io::ErrorKind::PermissionDenied, "you may not read it"),
            (std::io::ErrorKind::IsADirectory, "it is a directory"),
        ];
        known
            .iter()
            .find(|(kind, _)| *kind == error.kind())
            .map_or_else(|| error.to_string(), |(_, words)| (*words).to_owned())
    };
    let file = File::open(path).map_err(words)?;
    let meta = file.metadata().map_err(words)?;
    if meta.is_dir() {
        return Err("it is a directory".to_owned());
    }
    let most = u64::try_from(SIZE_LIMIT)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    // Room for all of it, and a byte by which its end is seen: else it is read in pieces of 32 bytes, 64, 128 …
    let room = usize::try_from(meta.len().saturating_add(1).min(most)).unwrap_or_default();
    let mut bytes = Vec::with_capacity(room);
    file.take(most).read_to_end(&mut bytes).map_err(words)?;
    if bytes.len() > SIZE_LIMIT {
        // The diagnostic names the whole size.
        bytes.resize(
            usize::try_from(meta.len())
                .unwrap_or(bytes.len())
                .max(bytes.len()),
            0,
        );
    }
    Ok(bytes)
}

/// A plan, and what it was made from.
pub(super) struct Compiled {
    pub(super) plan: Plan,
    /// The text of all its files.
    pub(super) text: String,
    checked: Checked,
    sources: Sources,
}

impl Compiled {
    /// Takes it through everything that can happen, with the values that it has now. What ends as none may is said; the exit
    /// status of that.
    pub(super) fn proved(self, say: &Say) -> Result<(Plan, String), u8> {
        let shapes = Shapes::default();
        let found = prove(&self.checked, &self.plan, (&self.sources, &shapes)).found;
        if !found.is_empty() {
            say.diagnostics(&found, &self.sources);
        }
        if found.has_errors() {
            return Err(1);
        }
        Ok((self.plan, self.text))
    }
}

/// A plan with its source, or the exit status of what was said.
pub(super) fn compile(path: &Path, values: &Values, say: &Say) -> Result<Compiled, u8> {
    let given = given(values, say)?;
    let file = read(path, say).ok_or(USAGE)?;
    let project = Project::of(path);
    let read = read_files(&file, &project);
    let text = read.sources.whole_text();
    let sources = read.sources;
    if !read.found.is_empty() {
        say.diagnostics(&read.found, &sources);
    }
    let Some(checked) = read.checked else {
        return Err(1);
    };
    match judged(&checked, &given, &file) {
        Ok((mut plan, said)) => {
            if !said.is_empty() {
                say.diagnostics(&said, &sources);
            }
            let found = holidays((&checked, &mut plan), (path, &project), &sources);
            if found.is_empty() {
                return Ok(Compiled {
                    plan,
                    text,
                    checked,
                    sources,
                });
            }
            say.diagnostics(&found, &sources);
            Err(1)
        }
        Err(found) => {
            say.diagnostics(&found, &sources);
            Err(if of_the_file(&found) { 1 } else { USAGE })
        }
    }
}

/// Whether something is found in the file itself, and not only in what was typed for its parameters.
fn of_the_file(found: &Diagnostics) -> bool {
    found
        .iter()
        .all(|one| crate::plan::is_lint(one) || one.name == "level-overruns")
}

/// Reads the files of days off that the window names, from where the file is that names them.
pub(super) fn holidays(
    (checked, plan): (&Checked, &mut Plan),
    (runbook, project): (&Path, &Project),
    sources: &Sources,
) -> Diagnostics {
    read_holidays(checked, plan, &mut |path, span| {
        let own = sources.at(span.start).filter(|file| file.base() > 0);
        let own = own.map_or_else(
            || runbook.to_path_buf(),
            |file| project.path_of(file.name()),
        );
        let beside = own.parent().unwrap_or_else(|| Path::new(""));
        let bytes = bytes(&beside.join(path))?;
        if bytes.len() > SIZE_LIMIT {
            return Err("it is too large for a calendar".to_owned());
        }
        String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())
    })
}

/// The values from `--params` files and `--param`, the latter first.
fn given(values: &Values, say: &Say) -> Result<BTreeMap<String, String>, u8> {
    let mut given = BTreeMap::new();
    for path in &values.files {
        let text = std::fs::read_to_string(path).map_err(|error| {
            say.error(
                &format!("{} cannot be read: {error}", path.display()),
                "a file for --params has lines like version=2.4.0",
            );
            USAGE
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let mut here = std::collections::BTreeSet::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let Some((name, value)) = line.split_once('=') else {
                say.error(
                    &format!(
                        "{}:{}: `{line}` is not NAME=VALUE",
                        path.display(),
                        number + 1
                    ),
                    "write for example version=2.4.0",
                );
                return Err(USAGE);
            };
            if !here.insert(name.trim().to_owned()) {
                say.error(
                    &format!(
                        "{}:{}: the parameter `{}` is given twice",
                        path.display(),
                        number + 1,
                        name.trim()
                    ),
                    "give it once",
                );
                return Err(USAGE);
            }
            given.insert(name.trim().to_owned(), value.trim().to_owned());
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    for text in &values.params {
        let Some((name, value)) = text.split_once('=') else {
            say.error(
                &format!("`{text}` is not NAME=VALUE"),
                "write for example --param version=2.4.0",
            );
            return Err(USAGE);
        };
        if !seen.insert(name.to_owned()) {
            say.error(
                &format!("the parameter `{name}` is given twice"),
                "give it once",
            );
            return Err(USAGE);
        }
        given.insert(name.to_owned(), value.to_owned());
    }
    Ok(given)
}
