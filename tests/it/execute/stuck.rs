//! A server of supervisors that somebody has stopped: it holds what it was told and does nothing.

use std::fs;

use runbook::engine::{Attempt, Effect, Input, Outcome};
use runbook::world::World;
use rustix::process::{Pid, Signal, kill_process};

use super::bench::{Bench, LONG, STEP, ended, exited, start, state};
use super::plans::{shell, step, with_step};

/// The server of this bench: the one process that has both words among its arguments.
fn server(bench: &Bench) -> Pid {
    let outputs = bench.outputs().display().to_string();
    let processes = fs::read_dir("/proc").expect("a list of processes");
    let mut all = processes.flatten().filter_map(|entry| {
        let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
        let line = fs::read_to_string(entry.path().join("cmdline")).ok()?;
        let words: Vec<&str> = line.split('\0').collect();
        let is_it = words.contains(&"__supervise") && words.contains(&outputs.as_str());
        is_it.then(|| Pid::from_raw(pid)).flatten()
    });
    let found = all.next().expect("a server");
    assert_eq!(all.next(), None, "one server");
    found
}

#[test]
fn what_a_stopped_server_was_told_is_begun_by_another_one_and_once() {
    let bench = Bench::new();
    let mut world = bench.world();
    let plan = with_step(step(shell("echo begun >> effects")));
    let state = state(&plan);
    let effects = || fs::read_to_string(bench.path("effects")).expect("effects");
    start(&mut world, (&plan, &state), STEP, LONG);
    assert_eq!(ended(&mut world, &plan, &state), exited(0, ""));
    let stopped = server(&bench);
    kill_process(stopped, Signal::STOP).expect("it is there");
    let mut seen = Vec::new();
    for attempt in [8, 9].map(Attempt) {
        let effect = Effect::Start {
            attempt,
            work: STEP,
            timeout: LONG,
        };
        world.start(&plan, &state, &effect);
        loop {
            let fact = world.next(&plan, &state, None).expect("the world goes on");
            if let Input::Ended { attempt, outcome } = fact.input {
                seen.push((attempt, outcome));
                break;
            }
        }
    }
    assert_eq!(
        seen,
        [
            (Attempt(8), Outcome::NeverBegan),
            (Attempt(9), exited(0, ""))
        ]
    );
    assert_ne!(server(&bench), stopped);
    // Telling the first one to go on makes nothing begin.
    assert!(kill_process(stopped, Signal::CONT).is_err(), "it is gone");
    assert_eq!(effects(), "begun\nbegun\n");
}

#[test]
fn a_stopped_server_is_not_left_behind() {
    let bench = Bench::new();
    let mut world = bench.world();
    let plan = with_step(step(shell("true")));
    let state = state(&plan);
    start(&mut world, (&plan, &state), STEP, LONG);
    assert_eq!(ended(&mut world, &plan, &state), exited(0, ""));
    let stopped = server(&bench);
    kill_process(stopped, Signal::STOP).expect("it is there");
    drop(world);
    assert!(kill_process(stopped, Signal::CONT).is_err(), "it is gone");
}
