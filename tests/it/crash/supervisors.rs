//! The supervisor of a step dies at each of its points, alone and with the runner. What may have happened is asked about, what
//! cannot have happened is done, and nothing is done twice.

use super::site::{Site, UNKNOWN};
use crate::faults::{LEDGER, kin};
use crate::moment;
use crate::program::{Ran, run_named_in};

/// A point, what comes of it with a runner that lives, what with one that died too.
struct Case {
    point: &'static str,
    alone: Came,
    both: Came,
}

/// What has to come of a death.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Came {
    /// Nothing of the step happened, which is known: it fails, and the run goes back.
    RolledBack,
    /// The end is known without a question.
    Completed,
    /// A question; once it is answered, the run completes.
    Asked,
}

const CASES: &[Case] = &[
    case("told", Came::Completed, Came::Completed),
    case("forked", Came::Asked, Came::Asked),
    case("noted", Came::Asked, Came::Asked),
    case("started", Came::Asked, Came::Asked),
    case("ended", Came::Asked, Came::Asked),
    case("kept", Came::Completed, Came::Completed),
];

const fn case(point: &'static str, alone: Came, both: Came) -> Case {
    Case { point, alone, both }
}

fn site() -> Site {
    let site = Site::new("waits");
    for (file, text) in [
        ("site/queue", "0\n"),
        ("site/load", "0\n"),
        ("site/copy_gate", ""),
        ("site/restore_gate", ""),
    ] {
        site.place.write(file, text);
    }
    site
}

/// The number of the attempt that copies.
fn number() -> u32 {
    let site = site();
    let ran = Ran::of(site.place.command(&[]).args(site.run("1200x")));
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    *site.effects().0["copy"].first().expect("it copied")
}

fn dies_at(point: &str, number: u32) -> Came {
    let site = site();
    let mut first = site.place.command(&[]);
    first
        .args(site.run("1200x"))
        .env("RUNBOOK_SUPERVISOR_FAILPOINT", format!("{point}@{number}"));
    let mut ran = Ran::of(&mut first);
    let run = run_named_in(&ran.err);
    assert_eq!(
        ran.status.is_none(),
        point.starts_with("both:"),
        "{point}: {}",
        ran.err
    );
    if ran.status.is_none() {
        ran = site.resume(&run);
    }
    let mut came = Came::Completed;
    if ran.status == Some(UNKNOWN) {
        came = Came::Asked;
        for words in ["it was started at 2", "as process ", "runbook decide"] {
            assert!(ran.err.contains(words), "{words} in {}", ran.err);
        }
        // Asking again answers nothing and does nothing.
        let again = site.resume(&run);
        assert_eq!(again.status, Some(UNKNOWN), "{}", again.err);
        assert_eq!(site.effects().times("copy"), 1);
        assert_eq!(site.effects().times("set_50"), 0, "no step after it");
        ran = site.answer(&again, &["copy"]);
    }
    let effects = site.effects();
    effects.assert_at_most_once(&["copy"]);
    site.verify(&run);
    if ran.status == Some(3) {
        assert_eq!(effects.times("copy"), 0, "{point}");
        return Came::RolledBack;
    }
    assert_eq!(ran.status, Some(0), "{point}: {}", ran.err);
    assert_eq!(effects.times("copy"), 1, "{point}");
    came
}

#[test]
fn nothing_is_done_twice_or_lost_wherever_a_supervisor_dies() {
    LEDGER.fault("kill -9 of a supervisor at each of its points", |count| {
        let number = number();
        for case in CASES {
            count.case(|| assert_eq!(dies_at(case.point, number), case.alone, "{}", case.point));
        }
    });
}

#[test]
fn nothing_is_done_twice_or_lost_wherever_a_supervisor_and_its_runner_die() {
    LEDGER.fault("kill -9 of supervisor and runner at once", |count| {
        let number = number();
        for case in CASES {
            let both = format!("both:{}", case.point);
            count.case(|| assert_eq!(dies_at(&both, number), case.both, "{both}"));
        }
    });
}

/// Whatever kills every supervisor before it begins is not fought for ever: the step counts as one that cannot be started.
#[test]
fn a_step_whose_supervisors_are_all_killed_before_they_begin_fails() {
    let number = number();
    let site = site();
    let mut first = site.place.command(&[]);
    first
        .args(site.run("1200x"))
        .env("RUNBOOK_SUPERVISOR_FAILPOINT", format!("told@{number}+"));
    let ran = Ran::of(&mut first);
    let why = "copy failed: it could not be started: its supervisor was killed before it began, 3 times in a row";
    assert!(ran.err.contains(why), "{}", ran.err);
    assert_eq!(site.effects().0.len(), 0, "{:?}", site.effects());
}

/// The server that supervisors are forked from dies in the middle of a step: the step's true end is known, and the steps after it have
/// another one.
#[test]
fn a_server_that_is_killed_takes_no_step_along_and_another_is_started() {
    LEDGER.fault("kill -9 of the server of supervisors", |count| {
        count.case(|| {
            let site = site();
            moment::shut(&site.place.at("site/copy_gate"));
            let words = site.run("1200x");
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let runner = site.place.start(&words);
            site.has_effect("copy");
            let run = run_named_in(&runner.err());
            let mut servers = kin::of(&site.place.at(""));
            servers.retain(|one| one.is_supervisor && !one.minds);
            assert_eq!(servers.len(), 1, "{servers:?}");
            kin::kill(&servers);
            moment::let_pass(&site.place.at("site/copy_gate"));
            let ran = runner.end();
            assert_eq!(ran.status, Some(0), "{}", ran.err);
            assert!(!ran.err.contains("unknown"), "{}", ran.err);
            site.effects().assert_at_most_once(&["copy"]);
            assert_eq!(site.effects().times("set_50"), 1, "a step after it");
            site.verify(&run);
        });
    });
}
