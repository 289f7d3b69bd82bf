//! Signals, and streams that nobody reads: when the runner leaves, what it leaves behind, and what it does not stop for.

use std::io::{Read, Write};
use std::process::Stdio;

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::process::Signal;

use super::RUNBOOKS;
use super::operated::Queue;
use super::said::Said;
use crate::moment::{let_pass, send};
use crate::program::{Place, Running, run_named_in};
use crate::wait;

fn in_its_step(queue: &Queue) -> (Running, String) {
    let runner = queue.start(&[]);
    wait::until(
        "the step has begun",
        || queue.effects(),
        |effects| effects == "deploy\n",
    );
    let run = run_named_in(&runner.err());
    (runner, run)
}

#[test]
fn int_in_a_soak_leaves_and_resume_goes_on() {
    let queue = Queue::new();
    let (runner, run) = queue.parked();
    send(&runner, Signal::INT);
    let left = runner.end();
    assert_eq!(left.status, Some(75), "{}", left.err);
    let mut said = Said::in_place(&queue.place);
    said.note(&["run", "…"], &left);
    said.call(&["status", &run]);

    let mut again = queue.place.start(&["resume", &run, "--non-interactive"]);
    again.has_said("resumed");
    let ordered = queue
        .place
        .call(&["rollback", &run, "--reason", "seen enough"]);
    assert_eq!(ordered.status, Some(0), "{}", ordered.err);
    let ran = again.end();
    assert_eq!(ran.status, Some(3), "{}", ran.err);
    said.note(&["resume", "…"], &ran);
    assert_said!(said, "signals_int_in_a_soak");
    assert_eq!(queue.effects(), "deploy\nundeploy\n");
}

#[test]
fn term_in_a_step_lets_it_finish() {
    let queue = Queue::with_a_shut_gate();
    let (mut runner, run) = in_its_step(&queue);
    send(&runner, Signal::TERM);
    runner.has_said("Leaving at the next safe point");
    let_pass(&queue.place.at("site/gate"));
    let left = runner.end();
    assert_eq!(left.status, Some(75), "{}", left.err);
    assert!(left.err.contains("done        deploy"), "{}", left.err);
    assert!(
        left.err.contains(&format!("runbook resume {run}")),
        "{}",
        left.err
    );
    let ran = queue.place.call(&["rollback", &run, "--reason", "over"]);
    assert_eq!(ran.status, Some(3), "{}", ran.err);
    assert_eq!(queue.effects(), "deploy\nundeploy\n");
}

#[test]
fn term_twice_in_a_step_stops_it_and_its_outcome_is_asked() {
    let queue = Queue::with_a_shut_gate();
    let (mut runner, run) = in_its_step(&queue);
    send(&runner, Signal::TERM);
    runner.has_said("Leaving at the next safe point");
    send(&runner, Signal::TERM);
    let left = runner.end();
    assert_eq!(left.status, Some(75), "{}", left.err);
    let mut said = Said::in_place(&queue.place);
    said.note(&["run", "…"], &left);

    let asks = said.call(&["resume", &run, "--non-interactive"]);
    assert_eq!(asks.status, Some(6), "{}", asks.err);
    said.call(&["status", &run]);
    said.call(&["decide", &run, "rollback", "--reason", "half a deploy"]);
    let ran = said.call(&["resume", &run, "--non-interactive"]);
    assert_eq!(ran.status, Some(3), "{}", ran.err);
    assert_said!(said, "signals_term_twice_in_a_step");
    assert_eq!(queue.effects(), "deploy\nundeploy\n");
}

#[test]
fn usr1_shows_the_state_and_hup_stops_nothing() {
    let queue = Queue::new();
    let (mut runner, run) = queue.parked();
    send(&runner, Signal::HUP);
    send(&runner, Signal::USR1);
    runner.has_said("guard     flood ok 0");
    send(&runner, Signal::INT);
    let left = runner.end();
    assert_eq!(left.status, Some(75), "{}", left.err);
    assert!(
        left.err.contains(&format!("evidence  runbook log {run}")),
        "{}",
        left.err
    );
}

#[test]
fn a_stream_that_nobody_reads_stops_nothing() {
    let place = Place::new();
    let file = format!("{RUNBOOKS}/params.runbook");
    let words = [
        "run",
        &file,
        "--param",
        "version=2.4.0",
        "--param",
        "commit=abc1234",
    ];
    let unread = || {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        Stdio::from(writer)
    };
    let mut command = place.command(&words);
    let status = command.stdout(unread()).stderr(unread()).status();
    assert_eq!(status.expect("it starts").code(), Some(0));
    assert_eq!(place.read("shipped"), "2.4.0 abc1234 10\n");
    for words in [&["log", "20"][..], &["list"], &["status"]] {
        let status = place.command(words).stdout(unread()).status();
        assert_eq!(status.expect("it starts").code(), Some(0), "{words:?}");
    }
}

#[test]
fn a_stream_that_is_full_and_stays_so_stops_nothing() {
    let place = Place::new();
    let file = format!("{RUNBOOKS}/params.runbook");
    let words = ["run", &file, "--param", "version=2.4.0"];
    let words = [&words[..], &["--param", "commit=abc1234"]].concat();
    let (mut reader, mut writer) = std::io::pipe().expect("a pipe");
    let flags = fcntl_getfl(&writer).expect("it is ours");
    fcntl_setfl(&writer, flags | OFlags::NONBLOCK).expect("it is ours");
    while writer.write(b"x").is_ok() {}
    fcntl_setfl(&writer, flags).expect("it is ours");
    let mut command = place.command(&words);
    command
        .stdout(writer.try_clone().expect("a handle"))
        .stderr(writer);
    let mut child = command.spawn().expect("it starts");
    drop(command);
    let mut ended = None;
    wait::until(
        "it ends although nobody reads",
        || {
            ended = child.try_wait().expect("the process is ours");
            ended.is_some()
        },
        |ended| *ended,
    );
    assert_eq!(ended.and_then(|status| status.code()), Some(0));
    assert_eq!(place.read("shipped"), "2.4.0 abc1234 10\n");
    let mut said = String::new();
    reader.read_to_string(&mut said).expect("text");
    assert_eq!(said.trim_matches('x'), "");
}
