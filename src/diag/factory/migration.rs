//! The wording of what is said about migrations: the files that a check names, and what their statements do to the versions that run.

use crate::diag::{Diagnostic, Registered, names};
use crate::source::Span;

/// What the review of a statement leaves to type.
fn accepted(one: Diagnostic) -> Diagnostic {
    let name = one.name;
    one.help(format!(
        "what was reviewed is accepted on the line above the statement: -- waive {name} \"REASON\""
    ))
}

fn missing(message: String, span: Span, label: impl Into<String>) -> Diagnostic {
    Diagnostic::new(&names::MIGRATIONS_MISSING, message).at(span, label)
}

/// The pattern holds a value.
pub(crate) fn pattern_not_plain(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::BAD_INTERPOLATION,
        "the files of `migrations` are written out",
    )
    .at(
        span,
        "which files they are must be known before any value is",
    )
    .help("write the pattern without `${…}`, for example migrations \"db/*.sql\"")
}

/// No file is like the pattern.
pub(crate) fn nothing_matches(span: Span, pattern: &str, folder: &str) -> Diagnostic {
    missing(
        format!("no file is like `{pattern}`"),
        span,
        format!("looked for in {folder}"),
    )
    .help("a pattern is relative to the runbook; `*` stands for any part of a name, `**` for any directories")
    .help("where this release changes no database, take the check away")
}

/// The pattern cannot be read.
pub(crate) fn bad_glob(span: Span, pattern: &str, why: &str) -> Diagnostic {
    missing(format!("`{pattern}` is no pattern of files"), span, why)
        .help("write for example \"db/*.sql\" or \"db/**/*.sql\"")
}

/// What it names is not part of the project; `how` says in which way.
pub(crate) fn migrations_outside(
    span: Span,
    (pattern, how): (&str, &str),
    root: &str,
) -> Diagnostic {
    missing(
        format!("`{pattern}` leads out of the project"),
        span,
        how.to_owned(),
    )
    .help(format!(
        "everything that a runbook uses must be under {root}"
    ))
}

/// What it names cannot be read.
pub(crate) fn migrations_unreadable(span: Span, pattern: &str, why: &str) -> Diagnostic {
    missing(
        format!("the files of `{pattern}` cannot be read"),
        span,
        why.to_owned(),
    )
    .help("name the SQL files of this release, which you may read")
}

/// A clause of a check that runs nothing.
pub(crate) fn needless_for_migrations(span: Span, what: &str) -> Diagnostic {
    Diagnostic::new(
        &names::NEEDLESS,
        format!("{what} has no meaning for `migrations`"),
    )
    .at(span, "nothing is run: the files are read before every run")
    .help("write: check \"TITLE\" migrations \"db/*.sql\"")
}

/// A statement, or the rest of a file, that cannot be read.
pub(crate) fn unread(span: Span, message: &str, why: &str) -> Diagnostic {
    accepted(
        Diagnostic::new(&names::MIGRATION_UNREAD, message)
            .at(span, why)
            .help("look at it yourself: it was not held against the versions that still run"),
    )
}

/// Something that versions that still run may use is taken away.
pub(crate) fn drops(span: Span, what: &str) -> Diagnostic {
    accepted(
        Diagnostic::new(&names::MIGRATION_DROPS, format!("{what} is dropped"))
            .at(span, "a version that still runs, or that a rollback brings back, may use it")
            .help("first ship a release that does not use it; when no older version can come back, drop it in the migration of a later release"),
    )
}

/// Rows are taken away.
pub(crate) fn drops_rows(span: Span, table: &str) -> Diagnostic {
    accepted(
        Diagnostic::new(
            &names::MIGRATION_DROPS,
            format!("every row of {table} is deleted"),
        )
        .at(span, "no rollback brings them back")
        .help("say which rows, in batches: delete from … where …"),
    )
}

/// A default is taken away.
pub(crate) fn drops_default(span: Span, column: &str) -> Diagnostic {
    accepted(
        Diagnostic::new(&names::MIGRATION_DROPS, format!("the default of {column} is dropped"))
            .at(span, "a version that still runs and does not name the column writes null, or fails")
            .help("first ship a release that always writes the column; drop the default in the migration of a later release"),
    )
}

/// Something is renamed.
pub(crate) fn renames(span: Span, what: &str, to: &str) -> Diagnostic {
    accepted(
        Diagnostic::new(
            &names::MIGRATION_RENAMES,
            format!("{what} is renamed to `{to}`"),
        )
        .at(span, "a version that still runs knows it by the old name")
        .help(format!(
            "add `{to}` beside it and write both; ship a release that reads `{to}`; drop the old one in the migration of a later release"
        )),
    )
}

/// `alter role a rename to b`
pub(crate) fn renames_role(span: Span, to: &str) -> Diagnostic {
    accepted(
        Diagnostic::new(&names::MIGRATION_RENAMES, format!("a role is renamed to `{to}`"))
            .at(span, "a version that still runs logs in by the old name")
            .help(format!(
                "make `{to}` beside it, and ship a release that logs in by it; drop the old one in the migration of a later release"
            )),
    )
}

/// What is known of a change of a type.
pub(crate) enum NewType<'a> {
    /// It holds less than before; the old type.
    Narrower(&'a str),
    /// Another one, and the table is written anew; the old type.
    Other(&'a str),
    /// Nobody knows what it was.
    Unknown,
}

/// A column gets another type.
pub(crate) fn changes_type(
    span: Span,
    (column, to): (&str, &str),
    known: &NewType<'_>,
) -> Diagnostic {
    let (message, label) = match known {
        NewType::Narrower(from) => (
            format!("{column} becomes narrower: {from} to {to}"),
            "values that do not fit make it fail, and versions that still run may write more",
        ),
        NewType::Other(from) => (
            format!("{column} changes its type from {from} to {to}"),
            "the whole table is written anew, and nobody can read it meanwhile",
        ),
        NewType::Unknown => (
            format!("{column} changes its type to {to}"),
            "none of these files says what it was: it may become narrower, or the table may be written anew under a lock",
        ),
    };
    accepted(
        Diagnostic::new(&names::MIGRATION_TYPE, message)
            .at(span, label)
            .help("add a column of the new type beside it, write both, copy the old rows in batches, read the new one; drop the old one in the migration of a later release"),
    )
}

/// `set not null`
pub(crate) fn becomes_not_null(
    span: Span,
    (column, table): (&str, &str),
    whole: &str,
) -> Diagnostic {
    accepted(
        Diagnostic::new(&names::MIGRATION_NOT_NULL, format!("{whole} becomes not null"))
            .at(span, "the whole table is read under a lock, and a version that writes null fails from here on")
            .help(format!(
                "first: alter table {table} add constraint {column}_set check ({column} is not null) not valid"
            ))
            .help(format!(
                "then, in a file of its own: alter table {table} validate constraint {column}_set; after that `set not null` reads nothing"
            )),
    )
}

/// `add column … not null` without a default.
pub(crate) fn added_not_null(
    span: Span,
    whole: &str,
    (table, column, ty): (&str, &str, &str),
) -> Diagnostic {
    accepted(
        Diagnostic::new(
            &names::MIGRATION_NOT_NULL,
            format!("{whole} is added as not null, without a default"),
        )
        .at(
            span,
            "it fails when there are rows, and a version that still runs does not write it",
        )
        .help(format!(
            "write: alter table {table} add column {column} {ty} not null default VALUE"
        ))
        .help(
            "or add it without `not null`, fill it, and require it in the migration of a later release",
        ),
    )
}

fn locks(span: Span, message: String, label: String, way: String) -> Diagnostic {
    accepted(
        Diagnostic::new(&names::MIGRATION_LOCKS, message)
            .at(span, label)
            .help(way),
    )
}

/// `create index` without `concurrently`.
pub(crate) fn index_locks(span: Span, table: &str, unique: &str) -> Diagnostic {
    locks(
        span,
        "an index is created without `concurrently`".to_owned(),
        format!("nobody can write to {table} until it is built"),
        format!("write: create {unique}index concurrently …, in a file that no transaction holds"),
    )
}

/// `drop index` without `concurrently`.
pub(crate) fn drop_index_locks(span: Span, index: &str) -> Diagnostic {
    locks(
        span,
        format!("index `{index}` is dropped without `concurrently`"),
        "nobody can read its table until every older query has ended".to_owned(),
        format!("write: drop index concurrently {index}, in a file that no transaction holds"),
    )
}

/// A constraint that is held against every row at once.
pub(crate) fn constraint_locks(span: Span, (what, table): (&str, &str), name: &str) -> Diagnostic {
    locks(
        span,
        format!("{what} is added without `not valid`"),
        format!("every row of {table} is looked at under a lock"),
        format!(
            "write: … not valid, and in a file of its own: alter table {table} validate constraint {name}"
        ),
    )
}

/// A constraint that builds an index.
pub(crate) fn unique_locks(span: Span, (what, table): (&str, &str), with: &str) -> Diagnostic {
    locks(
        span,
        format!("{what} is added, and its index is built at once"),
        format!("nobody can write to {table} until it is built"),
        format!(
            "first: create unique index concurrently NAME on {table} (…); then: alter table {table} add constraint NAME {with} using index NAME"
        ),
    )
}

/// A constraint in the definition of a column that is added.
pub(crate) fn column_constraint_locks(span: Span, what: &str, table: &str) -> Diagnostic {
    locks(
        span,
        format!("a column is added with {what}"),
        format!("{table} is locked while it is made"),
        "add the column alone, and the constraint by statements of its own: … not valid, or … using index".to_owned(),
    )
}

/// A new column whose value must be computed for every row.
pub(crate) fn written_anew(span: Span, whole: &str, why: &str) -> Diagnostic {
    locks(
        span,
        format!("{whole} is added with a value for each row: {why}"),
        "the whole table is written anew, and nobody can read it meanwhile".to_owned(),
        "add it without a default, set the default in a statement of its own, and fill the old rows in batches".to_owned(),
    )
}

/// A command that locks as a whole; `way` says what to write.
pub(crate) fn command_locks(span: Span, what: &str, way: &str) -> Diagnostic {
    locks(
        span,
        format!("`{what}` locks out what still runs"),
        "nobody can write, and perhaps not read, until it has ended".to_owned(),
        way.to_owned(),
    )
}

/// `concurrently` between `begin` and `commit`.
pub(crate) fn concurrent_in_transaction(span: Span, begun: Span) -> Diagnostic {
    accepted(
        Diagnostic::new(
            &names::MIGRATION_LOCKS,
            "`concurrently` stands in a transaction",
        )
        .at(span, "PostgreSQL refuses it here")
        .with(begun, "the transaction begins here")
        .help("put it into a file of its own, without `begin`, and tell the tool that runs the files to use no transaction for it"),
    )
}

/// A trigger or a rule is there and does nothing any more.
pub(crate) fn switches_off(span: Span, what: &str) -> Diagnostic {
    accepted(
        Diagnostic::new(
            &names::MIGRATION_DROPS,
            format!("{what} is switched off"),
        )
        .at(span, "a version that still runs, or that a rollback brings back, may count on what it does")
        .help("leave it on, or switch it off only in the session that must not have it: set session_replication_role = replica"),
    )
}

/// A role loses something.
pub(crate) fn takes_rights(span: Span, message: &str, label: &str) -> Diagnostic {
    accepted(
        Diagnostic::new(&names::MIGRATION_DROPS, message)
            .at(span, label)
            .help("first ship a release that does not need it, with a role of its own; take it away in the migration of a later release"),
    )
}

/// `merge … when matched then delete`
pub(crate) fn merge_deletes(span: Span, table: &str) -> Diagnostic {
    accepted(
        Diagnostic::new(
            &names::MIGRATION_DROPS,
            format!("every row of {table} that matches is deleted"),
        )
        .at(span, "no rollback brings them back")
        .help("say which rows, in batches: delete from … where …"),
    )
}

/// `merge … when matched then update`
pub(crate) fn merge_updates(span: Span, table: &str) -> Diagnostic {
    accepted(
        Diagnostic::new(
            &names::MIGRATION_ALL_ROWS,
            format!("every row of {table} that matches is updated by one statement"),
        )
        .at(
            span,
            "each of them stays locked until the last one is written",
        )
        .help("update in batches: update … where id between … and …, each batch committed"),
    )
}

/// Values that were allowed twice are not any more.
pub(crate) fn becomes_unique(span: Span, table: &str, columns: &str) -> Diagnostic {
    let what = match columns {
        "" => format!("values of {table} become unique"),
        columns if columns.contains(',') => format!("({columns}) of {table} becomes unique"),
        column => format!("{column} of {table} becomes unique"),
    };
    accepted(
        Diagnostic::new(&names::MIGRATION_UNIQUE, what)
            .at(span, "a version that still runs, or that a rollback brings back, may write a value twice, and fails")
            .help("first ship a release that writes none twice; make it unique in the migration of a later release"),
    )
}

/// An `update` without `where`.
pub(crate) fn all_rows(span: Span, table: &str) -> Diagnostic {
    accepted(
        Diagnostic::new(
            &names::MIGRATION_ALL_ROWS,
            format!("every row of {table} is updated by one statement"),
        )
        .at(span, "every row stays locked until the last one is written")
        .help("update in batches: update … where id between … and …, each batch committed"),
    )
}

/// The registered names of all that is found in the files.
pub(crate) const OF_MIGRATIONS: [&Registered; 8] = [
    &names::MIGRATION_DROPS,
    &names::MIGRATION_RENAMES,
    &names::MIGRATION_TYPE,
    &names::MIGRATION_NOT_NULL,
    &names::MIGRATION_LOCKS,
    &names::MIGRATION_ALL_ROWS,
    &names::MIGRATION_UNIQUE,
    &names::MIGRATION_UNREAD,
];

/// `-- waive no-such-thing "…"`
pub(crate) fn waives_unknown(span: Span, name: &str, near: Option<&str>) -> Diagnostic {
    let one = Diagnostic::new(
        &names::BAD_WAIVE,
        format!("`{name}` is nothing that is found in a migration"),
    )
    .at(span, "no finding about SQL has this name");
    match near {
        Some(near) => one.help(format!("did you mean `{near}`?")),
        None => one.help(
            "take the name in brackets from what `runbook check` says, for example migration-drops",
        ),
    }
}

/// `waive` of such a name in a runbook.
pub(crate) fn waived_in_the_runbook(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &names::BAD_WAIVE,
        format!("`{name}` is accepted where it is found"),
    )
    .at(
        span,
        "this is about a statement of a SQL file, not of the runbook",
    )
    .help(format!(
        "write above the statement in its file: -- waive {name} \"REASON\""
    ))
}

/// `check migrations "db/*.sql"`
pub(crate) fn check_without_title(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::MISSING_PART,
        "a title in quotes is missing after `check`",
    )
    .at(span, "what every report says belongs before this")
    .help("write for example: check \"Migrations are compatible\" migrations \"db/*.sql\"")
}
