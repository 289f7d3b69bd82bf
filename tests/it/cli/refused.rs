//! Runs that do not begin: nothing is changed, and what to type is said.

use super::RUNBOOKS;
use super::operated::Queue;
use super::said::Said;
use crate::program::{Place, Ran};

#[test]
fn without_prometheus_nothing_begins() {
    let place = Place::new();
    let mut said = Said::in_place(&place);
    let ran = said.call(&["run", &format!("{RUNBOOKS}/watched.runbook")]);
    assert_eq!(ran.status, Some(5), "{}", ran.err);
    assert!(!place.at("shipped").exists(), "a step ran");
    said.call(&["status"]);
    said.call(&["list"]);
    assert_said!(said, "refused_without_prometheus");
}

#[test]
fn what_nobody_confirmed_is_refused() {
    let queue = Queue::new();
    let mut said = Said::in_place(&queue.place);
    let words = queue.words(&[]);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let ran = said.call(&words);
    assert_eq!(ran.status, Some(5), "{}", ran.err);
    let ran = said.call(&[&words[..], &["--confirm", "The team is asleep"]].concat());
    assert_eq!(ran.status, Some(2), "{}", ran.err);
    assert_eq!(queue.effects(), "", "a step ran");
    assert_said!(said, "refused_unconfirmed");
}

#[test]
fn a_guard_that_would_trip_at_once_is_refused() {
    let queue = Queue::new();
    queue.place.write("site/queue", "1000\n");
    let mut said = Said::in_place(&queue.place);
    let words = queue.words(&["--confirm", "The team is awake"]);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let ran = said.call(&words);
    assert_eq!(ran.status, Some(5), "{}", ran.err);
    assert_eq!(queue.effects(), "", "a step ran");
    assert_said!(said, "refused_in_breach");
}

#[test]
fn a_place_for_runs_that_cannot_be_written_is_named() {
    let place = Place::new();
    place.write("file", "");
    // Below a file nobody can make a folder, not even root.
    let below = place.at("file/state").display().to_string();
    let file = format!("{RUNBOOKS}/params.runbook");
    let words = ["--param", "version=2.4.0", "--param", "commit=abc1234"];
    let mut said = Said::in_place(&place);
    let ran = said.call(&[&["run", &file, "--state", &below], &words[..]].concat());
    assert_eq!(ran.status, Some(2), "{}", ran.err);
    said.call(&["list", "--state", &below]);
    said.call(&["list"]);
    let homeless = [&["run", &file], &words[..]].concat();
    let mut nowhere = place.command(&homeless);
    let ran = Ran::of(nowhere.env_remove("RUNBOOK_STATE").env_remove("HOME"));
    said.note(&homeless, &ran);
    assert_said!(said, "refused_without_a_place");
    assert!(!place.at("shipped").exists(), "a step ran");
}

#[test]
fn what_is_not_there_is_said() {
    let place = Place::new();
    let file = format!("{RUNBOOKS}/params.runbook");
    let ran = place.call(&[
        "run",
        &file,
        "--param",
        "version=2.4.0",
        "--param",
        "commit=abc1234",
    ]);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    let mut said = Said::in_place(&place);
    for words in [
        &["status", "zzz"][..],
        &["log", "zzz"],
        &["resume", "zzz"],
        &["decide", "zzz", "continue", "--reason", "why not"],
        &["rollback", "zzz", "--reason", "why not"],
        &["decide", "20", "continue", "--reason", "why not"],
        &["rollback", "20", "--reason", "why not"],
        &["resume", "20"],
        &["decide", "20", "perhaps", "--reason", "why not"],
        &["decide", "20", "continue"],
        &["run"],
        &["explain", "unclosed-blok"],
    ] {
        said.call(words);
    }
    assert_said!(said, "refused_words");
}

#[test]
fn programs_that_are_missing_are_failed_checks_and_named_together() {
    let place = Place::new();
    std::fs::create_dir(place.at("site")).expect("a folder");
    place.write(
        "missing.runbook",
        r#"runbook "Programs that are not there"
service api
let tools = "site"

probe healthy {
  $ no-such-probe | grep -q ok
}

before rollout {
  check holds "Something that holds" $ true
  check tests "The tests pass" $ no-such-tests --all && echo "$(no-such-count)"
}

rollout {
  stage all {
    step ship in tools $ ./no-such-script "$tools"
    step made $ ./not-made-yet/tool
    step maybe $ if command -v no-such-choice > /dev/null; then no-such-choice; fi
    step again exec "no-such-exec" "x"
    step own sh """
      no_such_function() { no-such-tests; }
      no_such_function
    """
    step other env { PATH = "/nowhere" } $ cat ship
    verify healthy within 1m
  }
}

rollback {
  level back within 5m {
    step unship $ no-such-undo
  }
}
"#,
    );
    let mut said = Said::in_place(&place);
    said.call(&["check", "missing.runbook"]);
    let ran = said.call(&["run", "missing.runbook"]);
    assert_eq!(ran.status, Some(5), "{}", ran.err);
    for name in ["probe", "tests", "count", "script", "exec", "undo"] {
        assert!(ran.err.contains(&format!("no-such-{name}")), "{name}");
    }
    for name in [
        "no-such-choice",
        "not-made-yet",
        "no_such_function",
        "`true`",
        "`grep`",
    ] {
        assert!(!ran.err.contains(name), "{name}");
    }
    assert_said!(said, "refused_missing_programs");
}
