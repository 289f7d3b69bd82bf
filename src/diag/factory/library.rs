//! The wording of what is said about libraries: where they are, what they hold, and what is made from it.

use crate::diag::{Diagnostic, names, nearest};
use crate::source::Span;

/// One `use` on the way from the file that the person named to the place of a problem.
pub(crate) struct Link<'a> {
    /// Where the path stands.
    pub(crate) span: Span,
    /// The file that it names, as people know it.
    pub(crate) file: &'a str,
}

/// The ways to a file, from the one that the person named; the last one is where the problem is said.
fn by_way_of(mut one: Diagnostic, chain: &[Link<'_>]) -> Diagnostic {
    let before = chain.len().saturating_sub(1);
    for link in chain.iter().take(before).rev() {
        one = one.with(
            link.span,
            format!("which is used by way of `{}`", link.file),
        );
    }
    one
}

/// There is no such file.
pub(crate) fn library_missing(
    span: Span,
    (path, looked_for): (&str, &str),
    near: Option<&str>,
    chain: &[Link<'_>],
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::LIBRARY_MISSING,
        format!("there is no library `{path}`"),
    )
    .at(span, format!("there is no file {looked_for}"));
    let one = match near {
        Some(near) => one.help(format!("did you mean \"{near}\"?")),
        None => {
            one.help("the path is relative to the file that says it: use \"lib/hours.runbook\"")
        }
    };
    by_way_of(one, chain)
}

/// The standard library has no such part.
pub(crate) fn no_standard_library(
    span: Span,
    path: &str,
    known: &[&str],
    chain: &[Link<'_>],
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::LIBRARY_MISSING,
        format!("there is no library `{path}`"),
    )
    .at(span, "what begins with `std/` is inside the program");
    let one = match nearest(path, known.iter().copied()) {
        Some(near) => one
            .help(format!("did you mean \"{near}\"?"))
            .near((span, &format!("\"{near}\"")), (path, near)),
        None => one.help(format!("there are: {}", known.join(", "))),
    };
    by_way_of(one, chain)
}

/// The file is there and cannot be read.
pub(crate) fn library_unreadable(
    span: Span,
    (path, why): (&str, &str),
    chain: &[Link<'_>],
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::LIBRARY_MISSING,
        format!("the library `{path}` cannot be read"),
    )
    .at(span, why.to_owned())
    .help("name a file that you may read");
    by_way_of(one, chain)
}

/// The path leads out of the project; `how` says in which way.
pub(crate) fn library_outside(
    span: Span,
    (path, how): (&str, &str),
    root: &str,
    chain: &[Link<'_>],
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::LIBRARY_OUTSIDE,
        format!("the library `{path}` is outside of the project"),
    )
    .at(span, how.to_owned())
    .help(format!(
        "everything that a runbook uses must be under {root}"
    ))
    .help("the project begins at the nearest directory upwards with a runbook.toml or a .git");
    by_way_of(one, chain)
}

/// A file uses itself, by way of others or at once. The first link is the one that opens the loop.
pub(crate) fn library_loop(
    span: Span,
    file: &str,
    (way, chain): (&[Link<'_>], &[Link<'_>]),
) -> Diagnostic {
    let one = Diagnostic::new(&names::LIBRARY_LOOP, format!("`{file}` uses itself"));
    let one = match chain {
        [] | [_] => one.at(span, "this is the file itself"),
        [_, ..] => one.at(span, format!("this leads back to `{file}`")),
    };
    let before = chain.len().saturating_sub(1);
    let mut one = one.help("put what both need into a third file");
    for link in chain.iter().take(before) {
        one = one.with(link.span, format!("here `{}` is used", link.file));
    }
    for link in way.iter().rev() {
        one = one.with(link.span, format!("by way of `{}`, used here", link.file));
    }
    one
}

/// `use` names a runbook.
pub(crate) fn not_a_library(
    span: Span,
    (path, title): (&str, Option<Span>),
    chain: &[Link<'_>],
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::NOT_A_LIBRARY,
        format!("`{path}` is a runbook, not a library"),
    )
    .at(span, "only a library can be used");
    let one = match title {
        Some(title) => one.with(title, "its first statement says so"),
        None => one,
    };
    let one = one.help("move what both need into a file that begins with: library \"TITLE\"");
    by_way_of(one, chain)
}

/// A library is named where a runbook is wanted.
pub(crate) fn not_a_runbook_but_a_library(title: Span) -> Diagnostic {
    Diagnostic::new(
        &names::LIBRARY_NOT_RUN,
        "a library cannot be planned or run",
    )
    .at(title, "this file only declares things for others")
    .help("name the runbook that uses it; `runbook check` looks at a library by itself")
}

/// Nothing of a library is used.
pub(crate) fn unused_library(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &names::UNUSED_LIBRARY,
        format!("nothing of the library `{name}` is used"),
    )
    .at(span, format!("no `{name}.…` stands in this file"))
    .help("take the line away")
}

/// Two libraries of a file are known under one name.
pub(crate) fn library_name_taken(
    span: Span,
    name: &str,
    (first, what): (Span, &str),
) -> Diagnostic {
    Diagnostic::new(
        &names::DECLARED_TWICE,
        format!("`{name}` is declared twice"),
    )
    .at(span, "declared again here, as a library")
    .with(first, format!("first declared here, as {what}"))
    .help(format!("give it another name: use \"…\" as my_{name}"))
}

/// One library is used twice in one file.
pub(crate) fn library_used_twice(span: Span, first: Span, name: &str) -> Diagnostic {
    Diagnostic::new(&names::DECLARED_TWICE, "one library is used twice")
        .at(span, "used again here")
        .with(first, format!("used here as `{name}`"))
        .help("take one of the lines away")
}

/// A name with something in front that is no library of this file.
pub(crate) fn unknown_library(span: Span, written: &str, known: &[&str]) -> Diagnostic {
    let (library, rest) = written.split_once('.').unwrap_or((written, ""));
    let one = Diagnostic::new(
        &names::UNKNOWN_NAME,
        format!("there is no library `{library}`"),
    )
    .at(span, "no `use` of this file has this name");
    match (nearest(library, known.iter().copied()), known) {
        (Some(near), _) => one
            .help(format!("did you mean `{near}.{rest}`?"))
            .near((span, &format!("{near}.{rest}")), (library, near)),
        (None, []) => one.help(format!("say where it is: use \"lib/{library}.runbook\"")),
        (None, known) => one.help(format!("the libraries are: {}", known.join(", "))),
    }
}

/// `v2.4.0`
pub(crate) fn version_with_v(span: Span, version: &str) -> Diagnostic {
    Diagnostic::new(
        &names::BAD_LITERAL,
        format!("`v{version}` is no value: a version is written without `v`"),
    )
    .at(span, "cannot be read")
    .help(format!(
        "write {version}, or for a text with these characters \"v{version}\""
    ))
    .guess(span, version)
}

/// A library does not declare what is used of it.
pub(crate) fn not_in_the_library(
    (name, span): (&str, Span),
    (library, title): (&str, Option<Span>),
    known: &[&str],
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::UNKNOWN_NAME,
        format!("the library `{library}` has no `{name}`"),
    )
    .at(span, "it does not declare this");
    let one = match title {
        Some(title) => one.with(title, "the library"),
        None => one,
    };
    match (nearest(name, known.iter().copied()), known) {
        (Some(near), _) => one
            .help(format!("did you mean `{library}.{near}`?"))
            .near((span, &format!("{library}.{near}")), (name, near)),
        (None, []) => one.help("it declares nothing"),
        (None, known) => one.help(format!("it declares: {}", known.join(", "))),
    }
}

/// What is used of a library is something else than what is wanted.
pub(crate) fn another_kind(
    (name, span): (&str, Span),
    wanted: &str,
    (what, place): (&str, Span),
) -> Diagnostic {
    Diagnostic::new(&names::UNKNOWN_NAME, format!("`{name}` is not {wanted}"))
        .at(span, format!("{wanted} is wanted here"))
        .with(place, format!("it is {what}"))
        .help(format!("name {wanted} of a library"))
}

/// The path of a library holds a value.
pub(crate) fn path_of_library_not_plain(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::BAD_INTERPOLATION,
        "the path of a library is written out",
    )
    .at(
        span,
        "which files belong together is known before any value is",
    )
    .help("write the path without `${…}`")
}

/// The last part of a path is no name.
pub(crate) fn library_without_name(span: Span, path: &str) -> Diagnostic {
    Diagnostic::new(&names::BAD_NAME, "this library needs a name")
        .at(span, "the last part of the path is no name")
        .help(format!("give it one: use \"{path}\" as NAME"))
}

/// A statement that only a runbook has.
pub(crate) fn not_in_library(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(
        &names::MISPLACED_STATEMENT,
        format!("`{word}` cannot stand in a library"),
    )
    .at(span, "a library only declares things for runbooks")
    .help("a library has metrics, guards, probes, tasks, providers, channels, hosts, windows, `let` and `use`; put this into the runbook")
}

/// A guard of a library is adopted in a stage.
pub(crate) fn adopted_in_stage(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::MISPLACED_STATEMENT,
        "a guard of a library cannot be adopted in a stage",
    )
    .at(span, "not here")
    .help("adopt it at the top of the file, and say in which stages: { during STAGE..STAGE }")
}

/// An adopted guard with a condition of its own.
pub(crate) fn adopted_with_condition(when: Span, from: Span) -> Diagnostic {
    Diagnostic::new(
        &names::NEEDLESS,
        "an adopted guard has the condition of its library",
    )
    .at(when, "this would be a second one")
    .with(from, "the condition is taken from here")
    .help("take `when …` away, or `from …`")
}

/// No metric is made from a template that a guard speaks of.
pub(crate) fn no_metric_from(span: Span, (template, place): (&str, Span)) -> Diagnostic {
    Diagnostic::new(
        &names::WHICH_METRIC,
        format!("no metric is made from `{template}`"),
    )
    .at(span, "this guard watches one")
    .with(place, "here it speaks of the template")
    .help(format!("declare one: metric NAME from {template} {{ query PROVIDER 'PROMQL' }}, the query on a line of its own"))
}

/// Several metrics are made from a template that a guard speaks of.
pub(crate) fn several_metrics_from(
    span: Span,
    template: &str,
    (first, second): ((&str, Span), (&str, Span)),
    form: &str,
) -> Diagnostic {
    Diagnostic::new(
        &names::WHICH_METRIC,
        format!("two metrics are made from `{template}`"),
    )
    .at(span, "it is not clear which of them this guard watches")
    .with(first.1, "this one")
    .with(second.1, "and this one")
    .help(format!(
        "say which, and adopt the guard once for each: {form} of {}",
        first.0
    ))
}

/// `of METRIC` names a metric that no template of the guard has made.
pub(crate) fn metric_of_another_template(
    (metric, span): (&str, Span),
    guard: &str,
    known: &[&str],
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::WHICH_METRIC,
        format!("`{guard}` does not speak of `{metric}`"),
    )
    .at(span, "this metric is made from none of its templates");
    match known {
        [] => one,
        known => one.help(format!("write: of {}", known.join(", or: of "))),
    }
}

/// A metric has no source, and is no template.
pub(crate) fn template_used_as_metric((name, span): (&str, Span), place: Span) -> Diagnostic {
    Diagnostic::new(
        &names::UNKNOWN_NAME,
        format!("`{name}` is a template, and has no value"),
    )
    .at(span, "a metric is wanted here")
    .with(place, "it has no source")
    .help(format!("make a metric of it: metric NAME from {name} {{ query PROVIDER 'PROMQL' }}, the query on a line of its own"))
}

/// `from` names something that is no template.
pub(crate) fn not_qualified((name, span): (&str, Span), what: &str) -> Diagnostic {
    Diagnostic::new(
        &names::UNKNOWN_NAME,
        format!("`{name}` is not {what} of a library"),
    )
    .at(span, format!("{what} of a library is wanted here"))
    .help(format!("write the library in front: LIBRARY.{name}"))
}

/// A command of a library reads a value of the library as a variable.
pub(crate) fn library_value_in_shell(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &names::NAME_NOT_HERE,
        format!("`{name}` is no variable of a command in a library"),
    )
    .at(
        span,
        "only the values of the runbook are variables of every command",
    )
    .help(format!(
        "a program without a shell takes values: exec \"PROGRAM\" {name}"
    ))
}

/// A guard of a library names a stage or a level.
pub(crate) fn guard_of_library_names(span: Span, what: &str, clause: &str) -> Diagnostic {
    Diagnostic::new(
        &names::NAME_NOT_HERE,
        format!("a guard of a library cannot name {what}"),
    )
    .at(span, "no library knows the runbook that uses it")
    .help(format!(
        "say it where the guard is adopted: guard NAME from LIBRARY.GUARD {clause}"
    ))
}
