//! `log`: the journal of a run, and whether it is whole. Takes no lock.

use super::args::{Common, Format, LogArgs};
use super::say::Say;
use super::{USAGE, place};
use crate::engine::{Entrance, Input, complete};
use crate::execute::instant;
use crate::journal::{Entry, Event, Seq, Store, StoreError};
use crate::plan::Plan;
use crate::report::{accepted, line, of_migrations};
use crate::value::Millis;

pub(super) fn run(args: &LogArgs, common: &Common, say: &Say) -> u8 {
    let Some(store) = place::open_existing(common, say) else {
        return USAGE;
    };
    let printed = store.resolve(&args.run).and_then(|id| {
        if args.verify {
            let head = store.verify(&id)?;
            let whole = format!("run {id}: the journal is whole, head {}", head.hash);
            say.tell(&whole);
            return Ok(());
        }
        let stored = store.load(&id)?;
        let (plan, started) = (stored.plan()?, instant(stored.meta.started));
        for one in &plan.migrations {
            say.row("checked", &of_migrations(one));
        }
        for one in &plan.waived {
            say.row("accepted", &accepted(one));
        }
        for entry in store.entries(&id, Seq::FIRST)? {
            match args.format {
                Format::Human => human(&plan, &entry, (id.as_str(), &started), say),
                Format::Json => json(&entry, say)?,
            }
        }
        Ok(())
    });
    match printed {
        Ok(()) => 0,
        Err(error @ StoreError::Corrupted { .. }) => {
            place::store_error(&error, say);
            1
        }
        Err(error) => {
            place::store_error(&error, say);
            USAGE
        }
    }
}

/// One line an event that people care for; wall time first.
fn human(plan: &Plan, entry: &Entry, (run, started): (&str, &str), say: &Say) {
    let now = entry.stamp.run;
    let shown = match &entry.event {
        Event::Effect(effect) => {
            line(plan, now, effect).map(|line| (line.word, complete(&line.text, run, started)))
        }
        Event::Input(input) => of_person(input),
    };
    if let Some((word, text)) = shown {
        let at = format!("+{}", Millis(now.0 / 1000 * 1000));
        say.data(&format!(
            "{:>5}  {}  {at:>10}  {word:<11} {text}\n",
            entry.seq.0,
            place::clock(entry.stamp.wall)
        ));
    }
}

/// Facts that persons made; the others show in what followed from them.
fn of_person(input: &Input) -> Option<(&'static str, String)> {
    match input {
        Input::Begin { by, entry, .. } => Some((
            "begin",
            match entry {
                Entrance::Now => format!("by {by}"),
                Entrance::Wait { most } => {
                    format!("by {by}, waiting for the window for at most {most}")
                }
                Entrance::Hotfix { reason } => format!("by {by}, HOTFIX: {reason}"),
            },
        )),
        Input::RollBack { by, reason, .. } => {
            Some(("order", format!("rollback, by {by}: {reason}")))
        }
        Input::Leave { .. } => Some(("order", "leave at the next safe point".to_owned())),
        Input::Interrupt => Some(("order", "stop what is running and leave".to_owned())),
        Input::Tick
        | Input::Ended { .. }
        | Input::Sample { .. }
        | Input::Notified { .. }
        | Input::Answered { .. }
        | Input::Resumed { .. }
        | Input::Unwatched { .. }
        | Input::History { .. }
        | Input::Measured { .. }
        | Input::AnsweredInTime { .. }
        | Input::ClockJumped { .. } => None,
    }
}

fn json(entry: &Entry, say: &Say) -> Result<(), StoreError> {
    let failed = |error: serde_json::Error| StoreError::Failed {
        why: error.to_string(),
    };
    let (kind, event) = match &entry.event {
        Event::Input(input) => ("input", serde_json::to_value(input).map_err(failed)?),
        Event::Effect(effect) => ("effect", serde_json::to_value(effect).map_err(failed)?),
    };
    let row = serde_json::json!({
        "schema": 1,
        "seq": entry.seq.0,
        "run_ms": entry.stamp.run.0,
        "wall_ms": entry.stamp.wall,
        "kind": kind,
        "event": event,
    });
    say.data(&format!("{row}\n"));
    Ok(())
}
