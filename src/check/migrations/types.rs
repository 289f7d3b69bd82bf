//! Types of columns: whether one holds all that another one does, and whether PostgreSQL must write the table anew for it.

use sqlparser::ast::{CharacterLength, DataType, ExactNumberInfo, TimezoneInfo};

/// A type, as far as it matters whether another one holds as much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A whole number of so many bytes.
    Int(u8),
    /// A floating number of so many bytes.
    Float(u8),
    /// A decimal number: digits, and digits behind the point; any when there is none.
    Decimal(Option<(u64, i64)>),
    /// Text of at most so many characters.
    Text(Option<u64>),
    /// A moment or a time of day; how many digits of a second it has.
    Time(String, Option<u64>),
    /// Anything else, as it is written.
    Other(String),
}

/// What a change of a type comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Only the catalogue is changed.
    Free,
    /// What was there may not fit.
    Narrower,
    /// The table is written anew.
    Rewrites,
}

impl Kind {
    pub(super) fn of(ty: &DataType) -> Self {
        let text = |length: &Option<CharacterLength>| match length {
            Some(CharacterLength::IntegerLength { length, .. }) => Some(*length),
            Some(CharacterLength::Max) | None => None,
        };
        match ty {
            DataType::SmallInt(_) | DataType::Int2(_) => Self::Int(2),
            DataType::Int(_) | DataType::Int4(_) | DataType::Integer(_) => Self::Int(4),
            DataType::BigInt(_) | DataType::Int8(_) => Self::Int(8),
            DataType::Real | DataType::Float4 => Self::Float(4),
            DataType::Float8 | DataType::DoublePrecision => Self::Float(8),
            DataType::Numeric(of) | DataType::Decimal(of) | DataType::Dec(of) => {
                Self::Decimal(match of {
                    ExactNumberInfo::None => None,
                    ExactNumberInfo::Precision(digits) => Some((*digits, 0)),
                    ExactNumberInfo::PrecisionAndScale(digits, scale) => Some((*digits, *scale)),
                })
            }
            DataType::Text => Self::Text(None),
            DataType::Varchar(length)
            | DataType::CharacterVarying(length)
            | DataType::CharVarying(length) => Self::Text(text(length)),
            DataType::Timestamp(digits, zone) => Self::Time(zoned("timestamp", zone), *digits),
            DataType::Time(digits, zone) => Self::Time(zoned("time", zone), *digits),
            other => match other.to_string().to_lowercase().as_str() {
                "serial" | "serial4" => Self::Int(4),
                "bigserial" | "serial8" => Self::Int(8),
                "smallserial" | "serial2" => Self::Int(2),
                text => Self::Other(text.to_owned()),
            },
        }
    }

    /// It in words.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Int(2) => "smallint".to_owned(),
            Self::Int(4) => "integer".to_owned(),
            Self::Int(_) => "bigint".to_owned(),
            Self::Float(4) => "real".to_owned(),
            Self::Float(_) => "double precision".to_owned(),
            Self::Decimal(None) => "numeric".to_owned(),
            Self::Decimal(Some((digits, scale))) => format!("numeric({digits}, {scale})"),
            Self::Text(None) => "text".to_owned(),
            Self::Text(Some(length)) => format!("varchar({length})"),
            Self::Time(name, None) => name.clone(),
            Self::Time(name, Some(digits)) => format!("{name} of {digits} digits"),
            Self::Other(text) => text.clone(),
        }
    }

    /// What becomes of a column of this type that gets another one.
    pub(super) fn to(&self, new: &Self) -> Change {
        match (self, new) {
            (old, new) if old == new => Change::Free,
            (Self::Int(old), Self::Int(new)) | (Self::Float(old), Self::Float(new)) => {
                if new < old {
                    Change::Narrower
                } else {
                    Change::Rewrites
                }
            }
            (Self::Text(old), Self::Text(new)) => at_most(*old, *new),
            (Self::Time(old, before), Self::Time(new, after)) if old == new => {
                at_most(*before, *after)
            }
            (Self::Decimal(_), Self::Decimal(None)) => Change::Free,
            (Self::Decimal(None), Self::Decimal(Some(_))) => Change::Narrower,
            (Self::Decimal(Some((digits, scale))), Self::Decimal(Some((more, new_scale)))) => {
                let whole = |digits: &u64, scale: &i64| i128::from(*digits) - i128::from(*scale);
                if new_scale < scale || whole(more, new_scale) < whole(digits, scale) {
                    Change::Narrower
                } else if new_scale == scale {
                    Change::Free
                } else {
                    Change::Rewrites
                }
            }
            (Self::Float(_), Self::Int(_))
            | (Self::Decimal(_), Self::Int(_) | Self::Float(_))
            | (Self::Text(_), _) => Change::Narrower,
            (_, _) => Change::Rewrites,
        }
    }
}

/// A bound and another one; none is any length.
fn at_most(old: Option<u64>, new: Option<u64>) -> Change {
    match (old, new) {
        (_, None) => Change::Free,
        (Some(old), Some(new)) if old <= new => Change::Free,
        (_, Some(_)) => Change::Narrower,
    }
}

fn zoned(name: &str, zone: &TimezoneInfo) -> String {
    let zone = match zone {
        TimezoneInfo::None | TimezoneInfo::WithoutTimeZone => "",
        TimezoneInfo::WithTimeZone | TimezoneInfo::Tz => " with time zone",
    };
    format!("{name}{zone}")
}

/// Types that give each row a value of its own.
pub(super) fn is_serial(ty: &DataType) -> bool {
    let text = ty.to_string().to_lowercase();
    matches!(
        text.as_str(),
        "serial" | "bigserial" | "smallserial" | "serial2" | "serial4" | "serial8"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_all_that_was_there_is_free_or_rewrites() {
        use Change::{Free, Narrower, Rewrites};
        use Kind::{Decimal, Float, Int, Other, Text, Time};
        let stamp = |digits| Time("timestamp".to_owned(), digits);
        let cases = [
            (Int(4), Int(8), Rewrites),
            (Int(8), Int(4), Narrower),
            (Float(8), Float(4), Narrower),
            (Text(Some(20)), Text(Some(40)), Free),
            (Text(Some(20)), Text(None), Free),
            (Text(Some(40)), Text(Some(20)), Narrower),
            (Text(None), Text(Some(20)), Narrower),
            (Decimal(Some((10, 2))), Decimal(Some((12, 2))), Free),
            (Decimal(Some((10, 2))), Decimal(None), Free),
            (Decimal(Some((10, 2))), Decimal(Some((10, 4))), Narrower),
            (Decimal(Some((10, 2))), Decimal(Some((12, 4))), Rewrites),
            (Decimal(None), Decimal(Some((12, 4))), Narrower),
            (stamp(Some(3)), stamp(None), Free),
            (stamp(None), stamp(Some(3)), Narrower),
            (
                stamp(None),
                Time("timestamp with time zone".to_owned(), None),
                Rewrites,
            ),
            (Text(None), Int(4), Narrower),
            (Int(4), Text(None), Rewrites),
            (
                Other("json".to_owned()),
                Other("jsonb".to_owned()),
                Rewrites,
            ),
            (Other("json".to_owned()), Other("json".to_owned()), Free),
        ];
        for (old, new, wanted) in cases {
            assert_eq!(old.to(&new), wanted, "{old:?} to {new:?}");
        }
    }
}
