//! Prometheus behaves badly: before the start, and in the middle of a stage. A source that does not answer neither rolls back nor
//! advances, and nothing begins while it does not.

use super::source::{Mood, Source};
use super::{LEDGER, runbook};
use crate::crash::site::Site;
use crate::program::{Ran, Running};
use crate::wait;

const SPEED: &str = "600x";

/// A mood, and how it is told of.
const MOODS: &[(Mood, &str)] = &[
    (Mood::Hangs, "no answer from"),
    (Mood::BreaksOff, "broke off its answer"),
    (Mood::HalfAnAnswer, "broke off its answer"),
    (Mood::RedirectsForEver, "redirects more than 5 times"),
    (Mood::Html, "not JSON"),
    (Mood::TooOften, "is asked too often (HTTP 429)"),
    (Mood::Unavailable, "HTTP 503"),
    (Mood::Huge, "is longer than 1 MiB"),
];

fn words(site: &Site, metrics: &str) -> Vec<String> {
    let mut words = site.run(SPEED);
    words.extend(["--param".to_owned(), format!("metrics={metrics}")]);
    words
}

fn start(site: &Site, source: &Source) -> Running {
    let words = words(site, &source.url());
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    site.place.start(&words)
}

/// A run that is in its first stage and has been seen healthy there.
fn in_its_stage(source: &Source) -> (Site, Running, String) {
    let site = Site::of(runbook("watched"));
    let mut runner = start(&site, source);
    let run = runner.has_said("of observed healthy time");
    let before = source.asked();
    wait::until(
        "it is asked",
        || source.asked(),
        |asked| *asked > before + 1,
    );
    (site, runner, run)
}

/// It goes on from where it was, once it can see again.
fn comes_to_its_end(site: &Site, runner: Running, run: &str) {
    let ran = runner.end();
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    let effects = site.effects();
    assert_eq!((effects.times("set_10"), effects.times("set_100")), (1, 1));
    assert_eq!(effects.0.len(), 2, "{effects:?}");
    site.verify(run);
}

/// While it cannot see, it holds: it neither advances nor rolls back.
fn holds(site: &Site, runner: &mut Running, source: &Source) {
    runner.has_said("HELD");
    let asked = source.asked();
    wait::until(
        "it was asked often enough for the stage to be over",
        || source.asked(),
        |now| *now > asked + 2,
    );
    assert_eq!(site.effects().0.len(), 1, "{:?}", site.effects());
}

#[test]
fn a_source_that_fails_in_a_stage_holds_the_run_and_no_more() {
    LEDGER.fault("Prometheus fails in the middle of a stage", |count| {
        let one = |(mood, why): &(Mood, &str)| {
            let source = Source::new(Mood::Healthy);
            let (site, mut runner, run) = in_its_stage(&source);
            source.be(*mood);
            holds(&site, &mut runner, &source);
            source.be(Mood::Healthy);
            comes_to_its_end(&site, runner, &run);
            let log = site.place.call(&["log", &run, "--format", "json"]).out;
            assert!(log.contains(why), "{mood:?}: `{why}` is not in the journal");
            count.survived();
        };
        std::thread::scope(|scope| {
            MOODS
                .iter()
                .for_each(|mood| drop(scope.spawn(|| one(mood))))
        });
    });
}

#[test]
fn a_source_that_is_slow_or_says_nothing_is_waited_for() {
    LEDGER.fault("Prometheus slow, or without data", |count| {
        let source = Source::new(Mood::Slow);
        let (site, runner, run) = in_its_stage(&source);
        count.case(|| comes_to_its_end(&site, runner, &run));
        let source = Source::new(Mood::Healthy);
        let (site, mut runner, run) = in_its_stage(&source);
        source.be(Mood::Empty);
        holds(&site, &mut runner, &source);
        source.be(Mood::Healthy);
        count.case(|| comes_to_its_end(&site, runner, &run));
    });
}

#[test]
fn a_source_that_restarts_is_waited_for() {
    LEDGER.fault("Prometheus restarts", |count| {
        let mut source = Source::new(Mood::Healthy);
        let (site, mut runner, run) = in_its_stage(&source);
        source.stop();
        runner.has_said("HELD");
        assert_eq!(site.effects().0.len(), 1, "{:?}", site.effects());
        source.start_again();
        count.case(|| comes_to_its_end(&site, runner, &run));
        let log = site.place.call(&["log", &run, "--format", "json"]).out;
        assert!(log.contains("connection refused at"), "{log}");
    });
}

#[test]
fn nothing_begins_while_a_source_fails() {
    LEDGER.fault("Prometheus fails, or its name, before the start", |count| {
        let refused = |metrics: &str, why: &str| {
            let site = Site::of(runbook("watched"));
            let ran = Ran::of(site.place.command(&[]).args(words(&site, metrics)));
            assert_eq!(ran.status, Some(5), "{}", ran.err);
            for word in [why, "metric error_rate", "nothing was changed"] {
                assert!(ran.err.contains(word), "`{word}` is not in:\n{}", ran.err);
            }
            assert_eq!(site.effects().0.len(), 0, "{:?}", site.effects());
            count.survived();
        };
        for (mood, why) in MOODS {
            refused(&Source::new(*mood).url(), why);
        }
        refused(
            "http://prometheus.invalid:9090",
            "the name prometheus.invalid cannot be resolved",
        );
    });
}
