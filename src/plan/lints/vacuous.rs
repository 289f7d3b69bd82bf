//! Guards that can never trip, and guards that trip whatever is measured.
//!
//! A stage does not end while a guard is in mid-streak, so a guard has as long as the longest that a stage can last with all its
//! holds; `for K of N` holds a stage open in the same way. What is looked at here is what nothing can make good: a condition that no
//! value satisfies, and a time that no stage has.

use super::facts::{Facts, StageFacts, streak};
use super::range::{Scene, can_fail, can_hold};
use crate::check;
use crate::diag::Diagnostics;
use crate::diag::factory::lint as say;
use crate::plan::{Guard, Test};
use crate::value::Millis;

pub(super) fn judge(facts: &Facts<'_>, found: &mut Diagnostics) {
    for (guard, written) in facts.plan.guards.iter().zip(&facts.checked.guards) {
        let armed: Vec<&StageFacts> = facts.armed(guard).collect();
        let test = &guard.condition.test;
        let name = (written.span, written.name.as_str());
        if armed.is_empty() {
            continue;
        }
        if !armed
            .iter()
            .any(|stage| can_hold(facts.plan, test, &stage.scene))
        {
            let why = why_never(facts, guard, &armed);
            found.push(say::guard_never_holds(name, (written.when.span, &why)));
        } else if armed
            .iter()
            .all(|stage| !can_fail(facts.plan, test, &stage.scene))
        {
            let why = format!("{} is always so", of_metrics(facts, guard));
            found.push(say::guard_always_holds(name, (written.when.span, &why)));
        } else {
            no_time(facts, (guard, written), &armed, found);
        }
    }
}

fn no_time(
    facts: &Facts<'_>,
    (guard, written): (&Guard, &check::Guard),
    armed: &[&StageFacts],
    found: &mut Diagnostics,
) {
    let needs = guard.warmup.saturating_add(streak(guard));
    let able = armed
        .iter()
        .filter(|stage| can_hold(facts.plan, &guard.condition.test, &stage.scene));
    let Some(stage) = able.max_by_key(|stage| stage.scene.longest) else {
        return;
    };
    if needs <= stage.scene.longest {
        return;
    }
    let parts = match guard.warmup {
        Millis::ZERO => needs.to_string(),
        warmup => format!("{needs}, {warmup} of it to warm up,"),
    };
    found.push(say::guard_has_no_time(
        (written.span, &written.name),
        &parts,
        (&stage.name, &stage.scene.longest.to_string()),
    ));
}

/// Why no value satisfies a condition: by itself, or where it is armed.
fn why_never(facts: &Facts<'_>, guard: &Guard, armed: &[&StageFacts]) -> String {
    let anywhere = Scene::anywhere(facts.plan);
    if !can_hold(facts.plan, &guard.condition.test, &anywhere) {
        return match &guard.condition.test {
            Test::Compare(..) => format!("{} is never so", of_metrics(facts, guard)),
            Test::And(..) => "its parts cannot be so at once".to_owned(),
            Test::Always(_)
            | Test::Or(..)
            | Test::Not(_)
            | Test::InStage(_)
            | Test::Captured(..) => "no value makes this true".to_owned(),
        };
    }
    match armed {
        [one] => format!(
            "in stage `{}`, where it is armed, this is never so",
            one.name
        ),
        _several => "in none of the stages in which it is armed is this ever so".to_owned(),
    }
}

/// The metrics of a guard with what they can be.
fn of_metrics(facts: &Facts<'_>, guard: &Guard) -> String {
    let first = guard.condition.metrics.first();
    let metric = first.and_then(|id| facts.plan.metrics.get(id.index()));
    match metric {
        None => "this".to_owned(),
        Some(metric) => format!("`{}` is 0 or more: this", metric.name),
    }
}
