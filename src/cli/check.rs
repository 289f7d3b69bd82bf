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
        let (checked, mut diagnostics) = crate::plan::check_file(&file);
        if let Some(checked) = &checked
            && let Ok(mut plan) = crate::plan::with_examples(checked, &file)
        {
            diagnostics.extend(compile::holidays(checked, &mut plan, path));
        }
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

/// What was found in the files that could be read, and how many could not.
fn summary(files: usize, found: usize, unreadable: usize) -> String {
    let counted = |count: usize, what: &str| match count {
        1 => format!("1 {what}"),
        more => format!("{more} {what}s"),
    };
    let read = files.saturating_sub(unreadable);
    let found = match found {
        0 => "nothing found".to_owned(),
        more => counted(more, "finding"),
    };
    match (read, unreadable) {
        (_, 0) => format!("{}: {found}", counted(read, "file")),
        (0, _) => format!("{} could not be read", counted(unreadable, "file")),
        (_, _) => format!(
            "{}: {found}; {} could not be read",
            counted(read, "file"),
            counted(unreadable, "file")
        ),
    }
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
