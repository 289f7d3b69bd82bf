//! Windows that close before the worst case ends: a growth of exposure that fits into one opening when all goes well, and that waits for the
//! next one, with some users exposed, when it does not. A rollout that takes longer than an opening in any case is meant to wait.

use super::facts::{Facts, Shown};
use crate::check;
use crate::diag::Diagnostics;
use crate::diag::factory::lint::{self as say, Stalled};
use crate::plan::bound::op_bound;
use crate::plan::{Bound, Exposure, Op, Plan, Window, stage_bound};
use crate::source::Span;
use crate::value::Millis;

/// From Monday, 5 January 2026, for so many weeks openings are looked at.
const FROM: i64 = 1_767_571_200_000;
const WEEKS: i64 = 8;

pub(super) fn judge(facts: &Facts<'_>, found: &mut Diagnostics) {
    let plan = facts.plan;
    let Some((window, openings)) = plan
        .window
        .as_ref()
        .and_then(|one| Some((one, openings(one)?)))
    else {
        return;
    };
    let mut way = Way {
        plan,
        at: vec![None; plan.exposures.len()],
        best: Millis::ZERO,
        worst: Millis::ZERO,
        stalls: None,
        open: openings.open,
    };
    for (stage, written) in plan.stages.iter().zip(&facts.checked.stages) {
        let (best, worst) = (way.best, way.worst);
        way.ops(&stage.ops);
        if let Some(stall) = way.stalls.take() {
            found.push(say::window_closes(&Stalled {
                growth: (growth(written, &stall), &stall.to),
                exposed: &stall.exposed,
                best: &stall.best.to_string(),
                worst: &stall.worst.to_string(),
                window: &window.name,
                open: &openings.open.to_string(),
                closed: &openings.closed.to_string(),
            }));
            return;
        }
        let whole = stage_bound(plan, stage).total;
        way.best = way.best.max(best);
        way.worst = worst.saturating_add(whole);
    }
}

/// The longest that a window is open at a time, and the longest that it is closed.
struct Openings {
    open: Millis,
    closed: Millis,
}

/// Nothing when it does not close within the weeks that are looked at.
fn openings(window: &Window) -> Option<Openings> {
    let end = FROM.saturating_add(WEEKS * 7 * 24 * 3_600_000);
    let (mut open, mut closed) = (0_i64, 0_i64);
    let mut at = FROM;
    while at < end {
        let (next, longest) = if window.is_open(at) {
            (window.closes(at)?, &mut open)
        } else {
            (window.opens(at)?, &mut closed)
        };
        *longest = (*longest).max(next.saturating_sub(at));
        at = next;
    }
    let span = |long: i64| Millis(u64::try_from(long).unwrap_or_default());
    (closed > 0 && open > 0).then(|| Openings {
        open: span(open),
        closed: span(closed),
    })
}

/// A growth that may have to wait.
struct Stall {
    /// The exposure that grows, and to what.
    exposure: crate::plan::ExposureId,
    to: String,
    /// What users see by then.
    exposed: String,
    best: Millis,
    worst: Millis,
}

/// How far a rollout has come, at best and at worst.
struct Way<'a> {
    plan: &'a Plan,
    at: Vec<Option<f64>>,
    best: Millis,
    worst: Millis,
    stalls: Option<Stall>,
    open: Millis,
}

impl Way<'_> {
    fn ops(&mut self, ops: &[Op]) {
        for op in ops {
            self.op(op);
        }
    }

    fn op(&mut self, op: &Op) {
        match op {
            Op::Expose {
                exposure, target, ..
            } => {
                if let Some(known) = self.plan.exposures.get(exposure.index()) {
                    self.grows(known, *target);
                }
                self.takes(op);
            }
            Op::Wait { min, max } => {
                self.best = self.best.saturating_add(*min);
                self.worst = self.worst.saturating_add(*max);
            }
            // One turn after the other.
            Op::Parallel {
                strands,
                most: Some(1),
                ..
            } => {
                for strand in strands {
                    self.ops(&strand.ops);
                }
            }
            Op::Parallel { strands, .. } => {
                let (best, worst) = (self.best, self.worst);
                let mut longest = best;
                for strand in strands {
                    (self.best, self.worst) = (best, worst);
                    self.ops(&strand.ops);
                    longest = longest.max(self.best);
                }
                (self.best, self.worst) = (longest, worst);
                self.takes(op);
            }
            Op::If {
                within,
                then,
                otherwise,
                ..
            } => {
                let (best, worst) = (self.best, self.worst.saturating_add(*within));
                self.worst = worst;
                self.ops(then);
                let (then_best, then_worst) = (self.best, self.worst);
                (self.best, self.worst) = (best, worst);
                self.ops(otherwise);
                self.best = self.best.min(then_best);
                self.worst = self.worst.max(then_worst);
            }
            Op::Step(_)
            | Op::Until { .. }
            | Op::Verify { .. }
            | Op::Notify(_)
            | Op::Fail { .. }
            | Op::Approve(_)
            | Op::NoReturn { .. }
            | Op::Undo { .. } => self.takes(op),
        }
    }

    /// What takes no time at best.
    fn takes(&mut self, op: &Op) {
        let mut bound = Bound::default();
        op_bound(self.plan, op, &mut bound);
        let asked = op.approval();
        let asked = asked.and_then(|id| self.plan.approvals.get(id.index()));
        let asked = asked.map_or(Millis::ZERO, |one| one.within);
        let worst = self.worst.saturating_add(bound.total);
        self.worst = worst.saturating_add(asked);
    }

    fn grows(&mut self, exposure: &Exposure, target: f64) {
        let shown = self.plan.exposures.iter().zip(&self.at);
        let shown = shown.filter_map(|(one, at)| {
            at.filter(|value| *value > 0.0 && one.scale.is_ordered())
                .map(|value| Shown {
                    name: one.name.clone(),
                    scale: one.scale.clone(),
                    value,
                })
        });
        let exposed: Vec<String> = shown.map(|one| one.is_at()).collect();
        let at = self.at.get(exposure.id.index()).copied().flatten();
        let grows = exposure.scale.is_ordered() && at.is_none_or(|at| target > at);
        let stalls = self.best < self.open && self.open < self.worst;
        if grows && stalls && !exposed.is_empty() && self.stalls.is_none() {
            self.stalls = Some(Stall {
                exposure: exposure.id,
                to: format!(
                    "`{}` reaches {}",
                    exposure.name,
                    exposure.scale.show(target)
                ),
                exposed: exposed.join(" and "),
                best: self.best,
                worst: self.worst,
            });
        }
        if let Some(at) = self.at.get_mut(exposure.id.index()) {
            *at = Some(target);
        }
    }
}

/// Where the growth stands: the last of the stage that sets this exposure, or the stage itself.
fn growth(stage: &check::Stage, stall: &Stall) -> Span {
    let all = check::Op::all(&stage.ops).into_iter();
    let sets = all.filter(|op| {
        matches!(&op.kind, check::OpKind::Expose { exposure, .. } if *exposure == stall.exposure)
    });
    sets.map(|op| op.span).next_back().unwrap_or(stage.span)
}
