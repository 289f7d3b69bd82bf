//! What is wrong with a file of SQL that a step runs.

use crate::diag::{Diagnostic, names};
use crate::source::Span;

/// There is no such file.
pub(crate) fn missing(span: Span, path: &str, looked_for: &str) -> Diagnostic {
    Diagnostic::new(&names::BAD_SQL, format!("there is no file `{path}`"))
        .at(span, format!("looked for {looked_for}"))
        .help("a file of SQL is named by its path, relative to the runbook: sql db \"db/migrate.sql\"")
}

/// It cannot be read, or cannot be run.
pub(crate) fn unreadable(span: Span, path: &str, why: &str) -> Diagnostic {
    Diagnostic::new(&names::BAD_SQL, format!("`{path}` cannot be run"))
        .at(span, why.to_owned())
        .help("name a file with statements of SQL in it that you may read")
}

/// The path leads out of the project; `how` says in which way.
pub(crate) fn outside(span: Span, (path, how): (&str, &str), root: &str) -> Diagnostic {
    Diagnostic::new(
        &names::BAD_SQL,
        format!("`{path}` is outside of the project"),
    )
    .at(span, how.to_owned())
    .help(format!(
        "everything that a runbook uses must be under {root}"
    ))
}

/// `sql db "${file}"`
pub(crate) fn path_is_not_plain(span: Span) -> Diagnostic {
    Diagnostic::new(&names::BAD_SQL, "the path of a file of SQL is put together")
        .at(
            span,
            "the file is read when the plan is made, so its name stands here as it is",
        )
        .help("write the path out: sql db \"db/migrate.sql\"")
}

/// `\! rm`
pub(crate) fn psql_command((span, path): (Span, &str), line: usize, word: &str) -> Diagnostic {
    Diagnostic::new(
        &names::BAD_SQL,
        format!("`{path}` holds more than SQL"),
    )
    .at(span, format!("line {line} of it has `{word}`, a command of psql"))
    .help("take it out; a script for psql is run by a command: $ psql --no-psqlrc --set ON_ERROR_STOP=1 --file FILE")
}

/// `sql prom "…"`
pub(crate) fn no_database(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(&names::NAME_NOT_HERE, format!("`{name}` is no database"))
        .at(span, "SQL is run by a database")
        .help("declare one: provider NAME { postgres env DATABASE_URL }")
}

/// `query db '…'`
pub(crate) fn no_metrics(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &names::NAME_NOT_HERE,
        format!("`{name}` is a database, and metrics are not queried from one"),
    )
    .at(span, "a Prometheus stands here")
    .help("ask it with a command that prints one number: $ psql --no-psqlrc --tuples-only --command 'select …'")
}

/// `on HOSTS`, `in` or `stdin` of SQL.
pub(crate) fn needless_for_sql(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(
        &names::NEEDLESS,
        format!("`{word}` has no meaning for a file of SQL"),
    )
    .at(
        span,
        "the database runs it, and it is handed over from here",
    )
    .help(format!("take `{word}` away"))
}
