//! How often a run waits for the disk, counted by strace where the program meets the kernel, and never timed.

use std::fmt::Write as _;
use std::process::Command;

use crate::program::{Place, Ran};

/// When the write-ahead log has grown long it is folded into the database, which takes a few syncs more, however many steps there were.
const FOLDING: usize = 4;

/// The outcome of a step and the intent of the next are one commit, so a further step in sequence costs one sync.
pub(crate) fn a_further_step_in_sequence_costs_one_sync() {
    let short = syncs(50);
    let long = syncs(150);
    assert!(short > 50, "50 steps that sync {short} times keep nothing");
    assert!(
        long - short <= 100 + FOLDING,
        "50 steps sync {short} times, 150 steps {long} times"
    );
}

/// The syncs of a whole run of so many steps.
fn syncs(steps: usize) -> usize {
    let mut text = String::from("runbook \"Steps\"\nservice steps\nrollout {\n  stage only {\n");
    for step in 0..steps {
        writeln!(text, "    step s{step} $ true").expect("a string takes everything");
    }
    text.push_str("  }\n}\nrollback {\n  level back within 5m {\n    step back $ true\n  }\n}\n");
    let place = Place::new();
    place.write("steps.runbook", &text);
    let program = place.command(&["run", "steps.runbook"]);
    let mut traced = Command::new("strace");
    traced
        .args(["-f", "-qq", "-o"])
        .arg(place.at("trace"))
        .args([
            "-e",
            "trace=fsync,fdatasync,sync,syncfs,sync_file_range,msync",
        ])
        .arg(program.get_program())
        .args(program.get_args())
        .current_dir(place.at(""))
        .env_clear()
        .envs(
            program
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
    let ran = Ran::of(&mut traced);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    // A call that another thread interrupts has a second line, which says `resumed`.
    let trace = place.read("trace");
    trace
        .lines()
        .filter(|line| line.contains("sync") && line.contains('(') && !line.contains("resumed"))
        .count()
}
