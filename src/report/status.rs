//! Owns where a run stands, as a line and as a page: stage, soak, exposure, guards, questions and what can be typed.

use std::fmt::Write as _;

use super::accepted::accepted;
use super::line::of_question;
use super::names::Names;
use super::words::words;
use crate::engine::{
    Answer, Fate, GuardState, Moment, Phase, Question, Reading, State, StrandId, Task, Verdict,
};
use crate::plan::{Guard, Metric, MetricId, Op, Plan, Way};
use crate::value::Millis;

/// Where a run stands, in one line.
#[must_use]
pub fn progress(plan: &Plan, state: &State, now: Moment) -> String {
    let mut parts = vec![place(plan, state, now)];
    for (exposure, value) in plan.exposures.iter().zip(&state.exposures) {
        if let Some(value) = value {
            parts.push(format!("{} {}", exposure.name, exposure.scale.show(*value)));
        }
    }
    if let Some(stage) = state.stage() {
        let armed = || plan.guards.iter().filter(|guard| guard.scope.covers(stage));
        let well = |guard: &&Guard| {
            state
                .guards
                .get(guard.id.index())
                .is_some_and(|known| !known.blind && !known.tripped && known.streak.is_none())
        };
        // What is not well comes first: the line may be cut.
        for guard in armed().filter(|guard| !well(guard)) {
            parts.push(of_guard(plan, state, guard, now));
        }
        match armed().filter(well).count() {
            0 => {}
            1 => parts.push("1 guard ok".to_owned()),
            many => parts.push(format!("{many} guards ok")),
        }
        for metric in &plan.metrics {
            if armed().any(|guard| guard.condition.metrics.contains(&metric.id)) {
                parts.push(format!(
                    "{} {}",
                    metric.name,
                    reading(plan, state, metric.id)
                ));
            }
        }
    }
    parts.join(" · ")
}

/// The stage or level, and how far it is.
fn place(plan: &Plan, state: &State, now: Moment) -> String {
    let names = Names(plan);
    match &state.phase {
        Phase::New => "not begun".to_owned(),
        Phase::Preparing(preparing) => match preparing.waits {
            Some(opens) => format!(
                "waits for its window, which opens in {}",
                round(opens.since(now))
            ),
            None => "looking at the preconditions".to_owned(),
        },
        Phase::Rolling { stage, .. } => {
            let number = stage.index().saturating_add(1);
            let of = plan.stages.len();
            let doing = doing((plan, state), StrandId::MAIN, now);
            format!("stage {} ({number} of {of}): {doing}", names.stage(*stage))
        }
        Phase::RollingBack { level, .. } if state.watching().is_some() => {
            let doing = doing((plan, state), StrandId::MAIN, now);
            format!(
                "{} by level {}; {doing}",
                went(plan.way_of(*level)),
                names.level(*level)
            )
        }
        Phase::RollingBack {
            level, deadline, ..
        } => {
            let doing = doing((plan, state), StrandId::MAIN, now);
            format!(
                "{} level {}: {doing}, cut off in {}",
                match plan.way_of(*level) {
                    Way::Back => "rollback",
                    Way::Forward => "forward",
                },
                names.level(*level),
                round(deadline.since(now))
            )
        }
        Phase::Closing(_) => "telling people".to_owned(),
        Phase::Final(verdict) => match verdict {
            Verdict::Completed => "completed".to_owned(),
            Verdict::RolledBack { level } | Verdict::WentForward { level } => {
                let way = went(plan.way_of(*level));
                format!("{way} by level {}", names.level(*level))
            }
            Verdict::Stuck { .. } => "stuck".to_owned(),
            Verdict::Aborted { .. } => "aborted".to_owned(),
            Verdict::Refused { .. } => "refused".to_owned(),
        },
    }
}

/// What a way has done that was enough.
fn went(way: Way) -> &'static str {
    match way {
        Way::Back => "rolled back",
        Way::Forward => "went forward",
    }
}

/// What a strand does.
fn doing((plan, state): (&Plan, &State), id: StrandId, now: Moment) -> String {
    let names = Names(plan);
    let Some(strand) = state.strands.get(&id) else {
        return String::new();
    };
    let (op, task) = (state.op(plan, strand), &strand.task);
    let held = state.stage().is_some() && state.stands_still();
    let what = match op {
        Some(Op::Step(step)) => format!("step {}", names.step(*step)),
        Some(Op::Expose {
            exposure, target, ..
        }) => {
            format!("expose {}", names.exposed(*exposure, *target))
        }
        Some(Op::Verify { probe, .. }) => format!("verify {}", names.probe(*probe)),
        Some(Op::Wait { min, .. }) => format!("wait {min}"),
        Some(Op::Until { condition, .. }) => format!("wait until {}", condition.text),
        Some(Op::Approve(_)) => "an approval".to_owned(),
        Some(Op::Parallel {
            strands,
            hosts: Some(step),
            ..
        }) => format!("step {} on {} hosts", names.step(*step), strands.len()),
        Some(Op::Parallel { strands, .. }) => {
            format!("parallel, {} strands", strands.len())
        }
        Some(Op::Undo { .. }) => "undo".to_owned(),
        Some(Op::NoReturn { .. }) => "the point of no return".to_owned(),
        Some(Op::If { condition, .. }) => format!("if {}", condition.text),
        Some(Op::Notify(_) | Op::Fail { .. }) | None => "its operations are done".to_owned(),
    };
    let how = match task {
        Task::Ready if held => "held before it".to_owned(),
        Task::Ready => "next".to_owned(),
        Task::Attempting(_) => "running".to_owned(),
        Task::Pausing { until, .. } => format!("again in {}", round(until.since(now))),
        Task::Asking { .. } => "a person is asked".to_owned(),
        Task::Interrupted { .. } => "interrupted".to_owned(),
        Task::Soaking(soak) => {
            let more = if held {
                Millis(0)
            } else {
                now.min(seen_until(plan, state).unwrap_or(now))
                    .since(soak.counted)
            };
            let served = Millis(soak.served.0.saturating_add(more.0));
            let clock = if held { ", HELD" } else { "" };
            return format!("{what}, {} served{clock}", round(served));
        }
        Task::Waiting(waiting) if waiting.asked.is_some() => "a person is asked".to_owned(),
        Task::Waiting(waiting) => {
            format!("at most {} more", round(waiting.deadline.since(now)))
        }
        Task::Joining { begun } => {
            let alive = state.children(id);
            let ended = begun.saturating_sub(alive);
            format!("{alive} under way, {ended} ended")
        }
        Task::Over => "ended; the others are stopped".to_owned(),
        Task::Settling { .. } => "its guards have to have looked".to_owned(),
        Task::Recovering(_) => "is the service recovered?".to_owned(),
        Task::Watching(watching) => {
            format!("watched for {} more", round(watching.until.since(now)))
        }
    };
    format!("{what}, {how}")
}

/// The metrics that the guards of this stage read.
fn watched<'a>(plan: &'a Plan, state: &State) -> impl Iterator<Item = &'a Metric> + use<'a> {
    let stage = state.stage();
    let armed = plan
        .guards
        .iter()
        .filter(move |guard| stage.is_some_and(|stage| guard.scope.covers(stage)));
    let ids = armed.flat_map(|guard| &guard.condition.metrics);
    ids.filter_map(|id| plan.metrics.get(id.index()))
}

fn asked_at(state: &State, metric: &Metric) -> Moment {
    let known = state.metrics.get(metric.id.index());
    let reading = known.and_then(|known| known.reading.as_ref());
    reading.map_or(Moment(0), |(at, _)| *at)
}

/// Longer without an answer is longer than it should be.
fn expected(metric: &Metric) -> Millis {
    Millis(metric.every.0.saturating_mul(2))
}

/// Up to here what is watched has been seen: the oldest answer, for as long as it may be taken for now. Nothing where nothing is watched.
fn seen_until(plan: &Plan, state: &State) -> Option<Moment> {
    let until = |metric: &Metric| {
        let good_for = metric.stale.max(expected(metric));
        asked_at(state, metric).after(good_for)
    };
    watched(plan, state).map(until).min()
}

/// For how long nothing that is watched has answered, when that is longer than it should be: whoever drives the run is stopped or
/// held up, for an answer of a source that is away is an answer too.
#[must_use]
pub fn silent(plan: &Plan, state: &State, now: Moment) -> Option<Millis> {
    let late = |metric: &Metric| now.since(asked_at(state, metric)) > expected(metric);
    let all_late = watched(plan, state).all(late);
    let newest = watched(plan, state)
        .map(|metric| asked_at(state, metric))
        .max()?;
    all_late.then(|| round(now.since(newest)))
}

/// To whole seconds, for lines that change all the time.
fn round(span: Millis) -> Millis {
    Millis(span.0 / 1000 * 1000)
}

/// What a metric said last.
fn reading(plan: &Plan, state: &State, id: MetricId) -> String {
    match state
        .metrics
        .get(id.index())
        .and_then(|m| m.reading.as_ref())
    {
        Some((_, Reading::Value(value))) => plan
            .metrics
            .get(id.index())
            .map_or_else(String::new, |metric| metric.unit.show(*value)),
        Some((_, Reading::NoData(_))) => "no data".to_owned(),
        Some((_, Reading::Error(_) | Reading::Misconfigured(_))) => "error".to_owned(),
        None => "-".to_owned(),
    }
}

fn of_guard(plan: &Plan, state: &State, guard: &Guard, now: Moment) -> String {
    let values: Vec<String> = guard
        .condition
        .metrics
        .iter()
        .map(|id| reading(plan, state, *id))
        .collect();
    let known = state.guards.get(guard.id.index());
    let mut oldest: Option<Millis> = None;
    for id in &guard.condition.metrics {
        if let Some(metric) = plan.metrics.get(id.index()) {
            let age = now.since(asked_at(state, metric));
            if age > expected(metric) {
                oldest = oldest.max(Some(age));
            }
        }
    }
    format!(
        "{} {} {}{}",
        guard.name,
        known.map_or_else(String::new, |known| verdict(known, now)),
        values.join("/"),
        oldest.map_or_else(String::new, |age| format!(
            " (not looked at for {})",
            round(age)
        ))
    )
}

fn verdict(known: &GuardState, now: Moment) -> String {
    if known.blind {
        "BLIND".to_owned()
    } else if known.tripped {
        "TRIPPED".to_owned()
    } else if let Some(streak) = &known.streak {
        format!("breach for {}", round(now.since(streak.began)))
    } else if known.seen.is_some() {
        "ok".to_owned()
    } else {
        "warming up".to_owned()
    }
}

/// What is typed to answer where only one answer can be meant.
#[must_use]
pub fn typed(run: &str, answer: Answer) -> String {
    typed_for(run, answer, "")
}

/// What is typed for each answer to one of the questions that are open: with its number, where there are several.
#[must_use]
pub fn ways(run: &str, question: &Question, open: &[Question]) -> Vec<String> {
    let which = match open {
        [] | [_] => String::new(),
        [..] => format!(" --question {}", question.number.0),
    };
    let answers = question.answers.iter();
    answers
        .map(|answer| typed_for(run, *answer, &which))
        .collect()
}

fn typed_for(run: &str, answer: Answer, which: &str) -> String {
    let word = answer.word();
    match answer {
        Answer::Approve | Answer::Decline => format!("runbook {word} {run}{which} --reason \"…\""),
        Answer::Continue | Answer::Rerun | Answer::Rollback | Answer::Undo | Answer::Leave => {
            format!("runbook decide {run} {word}{which} --reason \"…\"")
        }
    }
}

/// What a rollback would undo, the newest first; nothing where there is nothing, or the run has come to a good end.
fn begun(plan: &Plan, state: &State) -> Option<String> {
    let open = match &state.phase {
        Phase::Rolling { .. } | Phase::RollingBack { .. } => true,
        Phase::Closing(verdict) | Phase::Final(verdict) => {
            matches!(verdict, Verdict::Stuck { .. })
        }
        Phase::New | Phase::Preparing(_) => false,
    };
    let mut names: Vec<String> = Vec::new();
    for one in state.begun.iter().rev() {
        let doubt = match one.fate {
            Fate::Unknown => " (nobody knows whether it happened)",
            Fate::Out | Fate::Began if one.unsure => " (nobody knows whether it is undone)",
            Fate::Out | Fate::Began => "",
        };
        let name = format!("{}{doubt}", Names(plan).step(one.step));
        if !names.contains(&name) {
            names.push(name);
        }
    }
    (open && !names.is_empty()).then(|| format!("can be undone: {}", names.join(", ")))
}

/// Where a run stands, as a page. `run` is its id, `runner` says who drives it.
#[must_use]
pub fn page(
    plan: &Plan,
    state: &State,
    run: &str,
    (now, runner): (Moment, &str),
    clock: Moment,
) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(
        text,
        "run       {run}  {}  (service {})",
        plan.header.title, plan.header.service
    );
    let _ = writeln!(text, "state     {}", place(plan, state, now));
    for id in state.strands.keys().filter(|id| **id != StrandId::MAIN) {
        let name = state.strand_name(plan, *id);
        let _ = writeln!(text, "strand    {name}: {}", doing((plan, state), *id, now));
    }
    match &state.phase {
        Phase::Final(Verdict::Stuck { why } | Verdict::Aborted { why }) => {
            let _ = writeln!(text, "why       {why}");
        }
        Phase::Final(Verdict::Refused { why }) => {
            for reason in why {
                let _ = writeln!(text, "why       {reason}");
            }
        }
        Phase::Final(Verdict::RolledBack { .. } | Verdict::WentForward { .. })
        | Phase::RollingBack { .. } => {
            let _ = writeln!(text, "why       {}", state.reason);
        }
        Phase::New
        | Phase::Preparing(_)
        | Phase::Rolling { .. }
        | Phase::Closing(_)
        | Phase::Final(Verdict::Completed) => {}
    }
    let by = match state.by.as_str() {
        "" => String::new(),
        by => format!(", by {by}"),
    };
    let _ = writeln!(text, "elapsed   {}{by}", round(Millis(now.0)));
    if let Some(why) = &state.past_return {
        let _ = writeln!(
            text,
            "no return it only goes forward since the point of no return: {why}"
        );
    }
    if let Some(reason) = &state.hotfix {
        let _ = writeln!(text, "hotfix    the window does not bind it: {reason}");
    }
    if let Some(hold) = &state.hold {
        let _ = writeln!(
            text,
            "held      for {}: {}; {} in {}",
            round(now.since(hold.since)),
            hold.why,
            if hold.window {
                "it goes on"
            } else {
                "a person is asked"
            },
            round(hold.until.since(now))
        );
    }
    for (exposure, value) in plan.exposures.iter().zip(&state.exposures) {
        let shown = value.map_or_else(
            || "not known yet".to_owned(),
            |value| exposure.scale.show(value),
        );
        let _ = writeln!(text, "exposure  {} {shown}", exposure.name);
    }
    if let Some(stage) = state.stage() {
        for guard in plan.guards.iter().filter(|guard| guard.scope.covers(stage)) {
            let _ = writeln!(text, "guard     {}", of_guard(plan, state, guard, now));
        }
    }
    for (metric, known) in plan.metrics.iter().zip(&state.metrics) {
        if let Some(value) = known.baseline {
            let value = metric.unit.show(value);
            let _ = writeln!(text, "baseline  {} is usually {value}", metric.name);
        }
    }
    for (capture, value) in plan.captures.iter().zip(&state.captures) {
        if let Some(value) = value {
            let _ = writeln!(text, "captured  {} = {value}", capture.name);
        }
    }
    if let Some(begun) = begun(plan, state) {
        let _ = writeln!(text, "undo      {begun}");
    }
    for given in &state.approvals {
        let what = plan
            .approvals
            .get(given.approval.index())
            .map_or_else(String::new, |one| words(plan, &one.text.0));
        let _ = writeln!(
            text,
            "approval  {what}: by {} ({}): {}",
            given.by, given.group, given.reason
        );
    }
    if state.watching().is_some() {
        let _ = writeln!(
            text,
            "watch     ends sooner with {}",
            typed(run, Answer::Continue)
        );
    }
    for question in &state.questions {
        let _ = writeln!(text, "question  {}", of_question(clock, question));
        for way in ways(run, question, &state.questions) {
            let _ = writeln!(text, "          {way}");
        }
    }
    for one in &plan.waived {
        let _ = writeln!(text, "accepted  {}", accepted(one));
    }
    let _ = writeln!(text, "runner    {runner}");
    let _ = writeln!(text, "evidence  runbook log {run}");
    text
}
