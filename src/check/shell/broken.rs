//! What is wrong with shell text that cannot be read: the place, and words that say what to do. The parser only says where
//! it gave up; the quotes, brackets and keywords are counted here once more.

use std::ops::Range;

use brush_parser::{ParseError, SourcePosition, TokenizerError};

use super::parse::{bash, sh};

/// Why shell text cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken {
    /// Where, as a byte range of the text.
    pub(super) at: Range<usize>,
    /// What kind of thing it is.
    pub(super) kind: Kind,
    /// What is wrong.
    pub(super) message: String,
    /// What to do.
    pub(super) help: String,
}

/// What kind of thing is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// No shell can read it.
    Syntax,
    /// bash can read it, `/bin/sh` cannot.
    Bash,
    /// It is nested deeper than is looked at.
    Deep,
}

impl Broken {
    fn syntax(at: Range<usize>, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            at,
            kind: Kind::Syntax,
            message: message.into(),
            help: help.into(),
        }
    }

    /// A number that no shell reads as one.
    pub(super) fn too_long(text: &str, at: Range<usize>) -> Self {
        let number = text.get(at.clone()).unwrap_or_default();
        Self::syntax(
            at,
            format!("`{number}` is too long a number here"),
            "some shells read it as the number of a stream (2>) or of a folder (~2), others as a word; put it into quotes, or a blank between it and < or >",
        )
    }

    /// Text that is nested too deep from `at` on.
    pub(super) fn too_deep(at: usize) -> Self {
        Self {
            at: at..at + 1,
            kind: Kind::Deep,
            message: String::new(),
            help: String::new(),
        }
    }
}

/// What is wrong; `None` where the parser is known to refuse what a shell accepts.
pub(super) fn explain(
    text: &str,
    error: &ParseError,
    bash_reads_it: impl Fn() -> bool,
) -> Option<Broken> {
    if bash_reads_it() {
        return Some(only_bash(text, place(text, error)));
    }
    if case_in_a_substitution(text) {
        return None;
    }
    Some(match error {
        ParseError::Tokenizing { inner, .. } => unterminated(text, inner),
        ParseError::ParsingNear(_) | ParseError::ParsingAtEndOfInput => unbalanced(text)
            .unwrap_or_else(|| {
                let at = token_at(text, place(text, error));
                let word = text.get(at.clone()).unwrap_or_default().trim();
                match word {
                    "" => Broken::syntax(
                        at,
                        "the shell text ends too early",
                        "complete the command, or take the last sign away",
                    ),
                    word => Broken::syntax(
                        at,
                        format!("`{word}` cannot stand here"),
                        "put the text into quotes if it is meant as it stands",
                    ),
                }
            }),
    })
}

/// What only bash reads, and what to write instead.
const BASH: [(&str, &str); 6] = [
    ("<<<", "write printf '%s\\n' \"…\" | COMMAND"),
    ("<(", "write the output to a file first"),
    (">(", "write the output to a file first"),
    (
        "=(",
        "there are no arrays: write the words where they are used, or `for x in a b c`",
    ),
    (
        "((",
        "write `[ … ]` with -gt, -lt, -eq, and $((…)) for sums",
    ),
    ("|&", "write `2>&1 |`"),
];

/// The sign of bash at which, or next before which, the parser gave up.
fn only_bash(text: &str, at: usize) -> Broken {
    let known = BASH.iter().flat_map(|(sign, instead)| {
        let places = text.match_indices(sign);
        places.map(move |(start, _)| (start, *sign, *instead))
    });
    let (at, help) = match known.filter(|(start, ..)| *start <= at).max() {
        Some((start, sign, instead)) => (start..start + sign.len(), instead),
        None => (token_at(text, at), ""),
    };
    Broken {
        at,
        kind: Kind::Bash,
        message: String::new(),
        help: help.to_owned(),
    }
}

/// `x=$(case $y in a) … esac)`: the first `)` of a pattern is taken for the end of the substitution.
fn case_in_a_substitution(text: &str) -> bool {
    let starts = text.match_indices("$(");
    starts
        .filter_map(|(at, _)| text.get(at..))
        .any(|rest| rest.contains("case ") && rest.contains("esac"))
}

/// The byte at which the parser gave up.
fn place(text: &str, error: &ParseError) -> usize {
    match error {
        ParseError::ParsingNear(position) => byte(text, position),
        ParseError::ParsingAtEndOfInput | ParseError::Tokenizing { position: None, .. } => {
            text.len()
        }
        ParseError::Tokenizing {
            position: Some(position),
            ..
        } => byte(text, position),
    }
}

fn byte(text: &str, position: &SourcePosition) -> usize {
    super::characters::Characters::of(text).byte(position.index)
}

/// The word or sign at a byte; the last sign where the text ends.
fn token_at(text: &str, at: usize) -> Range<usize> {
    let at = if text.get(at..).is_none_or(|rest| rest.trim().is_empty()) {
        text.trim_end()
            .char_indices()
            .next_back()
            .map_or(0, |(last, _)| last)
    } else {
        at
    };
    let rest = text.get(at..).unwrap_or_default();
    let is_word = |ch: char| ch.is_alphanumeric() || "_-./=$\"'".contains(ch);
    let length = match rest.chars().next() {
        Some(first) if is_word(first) => rest.find(|ch| !is_word(ch)).unwrap_or(rest.len()),
        Some('(') => 1,
        Some(_) => rest
            .find(|ch: char| !"|&;<>".contains(ch))
            .filter(|length| *length > 0)
            .unwrap_or_else(|| rest.chars().next().map_or(0, char::len_utf8)),
        None => 0,
    };
    at..at + length
}

fn unterminated(text: &str, error: &TokenizerError) -> Broken {
    let last = |sign: &str| {
        let at = text.rfind(sign).unwrap_or_default();
        at..at + sign.len()
    };
    let never = |sign: &str| format!("this `{sign}` is never closed");
    match error {
        TokenizerError::UnterminatedSingleQuote(position)
        | TokenizerError::UnterminatedAnsiCQuote(position) => {
            let at = byte(text, position);
            Broken::syntax(
                at..at + 1,
                never("'"),
                "close it; an apostrophe in text stands in \"…\"",
            )
        }
        TokenizerError::UnterminatedDoubleQuote(position) => {
            let at = byte(text, position);
            Broken::syntax(at..at + 1, never("\""), "close it with `\"`")
        }
        TokenizerError::UnterminatedBackquote(_) => {
            Broken::syntax(last("`"), never("`"), "write $(…) instead of `…`")
        }
        TokenizerError::UnterminatedVariable => {
            Broken::syntax(last("${"), never("${"), "close it with `}`")
        }
        TokenizerError::UnterminatedCommandSubstitution => {
            Broken::syntax(last("$("), never("$("), "close it with `)`")
        }
        TokenizerError::UnterminatedExpansion => {
            Broken::syntax(last("$(("), never("$(("), "close it with `))`")
        }
        TokenizerError::UnterminatedHereDocuments(tag, _) => Broken::syntax(
            last("<<"),
            format!("the text that begins here never ends with `{tag}`"),
            format!("put `{tag}` on a line of its own, in a sh \"\"\" … \"\"\" script"),
        ),
        TokenizerError::UnterminatedEscapeSequence => Broken::syntax(
            last("\\"),
            "nothing follows this backslash",
            "take it away, or put the next line of the command below",
        ),
        TokenizerError::UnterminatedExtendedGlob(_)
        | TokenizerError::FailedDecoding
        | TokenizerError::MissingHereTagForDocumentBody
        | TokenizerError::MissingHereTag(_)
        | TokenizerError::ReadError(_) => Broken::syntax(
            token_at(text, text.len()),
            error.to_string(),
            "complete the command",
        ),
    }
}

/// Something that was opened.
struct Open {
    word: &'static str,
    end: &'static str,
    at: Range<usize>,
    /// The word that must come before the end, while it has not come.
    wants: Option<&'static str>,
}

/// What opens, how it ends, and what must stand between.
const PAIRS: [(&str, &str, Option<&str>); 7] = [
    ("if", "fi", Some("then")),
    ("while", "done", Some("do")),
    ("until", "done", Some("do")),
    ("for", "done", Some("do")),
    ("case", "esac", None),
    ("{", "}", None),
    ("(", ")", None),
];

/// Counts brackets and keywords, and finds the one that does not fit.
fn unbalanced(text: &str) -> Option<Broken> {
    let options = sh().tokenizer_options();
    let tokens = brush_parser::tokenize_str_with_options(text, &options)
        .or_else(|_| brush_parser::tokenize_str_with_options(text, &bash().tokenizer_options()))
        .ok()?;
    let mut open: Vec<Open> = Vec::new();
    let mut begins = true;
    let mut last: Option<(&str, Range<usize>)> = None;
    for token in &tokens {
        let location = token.location();
        let at = byte(text, &location.start)..byte(text, &location.end);
        let word = token.to_str();
        let is_operator = matches!(
            word,
            "|" | "&&" | "||" | ";" | "&" | ";;" | "\n" | "(" | ")"
        );
        if is_operator || begins {
            let top = open.last().map(|one| one.word);
            if let Some((word, end, wants)) = PAIRS.iter().find(|(start, ..)| *start == word) {
                open.push(Open {
                    word,
                    end,
                    at: at.clone(),
                    wants: *wants,
                });
            } else if word == ")" && top == Some("case") {
                // The end of a pattern.
            } else if PAIRS.iter().any(|(_, end, _)| *end == word) {
                if let Some(broken) = close(&mut open, word, &at) {
                    return Some(broken);
                }
            } else if let Some(one) = open.last_mut()
                && one.wants == Some(word)
            {
                one.wants = None;
            }
        }
        begins = match word {
            "then" | "do" | "else" | "elif" | "if" | "while" | "until" | "{" | "!" => begins,
            "in" => open.last().is_some_and(|one| one.word == "case"),
            _other => is_operator,
        };
        last = Some((word, at));
    }
    if let Some((word @ ("|" | "&&" | "||"), at)) = last {
        return Some(Broken::syntax(
            at,
            format!("nothing follows `{word}`"),
            "write the next command after it; a line is continued by `\\` at its end",
        ));
    }
    let one = open.pop()?;
    let Open { word, end, .. } = one;
    Some(match one.wants {
        Some(wants) => missing(one.at, word, wants),
        None => Broken::syntax(
            one.at,
            format!("this `{word}` is never closed"),
            format!("write `{end}` where it ends"),
        ),
    })
}

fn missing(at: Range<usize>, word: &str, wants: &str) -> Broken {
    Broken::syntax(
        at,
        format!("this `{word}` has no `{wants}`"),
        format!("write `; {wants}` or `{wants}` on a line of its own"),
    )
}

/// Closes what is open, if the word fits.
fn close(open: &mut Vec<Open>, word: &str, at: &Range<usize>) -> Option<Broken> {
    match open.pop() {
        Some(one) if one.end == word => one.wants.map(|wants| missing(one.at, one.word, wants)),
        Some(one) => Some(Broken::syntax(
            at.clone(),
            format!("`{word}` stands where `{}` belongs", one.end),
            format!("close the `{}` before it with `{}`", one.word, one.end),
        )),
        None => Some(Broken::syntax(
            at.clone(),
            format!("this `{word}` closes nothing"),
            format!("take the `{word}` away, or put it into quotes"),
        )),
    }
}
