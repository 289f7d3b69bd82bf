//! Time in the demo: the real clock, and the factor by which the demo's own durations are shorter than written.
//! It decides nothing else; in particular it never changes a timestamp.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Real unix time in seconds, as Prometheus writes it.
pub(super) type Unix = f64;

/// The clock of one production. Timestamps are real; durations are divided by the speed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    speed: f64,
    origin: Instant,
    origin_unix: Unix,
}

impl Pace {
    /// A pace at which one real second stands for `speed` seconds. A speed that is not a positive number means 1.
    pub(super) fn new(speed: f64) -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            speed: if speed.is_finite() && speed > 0.0 {
                speed
            } else {
                1.0
            },
            origin: Instant::now(),
            origin_unix: since_epoch.unwrap_or_default().as_secs_f64(),
        }
    }

    /// Now. It is anchored once and then follows the monotonic clock, so that samples never run backwards.
    pub(super) fn now(&self) -> Unix {
        self.origin_unix + self.origin.elapsed().as_secs_f64()
    }

    /// How many real seconds a written number of seconds takes.
    pub(super) fn real_seconds(&self, written: f64) -> f64 {
        written / self.speed
    }

    /// The same for a duration; never shorter than a millisecond, so that a loop which waits for it cannot spin.
    pub(super) fn real(&self, written: Duration) -> Duration {
        let seconds = self.real_seconds(written.as_secs_f64());
        Duration::from_secs_f64(seconds).max(Duration::from_millis(1))
    }
}
