//! Owns what the sweep remembers of a path that the engine does not: whether a rollback began, whether a level did, who was told,
//! and what was taken apart and not put together again.

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
            for (index, pair) in pairs.iter().enumerate().take(32) {
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

/// The steps of stages that take apart what a later step of a stage puts together.
pub(super) fn pairs(plan: &Plan, in_stages: &[StepId]) -> Vec<Pair> {
    let mut found = Vec::new();
    for (place, opens) in in_stages.iter().enumerate() {
        let Some(step) = plan.steps.get(opens.index()) else {
            continue;
        };
        for (apart, together) in OPPOSITES {
            if !words(step).any(|word| word.eq_ignore_ascii_case(apart)) {
                continue;
            }
            let puts = |step: &Step| -> Option<String> {
                let is_one =
                    |word: &&str| together.iter().any(|one| word.eq_ignore_ascii_case(one));
                words(step).find(is_one).map(str::to_ascii_lowercase)
            };
            let later = in_stages.get(place.saturating_add(1)..).unwrap_or_default();
            let closer = later
                .iter()
                .filter_map(|id| plan.steps.get(id.index()))
                .find_map(puts);
            let Some(word) = closer else {
                continue;
            };
            let closes = plan.steps.iter().filter(|one| puts(one).is_some());
            found.push(Pair {
                opens: *opens,
                closes: closes.map(|one| one.id).collect(),
                words: ((*apart).to_owned(), word),
            });
            break;
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
    let all = texts.into_iter();
    all.flat_map(|text| text.split(|ch: char| !ch.is_ascii_alphabetic()))
}
