//! Measuring: the same thing several times, and the median; two things in turn, so that a drift of the machine meets both alike.
//! It must not know what is measured.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// Two things measured in turn.
pub(crate) struct Pairs {
    /// The median of ours.
    pub(crate) ours: Duration,
    /// The median of the other.
    pub(crate) other: Duration,
    /// The median of ours through the other, pair by pair.
    pub(crate) ratio: f64,
}

/// The time by the clock that both take, so many times, after one round for warming up. Who comes first changes with every round.
pub(crate) fn pairs(rounds: usize, mut ours: impl FnMut(), mut other: impl FnMut()) -> Pairs {
    ours();
    other();
    let mut taken = Vec::new();
    for round in 0..rounds {
        if round % 2 == 0 {
            let first = by_the_clock(&mut ours);
            taken.push((first, by_the_clock(&mut other)));
        } else {
            let first = by_the_clock(&mut other);
            taken.push((by_the_clock(&mut ours), first));
        }
    }
    Pairs {
        ours: median(taken.iter().map(|(ours, _)| *ours).collect()),
        other: median(taken.iter().map(|(_, other)| *other).collect()),
        ratio: median(
            taken
                .iter()
                .map(|(ours, other)| ours.as_secs_f64() / other.as_secs_f64())
                .collect(),
        ),
    }
}

/// The least time by the clock: what is waited for besides only adds to it.
pub(crate) fn least(rounds: usize, mut work: impl FnMut()) -> Duration {
    let times = (0..rounds).map(|_| by_the_clock(&mut work));
    times.min().unwrap_or_default()
}

fn by_the_clock(work: &mut impl FnMut()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// The median of the processor time that one thing takes in this thread, after one round for warming up. What else the machine does
/// meanwhile is not in it.
pub(crate) fn computing(rounds: usize, mut work: impl FnMut()) -> Duration {
    work();
    median(
        (0..rounds)
            .map(|_| {
                let start = processor_time();
                work();
                processor_time() - start
            })
            .collect(),
    )
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("a processor's time is never negative")
}

/// The value in the middle; of an even number, the greater of the two.
fn median<T: PartialOrd + Copy>(mut values: Vec<T>) -> T {
    values.sort_by(|a, b| a.partial_cmp(b).expect("no NaN among measurements"));
    values[values.len() / 2]
}
