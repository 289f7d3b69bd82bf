//! Owns how a proof reads that found nothing: what it looked at, how a run can end, every bound although it fits, and what was assumed.

use std::collections::BTreeSet;

use super::names::Names;
use crate::plan::{
    Bound, Cases, Op, Plan, Precondition, Way, detection_bound, level_bound, reaction_bound,
    room_for_hosts, stage_bound, step_bound, way_bound,
};
use crate::prove::{BUDGET, End, Swept, leaves_pairs_out, sweep};
use crate::value::Millis;

/// What holds of every proof.
const ASSUMED: &[&str] = &[
    "a step succeeds, fails, runs into its timeout, or dies with its runner: what it does to the world is not looked at",
    "of the metrics one thing is wrong at a time, beside which another guard can still ask a person or roll back; what is not wrong is healthy",
    "guards that act alike in the same stages are looked at as one",
    "of what comes to the same, as one rollback that several could order, one is looked at",
    "people give one of the answers that have a meaning, or none; notices arrive",
];

/// Of a parameter that decides something and has too many values.
const ONE_VALUE: &str =
    "a parameter of many values that decides something is looked at with one of them";

/// A dry run of more steps than this leaves the proof to `check`: it would take longer than all the rest of it, for one line.
const MOST_STEPS: usize = 200;

/// The proof in the one line that a dry run has for it.
#[must_use]
pub fn of_dry_run(plan: &Plan) -> String {
    match plan.steps.len() {
        0..=MOST_STEPS => line(&sweep(&plan.for_proof(), BUDGET, None)),
        steps => format!(
            "not proved here: the paths of {steps} steps are left to `runbook check`, and to `runbook run` before it starts"
        ),
    }
}

/// The proof in one line.
#[must_use]
pub fn line(swept: &Swept) -> String {
    match (swept.whole && swept.dead_end.is_none(), swept.faults.len()) {
        (true, 0) if !swept.completes() => {
            "not proved: no path completes, `runbook check` says why".to_owned()
        }
        (true, 0) => "proved: every path ends as it may".to_owned(),
        (true, 1) => "not proved: a path ends as none may, `runbook check` tells it".to_owned(),
        (true, more) => {
            format!("not proved: {more} paths end as none may, `runbook check` tells them")
        }
        (false, _) => "not proved: not every path was looked at".to_owned(),
    }
}

/// The proof of all cases with its bounds and what it assumed. What does not hold in each of them is said with the values with which it does.
#[must_use]
pub fn whole(all: &[(&Plan, &Swept)], cases: &Cases) -> String {
    let mut merged: Vec<Row> = Vec::new();
    for (case, (plan, swept)) in all.iter().enumerate() {
        // A row that only this case has stands where it stands in this case.
        let mut next = 0;
        for (word, text) in rows(plan, swept) {
            let mut known = merged.iter_mut().enumerate();
            match known.find(|(_, row)| row.word == word && row.text == text) {
                Some((at, row)) => {
                    row.cases.insert(case);
                    next = at.saturating_add(1);
                }
                None => {
                    let row = Row {
                        word,
                        text,
                        cases: BTreeSet::from([case]),
                    };
                    merged.insert(next.min(merged.len()), row);
                    next = next.saturating_add(1);
                }
            }
        }
    }
    // Rows of one kind stand together, also those that only a later case has.
    let mut rows: Vec<(&str, String)> = Vec::new();
    for word in WORDS {
        let of_word = merged.iter().filter(|row| row.word == *word);
        rows.extend(of_word.map(|row| match cases.with(&row.cases) {
            Some(with) if row.cases.len() < all.len() => {
                (*word, format!("{}, with {with}", row.text))
            }
            Some(_) | None => (*word, row.text.clone()),
        }));
    }
    let later = cases.later.iter();
    rows.extend(later.map(|line| ("later", line.clone())));
    rows.extend(ASSUMED.iter().map(|one| ("assumes", (*one).to_owned())));
    if all.iter().any(|(plan, _)| !plan.hosts.is_empty()) {
        let two = "of the hosts of a group two are looked at, which stand for all";
        rows.push(("assumes", two.to_owned()));
    }
    if all.iter().any(|(plan, _)| leaves_pairs_out(plan)) {
        let first = "of more than 32 steps that take something apart the first 32 are followed";
        rows.push(("assumes", first.to_owned()));
    }
    if !cases.left.is_empty() {
        rows.push(("assumes", format!("{ONE_VALUE}: {}", cases.left.join(", "))));
    }
    let file = all
        .first()
        .map_or("", |(plan, _)| plan.header.file.as_str());
    let mut text = format!("{file}:");
    let mut last = "";
    for (word, row) in rows {
        let shown = if word == last { "" } else { word };
        last = word;
        if word.is_empty() {
            text.push_str(&format!(" {row}"));
        } else {
            text.push_str(&format!("\n  {shown:<8} {row}"));
        }
    }
    text
}

/// The kinds of rows that a case has, in their order.
const WORDS: &[&str] = &["", "saw", "ends", "waits", "bound", "unseen"];

/// A row, and the cases that have it.
struct Row {
    word: &'static str,
    text: String,
    cases: BTreeSet<usize>,
}

/// What was seen in one case.
fn rows(plan: &Plan, swept: &Swept) -> Vec<(&'static str, String)> {
    let mut rows: Vec<(&str, String)> = vec![("", line(swept))];
    rows.push((
        "saw",
        format!(
            "{} kinds of states, {} ways from one to the next",
            swept.states, swept.ways
        ),
    ));
    rows.push(("ends", ends(plan, swept)));
    let asked: Vec<&str> = swept
        .asked_for_ever
        .iter()
        .map(|step| Names(plan).step(*step))
        .collect();
    if !asked.is_empty() {
        rows.push((
            "waits",
            format!(
                "for a person, without a limit, when the runner dies in the middle of {}",
                asked.join(", ")
            ),
        ));
    }
    rows.extend(bounds(plan).into_iter().map(|bound| ("bound", bound)));
    let unseen = super::unseen::lines(plan).into_iter();
    rows.extend(unseen.map(|line| ("unseen", line)));
    rows
}

/// How a run can end.
fn ends(plan: &Plan, swept: &Swept) -> String {
    let told = if plan.if_stuck.is_empty() {
        "nobody is told"
    } else {
        "people are told"
    };
    let all: Vec<String> = swept
        .ends
        .keys()
        .map(|end| match end {
            End::Completed => "completed".to_owned(),
            End::Aborted => "aborted, nothing changed".to_owned(),
            End::Refused => "refused, nothing changed".to_owned(),
            End::RolledBack(level) => format!("rolled back by {}", Names(plan).level(*level)),
            End::WentForward(level) => format!("went forward by {}", Names(plan).level(*level)),
            End::StuckAfterLevels => format!("stuck after the last level, {told}"),
            End::StuckUndecided => format!("stuck because nobody decided, {told}"),
        })
        .collect();
    all.join("; ")
}

/// Every worst case, with what it must fit into.
fn bounds(plan: &Plan) -> Vec<String> {
    let mut rows: Vec<(String, Millis, String)> = Vec::new();
    for one in &plan.before {
        if let Precondition::Check(step) = one
            && let Some(step) = plan.steps.get(step.index())
        {
            let what = format!("check {}", step.title);
            rows.push((what, step_bound(plan, step), String::new()));
        }
    }
    for stage in &plan.stages {
        for op in Op::all(&stage.ops) {
            if let Op::Step(step) = op
                && let Some(step) = plan.steps.get(step.index())
            {
                let what = format!("step {}", step.name);
                rows.push((what, step_bound(plan, step), String::new()));
            }
        }
        let bound: Bound = stage_bound(plan, stage);
        let what = format!("stage {}", stage.name);
        rows.push((what, bound.total, "while nothing holds it".to_owned()));
    }
    for guard in &plan.guards {
        let what = format!("guard {}", guard.name);
        let bound = detection_bound(plan, guard);
        rows.push((what, bound.total, "until it is seen".to_owned()));
        for stage in plan.stages.iter().filter(|one| guard.scope.covers(one.id)) {
            let acted = reaction_bound(plan, guard, stage);
            if let (Some((what, _)), true) = (acted.parts.last(), acted.total > bound.total) {
                let until = format!("until it is acted on in {}, behind {what}", stage.name);
                rows.push((format!("guard {}", guard.name), acted.total, until));
            }
        }
    }
    if let Some(rollback) = &plan.rollback {
        for level in &rollback.levels {
            let what = format!("level {}", level.name);
            let room = room_for_hosts(plan, level);
            let with = room.map_or("", |_| " with one host");
            let fits = format!("of its {}{with}", level.within);
            rows.push((what, level_bound(plan, level).total, fits));
        }
        for (way, what) in [
            (Way::Back, "the way back"),
            (Way::Forward, "the way forward"),
        ] {
            if rollback.on(way).next().is_some() {
                let total = way_bound(plan, way).total;
                rows.push((what.to_owned(), total, "through all levels".to_owned()));
            }
        }
    }
    let width = rows.iter().map(|(what, ..)| what.chars().count()).max();
    let width = width.unwrap_or_default();
    let times = rows.iter().map(|(_, time, _)| time.to_string().len()).max();
    let times = times.unwrap_or_default();
    rows.into_iter()
        .map(|(what, time, more)| {
            let time = time.to_string();
            let row = format!("{what:<width$}  at most {time:>times$}  {more}");
            row.trim_end().to_owned()
        })
        .collect()
}
