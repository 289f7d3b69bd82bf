//! Names: declared, used, and what they may not be.

use crate::diag::{Diagnostic, names};
use crate::source::Span;

/// What a name was looked for as.
pub(crate) struct Wanted<'a> {
    /// In a sentence: "metric".
    pub(crate) noun: &'a str,
    /// How one is declared.
    pub(crate) form: &'a str,
    /// All that are declared.
    pub(crate) known: &'a [&'a str],
}

/// A name that nothing declares; `elsewhere` is something of another kind that has it.
pub(crate) fn unknown_name(
    (name, span): (&str, Span),
    wanted: &Wanted<'_>,
    nearest: Option<&str>,
    elsewhere: Option<(&str, Span)>,
) -> Diagnostic {
    let noun = wanted.noun;
    let message = match noun {
        "value" => format!("nothing with a value is called `{name}`"),
        noun => format!("there is no {noun} `{name}`"),
    };
    let one = Diagnostic::new(&names::UNKNOWN_NAME, message);
    let one = match elsewhere {
        Some((other, place)) => one
            .at(span, format!("a {noun} is wanted here"))
            .with(place, format!("this `{name}` is {other}")),
        None => one.at(span, "nothing in this file declares it"),
    };
    match (nearest, wanted.known) {
        (Some(nearest), _) => one
            .help(format!("did you mean `{nearest}`?"))
            .near((span, nearest), (name, nearest)),
        (None, []) => one.help(format!("declare it: {}", wanted.form.replace("NAME", name))),
        (None, known) => {
            let one = one.help(format!("declared are: {}", listed(known)));
            match elsewhere {
                Some(_) => one,
                None => one.help(format!(
                    "or declare it: {}",
                    wanted.form.replace("NAME", name)
                )),
            }
        }
    }
}

/// A metric of a library is made from something that the library does not declare.
pub(crate) fn unknown_template((name, span): (&str, Span), known: &[&str]) -> Diagnostic {
    let wanted = Wanted {
        noun: "metric",
        form: "metric NAME: TYPE { … }",
        known,
    };
    let nearest = crate::diag::nearest(name, known.iter().copied());
    unknown_name((name, span), &wanted, nearest, None)
}

/// At most eight names, and how many more there are.
pub(super) fn listed(names: &[&str]) -> String {
    const MOST: usize = 8;
    let shown: Vec<&str> = names.iter().copied().take(MOST).collect();
    let more = names.len().saturating_sub(MOST);
    match more {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Two things share a name; each with what it is.
pub(crate) fn declared_twice(
    name: &str,
    (again, span): (&str, Span),
    (first, place): (&str, Span),
) -> Diagnostic {
    Diagnostic::new(
        &names::DECLARED_TWICE,
        format!("`{name}` is declared twice"),
    )
    .at(span, format!("declared again here, as {again}"))
    .with(place, format!("first declared here, as {first}"))
    .help("give one of them another name")
}

/// A declared name has a meaning of its own in expressions.
pub(crate) fn taken_name(span: Span, name: &str, meaning: &str) -> Diagnostic {
    Diagnostic::new(
        &names::TAKEN_NAME,
        format!("`{name}` already means something"),
    )
    .at(span, format!("everywhere in a runbook this is {meaning}"))
    .help(format!("choose another name, for example `my_{name}`"))
}

/// Shell text would read or change a variable of the system.
pub(crate) fn system_name(span: Span, name: &str, what: &str) -> Diagnostic {
    let upper = name.to_uppercase();
    Diagnostic::new(
        &names::SYSTEM_NAME,
        format!("`{name}` cannot be the name of {what}"),
    )
    .at(
        span,
        format!(
            "shell text would have a variable of this name, and the system has its own `{upper}`"
        ),
    )
    .help(format!(
        "choose a name that says what it is for, for example `release_{name}`"
    ))
}

/// A name is the variable that holds the path of a secret's file.
pub(crate) fn secret_file_name_taken(
    span: Span,
    name: &str,
    what: &str,
    secret: Span,
) -> Diagnostic {
    Diagnostic::new(
        &names::DECLARED_TWICE,
        format!("`{name}` is declared twice"),
    )
    .at(span, format!("declared here as {what}"))
    .with(
        secret,
        format!("`${name}` is the variable with the path of this secret's file"),
    )
    .help("give one of them another name")
}

/// A let uses a let that comes after it.
pub(crate) fn used_before(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &names::USED_BEFORE,
        format!("`{name}` is used before it is declared"),
    )
    .at(span, "its value is not known here yet")
    .help(format!("put `let {name} = …` above this line"))
}

/// A secret where a value is wanted.
pub(crate) fn secret_used(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &names::SECRET_MISUSED,
        format!("the secret `{name}` cannot be used as a value"),
    )
    .at(span, "a secret is never compared, shown or stored")
    .help(format!(
        "hand it to a step: shell text finds the path of its file in \"${name}_file\", and `env {{ TOKEN = {name} }}` gives it as a variable"
    ))
}

/// `slack NAME` where the name is no secret; `what` with its article.
pub(crate) fn not_hidden(span: Span, name: &str, what: &str) -> Diagnostic {
    Diagnostic::new(
        &names::SECRET_MISUSED,
        format!("`{name}` is {what}, and a secret is wanted here"),
    )
    .at(span, "everybody could read it in the plan and the journal")
    .help("write `env VARIABLE` or `file \"PATH\"`, or declare it: secret NAME from env VARIABLE")
}

/// `$token` in shell text.
pub(crate) fn secret_in_shell(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &names::SECRET_MISUSED,
        format!("the secret `{name}` is not a variable"),
    )
    .at(
        span,
        "shell text sees the path of the secret's file, never the secret",
    )
    .help(format!(
        "write \"${name}_file\" where the command takes a file"
    ))
    .help(format!(
        "or `env {{ TOKEN = {name} }}` before the command, and $TOKEN in it"
    ))
}

/// A secret is named by a command that gets none.
pub(crate) fn secret_not_here(span: Span, name: &str, place: &str) -> Diagnostic {
    Diagnostic::new(
        &names::SECRET_MISUSED,
        format!("the secret `{name}` is not handed to {place}"),
    )
    .at(span, format!("this names `${name}_file`"))
    .help("a secret can be handed to a step, a check, and the `set` and `read` of an exposure")
}

/// A secret is handed on by an `env` that may not.
pub(crate) fn secret_not_in_env(span: Span, name: &str, place: &str) -> Diagnostic {
    Diagnostic::new(
        &names::SECRET_MISUSED,
        format!("the secret `{name}` is not handed to {place}"),
    )
    .at(
        span,
        "this would put it into the environment of what only looks",
    )
    .help("a secret can be handed to a step, a check, and the `set` and `read` of an exposure")
}

/// `stdin token`
pub(crate) fn secret_as_stdin(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &names::SECRET_MISUSED,
        format!("the secret `{name}` is not handed over as `stdin`"),
    )
    .at(span, "a secret reaches a step as a file or as a variable")
    .help(format!(
        "let the command read the file: $ COMMAND < \"${name}_file\""
    ))
}

/// Something that only the run knows, where a value known before it is wanted.
pub(crate) fn only_live(span: Span, name: &str, meaning: &str) -> Diagnostic {
    Diagnostic::new(
        &names::NAME_NOT_HERE,
        format!("`{name}` is not known before the run"),
    )
    .at(span, meaning)
    .help("this must have a value when the plan is made: use a literal, a parameter or a `let`")
}

/// `${stage}` and the like, where they mean nothing.
pub(crate) fn word_not_here((span, word): (Span, &str), here: &str, home: &str) -> Diagnostic {
    Diagnostic::new(
        &names::NAME_NOT_HERE,
        format!("`{word}` has no meaning {here}"),
    )
    .at(span, "nothing to fill in here")
    .help(format!("it is known {home}"))
}

/// A name that no text shows.
pub(crate) fn not_in_text(span: Span, name: &str, meaning: &str) -> Diagnostic {
    Diagnostic::new(
        &names::NAME_NOT_HERE,
        format!("`{name}` cannot be shown in a text"),
    )
    .at(span, meaning)
    .help("a text can show parameters, lets, exposures, and run, service, stage, level, reason, by, started")
}

/// `stage` in a condition that is judged when no stage is.
pub(crate) fn no_stage_here(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::NAME_NOT_HERE,
        "`stage` has no meaning in a rollback",
    )
    .at(span, "no stage is running when this is judged")
    .help("say how far the rollout got by its exposure: new_auth > 0%")
}

/// `stage` in a condition that is waited for.
pub(crate) fn stage_stays(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::NAME_NOT_HERE,
        "`stage` has no meaning after `wait until`",
    )
    .at(span, "the stage stays the same while it waits")
    .help("wait for a metric, or for `elapsed`: wait until error_rate < 0.2% within 10m")
}

/// `stage` after `if`.
pub(crate) fn stage_is_known(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::NAME_NOT_HERE,
        "`stage` has no meaning after `if`",
    )
    .at(span, "an `if` stands in one stage or level, so this never changes")
    .help("decide by a parameter, a metric, an exposure or a captured value: if error_rate > 1% { … }")
}

/// The variable of a loop has the name of something else.
pub(crate) fn shadowed_name(
    (name, span): (&str, Span),
    (other, place): (&str, Span),
) -> Diagnostic {
    Diagnostic::new(
        &names::SHADOWED_NAME,
        format!("`{name}` would hide {other} of the same name"),
    )
    .at(
        span,
        "in this block the name would stand for something else",
    )
    .with(place, format!("this is {other}"))
    .help("give one of them another name")
}

/// `json(…)` and the like outside of a probe.
pub(crate) fn call_not_here(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &names::NAME_NOT_HERE,
        format!("`{name}(…)` has no meaning here"),
    )
    .at(span, "there is no answer to look at")
    .help("`json(…)` and `header(…)` stand after `expect` in a probe")
}

/// `x.y` for a `y` that x does not have.
pub(crate) fn no_field(span: Span, field: &str, of: &str) -> Diagnostic {
    Diagnostic::new(&names::UNKNOWN_NAME, format!("`{of}` has no `{field}`"))
        .at(span, "unknown")
        .help(format!("write `{of}` alone"))
}

/// A word that is none of those of its type.
pub(crate) fn not_one_of(
    span: Span,
    word: &str,
    words: &[String],
    nearest: Option<&str>,
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::DOES_NOT_FIT,
        format!("`{word}` is not one of {}", words.join(", ")),
    )
    .at(span, "none of the words of this type");
    match nearest {
        Some(nearest) => one
            .help(format!("did you mean `{nearest}`?"))
            .near((span, nearest), (word, nearest)),
        None => one.help(format!("write one of: {}", words.join(", "))),
    }
}

/// A captured value where it may not have been set. `path` says why, and where that shows.
pub(crate) fn maybe_unset(
    (span, name): (Span, &str),
    (set, form): (Span, &str),
    (why, path): (&str, Option<(Span, String)>),
    in_shell: Option<&str>,
) -> Diagnostic {
    let mut one = Diagnostic::new(
        &names::MAYBE_UNSET,
        format!("`{name}` may not have been set here"),
    )
    .at(span, why)
    .with(set, "it is set here");
    if let Some((span, text)) = path {
        one = one.with(span, text);
    }
    let one = one.help(format!("say its value for that case: {form}"));
    match in_shell {
        Some(instead) => one.help(format!("or in shell text: {instead}")),
        None => one,
    }
}

/// `http get "https://…?token=${token}"`
pub(crate) fn secret_in_address(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &names::SECRET_MISUSED,
        format!("the secret `{name}` cannot be used as a value"),
    )
    .at(span, "an address stands in the journal and in every report")
    .help(format!(
        "send it as a header, on a line of its own: bearer {name}, or header \"NAME\" {name}"
    ))
}
