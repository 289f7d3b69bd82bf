//! Owns what the steps under way have printed last, as lines for whoever watches a run.

use super::names::Names;
use crate::engine::{Attempt, State, Work};
use crate::plan::Plan;

/// So many lines in all, however many steps are under way.
const MOST: usize = 3;

/// The last lines of the steps under way; `look` gives at most so many of an attempt, in their order.
#[must_use]
pub fn said(
    plan: &Plan,
    state: &State,
    look: impl Fn(Attempt, usize) -> Vec<String>,
) -> Vec<String> {
    let steps = state.running.iter().filter_map(|running| {
        let Work::Step { step, .. } = running.work else {
            return None;
        };
        Some((step, running.attempt))
    });
    let steps: Vec<_> = steps.take(MOST).collect();
    let each = MOST.checked_div(steps.len()).unwrap_or(MOST);
    let mut lines = Vec::new();
    for (step, attempt) in steps {
        let name = Names(plan).step(step);
        let said = look(attempt, each).into_iter();
        lines.extend(said.map(|line| format!("  {name} | {line}")));
    }
    lines
}
