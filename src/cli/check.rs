//! `check`: everything that is wrong with runbooks. Takes no lock, writes no state, touches no network.

use std::path::{Path, PathBuf};

use super::USAGE;
use super::args::{CheckArgs, Format};
use super::compile;
use super::say::Say;
use crate::diag;
use crate::source::Sources;

pub(super) fn run(args: &CheckArgs, say: &Say) -> u8 {
    let Some(files) = files(&args.paths, say) else {
        return USAGE;
    };
    if files.is_empty() {
        say.error(
            "there is no *.runbook file here, so nothing was looked at",
            "name a file or a directory",
        );
        return USAGE;
    }
    let (mut found, mut unreadable) = (0, 0);
    let mut reports = Vec::new();
    for path in &files {
        let Some(file) = compile::read(path, say) else {
            unreadable += 1;
            continue;
        };
        let (_, diagnostics) = crate::plan::check_file(&file);
        found += diagnostics.len();
        let sources = Sources::single(file);
        match args.format {
            Format::Human if diagnostics.is_empty() => {}
            Format::Human => {
                say.diagnostics(&diagnostics, &sources);
                say.tell("");
            }
            Format::Json => reports.push(diag::json(&diagnostics, &sources)),
        }
    }
    if args.format == Format::Json {
        say.data(&format!("{}\n", serde_json::Value::Array(reports)));
    }
    say.tell(&summary(files.len(), found, unreadable));
    match (found, unreadable) {
        (_, 1..) => USAGE,
        (0, _) => 0,
        (1.., _) => 1,
    }
}

fn summary(files: usize, found: usize, unreadable: usize) -> String {
    let files = match files {
        1 => "1 file".to_owned(),
        more => format!("{more} files"),
    };
    let mut text = match found {
        0 => format!("{files}: nothing found"),
        1 => format!("{files}: 1 finding"),
        more => format!("{files}: {more} findings"),
    };
    if unreadable > 0 {
        text.push_str(&format!(", {unreadable} could not be read"));
    }
    text
}

/// The files to look at: those that are named, and all runbooks below directories that are.
fn files(paths: &[PathBuf], say: &Say) -> Option<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            walk(path, &mut files, say)?;
        } else {
            files.push(path.clone());
        }
    }
    Some(files)
}

fn walk(dir: &Path, files: &mut Vec<PathBuf>, say: &Say) -> Option<()> {
    let mut below = Vec::new();
    for entry in ignore::WalkBuilder::new(dir).build() {
        match entry {
            Ok(entry) => {
                let path = entry.into_path();
                if path.extension().is_some_and(|end| end == "runbook") && path.is_file() {
                    below.push(path);
                }
            }
            Err(error) => {
                say.error(&format!("{} cannot be walked: {error}", dir.display()), "");
                return None;
            }
        }
    }
    below.sort();
    files.append(&mut below);
    Some(())
}
