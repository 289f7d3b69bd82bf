//! Owns the files of attempts, beside the journal: what an attempt printed, which process it was, how it ended.
//! The first is made before the attempt starts, so that its absence proves that nothing began. A lock says whether someone
//! supervises it, and nothing is executed without the note of its process.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use rustix::process::Pid;
use serde::{Deserialize, Serialize};

use super::{group, parts};
use crate::engine::{Attempt, LONGEST_VALUE, Outcome};

/// The last line of an output is looked for in this many bytes at its end.
const TAIL: u64 = 64 * 1024;

/// The file that holds what an attempt printed: both streams, as they came, secrets masked.
#[must_use]
pub fn output_path(dir: &Path, attempt: Attempt) -> PathBuf {
    dir.join(format!("attempt-{}.out", attempt.0))
}

/// Which process an attempt is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Identity {
    /// The leader of its group.
    pub(super) pid: i32,
    /// When the system says that it started: tells it from a later process with the same number.
    pub(super) start: Option<u64>,
    /// The start of the machine that it belongs to.
    pub(super) boot: Option<String>,
    /// When it was started, Unix milliseconds.
    pub(super) wall: i64,
    /// It is ended after so many milliseconds.
    pub(super) timeout: u64,
    /// TERM and KILL are so many milliseconds apart.
    pub(super) grace: u64,
    /// Where its secrets lie, to be removed after it.
    pub(super) secrets: Option<PathBuf>,
}

/// The files of one attempt.
#[derive(Clone, Debug)]
pub(super) struct Files {
    dir: PathBuf,
    attempt: Attempt,
    /// What it prints to its standard output is kept apart: it is the value of a capture.
    apart: bool,
}

impl Files {
    pub(super) fn new(dir: &Path, attempt: Attempt) -> Self {
        Self {
            dir: dir.to_owned(),
            attempt,
            apart: false,
        }
    }

    /// Of an attempt whose standard output is a value.
    pub(super) fn apart(self) -> Self {
        Self {
            apart: true,
            ..self
        }
    }

    pub(super) fn is_apart(&self) -> bool {
        self.apart
    }

    /// Makes the file of the value, for its owner alone.
    pub(super) fn begin_value(&self) -> io::Result<File> {
        OpenOptions::new()
            .append(true)
            .create_new(true)
            .mode(0o600)
            .open(self.beside("value"))
    }

    /// The value, or its beginning when it is longer than values are. Bytes that are no text are marked.
    pub(super) fn value(&self) -> io::Result<String> {
        let mut text = Vec::new();
        // White space around it is not part of it.
        let most = u64::try_from(LONGEST_VALUE)
            .unwrap_or(u64::MAX)
            .saturating_mul(4);
        File::open(self.beside("value"))?
            .take(most)
            .read_to_end(&mut text)?;
        Ok(String::from_utf8_lossy(&text).trim().to_owned())
    }

    pub(super) fn output(&self) -> PathBuf {
        output_path(&self.dir, self.attempt)
    }

    fn beside(&self, kind: &str) -> PathBuf {
        self.dir.join(format!("attempt-{}.{kind}", self.attempt.0))
    }

    /// The folder that they lie in.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn attempt(&self) -> Attempt {
        self.attempt
    }

    /// Makes the output file, for its owner alone. It is not forced to disk: that would cost every step as much as its
    /// record in the journal. What was written before a crash of the runner is there, and after a loss of power the noted
    /// start of the machine says that the file's absence proves nothing.
    pub(super) fn begin(&self) -> io::Result<()> {
        self.note_boot()?;
        OpenOptions::new()
            .append(true)
            .create_new(true)
            .mode(0o600)
            .open(self.output())
            .map(drop)
    }

    /// The output file that was made for the attempt.
    pub(super) fn append(&self) -> io::Result<File> {
        OpenOptions::new().append(true).open(self.output())
    }

    /// Makes the lock of the attempt and takes it. Its supervisor gets it and keeps it for as long as it lives; the step does not.
    pub(super) fn lock(&self) -> io::Result<File> {
        let lock = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(self.beside("lock"))?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
        Ok(lock)
    }

    /// Whether the attempt was begun by a program that takes a lock for it.
    pub(super) fn has_lock(&self) -> bool {
        self.beside("lock").try_exists().unwrap_or(false)
    }

    /// Whether a supervisor lives, or one is about to begin.
    pub(super) fn is_supervised(&self) -> bool {
        File::open(self.beside("lock")).is_ok_and(|lock| {
            flock(&lock, FlockOperation::NonBlockingLockShared) == Err(Errno::WOULDBLOCK)
        })
    }

    /// The process that supervises, by what it wrote into its lock; nothing when it has not come so far, or is gone.
    pub(super) fn supervisor(&self) -> Option<Pid> {
        let text = std::fs::read_to_string(self.beside("lock")).ok()?;
        let (pid, start) = text.strip_suffix('\n')?.split_once(' ')?;
        let pid: i32 = pid.parse().ok()?;
        let start: u64 = start.parse().ok()?;
        group::listed(pid).filter(|listed| listed.start == start && !listed.ended)?;
        Pid::from_raw(pid)
    }

    /// Notes the machine's current start on disk, once in each.
    fn note_boot(&self) -> io::Result<()> {
        let path = self.dir.join("boot");
        let now = boot_id().unwrap_or_default();
        if std::fs::read_to_string(&path).is_ok_and(|noted| noted == now) {
            return Ok(());
        }
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(now.as_bytes())?;
        file.sync_all()?;
        File::open(&self.dir)?.sync_all()
    }

    /// Whether attempts of an earlier start of the machine may have left files that are gone.
    pub(super) fn may_have_lost_files(&self) -> bool {
        match std::fs::read_to_string(self.dir.join("boot")) {
            Ok(noted) => boot_id().is_none_or(|now| now != noted),
            // No attempt was ever begun here, or it cannot be known.
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        }
    }

    pub(super) fn has_begun(&self) -> bool {
        // What cannot be looked at may be there.
        self.output().try_exists().unwrap_or(true)
    }

    pub(super) fn keep_identity(&self, identity: &Identity) -> io::Result<()> {
        self.keep("pid", identity)
    }

    pub(super) fn identity(&self) -> Option<Identity> {
        self.kept("pid")
    }

    /// Notes how the attempt ended, for the case that the runner dies before the journal knows: whole, or not at all.
    pub(super) fn keep_outcome(&self, outcome: &Outcome) -> io::Result<()> {
        self.keep("end.new", outcome)?;
        self.settle_outcome()
    }

    /// The same on disk, for when no runner is there whose journal is about to know.
    pub(super) fn sync_outcome(&self, outcome: &Outcome) -> io::Result<()> {
        self.keep("end.new", outcome)?;
        File::open(self.beside("end.new"))?.sync_all()?;
        self.settle_outcome()?;
        File::open(&self.dir)?.sync_all()
    }

    fn settle_outcome(&self) -> io::Result<()> {
        std::fs::rename(self.beside("end.new"), self.beside("end"))
    }

    pub(super) fn outcome(&self) -> Option<Outcome> {
        self.kept("end")
    }

    fn keep<T: Serialize>(&self, kind: &str, what: &T) -> io::Result<()> {
        let text = serde_json::to_vec(what)?;
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(self.beside(kind))?;
        file.write_all(&text)
    }

    /// A file that was torn in the middle of writing says nothing.
    fn kept<T: for<'a> Deserialize<'a>>(&self, kind: &str) -> Option<T> {
        let text = std::fs::read(self.beside(kind)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// The last line with something to see that the attempt printed, safe to show; empty when there is none.
    pub(super) fn last_line(&self) -> String {
        self.tail()
            .map(|tail| parts::last_line(&tail))
            .unwrap_or_default()
    }

    /// The end of what the attempt printed.
    pub(super) fn tail(&self) -> io::Result<Vec<u8>> {
        let mut file = File::open(self.output())?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
        let mut tail = Vec::new();
        file.take(TAIL).read_to_end(&mut tail)?;
        Ok(tail)
    }
}

/// Makes the folder of the attempts' files, for its owner alone.
///
/// # Errors
/// When it cannot be made.
pub(super) fn make_folder(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

/// The name of the machine's current start, where the system has one.
pub(super) fn boot_id() -> Option<String> {
    // No process lives through two of them.
    static THIS: OnceLock<Option<String>> = OnceLock::new();
    let read = || {
        let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        Some(id.trim().to_owned())
    };
    THIS.get_or_init(read).clone()
}
