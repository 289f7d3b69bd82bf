//! Owns what a line is made of: its level, and its words with one blank between them where a blank belongs. Draws no columns.

use super::{shell_words, slice};
use crate::syntax::{Token, TokenKind};

/// Words that hang under the step, check or call that they belong to when they begin a line.
const CLAUSES: &[&str] = &[
    "timeout",
    "retry",
    "idempotent",
    "protected",
    "unless",
    "undo",
    "on",
    "in",
    "env",
    "stdin",
    "user",
    "interactive",
    "grace",
    "sh",
    "exec",
    "http",
    "sql",
    "migrations",
];

/// Statements whose clauses may go on in the next line.
const LONG: &[&str] = &["step", "check", "capture", "set", "read"];

/// Part of a line that columns may move.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    /// Its words.
    pub(super) text: String,
    /// Where it stood, from the beginning of the line's own text.
    pub(super) was_at: usize,
}

/// One line.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    /// How many levels it is indented.
    pub(super) level: usize,
    /// Whether a blank line stands before it.
    pub(super) parted: bool,
    /// Its text; a comment of its own is one cell.
    pub(super) cells: Vec<Cell>,
    /// The comment at its end.
    pub(super) comment: Option<Cell>,
    /// What kind of line it is.
    pub(super) kind: Kind,
    /// Which lines it shares columns with.
    pub(super) family: Option<Family>,
}

/// What kind of line it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// Words, and perhaps a comment after them.
    #[default]
    Plain,
    /// A comment and nothing else.
    Comment,
    /// A string or shell text in it goes on in the next line of the file, so nothing aligns with its end.
    Long,
}

/// Lines that share columns when they stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// A key and its value: the header, the lines of a metric.
    Setting,
    /// `check` and `confirm`: a name, a title and clauses, a command.
    Before,
    /// `set` and `read`.
    Call,
    /// A name, clauses, a command.
    Step,
    /// A name, a condition, an action.
    Guard,
}

/// A block that is open.
#[derive(Clone, Copy, Debug)]
struct Block {
    /// How many levels the line that opened it hung.
    hung: usize,
    /// It stands in a statement that goes on behind it.
    within: bool,
}

/// The lines of a text.
pub(super) fn lines(text: &str, all: &[Token]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut blocks: Vec<Block> = Vec::new();
    let mut blank = 0_usize;
    let mut waits = false;
    for tokens in all.split(|token| token.kind == TokenKind::Newline) {
        let Some(first) = tokens.first() else {
            blank += 1;
            continue;
        };
        let closers = tokens.iter().take_while(|token| is_close(token)).count();
        let mut line = read(text, tokens);
        let word = slice(text, first);
        // A clause of the line before.
        let hangs = waits && (CLAUSES.contains(&word) || first.kind == TokenKind::Shell);
        let around = blocks.len().saturating_sub(closers);
        let closed = blocks.get(around).copied();
        // A closing brace stands under the line that opened its block.
        let hung = blocks.iter().take(around).chain(&closed);
        line.level = around + hung.map(|block| block.hung).sum::<usize>() + usize::from(hangs);
        let opened = lines.last().is_none_or(|last| {
            last.kind != Kind::Comment
                && last
                    .cells
                    .last()
                    .is_some_and(|cell| cell.text.ends_with('{'))
                && last.comment.is_none()
        });
        line.parted = blank > 0 && !opened && first.kind != TokenKind::Close(b'}');
        let goes_on = closed.is_some_and(|block| block.within);
        if hangs {
            line.family = None;
            // What is said above a clause stands above it.
            let above = lines.iter_mut().rev();
            for comment in above.take_while(|line| line.kind == Kind::Comment) {
                comment.level = line.level;
            }
        }
        let is_long = LONG.contains(&word) && first.kind == TokenKind::Word && !is_call(tokens);
        let long = hangs || goes_on || is_long;
        for token in tokens {
            match token.kind {
                TokenKind::Open(_) => blocks.push(Block {
                    hung: usize::from(hangs),
                    within: long,
                }),
                TokenKind::Close(_) => {
                    blocks.pop();
                }
                TokenKind::Word
                | TokenKind::Text
                | TokenKind::Shell
                | TokenKind::Pattern
                | TokenKind::Comment
                | TokenKind::Newline
                | TokenKind::Comma
                | TokenKind::Operator
                | TokenKind::Range
                | TokenKind::Sign => {}
            }
        }
        if line.kind != Kind::Comment {
            let mut words = tokens
                .iter()
                .filter(|token| token.kind != TokenKind::Comment);
            let opens = words
                .next_back()
                .is_some_and(|token| matches!(token.kind, TokenKind::Open(_)));
            waits = long && !opens && !has_command(text, tokens);
        }
        lines.push(line);
        blank = 0;
    }
    lines
}

/// Whether a line has what its step runs: not only what a clause runs, or a block of it.
fn has_command(text: &str, tokens: &[Token]) -> bool {
    let mut depth = 0_usize;
    let mut before = None;
    for token in tokens {
        if depth == 0 && is_own_command(text, before, token) {
            return true;
        }
        depth = match token.kind {
            TokenKind::Open(_) => depth + 1,
            TokenKind::Close(_) => depth.saturating_sub(1),
            TokenKind::Word
            | TokenKind::Text
            | TokenKind::Shell
            | TokenKind::Pattern
            | TokenKind::Comment
            | TokenKind::Newline
            | TokenKind::Comma
            | TokenKind::Operator
            | TokenKind::Range
            | TokenKind::Sign => depth,
        };
        before = Some(token);
    }
    false
}

/// Whether a token begins what a step runs itself, and not what `unless` or `undo` runs.
fn is_own_command(text: &str, before: Option<&Token>, token: &Token) -> bool {
    let of_clause = before.is_some_and(|before| matches!(slice(text, before), "unless" | "undo"));
    is_command(text, token) && !of_clause
}

fn is_close(token: &Token) -> bool {
    matches!(token.kind, TokenKind::Close(_))
}

/// Whether a token begins what a step runs, after which no clause follows.
fn is_command(text: &str, token: &Token) -> bool {
    match token.kind {
        TokenKind::Shell => true,
        TokenKind::Word => matches!(slice(text, token), "sh" | "exec" | "http" | "sql"),
        TokenKind::Text
        | TokenKind::Pattern
        | TokenKind::Comment
        | TokenKind::Newline
        | TokenKind::Open(_)
        | TokenKind::Close(_)
        | TokenKind::Comma
        | TokenKind::Operator
        | TokenKind::Range
        | TokenKind::Sign => false,
    }
}

fn read(text: &str, tokens: &[Token]) -> Line {
    let Some(first) = tokens.first() else {
        return Line::default();
    };
    // Columns are counted in characters from the first word of the line.
    let column = |token: &Token| {
        let before = first.span.range().start..token.span.range().start;
        text.get(before).map_or(0, |before| before.chars().count())
    };
    let mut line = Line {
        kind: if first.kind == TokenKind::Comment {
            Kind::Comment
        } else if tokens.iter().any(|token| slice(text, token).contains('\n')) {
            Kind::Long
        } else {
            Kind::Plain
        },
        family: family(text, tokens),
        ..Line::default()
    };
    let mut cell = Cell::default();
    let mut before: Option<&Token> = None;
    for (index, token) in tokens.iter().enumerate() {
        let word = if token.kind == TokenKind::Shell {
            shell_words(slice(text, token))
        } else {
            slice(text, token).to_owned()
        };
        if token.kind == TokenKind::Comment && line.kind != Kind::Comment {
            line.comment = Some(Cell {
                text: word,
                was_at: column(token),
            });
            continue;
        }
        let own = is_own_command(text, before, token);
        if index > 0 && begins_cell(&line, (index, token, own), text) {
            line.cells.push(std::mem::take(&mut cell));
            // The command of a step is the third cell and that of a check the fourth, also when one before it is empty.
            if own {
                let cells = match line.family {
                    Some(Family::Step) => 2,
                    Some(Family::Before) => 3,
                    Some(Family::Setting | Family::Call | Family::Guard) | None => 1,
                };
                line.cells
                    .resize(cells.max(line.cells.len()), Cell::default());
            }
            cell.was_at = column(token);
        } else if before.is_some_and(|before| parted(text, before, token)) {
            cell.text.push(' ');
        }
        cell.text.push_str(&word);
        before = Some(token);
    }
    line.cells.push(cell);
    line
}

/// Whether a line calls a task, which may have the name of any statement.
fn is_call(tokens: &[Token]) -> bool {
    let second = tokens.get(1);
    second.is_some_and(|token| token.glued && token.kind == TokenKind::Open(b'('))
}

fn family(text: &str, tokens: &[Token]) -> Option<Family> {
    let first = tokens
        .first()
        .filter(|token| token.kind == TokenKind::Word)?;
    tokens.get(1)?;
    if is_call(tokens) {
        return None;
    }
    let opens = tokens
        .iter()
        .any(|token| matches!(token.kind, TokenKind::Open(b'{')));
    match slice(text, first) {
        "service" | "owner" | "risk" | "strategy" | "zone" | "window" | "query" | "unit"
        | "every" | "timeout" | "lag" | "stale" | "missing" | "min" | "baseline" | "warning"
        | "critical" | "warmup" | "coverage" | "hold" | "grace" | "max_gap" | "allow" | "best"
        | "never" | "holidays"
            if !opens =>
        {
            Some(Family::Setting)
        }
        "check" | "confirm" => Some(Family::Before),
        "set" | "read" => Some(Family::Call),
        "step" => Some(Family::Step),
        "guard" => Some(Family::Guard),
        _ => None,
    }
}

/// Whether a token, the `index`th of its line, begins the next cell; `own` is what the statement itself runs.
fn begins_cell(line: &Line, (index, token, own): (usize, &Token, bool), text: &str) -> bool {
    let cells = line.cells.len();
    match line.family {
        None => false,
        Some(Family::Setting | Family::Call) => index == 1,
        Some(Family::Step) => index == 2 || (cells < 3 && own),
        Some(Family::Before) => {
            let titled = cells == 1 && index == 2 && token.kind == TokenKind::Text;
            index == 1 || titled || (cells < 4 && own)
        }
        Some(Family::Guard) => {
            index == 2 || (cells == 1 && index > 2 && slice(text, token) == "then")
        }
    }
}

/// Whether a blank belongs between two tokens of a line.
fn parted(text: &str, before: &Token, token: &Token) -> bool {
    let loose = !token.glued;
    match (before.kind, token.kind) {
        (TokenKind::Range, _) | (_, TokenKind::Range | TokenKind::Comma) => false,
        (TokenKind::Open(b'{'), TokenKind::Close(b'}')) => false,
        (_, TokenKind::Open(b'{')) | (TokenKind::Open(b'{'), _) => true,
        (_, TokenKind::Close(b'}')) => true,
        (TokenKind::Comma, TokenKind::Close(_)) => false,
        (TokenKind::Comma, _) => true,
        (TokenKind::Open(_), _) | (_, TokenKind::Close(_)) => false,
        // `10:00` is one literal; `name: type` is not.
        (_, TokenKind::Operator) if slice(text, token) == ":" => false,
        (TokenKind::Operator, _) if slice(text, before) == ":" => {
            loose || !slice(text, token).starts_with(|ch: char| ch.is_ascii_digit())
        }
        (_, TokenKind::Operator) | (TokenKind::Operator, _) => true,
        (_, TokenKind::Shell) => true,
        _ => loose,
    }
}
