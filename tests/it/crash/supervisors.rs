//! The supervisor of a step dies at each of its points, alone and with the runner. What may have happened is asked about, what
//! cannot have happened is done, and nothing is done twice.

use std::io::Write;

use super::site::{Site, UNKNOWN};
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
    case("told", Came::RolledBack, Came::Completed),
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
    let number = number();
    let mut table = String::from("killed at    supervisor   supervisor and runner\n");
    for case in CASES {
        let alone = dies_at(case.point, number);
        let both = dies_at(&format!("both:{}", case.point), number);
        assert_eq!((alone, both), (case.alone, case.both), "{}", case.point);
        table += &format!("{:<12} {alone:<12?} {both:?}\n", case.point);
    }
    std::io::stderr()
        .lock()
        .write_all(table.as_bytes())
        .expect("stderr is open");
}
