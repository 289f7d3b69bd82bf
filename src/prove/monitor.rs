//! Owns what the sweep remembers of a path that the engine does not: whether a rollback began, whether a level did, who was told,
//! and what was taken apart and not put together again.

use std::cell::OnceCell;

use crate::engine::{Effect, Note, Verdict, Work};
use crate::plan::{Command, Piece, Plan, Step, StepId};

/// Words that take apart, each with those that put together again.
const OPPOSITES: &[(&str, &[&str])] = &[
    ("deregister", &["register"]),
    ("detach", &["attach", "reattach"]),
    ("cordon", &["uncordon"]),
    ("drain", &["undrain", "uncordon", "enable", "ready"]),
    ("suspend", &["resume", "unsuspend"]),
    ("pause", &["unpause", "resume"]),
    ("quiesce", &["unquiesce"]),
    ("enter", &["exit", "leave"]),
];

/// A step that takes something apart, and the steps that put it together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) opens: StepId,
    pub(super) closes: Vec<StepId>,
    /// Which word does, and which one puts it together.
    pub(super) words: (String, String),
}

/// How far a rollback has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Back {
    /// There is none.
    #[default]
    No,
    /// It began, and no level has yet.
    Ordered,
    /// A level has begun.
    Tried,
}

/// What is remembered of a path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Monitor {
    /// How far a rollback has come.
    pub(super) back: Back,
    /// People were told that the run is stuck.
    pub(super) told: bool,
    /// The pairs that are apart, a bit each.
    pub(super) apart: u32,
}

impl Monitor {
    /// Follows what the engine ordered.
    pub(super) fn see(&mut self, plan: &Plan, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::Say(Note::RollbackBegan { .. } | Note::ForwardBegan { .. }) => {
                    self.back = Back::Ordered
                }
                Effect::Say(Note::LevelBegan(_)) => self.back = Back::Tried,
                Effect::Finish(Verdict::Stuck { .. }) => self.told = !plan.if_stuck.is_empty(),
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
                | Effect::Say(_)
                | Effect::Left(_)
                | Effect::Finish(_) => {}
            }
        }
    }

    /// Follows the steps that are begun and done.
    pub(super) fn pair(&mut self, pairs: &[Pair], effects: &[Effect]) {
        for effect in effects {
            let (began, done) = match effect {
                Effect::Start {
                    work: Work::Step { step, .. },
                    ..
                } => (Some(*step), None),
                Effect::Say(Note::StepDone { step, .. } | Note::StepSkipped { step }) => {
                    (None, Some(*step))
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
                | Effect::Say(_)
                | Effect::Left(_)
                | Effect::Finish(_) => (None, None),
            };
            for (index, pair) in pairs.iter().enumerate() {
                if began == Some(pair.opens) {
                    self.apart |= 1 << index;
                }
                if done.is_some_and(|step| pair.closes.contains(&step)) {
                    self.apart &= !(1 << index);
                }
            }
        }
    }

    /// As bytes.
    pub(super) fn bytes(self) -> [u8; 5] {
        let [a, b, c, d] = self.apart.to_le_bytes();
        let back = match self.back {
            Back::No => 0,
            Back::Ordered => 1,
            Back::Tried => 2,
        };
        [back | (u8::from(self.told) << 2), a, b, c, d]
    }
}

/// No more pairs are followed than a [`Monitor`] has bits for.
const MOST_PAIRS: usize = 32;

/// The steps of stages that take apart what a later step of a stage puts together.
pub(super) fn pairs(plan: &Plan, in_stages: &[StepId]) -> Vec<Pair> {
    let mut found: Vec<Pair> = Vec::new();
    let mut closers: [OnceCell<Closers>; OPPOSITES.len()] = Default::default();
    for (place, opens) in in_stages.iter().enumerate() {
        let Some(step) = plan.steps.get(opens.index()) else {
            continue;
        };
        let opposites = OPPOSITES.iter().zip(&mut closers).zip(apart_by(step));
        let pair = opposites
            .filter(|(_, is)| *is)
            .find_map(|(((apart, together), closers), _)| {
                let closers = closers.get_or_init(|| Closers::of(plan, in_stages, together));
                let word = closers.after.get(place)?.clone()?;
                Some(Pair {
                    opens: *opens,
                    closes: closers.all.clone(),
                    words: ((*apart).to_owned(), word),
                })
            });
        found.extend(pair);
        if found.len() == MOST_PAIRS {
            break;
        }
    }
    found
}

/// The steps that put together again.
struct Closers {
    /// All of them.
    all: Vec<StepId>,
    /// For each step of the stages the word of the next one behind it.
    after: Vec<Option<String>>,
}

impl Closers {
    fn of(plan: &Plan, in_stages: &[StepId], together: &[&str]) -> Self {
        let puts = |step: &Step| -> Option<String> {
            let is_one = |word: &&str| together.iter().any(|one| word.eq_ignore_ascii_case(one));
            words(step).find(is_one).map(str::to_ascii_lowercase)
        };
        let all = plan.steps.iter().filter(|step| puts(step).is_some());
        let mut next = None;
        let mut after: Vec<Option<String>> = Vec::new();
        for id in in_stages.iter().rev() {
            after.push(next.clone());
            let word = plan.steps.get(id.index()).and_then(puts);
            next = word.or(next);
        }
        after.reverse();
        Self {
            all: all.map(|step| step.id).collect(),
            after,
        }
    }
}

/// Which of the words that take apart a step has.
fn apart_by(step: &Step) -> [bool; OPPOSITES.len()] {
    let mut found = [false; OPPOSITES.len()];
    for word in words(step) {
        for ((apart, _), is) in OPPOSITES.iter().zip(&mut found) {
            *is |= word.eq_ignore_ascii_case(apart);
        }
    }
    found
}

/// The words of a step's name and command.
fn words(step: &Step) -> impl Iterator<Item = &str> {
    let mut texts = vec![step.name.as_str()];
    for part in step.command.parts() {
        match part {
            Command::Shell { text } => texts.push(text),
            Command::Exec { argv } => {
                for piece in argv.iter().flat_map(|word| &word.0) {
                    if let Piece::Text(part) = piece {
                        texts.push(part);
                    }
                }
            }
            Command::Sql { sql } => texts.push(&sql.file),
            Command::Http { request } => texts.push(&request.url),
            // A block has no block in it.
            Command::Block { .. } => {}
        }
    }
    texts.into_iter().flat_map(in_text)
}

/// The runs of letters of a text. By bytes: what is no letter of ASCII ends a word wherever it stands.
fn in_text(text: &str) -> impl Iterator<Item = &str> {
    let words = text.as_bytes().split(|byte| !byte.is_ascii_alphabetic());
    words.filter_map(|word| str::from_utf8(word).ok())
}
