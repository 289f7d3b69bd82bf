//! Owns the results of tests, for people and for programs.

use serde::Serialize;

use super::coverage::Coverage;
use super::judge::{judge, outcome, plus};
use super::story::{diagnostic, ill_at_ease, story};
use crate::check::Checked;
use crate::diag::{Diagnostics, factory::trial as say};
use crate::plan::{Plan, Trial};
use crate::simulate::Stage;
use crate::source::Sources;

/// The version of the form in which results are written for programs.
pub const TEST_SCHEMA: u32 = 1;

/// The tests of one file.
#[derive(Clone, Debug)]
pub struct FileTested {
    /// Its name, as it was given.
    pub file: String,
    /// Each test, in order.
    pub tests: Vec<Tested>,
    /// What they reach.
    pub coverage: Coverage,
}

/// One test.
#[derive(Clone, Debug)]
pub struct Tested {
    /// What it shows, in words.
    pub name: String,
    /// Its line, from 1.
    pub line: u32,
    /// How its run ended, in a word or two.
    pub outcome: String,
    /// How long the run took, in its own time.
    pub took: String,
    /// What does not hold.
    pub failures: Vec<Failure>,
    /// The run up to where it first went another way; empty when all holds.
    pub story: Vec<String>,
    /// The same as `failures`, with their places.
    pub said: Diagnostics,
}

/// An expectation that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// Its line, from 1.
    pub line: u32,
    /// What was expected, as it is written.
    pub expected: String,
    /// What happened instead.
    pub found: String,
    /// What came nearest.
    pub near: Vec<String>,
    /// Up to when the run could have met it, in its own time.
    pub at: String,
}

impl FileTested {
    /// Puts further tests of the same file behind these.
    pub fn join(&mut self, more: Self) {
        self.tests.extend(more.tests);
        self.coverage.join(&more.coverage);
    }
}

/// Which tests are run.
pub type Chosen<'c> = &'c dyn Fn(&Trial) -> bool;

/// Runs tests of a file.
#[must_use]
pub fn test_file(
    name: &str,
    (checked, sources): (&Checked, &Sources),
    trials: &[Trial],
    chosen: Chosen<'_>,
) -> FileTested {
    let mut coverage = Coverage::of(checked, sources);
    let mut stages: Vec<(*const Plan, Stage)> = Vec::new();
    let mut tests = Vec::new();
    for trial in trials.iter().filter(|trial| chosen(trial)) {
        let plan = std::sync::Arc::as_ptr(&trial.plan);
        let stage = match stages.iter().find(|(known, _)| *known == plan) {
            Some((_, stage)) => stage.clone(),
            None => {
                let stage = Stage::new(&trial.plan);
                stages.push((plan, stage.clone()));
                stage
            }
        };
        tests.push(one(trial, &stage, sources, &mut coverage));
    }
    FileTested {
        file: name.to_owned(),
        tests,
        coverage,
    }
}

fn one(trial: &Trial, stage: &Stage, sources: &Sources, coverage: &mut Coverage) -> Tested {
    let line = |span: crate::source::Span| sources.line(span.start);
    let mut tested = Tested {
        name: trial.name.clone(),
        line: line(trial.span),
        outcome: String::new(),
        took: String::new(),
        failures: Vec::new(),
        story: Vec::new(),
        said: Diagnostics::new(),
    };
    let unset = ill_at_ease(trial, stage);
    if !unset.is_empty() {
        for said in unset {
            tested.failures.push(Failure {
                line: tested.line,
                expected: "every metric has a value at which all is well".to_owned(),
                found: said.message.clone(),
                near: said.help.clone(),
                at: "+0s".to_owned(),
            });
            tested.said.push(said);
        }
        tested.outcome = "not begun".to_owned();
        tested.said.sort();
        return tested;
    }
    let played = match stage.play(trial) {
        Ok(played) => played,
        Err(error) => {
            tested.outcome = "not brought back".to_owned();
            tested.failures.push(Failure {
                line: tested.line,
                expected: "the run is brought back from its journal".to_owned(),
                found: error.to_string(),
                near: Vec::new(),
                at: "+0s".to_owned(),
            });
            return tested;
        }
    };
    coverage.add(&played, &trial.steps);
    tested.outcome = outcome(trial, &played);
    let end = played.events.last().map(|(at, _)| *at);
    tested.took = end.map_or_else(String::new, |end| {
        plus(end).trim_start_matches('+').to_owned()
    });
    let misses = judge(trial, &played);
    if let Some(first) = misses.iter().map(|miss| miss.at).min() {
        tested.story = story(trial, &played, first);
    }
    for miss in &misses {
        let expected = trial.expects.get(miss.expect);
        tested.failures.push(Failure {
            line: expected.map_or(tested.line, |one| line(one.span)),
            expected: expected.map_or_else(String::new, |one| one.text.clone()),
            found: miss.found.clone(),
            near: miss.near.clone(),
            at: plus(miss.at),
        });
        tested.said.push(diagnostic(trial, miss));
    }
    // A run that went another way has not come to the rest.
    let idle = played.idle.iter().filter(|_| misses.is_empty());
    for span in idle {
        let text = sources.slice(*span);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let said = say::never_comes_to((*span, &text), (trial.span, &trial.name));
        tested.failures.push(Failure {
            line: line(*span),
            expected: "something comes of every line".to_owned(),
            found: said.message.clone(),
            near: Vec::new(),
            at: end.map_or_else(String::new, plus),
        });
        tested.said.push(said);
    }
    tested.said.sort();
    tested
}

/// The results for programs. `unread` are files whose tests could not be run, each with what is wrong.
#[must_use]
pub fn json(files: &[FileTested], unread: &[(String, serde_json::Value)]) -> serde_json::Value {
    let (passed, failed) = counts(files);
    let all: Vec<serde_json::Value> = files
        .iter()
        .map(|file| {
            let tests: Vec<serde_json::Value> = file
                .tests
                .iter()
                .map(|test| {
                    serde_json::json!({
                        "name": test.name,
                        "line": test.line,
                        "passed": test.failures.is_empty(),
                        "outcome": test.outcome,
                        "took": test.took,
                        "failures": test.failures,
                        "story": test.story,
                    })
                })
                .collect();
            serde_json::json!({ "file": file.file, "tests": tests })
        })
        .collect();
    let unread: Vec<serde_json::Value> = unread
        .iter()
        .map(|(file, said)| serde_json::json!({ "file": file, "diagnostics": said }))
        .collect();
    serde_json::json!({
        "schema": TEST_SCHEMA,
        "files": all,
        "unread": unread,
        "summary": { "passed": passed, "failed": failed, "unread": unread.len() },
    })
}

/// How many tests hold, and how many do not.
#[must_use]
pub fn counts(files: &[FileTested]) -> (usize, usize) {
    let tests = || files.iter().flat_map(|file| &file.tests);
    let passed = tests().filter(|test| test.failures.is_empty()).count();
    (passed, tests().count().saturating_sub(passed))
}
