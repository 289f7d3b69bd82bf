//! `rollback` and `decide`: what a person orders. It goes by the run's inbox, so that it does not matter whether a runner
//! lives: a living one takes it at once, else the run is taken up here (rollback) or later (decide).

use std::time::Duration;

use super::args::{AnswerWord, Common, DecideArgs, RollbackArgs};
use super::say::Say;
use super::{USAGE, list, overdue, place, run};
use crate::engine::{Answer, Input, Question, QuestionNumber, State, Verdict};
use crate::journal::sqlite::SqliteStore;
use crate::journal::{Liveness, Post, Posted, RunId, Seq, Standing, Store, StoreError, replay};
use crate::plan::{LevelId, Plan};
use crate::report::{Names, typed, ways};

/// How often, and how many times, a living runner is looked at to see whether it took an order.
const LOOKS: (u32, Duration) = (40, Duration::from_millis(250));

/// `rollback`.
pub(super) fn rollback(args: &RollbackArgs, common: &Common, say: &Say) -> u8 {
    let Some((mut store, id, plan, state)) = found(&args.run, common, say) else {
        return USAGE;
    };
    let from = match &args.from {
        None => None,
        Some(name) => match level(&plan, &state, name, say) {
            Some(level) => Some(level),
            None => return USAGE,
        },
    };
    if plan.rollback.is_none() && state.changed {
        say.error(
            &format!("{} has no rollback", plan.header.file),
            "bring it back by hand; `runbook log` says what was done",
        );
        return USAGE;
    }
    if let Some((how, help)) = state
        .verdict()
        .and_then(|verdict| is_done((&plan, &id), verdict))
    {
        say.error(&format!("run {id} {how}"), &help);
        return USAGE;
    }
    let newer = match state.verdict() {
        Some(_) => began_since(&store, &id),
        None => Ok(None),
    };
    let newer = match newer {
        Ok(newer) => newer,
        Err(error) => {
            place::store_error(&error, say);
            return USAGE;
        }
    };
    if let Some(newer) = newer {
        say.error(
            &format!(
                "run {newer} of {} began after run {id} had ended: to bring {id} back now would change what {newer} has put in place",
                plan.header.service
            ),
            &format!("bring back by hand what is left of {id}; `runbook log {id}` says what was done"),
        );
        return USAGE;
    }
    let by = place::person(args.runner.by.as_ref());
    let input = Input::RollBack {
        from,
        by: by.clone(),
        reason: args.reason.clone(),
    };
    if let Err(status) = post(&mut store, &id, (&input, &by), say) {
        return status;
    }
    if is_driven(&store, &id) {
        return wait_until_taken(&store, &id, say, |state| {
            state.level().is_some() || state.turn.is_some() || state.verdict().is_some()
        });
    }
    run::take_up(&mut store, &id, &args.runner, say)
}

/// How a run has ended, where nothing of it can be brought back, and what helps instead.
fn is_done((plan, id): (&Plan, &RunId), verdict: &Verdict) -> Option<(String, String)> {
    let names = Names(plan);
    let file = &plan.header.file;
    let done = match verdict {
        Verdict::Completed => (
            "has completed: its release is what is in place, and its rollback is over with it"
                .to_owned(),
            format!(
                "to go back, release the version before: runbook run {file}; `runbook log {id}` says what this run did"
            ),
        ),
        Verdict::RolledBack { level } => (
            format!("was rolled back already, {}", names.brought_back(*level)),
            format!("`runbook log {id}` says what was done"),
        ),
        Verdict::WentForward { level } => (
            format!("went forward already, {}", names.brought_back(*level)),
            format!("`runbook log {id}` says what was done"),
        ),
        Verdict::Aborted { why } => (
            format!("was aborted before it changed anything: {why}"),
            "there is nothing to bring back".to_owned(),
        ),
        Verdict::Refused { .. } => (
            "was refused, and has changed nothing".to_owned(),
            "there is nothing to bring back".to_owned(),
        ),
        Verdict::Stuck { .. } => return None,
    };
    Some(done)
}

/// A later run of the same service that may have changed something.
fn began_since(store: &SqliteStore, id: &RunId) -> Result<Option<RunId>, StoreError> {
    let this = store.load(id)?.meta;
    let runs = store.runs()?;
    let newer = runs.iter().find(|run| {
        let changed = match &run.standing {
            Standing::Over(Verdict::Aborted { .. } | Verdict::Refused { .. }) => false,
            Standing::Over(_) | Standing::Open | Standing::Left(_) => true,
        };
        run.service == this.service && run.started > this.started && changed
    });
    Ok(newer.map(|run| run.id.clone()))
}

/// `decide`.
pub(super) fn decide(args: &DecideArgs, common: &Common, say: &Say) -> u8 {
    let Some((mut store, id, _, state)) = found(&args.run, common, say) else {
        return USAGE;
    };
    let answer = match args.answer {
        AnswerWord::Continue => Answer::Continue,
        AnswerWord::Rerun => Answer::Rerun,
        AnswerWord::Rollback => Answer::Rollback,
        AnswerWord::Undo => Answer::Undo,
        AnswerWord::Leave => Answer::Leave,
    };
    if state.questions.is_empty() && state.watching().is_some() {
        return end_watch(args, (&mut store, &id), answer, say);
    }
    let open: Vec<&Question> = state.questions.iter().collect();
    let Some(question) = meant(&open, args.question, &id, say) else {
        return USAGE;
    };
    if !question.answers.contains(&answer) {
        let ways = ways(id.as_str(), question, &state.questions);
        say.error(
            &format!("`{}` is no answer to: {}", answer.word(), question.text),
            &format!("answer by one of:\n    {}", ways.join("\n    ")),
        );
        return USAGE;
    }
    let number = question.number;
    if let Some(first) = answered(&store, &id, number) {
        say.error(
            &format!(
                "{} has answered this already, and the run has not read it yet",
                first.by
            ),
            &format!(
                "`runbook resume {id}` reads it; `runbook rollback {id} --reason \"…\"` brings the release back whatever was answered"
            ),
        );
        return USAGE;
    }
    if let Err(status) = overdue::refuse(&store, &id, question, say) {
        return status;
    }
    let by = place::person(args.by.as_ref());
    let input = Input::Answered {
        question: Some(number),
        answer,
        by: by.clone(),
        reason: args.reason.clone(),
    };
    if let Err(status) = post(&mut store, &id, (&input, &by), say) {
        return status;
    }
    if is_driven(&store, &id) {
        return wait_until_taken(&store, &id, say, |state| {
            state.questions.iter().all(|open| open.number != number)
        });
    }
    say.tell(&format!(
        "{} is recorded for run {id}; nobody drives it now",
        answer.word()
    ));
    say.next("go on", &format!("runbook resume {id}"));
    0
}

/// The answer to this question that waits to be read.
fn answered(store: &SqliteStore, id: &RunId, number: QuestionNumber) -> Option<Posted> {
    let letters = overdue::letters(store, id).ok()?;
    letters.into_iter().find(|letter| {
        matches!(&letter.input, Input::Answered { question, .. } if *question == Some(number))
    })
}

/// `decide RUN continue` of a run that only looks on: it has looked enough.
fn end_watch(
    args: &DecideArgs,
    (store, id): (&mut SqliteStore, &RunId),
    answer: Answer,
    say: &Say,
) -> u8 {
    if answer != Answer::Continue {
        say.error(
            &format!("the levels of run {id} are done, and the service is only looked on"),
            &format!(
                "end the watch with `{}`, or go to a stronger level with `runbook rollback {id} --from LEVEL --reason \"…\"`",
                typed(id.as_str(), Answer::Continue)
            ),
        );
        return USAGE;
    }
    let by = place::person(args.by.as_ref());
    let input = Input::Answered {
        question: None,
        answer,
        by: by.clone(),
        reason: args.reason.clone(),
    };
    if let Err(status) = post(store, id, (&input, &by), say) {
        return status;
    }
    if is_driven(store, id) {
        return wait_until_taken(store, id, say, |state| state.watching().is_none());
    }
    say.tell(&format!(
        "the end of the watch is recorded for run {id}; nobody drives it now"
    ));
    say.next("go on", &format!("runbook resume {id}"));
    0
}

pub(super) fn found(
    typed: &str,
    common: &Common,
    say: &Say,
) -> Option<(SqliteStore, RunId, Plan, State)> {
    let store = place::open_existing(common, say)?;
    let loaded = store.resolve(typed).and_then(|id| {
        let (plan, state) = state_of(&store, &id)?;
        Ok((id, plan, state))
    });
    match loaded {
        Ok((id, plan, state)) => Some((store, id, plan, state)),
        Err(error) => {
            place::store_error(&error, say);
            None
        }
    }
}

/// A run's plan and state, as its journal says.
pub(super) fn state_of(store: &SqliteStore, id: &RunId) -> Result<(Plan, State), StoreError> {
    let plan = store.load(id)?.plan()?;
    let entries = store.entries(id, Seq::FIRST)?;
    let replayed = replay(&plan, &entries).map_err(StoreError::from)?;
    Ok((plan, replayed.state))
}

/// The level of a name, on the way that the run can take now.
fn level(plan: &Plan, state: &State, name: &str, say: &Say) -> Option<LevelId> {
    let way = state.way();
    let names: Vec<&str> = plan.levels_on(way).map(|one| one.name.as_str()).collect();
    let names = names.join(", ");
    let mut levels = plan.rollback.iter().flat_map(|one| &one.levels);
    let found = levels.rfind(|level| level.name == name);
    match (found, &state.past_return) {
        (Some(found), _) if found.way == way => return Some(found.id),
        (Some(_), Some(why)) => say.error(
            &format!("level `{name}` is one of the rollback, and the run has passed the point of no return: {why}"),
            &format!("it can only go forward, by one of: {names}"),
        ),
        (Some(_), None) => say.error(
            &format!("level `{name}` is one of the way forward, and the run has not passed the point of no return"),
            &format!("it can still be rolled back, by one of: {names}"),
        ),
        (None, _) => say.error(
            &format!("there is no level `{name}`"),
            &format!("the levels are: {names}"),
        ),
    }
    None
}

/// The one of these open questions that is meant; said when there is none or more than one.
pub(super) fn meant<'a>(
    open: &[&'a Question],
    number: Option<u32>,
    id: &RunId,
    say: &Say,
) -> Option<&'a Question> {
    match (number, open) {
        (_, []) => {
            say.error(
                &format!("run {id} has no open question"),
                &format!("`runbook status {id}` says where it stands"),
            );
            None
        }
        (None, [only]) => Some(only),
        (None, several) => {
            let all: Vec<Question> = several.iter().copied().cloned().collect();
            let list = all.iter().flat_map(|open| {
                let ways = ways(id.as_str(), open, &all).into_iter();
                std::iter::once(open.text.clone()).chain(ways.map(|way| format!("  {way}")))
            });
            let list: Vec<String> = list.collect();
            say.error(
                &format!("run {id} has {} open questions", several.len()),
                &format!("say which one is meant:\n    {}", list.join("\n    ")),
            );
            None
        }
        (Some(number), open) => {
            let found = open
                .iter()
                .find(|open| open.number == QuestionNumber(number));
            if found.is_none() {
                say.error(
                    &format!("run {id} has no open question {number}"),
                    &format!("`runbook status {id}` lists them"),
                );
            }
            found.copied()
        }
    }
}

pub(super) fn post(
    store: &mut SqliteStore,
    id: &RunId,
    (input, by): (&Input, &str),
    say: &Say,
) -> Result<(), u8> {
    let letter = Post {
        input,
        by,
        wall: place::now(),
    };
    match store.post(id, &letter) {
        Ok(_) => Ok(()),
        Err(error) => {
            place::store_error(&error, say);
            Err(USAGE)
        }
    }
}

/// Whether a living runner drives the run.
pub(super) fn is_driven(store: &dyn Store, id: &RunId) -> bool {
    store.load(id).is_ok_and(|stored| {
        matches!(
            list::liveness(&stored.meta),
            Some(Liveness::Alive | Liveness::Elsewhere)
        )
    })
}

/// Looks until the runner has taken what was posted.
pub(super) fn wait_until_taken(
    store: &SqliteStore,
    id: &RunId,
    say: &Say,
    taken: impl Fn(&State) -> bool,
) -> u8 {
    let (looks, pause) = LOOKS;
    for _ in 0..looks {
        if state_of(store, id).is_ok_and(|(_, state)| taken(&state)) {
            say.tell(&format!("the runner of {id} has taken it"));
            say.next("look", &format!("runbook status {id}"));
            return 0;
        }
        std::thread::sleep(pause);
    }
    say.tell(&format!(
        "it is recorded for run {id}; its runner has not taken it yet"
    ));
    say.next("look", &format!("runbook status {id}"));
    0
}
