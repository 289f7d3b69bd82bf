//! Owns the words and exit statuses of verdicts (semantics, section 6).

use crate::engine::{LeaveWhy, Verdict};

/// The exit status of a run that has ended.
#[must_use]
pub fn exit_status(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Completed => 0,
        Verdict::RolledBack { .. } | Verdict::WentForward { .. } => 3,
        Verdict::Stuck { .. } => 4,
        Verdict::Aborted { .. } | Verdict::Refused { .. } => 5,
    }
}

/// The exit status of a runner that leaves a run for later.
#[must_use]
pub fn left_status(why: LeaveWhy) -> u8 {
    match why {
        LeaveWhy::Interrupted => 75,
        LeaveWhy::Held | LeaveWhy::Unanswered => 7,
        LeaveWhy::Unknown => 6,
    }
}

/// A verdict in one word.
#[must_use]
pub fn verdict_word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Completed => "completed",
        Verdict::RolledBack { .. } => "rolled_back",
        Verdict::WentForward { .. } => "went_forward",
        Verdict::Stuck { .. } => "stuck",
        Verdict::Aborted { .. } => "aborted",
        Verdict::Refused { .. } => "refused",
    }
}
