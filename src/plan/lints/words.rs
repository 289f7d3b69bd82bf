//! Owns the simple commands of a shell text, cut apart as far as lints need it.

/// The simple commands of shell text: cut at what joins commands, outside of quotes and of `$( )`.
pub(super) fn commands(text: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let (mut quote, mut depth) = (None, 0_usize);
    let mut chars = text.chars().peekable();
    while let Some(ch) = chars.next() {
        let mut keep = true;
        match (quote, ch) {
            (_, '\\') => {
                if let Some(next) = chars.next() {
                    push(&mut all, ch);
                    push(&mut all, next);
                }
                continue;
            }
            (Some(open), ch) if open == ch => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(ch),
            (None, '(') => depth = depth.saturating_add(1),
            (None, ')') => depth = depth.saturating_sub(1),
            (None, '|' | ';' | '&' | '\n') if depth == 0 => {
                all.push(String::new());
                keep = false;
            }
            (None, _) => {}
        }
        if keep {
            push(&mut all, ch);
        }
    }
    all.retain(|command| !command.trim().is_empty());
    all
}

fn push(all: &mut [String], ch: char) {
    if let Some(last) = all.last_mut() {
        last.push(ch);
    }
}

/// The program of a simple command, without the variables that are set for it, and its arguments.
pub(super) fn program(command: &str) -> Option<(String, String)> {
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
            return Some((word.to_owned(), tail.to_owned()));
        }
        if rest.is_empty() {
            return Some((String::new(), String::new()));
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
