//! What `check` says of the paths that a run can take, and what of it is a finding.

use super::said::Said;
use crate::program::Place;

/// An input of the tests of `check`.
fn input(name: &str) -> String {
    let root = env!("CARGO_MANIFEST_DIR");
    std::fs::read_to_string(format!("{root}/tests/it/check/bad/{name}.runbook")).expect("an input")
}

#[test]
fn a_proof_that_finds_nothing_says_on_demand_what_it_saw_and_assumed() {
    let place = Place::new();
    let mended = input("err_path_gets_stuck").replace(" when new_auth > 0%", "");
    place.write("release.runbook", &mended);
    let mut said = Said::in_place(&place);
    assert_eq!(said.call(&["check", "release.runbook"]).status, Some(0));
    let proved = said.call(&["check", "release.runbook", "--verbose"]);
    let page = include_str!("../../../docs/proof.md");
    let assumed = proved.err.split("assumes").nth(1).expect("it says so");
    let assumed: Vec<&str> = assumed
        .lines()
        .take_while(|line| !line.contains("nothing found"))
        .map(str::trim)
        .collect();
    assert!(assumed.len() > 3, "{assumed:?}");
    for line in assumed {
        assert!(
            page.contains(&format!("- {line}\n")),
            "docs/proof.md: {line}"
        );
    }
    assert_said!(said, "proved");
    let planned = place.call(&["plan", "release.runbook"]);
    let line = "\nproved: every path ends as it may\n";
    assert!(planned.out.contains(line), "{}", planned.out);
}

#[test]
fn a_path_that_ends_as_none_may_is_a_finding_and_the_dry_run_says_so() {
    let place = Place::new();
    place.write("release.runbook", &input("err_path_gets_stuck"));
    let checked = place.call(&["check", "release.runbook"]);
    assert_eq!(checked.status, Some(1), "{}", checked.err);
    assert!(
        checked.err.contains("error[path-gets-stuck]"),
        "{}",
        checked.err
    );
    let planned = place.call(&["plan", "release.runbook"]);
    let line = "\nnot proved: a path ends as none may, `runbook check` tells it\n";
    assert!(planned.out.contains(line), "{}", planned.out);
}

/// What `check` would have told in time is not left to the night: such a run does not begin.
#[test]
fn a_path_that_ends_as_none_may_is_not_run() {
    let place = Place::new();
    place.write("release.runbook", &input("err_path_gets_stuck"));
    for words in [
        ["run", "release.runbook", "--non-interactive"],
        ["check", "release.runbook", "--online"],
    ] {
        let ran = place.call(&words);
        assert_eq!(ran.status, Some(1), "{}", ran.err);
        assert!(ran.err.contains("error[path-gets-stuck]"), "{}", ran.err);
    }
    let listed = place.call(&["list"]);
    assert_eq!(listed.out, "", "{}", listed.out);
}

#[test]
fn a_proof_that_has_no_end_is_said_and_is_no_finding() {
    let place = Place::new();
    place.write("release.runbook", &input("err_proof_unfinished"));
    let checked = place.call(&["check", "release.runbook"]);
    assert_eq!(checked.status, Some(0), "{}", checked.err);
    assert!(
        checked.err.contains("note[proof-unfinished]"),
        "{}",
        checked.err
    );
    assert!(
        checked.err.ends_with("1 file: nothing found, 1 note\n"),
        "{}",
        checked.err
    );
    let planned = place.call(&["plan", "release.runbook"]);
    let line = "\nnot proved: not every path was looked at\n";
    assert!(planned.out.contains(line), "{}", planned.out);
}
