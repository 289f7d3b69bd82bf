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
fn captures_stand_with_their_type_and_what_counts_where_they_are_not_set() {
    insta::assert_snapshot!(dry_run("captures.runbook"));
}

#[test]
fn approvals_stand_where_they_are_asked_with_their_bound() {
    insta::assert_snapshot!(dry_run("approvals.runbook"));
}

#[test]
fn a_dry_run_reads_like_the_procedure() {
    insta::assert_snapshot!(runbook::report::timeline(&plan(), None));
}
