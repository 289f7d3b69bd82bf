//! SQL that a step runs: which database, and whether the file can be run as one transaction. It knows where statements begin and
//! end and by which words they begin, and nothing else of the language.

use crate::ast;
use crate::diag::factory::sql as say;

use super::Checker;
use super::ids::ProviderId;
use super::names::Sort;
use super::tree;

impl Checker<'_> {
    pub(super) fn sql(&mut self, sql: &ast::Sql) -> Option<tree::Sql> {
        let line = self.file.line(sql.span.start);
        self.needs("psql", line);
        let provider = self.find(Sort::Provider, &sql.provider).map(ProviderId);
        let is_database = self.providers().any(|one| {
            one.name.text == sql.provider.text
                && matches!(one.way, Some(ast::ProviderWay::Postgres(_)))
        });
        if provider.is_some() && !is_database {
            self.found
                .push(say::no_database(sql.provider.span, &sql.provider.text));
            return None;
        }
        let text = self.part(sql.text.as_ref())?;
        let path = sql.file.plain().unwrap_or_default();
        let script = match read(text) {
            Ok(script) => script,
            Err(Fault::Command { line, word }) => {
                self.found
                    .push(say::psql_command((sql.file.span, path), line, &word));
                return None;
            }
            Err(Fault::Nothing) => {
                self.found.push(say::unreadable(
                    sql.file.span,
                    path,
                    "no statement is in it",
                ));
                return None;
            }
        };
        Some(tree::Sql {
            provider: provider?,
            file: path.to_owned(),
            text: text.clone(),
            alone: script.alone,
        })
    }

    /// A metric is queried from what speaks of metrics.
    pub(super) fn queried(&mut self, provider: &ast::Name) {
        let is_database = self.providers().any(|one| {
            one.name.text == provider.text && matches!(one.way, Some(ast::ProviderWay::Postgres(_)))
        });
        if is_database {
            self.found
                .push(say::no_metrics(provider.span, &provider.text));
        }
    }

    fn providers(&self) -> impl Iterator<Item = &ast::Provider> {
        self.ast.items.iter().filter_map(|item| {
            if let ast::Item::Provider(provider) = item {
                Some(provider)
            } else {
                None
            }
        })
    }
}

/// What a file of SQL does.
#[derive(Debug, PartialEq, Eq)]
struct Script {
    /// The first statement that cannot stand in a transaction with others: its words.
    alone: Option<String>,
}

/// Why a file cannot be run.
#[derive(Debug, PartialEq, Eq)]
enum Fault {
    /// A command of psql, which is no SQL: it could run a program of this machine.
    Command { line: usize, word: String },
    /// Nothing is in it.
    Nothing,
}

/// The words of a statement that say what it is.
const WORDS: usize = 6;

fn read(text: &str) -> Result<Script, Fault> {
    let mut script = Script { alone: None };
    let mut statements = 0_usize;
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut rest = text;
    let mut is_open = false;
    while let Some(ch) = rest.chars().next() {
        let after = rest.get(ch.len_utf8()..).unwrap_or_default();
        if ch.is_ascii_alphanumeric() || ch == '_' {
            word.push(ch.to_ascii_uppercase());
            is_open = true;
            rest = after;
            continue;
        }
        // `E'…'` has escapes; what stands before other quotes does not matter.
        let escape = (word == "E").then_some('\\');
        if !word.is_empty() && words.len() < WORDS {
            words.push(std::mem::take(&mut word));
        }
        word.clear();
        rest = match ch {
            '\'' => quoted(after, ('\'', escape)),
            '"' => quoted(after, ('"', None)),
            '$' => dollars(rest).unwrap_or(after),
            '-' if after.starts_with('-') => after.split_once('\n').map_or("", |(_, rest)| rest),
            '/' if after.starts_with('*') => comment(after.get(1..).unwrap_or_default()),
            '\\' => {
                let line = text.len().saturating_sub(rest.len());
                let line = text.get(..line).unwrap_or_default().matches('\n').count() + 1;
                let word: String = rest.chars().take_while(|ch| !ch.is_whitespace()).collect();
                return Err(Fault::Command { line, word });
            }
            ';' => {
                statements = statements.saturating_add(usize::from(is_open));
                is_open = false;
                note(&mut script, &mut words);
                after
            }
            ch => {
                is_open |= !ch.is_whitespace();
                after
            }
        };
    }
    if !word.is_empty() && words.len() < WORDS {
        words.push(word);
    }
    statements = statements.saturating_add(usize::from(is_open));
    note(&mut script, &mut words);
    if statements == 0 {
        return Err(Fault::Nothing);
    }
    Ok(script)
}

fn note(script: &mut Script, words: &mut Vec<String>) {
    let all = std::mem::take(words);
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    if script.alone.is_none() && stands_alone(&all) {
        let shown: Vec<&str> = all.into_iter().take(3).collect();
        script.alone = Some(shown.join(" ").to_lowercase());
    }
}

/// Whether a statement cannot stand in a transaction that was begun for it, or says itself where one begins and ends.
fn stands_alone(words: &[&str]) -> bool {
    let is_concurrent = words.contains(&"CONCURRENTLY");
    match words {
        ["BEGIN" | "COMMIT" | "END" | "ABORT" | "VACUUM", ..]
        | ["START" | "PREPARE", "TRANSACTION", ..]
        | [
            "CREATE" | "DROP",
            "DATABASE" | "TABLESPACE" | "SUBSCRIPTION",
            ..,
        ]
        | ["ALTER", "SYSTEM", ..]
        | ["REINDEX", "DATABASE" | "SYSTEM" | "SCHEMA", ..]
        | ["CLUSTER"] => true,
        ["ROLLBACK", rest @ ..] => !rest.contains(&"TO"),
        ["CREATE" | "DROP", "INDEX" | "UNIQUE", ..] | ["REINDEX", ..] => is_concurrent,
        ["ALTER", "TABLE", ..] => is_concurrent && words.contains(&"DETACH"),
        [..] => false,
    }
}

/// What follows a quoted text.
fn quoted(rest: &str, (quote, escape): (char, Option<char>)) -> &str {
    let mut chars = rest.char_indices().peekable();
    while let Some((at, ch)) = chars.next() {
        if Some(ch) == escape {
            chars.next();
        } else if ch == quote {
            if chars.peek().is_some_and(|(_, next)| *next == quote) {
                chars.next();
            } else {
                return rest.get(at.saturating_add(1)..).unwrap_or_default();
            }
        }
    }
    ""
}

/// What follows `$tag$ … $tag$`; nothing when this is none.
fn dollars(rest: &str) -> Option<&str> {
    let (tag, inside) = rest.get(1..)?.split_once('$')?;
    let is_tag = tag.chars().all(|ch| ch.is_alphanumeric() || ch == '_');
    if !is_tag || tag.starts_with(|ch: char| ch.is_ascii_digit()) {
        return None;
    }
    let end = format!("${tag}$");
    Some(inside.split_once(end.as_str()).map_or("", |(_, rest)| rest))
}

/// What follows a comment, which may hold others.
fn comment(rest: &str) -> &str {
    let mut depth = 1_usize;
    let mut rest = rest;
    while depth > 0 {
        let opens = rest.find("/*");
        let closes = rest.find("*/");
        match (opens, closes) {
            (_, None) => return "",
            (Some(open), Some(close)) if open < close => {
                depth = depth.saturating_add(1);
                rest = rest.get(open.saturating_add(2)..).unwrap_or_default();
            }
            (_, Some(close)) => {
                depth = depth.saturating_sub(1);
                rest = rest.get(close.saturating_add(2)..).unwrap_or_default();
            }
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alone(text: &str) -> Option<String> {
        read(text).unwrap().alone
    }

    #[test]
    fn what_cannot_stand_in_a_transaction_is_known_by_its_words() {
        for text in [
            "create table a (b int); insert into a values (1)",
            "select 'vacuum; begin'; -- vacuum;\n/* begin /* x */ commit; */ select 1",
            "create function f() returns int as $x$ begin; return 1; end $x$ language plpgsql",
            "select $1$ $1$",
            "alter type t add value 'x'; create index i on a (b)",
            "select \"begin\" from a; rollback to savepoint s",
            "select E'it\\'s; vacuum', 'it''s; vacuum'",
        ] {
            assert_eq!(alone(text), None, "{text}");
        }
        for (text, words) in [
            ("select 1; vacuum full a;", "vacuum full a"),
            (
                "create index concurrently i on a (b)",
                "create index concurrently",
            ),
            (
                "Create Unique Index Concurrently i on a (b)",
                "create unique index",
            ),
            ("begin; update a set b = 1; commit", "begin"),
            ("drop database x", "drop database x"),
        ] {
            assert_eq!(alone(text).as_deref(), Some(words), "{text}");
        }
    }

    #[test]
    fn commands_of_psql_and_files_with_nothing_in_them_are_refused() {
        let fault = Fault::Command {
            line: 2,
            word: "\\!".to_owned(),
        };
        assert_eq!(read("select 1;\n\\! rm -rf /\n"), Err(fault));
        assert_eq!(read("-- nothing\n;\n /* x */ "), Err(Fault::Nothing));
        assert!(read("select '\\d'").is_ok());
    }
}
