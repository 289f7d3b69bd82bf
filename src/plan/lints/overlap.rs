//! Samples that see the same moment again and again, so that one moment passes for a trend.
//!
//! An answer with a window shows every moment for as long as the window. `for D` with a window longer than D trips on a single moment;
//! `for K of N` counts it as often as it is asked within the window. Asking often is no fault by itself: `for D` is time, not a count.

use super::facts::{Facts, acts};
use crate::diag::Diagnostics;
use crate::diag::factory::lint as say;
use crate::plan::Sustain;

pub(super) fn judge(facts: &Facts<'_>, found: &mut Diagnostics) {
    let guards = facts.plan.guards.iter().zip(&facts.checked.guards);
    // To be told too early harms nobody.
    for (guard, written) in guards.filter(|(guard, _)| acts(guard)) {
        let metrics = guard.condition.metrics.iter();
        let metrics = metrics.filter_map(|id| facts.plan.metrics.get(id.index()));
        let Some(metric) = metrics.max_by_key(|one| one.window) else {
            continue;
        };
        let name = (written.span, written.name.as_str());
        let window = (metric.name.as_str(), &*metric.window.to_string());
        match guard.sustain {
            Sustain::Once => {}
            Sustain::Time(span) => {
                if span < metric.window {
                    found.push(say::streak_within_window(name, &span.to_string(), window));
                }
            }
            Sustain::OutOf { breaches, .. } => {
                let times = metric.window.0.checked_div(guard.every.0).unwrap_or(0);
                if times >= 2 && breaches >= 2 {
                    found.push(say::counted_again(
                        name,
                        (times, &guard.every.to_string()),
                        window,
                    ));
                }
            }
        }
    }
}
