//! Owns what is written: runs, locks, transitions. Each function is the body of one transaction.

use rusqlite::{OptionalExtension, Transaction, params};

use super::super::chain::{Hash, genesis, link};
use super::super::entry::{Kind, RECORD_FORMAT, Row, json};
use super::super::error::StoreError;
use super::super::ids::{Epoch, RunId, Seq};
use super::super::lock::{Claim, Holder, Taken};
use super::super::owner::Liveness;
use super::super::store::{Batch, NewRun, RunMeta, Standing};
use super::{left, read};
use crate::engine::Stamp;

pub(super) fn create_run(
    tx: &Transaction<'_>,
    new: &NewRun<'_>,
    claim: &Claim<'_>,
) -> Result<(RunId, Taken), StoreError> {
    let service = &new.plan.header.service;
    let died = free_lock(tx, service, claim)?;
    refuse_unfinished(tx, service, None)?;
    left::refuse_open(tx, service)?;
    let (plan, begin) = (json(new.plan)?, json(new.begin)?);
    let meta = RunMeta {
        id: free_id(tx, claim.wall)?,
        service: service.clone(),
        title: new.plan.header.title.clone(),
        by: claim.by.to_owned(),
        started: claim.wall,
        program: new.program.to_owned(),
        dir: new.dir.to_owned(),
        speed: new.speed,
        plan_hash: Hash::of(plan.as_bytes()),
        standing: Standing::Open,
        last: Stamp::default(),
        epoch: Epoch(1),
        holder: None,
    };
    tx.execute(
        "INSERT INTO runs (id, service, epoch, next, head, last_run, last_wall, standing, over)
         VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, ?6, 0)",
        params![
            meta.id.as_str(),
            meta.service,
            meta.epoch.0,
            Seq::FIRST.0,
            genesis(&meta, new.source, Some(&begin)).0,
            json(&meta.standing)?,
        ],
    )?;
    tx.execute(
        "INSERT INTO plans (run, title, by, started, program, dir, speed, plan_hash, plan, source, begin)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            meta.id.as_str(),
            meta.title,
            meta.by,
            meta.started,
            meta.program,
            meta.dir,
            meta.speed,
            meta.plan_hash.0,
            plan,
            new.source,
            begin,
        ],
    )?;
    let epoch = meta.epoch;
    hold(tx, (service, &meta.id), epoch, claim)?;
    Ok((meta.id, Taken { epoch, died }))
}

pub(super) fn take_lock(
    tx: &Transaction<'_>,
    run: &RunId,
    claim: &Claim<'_>,
) -> Result<Taken, StoreError> {
    let (service, epoch): (String, u64) = tx
        .query_row(
            "SELECT service, epoch FROM runs WHERE id = ?1",
            [run.as_str()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?
        .ok_or_else(|| read::no_such_run(run))?;
    let died = free_lock(tx, &service, claim)?;
    refuse_unfinished(tx, &service, Some(run))?;
    let epoch = Epoch(epoch.saturating_add(1));
    tx.execute(
        "UPDATE runs SET epoch = ?2 WHERE id = ?1",
        params![run.as_str(), epoch.0],
    )?;
    hold(tx, (&service, run), epoch, claim)?;
    Ok(Taken { epoch, died })
}

pub(super) fn release_lock(
    tx: &Transaction<'_>,
    run: &RunId,
    epoch: Epoch,
) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM locks WHERE run = ?1 AND epoch = ?2",
        params![run.as_str(), epoch.0],
    )?;
    Ok(())
}

pub(super) fn append(
    tx: &Transaction<'_>,
    run: &RunId,
    epoch: Epoch,
    batch: &Batch<'_>,
) -> Result<(), StoreError> {
    let fenced = || StoreError::Fenced { run: run.clone() };
    let before: Option<[u8; 32]> = tx
        .prepare_cached("SELECT head FROM runs WHERE id = ?1 AND epoch = ?2 AND next = ?3")?
        .query_row(params![run.as_str(), epoch.0, batch.first.0], |row| {
            row.get(0)
        })
        .optional()?;
    let mut head = Hash(before.ok_or_else(fenced)?);
    let mut seq = batch.first;
    let mut insert = tx.prepare_cached(
        "INSERT INTO records (run, seq, at_run, at_wall, kind, format, body, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    let effects = batch
        .effects
        .iter()
        .map(|effect| Ok((Kind::Effect, json(effect)?)));
    for line in std::iter::once(json(batch.input).map(|body| (Kind::Input, body))).chain(effects) {
        let (kind, body) = line?;
        let mut row = Row {
            seq,
            stamp: batch.stamp,
            kind,
            format: RECORD_FORMAT,
            body,
            hash: head,
        };
        head = link(head, &row);
        row.hash = head;
        insert.execute(params![
            run.as_str(),
            row.seq.0,
            row.stamp.run.0,
            row.stamp.wall,
            row.kind.word(),
            row.format,
            row.body,
            row.hash.0,
        ])?;
        seq = seq.after(1);
    }
    left::keep(tx, run, batch.stamp, batch.effects)?;
    if let Some(letter) = batch.letter {
        let removed = tx.execute(
            "DELETE FROM inbox WHERE letter = ?1 AND run = ?2",
            params![letter.0, run.as_str()],
        )?;
        if removed != 1 {
            return Err(StoreError::Corrupted {
                why: format!("letter {} to {run} was read twice", letter.0),
            });
        }
    }
    let updated = tx
        .prepare_cached(
            "UPDATE runs SET next = ?4, head = ?5, last_run = ?6, last_wall = ?7, standing = ?8, over = ?9
             WHERE id = ?1 AND epoch = ?2 AND next = ?3",
        )?
        .execute(params![
            run.as_str(),
            epoch.0,
            batch.first.0,
            seq.0,
            head.0,
            batch.stamp.run.0,
            batch.stamp.wall,
            json(batch.standing)?,
            batch.standing.is_over(),
        ])?;
    if updated == 1 { Ok(()) } else { Err(fenced()) }
}

/// Makes sure that no living runner has a service, and forgets a dead one.
fn free_lock(
    tx: &Transaction<'_>,
    service: &str,
    claim: &Claim<'_>,
) -> Result<Option<Holder>, StoreError> {
    let Some(holder) = read::holder(tx, service)? else {
        return Ok(None);
    };
    match (claim.liveness)(&holder.owner) {
        Liveness::Alive | Liveness::Elsewhere => Err(StoreError::Held(Box::new(holder))),
        Liveness::Dead => {
            tx.execute("DELETE FROM locks WHERE service = ?1", [service])?;
            Ok(Some(holder))
        }
    }
}

/// Refuses when the service has a run that has not ended, other than the one that is to be taken up.
fn refuse_unfinished(
    tx: &Transaction<'_>,
    service: &str,
    taken_up: Option<&RunId>,
) -> Result<(), StoreError> {
    let run: Option<String> = tx
        .query_row(
            "SELECT id FROM runs WHERE service = ?1 AND over = 0 AND id IS NOT ?2 ORDER BY id LIMIT 1",
            params![service, taken_up.map(RunId::as_str)],
            |row| row.get(0),
        )
        .optional()?;
    match run {
        None => Ok(()),
        Some(run) => Err(StoreError::Unfinished {
            service: service.to_owned(),
            run: RunId::stored(run),
        }),
    }
}

fn hold(
    tx: &Transaction<'_>,
    (service, run): (&str, &RunId),
    epoch: Epoch,
    claim: &Claim<'_>,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO locks (service, run, epoch, by, host, pid, started, boot, space, since)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            service,
            run.as_str(),
            epoch.0,
            claim.by,
            claim.owner.host,
            claim.owner.pid,
            claim.owner.started,
            claim.owner.boot,
            claim.owner.space,
            claim.wall,
        ],
    )?;
    Ok(())
}

/// The first id from a time on that no run has.
fn free_id(tx: &Transaction<'_>, wall: i64) -> Result<RunId, StoreError> {
    for later in 0..u32::MAX {
        let id = RunId::at(wall, later);
        let taken: bool = tx.query_row(
            "SELECT EXISTS (SELECT 1 FROM runs WHERE id = ?1)",
            [id.as_str()],
            |row| row.get(0),
        )?;
        if !taken {
            return Ok(id);
        }
    }
    Err(StoreError::Failed {
        why: "no run id is free".to_owned(),
    })
}
