//! The words of a query in PromQL, as far as they are needed to say what its samples are, and whether every bracket and every string of
//! it is closed.

use crate::ast::{Text, TextPart};
use crate::check::window;

/// One word of a query.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Word {
    /// A name, or an operator that is written as one.
    Name(String),
    Number(f64),
    /// A duration, in seconds.
    Time(f64),
    /// A string, whatever is in it.
    String,
    /// A sign, or two that are one operator.
    Sign(&'static str),
    /// Anything else, also a value that is not known before the run.
    Other,
}

/// What no source could read in a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// A bracket that nothing closes, and what would.
    Open(char, char),
    /// A bracket that closes nothing, or not the one that is open.
    Closes(char),
    /// A string that does not end.
    String(char),
}

/// The signs that mean something here; the longer ones come first.
const SIGNS: [&str; 26] = [
    "==", "!=", "=~", "!~", ">=", "<=", "(", ")", "{", "}", "[", "]", ",", ":", "=", ">", "<", "+",
    "-", "*", "/", "%", "^", "@", "$", ".",
];

/// A part of the text of a query: something written out, or a place for a value.
enum Part {
    Char(char),
    Value,
}

/// The words of a query, or what in it nobody could read.
pub(super) fn words(text: &Text) -> Result<Vec<Word>, Broken> {
    let parts = text.parts.iter().flat_map(|part| match part {
        TextPart::Piece(piece) => piece.chars().map(Part::Char).collect(),
        TextPart::Expr(_) => vec![Part::Value],
    });
    let parts: Vec<Part> = parts.collect();
    let mut reader = Reader {
        parts: &parts,
        words: Vec::new(),
        open: Vec::new(),
    };
    while reader.next()? {}
    match reader.open.pop() {
        Some((open, close)) => Err(Broken::Open(open, close)),
        None => Ok(reader.words),
    }
}

struct Reader<'p> {
    parts: &'p [Part],
    words: Vec<Word>,
    /// The brackets that are open, with what closes them.
    open: Vec<(char, char)>,
}

impl Reader<'_> {
    /// Reads one word; says whether there was something to read.
    fn next(&mut self) -> Result<bool, Broken> {
        let Some((first, rest)) = self.parts.split_first() else {
            return Ok(false);
        };
        match first {
            Part::Value => {
                self.parts = rest;
                self.words.push(Word::Other);
            }
            Part::Char(ch) if ch.is_whitespace() => self.parts = rest,
            Part::Char('#') => {
                self.taken(|ch| ch != '\n');
            }
            Part::Char(quote @ ('"' | '\'' | '`')) => self.string(*quote, rest)?,
            Part::Char(ch) if ch.is_ascii_digit() => self.number(),
            // What has a value in its middle is no word that is known.
            Part::Char(ch) if is_letter(*ch) => {
                let name = self.taken(|ch| is_letter(ch) || ch.is_ascii_digit());
                self.words.push(Word::Name(name));
            }
            Part::Char(ch) => self.sign(*ch)?,
        }
        Ok(true)
    }

    /// Takes what is written out and fits.
    fn taken(&mut self, fits: impl Fn(char) -> bool) -> String {
        let mut text = String::new();
        while let Some((Part::Char(ch), rest)) = self.parts.split_first()
            && fits(*ch)
        {
            text.push(*ch);
            self.parts = rest;
        }
        text
    }

    fn string(&mut self, quote: char, mut rest: &[Part]) -> Result<(), Broken> {
        let mut is_escaped = false;
        let count = self.parts.len();
        while let Some((part, behind)) = rest.split_first() {
            rest = behind;
            match part {
                Part::Char('\\') if quote != '`' => is_escaped = !is_escaped,
                Part::Char(ch) if *ch == quote && !is_escaped => {
                    self.words.push(Word::String);
                    let read = count.saturating_sub(rest.len());
                    self.parts = self.parts.split_at_checked(read).map_or(&[], |two| two.1);
                    return Ok(());
                }
                Part::Char(_) | Part::Value => is_escaped = false,
            }
        }
        Err(Broken::String(quote))
    }

    fn number(&mut self) {
        let text = self.taken(|ch| ch.is_ascii_alphanumeric() || ch == '.' || ch == '_');
        let time = window::duration(&text).map(|time| {
            #[expect(
                clippy::cast_precision_loss,
                reason = "a range is far below 2^52 milliseconds"
            )]
            let millis = time.0 as f64;
            Word::Time(millis / 1_000.0)
        });
        let number = || text.parse().map(Word::Number).unwrap_or(Word::Other);
        self.words.push(time.unwrap_or_else(number));
    }

    fn sign(&mut self, ch: char) -> Result<(), Broken> {
        let close = |open| match open {
            '(' => Some(')'),
            '[' => Some(']'),
            '{' => Some('}'),
            _no_bracket => None,
        };
        if let Some(close) = close(ch) {
            self.open.push((ch, close));
        } else if matches!(ch, ')' | ']' | '}') {
            match self.open.pop() {
                Some((_, close)) if close == ch => {}
                Some(_) | None => return Err(Broken::Closes(ch)),
            }
        }
        let starts = |sign: &&&str| {
            let mut parts = self.parts.iter();
            sign.chars()
                .all(|ch| matches!(parts.next(), Some(Part::Char(other)) if *other == ch))
        };
        let sign = SIGNS.iter().find(starts);
        let read = sign.map_or(1, |sign| sign.len());
        self.parts = self.parts.split_at_checked(read).map_or(&[], |two| two.1);
        self.words
            .push(sign.map_or(Word::Other, |sign| Word::Sign(sign)));
        Ok(())
    }
}

const fn is_letter(ch: char) -> bool {
    ch.is_ascii_alphabetic() || matches!(ch, '_' | ':')
}
