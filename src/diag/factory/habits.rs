//! The wording of what is said about the habits that people bring from other tools and languages.

use crate::diag::{Diagnostic, names};
use crate::source::Span;

/// Another word or sign for one of ours.
pub(crate) fn other_word(span: Span, found: &str, ours: &str) -> Diagnostic {
    Diagnostic::new(
        &names::FOREIGN_SYNTAX,
        format!("`{ours}` is written here, not `{found}`"),
    )
    .at(span, "this is how another language says it")
    .help(format!("replace `{found}` by `{ours}`"))
}

/// `canary: {` and `canary {` in `rollout`
pub(crate) fn stage_without_a_word(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &names::FOREIGN_SYNTAX,
        format!("`{name}` is a block without a word that says what it is"),
    )
    .at(span, "the blocks of `rollout` are stages")
    .help(format!("write: stage {name} {{"))
}

/// `expect status 200`
pub(crate) fn comparison_missing(span: Span, after: &str, found: &str) -> Diagnostic {
    Diagnostic::new(
        &names::UNEXPECTED_TEXT,
        format!("no operator stands between `{after}` and {found}"),
    )
    .at(span, "an operator belongs before this")
    .help(format!(
        "write: expect {after} == {}",
        found.trim_matches('`')
    ))
}

/// `expect rolled_back`
pub(crate) fn outcome_without_word(span: Span, word: &str) -> Diagnostic {
    let level = if word == "rolled_back" { "(LEVEL)" } else { "" };
    Diagnostic::new(
        &names::MISSING_PART,
        format!("`outcome ==` is missing before `{word}`"),
    )
    .at(span, "this is an outcome")
    .help(format!("write: expect outcome == {word}{level}"))
}

/// `$ make test` in `before rollout`
pub(crate) fn check_without_a_word(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::UNEXPECTED_TEXT,
        "a command stands in `before rollout` by itself",
    )
    .at(span, "what it shows has no title, by which it is reported")
    .help("write: check \"All tests pass\" $ make test")
}

/// `step deploy make deploy`
pub(crate) fn command_without_dollar(span: Span, found: &str, word: &str) -> Diagnostic {
    let found = match found {
        "```" => "a backtick",
        found => found,
    };
    Diagnostic::new(
        &names::UNEXPECTED_TEXT,
        format!("{found} is no clause of `{word}`"),
    )
    .at(span, "neither a clause nor a command begins like this")
    .help("a command is written behind `$` and a blank, to the end of the line: $ make deploy")
}

/// `step migrate db sql "a.sql"`
pub(crate) fn provider_before_sql(span: Span, provider: &str) -> Diagnostic {
    Diagnostic::new(
        &names::UNEXPECTED_TEXT,
        format!("`{provider}` stands before `sql`"),
    )
    .at(span, "the database stands behind it")
    .help(format!("write: sql {provider} \"FILE\""))
}

/// `step sql db "a.sql"`
pub(crate) fn step_without_a_name(span: Span, (word, line): (&str, &str)) -> Diagnostic {
    Diagnostic::new(
        &names::MISSING_PART,
        format!("a name is missing between `step` and `{word}`"),
    )
    .at(
        span,
        "read as the name of the step, which is then without a command",
    )
    .help(format!("write: step NAME {line}"))
}

/// `if $ test -f ready`
pub(crate) fn command_in_condition(span: Span, statement: &str) -> Diagnostic {
    let one = Diagnostic::new(
        &names::MISSING_PART,
        format!("a command stands in the condition of `{statement}`"),
    )
    .at(
        span,
        "a condition compares values, and a command goes to the end of its line",
    );
    match statement {
        "guard" | "recovered" => one
            .help("let a metric ask again and again: metric NAME { …; unit count }, with the command in it, prints a number to compare"),
        "wait" => one.help(
            "a probe is asked again and again until it holds: probe NAME { … }, with the command in it, and here verify NAME within D",
        ),
        "set" => one.help("nothing is run in a test: name a metric or an exposure"),
        _other => {
            let one = one.help("keep the answer of the command before: capture ANSWER: bool $ …, which prints true or false, and name ANSWER in the condition");
            match statement {
                "if" => one.help("to leave out a single step: step NAME unless $ … says when it is done already"),
                _other => one,
            }
        }
    }
}

/// `parallel $ make {`
pub(crate) fn command_takes_a_brace(brace: Span) -> Diagnostic {
    Diagnostic::new(&names::MISSING_PART, "a command takes the `{` of its line")
        .at(brace, "this is a part of the shell text")
        .help("everything behind `$ ` up to the end of the line is shell text: put the command on a line of its own")
}

/// `capture rev = $(git rev-parse HEAD)`
pub(crate) fn captured_by_a_sign(
    span: Span,
    (name, found): (&str, &str),
    (command, whole): (&str, Span),
) -> Diagnostic {
    let form = format!("{name}: text $ {command}");
    let one = Diagnostic::new(
        &names::MISSING_PART,
        format!("a type is missing between `capture {name}` and its command"),
    )
    .at(span, format!("`{found}` does not give it a value"))
    .help(format!("write: capture {form}"));
    match command {
        "COMMAND" => one,
        _written => one.guess(whole, &form),
    }
}

/// `json(filter = ".x")`
pub(crate) fn value_with_a_name((span, name): (Span, &str), value: u32) -> Diagnostic {
    Diagnostic::new(
        &names::FOREIGN_SYNTAX,
        "the values of a call stand in order, without names",
    )
    .at(span, "this is how another language says it")
    .help(format!("take `{name}` and the sign away"))
    .fix(Span::new(span.start, value), "")
}

/// `verify healthy for 1m within 5m`
pub(crate) fn verify_for(span: Span, instead: &str) -> Diagnostic {
    Diagnostic::new(
        &names::FOREIGN_SYNTAX,
        "`verify` has no `for`: it goes on as soon as the probe holds once",
    )
    .at(span, "a probe is not watched for a time")
    .help(format!("write: {instead}"))
    .help("what must stay well for a time is watched by a guard, while the stage waits: wait 10m")
}

/// `step ship ./deploy.sh`
pub(crate) fn path_without_dollar(span: Span, line: &str) -> Diagnostic {
    Diagnostic::new(&names::UNEXPECTED_TEXT, "a command stands here without `$`")
        .at(span, "shell text begins with `$` and a blank")
        .help(format!("write: $ {line}"))
        .fix(Span::at(span.start), "$ ")
}

/// `step ship "./deploy.sh"`
pub(crate) fn command_as_title(span: Span, (name, command): (&str, &str)) -> Diagnostic {
    Diagnostic::new(
        &names::MISSING_PART,
        format!("the step `{name}` has a title and no command"),
    )
    .at(span, "a text in quotes is the title of a step")
    .help(format!("write: step {name} $ {command}"))
}

/// `log "access.log" matching / 5/`
pub(crate) fn pattern_with_a_blank(span: Span, written: &str, mended: &str) -> Diagnostic {
    Diagnostic::new(
        &names::MISSING_PART,
        "a pattern does not begin with a blank",
    )
    .at(span, format!("`{written}` is not read as a pattern"))
    .help(format!("write the blank in brackets: {mended}"))
    .fix(span, mended)
}

/// `when $errors > 5%`
pub(crate) fn dollar_before_a_name(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &names::FOREIGN_SYNTAX,
        format!("`{name}` is written without `$` here"),
    )
    .at(span, "only shell text and texts have names behind a `$`")
    .help(format!("write `{name}`"))
    .fix(span, name)
}

/// `when errors > .5%`
pub(crate) fn no_digit_before_the_point(span: Span, mended: &str) -> Diagnostic {
    Diagnostic::new(&names::BAD_LITERAL, "a number has a digit before its point")
        .at(span, "no number begins with a point")
        .help(format!("write `{mended}`"))
        .fix(span, mended)
}

/// `wait 1h 30m`
pub(crate) fn duration_apart(span: Span, (whole, joined): (Span, &str)) -> Diagnostic {
    Diagnostic::new(
        &names::FOREIGN_SYNTAX,
        "the parts of a duration stand together",
    )
    .at(span, "a second duration")
    .help(format!("write `{joined}`"))
    .fix(whole, joined)
}

/// `step ship when version > 2.0.0 $ make`
pub(crate) fn conditional(span: Span, (word, when): (&str, &str), step: &str) -> Diagnostic {
    Diagnostic::new(
        &names::UNEXPECTED_TEXT,
        format!("a step has no `{word}`: a condition stands around it"),
    )
    .at(span, "no clause of a step")
    .help(format!(
        "write, with the step on a line of its own: if {when} {{ {step} }}"
    ))
}
