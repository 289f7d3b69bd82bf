//! Quiet time is passed over in leaps. What a run comes to by leaps is what it comes to poll by poll: the same orders, in the same words, at the
//! same times, out of the same number of facts. Runbooks, what their metrics say and what goes wrong are made at random.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use runbook::diag::Diagnostics;
use runbook::engine::{Effect, Leapt, Moment, Reading, State};
use runbook::link::AtHand;
use runbook::plan::{self, MetricId, Plan, Trial};
use runbook::simulate::{Feed, Scenario, Simulate, Stage, suitable_values};
use runbook::source::SourceFile;
use runbook::world::{Ended, Fact, Record, run};

use crate::inputs::glob;

/// How many runbooks are made; `RUNBOOK_LEAPS` says how many more, and `RUNBOOK_LEAPS_SEED` which.
const RUNBOOKS: u32 = 16;
const SEED: u64 = 2_026;

/// What is drawn, one after the other; when there is no more, the first of all that can be.
struct Tape<'a>(std::slice::Iter<'a, u16>);

impl Tape<'_> {
    fn below(&mut self, end: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or_default()) % end
    }

    fn of<'s>(&mut self, all: &[&'s str]) -> &'s str {
        all[self.below(all.len())]
    }
}

const EVERY: [&str; 6] = ["15s", "7s", "20s", "30s", "45s", "1m"];
const STALE: [&str; 4] = ["", "  stale 2m\n", "  stale 20m\n", "  stale 61s\n"];
const CONDITIONS: [&str; 9] = [
    "errors > 5%",
    "slow > 400ms",
    "errors > 2% and slow > 200ms",
    "traffic < 10",
    "errors > 1% or elapsed > 50m and errors > 0.5%",
    "slow > 300ms and share > 10%",
    "not (traffic > 5) or errors > 4%",
    "errors > 1% or slow > 350ms",
    "slow / 1ms > 100 * traffic",
];
const SUSTAINS: [&str; 5] = ["", " for 2m", " for 10m", " for 2 of 3", " for 5 of 9"];
const ACTIONS: [&str; 6] = [
    "warn",
    "rollback",
    "decide within 40m else rollback",
    "decide within 3h else continue",
    "hold",
    "rollback from last",
];
const OPTIONS: [&str; 6] = [
    "",
    " { on blind ignore \"it is often away\" }",
    " { on blind rollback }",
    " { warmup 11m }",
    " { coverage 95% }",
    " { during s1..s1 }",
];
const OPS: [&str; 12] = [
    "wait 3h..5h",
    "wait 7h",
    "wait 37m..41m",
    "expose MORE",
    "step NAME timeout 2h $ ./do NAME",
    "step NAME timeout 3m retry 2 every 25m on failure hold $ ./do NAME",
    "step NAME unless up\n      $ ./do NAME",
    "wait until errors < 2% within 2h",
    "approve \"NAME\" by \"team\" within 3h else hold",
    "if slow > 100ms {\n      wait 50m\n    } else {\n      wait 1h\n    }",
    "parallel {\n      wait 1h..2h\n      strand NAME {\n        step in_NAME timeout 90m $ ./do NAME\n        wait 20m\n      }\n    }",
    "verify up within 5m",
];
const RECOVERED: [&str; 3] = [
    "",
    "  recovered when errors < 1% for 30s within 3m\n",
    "  recovered when errors < 1% and slow < 300ms for 5m within 20m\n",
];
const SAYS: [&str; 10] = [
    "errors = 7%",
    "errors = 0.6%",
    "errors = 1.5%",
    "errors = missing",
    "errors = error",
    "slow = 450ms",
    "slow = 250ms",
    "slow = missing",
    "traffic = 0",
    "traffic = missing",
];
const WHEN: [&str; 6] = [
    "",
    "",
    " when share > 0%",
    " when slow > 240ms",
    " when errors < 1%",
    " when elapsed > 25m",
];
const FROM: [&str; 6] = [
    "",
    " from 20m into s0",
    " from 20m into s1",
    " from 3m into s1",
    " from 2h into s0",
    " from 0s into last",
];
const HOLD: [&str; 5] = ["", " for 4m", " for 35m", " for 5h", " for 50s"];
const TAKES: [&str; 3] = ["1m", "45m", "3h"];

fn text(tape: &[u16]) -> String {
    let mut tape = Tape(tape.iter());
    let mut text = String::from("runbook \"Made\"\nservice made\nzone \"Europe/Berlin\"\n");
    let mut put = |line: String| writeln!(text, "{line}").expect("a string takes everything");
    if tape.below(4) == 3 {
        put("window office\nwindow office {\n  allow mon..fri 09:00..16:00\n}".to_owned());
    }
    put("provider prom { prometheus \"https://prometheus.example.com\" }".to_owned());
    put("exposure share: percent {\n  set  $ flag set \"$share\"\n  read $ flag get\n}".to_owned());
    let every = |tape: &mut Tape<'_>| format!("  every {}\n{}", tape.of(&EVERY), tape.of(&STALE));
    let zero = tape.of(&["", "  missing zero alive when traffic > 0\n"]);
    let first = every(&mut tape);
    put(format!(
        "metric errors: percent {{\n  query prom 'errors[30s]'\n  unit ratio\n{zero}{first}}}"
    ));
    let second = every(&mut tape);
    put(format!(
        "metric slow: duration {{\n  $ how-slow\n  unit ms\n{second}}}"
    ));
    let third = every(&mut tape);
    put(format!(
        "metric traffic: number {{\n  $ count\n  unit count\n{third}}}"
    ));
    put("probe up {\n  $ ./is-up\n}\nchannel pager { log \"/var/log/made.log\" }".to_owned());
    let mut asking = Vec::new();
    for number in 0..1 + tape.below(4) {
        let (condition, sustain) = (tape.of(&CONDITIONS), tape.of(&SUSTAINS));
        let (action, options) = (tape.of(&ACTIONS), tape.of(&OPTIONS));
        if action.contains("decide") {
            asking.push(number);
        }
        put(format!(
            "guard g{number} when {condition}{sustain} then {action}{options}"
        ));
    }
    let (mut exposed, mut steps) = (0, Vec::new());
    put("rollout {".to_owned());
    for stage in 0..2 + tape.below(2) {
        let name = if stage == 0 {
            "s0"
        } else {
            ["s1", "s2"][stage - 1]
        };
        put(format!("  stage {name} {{"));
        for place in 0..1 + tape.below(3) {
            let op = tape.of(&OPS);
            let step = format!("do_{stage}_{place}");
            if op.contains("step NAME") {
                steps.push(step.clone());
            }
            if op.contains("MORE") {
                exposed += 10;
            }
            let op = op.replace("MORE", &format!("{exposed}%"));
            put(format!("    {}", op.replace("NAME", &step)));
        }
        put("  }".to_owned());
    }
    put("}\nrollback {\n  level first within 25m when share > 0% {\n    expose 0%\n  }".to_owned());
    put("  level last within 30m {\n    step undo_it timeout 4m $ ./undo\n  }".to_owned());
    let recovered = tape.of(&RECOVERED);
    put(format!("{recovered}}}"));
    put("if stuck {\n  notify pager \"stuck: ${reason}\"\n}".to_owned());
    if !recovered.is_empty() && tape.below(2) == 1 {
        put("after rollback {\n  watch 3h\n}\nafter rollout {\n  watch 2h\n}".to_owned());
    }
    for number in 0..3 {
        put(format!("test \"number {number}\" {{"));
        for _ in 0..tape.below(5) {
            let (says, when) = (tape.of(&SAYS), tape.of(&WHEN));
            let (from, hold) = (tape.of(&FROM), tape.of(&HOLD));
            // Without a time it is said from the beginning.
            let hold = if from.is_empty() { "" } else { hold };
            put(format!("  set {says}{when}{from}{hold}"));
        }
        if !steps.is_empty() {
            let step = &steps[tape.below(steps.len())];
            match tape.below(5) {
                1 => put(format!("  takes {step} {}", tape.of(&TAKES))),
                2 => put(format!("  fail {step}")),
                3 => put(format!("  hang {step} attempt 1")),
                _well => {}
            }
        }
        let answer = tape.of(&["continue", "rollback", "nothing"]);
        let after = tape.of(&["1m", "2h", "26m"]);
        let after = if answer == "nothing" {
            String::new()
        } else {
            format!(" after {after}")
        };
        if !asking.is_empty() {
            let guard = asking[tape.below(asking.len())];
            put(format!("  answer g{guard} = {answer}{after}"));
        }
        put(format!(
            "  answer hold = {}",
            tape.of(&["rollback", "continue after 10m", "nothing"])
        ));
        put("  expect ran s0\n}".to_owned());
    }
    text
}

fn trials(name: &str, text: &str) -> Option<Vec<Trial>> {
    let file = SourceFile::new(name, text);
    let read = plan::check_files(&file, &AtHand::alone(&file));
    let (trials, _) = plan::trials(&read.checked?, &file, &mut |_| Diagnostics::new());
    Some(trials)
}

/// Plays a test in both ways; how many facts there were.
fn both_ways(trial: &Trial) -> Result<u64, String> {
    let stage = Stage::new(&trial.plan);
    let leaps = stage.play(trial).expect("it is played");
    let steps = stage.play_in_steps(trial).expect("it is played");
    let differs = leaps
        .events
        .iter()
        .zip(&steps.events)
        .find(|(one, other)| one != other);
    if let Some((one, other)) = differs {
        return Err(format!(
            "{}: in leaps {one:?}, in steps {other:?}",
            trial.name
        ));
    }
    let is_same = leaps.ended == steps.ended
        && leaps.facts == steps.facts
        && leaps.events.len() == steps.events.len();
    if is_same {
        Ok(steps.facts)
    } else {
        Err(format!(
            "{}: in leaps {:?} after {} facts, in steps {:?} after {}",
            trial.name, leaps.ended, leaps.facts, steps.ended, steps.facts
        ))
    }
}

/// How much of a run was taken fact by fact, and how much in leaps.
#[derive(Debug, Default)]
struct Kept {
    taken: u64,
    leapt: Leapt,
    queries: u64,
    orders: Vec<(Moment, Effect)>,
}

impl Record for Kept {
    type Error = std::convert::Infallible;

    fn keep(&mut self, fact: &Fact, effects: &[Effect]) -> Result<(), Self::Error> {
        self.taken += 1;
        for effect in effects {
            match effect {
                Effect::Query { .. } => self.queries += 1,
                other => self.orders.push((fact.stamp.run, other.clone())),
            }
        }
        Ok(())
    }

    fn passed_over(&mut self, leapt: Leapt) {
        self.leapt.facts += leapt.facts;
        self.leapt.queries += leapt.queries;
    }
}

/// A run of a plan in one of both ways.
fn driven(plan: &Plan, world: Simulate) -> (Kept, State, Ended) {
    let (mut world, mut kept, mut state) = (world, Kept::default(), State::new(plan));
    let Ok(ended) = run(plan, &mut state, &mut world, &mut kept);
    (kept, state, ended)
}

/// What metrics say, each for a while, at random.
fn scenario(plan: &Plan, tape: &mut Tape<'_>) -> Scenario {
    let mut scenario = Scenario::all_goes_well(plan, "someone");
    let values = suitable_values(plan);
    let mut feeds: BTreeMap<MetricId, Vec<Feed>> = BTreeMap::new();
    for metric in &plan.metrics {
        let mut at = 0;
        for _ in 0..tape.below(4) {
            at += [61_000, 600_000, 4 * 3_600_000, 7_777][tape.below(4)];
            let values = &values[metric.id.index()];
            let reading = match tape.below(6) {
                0 => Reading::NoData("no samples".to_owned()),
                1 => Reading::Error("no answer".to_owned()),
                2 | 3 => Reading::Value(scenario.healthy[metric.id.index()]),
                _wrong => Reading::Value(values[tape.below(values.len())]),
            };
            let from = Moment(at);
            feeds
                .entry(metric.id)
                .or_default()
                .push(Feed { from, reading });
        }
    }
    scenario.feeds = feeds;
    scenario.until = Some(Moment([9, 400 * 24][tape.below(2)] * 3_600_000 + 1_234));
    scenario
}

#[test]
fn what_is_made_at_random_comes_to_the_same_by_leaps() {
    let wished = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let seed = wished("RUNBOOK_LEAPS_SEED").unwrap_or(SEED);
    let runbooks = wished("RUNBOOK_LEAPS").map_or(RUNBOOKS, |more| RUNBOOKS + more as u32);
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let config = Config {
        cases: runbooks,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, rng);
    let (mut played, mut refused, mut taken, mut leapt) = (0, 0, 0, 0);
    let counts = std::cell::RefCell::new((&mut played, &mut refused, &mut taken, &mut leapt));
    let tapes = prop::collection::vec(any::<u16>(), 160);
    let result = runner.run(&tapes, |tape| {
        let text = text(&tape);
        let mut counts = counts.borrow_mut();
        let Some(trials) = trials("made.runbook", &text) else {
            *counts.1 += 1;
            return Ok(());
        };
        for trial in &trials {
            *counts.0 += 1;
            both_ways(trial).map_err(|why| TestCaseError::fail(format!("{why}\n{text}")))?;
        }
        let Some(trial) = trials.first() else {
            return Ok(());
        };
        // The same without a test, down to the last of what the engine knows.
        let mut rest = Tape(tape.iter());
        let scenario = scenario(&trial.plan, &mut rest);
        let world = || Simulate::new(scenario.clone(), trial.start);
        let (steps, at_the_end, ended) = driven(&trial.plan, world());
        let (leaps, state, other) = driven(&trial.plan, world().in_leaps());
        prop_assert_eq!(&ended, &other, "{}", text);
        prop_assert_eq!(&at_the_end, &state, "{}", text);
        prop_assert_eq!(&steps.orders, &leaps.orders, "{}", text);
        prop_assert_eq!(steps.taken, leaps.taken + leaps.leapt.facts, "{}", text);
        prop_assert_eq!(
            steps.queries,
            leaps.queries + leaps.leapt.queries,
            "{}",
            text
        );
        *counts.2 += leaps.taken;
        *counts.3 += leaps.leapt.facts;
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    assert!(played >= 2 * runbooks as usize, "{played} tests");
    assert!(refused * 4 < runbooks as usize, "{refused} were refused");
    // Much of the time is quiet, whatever is made.
    assert!(
        2 * leapt > taken,
        "{leapt} facts in leaps, {taken} one by one"
    );
}

#[test]
fn every_test_of_every_example_comes_to_the_same_by_leaps() {
    let mut tests = 0;
    let mut look = |path: &std::path::Path| {
        let text = std::fs::read_to_string(path).expect("an input file");
        let name = path.file_name().expect("a file").to_string_lossy();
        for trial in trials(&name, &text).into_iter().flatten() {
            if let Err(why) = both_ways(&trial) {
                panic!("{name}: {why}");
            }
            tests += 1;
        }
    };
    glob!("passing/*.runbook", |path| look(path));
    glob!("failing/*.runbook", |path| look(path));
    glob!("../../../runbooks/*.runbook", |path| look(path));
    assert!(tests >= 60, "saw {tests}");
}

/// The watch after a way forward is as quiet as the one after a rollback: it is judged by the `recovered` of its own way.
#[test]
fn a_watch_after_a_way_forward_is_leapt_over_like_one_after_a_rollback() {
    let text = r#"runbook "One way"
service one_way
provider prom { prometheus "https://prometheus.example.com" }
metric errors: percent {
  query prom 'errors[30s]'
  unit ratio
}
metric slow: duration {
  $ how-slow
  unit ms
}
channel pager { log "/var/log/one_way.log" }
rollout {
  stage drop {
    no return "the column is gone"
    step drop $ ./drop
  }
}
rollback {
  level back within 25m {
    step back $ ./back
  }
}
forward {
  level again within 25m {
    step again $ ./again
  }
  recovered when errors < 1% for 1m within 5m
}
if stuck {
  notify pager "stuck: ${reason}"
}
after forward {
  watch 24h
}
"#;
    let with_both = text.replace(
        "    step back $ ./back\n  }\n",
        "    step back $ ./back\n  }\n  recovered when slow < 300ms for 1m within 5m\n",
    );
    for text in [text, &with_both] {
        let file = SourceFile::new("one_way.runbook", text);
        let plan = crate::check::plan_of(&file).expect("a plan");
        let mut scenario = Scenario::all_goes_well(&plan, "someone");
        let fails = runbook::engine::Outcome::Exited {
            status: 1,
            said: "no".to_owned(),
        };
        let drop = plan.steps.iter().find(|step| step.name == "drop");
        let drop = drop.expect("it is there").id;
        scenario
            .steps
            .insert(drop, vec![(fails, runbook::value::Millis(1_000))]);
        let world = || Simulate::new(scenario.clone(), 0);
        let (steps, at_the_end, ended) = driven(&plan, world());
        let (leaps, state, other) = driven(&plan, world().in_leaps());
        assert_eq!((&ended, &at_the_end), (&other, &state));
        assert!(
            matches!(
                ended,
                Ended::Over(runbook::engine::Verdict::WentForward { .. })
            ),
            "{ended:?}"
        );
        assert_eq!(steps.orders, leaps.orders);
        assert_eq!(steps.taken, leaps.taken + leaps.leapt.facts);
        assert!(
            leaps.leapt.facts > 10 * leaps.taken,
            "{} facts in leaps, {} one by one",
            leaps.leapt.facts,
            leaps.taken
        );
    }
}
