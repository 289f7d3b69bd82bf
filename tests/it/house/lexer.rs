//! As much of Rust's lexical structure as the other checkers need: names, `::`, other signs and string literals,
//! without comments. It must not know what a checker looks for.

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Name(String),
    /// A string literal, its text as written between the quotes.
    Text(String),
    PathSep,
    Sign(char),
}

impl Token {
    pub(super) fn is_name(&self, name: &str) -> bool {
        matches!(self, Self::Name(own) if own == name)
    }
}

/// A token and the line it is on, counted from 1.
#[derive(Debug, Clone)]
pub(super) struct At {
    pub(super) token: Token,
    pub(super) line: usize,
}

pub(super) fn lex(text: &str) -> Vec<At> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut i = 0;
    let mut line = 1;
    while i < chars.len() {
        let (token, end) = next(&chars, i);
        if let Some(token) = token {
            tokens.push(At { token, line });
        }
        line += chars[i..end].iter().filter(|c| **c == '\n').count();
        i = end;
    }
    tokens
}

/// The token that begins at `i`, if one does, and where it ends.
fn next(chars: &[char], i: usize) -> (Option<Token>, usize) {
    let peek = |n: usize| chars.get(i + n).copied().unwrap_or('\0');
    match peek(0) {
        '/' if peek(1) == '/' => (None, position(chars, i, |c| c == '\n')),
        '/' if peek(1) == '*' => (None, after_block_comment(chars, i)),
        ':' if peek(1) == ':' => (Some(Token::PathSep), i + 2),
        '"' => quoted(chars, i),
        '\'' => (None, after_char_or_lifetime(chars, i)),
        'r' if peek(1) == '"' || (peek(1) == '#' && (peek(2) == '#' || peek(2) == '"')) => {
            raw(chars, i + 1)
        }
        'b' | 'c' if peek(1) == '"' => quoted(chars, i + 1),
        'b' if peek(1) == '\'' => (None, after_char_or_lifetime(chars, i + 1)),
        'b' | 'c' if peek(1) == 'r' && (peek(2) == '"' || peek(2) == '#') => raw(chars, i + 2),
        c if c.is_alphanumeric() || c == '_' => {
            let end = position(chars, i, |c| !(c.is_alphanumeric() || c == '_'));
            (Some(Token::Name(chars[i..end].iter().collect())), end)
        }
        c if c.is_whitespace() => (None, i + 1),
        c => (Some(Token::Sign(c)), i + 1),
    }
}

fn position(chars: &[char], from: usize, stop: impl Fn(char) -> bool) -> usize {
    (from..chars.len())
        .find(|i| stop(chars[*i]))
        .unwrap_or(chars.len())
}

fn after_block_comment(chars: &[char], from: usize) -> usize {
    let mut depth = 0;
    let mut i = from;
    while i < chars.len() {
        match (chars[i], chars.get(i + 1)) {
            ('/', Some('*')) => (depth, i) = (depth + 1, i + 2),
            ('*', Some('/')) => (depth, i) = (depth - 1, i + 2),
            _ => i += 1,
        }
        if depth == 0 {
            break;
        }
    }
    i.min(chars.len())
}

fn quoted(chars: &[char], open: usize) -> (Option<Token>, usize) {
    let mut i = open + 1;
    while i < chars.len() && chars[i] != '"' {
        i += if chars[i] == '\\' { 2 } else { 1 };
    }
    let close = i.min(chars.len());
    let text = chars[open + 1..close].iter().collect();
    (Some(Token::Text(text)), (close + 1).min(chars.len()))
}

fn raw(chars: &[char], hashes: usize) -> (Option<Token>, usize) {
    let open = position(chars, hashes, |c| c != '#');
    let count = open - hashes;
    let closes = |i: usize| {
        chars[i] == '"' && chars[i + 1..].iter().take_while(|c| **c == '#').count() >= count
    };
    let close = (open + 1..chars.len())
        .find(|i| closes(*i))
        .unwrap_or(chars.len());
    let text = chars.get(open + 1..close).unwrap_or_default();
    let end = (close + 1 + count).min(chars.len());
    (Some(Token::Text(text.iter().collect())), end)
}

/// A quote opens a character (`'x'`, `'\n'`) or a lifetime (`'a`), which has no closing quote.
fn after_char_or_lifetime(chars: &[char], open: usize) -> usize {
    if chars.get(open + 1) == Some(&'\\') {
        return (position(chars, open + 3, |c| c == '\'') + 1).min(chars.len());
    }
    if chars.get(open + 2) == Some(&'\'') {
        return open + 3;
    }
    open + 1
}

#[test]
fn comments_are_dropped_and_literals_kept_whole() {
    let names = |text: &str| -> Vec<String> {
        lex(text)
            .into_iter()
            .filter_map(|at| match at.token {
                Token::Name(name) => Some(name),
                Token::Text(text) => Some(format!("\"{text}\"")),
                Token::PathSep | Token::Sign(_) => None,
            })
            .collect()
    };
    assert_eq!(
        names("a // b\n/* c /* d */ e */ f"),
        ["a", "f"].map(str::to_owned)
    );
    assert_eq!(
        names(r##"x("// no \" \\", r#"a " b"#, b"c") y"##),
        ["x", r#""// no \" \\""#, "\"a \" b\"", "\"c\"", "y"].map(str::to_owned)
    );
    assert_eq!(
        names("<'a> '\"' '\\'' b'\\'' '\\u{1F}' z"),
        ["a", "z"].map(str::to_owned)
    );
}

#[test]
fn a_token_knows_its_line() {
    let lines: Vec<usize> = lex("a\n\"x\ny\" b\n/*\n*/ c::d")
        .into_iter()
        .map(|at| at.line)
        .collect();
    assert_eq!(lines, [1, 2, 3, 5, 5, 5]);
}
