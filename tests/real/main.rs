//! Tests against real components: `bash .ci/run` installs them and runs these; plain `cargo test` says that it leaves them out.
//!
//! The harness is our own, because cargo's shows nothing of a test that passes by doing nothing. It runs one test at a time: each has servers of its own,
//! and their timing is what is tested. A component that is asked for and missing is a failure, never a test left out.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::wildcard_enum_match_arm,
    reason = "a harness starts servers, waits for them and prints; a broken assumption should fail the test at once"
)]

mod ask;
mod conformance;
mod exporter;
mod history;
mod hosts;
#[path = "../it/faults/kin.rs"]
mod kin;
#[expect(dead_code, reason = "the other tests use more of it")]
#[path = "../it/faults/ledger.rs"]
mod ledger;
mod machine;
#[expect(dead_code, reason = "the other tests use more of it")]
#[path = "../it/moment.rs"]
mod moment;
mod postgres;
#[path = "../it/program.rs"]
mod program;
mod prometheus;
mod rollout;
mod shellcheck;
mod shifted;
#[path = "../it/crash/site.rs"]
mod site;
#[expect(dead_code, reason = "the other tests use more of it")]
#[path = "../it/faults/source.rs"]
mod source;
mod sshd;
mod syncs;
mod tsdb;
mod wait;

use std::panic::catch_unwind;
use std::process::ExitCode;
use std::time::Instant;

/// The folder of the runbooks that die in the other tests.
const RUNBOOKS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/crash");

/// The tests whose names begin so need a root's rights: they mount file systems and trace system calls.
const ROOT: &str = "machine::";

/// Every test by the name that is printed. A function that is missing here is dead code, which clippy reports.
const TESTS: &[(&str, fn())] = &[
    (
        "machine::postgres::all_of_a_file_happens_or_nothing_of_it",
        postgres::all_of_a_file_happens_or_nothing_of_it,
    ),
    (
        "machine::postgres::a_connection_that_is_lost_leaves_an_unknown_outcome",
        postgres::a_connection_that_is_lost_leaves_an_unknown_outcome,
    ),
    (
        "machine::postgres::a_database_that_is_not_there_has_run_nothing",
        postgres::a_database_that_is_not_there_has_run_nothing,
    ),
    (
        "conformance::guards_judge_what_real_servers_answer_as_the_suite_says",
        conformance::guards_judge_what_real_servers_answer_as_the_suite_says,
    ),
    (
        "history::guards_look_at_real_servers_in_real_time",
        history::guards_look_at_real_servers_in_real_time,
    ),
    (
        "hosts::four_at_two_at_once_one_failing_one_hanging_and_a_hostile_value_is_one_word",
        hosts::four_at_two_at_once_one_failing_one_hanging_and_a_hostile_value_is_one_word,
    ),
    (
        "hosts::a_runner_that_is_killed_leaves_the_hosts_alone_and_another_takes_them_up",
        hosts::a_runner_that_is_killed_leaves_the_hosts_alone_and_another_takes_them_up,
    ),
    (
        "hosts::a_supervisor_that_is_killed_takes_the_command_there_along_and_a_person_is_asked_by_host",
        hosts::a_supervisor_that_is_killed_takes_the_command_there_along_and_a_person_is_asked_by_host,
    ),
    (
        "hosts::a_host_with_another_key_is_not_spoken_to",
        hosts::a_host_with_another_key_is_not_spoken_to,
    ),
    (
        "hosts::a_step_is_undone_on_the_hosts_on_which_it_began_the_newest_first",
        hosts::a_step_is_undone_on_the_hosts_on_which_it_began_the_newest_first,
    ),
    (
        "hosts::an_undo_on_hosts_whose_runner_is_killed_is_taken_up_and_goes_on_with_the_next",
        hosts::an_undo_on_hosts_whose_runner_is_killed_is_taken_up_and_goes_on_with_the_next,
    ),
    (
        "shellcheck::what_it_says_is_where_the_runbook_has_it",
        shellcheck::what_it_says_is_where_the_runbook_has_it,
    ),
    (
        "machine::a_full_disk_stops_a_run_and_loses_nothing",
        machine::a_full_disk_stops_a_run_and_loses_nothing,
    ),
    (
        "machine::a_sync_that_fails_stops_a_run_and_loses_nothing",
        machine::a_sync_that_fails_stops_a_run_and_loses_nothing,
    ),
    (
        "machine::a_start_of_the_machine_makes_a_step_unknown",
        machine::a_start_of_the_machine_makes_a_step_unknown,
    ),
    (
        "machine::a_start_of_the_machine_in_a_soak_is_a_gap",
        machine::a_start_of_the_machine_in_a_soak_is_a_gap,
    ),
    (
        "machine::a_name_that_is_gone_holds_the_run",
        machine::a_name_that_is_gone_holds_the_run,
    ),
    (
        "machine::output_of_any_size_takes_no_memory",
        machine::output_of_any_size_takes_no_memory,
    ),
    (
        "prometheus::answers_with_the_exporters_value_before_and_after_a_restart",
        prometheus::answers_with_the_exporters_value_before_and_after_a_restart,
    ),
    (
        "rollout::a_breach_after_the_exposure_is_rolled_back_by_the_flag",
        rollout::a_breach_after_the_exposure_is_rolled_back_by_the_flag,
    ),
    (
        "rollout::a_restart_of_prometheus_neither_rolls_back_nor_advances",
        rollout::a_restart_of_prometheus_neither_rolls_back_nor_advances,
    ),
    (
        "rollout::what_prometheus_refuses_is_refused_before_the_start",
        rollout::what_prometheus_refuses_is_refused_before_the_start,
    ),
    (
        "syncs::one_step_is_written_in_this_order",
        syncs::one_step_is_written_in_this_order,
    ),
    (
        "syncs::steps_that_end_together_share_their_syncs",
        syncs::steps_that_end_together_share_their_syncs,
    ),
    (
        "syncs::a_further_step_in_sequence_costs_one_sync",
        syncs::a_further_step_in_sequence_costs_one_sync,
    ),
];

fn main() -> ExitCode {
    // As with cargo's harness: words that are no flags select the tests whose name contains one of them.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (flags, words): (Vec<_>, Vec<_>) = arguments.iter().partition(|a| a.starts_with('-'));
    let selected: Vec<_> = TESTS
        .iter()
        .filter(|(name, _)| words.is_empty() || words.iter().any(|word| name.contains(*word)))
        .collect();
    if flags.iter().any(|flag| *flag == "--list") {
        selected
            .iter()
            .for_each(|(name, _)| println!("{name}: test"));
        return ExitCode::SUCCESS;
    }
    let filtered = TESTS.len() - selected.len();
    let is_root = rustix::process::geteuid().is_root();
    if std::env::var_os("RUNBOOK_REAL").is_none_or(|value| value != "1") {
        println!(
            "\nleft out: {} against real components (`bash .ci/run` installs them and runs these)",
            count(selected.len())
        );
        selected.iter().for_each(|(name, _)| println!("  {name}"));
        println!(
            "\ntest result: ok. 0 passed; 0 failed; {} ignored; 0 measured; {filtered} filtered out\n",
            selected.len()
        );
        return ExitCode::SUCCESS;
    }
    println!("\nrunning {}", count(selected.len()));
    let start = Instant::now();
    let (selected, without): (Vec<_>, Vec<_>) = selected
        .into_iter()
        .partition(|(name, _)| is_root || !name.starts_with(ROOT));
    without
        .iter()
        .for_each(|(name, _)| println!("test {name} ... left out: it needs a root's rights"));
    let failed: Vec<&str> = selected
        .iter()
        .filter(|(name, test)| {
            // The hook of the standard library has printed the reason when this comes back.
            let passed = catch_unwind(*test).is_ok();
            println!("test {name} ... {}", if passed { "ok" } else { "FAILED" });
            !passed
        })
        .map(|(name, _)| *name)
        .collect();
    println!(
        "\ntest result: {}. {} passed; {} failed; {} ignored; 0 measured; {filtered} filtered out; finished in {:.2}s\n",
        if failed.is_empty() { "ok" } else { "FAILED" },
        selected.len() - failed.len(),
        failed.len(),
        without.len(),
        start.elapsed().as_secs_f64()
    );
    if failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn count(tests: usize) -> String {
    format!("{tests} test{}", if tests == 1 { "" } else { "s" })
}
