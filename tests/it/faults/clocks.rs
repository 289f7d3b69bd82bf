//! The clock on the wall is set while a run goes on, and while nobody drives it. Elapsed time wins; a jump is recorded.

use rustix::process::Signal;

use super::{LEDGER, runbook};
use crate::crash::site::Site;
use crate::moment;
use crate::program::Ran;

const SPEED: &str = "1200x";

/// By how many milliseconds, and why clocks do that.
const JUMPS: &[(i64, &str)] = &[
    (20_000, "set right by twenty seconds"),
    (-20_000, "set back by twenty seconds"),
    (
        3_600_000,
        "summer time begins, and the machine keeps local time",
    ),
    (
        -3_600_000,
        "summer time ends, and the machine keeps local time",
    ),
    (-86_400_000 * 400, "the battery is empty"),
];

/// More than the time that the stage may take, in this rehearsal.
const FAR: i64 = 3_600_000;

struct Clock {
    site: Site,
}

impl Clock {
    fn new() -> Self {
        let site = Site::of(runbook("tiny"));
        site.place.write("site/load", "0\n");
        let clock = Self { site };
        clock.set(0);
        clock
    }

    fn set(&self, by: i64) {
        self.site.place.write("wall", &by.to_string());
    }

    fn command(&self, words: &[String]) -> std::process::Command {
        let mut command = self.site.place.command(&[]);
        command
            .args(words)
            .env("RUNBOOK_WALL_CLOCK", self.site.place.at("wall"));
        command
    }

    fn completes(&self, ran: &Ran, run: &str, why: &str) {
        assert_eq!(ran.status, Some(0), "{why}:\n{}", ran.err);
        let effects = self.site.effects();
        effects.assert_at_most_once(&["build", "pack", "ship", "tidy", "set_100"]);
        assert_eq!(effects.0.len(), 5, "{effects:?}");
        self.site.verify(run);
    }
}

#[test]
fn a_clock_that_is_set_while_a_run_goes_on_changes_nothing() {
    LEDGER.fault("the clock is set, forwards or back, in a soak", |count| {
        for (by, why) in JUMPS {
            count.case(|| {
                let clock = Clock::new();
                let mut runner = clock
                    .site
                    .place
                    .started(clock.command(&clock.site.run(SPEED)));
                let run = runner.has_said("of observed healthy time");
                clock.set(*by);
                let ran = runner.end();
                clock.completes(&ran, &run, why);
                assert!(ran.err.contains("clock"), "a jump is told:\n{}", ran.err);
            });
        }
    });
}

#[test]
fn a_clock_that_is_set_while_nobody_drives_changes_nothing() {
    LEDGER.fault("the clock is set between death and resume", |count| {
        for (by, why) in JUMPS {
            count.case(|| {
                let clock = Clock::new();
                let mut runner = clock
                    .site
                    .place
                    .started(clock.command(&clock.site.run(SPEED)));
                let run = runner.has_said("of observed healthy time");
                moment::send(&runner, Signal::KILL);
                assert_eq!(runner.end().status, None);
                clock.set(*by);
                let before = clock.site.effects();
                let words = ["resume", &run, "--non-interactive"].map(str::to_owned);
                let mut again = clock.site.place.started(clock.command(&words));
                if *by < FAR {
                    clock.completes(&again.end(), &run, why);
                } else {
                    // Nobody can tell it from weeks in which nobody drove: it holds, a person will be asked, and nothing advances.
                    again.has_said("HELD");
                    moment::send(&again, Signal::KILL);
                    assert_eq!(again.end().status, None);
                    assert_eq!(clock.site.effects(), before);
                    clock.site.verify(&run);
                }
            });
        }
    });
}
