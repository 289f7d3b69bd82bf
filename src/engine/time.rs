//! Owns the engine's notion of time. Time is data: nothing here reads a clock.

use serde::{Deserialize, Serialize};

use crate::value::Millis;

/// Milliseconds of the run: elapsed time since it began, measured by the driver with a clock that goes on in suspend. It
/// never goes back. All durations and deadlines of the engine are on this scale.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Moment(pub u64);

impl Moment {
    /// This much later.
    #[must_use]
    pub fn after(self, span: Millis) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// The time from `earlier` to here; zero when it is not earlier.
    #[must_use]
    pub fn since(self, earlier: Self) -> Millis {
        Millis(self.0.saturating_sub(earlier.0))
    }
}

/// When an input happened, on both scales.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Milliseconds of the run.
    pub run: Moment,
    /// Unix milliseconds, for people.
    pub wall: i64,
}
