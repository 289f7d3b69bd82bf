//! Owns the inbox: letters are put in by any process, read by the runner, and removed by the commit that records them.

use std::collections::VecDeque;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::super::entry::{RECORD_FORMAT, json};
use super::super::error::StoreError;
use super::super::ids::RunId;
use super::super::inbox::{Inbox, Post, Posted};
use super::super::store::Standing;
use super::read;
use crate::world::Letter;

pub(super) fn post(
    tx: &Transaction<'_>,
    run: &RunId,
    post: &Post<'_>,
) -> Result<Letter, StoreError> {
    let standing: String = tx
        .query_row(
            "SELECT standing FROM runs WHERE id = ?1",
            [run.as_str()],
            |row| row.get(0),
        )
        .optional()?
        .ok_or_else(|| read::no_such_run(run))?;
    let standing: Standing =
        serde_json::from_str(&standing).map_err(|error| StoreError::Corrupted {
            why: format!("how far {run} has come cannot be read: {error}"),
        })?;
    if !standing.reads_letters() {
        return Err(StoreError::Over { run: run.clone() });
    }
    tx.execute(
        "INSERT INTO inbox (run, format, body, by, wall) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            run.as_str(),
            RECORD_FORMAT,
            json(post.input)?,
            post.by,
            post.wall
        ],
    )?;
    Ok(Letter(tx.last_insert_rowid()))
}

/// A runner's view of its inbox, over a connection of its own.
pub(super) struct SqliteInbox {
    connection: Connection,
    run: RunId,
    /// SQLite's count of other connections' commits at the last look: while it stays, there is nothing new.
    seen: Option<i64>,
    /// The newest letter that was fetched.
    newest: Letter,
    /// Fetched and not given out.
    waiting: VecDeque<Posted>,
}

impl SqliteInbox {
    pub(super) fn new(connection: Connection, run: RunId) -> Self {
        Self {
            connection,
            run,
            seen: None,
            newest: Letter(0),
            waiting: VecDeque::new(),
        }
    }

    fn fetch(&mut self) -> Result<(), StoreError> {
        let version: i64 = self
            .connection
            .pragma_query_value(None, "data_version", |row| row.get(0))?;
        if self.seen == Some(version) {
            return Ok(());
        }
        let mut statement = self.connection.prepare_cached(
            "SELECT letter, format, body, by, wall FROM inbox WHERE run = ?1 AND letter > ?2 ORDER BY letter",
        )?;
        let mut rows = statement.query(params![self.run.as_str(), self.newest.0])?;
        while let Some(row) = rows.next()? {
            let posted = posted(row)?;
            self.newest = posted.letter;
            self.waiting.push_back(posted);
        }
        self.seen = Some(version);
        Ok(())
    }
}

fn posted(row: &rusqlite::Row<'_>) -> Result<Posted, StoreError> {
    let letter = Letter(row.get(0)?);
    let format = row.get(1)?;
    if format > RECORD_FORMAT {
        return Err(StoreError::Newer {
            what: "letter",
            found: format,
            known: RECORD_FORMAT,
        });
    }
    let body: String = row.get(2)?;
    Ok(Posted {
        letter,
        input: serde_json::from_str(&body).map_err(|error| StoreError::Corrupted {
            why: format!("letter {} cannot be read: {error}", letter.0),
        })?,
        by: row.get(3)?,
        wall: row.get(4)?,
    })
}

impl Inbox for SqliteInbox {
    fn next(&mut self) -> Result<Option<Posted>, StoreError> {
        if self.waiting.is_empty() {
            self.fetch()?;
        }
        Ok(self.waiting.pop_front())
    }
}
