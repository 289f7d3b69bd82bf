//! Runner, supervisor, step: any of them is killed at any time, again and again, and the run is taken up each time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

use super::kin::{self, Kin};
use super::ledger::{Count, say};
use super::said::Told;
use super::{LEDGER, runbook, times};
use crate::crash::site::{Site, UNKNOWN};
use crate::moment;
use crate::program::{Ran, Running, run_named_in};

const SPEED: &str = "2400x";

/// How many runs are under way at a time: they mostly wait.
const AT_A_TIME: usize = 6;

/// The longest time until a death, in microseconds: an undisturbed run takes about as long.
const LATEST: u64 = 600_000;

/// What is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Runner,
    Supervisor,
    RunnerThenSupervisor,
    SupervisorThenRunner,
    /// The step, too: everything, as when the power goes.
    All,
}

const TARGETS: &[Target] = &[
    Target::Runner,
    Target::Supervisor,
    Target::RunnerThenSupervisor,
    Target::SupervisorThenRunner,
    Target::All,
    Target::Runner,
];

/// Numbers that look random and are the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (number ^ (number >> 31)) % limit
    }
}

/// What has to come of a run.
struct Expected {
    load: &'static str,
    status: i32,
    once: &'static [&'static str],
    /// What has happened in the end, whatever died.
    happened: &'static [&'static str],
}

const ROLLOUT: Expected = Expected {
    load: "0\n",
    status: 0,
    once: &["build", "ship", "tidy"],
    happened: &["build", "pack", "ship", "set_100", "tidy"],
};

const ROLLBACK: Expected = Expected {
    load: "9\n",
    status: 3,
    once: &["build", "ship", "tidy", "drain"],
    happened: &["build", "pack", "ship", "set_100", "drain", "set_0"],
};

/// A run and what its runners said.
struct Case {
    site: Site,
    told: Told,
    deaths: u64,
    /// Its name, as soon as it has said it.
    run: Option<String>,
}

/// What was lost is found in the journal, if at all: the next run with these dice may die elsewhere.
impl Drop for Case {
    fn drop(&mut self) {
        if let (true, Some(run)) = (std::thread::panicking(), &self.run) {
            say(&self.site.place.call(&["log", run]).out);
        }
    }
}

impl Case {
    fn new(expected: &Expected) -> Self {
        let site = Site::of(runbook("tiny"));
        site.place.write("site/load", expected.load);
        Self {
            site,
            told: Told::default(),
            deaths: 0,
            run: None,
        }
    }

    fn kill(&mut self, runner: &Running, target: Target) {
        let kin = kin::of(&self.site.place.at(""));
        let is_runner =
            |one: &Kin| u32::try_from(one.pid.as_raw_nonzero().get()) == Ok(runner.child.id());
        let (runners, others): (Vec<Kin>, Vec<Kin>) = kin.into_iter().partition(is_runner);
        let (supervisors, steps): (Vec<Kin>, Vec<Kin>) =
            others.into_iter().partition(|one| one.is_supervisor);
        let in_turn = match target {
            Target::Runner => vec![runners],
            Target::Supervisor => vec![supervisors],
            Target::RunnerThenSupervisor => vec![runners, supervisors],
            Target::SupervisorThenRunner => vec![supervisors, runners],
            Target::All => vec![runners, supervisors, steps],
        };
        self.deaths += u64::from(in_turn.iter().any(|some| !some.is_empty()));
        in_turn.iter().for_each(|some| kin::kill(some));
    }

    /// Lets a runner live for some time and then kills what the dice say.
    fn live(&mut self, mut runner: Running, dice: &mut Dice) -> Ran {
        moment::after(dice.below(LATEST));
        let target = TARGETS[usize::try_from(dice.below(TARGETS.len() as u64)).expect("small")];
        if runner.child.try_wait().expect("it is ours").is_none() {
            self.kill(&runner, target);
        }
        let ran = runner.end();
        self.told.hear(&ran.err);
        ran
    }

    /// Every question is answered as someone would who looked at production.
    fn answered(&mut self, mut ran: Ran, once: &[&str], run: &str) -> Ran {
        while ran.status == Some(UNKNOWN) {
            let before = self.site.effects();
            let again = self.site.resume(run);
            assert_eq!(again.status, Some(UNKNOWN), "{}", again.err);
            assert_eq!(self.site.effects(), before, "a step after an unknown one");
            ran = self.site.answer(&again, once);
            self.told.hear(&ran.err);
        }
        ran
    }
}

/// One run that is killed up to three times; how often it was.
fn one(expected: &Expected, seed: u64) -> u64 {
    let mut dice = Dice(seed);
    let mut case = Case::new(expected);
    let words = case.site.run(SPEED);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let runner = case.site.place.start(&words);
    let mut ran = case.live(runner, &mut dice);
    let Some(run) = ran
        .err
        .lines()
        .any(|line| line.starts_with("run "))
        .then(|| run_named_in(&ran.err))
    else {
        // It died before it had said its name: nothing was done.
        assert_eq!(ran.status, None, "{}", ran.err);
        assert_eq!(case.site.effects().0.len(), 0, "{:?}", case.site.effects());
        return case.deaths;
    };
    case.run = Some(run.clone());
    for _ in 0..dice.below(3) {
        if ran.status == Some(expected.status) || ran.status == Some(UNKNOWN) {
            break;
        }
        case.site.verify(&run);
        let again = case
            .site
            .place
            .start(&["resume", &run, "--non-interactive"]);
        ran = case.live(again, &mut dice);
    }
    if ran.status != Some(expected.status) && ran.status != Some(UNKNOWN) {
        assert_eq!(ran.status, None, "{}", ran.err);
        ran = case.site.resume(&run);
        case.told.hear(&ran.err);
    }
    ran = case.answered(ran, expected.once, &run);
    assert_eq!(ran.status, Some(expected.status), "{}", ran.err);
    let effects = case.site.effects();
    effects.assert_at_most_once(expected.once);
    for name in expected.happened {
        assert!(effects.times(name) > 0, "{name} is missing: {effects:?}");
    }
    case.site.verify(&run);
    case.told.is_in_the_journal(&case.site, &run);
    assert_eq!(kin::of(&case.site.place.at("")), [], "left running");
    case.deaths
}

fn many(expected: &Expected, count: &Count, runs: u64) {
    let next = AtomicU64::new(0);
    let failed = AtomicU64::new(0);
    let work = || loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= runs || failed.load(Ordering::Relaxed) > 0 {
            return;
        }
        match catch_unwind(AssertUnwindSafe(|| one(expected, seed))) {
            Ok(deaths) => (0..deaths).for_each(|_| count.survived()),
            Err(_) => {
                failed.fetch_add(1, Ordering::Relaxed);
                count.lost(&format!("{SPEED}, seed {seed}"));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(work);
        }
    });
    assert_eq!(failed.into_inner(), 0, "the reason stands above");
}

#[test]
fn a_rollout_survives_deaths_at_any_time() {
    LEDGER.fault("kill -9 of whatever, at random times: a rollout", |count| {
        many(&ROLLOUT, count, times(24));
    });
}

#[test]
fn a_rollback_survives_deaths_at_any_time() {
    LEDGER.fault(
        "kill -9 of whatever, at random times: a rollback",
        |count| {
            many(&ROLLBACK, count, times(24));
        },
    );
}
