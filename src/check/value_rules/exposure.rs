//! The rule over what a rollout exposes: it grows, on every way through the stages.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::ast::Expr;
use crate::check::eval::{Values, eval};
use crate::check::ids::ExposureId;
use crate::check::tree::{Checked, If, Op, OpKind, Stage};
use crate::diag::Diagnostics;
use crate::diag::factory::exposure as say;
use crate::source::Span;
use crate::value::Scale;

use super::Judge;
use super::reach::{Reach, Seen, Sense};
use super::unrolled::{bound, known_truth, turns};

/// A value that is set, and where.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Target {
    pub(super) number: f64,
    pub(super) span: Span,
}

/// What an exposure can be at a place, by the ways that lead there: what was set last on each of them, or nothing where it is what
/// was in place before the run. Absent: nothing on every way.
type Reached = BTreeMap<ExposureId, Vec<Option<Target>>>;

/// Whether a stage lowers something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lowers {
    Nothing,
    Something,
}

/// What an expression sets, where it is known.
pub(super) fn target(scale: &Scale, expr: &Expr, values: &Values) -> Option<Target> {
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
    fn ops(&mut self, ops: &[Op], values: &Rc<Values>, reached: &mut Reached) {
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
                        let mut other = self.which(one, Sense::Fails, (values, reached));
                        *reached = self.which(one, Sense::Holds, (values, reached));
                        self.ops(&one.then, values, reached);
                        self.ops(&one.otherwise, values, &mut other);
                        join(reached, &other);
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

    /// What of it there can be where a condition comes out so.
    fn which(&self, one: &If, sense: Sense, (values, reached): (&Values, &Reached)) -> Reached {
        let all = reached.iter().map(|(id, targets)| {
            let scale = self.checked.scale(*id);
            let seen = Seen {
                id: *id,
                scale: &scale,
            };
            let test = (&one.when.test, values);
            let can_be = |target: &&Option<Target>| {
                target.is_none_or(|target| {
                    seen.where_it(sense, test, Reach::at(target.number))
                        .is_some()
                })
            };
            (*id, targets.iter().filter(can_be).copied().collect())
        });
        all.collect()
    }

    fn expose(
        &mut self,
        exposure: ExposureId,
        (expr, values): (&Expr, &Values),
        reached: &mut Reached,
    ) {
        let scale = self.checked.scale(exposure);
        let Some(target) = target(&scale, expr, values) else {
            reached.remove(&exposure);
            self.lowers = Lowers::Something;
            return;
        };
        let before = reached.insert(exposure, vec![Some(target)]);
        let before = before.unwrap_or_else(|| vec![None]);
        // What was in place before the run is known when it begins.
        if before.contains(&None) {
            self.lowers = Lowers::Something;
        }
        let falls = |before: &Target| {
            if scale.is_ordered() {
                target.number < before.number
            } else {
                target.number != before.number
            }
        };
        let before = before.into_iter().flatten().filter(falls);
        let Some(before) = before.max_by(|one, other| one.number.total_cmp(&other.number)) else {
            return;
        };
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
        reached.insert(exposure, vec![Some(before)]);
    }
}

/// Behind two ways there is what either of them leads to.
fn join(reached: &mut Reached, other: &Reached) {
    let ids: Vec<ExposureId> = reached.keys().chain(other.keys()).copied().collect();
    for id in ids {
        let there = other.get(&id).cloned().unwrap_or_else(|| vec![None]);
        let here = reached.entry(id).or_insert_with(|| vec![None]);
        for one in there {
            if !here.contains(&one) {
                here.push(one);
            }
        }
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
    fn growth(&mut self, checked: &Checked, stage: &Stage, reached: &mut Reached) {
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
}
