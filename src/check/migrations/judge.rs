//! What one statement does to the versions that still run.

use sqlparser::ast::{
    AlterSchemaOperation, AlterTypeOperation, AlterViewOperation, CreateIndex, CreateTable, Ident,
    ObjectName, ObjectNamePart, ObjectType, Query, SetExpr, Statement as Sql,
};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan};

use crate::diag::Diagnostic;
use crate::diag::factory::migration as say;
use crate::source::Span;

use super::alter;
use super::known::Known;
use super::script::{Script, Statement, words};
use super::types::Kind;

/// How deep a statement may be nested; the parser uses the stack.
const DEPTH: usize = 40;

/// How many words a part of a statement may have.
const LONGEST: usize = 5_000;

/// One statement and what is said about it.
pub(super) struct Judge<'j> {
    script: &'j Script<'j>,
    pub(super) known: &'j mut Known,
    pub(super) found: &'j mut Vec<Diagnostic>,
    /// Its first word.
    opens: Span,
    /// Its words.
    words: Vec<Keyword>,
}

/// Says what is wrong with a statement, and notes what it makes known.
pub(super) fn judge(
    script: &Script<'_>,
    statement: &Statement,
    known: &mut Known,
    found: &mut Vec<Diagnostic>,
) {
    let tokens = script.tokens(&statement.tokens);
    if let Some((at, why)) = &statement.broken {
        let why = format!("{why}; what stands behind it is not looked at");
        found.push(say::unread(
            *at,
            "this file cannot be read from here on",
            &why,
        ));
        return;
    }
    let first: Vec<Keyword> = words(tokens).collect();
    let mut judge = Judge {
        script,
        known,
        found,
        opens: statement.opens,
        words: first.clone(),
    };
    if judge.by_its_words() || judge.of_roles(&first) {
        return;
    }
    if let Some(at) = tokens.get(too_long(tokens)) {
        let at = script.place(at.span.start).unwrap_or(statement.opens);
        let why = format!("no more than {LONGEST} words without a comma are looked at");
        let message = "this statement is too long to be looked at";
        found.push(say::unread(at, message, &why));
        return;
    }
    let (tokens, is_concurrent) = without_concurrently(tokens, &judge.words);
    let dialect = PostgreSqlDialect {};
    let mut parser = Parser::new(&dialect)
        .with_recursion_limit(DEPTH)
        .with_tokens_with_locations(tokens);
    let read = parser.parse_statement().and_then(|sql| {
        let rest = parser.peek_token();
        match rest.token {
            Token::EOF => Ok(sql),
            _other => Err(ParserError::ParserError(format!(
                "nothing is expected here at Line: {}, Column: {}",
                rest.span.start.line, rest.span.start.column
            ))),
        }
    });
    match read {
        Ok(sql) => judge.sql(&sql, is_concurrent),
        Err(_) if first.starts_with(&[Keyword::REVOKE]) => judge.revoked(),
        Err(error) => judge.unread(&error),
    }
}

/// The token at which one part of a statement, between commas and within its parentheses, is too long. A chain of operators is as deep a
/// tree as it is long, and what is done with a tree goes down into it.
fn too_long(tokens: &[TokenWithSpan]) -> usize {
    let mut parts = vec![0_usize];
    for (index, token) in tokens.iter().enumerate() {
        match &token.token {
            Token::Whitespace(_) => continue,
            Token::LParen => parts.push(0),
            Token::RParen if parts.len() > 1 => {
                parts.pop();
            }
            Token::Comma => {
                if let Some(part) = parts.last_mut() {
                    *part = 0;
                }
            }
            _other => {}
        }
        if let Some(part) = parts.last_mut() {
            *part += 1;
            if *part > LONGEST {
                return index;
            }
        }
    }
    tokens.len()
}

/// `drop index concurrently` is not known to the parser: the statement without the word, and whether it was there.
fn without_concurrently(
    tokens: &[TokenWithSpan],
    words: &[Keyword],
) -> (Vec<TokenWithSpan>, Concurrent) {
    let drops = [Keyword::DROP, Keyword::INDEX, Keyword::CONCURRENTLY];
    if !words.starts_with(&drops) {
        return (tokens.to_vec(), Concurrent::No);
    }
    let is_it = |token: &TokenWithSpan| matches!(&token.token, Token::Word(word) if word.keyword == Keyword::CONCURRENTLY);
    let left = tokens.iter().filter(|token| !is_it(token));
    (left.cloned().collect(), Concurrent::Yes)
}

/// Whether a statement lets others go on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Concurrent {
    Yes,
    No,
}

impl Judge<'_> {
    /// What is decided by the first words alone, because the parser does not know the statement, or need not. Whether it was.
    fn by_its_words(&mut self) -> bool {
        use Keyword as K;
        let has = |word| self.words.contains(&word);
        let second = self.words.get(1).copied();
        let made = match self.words.get(1..3) {
            Some([K::OR, K::REPLACE]) => self.words.get(3).copied(),
            Some([K::CONSTRAINT, K::TRIGGER]) => Some(K::TRIGGER),
            _other => second,
        };
        match self.words.first() {
            Some(K::DO) => self.found.push(say::unread(
                self.opens,
                "what a `do` block does is not looked at",
                "its body is text that PostgreSQL runs",
            )),
            Some(K::REINDEX) => {
                if !has(K::CONCURRENTLY) {
                    let way = "write: reindex index concurrently NAME";
                    self.found
                        .push(say::command_locks(self.opens, "reindex", way));
                }
            }
            Some(K::CLUSTER) => {
                let way = "leave it to a time at which nobody uses the table";
                self.found
                    .push(say::command_locks(self.opens, "cluster", way));
            }
            Some(K::VACUUM) => {
                if has(K::FULL) {
                    let way = "write: vacuum NAME, which lets others go on";
                    self.found
                        .push(say::command_locks(self.opens, "vacuum full", way));
                }
            }
            // What only adds something, and what its body does later is not run now.
            Some(K::CREATE)
                if matches!(
                    made,
                    Some(
                        K::FUNCTION
                            | K::PROCEDURE
                            | K::TRIGGER
                            | K::EXTENSION
                            | K::STATISTICS
                            | K::DOMAIN
                            | K::TYPE
                            | K::SEQUENCE
                            | K::SCHEMA
                            | K::POLICY
                            | K::ROLE
                            | K::USER
                            | K::AGGREGATE
                            | K::OPERATOR
                            | K::COLLATION
                    )
                ) => {}
            Some(K::COMMENT | K::GRANT | K::ANALYZE | K::SET | K::RESET | K::SHOW | K::NOTIFY) => {}
            Some(_) | None => return false,
        }
        true
    }

    fn unread(&mut self, error: &ParserError) {
        let (at, why) = match error {
            ParserError::RecursionLimitExceeded => (self.opens, "it is nested too deep".to_owned()),
            ParserError::TokenizerError(why) | ParserError::ParserError(why) => {
                let (why, place) = parted(why);
                let at = place.and_then(|(line, column)| {
                    let location = sqlparser::tokenizer::Location::new(line, column);
                    self.script.place(location)
                });
                (at.unwrap_or(self.opens), why)
            }
        };
        let why = if why.is_empty() {
            "it is no statement that is known here".to_owned()
        } else {
            why
        };
        self.found
            .push(say::unread(at, "this statement cannot be read", &why));
    }

    fn sql(&mut self, sql: &Sql, concurrent: Concurrent) {
        match sql {
            Sql::AlterTable(table) => {
                let name = name_of(&table.name);
                for operation in &table.operations {
                    alter::operation(self, &name, operation);
                }
            }
            Sql::CreateTable(table) => self.create_table(table),
            Sql::CreateIndex(index) => self.create_index(index),
            Sql::Drop {
                object_type, names, ..
            } => {
                for name in names {
                    self.drop(*object_type, name, concurrent);
                }
            }
            Sql::DropFunction(drop) => {
                for one in &drop.func_desc {
                    self.dropped("function", &one.name);
                }
            }
            Sql::DropProcedure { proc_desc, .. } => {
                for one in proc_desc {
                    self.dropped("procedure", &one.name);
                }
            }
            Sql::DropDomain(drop) => self.dropped("domain", &drop.name),
            Sql::DropExtension(drop) => {
                for name in &drop.names {
                    let what = format!("extension `{}`", name.value);
                    let at = self.at(name);
                    self.found.push(say::drops(at, &what));
                }
            }
            Sql::Truncate(truncate) => {
                for target in &truncate.table_names {
                    self.loses_rows(&target.name);
                }
            }
            Sql::Delete(delete) => self.delete(delete),
            Sql::Update(update) => self.update(update),
            Sql::AlterView(view) => match &view.operation {
                AlterViewOperation::RenameTo { new_name } => {
                    self.renamed("view", &view.name, &name_of(new_name));
                }
                AlterViewOperation::RenameColumn {
                    old_column_name,
                    new_column_name,
                } => {
                    let of = name_of(&view.name);
                    let what = format!("column `{}` of {of}", old_column_name.value);
                    let at = self.at(old_column_name);
                    self.found
                        .push(say::renames(at, &what, &new_column_name.value));
                }
                AlterViewOperation::SetSchema { schema_name } => {
                    self.renamed("view", &view.name, &name_of(schema_name));
                }
                _other => {}
            },
            Sql::AlterType(ty) => match &ty.operation {
                AlterTypeOperation::Rename(to) => {
                    self.renamed("type", &ty.name, &to.new_name.value);
                }
                AlterTypeOperation::RenameValue(value) => {
                    let of = name_of(&ty.name);
                    let what = format!("value `{}` of type {of}", value.from.value);
                    let at = self.at(&value.from);
                    self.found.push(say::renames(at, &what, &value.to.value));
                }
                AlterTypeOperation::AddValue(_) => {}
            },
            Sql::AlterSchema(schema) => {
                for one in &schema.operations {
                    if let AlterSchemaOperation::Rename { name } = one {
                        self.renamed("schema", &schema.name, &name_of(name));
                    }
                }
            }
            Sql::StartTransaction { statements, .. } if statements.is_empty() => {
                self.known.transaction = Some(self.opens);
            }
            Sql::Commit { .. }
            | Sql::Rollback {
                savepoint: None, ..
            } => {
                self.known.transaction = None;
            }
            Sql::Lock(_) => {
                let way = "leave it out: each statement takes the lock that it needs";
                self.found
                    .push(say::command_locks(self.opens, "lock table", way));
            }
            Sql::RefreshMaterializedView(view) => {
                if view.concurrently {
                    self.not_in_a_transaction();
                } else {
                    let way = "write: refresh materialized view concurrently …, which needs a unique index on it";
                    self.found.push(say::command_locks(
                        self.opens,
                        "refresh materialized view",
                        way,
                    ));
                }
            }
            Sql::Query(query) => {
                self.query(query);
                self.calls(query);
            }
            Sql::Merge(merge) => self.merge(merge),
            Sql::Revoke(revoke) => self.revoke(revoke),
            Sql::RevokeRole(_) => self.revoked(),
            Sql::AlterRole { operation, .. } => self.altered_role(operation),
            Sql::CreateRule(rule) => {
                if !self.known.is_new(&name_of(&rule.table_name)) {
                    let message = "what a rule makes of the statements of others is not looked at";
                    let why = "a version that still runs says them, and something else is done";
                    self.found.push(say::unread(self.opens, message, why));
                }
            }
            Sql::DropTrigger(drop) => {
                let table = drop.table_name.as_ref().map(name_of).unwrap_or_default();
                self.dropped_of(
                    "trigger",
                    (
                        self.at_name(&drop.trigger_name),
                        &name_of(&drop.trigger_name),
                    ),
                    &table,
                );
            }
            Sql::DropPolicy(drop) => {
                let name = (self.at(&drop.name), lower(&drop.name));
                self.dropped_of("policy", (name.0, &name.1), &name_of(&drop.table_name));
            }
            Sql::DropRule(drop) => {
                let name = (self.at(&drop.name), lower(&drop.name));
                self.dropped_of("rule", (name.0, &name.1), &name_of(&drop.table_name));
            }
            Sql::Insert(insert) => {
                if let Some(query) = &insert.source {
                    self.query(query);
                }
            }
            // It runs what it explains.
            Sql::Explain {
                analyze: true,
                statement,
                ..
            } => self.sql(statement, concurrent),
            // These add something, say something, or change some rows.
            Sql::CreateView(_)
            | Sql::CreateServer(_)
            | Sql::CreateForeignTable(_)
            | Sql::CreateForeignDataWrapper(_)
            | Sql::CreateUserMapping(_)
            | Sql::CreateTextSearch(_)
            | Sql::AlterIndex { .. }
            | Sql::AlterPolicy(_)
            | Sql::AlterTrigger(_)
            | Sql::AlterDefaultPrivileges(_)
            | Sql::Savepoint { .. }
            | Sql::ReleaseSavepoint { .. }
            | Sql::Rollback { .. }
            | Sql::Explain { .. }
            | Sql::LISTEN { .. }
            | Sql::UNLISTEN { .. }
            | Sql::Discard { .. } => {}
            _other => self.not_known(),
        }
    }

    /// A query changes something where its `with` does, or where it is the `with` of a statement that does. PostgreSQL allows that at the top
    /// only, so that selects and unions need not be looked into.
    fn query(&mut self, query: &Query) {
        for one in query.with.iter().flat_map(|with| &with.cte_tables) {
            self.query(&one.query);
        }
        match query.body.as_ref() {
            SetExpr::Insert(sql)
            | SetExpr::Update(sql)
            | SetExpr::Delete(sql)
            | SetExpr::Merge(sql) => self.sql(sql, Concurrent::No),
            SetExpr::Query(inner) => self.query(inner),
            SetExpr::Select(_)
            | SetExpr::SetOperation { .. }
            | SetExpr::Values(_)
            | SetExpr::Table(_) => {}
        }
    }

    /// A statement that can be read, and of which nobody has said what it does to others.
    pub(super) fn not_known(&mut self) {
        self.found.push(say::unread(
            self.opens,
            "this statement is not looked at",
            "what it does to versions that still run is not known here",
        ));
    }

    fn create_table(&mut self, table: &CreateTable) {
        let name = name_of(&table.name);
        for column in &table.columns {
            let at = (name.clone(), lower(&column.name));
            self.known.has_type(at, Kind::of(&column.data_type));
        }
        self.known.makes_table(&name);
    }

    fn create_index(&mut self, index: &CreateIndex) {
        let table = name_of(&index.table_name);
        if index.concurrently {
            self.not_in_a_transaction();
        } else if !self.known.is_new(&table) {
            let at = index.name.as_ref().unwrap_or(&index.table_name);
            let at = self.at_name(at);
            let unique = if index.unique { "unique " } else { "" };
            self.found.push(say::index_locks(at, &table, unique));
        }
        if index.unique {
            let at = index.name.as_ref().unwrap_or(&index.table_name);
            let at = self.at_name(at);
            self.becomes_unique(&table, (&index.columns, at));
        }
    }

    fn not_in_a_transaction(&mut self) {
        if let Some(begun) = self.known.transaction {
            self.found
                .push(say::concurrent_in_transaction(self.opens, begun));
        }
    }

    fn drop(&mut self, kind: ObjectType, name: &ObjectName, concurrent: Concurrent) {
        let what = match kind {
            ObjectType::Index => {
                if concurrent == Concurrent::Yes {
                    self.not_in_a_transaction();
                } else {
                    let at = self.at_name(name);
                    self.found.push(say::drop_index_locks(at, &name_of(name)));
                }
                return;
            }
            ObjectType::Role | ObjectType::User | ObjectType::Group => "role",
            ObjectType::Collation => "collation",
            ObjectType::Table => "table",
            ObjectType::ForeignTable => "foreign table",
            ObjectType::View => "view",
            ObjectType::MaterializedView => "materialized view",
            ObjectType::Schema => "schema",
            ObjectType::Database => "database",
            ObjectType::Sequence => "sequence",
            ObjectType::Type => "type",
            _other => "this",
        };
        self.dropped(what, name);
    }

    fn dropped(&mut self, what: &str, name: &ObjectName) {
        let plain = name_of(name);
        if !self.known.is_new(&plain) {
            let at = self.at_name(name);
            self.found
                .push(say::drops(at, &format!("{what} `{plain}`")));
        }
    }

    /// A part of a table.
    fn dropped_of(&mut self, what: &str, (at, name): (Span, &str), table: &str) {
        if !self.known.is_new(table) {
            let of = if table.is_empty() {
                String::new()
            } else {
                format!(" of {table}")
            };
            self.found
                .push(say::drops(at, &format!("{what} `{name}`{of}")));
        }
    }

    pub(super) fn renamed(&mut self, what: &str, name: &ObjectName, to: &str) {
        let plain = name_of(name);
        if !self.known.is_new(&plain) {
            let at = self.at_name(name);
            self.found
                .push(say::renames(at, &format!("{what} `{plain}`"), to));
        }
    }

    /// Where a name stands; the statement's first word where that is not known.
    pub(super) fn at(&self, name: &Ident) -> Span {
        self.script.place(name.span.start).unwrap_or(self.opens)
    }

    pub(super) fn at_name(&self, name: &ObjectName) -> Span {
        name.0
            .last()
            .and_then(ObjectNamePart::as_ident)
            .map_or(self.opens, |ident| self.at(ident))
    }

    pub(super) fn opens(&self) -> Span {
        self.opens
    }
}

/// What a message of the parser says, and the line and column at which.
fn parted(message: &str) -> (String, Option<(u64, u64)>) {
    let Some((why, place)) = message.rsplit_once(" at Line: ") else {
        return (message.to_owned(), None);
    };
    let place = place
        .split_once(", Column: ")
        .and_then(|(line, column)| Some((line.trim().parse().ok()?, column.trim().parse().ok()?)));
    let why = why.strip_prefix("Expected: ").map_or_else(
        || why.to_owned(),
        |rest| format!("expected {}", rest.replace(", found: ", ", found ")),
    );
    (why, place)
}

/// A name as PostgreSQL compares it: in lower case, but for what stands in quotes; without the schema that is there anyway.
pub(super) fn name_of(name: &ObjectName) -> String {
    let parts = name.0.iter().map(|part| match part {
        ObjectNamePart::Identifier(ident) => lower(ident),
        other => other.to_string(),
    });
    let whole = parts.collect::<Vec<_>>().join(".");
    whole
        .strip_prefix("public.")
        .map_or(whole.clone(), str::to_owned)
}

pub(super) fn lower(name: &Ident) -> String {
    match name.quote_style {
        Some(_) => name.value.clone(),
        None => name.value.to_lowercase(),
    }
}
