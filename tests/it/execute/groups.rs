//! Process groups: whatever a step leaves running is ended with it, however hard that is, and nothing hangs.

use std::io::{BufRead, BufReader, Read};
use std::sync::mpsc::channel;

use runbook::engine::{Attempt, Effect, Input, Moment, Outcome, Work};
use runbook::plan::{Plan, ProbeAsk, ProbeId};
use runbook::value::Millis;
use runbook::world::World;

use super::bench::{Bench, Fifo, LONG, STEP, ended, exited, start, state};
use super::plans::{shell, step, with_probe, with_step};

fn with_grace(line: &str, grace: Millis) -> Plan {
    let mut it = step(shell(line));
    it.grace = grace;
    with_step(it)
}

/// Runs a step that holds the pipe `life` open, orders it to stop when it has written its first line there, and waits until
/// every process that held the pipe has ended. Its outcome, and all that was written.
fn stopped(bench: &Bench, plan: &Plan, life: &Fifo) -> (Outcome, String) {
    let state = state(plan);
    let mut world = bench.world();
    start(&mut world, (plan, &state), STEP, LONG);
    std::thread::scope(|scope| {
        let (begun, begins) = channel();
        let reader = scope.spawn(move || {
            let mut life = BufReader::new(life.open());
            let mut text = String::new();
            life.read_line(&mut text).expect("it begins");
            begun.send(()).expect("the test waits");
            life.read_to_string(&mut text).expect("it reads");
            text
        });
        // The step makes no progress while nobody waits for a fact, so the world is turned until the line has come.
        while begins.try_recv().is_err() {
            let fact = world.next(plan, &state, Some(Moment(0)));
            assert_eq!(fact.expect("it goes on").input, Input::Tick);
        }
        let attempt = Attempt(7);
        world.start(plan, &state, &Effect::Stop { attempt });
        let outcome = ended(&mut world, plan, &state);
        (outcome, reader.join().expect("it reads"))
    })
}

#[test]
fn a_step_that_ignores_term_is_killed() {
    let bench = Bench::new();
    let life = bench.fifo("life");
    let plan = with_grace(
        "exec 3> life; trap '' TERM; echo ignoring >&3; while :; do sleep 60; done",
        Millis(50),
    );
    let (outcome, said) = stopped(&bench, &plan, &life);
    assert_eq!(outcome, Outcome::Stopped);
    assert_eq!(said, "ignoring\n");
}

#[test]
fn a_step_that_tidies_up_on_term_is_given_the_time() {
    let bench = Bench::new();
    let life = bench.fifo("life");
    let plan = with_grace(
        "exec 3> life; trap 'echo tidy >&3; exit 0' TERM; echo begun >&3; while :; do sleep 0.05; done",
        LONG,
    );
    let (outcome, said) = stopped(&bench, &plan, &life);
    assert_eq!(outcome, Outcome::Stopped);
    assert_eq!(said, "begun\ntidy\n");
}

#[test]
fn a_grandchild_goes_with_its_step() {
    let bench = Bench::new();
    let life = bench.fifo("life");
    let plan = with_grace(
        "exec 3> life; sh -c 'trap \"\" TERM; echo deep >&3; sleep 60; sleep 60' & wait",
        Millis(50),
    );
    let (outcome, said) = stopped(&bench, &plan, &life);
    assert_eq!(outcome, Outcome::Stopped);
    assert_eq!(said, "deep\n");
}

#[test]
fn a_suspended_step_is_ended_too() {
    let bench = Bench::new();
    let life = bench.fifo("life");
    let line = "exec 3> life; trap 'echo tidy >&3; exit 0' TERM; echo begun >&3; kill -STOP $$";
    let (outcome, said) = stopped(&bench, &with_grace(line, LONG), &life);
    assert_eq!(outcome, Outcome::Stopped);
    assert_eq!(said, "begun\ntidy\n");
}

#[test]
fn a_step_that_does_not_end_in_time_is_ended() {
    let bench = Bench::new();
    let plan = with_step(step(shell("sleep 600 | sleep 600")));
    let outcome = bench.outcome_within(&plan, STEP, Millis(50));
    assert_eq!(outcome, Outcome::TimedOut);
}

#[test]
fn what_a_step_leaves_running_is_ended_and_reported() {
    let bench = Bench::new();
    let life = bench.fifo("life");
    std::thread::scope(|scope| {
        let gone = scope.spawn(|| life.drain());
        let outcome = bench.line("exec 3> life; sleep 600 & echo left >&3; exit 0");
        assert_eq!(
            outcome,
            exited(0, "it left a process running behind it, which was ended")
        );
        assert_eq!(gone.join().expect("it reads"), "left\n");
    });
}

#[test]
fn a_sleeping_probe_and_what_it_left_behind_are_ended() {
    let probe = |line: &str| with_probe(ProbeAsk::Command(shell(line)));
    let work = Work::Probe { probe: ProbeId(0) };
    let bench = Bench::new();
    let life = bench.fifo("life");
    std::thread::scope(|scope| {
        let gone = scope.spawn(|| life.drain());
        let plan = probe("exec 3> life; sleep 600 & echo yes; exit 0");
        assert_eq!(bench.outcome(&plan, work), exited(0, ""));
        gone.join().expect("it reads");
    });
    assert_eq!(
        bench.outcome_within(&probe("sleep 600 | sleep 600"), work, Millis(50)),
        Outcome::TimedOut
    );
}

#[test]
fn who_leaves_group_and_session_is_found_and_ended() {
    let bench = Bench::new();
    let (life, _ready) = (bench.fifo("life"), bench.fifo("ready"));
    let plan = with_grace(
        "exec 3> life; setsid sh -c 'trap \"\" TERM; echo away >&3; echo > ready; read -r x < ready' & read -r x < ready; exit 0",
        Millis(50),
    );
    std::thread::scope(|scope| {
        let gone = scope.spawn(|| life.drain());
        assert_eq!(
            bench.outcome(&plan, STEP),
            exited(0, "it left a process running behind it, which was ended")
        );
        assert_eq!(gone.join().expect("it reads"), "away\n");
    });
}

#[test]
fn a_storm_of_forks_ends_with_its_step() {
    let bench = Bench::new();
    let life = bench.fifo("life");
    let plan = with_grace(
        "exec 3> life; trap '' TERM; echo storm >&3; f() { sleep 0.01; n=$1; test $n -gt 0 && { f $((n-1)) & f $((n-1)) & }; sleep 600; }; f 6 & while :; do sleep 0.005 & wait $!; done",
        Millis(50),
    );
    let (outcome, said) = stopped(&bench, &plan, &life);
    assert_eq!(outcome, Outcome::Stopped);
    assert_eq!(said, "storm\n");
}

/// One that minds another and would begin it anew is stopped before the other is killed, so that it never sees that.
#[test]
fn nothing_of_a_deaf_step_sees_that_another_is_killed() {
    let bench = Bench::new();
    let (life, _held) = (bench.fifo("life"), bench.fifo("held"));
    // The one that is minded comes first and the one that minds it last: between the two, killing takes a while.
    let plan = with_grace(
        "exec 3> life; trap '' TERM; sleep 600 4> held & \
         n=0; while [ $n -lt 200 ]; do sleep 600 & n=$((n + 1)); done; \
         (exec 5< held; echo minding >&3; read -r x <&5 || echo again >&3) & wait",
        Millis(50),
    );
    let (outcome, said) = stopped(&bench, &plan, &life);
    assert_eq!(outcome, Outcome::Stopped);
    assert_eq!(said, "minding\n");
}
