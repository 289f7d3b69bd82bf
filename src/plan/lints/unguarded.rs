//! Stages in which users see the change and no guard acts; approvals among them, which last the longest.

use super::facts::{Facts, Shown, StageFacts, acts, shown_in};
use super::moments::Moment;
use crate::check::OpKind;
use crate::diag::Diagnostics;
use crate::diag::factory::lint::{self as say, Unwatched};
use crate::plan::{Approval, Guard, Op};
use crate::source::Span;
use crate::value::Millis;

pub(super) fn judge(facts: &Facts<'_>, found: &mut Diagnostics) {
    let plan = facts.plan;
    for (index, stage) in facts.stages.iter().enumerate() {
        let seen: Vec<&Moment> = stage
            .moments
            .iter()
            .filter(|one| one.is_seen(plan))
            .collect();
        let unseen = seen.iter().copied().filter(|one| !one.is_watched(plan));
        let unseen: Vec<&Moment> = unseen.collect();
        let Some(first) = unseen.first() else {
            continue;
        };
        let approval = approval(facts, index).filter(|_| unseen.iter().any(|one| one.asked.0 > 0));
        // Where nobody looks at all it is the whole stage that goes unseen.
        let (shown, soak) = if unseen.len() == seen.len() {
            (stage.shown.clone(), stage.soak)
        } else {
            (shown_in(plan, first), first.soak)
        };
        let Some(one) = shown.first() else {
            continue;
        };
        let exposed: Vec<String> = shown.iter().map(Shown::is_at).collect();
        let open = approval.map_or(Millis::ZERO, |(_, one)| one.within);
        let of = Unwatched {
            stage: (stage.span, &stage.name),
            exposed: &exposed.join(", "),
            cost: &one.cost(soak.saturating_add(open)),
            why: why(facts, stage, first),
            guard: &facts.guard_to_type(),
        };
        found.push(match approval {
            Some((span, one)) => say::unguarded_approval(&of, (span, &one.within.to_string())),
            None => say::unguarded_exposure(&of),
        });
    }
}

/// Why no guard counts in a moment of a stage.
fn why(facts: &Facts<'_>, stage: &StageFacts, moment: &Moment) -> &'static str {
    let armed = |guard: &&Guard| stage.scene.stage.is_some_and(|id| guard.scope.covers(id));
    let armed = facts.plan.guards.iter().filter(armed);
    let armed: Vec<&Guard> = armed.collect();
    if facts.plan.guards.is_empty() {
        "the file has no guard"
    } else if armed.is_empty() {
        "no guard is armed in it"
    } else if armed.iter().all(|guard| !acts(guard)) {
        "its guards only warn"
    } else if armed
        .iter()
        .any(|guard| acts(guard) && moment.trips(facts.plan, guard))
    {
        "the guards that can trip then let the rollout go on while they are blind"
    } else {
        "none of its guards can trip then"
    }
}

/// The first approval of a stage, and where it stands.
fn approval<'a>(facts: &Facts<'a>, index: usize) -> Option<(Span, &'a Approval)> {
    let planned = facts.plan.stages.get(index)?;
    let id = Op::all(&planned.ops).into_iter().find_map(Op::approval)?;
    let written = facts.checked.stages.get(index)?;
    let span = written
        .ops
        .iter()
        .find(|op| matches!(op.kind, OpKind::Approve(_)))
        .map_or(written.span, |op| op.span);
    Some((span, facts.plan.approvals.get(id.index())?))
}
