//! Owns worst-case times of straight-line pieces of a plan: sums of what the plan itself bounds. It simulates nothing.

use super::{
    Condition, ExposureId, Guard, Level, MetricId, Op, Plan, Stage, Step, StepId, Sustain,
    THERE_AND_BACK, Unless, Way,
};
use crate::value::Millis;

/// KILL comes this much after TERM for the command that sets an exposure.
const SET_GRACE: Millis = Millis::from_secs(10);

/// A look ends so much after the slowest answer may come.
const A_MOMENT: Millis = Millis::from_secs(1);

/// A worst case, and what it is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bound {
    /// The sum.
    pub total: Millis,
    /// Each part with its name, in order.
    pub parts: Vec<(String, Millis)>,
}

impl Bound {
    fn add(&mut self, name: impl Into<String>, time: Millis) {
        self.total = Millis(self.total.0.saturating_add(time.0));
        self.parts.push((name.into(), time));
    }
}

/// The worst case of a level: every attempt of every step runs into its timeout and is killed, every read agrees and every
/// probe holds at the last moment, and recovery is judged until its end.
#[must_use]
pub fn level_bound(plan: &Plan, level: &Level) -> Bound {
    let mut bound = ops_bound(plan, &level.ops);
    if let Some(recovered) = plan.recovered_of(level.id) {
        bound.add("recovered", recovered.within);
    }
    bound
}

/// The worst case of a stage that nothing holds and in which nobody is asked: every step as in a level, every wait to the moment at
/// which it would become a hold, then the first look of each guard.
#[must_use]
pub fn stage_bound(plan: &Plan, stage: &Stage) -> Bound {
    let mut bound = Bound::default();
    for op in &stage.ops {
        op_bound(plan, op, &mut bound);
    }
    for wait in Op::all(&stage.ops) {
        if let Op::Wait { min, max } = wait {
            bound.add(
                format!("wait, to {max}"),
                Millis(max.0.saturating_sub(min.0)),
            );
        }
    }
    let looks = plan.guards.iter();
    let looks = looks.filter(|guard| guard.scope.covers(stage.id));
    let looks = looks.map(|guard| {
        let asks = guard.condition.metrics.iter();
        let timeout = asks
            .filter_map(|id| plan.metrics.get(id.index()))
            .map(|metric| metric.timeout)
            .max();
        let twice = Millis(guard.every.0.saturating_mul(2));
        guard
            .warmup
            .saturating_add(twice)
            .saturating_add(timeout.unwrap_or_default())
    });
    if let Some(longest) = looks.max() {
        bound.add("guards look", longest);
    }
    bound
}

/// How long a look at what a condition reads takes at most: as long as the slowest answer may, and a second.
fn looks(plan: &Plan, condition: &Condition) -> Option<Millis> {
    let leaned_on = plan.leaned_on(condition);
    let read = leaned_on.iter().chain(&condition.metrics);
    let timeouts = read.filter_map(|id| Some(plan.metrics.get(id.index())?.timeout));
    timeouts
        .max()
        .map(|longest| longest.saturating_add(A_MOMENT))
}

/// The worst case of the whole way back, or forward: every level is cut off at its end, what runs then is killed after its grace, and
/// the next one begins.
#[must_use]
pub fn way_bound(plan: &Plan, way: Way) -> Bound {
    let mut bound = Bound::default();
    for level in plan.levels_on(way) {
        if let Some(looks) = level.when.as_ref().and_then(|when| looks(plan, when)) {
            bound.add("a look", looks);
        }
        bound.add(format!("level {}", level.name), level.within);
        let graces = Op::all(&level.ops).into_iter().filter_map(|op| match op {
            Op::Step(step) => plan.steps.get(step.index()).map(|step| step.grace),
            Op::Expose { .. } => Some(SET_GRACE),
            Op::Wait { .. }
            | Op::Until { .. }
            | Op::Verify { .. }
            | Op::Notify(_)
            | Op::Fail { .. }
            | Op::Approve(_)
            | Op::Parallel { .. }
            | Op::Undo { .. }
            | Op::NoReturn { .. }
            | Op::If { .. } => None,
        });
        if let Some(grace) = graces.max() {
            bound.add("its end", grace);
        }
    }
    bound
}

pub(super) fn op_bound(plan: &Plan, op: &Op, bound: &mut Bound) {
    match op {
        Op::Step(step) => {
            if let Some(step) = plan.steps.get(step.index()) {
                bound.add(format!("step {}", step.name), step_bound(plan, step));
            }
        }
        Op::Wait { min, .. } => bound.add(format!("wait {min}"), *min),
        Op::Until {
            condition, within, ..
        } => bound.add(format!("wait until {}", condition.text), *within),
        Op::Expose {
            exposure,
            target,
            within,
        } => {
            let (name, timeout) = of_exposure(plan, *exposure);
            let target = plan.shown(*exposure, *target);
            // Setting may have to be killed. The last read is cut off with the time for reading back, so it adds nothing.
            bound.add(
                format!("expose {name} {target}"),
                timeout.saturating_add(SET_GRACE).saturating_add(*within),
            );
        }
        Op::Verify { probe, within, .. } => {
            let name = plan
                .probes
                .get(probe.index())
                .map_or("?", |probe| probe.name.as_str());
            bound.add(format!("verify {name}"), *within);
        }
        Op::Parallel {
            strands,
            most,
            hosts,
        } => {
            let worst: Vec<Millis> = strands
                .iter()
                .map(|strand| ops_bound(plan, &strand.ops).total)
                .collect();
            bound.add(
                match hosts.and_then(|step| plan.steps.get(step.index())) {
                    Some(step) => format!("step {} on {} hosts", step.name, strands.len()),
                    None => format!("parallel, {} strands", strands.len()),
                },
                at_once(&worst, *most),
            );
        }
        Op::If {
            condition,
            within,
            then,
            otherwise,
            ..
        } => {
            let (then, otherwise) = (ops_bound(plan, then), ops_bound(plan, otherwise));
            let worst = then.total.max(otherwise.total);
            bound.add(
                format!("if {}", condition.text),
                within.saturating_add(worst),
            );
        }
        // All of them may have begun, and one is undone after the other.
        Op::Undo { of } => {
            for one in of {
                bound.add(
                    format!("undo {}", step_name(plan, one.step)),
                    ops_bound(plan, &one.ops).total,
                );
            }
        }
        // How long guards are waited for is counted with the stage.
        Op::Notify(_) | Op::Fail { .. } | Op::Approve(_) | Op::NoReturn { .. } => {}
    }
}

fn step_name(plan: &Plan, step: StepId) -> &str {
    plan.steps
        .get(step.index())
        .map_or("?", |step| step.name.as_str())
}

fn ops_bound(plan: &Plan, ops: &[Op]) -> Bound {
    let mut bound = Bound::default();
    for op in ops {
        op_bound(plan, op, &mut bound);
    }
    bound
}

/// The worst case of strands of which at most so many are under way, each of which begins in its turn as soon as there is room:
/// the longest of them, after the others have had all the room.
fn at_once(worst: &[Millis], most: Option<u32>) -> Millis {
    let longest = worst.iter().max().copied().unwrap_or_default();
    let sum = worst
        .iter()
        .fold(0_u64, |sum, one| sum.saturating_add(one.0));
    let room = most.map_or(u64::MAX, u64::from).max(1);
    if room >= worst.len() as u64 {
        return longest;
    }
    let before = sum.saturating_sub(longest.0).div_ceil(room);
    Millis(before.saturating_add(longest.0))
}

fn of_exposure(plan: &Plan, id: ExposureId) -> (String, Millis) {
    plan.exposures.get(id.index()).map_or_else(
        || ("?".to_owned(), Millis(0)),
        |e| (e.name.clone(), e.timeout),
    )
}

/// The worst case of one step: `unless`, then every attempt to its timeout and grace, with the pauses between. An `unless` that cannot be
/// asked fails an attempt, and is asked again in the next one, so that either may be what each attempt but the last takes.
#[must_use]
pub fn step_bound(plan: &Plan, step: &Step) -> Millis {
    let there = match &step.host {
        Some(_) => THERE_AND_BACK.0,
        None => 0,
    };
    let one = step
        .timeout
        .0
        .saturating_add(step.grace.0)
        .saturating_add(there);
    let unless = match &step.unless {
        Some(Unless::Probe(probe)) => plan.probes.get(probe.index()).map_or(0, |p| p.timeout.0),
        Some(Unless::Command(_)) => there.saturating_add(10_000),
        None => 0,
    };
    let more = u64::from(step.retry.more);
    let mut total = one.max(unless).saturating_mul(more).saturating_add(one);
    let (mut pause, most) = (
        step.retry.first.0,
        step.retry.most.0.max(step.retry.first.0),
    );
    for _ in 0..step.retry.more {
        total = total.saturating_add(pause);
        pause = pause.saturating_mul(2).min(most);
    }
    Millis(total.saturating_add(unless))
}

/// How long a breach can go unseen by a guard at the beginning of a stage: warm-up, the polls of `for`, one more poll and its timeout, and
/// the source's lag.
#[must_use]
pub fn detection_bound(plan: &Plan, guard: &Guard) -> Bound {
    let mut bound = Bound::default();
    let asks = Asks::of(plan, guard);
    bound.add("warm-up", guard.warmup);
    match guard.sustain {
        Sustain::Once => {}
        Sustain::Time(span) => {
            let polled = in_whole_polls(span, (guard.every, asks.timeout));
            if polled == span {
                bound.add("for", span);
            } else {
                bound.add(format!("for {span} in whole polls"), polled);
            }
        }
        Sustain::OutOf { breaches, samples } => {
            let polls = u64::from(breaches.max(samples)).saturating_sub(1);
            let pace = guard.every.max(asks.timeout);
            bound.add(
                format!("for {breaches} of {samples}"),
                Millis(pace.0.saturating_mul(polls)),
            );
        }
    }
    bound.add("every", asks.every);
    bound.add("timeout", asks.timeout);
    if let Some(again) = asks.again {
        bound.add("the first again", again);
    }
    if asks.lag.0 > 0 {
        bound.add("lag", asks.lag);
    }
    bound
}

/// The same until it is acted on in a stage: an attempt of a protected step that is under way then is let end first.
#[must_use]
pub fn reaction_bound(plan: &Plan, guard: &Guard, stage: &Stage) -> Bound {
    let mut bound = detection_bound(plan, guard);
    if let Some((name, time)) = longest_protected(plan, stage) {
        bound.add(format!("protected step {name}"), time);
    }
    bound
}

/// The protected step of a stage whose attempt can last longest, and how long that is.
fn longest_protected<'p>(plan: &'p Plan, stage: &Stage) -> Option<(&'p str, Millis)> {
    let steps = Op::all(&stage.ops).into_iter().filter_map(Op::step);
    let steps = steps.filter_map(|step| plan.steps.get(step.index()));
    let times = steps.filter(|step| step.protected).map(|step| {
        let there = step.host.as_ref().map_or(Millis::ZERO, |_| THERE_AND_BACK);
        let time = step.timeout.saturating_add(step.grace);
        (step.name.as_str(), time.saturating_add(there))
    });
    times.max_by_key(|(_, time)| *time)
}

/// How long after the beginning of a stage a guard has certainly looked, if all that it asks answers.
#[must_use]
pub fn first_look(plan: &Plan, guard: &Guard) -> Millis {
    let asks = Asks::of(plan, guard);
    let once = guard.warmup.saturating_add(asks.every);
    let once = once.saturating_add(asks.timeout);
    once.saturating_add(asks.again.unwrap_or_default())
}

/// The slowest of what a guard asks.
struct Asks {
    every: Millis,
    timeout: Millis,
    lag: Millis,
    /// What several metrics say is judged with the next answer of the first.
    again: Option<Millis>,
}

impl Asks {
    fn of(plan: &Plan, guard: &Guard) -> Self {
        let slowest = |of: fn(&super::Metric) -> Millis| {
            let metrics = guard.condition.metrics.iter();
            metrics
                .filter_map(|id: &MetricId| plan.metrics.get(id.index()))
                .map(of)
                .max()
                .unwrap_or_default()
        };
        let timeout = slowest(|metric| metric.timeout);
        let again = guard.every.saturating_add(timeout);
        Self {
            every: slowest(|metric| metric.every).max(guard.every),
            timeout,
            lag: slowest(|metric| metric.lag),
            again: (guard.condition.metrics.len() > 1).then_some(again),
        }
    }
}

/// How long after the poll of a first breach the poll is at most that shows it to have held for a span: a poll sees it only when it comes, and
/// where the first answer was late and the last ones are not, one more is needed.
fn in_whole_polls(span: Millis, (every, timeout): (Millis, Millis)) -> Millis {
    let least = span.saturating_add(timeout);
    if timeout > every {
        // The rhythm is not kept.
        return least.saturating_add(every);
    }
    let polls = least.0.div_ceil(every.0.max(1));
    Millis(every.0.saturating_mul(polls))
}
