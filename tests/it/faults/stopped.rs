//! A runner that stands still for longer than a guard's interval and then goes on, as one in a suspended machine or behind Ctrl-Z.

use rustix::process::Signal;

use super::{LEDGER, runbook};
use crate::crash::site::Site;
use crate::moment;
use crate::program::Running;

/// Twenty times the interval of the guard, and longer than what counts as standing still.
const STILL: u64 = 2_500_000;

const SPEED: &str = "1200x";

fn start(load: &str) -> (Site, Running) {
    let site = Site::of(runbook("tiny"));
    site.place.write("site/load", load);
    let words = site.run(SPEED);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let runner = site.place.start(&words);
    (site, runner)
}

fn stands_still(runner: &Running, meanwhile: impl FnOnce()) {
    moment::send(runner, Signal::STOP);
    meanwhile();
    moment::after(STILL);
    moment::send(runner, Signal::CONT);
}

fn ends(site: &Site, mut runner: Running, status: i32) {
    let run = runner.has_said("nobody looked for");
    let ran = runner.end();
    assert_eq!(ran.status, Some(status), "{}", ran.err);
    site.effects()
        .assert_at_most_once(&["build", "pack", "ship", "tidy", "drain", "set_100", "set_0"]);
    site.verify(&run);
}

#[test]
fn a_runner_that_stands_still_neither_advances_nor_forgets() {
    LEDGER.fault(
        "SIGSTOP for longer than a guard's interval, then CONT",
        |count| {
            // In a step, which goes on meanwhile.
            count.case(|| {
                let (site, runner) = start("0\n");
                site.has_effect("build");
                stands_still(&runner, || ());
                ends(&site, runner, 0);
            });
            // In a soak: what nobody saw is no health.
            count.case(|| {
                let (site, mut runner) = start("0\n");
                runner.has_said("of observed healthy time");
                stands_still(&runner, || ());
                ends(&site, runner, 0);
            });
            // Errors that came meanwhile and stay are seen afterwards.
            count.case(|| {
                let (site, mut runner) = start("0\n");
                runner.has_said("of observed healthy time");
                stands_still(&runner, || site.place.write("site/errors", "9\n"));
                ends(&site, runner, 3);
            });
            // A streak that began before is neither confirmed nor cleared by the time in which nobody looked.
            count.case(|| {
                let (site, mut runner) = start("9\n");
                runner.has_said("of observed healthy time");
                stands_still(&runner, || site.place.write("site/errors", "0\n"));
                ends(&site, runner, 0);
            });
            // In a level of the rollback.
            count.case(|| {
                let (site, runner) = start("9\n");
                site.has_effect("drain");
                stands_still(&runner, || ());
                ends(&site, runner, 3);
            });
        },
    );
}
