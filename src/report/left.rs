//! Owns the words for what a run leaves behind: the time of a reminder, the lines of a dry run.

use super::acts::{clip, of_notice};
use super::timeline::put;
use super::words::words;
use super::{Line, Tone};
use crate::engine::WatchNote;
use crate::journal::title_of;
use crate::plan::{Baseline, Left, Metric, Plan};

/// A moment for people, Unix milliseconds in UTC.
pub(super) fn clock(wall: i64) -> String {
    jiff::Timestamp::from_millisecond(wall).map_or_else(
        |_| "an unknown time".to_owned(),
        |at| at.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
    )
}

/// Who is told at the end, and what is left behind, in the dry run.
pub(super) fn told(text: &mut String, plan: &Plan) {
    let after = &plan.after;
    let ends = [
        ("completed", &plan.after_rollout, &after.completed),
        ("rolled back", &plan.after_rollback, &after.rolled_back),
        ("went forward", &plan.after_forward, &after.went_forward),
        ("stuck", &plan.if_stuck, &after.stuck),
    ];
    let is_open = !after.is_nothing() || plan.leaves_when_stuck();
    if !is_open && ends.iter().all(|(_, notices, _)| notices.is_empty()) {
        return;
    }
    put(text, "");
    put(
        text,
        if is_open {
            "TOLD AND LEFT OPEN"
        } else {
            "TOLD"
        },
    );
    let watches = [
        ("rolled back", &after.watch),
        ("went forward", &after.watch_forward),
    ];
    for (end, watch) in watches {
        let Some(watch) = watch else {
            continue;
        };
        for notice in &watch.first {
            put(text, &format!("  {end:<12} {}", of_notice(plan, notice)));
        }
        put(
            text,
            &format!(
                "  {end:<12} watch {}: the run is over then; a relapse ends it as stuck",
                watch.span
            ),
        );
    }
    for (end, notices, left) in ends {
        for notice in notices {
            put(text, &format!("  {end:<12} {}", of_notice(plan, notice)));
        }
        put_left(text, plan, (end, left));
    }
    if plan.leaves_when_stuck() {
        let service = &plan.header.service;
        let line = format!(
            "  {:<12} incident: no rollout of {service} begins until it is resolved",
            "stuck"
        );
        put(text, &line);
    }
}

/// What one end leaves behind, in the dry run.
fn put_left(text: &mut String, plan: &Plan, (end, left): (&str, &Left)) {
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

/// What is usual for a metric, in the dry run.
pub(super) fn put_baseline(text: &mut String, metric: &Metric) {
    match metric.baseline {
        None => {}
        Some(Baseline::Value(value)) => {
            let value = metric.unit.show(value);
            put(
                text,
                &format!("           usual    {}  {value}", metric.name),
            );
        }
        Some(Baseline::Measured(over)) => put(
            text,
            &format!(
                "           usual    {}  the median of {over} before this run; without enough samples it is refused",
                metric.name
            ),
        ),
    }
}

/// The line of a note about the watch after a rollback.
pub(super) fn of_watch(note: &WatchNote) -> Line {
    let (tone, word, text) = match note {
        WatchNote::Began { span } => (
            Tone::Plain,
            "watch",
            format!("the service is looked on for {span}; the run is over then"),
        ),
        WatchNote::Breach { evidence } => (Tone::Warning, "breach", evidence.clone()),
        WatchNote::Cleared => (
            Tone::Plain,
            "cleared",
            "the service is well again".to_owned(),
        ),
        WatchNote::Ended { evidence } => (Tone::Good, "watched", evidence.clone()),
    };
    Line { tone, word, text }
}
