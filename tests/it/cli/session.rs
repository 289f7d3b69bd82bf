//! A short session, recorded as text in `docs/session.md`: a run whose runner is killed in the middle of a step, looked at, taken up,
//! with the true end of the step. The record is of one that really happened; the test has another one, and holds that both say the
//! same but for times, names and numbers. `INSTA_UPDATE=always` records it anew.

use std::fmt::Write as _;
use std::path::Path;

use regex::Regex;
use rustix::process::Signal;

use super::RUNBOOKS;
use crate::moment;
use crate::program::{Place, Ran, run_named_in};
use crate::wait;

const RECORD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/session.md");

const OPENING: &str = "# A runner that is killed in the middle of a step

Recorded from the program by its tests (`tests/it/cli/session.rs`), with [this runbook](../tests/it/cli/session.runbook), twenty times
faster than the clock. The runner is killed with `kill -9` while its step `copy` runs. The step goes on under its supervisor and ends with
status 3 while nobody drives the run. `resume` takes that true status, treats it as the file says (`on failure continue`), and goes on.

";

struct Session<'p> {
    place: &'p Place,
    text: String,
}

impl Session<'_> {
    fn types(&mut self, line: &str) {
        writeln!(self.text, "$ {line}").expect("a string takes everything");
    }

    fn sees(&mut self, ran: &Ran) {
        self.text += &ran.out;
        self.text += &ran.err;
        match ran.status {
            Some(status) => writeln!(self.text, "(status {status})\n"),
            None => writeln!(self.text, "Killed\n"),
        }
        .expect("a string takes everything");
    }

    fn call(&mut self, words: &[&str]) -> Ran {
        self.types(&format!("runbook {}", words.join(" ")));
        let ran = self.place.call(words);
        self.sees(&ran);
        ran
    }
}

fn record() -> String {
    let place = Place::new();
    let text = std::fs::read_to_string(format!("{RUNBOOKS}/session.runbook")).expect("the runbook");
    for (name, text) in [
        ("search.runbook", text.as_str()),
        ("share", "0\n"),
        ("errors", "0.1\n"),
        ("documents.rest", "c\n"),
    ] {
        place.write(name, text);
    }
    moment::shut(&place.at("documents"));
    let mut session = Session {
        place: &place,
        text: String::new(),
    };
    session.types("runbook run search.runbook --rehearse 20x");
    let runner = place.start(&["run", "search.runbook", "--rehearse", "20x"]);
    wait::until("it copies", || place.at("copied").exists(), |begun| *begun);
    let run = run_named_in(&runner.err());
    wait::until(
        "the guard has seen something",
        || place.call(&["status", &run]).out,
        |out| out.contains("outage ok"),
    );
    let pid = runner.child.id();
    moment::send(&runner, Signal::KILL);
    session.sees(&runner.end());
    session.text +=
        &format!("$ kill -9 {pid}        # typed in another terminal, while the step ran\n\n");
    session.call(&["status", &run]);
    moment::let_pass(&place.at("documents"));
    let notes = format!("state/runs/{run}/attempt-1.notes");
    let end = || place.read(&notes).contains("End");
    wait::until("the step has ended", end, |ended| *ended);
    let ran = session.call(&["resume", &run]);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    assert!(
        ran.err.contains("exit status 3: 2 of 3 documents copied"),
        "{}",
        ran.err
    );
    session.call(&["log", &run, "--verify"]);
    format!(
        "{OPENING}```text\n{}```\n",
        session.text.trim_end().to_owned() + "\n"
    )
}

/// Without what differs from run to run.
fn same(text: &str) -> String {
    let patterns = [
        (r"\d{8}-[0-9a-z]{4}", "RUN"),
        (r"[0-9a-f]{64}", "HASH"),
        (r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?Z?", "TIME"),
        (r"process \d+ on \S+", "PROCESS"),
        (r"process \d+", "PROCESS"),
        (r"kill -9 \d+", "kill"),
        (r"(?:\d+(?:ms|[smhd]))+", "SPAN"),
        (r"\d+ samples", "SAMPLES"),
        (r" +", " "),
    ];
    patterns
        .iter()
        .fold(text.to_owned(), |text, (pattern, name)| {
            let pattern = Regex::new(pattern).expect("a pattern");
            pattern.replace_all(&text, *name).into_owned()
        })
}

#[test]
fn the_recorded_session_is_what_happens() {
    let happened = record();
    if std::env::var_os("INSTA_UPDATE").is_some_and(|how| how == "always") {
        let known = std::fs::read_to_string(Path::new(RECORD)).unwrap_or_default();
        if same(&known) != same(&happened) {
            std::fs::write(RECORD, &happened).expect("it can be written");
        }
    }
    let recorded = std::fs::read_to_string(RECORD).expect("the record is part of the project");
    assert_eq!(same(&recorded), same(&happened));
}
