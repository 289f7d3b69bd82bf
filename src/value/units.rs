//! What the source of a metric speaks, and the type that its samples have in the language.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Bytes, Millis, Percent, Rate, Type, Value};

/// The unit of the plain numbers that a source of samples gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A share of one: 0.05 is 5%.
    Ratio,
    /// A share of a hundred.
    Percent,
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Ms,
    /// Events per second.
    PerSecond,
    /// Events per minute.
    PerMinute,
    /// Bytes.
    Bytes,
    /// A number of things.
    Count,
}

impl Unit {
    /// All units, in the order of the manual.
    pub const ALL: [Self; 8] = [
        Self::Ratio,
        Self::Percent,
        Self::Seconds,
        Self::Ms,
        Self::PerSecond,
        Self::PerMinute,
        Self::Bytes,
        Self::Count,
    ];

    /// The word in the language.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ratio => "ratio",
            Self::Percent => "percent",
            Self::Seconds => "seconds",
            Self::Ms => "ms",
            Self::PerSecond => "per_second",
            Self::PerMinute => "per_minute",
            Self::Bytes => "bytes",
            Self::Count => "count",
        }
    }

    /// The type that samples in this unit have.
    pub const fn ty(self) -> Type {
        match self {
            Self::Ratio | Self::Percent => Type::Percent,
            Self::Seconds | Self::Ms => Type::Duration,
            Self::PerSecond | Self::PerMinute => Type::Rate,
            Self::Bytes => Type::Bytes,
            Self::Count => Type::Number,
        }
    }

    /// One number of the source, scaled to the base of its type: percent points, milliseconds, events per
    /// second, bytes, or the number itself. Samples are compared in this form, where Inf is a value.
    pub fn base(self, raw: f64) -> f64 {
        match self {
            Self::Ratio => raw * 100.0,
            Self::Percent | Self::Ms | Self::PerSecond | Self::Bytes | Self::Count => raw,
            Self::Seconds => raw * 1000.0,
            Self::PerMinute => raw / 60.0,
        }
    }

    /// The value of a number in the base of the unit's type, where it can be one: a share is never negative. One that is reckoned as a
    /// difference comes out a hair below zero when there is nothing, and then it is nothing; -1 is how exporters say that they do not know.
    pub fn sample(self, base: f64) -> Option<f64> {
        const HAIR: f64 = 1.0;
        match self {
            Self::Ratio | Self::Percent if base <= -HAIR => None,
            Self::Ratio | Self::Percent => Some(base.max(0.0)),
            Self::Seconds
            | Self::Ms
            | Self::PerSecond
            | Self::PerMinute
            | Self::Bytes
            | Self::Count => Some(base),
        }
    }

    /// A number in the base of the unit's type, as people read it; what no literal can say is said in words.
    pub fn show(self, base: f64) -> String {
        if !base.is_finite() {
            return if base.is_nan() {
                "not a number".into()
            } else if base > 0.0 {
                "infinite".into()
            } else {
                "minus infinite".into()
            };
        }
        match self.ty() {
            Type::Percent => Percent(round(base)).to_string(),
            Type::Duration if base >= 0.0 => Millis(whole(base)).to_string(),
            Type::Duration => format!("-{}", Millis(whole(-base))),
            Type::Rate => Rate(round(base)).to_string(),
            Type::Bytes if base >= 0.0 => Bytes(whole(base)).to_string(),
            Type::Text
            | Type::Bool
            | Type::Int
            | Type::Number
            | Type::Bytes
            | Type::Version
            | Type::Date
            | Type::Time
            | Type::Url
            | Type::Path
            | Type::OneOf(_)
            | Type::List(_) => round(base).to_string(),
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Value {
    /// The value as a number in the base of its type (see `Unit::base`); `None` where it is not a quantity.
    pub fn base(&self) -> Option<f64> {
        match self {
            Self::Int(value) => Some(*value as f64),
            Self::Number(value) => Some(*value),
            Self::Percent(value) => Some(value.0),
            Self::Duration(value) => Some(value.0 as f64),
            Self::Rate(value) => Some(value.0),
            Self::Bytes(value) => Some(value.0 as f64),
            Self::Text(_)
            | Self::Bool(_)
            | Self::Version(_)
            | Self::Date(_)
            | Self::Time(_)
            | Self::Url(_)
            | Self::Path(_)
            | Self::OneOf(_)
            | Self::List(_) => None,
        }
    }
}

/// At most four significant decimals: a measured value is read by people, not compared again.
fn round(value: f64) -> f64 {
    let scale = if value.abs() >= 100.0 { 10.0 } else { 10_000.0 };
    (value * scale).round() / scale
}

fn whole(value: f64) -> u64 {
    // A saturating cast: what is beyond the range shows as the end of the range.
    value.round() as u64
}
