//! Owns what can go wrong with a store, for control flow, with a plain sentence each. It does not say what to type: that
//! depends on the command, and belongs to it.

use std::fmt;
use std::path::PathBuf;

use super::ids::RunId;
use super::left::{Incident, Resolved};
use super::lock::Holder;

/// Why a store did not do what was asked. Nothing of the operation has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// The directory or a file in it cannot be created or written.
    NotWritable {
        /// Which.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
    /// No space is left.
    DiskFull,
    /// It belongs to someone else, or others may write it.
    NotOurs {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A symbolic link where a directory or file of the store should be.
    Symlink {
        /// Which.
        path: PathBuf,
    },
    /// Written by a newer program.
    Newer {
        /// What: the store, a plan, a record.
        what: &'static str,
        /// Its format.
        found: u32,
        /// The newest format that this program reads.
        known: u32,
    },
    /// What is stored contradicts itself.
    Corrupted {
        /// How.
        why: String,
    },
    /// A file of it was deleted, moved or replaced while it was in use: what is written now, nobody will find.
    Gone {
        /// Which.
        path: PathBuf,
    },
    /// Another process has been writing for too long.
    Busy,
    /// The system failed otherwise: an I/O error, no memory.
    Failed {
        /// What it says.
        why: String,
    },
    /// No run answers to what was typed.
    NoSuchRun {
        /// What was typed.
        typed: String,
    },
    /// Several runs answer to what was typed.
    Ambiguous {
        /// What was typed.
        typed: String,
        /// The runs, oldest first.
        runs: Vec<RunId>,
    },
    /// A runner has the service.
    Held(Box<Holder>),
    /// The service has a run that has not ended.
    Unfinished {
        /// The service.
        service: String,
        /// The run.
        run: RunId,
    },
    /// The service has an open incident, so no rollout of it begins.
    Incident(Box<Incident>),
    /// The run left no incident and no reminder, or they have been ended before.
    NothingLeft {
        /// Which run.
        run: RunId,
        /// Who ended them, if anyone.
        resolved: Option<Resolved>,
    },
    /// The run has ended, so nobody would read a letter to it.
    Over {
        /// Which.
        run: RunId,
    },
    /// Another runner has taken the run over; this one may not write any more.
    Fenced {
        /// Which run.
        run: RunId,
    },
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotWritable { path, why } => {
                write!(f, "{} cannot be written: {why}", path.display())
            }
            Self::DiskFull => f.write_str("the disk that holds the journal is full"),
            Self::NotOurs { path, why } => write!(f, "{} is not safe: {why}", path.display()),
            Self::Symlink { path } => write!(
                f,
                "{} is a symbolic link, and the journal follows none",
                path.display()
            ),
            Self::Newer { what, found, known } => write!(
                f,
                "the {what} has format {found}, written by a newer program; this one reads up to {known}"
            ),
            Self::Corrupted { why } => write!(f, "the journal is damaged: {why}"),
            Self::Gone { path } => write!(
                f,
                "{} was deleted, moved or replaced while the journal was in use",
                path.display()
            ),
            Self::Busy => f.write_str("another process has kept the journal busy for too long"),
            Self::Failed { why } => write!(f, "the journal failed: {why}"),
            Self::NoSuchRun { typed } => write!(f, "there is no run `{typed}`"),
            Self::Ambiguous { typed, runs } => {
                write!(f, "`{typed}` means more than one run:")?;
                for run in runs {
                    write!(f, " {run}")?;
                }
                Ok(())
            }
            Self::Held(holder) => write!(
                f,
                "{} is being run as {} by {} on {}, process {}",
                holder.service, holder.run, holder.by, holder.owner.host, holder.owner.pid
            ),
            Self::Unfinished { service, run } => {
                write!(f, "{service} has an unfinished run, {run}")
            }
            Self::Incident(incident) => write!(
                f,
                "{} has an open incident, left by run {}: {}",
                incident.service,
                incident.run,
                incident.title()
            ),
            Self::NothingLeft {
                run,
                resolved: None,
            } => write!(f, "{run} has left no incident and no reminder"),
            Self::NothingLeft {
                run,
                resolved: Some(resolved),
            } => write!(
                f,
                "what {run} left has been resolved by {}: {}",
                resolved.by, resolved.note
            ),
            Self::Over { run } => write!(f, "{run} has ended"),
            Self::Fenced { run } => write!(
                f,
                "another runner has taken {run} over, so this one may not write any more"
            ),
        }
    }
}

impl std::error::Error for StoreError {}
