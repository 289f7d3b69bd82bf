//! What the values of an exposure are: a percent, or one of a few words with or without an order.
//!
//! Everywhere behind the tree such a value is a number, so that conditions and journals know one kind of it only: a percent in percent
//! points, a word as its place in the list, from 0. Owns both ways between that number and its text.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Percent, Type, Value};

/// What the values of an exposure are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// `percent`
    #[default]
    Percent,
    /// `blue | green`: nothing is more than the other.
    Choice(Vec<String>),
    /// `none < internal < beta < all`: each is more than those before it.
    Steps(Vec<String>),
}

/// Where a rollout takes an exposure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heads {
    /// To more: what is in place before is at most its first value.
    Up,
    /// To less: what is in place before is at least its first value.
    Down,
}

impl Scale {
    /// Where a rollout takes an exposure that a stage with `shrink` sets first, by everything that the rollout sets it to. Another exposure
    /// of such a stage may be the one that shrinks; then it may be open.
    #[must_use]
    pub fn heads(&self, sets: &[f64], others: usize) -> Option<Heads> {
        let (first, last) = (*sets.first()?, *sets.last()?);
        let (_, most) = self.ends();
        if last > first || first >= most {
            Some(Heads::Up)
        } else if last < first || first <= 0.0 || others == 0 {
            Some(Heads::Down)
        } else {
            None
        }
    }

    /// The least and the most.
    #[must_use]
    pub fn ends(&self) -> (f64, f64) {
        match self {
            Self::Percent => (0.0, 100.0),
            Self::Choice(words) | Self::Steps(words) => {
                let last = u32::try_from(words.len().saturating_sub(1)).unwrap_or(u32::MAX);
                (0.0, f64::from(last))
            }
        }
    }

    /// Whether it is the scale of most exposures.
    #[must_use]
    pub fn is_percent(&self) -> bool {
        matches!(self, Self::Percent)
    }

    /// The words, where the values have names.
    #[must_use]
    pub fn words(&self) -> &[String] {
        match self {
            Self::Percent => &[],
            Self::Choice(words) | Self::Steps(words) => words,
        }
    }

    /// Whether one value can be more than another.
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        match self {
            Self::Percent | Self::Steps(_) => true,
            Self::Choice(_) => false,
        }
    }

    /// The type of an expression for a value of it.
    #[must_use]
    pub fn ty(&self) -> Type {
        match self {
            Self::Percent => Type::Percent,
            Self::Choice(words) | Self::Steps(words) => Type::OneOf(words.clone()),
        }
    }

    /// The number of a value of [`Self::ty`].
    #[must_use]
    pub fn number(&self, value: &Value) -> Option<f64> {
        match self {
            Self::Percent => value.base(),
            Self::Choice(_) | Self::Steps(_) => self.place(&value.plain()),
        }
    }

    fn place(&self, word: &str) -> Option<f64> {
        let place = self.words().iter().position(|one| one == word)?;
        u32::try_from(place).ok().map(f64::from)
    }

    /// The word of a number.
    fn word(&self, number: f64) -> &str {
        let found = (0_u32..).zip(self.words());
        let mut found = found.filter(|(place, _)| f64::from(*place) == number);
        found.next().map_or("?", |(_, word)| word)
    }

    /// A value for people: `10%`, `green`.
    #[must_use]
    pub fn show(&self, number: f64) -> String {
        match self {
            Self::Percent => Percent(number).to_string(),
            Self::Choice(_) | Self::Steps(_) => self.word(number).to_owned(),
        }
    }

    /// A value for programs: `10`, `green`.
    #[must_use]
    pub fn plain(&self, number: f64) -> String {
        match self {
            Self::Percent => number.to_string(),
            Self::Choice(_) | Self::Steps(_) => self.word(number).to_owned(),
        }
    }

    /// The number of what a program printed.
    #[must_use]
    pub fn read(&self, printed: &str) -> Option<f64> {
        match self {
            Self::Percent => {
                let plain = printed.strip_suffix('%').unwrap_or(printed).trim_end();
                plain.parse().ok().filter(|value: &f64| value.is_finite())
            }
            Self::Choice(_) | Self::Steps(_) => self.place(printed),
        }
    }

    /// What a program should have printed, for sentences.
    #[must_use]
    pub fn wanted(&self) -> String {
        match self {
            Self::Percent => "one number".to_owned(),
            Self::Choice(words) | Self::Steps(words) => format!("one of {}", words.join(", ")),
        }
    }

    /// Whether `to` exposes more than `from` does. Between values without an order, what was in place before the run exposes nothing, and
    /// every other one does; what is not known counts as nothing.
    #[must_use]
    pub fn grows(&self, before: Option<f64>, from: Option<f64>, to: f64) -> bool {
        if self.is_ordered() {
            from.is_none_or(|from| to > from)
        } else {
            from != Some(to) && before != Some(to)
        }
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Percent => f.write_str("percent"),
            Self::Choice(words) => f.write_str(&words.join(" | ")),
            Self::Steps(words) => f.write_str(&words.join(" < ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Scale;

    fn words(all: &[&str]) -> Vec<String> {
        all.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn a_word_is_its_place() {
        let steps = Scale::Steps(words(&["none", "beta", "all"]));
        assert_eq!(steps.read("beta"), Some(1.0));
        assert_eq!(steps.read("Beta"), None);
        assert_eq!(
            (steps.show(2.0), steps.plain(0.0)),
            ("all".to_owned(), "none".to_owned())
        );
        assert_eq!(Scale::Percent.read("12.5%"), Some(12.5));
        assert_eq!(Scale::Percent.read("many"), None);
        assert_eq!(
            (Scale::Percent.show(10.0), Scale::Percent.plain(10.0)),
            ("10%".to_owned(), "10".to_owned())
        );
    }

    #[test]
    fn without_an_order_every_value_but_the_first_one_exposes() {
        let choice = Scale::Choice(words(&["blue", "green", "red"]));
        let (blue, green, red) = (0.0, 1.0, 2.0);
        assert!(choice.grows(Some(green), Some(green), blue));
        assert!(choice.grows(Some(green), Some(blue), red));
        assert!(!choice.grows(Some(green), Some(blue), green));
        assert!(!choice.grows(Some(green), Some(blue), blue));
        let steps = Scale::Steps(words(&["none", "beta", "all"]));
        assert!(steps.grows(Some(0.0), Some(1.0), 2.0));
        assert!(!steps.grows(Some(0.0), Some(1.0), 0.0));
        assert!(Scale::Percent.grows(Some(0.0), None, 5.0));
    }
}
