//! Owns what stands in for production: a directory with an exposure, an error rate, and a file in which every command that
//! changes something leaves the line `NAME ATTEMPT`. It must not read the program's journal.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::RUNBOOKS;
use crate::program::{Place, Ran, run_named_in};
use crate::wait;

/// The status of a runner that left because nobody knows how a step ended.
pub(crate) const UNKNOWN: i32 = 6;

/// A production to run one of the runbooks against, at the beginning.
pub(crate) struct Site {
    pub(crate) place: Place,
    file: PathBuf,
}

impl Site {
    pub(crate) fn new(runbook: &str) -> Self {
        Self::of(PathBuf::from(RUNBOOKS).join(format!("{runbook}.runbook")))
    }

    /// The same for a runbook that lies elsewhere.
    pub(crate) fn of(file: PathBuf) -> Self {
        let place = Place::new();
        std::fs::create_dir(place.at("site")).expect("a directory for the site");
        place.write("site/share", "0\n");
        place.write("site/errors", "0\n");
        Self { place, file }
    }

    /// The same for a runbook with this text.
    pub(crate) fn written(text: &str) -> Self {
        let mut site = Self::of(PathBuf::new());
        site.place.write("site.runbook", text);
        site.file = site.place.at("site.runbook");
        site
    }

    /// The words that run it.
    pub(crate) fn run(&self, speed: &str) -> Vec<String> {
        let site = format!("site={}", self.place.at("site").display());
        [
            "run",
            &self.file.display().to_string(),
            "--param",
            &site,
            "--rehearse",
            speed,
            "--non-interactive",
        ]
        .map(str::to_owned)
        .to_vec()
    }

    /// Takes a run up.
    pub(crate) fn resume(&self, run: &str) -> Ran {
        self.place.call(&["resume", run, "--non-interactive"])
    }

    /// What happened: for each name, the numbers of the attempts, as they came.
    pub(crate) fn effects(&self) -> Effects {
        let mut effects = Effects::default();
        for line in self.place.read("site/effects").lines() {
            let (name, attempt) = line.split_once(' ').expect("NAME ATTEMPT");
            let attempt = attempt.parse().expect("an attempt's number");
            let attempts: &mut Vec<u32> = effects.0.entry(name.to_owned()).or_default();
            attempts.push(attempt);
        }
        effects
    }

    /// Waits until a step has left its line.
    pub(crate) fn has_effect(&self, name: &str) {
        wait::until(
            &format!("{name} has happened"),
            || self.effects(),
            |effects| effects.times(name) > 0,
        );
    }

    /// Whether the journal is whole.
    pub(crate) fn verify(&self, run: &str) {
        let verified = self.place.call(&["log", run, "--verify"]);
        assert_eq!(verified.status, Some(0), "{verified:?}");
        assert!(
            verified.err.contains("the journal is whole"),
            "{verified:?}"
        );
    }

    /// Answers the one question of a run that was left because of it, as someone would who looked at production, and takes
    /// the run up once more.
    pub(crate) fn answer(&self, left: &Ran, steps: &[&str]) -> Ran {
        let run = run_named_in(&left.err);
        let asked = steps
            .iter()
            .find(|step| {
                left.err
                    .contains(&format!("the outcome of step {step} is unknown"))
            })
            .unwrap_or_else(|| panic!("the question names none of {steps:?}:\n{}", left.err));
        let answer = match self.effects().times(asked) {
            0 => "rerun",
            _ => "continue",
        };
        let decided = self
            .place
            .call(&["decide", &run, answer, "--reason", "looked at it"]);
        assert_eq!(decided.status, Some(0), "{decided:?}");
        self.resume(&run)
    }
}

/// What the effects file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Effects(pub(crate) BTreeMap<String, Vec<u32>>);

impl Effects {
    /// How often something happened.
    pub(crate) fn times(&self, name: &str) -> usize {
        self.0.get(name).map_or(0, Vec::len)
    }

    /// No attempt was made twice, and each of `once` at most once.
    pub(crate) fn assert_at_most_once(&self, once: &[&str]) {
        let mut attempts: Vec<u32> = self.0.values().flatten().copied().collect();
        let all = attempts.len();
        attempts.sort_unstable();
        attempts.dedup();
        assert_eq!(attempts.len(), all, "an attempt was made twice: {self:?}");
        for name in once {
            assert!(
                self.times(name) <= 1,
                "{name} may not be repeated: {self:?}"
            );
        }
    }
}
