//! Reads a literal that begins with a digit: numbers, quantities, versions, dates and times.
//!
//! The grammar finds where such a word ends; what it means is decided only here, for files, for parameters
//! on a command line and for answers of people alike.

use super::scalar::{BYTE_UNITS, DURATION_UNITS, RATE_UNITS};
use super::{Bytes, Millis, Percent, Rate, Value, Version};

/// Why a word that begins with a digit is no literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiteralError {
    /// The unit is not one of the language.
    UnknownUnit(String),
    /// The parts of a duration are not in falling order, or one comes twice.
    DurationOrder,
    /// It does not fit the range of its type.
    TooLarge,
    /// A duration finer than a millisecond, or a part of a byte.
    TooFine,
    /// Looks like a day or a time of day, and is none.
    NotOnTheCalendar,
    /// Looks like a version, and is none.
    NotAVersion,
    /// Anything else.
    Malformed,
}

/// The value of a literal that begins with a digit, such as `5%`, `1h30m`, `5/min`, `64MiB`, `2.4.0`,
/// `2026-12-24`, `10:00`, `3` or `0.5`.
pub fn literal(text: &str) -> Result<Value, LiteralError> {
    let text = &*without_underscores(text)?;
    let digits = text
        .find(|ch: char| !ch.is_ascii_digit() && ch != '.')
        .unwrap_or(text.len());
    let (number, rest) = text.split_at(digits);
    if !number.starts_with(|ch: char| ch.is_ascii_digit()) {
        return Err(LiteralError::Malformed);
    }
    if number.matches('.').count() >= 2 {
        return text
            .parse::<Version>()
            .map(Value::Version)
            .map_err(|_| LiteralError::NotAVersion);
    }
    if number.ends_with('.') {
        return Err(LiteralError::Malformed);
    }
    match rest.chars().next() {
        None => plain(number),
        Some('%') if rest.len() == 1 => Ok(Value::Percent(Percent(float(number)?))),
        Some('-') => text
            .parse()
            .map(Value::Date)
            .map_err(|_| LiteralError::NotOnTheCalendar),
        Some(':') => text
            .parse()
            .map(Value::Time)
            .map_err(|_| LiteralError::NotOnTheCalendar),
        Some('/') => rate(number, rest.trim_start_matches('/')),
        Some(ch) if ch.is_ascii_alphabetic() => quantity(text, number, rest),
        Some(_) => Err(LiteralError::Malformed),
    }
}

/// `1_000` is `1000`; an underscore must stand between two digits.
fn without_underscores(text: &str) -> Result<std::borrow::Cow<'_, str>, LiteralError> {
    if !text.contains('_') {
        return Ok(text.into());
    }
    let bytes = text.as_bytes();
    let digit_at = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let lonely = bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'_')
        .any(|(at, _)| at == 0 || !digit_at(at - 1) || !digit_at(at + 1));
    if lonely {
        return Err(LiteralError::Malformed);
    }
    Ok(text.replace('_', "").into())
}

fn plain(number: &str) -> Result<Value, LiteralError> {
    if number.contains('.') {
        return float(number).map(Value::Number);
    }
    number
        .parse()
        .map(Value::Int)
        .map_err(|_| LiteralError::TooLarge)
}

fn float(number: &str) -> Result<f64, LiteralError> {
    match number.parse::<f64>() {
        Ok(value) if value.is_finite() && value.abs() < 1e15 => Ok(value),
        Ok(_) => Err(LiteralError::TooLarge),
        Err(_) => Err(LiteralError::Malformed),
    }
}

fn rate(number: &str, unit: &str) -> Result<Value, LiteralError> {
    let found = RATE_UNITS.iter().find(|(word, _)| *word == unit);
    let (_, seconds) = found.ok_or_else(|| LiteralError::UnknownUnit(unit.to_owned()))?;
    Ok(Value::Rate(Rate(float(number)? / seconds)))
}

fn quantity(text: &str, number: &str, rest: &str) -> Result<Value, LiteralError> {
    if let Some((_, size)) = BYTE_UNITS.iter().find(|(unit, _)| *unit == rest) {
        return scaled(number, *size).map(|count| Value::Bytes(Bytes(count)));
    }
    if let Some((_, size)) = DURATION_UNITS.iter().find(|(unit, _)| *unit == rest) {
        return scaled(number, *size).map(|count| Value::Duration(Millis(count)));
    }
    compound(text)
}

/// A decimal number of units as a whole number of the smallest unit, without rounding.
fn scaled(number: &str, size: u64) -> Result<u64, LiteralError> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction = fraction.trim_end_matches('0');
    let whole: u64 = whole.parse().map_err(|_| LiteralError::TooLarge)?;
    let whole = whole.checked_mul(size).ok_or(LiteralError::TooLarge)?;
    if fraction.is_empty() {
        return Ok(whole);
    }
    let digits = u32::try_from(fraction.len()).map_err(|_| LiteralError::TooFine)?;
    let scale = 10_u128.checked_pow(digits).ok_or(LiteralError::TooFine)?;
    let part: u128 = fraction.parse().map_err(|_| LiteralError::TooFine)?;
    let part = part
        .checked_mul(u128::from(size))
        .ok_or(LiteralError::TooFine)?;
    if !part.is_multiple_of(scale) {
        return Err(LiteralError::TooFine);
    }
    let part = u64::try_from(part / scale).map_err(|_| LiteralError::TooLarge)?;
    whole.checked_add(part).ok_or(LiteralError::TooLarge)
}

/// A duration of several parts, the larger ones first: `1h30m`.
fn compound(text: &str) -> Result<Value, LiteralError> {
    let mut rest = text;
    let mut total = 0_u64;
    let mut last = u64::MAX;
    while !rest.is_empty() {
        let digits = rest
            .find(|ch: char| !ch.is_ascii_digit())
            .unwrap_or(rest.len());
        let (number, tail) = rest.split_at(digits);
        let letters = tail
            .find(|ch: char| !ch.is_ascii_alphabetic())
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        let found = DURATION_UNITS.iter().find(|(word, _)| *word == unit);
        let (_, size) = found.ok_or_else(|| LiteralError::UnknownUnit(unit.to_owned()))?;
        if number.is_empty() {
            return Err(LiteralError::Malformed);
        }
        if *size >= last {
            return Err(LiteralError::DurationOrder);
        }
        last = *size;
        total = total
            .checked_add(scaled(number, *size)?)
            .ok_or(LiteralError::TooLarge)?;
        rest = tail;
    }
    Ok(Value::Duration(Millis(total)))
}
