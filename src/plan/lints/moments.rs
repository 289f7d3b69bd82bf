//! Owns the times of a stage between two changes of exposure: what is exposed in each of them, on every way through the stages.

use super::facts::{acts, soak};
use super::range::{Scene, can_fail, can_hold, full};
use crate::plan::observe::OnBlind;
use crate::plan::{Exposure, ExposureId, Guard, Op, Plan, StageId, Test, heads};
use crate::value::{Heads, Millis, Scale};

/// A time in which every exposure stays what it is.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    stage: StageId,
    longest: Millis,
    /// What each exposure is set to; absent: what it was before the run.
    at: Vec<Option<f64>>,
    /// The healthy time that waits observe in it at least.
    pub(super) soak: Millis,
    /// The same since more users were exposed last, in an earlier stage too.
    pub(super) settled: Millis,
    /// For how long people are asked in it.
    pub(super) asked: Millis,
    /// Nothing was done in it yet.
    is_new: bool,
}

/// More ways than these are not told apart.
const MOST_WAYS: usize = 256;

impl Moment {
    /// What an exposure is set to where users see something of it.
    pub(super) fn shows(&self, exposure: &Exposure) -> Option<f64> {
        let at = self.at.get(exposure.id.index()).copied().flatten()?;
        (!exposure.scale.is_ordered() || at > 0.0).then_some(at)
    }

    /// Whether users see something in it.
    pub(super) fn is_seen(&self, plan: &Plan) -> bool {
        let mut all = plan.exposures.iter();
        all.any(|exposure| self.shows(exposure).is_some())
    }

    /// Whether a guard can trip in it, whatever was in place before the run.
    pub(super) fn trips(&self, plan: &Plan, guard: &Guard) -> bool {
        let test = &guard.condition.test;
        let lowest = self.scene(plan, |(low, _)| (low, low));
        let highest = self.scene(plan, |(_, high)| (high, high));
        guard.scope.covers(self.stage)
            && can_hold(plan, test, &lowest)
            && can_hold(plan, test, &highest)
    }

    /// Whether some guard looks in it: it acts, can trip, and does not let the rollout go on while it is blind.
    pub(super) fn is_watched(&self, plan: &Plan) -> bool {
        let mut guards = plan.guards.iter();
        guards.any(|guard| acts(guard) && waits_for_sight(guard) && self.trips(plan, guard))
    }

    fn scene(&self, plan: &Plan, unset: fn((f64, f64)) -> (f64, f64)) -> Scene {
        let exposures = plan.exposures.iter().zip(&self.at);
        let exposures = exposures.map(|(exposure, at)| match at {
            Some(at) => (*at, *at),
            None => unset(before(plan, exposure)),
        });
        Scene {
            stage: Some(self.stage),
            exposures: exposures.collect(),
            longest: self.longest,
            fixed: Vec::new(),
        }
    }

    /// The ways on which a condition comes out one way or the other.
    fn can(&self, plan: &Plan, test: &Test, can: fn(&Plan, &Test, &Scene) -> bool) -> bool {
        can(plan, test, &self.scene(plan, |any| any))
    }
}

/// Whether a guard holds the rollout while it is blind.
pub(super) fn waits_for_sight(guard: &Guard) -> bool {
    match guard.on_blind {
        OnBlind::Ignore { .. } => false,
        OnBlind::Hold | OnBlind::Rollback => true,
    }
}

/// What an exposure can be before the rollout sets it: a run that begins on the wrong side of its first value is refused.
fn before(plan: &Plan, exposure: &Exposure) -> (f64, f64) {
    let (low, high) = full(&exposure.scale);
    match (&exposure.scale, heads(&plan.stages, exposure)) {
        (Scale::Percent | Scale::Steps(_), Some((Some(Heads::Up), first))) => (low, first),
        (Scale::Percent | Scale::Steps(_), Some((Some(Heads::Down), first))) => (first, high),
        (Scale::Percent | Scale::Steps(_), Some((None, _)) | None) | (Scale::Choice(_), _) => {
            (low, high)
        }
    }
}

/// The moments of every stage, and those with which the rollout ends.
pub(super) fn moments(
    plan: &Plan,
    longest: fn(&Plan, &[Op]) -> Millis,
) -> (Vec<Vec<Moment>>, Vec<Moment>) {
    let mut now = vec![Moment {
        stage: StageId(0),
        longest: Millis::ZERO,
        at: vec![None; plan.exposures.len()],
        soak: Millis::ZERO,
        settled: Millis::ZERO,
        asked: Millis::ZERO,
        is_new: true,
    }];
    let mut all = Vec::new();
    for stage in &plan.stages {
        for one in &mut now {
            one.stage = stage.id;
            one.longest = longest(plan, &stage.ops);
            one.again();
        }
        let mut walk = Walk {
            plan,
            over: Vec::new(),
        };
        now = walk.ops(&stage.ops, now);
        walk.over.extend(now.iter().cloned());
        all.push(walk.over);
    }
    (all, now)
}

impl Moment {
    fn again(&mut self) {
        self.soak = Millis::ZERO;
        self.asked = Millis::ZERO;
        self.is_new = true;
    }
}

struct Walk<'a> {
    plan: &'a Plan,
    over: Vec<Moment>,
}

impl Walk<'_> {
    fn ops(&mut self, ops: &[Op], mut now: Vec<Moment>) -> Vec<Moment> {
        for op in ops {
            now = self.op(op, now);
        }
        now
    }

    fn op(&mut self, op: &Op, mut now: Vec<Moment>) -> Vec<Moment> {
        match op {
            Op::Expose {
                exposure, target, ..
            } => {
                for one in &mut now {
                    if !one.is_new {
                        self.over.push(one.clone());
                    }
                    one.again();
                    if self.grows(one, *exposure, *target) {
                        one.settled = Millis::ZERO;
                    }
                    if let Some(at) = one.at.get_mut(exposure.index()) {
                        *at = Some(*target);
                    }
                }
                told_apart(now)
            }
            Op::If {
                condition,
                then,
                otherwise,
                ..
            } => {
                let (test, plan) = (&condition.test, self.plan);
                let of = |can: fn(&Plan, &Test, &Scene) -> bool| -> Vec<Moment> {
                    let some = now.iter().filter(|one| one.can(plan, test, can));
                    some.cloned().collect()
                };
                let (yes, no) = (of(can_hold), of(can_fail));
                let mut ends = self.ops(then, yes);
                ends.extend(self.ops(otherwise, no));
                told_apart(ends)
            }
            Op::Parallel { strands, .. } if sets_something(op) => strands
                .iter()
                .fold(now, |now, strand| self.ops(&strand.ops, now)),
            Op::Step(_)
            | Op::Wait { .. }
            | Op::Until { .. }
            | Op::Verify { .. }
            | Op::Notify(_)
            | Op::Fail { .. }
            | Op::Parallel { .. }
            | Op::Undo { .. }
            | Op::NoReturn { .. }
            | Op::Approve(_) => {
                let time = soak(std::slice::from_ref(op));
                let asked = op.approval();
                let asked = asked.and_then(|id| self.plan.approvals.get(id.index()));
                let asked = asked.map_or(Millis::ZERO, |one| one.within);
                for one in &mut now {
                    one.soak = one.soak.saturating_add(time);
                    one.settled = one.settled.saturating_add(time);
                    one.asked = one.asked.saturating_add(asked);
                    one.is_new = false;
                }
                now
            }
        }
    }
}

impl Walk<'_> {
    /// Whether this shows users something that they did not see before.
    fn grows(&self, moment: &Moment, exposure: ExposureId, target: f64) -> bool {
        let before = moment.at.get(exposure.index()).copied().flatten();
        let known = self.plan.exposures.get(exposure.index());
        match known {
            Some(known) if known.scale.is_ordered() => target > before.unwrap_or_default(),
            Some(_) => before != Some(target),
            None => false,
        }
    }
}

fn sets_something(op: &Op) -> bool {
    let all = Op::all(std::slice::from_ref(op));
    all.iter().any(|op| matches!(op, Op::Expose { .. }))
}

/// Ways that come to the same: of two the one that is shorter.
fn told_apart(all: Vec<Moment>) -> Vec<Moment> {
    let mut apart: Vec<Moment> = Vec::new();
    for one in all {
        let is_full = apart.len() >= MOST_WAYS;
        match apart.iter_mut().find(|there| there.at == one.at) {
            Some(there) => {
                there.soak = there.soak.min(one.soak);
                there.settled = there.settled.min(one.settled);
                there.asked = there.asked.max(one.asked);
                there.is_new &= one.is_new;
            }
            None if is_full => {}
            None => apart.push(one),
        }
    }
    apart
}
