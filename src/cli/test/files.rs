//! Owns the way from many files to the results of their tests, on all cores. Says nothing.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::cli::compile;
use crate::cli::library::Project;
use crate::cli::walk;
use crate::diag::Diagnostics;
use crate::plan::{Trial, check_files, trials};
use crate::report::trial::{FileTested, test_file};
use crate::source::{SourceFile, Sources};
use crate::syntax::decode;

/// So many tests of a file are run by one thread before it takes the next.
const TOGETHER: usize = 16;

/// What became of a file.
pub(super) enum Looked {
    /// It could not be read.
    Unreadable(PathBuf),
    /// It is wrong, so its tests were not run.
    Wrong(String, Sources, Diagnostics),
    /// Its tests were run; and how many there are, chosen or not.
    Tested(Box<FileTested>, Sources, usize),
}

/// What is wanted of the tests.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// Only those with this in their name.
    pub(super) filter: Option<&'a str>,
    /// What they reach is asked for, so the proof says what cannot happen.
    pub(super) reach: bool,
}

/// Runs the tests of all files; in the order of the files.
pub(super) fn look(files: &[PathBuf], wanted: Wanted<'_>) -> Vec<Looked> {
    let workers = walk::threads();
    // Where there are fewer files than processors, the tests of one are shared out too.
    let within = workers.checked_div(files.len()).unwrap_or(1).max(1);
    in_order(files, workers, |path| one(path, wanted, within))
}

/// Does something with each of them, on so many threads; what came of it, in their order.
fn in_order<T: Sync, R: Send>(all: &[T], threads: usize, act: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads.min(all.len()) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(one) = all.get(index) else {
                        return;
                    };
                    let came = act(one);
                    done.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push((index, came));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, came)| came).collect()
}

/// A file with its tests, ready to be played; or what is wrong with it. A library has none.
pub(super) enum Ready {
    Unreadable,
    Wrong(Sources, Diagnostics),
    Library,
    Trials(Box<crate::check::Checked>, Sources, Vec<Trial>),
}

pub(super) fn ready(path: &Path) -> Ready {
    let name = path.display().to_string();
    let Some(file) = compile::bytes(path)
        .ok()
        .and_then(|bytes| decode(&name, bytes).ok())
    else {
        return Ready::Unreadable;
    };
    ready_text(path, &file)
}

/// The same of a text that stands for a file.
pub(super) fn ready_text(path: &Path, file: &SourceFile) -> Ready {
    let project = Project::of(path);
    let mut read = check_files(file, &project);
    let Some(checked) = read.checked else {
        return if read.found.is_empty() {
            Ready::Library
        } else {
            Ready::Wrong(read.sources, read.found)
        };
    };
    let sources = &read.sources;
    let (all, found) = trials(&checked, file, &mut |plan| {
        compile::holidays((&checked, plan), (path, &project), sources)
    });
    read.found = read
        .found
        .filtered(|one| one.severity == crate::diag::Severity::Error && !crate::plan::is_lint(one));
    read.found.extend(found);
    if read.found.has_errors() {
        read.found.sort();
        return Ready::Wrong(read.sources, read.found);
    }
    Ready::Trials(Box::new(checked), read.sources, all)
}

fn one(path: &Path, wanted: Wanted<'_>, threads: usize) -> Looked {
    let name = path.display().to_string();
    match ready(path) {
        Ready::Unreadable => Looked::Unreadable(path.to_path_buf()),
        Ready::Wrong(sources, found) => Looked::Wrong(name, sources, found),
        Ready::Library => {
            let nothing = FileTested {
                file: name,
                tests: Vec::new(),
                coverage: crate::report::trial::Coverage::default(),
            };
            Looked::Tested(Box::new(nothing), Sources::default(), 0)
        }
        Ready::Trials(checked, sources, trials) => {
            let chosen = |trial: &Trial| {
                let filter = wanted.filter;
                filter.is_none_or(|filter| trial.name.contains(filter))
            };
            let some: Vec<&[Trial]> = trials.chunks(TOGETHER).collect();
            let parts = in_order(&some, threads, |some| {
                test_file(&name, (&checked, &sources), some, &chosen)
            });
            let mut parts = parts.into_iter();
            let mut tested = parts
                .next()
                .unwrap_or_else(|| test_file(&name, (&checked, &sources), &[], &chosen));
            parts.for_each(|part| tested.join(part));
            if wanted.reach {
                tested.coverage.exclude(&trials);
            }
            Looked::Tested(Box::new(tested), sources, trials.len())
        }
    }
}
