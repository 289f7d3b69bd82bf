//! Rows about the proof, and about rollouts and tests in virtual time.

use std::hint::black_box;

use runbook::engine::State;
use runbook::plan::{self, Plan};
use runbook::prove::{BUDGET, sweep};
use runbook::simulate::{Scenario, Simulate};
use runbook::source::SourceFile;
use runbook::world::{Ended, Forget, run};
use tempfile::TempDir;

use crate::inputs;
use crate::measure::computing;
use crate::programs::{processors, run as run_program, runbook as program};
use crate::table::{Limit, Outcome, Row, ms};

/// How many tests there are in the file of tests.
const TESTS: usize = 1_000;

/// The plan of a text, with examples for its parameters.
fn planned(text: &str) -> Result<Plan, String> {
    let file = SourceFile::new("bench.runbook", text);
    let (checked, found) = plan::check_file(&file);
    let checked = checked.ok_or_else(|| format!("the input is wrong: {found:?}"))?;
    plan::with_examples(&checked, &file).map_err(|found| format!("{found:?}"))
}

fn seen_whole(plan: &Plan) -> usize {
    let swept = sweep(plan, BUDGET, None);
    assert!(swept.whole && swept.faults.is_empty(), "{swept:?}");
    swept.states
}

/// The canonical runbook, from its plan to its verdict.
pub(crate) fn canonical() -> Outcome {
    let plan = planned(inputs::CANONICAL)?;
    let states = seen_whole(&plan);
    let taken = computing(21, || {
        black_box(sweep(&plan, BUDGET, None));
    });
    Ok(Row {
        what: "proof of the canonical runbook",
        sides: format!("{states} kinds of states"),
        figure: taken.as_secs_f64() * 1_000.0,
        unit: "ms",
        limit: Limit::AtMost(10.0),
    })
}

/// A file of fifty lines, as many of them as `files` checks.
pub(crate) fn small() -> Outcome {
    let text = include_str!("release.runbook");
    let plan = planned(text)?;
    let states = seen_whole(&plan);
    let taken = computing(101, || {
        black_box(sweep(&plan, BUDGET, None));
    });
    Ok(Row {
        what: "proof of a runbook of fifty lines",
        sides: format!("{states} kinds of states"),
        figure: taken.as_secs_f64() * 1_000.0,
        unit: "ms",
        limit: Limit::AtMost(5.0),
    })
}

/// How long so many steps in a row take.
fn straight(steps: usize) -> Result<(std::time::Duration, usize), String> {
    let plan = planned(&inputs::steps(1, steps, Some("1h")))?;
    let states = seen_whole(&plan);
    let rounds = if steps > 100 { 15 } else { 21 };
    let taken = computing(rounds, || {
        black_box(sweep(&plan, BUDGET, None));
    });
    Ok((taken, states))
}

fn growth(what: &'static str, (few, many): (usize, usize)) -> Outcome {
    let (small, of_small) = straight(few)?;
    let (large, of_large) = straight(many)?;
    Ok(Row {
        what,
        sides: format!(
            "{} for {of_large} states, {} for {of_small}",
            ms(large),
            ms(small)
        ),
        figure: large.as_secs_f64() / small.as_secs_f64(),
        unit: "x",
        limit: Limit::AtMost(11.0),
    })
}

/// Ten times the steps.
pub(crate) fn hundred_steps() -> Outcome {
    growth("proof of 100 steps / of 10 steps", (10, 100))
}

/// Ten times the steps, once more.
pub(crate) fn thousand_steps() -> Outcome {
    growth("proof of 1,000 steps / of 100 steps", (100, 1_000))
}

/// Whole rollouts of the canonical runbook, all going well.
pub(crate) fn rollouts() -> Outcome {
    let plan = planned(inputs::CANONICAL)?;
    let scenario = Scenario::all_goes_well(&plan, "bench");
    let taken = computing(11, || {
        let mut world = Simulate::new(scenario.clone(), 0).in_leaps();
        let mut state = State::new(&plan);
        let ended = run(&plan, &mut state, &mut world, &mut Forget);
        assert!(matches!(ended, Ok(Ended::Over(_))), "{ended:?}");
    });
    Ok(Row {
        what: "whole canonical rollouts simulated a second",
        sides: format!("{} each", ms(taken)),
        figure: 1.0 / taken.as_secs_f64(),
        unit: "",
        limit: Limit::AtLeast(2_000.0),
    })
}

/// `runbook test` of a file with a thousand tests: those of the canonical runbook over and over, each with a name
/// of its own.
pub(crate) fn tests() -> Outcome {
    let mut parts = inputs::CANONICAL.split("\ntest \"");
    let mut text = parts.next().unwrap_or_default().to_owned();
    let bodies: Vec<&str> = parts
        .filter_map(|part| part.split_once('"').map(|(_, body)| body.trim_end()))
        .collect();
    if bodies.is_empty() {
        return Err("the canonical runbook has no test".to_owned());
    }
    for (number, body) in bodies.iter().cycle().take(TESTS).enumerate() {
        text.push_str(&format!("\ntest \"number {number}\"{body}\n"));
    }
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).map_err(|error| error.to_string())?;
    let path = inputs::file(folder.path(), "tests.runbook", &text);
    let pairs = crate::measure::pairs(
        3,
        || run_program(program().arg("test").arg(&path)),
        || run_program(&mut std::process::Command::new("true")),
    );
    Ok(Row {
        what: "runbook test of 1,000 tests",
        sides: format!("on {} processors", processors()),
        figure: pairs.ours.as_secs_f64(),
        unit: "s",
        limit: Limit::AtMost(2.0),
    })
}
