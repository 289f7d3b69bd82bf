//! Owns paths that are wanted for what happens on them: the search for the shortest of those that a test can tell, and a path with all that
//! was there before each of its moves.

use std::collections::{BTreeMap, VecDeque};

use crate::engine::{Aim, Effect, Moment, Outcome, Reading, Sight, State, Task, Work};
use crate::plan::{MetricId, Plan};

use super::act::Actor;
use super::bytes::Bytes;
use super::end::end_of;
use super::kinds::Kinds;
use super::likeness::likeness;
use super::moves::{How, Move, Start, moves};
use super::node::Node;
use super::place;
use super::sweep::path_to;

/// So many paths are kept of each thing that is wanted.
const PATHS: usize = 4;

/// A move of a path, with what was there before it.
#[derive(Clone, Debug)]
pub struct Leg {
    /// What happens.
    pub happens: Move,
    /// Where the run stood.
    pub before: State,
    /// What metrics have to say for it to happen.
    pub readings: Vec<(MetricId, Reading)>,
    /// How an attempt ends that ends well.
    pub ends: Option<Outcome>,
    /// What follows from it.
    pub effects: Vec<Effect>,
    /// When it is over.
    pub after: Moment,
}

/// A path, gone again on the engine.
#[must_use]
pub fn legs(plan: &Plan, path: &[Move]) -> Vec<Leg> {
    let actor = Actor::of(plan);
    let mut node = actor.beginning();
    let mut all = Vec::new();
    for happens in path {
        let readings = readings(&actor, &node.state, *happens);
        let ends = actor.ends_well(&node, *happens);
        let (next, effects) = actor.after(node.clone(), *happens);
        all.push(Leg {
            happens: *happens,
            readings,
            ends,
            effects,
            after: next.state.now,
            before: node.state,
        });
        node = next;
    }
    all
}

/// What metrics say when a move happens.
fn readings(actor: &Actor<'_>, state: &State, happens: Move) -> Vec<(MetricId, Reading)> {
    let plan = actor.plan;
    let sights = &actor.sights;
    let judged = sights.judged(state.way());
    let values = |witness: Option<&super::sight::Witness>| -> Vec<(MetricId, Reading)> {
        let all = witness.into_iter().flatten();
        all.map(|(metric, value)| (*metric, Reading::Value(*value)))
            .collect()
    };
    let silent = |metrics: &[MetricId]| -> Vec<(MetricId, Reading)> {
        let nothing = || Reading::NoData("no samples".to_owned());
        metrics.iter().map(|id| (*id, nothing())).collect()
    };
    match happens {
        Move::Trips { guard, .. } | Move::Flaps(guard) => {
            values(sights.trips.witness(plan, state, guard))
        }
        Move::Blinds { guard, .. } | Move::Misses { guard, .. } => {
            let guard = plan.guards.get(guard.index());
            guard.map_or_else(Vec::new, |one| silent(&one.condition.metrics))
        }
        Move::Recovers { .. } => values(judged.recovered.as_ref()),
        Move::Relapses { .. } => values(judged.relapsed.as_ref()),
        Move::Passes { .. } => {
            // As long as nothing else is said, it has not recovered.
            let is_judged = |task: &Task| matches!(task, Task::Recovering(_));
            if place::tasks(state).any(is_judged) {
                values(judged.relapsed.as_ref())
            } else {
                Vec::new()
            }
        }
        Move::Awaits { which, holds, at } => {
            let all = place::awaited(plan, state);
            let Some(awaited) = all.get(which) else {
                return Vec::new();
            };
            let Some(holds) = holds else {
                return silent(&awaited.condition.metrics);
            };
            let mut then = state.clone();
            then.now = at;
            let wanted = if holds { Sight::Breach } else { Sight::Ok };
            values(
                sights
                    .witness(plan, &then, awaited.condition, wanted)
                    .as_ref(),
            )
        }
        Move::Drifts(index) => sights.drifts.get(index).cloned().unwrap_or_default(),
        Move::Begins(_)
        | Move::Ends { .. }
        | Move::Sees(_)
        | Move::Answers { .. }
        | Move::Orders
        | Move::Leaves
        | Move::TakenUp => Vec::new(),
    }
}

/// What a transition shows of what is wanted: the state before it, the one after it, and what was ordered and said.
pub type Wanted<'a> = &'a mut dyn FnMut((&State, &State), &[Effect]) -> Vec<usize>;

/// The shortest paths on which each thing that is wanted happens, of those that a test can tell: nobody leaves or orders anything, the
/// window stays open, and metrics say what they say for a reason.
#[must_use]
pub fn told_ways(
    plan: &Plan,
    budget: usize,
    wanted: Wanted<'_>,
) -> BTreeMap<usize, Vec<Vec<Move>>> {
    let mut actor = Actor::of(plan);
    // A test names the guard that trips, so none stands for another one.
    actor.sights.trips.each_for_itself(plan);
    let mut found: BTreeMap<usize, Vec<Vec<Move>>> = BTreeMap::new();
    let mut seen = Kinds::default();
    let mut key = Bytes::default();
    let mut trail: Vec<(usize, Move)> = Vec::new();
    let mut queue: VecDeque<(usize, Node)> = VecDeque::from([(0, actor.beginning())]);
    while let Some((number, node)) = queue.pop_front() {
        for happens in moves(&actor, &node) {
            if !can_be_told(&node.state, happens) {
                continue;
            }
            let (next, effects) = actor.after(node.clone(), happens);
            for which in wanted((&node.state, &next.state), &effects) {
                let known = found.entry(which).or_default();
                if known.len() < PATHS {
                    let mut path = path_to(&trail, number);
                    path.push(happens);
                    known.push(path);
                }
            }
            key.clear();
            key.put(next.monitor.bytes());
            likeness(&next.state, &mut key);
            let key = key.written();
            if trail.len() >= budget || seen.has(key) {
                continue;
            }
            seen.put(key);
            trail.push((number, happens));
            if end_of(&next).is_none() {
                queue.push_back((trail.len(), next));
            }
        }
    }
    found
}

/// Whether a line of a test makes it happen.
fn can_be_told(state: &State, happens: Move) -> bool {
    match happens {
        Move::Begins(start) => start == Start::Well,
        Move::Ends {
            attempt,
            how,
            closed,
            ..
        } => {
            let out = state.running.iter().find(|one| one.attempt == attempt);
            let Some(running) = out else {
                return false;
            };
            let is_ended_well = match (running.work, place::aim(state, running)) {
                (Work::Unless { .. }, Some(Aim::Unless { resolves, .. })) => resolves.is_some(),
                (_, _) => true,
            };
            !closed
                && match how {
                    How::Well => is_ended_well,
                    How::Fails => !matches!(running.work, Work::Read { .. }),
                    How::Hangs => !matches!(running.work, Work::Unless { .. }),
                    How::Stops => true,
                    How::Dies => matches!(running.work, Work::Step { .. }),
                    How::Prints(_) | How::NeverBegins => false,
                }
        }
        Move::Passes { closed, .. } => !closed,
        Move::Trips { .. } | Move::Recovers { .. } | Move::Answers { .. } => true,
        Move::Awaits { holds, .. } => holds.is_some(),
        Move::Flaps(_)
        | Move::Misses { .. }
        | Move::Blinds { .. }
        | Move::Sees(_)
        | Move::Drifts(_)
        | Move::Relapses { .. }
        | Move::Orders
        | Move::Leaves
        | Move::TakenUp => false,
    }
}
