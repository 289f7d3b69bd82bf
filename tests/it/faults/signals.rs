//! What signals mean: for a running step, a soak, a question and a step of the rollback; the first, the second, the third. The
//! table is that of the semantics, and each test is named after its row.

use rustix::process::{Pid, Signal, kill_process};

use super::terminal::Terminal;
use super::{LEDGER, kin, runbook};
use crate::crash::site::{Site, UNKNOWN};
use crate::moment;
use crate::program::{Ran, Running, run_named_in};
use crate::wait;

const SPEED: &str = "1200x";

/// The runner left, and the run goes on with `resume`.
const LEFT: i32 = 75;

/// Where a run is when the signal comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum In {
    Step,
    Soak,
    Question,
    Rollback,
}

const EVERYWHERE: [In; 4] = [In::Step, In::Soak, In::Question, In::Rollback];

struct Case {
    site: Site,
    place: In,
}

impl Case {
    fn new(place: In) -> Self {
        let site = Site::of(runbook("signals"));
        for (file, text) in [("site/copy_gate", ""), ("site/restore_gate", "")] {
            site.place.write(file, text);
        }
        let load = if matches!(place, In::Soak | In::Rollback) {
            "500\n"
        } else {
            "0\n"
        };
        site.place.write("site/queue", "0\n");
        site.place.write("site/load", load);
        if place != In::Question {
            site.place.write("site/looks_good", "");
        }
        match place {
            In::Step => moment::shut(&site.place.at("site/copy_gate")),
            In::Rollback => moment::shut(&site.place.at("site/restore_gate")),
            In::Soak | In::Question => {}
        }
        Self { site, place }
    }

    /// Steps take no notice of TERM.
    fn deaf(self) -> Self {
        self.site.place.write("site/deaf", "");
        self
    }

    /// The run, where it has to be.
    fn start(&self) -> (Running, String) {
        let words = self.site.run(SPEED);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut runner = self.site.place.start(&words);
        self.is_there(&mut runner);
        let run = run_named_in(&runner.err());
        (runner, run)
    }

    fn is_there(&self, runner: &mut Running) {
        match self.place {
            In::Step => self.site.has_effect("copy"),
            In::Soak => drop(runner.has_said("of observed healthy time")),
            In::Question => drop(runner.has_said("ASK")),
            In::Rollback => {
                let run = runner.has_said("of observed healthy time");
                let words = ["rollback", &run, "--reason", "seen enough"];
                assert_eq!(self.site.place.call(&words).status, Some(0));
                self.site.has_effect("restore");
            }
        }
    }

    /// The step that waits at a gate, what it says when it has passed, and the gate.
    fn step(&self) -> Option<(&'static str, &'static str, &'static str)> {
        match self.place {
            In::Step => Some(("copy", "copied", "site/copy_gate")),
            In::Rollback => Some(("restore", "restored", "site/restore_gate")),
            In::Soak | In::Question => None,
        }
    }

    fn let_pass(&self) {
        if let Some((_, _, gate)) = self.step() {
            moment::let_pass(&self.site.place.at(gate));
        }
    }

    /// Goes on to the end that it would have had. Nothing that was done is done again.
    fn comes_to_its_end(&self, runner: Option<Running>, run: &str) {
        let runner = runner.unwrap_or_else(|| {
            let mut again = self.site.place.start(&["resume", run, "--non-interactive"]);
            again.has_said("resumed");
            if self.place == In::Question {
                assert!(
                    again
                        .err()
                        .contains(&format!("runbook decide {run} continue"))
                );
            }
            again
        });
        if self.place == In::Question {
            let words = ["decide", run, "continue", "--reason", "it is good enough"];
            assert_eq!(self.site.place.call(&words).status, Some(0));
        }
        self.site.place.write("site/queue", "0\n");
        let ran = runner.end();
        let status = if self.place == In::Rollback { 3 } else { 0 };
        assert_eq!(ran.status, Some(status), "{:?}:\n{}", self.place, ran.err);
        let effects = self.site.effects();
        effects.assert_at_most_once(&["copy", "copied", "look", "restore", "restored", "set_0"]);
        for name in ["copied", "look", "set_50"] {
            assert_eq!(effects.times(name), 1, "{:?}: {effects:?}", self.place);
        }
        let back = usize::from(self.place == In::Rollback);
        assert_eq!(
            (effects.times("restored"), effects.times("set_0")),
            (back, back)
        );
        self.site.verify(run);
    }
}

fn left(ran: &Ran, run: &str) {
    assert_eq!(ran.status, Some(LEFT), "{}", ran.err);
    let how = format!("runbook resume {run}");
    assert!(ran.err.contains(&how), "{}", ran.err);
}

/// INT and TERM once: it leaves at a safe point, which is after a running step; nothing begins, and no rollback does.
#[test]
fn the_first_leaves_at_a_safe_point() {
    LEDGER.fault("INT, TERM: the first", |count| {
        for place in EVERYWHERE {
            for signal in [Signal::INT, Signal::TERM] {
                count.case(|| {
                    let case = Case::new(place);
                    let (mut runner, run) = case.start();
                    moment::send(&runner, signal);
                    if let Some((_, passed, _)) = case.step() {
                        runner.has_said("Leaving at the next safe point");
                        assert_eq!(case.site.effects().times(passed), 0);
                        case.let_pass();
                    }
                    let before = case.site.effects();
                    let ran = runner.end();
                    left(&ran, &run);
                    if let Some((_, passed, _)) = case.step() {
                        assert_eq!(case.site.effects().times(passed), 1, "it ended well");
                    } else {
                        assert_eq!(case.site.effects(), before, "nothing has begun");
                    }
                    case.comes_to_its_end(None, &run);
                });
            }
        }
    });
}

/// Twice: the running step is told to end; what it has done then, a person has to say.
#[test]
fn the_second_stops_the_running_step_and_leaves() {
    LEDGER.fault("INT, TERM: the second", |count| {
        for place in [In::Step, In::Rollback] {
            for signal in [Signal::INT, Signal::TERM] {
                count.case(|| {
                    let case = Case::new(place);
                    let (mut runner, run) = case.start();
                    moment::send(&runner, signal);
                    runner.has_said("Leaving at the next safe point");
                    moment::send(&runner, signal);
                    left(&runner.end(), &run);
                    let (step, passed, _) = case.step().expect("there is a step");
                    assert_eq!(case.site.effects().times(passed), 0, "it was stopped");
                    let asks = case.site.resume(&run);
                    assert_eq!(asks.status, Some(UNKNOWN), "{}", asks.err);
                    let what = format!("the outcome of step {step} is unknown: it was stopped in the middle by a person");
                    assert!(asks.err.contains(&what), "{}", asks.err);
                    assert_eq!(case.site.effects().times(step), 1, "it is not run again");
                    case.site.verify(&run);
                });
            }
        }
    });
}

/// Twice, and what the step has started takes no notice of TERM: when the runner has left, nothing of it is left, and the journal
/// says that it was interrupted.
#[test]
fn the_second_leaves_nothing_of_a_step_with_grandchildren() {
    LEDGER.fault("INT, TERM: the second, with deaf grandchildren", |count| {
        for signal in [Signal::INT, Signal::TERM] {
            count.case(|| {
                let deaf = "trap '' TERM INT HUP\n      (sleep 600 & setsid sh -c \"trap '' TERM; sleep 600 & wait\" & wait) &\n      echo \"begun $((RUNBOOK_ATTEMPT + 1000))\" >> \"$site/effects\"\n      wait";
                let site = super::steps::with(deaf);
                let words = site.run("1x");
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                let mut runner = site.place.start(&words);
                site.has_effect("begun");
                let run = run_named_in(&runner.err());
                moment::send(&runner, signal);
                runner.has_said("Leaving at the next safe point");
                let before = kin::of(&site.place.at(""));
                assert!(before.len() >= 6, "runner, supervisor, step, and what is below it: {before:?}");
                moment::send(&runner, signal);
                left(&runner.end(), &run);
                assert_eq!(kin::of(&site.place.at("")), [], "nothing of it is left");
                let log = site.place.call(&["log", &run, "--format", "json"]).out;
                let last = log.lines().last().unwrap_or_default();
                assert!(last.contains("nterrupted"), "{last}");
                assert!(log.contains("Stopped"), "{log}");
                assert_eq!(site.effects().times("second"), 0);
                site.verify(&run);
            });
        }
    });
}

/// Three times: it leaves now. A step that takes no notice of the order to end goes on under its supervisor, until its grace is over.
#[test]
fn the_third_leaves_now_and_the_step_goes_on() {
    LEDGER.fault("INT, TERM: the third", |count| {
        for place in [In::Step, In::Rollback] {
            for signal in [Signal::INT, Signal::TERM] {
                count.case(|| {
                    let case = Case::new(place).deaf();
                    let (mut runner, run) = case.start();
                    moment::send(&runner, signal);
                    runner.has_said("Leaving at the next safe point");
                    moment::send(&runner, signal);
                    runner.has_said("Stopping what is running");
                    moment::send(&runner, signal);
                    left(&runner.end(), &run);
                    let (step, passed, _) = case.step().expect("there is a step");
                    // It waits there, so it lives.
                    case.let_pass();
                    let at_last = format!("{step} has come to its end");
                    wait::until(
                        &at_last,
                        || case.site.effects().times(passed),
                        |times| *times == 1,
                    );
                    // It had been told to stop: what it made of that, a person has to say.
                    let ran = case.site.resume(&run);
                    assert_eq!(ran.status, Some(UNKNOWN), "{}", ran.err);
                    assert_eq!(case.site.effects().times(step), 1, "it is not run again");
                    case.site.verify(&run);
                });
            }
        }
    });
}

/// HUP: detached, and the run goes on.
#[test]
fn hup_goes_on() {
    LEDGER.fault("HUP", |count| {
        for place in EVERYWHERE {
            count.case(|| {
                let case = Case::new(place);
                let (runner, run) = case.start();
                moment::send(&runner, Signal::HUP);
                moment::send(&runner, Signal::HUP);
                case.let_pass();
                case.comes_to_its_end(Some(runner), &run);
            });
        }
    });
}

/// QUIT and USR1: the state is printed, and the run goes on.
#[test]
fn quit_and_usr1_show_the_state() {
    LEDGER.fault("QUIT, USR1", |count| {
        for place in EVERYWHERE {
            for signal in [Signal::QUIT, Signal::USR1] {
                count.case(|| {
                    let case = Case::new(place);
                    let (mut runner, run) = case.start();
                    moment::send(&runner, signal);
                    runner.has_said("evidence  runbook log");
                    case.let_pass();
                    case.comes_to_its_end(Some(runner), &run);
                });
            }
        }
    });
}

/// At a terminal the first INT asks, and each answer does what it says. No answer is given for the person.
#[test]
fn at_a_terminal_the_first_asks() {
    LEDGER.fault("INT at a terminal, and each answer", |count| {
        for (typed, status) in [("c\n", 0), ("d\n", LEFT), ("r\nseen enough\n", 3)] {
            count.case(|| {
                let case = Case::new(In::Step);
                let mut words = case.site.run(SPEED);
                words.retain(|word| word != "--non-interactive");
                let (terminal, mut runner) = Terminal::start(&case.site.place, &words);
                case.site.has_effect("copy");
                let pid = Pid::from_child(&runner);
                kill_process(pid, Signal::INT).expect("it is ours");
                terminal.has_shown("[c]ontinue, [r]oll back or [d]etach?");
                for line in typed.split_inclusive('\n') {
                    terminal.types(line);
                    if line.starts_with('r') {
                        terminal.has_shown("Why?");
                    }
                }
                if status != 3 {
                    case.let_pass();
                }
                let ended = terminal.until_end(&mut runner);
                assert_eq!(ended, Some(status), "{typed:?}: {}", terminal.shown());
            });
        }
    });
}
