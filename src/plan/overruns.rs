//! Levels that cannot keep their own bound: the worst case of each, held against its `within`.

use std::rc::Rc;

use super::bound::{Bound, level_bound};
use super::{Level, Plan, StepId, Way};
use crate::ast::Expr;
use crate::check::{Checked, NoValue, OpKind, Unless, Values, eval, is_undecided, unrolled};
use crate::diag::Diagnostics;
use crate::diag::factory::check::{self as say, Overlong};
use crate::value::Millis;

/// Reports every level whose worst case is longer than its `within`. `known` are the values that count: a level that uses
/// another one is left out.
pub(super) fn overruns(checked: &Checked, plan: &Plan, known: &Values) -> Diagnostics {
    let mut found = Diagnostics::new();
    let written = checked.rollback.iter().flat_map(|one| &one.levels);
    let planned = plan.rollback.iter().flat_map(|one| &one.levels);
    let back = plan.rollback.iter().flat_map(|one| one.on(Way::Back));
    let first = back.map(|level| level.id).next();
    for (written, planned) in written.zip(planned) {
        if !is_known(checked, written, known) {
            continue;
        }
        let bound = level_bound(plan, planned);
        if bound.total <= planned.within {
            continue;
        }
        // More than that the first way back may not have: there only shortening helps.
        let risk = checked.header.risk.as_deref();
        let most = checked.settings.most_of_first_level(risk);
        let most = most.filter(|most| first == Some(planned.id) && bound.total > *most);
        let too_much = most.map(|most| Overlong {
            most: most.to_string(),
            by: Millis(bound.total.0.saturating_sub(most.0)).to_string(),
        });
        found.push(say::level_overruns(
            (written.span, &written.name),
            (written.within.span, &planned.within.to_string()),
            (&bound.total.to_string(), &table(planned, &bound)),
            too_much.as_ref(),
        ));
    }
    found
}

/// The sum as lines: each part, the total, and what the file gives.
fn table(level: &Level, bound: &Bound) -> Vec<String> {
    let mut rows: Vec<(&str, Millis)> = bound
        .parts
        .iter()
        .map(|(name, time)| (name.as_str(), *time))
        .collect();
    rows.push(("in all", bound.total));
    rows.push(("`within`", level.within));
    let name_width = rows
        .iter()
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or_default();
    let time_width = rows
        .iter()
        .map(|(_, time)| time.to_string().len())
        .max()
        .unwrap_or_default();
    rows.into_iter()
        .map(|(name, time)| {
            let time = time.to_string();
            format!("{name:name_width$}  {time:>time_width$}")
        })
        .collect()
}

/// Whether all that the worst case is made of has a value.
fn is_known(checked: &Checked, level: &crate::check::Level, known: &Values) -> bool {
    let is_given =
        |expr: &Expr, values: &Values| eval(expr, values, None) != Err(NoValue::NotGiven);
    let recovered = checked
        .rollback
        .as_ref()
        .and_then(|one| one.recovered_on(level.way));
    let mut whole: Vec<&Expr> = vec![&level.within];
    whole.extend(recovered.map(|one| &one.within));
    if !whole.into_iter().all(|expr| is_given(expr, known)) {
        return false;
    }
    let known = Rc::new(known.clone());
    let all = unrolled(&level.ops, &known);
    all.into_iter().all(|(op, values)| {
        let decided = match &op.kind {
            OpKind::If(one) => !is_undecided(one, &values),
            OpKind::Undo => is_undoing_known(checked, &known),
            OpKind::Step(_)
            | OpKind::Wait { .. }
            | OpKind::Until { .. }
            | OpKind::Expose { .. }
            | OpKind::Verify { .. }
            | OpKind::Notify(_)
            | OpKind::Fail(_)
            | OpKind::Approve(_)
            | OpKind::NoReturn(_)
            | OpKind::Parallel(_)
            | OpKind::For(_)
            | OpKind::Call(_) => true,
        };
        let mut parts = bounds_of(checked, &op.kind).into_iter().flatten();
        decided && parts.all(|expr| is_given(expr, &values))
    })
}

/// Whether it is known which steps of the stages can have to be undone, and how long each of that takes.
fn is_undoing_known(checked: &Checked, known: &Rc<Values>) -> bool {
    let is_given =
        |expr: &Expr, values: &Values| eval(expr, values, None) != Err(NoValue::NotGiven);
    let stages = checked.stages.iter();
    let mut all = stages.flat_map(|stage| unrolled(&stage.ops, known));
    all.all(|(op, values)| match &op.kind {
        OpKind::If(one) => !is_undecided(one, &values),
        OpKind::For(one) => is_given(&one.list, &values),
        OpKind::Call(one) => one.binds.iter().all(|bind| is_given(&bind.value, &values)),
        OpKind::Step(step) => {
            let step = checked.steps.get(step.index());
            let undo = step.and_then(|step| step.undo.as_ref());
            let by = undo.into_iter().flat_map(|(by, _)| by);
            let mut parts = by.flat_map(|by| of_step(checked, *by)).flatten();
            parts.all(|expr| is_given(expr, &values))
        }
        OpKind::Wait { .. }
        | OpKind::Until { .. }
        | OpKind::Expose { .. }
        | OpKind::Verify { .. }
        | OpKind::Notify(_)
        | OpKind::Fail(_)
        | OpKind::Approve(_)
        | OpKind::Undo
        | OpKind::NoReturn(_)
        | OpKind::Parallel(_) => true,
    })
}

/// What the worst case of one operation is made of, without what it holds.
fn bounds_of<'c>(checked: &'c Checked, kind: &'c OpKind) -> Vec<Option<&'c Expr>> {
    match kind {
        OpKind::Step(step) => of_step(checked, *step),
        OpKind::Wait { min, max } => vec![Some(min), max.as_ref()],
        OpKind::Expose {
            exposure, within, ..
        } => {
            let exposure = checked.exposure(*exposure);
            let own = exposure.and_then(|one| one.set.timeout.as_ref());
            vec![
                within.as_ref(),
                own.or(checked.defaults.set_timeout.as_ref()),
            ]
        }
        OpKind::Verify { within, .. } | OpKind::Until { within, .. } => vec![Some(within)],
        OpKind::For(one) => vec![Some(&one.list), one.most.as_ref()],
        OpKind::Call(one) => one.binds.iter().map(|bind| Some(&bind.value)).collect(),
        OpKind::If(one) => vec![one.within.as_ref()],
        OpKind::Notify(_)
        | OpKind::Fail(_)
        | OpKind::Approve(_)
        | OpKind::Undo
        | OpKind::NoReturn(_)
        | OpKind::Parallel(_) => Vec::new(),
    }
}

/// What the worst case of a step is made of.
fn of_step(checked: &Checked, step: StepId) -> Vec<Option<&Expr>> {
    let Some(step) = checked.steps.get(step.index()) else {
        return Vec::new();
    };
    let defaults = &checked.defaults;
    let mut all = vec![
        step.timeout.as_ref().or(defaults.timeout.as_ref()),
        step.grace.as_ref().or(defaults.grace.as_ref()),
    ];
    if let Some(retry) = step.retry_in(checked) {
        all.extend([Some(&retry.times), Some(&retry.first), retry.last.as_ref()]);
    }
    if let Some(Unless::Probe(probe)) = &step.unless {
        let probe = checked.probes.get(probe.index());
        let own = probe.and_then(|probe| probe.timeout.as_ref());
        all.push(own.or(defaults.probe_timeout.as_ref()));
    }
    all
}
