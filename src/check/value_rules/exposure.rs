//! The rules over what a file exposes: in a rollout exposure grows, and the way back lowers it.

use std::collections::BTreeMap;

use crate::ast::Expr;
use crate::check::eval::eval;
use crate::check::ids::ExposureId;
use crate::check::tree::{Checked, Exposure, OpKind, Stage};
use crate::diag::factory::exposure as say;
use crate::source::Span;
use crate::value::Scale;

use super::Judge;

/// A value that is set, and where.
#[derive(Clone, Copy, Debug)]
struct Target {
    number: f64,
    span: Span,
}

/// Whether a stage lowers something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lowers {
    Nothing,
    Something,
}

impl Judge<'_> {
    pub(super) fn exposed(&mut self, checked: &Checked) {
        let mut reached = BTreeMap::new();
        for stage in &checked.stages {
            self.growth(checked, stage, &mut reached);
        }
        for exposure in &checked.exposures {
            self.lowered_by_rollback(checked, exposure);
        }
    }

    /// What an expression sets, where it is known.
    fn target(&self, scale: &Scale, expr: &Expr) -> Option<Target> {
        let value = eval(expr, self.values, Some(&scale.ty())).ok()?;
        Some(Target {
            number: scale.number(&value)?,
            span: expr.span,
        })
    }

    /// In a stage exposure may only grow, unless it says `shrink`.
    fn growth(
        &mut self,
        checked: &Checked,
        stage: &Stage,
        reached: &mut BTreeMap<ExposureId, Target>,
    ) {
        let mut lowers = Lowers::Nothing;
        for op in &stage.ops {
            let OpKind::Expose {
                exposure, target, ..
            } = &op.kind
            else {
                continue;
            };
            let scale = checked.scale(*exposure);
            let Some(target) = self.target(&scale, target) else {
                reached.remove(exposure);
                lowers = Lowers::Something;
                continue;
            };
            // What was in place before the run is known when it begins.
            let Some(before) = reached.insert(*exposure, target) else {
                lowers = Lowers::Something;
                continue;
            };
            let falls = if scale.is_ordered() {
                target.number < before.number
            } else {
                target.number != before.number
            };
            if !falls {
                continue;
            }
            lowers = Lowers::Something;
            if stage.shrink.is_some() {
                continue;
            }
            let name = checked.exposure(*exposure).map_or("", |one| &one.name);
            let (now, then) = (scale.show(target.number), scale.show(before.number));
            let (now, then) = ((target.span, now.as_str()), (before.span, then.as_str()));
            self.found.push(if scale.is_ordered() {
                say::exposure_shrinks(now, then, name)
            } else {
                say::exposure_moves_on(now, then, name)
            });
            reached.insert(*exposure, before);
        }
        if let Some(word) = stage.shrink
            && lowers == Lowers::Nothing
        {
            self.found.push(say::needless_shrink(word, &stage.name));
        }
    }

    /// The first level that sets what the rollout has exposed must lower it.
    fn lowered_by_rollback(&mut self, checked: &Checked, exposure: &Exposure) {
        let scale = &exposure.scale;
        let of = |kind: &OpKind| match kind {
            OpKind::Expose {
                exposure: id,
                target,
                ..
            } if *id == exposure.id => self.target(scale, target),
            OpKind::Expose { .. }
            | OpKind::Step(_)
            | OpKind::Wait { .. }
            | OpKind::Until { .. }
            | OpKind::Verify { .. }
            | OpKind::Notify(_)
            | OpKind::Fail(_)
            | OpKind::Approve(_) => None,
        };
        let grown = checked.stages.iter().filter(|stage| stage.shrink.is_none());
        let grown = grown.flat_map(|stage| stage.ops.iter().filter_map(|op| of(&op.kind)));
        // 0% and the first of the steps expose nobody.
        let grown: Vec<Target> = grown
            .filter(|target| !scale.is_ordered() || target.number > 0.0)
            .collect();
        let levels = checked.rollback.iter().flat_map(|one| &one.levels);
        let back = levels.filter_map(|level| {
            let mut set = level.ops.iter().filter_map(|op| of(&op.kind));
            Some((level, set.next_back()?))
        });
        let Some((level, back)) = back.into_iter().next() else {
            return;
        };
        let kept = grown.iter().find(|target| {
            if scale.is_ordered() {
                back.number >= target.number
            } else {
                back.number == target.number
            }
        });
        if let Some(kept) = kept {
            self.found.push(say::rollback_exposes(
                (back.span, &scale.show(back.number)),
                (kept.span, &scale.show(kept.number)),
                (&exposure.name, &level.name),
            ));
        }
    }
}
