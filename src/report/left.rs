//! Owns the words for what a run leaves behind: the time of a reminder, the lines of a dry run.

use super::acts::clip;
use super::timeline::put;
use super::words::words;
use crate::journal::title_of;
use crate::plan::{Left, Plan};

/// A moment for people, Unix milliseconds in UTC.
pub(super) fn clock(wall: i64) -> String {
    jiff::Timestamp::from_millisecond(wall).map_or_else(
        |_| "an unknown time".to_owned(),
        |at| at.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
    )
}

/// What one end leaves behind, in the dry run.
pub(super) fn put_left(text: &mut String, plan: &Plan, (end, left): (&str, &Left)) {
    if let Some(incident) = &left.incident {
        let body = words(plan, &incident.text.0);
        let title = clip(title_of(&body)).into_owned();
        put(
            text,
            &format!(
                "  {end:<12} incident from {}: {title}; no rollout of {} begins until it is resolved",
                incident.template, plan.header.service
            ),
        );
    }
    for reminder in &left.reminders {
        put(
            text,
            &format!(
                "  {end:<12} remind: {}  (within {})",
                clip(&words(plan, &reminder.text.0)),
                reminder.within
            ),
        );
    }
}
