//! `incident`: what runs left open, and a person's word that it is dealt with. Reminders are sent nowhere, because nobody lives to send
//! them: every command that looks at runs shows those that are due.

use super::args::{
    Common, IncidentCommand, IncidentListArgs, IncidentResolveArgs, IncidentShowArgs,
};
use super::say::Say;
use super::{USAGE, place};
use crate::journal::sqlite::SqliteStore;
use crate::journal::{Incident, Reminder, Resolved, RunId, Store, StoreError};
use crate::value::Millis;

/// `incident`.
pub(super) fn run(command: &IncidentCommand, common: &Common, say: &Say) -> u8 {
    let Some(mut store) = place::open_existing(common, say) else {
        return USAGE;
    };
    let done = match command {
        IncidentCommand::List(args) => list(args, &store, say),
        IncidentCommand::Show(args) => show(args, &store, say),
        IncidentCommand::Resolve(args) => resolve(args, &mut store, say),
    };
    match done {
        Ok(status) => status,
        Err(error) => {
            place::store_error(&error, say);
            USAGE
        }
    }
}

fn list(args: &IncidentListArgs, store: &SqliteStore, say: &Say) -> Result<u8, StoreError> {
    let mut text = String::new();
    for one in store.incidents()? {
        if args.open && one.resolved.is_some() {
            continue;
        }
        let standing = match &one.resolved {
            None => "open",
            Some(_) => "resolved",
        };
        text.push_str(&format!(
            "{:<15} {:<12} {standing:<9} {}  {}\n",
            one.run.as_str(),
            one.service,
            place::clock(one.opened),
            one.title()
        ));
    }
    say.data(&text);
    remind(store, say, |_| true)?;
    Ok(0)
}

fn show(args: &IncidentShowArgs, store: &SqliteStore, say: &Say) -> Result<u8, StoreError> {
    let run = store.resolve(&args.run)?;
    match of_run(store, &run)? {
        Some(one) => say.data(&page(&one)),
        None => say.tell(&format!("run {run} left no incident")),
    }
    remind(store, say, |reminder| reminder.run == run)?;
    Ok(0)
}

/// An incident as a page: what is known of it, and its text.
fn page(one: &Incident) -> String {
    let mut text = format!(
        "incident  {} of {}, opened {} from {}\n",
        one.run,
        one.service,
        place::clock(one.opened),
        one.template
    );
    match &one.resolved {
        None => text.push_str(&format!(
            "open      no rollout of {} begins until: {}\n",
            one.service,
            typed(&one.run)
        )),
        Some(word) => text.push_str(&format!(
            "resolved  {} by {}: {}\n",
            place::clock(word.wall),
            word.by,
            word.note
        )),
    }
    text.push_str(&format!(
        "evidence  runbook log {}\n\n{}\n",
        one.run,
        one.text.trim_end()
    ));
    text
}

fn resolve(
    args: &IncidentResolveArgs,
    store: &mut SqliteStore,
    say: &Say,
) -> Result<u8, StoreError> {
    let run = store.resolve(&args.run)?;
    let word = Resolved {
        by: place::person(args.by.as_ref()),
        note: args.note.clone(),
        wall: place::now(),
    };
    let ended = store.end_left(&run, &word)?;
    let incident = if ended.incidents > 0 {
        "the incident of run"
    } else {
        "run"
    };
    let reminders = match ended.reminders {
        0 => String::new(),
        1 => ", and its reminder is done".to_owned(),
        many => format!(", and its {many} reminders are done"),
    };
    say.tell(&format!(
        "{incident} {run} is resolved by {}{reminders}",
        word.by
    ));
    if ended.incidents > 0
        && let Some(one) = of_run(store, &run)?
    {
        say.tell(&format!("  rollouts of {} may begin again", one.service));
    }
    Ok(0)
}

fn of_run(store: &SqliteStore, run: &RunId) -> Result<Option<Incident>, StoreError> {
    let all = store.incidents()?;
    Ok(all.into_iter().find(|one| one.run == *run))
}

/// What is typed to resolve what a run left.
pub(super) fn typed(run: &RunId) -> String {
    format!("runbook incident resolve {run} --note \"…\"")
}

/// Shows the open reminders that are wanted.
fn remind(
    store: &SqliteStore,
    say: &Say,
    wanted: impl Fn(&Reminder) -> bool,
) -> Result<(), StoreError> {
    for one in store.reminders()?.iter().filter(|one| wanted(one)) {
        say.row("remind", &sentence(one));
    }
    Ok(())
}

/// Shows the reminders that are due by now, of one service or of all.
pub(super) fn remind_due(store: &SqliteStore, service: Option<&str>, say: &Say) {
    let now = place::now();
    // What cannot be read now is no reason to stop; the command that needs the store says so.
    let _ = remind(store, say, |one| {
        one.due <= now && service.is_none_or(|service| one.service == service)
    });
}

/// A reminder as a sentence.
fn sentence(one: &Reminder) -> String {
    let until = one.due.saturating_sub(place::now());
    let span = |wall: i64| {
        let minutes = u64::try_from(wall / 60_000).unwrap_or(0);
        Millis::from_secs(minutes.saturating_mul(60))
    };
    let when = if until > 0 {
        format!("due in {}", span(until.saturating_add(59_999)))
    } else if until > -60_000 {
        "due now".to_owned()
    } else {
        format!("OVERDUE by {}", span(until.saturating_neg()))
    };
    format!(
        "{} ({}, left by run {}): {when}; done with `{}`",
        one.text,
        one.service,
        one.run,
        typed(&one.run)
    )
}

/// What a run left and nobody has ended, as lines of its page.
pub(super) fn lines(store: &SqliteStore, run: &RunId) -> Result<String, StoreError> {
    let mut text = String::new();
    if let Some(one) = of_run(store, run)? {
        let standing = match &one.resolved {
            None => format!("open; {}", typed(run)),
            Some(word) => format!("resolved by {}: {}", word.by, word.note),
        };
        text.push_str(&format!("incident  {}: {standing}\n", one.title()));
    }
    for one in store.reminders()?.iter().filter(|one| one.run == *run) {
        text.push_str(&format!("remind    {}\n", sentence(one)));
    }
    Ok(text)
}
