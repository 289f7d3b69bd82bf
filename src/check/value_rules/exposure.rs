//! The rules over what a file exposes: in a rollout exposure grows, and the way back lowers it.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::ast::{Expr, Way};
use crate::check::eval::{Values, eval};
use crate::check::ids::ExposureId;
use crate::check::tree::{Checked, Exposure, Op, OpKind, Stage};
use crate::diag::Diagnostics;
use crate::diag::factory::exposure as say;
use crate::source::Span;
use crate::value::Scale;

use super::Judge;
use super::unrolled::{bound, known_truth, turns, unrolled};

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

/// What an expression sets, where it is known.
fn target(scale: &Scale, expr: &Expr, values: &Values) -> Option<Target> {
    let value = eval(expr, values, Some(&scale.ty())).ok()?;
    Some(Target {
        number: scale.number(&value)?,
        span: expr.span,
    })
}

/// The way through one stage, in the order of the run.
struct Walk<'c> {
    checked: &'c Checked,
    stage: &'c Stage,
    lowers: Lowers,
    found: Diagnostics,
}

impl Walk<'_> {
    fn ops(&mut self, ops: &[Op], values: &Rc<Values>, reached: &mut BTreeMap<ExposureId, Target>) {
        for op in ops {
            match &op.kind {
                OpKind::Expose {
                    exposure, target, ..
                } => self.expose(*exposure, (target, values), reached),
                OpKind::Parallel(strands) => {
                    for strand in strands {
                        self.ops(&strand.ops, values, reached);
                    }
                }
                OpKind::For(one) => {
                    for values in turns(one, values) {
                        self.ops(&one.ops, &values, reached);
                    }
                }
                OpKind::Call(one) => self.ops(&one.ops, &bound(one, values), reached),
                OpKind::If(one) => match known_truth(&one.when.test, values) {
                    Some(true) => self.ops(&one.then, values, reached),
                    Some(false) => self.ops(&one.otherwise, values, reached),
                    None => {
                        let mut other = reached.clone();
                        self.ops(&one.then, values, reached);
                        self.ops(&one.otherwise, values, &mut other);
                        // Behind it only what both ways reach is certain.
                        reached.retain(|id, target| {
                            let there = other.get(id);
                            there.is_some_and(|there| there.number == target.number)
                        });
                    }
                },
                OpKind::Step(_)
                | OpKind::Wait { .. }
                | OpKind::Until { .. }
                | OpKind::Verify { .. }
                | OpKind::Notify(_)
                | OpKind::Fail(_)
                | OpKind::Undo
                | OpKind::NoReturn(_)
                | OpKind::Approve(_) => {}
            }
        }
    }

    fn expose(
        &mut self,
        exposure: ExposureId,
        (expr, values): (&Expr, &Values),
        reached: &mut BTreeMap<ExposureId, Target>,
    ) {
        let scale = self.checked.scale(exposure);
        let Some(target) = target(&scale, expr, values) else {
            reached.remove(&exposure);
            self.lowers = Lowers::Something;
            return;
        };
        // What was in place before the run is known when it begins.
        let Some(before) = reached.insert(exposure, target) else {
            self.lowers = Lowers::Something;
            return;
        };
        let falls = if scale.is_ordered() {
            target.number < before.number
        } else {
            target.number != before.number
        };
        if !falls {
            return;
        }
        self.lowers = Lowers::Something;
        if self.stage.shrink.is_some() {
            return;
        }
        let known = self.checked.exposure(exposure);
        let name = known.map_or("", |one| &one.name);
        let (now, then) = (scale.show(target.number), scale.show(before.number));
        let (now, then) = ((target.span, now.as_str()), (before.span, then.as_str()));
        self.found.push(if scale.is_ordered() {
            say::exposure_shrinks(now, then, name)
        } else {
            say::exposure_moves_on(now, then, name)
        });
        reached.insert(exposure, before);
    }
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

    /// In a stage exposure may only grow, unless it says `shrink`.
    fn growth(
        &mut self,
        checked: &Checked,
        stage: &Stage,
        reached: &mut BTreeMap<ExposureId, Target>,
    ) {
        let mut walk = Walk {
            checked,
            stage,
            lowers: Lowers::Nothing,
            found: Diagnostics::new(),
        };
        walk.ops(&stage.ops, &Rc::new(self.values.clone()), reached);
        self.found.extend(walk.found);
        if let Some(word) = stage.shrink
            && walk.lowers == Lowers::Nothing
        {
            self.found.push(say::needless_shrink(word, &stage.name));
        }
    }

    /// The first level that sets what the rollout has exposed must lower it.
    fn lowered_by_rollback(&mut self, checked: &Checked, exposure: &Exposure) {
        let scale = &exposure.scale;
        let of = |(op, values): (&Op, Rc<Values>)| match &op.kind {
            OpKind::Expose {
                exposure: id,
                target: expr,
                ..
            } if *id == exposure.id => target(scale, expr, &values),
            OpKind::Expose { .. }
            | OpKind::Step(_)
            | OpKind::Wait { .. }
            | OpKind::Until { .. }
            | OpKind::Verify { .. }
            | OpKind::Notify(_)
            | OpKind::Fail(_)
            | OpKind::Parallel(_)
            | OpKind::For(_)
            | OpKind::Call(_)
            | OpKind::If(_)
            | OpKind::Undo
            | OpKind::NoReturn(_)
            | OpKind::Approve(_) => None,
        };
        let values = Rc::new(self.values.clone());
        let grown = checked.stages.iter().filter(|stage| stage.shrink.is_none());
        let grown =
            grown.flat_map(|stage| unrolled(&stage.ops, &values).into_iter().filter_map(of));
        // 0% and the first of the steps expose nobody.
        let grown: Vec<Target> = grown
            .filter(|target| !scale.is_ordered() || target.number > 0.0)
            .collect();
        let levels = checked.rollback.iter().flat_map(|one| &one.levels);
        let levels = levels.filter(|level| level.way == Way::Back);
        let back = levels.filter_map(|level| {
            let mut set = unrolled(&level.ops, &values).into_iter().filter_map(of);
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
