//! Owns the window of a dry run: what it says, and whether a start fits.

use super::timeline::put;
use crate::engine::{Entrance, Moment};
use crate::plan::{Opening, Plan, Slot, Window};
use crate::value::Millis;

/// Long enough for every opening that a window can have.
const EVER: Millis = Millis::from_hours(401 * 24);

/// What a dry run does when its window is closed: it waits. Without a start there is no time to hold it against.
pub(super) fn entry(start: Option<i64>) -> Entrance {
    match start {
        Some(_) => Entrance::Wait { most: EVER },
        None => Entrance::Hotfix {
            reason: "a dry run without a start".to_owned(),
        },
    }
}

/// The wall time of a moment of the dry run, for the end of a line.
pub(super) fn clock(plan: &Plan, start: Option<i64>, at: Moment) -> String {
    let Some((window, start)) = plan.window.as_ref().zip(start) else {
        return String::new();
    };
    let wall = start.saturating_add(i64::try_from(at.0).unwrap_or(i64::MAX));
    format!("  ({})", window.clock_of(wall))
}

/// The lines of the window, and what it says of the start.
pub(super) fn put_window(text: &mut String, plan: &Plan, start: Option<i64>) {
    let Some(window) = &plan.window else {
        return;
    };
    put(text, "");
    put(
        text,
        &format!(
            "WINDOW {}  binds the start and every growth of exposure, never a rollback; times of {}",
            window.name, window.zone
        ),
    );
    let lines = window.allow.iter().chain(&window.best).chain(&window.never);
    for Slot { text: line, .. } in lines {
        put(text, &format!("           {line}"));
    }
    for file in &window.files {
        put(text, &format!("           holidays of {file}"));
    }
    for day in window.holidays.iter().filter(|day| day.name.is_empty()) {
        let last = if day.first == day.last {
            String::new()
        } else {
            format!("..{}", day.last)
        };
        put(text, &format!("           holidays {}{last}", day.first));
    }
    if let Some(start) = start {
        put(text, &format!("  {}", of_start(window, start)));
    } else {
        put(
            text,
            "  what follows is without it: `plan --start WHEN` shows whether a start fits",
        );
    }
}

fn of_start(window: &Window, start: i64) -> String {
    if let Some(why) = window.refusal(start) {
        return format!("{why}. `run` refuses; `run --wait` begins then");
    }
    let clock = window.clock_of(start);
    let closes = match window.closes(start) {
        Some(closes) => format!(", until {}", window.clock_of(closes)),
        None => String::new(),
    };
    let advised = match window.at(start) {
        Opening::Open { advised: false } => "; it advises another time",
        Opening::Open { advised: true } | Opening::Closed { .. } => "",
    };
    format!("a start at {clock} fits: it is open{closes}{advised}")
}
