//! From shell text to its facts, by brush-parser, the only crate that is named for it. Text that `/bin/sh` refuses is
//! explained by `broken`.

use std::ops::Range;

use brush_parser::ast::Program;
use brush_parser::{Parser, ParserOptions};

use super::broken::{self, Broken};
use super::facts::{Facts, Hidden};
use super::simple;
use super::walk::Walk;

/// How deep shell text may be nested; for some text, most of all for what never closes, the parser tries every way to read it, and each level
/// takes twice as long.
pub(super) const DEPTH: usize = 24;

/// What a `case`, and the second of two parentheses in a row, count: there that is so for text that is fine too.
const STEEP: usize = 4;

/// More than so many that are never closed are not handed to the parser: each of them takes it twice as long.
const UNCLOSED: usize = 12;

/// How many words that open something may be open. They are counted wherever they stand, in comments too; the parser uses the stack.
const WORDS: usize = 60;

/// Reads shell text.
///
/// # Errors
/// What is wrong with it, and where.
pub(super) fn read(text: &str) -> Result<Facts, Broken> {
    if let Some(facts) = simple::read(text) {
        return Ok(facts);
    }
    if let Some(at) = too_deep(text) {
        return Err(Broken::too_deep(at));
    }
    if let Some(at) = too_long(text) {
        return Err(Broken::too_long(text, at));
    }
    match program(text, &sh()) {
        Ok(program) => {
            let mut facts = Facts::default();
            Walk::new(text, &mut facts).program(&program);
            super::unheeded::settle(&mut facts);
            Ok(facts)
        }
        Err(error) => match broken::explain(text, &error, || program(text, &bash()).is_ok()) {
            Some(broken) => Err(broken),
            None => {
                let at = text.find("case").unwrap_or_default();
                let mut facts = Facts {
                    not_read: Some(at..(at + "case".len()).min(text.len())),
                    ..Facts::default()
                };
                // What it starts, sets and uses is hidden in it.
                facts.unknown.names = Hidden::Yes;
                Ok(facts)
            }
        },
    }
}

/// The program of a text; text of a substitution is read by the same way.
pub(super) fn program(
    text: &str,
    options: &ParserOptions,
) -> Result<Program, brush_parser::ParseError> {
    Parser::new(std::io::Cursor::new(text.as_bytes()), options).parse_program()
}

/// The program of code that stands in shell text.
///
/// # Errors
/// When it cannot be read, for whatever reason.
pub(super) fn code(text: &str, options: &ParserOptions) -> Result<Program, NotRead> {
    if too_deep(text).is_some() || too_long(text).is_some() {
        return Err(NotRead);
    }
    program(text, options).map_err(|_| NotRead)
}

/// Code that cannot be read.
pub(super) struct NotRead;

/// The language of `/bin/sh`.
pub(super) fn sh() -> ParserOptions {
    ParserOptions {
        sh_mode: true,
        enable_extended_globbing: false,
        ..ParserOptions::default()
    }
}

/// The language of bash, to tell its words from mistakes.
pub(super) fn bash() -> ParserOptions {
    ParserOptions::default()
}

/// More digits than these in a number that the parser makes a number of: it would take them for granted, and end.
const DIGITS: usize = 9;

/// A number that is too long where a shell would read it as that of a stream (`2>`) or of a folder (`~2`). A line that goes on does
/// not end it.
fn too_long(text: &str) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut rest = text.char_indices().peekable();
    // Where a run of digits began, how many there are, and whether it stands behind `~`.
    let mut run: Option<(usize, usize)> = None;
    let mut behind_tilde = false;
    while let Some((at, ch)) = rest.next() {
        if ch == '\\' && rest.next_if(|(_, next)| *next == '\n').is_some() {
            continue;
        }
        if ch.is_ascii_digit() {
            let (from, digits) = run.unwrap_or((at, 0));
            run = Some((from, digits + 1));
            continue;
        }
        if let Some((from, digits)) = run.take()
            && digits > DIGITS
            && (behind_tilde || matches!(ch, '<' | '>'))
        {
            return Some(from..at);
        }
        behind_tilde = ch == '~'
            || matches!(ch, '+' | '-')
                && behind_tilde
                && bytes.get(at.wrapping_sub(1)) == Some(&b'~');
    }
    let (from, digits) = run?;
    (behind_tilde && digits > DIGITS).then_some(from..text.len())
}

/// Where the nesting becomes too deep. Quotes are not looked at: text that opens so much inside of them has no end.
fn too_deep(text: &str) -> Option<usize> {
    let (mut words, mut cases, mut word) = (0usize, 0usize, 0);
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut weight = 0usize;
    let mut before = ' ';
    // Whether a command could begin with the word that is read.
    let (mut begins, mut next_begins) = (true, true);
    for (at, ch) in text.char_indices() {
        let last = std::mem::replace(&mut before, ch);
        match ch {
            '(' | '{' => {
                let counts = if ch == '(' && last == '(' { STEEP } else { 1 };
                open.push((counts, at));
                weight += counts;
            }
            ')' | '}' => weight -= open.pop().map_or(0, |(counts, _)| counts),
            _other => {}
        }
        if ch.is_ascii_alphanumeric() || ch == '_' || ch == '!' {
            if word == at {
                begins = next_begins;
            }
            continue;
        }
        let written = text.get(word..at).unwrap_or_default();
        match written {
            "if" | "while" | "until" | "for" | "!" => words += 1,
            "case" => {
                words += 1;
                cases += usize::from(begins);
            }
            "fi" | "done" => words = words.saturating_sub(1),
            "esac" => {
                words = words.saturating_sub(1);
                cases = cases.saturating_sub(1);
            }
            _other => {}
        }
        next_begins = match ch {
            ' ' | '\t' if written.is_empty() => next_begins,
            ' ' | '\t' => matches!(
                written,
                "then" | "do" | "else" | "elif" | "if" | "while" | "until" | "!"
            ),
            ch => matches!(ch, ';' | '&' | '|' | '(' | ')' | '{' | '`' | '\n'),
        };
        word = at + ch.len_utf8();
        if words > WORDS || weight + cases * STEEP > DEPTH {
            return Some(at);
        }
    }
    // Text that stays open is no command, and the parser tries every way to close it.
    open.get(UNCLOSED).map(|(_, at)| *at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_at_the_limit_is_read_on_a_small_stack() {
        for (open, close) in [
            ("{ if a; then ", "; fi; }"),
            ("x $(", ")"),
            ("( ", " )"),
            ("${x:-", "}"),
        ] {
            let deep = if open.starts_with("{ if") { 20 } else { 22 };
            let head = if open.starts_with("${") { "echo " } else { "" };
            let text = format!("{head}{}a{}", open.repeat(deep), close.repeat(deep));
            assert!(read(&text).is_ok(), "{open}");
            let text = format!("{head}{}a{}", open.repeat(500), close.repeat(500));
            assert!(read(&text).is_err(), "{open}");
        }
    }

    /// Each of these took the parser twice as long with every level. It is read in no time, or refused, at every depth.
    #[test]
    fn no_depth_takes_for_ever() {
        let shapes = [
            ("( ", " )"),
            ("(( ", " ))"),
            ("case a in b) ", " ;; esac"),
            ("( case a in b) ", " ;; esac )"),
            ("x=$(case a in b) ", " ;; esac)"),
            ("( { ", "; } )"),
            ("if a; then ", "; fi"),
            ("echo $((", "))"),
        ];
        for (open, close) in shapes {
            let most = if open.starts_with("if") { WORDS } else { DEPTH };
            for depth in 0..70 {
                for closed in [0, depth / 2, depth] {
                    for inner in ["a", ""] {
                        let text = format!("{}{inner}{}", open.repeat(depth), close.repeat(closed));
                        let is_refused = read(&text).is_err();
                        assert!(is_refused || depth <= most, "{text}");
                    }
                }
            }
        }
    }

    /// The parser ends the program on these.
    #[test]
    fn a_number_that_is_too_long_is_refused() {
        for text in [
            "echo 99999999999<file",
            "echo a 99999\\\n999999999>file",
            "if a; then echo ~99999999999999999999; fi",
            "if a; then echo ${x:-~-99999999999999999999999}; fi",
            "x=~+99999999999999999999",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        for text in [
            "echo 123456789012345 <file",
            "if a; then echo \"$x\" -123456789012345; fi",
            "a 2>&1",
        ] {
            assert!(read(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_is_not_nested_is_not_counted() {
        let sums = "x=$((x + 1)); y=$((y + (2 * 3)))\n".repeat(40);
        assert!(read(&sums).is_ok());
        let remarks = "# in this case (and for that case) it is fine\nmake\n".repeat(20);
        assert!(read(&remarks).is_ok());
        let cases = "case $a in b) c ;; (d) e ;; esac\n".repeat(40);
        assert!(read(&cases).is_ok());
    }

    #[test]
    fn many_commands_are_not_nested() {
        assert!(read(&"if a; then b; fi\n".repeat(200)).is_ok());
        assert!(read(&"a && ".repeat(500).add("b")).is_ok());
    }

    trait Add {
        fn add(self, end: &str) -> String;
    }

    impl Add for String {
        fn add(mut self, end: &str) -> String {
            self.push_str(end);
            self
        }
    }
}
