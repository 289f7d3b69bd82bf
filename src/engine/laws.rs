//! Owns the laws of the engine: what holds after every input, whatever the world does. It only looks.

use super::effect::{Effect, Verdict};
use super::state::{Phase, State, Task};
use crate::plan::Plan;

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
    let starts = effects
        .iter()
        .filter(|effect| matches!(effect, Effect::Start { .. }))
        .count();
    if starts > 1 {
        return Some("one attempt is out at a time");
    }
    if starts == 1 && before.running.is_some() && before.running == after.running {
        return Some("nothing starts while an attempt is out");
    }
    let attempting = matches!(after.task(), Some(Task::Attempting(_)));
    let out = after.running.is_some();
    if attempting && !out {
        return Some("what is being attempted is out");
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
    if after.hold.is_some() && !matches!(after.phase, Phase::Rolling { .. }) {
        return Some("only a stage is held");
    }
    if let Phase::Final(Verdict::Aborted { .. } | Verdict::Refused { .. }) = after.phase
        && after.changed
    {
        return Some("aborted and refused mean that nothing was changed");
    }
    if let Phase::RollingBack { level, .. } = after.phase
        && plan
            .rollback
            .as_ref()
            .is_none_or(|rollback| level.index() >= rollback.levels.len())
    {
        return Some("a level exists");
    }
    None
}

fn acts(effect: &Effect) -> bool {
    match effect {
        Effect::Start { .. }
        | Effect::Stop { .. }
        | Effect::Query { .. }
        | Effect::Ask(_)
        | Effect::Notify { .. }
        | Effect::Finish(_) => true,
        Effect::Withdraw(_) | Effect::Say(_) | Effect::Left(_) => false,
    }
}

fn became_final(before: &State, after: &State) -> bool {
    matches!(after.phase, Phase::Final(_)) && before.phase != after.phase
}
