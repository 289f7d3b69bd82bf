//! A warm-up that a guard says for itself and that is shorter than the window of its query: its first samples show what was before
//! the stage.

use super::facts::Facts;
use crate::diag::Diagnostics;
use crate::diag::factory::lint as say;
use crate::value::Millis;

pub(super) fn judge(facts: &Facts<'_>, found: &mut Diagnostics) {
    for (guard, written) in facts.plan.guards.iter().zip(&facts.checked.guards) {
        let Some(own) = &written.warmup else {
            continue;
        };
        let metrics = guard.condition.metrics.iter();
        let metrics = metrics.filter_map(|id| facts.plan.metrics.get(id.index()));
        let slowest = metrics.max_by_key(|one| one.window.saturating_add(one.lag));
        let Some(metric) = slowest else {
            continue;
        };
        let needed = metric.window.saturating_add(metric.lag);
        if guard.warmup < needed {
            let lag = match metric.lag {
                Millis::ZERO => String::new(),
                lag => format!(" and comes {lag} late"),
            };
            let back = format!("`{}` looks back {}{lag}", metric.name, metric.window);
            found.push(say::warmup_too_short(
                (written.span, &written.name),
                (own.span, &guard.warmup.to_string()),
                (&back, &needed.to_string()),
            ));
        }
    }
}
