//! Owns the files of attempts, beside the journal: what an attempt printed, and the notes of it. The first is made before the attempt
//! starts, so that its absence proves that nothing began. The second has a line for its supervisor, one for its process, without which
//! nothing is executed, and one for its end. Who supervises it holds a lock on that file. They are two, because to make a file is what
//! costs.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use rustix::process::Pid;
use serde::{Deserialize, Serialize};

use super::{group, parts, ssh, text};
use crate::engine::{Attempt, LONGEST_VALUE, Outcome};

/// The file of the notes, and those of a program before this one that are locked.
const NOTES: &str = "notes";
const LOCKS: [&str; 2] = [NOTES, "lock"];

/// The last line of an output is looked for in this many bytes at its end.
const TAIL: u64 = 64 * 1024;

/// The file that holds what an attempt printed: both streams, as they came, secrets masked.
#[must_use]
pub fn output_path(dir: &Path, attempt: Attempt) -> PathBuf {
    dir.join(format!("attempt-{}.out", attempt.0))
}

/// The last lines with something to see that an attempt has printed so far, at most so many, safe to show.
#[must_use]
pub fn last_lines(dir: &Path, attempt: Attempt, most: usize) -> Vec<String> {
    let tail = Files::new(dir, attempt).tail().unwrap_or_default();
    let own = text::without(&tail, &[parts::MARK, ssh::MARK]);
    text::last_lines(own.as_bytes(), most)
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

/// What is noted of an attempt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Note {
    /// Who supervises it.
    Supervisor { pid: i32, start: u64 },
    /// The process of the step, before it becomes the step.
    Step(Identity),
    /// How it ended, for the case that the runner dies before the journal knows.
    End(Outcome),
}

impl Note {
    /// Adds it to the notes of an attempt, as one line. The end of a line stands before it, so that one which was torn spoils no other.
    pub(super) fn add_to(&self, mut notes: &File) -> io::Result<()> {
        let mut line = vec![b'\n'];
        serde_json::to_writer(&mut line, self)?;
        notes.write_all(&line)
    }
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

    /// Makes the file of the notes and locks it. Its supervisor gets it and keeps it for as long as it lives; the step does not.
    pub(super) fn lock(&self) -> io::Result<File> {
        let notes = OpenOptions::new()
            .append(true)
            .create_new(true)
            .mode(0o600)
            .open(self.beside(NOTES))?;
        flock(&notes, FlockOperation::NonBlockingLockExclusive)?;
        Ok(notes)
    }

    /// Whether the attempt was begun by a program that takes a lock for it.
    pub(super) fn has_lock(&self) -> bool {
        let mut locks = LOCKS.iter().map(|kind| self.beside(kind));
        locks.any(|lock| lock.try_exists().unwrap_or(false))
    }

    /// Whether a supervisor lives, or one is about to begin.
    pub(super) fn is_supervised(&self) -> bool {
        let locks = LOCKS.iter().map(|kind| File::open(self.beside(kind)));
        locks.flatten().any(|lock| {
            flock(&lock, FlockOperation::NonBlockingLockShared) == Err(Errno::WOULDBLOCK)
        })
    }

    /// Whether a supervisor has it, or had it: then it depends on no server any more.
    pub(super) fn was_taken_up(&self) -> bool {
        let is_supervisor = |note: &Note| matches!(note, Note::Supervisor { .. });
        self.notes().iter().any(is_supervisor)
    }

    /// The process that supervises; nothing when it has not come so far, or is gone.
    pub(super) fn supervisor(&self) -> Option<Pid> {
        let noted = self.notes().into_iter().find_map(|note| match note {
            Note::Supervisor { pid, start } => Some((pid, start)),
            Note::Step(_) | Note::End(_) => None,
        });
        let (pid, start) = noted.or_else(|| {
            let text = std::fs::read_to_string(self.beside("lock")).ok()?;
            let (pid, start) = text.strip_suffix('\n')?.split_once(' ')?;
            Some((pid.parse().ok()?, start.parse().ok()?))
        })?;
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

    pub(super) fn identity(&self) -> Option<Identity> {
        let noted = self.notes().into_iter().rev().find_map(|note| match note {
            Note::Step(identity) => Some(identity),
            Note::Supervisor { .. } | Note::End(_) => None,
        });
        noted.or_else(|| self.kept("pid"))
    }

    pub(super) fn outcome(&self) -> Option<Outcome> {
        let noted = self.notes().into_iter().rev().find_map(|note| match note {
            Note::End(outcome) => Some(outcome),
            Note::Supervisor { .. } | Note::Step(_) => None,
        });
        noted.or_else(|| self.kept("end"))
    }

    /// Notes how the attempt ended, when its supervisor was killed.
    pub(super) fn keep_outcome(&self, outcome: &Outcome) -> io::Result<()> {
        let mut notes = OpenOptions::new();
        let notes = notes.append(true).create(true).mode(0o600);
        Note::End(outcome.clone()).add_to(&notes.open(self.beside(NOTES))?)
    }

    /// Forces the notes to disk, for when no runner is there whose journal is about to know.
    pub(super) fn sync(&self, notes: &File) -> io::Result<()> {
        notes.sync_all()?;
        File::open(&self.dir)?.sync_all()
    }

    /// What is noted. What was torn in the middle of writing says nothing.
    fn notes(&self) -> Vec<Note> {
        let text = std::fs::read(self.beside(NOTES)).unwrap_or_default();
        text.split(|byte| *byte == b'\n')
            .filter_map(|line| serde_json::from_slice(line).ok())
            .collect()
    }

    /// What a program before this one kept in a file of its own. One that was torn in the middle of writing says nothing.
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
