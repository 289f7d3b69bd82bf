//! The values right beside a value: what tells `>` from `>=`.

use jiff::ToSpan;

use super::{Bytes, Date, Millis, Percent, Rate, Time, Value, Version};

/// How far a value that has no next one lies from the one beside it, as a share of it.
const STEP: f64 = 0.001;

impl Value {
    /// The next lower value and the next higher one, of those types that have an order; a lower one than nothing there is only of numbers.
    #[must_use]
    pub fn beside(&self) -> (Option<Self>, Option<Self>) {
        match self {
            Self::Int(value) => (
                value.checked_sub(1).map(Self::Int),
                value.checked_add(1).map(Self::Int),
            ),
            Self::Number(value) => {
                let step = step(*value);
                (
                    Some(Self::Number(value - step)),
                    Some(Self::Number(value + step)),
                )
            }
            Self::Percent(Percent(value)) => {
                let of = |value| Self::Percent(Percent(value));
                let (lower, higher) = around(*value);
                (lower.map(of), Some(of(higher)))
            }
            Self::Rate(Rate(value)) => {
                let of = |value| Self::Rate(Rate(value));
                let (lower, higher) = around(*value);
                (lower.map(of), Some(of(higher)))
            }
            Self::Duration(Millis(value)) => {
                let step = if *value % 1000 == 0 { 1000 } else { 1 };
                let of = |value| Self::Duration(Millis(value));
                (
                    value.checked_sub(step).map(of),
                    value.checked_add(step).map(of),
                )
            }
            Self::Bytes(Bytes(value)) => {
                let of = |value| Self::Bytes(Bytes(value));
                (value.checked_sub(1).map(of), value.checked_add(1).map(of))
            }
            Self::Version(version) => {
                let (lower, higher) = of_version(version);
                (lower.map(Self::Version), Some(Self::Version(higher)))
            }
            Self::Date(Date(day)) => {
                let of = |day| Self::Date(Date(day));
                (day.yesterday().ok().map(of), day.tomorrow().ok().map(of))
            }
            Self::Time(Time(time)) => {
                let of = |time| Self::Time(Time(time));
                (
                    time.checked_sub(1.minute()).ok().map(of),
                    time.checked_add(1.minute()).ok().map(of),
                )
            }
            Self::Text(_)
            | Self::Bool(_)
            | Self::Url(_)
            | Self::Path(_)
            | Self::OneOf(_)
            | Self::List(_) => (None, None),
        }
    }
}

fn step(value: f64) -> f64 {
    if value == 0.0 {
        STEP
    } else {
        value.abs() * STEP
    }
}

fn around(value: f64) -> (Option<f64>, f64) {
    let step = step(value);
    ((value > 0.0).then_some(value - step), value + step)
}

fn of_version(version: &Version) -> (Option<Version>, Version) {
    let plain = |major, minor, patch| Version(semver::Version::new(major, minor, patch));
    let (major, minor, patch) = (version.0.major, version.0.minor, version.0.patch);
    let lower = match (major, minor, patch) {
        (0, 0, 0) => None,
        (major, 0, 0) => Some(plain(major.saturating_sub(1), 0, 0)),
        (major, minor, 0) => Some(plain(major, minor.saturating_sub(1), 0)),
        (major, minor, patch) => Some(plain(major, minor, patch.saturating_sub(1))),
    };
    (lower, plain(major, minor, patch.saturating_add(1)))
}
