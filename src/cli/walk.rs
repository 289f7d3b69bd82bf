//! Owns the way from what is named on the command line to the runbooks below it.

use std::path::{Path, PathBuf};

use super::say::Say;

/// The files to look at: those that are named, and all runbooks below directories that are.
pub(super) fn files(paths: &[PathBuf], say: &Say) -> Option<Vec<PathBuf>> {
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
