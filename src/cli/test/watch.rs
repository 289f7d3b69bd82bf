//! Owns the watch: runs the tests again when a file changes, until it is interrupted.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::once;
use crate::cli::args::TestArgs;
use crate::cli::say::Say;
use crate::cli::{USAGE, walk};

/// How often the files are looked at.
const EVERY: Duration = Duration::from_millis(300);

pub(super) fn watch(args: &TestArgs, say: &Say) -> u8 {
    let mut seen = None;
    loop {
        let Some(files) = walk::files(&args.paths, say) else {
            return USAGE;
        };
        let now = times(&files);
        if seen.as_ref() != Some(&now) {
            if let Some(before) = &seen {
                for path in changed(before, &now) {
                    say.tell(&format!("---- {} has changed", path.display()));
                }
                say.tell("");
            }
            once(&files, args, say);
            say.tell("watching; end with Ctrl-C");
            seen = Some(now);
        }
        std::thread::sleep(EVERY);
    }
}

type Times = BTreeMap<PathBuf, Option<(SystemTime, u64)>>;

/// When each file was last written, and how long it is; libraries lie beside the files that use them.
fn times(files: &[PathBuf]) -> Times {
    let mut all = Times::new();
    for file in files {
        all.insert(file.clone(), time(file));
        let beside = file.parent().into_iter().flat_map(|dir| {
            std::fs::read_dir(if dir.as_os_str().is_empty() {
                Path::new(".")
            } else {
                dir
            })
        });
        for entry in beside.flatten().flatten() {
            let path = entry.path();
            if path
                .extension()
                .is_some_and(|end| end == "runbook" || end == "ics")
            {
                let when = time(&path);
                all.insert(path, when);
            }
        }
    }
    all
}

fn time(path: &Path) -> Option<(SystemTime, u64)> {
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.modified().ok()?, meta.len()))
}

fn changed<'t>(before: &'t Times, now: &'t Times) -> Vec<&'t PathBuf> {
    let all = before.keys().chain(now.keys());
    let mut changed: Vec<&PathBuf> = all
        .filter(|path| before.get(*path) != now.get(*path))
        .collect();
    changed.sort();
    changed.dedup();
    changed
}
