//! Owns what a store of journals must do, whichever database is behind it. One conformance suite holds every implementation.

use serde::{Deserialize, Serialize};

use super::chain::{self, Hash, Head};
use super::durability::Durability;
use super::entry::{Entry, Row};
use super::error::StoreError;
use super::ids::{Epoch, RunId, Seq};
use super::inbox::{Inbox, Post};
use super::left::{Ended, Incident, Left, Reminder, Resolved};
use super::lock::{Claim, Holder, Taken};
use super::replay::replay;
use crate::engine::{Effect, Input, LeaveWhy, Stamp, Verdict};
use crate::plan::Plan;
use crate::world::Letter;

/// A run that begins.
pub struct NewRun<'a> {
    /// The compiled runbook.
    pub plan: &'a Plan,
    /// The text that it was compiled from.
    pub source: &'a str,
    /// The program's version.
    pub program: &'a str,
    /// The directory that the run was started in; its relative paths and its steps begin there, from wherever it is resumed.
    pub dir: &'a str,
    /// How many times faster than real time it goes; 1 but in a rehearsal.
    pub speed: u32,
    /// The fact that it begins with; kept here too, because its runner may die before it is recorded.
    pub begin: &'a Input,
}

/// What is known of a run without reading its journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunMeta {
    /// Its name.
    pub id: RunId,
    /// The service that it changes.
    pub service: String,
    /// The runbook's title.
    pub title: String,
    /// Who started it.
    pub by: String,
    /// When it was started, Unix milliseconds.
    pub started: i64,
    /// The version of the program that started it.
    pub program: String,
    /// The directory that it was started in.
    pub dir: String,
    /// How many times faster than real time it goes.
    pub speed: u32,
    /// SHA-256 of the compiled plan.
    pub plan_hash: Hash,
    /// How far it has come.
    pub standing: Standing,
    /// When its newest fact happened; the beginning of time when there is none.
    pub last: Stamp,
    /// How many runners it has had.
    pub epoch: Epoch,
    /// The runner that has it, or died with it.
    pub holder: Option<Holder>,
}

/// How far a run has come, as its journal says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// A runner drives it, or died driving it.
    Open,
    /// Its runner left it, to be resumed.
    Left(LeaveWhy),
    /// It has ended.
    Over(Verdict),
}

impl Standing {
    /// Whether the run keeps its service.
    #[must_use]
    pub fn is_over(&self) -> bool {
        match self {
            Self::Over(_) => true,
            Self::Open | Self::Left(_) => false,
        }
    }

    /// Whether there is anything that a letter to the run could still change. A stuck run can be rolled back by a person.
    #[must_use]
    pub fn reads_letters(&self) -> bool {
        match self {
            Self::Open | Self::Left(_) | Self::Over(Verdict::Stuck { .. }) => true,
            Self::Over(
                Verdict::Completed
                | Verdict::RolledBack { .. }
                | Verdict::WentForward { .. }
                | Verdict::Aborted { .. }
                | Verdict::Refused { .. },
            ) => false,
        }
    }
}

/// A run with what it was made from.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredRun {
    /// What is known of it.
    pub meta: RunMeta,
    /// The plan as it is stored, in JSON.
    pub plan_text: String,
    /// The text of the runbook.
    pub source: String,
    /// The fact that it begins with, in JSON; the runs of older programs have none.
    pub begin_text: Option<String>,
}

impl StoredRun {
    /// Holds what is said of the run as a whole against its plan and its rows.
    fn verify(&self, rows: &[Row]) -> Result<(), StoreError> {
        let id = &self.meta.id;
        let plan = self.plan()?;
        let changed = |what: String| Err(StoreError::Corrupted { why: what });
        if plan.header.title != self.meta.title {
            return changed(format!("the title of {id} was changed"));
        }
        let entries: Vec<Entry> = rows.iter().map(Row::read).collect::<Result<_, _>>()?;
        // What the engine of today answers otherwise is told where a run is taken up; nobody has changed it.
        let replayed = replay(&plan, &entries).ok();
        if replayed.is_some_and(|replayed| replayed.standing() != self.meta.standing) {
            return changed(format!("how far {id} is said to have come was changed"));
        }
        Ok(())
    }

    /// The fact that it begins with: who began it, what they confirmed, and what they said of a closed window.
    ///
    /// # Errors
    /// [`StoreError::Corrupted`] for what is no such fact.
    pub fn begin(&self) -> Result<Option<Input>, StoreError> {
        self.begin_text
            .as_ref()
            .map(|text| serde_json::from_str(text))
            .transpose()
            .map_err(|error| StoreError::Corrupted {
                why: format!("how {} begins cannot be read: {error}", self.meta.id),
            })
    }

    /// The plan.
    ///
    /// # Errors
    /// [`StoreError::Newer`] for a newer format, [`StoreError::Corrupted`] for what is no plan.
    pub fn plan(&self) -> Result<Plan, StoreError> {
        #[derive(Deserialize)]
        struct Versioned {
            format: u32,
        }
        let damaged = |error: serde_json::Error| StoreError::Corrupted {
            why: format!("the plan of {} cannot be read: {error}", self.meta.id),
        };
        let Versioned { format } = serde_json::from_str(&self.plan_text).map_err(damaged)?;
        if format > crate::plan::PLAN_FORMAT {
            return Err(StoreError::Newer {
                what: "plan",
                found: format,
                known: crate::plan::PLAN_FORMAT,
            });
        }
        serde_json::from_str(&self.plan_text).map_err(damaged)
    }
}

/// One transition, which is never written in part.
pub struct Batch<'a> {
    /// The position of the input; the effects follow it.
    pub first: Seq,
    /// When the fact happened.
    pub stamp: Stamp,
    /// The fact.
    pub input: &'a Input,
    /// What followed from it.
    pub effects: &'a [Effect],
    /// The letter that the fact came by; removed in the same transaction.
    pub letter: Option<Letter>,
    /// How far the run has come with it.
    pub standing: &'a Standing,
    /// What the commit must survive.
    pub durability: Durability,
}

/// The commits of a store since it was opened, by what they survive. A durable one costs one `fsync`, a lazy one none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Commits {
    /// Durable ones.
    pub durable: u64,
    /// Lazy ones.
    pub lazy: u64,
}

/// A store of journals. An operation that fails has changed nothing.
pub trait Store {
    /// Creates a run and takes its service's lock for it, in one durable transaction. Refused while the service has a run
    /// that has not ended ([`StoreError::Held`], [`StoreError::Unfinished`]), or an open incident ([`StoreError::Incident`]).
    ///
    /// # Errors
    /// Those, and when it cannot be written.
    fn create_run(
        &mut self,
        new: &NewRun<'_>,
        claim: &Claim<'_>,
    ) -> Result<(RunId, Taken), StoreError>;

    /// Takes the lock for a run that exists, and with it the right to write. A living runner's lock is never broken
    /// ([`StoreError::Held`]); a dead one's is taken over. Refused while another run of the service has not ended.
    ///
    /// # Errors
    /// Those, and when it cannot be written.
    fn take_lock(&mut self, run: &RunId, claim: &Claim<'_>) -> Result<Taken, StoreError>;

    /// Lets the service go. Does nothing when the lock is another runner's by now.
    ///
    /// # Errors
    /// When it cannot be written.
    fn release_lock(&mut self, run: &RunId, epoch: Epoch) -> Result<(), StoreError>;

    /// Writes transitions that follow each other, all of them or none, as durably as the most durable of them wants. Only the
    /// newest runner may, at the position that follows the last one ([`StoreError::Fenced`]).
    ///
    /// # Errors
    /// Those, and when they cannot be written.
    fn append_all(
        &mut self,
        run: &RunId,
        epoch: Epoch,
        batches: &[Batch<'_>],
    ) -> Result<(), StoreError>;

    /// Writes one transition.
    ///
    /// # Errors
    /// As [`Self::append_all`].
    fn append(&mut self, run: &RunId, epoch: Epoch, batch: &Batch<'_>) -> Result<(), StoreError> {
        self.append_all(run, epoch, std::slice::from_ref(batch))
    }

    /// All runs, newest first.
    ///
    /// # Errors
    /// When they cannot be read.
    fn runs(&self) -> Result<Vec<RunMeta>, StoreError>;

    /// A run with its plan and its source.
    ///
    /// # Errors
    /// When there is no such run or it cannot be read.
    fn load(&self, run: &RunId) -> Result<StoredRun, StoreError>;

    /// The rows of a run from a position on, as they are stored.
    ///
    /// # Errors
    /// When they cannot be read.
    fn rows(&self, run: &RunId, from: Seq) -> Result<Vec<Row>, StoreError>;

    /// The stored end of a run's journal.
    ///
    /// # Errors
    /// When there is no such run or it cannot be read.
    fn head(&self, run: &RunId) -> Result<Head, StoreError>;

    /// Leaves a letter for the run's runner, durably. Refused when nobody will read it ([`StoreError::Over`]).
    ///
    /// # Errors
    /// Those, and when it cannot be written.
    fn post(&mut self, run: &RunId, post: &Post<'_>) -> Result<Letter, StoreError>;

    /// A run's inbox, for its runner.
    ///
    /// # Errors
    /// When the store cannot be opened once more.
    fn inbox(&self, run: &RunId) -> Result<Box<dyn Inbox + Send>, StoreError>;

    /// All incidents, newest first.
    ///
    /// # Errors
    /// When they cannot be read.
    fn incidents(&self) -> Result<Vec<Incident>, StoreError>;

    /// The reminders that nobody has ended yet, the one that is due first first.
    ///
    /// # Errors
    /// When they cannot be read.
    fn reminders(&self) -> Result<Vec<Reminder>, StoreError>;

    /// All that a run left, whether it was ended since or not.
    ///
    /// # Errors
    /// When it cannot be read.
    fn left(&self, run: &RunId) -> Result<Left, StoreError>;

    /// Ends a run's incident and its reminders, durably.
    ///
    /// # Errors
    /// [`StoreError::NothingLeft`] when there is nothing to end, and when it cannot be written.
    fn end_left(&mut self, run: &RunId, word: &Resolved) -> Result<Ended, StoreError>;

    /// What it has committed.
    fn commits(&self) -> Commits;

    /// The rows of a run from a position on, understood.
    ///
    /// # Errors
    /// When they cannot be read.
    fn entries(&self, run: &RunId, from: Seq) -> Result<Vec<Entry>, StoreError> {
        self.rows(run, from)?.iter().map(Row::read).collect()
    }

    /// Walks the hash chain of a run, holds what it left and how far it has come against the rows in it, and returns its head.
    ///
    /// # Errors
    /// [`StoreError::Corrupted`] where it does not hold, and when it cannot be read.
    fn verify(&self, run: &RunId) -> Result<Head, StoreError> {
        let stored = self.head(run)?;
        let mut rows = self.rows(run, Seq::FIRST)?;
        // What a living runner wrote since is not missing.
        rows.retain(|row| row.seq < stored.next);
        let known = self.load(run)?;
        let head = chain::verify(&known, &rows, stored)?;
        let left = self.left(run)?;
        // Nor is what it left since without an order.
        if self.head(run)? == stored {
            left.verify(run, &Left::ordered(&known.meta, &rows)?)?;
            known.verify(&rows)?;
        }
        Ok(head)
    }

    /// The run that a person means by what was typed: a unique beginning of its id, or of the part after the day.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRun`], [`StoreError::Ambiguous`], and when the runs cannot be read.
    fn resolve(&self, typed: &str) -> Result<RunId, StoreError> {
        let mut runs: Vec<RunId> = self.runs()?.into_iter().map(|meta| meta.id).collect();
        runs.retain(|run| run.answers_to(typed));
        runs.sort();
        match runs.as_slice() {
            [] => Err(StoreError::NoSuchRun {
                typed: typed.to_owned(),
            }),
            [run] => Ok(run.clone()),
            [_, _, ..] => Err(StoreError::Ambiguous {
                typed: typed.to_owned(),
                runs,
            }),
        }
    }
}
