//! Steps behind the point of no return whose failure finds no level of the way forward: what is exposed at the step makes the `when` of
//! every level false.

use super::facts::Facts;
use super::range::{Scene, can_hold};
use crate::diag::Diagnostics;
use crate::diag::factory::no_return as say;
use crate::plan::{LevelId, OnFailure, Op, Plan, StepId, Way};
use crate::source::Span;

pub(super) fn judge(facts: &Facts<'_>, found: &mut Diagnostics) {
    let mut walk = Walk {
        plan: facts.plan,
        exposed: Scene::anywhere(facts.plan).exposures,
        past: false,
        lost: Vec::new(),
    };
    for stage in &facts.plan.stages {
        walk.ops(&stage.ops);
    }
    let mut told = Vec::new();
    for step in walk.lost {
        let Some(planned) = facts.plan.steps.get(step.index()) else {
            continue;
        };
        let written = facts.checked.steps.iter();
        let mut written = written.filter(|one| one.line == planned.line && one.undoes.is_none());
        let Some(written) = written.next().filter(|one| !told.contains(&one.span)) else {
            continue;
        };
        told.push(written.span);
        let levels = facts.checked.rollback.iter().flat_map(|one| &one.levels);
        let levels = levels.zip(facts.plan.rollback.iter().flat_map(|one| &one.levels));
        let whens: Vec<(Span, String)> = levels
            .filter(|(_, level)| level.way == Way::Forward)
            .filter_map(|(written, level)| Some((written.when.as_ref()?.span, level.name.clone())))
            .collect();
        found.push(say::cannot_go_forward(
            (written.span, &planned.name),
            &whens,
        ));
    }
}

/// A walk through the stages.
struct Walk<'a> {
    plan: &'a Plan,
    /// What each exposure can be.
    exposed: Vec<(f64, f64)>,
    /// The point of no return is passed on every way to here.
    past: bool,
    lost: Vec<StepId>,
}

impl Walk<'_> {
    fn ops(&mut self, ops: &[Op]) {
        for op in ops {
            match op {
                Op::NoReturn { .. } => self.past = true,
                Op::Expose {
                    exposure, target, ..
                } => {
                    if let Some(known) = self.exposed.get_mut(exposure.index()) {
                        *known = (*target, *target);
                    }
                }
                Op::Step(step) => self.step(*step),
                Op::If {
                    then, otherwise, ..
                } => {
                    let before = (self.exposed.clone(), self.past);
                    self.ops(then);
                    let then = (self.exposed.clone(), self.past);
                    (self.exposed, self.past) = before;
                    self.ops(otherwise);
                    self.past &= then.1;
                    self.join(&then.0);
                }
                // A step can fail while another strand has or has not set something.
                Op::Parallel { strands, .. } => {
                    let before = self.exposed.clone();
                    for strand in strands {
                        let mut own = Walk {
                            plan: self.plan,
                            exposed: before.clone(),
                            past: false,
                            lost: Vec::new(),
                        };
                        own.ops(&strand.ops);
                        self.join(&own.exposed);
                    }
                    let any = self.exposed.clone();
                    for strand in strands {
                        self.exposed.clone_from(&any);
                        self.ops(&strand.ops);
                    }
                    self.exposed = any;
                }
                Op::Wait { .. }
                | Op::Until { .. }
                | Op::Verify { .. }
                | Op::Notify(_)
                | Op::Fail { .. }
                | Op::Undo { .. }
                | Op::Approve(_) => {}
            }
        }
    }

    fn join(&mut self, other: &[(f64, f64)]) {
        for (known, other) in self.exposed.iter_mut().zip(other) {
            *known = (known.0.min(other.0), known.1.max(other.1));
        }
    }

    fn step(&mut self, id: StepId) {
        let Some(step) = self.plan.steps.get(id.index()).filter(|_| self.past) else {
            return;
        };
        let from = match step.on_failure {
            OnFailure::Rollback { from } => from,
            OnFailure::Hold | OnFailure::Continue => None,
        };
        let from = from.map_or(0, LevelId::index);
        let scene = Scene {
            exposures: self.exposed.clone(),
            ..Scene::anywhere(self.plan)
        };
        let mut levels = self.plan.levels_on(Way::Forward);
        let helps = levels.any(|level| {
            let when = level.when.as_ref();
            level.id.index() >= from
                && when.is_none_or(|when| can_hold(self.plan, &when.test, &scene))
        });
        if !helps {
            self.lost.push(id);
        }
    }
}
