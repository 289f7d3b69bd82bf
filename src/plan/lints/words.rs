//! Owns the simple commands of a shell text, cut apart as far as lints need it.

/// The simple commands of shell text: cut at what joins commands, outside of quotes and of `$( )`.
pub(super) fn commands(text: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let (mut quote, mut depth, mut start) = (None, 0_usize, 0);
    let mut chars = text.char_indices();
    while let Some((at, ch)) = chars.next() {
        match (quote, ch) {
            (_, '\\') => {
                chars.next();
            }
            (Some(open), ch) if open == ch => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(ch),
            (None, '(') => depth = depth.saturating_add(1),
            (None, ')') => depth = depth.saturating_sub(1),
            (None, '|' | ';' | '&' | '\n') if depth == 0 => {
                all.extend(text.get(start..at));
                start = at + ch.len_utf8();
            }
            (None, _) => {}
        }
    }
    all.extend(text.get(start..));
    all.retain(|command| !command.trim().is_empty());
    all
}

/// The program of a simple command, without the variables that are set for it, and its arguments.
pub(super) fn program(command: &str) -> Option<(&str, &str)> {
    let mut rest = command.trim_start();
    loop {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(end);
        let is_set = word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty()
                && name
                    .chars()
                    .all(|ch| ch.is_ascii_alphanumeric() || ch == '_')
        });
        if is_set {
            // A value with a blank in it goes on behind it; nothing of it is an argument.
            rest = after_value(rest).trim_start();
        } else if ["if", "then", "else", "while", "do", "!", "{", "exec", "env"].contains(&word) {
            rest = tail.trim_start();
        } else {
            return Some((word, tail));
        }
        if rest.is_empty() {
            return Some(("", ""));
        }
    }
}

/// What follows `NAME=VALUE`, where the value can have quotes and `$( )` in it.
fn after_value(text: &str) -> &str {
    let (mut quote, mut depth) = (None, 0_usize);
    for (at, ch) in text.char_indices() {
        match (quote, ch) {
            (Some(open), ch) if open == ch => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(ch),
            (None, '(') => depth = depth.saturating_add(1),
            (None, ')') => depth = depth.saturating_sub(1),
            (None, ch) if ch.is_whitespace() && depth == 0 => {
                return text.get(at..).unwrap_or_default();
            }
            (None, _) => {}
        }
    }
    ""
}
