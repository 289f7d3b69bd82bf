//! Measuring: the same thing several times, and the median.
//! It must not know what is measured.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

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
