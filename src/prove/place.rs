//! Owns the look at where a state stands: its tasks, the attempts that are out, and how long each of them can last.

use crate::engine::{Aim, Moment, Phase, Running, State, Strands, Task, Waiting, Work};
use crate::plan::{Condition, Op, Plan, StageId};
use crate::value::Millis;

/// KILL comes this much after TERM for the command that sets an exposure.
const SET_GRACE: Millis = Millis::from_secs(10);

/// What is done about the operations that are under way.
pub(super) fn tasks(state: &State) -> impl Iterator<Item = &Task> {
    state.strands.values().map(|strand| &strand.task)
}

/// Whether what is done is waited with because of what a guard has seen, or not seen.
pub(super) fn waits_for_guards(state: &State) -> bool {
    tasks(state).any(|task| match task {
        Task::Soaking(soak) => soak.waits,
        Task::Settling { .. } => true,
        Task::Ready
        | Task::Attempting(_)
        | Task::Pausing { .. }
        | Task::Asking { .. }
        | Task::Interrupted { .. }
        | Task::Waiting(_)
        | Task::Joining { .. }
        | Task::Over
        | Task::Recovering(_)
        | Task::Watching(_) => false,
    })
}

/// The attempts that are out.
pub(super) fn attempts(state: &State) -> impl Iterator<Item = &Running> {
    state.running.iter()
}

/// What an attempt is for.
pub(super) fn aim(state: &State, running: &Running) -> Option<Aim> {
    match state.strands.get(&running.strand)?.task {
        Task::Attempting(aim) => Some(aim),
        Task::Ready
        | Task::Pausing { .. }
        | Task::Asking { .. }
        | Task::Interrupted { .. }
        | Task::Soaking(_)
        | Task::Waiting(_)
        | Task::Joining { .. }
        | Task::Over
        | Task::Settling { .. }
        | Task::Recovering(_)
        | Task::Watching(_) => None,
    }
}

/// A condition that is waited for.
pub(super) struct Awaited<'p> {
    pub(super) waiting: Waiting,
    pub(super) condition: &'p Condition,
    pub(super) warmup: Millis,
}

/// The conditions that are waited for, in the order of the strands.
pub(super) fn awaited<'p>(plan: &'p Plan, state: &State) -> Vec<Awaited<'p>> {
    let mut found = Vec::new();
    for strand in state.strands.values() {
        let (
            Task::Waiting(waiting),
            Some(
                Op::Until {
                    condition, warmup, ..
                }
                | Op::If {
                    condition, warmup, ..
                },
            ),
        ) = (&strand.task, state.op(plan, strand))
        else {
            continue;
        };
        found.push(Awaited {
            waiting: *waiting,
            condition,
            warmup: *warmup,
        });
    }
    found
}

/// How long an attempt can last: to its timeout, and when its time is over, to the end of its grace.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lasts {
    /// Its own last moment.
    pub(super) until: Moment,
    /// When it is gone after that.
    pub(super) gone: Moment,
}

/// The last moments of an attempt. Reads and probes are tried again up to a deadline, which is taken as one attempt.
pub(super) fn lasts(plan: &Plan, state: &State, running: &Running) -> Lasts {
    let (timeout, grace) = match running.work {
        Work::Step { step, .. } | Work::Check { step } => plan
            .steps
            .get(step.index())
            .map_or((Millis(0), Millis(0)), |step| (step.timeout, step.grace)),
        Work::Set { exposure, .. } => {
            let known = plan.exposures.get(exposure.index());
            (known.map_or(Millis(0), |one| one.timeout), SET_GRACE)
        }
        Work::Read { exposure } => {
            let known = plan.exposures.get(exposure.index());
            (known.map_or(Millis(0), |one| one.read_timeout), Millis(0))
        }
        Work::Probe { probe } => {
            let known = plan.probes.get(probe.index());
            (known.map_or(Millis(0), |one| one.timeout), Millis(0))
        }
        Work::Unless { .. } => (Millis::from_secs(10), Millis(0)),
    };
    let until = match aim(state, running) {
        Some(Aim::Agree { deadline, .. } | Aim::Probe { deadline }) => deadline,
        Some(Aim::Step { .. } | Aim::Unless { .. } | Aim::Set { .. } | Aim::Approve { .. })
        | None => running.since.after(timeout),
    };
    let until = until.max(state.now);
    Lasts {
        until,
        gone: until.after(grace),
    }
}

/// Whether the stage, or a point of no return in it, is next when the one thing that is under way is done: nothing that takes time is
/// between.
pub(super) fn ends_soon(plan: &Plan, state: &State) -> bool {
    let mut last = None;
    for (strand, op) in state.strand_ops(plan) {
        match (&strand.task, op) {
            (Task::Over, _) => {}
            (Task::Joining { begun }, Some(op)) if op.inside(*begun).is_none() => {}
            (_, _) if last.is_some() => return false,
            (_, _) => last = Some(strand),
        }
    }
    let last = last.filter(|_| state.stage().is_some());
    last.is_some_and(|strand| behind(state.ops(plan), &strand.at) != Behind::More)
}

/// What comes behind a place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Behind {
    /// Something that takes time.
    More,
    /// A point of no return.
    Point,
    /// The end.
    End,
}

fn behind(ops: &[Op], at: &[usize]) -> Behind {
    let (index, inside) = match at {
        [] => return Behind::End,
        [index] => (*index, Behind::End),
        [index, way, rest @ ..] => {
            let inside = ops.get(*index).and_then(|op| op.inside(*way));
            (*index, inside.map_or(Behind::End, |ops| behind(ops, rest)))
        }
    };
    if inside != Behind::End {
        return inside;
    }
    if let (Some(Op::NoReturn { .. }), [_]) = (ops.get(index), at) {
        return Behind::Point;
    }
    for op in ops.iter().skip(index.saturating_add(1)) {
        match op {
            // They can take no time.
            Op::Notify(_) | Op::Fail { .. } | Op::Undo { .. } | Op::If { .. } => {}
            Op::NoReturn { .. } => return Behind::Point,
            Op::Step(_)
            | Op::Wait { .. }
            | Op::Until { .. }
            | Op::Expose { .. }
            | Op::Verify { .. }
            | Op::Approve(_)
            | Op::Parallel { .. } => return Behind::More,
        }
    }
    Behind::End
}

/// Puts a state into a stage that has just begun.
pub(super) fn put_in_stage(state: &mut State, stage: StageId, began: Moment) {
    state.phase = Phase::Rolling { stage, began };
    state.strands = Strands::main_alone();
}

/// Changes what is known of each task.
pub(super) fn each_task(state: &mut State, mut change: impl FnMut(&mut Task)) {
    for strand in state.strands.values_mut() {
        change(&mut strand.task);
    }
}
