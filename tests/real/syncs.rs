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

/// A disk that takes twenty milliseconds for a sync. Where it costs nothing, how many there are is how the processes happen to be scheduled.
const SLOW_DISK: &str = "inject=fsync,fdatasync:delay_enter=20000";

/// Attempts that end together are one commit, and so are those that begin together: whatever ends while the disk is busy is one.
pub(crate) fn steps_that_end_together_share_their_syncs() {
    const STEPS: usize = 200;
    let all: String = (0..STEPS)
        .map(|step| format!("      step s{step} $ true\n"))
        .collect();
    let count = syncs_in(&traced_of(
        &format!("    parallel {{\n{all}    }}\n"),
        &["-e", SYNCING, "-e", SLOW_DISK],
    ));
    println!("  200 steps at once: {count} syncs");
    assert!(
        count * 10 <= STEPS * 6,
        "200 steps at once sync {count} times"
    );
}

const SYNCING: &str = "trace=fsync,fdatasync,sync,syncfs,sync_file_range,msync";

/// The syncs of a whole run of so many steps.
fn syncs(steps: usize) -> usize {
    syncs_in(&traced(steps, &["-e", SYNCING]))
}

fn syncs_in(trace: &str) -> usize {
    trace
        .lines()
        // A call that another thread interrupts has a second line, which says `resumed`.
        .filter(|line| line.contains("sync") && line.contains('(') && !line.contains("resumed"))
        .count()
}

/// What strace sees of a whole run of so many steps.
fn traced(steps: usize, wanted: &[&str]) -> String {
    let mut text = String::new();
    for step in 0..steps {
        writeln!(text, "    step s{step} $ true").expect("a string takes everything");
    }
    traced_of(&text, wanted)
}

/// The same of a run with this in its stage.
fn traced_of(stage: &str, wanted: &[&str]) -> String {
    let mut text = String::from("runbook \"Steps\"\nservice steps\nrollout {\n  stage only {\n");
    text.push_str(stage);
    text.push_str("  }\n}\nrollback {\n  level back within 5m {\n    step back $ true\n  }\n}\n");
    let place = Place::new();
    place.write("steps.runbook", &text);
    let program = place.command(&["run", "steps.runbook"]);
    let mut traced = Command::new("strace");
    traced
        .args(["-f", "-qq", "-o"])
        .arg(place.at("trace"))
        .args(wanted)
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
    place.read("trace")
}

/// What one step writes, in its order: the journal is on the disk before the step starts, and its end is on the disk before the next
/// one does. Two syncs stand around a step, and each belongs to two of them.
pub(crate) fn one_step_is_written_in_this_order() {
    let calls =
        "trace=openat,write,pwrite64,writev,fsync,fdatasync,rename,renameat,renameat2,execve";
    let trace = traced(3, &["-y", "-s", "0", "-e", calls]);
    let events: Vec<&str> = trace.lines().filter_map(event).collect();
    let mut in_turn: Vec<&str> = Vec::new();
    for event in events {
        if in_turn.last() != Some(&event) {
            in_turn.push(event);
        }
    }
    let first = in_turn
        .iter()
        .position(|event| event.contains("attempt-1.out"))
        .expect("the second step");
    let before = &in_turn[..first];
    let from = before
        .iter()
        .rposition(|event| *event == WAL)
        .expect("its intent");
    let last = in_turn
        .iter()
        .position(|event| event.contains("attempt-2.out"))
        .expect("the third step");
    let table: Vec<&str> = in_turn[from..last].to_vec();
    println!("  what one step writes, in its order");
    for (number, event) in table.iter().enumerate() {
        println!("  {:>2}  {event}", number + 1);
    }
    assert_eq!(
        table,
        [
            WAL,
            SYNC,
            "make attempt-1.out",
            "make attempt-1.notes",
            "write attempt-1.notes",
            "execute the step",
            "write attempt-1.notes",
            WAL,
            SYNC,
        ]
    );
}

const WAL: &str = "write runbook.db-wal: the end of the step before, the intent of this one";
const SYNC: &str = "sync runbook.db-wal";

/// What a line of strace means here; nothing for what is of no matter.
fn event(line: &str) -> Option<&'static str> {
    const KNOWN: &[(&str, &str, &str)] = &[
        ("pwrite64(", "runbook.db-wal", WAL),
        ("fdatasync(", "runbook.db-wal", SYNC),
        ("fsync(", "runbook.db-wal", SYNC),
        ("O_CREAT", "attempt-1.out", "make attempt-1.out"),
        ("O_CREAT", "attempt-1.notes", "make attempt-1.notes"),
        ("O_CREAT", "attempt-2.out", "make attempt-2.out"),
        ("write(", "attempt-1.notes", "write attempt-1.notes"),
        ("sync(", "attempt-", "sync a file of an attempt"),
        ("execve(\"/proc/self/exe\"", "", "execute the supervisor"),
        ("execve(\"", "sh\"", "execute the step"),
    ];
    if line.contains("resumed>") || line.contains("ENOENT") {
        return None;
    }
    KNOWN
        .iter()
        .find(|(call, file, _)| line.contains(call) && line.contains(file))
        .map(|(_, _, meaning)| *meaning)
}
