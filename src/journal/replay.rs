//! Owns the way back from a journal to a state: the recorded facts through the same transitions, each answer held against
//! the recorded one. There is no second recovery path.

use std::fmt;

use super::entry::{Entry, Event};
use super::error::StoreError;
use super::ids::Seq;
use super::store::Standing;
use crate::engine::{Attempt, Effect, Input, Stamp, State, Work, apply};
use crate::plan::Plan;

/// A run, brought back.
#[derive(Clone, Debug, PartialEq)]
pub struct Replayed {
    /// Its state after the newest fact.
    pub state: State,
    /// When the newest fact happened; the beginning of time when there is none.
    pub last: Stamp,
    /// Where the next row goes.
    pub next: Seq,
}

impl Replayed {
    /// The attempts that were out when the journal ends. Whether they were ever begun, go on or have ended is the world's to find
    /// out; `state.running` also says whether they were told to stop.
    #[must_use]
    pub fn outstanding(&self) -> Vec<(Attempt, Work)> {
        let all = self.state.running.iter();
        all.map(|running| (running.attempt, running.work)).collect()
    }

    /// How far the run has come.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match (self.state.verdict(), self.state.left, self.state.leaving) {
            (Some(verdict), _, _) => Standing::Over(verdict.clone()),
            (None, true, Some(why)) => Standing::Left(why),
            (None, _, _) => Standing::Open,
        }
    }
}

/// Why a journal cannot be brought back.
#[derive(Clone, Debug, PartialEq)]
pub enum ReplayError {
    /// The engine of today answers otherwise than the one that wrote the journal.
    Diverged(Box<Divergence>),
    /// The rows are not a journal: gaps, or an effect before any input.
    Broken {
        /// Where.
        seq: Seq,
        /// How.
        why: &'static str,
    },
}

/// The first place at which the engine answers otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Divergence {
    /// Where.
    pub seq: Seq,
    /// The fact that was answered.
    pub input: Input,
    /// What was recorded; nothing when the engine now says more.
    pub recorded: Option<Effect>,
    /// What came out; nothing when the engine now says less.
    pub produced: Option<Effect>,
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Diverged(divergence) => {
                let Divergence {
                    seq,
                    recorded,
                    produced,
                    input: _,
                } = divergence.as_ref();
                write!(
                    f,
                    "this program would have decided otherwise at row {} of the journal: recorded is {}, now it is {}",
                    seq.0,
                    words(recorded.as_ref()),
                    words(produced.as_ref())
                )
            }
            Self::Broken { seq, why } => write!(f, "row {} of the journal: {why}", seq.0),
        }
    }
}

fn words(effect: Option<&Effect>) -> String {
    effect.map_or_else(
        || "nothing".to_owned(),
        |effect| serde_json::to_string(effect).unwrap_or_default(),
    )
}

impl std::error::Error for ReplayError {}

impl From<ReplayError> for StoreError {
    fn from(error: ReplayError) -> Self {
        Self::Corrupted {
            why: error.to_string(),
        }
    }
}

/// Brings a run back from all of its rows.
///
/// # Errors
/// When the rows are no journal, or the engine answers otherwise than recorded.
pub fn replay(plan: &Plan, entries: &[Entry]) -> Result<Replayed, ReplayError> {
    let mut state = State::new(plan);
    let mut last = Stamp::default();
    let mut next = Seq::FIRST;
    let mut effects = Vec::new();
    let mut rest = entries.iter().peekable();
    while let Some(entry) = rest.next() {
        if entry.seq != next {
            let why = "rows are missing before it";
            return Err(ReplayError::Broken {
                seq: entry.seq,
                why,
            });
        }
        let Event::Input(input) = &entry.event else {
            let why = "an effect without its input";
            return Err(ReplayError::Broken {
                seq: entry.seq,
                why,
            });
        };
        effects.clear();
        apply(plan, &mut state, entry.stamp, input, &mut effects);
        last = entry.stamp;
        next = next.after(1);
        let mut recorded = Vec::new();
        while let Some(entry) = rest.next_if(|entry| matches!(entry.event, Event::Effect(_))) {
            if entry.seq != next {
                let why = "rows are missing before it";
                return Err(ReplayError::Broken {
                    seq: entry.seq,
                    why,
                });
            }
            next = next.after(1);
            if let Event::Effect(effect) = &entry.event {
                recorded.push((entry.seq, effect));
            }
        }
        if let Some((seq, recorded, produced)) = difference(&recorded, &effects) {
            return Err(ReplayError::Diverged(Box::new(Divergence {
                seq: seq.unwrap_or(entry.seq),
                input: input.clone(),
                recorded,
                produced,
            })));
        }
    }
    Ok(Replayed { state, last, next })
}

/// The first order that is recorded otherwise than it comes out now. What is said to people may be worded otherwise by another
/// version of the program; what is ordered may not.
fn difference(
    recorded: &[(Seq, &Effect)],
    produced: &[Effect],
) -> Option<(Option<Seq>, Option<Effect>, Option<Effect>)> {
    let mut before = recorded
        .iter()
        .filter_map(|(seq, effect)| Some((*seq, effect.order()?)));
    let mut now = produced.iter().filter_map(Effect::order);
    loop {
        match (before.next(), now.next()) {
            (None, None) => return None,
            (Some((_, recorded)), Some(produced)) if recorded == produced => {}
            (recorded, produced) => {
                let seq = recorded.as_ref().map(|(seq, _)| *seq);
                return Some((seq, recorded.map(|(_, effect)| effect), produced));
            }
        }
    }
}
