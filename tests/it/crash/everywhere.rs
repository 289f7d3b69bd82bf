//! The runner dies on each side of each commit of a run, and is taken up again; and dies once more when it has just been.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use super::site::{Site, UNKNOWN};
use crate::faults::LEDGER;
use crate::faults::ledger::Count;
use crate::program::{Ran, run_named_in};

/// How many cases are under way at a time: they mostly wait.
const AT_A_TIME: usize = 4;

/// How many numbers in a row nobody has to die at for the end to be reached: a run has a poll more or less.
const BEYOND: u64 = 3;

/// A runbook and what has to come of it.
struct Expected {
    runbook: &'static str,
    speed: &'static str,
    status: i32,
    /// What happens in an uninterrupted run, and how often.
    effects: &'static [(&'static str, usize)],
    /// The steps that may not be repeated.
    once: &'static [&'static str],
    /// Those of them that may be missing, because the guard trips before they begin.
    or_never: &'static [&'static str],
    /// Each of these happens after the one before it.
    ordered: &'static [&'static str],
}

/// Where runners die.
#[derive(Debug)]
struct Deaths {
    first: String,
    second: Option<String>,
}

impl Deaths {
    /// Before the commit; after it; after it, and again soon after the run was taken up.
    fn around(number: u64) -> [Self; 3] {
        let once = |first| Self {
            first,
            second: None,
        };
        let side = if number.is_multiple_of(2) {
            "before"
        } else {
            "after"
        };
        [
            once(format!("before:{number}")),
            once(format!("after:{number}")),
            Self {
                first: format!("after:{number}"),
                second: Some(format!("{side}:{}", 1 + number % 5)),
            },
        ]
    }
}

/// What came of one death.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Came {
    /// The run was over before.
    Alive,
    /// The verdict of the uninterrupted run.
    Same,
    /// A question, its answer, and then the verdict of the uninterrupted run.
    Asked,
}

impl Expected {
    /// Lets it run through.
    fn uninterrupted(&self) {
        let site = Site::new(self.runbook);
        let ran = Ran::of(site.place.command(&[]).args(site.run(self.speed)));
        assert_eq!(ran.status, Some(self.status), "{}", ran.err);
        let effects = site.effects();
        for (name, times) in self.effects {
            assert_eq!(effects.times(name), *times, "{name} in {effects:?}");
        }
        assert_eq!(effects.0.len(), self.effects.len(), "{effects:?}");
        effects.assert_at_most_once(self.once);
        site.verify(&run_named_in(&ran.err));
        self.has_left(&site);
    }

    /// Lets the runner die at one side of one commit, and the next one at another, if it comes there. Then takes the run up.
    fn dies_at(&self, deaths: &Deaths) -> Came {
        let site = Site::new(self.runbook);
        let mut first = site.place.command(&[]);
        first.args(site.run(self.speed));
        let died = Ran::of(first.env("RUNBOOK_FAILPOINT", &deaths.first));
        if died.status.is_some() {
            assert_eq!(died.status, Some(self.status), "not died: {}", died.err);
            return Came::Alive;
        }
        let run = run_named_in(&died.err);
        site.effects().assert_at_most_once(self.once);
        site.verify(&run);
        if let Some(second) = &deaths.second {
            let mut next = site.place.command(&["resume", &run, "--non-interactive"]);
            let died = Ran::of(next.env("RUNBOOK_FAILPOINT", second));
            assert_ne!(died.status, Some(2), "{}", died.err);
            site.effects().assert_at_most_once(self.once);
            site.verify(&run);
        }
        let mut ran = site.resume(&run);
        let mut came = Came::Same;
        if ran.status == Some(UNKNOWN) {
            site.effects().assert_at_most_once(self.once);
            site.verify(&run);
            came = Came::Asked;
            ran = site.answer(&ran, self.once);
        }
        assert_eq!(
            ran.status,
            Some(self.status),
            "first:\n{}then:\n{}",
            died.err,
            ran.err
        );
        self.has_happened(&site);
        site.verify(&run);
        self.has_left(&site);
        came
    }

    /// Everything of the uninterrupted run has happened, in spite of the death, and nothing else has.
    fn has_happened(&self, site: &Site) {
        let effects = site.effects();
        effects.assert_at_most_once(self.once);
        for (name, _) in self.effects {
            let may_be_missing = self.or_never.contains(name);
            assert!(
                may_be_missing || effects.times(name) > 0,
                "{name} is missing: {effects:?}"
            );
        }
        // A notice may come twice, never not at all.
        let told = site.place.read("site/notices").lines().count();
        assert!(told > 0, "nobody was told how it ended");
        // Attempts are numbered in the order in which they begin.
        let began = |name: &&str| effects.0.get(*name).and_then(|all| all.first()).copied();
        let numbers: Vec<u32> = self.ordered.iter().filter_map(began).collect();
        assert_eq!(numbers.len(), self.ordered.len(), "{effects:?}");
        assert!(numbers.is_sorted(), "out of order: {effects:?}");
        let known = |name: &String| self.effects.iter().any(|(known, _)| known == name);
        assert!(effects.0.keys().all(known), "{effects:?}");
    }

    /// A rollback leaves exactly one incident and one reminder, anything else none.
    fn has_left(&self, site: &Site) {
        let left = usize::from(self.status == 3);
        let listed = site.place.call(&["incident", "list"]);
        assert_eq!(listed.out.lines().count(), left, "{listed:?}");
        assert_eq!(listed.err.matches("remind").count(), left, "{listed:?}");
    }

    /// Every commit, both sides.
    fn dies_everywhere(&self, ledger: &Count) -> BTreeMap<Came, usize> {
        let next = AtomicU64::new(1);
        let last = AtomicU64::new(u64::MAX);
        let failed = AtomicBool::new(false);
        let alive: Mutex<BTreeMap<u64, u8>> = Mutex::default();
        let came: Mutex<BTreeMap<Came, usize>> = Mutex::default();
        let work = || {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number > last.load(Ordering::Relaxed) || failed.load(Ordering::Relaxed) {
                    return;
                }
                for deaths in Deaths::around(number) {
                    let tried = catch_unwind(AssertUnwindSafe(|| self.dies_at(&deaths)));
                    let one = tried.unwrap_or_else(|why| {
                        failed.store(true, Ordering::Relaxed);
                        ledger.lost(&format!("{}: {deaths:?}", self.runbook));
                        resume_unwind(why)
                    });
                    if one != Came::Alive {
                        ledger.survived();
                    }
                    *locked(&came).entry(one).or_default() += 1;
                    if one == Came::Alive {
                        *locked(&alive).entry(number).or_default() += 1;
                    }
                }
                let alive = locked(&alive);
                let beyond = |from: u64| (from..from + BEYOND).all(|n| alive.get(&n) == Some(&3));
                if alive.keys().any(|from| beyond(*from)) {
                    last.fetch_min(number, Ordering::Relaxed);
                }
            }
        };
        thread::scope(|scope| {
            let threads: Vec<_> = (0..AT_A_TIME).map(|_| scope.spawn(work)).collect();
            for thread in threads {
                if let Err(why) = thread.join() {
                    resume_unwind(why);
                }
            }
        });
        came.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn holds(&self, fault: &'static str, at_least: usize) {
        LEDGER.fault(fault, |ledger| self.held(ledger, at_least));
    }

    fn held(&self, ledger: &Count, at_least: usize) {
        self.uninterrupted();
        let came = self.dies_everywhere(ledger);
        let count = |one: Came| came.get(&one).copied().unwrap_or(0);
        let died = count(Came::Same) + count(Came::Asked);
        assert!(died >= at_least, "it died only {died} times");
        assert_eq!(
            count(Came::Asked),
            0,
            "a step that outlived its runner was not known to the end"
        );
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn a_rollout_completes_wherever_its_runner_dies() {
    let expected = Expected {
        runbook: "completes",
        speed: "1200x",
        status: 0,
        effects: &[
            ("announce", 1),
            ("brag", 1),
            ("build", 1),
            ("count", 1),
            ("migrate", 1),
            ("retire", 1),
            ("set_100", 1),
            ("set_50", 1),
            ("warm", 2),
        ],
        once: &["announce", "brag", "migrate", "retire"],
        or_never: &[],
        ordered: &[],
    };
    expected.holds("kill -9 of the runner at every commit: a rollout", 90);
}

#[test]
fn a_rollback_recovers_wherever_its_runner_dies() {
    let expected = Expected {
        runbook: "rolls_back",
        speed: "1200x",
        status: 3,
        effects: &[
            ("audit", 1),
            ("drain", 1),
            ("restart", 2),
            ("set_0", 1),
            ("set_10", 1),
            ("ship", 1),
            ("warm", 1),
        ],
        once: &["drain", "ship", "warm"],
        or_never: &["warm"],
        ordered: &[],
    };
    expected.holds("kill -9 of the runner at every commit: a rollback", 90);
}

#[test]
fn strands_are_joined_wherever_their_runner_dies() {
    let expected = Expected {
        runbook: "strands",
        speed: "1200x",
        status: 0,
        effects: &[
            ("assets", 1),
            ("backup", 1),
            ("brag", 1),
            ("deploy_ap", 1),
            ("deploy_eu", 1),
            ("deploy_us", 1),
            ("migrate", 1),
            ("set_100", 1),
            ("set_50", 1),
            ("warm_ap", 1),
            ("warm_eu", 1),
            ("warm_us", 1),
        ],
        once: &[
            "assets",
            "brag",
            "deploy_ap",
            "deploy_eu",
            "deploy_us",
            "migrate",
        ],
        or_never: &[],
        ordered: &[],
    };
    expected.holds("kill -9 of the runner at every commit: strands", 60);
}

#[test]
fn what_tasks_do_is_done_once_for_each_call_wherever_their_runner_dies() {
    let expected = Expected {
        runbook: "tasks",
        speed: "1200x",
        status: 3,
        effects: &[
            ("deploy_ap", 1),
            ("deploy_eu", 1),
            ("deploy_us", 1),
            ("heat_ap", 1),
            ("heat_cold", 1),
            ("heat_eu", 1),
            ("heat_old", 1),
            ("heat_us", 1),
            ("restore_ap", 1),
            ("restore_eu", 1),
            ("restore_us", 1),
            ("strain_all", 1),
        ],
        once: &[
            "deploy_ap",
            "deploy_eu",
            "deploy_us",
            "restore_ap",
            "restore_eu",
            "restore_us",
            "strain_all",
        ],
        or_never: &[],
        ordered: &["deploy_eu", "strain_all", "restore_ap", "heat_old"],
    };
    expected.holds("kill -9 of the runner at every commit: tasks", 36);
}

#[test]
fn what_was_begun_is_undone_once_and_in_order_wherever_its_runner_dies() {
    let expected = Expected {
        runbook: "undoes",
        speed: "1200x",
        status: 3,
        effects: &[
            ("deregister", 1),
            ("downgrade", 1),
            ("eject", 1),
            ("register", 1),
            ("silence", 1),
            ("unsilence", 1),
            ("upgrade", 1),
            ("weigh", 1),
        ],
        once: &[
            "deregister",
            "downgrade",
            "eject",
            "register",
            "silence",
            "unsilence",
            "upgrade",
            "weigh",
        ],
        or_never: &[],
        ordered: &[
            "silence",
            "deregister",
            "upgrade",
            "downgrade",
            "register",
            "weigh",
            "unsilence",
            "eject",
        ],
    };
    expected.holds("kill -9 of the runner at every commit: steps undone", 25);
}

#[test]
fn a_run_goes_forward_behind_its_point_of_no_return_wherever_its_runner_dies() {
    let expected = Expected {
        runbook: "goes_forward",
        speed: "1200x",
        status: 3,
        effects: &[
            ("announce", 1),
            ("copy", 1),
            ("drop", 1),
            ("rebuild", 1),
            ("repair", 1),
            ("serve", 1),
        ],
        once: &["announce", "copy", "drop", "rebuild", "repair", "serve"],
        or_never: &[],
        ordered: &["copy", "announce", "drop", "rebuild", "repair", "serve"],
    };
    expected.holds("kill -9 of the runner at every commit: a way forward", 20);
}
