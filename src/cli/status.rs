//! `status`: where a run stands. Takes no lock.

use std::fmt::Write as _;

use super::args::{Common, StatusArgs};
use super::say::Say;
use super::{USAGE, incident, list, operate, overdue, place};
use crate::engine::Moment;
use crate::journal::{Event, Liveness, Row, RunId, RunMeta, Seq, Standing, Store, StoreError};
use crate::plan::Plan;
use crate::report::{line, page, silent};

pub(super) fn run(args: &StatusArgs, common: &Common, say: &Say) -> u8 {
    let Some(store) = place::open_existing(common, say) else {
        return USAGE;
    };
    let found = match &args.run {
        Some(typed) => store.resolve(typed).map(Some),
        None => store
            .runs()
            .map(|runs| runs.into_iter().next().map(|run| run.id)),
    };
    let id = match found {
        Ok(Some(id)) => id,
        Ok(None) => {
            say.error("there are no runs", "start one with `runbook run FILE`");
            return USAGE;
        }
        Err(error) => {
            place::store_error(&error, say);
            return USAGE;
        }
    };
    let known = store
        .load(&id)
        .and_then(|stored| Ok((stored.meta, operate::state_of(&store, &id)?)))
        .and_then(|(meta, known)| {
            let untold = untold(&store, &id, &known.0)?;
            let letters = overdue::letters(&store, &id)?.into_iter();
            let waiting: Vec<String> = letters
                .filter(|_| meta.standing.reads_letters())
                .filter_map(|posted| overdue::line(&id, &posted))
                .collect();
            let left = incident::lines(&store, &id)?;
            Ok((meta, known, (left, untold, waiting)))
        });
    match known {
        Ok((meta, (plan, state), (left, untold, waiting))) => {
            let now = now(&meta);
            let mut runner = runner(&meta);
            if let Some(span) = silent(&plan, &state, now).filter(|_| is_driven(&meta)) {
                let _ = write!(
                    runner,
                    "; SILENT: it has not looked for {span}, which is longer than it should be"
                );
            }
            let page = page(&plan, &state, id.as_str(), (now, &runner), clock(&meta));
            let mut unheard = String::new();
            for one in waiting {
                let _ = writeln!(unheard, "{one}");
            }
            for one in untold {
                let _ = writeln!(unheard, "untold    {one}");
            }
            if let Some(more) = say.everywhere() {
                let _ = writeln!(unheard, "          {more}");
            }
            say.data(&format!("{page}{left}{unheard}"));
            0
        }
        Err(error) => {
            place::store_error(&error, say);
            USAGE
        }
    }
}

/// Whom a run could not tell something, each sentence once.
pub(super) fn untold(
    store: &dyn Store,
    id: &RunId,
    plan: &Plan,
) -> Result<Vec<String>, StoreError> {
    let mut all: Vec<(String, usize)> = Vec::new();
    let rows = store.rows(id, Seq::FIRST)?;
    let failed = |row: &&Row| row.body.contains("\"NoticeFailed\"");
    for row in rows.iter().filter(failed) {
        let Event::Effect(effect) = row.read()?.event else {
            continue;
        };
        let Some(line) = line(plan, Moment(0), &effect) else {
            continue;
        };
        match all.iter_mut().find(|(text, _)| *text == line.text) {
            Some((_, times)) => *times += 1,
            None => all.push((line.text, 1)),
        }
    }
    let said = all.into_iter().map(|(text, times)| match times {
        1 => text,
        _ => format!("{text} ({times} times)"),
    });
    Ok(said.collect())
}

fn is_driven(meta: &RunMeta) -> bool {
    meta.standing == Standing::Open && list::liveness(meta) == Some(Liveness::Alive)
}

/// The run's time now: of a run that is driven it goes on, of any other it stands where its journal ends.
fn now(meta: &RunMeta) -> Moment {
    if is_driven(meta) {
        clock(meta)
    } else {
        meta.last.run
    }
}

/// The run's time as it would be if someone drove it: the time of a question passes all the same.
fn clock(meta: &RunMeta) -> Moment {
    // What has not begun has no time.
    if meta.last.wall == 0 {
        return meta.last.run;
    }
    let since = u64::try_from(place::now().saturating_sub(meta.last.wall)).unwrap_or(0);
    let span = since.saturating_mul(u64::from(meta.speed));
    meta.last.run.after(crate::value::Millis(span))
}

/// Who drives the run, or what to type when nobody does.
fn runner(meta: &RunMeta) -> String {
    let id = &meta.id;
    if meta.standing.is_over() {
        return "none: the run has ended".to_owned();
    }
    match (&meta.holder, list::liveness(meta)) {
        (Some(holder), Some(Liveness::Alive)) => format!(
            "process {} on {}, by {}, since {}",
            holder.owner.pid,
            holder.owner.host,
            holder.by,
            place::clock(holder.since)
        ),
        (Some(holder), Some(Liveness::Elsewhere)) => format!(
            "process {} on {} (another machine), by {}",
            holder.owner.pid, holder.owner.host, holder.by
        ),
        (Some(holder), Some(Liveness::Dead) | None) => format!(
            "process {} on {} died; go on with `runbook resume {id}`",
            holder.owner.pid, holder.owner.host
        ),
        (None, _) => format!("nobody; go on with `runbook resume {id}`"),
    }
}
