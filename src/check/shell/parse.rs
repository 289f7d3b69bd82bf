//! From shell text to its facts, by brush-parser, the only crate that is named for it. Text that `/bin/sh` refuses is
//! explained by `broken`.

use brush_parser::ast::Program;
use brush_parser::{Parser, ParserOptions};

use super::broken::{self, Broken};
use super::facts::{Facts, Hidden};
use super::simple;
use super::walk::Walk;

/// How deep shell text may be nested; the parser uses the stack.
pub(super) const DEPTH: usize = 60;

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
    match program(text, &sh()) {
        Ok(program) => {
            let mut facts = Facts::default();
            Walk::new(text, &mut facts).program(&program);
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

/// Where the nesting becomes too deep. Quotes are not looked at: text that opens so much inside of them has no end.
fn too_deep(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    let mut word = 0;
    for (at, ch) in text.char_indices() {
        match ch {
            '(' | '{' => depth += 1,
            ')' | '}' => depth = depth.saturating_sub(1),
            _other => {}
        }
        if ch.is_ascii_alphanumeric() || ch == '_' || ch == '!' {
            continue;
        }
        match text.get(word..at) {
            Some("if" | "while" | "until" | "for" | "case" | "!") => depth += 1,
            Some("fi" | "done" | "esac") => depth = depth.saturating_sub(1),
            Some(_) | None => {}
        }
        word = at + ch.len_utf8();
        if depth > DEPTH {
            return Some(at);
        }
    }
    None
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
            let deep = if open.starts_with("{ if") { 29 } else { 58 };
            let head = if open.starts_with("${") { "echo " } else { "" };
            let text = format!("{head}{}a{}", open.repeat(deep), close.repeat(deep));
            assert!(read(&text).is_ok(), "{open}");
            let text = format!("{head}{}a{}", open.repeat(500), close.repeat(500));
            assert!(read(&text).is_err(), "{open}");
        }
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
