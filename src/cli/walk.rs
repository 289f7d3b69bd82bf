//! Owns the way from what is named on the command line to the runbooks below it, and through all of them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{available_parallelism, scope};

use super::say::Say;

/// So many files are looked at before the first of them is shown: what was found is not kept for all.
const AT_A_TIME: usize = 256;

/// How many threads are worth while.
pub(super) fn threads() -> usize {
    available_parallelism().map_or(1, usize::from)
}

/// Looks at every file, on as many threads as the machine has processors, and shows what was found in the order of the files.
pub(super) fn each<T: Send>(
    files: &[PathBuf],
    look: impl Fn(&Path) -> T + Sync,
    mut show: impl FnMut(&Path, T),
) {
    // For one file nobody has to be asked how many there are.
    let threads = if files.len() > 1 { threads() } else { 1 };
    for some in files.chunks(AT_A_TIME) {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut found = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(path) = some.get(at) else {
                    return found;
                };
                found.push((at, look(path)));
            }
        };
        let mut found = scope(|scope| {
            let others: Vec<_> = (1..threads.min(some.len()))
                .map(|_| scope.spawn(work))
                .collect();
            let mut found = work();
            for other in others {
                match other.join() {
                    Ok(theirs) => found.extend(theirs),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            found
        });
        found.sort_by_key(|(at, _)| *at);
        for ((_, found), path) in found.into_iter().zip(some) {
            show(path, found);
        }
    }
}

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
    // One that is named, and lies below a directory that is named too.
    let mut known = BTreeSet::new();
    let is_one = paths.len() == 1;
    files.retain(|path| {
        is_one || known.insert(path.canonicalize().unwrap_or_else(|_| path.clone()))
    });
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
