//! Migrations: what the SQL of a release does to the versions that still run, and to the one that a rollback brings back.
//!
//! The dialect is PostgreSQL's. Every statement is read by itself, so that one that cannot be read hides no other. What is not
//! understood is said: a file that was not looked at is never a good file. Reads texts, no file and no database.
//!
//! A finding is accepted by a comment above the statement, `-- waive NAME "REASON"`, where whoever reviews the migration sees it.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the enums of SQL are of every dialect and grow with the parser; what no arm names is a finding of its own"
)]

mod alter;
mod judge;
mod known;
mod rights;
mod rows;
mod script;
mod types;

use crate::diag::factory::lint as say;
use crate::diag::factory::migration;
use crate::diag::{Diagnostic, Diagnostics, nearest, registered};
use crate::source::{SourceFile, Span, offset};

use known::Known;
use script::{Comment, Script, Statement};

/// A finding that a file accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Its name.
    pub policy: String,
    /// What was found.
    pub finding: String,
    /// Why it is accepted.
    pub reason: String,
    /// The file.
    pub file: String,
    /// The line that accepts it, from 1.
    pub line: u32,
}

/// What was found in all files.
#[derive(Clone, Debug, Default)]
pub struct OfMigrations {
    /// What stands.
    pub found: Diagnostics,
    /// What the files accept.
    pub accepted: Vec<Accepted>,
}

/// Holds files against the versions that still run, in the order in which they are applied.
pub fn migrations<'f>(files: impl IntoIterator<Item = &'f SourceFile>) -> OfMigrations {
    let mut all = OfMigrations::default();
    let mut known = Known::default();
    for file in files {
        known.next_file();
        let script = Script::of(file);
        for statement in script.statements() {
            let mut found = Vec::new();
            judge::judge(&script, &statement, &mut known, &mut found);
            all.settle(&script, &statement, found);
        }
    }
    all.found.sort();
    all
}

impl OfMigrations {
    /// Parts what is found in a statement into what stands and what the comments above it accept.
    fn settle(&mut self, script: &Script<'_>, statement: &Statement, found: Vec<Diagnostic>) {
        let mut waives = Vec::new();
        for comment in &statement.comments {
            match waive(comment) {
                None => {}
                Some(Ok(waive)) => waives.push((waive, false)),
                Some(Err(wrong)) => self.found.push(wrong),
            }
        }
        for one in found {
            let taker = waives.iter_mut().find(|(waive, _)| waive.name == one.name);
            match taker {
                None => self.found.push(one),
                Some((waive, used)) => {
                    *used = true;
                    self.accepted.push(Accepted {
                        policy: waive.name.to_owned(),
                        finding: one.message,
                        reason: waive.reason.to_owned(),
                        file: script.file.name().to_owned(),
                        line: script.file.position(waive.span.start).line,
                    });
                }
            }
        }
        for (waive, used) in waives {
            if !used {
                let on = statement.opens;
                self.found
                    .push(say::unneeded_waive((waive.span, waive.name), on));
            }
        }
    }
}

/// A comment that accepts something.
struct Waive<'a> {
    name: &'static str,
    reason: &'a str,
    span: Span,
}

/// What a comment accepts, if it is about that at all.
fn waive(comment: &Comment) -> Option<Result<Waive<'_>, Diagnostic>> {
    let rest = comment.text.trim_start().strip_prefix("waive")?;
    if !rest.is_empty() && !rest.starts_with([' ', '\t']) {
        return None;
    }
    let rest = rest.trim();
    let (name, reason) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
    if name.is_empty() {
        return Some(Err(say::waives_nothing(comment.span)));
    }
    let mut known = migration::OF_MIGRATIONS.iter().map(|row| row.name);
    let Some(row) = known.find(|known| *known == name) else {
        let is_another = registered().iter().any(|row| row.name == name);
        let known = migration::OF_MIGRATIONS.iter().map(|row| row.name);
        let near = nearest(name, known).filter(|_| !is_another);
        let at = comment.text.len() - comment.text.trim_start().len();
        let before = comment.text.len() - rest.len();
        let begin = comment.span.end - offset(comment.text.len() - at.max(before));
        let span = Span::new(begin, begin + offset(name.len()));
        return Some(Err(migration::waives_unknown(span, name, near)));
    };
    let reason = reason.trim();
    let reason = reason
        .strip_prefix('"')
        .and_then(|reason| reason.strip_suffix('"'))
        .map(str::trim)
        .filter(|reason| !reason.is_empty());
    Some(match reason {
        None => Err(say::waived_without_reason((comment.span, row))),
        Some(reason) => Ok(Waive {
            name: row,
            reason,
            span: comment.span,
        }),
    })
}
