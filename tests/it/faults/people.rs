//! What people and their terminals do to a run: start it twice, take it up twice, close the terminal, read no further.

use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};

use super::terminal::Terminal;
use super::{LEDGER, runbook};
use crate::crash::site::Site;
use crate::moment;
use crate::program::{Ran, Running};

const SPEED: &str = "1200x";

/// How many try at once.
const MANY: usize = 6;

const ONCE: &[&str] = &["build", "pack", "ship", "tidy", "set_100"];

fn site() -> Site {
    let site = Site::of(runbook("tiny"));
    site.place.write("site/load", "0\n");
    site
}

fn start(site: &Site) -> Running {
    let words = site.run(SPEED);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    site.place.start(&words)
}

/// Lets several do the same at once; what came of each.
fn at_once(what: impl Fn() -> Ran + Sync) -> Vec<Ran> {
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..MANY).map(|_| scope.spawn(&what)).collect();
        all.into_iter()
            .map(|one| one.join().expect("nobody panics"))
            .collect()
    })
}

#[test]
fn two_runners_on_one_service_are_one() {
    LEDGER.fault("several runners on one service", |count| {
        // Several begin: one is let in, and the others have changed nothing.
        let site = site();
        let words = site.run(SPEED);
        let ran = at_once(|| Ran::of(site.place.command(&[]).args(&words)));
        let through = ran.iter().filter(|one| one.status == Some(0)).count();
        let refused = ran.iter().filter(|one| one.status == Some(5)).count();
        assert!(through >= 1 && through + refused == MANY, "{ran:?}");
        let effects = site.effects();
        assert!(
            ONCE.iter().all(|name| effects.times(name) == through),
            "{effects:?}"
        );
        (0..MANY).for_each(|_| count.survived());

        // It is taken up by several while it goes on, and when its runner is dead.
        let site = self::site();
        let mut runner = start(&site);
        let run = runner.has_said("of observed healthy time");
        moment::send(&runner, Signal::STOP);
        for one in at_once(|| site.resume(&run)) {
            assert_eq!(one.status, Some(5), "{one:?}");
            count.survived();
        }
        moment::send(&runner, Signal::KILL);
        moment::send(&runner, Signal::CONT);
        assert_eq!(runner.end().status, None);
        let ran = at_once(|| site.resume(&run));
        assert!(ran.iter().any(|one| one.status == Some(0)), "{ran:?}");
        for one in &ran {
            // Who comes when it is over is told so.
            assert!(matches!(one.status, Some(0 | 5)), "{one:?}");
            count.survived();
        }
        let effects = site.effects();
        effects.assert_at_most_once(ONCE);
        assert_eq!(effects.0.len(), ONCE.len(), "{effects:?}");
        site.verify(&run);
    });
}

fn completes(site: &Site, status: Option<i32>) {
    assert_eq!(status, Some(0));
    let effects = site.effects();
    effects.assert_at_most_once(ONCE);
    assert_eq!(effects.0.len(), ONCE.len(), "{effects:?}");
}

#[test]
fn a_terminal_that_goes_away_stops_nothing() {
    LEDGER.fault("stdout closed, terminal gone, HUP", |count| {
        count.case(|| {
            let site = site();
            let (reader, writer) = std::io::pipe().expect("a pipe");
            drop(reader);
            let status = site
                .place
                .command(&[])
                .args(site.run(SPEED))
                .stdout(writer.try_clone().expect("a handle"))
                .stderr(Stdio::from(writer))
                .status();
            completes(&site, status.expect("it starts").code());
        });
        count.case(|| {
            let site = site();
            let mut runner = start(&site);
            let run = runner.has_said("of observed healthy time");
            for _ in 0..3 {
                moment::send(&runner, Signal::HUP);
            }
            completes(&site, runner.end().status);
            site.verify(&run);
        });
        count.case(|| {
            let site = site();
            let (terminal, mut runner) = Terminal::start(&site.place, &site.run(SPEED));
            site.has_effect("build");
            drop(terminal);
            completes(&site, runner.wait().expect("it is ours").code());
        });
        // Who was asked whether to leave, and whose terminal went away, has not answered.
        count.case(|| {
            let site = site();
            let (terminal, mut runner) = Terminal::start(&site.place, &interactive(&site));
            site.has_effect("build");
            kill_process(Pid::from_child(&runner), Signal::INT).expect("it is ours");
            terminal.has_shown("[d]etach?");
            drop(terminal);
            completes(&site, runner.wait().expect("it is ours").code());
        });
    });
}

/// The words without the one that says that nobody is there.
fn interactive(site: &Site) -> Vec<String> {
    let mut words = site.run(SPEED);
    words.retain(|word| word != "--non-interactive");
    words
}
