//! Strands, loops and decisions.

use crate::diag::{Diagnostic, names};
use crate::source::Span;

/// `parallel` with one strand or none.
pub(crate) fn lonely_strand(span: Span, count: usize) -> Diagnostic {
    let what = if count == 0 {
        "`parallel` does nothing"
    } else {
        "`parallel` has one strand, so nothing is done at once"
    };
    Diagnostic::new(&names::EMPTY_BLOCK, what)
        .at(span, "each statement of its block is a strand")
        .help("put two or more statements in, or take `parallel` away; `strand NAME { … }` makes one strand of several statements")
}

/// Two strands set one exposure.
pub(crate) fn strands_collide(span: Span, first: Span, exposure: &str) -> Diagnostic {
    Diagnostic::new(
        &names::STRANDS_COLLIDE,
        format!("two strands set `{exposure}` at the same time"),
    )
    .at(span, "nobody could say which of the two comes last")
    .with(first, "the other strand sets it here")
    .help(format!(
        "set `{exposure}` in one strand only, or before or after `parallel`"
    ))
}

/// The turns of a loop that are under way at once set one exposure.
pub(crate) fn turns_collide(span: Span, most: Span, exposure: &str) -> Diagnostic {
    Diagnostic::new(
        &names::STRANDS_COLLIDE,
        format!("several turns of this loop set `{exposure}` at the same time"),
    )
    .at(span, "nobody could say which of them comes last")
    .with(most, "more than one turn can be under way")
    .help(format!(
        "take `at most` away, so that one turn follows the other, or set `{exposure}` before or after the loop"
    ))
}

/// A capture where it would be set several times.
pub(crate) fn capture_repeated(
    (name, span): (&str, Span),
    (what, place): (&str, Span),
) -> Diagnostic {
    Diagnostic::new(
        &names::CAPTURE_REPEATED,
        format!("`{name}` would be set again and again"),
    )
    .at(span, "a captured value is set once in a run")
    .with(place, format!("what stands in {what} can be done several times"))
    .help("capture the value before, or let the command of a step find it out and use it: step deploy $ deploy \"$(current-version \"$region\")\"")
}

/// `within` of an `if` that is decided at once.
pub(crate) fn decided_at_once(span: Span) -> Diagnostic {
    Diagnostic::new(&names::NEEDLESS, "this `if` is decided at once")
        .at(
            span,
            "its condition reads no metric, so there is nothing to wait for",
        )
        .help("take `within` away")
}

/// A list without a value.
pub(crate) fn empty_loop(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(&names::BAD_LIST, "this list is empty")
        .at(
            span,
            format!("there is no `{name}`, so the loop would do nothing"),
        )
        .help("give it a value; where it may be empty on purpose, take the loop away")
}

/// A value that is there twice.
pub(crate) fn repeated_value(span: Span, value: &str) -> Diagnostic {
    Diagnostic::new(&names::BAD_LIST, format!("this list has {value} twice"))
        .at(span, "the steps of both turns would have one name")
        .help("leave one of them out")
}

/// More values than a loop goes through.
pub(crate) fn list_too_long(span: Span, count: usize, most: usize) -> Diagnostic {
    Diagnostic::new(&names::BAD_LIST, format!("this list has {count} values"))
        .at(span, format!("a loop goes through {most} at most"))
        .help("give a command all of them, or release in several runs")
}

/// More steps than a plan has.
pub(crate) fn too_many_steps(span: Span, most: usize) -> Diagnostic {
    Diagnostic::new(&names::OUT_OF_RANGE, "this makes too many steps")
        .at(span, format!("a plan has {most} steps at most"))
        .help("shorten a list, or do more in one step")
}

/// More of something than a proof can hold against each other.
pub(crate) fn one_too_many(
    span: Span,
    (what, of): (&str, &str),
    most: usize,
    help: &str,
) -> Diagnostic {
    Diagnostic::new(
        &names::OUT_OF_RANGE,
        format!("this is one {what} more than {of} can have"),
    )
    .at(span, format!("it has {most} at most"))
    .help(help)
}

/// A test names a step that is not in its plan.
pub(crate) fn not_planned(span: Span, name: &str, turns: &[&str]) -> Diagnostic {
    let said = Diagnostic::new(
        &names::NOT_PLANNED,
        format!("`{name}` is not in the plan of this test"),
    )
    .at(
        span,
        match turns {
            [] => "with the values of this test it is left out",
            _some => "there is no such turn with the values of this test",
        },
    );
    match turns {
        [] => said.help("give other values, or expect that it never runs"),
        turns => said.help(format!("there are: {}", turns.join(", "))),
    }
}

/// `for region in regions`, where `regions` is no list; how it would be declared as one.
pub(crate) fn no_list((span, what): (Span, &str), (place, declared): (Span, &str)) -> Diagnostic {
    Diagnostic::new(
        &names::WRONG_TYPE,
        format!("the list of `for` must be a list, and this is {what}"),
    )
    .at(span, format!("this is {what}"))
    .with(place, "it is declared here")
    .help(format!("declare a list: {declared}"))
}

/// `for host in web`, where `web` is a group of hosts.
pub(crate) fn hosts_for_list((span, group): (Span, &str), place: Span) -> Diagnostic {
    Diagnostic::new(
        &names::WRONG_TYPE,
        format!("`for` goes through a list, and `{group}` is a group of hosts"),
    )
    .at(span, "a list is wanted here")
    .with(place, format!("this `{group}` is a group of hosts"))
    .help(format!(
        "write the step without `for`: step NAME on {group} $ COMMAND, which runs on each of them"
    ))
    .help(format!(
        "one after the other: step NAME on {group} at most 1 $ COMMAND"
    ))
}

/// `for shard in 1..3`
pub(crate) fn range_for_list(span: Span, values: &str) -> Diagnostic {
    let one = Diagnostic::new(
        &names::FOREIGN_SYNTAX,
        "`for` goes through a list, and this is a range",
    )
    .at(span, "this is how another language says it");
    match values {
        "" => one.help("write each value: [FIRST, …, LAST]"),
        values => {
            let list = format!("[{values}]");
            one.help(format!("write {list}")).guess(span, &list)
        }
    }
}
