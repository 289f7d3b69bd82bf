//! Measuring: the same thing several times, and the median.
//! It must not know what is measured.

use std::time::{Duration, Instant};

/// The median time of one thing, after one round for warming up.
pub(crate) fn alone(rounds: usize, mut ours: impl FnMut()) -> Duration {
    ours();
    median((0..rounds).map(|_| time(&mut ours)).collect())
}

fn time(work: &mut impl FnMut()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// The value in the middle; of an even number, the greater of the two.
fn median<T: PartialOrd + Copy>(mut values: Vec<T>) -> T {
    values.sort_by(|a, b| a.partial_cmp(b).expect("no NaN among measurements"));
    values[values.len() / 2]
}
