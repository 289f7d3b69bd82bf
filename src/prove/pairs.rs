//! Owns the pairs of steps of which one takes something apart and another one puts it together again: known by their words, and by what
//! stands behind these in their commands.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::{Command, Piece, Plan, Step, StepId, Template, VariableValue};

use super::sweep::in_stages;

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

/// No more pairs are followed than a [`Monitor`](super::monitor::Monitor) has bits for.
const MOST_PAIRS: usize = 32;

/// Whether a plan has more pairs than are followed.
#[must_use]
pub fn leaves_pairs_out(plan: &Plan) -> bool {
    let plan = &plan.for_proof();
    first_pairs(plan, &in_stages(plan), MOST_PAIRS + 1).len() > MOST_PAIRS
}

/// The steps of stages that take apart what a later step of a stage puts together.
pub(super) fn pairs(plan: &Plan, in_stages: &[StepId]) -> Vec<Pair> {
    first_pairs(plan, in_stages, MOST_PAIRS)
}

fn first_pairs(plan: &Plan, in_stages: &[StepId], most: usize) -> Vec<Pair> {
    let mut found: Vec<Pair> = Vec::new();
    let mut closers: BTreeMap<&str, Closers> = BTreeMap::new();
    for (place, opens) in in_stages.iter().enumerate() {
        let Some(step) = plan.steps.get(opens.index()) else {
            continue;
        };
        let opposites = OPPOSITES.iter().zip(apart_by(step));
        let pair = opposites
            .filter(|(_, is)| *is)
            .find_map(|((apart, together), _)| {
                let closers = closers
                    .entry(apart)
                    .or_insert_with(|| Closers::of(plan, in_stages, together));
                let mut closes = closers.of_things(&things(plan, step, &[apart]));
                // Where none is known to speak of the same, it may be written in another way: the words alone count.
                if !closes.iter().any(|one| one.place > Some(place)) {
                    closes = closers.all.iter().collect();
                }
                let next = closes.iter().filter(|one| one.place > Some(place));
                let next = next.min_by_key(|one| one.place)?;
                let words = ((*apart).to_owned(), next.word.clone());
                closes.sort_by_key(|one| one.step.index());
                Some(Pair {
                    opens: *opens,
                    closes: closes.iter().map(|one| one.step).collect(),
                    words,
                })
            });
        found.extend(pair);
        if found.len() == most {
            break;
        }
    }
    found
}

/// A step that puts something together.
struct Closer {
    step: StepId,
    /// Its place among the steps of the stages; none in a level.
    place: Option<usize>,
    word: String,
}

/// The steps that put together again, by what they name.
struct Closers {
    all: Vec<Closer>,
    /// Those that name a thing.
    naming: BTreeMap<String, Vec<usize>>,
    /// Those of which it is not known what they name.
    of_anything: Vec<usize>,
}

impl Closers {
    fn of(plan: &Plan, in_stages: &[StepId], together: &[&str]) -> Self {
        let places = in_stages.iter().enumerate();
        let places: BTreeMap<usize, usize> =
            places.map(|(place, step)| (step.index(), place)).collect();
        let mut closers = Self {
            all: Vec::new(),
            naming: BTreeMap::new(),
            of_anything: Vec::new(),
        };
        for step in &plan.steps {
            let is_one = |word: &&str| together.iter().any(|one| word.eq_ignore_ascii_case(one));
            let Some(word) = words(step).find(is_one) else {
                continue;
            };
            let number = closers.all.len();
            closers.all.push(Closer {
                step: step.id,
                place: places.get(&step.id.index()).copied(),
                word: word.to_ascii_lowercase(),
            });
            let things = things(plan, step, together);
            if things.is_empty() {
                closers.of_anything.push(number);
            }
            for thing in things {
                closers.naming.entry(thing).or_default().push(number);
            }
        }
        closers
    }

    /// Those that may put these things together: all, where it is not known what they are.
    fn of_things(&self, things: &BTreeSet<String>) -> Vec<&Closer> {
        if things.is_empty() {
            return self.all.iter().collect();
        }
        let named = things.iter().filter_map(|thing| self.naming.get(thing));
        let numbers: BTreeSet<usize> = named.flatten().chain(&self.of_anything).copied().collect();
        let closers = numbers
            .into_iter()
            .filter_map(|number| self.all.get(number));
        closers.collect()
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

/// What a command of one line names behind one of these words: its arguments, without options, with the values of variables that
/// are known. Nothing where the command is another one.
fn things(plan: &Plan, step: &Step, verbs: &[&str]) -> BTreeSet<String> {
    let [part] = step.command.parts() else {
        return BTreeSet::new();
    };
    let words: Vec<String> = match part {
        Command::Shell { text } if !text.contains([';', '|', '&', '\n', '`', '(']) => {
            let words = text.split_whitespace();
            words.map(|word| word.replace(['"', '\''], "")).collect()
        }
        Command::Exec { argv } => argv.iter().map(as_written).collect(),
        Command::Shell { .. } | Command::Sql { .. } | Command::Http { .. } => Vec::new(),
        Command::Block { .. } => Vec::new(),
    };
    let is_verb = |word: &&String| {
        in_text(word).any(|part| verbs.iter().any(|verb| part.eq_ignore_ascii_case(verb)))
    };
    let behind = words.iter().skip_while(|word| !is_verb(word)).skip(1);
    let named = behind.filter_map(|word| match word.strip_prefix('-') {
        None => Some(word.as_str()),
        Some(option) => option.split_once('=').map(|(_, value)| value),
    });
    named.map(|word| known(plan, step, word)).collect()
}

/// A word in which a variable that is known before the run has its value.
fn known(plan: &Plan, step: &Step, word: &str) -> String {
    let name = word.strip_prefix('$').map(|name| {
        let inner = name
            .strip_prefix('{')
            .and_then(|name| name.strip_suffix('}'));
        inner.unwrap_or(name)
    });
    let Some(name) = name else {
        return word.to_owned();
    };
    let own = step.env.iter().find(|one| one.name == name);
    if let Some(own) = own {
        return match &own.value {
            VariableValue::Text(text) => as_written(text),
            VariableValue::Secret(_) => word.to_owned(),
        };
    }
    let bound = plan.bindings.iter().find(|one| one.name == name);
    bound.map_or_else(|| format!("${name}"), |one| one.value.plain())
}

/// A text, in which what only the run knows stands by its name.
fn as_written(text: &Template) -> String {
    let pieces = text.0.iter().map(|piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Run
        | Piece::Stage
        | Piece::Level
        | Piece::Reason
        | Piece::By
        | Piece::Started
        | Piece::Exposure(_)
        | Piece::Capture(_) => format!("{piece:?}"),
    });
    pieces.collect()
}
