//! Whatever a supervisor minds, and it dies: a value that is read, a step, what undoes it, a command on a host, an exposure, those of a
//! level. What may have happened is asked, one question at a time, and answered as someone would who looked at production; then
//! everything has happened once and in its order, whoever died.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use super::ledger::Count;
use super::{LEDGER, runbook, times};
use crate::crash::site::{Effects, Site, UNKNOWN};
use crate::program::{Ran, run_named_in};

const SPEED: &str = "1200x";

/// How many cases are under way at a time.
const AT_A_TIME: usize = 4;

/// More attempts than a run makes.
const ATTEMPTS: u32 = 40;

/// What happens, in its order; hosts go side by side.
const HAPPENS: &[&[&str]] = &[
    &["look"],
    &["fence"],
    &["swap_edge1", "swap_edge2"],
    &["seal"],
    &["set_50"],
    &["warm"],
    &["set_0"],
    &["unseal"],
    &["unfence"],
    &["settle"],
    &["count"],
    &["back_edge1", "back_edge2"],
    &["tell_0"],
];

/// What may happen twice: only looked at, or idempotent by what it is.
const AGAIN: &[&str] = &["look", "count", "set_50", "set_0"];

/// Where a supervisor dies, alone or with its runner; the first ones only when more is wished for.
const POINTS: &[&str] = &[
    "forked",
    "noted",
    "both:forked",
    "started",
    "both:started",
    "ended",
    "both:ended",
];

/// With which points it begins when nobody wishes for more.
const FIRST: usize = 3;

/// How somebody answers who knows that it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answers {
    /// Go on behind it.
    Truly,
    /// Go back at once, and say then what is to be undone.
    Back,
}

struct Stand(Site);

/// What is asked of a run that was left.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Asked {
    /// The outcome of this step, or of this step on this host.
    Outcome(String),
    /// Whether this step, of which nobody knows whether it happened, is to be undone.
    Undoing(String),
    /// Whether this step was undone already.
    Undone(String),
}

impl Stand {
    fn new() -> Self {
        let site = Site::of(runbook("unknowns"));
        std::fs::create_dir(site.place.at("bin")).expect("a folder");
        let ssh = site.place.at("bin/ssh");
        std::fs::write(&ssh, "#!/bin/sh\nexec /bin/sh -s\n").expect("a script");
        std::fs::set_permissions(&ssh, PermissionsExt::from_mode(0o755)).expect("it is ours");
        Self(site)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.0.place.command(words);
        let path = format!("{}:/usr/bin:/bin", self.0.place.at("bin").display());
        command.env("PATH", path);
        command
    }

    fn run(&self, fault: Option<(&str, &str)>) -> Ran {
        let words = self.0.run(SPEED);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut command = self.command(&words);
        Ran::of(command.envs(fault))
    }

    fn resume(&self, run: &str) -> Ran {
        Ran::of(&mut self.command(&["resume", run, "--non-interactive"]))
    }

    /// What happened, in turn.
    fn effects(&self) -> Vec<String> {
        let text = self.0.place.read("site/effects");
        let names = text.lines().filter_map(|line| line.split_once(' '));
        names.map(|(name, _)| name.to_owned()).collect()
    }

    /// Answers questions until there are none; what was asked.
    fn answered(&self, run: &str, mut ran: Ran, answers: Answers) -> (Ran, Vec<Asked>) {
        let mut all = Vec::new();
        while ran.status == Some(UNKNOWN) {
            assert!(all.len() < 6, "it asks for ever: {all:?}\n{}", ran.err);
            let before = self.effects();
            let again = self.resume(run);
            assert_eq!(again.status, Some(UNKNOWN), "{}", again.err);
            assert_eq!(self.effects(), before, "something after an unknown outcome");
            self.0.verify(run);
            let asked = asked(&again.err);
            let answer = self.answer(&asked, answers);
            for words in [
                &format!("runbook decide {run} {answer}"),
                &format!("runbook log {run}"),
            ] {
                assert!(again.err.contains(words), "{words} in {}", again.err);
            }
            let decided = self
                .0
                .place
                .call(&["decide", run, answer, "--reason", "looked at it"]);
            assert_eq!(decided.status, Some(0), "{decided:?}");
            all.push(asked);
            ran = self.resume(run);
        }
        (ran, all)
    }

    /// What someone says who looked at production.
    fn answer(&self, asked: &Asked, answers: Answers) -> &'static str {
        let effects = self.effects();
        // What a step is told is behind its name.
        let is = |one: &str, name: &str| one.strip_suffix("_0").unwrap_or(one) == name;
        let happened = |name: &str| effects.iter().any(|one| is(one, name));
        match asked {
            // What it read is not known: only to read it again gives a value.
            Asked::Outcome(name) if ["size", "left"].contains(&name.as_str()) => "rerun",
            // It failed, as the one who looks can see.
            Asked::Outcome(name) if name == "warm" && happened("warm") => "rollback",
            Asked::Outcome(name) => {
                let is_undone = ["fence", "seal"].contains(&name.as_str());
                match (answers, happened(&name.replace(" on ", "_"))) {
                    (Answers::Back, _) if is_undone => "rollback",
                    (_, true) => "continue",
                    (_, false) => "rerun",
                }
            }
            Asked::Undoing(name) => match happened(name) {
                true => "undo",
                false => "leave",
            },
            Asked::Undone(name) => match happened(&format!("un{name}")) {
                true => "leave",
                false => "undo",
            },
        }
    }
}

/// Which question a run was left with.
fn asked(said: &str) -> Asked {
    let between = |before: &str, after: &str| {
        let (_, rest) = said.split_once(before)?;
        Some(rest.split_once(after)?.0.to_owned())
    };
    let outcome = || between("the outcome of step ", " is unknown").map(Asked::Outcome);
    let doubt = between("nobody knows whether step ", " happened, and").map(Asked::Undoing);
    doubt
        .or_else(|| between("nobody knows whether step ", " was undone").map(Asked::Undone))
        .or_else(outcome)
        .unwrap_or_else(|| panic!("what is asked?\n{said}"))
}

/// Everything happened, once, in its order; what was never begun because somebody went back may be missing.
fn whole(effects: &[String], answers: Answers) {
    let known = |name: &String| HAPPENS.iter().any(|some| some.contains(&name.as_str()));
    assert!(effects.iter().all(known), "{effects:?}");
    let mut place = 0;
    for some in HAPPENS {
        for name in *some {
            let times = effects.iter().filter(|one| one == name).count();
            let most = if AGAIN.contains(name) { 2 } else { 1 };
            assert!(times <= most, "{name} {times} times: {effects:?}");
            let is_back = answers == Answers::Back;
            assert!(times > 0 || is_back, "{name} is missing: {effects:?}");
        }
        let places = effects.iter().enumerate();
        let places = places.filter(|(_, one)| some.contains(&one.as_str()));
        let places: Vec<usize> = places.map(|(index, _)| index).collect();
        if let (Some(first), Some(last)) = (places.first(), places.last()) {
            assert!(*first >= place, "{some:?} too early: {effects:?}");
            place = *last;
        }
    }
    // What was done is undone, and what was not is not.
    for (done, undone) in [
        ("fence", "unfence"),
        ("fence", "settle"),
        ("seal", "unseal"),
    ] {
        let times = |name: &str| effects.iter().filter(|one| *one == name).count();
        assert_eq!(times(done), times(undone), "{done}: {effects:?}");
    }
}

/// Lets it die there; what was asked, or nothing when nobody died.
fn dies_at(fault: (&str, &str), answers: Answers) -> Option<Vec<Asked>> {
    let stand = Stand::new();
    let mut ran = stand.run(Some(fault));
    let run = run_named_in(&ran.err);
    let is_dead = ran.status.is_none();
    if is_dead {
        stand.0.verify(&run);
        ran = stand.resume(&run);
    }
    let (ran, asked) = stand.answered(&run, ran, answers);
    assert_eq!(ran.status, Some(3), "{fault:?}:\n{}", ran.err);
    let effects: Effects = stand.0.effects();
    effects.assert_at_most_once(&[]);
    whole(&stand.effects(), answers);
    assert_eq!(stand.0.place.read("site/share"), "0\n");
    stand.0.verify(&run);
    (is_dead || !asked.is_empty()).then_some(asked)
}

/// Lets each of these die, several at a time; how often each question was asked.
fn all(faults: &[(String, String, Answers)], count: &Count) -> BTreeMap<String, usize> {
    let (next, failed) = (AtomicU32::new(0), AtomicBool::new(false));
    let asked: Mutex<BTreeMap<String, usize>> = Mutex::default();
    let work = || loop {
        let number = next.fetch_add(1, Ordering::Relaxed) as usize;
        let Some((name, value, answers)) = faults.get(number) else {
            return;
        };
        if failed.load(Ordering::Relaxed) {
            return;
        }
        match catch_unwind(AssertUnwindSafe(|| dies_at((name, value), *answers))) {
            Ok(None) => {}
            Ok(Some(questions)) => {
                count.survived();
                let mut asked = asked.lock().expect("nobody panicked with it");
                for question in questions {
                    *asked.entry(format!("{question:?}")).or_default() += 1;
                }
            }
            Err(_) => {
                failed.store(true, Ordering::Relaxed);
                count.lost(&format!("{name}={value} {answers:?}"));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(work);
        }
    });
    assert!(!failed.into_inner(), "the reason stands above");
    asked.into_inner().expect("nobody panicked with it")
}

#[test]
fn whatever_is_under_way_when_its_supervisor_dies_is_asked_and_happens_once() {
    LEDGER.fault(
        "kill -9 of a supervisor of whatever is under way",
        |count| {
            let stand = Stand::new();
            let ran = stand.run(None);
            assert_eq!(ran.status, Some(3), "{}", ran.err);
            whole(&stand.effects(), Answers::Truly);
            assert_eq!(stand.effects().len(), 15, "{:?}", stand.effects());
            let skipped = if times(0) == 0 {
                POINTS.len() - FIRST
            } else {
                0
            };
            let mut faults = Vec::new();
            for attempt in 1..=ATTEMPTS {
                for point in POINTS.iter().skip(skipped) {
                    let value = format!("{point}@{attempt}");
                    let name = "RUNBOOK_SUPERVISOR_FAILPOINT".to_owned();
                    faults.push((name, value, Answers::Truly));
                }
            }
            // Those that are undone, once more, and somebody goes back without knowing.
            let attempts = stand.0.effects().0;
            for name in ["fence", "seal"] {
                for point in ["both:forked", "started", "both:ended"] {
                    let value = format!("{point}@{}", attempts[name][0]);
                    let name = "RUNBOOK_SUPERVISOR_FAILPOINT".to_owned();
                    faults.push((name, value, Answers::Back));
                }
            }
            let asked = all(&faults, count);
            for question in [
                "Outcome(\"size\")",
                "Outcome(\"fence\")",
                "Outcome(\"swap on edge1\")",
                "Outcome(\"swap on edge2\")",
                "Outcome(\"seal\")",
                "Outcome(\"warm\")",
                "Outcome(\"unseal\")",
                "Outcome(\"unfence\")",
                "Outcome(\"settle\")",
                "Outcome(\"left\")",
                "Outcome(\"back on edge1\")",
                "Outcome(\"back on edge2\")",
                "Outcome(\"tell\")",
                "Undoing(\"fence\")",
                "Undoing(\"seal\")",
            ] {
                assert!(
                    asked.contains_key(question),
                    "{question} was not asked: {asked:#?}"
                );
            }
        },
    );
}

#[test]
fn whatever_is_under_way_goes_on_when_its_runner_dies() {
    LEDGER.fault(
        "kill -9 of the runner at every commit: hosts, values, exposures",
        |count| {
            let stride = if times(0) == 0 { 4 } else { 1 };
            let numbers = (1..=60_u32).filter(|number| number % stride == 0);
            let faults: Vec<_> = numbers
                .flat_map(|number| {
                    ["before", "after"].map(|side| format!("{side}:durable:{number}"))
                })
                .map(|value| ("RUNBOOK_FAILPOINT".to_owned(), value, Answers::Truly))
                .collect();
            let asked = all(&faults, count);
            assert_eq!(asked.len(), 0, "its supervisors lived: {asked:?}");
        },
    );
}
