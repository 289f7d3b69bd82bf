//! Owns the runner's pen: it writes each transition of the one loop into a store, and knows what each commit must survive.

use std::collections::BTreeMap;

use super::durability::{Durability, durability};
use super::error::StoreError;
use super::ids::{Epoch, RunId, Seq};
use super::replay::Replayed;
use super::store::{Batch, Standing, Store};
use crate::engine::{Attempt, Effect, Input, Note, Work};
use crate::world::{Fact, Moved, Record};

/// Writes one run's journal, for [`crate::world::run`].
pub struct Writer<'s> {
    store: &'s mut dyn Store,
    run: RunId,
    epoch: Epoch,
    next: Seq,
    standing: Standing,
    out: BTreeMap<Attempt, Work>,
    commits: u64,
    durable: u64,
    hook: Option<Box<dyn FnMut(Boundary) + 's>>,
    /// Whether a store that was busy so many times is asked again.
    again: Option<Box<dyn FnMut(u32) -> bool + 's>>,
}

/// A side of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Boundary {
    /// The transition is known and not yet on disk.
    Before(Nth),
    /// It is on disk, and nothing of it is done yet.
    After(Nth),
}

/// Which commit it is, counted from 1 since the writer was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nth {
    /// Among all.
    pub all: u64,
    /// Among the durable ones, when it is one.
    pub durable: Option<u64>,
}

/// Where a test lets a runner die.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailPoint {
    side: Side,
    number: u64,
    among: Among,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Before,
    After,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Among {
    All,
    Durable,
}

impl FailPoint {
    /// Reads `before:N` or `after:N`; with `durable:N`, only durable commits count.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (side, number) = text.split_once(':')?;
        let (among, number) = match number.strip_prefix("durable:") {
            Some(number) => (Among::Durable, number),
            None => (Among::All, number),
        };
        let side = match side {
            "before" => Side::Before,
            "after" => Side::After,
            _ => return None,
        };
        Some(Self {
            side,
            number: number.parse().ok()?,
            among,
        })
    }

    /// Whether this is the place.
    #[must_use]
    pub fn is_at(self, boundary: Boundary) -> bool {
        let (side, nth) = match boundary {
            Boundary::Before(nth) => (Side::Before, nth),
            Boundary::After(nth) => (Side::After, nth),
        };
        let number = match self.among {
            Among::All => Some(nth.all),
            Among::Durable => nth.durable,
        };
        side == self.side && number == Some(self.number)
    }
}

impl<'s> Writer<'s> {
    /// For a run that was just created.
    pub fn new(store: &'s mut dyn Store, run: RunId, epoch: Epoch) -> Self {
        Self {
            store,
            run,
            epoch,
            next: Seq::FIRST,
            standing: Standing::Open,
            out: BTreeMap::new(),
            commits: 0,
            durable: 0,
            hook: None,
            again: None,
        }
    }

    /// For a run that is taken up again.
    pub fn resume(store: &'s mut dyn Store, run: RunId, epoch: Epoch, replayed: &Replayed) -> Self {
        let mut writer = Self::new(store, run, epoch);
        writer.next = replayed.next;
        writer.standing = replayed.standing();
        writer.out = replayed.outstanding().into_iter().collect();
        writer
    }

    /// Calls this at both sides of every commit: for tests that let a runner die there.
    #[must_use]
    pub fn with_hook(mut self, hook: impl FnMut(Boundary) + 's) -> Self {
        self.hook = Some(Box::new(hook));
        self
    }

    /// Asks this whether to wait on when another process has held the store for so many waits; without it, one is enough.
    #[must_use]
    pub fn with_patience(mut self, again: impl FnMut(u32) -> bool + 's) -> Self {
        self.again = Some(Box::new(again));
        self
    }

    /// Commits, as often as the store is only busy: what it does then leaves no trace.
    fn append(&mut self, batches: &[Batch<'_>]) -> Result<(), StoreError> {
        let mut waits = 0_u32;
        loop {
            let done = self.store.append_all(&self.run, self.epoch, batches);
            if !matches!(done, Err(StoreError::Busy)) {
                return done;
            }
            waits = waits.saturating_add(1);
            let again = self.again.as_mut().is_some_and(|again| again(waits));
            if !again {
                return done;
            }
        }
    }

    fn at(&mut self, boundary: Boundary) {
        if let Some(hook) = &mut self.hook {
            hook(boundary);
        }
    }
}

/// How far a run has come after some effects.
fn standing_after(before: &Standing, effects: &[Effect]) -> Standing {
    let mut standing = before.clone();
    for effect in effects {
        match effect {
            Effect::Finish(verdict) => standing = Standing::Over(verdict.clone()),
            Effect::Left(why) => standing = Standing::Left(*why),
            // A run that was left is taken up; a person rolls a stuck one back, or lets it go forward.
            Effect::Say(
                Note::TakenUp { .. } | Note::RollbackBegan { .. } | Note::ForwardBegan { .. },
            ) => {
                standing = Standing::Open;
            }
            Effect::Start { .. }
            | Effect::Stop { .. }
            | Effect::Query { .. }
            | Effect::LookBack { .. }
            | Effect::Measure { .. }
            | Effect::Ask(_)
            | Effect::Withdraw(_)
            | Effect::Notify { .. }
            | Effect::Open { .. }
            | Effect::Remind { .. }
            | Effect::Say(_) => {}
        }
    }
    standing
}

impl Record for Writer<'_> {
    type Error = StoreError;

    fn keep(&mut self, fact: &Fact, effects: &[Effect]) -> Result<(), StoreError> {
        self.keep_all(&[Moved {
            fact: fact.clone(),
            effects: effects.to_vec(),
        }])
    }

    fn keep_all(&mut self, moves: &[Moved]) -> Result<(), StoreError> {
        let number = self.commits.saturating_add(1);
        let mut next = self.next;
        let mut out = self.out.clone();
        let mut standings = Vec::with_capacity(moves.len());
        for one in moves {
            let before = standings.last().unwrap_or(&self.standing);
            standings.push(standing_after(before, &one.effects));
        }
        let mut batches = Vec::with_capacity(moves.len());
        for (Moved { fact, effects }, standing) in moves.iter().zip(&standings) {
            let mut ended = None;
            if let Input::Ended { attempt, .. } = &fact.input {
                ended = out.remove(attempt);
            }
            batches.push(Batch {
                first: next,
                stamp: fact.stamp,
                input: &fact.input,
                effects,
                letter: fact.letter,
                standing,
                durability: durability(&fact.input, ended, effects),
            });
            next = next
                .after(u64::try_from(effects.len()).unwrap_or(u64::MAX))
                .after(1);
            for effect in effects {
                if let Effect::Start { attempt, work, .. } = effect {
                    out.insert(*attempt, *work);
                }
            }
        }
        let is_durable = |batch: &Batch<'_>| batch.durability == Durability::Durable;
        let durable = batches
            .iter()
            .any(is_durable)
            .then(|| self.durable.saturating_add(1));
        let nth = Nth {
            all: number,
            durable,
        };
        self.at(Boundary::Before(nth));
        self.append(&batches)?;
        self.at(Boundary::After(nth));
        self.commits = number;
        self.durable = durable.unwrap_or(self.durable);
        self.next = next;
        self.out = out;
        if let Some(standing) = standings.pop() {
            self.standing = standing;
        }
        Ok(())
    }
}
