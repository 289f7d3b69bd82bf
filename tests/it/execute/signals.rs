//! Signals to a runner, which is a process of its own here: they would reach all the other tests as well.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command as Process, Stdio};
use std::sync::{Arc, Mutex};

use runbook::engine::{Effect, Stamp, State};
use runbook::execute::{Execute, Options, Show};
use runbook::plan::Plan;
use runbook::world::World;

use super::bench::{Bench, state};
use super::plans::plan;

const FOLDER: &str = "FOLDER_OF_A_TEST";

/// Tells the test what happens, through a pipe.
#[derive(Clone)]
struct Teller(Arc<Mutex<File>>);

impl Teller {
    fn tell(&self, what: &str) {
        let mut pipe = self.0.lock().expect("nobody panicked");
        writeln!(pipe, "{what}").expect("the test listens");
    }
}

impl Show for Teller {
    fn effect(&mut self, _: Stamp, _: &Plan, _: &State, _: &Effect) {}

    fn status(&mut self, _: Stamp, _: &Plan, _: &State) {
        self.tell("status");
    }

    fn say(&mut self, text: &str) {
        self.tell(text);
    }
}

/// The process of a runner, which the test below starts. Alone it does nothing.
#[test]
fn listener() {
    let Some(dir) = std::env::var_os(FOLDER) else {
        return;
    };
    let dir = PathBuf::from(dir);
    let pipe = File::options()
        .write(true)
        .open(dir.join("told"))
        .expect("the test listens");
    let teller = Teller(Arc::new(Mutex::new(pipe)));
    let bench = Bench::new();
    let options = Options {
        outputs: dir.join("outputs"),
        ..bench.options()
    };
    let mut world =
        Execute::new(options, Box::new(teller.clone()), Box::new(|| None)).expect("a world");
    teller.tell("ready");
    let plan = plan();
    let state = state(&plan);
    while let Some(fact) = world.next(&plan, &state, None) {
        teller.tell(&format!("{:?}", fact.input));
    }
    teller.tell(&format!("gone: {}", world.left_at_once()));
}

#[test]
fn once_leaves_twice_stops_three_times_goes_and_a_lost_terminal_changes_nothing() {
    let bench = Bench::new();
    let told = bench.fifo("told");
    let mut runner = Process::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "execute::signals::listener"])
        .env(FOLDER, bench.dir.path())
        .stdout(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut told = BufReader::new(told.open()).lines();
    let mut hear = || told.next().expect("it tells").expect("text");
    let send = |signal: &str| {
        let sent = Process::new("kill")
            .args([signal, &runner.id().to_string()])
            .status();
        assert!(sent.expect("kill runs").success());
    };
    assert_eq!(hear(), "ready");
    send("-HUP");
    send("-USR1");
    assert_eq!(hear(), "status");
    send("-QUIT");
    assert_eq!(hear(), "status");
    send("-TERM");
    assert!(hear().starts_with("Leaving at the next safe point."));
    assert_eq!(hear(), "Leave { why: Interrupted }");
    send("-INT");
    assert!(hear().starts_with("Stopping what is running."));
    assert_eq!(hear(), "Interrupt");
    send("-INT");
    assert_eq!(hear(), "gone: true");
    assert!(runner.wait().expect("it ends").success());
}
