//! What people read of a run.

use super::engine::stage::plan;

/// The dry run of an input of `check`.
fn dry_run(name: &str) -> String {
    let path = format!("{}/tests/it/check/good/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("an input");
    let file = runbook::source::SourceFile::new(name, text);
    runbook::report::timeline(&crate::check::plan_of(&file).expect("a plan"), None)
}

#[test]
fn what_is_waited_for_stands_with_its_bound() {
    insta::assert_snapshot!(dry_run("until.runbook"));
}

#[test]
fn a_step_that_wants_a_person_says_so() {
    let text = dry_run("terminal.runbook");
    let said = text.matches("with a person at the terminal").count();
    // The check, two turns and what undoes them, and the rollback.
    assert_eq!(said, 6, "{text}");
}

#[test]
fn captures_stand_with_their_type_and_what_counts_where_they_are_not_set() {
    insta::assert_snapshot!(dry_run("captures.runbook"));
}

#[test]
fn approvals_stand_where_they_are_asked_with_their_bound() {
    insta::assert_snapshot!(dry_run("approvals.runbook"));
}

#[test]
fn what_a_step_sends_and_to_whom_stands_below_it() {
    let text = dry_run("requests.runbook");
    for line in [
        "| header authorization: Bearer (secret token)",
        "| header x-source: runbook (run)",
        "| body {   \"version\": \"2.4.0\", \"note\": \"release 2.4.0 of (commit)\"",
        "| expect status == 201",
        "| header x-key: (secret token)",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[test]
fn the_commands_of_a_block_stand_below_it() {
    let text = "runbook \"A block\"\nservice api\nrollout {\n  stage all {\n    step x {\n      $ one\n      exec \"two\" \"x\"\n    }\n  }\n}\n\
                rollback {\n  level back within 5m {\n    step y {\n      $ three\n      $ four\n    }\n  }\n}\n";
    let file = runbook::source::SourceFile::new("block.runbook", text);
    let text = runbook::report::timeline(&crate::check::plan_of(&file).expect("a plan"), None);
    for line in [
        "step     x  $ one, and 1 more command",
        "| 1 of 2  $ one",
        "| 2 of 2  exec two x",
        "| 1 of 2  $ three",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[test]
fn a_long_dry_run_leaves_its_proof_to_the_check_and_says_so() {
    let of = |steps: usize| {
        let all: String = (0..steps)
            .map(|step| format!("    step s{step} $ true\n"))
            .collect();
        let text = format!(
            "runbook \"Many\"\nservice api\nrollout {{\n  stage all {{\n{all}  }}\n}}\n\
             rollback {{\n  level back within 5m {{\n    step back $ true\n  }}\n}}\n"
        );
        let file = runbook::source::SourceFile::new("many.runbook", text);
        runbook::report::timeline(&crate::check::plan_of(&file).expect("a plan"), None)
    };
    let long = of(200);
    assert!(
        long.contains("\nnot proved here: the paths of 201 steps are left to `runbook check`"),
        "{long}"
    );
    assert!(!long.contains("every path ends"), "{long}");
    assert!(of(3).contains("\nproved: every path ends as it may\n"));
}

#[test]
fn a_dry_run_reads_like_the_procedure() {
    insta::assert_snapshot!(runbook::report::timeline(&plan(), None));
}

#[test]
fn what_can_go_unseen_is_told_of_every_exposure() {
    let text = dry_run("exposures.runbook");
    for line in [
        "first: cohort is at beta for at least 10m: outage",
        "first: share is at 50% for at least 10m: outage",
        "second: live is at green for at least 10m: outage",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[test]
fn a_plan_says_why_it_does_not_complete() {
    let dry_run = |name: &str, start: Option<i64>| {
        let path = format!("{}/tests/it/check/bad/{name}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).expect("an input");
        let file = runbook::source::SourceFile::new(name, text);
        runbook::report::timeline(&crate::check::plan_of(&file).expect("a plan"), start)
    };
    let fails = dry_run("err_never_completes_fail.runbook", None);
    for part in [
        "this does not complete: always",
        "turns back: always",
        "LEVEL flag",
    ] {
        assert!(fails.contains(part), "{part}\n{fails}");
    }
    let closed = dry_run(
        "err_never_completes_window.runbook",
        Some(1_767_225_600_000),
    );
    assert!(
        closed.contains("this does not complete: refused: ") && closed.contains("does not open"),
        "{closed}"
    );
    let breach = dry_run("err_never_completes_guard.runbook", None);
    assert!(
        breach.contains("this does not complete: refused: guard inverted is in breach"),
        "{breach}"
    );
}

#[test]
fn no_line_is_wider_than_a_narrow_terminal() {
    let text = "the guard saw more errors than it bears for as long as it waits";
    for columns in [40, 50, 80] {
        let wrapped = runbook::report::wrap(text, columns, 23);
        for (number, line) in wrapped.lines().enumerate() {
            let before = if number == 0 { 23 } else { 0 };
            let width = before + line.chars().count();
            assert!(width <= columns, "{width} of {columns}: {line}");
        }
    }
}

/// What takes as long as there are hosts is said for one of them, and for how many there is time.
#[test]
fn a_level_over_hosts_that_a_command_prints_says_for_how_many_there_is_time() {
    let dry_run = |most: u32, within: &str| {
        let text = format!(
            "runbook \"Hosts\"\nservice api\nhosts web from $ ./inventory\n\
             rollout {{\n  stage all {{\n    step up on web at most {most} $ ./up\n  }}\n}}\n\
             rollback {{\n  level back within {within} {{\n    step down timeout 1m on web at most {most} $ ./down\n  }}\n}}\n"
        );
        let file = runbook::source::SourceFile::new("a.runbook", text);
        runbook::report::timeline(&crate::check::plan_of(&file).expect("a plan"), None)
    };
    let one =
        "hosts    that is for one host: how many web has, only the run knows; there is time for ";
    for (most, within, fits) in [
        (1, "10m", "6, and a run with more is refused"),
        (3, "10m", "16, and a run with more is refused"),
        (1, "2m", "1, and a run with more is refused"),
        (100, "1d", "any number of them"),
    ] {
        let said = dry_run(most, within);
        assert!(said.contains(&format!("{one}{fits}\n")), "{said}");
    }
}
