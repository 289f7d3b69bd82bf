//! Owns the time of a run: elapsed time by the clock that goes on in suspend, wall time for people. It never waits.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use rustix::time::{ClockId, Timespec, clock_gettime};

use crate::engine::{Moment, Stamp};
use crate::value::Millis;

/// The wall clock counts as having jumped when it moved this much more or less than the other one.
const JUMP_MILLIS: i64 = 1_000;

/// Both clocks of the machine, read at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    /// Microseconds since the machine started, suspend included.
    pub(super) boot: u64,
    /// Unix milliseconds.
    pub(super) wall: i64,
}

impl Look {
    /// Reads the clocks.
    pub(super) fn now() -> Self {
        #[cfg(target_os = "linux")]
        let boot = clock_gettime(ClockId::Boottime);
        #[cfg(not(target_os = "linux"))]
        let boot = clock_gettime(ClockId::Monotonic);
        let wall = micros(clock_gettime(ClockId::Realtime)) / 1_000;
        Self {
            boot: u64::try_from(micros(boot)).unwrap_or(0),
            wall: wall.saturating_add(shift()),
        }
    }
}

/// The file that says by how many milliseconds the wall clock is off.
static SHIFT: OnceLock<PathBuf> = OnceLock::new();

/// Lets a test set the wall clock: from now on it is off by the milliseconds that this file says. Not in release builds.
pub fn shift_wall_clock(by: PathBuf) {
    if cfg!(debug_assertions) {
        // An error only says that it is shifted already.
        let _ = SHIFT.set(by);
    }
}

fn shift() -> i64 {
    let told = SHIFT.get().map(std::fs::read_to_string);
    told.and_then(Result::ok)
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(0)
}

fn micros(time: Timespec) -> i64 {
    time.tv_sec
        .saturating_mul(1_000_000)
        .saturating_add(time.tv_nsec / 1_000)
}

/// The clock of one runner.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    /// Run time at `from`.
    base: Moment,
    /// When this runner took the run up.
    from: Look,
    /// Run time goes this much faster than real time.
    speed: f64,
    /// What wall and boot time are compared with.
    agreed: Look,
}

impl Clock {
    /// The clock of a run that begins now, or of one that was last heard of at `last`: the time since then has passed, and
    /// only the wall clock can say how much it was.
    pub(super) fn new(now: Look, last: Option<Stamp>, speed: f64) -> Self {
        let base = last.map_or(Moment(0), |last| {
            let gap = u64::try_from(now.wall.saturating_sub(last.wall)).unwrap_or(0);
            Moment(
                last.run
                    .0
                    .saturating_add(scaled(gap.saturating_mul(1_000), speed)),
            )
        });
        Self {
            base,
            from: now,
            speed,
            agreed: now,
        }
    }

    /// The stamp of something that happens now.
    pub(super) fn stamp(&self, now: Look) -> Stamp {
        let real = now.boot.saturating_sub(self.from.boot);
        Stamp {
            run: Moment(self.base.0.saturating_add(scaled(real, self.speed))),
            wall: now.wall,
        }
    }

    /// What the wall clock shows, or showed, at a moment of the run, in Unix milliseconds.
    pub(super) fn wall_of(&self, moment: Moment, now: Look) -> i64 {
        let run = self.stamp(now).run;
        let real = |span: Millis| {
            i64::try_from(
                Duration::from_secs_f64(span.to_std().as_secs_f64() / self.speed).as_millis(),
            )
            .unwrap_or(i64::MAX)
        };
        now.wall
            .saturating_sub(real(run.since(moment)))
            .saturating_add(real(moment.since(run)))
    }

    /// By how many milliseconds the wall clock went ahead of the elapsed time since the last call that found a difference.
    pub(super) fn jumped(&mut self, now: Look) -> Option<i64> {
        let elapsed = i64::try_from(now.boot.saturating_sub(self.agreed.boot) / 1_000).ok()?;
        let by = now
            .wall
            .saturating_sub(self.agreed.wall)
            .saturating_sub(elapsed);
        if by.abs() <= JUMP_MILLIS {
            return None;
        }
        self.agreed = now;
        Some(by)
    }

    /// How long it really takes until a moment of the run; zero when it has come.
    pub(super) fn until(&self, moment: Moment, now: Look) -> Duration {
        let left = moment.since(self.stamp(now).run);
        Duration::from_secs_f64(left.to_std().as_secs_f64() / self.speed)
    }
}

/// Real microseconds as milliseconds of the run.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "both are positive, and a float holds the microseconds of 285 years"
)]
fn scaled(micros: u64, speed: f64) -> u64 {
    (micros as f64 * speed / 1_000.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Look = Look {
        boot: 5_000_000,
        wall: 1_700_000_000_000,
    };

    fn later(boot_ms: u64, wall_ms: i64) -> Look {
        Look {
            boot: START.boot + boot_ms * 1_000,
            wall: START.wall + wall_ms,
        }
    }

    #[test]
    fn a_run_begins_at_zero_and_goes_by_elapsed_time() {
        let clock = Clock::new(START, None, 1.0);
        let stamp = clock.stamp(later(1_500, 1_500));
        assert_eq!(stamp.run, Moment(1_500));
        assert_eq!(stamp.wall, START.wall + 1_500);
    }

    #[test]
    fn a_rehearsal_compresses_waits() {
        let clock = Clock::new(START, None, 60.0);
        let now = later(1_000, 1_000);
        assert_eq!(clock.stamp(now).run, Moment(60_000));
        assert_eq!(
            clock.until(Moment(120_000), now),
            Duration::from_millis(1_000)
        );
        assert_eq!(clock.until(Moment(1), now), Duration::ZERO);
    }

    #[test]
    fn a_run_taken_up_counts_the_gap() {
        let last = Stamp {
            run: Moment(10_000),
            wall: START.wall - 7_000,
        };
        let clock = Clock::new(START, Some(last), 1.0);
        assert_eq!(clock.stamp(later(500, 500)).run, Moment(17_500));
    }

    #[test]
    fn a_wall_clock_set_back_over_the_gap_takes_no_time_away() {
        let last = Stamp {
            run: Moment(10_000),
            wall: START.wall + 3_600_000,
        };
        let clock = Clock::new(START, Some(last), 1.0);
        assert_eq!(clock.stamp(START).run, Moment(10_000));
    }

    #[test]
    fn a_jump_is_told_once_and_elapsed_time_wins() {
        let mut clock = Clock::new(START, None, 1.0);
        assert_eq!(clock.jumped(later(10_000, 10_900)), None);
        let set_back = later(20_000, 20_000 - 3_600_000);
        assert_eq!(clock.jumped(set_back), Some(-3_600_000));
        assert_eq!(clock.jumped(set_back), None);
        assert_eq!(clock.stamp(set_back).run, Moment(20_000));
    }

    #[test]
    fn a_suspended_machine_is_a_big_step_and_no_jump() {
        let mut clock = Clock::new(START, None, 1.0);
        let awake = later(1_200_000, 1_200_000);
        assert_eq!(clock.jumped(awake), None);
        assert_eq!(clock.stamp(awake).run, Moment(1_200_000));
    }
}
