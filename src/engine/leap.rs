//! Owns the leap over quiet time: where a whole cycle of polls changed nothing but times and counts, and nothing else can happen for
//! so many more of them, they are taken at once. It decides nothing: what a cycle does is found out by taking one, and what is not
//! known to be a time or a count must be the same before and after.
//!
//! The engine compares the time with moments only. Those of them that go along with the cycle compare as they did; of all others the
//! soonest is where a leap ends.

use super::effect::Effect;
use super::input::Input;
use super::polls::is_needed;
use super::state::{Phase, State, Task};
use super::time::Moment;
use super::wake::timers;
use crate::plan::{Condition, Guard, Metric, Op, Plan};
use crate::value::Millis;

/// No cycle is longer.
const LONGEST: Millis = Millis::from_hours(24);

/// What a leap stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leapt {
    /// Facts that the engine would have taken.
    pub facts: u64,
    /// How often a metric would have been asked.
    pub queries: u64,
}

/// Follows a run and finds its quiet time.
#[derive(Debug, Default)]
pub struct Leaps {
    mark: Option<Mark>,
    /// Before this there is nothing to be found.
    not_before: Moment,
}

/// The beginning of a cycle.
#[derive(Debug)]
struct Mark {
    state: State,
    length: Millis,
    /// Up to here the world answers as it does now.
    edge: Moment,
    timers: Vec<Moment>,
    leapt: Leapt,
}

impl Leaps {
    /// A fact was applied, and these orders followed from it.
    pub fn saw(&mut self, input: &Input, effects: &[Effect]) {
        let Some(mark) = &mut self.mark else {
            return;
        };
        let polls = matches!(input, Input::Tick | Input::Sample { .. });
        let asks = |effect: &Effect| matches!(effect, Effect::Query { .. });
        if polls && effects.iter().all(asks) {
            let queries = u64::try_from(effects.len()).unwrap_or(u64::MAX);
            mark.leapt.facts = mark.leapt.facts.saturating_add(1);
            mark.leapt.queries = mark.leapt.queries.saturating_add(queries);
        } else {
            self.mark = None;
        }
    }

    /// Looks at a state to which nothing more comes at its time, as far as the caller knows; `edge` is the moment up to which the
    /// world answers every question as it does now. Leaps when a cycle is behind it, and says over what.
    pub fn look(
        &mut self,
        plan: &Plan,
        state: &mut State,
        edge: impl FnOnce(&State) -> Option<Moment>,
    ) -> Option<Leapt> {
        let from = match &self.mark {
            Some(mark) => mark.state.now.after(mark.length),
            None => self.not_before,
        };
        if state.now < from {
            return None;
        }
        let edge = edge(state)?;
        self.not_before = state.now.after(Millis(1));
        let Some(length) = cycle(plan, state) else {
            self.mark = None;
            return None;
        };
        let leapt = match self.mark.take() {
            Some(mark) if from == state.now && mark.length == length => mark.leap(plan, state),
            Some(_) | None => None,
        };
        if let Some((leapt, end)) = leapt {
            self.not_before = end;
            return Some(leapt);
        }
        self.mark = Some(Mark {
            length,
            edge: edge.min(fresh_until(plan, state)),
            timers: all_timers(plan, state),
            leapt: Leapt::default(),
            state: state.clone(),
        });
        None
    }
}

impl Mark {
    /// Takes as many cycles like the one that led from the mark to the state as fit; also says where they had to end.
    fn leap(mut self, plan: &Plan, state: &mut State) -> Option<(Leapt, Moment)> {
        let timers = all_timers(plan, state);
        if timers.len() != self.timers.len() {
            return None;
        }
        let mut end = self.edge;
        for (before, after) in self.timers.iter().zip(&timers) {
            if after == before {
                end = end.min(*after);
            } else if *after != before.after(self.length) {
                return None;
            }
        }
        let room = end.0.checked_sub(1)?.checked_sub(state.now.0)?;
        let times = room.checked_div(self.length.0).filter(|times| *times > 0)?;
        // What a cycle moves, taken from the state; what it moves besides is a difference.
        let mut then = state.clone();
        let by = Shift {
            cycle: self.length,
            times,
        };
        moved(&mut self.state, &mut then, by)?;
        if self.state != *state {
            return None;
        }
        *state = then;
        let leapt = Leapt {
            facts: self.leapt.facts.saturating_mul(times),
            queries: self.leapt.queries.saturating_mul(times),
        };
        Some((leapt, end))
    }
}

/// How far a leap goes.
#[derive(Clone, Copy)]
struct Shift {
    cycle: Millis,
    times: u64,
}

impl Shift {
    /// Brings a moment from the beginning of a cycle to its end, and that of the end to where the leap ends; leaves both where they
    /// are when they are the same. Nothing when they have to do with each other in another way.
    fn moment(self, before: &mut Moment, after: &mut Moment) -> Option<()> {
        if before != after {
            *before = before.after(self.cycle);
            if before != after {
                return None;
            }
            *after = after.after(Millis(self.cycle.0.checked_mul(self.times)?));
        }
        Some(())
    }

    fn count(self, before: &mut u32, after: &mut u32) -> Option<()> {
        let more = u64::from(after.checked_sub(*before)?).checked_mul(self.times)?;
        *before = *after;
        *after = after.checked_add(u32::try_from(more).ok()?)?;
        Some(())
    }

    fn span(self, before: &mut Millis, after: &mut Millis) -> Option<()> {
        let (mut from, mut to) = (Moment(before.0), Moment(after.0));
        self.moment(&mut from, &mut to)?;
        (*before, *after) = (Millis(from.0), Millis(to.0));
        Some(())
    }
}

/// Moves all that a cycle may move: in the state before it to where it is after it, and in the state after it to where the leap ends.
fn moved(before: &mut State, after: &mut State, by: Shift) -> Option<()> {
    by.moment(&mut before.now, &mut after.now)?;
    let wall = after.wall.checked_sub(before.wall)?;
    if u64::try_from(wall) != Ok(by.cycle.0) {
        return None;
    }
    before.wall = after.wall;
    let walls = i64::try_from(by.times).ok()?.checked_mul(wall)?;
    after.wall = after.wall.checked_add(walls)?;
    for (before, after) in before.metrics.iter_mut().zip(&mut after.metrics) {
        by.moment(&mut before.due, &mut after.due)?;
        if let (Some(before), Some(after)) = (&mut before.reading, &mut after.reading) {
            by.moment(&mut before.0, &mut after.0)?;
        }
        if let (Some(before), Some(after)) = (&mut before.value, &mut after.value) {
            by.moment(&mut before.0, &mut after.0)?;
        }
    }
    for (before, after) in before.guards.iter_mut().zip(&mut after.guards) {
        if let (Some(before), Some(after)) = (&mut before.seen, &mut after.seen) {
            by.moment(before, after)?;
        }
        by.count(&mut before.looked, &mut after.looked)?;
        by.count(&mut before.valid, &mut after.valid)?;
        if let (Some(before), Some(after)) = (&mut before.streak, &mut after.streak) {
            for (before, after) in before.hits.iter_mut().zip(&mut after.hits) {
                by.moment(before, after)?;
            }
        }
    }
    for (before, after) in before.strands.values_mut().zip(after.strands.values_mut()) {
        match (&mut before.task, &mut after.task) {
            (Task::Soaking(before), Task::Soaking(after)) => {
                by.span(&mut before.served, &mut after.served)?;
                by.moment(&mut before.counted, &mut after.counted)?;
            }
            (Task::Watching(before), Task::Watching(after)) => {
                by.moment(&mut before.seen, &mut after.seen)?;
            }
            // No other task moves by itself.
            (_, _) => {}
        }
    }
    Some(())
}

fn all_timers(plan: &Plan, state: &State) -> Vec<Moment> {
    let mut all = Vec::new();
    timers(plan, state, |moment| all.push(moment));
    all
}

/// The first moment at which a value is stale that nobody asks for any more, and may be read all the same.
fn fresh_until(plan: &Plan, state: &State) -> Moment {
    let known = plan.metrics.iter().zip(&state.metrics);
    let left = known.filter(|(metric, _)| !is_needed(plan, state, metric.id));
    let stale = left.filter_map(|(metric, known)| {
        let (at, _) = known.reading.as_ref()?;
        let stale = at.after(metric.stale).after(Millis(1));
        (stale > state.now).then_some(stale)
    });
    stale.min().unwrap_or(Moment(u64::MAX))
}

/// After how long the polls of a state repeat; nothing when something in it depends on how late it is, or an answer is out.
fn cycle(plan: &Plan, state: &State) -> Option<Millis> {
    let is_on = state.leaving.is_none()
        && !state.left
        && state.turn.is_none()
        && state.gap.is_none()
        && state.hold.is_none()
        && state.notices.is_empty();
    if !is_on || !tasks_keep(plan, state) || !sights_keep(plan, state) {
        return None;
    }
    let mut length = None;
    for metric in &plan.metrics {
        if !is_needed(plan, state, metric.id) {
            continue;
        }
        let known = state.metrics.get(metric.id.index())?;
        if known.asked || known.due <= state.now {
            return None;
        }
        let both = lcm(length.unwrap_or(metric.every.0), metric.every.0)?;
        length = Some(both).filter(|length| *length <= LONGEST.0);
        length?;
    }
    length.map(Millis)
}

/// Whether the place and what is done in it stay as they are until a timer of theirs.
fn tasks_keep(plan: &Plan, state: &State) -> bool {
    let place = match &state.phase {
        Phase::Rolling { .. } => true,
        Phase::RollingBack { .. } => state.watching().is_some_and(|one| one.streak.is_none()),
        Phase::New | Phase::Preparing(_) | Phase::Closing(_) | Phase::Final(_) => false,
    };
    let mut tasks = state.strand_ops(plan);
    place
        && tasks.all(|(strand, op)| match &strand.task {
            // What is next is looked at with the window, which the wall clock opens.
            Task::Ready => plan.window.is_none(),
            Task::Waiting(waiting) => match op {
                Some(
                    Op::Until {
                        condition, warmup, ..
                    }
                    | Op::If {
                        condition, warmup, ..
                    },
                ) => is_warm(plan, state, (condition, waiting.since.after(*warmup))),
                Some(_) | None => false,
            },
            Task::Attempting(_)
            | Task::Pausing { .. }
            | Task::Asking { .. }
            | Task::Interrupted { .. }
            | Task::Soaking(_)
            | Task::Joining { .. }
            | Task::Over
            | Task::Watching(_) => true,
            // Whether enough was seen of a stage is a share, which the polls change.
            Task::Settling { .. } | Task::Recovering(_) => false,
        })
}

/// Whether all that is watched counts from here on, and grows in no way that comes to something.
fn sights_keep(plan: &Plan, state: &State) -> bool {
    let began = state.place_began();
    let Some(stage) = state.stage() else {
        let level = state.level();
        let recovered = level.and_then(|level| plan.recovered_of(level));
        return recovered.is_some_and(|one| is_warm(plan, state, (&one.condition, began)));
    };
    let mut guards = plan.guards.iter();
    guards.all(|guard: &Guard| {
        let grows = state.guards.get(guard.id.index());
        let grows = grows.is_none_or(|known| known.streak.is_some() && !known.tripped);
        let warm = began.after(guard.warmup);
        !guard.scope.covers(stage) || !grows && is_warm(plan, state, (&guard.condition, warm))
    })
}

/// Whether every metric of a condition has answered since, and the condition does not ask how late it is.
fn is_warm(plan: &Plan, state: &State, (condition, since): (&Condition, Moment)) -> bool {
    !condition.test.reads_elapsed()
        && condition.metrics.iter().all(|id| {
            let known = state.metrics.get(id.index());
            let reading = known.and_then(|known| known.reading.as_ref());
            let metric = plan.metrics.get(id.index());
            let mut leaning = metric.into_iter().flat_map(Metric::leans_on);
            reading.is_some_and(|(at, _)| *at >= since)
                && !leaning.any(|other| other.test.reads_elapsed())
        })
}

fn lcm(one: u64, other: u64) -> Option<u64> {
    let (mut a, mut b) = (one, other);
    while let Some(rest) = a.checked_rem(b) {
        (a, b) = (b, rest);
    }
    one.checked_div(a)?.checked_mul(other)
}
