//! Owns two moments on the wall: one at which the window of a plan is open, and one at which it is closed.

use crate::plan::Plan;

/// The beginning of 2026, from where on both are looked for.
const FROM: i64 = 1_767_225_600_000;

const HOUR: i64 = 3_600_000;

/// Wall times, Unix milliseconds. Without a window both are the same.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walls {
    pub(super) open: i64,
    pub(super) closed: i64,
}

impl Walls {
    pub(super) fn of(plan: &Plan) -> Self {
        let Some(window) = &plan.window else {
            return Self {
                open: FROM,
                closed: FROM,
            };
        };
        let mut hours = (0..24 * 21).map(|hour| FROM.saturating_add(hour * HOUR));
        let closed = hours.clone().find(|at| !window.is_open(*at));
        let open = hours
            .find(|at| window.is_open(*at))
            .or_else(|| window.opens(FROM));
        Self {
            open: open.unwrap_or(FROM),
            closed: closed.or(open).unwrap_or(FROM),
        }
    }
}
