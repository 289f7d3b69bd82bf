//! Stages in which users see the change and no guard acts; approvals among them, which last the longest.

use super::facts::{Facts, StageFacts, acts};
use crate::check::OpKind;
use crate::diag::Diagnostics;
use crate::diag::factory::lint::{self as say, Unwatched};
use crate::plan::{Approval, Op};
use crate::source::Span;
use crate::value::Millis;

pub(super) fn judge(facts: &Facts<'_>, found: &mut Diagnostics) {
    for (index, stage) in facts.stages.iter().enumerate() {
        let Some(shown) = stage.shown.first() else {
            continue;
        };
        let mut guards = facts.plan.guards.iter();
        if guards.any(|guard| acts(guard) && facts.can_trip_in(guard, stage)) {
            continue;
        }
        let approval = approval(facts, index);
        let open = approval.map_or(Millis::ZERO, |(_, one)| one.within);
        let of = Unwatched {
            stage: (stage.span, &stage.name),
            exposed: &shown.is_at(),
            cost: &shown.cost(stage.soak.saturating_add(open)),
            why: why(facts, stage),
            guard: &facts.guard_to_type(),
        };
        found.push(match approval {
            Some((span, one)) => say::unguarded_approval(&of, (span, &one.within.to_string())),
            None => say::unguarded_exposure(&of),
        });
    }
}

/// Why no guard counts in a stage.
fn why(facts: &Facts<'_>, stage: &StageFacts) -> &'static str {
    let armed =
        |guard: &&crate::plan::Guard| stage.scene.stage.is_some_and(|id| guard.scope.covers(id));
    let mut armed = facts.plan.guards.iter().filter(armed).peekable();
    if facts.plan.guards.is_empty() {
        "the file has no guard"
    } else if armed.peek().is_none() {
        "no guard is armed in it"
    } else if armed.all(|guard| !acts(guard)) {
        "its guards only warn"
    } else {
        "none of its guards can trip here"
    }
}

/// The first approval of a stage, and where it stands.
fn approval<'a>(facts: &Facts<'a>, index: usize) -> Option<(Span, &'a Approval)> {
    let planned = facts.plan.stages.get(index)?;
    let id = Op::all(&planned.ops).into_iter().find_map(|op| match op {
        Op::Approve(id) => Some(*id),
        Op::Step(_)
        | Op::Wait { .. }
        | Op::Until { .. }
        | Op::Expose { .. }
        | Op::Verify { .. }
        | Op::Notify(_)
        | Op::Fail { .. }
        | Op::Parallel { .. }
        | Op::Undo { .. }
        | Op::NoReturn { .. }
        | Op::If { .. } => None,
    })?;
    let written = facts.checked.stages.get(index)?;
    let span = written
        .ops
        .iter()
        .find(|op| matches!(op.kind, OpKind::Approve(_)))
        .map_or(written.span, |op| op.span);
    Some((span, facts.plan.approvals.get(id.index())?))
}
