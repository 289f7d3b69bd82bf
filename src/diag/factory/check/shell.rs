//! Shell text: what no shell reads, variables that nobody sets, values that fall apart, failures that get lost.

use crate::diag::{Certainty, Diagnostic, names};
use crate::source::Span;

/// Text that `/bin/sh` cannot read.
pub(crate) fn shell_syntax(span: Span, message: &str, help: &str) -> Diagnostic {
    Diagnostic::new(&names::SHELL_SYNTAX, message)
        .at(span, "the shell cannot read this")
        .help(help)
}

/// `${params.version}`, in which no shell finds a variable.
pub(crate) fn no_variable_at_all(span: Span, written: &str, name: &str) -> Diagnostic {
    Diagnostic::new(
        &names::SHELL_SYNTAX,
        format!("`{written}` is no variable of the shell"),
    )
    .at(span, "the shell stops here: a bad substitution")
    .help(format!("a value is its name alone: \"${name}\""))
}

/// Text that the system hands to no program.
pub(crate) fn shell_too_long(span: Span, most: usize) -> Diagnostic {
    Diagnostic::new(
        &names::OUT_OF_RANGE,
        format!(
            "this text has more than {} KiB, and no shell could be started with it",
            most / 1024
        ),
    )
    .at(
        span,
        "it is one argument of /bin/sh, and the system allows no longer one",
    )
    .help("put the script into a file of its own, and run that")
}

/// A block whose parts come to more together.
pub(crate) fn block_too_long(span: Span, most: usize) -> Diagnostic {
    Diagnostic::new(
        &names::OUT_OF_RANGE,
        format!(
            "these commands come to more than {} KiB, and no shell could be started with them",
            most / 1024
        ),
    )
    .at(
        span,
        "together they are one argument of /bin/sh, and the system allows no longer one",
    )
    .help("make several steps of them, or put the long ones into files of their own and run those")
}

/// Text that only bash can read.
pub(crate) fn bash_in_sh(span: Span, word: &str, instead: Option<&str>) -> Diagnostic {
    let word = word.lines().next().unwrap_or_default();
    let one = Diagnostic::new(
        &names::BASH_IN_SH,
        format!("`{word}` is bash, and shell text is run by /bin/sh"),
    )
    .at(span, "not every /bin/sh has this");
    let one = match instead {
        Some(instead) => one.help(instead),
        None => one,
    };
    one.help("or put the script into a file that begins with #!/usr/bin/env bash, and run that")
}

/// `{{ x }}` in shell text; the name of a value that is known, and what to write for it.
pub(crate) fn template_in_shell(
    span: Span,
    text: &str,
    known: Option<(&str, Option<&str>)>,
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::TEMPLATE_IN_SHELL,
        format!("nothing replaces `{text}` in shell text"),
    )
    .at(span, "the shell would see it as it stands");
    match known {
        Some((_, Some(mended))) => one
            .help(format!(
                "every value is a variable of the same name: write {mended}"
            ))
            .fix(span, mended),
        Some((name, None)) => one.help(format!(
            "every value is a variable of the same name: write \"${name}\", and not in single quotes, where nothing is replaced"
        )),
        None => one.help(
            "values reach shell text as variables: declare `param NAME: TYPE`, and write \"$NAME\"",
        ),
    }
}

/// `'$share'`; the whole word where nothing else stands in it.
pub(crate) fn quoted_literal(
    (span, then): (Span, &str),
    written: &str,
    alone: Option<Span>,
) -> Diagnostic {
    let (place, quotes) = match alone {
        Some(word) => (word, "\""),
        None => (span, "'\""),
    };
    let closing: String = quotes.chars().rev().collect();
    let mended = format!("{quotes}{written}{closing}");
    let one = Diagnostic::new(
        &names::QUOTED_LITERAL,
        format!("`{written}` stands in single quotes, where no value is put in"),
    )
    .at(span, format!("not replaced here: {then}"));
    let one = match alone {
        Some(_) => one.help(format!("write {mended}")),
        None => one.help(format!(
            "write {mended} in its place: the single quotes end before it, and begin again behind it"
        )),
    };
    one.help(format!(
        "if these characters are meant, say so: {quotes}\\{written}{closing}"
    ))
    .guess(place, &mended)
}

/// A dash that is none, a blank that does not part words, a mark that turns the direction of reading.
pub(crate) fn look_alike(span: Span, (ch, meant): (char, Option<&str>), of: &str) -> Diagnostic {
    let code = format!("U+{:04X}", u32::from(ch));
    match meant {
        Some(meant) => Diagnostic::new(
            &names::LOOK_ALIKE,
            format!("`{ch}` ({code}) only looks like `{meant}`"),
        )
        .at(span, format!("for {of} it is a letter like any other"))
        .help(format!("write {meant}")),
        None => Diagnostic::new(
            &names::LOOK_ALIKE,
            format!("there is a character ({code}) that nobody sees as it is"),
        )
        .at(span, format!("{of} is read otherwise than it looks"))
        .help("delete it, or write a blank in its place"),
    }
}

/// A text for people or a server with a value's name as it is written elsewhere.
pub(crate) fn not_filled_in(
    span: Span,
    (text, name): (&str, &str),
    quotes: Option<&str>,
) -> Diagnostic {
    let itself = match (quotes, text.contains("{{")) {
        (None, _) => format!(", or \\{text} for these characters"),
        (Some(quotes), true) => format!(", or \\{text} {quotes} for these characters"),
        (Some(_), false) => String::new(),
    };
    let quotes = quotes.map_or_else(String::new, |quotes| format!(" {quotes}"));
    Diagnostic::new(
        &names::NOT_FILLED_IN,
        format!("nothing fills in `{text}`: it stays as it stands"),
    )
    .at(span, format!("not the value of `{name}`"))
    .help(format!("write ${{{name}}}{quotes} for the value{itself}"))
}

/// A variable that nothing sets; the one that was probably meant, and how it is written here.
pub(crate) fn unknown_variable(
    (span, then): (Span, &str),
    name: &str,
    near: Option<(&str, &str)>,
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::UNKNOWN_VARIABLE,
        format!("nothing sets the variable `{name}`"),
    )
    .at(span, format!("not set when this runs, {then}"));
    match near {
        Some((near, mended)) => one
            .help(format!("did you mean `{near}`?"))
            .near((span, mended), (name, near)),
        None => one
            .help(format!(
                "declare it: param {name}: TYPE, or let {name} = VALUE"
            ))
            .help(format!(
                "if it may be missing, say what then: ${{{name}:-DEFAULT}}"
            )),
    }
}

/// `$VERSION` beside a parameter `version`.
pub(crate) fn variable_in_capitals(
    span: Span,
    name: &str,
    (small, mended): (&str, &str),
) -> Diagnostic {
    Diagnostic::new(
        &names::UNKNOWN_VARIABLE,
        format!("`{name}` is not the `{small}` of this file"),
    )
    .at(
        span,
        "this is taken from whatever environment the run is started in",
    )
    .help(format!("write `{mended}`"))
    .help(format!(
        "if the one of the environment is meant, give it a name: env {{ OTHER = … }}, or say ${{{name}:?}}"
    ))
}

/// `$1` in a text that is given no arguments.
pub(crate) fn no_arguments(span: Span, written: &str) -> Diagnostic {
    Diagnostic::new(
        &names::UNKNOWN_VARIABLE,
        format!("`{written}` is nothing here: shell text is given no arguments"),
    )
    .at(span, "an argument of the script")
    .help("write the name of a value, for example \"$version\"")
    .help("text for awk and the like stands in single quotes")
}

/// `$error_rate` for a metric.
pub(crate) fn metric_in_shell(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &names::UNKNOWN_VARIABLE,
        format!("the metric `{name}` is not a variable"),
    )
    .at(
        span,
        "a metric changes while the run goes, and no command is given it",
    )
    .help("watch it by a guard, or ask its source in the command")
}

/// The variable that a secret is taken from.
pub(crate) fn secret_source_in_shell(span: Span, variable: &str, secret: &str) -> Diagnostic {
    Diagnostic::new(
        &names::SECRET_MISUSED,
        format!("`{variable}` is kept from commands: the secret `{secret}` is taken from it"),
    )
    .at(span, "not set when this runs")
    .help(format!(
        "write \"${secret}_file\" where the command takes a file"
    ))
    .help(format!(
        "or `env {{ {variable} = {secret} }}` before the command"
    ))
}

/// The variable that a channel's hidden value is taken from.
pub(crate) fn channel_source_in_shell(span: Span, variable: &str, channel: &str) -> Diagnostic {
    Diagnostic::new(
        &names::SECRET_MISUSED,
        format!("`{variable}` is kept from commands: the channel `{channel}` takes it as a secret"),
    )
    .at(span, "not set when this runs")
    .help(format!(
        "declare `secret NAME from env {variable}`, name it in the channel, and write \"$NAME_file\" here"
    ))
}

/// `$x` without quotes, for an x that may hold blanks; `what` with its article, and whether quotes can only be right.
pub(crate) fn unquoted(span: Span, written: &str, (what, quotes): (&str, Certainty)) -> Diagnostic {
    let quoted = format!("\"{written}\"");
    let one = Diagnostic::new(
        &names::UNQUOTED_VARIABLE,
        format!("`{written}` stands without quotes"),
    )
    .at(
        span,
        format!("{what} can hold blanks and `*`, and would become several words, or none"),
    )
    .help(format!("write {quoted}"));
    match quotes {
        Certainty::Certain => one.fix(span, quoted),
        Certainty::Guess => one
            .help(format!(
                "if its words or the files that it names are meant, say so: for one in {written}; do COMMAND \"$one\"; done"
            ))
            .guess(span, &quoted),
    }
}

/// `a | b`
pub(crate) fn lost_in_a_pipeline(span: Span, name: &str, last: &str) -> Diagnostic {
    let last = match last {
        "" => "the last command".to_owned(),
        last => format!("`{last}`"),
    };
    lost(span, name)
        .at(span, format!("of a pipeline only {last} counts"))
        .help("keep what it prints, so that a failure stops the script: out=$(COMMAND), and in the next line printf '%s\\n' \"$out\" | …")
        .help("or say that it does not matter: … | … || true")
}

/// `a &`
pub(crate) fn nobody_waits(span: Span, name: &str) -> Diagnostic {
    lost(span, name)
        .at(span, "started with `&`, and nothing waits for its end")
        .help("take the `&` away, or wait for it: job=$!, and later wait \"$job\"")
}

/// `a & wait`
pub(crate) fn bare_wait(span: Span, name: &str) -> Diagnostic {
    lost(span, name)
        .at(span, "`wait` alone succeeds whatever became of this")
        .help("name what is waited for: job=$! after the `&`, and later wait \"$job\"")
}

/// `a && b`, and then something else.
pub(crate) fn lost_before_and(span: Span, name: &str) -> Diagnostic {
    lost(span, name)
        .at(span, "on the left of `&&` a failure does not stop the script, and it goes on with the next command")
        .help("put the commands on lines of their own: the script stops at the first that fails")
        .help("if it is a question, ask it with: if COMMAND; then …; fi")
}

/// `export x=$(a)`
pub(crate) fn lost_in_a_declaration(span: Span, name: &str, by: &str) -> Diagnostic {
    lost(span, name)
        .at(
            span,
            format!("the status of this is that of `{by}`, which succeeds"),
        )
        .help(format!("first x=$({}), then {by} x", or_command(name)))
}

/// `for x in $(list)`
pub(crate) fn lost_in_a_loop(span: Span, name: &str) -> Diagnostic {
    lost(span, name)
        .at(
            span,
            "the loop goes over what was printed; where that is nothing, it succeeds",
        )
        .help(format!(
            "first all=$({}), then for x in $all",
            or_command(name)
        ))
}

/// `deploy "$(build)"`
pub(crate) fn lost_in_a_word(span: Span, name: &str, by: &str) -> Diagnostic {
    let by = match by {
        "" => "the command".to_owned(),
        by => format!("`{by}`"),
    };
    lost(span, name)
        .at(
            span,
            format!("{by} runs whatever becomes of this, with what was printed or with nothing"),
        )
        .help(format!(
            "first value=$({}), which stops the script where that fails, then \"$value\" in this place",
            or_command(name)
        ))
}

/// `f || report`, where `f` is a function of more than one command.
pub(crate) fn lost_in_a_function(
    span: Span,
    name: &str,
    (function, call, sign): (&str, Span, &str),
) -> Diagnostic {
    lost(span, name)
        .at(span, format!("`{function}` goes on after this"))
        .with(
            call,
            format!("{sign} the shell does not stop at a failure inside of `{function}`"),
        )
        .help(format!("write `|| return 1` behind the commands in `{function}` that must not fail"))
        .help(format!("or call `{function}` on a line of its own: then the script stops at the first failure in it"))
}

/// `{ a; b; } || c`
pub(crate) fn lost_in_a_group(span: Span, name: &str, sign: &str) -> Diagnostic {
    lost(span, name)
        .at(
            span,
            format!("{sign} the shell does not stop here, and goes on with the next command"),
        )
        .help("join the commands with `&&` instead of `;` or a new line")
}

/// `for …; do a; done || c`
pub(crate) fn lost_in_turns(span: Span, name: &str, sign: &str) -> Diagnostic {
    lost(span, name)
        .at(
            span,
            format!("{sign} the shell does not stop here, and the loop goes on: only its last turn counts"),
        )
        .help("write `|| exit 1` behind it, and ( … ) around the loop")
}

/// `if a; b; then`
pub(crate) fn lost_in_a_condition(span: Span, name: &str, sign: &str) -> Diagnostic {
    lost(span, name)
        .at(
            span,
            format!("{sign} the shell does not stop here, and only the last command decides"),
        )
        .help("join the commands with `&&`, or put what is no question on a line before it")
}

/// `sh -c 'a; b'`
pub(crate) fn lost_in_code(span: Span, name: &str, by: &str) -> Diagnostic {
    let one = lost(span, name).at(
        span,
        format!("what `{by}` runs does not stop at a failure, and goes on with the next command"),
    );
    let one = match by.strip_suffix(" -c") {
        Some(shell) if !["su", "runuser"].contains(&shell) => {
            one.help(format!("let it stop at the first failure: {shell} -ec '…'"))
        }
        Some(_) | None => one.help("let it stop at the first failure: begin it with `set -e;`"),
    };
    one.help("or join the commands with `&&`")
}

/// `psql -f a.sql`
pub(crate) fn lost_statements(span: Span, name: &str) -> Diagnostic {
    let mended = format!("{name} -v ON_ERROR_STOP=1");
    Diagnostic::new(
        &names::LOST_FAILURE,
        "a failure of a statement would be lost",
    )
    .at(
        span,
        "it goes on after a statement that failed, and succeeds at its end",
    )
    .help(format!("write: {mended} …"))
    .help("or let the file be a step, which stops by itself: sql PROVIDER \"FILE\"")
    .guess(span, &mended)
}

/// `curl https://…`
pub(crate) fn lost_answer(span: Span, name: &str) -> Diagnostic {
    let mended = format!("{name} -f");
    Diagnostic::new(
        &names::LOST_FAILURE,
        format!("`{name}` succeeds whatever the server answers"),
    )
    .at(span, "an answer such as 404 or 500 is no failure for it")
    .help(format!(
        "write: {mended} …, or {name} --fail-with-body … to see what came"
    ))
    .guess(span, &mended)
}

/// `find … -exec a \\;`
pub(crate) fn lost_for_each(span: Span, name: &str) -> Diagnostic {
    let command = match name {
        "" => "COMMAND",
        name => name,
    };
    lost(span, name)
        .at(span, "`find` does not look how it ended, and succeeds")
        .help(format!(
            "where it takes several files, end it with `+`, by which `find` fails too: -exec {command} … {{}} +"
        ))
        .help(format!(
            "where it takes one: -exec sh -c 'for file; do {command} … \"$file\" || exit 1; done' sh {{}} +"
        ))
}

/// `a || echo failed`
pub(crate) fn lost_behind_or(span: Span, name: &str) -> Diagnostic {
    lost(span, name)
        .at(
            span,
            "what is behind `||` only says so and succeeds: it goes on as if this had not failed",
        )
        .help("write: … || { echo \"…\" >&2; exit 1; }")
        .help("or say that it does not matter: … || true, or … || { echo \"…\"; true; }")
}

/// `if a; then echo ok; else echo failed; fi`
pub(crate) fn lost_by_if(span: Span, name: &str) -> Diagnostic {
    lost(span, name)
        .at(
            span,
            "where this fails, that is only said, and it goes on as if it had not",
        )
        .help("write `exit 1` behind what is said there")
        .help("or put the command on a line of its own: the script stops where it fails")
}

/// `set +e`
pub(crate) fn lost_from_here(span: Span) -> Diagnostic {
    lost(span, "")
        .at(span, "from here on the script goes on after a failure")
        .help("write `COMMAND || true` where a failure is fine, or `set -e` behind those")
}

fn lost(_span: Span, name: &str) -> Diagnostic {
    let message = match name {
        "" => "a failure would be lost".to_owned(),
        name => format!("a failure of `{name}` would be lost"),
    };
    Diagnostic::new(&names::LOST_FAILURE, message)
}

fn or_command(name: &str) -> String {
    match name {
        "" => "…".to_owned(),
        name => format!("{name} …"),
    }
}

/// Text that the parser of this program cannot take apart, and `/bin/sh` can.
pub(crate) fn shell_not_read(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::SHELL_NOT_READ,
        "`case` inside of `$(…)` is not looked at",
    )
    .at(
        span,
        "the variables, programs and failures of this command are not known here",
    )
    .help("move the `case` out of the substitution, or into a script of its own")
}

/// Code of `sh -c` that the parser of this program cannot take apart.
pub(crate) fn code_not_read(span: Span, by: &str) -> Diagnostic {
    Diagnostic::new(
        &names::SHELL_NOT_READ,
        format!("what `{by}` runs is not looked at"),
    )
    .at(
        span,
        "it cannot be taken apart: its variables, programs and failures are not known here",
    )
    .help("write it as commands of the step, or into a script of its own")
}

/// What shellcheck says: its level, its number and its words.
pub(crate) fn shellcheck(span: Span, (level, code, message): (&str, u32, &str)) -> Diagnostic {
    let message = message.trim_end_matches('.');
    let mut chars = message.chars();
    let first = chars.next().map(|first| first.to_lowercase().to_string());
    let is_word = chars.clone().next().is_some_and(char::is_lowercase);
    let message = match first {
        Some(first) if is_word => format!("{first}{}", chars.as_str()),
        Some(_) | None => message.to_owned(),
    };
    Diagnostic::new(&names::SHELLCHECK, format!("SC{code}: {message}"))
        .at(span, format!("shellcheck calls this: {level}"))
        .help(format!("https://www.shellcheck.net/wiki/SC{code}"))
}

/// `$ make deploy timeout 5m`
pub(crate) fn clause_in_command(span: Span, clause: &str) -> Diagnostic {
    Diagnostic::new(
        &names::CLAUSE_IN_COMMAND,
        format!("`{clause}` is a part of the command here"),
    )
    .at(span, "everything behind `$` goes to the shell")
    .help(if clause.contains(" $ ") {
        "if a clause is meant, it stands on a line of its own before the command, which begins its own line with `$`".to_owned()
    } else {
        format!("if a clause is meant, it stands before the command: {clause} $ …")
    })
    .help("if the program takes these words, put them into quotes")
}
