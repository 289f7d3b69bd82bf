//! Owns what runs leave behind: incidents and reminders. They are written with the rows that hold their orders, in one transaction.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::super::error::StoreError;
use super::super::ids::RunId;
use super::super::left::{Ended, Incident, Left, Reminder, Resolved, filled};
use super::read;
use crate::engine::{Effect, Stamp};

/// The columns of [`incident`], in its order.
const INCIDENT: &str = "run, service, template, text, opened, resolved, by, note";

/// Keeps what the orders of a transition leave behind.
pub(super) fn keep(
    tx: &Transaction<'_>,
    run: &RunId,
    stamp: Stamp,
    effects: &[Effect],
) -> Result<(), StoreError> {
    for effect in effects {
        let (sql, text) = match effect {
            Effect::Open { template, text } => (
                "INSERT INTO incidents (run, service, template, text, opened)
                 SELECT id, service, ?2, ?3, ?4 FROM runs WHERE id = ?1",
                (template.clone(), text, stamp.wall),
            ),
            Effect::Remind {
                reminder,
                text,
                due,
            } => (
                "INSERT INTO reminders (run, service, number, text, due)
                 SELECT id, service, ?2, ?3, ?4 FROM runs WHERE id = ?1",
                (reminder.0.to_string(), text, *due),
            ),
            Effect::Start { .. }
            | Effect::Stop { .. }
            | Effect::Query { .. }
            | Effect::LookBack { .. }
            | Effect::Measure { .. }
            | Effect::Ask(_)
            | Effect::Withdraw(_)
            | Effect::Notify { .. }
            | Effect::Say(_)
            | Effect::Left(_)
            | Effect::Finish(_) => continue,
        };
        let started: i64 = tx.query_row(
            "SELECT started FROM plans WHERE run = ?1",
            [run.as_str()],
            |row| row.get(0),
        )?;
        let (second, text, wall) = text;
        let text = filled(text, run, started);
        tx.execute(sql, params![run.as_str(), second, text, wall])?;
    }
    Ok(())
}

/// Refuses when the service has an open incident.
pub(super) fn refuse_open(tx: &Transaction<'_>, service: &str) -> Result<(), StoreError> {
    let open = tx
        .query_row(
            &format!(
                "SELECT {INCIDENT} FROM incidents WHERE service = ?1 AND resolved IS NULL ORDER BY run LIMIT 1"
            ),
            [service],
            incident,
        )
        .optional()?;
    match open {
        None => Ok(()),
        Some(open) => Err(StoreError::Incident(Box::new(open))),
    }
}

pub(super) fn incidents(connection: &Connection) -> Result<Vec<Incident>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {INCIDENT} FROM incidents ORDER BY run DESC"
    ))?;
    let rows = statement.query_map([], incident)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn incident(row: &rusqlite::Row<'_>) -> rusqlite::Result<Incident> {
    let resolved: Option<i64> = row.get(5)?;
    let resolved = match resolved {
        None => None,
        Some(wall) => Some(Resolved {
            by: row.get(6)?,
            note: row.get(7)?,
            wall,
        }),
    };
    Ok(Incident {
        run: RunId::stored(row.get(0)?),
        service: row.get(1)?,
        template: row.get(2)?,
        text: row.get(3)?,
        opened: row.get(4)?,
        resolved,
    })
}

pub(super) fn reminders(connection: &Connection) -> Result<Vec<Reminder>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT run, service, text, due FROM reminders WHERE ended IS NULL ORDER BY due, run, number",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(Reminder {
            run: RunId::stored(row.get(0)?),
            service: row.get(1)?,
            text: row.get(2)?,
            due: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// All that a run left.
pub(super) fn of(connection: &Connection, run: &RunId) -> Result<Left, StoreError> {
    let mut incidents =
        connection.prepare_cached(&format!("SELECT {INCIDENT} FROM incidents WHERE run = ?1"))?;
    let incidents = incidents.query_map([run.as_str()], incident)?;
    let mut reminders = connection.prepare_cached(
        "SELECT number, run, service, text, due FROM reminders WHERE run = ?1 ORDER BY number",
    )?;
    let reminders = reminders.query_map([run.as_str()], |row| {
        let reminder = Reminder {
            run: RunId::stored(row.get(1)?),
            service: row.get(2)?,
            text: row.get(3)?,
            due: row.get(4)?,
        };
        Ok((row.get(0)?, reminder))
    })?;
    Ok(Left {
        incidents: incidents.collect::<Result<_, _>>()?,
        reminders: reminders.collect::<Result<_, _>>()?,
    })
}

/// Ends what a run left.
pub(super) fn end(tx: &Transaction<'_>, run: &RunId, word: &Resolved) -> Result<Ended, StoreError> {
    // An unknown run is said to be one.
    read::head(tx, run)?;
    let said = params![run.as_str(), word.wall, word.by, word.note];
    let ended = Ended {
        incidents: tx.execute(
            "UPDATE incidents SET resolved = ?2, by = ?3, note = ?4 WHERE run = ?1 AND resolved IS NULL",
            said,
        )?,
        reminders: tx.execute(
            "UPDATE reminders SET ended = ?2, by = ?3, note = ?4 WHERE run = ?1 AND ended IS NULL",
            said,
        )?,
    };
    if ended != Ended::default() {
        return Ok(ended);
    }
    let resolved = tx
        .query_row(
            "SELECT by, note, resolved FROM incidents WHERE run = ?1
             UNION ALL SELECT by, note, ended FROM reminders WHERE run = ?1 LIMIT 1",
            [run.as_str()],
            |row| {
                Ok(Resolved {
                    by: row.get(0)?,
                    note: row.get(1)?,
                    wall: row.get(2)?,
                })
            },
        )
        .optional()?;
    Err(StoreError::NothingLeft {
        run: run.clone(),
        resolved,
    })
}
