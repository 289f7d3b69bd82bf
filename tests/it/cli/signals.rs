//! Signals, and streams that nobody reads: when the runner leaves, what it leaves behind, and what it does not stop for.

use std::io::{Read, Write};
use std::process::Stdio;

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::process::Signal;

use super::RUNBOOKS;
use super::operated::Queue;
use super::said::Said;
use crate::moment::{let_pass, send};
use crate::program::{Place, Ran};
use crate::wait;

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
    let (mut runner, run) = queue.in_its_step();
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
    let (mut runner, run) = queue.in_its_step();
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
    // It is taken once.
    let late = said.call(&["decide", &run, "continue", "--reason", "it is whole"]);
    assert_eq!(late.status, Some(2), "{}", late.err);
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

/// A file that has half of what was asked for must not look like all of it.
#[test]
fn data_that_is_not_all_written_is_no_success() {
    let place = Place::new();
    let file = format!("{RUNBOOKS}/params.runbook");
    let full = || {
        let full = std::fs::File::options().write(true).open("/dev/full");
        Stdio::from(full.expect("a disk without room"))
    };
    for words in [
        &[
            "plan",
            &file,
            "--param",
            "version=2.4.0",
            "--param",
            "commit=abc1234",
        ][..],
        &["check", "--format", "json", &file],
        &["explain", "unknown-variable"],
    ] {
        let mut command = place.command(words);
        let ran = Ran::of(command.stdout(full()));
        assert_eq!(ran.status, Some(2), "{words:?}: {}", ran.err);
        assert!(
            ran.err.contains("is not all of it"),
            "{words:?}: {}",
            ran.err
        );
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

#[test]
fn a_runner_that_does_not_look_is_said_to_be_silent_and_serves_no_time() {
    let queue = Queue::new();
    let (runner, run) = queue.parked();
    send(&runner, Signal::STOP);
    let page = || queue.place.call(&["status", &run]).out;
    wait::until("it is missed", page, |page| {
        page.contains("SILENT: it has not looked for") && page.contains("ok 0 (not looked at for")
    });
    let state = |page: &str| {
        let line = page.lines().find(|line| line.starts_with("state"));
        line.expect("a state").to_owned()
    };
    let mut before = state(&page());
    wait::until(
        "the served time stands still",
        || {
            let now = state(&page());
            std::mem::replace(&mut before, now.clone()) == now
        },
        |stands| *stands,
    );
    send(&runner, Signal::CONT);
    send(&runner, Signal::INT);
    assert_eq!(runner.end().status, Some(75));
}

#[test]
fn a_journal_that_another_process_holds_is_waited_for() {
    let queue = Queue::with_a_shut_gate();
    let (mut runner, run) = queue.in_its_step();
    let database = queue.place.at("state/runbook.db");
    let other = rusqlite::Connection::open(database).expect("the journal");
    other.execute_batch("BEGIN IMMEDIATE").expect("it is held");
    let_pass(&queue.place.at("site/gate"));
    runner.has_said("the journal is BUSY");
    assert!(
        !runner.err().contains("done        deploy"),
        "{}",
        runner.err()
    );
    other.execute_batch("ROLLBACK").expect("it is let go");
    runner.has_said("of observed healthy time");
    send(&runner, Signal::INT);
    let left = runner.end();
    assert_eq!(left.status, Some(75), "{}", left.err);
    assert!(
        left.err.contains(&format!("runbook resume {run}")),
        "{}",
        left.err
    );
}

/// Whatever the one who started it had made of signals and bounds.
#[test]
fn a_runner_starts_whatever_it_was_started_with() {
    let place = Place::new();
    let file = format!("{RUNBOOKS}/params.runbook");
    let started = |before: &str| {
        let program = place.command(&["run", &file, "--param", "version=2.4.0"]);
        let mut command = std::process::Command::new("/bin/sh");
        command
            .args(["-c", &format!("{before}; exec \"$@\""), "sh"])
            .arg(program.get_program())
            .args(program.get_args())
            .args(["--param", "commit=abc1234"])
            .current_dir(place.at(""))
            .env_clear()
            .envs(
                program
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            );
        crate::program::Ran::of(&mut command)
    };
    let ran = started("trap '' CHLD");
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    let few = started("ulimit -n 12");
    assert_eq!(few.status, Some(75), "{}", few.err);
    assert!(
        few.err.contains("cannot start: Too many open files"),
        "{}",
        few.err
    );
    assert!(!few.err.contains("panicked"), "{}", few.err);
}

#[test]
fn what_has_not_begun_has_no_time() {
    let queue = Queue::new();
    let words = queue.words(&["--confirm", "The team is awake"]);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut command = queue.place.command(&words);
    command.env("RUNBOOK_FAILPOINT", "before:1");
    let died = crate::program::Ran::of(&mut command);
    assert_eq!(died.status, None, "{}", died.err);
    let page = queue.place.call(&["status"]).out;
    assert!(
        page.contains("\nelapsed   0ms\n") || page.contains("\nelapsed   0s\n"),
        "{page}"
    );
}
