//! Owns what is read: runs, rows, heads, holders.

use rusqlite::{Connection, OptionalExtension, params};

use super::super::chain::{Hash, Head};
use super::super::entry::{Kind, Row};
use super::super::error::StoreError;
use super::super::ids::{Epoch, RunId, Seq};
use super::super::lock::Holder;
use super::super::owner::Owner;
use super::super::store::{RunMeta, StoredRun};
use crate::engine::{Moment, Stamp};

/// The columns of [`meta`], in its order.
const META: &str = "runs.id, runs.service, plans.title, plans.by, plans.started, plans.program, plans.dir, plans.speed,
    plans.plan_hash, runs.standing, runs.last_run, runs.last_wall, runs.epoch";

pub(super) fn no_such_run(run: &RunId) -> StoreError {
    StoreError::NoSuchRun {
        typed: run.to_string(),
    }
}

pub(super) fn runs(connection: &Connection) -> Result<Vec<RunMeta>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {META} FROM runs JOIN plans ON plans.run = runs.id ORDER BY runs.id DESC"
    ))?;
    let rows = statement.query_and_then([], meta)?;
    rows.map(|found| found.and_then(|meta| held(connection, meta)))
        .collect()
}

pub(super) fn load(connection: &Connection, run: &RunId) -> Result<StoredRun, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {META}, plans.plan, plans.source, plans.begin FROM runs JOIN plans ON plans.run = runs.id WHERE runs.id = ?1"
    ))?;
    let mut rows = statement.query([run.as_str()])?;
    let found = rows.next()?.ok_or_else(|| no_such_run(run))?;
    Ok(StoredRun {
        meta: held(connection, meta(found)?)?,
        plan_text: found.get(13)?,
        source: found.get(14)?,
        begin_text: found.get(15)?,
    })
}

fn meta(row: &rusqlite::Row<'_>) -> Result<RunMeta, StoreError> {
    let id = RunId::stored(row.get(0)?);
    let standing: String = row.get(9)?;
    let standing = serde_json::from_str(&standing).map_err(|error| StoreError::Corrupted {
        why: format!("how far {id} has come cannot be read: {error}"),
    })?;
    Ok(RunMeta {
        id,
        service: row.get(1)?,
        title: row.get(2)?,
        by: row.get(3)?,
        started: row.get(4)?,
        program: row.get(5)?,
        dir: row.get(6)?,
        speed: row.get(7)?,
        plan_hash: Hash(row.get(8)?),
        standing,
        last: Stamp {
            run: Moment(row.get(10)?),
            wall: row.get(11)?,
        },
        epoch: Epoch(row.get(12)?),
        holder: None,
    })
}

/// Adds who has the run.
fn held(connection: &Connection, mut meta: RunMeta) -> Result<RunMeta, StoreError> {
    meta.holder = holder(connection, &meta.service)?.filter(|holder| holder.run == meta.id);
    Ok(meta)
}

pub(super) fn holder(connection: &Connection, service: &str) -> Result<Option<Holder>, StoreError> {
    let found = connection
        .prepare_cached(
            "SELECT service, run, by, host, pid, started, boot, space, since FROM locks WHERE service = ?1",
        )?
        .query_row([service], |row| {
            Ok(Holder {
                service: row.get(0)?,
                run: RunId::stored(row.get(1)?),
                by: row.get(2)?,
                owner: Owner {
                    host: row.get(3)?,
                    pid: row.get(4)?,
                    started: row.get(5)?,
                    boot: row.get(6)?,
                    space: row.get(7)?,
                },
                since: row.get(8)?,
            })
        })
        .optional()?;
    Ok(found)
}

pub(super) fn rows(
    connection: &Connection,
    run: &RunId,
    from: Seq,
) -> Result<Vec<Row>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT seq, at_run, at_wall, kind, format, body, hash FROM records
             WHERE run = ?1 AND seq >= ?2 ORDER BY seq",
    )?;
    let found = statement.query_and_then(params![run.as_str(), from.0], row)?;
    found.collect()
}

fn row(row: &rusqlite::Row<'_>) -> Result<Row, StoreError> {
    let word: String = row.get(3)?;
    let kind = Kind::from_word(&word).ok_or_else(|| StoreError::Corrupted {
        why: format!("there is no kind of row `{word}`"),
    })?;
    Ok(Row {
        seq: Seq(row.get(0)?),
        stamp: Stamp {
            run: Moment(row.get(1)?),
            wall: row.get(2)?,
        },
        kind,
        format: row.get(4)?,
        body: row.get(5)?,
        hash: Hash(row.get(6)?),
    })
}

pub(super) fn head(connection: &Connection, run: &RunId) -> Result<Head, StoreError> {
    connection
        .query_row(
            "SELECT next, head FROM runs WHERE id = ?1",
            [run.as_str()],
            |row| {
                Ok(Head {
                    next: Seq(row.get(0)?),
                    hash: Hash(row.get(1)?),
                })
            },
        )
        .optional()?
        .ok_or_else(|| no_such_run(run))
}
