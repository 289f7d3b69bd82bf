//! The least that a durable step can cost: a process, and two records that are on disk before the next thing happens.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs `sh -c true` so many times, with a synced record before (the intent) and after (the outcome) each.
pub(crate) fn steps_with_two_syncs(folder: &Path, steps: usize) {
    let mut log = File::create(folder.join("floor.log")).expect("a file for the records");
    for step in 0..steps {
        record(&mut log, step, "intent");
        let status = Command::new("/bin/sh")
            .args(["-c", "true"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("sh starts");
        assert!(status.success());
        record(&mut log, step, "outcome");
    }
}

fn record(log: &mut File, step: usize, what: &str) {
    writeln!(log, "{{\"step\":{step},\"what\":\"{what}\"}}").expect("the record is written");
    log.sync_data().expect("the record is synced");
}
