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

/// A file whose parameters decide something, with lines of the whole file in front of its rollback and in its one level.
fn with_params(params: &str, guard: &str, level: &str) -> String {
    format!(
        "runbook \"Params\"\nservice api\n{params}channel pager {{\n  log \"pager.log\"\n}}\n\
         exposure flag: percent {{\n  set $ ./flag set \"$flag\"\n  read $ ./flag get\n}}\n\
         metric errors: percent {{\n  $ ./errors\n  unit ratio\n}}\n\
         guard high when {guard} then rollback\n\
         rollout {{\n  stage full {{\n    expose 100%\n    wait 1h\n  }}\n}}\n\
         rollback {{\n  level off within 5m {{\n{level}    expose 0%\n  }}\n  \
         recovered when errors < 1% for 1m within 2m30s\n}}\n\
         if stuck {{\n  notify pager \"stuck: ${{reason}}\"\n}}\n"
    )
}

/// What is not looked at with all its values is named, and what is said in some cases only too.
#[test]
fn a_parameter_of_many_values_is_named_where_it_decides() {
    let place = Place::new();
    let params = "param tier: one of gold | silver\nparam limit: percent = 4%\nparam note: text\n";
    let guard = "tier == silver and errors > limit";
    let level = "    if tier == gold {\n      step drain timeout 20m $ ./drain \"$note\"\n    }\n";
    place.write("release.runbook", &with_params(params, guard, level));
    let mut said = Said::in_place(&place);
    let proved = said.call(&["check", "release.runbook", "--verbose"]);
    assert_eq!(proved.status, Some(0), "{}", proved.err);
    let page = include_str!("../../../docs/proof.md");
    let named = proved.err.lines().find(|line| line.contains("limit = "));
    let (general, names) = named
        .and_then(|line| line.split_once(": "))
        .expect("it is named");
    assert_eq!(names, "limit = 4%");
    assert!(
        page.contains(&format!("- {}\n", general.trim())),
        "{general}"
    );
    assert_said!(said, "proved_in_each_case");
}

/// Values that a rule of the file refuses are no case; that they are refused is said on demand.
#[test]
fn values_that_break_a_rule_are_named() {
    let place = Place::new();
    let params = "param first: one of low | high = low\nparam second: one of low | high = high\n";
    let level = "    for word in [first, second] {\n      step drain timeout 10s $ ./drain \"$word\"\n    }\n";
    place.write(
        "release.runbook",
        &with_params(params, "errors > 5%", level),
    );
    let proved = place.call(&["check", "release.runbook", "--verbose"]);
    assert_eq!(proved.status, Some(0), "{}", proved.err);
    let line = "later    with first = low and second = low, and in one more combination `plan` and `run` say bad-list: ";
    assert!(proved.err.contains(line), "{}", proved.err);
    let planned = place.call(&["plan", "release.runbook", "-p", "second=low"]);
    assert!(planned.err.contains("bad-list"), "{}", planned.err);
}

/// Seven switches have 128 combinations: some are varied alone, which is said, and each value of each is looked at.
#[test]
fn many_combinations_are_bounded() {
    let place = Place::new();
    let params: String = (0..7).map(|n| format!("param p{n}: bool\n")).collect();
    let steps = |timeout: &str| -> String {
        (0..7)
            .map(|n| {
                let timeout = if n == 6 { timeout } else { "1s" };
                format!("    if not p{n} {{\n      step s{n} timeout {timeout} $ ./s\n    }}\n")
            })
            .collect()
    };
    place.write(
        "well.runbook",
        &with_params(&params, "errors > 5%", &steps("1s")),
    );
    let well = place.call(&["check", "well.runbook", "--verbose"]);
    assert_eq!(well.status, Some(0), "{}", well.err);
    let named = "looked at with one of them: p5 = true, p6 = true\n";
    assert!(well.err.contains(named), "{}", well.err);
    place.write(
        "long.runbook",
        &with_params(&params, "errors > 5%", &steps("2h")),
    );
    let long = place.call(&["check", "long.runbook"]);
    assert_eq!(long.status, Some(1), "{}", long.err);
    assert!(long.err.contains("with p6 = false"), "{}", long.err);
}

/// An attempt of a protected step is let end before a breach in the middle of it is acted on: `plan` and `check` count it.
#[test]
fn a_protected_step_counts_until_a_breach_is_acted_on() {
    let place = Place::new();
    let step = "    step migrate protected timeout 2h retry 2 every 1m $ ./migrate\n    wait 1h\n";
    let text = with_params("", "errors > 5%", "").replace("    wait 1h\n", step);
    place.write("release.runbook", &text);
    let planned = place.call(&["plan", "release.runbook"]).out;
    for line in [
        "seen at the latest 25s after it begins, acted on after 2h35s where protected step migrate is let end first\n",
        "full: flag is at 100% for at least 1h: high 12058.3 percent-minutes, 2h10s of it while protected step migrate is let end first\n",
    ] {
        assert!(planned.contains(line), "{planned}");
    }
    let proved = place.call(&["check", "release.runbook", "--verbose"]).err;
    let line = "at most    2h35s  until it is acted on in full, behind protected step migrate\n";
    assert!(proved.contains(line), "{proved}");
}

/// An `unless` that cannot be asked fails an attempt and is asked in the next one again, for up to ten seconds each time.
#[test]
fn an_unless_counts_in_each_attempt_that_it_can_fail() {
    let place = Place::new();
    let step = "    step y timeout 3s grace 2s retry 4 every 1s unless $ ./is-done\n      $ ./y\n";
    let text = with_params("", "errors > 5%", step);
    place.write("release.runbook", &text);
    let planned = place.call(&["plan", "release.runbook"]).out;
    // 4 times 10 s, then 10 s and 5 s, and 4 s between; 1m10s to expose, and 2m30s of recovery.
    assert!(planned.contains("within 5m, at worst 4m39s\n"), "{planned}");
}

#[test]
fn a_dry_run_shows_both_ends_of_backoff_and_ends_like_every_finding() {
    let place = Place::new();
    let step = "    step y timeout 3s retry 4 backoff 1s..12s $ ./y\n";
    place.write("release.runbook", &with_params("", "errors > 5%", step));
    let planned = place.call(&["plan", "release.runbook"]).out;
    let line = "4 more attempts, 1s to 12s apart";
    assert!(planned.contains(line), "{planned}");
    let long = step.replace("3s", "3h");
    place.write("long.runbook", &with_params("", "errors > 5%", &long));
    let long = place.call(&["plan", "long.runbook"]);
    assert!(long.err.contains("error[level-overruns]"), "{}", long.err);
    assert_eq!(long.status, Some(1));
}

/// A proof has room for so many pairs; that there are more is said.
#[test]
fn pairs_that_are_not_followed_are_said() {
    let place = Place::new();
    let said =
        "assumes  of more than 32 steps that take something apart the first 32 are followed\n";
    for (hosts, is_said) in [(32, false), (33, true)] {
        let names: Vec<String> = (0..hosts).map(|host| format!("\"web-{host}\"")).collect();
        let turns = format!(
            "    for host in [{}] {{\n      step leave timeout 1s $ lb drain \"$host\"\n      \
             step join timeout 1s $ lb undrain \"$host\"\n    }}\n",
            names.join(", ")
        );
        let text = with_params("", "errors > 5%", "").replace("    wait 1h\n", &turns);
        place.write("release.runbook", &text);
        let proved = place.call(&["check", "release.runbook", "--verbose"]).err;
        let lines = proved.replace("           of more", "  assumes  of more");
        assert_eq!(lines.contains(said), is_said, "{proved}");
    }
}
