//! The wording of what is said about tasks and their calls.

use crate::diag::{Diagnostic, names};
use crate::source::Span;

/// A task that nothing calls.
pub(crate) fn unused_task((span, name): (Span, &str), params: usize) -> Diagnostic {
    let call = match params {
        0 => format!("{name}()"),
        _some => format!("{name}(…)"),
    };
    Diagnostic::new(
        &names::UNUSED_TASK,
        format!("nothing calls the task `{name}`"),
    )
    .at(span, "no stage and no level comes to it")
    .help(format!(
        "write {call} in a stage or a level, or take the task away"
    ))
}

/// A task that calls itself.
pub(crate) fn task_loop((span, name): (Span, &str), chain: &[(&str, Span)]) -> Diagnostic {
    let mut way: Vec<&str> = chain.iter().map(|(name, _)| *name).collect();
    way.push(name);
    let mut one = Diagnostic::new(
        &names::TASK_LOOP,
        format!("the task `{name}` calls itself: {}", way.join(" -> ")),
    )
    .at(span, "this would begin it again, and it would never end");
    for (name, span) in chain.iter().skip(1) {
        one = one.with(*span, format!("`{name}` is called here"));
    }
    one.help("take one of these calls away; what is done again and again is `for NAME in LIST { … }`, or `retry` of a step")
}

/// A call with too many or too few values.
pub(crate) fn wrong_arguments(
    (span, name, given): (Span, &str, usize),
    (task, params): (Span, &[String]),
) -> Diagnostic {
    let counted = |count: usize| match count {
        0 => "no value".to_owned(),
        1 => "one value".to_owned(),
        count => format!("{count} values"),
    };
    let names: Vec<&str> = params
        .iter()
        .filter_map(|one| one.split(':').next())
        .collect();
    let here = match params.get(given) {
        Some(next) => format!("`{next}` is missing"),
        None => format!("{} here", counted(given)),
    };
    Diagnostic::new(
        &names::WRONG_ARGUMENTS,
        format!(
            "the task `{name}` takes {}, and this call gives {}",
            counted(params.len()),
            counted(given)
        ),
    )
    .at(span, here)
    .with(task, format!("it is declared with ({})", params.join(", ")))
    .help(format!("write {name}({})", names.join(", ").to_uppercase()))
}

/// `deploy(region = "eu")`; `values` are those of the call in the order of the parameters, and where they stand now.
pub(crate) fn named_values(
    (span, name): (Span, &str),
    (task, params): (Span, &[String]),
    values: Option<(String, Option<Span>)>,
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::WRONG_ARGUMENTS,
        format!("the values of the task `{name}` stand in order, without names"),
    )
    .at(span, "no name stands here")
    .with(task, format!("it is declared with ({})", params.join(", ")));
    let (values, place) = match values {
        Some((values, place)) => (values, place),
        None => {
            let names = params.iter().filter_map(|one| one.split(':').next());
            (names.collect::<Vec<_>>().join(", ").to_uppercase(), None)
        }
    };
    let one = one.help(format!("write {name}({values})"));
    match place {
        Some(place) => one.fix(place, values),
        None => one,
    }
}

/// A capture in a task that is called more than once.
pub(crate) fn captured_by_each_call((span, name): (Span, &str), call: Span) -> Diagnostic {
    Diagnostic::new(
        &names::CAPTURE_REPEATED,
        format!("`{name}` would be set again and again"),
    )
    .at(span, "a captured value is set once in a run")
    .with(call, "and this is a further call of its task")
    .help("capture the value before the calls, or let the command of a step find it out and use it: step deploy $ deploy \"$(current-version \"$region\")\"")
}

/// Calls within calls without end in sight.
pub(crate) fn called_too_deep(span: Span, most: usize) -> Diagnostic {
    Diagnostic::new(
        &names::OUT_OF_RANGE,
        "these calls are too deep within each other",
    )
    .at(
        span,
        format!("a task calls another through {most} others at most"),
    )
    .help("call it from a stage or a level, or do more in one task")
}

/// Calls that come to too much.
pub(crate) fn too_much_called(span: Span, most: usize) -> Diagnostic {
    Diagnostic::new(
        &names::OUT_OF_RANGE,
        "the calls of this file come to too many statements",
    )
    .at(span, format!("they come to {most} at most"))
    .help("call fewer tasks, or do more in one step")
}
