//! Levels that no run comes to or that fail whatever happens, and a recovery that says nothing: one that the level itself makes true, or that cannot be true.

use super::facts::Facts;
use super::range::{Scene, can_fail, can_hold, full, where_both_hold};
use crate::check::{self, OpKind};
use crate::diag::factory::lint as say;
use crate::diag::{Diagnostic, Diagnostics};
use crate::plan::{Exposure, Guard, GuardAction, Level, Op, Otherwise, Plan, Recovered, Way};
use crate::source::Span;
use crate::value::Scale;

pub(super) fn judge(facts: &Facts<'_>, found: &mut Diagnostics) {
    let (Some(rollback), Some(written)) = (&facts.plan.rollback, &facts.checked.rollback) else {
        return;
    };
    let ever = scene(
        facts.plan,
        facts.plan.exposures.iter().map(|one| ever(facts, one)),
    );
    for (level, written) in rollback.levels.iter().zip(&written.levels) {
        if let (Some(when), Some(at)) = (&level.when, &written.when)
            && !can_hold(facts.plan, &when.test, &ever)
        {
            found.push(say::level_never_reached(
                (written.span, &level.name),
                (
                    at.span,
                    match level.way {
                        Way::Back => "back",
                        Way::Forward => "forward",
                    },
                ),
            ));
        }
    }
    for (level, written) in rollback.levels.iter().zip(&written.levels) {
        if always_fails(&level.ops) {
            let fails = fail_in(&written.ops);
            found.push(say::level_always_fails((written.span, &level.name), fails));
        }
    }
    let ways = [
        (Way::Back, &rollback.recovered, &written.recovered),
        (
            Way::Forward,
            &rollback.recovered_forward,
            &written.recovered_forward,
        ),
    ];
    for (way, recovered, at) in ways {
        if let (Some(recovered), Some(at)) = (recovered, at) {
            let of = (way, recovered, at);
            if let Some(hollow) = hollow(facts, of).or_else(|| in_breach(facts, of)) {
                found.push(hollow);
            }
        }
    }
}

/// Whether something of this fails on every way.
fn always_fails(ops: &[Op]) -> bool {
    ops.iter().any(|op| match op {
        Op::Fail { .. } => true,
        Op::If {
            then, otherwise, ..
        } => always_fails(then) && always_fails(otherwise),
        Op::Parallel { strands, .. } => strands.iter().any(|one| always_fails(&one.ops)),
        Op::Step(_)
        | Op::Wait { .. }
        | Op::Until { .. }
        | Op::Expose { .. }
        | Op::Verify { .. }
        | Op::Undo { .. }
        | Op::NoReturn { .. }
        | Op::Notify(_)
        | Op::Approve(_) => false,
    })
}

/// Where `fail` stands among these.
fn fail_in(ops: &[check::Op]) -> Option<Span> {
    let fails = |op: &&check::Op| matches!(op.kind, OpKind::Fail(_));
    ops.iter().rfind(fails).map(|op| op.span)
}

/// A recovery that what a level does makes true or false by itself.
fn hollow(
    facts: &Facts<'_>,
    (way, recovered, at): (Way, &Recovered, &check::Recovered),
) -> Option<Diagnostic> {
    for level in facts.plan.levels_on(way) {
        let after = scene(
            facts.plan,
            facts.plan.exposures.iter().map(|one| after(level, one)),
        );
        let test = &recovered.condition.test;
        if !can_hold(facts.plan, test, &after) {
            return Some(say::never_recovered((at.span, at.when.span), &level.name));
        }
        if !can_fail(facts.plan, test, &after) {
            return Some(say::always_recovered((at.span, at.when.span), &level.name));
        }
    }
    None
}

/// A recovery that can be seen while that is so for which a guard rolls back.
fn in_breach(
    facts: &Facts<'_>,
    (way, recovered, at): (Way, &Recovered, &check::Recovered),
) -> Option<Diagnostic> {
    let scenes: Vec<Scene> = facts
        .plan
        .levels_on(way)
        .map(|level| {
            let all = facts.plan.exposures.iter();
            scene(facts.plan, all.map(|one| after(level, one)))
        })
        .collect();
    let guards = facts.plan.guards.iter().zip(&facts.checked.guards);
    for (guard, written) in guards.filter(|(guard, _)| goes_back(guard)) {
        let both = (&recovered.condition.test, &guard.condition.test);
        let mut values = scenes
            .iter()
            .map(|scene| where_both_hold(facts.plan, both, scene));
        // What an earlier level has set is not known here: it has to be so after each of them.
        if let Some(Some(first)) = values.next()
            && values.all(|more| more.is_some())
        {
            let name = (written.when.span, written.name.as_str());
            return Some(say::recovered_in_breach(
                (at.span, at.when.span),
                name,
                &first,
            ));
        }
    }
    None
}

/// Whether a guard rolls back when nobody says otherwise.
const fn goes_back(guard: &Guard) -> bool {
    match guard.action {
        GuardAction::Rollback { .. } => true,
        GuardAction::Decide { otherwise, .. } => match otherwise {
            Otherwise::Rollback => true,
            Otherwise::Continue | Otherwise::Stuck | Otherwise::Hold | Otherwise::Refuse => false,
        },
        GuardAction::Warn | GuardAction::Hold => false,
    }
}

fn scene(plan: &Plan, exposures: impl Iterator<Item = (f64, f64)>) -> Scene {
    Scene {
        exposures: exposures.collect(),
        ..Scene::anywhere(plan)
    }
}

/// What an exposure can be when a rollback begins: it only grew until then, where nothing says that it may shrink.
fn ever(facts: &Facts<'_>, exposure: &Exposure) -> (f64, f64) {
    let mut sets: Vec<f64> = facts
        .plan
        .stages
        .iter()
        .flat_map(|stage| stage.sets(exposure.id))
        .collect();
    let shrinks = facts.plan.stages.iter().any(|stage| stage.shrinks);
    let is_ordered = match exposure.scale {
        Scale::Percent | Scale::Steps(_) => true,
        Scale::Choice(_) => false,
    };
    if sets.is_empty() || shrinks || !is_ordered {
        return full(&exposure.scale);
    }
    let levels = facts.plan.rollback.iter().flat_map(|one| &one.levels);
    sets.extend(levels.flat_map(|level| set_by(level, exposure)));
    (0.0, sets.iter().copied().fold(0.0, f64::max))
}

/// What it is after a level.
fn after(level: &Level, exposure: &Exposure) -> (f64, f64) {
    match set_by(level, exposure).last() {
        Some(value) => (*value, *value),
        None => full(&exposure.scale),
    }
}

fn set_by(level: &Level, exposure: &Exposure) -> Vec<f64> {
    let all = Op::all(&level.ops).into_iter();
    all.filter_map(|op| op.sets(exposure.id)).collect()
}
