//! Owns the names of things in the journal: runs, epochs, positions. It draws no random numbers and reads no clock.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Crockford's base 32 in lower case: sorted like ASCII, without the letters that are taken for digits.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// How many milliseconds one step of the second half of an id stands for: a day has 2^20 of them.
const GRAIN: i64 = 86_400_000 / (1 << 20) + 1;

/// The name of a run: the day in UTC and four characters for the time of the day, for example `20261123-k3f2`. Sorted by
/// name is sorted by start, and it can be read out over the telephone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(String);

impl RunId {
    /// The id of a run that starts at this time (Unix milliseconds), `later` steps further on: a store counts up until the
    /// id is free.
    #[must_use]
    pub fn at(wall: i64, later: u32) -> Self {
        let wall = wall.saturating_add(GRAIN.saturating_mul(i64::from(later)));
        let day = jiff::Timestamp::from_millisecond(wall)
            .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
            .strftime("%Y%m%d");
        let mut time = wall.rem_euclid(86_400_000) / GRAIN;
        let mut letters = [b'0'; 4];
        for letter in letters.iter_mut().rev() {
            let digit = usize::try_from(time % 32).unwrap_or(0);
            *letter = DIGITS.get(digit).copied().unwrap_or(b'0');
            time /= 32;
        }
        Self(format!("{day}-{}", String::from_utf8_lossy(&letters)))
    }

    /// Takes over an id that was stored.
    #[must_use]
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether what a person typed can mean this run: a beginning of the whole id, or of the part after the day. Case and
    /// the letters that are taken for digits do not matter.
    #[must_use]
    pub fn answers_to(&self, typed: &str) -> bool {
        let typed: String = typed.trim().chars().map(plain).collect();
        let time = self.0.split_once('-').map_or("", |(_, time)| time);
        !typed.is_empty() && (self.0.starts_with(&typed) || time.starts_with(&typed))
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a typed character stands for.
fn plain(typed: char) -> char {
    match typed.to_ascii_lowercase() {
        'i' | 'l' => '1',
        'o' => '0',
        other => other,
    }
}

/// How often a run has been taken up: every runner has its own, and only the newest may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Epoch(pub u64);

/// A position in a run's journal, from 1, without gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(pub u64);

impl Seq {
    /// The first position.
    pub const FIRST: Self = Self(1);

    /// The position `count` further on.
    #[must_use]
    pub fn after(self, count: u64) -> Self {
        Self(self.0.saturating_add(count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_795_435_200_000;

    #[test]
    fn ids_sort_as_the_runs_started_and_count_over_midnight() {
        let mut before = RunId::at(NOON, 0);
        assert_eq!(before.as_str(), "20261123-fw91");
        for later in 1..2_000_000 {
            if later % 997 == 0 {
                let next = RunId::at(NOON, later);
                assert!(next > before, "{next} after {before}");
                before = next;
            }
        }
        assert!(before.as_str().starts_with("20261125"), "{before}");
        assert_eq!(RunId::at(NOON, 1), RunId::at(NOON + GRAIN, 0));
    }

    #[test]
    fn an_id_answers_to_what_a_person_types() {
        let run = RunId::stored("20261123-k101".to_owned());
        for typed in ["20261123-k101", "2026", "k1", "K1O1", "kl", " k101 "] {
            assert!(run.answers_to(typed), "{typed}");
        }
        for typed in ["", " ", "101", "20261124", "k101x"] {
            assert!(!run.answers_to(typed), "{typed}");
        }
    }
}
