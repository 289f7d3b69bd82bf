//! The two functions with arithmetic of their own, after Prometheus' `extrapolatedRate` and `bucketQuantile`.
//! They see numbers only: no series, no labels.

use super::super::series::Point;

/// How much a counter grew in the window from `from` to `to`, resets allowed for, extrapolated towards the window's
/// edges where the samples come close enough to them. Nothing when there are fewer than two samples.
pub(super) fn increase(points: &[Point], from: f64, to: f64) -> Option<f64> {
    let (first, last) = (points.first()?, points.last()?);
    let sampled = last.at - first.at;
    if points.len() < 2 || sampled <= 0.0 {
        return None;
    }
    let pairs = points.iter().zip(points.iter().skip(1));
    // A value below the one before it means that the process began anew from zero: all of it is growth.
    let grown: f64 = pairs
        .map(|(before, after)| {
            if after.value < before.value {
                after.value
            } else {
                after.value - before.value
            }
        })
        .sum();

    let spacing = sampled / (points.len() - 1) as f64;
    let reach = |gap: f64| {
        if gap < spacing * 1.1 {
            gap
        } else {
            spacing / 2.0
        }
    };
    // A counter cannot have been below zero, so it is not extrapolated to before it would have been zero.
    let since_zero = if grown > 0.0 {
        sampled * first.value / grown
    } else {
        f64::INFINITY
    };
    let covered = sampled + reach((first.at - from).min(since_zero)) + reach(to - last.at);
    Some(grown * covered / sampled)
}

/// The value below which the share `rank` of the observations lies, by linear interpolation in its bucket. `buckets`
/// are upper bounds with cumulative counts. NaN when there is no `+Inf` bucket or no observation.
pub(super) fn quantile(rank: f64, mut buckets: Vec<(f64, f64)>) -> f64 {
    buckets.sort_by(|left, right| left.0.total_cmp(&right.0));
    let Some((highest, total)) = buckets.pop() else {
        return f64::NAN;
    };
    if highest != f64::INFINITY || buckets.is_empty() || total == 0.0 || rank.is_nan() {
        return f64::NAN;
    }
    if rank < 0.0 {
        return f64::NEG_INFINITY;
    }
    if rank > 1.0 {
        return f64::INFINITY;
    }
    let wanted = rank * total;
    let (mut lower, mut below) = (0.0, 0.0);
    for (upper, count) in &buckets {
        if *count >= wanted {
            return if *count > below {
                lower + (upper - lower) * (wanted - below) / (count - below)
            } else {
                *upper
            };
        }
        (lower, below) = (*upper, *count);
    }
    // It lies above the highest finite bound, and that is all that a histogram can say.
    lower
}
