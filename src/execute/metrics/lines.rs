//! Owns metrics that are counted in a file: the lines that match, a second, since the last look. A file to which nothing was written
//! says nothing: whoever writes it may be dead, or write elsewhere. What was in the file before the first look is the past and never counts. A file that was rotated is read to its end and its successor from its beginning; one that was
//! cut short is read from its beginning.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use regex::bytes::Regex;
use rustix::fs::{Mode, OFlags};

use super::super::clock::Look;
use super::super::text;
use crate::engine::Reading;
use crate::plan::MetricId;
use crate::value::Millis;

/// So much is read in one look; more is an error, and is not read later.
const MOST: u64 = 64 << 20;

/// A line that is longer counts as several.
const LONGEST: usize = 1 << 20;

/// How far the files have been read, by the metrics that count in them.
#[derive(Debug, Default)]
pub(in super::super) struct Lines(Mutex<BTreeMap<MetricId, Place>>);

/// A file that is being followed.
#[derive(Debug)]
struct Place {
    file: File,
    /// Which file it is, by device and number: a rotated one keeps its own.
    id: (u64, u64),
    /// Everything before this has been read.
    at: u64,
    /// When, in microseconds since the machine was started.
    looked: u64,
}

/// Counts in a file.
pub(super) async fn ask(
    lines: Arc<Lines>,
    (metric, path): (MetricId, PathBuf),
    pattern: &str,
    limit: Millis,
) -> Reading {
    let pattern = pattern.to_owned();
    let look = tokio::task::spawn_blocking(move || lines.look((metric, &path), &pattern));
    match tokio::time::timeout(limit.to_std(), look).await {
        Ok(Ok(reading)) => reading,
        Ok(Err(_)) => Reading::Error("the file could not be read".to_owned()),
        Err(_) => Reading::Error(format!("the file could not be read within {limit}")),
    }
}

impl Lines {
    fn look(&self, (metric, path): (MetricId, &Path), pattern: &str) -> Reading {
        let name = path.display();
        let Ok(regex) = Regex::new(pattern) else {
            return Reading::Misconfigured(format!("/{pattern}/ cannot be read"));
        };
        let now = Look::now().boot;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = all.remove(&metric);
        let new = match Place::open(path, now) {
            Ok(new) => new,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Reading::NoData(format!("there is no file {name}"));
            }
            Err(error) => {
                return Reading::Error(format!("{name}: {}", text::reason(&error)));
            }
        };
        let Some(mut new) = new else {
            return Reading::Misconfigured(format!("{name} is not a file"));
        };
        let Some(old) = before else {
            all.insert(metric, new);
            return Reading::NoData(format!(
                "{name} is looked at for the first time; what is in it already does not count"
            ));
        };
        let since = now.saturating_sub(old.looked);
        let counted = new.count_from(old, &regex);
        all.insert(metric, new);
        match counted {
            Err(why) => Reading::Error(format!("{name}: {why}")),
            Ok(_) if since == 0 => Reading::NoData("no time has passed".to_owned()),
            Ok(Counted { lines: 0, .. }) => {
                Reading::NoData(format!("nothing was written to {name} since the last look"))
            }
            #[expect(
                clippy::cast_precision_loss,
                reason = "a count of lines, and microseconds between two looks"
            )]
            Ok(counted) => Reading::Value(counted.matching as f64 / (since as f64 / 1_000_000.0)),
        }
    }
}

/// What came since the last look.
#[derive(Clone, Copy, Debug, Default)]
struct Counted {
    /// Whole lines.
    lines: u64,
    /// Those of them that match.
    matching: u64,
}

impl Place {
    /// A file at its end; nothing when it is none.
    fn open(path: &Path, looked: u64) -> std::io::Result<Option<Self>> {
        // Without NONBLOCK a pipe that nobody writes would be waited for.
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
        let meta = file.metadata()?;
        Ok(meta.is_file().then(|| Self {
            file,
            id: (meta.dev(), meta.ino()),
            at: meta.len(),
            looked,
        }))
    }

    /// Counts what came since the last look; this place is behind it then.
    fn count_from(&mut self, mut old: Self, regex: &Regex) -> Result<Counted, String> {
        let end = self.at;
        let mut found = Counted::default();
        if old.id != self.id {
            // What was still written to the old file came first.
            let rest = old.end()?;
            old.count(rest, regex, &mut found)?;
            self.at = 0;
        } else if end >= old.at {
            self.at = old.at;
        } else {
            self.at = 0;
        }
        self.count(end, regex, &mut found)?;
        Ok(found)
    }

    fn end(&self) -> Result<u64, String> {
        let meta = self.file.metadata().map_err(|error| text::reason(&error))?;
        Ok(meta.len())
    }

    /// Counts the whole lines that match, up to `end`. The beginning of a line is left for the next look.
    fn count(&mut self, end: u64, regex: &Regex, found: &mut Counted) -> Result<(), String> {
        if end.saturating_sub(self.at) > MOST {
            self.at = end;
            return Err(format!(
                "more than {} MiB came since the last look",
                MOST >> 20
            ));
        }
        let failed = |error: std::io::Error| text::reason(&error);
        self.file.seek(SeekFrom::Start(self.at)).map_err(failed)?;
        let mut bytes = Vec::new();
        let mut rest = (&self.file).take(end.saturating_sub(self.at));
        rest.read_to_end(&mut bytes).map_err(failed)?;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let is_whole = line.ends_with(b"\n") || line.len() >= LONGEST;
            if !is_whole {
                break;
            }
            self.at = self
                .at
                .saturating_add(u64::try_from(line.len()).unwrap_or(u64::MAX));
            found.lines += 1;
            found.matching += u64::from(regex.is_match(line.trim_ascii_end()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// What a look finds, as lines (a look a second).
    fn looked(lines: &Lines, path: &Path) -> Result<u64, String> {
        if let Some(place) = lines.0.lock().unwrap().get_mut(&MetricId(0)) {
            place.looked = Look::now().boot.saturating_sub(1_000_000);
        }
        match lines.look((MetricId(0), path), "ERROR|Fehler") {
            Reading::Value(rate) => Ok(rate.round() as u64),
            Reading::NoData(why) | Reading::Error(why) | Reading::Misconfigured(why) => Err(why),
        }
    }

    fn append(path: &Path, bytes: &[u8]) {
        let file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(path);
        file.unwrap().write_all(bytes).unwrap();
    }

    #[test]
    fn only_what_comes_counts_through_rotation_and_truncation() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("app.log");
        let lines = Lines::default();
        assert!(
            looked(&lines, &path)
                .unwrap_err()
                .contains("there is no file")
        );
        append(&path, b"ERROR of yesterday\n");
        let first = looked(&lines, &path).unwrap_err();
        assert!(first.contains("for the first time"), "{first}");
        let silent = looked(&lines, &path).unwrap_err();
        assert!(silent.contains("nothing was written"), "{silent}");
        append(&path, b"fine\n");
        assert_eq!(
            looked(&lines, &path),
            Ok(0),
            "who writes something else is well"
        );
        append(&path, b"beginning of a line");
        assert!(looked(&lines, &path).is_err());
        append(&path, b"\n");
        assert_eq!(looked(&lines, &path), Ok(0));
        append(&path, b"ERROR one\nfine\nFehler two \xff\nERR");
        assert_eq!(looked(&lines, &path), Ok(2));
        append(&path, b"OR three\n");
        assert_eq!(
            looked(&lines, &path),
            Ok(1),
            "a line counts when it is whole, once"
        );

        // Rotated: the rest of the old file counts, and all of the new one.
        append(&path, b"ERROR last of the old\n");
        std::fs::rename(&path, directory.path().join("app.log.1")).unwrap();
        append(&path, b"ERROR first of the new\nERROR second\n");
        assert_eq!(looked(&lines, &path), Ok(3));

        // Cut short, and written to again.
        std::fs::write(&path, "ERROR\n").unwrap();
        assert_eq!(looked(&lines, &path), Ok(1));

        // Gone, and there again: what it holds then may be old.
        std::fs::remove_file(&path).unwrap();
        assert!(looked(&lines, &path).is_err());
        append(&path, b"ERROR\n");
        assert!(
            looked(&lines, &path)
                .unwrap_err()
                .contains("for the first time")
        );
        append(&path, b"ERROR\n");
        assert_eq!(looked(&lines, &path), Ok(1));
        assert!(
            looked(&lines, directory.path())
                .unwrap_err()
                .contains("is not a file")
        );
    }
}
