//! A window at the command line: refused outside of it, overridden with a reason that stays, shown beforehand.

use super::RUNBOOKS;
use crate::program::Place;

fn words<'w>(file: &'w str, site: &'w str, more: &[&'w str]) -> Vec<&'w str> {
    let first = ["run", file, "--param", site, "--non-interactive"];
    [&first[..], more].concat()
}

#[test]
fn a_closed_window_refuses_the_start_and_a_hotfix_with_its_reason_is_everywhere() {
    let place = Place::new();
    let file = format!("{RUNBOOKS}/closed.runbook");
    let site = format!("site={}", place.at("").display());

    let ran = place.call(&words(&file, &site, &[]));
    assert_eq!(ran.status, Some(5), "{}", ran.err);
    assert!(
        ran.err.contains("it does not open within 400 days"),
        "{}",
        ran.err
    );
    let ran = place.call(&words(&file, &site, &["--wait=2h"]));
    assert_eq!(ran.status, Some(5), "{}", ran.err);
    assert!(!place.at("mark").exists(), "a step ran");

    let ran = place.call(&words(&file, &site, &["--hotfix", " "]));
    assert_eq!(ran.status, Some(2), "{}", ran.err);
    let ran = place.call(&words(&file, &site, &["--hotfix", "the login is down"]));
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    assert!(place.at("mark").exists());
    let said = ran.err;
    let status = place.call(&["status"]).out;
    let run = status
        .split_whitespace()
        .nth(1)
        .expect("the run")
        .to_owned();
    let log = place.call(&["log", &run]).out;
    for text in [&said, &status, &log] {
        assert!(text.contains("the login is down"), "{text}");
    }
}

#[test]
fn a_dry_run_knows_the_days_off_of_the_file_beside_the_runbook() {
    let place = Place::new();
    let file = format!("{RUNBOOKS}/closed.runbook");
    let plan = |start: &str| {
        let words = ["plan", &file, "--param", "site=.", "--start", start];
        let ran = place.call(&words);
        assert_eq!(ran.status, Some(0), "{}", ran.err);
        ran.out
    };
    let christmas = plan("2026-12-25T10:00");
    assert!(
        christmas.contains("2026-12-25 is a holiday (Christmas Day)"),
        "{christmas}"
    );
    let before = plan("2019-06-01T10:00");
    assert!(
        before.contains("a start at sat 2019-06-01 10:00 fits"),
        "{before}"
    );
    let ran = place.call(&["check", &file]);
    assert_eq!(ran.status, Some(1), "{}", ran.err);
    assert!(
        ran.err.contains("window `office` does not open") && ran.err.contains("1 file: 1 finding"),
        "{}",
        ran.err
    );
}

#[test]
fn without_a_window_there_is_nothing_to_override() {
    let place = Place::new();
    let file = format!("{RUNBOOKS}/params.runbook");
    let values = ["--param", "version=2.4.0", "--param", "commit=abc1234"];
    for more in [&["--hotfix", "now"][..], &["--wait"]] {
        let ran = place.call(&[&["run", &file], &values[..], more].concat());
        assert_eq!(ran.status, Some(2), "{}", ran.err);
        assert!(ran.err.contains("chooses no window"), "{}", ran.err);
    }
}
