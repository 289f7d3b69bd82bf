//! A bench for the real world: a folder, a plan with next to nothing in it, and the loop that waits for one answer.

use std::ffi::OsString;
use std::fs;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::Command as Process;
use std::sync::{Arc, Mutex};

use runbook::engine::{Attempt, Effect, Input, MetricState, Outcome, Reading, Stamp, State, Work};
use runbook::execute::{Execute, OnHold, Options, Patience, Show, output_path};
use runbook::plan::{MetricId, Plan, StepId};
use runbook::value::Millis;
use runbook::world::World;
use tempfile::TempDir;

use super::plans::{shell, step, with_step};

/// Long enough to never be reached by what is expected to end.
pub(crate) const LONG: Millis = Millis(600_000);

pub(crate) const STEP: Work = Work::Step {
    step: StepId(0),
    number: 1,
};

/// What was said to the person at the terminal.
#[derive(Clone, Default)]
pub(crate) struct Said(pub(crate) Arc<Mutex<Vec<String>>>);

impl Show for Said {
    fn effect(&mut self, _: Stamp, _: &Plan, _: &State, _: &Effect) {}

    fn status(&mut self, _: Stamp, _: &Plan, _: &State) {
        self.say("STATUS");
    }

    fn say(&mut self, text: &str) {
        self.0
            .lock()
            .expect("nobody panicked")
            .push(text.to_owned());
    }
}

/// A folder for one test.
pub(crate) struct Bench {
    pub(crate) dir: TempDir,
    pub(crate) environment: Vec<(OsString, OsString)>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let path = std::env::var_os("PATH").expect("there is a PATH");
        Self {
            dir: tempfile::tempdir().expect("a folder"),
            environment: vec![("PATH".into(), path)],
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn outputs(&self) -> PathBuf {
        self.path("outputs")
    }

    pub(crate) fn options(&self) -> Options {
        Options {
            run: "run-1".to_owned(),
            started: 1_700_000_000_000,
            last: None,
            by: "anna".to_owned(),
            dir: self.dir.path().to_owned(),
            environment: self.environment.clone(),
            supervisor: env!("CARGO_BIN_EXE_runbook").into(),
            outputs: self.outputs(),
            temp: self.dir.path().to_owned(),
            patience: Patience::default(),
            speed: 1.0,
            on_hold: OnHold::Stay,
            terminal: None,
        }
    }

    pub(crate) fn world(&self) -> Execute<'static> {
        Execute::new(self.options(), Box::new(Said::default()), Box::new(|| None)).expect("a world")
    }

    pub(crate) fn at_terminal(&self, terminal: OwnedFd, said: &Said) -> Execute<'static> {
        let options = Options {
            terminal: Some(terminal),
            ..self.options()
        };
        Execute::new(options, Box::new(said.clone()), Box::new(|| None)).expect("a world")
    }

    /// Does one piece of work as attempt 7 and waits for its end.
    pub(crate) fn outcome(&self, plan: &Plan, work: Work) -> Outcome {
        self.outcome_within(plan, work, LONG)
    }

    pub(crate) fn outcome_within(&self, plan: &Plan, work: Work, timeout: Millis) -> Outcome {
        let mut world = self.world();
        let state = state(plan);
        start(&mut world, (plan, &state), work, timeout);
        ended(&mut world, plan, &state)
    }

    /// Runs a line of shell as a step.
    pub(crate) fn line(&self, line: &str) -> Outcome {
        self.outcome(&with_step(step(shell(line))), STEP)
    }

    /// What attempt 7 printed.
    pub(crate) fn output(&self) -> Vec<u8> {
        fs::read(output_path(&self.outputs(), Attempt(7))).expect("the output file is there")
    }

    /// Asks the plan's metric.
    pub(crate) fn reading(&self, plan: &Plan) -> Reading {
        let mut world = self.world();
        asked(&mut world, plan)
    }

    /// A named pipe through which a process and a test wait for each other.
    pub(crate) fn fifo(&self, name: &str) -> Fifo {
        let path = self.path(name);
        let made = Process::new("mkfifo").arg(&path).status();
        assert!(made.expect("mkfifo runs").success());
        Fifo(path)
    }
}

/// A named pipe.
pub(crate) struct Fifo(PathBuf);

impl Fifo {
    /// Opens it for reading when a writer has opened it.
    pub(crate) fn open(&self) -> fs::File {
        fs::File::open(&self.0).expect("it opens")
    }

    /// Waits for all of what is written, until the last process that holds it open has ended.
    pub(crate) fn drain(&self) -> String {
        let mut text = String::new();
        self.open().read_to_string(&mut text).expect("it reads");
        text
    }

    /// Writes a line for a process that waits for one.
    pub(crate) fn release(&self) {
        let mut file = fs::File::options()
            .write(true)
            .open(&self.0)
            .expect("it opens");
        file.write_all(b"go\n").expect("it takes a line");
    }
}

pub(crate) fn state(plan: &Plan) -> State {
    let mut state = State::new(plan);
    state.metrics = vec![MetricState::default(); plan.metrics.len()];
    state
}

/// Orders attempt 7.
pub(crate) fn start(
    world: &mut Execute<'_>,
    (plan, state): (&Plan, &State),
    work: Work,
    timeout: Millis,
) {
    let attempt = Attempt(7);
    world.start(
        plan,
        state,
        &Effect::Start {
            attempt,
            work,
            timeout,
        },
    );
}

/// Waits for the end of attempt 7.
pub(crate) fn ended(world: &mut Execute<'_>, plan: &Plan, state: &State) -> Outcome {
    loop {
        let fact = world.next(plan, state, None).expect("the world goes on");
        match fact.input {
            Input::Ended { attempt, outcome } => {
                assert_eq!(attempt, Attempt(7));
                return outcome;
            }
            // Another program may set the machine's clock while this test runs.
            Input::ClockJumped { .. } => {}
            other => panic!("unexpected: {other:?}"),
        }
    }
}

/// Asks the plan's metric and waits for the answer.
pub(crate) fn asked(world: &mut Execute<'_>, plan: &Plan) -> Reading {
    let state = state(plan);
    world.start(
        plan,
        &state,
        &Effect::Query {
            metric: MetricId(0),
        },
    );
    loop {
        let fact = world.next(plan, &state, None).expect("the world goes on");
        match fact.input {
            Input::Sample { reading, .. } => return reading,
            Input::ClockJumped { .. } => {}
            other => panic!("unexpected: {other:?}"),
        }
    }
}

pub(crate) fn exited(status: i32, said: &str) -> Outcome {
    Outcome::Exited {
        status,
        said: said.to_owned(),
    }
}
