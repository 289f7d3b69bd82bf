//! Typed values and their types: what a literal, a parameter and a sample are.
//!
//! Owns the canonical text of each value (what `Display` writes, the literal rules read back) and the text
//! that a shell sees. Knows nothing of syntax trees, and does no arithmetic: `check` and `engine` do.

mod beside;
mod calendar;
mod ics;
mod literal;
mod scalar;
mod scale;
mod typed;
mod units;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use calendar::{Date, Time, Weekday};
pub use ics::{DaysOff, days_off};
pub use literal::{LiteralError, literal};
pub use scalar::{Bytes, Millis, Percent, Rate, Version};
pub use scale::{Heads, Scale};
pub use typed::{risk_of, typed_example};
pub use units::Unit;

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// Any text.
    Text,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A number without a unit.
    Number,
    /// A share of a hundred, `5%`.
    Percent,
    /// A length of time, `1h30m`.
    Duration,
    /// Events in a length of time, `5/min`.
    Rate,
    /// An amount of data, `64MiB`.
    Bytes,
    /// A semantic version, `2.4.0`.
    Version,
    /// A calendar day, `2026-12-24`.
    Date,
    /// A time of day, `10:00`.
    Time,
    /// A URL, written as text.
    Url,
    /// A path of the file system, written as text.
    Path,
    /// One of a few words.
    OneOf(Vec<String>),
    /// Several values of one type.
    List(Box<Type>),
}

impl Type {
    /// The types that are one word, with that word; for reading type names and for finding the nearest one.
    pub const WORDS: [(&'static str, Self); 13] = [
        ("text", Self::Text),
        ("bool", Self::Bool),
        ("int", Self::Int),
        ("number", Self::Number),
        ("percent", Self::Percent),
        ("duration", Self::Duration),
        ("rate", Self::Rate),
        ("bytes", Self::Bytes),
        ("version", Self::Version),
        ("date", Self::Date),
        ("time", Self::Time),
        ("url", Self::Url),
        ("path", Self::Path),
    ];

    /// A value of this type as a person would write it; for messages.
    pub fn example(&self) -> String {
        match self {
            Self::Text => "\"some text\"".into(),
            Self::Bool => "true".into(),
            Self::Int => "3".into(),
            Self::Number => "0.5".into(),
            Self::Percent => "5%".into(),
            Self::Duration => "1h30m".into(),
            Self::Rate => "5/min".into(),
            Self::Bytes => "64MiB".into(),
            Self::Version => "2.4.0".into(),
            Self::Date => "2026-12-24".into(),
            Self::Time => "10:00".into(),
            Self::Url => "\"https://example.com\"".into(),
            Self::Path => "\"dir/file\"".into(),
            Self::OneOf(words) => words.first().cloned().unwrap_or_default(),
            Self::List(item) => format!("[{}]", item.example()),
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OneOf(words) => write!(f, "one of {}", words.join(" | ")),
            Self::List(item) => write!(f, "list of {item}"),
            Self::Text
            | Self::Bool
            | Self::Int
            | Self::Number
            | Self::Percent
            | Self::Duration
            | Self::Rate
            | Self::Bytes
            | Self::Version
            | Self::Date
            | Self::Time
            | Self::Url
            | Self::Path => {
                let word = Self::WORDS.iter().find(|(_, ty)| ty == self);
                f.write_str(word.map(|(word, _)| *word).unwrap_or_default())
            }
        }
    }
}

/// A value with its type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Text.
    Text(String),
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A finite number.
    Number(f64),
    /// A share of a hundred.
    Percent(Percent),
    /// A length of time.
    Duration(Millis),
    /// Events per second.
    Rate(Rate),
    /// An amount of data.
    Bytes(Bytes),
    /// A semantic version.
    Version(Version),
    /// A calendar day.
    Date(Date),
    /// A time of day.
    Time(Time),
    /// A URL.
    Url(String),
    /// A path.
    Path(String),
    /// One of the words of a `one of` type.
    OneOf(String),
    /// Several values of one type.
    List(Vec<Value>),
}

impl Value {
    /// The text that a program sees in an environment variable or an argument: a percent is a plain number,
    /// a duration is in seconds, bytes are a whole number, a rate is per second; a list has one item a line.
    pub fn plain(&self) -> String {
        match self {
            Self::Text(text) | Self::Url(text) | Self::Path(text) | Self::OneOf(text) => {
                text.clone()
            }
            Self::Bool(value) => value.to_string(),
            Self::Int(value) => value.to_string(),
            Self::Number(value) => value.to_string(),
            Self::Percent(value) => value.0.to_string(),
            Self::Duration(value) => value.seconds_text(),
            Self::Rate(value) => value.0.to_string(),
            Self::Bytes(value) => value.0.to_string(),
            Self::Version(value) => value.to_string(),
            Self::Date(value) => value.to_string(),
            Self::Time(value) => value.to_string(),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(Self::plain).collect();
                items.join("\n")
            }
        }
    }

    /// The value as it stands in a sentence: text without quotes, everything else as it would be written in a file.
    pub fn spoken(&self) -> String {
        match self {
            Self::Text(text) | Self::Url(text) | Self::Path(text) => text.clone(),
            Self::Bool(_)
            | Self::Int(_)
            | Self::Number(_)
            | Self::Percent(_)
            | Self::Duration(_)
            | Self::Rate(_)
            | Self::Bytes(_)
            | Self::Version(_)
            | Self::Date(_)
            | Self::Time(_)
            | Self::OneOf(_)
            | Self::List(_) => self.to_string(),
        }
    }

    /// Reads a value of type `ty` from text that a person gave on a command line. Text, URLs and paths are
    /// taken as they are; everything else is written as in a file.
    pub fn read(ty: &Type, text: &str) -> Result<Self, Misfit> {
        let misfit = || Misfit {
            expected: ty.clone(),
            given: text.to_owned(),
        };
        let parsed = || literal(text).map_err(|_| misfit());
        match ty {
            Type::Text => Ok(Self::Text(text.to_owned())),
            Type::Path if !text.is_empty() => Ok(Self::Path(text.to_owned())),
            Type::Url if is_url(text) => Ok(Self::Url(text.to_owned())),
            Type::Path | Type::Url => Err(misfit()),
            Type::OneOf(words) if words.iter().any(|word| word == text) => {
                Ok(Self::OneOf(text.to_owned()))
            }
            Type::OneOf(_) => Err(misfit()),
            Type::Bool => match text {
                "true" => Ok(Self::Bool(true)),
                "false" => Ok(Self::Bool(false)),
                _other => Err(misfit()),
            },
            Type::Int => text.parse().map(Self::Int).map_err(|_| misfit()),
            Type::Number => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(Self::Number(number)),
                Ok(_) | Err(_) => Err(misfit()),
            },
            Type::List(item) => {
                if text.trim().is_empty() {
                    return Ok(Self::List(Vec::new()));
                }
                let items: Result<Vec<Self>, Misfit> = text
                    .split(',')
                    .map(|part| match part.trim() {
                        "" => Err(misfit()),
                        part => Self::read(item, part).map_err(|_| misfit()),
                    })
                    .collect();
                items.map(Self::List)
            }
            Type::Percent
            | Type::Duration
            | Type::Rate
            | Type::Bytes
            | Type::Version
            | Type::Date
            | Type::Time => parsed().and_then(|value| {
                if value.is_of(ty) {
                    Ok(value)
                } else {
                    Err(misfit())
                }
            }),
        }
    }

    /// Whether the value belongs to the type, without any conversion.
    pub fn is_of(&self, ty: &Type) -> bool {
        match (self, ty) {
            (Self::OneOf(word), Type::OneOf(words)) => words.contains(word),
            (Self::List(items), Type::List(item)) => items.iter().all(|value| value.is_of(item)),
            (value, ty) => value.ty().as_ref() == Some(ty),
        }
    }

    /// The type of the value; `None` for a word of a `one of` type and for a list, which fit several types.
    pub fn ty(&self) -> Option<Type> {
        match self {
            Self::Text(_) => Some(Type::Text),
            Self::Bool(_) => Some(Type::Bool),
            Self::Int(_) => Some(Type::Int),
            Self::Number(_) => Some(Type::Number),
            Self::Percent(_) => Some(Type::Percent),
            Self::Duration(_) => Some(Type::Duration),
            Self::Rate(_) => Some(Type::Rate),
            Self::Bytes(_) => Some(Type::Bytes),
            Self::Version(_) => Some(Type::Version),
            Self::Date(_) => Some(Type::Date),
            Self::Time(_) => Some(Type::Time),
            Self::Url(_) => Some(Type::Url),
            Self::Path(_) => Some(Type::Path),
            Self::OneOf(_) | Self::List(_) => None,
        }
    }
}

impl fmt::Display for Value {
    /// The canonical form, as it would be written in a file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::Url(text) | Self::Path(text) => quoted(f, text),
            Self::OneOf(word) => f.write_str(word),
            Self::Bool(value) => value.fmt(f),
            Self::Int(value) => value.fmt(f),
            Self::Number(value) => value.fmt(f),
            Self::Percent(value) => value.fmt(f),
            Self::Duration(value) => value.fmt(f),
            Self::Rate(value) => value.fmt(f),
            Self::Bytes(value) => value.fmt(f),
            Self::Version(value) => value.fmt(f),
            Self::Date(value) => value.fmt(f),
            Self::Time(value) => value.fmt(f),
            Self::List(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    item.fmt(f)?;
                }
                f.write_str("]")
            }
        }
    }
}

/// Writes text as a string literal in double quotes.
fn quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    use fmt::Write as _;
    f.write_char('"')?;
    let mut rest = text.chars().peekable();
    while let Some(ch) = rest.next() {
        match ch {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\t' => f.write_str("\\t")?,
            '\r' => f.write_str("\\r")?,
            '$' if rest.peek() == Some(&'{') => f.write_str("\\$")?,
            other => f.write_char(other)?,
        }
    }
    f.write_char('"')
}

/// Whether a text is a URL that a program could ask: a scheme and a host.
pub fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    scheme.starts_with(|ch: char| ch.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|ch| ch.is_ascii_alphanumeric() || "+-.".contains(ch))
        && !rest.is_empty()
        && !rest.starts_with('/')
        && !text.chars().any(|ch| ch.is_whitespace() || ch.is_control())
}

/// A text does not fit a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The type that was wanted.
    pub expected: Type,
    /// The text that was given.
    pub given: String,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let given = &self.given;
        if let Type::OneOf(words) = &self.expected {
            return write!(f, "`{given}` is not one of {}", words.join(", "));
        }
        let (expected, example) = (&self.expected, self.expected.example());
        write!(
            f,
            "`{given}` is not of type {expected}; for example {example}"
        )
    }
}

impl std::error::Error for Misfit {}

#[cfg(test)]
mod tests;
