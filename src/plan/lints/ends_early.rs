//! Guards that stop looking before everyone is exposed, with nothing after them that looks at the same metric.

use super::facts::{Facts, acts};
use crate::diag::Diagnostics;
use crate::diag::factory::lint as say;
use crate::plan::{Guard, Scope};

pub(super) fn judge(facts: &Facts<'_>, found: &mut Diagnostics) {
    for (guard, written) in facts.plan.guards.iter().zip(&facts.checked.guards) {
        let Scope::Stages { to, .. } = guard.scope else {
            continue;
        };
        let is_seen = facts.armed(guard).any(|stage| !stage.shown.is_empty());
        if !acts(guard) || !is_seen {
            continue;
        }
        let reached = |index: usize| facts.stages.get(index).map(|stage| &stage.shown);
        let before = reached(to.index());
        let later = facts.plan.stages.iter().zip(&facts.stages);
        let uncovered = later
            .skip(to.index().saturating_add(1))
            .find(|(stage, shown)| {
                let grows = shown.shown.iter().any(|now| {
                    let then = before.and_then(|all| all.iter().find(|then| then.name == now.name));
                    then.is_none_or(|then| now.value > then.value)
                });
                let watches = |other: &Guard| {
                    acts(other)
                        && other.scope.covers(stage.id)
                        && other
                            .condition
                            .metrics
                            .iter()
                            .any(|id| guard.condition.metrics.contains(id))
                };
                grows && !facts.plan.guards.iter().any(watches)
            });
        if let Some((stage, shown)) = uncovered {
            let reaches: Vec<String> = shown.shown.iter().map(super::facts::Shown::is_at).collect();
            found.push(say::guard_ends_early(
                (written.span, &written.name),
                (shown.span, &stage.name),
                &reaches.join(", "),
            ));
        }
    }
}
