//! Owns the laws of the engine: what holds after every input, whatever the world does. It only looks.

use std::collections::BTreeSet;

use super::effect::{Effect, QuestionAbout, Verdict, Work};
use super::state::{Phase, Running, State, Task};
use super::strand::{StrandId, StrandState};
use super::undo::Fate;
use crate::plan::{Op, Plan, StepId};

/// The first law that is broken after `effects` came out of an input; nothing when all hold.
///
/// `was_over` says whether the run was over before the input.
#[must_use]
pub fn broken(
    plan: &Plan,
    (before, after): (&State, &State),
    effects: &[Effect],
) -> Option<&'static str> {
    if after.now < before.now {
        return Some("time never goes back");
    }
    if let Some(law) = of_attempts((before, after), effects).or_else(|| of_strands(plan, after)) {
        return Some(law);
    }
    if let Some(law) = of_undoing(plan, (before, after), effects) {
        return Some(law);
    }
    if matches!(before.phase, Phase::Final(_)) && effects.iter().any(acts) {
        let reopened = matches!(before.phase, Phase::Final(Verdict::Stuck { .. }))
            && !matches!(after.phase, Phase::Final(_));
        if !reopened {
            return Some("nothing is done after the end");
        }
    }
    let verdicts = effects
        .iter()
        .filter(|effect| matches!(effect, Effect::Finish(_)))
        .count();
    if verdicts > 1 || (verdicts == 1) != (became_final(before, after)) {
        return Some("exactly one verdict");
    }
    if let Phase::Rolling { .. } | Phase::RollingBack { .. } = after.phase
        && after.exposures.iter().any(Option::is_none)
    {
        return Some("exposure is known");
    }
    let opened = effects
        .iter()
        .filter(|effect| matches!(effect, Effect::Open { .. }))
        .count();
    if opened > 1 || (opened == 1) != (!before.incident && after.incident) {
        return Some("at most one incident");
    }
    if after.hold.is_some() && !matches!(after.phase, Phase::Rolling { .. }) {
        return Some("only a stage is held");
    }
    if let Phase::Final(Verdict::Aborted { .. } | Verdict::Refused { .. }) = after.phase
        && after.changed
    {
        return Some("aborted and refused mean that nothing was changed");
    }
    if before.past_return.is_some() && after.past_return != before.past_return {
        return Some("a point of no return is passed once, and for good");
    }
    if let Phase::RollingBack { level, .. } = after.phase {
        let Some(level) = plan.level(level) else {
            return Some("a level exists");
        };
        if level.way != after.way() {
            return Some(
                "behind the point of no return nothing is rolled back, and before it nothing goes forward",
            );
        }
    }
    None
}

/// What holds of attempts.
fn of_attempts((before, after): (&State, &State), effects: &[Effect]) -> Option<&'static str> {
    let out: BTreeSet<StrandId> = after.running.iter().map(|one| one.strand).collect();
    if out.len() != after.running.len() {
        return Some("one attempt of a strand is out at a time");
    }
    let steps: Vec<StepId> = after.running.iter().filter_map(step_of).collect();
    let different: BTreeSet<StepId> = steps.iter().copied().collect();
    if different.len() != steps.len() {
        return Some("one attempt of a step is out at a time");
    }
    let starts = || {
        effects.iter().filter_map(|effect| match effect {
            Effect::Start { attempt, work, .. } => Some((*attempt, *work)),
            Effect::Stop { .. }
            | Effect::Query { .. }
            | Effect::LookBack { .. }
            | Effect::Measure { .. }
            | Effect::Ask(_)
            | Effect::Withdraw(_)
            | Effect::Notify { .. }
            | Effect::Open { .. }
            | Effect::Remind { .. }
            | Effect::Say(_)
            | Effect::Left(_)
            | Effect::Finish(_) => None,
        })
    };
    if starts().any(|(attempt, _)| !after.running.iter().any(|one| one.attempt == attempt)) {
        return Some("what starts is out");
    }
    if starts().any(|(attempt, _)| before.running.iter().any(|one| one.attempt == attempt)) {
        return Some("an attempt starts once");
    }
    if starts().next().is_some() && (after.turn.is_some() || after.left) {
        return Some("nothing starts while the run turns");
    }
    // Beside an outcome that nobody knows, only what a person has answered begins.
    let unknown = |state: &State| {
        let all = state.questions.iter();
        all.filter(|one| matches!(one.about, QuestionAbout::Unknown { .. }))
            .map(|one| one.number)
            .collect::<BTreeSet<_>>()
    };
    let (asked, open) = (unknown(before), unknown(after));
    let answered = asked.difference(&open).count();
    let changes = starts()
        .filter(|(_, work)| work.changes_something())
        .count();
    if asked.intersection(&open).next().is_some() && changes > answered {
        return Some("nothing is changed beside what nobody knows the outcome of");
    }
    None
}

/// What holds of undoing.
fn of_undoing(
    plan: &Plan,
    (before, after): (&State, &State),
    effects: &[Effect],
) -> Option<&'static str> {
    let starts = effects.iter().filter_map(|effect| {
        if let Effect::Start {
            work: Work::Step { step, .. },
            ..
        } = effect
        {
            plan.steps.get(step.index())
        } else {
            None
        }
    });
    for step in starts {
        let begun = |state: &State| state.begun.iter().any(|one| one.step == step.id);
        if !step.undo.is_empty() && !begun(after) && matches!(after.phase, Phase::Rolling { .. }) {
            return Some("what begins and can be undone is remembered");
        }
        let Some(undone) = step.undoes else {
            continue;
        };
        if !matches!(after.phase, Phase::RollingBack { .. }) {
            return Some("only a level undoes");
        }
        if !before.begun.iter().any(|one| one.step == undone) {
            return Some("what never started is not undone");
        }
        let newest = after.begun.last();
        if newest.is_none_or(|newest| newest.step != undone || newest.fate != Fate::Began) {
            return Some("the newest is undone first, and only what began for certain");
        }
    }
    let out = after.running.iter().filter_map(step_of);
    let undo = out.filter(|step| {
        let step = plan.steps.get(step.index());
        step.is_some_and(|step| step.undoes.is_some())
    });
    if undo.count() > 1 {
        return Some("one step is undone at a time");
    }
    None
}

fn step_of(running: &Running) -> Option<StepId> {
    match running.work {
        Work::Step { step, .. } => Some(step),
        Work::Check { .. }
        | Work::Unless { .. }
        | Work::Set { .. }
        | Work::Read { .. }
        | Work::Probe { .. } => None,
    }
}

/// What holds of strands.
fn of_strands(plan: &Plan, after: &State) -> Option<&'static str> {
    let in_place = matches!(
        after.phase,
        Phase::Rolling { .. } | Phase::RollingBack { .. }
    );
    if in_place != after.strands.contains_key(&StrandId::MAIN) {
        return Some("a stage and a level have a main strand, and nothing else has");
    }
    for (id, strand) in after.strands.iter() {
        if matches!(strand.task, Task::Attempting(_)) != after.is_out(*id) {
            return Some("what is being attempted is out");
        }
        let parent = strand.parent.map(|parent| after.strands.get(&parent));
        let waits = |one: &StrandState| matches!(one.task, Task::Joining { .. });
        if parent.is_some_and(|parent| !parent.is_some_and(waits)) {
            return Some("a strand is waited for");
        }
        if let Task::Joining { begun } = strand.task {
            let Some(Op::Parallel { strands, most, .. }) = after.op(plan, strand) else {
                return Some("only strands of `parallel` are waited for");
            };
            let alive = after.children(*id);
            if alive > begun || begun > strands.len() {
                return Some("a strand begins once");
            }
            if most.is_some_and(|most| alive > most as usize) {
                return Some("no more strands than the file says are under way");
            }
        }
    }
    None
}

fn acts(effect: &Effect) -> bool {
    match effect {
        Effect::Start { .. }
        | Effect::Stop { .. }
        | Effect::Query { .. }
        | Effect::LookBack { .. }
        | Effect::Measure { .. }
        | Effect::Ask(_)
        | Effect::Notify { .. }
        | Effect::Open { .. }
        | Effect::Remind { .. }
        | Effect::Finish(_) => true,
        Effect::Withdraw(_) | Effect::Say(_) | Effect::Left(_) => false,
    }
}

fn became_final(before: &State, after: &State) -> bool {
    matches!(after.phase, Phase::Final(_)) && before.phase != after.phase
}
