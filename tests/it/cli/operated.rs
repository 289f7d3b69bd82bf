//! Operating a run from another terminal: looking at it, deciding, ordering it back, and finding its service taken.

use super::RUNBOOKS;
use super::said::Said;
use crate::program::{Place, Running, run_named_in};
use crate::{moment, wait};

/// The service that `parked.runbook` is run against.
pub(crate) struct Queue {
    pub(crate) place: Place,
}

impl Queue {
    pub(crate) fn new() -> Self {
        let place = Place::new();
        std::fs::create_dir(place.at("site")).expect("a folder");
        place.write("site/queue", "0\n");
        place.write("site/gate", "");
        Self { place }
    }

    /// One whose step waits at the gate.
    pub(crate) fn with_a_shut_gate() -> Self {
        let queue = Self::new();
        moment::shut(&queue.place.at("site/gate"));
        queue
    }

    pub(crate) fn words(&self, more: &[&str]) -> Vec<String> {
        let file = format!("{RUNBOOKS}/parked.runbook");
        let site = format!("site={}", self.place.at("site").display());
        ["run", &file, "--param", &site, "--rehearse", "1200x"]
            .iter()
            .chain(&["--non-interactive"])
            .chain(more)
            .map(|word| (*word).to_owned())
            .collect()
    }

    /// A run of it, going on.
    pub(crate) fn start(&self, more: &[&str]) -> Running {
        let words = self.words(&[&["--confirm", "The team is awake"], more].concat());
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        self.place.start(&words)
    }

    /// A run that is in its soak, and stays there.
    pub(crate) fn parked(&self) -> (Running, String) {
        let mut runner = self.start(&[]);
        let run = runner.has_said("of observed healthy time");
        // The state that others see is the one in the journal, with a look at the queue in it.
        wait::until(
            "the guard has looked",
            || self.place.call(&["status", &run]).out,
            |page| page.contains("flood ok 0"),
        );
        (runner, run)
    }

    /// A run that is in its step, with a gate that is shut.
    pub(crate) fn in_its_step(&self) -> (Running, String) {
        let runner = self.start(&[]);
        wait::until(
            "the step has begun",
            || self.effects(),
            |effects| effects == "deploy\n",
        );
        let run = run_named_in(&runner.err());
        (runner, run)
    }

    pub(crate) fn effects(&self) -> String {
        self.place.read("site/effects")
    }
}

#[test]
fn a_run_is_looked_at_while_it_goes_on_and_after() {
    let queue = Queue::new();
    let (runner, run) = queue.parked();
    let mut said = Said::in_place(&queue.place);
    said.call(&["status"]);
    said.call(&["list"]);
    said.call(&["log", &run]);
    said.call(&["log", &run, "--verify"]);
    assert_said!(said, "operated_while_it_goes_on");

    let ordered = queue.place.call(&["rollback", &run, "--reason", "enough"]);
    assert_eq!(ordered.status, Some(0), "{}", ordered.err);
    let ran = runner.end();
    assert_eq!(ran.status, Some(3), "{}", ran.err);
    let mut said = Said::in_place(&queue.place);
    said.note(&["run", "…"], &ran);
    said.call(&["status", &run]);
    said.call(&["list"]);
    said.call(&["log", &run]);
    said.call(&["log", &run, "--verify"]);
    let again = said.call(&["resume", &run]);
    assert_eq!(again.status, Some(3), "{}", again.err);
    assert_said!(said, "operated_after_it");
    assert_eq!(queue.effects(), "deploy\nundeploy\n");
}

#[test]
fn a_service_that_is_taken_is_refused_with_who_and_what_to_type() {
    let queue = Queue::new();
    let (runner, run) = queue.parked();
    let mut said = Said::in_place(&queue.place);
    let words = queue.words(&["--confirm", "The team is awake"]);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    for words in [&words[..], &["resume", &run]] {
        let refused = said.call(words);
        assert_eq!(refused.status, Some(5), "{}", refused.err);
    }
    moment::send(&runner, rustix::process::Signal::INT);
    assert_eq!(runner.end().status, Some(75));
    let refused = said.call(&words);
    assert_eq!(refused.status, Some(5), "{}", refused.err);
    said.call(&["list"]);
    assert_said!(said, "operated_taken");
    assert_eq!(queue.effects(), "deploy\n");
}

#[test]
fn a_question_is_answered_from_another_terminal() {
    let queue = Queue::new();
    let (mut runner, run) = queue.parked();
    queue.place.write("site/queue", "1000\n");
    runner.has_said("ASK");
    let mut said = Said::in_place(&queue.place);
    said.call(&["status", &run]);
    let wrong = said.call(&["decide", &run, "rerun", "--reason", "I like it"]);
    assert_eq!(wrong.status, Some(2), "{}", wrong.err);
    let decide = [
        "decide",
        &run,
        "continue",
        "--reason",
        "it is a known batch",
    ];
    let decided = said.call(&decide);
    assert_eq!(decided.status, Some(0), "{}", decided.err);
    runner.has_said("answer");
    let late = said.call(&decide);
    assert_eq!(late.status, Some(2), "{}", late.err);
    said.call(&["rollback", &run, "--from", "nowhere", "--reason", "typo"]);
    said.call(&["rollback", &run, "--from", "back", "--reason", "it is not"]);
    let ran = runner.end();
    assert_eq!(ran.status, Some(3), "{}", ran.err);
    said.note(&["run", "…"], &ran);
    assert_said!(said, "operated_decided");
}

#[test]
fn a_runner_that_shall_not_wait_for_people_leaves() {
    let queue = Queue::new();
    let mut runner = queue.start(&["--detach-on-hold"]);
    let run = runner.has_said("of observed healthy time");
    queue.place.write("site/queue", "1000\n");
    let left = runner.end();
    assert_eq!(left.status, Some(7), "{}", left.err);
    let mut said = Said::in_place(&queue.place);
    said.note(&["run", "…", "--detach-on-hold"], &left);
    said.call(&["list"]);
    said.call(&["decide", &run, "rollback", "--reason", "too many"]);
    let ran = said.call(&["resume", &run]);
    assert_eq!(ran.status, Some(3), "{}", ran.err);
    assert_said!(said, "operated_detached");
}

#[test]
fn a_run_that_nobody_drives_is_rolled_back_where_the_order_is_typed() {
    let queue = Queue::new();
    let (runner, run) = queue.parked();
    moment::send(&runner, rustix::process::Signal::INT);
    assert_eq!(runner.end().status, Some(75));
    let mut said = Said::in_place(&queue.place);
    let ran = said.call(&["rollback", &run, "--reason", "nobody is there"]);
    assert_eq!(ran.status, Some(3), "{}", ran.err);
    assert_eq!(queue.effects(), "deploy\nundeploy\n");
    let over = said.call(&["rollback", &run, "--reason", "once more"]);
    assert_eq!(over.status, Some(2), "{}", over.err);
    assert_said!(said, "operated_left_and_rolled_back");
}

#[test]
fn a_reason_says_something() {
    let place = Place::new();
    for words in [
        &["rollback", "any"][..],
        &["decide", "any", "continue"],
        &["approve", "any"],
        &["decline", "any"],
    ] {
        for reason in ["", " ", "\t"] {
            let ran = place.call(&[words, &["--reason", reason]].concat());
            assert_eq!(ran.status, Some(2), "{words:?}");
            assert!(ran.err.contains("say why"), "{words:?}: {}", ran.err);
        }
    }
}
