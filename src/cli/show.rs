//! Owns what a runner shows on stderr: the running account, questions, and the state when someone asks for it.

use std::path::{Path, PathBuf};

use super::say::Say;
use crate::engine::{Effect, Stamp, State, complete};
use crate::execute::{Show, last_lines};
use crate::plan::Plan;
use crate::report::{Line, Printer, Tone, line, page, said};

/// The account on stderr.
pub(super) struct Screen {
    voice: Say,
    printer: Printer<Say>,
    run: String,
    /// When it was started, for people.
    started: String,
    /// Where the files of attempts are.
    outputs: PathBuf,
    last: Option<i64>,
    now: Stamp,
}

impl Screen {
    pub(super) fn new(say: &Say, (run, started): (&str, &str), outputs: &Path) -> Self {
        Self {
            voice: say.clone(),
            printer: Printer::new(say.clone(), say.surface(), say.detail(), say.colour()),
            run: run.to_owned(),
            started: started.to_owned(),
            outputs: outputs.to_owned(),
            last: None,
            now: Stamp::default(),
        }
    }
}

impl Show for Screen {
    fn effect(&mut self, at: Stamp, plan: &Plan, _: &State, effect: &Effect) {
        self.now = at;
        self.printer.on(self.voice.surface());
        if let Some(mut line) = line(plan, at.run, effect) {
            line.text = complete(&line.text, &self.run, &self.started);
            self.printer.told(at.run, &line);
        }
    }

    fn idle(&mut self, at: Stamp, plan: &Plan, state: &State) {
        self.now = at;
        self.printer.on(self.voice.surface());
        let real = self.last.map_or(0, |last| at.wall.saturating_sub(last));
        self.last = Some(at.wall);
        let real = u64::try_from(real).unwrap_or(0);
        let outputs = &self.outputs;
        self.printer.idle((plan, state), (at.run, real), || {
            said(plan, state, |attempt, most| {
                last_lines(outputs, attempt, most)
            })
        });
    }

    fn status(&mut self, at: Stamp, plan: &Plan, state: &State) {
        self.printer.clear();
        let runner = format!("process {}", std::process::id());
        for line in page(plan, state, &self.run, (at.run, &runner), at.run).lines() {
            self.say(line);
        }
    }

    fn say(&mut self, text: &str) {
        for line in text.lines() {
            self.printer.line(
                self.now.run,
                &Line {
                    tone: Tone::Plain,
                    word: "",
                    text: line.to_owned(),
                },
            );
        }
    }
}
