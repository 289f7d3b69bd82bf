//! The wording of what the syntax phase says.

use crate::diag::{Diagnostic, names};
use crate::source::Span;

// ------------------------------------------------------------------ the file as a whole

/// `step NAME { }`
pub(crate) fn block_without_commands(span: Span) -> Diagnostic {
    Diagnostic::new(&names::EMPTY_BLOCK, "the block of the step does nothing")
        .at(span, "no command in it")
        .help("write the commands of the step, each on its line: $ COMMAND")
}

/// A file that could not be looked at, and why, in a sentence.
pub(crate) fn not_looked_at(why: &str) -> Diagnostic {
    Diagnostic::new(&names::NOT_LOOKED_AT, why)
}

/// The bytes of a file are not UTF-8.
pub(crate) fn not_utf8(file: &str, line: usize, offset: usize) -> Diagnostic {
    Diagnostic::new(
        &names::NOT_UTF8,
        format!(
            "`{file}` is not UTF-8 text: the first bad byte is at offset {offset}, in line {line}"
        ),
    )
    .help("save the file as UTF-8; if it is not a text file, check the name")
}

/// There is nothing in the file but white space and comments.
pub(crate) fn empty_file(file: &str) -> Diagnostic {
    Diagnostic::new(&names::EMPTY_FILE, format!("`{file}` is empty"))
        .help("a runbook begins with its title: runbook \"Roll out the new login\"")
}

/// The file is larger than any runbook; sizes in bytes.
pub(crate) fn file_too_large(file: &str, size: usize, limit: usize) -> Diagnostic {
    Diagnostic::new(
        &names::FILE_TOO_LARGE,
        format!(
            "`{file}` is {} MB, and a runbook may be {} MB at most",
            size.div_ceil(1 << 20),
            limit >> 20
        ),
    )
    .help("check the name: this is hardly a runbook")
}

/// The first statement is not `runbook "…"`; the file may well belong to another tool.
pub(crate) fn not_a_runbook(span: Span, nearest: Option<&str>) -> Diagnostic {
    let one = Diagnostic::new(
        &names::NOT_A_RUNBOOK,
        "this file does not begin with `runbook \"…\"`",
    )
    .at(span, "the first statement must be the title");
    match nearest {
        Some(word) => one
            .help(format!("did you mean `{word}`?"))
            .guess(span, word),
        None => one
            .help("begin with, for example: runbook \"Roll out the new login\"")
            .help("other tools use the ending `.runbook` too; is this a file of one of them?"),
    }
}

/// The title is missing, but the file is clearly one of ours.
pub(crate) fn no_title(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::NOT_A_RUNBOOK,
        "this file does not begin with `runbook \"…\"`",
    )
    .at(span, "the title must stand before this")
    .help("put this above it: runbook \"Roll out the new login\"")
}

/// Blocks, parentheses, operators or interpolations go deeper than `limit`.
pub(crate) fn nested_too_deep(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::new(
        &names::NESTED_TOO_DEEP,
        format!("this is nested more than {limit} deep"),
    )
    .at(span, "too deep from here on")
    .help("take it apart: give a part a name with `let`")
}

// ------------------------------------------------------------------ balance

/// A `{` without its `}`; `wrong_end` is the brace that closes it by count, but not by its place in the line.
pub(crate) fn unclosed_block(open: Span, wrong_end: Option<Span>) -> Diagnostic {
    let one = Diagnostic::new(&names::UNCLOSED_BLOCK, "this block is never closed")
        .at(open, "opened here");
    match wrong_end {
        Some(end) => one
            .with(
                end,
                "by its place in the line, this `}` belongs to an outer block",
            )
            .help("put a `}` on a line of its own where the block ends"),
        None => one.help("put a `}` on a line of its own where the block ends"),
    }
}

/// A `(` or `[` without its partner.
pub(crate) fn unclosed_bracket(open: Span, bracket: char) -> Diagnostic {
    let partner = if bracket == '(' { ')' } else { ']' };
    Diagnostic::new(
        &names::UNCLOSED_BLOCK,
        format!("this `{bracket}` is never closed"),
    )
    .at(open, "opened here")
    .help(format!("put the `{partner}` where it belongs"))
}

/// The `}` of a block stands at the end of a shell line, where it belongs to the shell.
pub(crate) fn brace_in_shell_line(open: Span, brace: Span) -> Diagnostic {
    Diagnostic::new(&names::UNCLOSED_BLOCK, "this block is never closed")
        .at(open, "opened here")
        .with(brace, "this `}` is part of the shell text")
        .help("everything after `$ ` up to the end of the line is shell text: put the `}` on the next line")
}

/// A closing bracket without an opening one; `heading` is a line above that looks as if it lacked its `{`.
pub(crate) fn extra_bracket(span: Span, bracket: char, heading: Option<Span>) -> Diagnostic {
    let one = Diagnostic::new(
        &names::EXTRA_BRACKET,
        format!("this `{bracket}` closes nothing"),
    )
    .at(span, "nothing is open here");
    match heading {
        Some(heading) if bracket == '}' => one
            .with(heading, "this line opens no block")
            .help("end the heading of a block with `{`, or take the `}` away"),
        Some(_) | None => one.help(format!("take the `{bracket}` away")),
    }
}

/// A string goes to the end of its line without a closing quote.
pub(crate) fn unclosed_string(span: Span) -> Diagnostic {
    Diagnostic::new(&names::UNCLOSED_STRING, "this string is never closed")
        .at(span, "it goes on to the end of the line")
        .help("close it with the quote it began with; text of several lines stands in \"\"\" … \"\"\"")
}

/// A `"""` goes to the end of the file without its partner.
pub(crate) fn unclosed_text_block(span: Span) -> Diagnostic {
    Diagnostic::new(&names::UNCLOSED_STRING, "this text is never closed")
        .at(span, "it goes on to the end of the file")
        .help("put \"\"\" on a line of its own where the text ends")
}

// ------------------------------------------------------------------ statements

/// A statement begins with a word that begins nothing.
pub(crate) fn unknown_statement(
    span: Span,
    word: &str,
    place: &str,
    nearest: Option<&str>,
    known: &[&str],
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::UNKNOWN_STATEMENT,
        format!("`{word}` begins no statement {place}"),
    )
    .at(span, "not a word that can stand here");
    match nearest {
        Some(nearest) => one
            .help(format!("did you mean `{nearest}`?"))
            .near((span, nearest), (word, nearest)),
        None => one.help(format!("what may stand {place}: {}", known.join(", "))),
    }
}

/// A word of the language stands where it has no meaning.
pub(crate) fn misplaced_statement(
    span: Span,
    word: &str,
    place: &str,
    homes: &[&str],
) -> Diagnostic {
    Diagnostic::new(
        &names::MISPLACED_STATEMENT,
        format!("`{word}` cannot stand {place}"),
    )
    .at(span, "not here")
    .help(format!("it belongs {}", either(homes)))
}

/// `a, b or c`
fn either(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    }
}

/// A unit that stands apart from its number, or is spelt out; `whole` is both, and how they are written.
pub(crate) fn unit_apart(unit: Span, whole: Span, mended: &str) -> Diagnostic {
    foreign_syntax(
        unit,
        &format!("a unit stands right after its number: `{mended}`"),
        &format!("write `{mended}`"),
    )
    .fix(whole, mended)
}

/// Something that other tools write. `instead` says how it is written here.
pub(crate) fn foreign_syntax(span: Span, message: &str, instead: &str) -> Diagnostic {
    Diagnostic::new(&names::FOREIGN_SYNTAX, message)
        .at(span, "this is how another tool says it")
        .help(instead)
}

/// The language has it, this version does not.
pub(crate) fn not_built_yet(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(&names::NOT_BUILT_YET, format!("`{word}` is not built yet"))
        .at(span, "this version cannot run it")
        .help(
            "it is part of the language, and this version refuses it, so that nothing is half done",
        )
}

/// A clause, an option or a block is there twice.
pub(crate) fn duplicate_clause(again: Span, first: Span, word: &str) -> Diagnostic {
    let word = match word.strip_prefix("the ") {
        Some(what) => format!("the {what}"),
        None => format!("`{word}`"),
    };
    Diagnostic::new(&names::DUPLICATE_CLAUSE, format!("{word} is said twice"))
        .at(again, "and again here")
        .with(first, "first said here")
        .help("keep one of them")
}

// ------------------------------------------------------------------ parts of a statement

/// What was expected after a piece of a statement, and the form of the whole.
pub(crate) struct Wanted<'a> {
    /// With its article: "a duration".
    pub(crate) what: &'a str,
    /// The word or piece before the gap.
    pub(crate) after: &'a str,
    /// The form of the whole statement.
    pub(crate) form: Option<&'a str>,
}

/// A part of a statement is missing, and the statement ends there.
pub(crate) fn missing_part(span: Span, wanted: &Wanted<'_>) -> Diagnostic {
    let one = Diagnostic::new(
        &names::MISSING_PART,
        format!("{} is missing after `{}`", wanted.what, wanted.after),
    )
    .at(span, format!("{} belongs here", wanted.what));
    with_form(one, wanted.form)
}

/// A part of a statement is missing, and something else stands there.
pub(crate) fn other_part(span: Span, found: &str, wanted: &Wanted<'_>) -> Diagnostic {
    let one = Diagnostic::new(
        &names::MISSING_PART,
        format!(
            "{} is missing after `{}`: found {found}",
            wanted.what, wanted.after
        ),
    )
    .at(span, format!("expected {} here", wanted.what));
    with_form(one, wanted.form)
}

/// The statement is complete, and something more stands there.
pub(crate) fn unexpected_text(
    span: Span,
    found: &str,
    nearest: Option<&str>,
    form: Option<&str>,
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::UNEXPECTED_TEXT,
        format!("{found} cannot stand here"),
    )
    .at(span, "nothing like this is expected here");
    match nearest {
        Some(nearest) => one
            .help(format!("did you mean `{nearest}`?"))
            .near((span, nearest), (found.trim_matches('`'), nearest)),
        None => with_form(one, form),
    }
}

/// Something stands between brackets that does not go on from what is before it.
pub(crate) fn unexpected_in_brackets(span: Span, found: &str) -> Diagnostic {
    Diagnostic::new(
        &names::UNEXPECTED_TEXT,
        format!("{found} cannot stand here"),
    )
    .at(span, "nothing like this is expected here")
    .help("after a value comes an operator, a `,` or the closing bracket")
}

/// A block follows a statement that takes none.
pub(crate) fn unexpected_block(span: Span, word: &str, form: Option<&str>) -> Diagnostic {
    let one = Diagnostic::new(&names::UNEXPECTED_TEXT, format!("`{word}` takes no block"))
        .at(span, "this block has no meaning here");
    with_form(one, form)
}

fn with_form(one: Diagnostic, form: Option<&str>) -> Diagnostic {
    match form {
        Some(form) => one.help(format!("write: {form}")),
        None => one,
    }
}

/// `=` or `:` is not there at all.
pub(crate) fn missing_separator(span: Span, wanted: &str, before: &str, form: &str) -> Diagnostic {
    Diagnostic::new(
        &names::WRONG_SEPARATOR,
        format!("`{wanted}` is missing before {before}"),
    )
    .at(span, format!("`{wanted}` belongs before this"))
    .help(format!("write: {form}"))
}

/// A name that does not follow the rule for names; `instead` is one near it that does.
pub(crate) fn bad_name(span: Span, name: &str, instead: Option<&str>) -> Diagnostic {
    let one = Diagnostic::new(&names::BAD_NAME, format!("`{name}` cannot be a name")).at(
        span,
        "a name is a small letter, then small letters, digits and `_`",
    );
    match instead {
        Some(instead) => one.help(format!("write `{instead}`")).guess(span, instead),
        None => one.help("choose a name such as `deploy_api`"),
    }
}

/// A reserved word where a name is declared or used.
pub(crate) fn reserved_name(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(
        &names::BAD_NAME,
        format!("`{word}` cannot be a name: it is reserved"),
    )
    .at(span, "this word joins or follows an expression")
    .help("choose another name")
}

/// `exposure live: blue | green < red`
pub(crate) fn mixed_values(span: Span) -> Diagnostic {
    Diagnostic::new(&names::BAD_EXPOSURE, "these values have an order, and have none")
        .at(span, "`|` and `<` do not go together")
        .help("write `A < B < C` for values of which each exposes more than those before it, `A | B` for values without an order")
}

/// `exposure live: blue | blue`
pub(crate) fn value_twice(span: Span, first: Span, word: &str) -> Diagnostic {
    Diagnostic::new(&names::BAD_EXPOSURE, format!("`{word}` is a value twice"))
        .at(span, "the second time")
        .with(first, "the first time")
        .help("give each value a name of its own")
}

/// `exposure live: one of blue | green`
pub(crate) fn needless_one_of(span: Span, words: &[String]) -> Diagnostic {
    let words = words.join(" | ");
    Diagnostic::new(
        &names::BAD_EXPOSURE,
        "the values of an exposure are written without `one of`",
    )
    .at(span, "this is how a parameter lists its words")
    .help(format!(
        "write `{words}`, or `<` in the place of `|` where each exposes more than those before it"
    ))
    .guess(span, &words)
}

/// `param size: small | large`
pub(crate) fn values_of_an_exposure(span: Span, text: &str) -> Diagnostic {
    let listed = text.replace('<', "|");
    Diagnostic::new(
        &names::BAD_EXPOSURE,
        "only an exposure has its values listed like this",
    )
    .at(span, "a list of words is a type of its own")
    .help(format!("write `one of {listed}`"))
    .guess(span, &format!("one of {listed}"))
}

/// A word that is not one of a few.
pub(crate) fn unknown_choice(
    span: Span,
    word: &str,
    what: &str,
    nearest: Option<&str>,
    known: &[&str],
) -> Diagnostic {
    let one = Diagnostic::new(&names::UNKNOWN_CHOICE, format!("`{word}` is no {what}"))
        .at(span, "not a word that can stand here");
    match (nearest, known) {
        (Some(nearest), _) => one
            .help(format!("did you mean `{nearest}`?"))
            .near((span, nearest), (word, nearest)),
        (None, [only]) => one.help(format!("write `{only}`")).guess(span, only),
        (None, known) => one.help(format!("it is one of: {}", known.join(", "))),
    }
}

// ------------------------------------------------------------------ expressions and literals

/// `&&`, `||`, `!`, `=` for the operators of this language.
pub(crate) fn wrong_operator(span: Span, found: &str, wanted: &str) -> Diagnostic {
    let one = Diagnostic::new(
        &names::WRONG_OPERATOR,
        format!("`{found}` is not an operator here"),
    )
    .at(span, format!("write `{wanted}`"))
    .help(format!("replace `{found}` by `{wanted}`"));
    if found == "=" {
        // It may be that nothing is compared: `expose flag = 10%`.
        one.help("a value that something is set to stands right behind its name, without a sign")
            .guess(span, wanted)
    } else {
        one.fix(span, wanted)
    }
}

/// `a < b < c`
pub(crate) fn chained_comparison(span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(
        &names::CHAINED_COMPARISON,
        "two comparisons cannot be chained",
    )
    .at(span, "this compares the result of a comparison")
    .with(first, "the first comparison")
    .help("write both and join them: a < b and b < c")
}

/// A word that begins with a digit and is no literal; `why` says what is wrong with it.
pub(crate) fn bad_literal(span: Span, text: &str, why: &str, help: &str) -> Diagnostic {
    Diagnostic::new(&names::BAD_LITERAL, format!("`{text}` is no value: {why}"))
        .at(span, "cannot be read")
        .help(help)
}

/// `\x` in a string, for an `x` without a meaning.
pub(crate) fn bad_escape(span: Span, escape: &str) -> Diagnostic {
    Diagnostic::new(
        &names::BAD_ESCAPE,
        format!("`{escape}` has no meaning in a string"),
    )
    .at(span, "unknown escape")
    .help("the escapes are \\n \\t \\r \\\" \\\\ \\$ \\{ \\u{1F600}; in '…' a backslash stands for itself")
}

/// `${` without `}`, or with something between them that is no expression.
pub(crate) fn bad_interpolation(span: Span, why: &str) -> Diagnostic {
    Diagnostic::new(&names::BAD_INTERPOLATION, why)
        .at(span, "between `${` and `}` stands one expression")
        .help("write for example \"${service} is at ${new_auth}\"; for the characters themselves write \\${")
}

/// `$x`, or `$` with nothing after it.
pub(crate) fn bad_shell_line(span: Span, empty: &str) -> Diagnostic {
    match empty {
        "" => Diagnostic::new(&names::BAD_SHELL_LINE, "this shell line is empty")
            .at(span, "a command belongs after `$ `")
            .help("write: $ COMMAND"),
        text => Diagnostic::new(
            &names::BAD_SHELL_LINE,
            format!("a blank is missing between `$` and `{text}`"),
        )
        .at(span, "shell text begins with `$` and a blank")
        .help("write `$ ` before a command; a value is written by its name alone, without `$`"),
    }
}

/// `sh` with a string that is not a block.
pub(crate) fn script_quotes(span: Span) -> Diagnostic {
    Diagnostic::new(&names::BAD_SHELL_LINE, "a script stands in triple quotes")
        .at(span, "these quotes make it text, with escapes and `${…}`")
        .help("write: sh \"\"\" … \"\"\", or one line with `$ `")
}

/// A day of the week among holidays.
pub(crate) fn weekly_holiday(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(
        &names::BAD_WINDOW,
        format!("`{word}` is no holiday but a day of every week"),
    )
    .at(span, "holidays are dates")
    .help(format!("write `never {word}` on a line of its own"))
}

/// Dates that end before they begin.
pub(crate) fn backwards_days(span: Span, (first, last): (&str, &str)) -> Diagnostic {
    Diagnostic::new(
        &names::BACKWARDS_RANGE,
        format!("these days begin on {first} and end on {last}"),
    )
    .at(span, "no day at all")
    .help(format!(
        "the earlier one comes first: write `{last}..{first}`, or a day after {first} behind `..`, perhaps of the next year"
    ))
}

/// `mon..2026-12-24`
pub(crate) fn mixed_days(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::BAD_WINDOW,
        "a day of the week and a date make no range",
    )
    .at(span, "both ends must be of one kind")
    .help("write for example `mon..thu` or `2026-12-20..2027-01-02`")
}

/// A date that is not in the calendar.
pub(crate) fn not_a_date(span: Span, text: &str) -> Diagnostic {
    Diagnostic::new(&names::BAD_LITERAL, format!("`{text}` is no date"))
        .at(span, "not in the calendar")
        .help("write a date as year-month-day, for example 2026-12-24")
}

/// Hours without a minute.
pub(crate) fn no_hours(span: Span, text: &str) -> Diagnostic {
    Diagnostic::new(&names::BAD_WINDOW, format!("`{text}` is no time at all"))
        .at(span, "it ends when it begins")
        .help("the whole day is `00:00..24:00`, or no hours at all")
}

/// A time of day that no clock shows.
pub(crate) fn not_a_clock(span: Span, text: &str) -> Diagnostic {
    Diagnostic::new(&names::BAD_LITERAL, format!("`{text}` is no time of day"))
        .at(span, "not on the clock")
        .help("write hours and minutes from 00:00 to 24:00")
}

/// `start tue 24:00`
pub(crate) fn end_of_a_day(span: Span) -> Diagnostic {
    Diagnostic::new(&names::BAD_LITERAL, "nothing starts at `24:00`")
        .at(span, "where a day ends the next one has begun")
        .help(
            "write `00:00` and the day after, for example `start wed 00:00` for the end of tuesday",
        )
}

/// `undo` inside of `parallel`, `for` or `if`.
pub(crate) fn undo_in_a_block(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::MISPLACED_STATEMENT,
        "`undo` stands inside of `parallel` or `for`",
    )
    .at(
        span,
        "everything that began is undone in one order, the newest first, not in parts or turns",
    )
    .help("write it into the level itself, or into an `if` of it, above or below this statement")
}

/// `no return` inside of `parallel` or `for`.
pub(crate) fn no_return_at_once(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::MISPLACED_STATEMENT,
        "`no return` stands inside of `parallel` or `for`",
    )
    .at(
        span,
        "there is one point of no return on a way through the rollout, and no strand or turn passes it alone",
    )
    .help("write it into the stage itself, above or below this statement")
}

/// A guard inside of `parallel`, `for` or `if`.
pub(crate) fn guard_in_a_block(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &names::MISPLACED_STATEMENT,
        format!("guard `{name}` stands inside of another statement"),
    )
    .at(
        span,
        "a guard is armed for the whole stage, not for a part of it",
    )
    .help("write it into the stage itself, above this statement, or at the top of the file with `during`")
}
