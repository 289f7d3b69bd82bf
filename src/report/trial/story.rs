//! Owns how a failed test reads: the lines of its run up to the point of difference, and the diagnostic at the expectation.

use super::judge::{Miss, plus};
use crate::diag::{Diagnostic, factory::trial as say};
use crate::engine::{Effect, Moment, Note};
use crate::plan::Trial;
use crate::report::{Tone, line};
use crate::simulate::{Played, Stage};

/// More lines than this before the point of difference are left out in the middle.
const MOST: usize = 24;

/// The lines of the run up to the point at which it went another way, the last of them marked.
#[must_use]
pub fn story(trial: &Trial, played: &Played, until: Moment) -> Vec<String> {
    let plan = trial.plan.as_ref();
    let mut lines: Vec<(Moment, String)> = Vec::new();
    for (now, effect) in &played.events {
        if *now > until {
            break;
        }
        if is_noise(effect) {
            continue;
        }
        if let Some(line) = line(plan, *now, effect)
            && line.tone != Tone::Detail
        {
            let text = line.text.split("\n").next().unwrap_or_default().to_owned();
            lines.push((*now, format!("{:<11} {text}", line.word)));
        }
    }
    let mut out = Vec::new();
    let left_out = lines.len().saturating_sub(MOST);
    let head = MOST / 3;
    for (index, (at, text)) in lines.iter().enumerate() {
        if left_out > 0 && index == head {
            out.push(format!("{:>9}  … {left_out} lines", ""));
        }
        if left_out == 0 || index < head || index >= head + left_out {
            out.push(format!("{:>9}  {text}", plus(*at)));
        }
    }
    out.push(format!("{:>9}  here it went another way", plus(until)));
    out
}

/// What is said twice: a step that is done was begun, an exposure that agrees was set.
fn is_noise(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::Say(
            Note::StepDone { .. } | Note::Exposed { .. } | Note::Preparing | Note::Confirmed { .. }
        ) | Effect::Finish(_)
    )
}

/// The diagnostic of an expectation that does not hold.
#[must_use]
pub fn diagnostic(trial: &Trial, miss: &Miss) -> Diagnostic {
    let expected = trial.expects.get(miss.expect);
    let place = expected.map_or((trial.span, ""), |one| (one.span, one.text.as_str()));
    say::expectation_failed(
        place,
        &miss.found,
        &miss.near,
        (trial.span, trial.name.as_str()),
    )
}

/// What is said of a test in which a metric has no value at which all is well.
#[must_use]
pub fn ill_at_ease(trial: &Trial, stage: &Stage) -> Vec<Diagnostic> {
    let all = stage.ill_at_ease(trial);
    all.into_iter()
        .map(|(metric, why)| {
            let name = trial.plan.metrics.get(metric.index());
            let name = name.map_or("?", |metric| metric.name.as_str());
            say::metric_unset(trial.span, name, &why)
        })
        .collect()
}
