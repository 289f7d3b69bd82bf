//! A run that waits for approvals, and the people who give them from other terminals.

use super::RUNBOOKS;
use super::said::Said;
use crate::program::{Place, Running};

fn site() -> Place {
    let place = Place::new();
    std::fs::create_dir(place.at("site")).expect("a folder");
    place
}

fn start(place: &Place, more: &[&str]) -> Running {
    let file = format!("{RUNBOOKS}/approved.runbook");
    let site = format!("site={}", place.at("site").display());
    let words = ["run", &file, "--param", &site, "--non-interactive"];
    place.start(&[&words, more].concat())
}

#[test]
fn two_people_approve_and_who_they_were_stays() {
    let place = site();
    let mut runner = start(&place, &[]);
    let run = runner.has_said("ASK");
    let mut said = Said::in_place(&place);
    let say = |said: &mut Said, words: &[&str], status| {
        let ran = said.call(words);
        assert_eq!(ran.status, Some(status), "{}", ran.err);
    };
    let vote = |word, by, more: &[&'static str]| {
        let words = [word, run.as_str(), "--reason", "I have looked", "--by", by];
        let all = [&words[..], more].concat();
        all.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let call = |said: &mut Said, words: Vec<String>, status| {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        say(said, &words, status);
    };
    say(&mut said, &["decide", &run, "continue", "--reason", "x"], 2);
    call(&mut said, vote("approve", "bea", &["--as", "support"]), 2);
    call(&mut said, vote("approve", "bea", &["--as", "payments"]), 0);
    call(&mut said, vote("approve", "Bea", &[]), 2);
    say(&mut said, &["status", &run], 0);
    call(&mut said, vote("approve", "cid", &[]), 0);
    let ran = runner.end();
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    said.note(&["run", "…"], &ran);
    say(&mut said, &["status", &run], 0);
    call(&mut said, vote("decline", "dan", &[]), 2);
    assert_said!(said, "approved_by_two");
    assert_eq!(place.read("site/effects"), "deploy\nannounce\n");
}

#[test]
fn a_run_that_was_left_takes_the_no_when_it_is_resumed() {
    let place = site();
    let mut runner = start(&place, &["--detach-on-hold"]);
    let run = runner.has_said("ASK");
    let left = runner.end();
    assert_eq!(left.status, Some(7), "{}", left.err);
    let mut said = Said::in_place(&place);
    said.note(&["run", "…", "--detach-on-hold"], &left);
    let words = [
        "decline",
        &run,
        "--reason",
        "not on a friday",
        "--by",
        "bea",
    ];
    assert_eq!(said.call(&words).status, Some(0));
    let ran = said.call(&["resume", &run]);
    assert_eq!(ran.status, Some(3), "{}", ran.err);
    assert_said!(said, "approved_declined");
    assert_eq!(place.read("site/effects"), "deploy\nundeploy\n");
}
