//! What people read of a run.

use super::engine::stage::plan;

#[test]
fn a_dry_run_reads_like_the_procedure() {
    insta::assert_snapshot!(runbook::report::timeline(&plan()));
}
