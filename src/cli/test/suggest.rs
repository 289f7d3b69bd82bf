//! Owns `test --suggest`: prints tests for what the tests of a file do not reach. Changes no file.

use std::path::{Path, PathBuf};

use super::files::{Ready, ready, ready_text};
use crate::cli::say::Say;
use crate::cli::{USAGE, compile};
use crate::report::trial::{self, Suggested};
use crate::source::SourceFile;
use crate::syntax::decode;

/// Prints what is suggested for each file; the exit status.
pub(super) fn suggest(files: &[PathBuf], say: &Say) -> u8 {
    if files.is_empty() {
        say.error(
            "there is no *.runbook file here, so no test is suggested",
            "name a file or a directory",
        );
        return USAGE;
    }
    let mut status = 0;
    for path in files {
        let name = path.display().to_string();
        match ready(path) {
            Ready::Unreadable => {
                let _ = compile::read(path, say);
                status = USAGE;
            }
            Ready::Wrong(sources, found) => {
                say.diagnostics(&found, &sources);
                say.tell("");
                status = status.max(1);
            }
            Ready::Library => {}
            Ready::Trials(..) => {
                let told = suggested(path, &name).unwrap_or_default();
                if files.len() > 1 && !told.blocks.is_empty() {
                    say.data(&format!("# For {name}:\n\n"));
                }
                say.data(&told.blocks.join("\n"));
                if files.len() > 1 && !told.blocks.is_empty() {
                    say.data("\n");
                }
                tell(&name, &told, say);
            }
        }
    }
    status
}

fn tell(name: &str, told: &Suggested, say: &Say) {
    let tests = match told.blocks.len() {
        0 => "no test is suggested".to_owned(),
        1 => "1 test is suggested".to_owned(),
        more => format!("{more} tests are suggested"),
    };
    if told.left.is_empty() {
        say.tell(&format!(
            "{name}: {tests}; with them everything is covered that can happen"
        ));
        return;
    }
    say.tell(&format!("{name}: {tests}; no test was found that reaches"));
    let places: Vec<String> = told
        .left
        .iter()
        .map(|item| format!("{name}:{}", item.line))
        .collect();
    let width = places.iter().map(|at| at.chars().count()).max();
    let width = width.unwrap_or(0);
    for (at, item) in places.iter().zip(&told.left) {
        say.tell(&format!("  {at:<width$}  {}", item.name));
    }
}

fn suggested(path: &Path, name: &str) -> Option<Suggested> {
    let bytes = compile::bytes(path).ok()?;
    let file = decode(name, bytes).ok()?;
    let read = |text: &str| match ready_text(path, &SourceFile::new(name, text)) {
        Ready::Trials(checked, sources, trials) => Some(trial::Ready {
            checked: *checked,
            sources,
            trials,
        }),
        Ready::Unreadable | Ready::Wrong(..) | Ready::Library => None,
    };
    trial::suggest(file.text(), &read)
}
