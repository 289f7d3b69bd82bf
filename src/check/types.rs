//! The rules of types: what fits where, what may be combined and compared, and what comes out.
//! Knows no names and reports nothing.

use crate::ast::BinaryOp;
use crate::value::{Type, Value};

/// The type of an expression. A throughput has no literals and cannot be stored, only compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A type of the language.
    Of(Type),
    /// An amount of data in a length of time.
    Throughput,
}

impl Kind {
    /// With its article, for sentences.
    pub(crate) fn described(&self) -> String {
        match self {
            Self::Of(ty) => described(ty),
            Self::Throughput => "a throughput".into(),
        }
    }
}

/// A type with its article: `a duration`, `an int`.
pub(crate) fn described(ty: &Type) -> String {
    match ty {
        Type::Text => "a text".into(),
        Type::Bool => "a truth value".into(),
        Type::Int => "a whole number".into(),
        Type::Number => "a number".into(),
        Type::Percent => "a percent".into(),
        Type::Duration => "a duration".into(),
        Type::Rate => "a rate".into(),
        Type::Bytes => "an amount of bytes".into(),
        Type::Version => "a version".into(),
        Type::Date => "a date".into(),
        Type::Time => "a time of day".into(),
        Type::Url => "a URL".into(),
        Type::Path => "a path".into(),
        Type::OneOf(words) => format!("one of {}", words.join(", ")),
        Type::List(item) => format!("a list of {item}"),
    }
}

/// Whether the type is a number with or without a unit.
pub(crate) fn is_quantity(ty: &Type) -> bool {
    match ty {
        Type::Int | Type::Number | Type::Percent | Type::Duration | Type::Rate | Type::Bytes => {
            true
        }
        Type::Text
        | Type::Bool
        | Type::Version
        | Type::Date
        | Type::Time
        | Type::Url
        | Type::Path
        | Type::OneOf(_)
        | Type::List(_) => false,
    }
}

/// Whether `<` has a meaning between two values of the type.
pub(crate) fn is_ordered(ty: &Type) -> bool {
    is_quantity(ty) || matches!(ty, Type::Version | Type::Date | Type::Time)
}

fn is_plain_number(ty: &Type) -> bool {
    matches!(ty, Type::Int | Type::Number)
}

fn is_written_as_text(ty: &Type) -> bool {
    matches!(ty, Type::Text | Type::Url | Type::Path | Type::OneOf(_))
}

/// Whether a value of type `have` can stand where `want` is wanted.
pub(crate) fn fits(have: &Type, want: &Type) -> bool {
    match (have, want) {
        (Type::List(have), Type::List(want)) => fits(have, want),
        (Type::Int, Type::Number) => true,
        (Type::OneOf(have), Type::OneOf(want)) => have.iter().all(|word| want.contains(word)),
        // Whether the text is one of the words is a question of its value.
        (Type::Text, Type::Url | Type::Path | Type::OneOf(_)) => true,
        (Type::Url | Type::Path | Type::OneOf(_), Type::Text) => true,
        (have, want) => have == want,
    }
}

/// Whether two values can be held against each other.
pub(crate) fn comparable(left: &Kind, right: &Kind) -> bool {
    match (left, right) {
        (Kind::Of(left), Kind::Of(right)) => {
            left == right
                || (is_plain_number(left) && is_plain_number(right))
                || (is_written_as_text(left) && is_written_as_text(right))
        }
        (left, right) => left == right,
    }
}

/// What comes out of an operation, and the factor that joins the scales of the stored units; `None` where it has no
/// meaning. Durations are stored in milliseconds and rates per second, so that a rate times a duration needs 1/1000.
pub(crate) fn operation(op: BinaryOp, left: &Kind, right: &Kind) -> Option<(Kind, f64)> {
    let (Kind::Of(left), Kind::Of(right)) = (left, right) else {
        return None;
    };
    if !is_quantity(left) || !is_quantity(right) {
        return None;
    }
    let same = |ty: &Type| Some((Kind::Of(ty.clone()), 1.0));
    let plain = (is_plain_number(left), is_plain_number(right));
    match op {
        BinaryOp::Add | BinaryOp::Subtract => match plain {
            (true, true) if left == right => same(left),
            (true, true) => same(&Type::Number),
            _ if left == right => same(left),
            _ => None,
        },
        BinaryOp::Multiply => match (left, right) {
            (Type::Int, Type::Int) => same(&Type::Int),
            (Type::Rate, Type::Duration) | (Type::Duration, Type::Rate) => {
                Some((Kind::Of(Type::Number), 0.001))
            }
            (left, right) => match plain {
                (true, true) => same(&Type::Number),
                (true, false) => same(right),
                (false, true) => same(left),
                (false, false) => None,
            },
        },
        BinaryOp::Divide => match (left, right) {
            (Type::Bytes, Type::Duration) => Some((Kind::Throughput, 1.0)),
            (left, Type::Duration) if is_plain_number(left) => {
                Some((Kind::Of(Type::Rate), 1_000.0))
            }
            (left, right) if left == right => same(&Type::Number),
            (left, right) if is_plain_number(right) => match is_plain_number(left) {
                true => same(&Type::Number),
                false => same(left),
            },
            _ => None,
        },
        BinaryOp::Or | BinaryOp::And | BinaryOp::Compare(_) => None,
    }
}

/// A value as one of `want`.
///
/// # Errors
/// The value itself, where it does not fit.
pub(crate) fn fit(value: Value, want: &Type) -> Result<Value, Value> {
    match (value, want) {
        (Value::Int(value), Type::Number) => {
            // Whole numbers beyond 2^53 are rounded, as everywhere in arithmetic.
            Ok(Value::Number(value as f64))
        }
        (Value::Text(text), Type::Url) if crate::value::is_url(&text) => Ok(Value::Url(text)),
        (Value::Text(text), Type::Path) if !text.is_empty() => Ok(Value::Path(text)),
        (Value::Text(text), Type::OneOf(words)) if words.contains(&text) => Ok(Value::OneOf(text)),
        (Value::Url(text) | Value::Path(text) | Value::OneOf(text), Type::Text) => {
            Ok(Value::Text(text))
        }
        (Value::List(items), Type::List(item)) => {
            let fitted = items.iter().map(|value| fit(value.clone(), item));
            match fitted.collect() {
                Ok(fitted) => Ok(Value::List(fitted)),
                Err(_) => Err(Value::List(items)),
            }
        }
        (value, want) if value.is_of(want) => Ok(value),
        (value, _) => Err(value),
    }
}
