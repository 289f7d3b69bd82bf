//! Owns telling people: a notice to its channel. Its text is one line there, whatever it holds. A notice may arrive twice when
//! a runner dies in between; it never gets lost in silence.

use std::path::Path;

use rustix::fs::{Mode, OFlags};

use super::text;
use crate::plan::ChannelKind;

/// Delivers a text; why it could not be, as a sentence.
pub(super) fn deliver(
    channel: &ChannelKind,
    (dir, run): (&Path, &str),
    wall: i64,
    words: &str,
) -> Option<String> {
    match channel {
        ChannelKind::Log { path } => {
            let path = dir.join(path);
            let line = format!(
                "{} {run} {}\n",
                instant(wall),
                text::without_controls(words).trim()
            );
            append(&path, line.as_bytes())
                .err()
                .map(|error| format!("{}: {}", path.display(), text::reason(&error)))
        }
    }
}

fn append(path: &Path, line: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    // Without NONBLOCK a pipe that nobody reads would hold up the whole run.
    let flags =
        OFlags::WRONLY | OFlags::APPEND | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let mode = Mode::RUSR | Mode::WUSR | Mode::RGRP | Mode::ROTH;
    let file = rustix::fs::open(path, flags, mode)?;
    std::fs::File::from(file).write_all(line)
}

/// Unix milliseconds as RFC 3339, in UTC and to the second.
pub(super) fn instant(wall: i64) -> String {
    jiff::Timestamp::from_second(wall.div_euclid(1_000))
        .map(|at| at.to_string())
        .unwrap_or_default()
}
