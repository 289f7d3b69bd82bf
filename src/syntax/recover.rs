//! What a line that could not be read was probably meant to be.
//!
//! Takes pieces of text and gives one good diagnostic for each; knows the habits of other tools. It changes
//! nothing in the tree.

use crate::diag::factory::{habits as say_habits, separator, syntax as say};
use crate::diag::{Diagnostic, nearest};
use crate::source::{SourceFile, Span, offset};

use super::habits::{foreign_clause, foreign_word, spelt_unit};
use super::slips;
use super::words::{self, Place};

/// What the file begins with.
pub(super) enum First {
    /// `runbook`
    Title,
    /// Something of ours, but not the title.
    Untitled(Box<Diagnostic>),
    /// Hardly one of our files.
    Foreign(Box<Diagnostic>),
}

/// Looks at the first statement of a file.
pub(super) fn first_statement(file: &SourceFile) -> First {
    let mut start = 0;
    for line in file.text().split_inclusive('\n') {
        let trimmed = line.trim_start();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            start += line.len();
            continue;
        }
        let at = start + (line.len() - trimmed.len());
        let word = leading_word(trimmed);
        let found = found(trimmed);
        let span = Span::of(at..at + found.length);
        let rest = trimmed.get(word.len()..).unwrap_or_default();
        let is_key = rest.starts_with(':') || rest.starts_with("\":");
        let titled = rest.trim_start_matches([':', ' ']).starts_with('"');
        let is_title = matches!(word, "runbook" | "library");
        let key_of_another_tool = is_key && !(is_title && titled);
        return match word {
            "runbook" if !key_of_another_tool => First::Title,
            // The word stands in other files too, but hardly ever in front of a title.
            "library" if titled => First::Title,
            word if Place::Top.knows(word) && !key_of_another_tool => {
                First::Untitled(Box::new(say::no_title(span)))
            }
            word => {
                let near = nearest(word, ["runbook"]).filter(|_| !key_of_another_tool);
                First::Foreign(Box::new(say::not_a_runbook(span, near)))
            }
        };
    }
    First::Title
}

/// The first piece of some text, for a message.
pub(super) struct Found {
    /// As it is named in a sentence.
    pub(super) text: String,
    /// How many bytes of the text it covers.
    pub(super) length: usize,
}

/// The first piece of `text`, and its name.
pub(super) fn found(text: &str) -> Found {
    let mut chars = text.chars();
    let Some(first) = chars.next() else {
        return Found {
            text: "the end of the file".into(),
            length: 0,
        };
    };
    let named = |text: &str, length: usize| Found {
        text: text.to_owned(),
        length,
    };
    let run = |inside: &dyn Fn(char) -> bool| text.find(|ch| !inside(ch)).unwrap_or(text.len());
    match first {
        '\n' => named("the end of the line", 1),
        '{' => named("a block", 1),
        '$' => named("a shell line", 1),
        '"' | '\'' => {
            let end = text
                .char_indices()
                .skip(1)
                .find(|(_, ch)| *ch == first || *ch == '\n')
                .map_or(text.len(), |(at, ch)| at + usize::from(ch != '\n'));
            named("a string", end)
        }
        ch if ch.is_alphanumeric() || ch == '_' => {
            let length = run(&|ch| ch.is_alphanumeric() || ch == '_');
            let word: String = text
                .chars()
                .take(40)
                .take_while(|ch| ch.is_alphanumeric() || *ch == '_')
                .collect();
            named(&format!("`{word}`"), length)
        }
        ch if "<>=!&|".contains(ch) => {
            let length = run(&|ch| "<>=!&|".contains(ch));
            named(
                &format!("`{}`", text.get(..length).unwrap_or_default()),
                length,
            )
        }
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{2018}' | '\u{2019}' => {
            named("a typographic quote", first.len_utf8())
        }
        ch if ch.is_ascii_graphic() => named(&format!("`{ch}`"), 1),
        ch if ch.is_whitespace() || ch.is_control() => named(
            &format!("an invisible character (U+{:04X})", u32::from(ch)),
            ch.len_utf8(),
        ),
        ch => named(&format!("`{ch}` (U+{:04X})", u32::from(ch)), ch.len_utf8()),
    }
}

/// The word of letters, digits, `_` and `-` that `text` begins with; may be empty.
pub(super) fn leading_word(text: &str) -> &str {
    if text.starts_with('-') {
        return "";
    }
    let end = text
        .find(|ch: char| !ch.is_alphanumeric() && ch != '_' && ch != '-')
        .unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// The reserved word that `text` begins with.
pub(super) fn reserved(text: &str) -> Option<&'static str> {
    let word = leading_word(text);
    words::RESERVED.into_iter().find(|known| *known == word)
}

/// The rest of a statement, and what stands before it.
pub(super) struct Tail<'a> {
    pub(super) text: &'a str,
    pub(super) span: Span,
    pub(super) after: &'a str,
    pub(super) after_span: Span,
    pub(super) after_expr: bool,
    /// The statement up to here.
    pub(super) before: &'a str,
}

/// The word that makes the rest of a statement something that is not built yet.
pub(super) fn not_built(text: &str, place: Place) -> Option<&'static str> {
    let word = leading_word(text);
    if word == "on" && place == Place::Step {
        let target = leading_word(text.get(2..).unwrap_or_default().trim_start());
        let near = nearest(target, ["failure", "unknown"]);
        return (!target.is_empty() && near.is_none()).then_some("on HOSTS");
    }
    place.refuses(word)
}

/// Mistakes that are known by what stands before and after: a value missing after an operator, a unit in words.
pub(super) fn known_mistake(tail: &Tail<'_>) -> Option<Diagnostic> {
    let found = found(tail.text);
    let at = Span::new(tail.span.start, tail.span.start + offset(found.length));
    let last = tail
        .after
        .rsplit(|ch: char| !ch.is_ascii_alphanumeric() && ch != '.')
        .next()
        .unwrap_or_default();
    let after_number = !last.is_empty() && last.chars().all(|ch| ch.is_ascii_digit() || ch == '.');
    if after_number {
        let word = match leading_word(tail.text) {
            "" => tail.text.get(..1).unwrap_or_default(),
            word => word,
        };
        if let Some(unit) = spelt_unit(word) {
            let start = tail.after_span.end.saturating_sub(offset(last.len()));
            let end = tail.span.start + offset(word.len());
            let whole = Span::new(start, end);
            return Some(say::unit_apart(at, whole, &format!("{last}{unit}")));
        }
    }
    if let Some(said) = slips::apart(tail, last) {
        return Some(said);
    }
    if let Some(said) = slips::in_another_way(tail, at) {
        return Some(said);
    }
    match tail.text.chars().next() {
        Some(';') => Some(say::foreign_syntax(
            at,
            "a statement ends with its line, not with `;`",
            "take the `;` away and put the next statement on a line of its own",
        )),
        Some('\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{2018}' | '\u{2019}') => {
            Some(say::foreign_syntax(
                at,
                "typographic quotes make no string",
                "write plain quotes: \"…\" or '…'",
            ))
        }
        Some('/') if tail.text.starts_with("//") || tail.text.starts_with("/*") => Some(
            say::foreign_syntax(at, "a comment begins with `#`", "write `#` instead"),
        ),
        Some('?') => Some(say::foreign_syntax(
            at,
            "there is no `?` in this language",
            "for an optional parameter give it a default: param NAME: TYPE = DEFAULT",
        )),
        Some(_) if tail.after_expr => operator(tail.text).map(|operator| {
            let wanted = say::Wanted {
                what: "a value",
                after: operator,
                form: None,
            };
            let end = tail.span.start + offset(operator.len());
            let rest = tail.text.get(operator.len()..).unwrap_or_default();
            let trimmed = rest.trim_start();
            if trimmed.is_empty() {
                return say::missing_part(Span::new(tail.span.start, end), &wanted);
            }
            let blanks = offset(rest.len() - trimmed.len());
            if let Some(said) = slips::value(trimmed, end + blanks) {
                return said;
            }
            let found = self::found(trimmed);
            let at = Span::new(end + blanks, end + blanks + offset(found.length));
            say::other_part(at, &found.text, &wanted)
        }),
        Some(_) | None => None,
    }
}

/// The operator with two operands that `text` begins with.
fn operator(text: &str) -> Option<&'static str> {
    let word = leading_word(text);
    match word {
        "" => [
            "==", "!=", "<=", ">=", "&&", "||", "<", ">", "+", "-", "*", "/", "=",
        ]
        .into_iter()
        .find(|operator| text.starts_with(operator)),
        "and" => Some("and"),
        "or" => Some("or"),
        _other => None,
    }
}

/// What to say about the rest of a statement that is otherwise complete.
pub(super) fn tail(tail: &Tail<'_>, word: &str, form: Option<&str>, others: &[&str]) -> Diagnostic {
    if let Some(said) = known_mistake(tail) {
        return said;
    }
    let found = found(tail.text);
    let at = Span::new(tail.span.start, tail.span.start + offset(found.length));
    if tail.text.starts_with('{') {
        return say::unexpected_block(at, word, form);
    }
    let first = leading_word(tail.text);
    match (word, first) {
        ("verify", "for") => {
            return match tail.text.split_once(" within ") {
                Some((_, within)) => {
                    let instead = format!("{} within {}", tail.before, within.trim_end());
                    say_habits::verify_for(at, &instead)
                }
                None => say_habits::other_word(at, first, "within"),
            };
        }
        ("if", "elif" | "elsif" | "elseif") => {
            return say_habits::other_word(at, first, "else if").fix(at, "else if");
        }
        ("step" | "capture", "when" | "if") => {
            return slips::conditional(tail, at, first);
        }
        ("param", "default") => return say_habits::other_word(at, first, "=").fix(at, "="),
        ("expect", "") | ("expect", _) if tail.after_expr && is_value(tail.text) => {
            return say_habits::comparison_missing(at, tail.after, &found.text);
        }
        (_, _) => {}
    }
    if matches!(word, "step" | "check") {
        let mut words = tail.text.split_ascii_whitespace();
        if let (Some(provider), Some("sql"), Some(_)) = (words.next(), words.next(), words.next()) {
            return say_habits::provider_before_sql(at, provider);
        }
    }
    if matches!(word, "step" | "check" | "capture") {
        let target = tail.text.get(first.len()..).unwrap_or_default();
        let blanks = target.len() - target.trim_start().len();
        let start = tail.span.start + offset(first.len() + blanks);
        if first == "on"
            && let Some(said) = slips::value(target.trim_start(), start)
        {
            return said;
        }
        if let Some(instead) = foreign_clause(first) {
            let at = Span::new(at.start, at.start + offset(first.len()));
            let message = format!("`{first}` is no clause of this language");
            return say::foreign_syntax(at, &message, instead);
        }
        let is_near = nearest(first, others.iter().copied()).is_some();
        let has_command = tail.text.contains("$ ");
        if !is_near
            && !has_command
            && (!first.is_empty() || tail.text.starts_with([':', '`', '.', '/']))
        {
            return say_habits::command_without_dollar(at, &found.text, word);
        }
    }
    let near = nearest(first, others.iter().copied()).filter(|near| *near != first);
    say::unexpected_text(at, &found.text, near, form)
}

fn is_value(text: &str) -> bool {
    text.starts_with(|ch: char| ch.is_ascii_digit() || ch == '"' || ch == '\'')
}

/// A part that is missing, where what stands there instead tells what was meant.
pub(super) fn instead_of(
    (what, statement): (&str, &str),
    text: &str,
    at: Span,
) -> Option<Diagnostic> {
    let word = leading_word(text);
    if let Some(said) = slips::value(text, at.start) {
        return Some(said);
    }
    if what.starts_with("a pattern")
        && let Some(written) = slips::slashed(text)
    {
        let at = Span::new(at.start, at.start + offset(written.len()));
        let inner = written.get(1..).unwrap_or_default();
        let mended = format!("/[ ]{}", inner.trim_start());
        return Some(say_habits::pattern_with_a_blank(at, written, &mended));
    }
    if what == "a condition" && text.starts_with("$ ") {
        return Some(say_habits::command_in_condition(at, statement));
    }
    if what.starts_with("`when`") && matches!(word, "if" | "where" | "on") {
        return Some(say_habits::other_word(at, word, "when").fix(at, "when"));
    }
    if what.starts_with("`when`") && word == "unless" {
        return Some(say_habits::other_word(at, word, "when not"));
    }
    let outcomes = ["completed", "rolled_back", "refused", "stuck", "aborted"];
    if what == "what is expected" && outcomes.contains(&word) {
        return Some(say_habits::outcome_without_word(at, word));
    }
    None
}

/// What stands without quotes and should have some.
pub(super) enum Bare<'t> {
    /// `/srv/app`, `lib/probes.runbook`
    Path(&'t str),
    /// `https://example.com`
    Address(&'t str),
}

/// As much of a text as can be a path or an address.
pub(super) fn run(text: &str) -> &str {
    let end = text.find(|ch: char| ch.is_whitespace() || "\"',{}()[]".contains(ch));
    text.get(..end.unwrap_or(text.len())).unwrap_or_default()
}

/// The path or the address that a text begins with; `what` belongs there. A word with a slash or a dot is one only where a string is wanted.
pub(super) fn bare<'t>(text: &'t str, what: &str) -> Option<Bare<'t>> {
    let run = run(text);
    if let Some((scheme, rest)) = run.split_once("://")
        && !rest.is_empty()
        && !scheme.is_empty()
        && scheme.chars().all(|ch| ch.is_ascii_alphanumeric())
    {
        return Some(Bare::Address(run));
    }
    let is_part = |ch: char| ch.is_ascii_alphanumeric() || "_.~$".contains(ch);
    let (head, tail) = run.split_once('/').unwrap_or((run, ""));
    if matches!(head, "" | "~" | "." | "..") && tail.starts_with(is_part) {
        return Some(Bare::Path(run));
    }
    let wants_text = ["in quotes", "a string", "a program"]
        .iter()
        .any(|words| what.contains(words));
    let is_word = run.starts_with(|ch: char| ch.is_ascii_alphanumeric())
        && run.ends_with(|ch: char| ch.is_ascii_alphanumeric())
        && run.contains(['/', '.'])
        && run.chars().all(|ch| is_part(ch) || "/-".contains(ch));
    (wants_text && is_word).then_some(Bare::Path(run))
}

/// What a stray line is.
pub(super) enum Stray {
    /// Part of the language, refused by name.
    NotBuilt { word: &'static str, at: Span },
    /// A mistake with a good guess.
    Mistake(Box<Diagnostic>),
    /// Nothing of ours; only the first of several in a row is worth saying.
    Noise(Box<Diagnostic>),
}

/// Judges a line that begins with no word of its place.
pub(super) fn stray(text: &str, span: Span, place: Place) -> Stray {
    let found = found(text);
    let at = Span::new(span.start, span.start + offset(found.length));
    let word = leading_word(text);
    let at_word = Span::new(span.start, span.start + offset(word.len()));
    let rest = text.get(word.len()..).unwrap_or_default().trim_start();
    let known: Vec<&str> = place.forms().iter().map(|(word, _)| *word).collect();

    if word.is_empty() {
        if let Some(item) = text.strip_prefix("- ") {
            let message = "a list item with `-` is YAML";
            return match foreign_word(leading_word(item.trim_start())) {
                Some(instead) => {
                    Stray::Mistake(Box::new(say::foreign_syntax(at, message, instead)))
                }
                None => Stray::Noise(Box::new(say::foreign_syntax(
                    at,
                    message,
                    "a statement stands on a line of its own, without `-`",
                ))),
            };
        }
        let tail = Tail {
            text,
            span,
            after: "",
            after_span: Span::at(span.start),
            after_expr: false,
            before: "",
        };
        if let Some(said) = known_mistake(&tail) {
            return Stray::Mistake(Box::new(said));
        }
        if text.starts_with('$') && place == Place::Before {
            return Stray::Mistake(Box::new(say_habits::check_without_a_word(at)));
        }
        let said = say::unexpected_text(at, &found.text, None, None).help(format!(
            "a statement {} begins with one of: {}",
            place.name(),
            known.join(", ")
        ));
        return Stray::Noise(Box::new(said));
    }
    let own = place.refuses(word);
    if let Some(word) = own.filter(|_| !rest.starts_with([':', '='])) {
        return Stray::NotBuilt { word, at: at_word };
    }
    if place.knows(word) && rest.starts_with([':', '=']) {
        let sign = after_word(text, word, span);
        let found = rest.get(..1).unwrap_or_default();
        let gap = (around_sign(text, word, span), " ");
        return Stray::Mistake(Box::new(separator::needless(sign, (word, found), gap)));
    }
    let is_bare_key = rest.starts_with(':') && rest.trim_end() == ":";
    if is_bare_key && foreign_word(word).is_none() {
        return yaml(at_word, word, place, &known);
    }
    let homes = words::homes(word, place);
    // `port = 8080` at the top is a value that wants a name, and not a line of `hosts`.
    let is_value = place == Place::Top && rest.starts_with('=') && homes == [Place::Hosts];
    if !homes.is_empty() && !place.knows(word) && !is_value {
        let homes: Vec<&str> = homes.iter().map(|home| home.name()).collect();
        return Stray::Mistake(Box::new(say::misplaced_statement(
            at_word,
            word,
            place.name(),
            &homes,
        )));
    }
    if word == "if" && place.knows(word) {
        return Stray::Mistake(Box::new(say::misplaced_statement(
            at_word,
            "if stuck",
            place.name(),
            &[Place::Top.name()],
        )));
    }
    if let Some(instead) = foreign_word(word) {
        return Stray::Mistake(Box::new(say::foreign_syntax(
            at_word,
            &format!("`{word}` is no word of this language"),
            instead,
        )));
    }
    if let Some(word) = words::refused_everywhere(word) {
        return Stray::NotBuilt { word, at: at_word };
    }
    let near = nearest(word, known.iter().copied());
    if place == Place::Rollout && (rest.starts_with('{') || opens_block(rest)) {
        return Stray::Mistake(Box::new(say_habits::stage_without_a_word(at_word, word)));
    }
    if near.is_none() && rest.starts_with(':') {
        return yaml(at_word, word, place, &known);
    }
    if near.is_none() && rest.starts_with('=') && place == Place::Top {
        return Stray::Mistake(Box::new(say::foreign_syntax(
            at_word,
            &format!("`{word}` has no declaration"),
            &format!("write: let {word} = …"),
        )));
    }
    let said = Box::new(say::unknown_statement(
        at_word,
        word,
        place.name(),
        near,
        &known,
    ));
    let calls = matches!(
        place,
        Place::Stage | Place::Level | Place::Parallel | Place::Task
    );
    match near {
        Some(_) => Stray::Mistake(said),
        None if calls && is_behind_a_name(rest) => Stray::Mistake(Box::new(
            said.help(format!("a task is called with parentheses: {word}{rest}()")),
        )),
        None => Stray::Noise(said),
    }
}

/// Whether nothing stands behind a name but, after a dot, a name of what it has.
fn is_behind_a_name(rest: &str) -> bool {
    let is_name = |ch: char| ch.is_ascii_alphanumeric() || ch == '_';
    match rest.strip_prefix('.') {
        Some(name) => !name.is_empty() && name.chars().all(is_name),
        None => rest.is_empty(),
    }
}

/// Whether it is a colon and the start of a block.
fn opens_block(rest: &str) -> bool {
    rest.strip_prefix(':')
        .is_some_and(|rest| rest.trim_start().starts_with('{'))
}

fn yaml(at: Span, word: &str, place: Place, known: &[&str]) -> Stray {
    Stray::Noise(Box::new(say::foreign_syntax(
        at,
        &format!("`{word}:` with a colon is YAML"),
        &format!("what may stand {}: {}", place.name(), known.join(", ")),
    )))
}

/// The sign behind a word, with the blanks around it.
fn around_sign(text: &str, word: &str, span: Span) -> Span {
    let sign = after_word(text, word, span);
    let behind = (sign.end - span.start) as usize;
    let rest = text.get(behind..).unwrap_or_default();
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    Span::new(span.start + offset(word.len()), sign.end + offset(blanks))
}

fn after_word(text: &str, word: &str, span: Span) -> Span {
    let rest = text.get(word.len()..).unwrap_or_default();
    let blanks = rest.len() - rest.trim_start().len();
    let start = span.start + offset(word.len() + blanks);
    Span::new(start, start + 1)
}
