//! What is wrong with tests.

use crate::diag::{Diagnostic, names};
use crate::source::Span;

/// The name of a test that is made of something.
pub(crate) fn test_name_not_plain(span: Span) -> Diagnostic {
    Diagnostic::new(&names::NAME_NOT_HERE, "the name of a test is plain text")
        .at(span, "nothing is filled in here")
        .help("say what the test shows, without `${…}`")
}

/// A test without an expectation.
pub(crate) fn test_expects_nothing(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &names::TEST_DECIDES_NOTHING,
        format!("the test \"{name}\" expects nothing"),
    )
    .at(span, "it can never fail")
    .help("say how the run ends, for example `expect outcome == completed`")
}

/// `start` in a file without a window.
pub(crate) fn start_decides_nothing(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::TEST_DECIDES_NOTHING,
        "the time of the start decides nothing",
    )
    .at(
        span,
        "this runbook chooses no window, so every time is like any other",
    )
    .help("take the line away, or choose a window with a line `window NAME`")
}

/// A probe changes nothing.
pub(crate) fn crash_at_a_probe(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &names::TEST_DECIDES_NOTHING,
        format!("a crash at the probe `{name}` decides nothing"),
    )
    .at(span, "a probe changes nothing, so it is asked again")
    .help("name a step or an exposure")
}

/// A parameter twice.
pub(crate) fn given_twice(again: Span, first: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &names::TEST_CONTRADICTS,
        format!("`{name}` is given twice in one test"),
    )
    .at(again, "given again here")
    .with(first, "given here")
    .help("take one of the two away")
}

/// Parameters without a default and without a value.
pub(crate) fn missing_given(span: Span, missing: &[(&str, String)]) -> Diagnostic {
    let listed: Vec<String> = missing
        .iter()
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    let values: Vec<String> = missing
        .iter()
        .map(|(name, example)| format!("{name} = {example}"))
        .collect();
    let has = if missing.len() == 1 { "has" } else { "have" };
    Diagnostic::new(
        &names::MISSING_GIVEN,
        format!("{} {has} no value in this test", listed.join(", ")),
    )
    .at(span, "a parameter without a default must be given")
    .help(format!("write for example `given {}`", values.join(", ")))
}

/// Several steps have this name.
pub(crate) fn which_step(span: Span, name: &str, places: &[&str]) -> Diagnostic {
    let listed: Vec<String> = places.iter().map(|place| format!("`{place}`")).collect();
    let first = places.first().copied().unwrap_or("PLACE");
    Diagnostic::new(
        &names::WHICH_STEP,
        format!("there are {} steps `{name}`", places.len()),
    )
    .at(span, format!("one in each of {}", listed.join(", ")))
    .help(format!("say which: `{name} in {first}`"))
}

/// A step that does not stand where the test looks for it.
pub(crate) fn not_in_place(span: Span, name: &str, place: &str) -> Diagnostic {
    Diagnostic::new(
        &names::UNKNOWN_NAME,
        format!("there is no step `{name}` in `{place}`"),
    )
    .at(span, "it stands somewhere else")
    .help(format!(
        "write `{name}` alone, or the stage or level that it stands in"
    ))
}

/// Something that a test names and the file does not declare.
pub(crate) fn unknown_in_test(
    (name, span): (&str, Span),
    noun: &str,
    known: &[&str],
    nearest: Option<&str>,
) -> Diagnostic {
    let one = Diagnostic::new(&names::UNKNOWN_NAME, format!("there is no {noun} `{name}`"))
        .at(span, "nothing in this file has this name");
    match (nearest, known) {
        (Some(nearest), _) => one
            .help(format!("did you mean `{nearest}`?"))
            .near((span, nearest), (name, nearest)),
        (None, []) => one.help(format!("this file has no {noun}")),
        (None, known) => one.help(format!("there are: {}", super::names::listed(known))),
    }
}

/// `expect ran canary[eu]`
pub(crate) fn has_no_turns(span: Span, (name, what): (&str, &str), turn: &str) -> Diagnostic {
    Diagnostic::new(
        &names::UNKNOWN_NAME,
        format!("`{name}` is {what}, and has no turn `{turn}`"),
    )
    .at(span, "only steps in a `for` or a task have turns")
    .help(format!("write {name}"))
}

/// A text that is neither that of an approval nor its group nor a confirmation.
pub(crate) fn nobody_asks(span: Span, text: &str) -> Diagnostic {
    Diagnostic::new(
        &names::UNKNOWN_NAME,
        format!("nothing asks people about \"{text}\""),
    )
    .at(
        span,
        "neither an approval nor a confirmation has this text, and no group is called so",
    )
    .help("write the text or the group of an `approve`, or the title of a `confirm`")
}

/// An answer that is none to this question.
pub(crate) fn answer_does_not_fit(span: Span, answer: &str, known: &[&str]) -> Diagnostic {
    let known: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
    Diagnostic::new(
        &names::TEST_DECIDES_NOTHING,
        format!("`{answer}` is no answer to this question"),
    )
    .at(span, "nobody could give it")
    .help(format!("the answers are: {}", known.join(", ")))
}

/// A guard without a question.
pub(crate) fn guard_asks_nobody(span: Span, (guard, place): (&str, Span)) -> Diagnostic {
    Diagnostic::new(
        &names::TEST_DECIDES_NOTHING,
        format!("guard `{guard}` asks nobody"),
    )
    .at(span, "this answer is never wanted")
    .with(place, "this guard does not say `then decide`")
    .help("take the line away, or let the guard ask: `then decide within 15m else rollback`")
    .help("of a hold people are asked when its limit is reached: `answer hold = continue`")
}

/// A step that asks nobody.
pub(crate) fn step_asks_nobody(span: Span, step: &str) -> Diagnostic {
    Diagnostic::new(
        &names::TEST_DECIDES_NOTHING,
        format!("nobody is asked about step `{step}` in this test"),
    )
    .at(span, "this answer is never wanted")
    .help(format!(
        "a step asks when it says `on failure hold` and fails, or when its outcome is unknown: `crash at {step}`"
    ))
}

/// `expect ran GUARD`
pub(crate) fn guards_trip(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &names::UNKNOWN_NAME,
        format!("`{name}` is a guard, and guards do not run"),
    )
    .at(span, "a step, a stage or a level is wanted here")
    .help(format!("write `expect tripped {name}`"))
}

/// `completed(flag)`
pub(crate) fn only_rolled_back_by(span: Span, outcome: &str) -> Diagnostic {
    Diagnostic::new(
        &names::TEST_DECIDES_NOTHING,
        format!("no level belongs to the outcome `{outcome}`"),
    )
    .at(
        span,
        "only a run that was rolled back or went forward has a level that was enough",
    )
    .help(format!("write `outcome == {outcome}`"))
}

/// Two expectations of which one must fail.
pub(crate) fn expects_both(again: Span, first: Span) -> Diagnostic {
    Diagnostic::new(
        &names::TEST_CONTRADICTS,
        "one of these two expectations must fail",
    )
    .at(again, "this cannot hold")
    .with(first, "together with this")
    .help("make two tests of it, or take one line away")
}

/// `recovery` of a run that does not go back.
pub(crate) fn no_recovery_then(span: Span, (outcome, place): (&str, Span)) -> Diagnostic {
    Diagnostic::new(
        &names::TEST_DECIDES_NOTHING,
        "this recovery can never be judged",
    )
    .at(
        span,
        "only a run that is rolled back or goes forward recovers",
    )
    .with(place, format!("this test expects the run to end {outcome}"))
    .help("take the line away, or expect `outcome == rolled_back` or `outcome == went_forward`")
}

/// `recovery` in a file without a way back.
pub(crate) fn no_rollback_to_judge(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::TEST_DECIDES_NOTHING,
        "this recovery can never be judged",
    )
    .at(span, "this runbook has no `rollback`")
    .help("take the line away")
}

/// `exposure` in a file without one.
pub(crate) fn nothing_is_exposed(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::TEST_DECIDES_NOTHING,
        "this exposure can never be judged",
    )
    .at(span, "this runbook has no `exposure`")
    .help("take the line away")
}

/// `expect exposure <= 100%`
pub(crate) fn always_exposed_so(span: Span, expected: &str) -> Diagnostic {
    Diagnostic::new(
        &names::TEST_DECIDES_NOTHING,
        format!("`{expected}` holds whatever happens"),
    )
    .at(span, "no exposure can be otherwise")
    .help("expect what the run must stay below, or take the line away")
}

/// `attempt 5` of a step with three.
pub(crate) fn no_such_attempt(span: Span, (what, most): (&str, u32)) -> Diagnostic {
    let attempts = if most == 1 {
        "one attempt".to_owned()
    } else {
        format!("{most} attempts")
    };
    Diagnostic::new(
        &names::TEST_DECIDES_NOTHING,
        format!("`{what}` never has this attempt"),
    )
    .at(span, format!("it has {attempts} at most"))
    .help("write `retry` at the step, or take `attempt` away")
}

/// A value that the pattern of its parameter refuses.
pub(crate) fn given_does_not_match(span: Span, value: &str, pattern: &str) -> Diagnostic {
    Diagnostic::new(
        &names::DOES_NOT_FIT,
        format!("`{value}` does not match /{pattern}/"),
    )
    .at(span, "would be refused on the command line")
    .help("give a value that the whole pattern matches")
}
