//! Owns the pause between two attempts. No randomness: the same file waits the same time.

use crate::plan::Retry;
use crate::value::Millis;

/// The pause after the failed attempt `number` (from 1): `first`, doubled with every attempt, at most `most`.
#[must_use]
pub fn pause(retry: Retry, number: u32) -> Millis {
    let doublings = number.saturating_sub(1).min(62);
    let grown = retry.first.0.saturating_mul(1_u64 << doublings);
    Millis(grown.min(retry.most.0.max(retry.first.0)))
}
