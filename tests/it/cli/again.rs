//! What a run needs late is looked for before it begins, and again when it is taken up.

use rustix::process::Signal;

use super::RUNBOOKS;
use super::said::Said;
use crate::moment::send;
use crate::program::{Place, Ran, Running};

const TOKEN: &str = "s3cr3t-t0k3n";

fn place() -> Place {
    let place = Place::new();
    std::fs::create_dir(place.at("site")).expect("a folder");
    place.write("site/queue", "0\n");
    place.write("key", "0123456789\n");
    place
}

fn words(place: &Place) -> Vec<String> {
    let file = format!("{RUNBOOKS}/late.runbook");
    let site = format!("site={}", place.at("site").display());
    let words = ["run", &file, "--param", &site, "--rehearse", "1200x"];
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn parked(place: &Place) -> (Running, String) {
    let words = words(place);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut command = place.command(&words);
    command.env("LATE_TOKEN", TOKEN);
    let mut runner = place.started(command);
    let run = runner.has_said("of observed healthy time");
    (runner, run)
}

#[test]
fn a_run_whose_rollback_lacks_a_secret_does_not_begin() {
    let place = place();
    std::fs::remove_file(place.at("key")).expect("it was there");
    let words = words(&place);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut said = Said::in_place(&place);
    let ran = said.call(&words);
    assert_eq!(ran.status, Some(5), "{}", ran.err);
    // What is no file is none, and nobody waits for it.
    crate::moment::shut(&place.at("key"));
    let ran = said.call(&words);
    assert_eq!(ran.status, Some(5), "{}", ran.err);
    assert_eq!(place.read("site/effects"), "");
    assert_said!(said, "again_does_not_begin");
}

#[test]
fn a_run_is_not_driven_on_without_what_its_rollback_needs() {
    let place = place();
    let (runner, run) = parked(&place);
    send(&runner, Signal::INT);
    let left = runner.end();
    assert_eq!(left.status, Some(75), "{}", left.err);

    let mut said = Said::in_place(&place);
    let refused = said.call(&["resume", &run]);
    assert_eq!(refused.status, Some(75), "{}", refused.err);
    said.call(&["list"]);
    assert_said!(said, "again_not_driven_on");
    assert_eq!(place.read("site/effects"), "deploy\n");

    // With it, it goes on.
    let ordered = ["rollback", &run, "--reason", "enough"];
    let ran = Ran::of(place.command(&ordered).env("LATE_TOKEN", TOKEN));
    assert_eq!(ran.status, Some(3), "{}", ran.err);
    assert!(!ran.err.contains("missing"), "{}", ran.err);
    assert_eq!(place.read("site/effects"), "deploy\nundeploy\n");
}

#[test]
fn a_rollback_goes_on_with_what_there_is_and_says_what_is_not() {
    let place = place();
    let (runner, run) = parked(&place);
    send(&runner, Signal::INT);
    assert_eq!(runner.end().status, Some(75));
    let ran = place.call(&["rollback", &run, "--reason", "enough"]);
    assert_eq!(ran.status, Some(4), "{}", ran.err);
    let missing = "secret token cannot be read: the environment variable LATE_TOKEN is not set";
    assert!(ran.err.contains(missing), "{}", ran.err);
    let turned = ran.err.find("ROLLBACK").expect("it turns back");
    assert!(ran.err.find(missing) < Some(turned), "{}", ran.err);
}
