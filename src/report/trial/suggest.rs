//! Owns the tests that are suggested for what no test reaches. Each is made from a path of the proof, written as a person would, read
//! again with the file, and played: what is printed parses, holds and reaches what it is for.

use super::coverage::{Coverage, Item, Kind};
use super::facts::{During, Facts};
use super::judge::outcome;
use super::script::{Lasting, Script};
use crate::check::{Checked, Param, example};
use crate::engine::{Effect, State};
use crate::plan::Trial;
use crate::prove::{BUDGET, Move, legs, told_ways};
use crate::simulate::{Played, Stage, suitable_values};
use crate::source::Sources;
use crate::value::{Type, Value};

/// What a test is called that is not written yet.
const DRAFT: &str = "a draft";

/// A file with its tests, ready to be played.
pub struct Ready {
    /// The file.
    pub checked: Checked,
    /// It and what it uses.
    pub sources: Sources,
    /// Its tests.
    pub trials: Vec<Trial>,
}

/// Reads a text as the file that tests are suggested for; nothing when it is wrong.
pub type Reader<'r> = &'r dyn Fn(&str) -> Option<Ready>;

/// What is suggested for a file.
#[derive(Clone, Debug, Default)]
pub struct Suggested {
    /// The tests, each as it is written.
    pub blocks: Vec<String>,
    /// What none of them reaches either, although it can happen as far as the proof knows.
    pub left: Vec<Item>,
}

/// Tests for what the tests of a file do not reach; nothing when the file is wrong.
#[must_use]
pub fn suggest(text: &str, read: Reader<'_>) -> Option<Suggested> {
    let first = read(text)?;
    let mut coverage = Coverage::of(&first.checked, &first.sources);
    for trial in &first.trials {
        if let Some(played) = played(trial) {
            coverage.add(&played, &trial.steps);
        }
    }
    coverage.exclude(&first.trials);
    let mut search = Search {
        text: text.trim_end().to_owned(),
        read,
        coverage,
        blocks: Vec::new(),
    };
    let mut known = first.trials;
    for given in givens(&first.checked) {
        if search.coverage.missing().next().is_none() {
            break;
        }
        if let Some(base) = search.base(&given) {
            search.from(&base);
            known.push(base.trial);
        }
    }
    search.coverage.exclude(&known);
    Some(Suggested {
        left: search.coverage.missing().cloned().collect(),
        blocks: search.blocks,
    })
}

/// The ways in which parameters are given: examples of those that have no default, and then with each choice made otherwise.
fn givens(checked: &Checked) -> Vec<Vec<String>> {
    let needed = |param: &&Param| param.default.is_none();
    let plain: Vec<String> = checked
        .params
        .iter()
        .filter(needed)
        .map(|param| format!("{} = {}", param.name, example::of_param(param)))
        .collect();
    let mut all = vec![plain.clone()];
    for param in &checked.params {
        let words: Vec<String> = match &param.ty {
            Type::Bool => vec!["true".to_owned(), "false".to_owned()],
            Type::OneOf(words) => words.clone(),
            Type::Text
            | Type::Int
            | Type::Number
            | Type::Percent
            | Type::Duration
            | Type::Rate
            | Type::Bytes
            | Type::Version
            | Type::Date
            | Type::Time
            | Type::Url
            | Type::Path
            | Type::List(_) => Vec::new(),
        };
        for word in words {
            let mut given = plain.clone();
            given.retain(|one| !one.starts_with(&format!("{} = ", param.name)));
            given.push(format!("{} = {word}", param.name));
            all.push(given);
        }
    }
    all
}

fn played(trial: &Trial) -> Option<Played> {
    let stage = Stage::new(&trial.plan);
    if !stage.ill_at_ease(trial).is_empty() {
        return None;
    }
    stage.play(trial).ok()
}

/// What every test with these values begins with.
struct Base {
    lines: Vec<String>,
    ready: Checked,
    trial: Trial,
}

struct Search<'r> {
    text: String,
    read: Reader<'r>,
    coverage: Coverage,
    blocks: Vec<String>,
}

impl Search<'_> {
    /// The file with one more test, which is the last.
    fn with(&self, block: &str) -> Option<(Checked, Trial)> {
        let mut ready = (self.read)(&format!("{}\n\n{block}", self.text))?;
        Some((ready.checked, ready.trials.pop()?))
    }

    /// The beginning of every test with these values: what is given, and a value of each metric that has none at which all is well.
    fn base(&self, given: &[String]) -> Option<Base> {
        let mut lines = Vec::new();
        if !given.is_empty() {
            lines.push(format!("given {}", given.join(", ")));
        }
        let probe = |lines: &[String]| {
            self.with(&block(DRAFT, lines, &["outcome == completed".to_owned()]))
        };
        let (mut ready, mut trial) = probe(&lines)?;
        for (metric, _) in Stage::new(&trial.plan).ill_at_ease(&trial) {
            let values = suitable_values(&trial.plan);
            let values = values.get(metric.index()).cloned().unwrap_or_default();
            let known = trial.plan.metrics.get(metric.index())?.clone();
            // Far beyond every limit is well on the one side or on the other.
            let most = values.iter().copied().fold(1.0_f64, f64::max);
            for value in values.iter().copied().chain([most * 10.0]) {
                let mut more = lines.clone();
                more.push(format!("set {} = {}", known.name, known.unit.show(value)));
                let Some((checked, other)) = probe(&more) else {
                    continue;
                };
                let is_well =
                    played(&other).is_some_and(|run| outcome(&other, &run) == "completed");
                if is_well || value == most * 10.0 {
                    (lines, ready, trial) = (more, checked, other);
                    break;
                }
            }
        }
        Some(Base {
            lines,
            ready,
            trial,
        })
    }

    /// The lines of a draft but those that its run never came to.
    fn that_something_comes_of(&self, draft: &str, lines: &[String], run: &Played) -> Vec<String> {
        let whole = format!("{}\n\n{draft}", self.text);
        let idle = run.idle.iter();
        let idle: Vec<&str> = idle.filter_map(|span| whole.get(span.range())).collect();
        let needed = lines.iter().filter(|line| !idle.contains(&line.as_str()));
        needed.cloned().collect()
    }

    /// Adds tests with these values, for as long as something is missing.
    fn from(&mut self, base: &Base) {
        let plan = base.trial.plan.for_proof();
        let missing: Vec<usize> = self.coverage.places_missing();
        let coverage = &self.coverage;
        let made = &base.trial.steps;
        let mut wanted = |(before, after): (&State, &State), effects: &[Effect]| {
            let mut during = During::asked(before);
            let mut facts = Facts::default();
            for effect in effects {
                facts.see((&plan, after.now), &mut during, effect);
            }
            let facts = facts.by_the_file(made);
            coverage.reached_of(&missing, &facts)
        };
        let ways = told_ways(&plan, BUDGET, &mut wanted);
        let none: Vec<Vec<Move>> = Vec::new();
        for place in missing {
            if self.coverage.is_reached(place) {
                continue;
            }
            let paths = ways.get(&place).unwrap_or(&none);
            let script = Script {
                checked: &base.ready,
                plan: &plan,
                made,
            };
            let mut tries: Vec<Vec<String>> = Vec::new();
            for lasting in [Lasting::Shortly, Lasting::On] {
                for path in paths {
                    let lines = script.lines(&legs(&plan, path), lasting);
                    tries.extend(lines.filter(|lines| !tries.contains(lines)));
                }
            }
            tries.extend(self.coverage.done_already(place).and_then(|step| {
                let name = script.written(step)?;
                Some(vec![format!("crash after {name}")])
            }));
            for lines in tries {
                let lines = [base.lines.as_slice(), lines.as_slice()].concat();
                if self.accepts(place, &lines, &script) {
                    break;
                }
            }
        }
    }

    /// Whether a test with these lines reaches an item; then it is one of those that are suggested.
    fn accepts(&mut self, place: usize, lines: &[String], script: &Script<'_>) -> bool {
        let draft = block(DRAFT, lines, &["outcome == completed".to_owned()]);
        let Some((_, trial)) = self.with(&draft) else {
            return false;
        };
        let Some(run) = played(&trial) else {
            return false;
        };
        let needed = self.that_something_comes_of(&draft, lines, &run);
        if needed.len() < lines.len() {
            return self.accepts(place, &needed, script);
        }
        if !self.coverage.would_reach(place, &run, &trial.steps) {
            return false;
        }
        let Some(item) = self.coverage.items.get(place).cloned() else {
            return false;
        };
        let end = outcome(&trial, &run);
        if end.contains(' ') {
            // It waits for someone for ever, which is no end to be written down.
            return false;
        }
        let mut expects: Vec<String> = self.coverage.expected(place, script).into_iter().collect();
        expects.push(format!("outcome == {end}"));
        let name = format!("{}, and it {}", happens(&item), ends(&end));
        let text = block(&name, lines, &expects);
        let Some((_, trial)) = self.with(&text) else {
            return false;
        };
        // What is expected changes nothing about the run.
        if !super::judge::judge(&trial, &run).is_empty() {
            return false;
        }
        self.coverage.add(&run, &trial.steps);
        self.blocks.push(text);
        true
    }
}

/// What happens to an item, as the name of a test says it.
fn happens(item: &Item) -> String {
    match item.kind {
        Kind::Stage => format!("{} is served", item.name),
        Kind::Guard => format!("{} trips", item.name),
        Kind::Level => format!("{} is taken", item.name),
        Kind::Step => format!("{} is run", item.name),
        Kind::Failure | Kind::Branch => item.name.clone(),
    }
}

/// How a run ends, as the name of a test says it.
fn ends(outcome: &str) -> String {
    match outcome {
        "completed" => "completes".to_owned(),
        other => match other
            .strip_prefix("rolled_back(")
            .and_then(|rest| rest.strip_suffix(')'))
        {
            Some(level) => format!("is rolled back by {level}"),
            None => format!("is {other}"),
        },
    }
}

/// A test as it is written.
fn block(name: &str, lines: &[String], expects: &[String]) -> String {
    let mut out = format!("test {} {{\n", Value::Text(name.to_owned()));
    for line in lines {
        out.push_str(&format!("  {line}\n"));
    }
    for expected in expects {
        out.push_str(&format!("  expect {expected}\n"));
    }
    out.push_str("}\n");
    out
}
