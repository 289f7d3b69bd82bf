//! Owns how a statement reads in the dry run: its word in a column, what it does, and its bounds.

use std::borrow::Cow;

use super::line::{of_hosts, of_strands};
use super::names::{Names, command};
use super::words::words;
use crate::plan::{
    Approval, BodyPart, Command, HeaderValue, Interactive, Notice, OnFailure, OnUnknown, Op, Plan,
    Request, Sql, Step, StepId, Unless,
};
use crate::value::Millis;

/// The grace of a step that says nothing of it: not worth a word.
const USUAL_GRACE: Millis = Millis::from_secs(10);

pub(super) fn of_step(plan: &Plan, step: &Step) -> String {
    let mut says = vec![format!("at most {}", step.timeout)];
    if step.grace != USUAL_GRACE {
        says.push(format!("killed {} after that", step.grace));
    }
    if step.retry.more > 0 {
        let (first, most) = (step.retry.first, step.retry.most);
        let apart = if most > first {
            format!("{first} to {most}")
        } else {
            first.to_string()
        };
        says.push(format!("{} more attempts, {apart} apart", step.retry.more));
    }
    if let Some(user) = &step.user {
        says.push(format!("as {user}"));
    }
    if let Some(stdin) = &step.stdin {
        says.push(format!("reads {:?}", clip(&words(plan, &stdin.0))));
    }
    if step.interactive == Interactive::Yes {
        says.push("with a person at the terminal".to_owned());
    }
    if step.idempotent {
        says.push("idempotent".to_owned());
    }
    if !step.undo.is_empty() {
        says.push("can be undone".to_owned());
    }
    if step.protected {
        says.push("protected".to_owned());
    }
    match &step.unless {
        Some(Unless::Command(run)) => says.push(format!("unless {}", clip(&command(run)))),
        Some(Unless::Probe(probe)) => says.push(format!("unless {}", Names(plan).probe(*probe))),
        None => {}
    }
    match step.on_failure {
        OnFailure::Rollback { from: None } => {}
        OnFailure::Rollback { from: Some(level) } => {
            says.push(format!(
                "on failure rollback from {}",
                Names(plan).level(level)
            ));
        }
        OnFailure::Hold => says.push("on failure hold".to_owned()),
        OnFailure::Continue => says.push("on failure continue".to_owned()),
    }
    match step.on_unknown {
        OnUnknown::Ask => {}
        OnUnknown::Rerun => says.push("on unknown rerun".to_owned()),
        OnUnknown::Rollback => says.push("on unknown rollback".to_owned()),
    }
    let Some(capture) = plan.captured_by(step.id) else {
        // What undoes a step is called by it, unless it has a name of its own.
        if step.undoes.is_some() && step.name.starts_with("undo ") {
            return format!(
                "{}  {}  ({})",
                step.name,
                clip(&command(&step.command)),
                says.join(", ")
            );
        }
        return format!(
            "step     {}  {}  ({})",
            step.name,
            clip(&command(&step.command)),
            says.join(", ")
        );
    };
    if let Some(default) = &capture.default {
        says.push(format!("{default} where it is not set"));
    }
    format!(
        "capture  {}: {}  {}  ({})",
        capture.name,
        capture.ty,
        clip(&command(&step.command)),
        says.join(", ")
    )
}

pub(super) fn of_approval(plan: &Plan, approval: &Approval) -> String {
    let people = match approval.count {
        1 => String::new(),
        many => format!(", {many} people"),
    };
    let from = approval.from.map_or_else(String::new, |level| {
        format!(" from {}", Names(plan).level(level))
    });
    format!(
        "approve  {}  by {}{people}  (within {}, else {}{from})",
        words(plan, &approval.text.0),
        approval.group,
        approval.within,
        approval.otherwise.words()
    )
}

pub(super) fn of_op(plan: &Plan, op: &Op) -> String {
    let names = Names(plan);
    match op {
        Op::Step(step) => plan
            .steps
            .get(step.index())
            .map_or_else(String::new, |step| of_step(plan, step)),
        Op::Wait { min, .. } => format!("wait     {min}"),
        Op::Until {
            condition, within, ..
        } => format!("wait     until {}  (within {within})", condition.text),
        Op::Expose {
            exposure, target, ..
        } => {
            format!("expose   {}", names.exposed(*exposure, *target))
        }
        Op::Verify { probe, within, .. } => {
            format!("verify   {}  (within {within})", names.probe(*probe))
        }
        Op::Notify(notice) => format!("tell     {}", of_notice(plan, notice)),
        Op::Fail { why } => format!("fail     {}", words(plan, &why.0)),
        Op::Parallel {
            strands,
            most,
            hosts,
        } => {
            let names: Vec<String> = strands.iter().map(|one| one.name.clone()).collect();
            if let Some(step) = hosts {
                return format!("hosts    {}", of_hosts(plan, *step, &names));
            }
            format!("parallel {}", of_strands(&names, *most))
        }
        Op::If { condition, .. } => format!("if       {}", condition.text),
        Op::NoReturn { why } => format!(
            "NO RETURN  {}; from here on only forward",
            clip(&words(plan, &why.0))
        ),
        Op::Undo { .. } => "undo     what has begun, the newest first:".to_owned(),
        Op::Approve(approval) => plan
            .approvals
            .get(approval.index())
            .map_or_else(String::new, |one| of_approval(plan, one)),
    }
}

pub(super) fn of_notice(plan: &Plan, notice: &Notice) -> String {
    format!(
        "{}: {}",
        Names(plan).channel(notice.channel),
        clip(&words(plan, &notice.text.0))
    )
}

/// An operation as lines: itself, and what it holds behind a bar for each `parallel` or `if` around it.
pub(super) fn of_op_within(plan: &Plan, op: &Op) -> Vec<String> {
    let inside = |ops: &[Op]| -> Vec<String> {
        let lines = ops.iter().flat_map(|op| of_op_within(plan, op));
        lines.map(|line| format!("| {line}")).collect()
    };
    let known = |step: &StepId| plan.steps.get(step.index());
    let mut lines = vec![of_op(plan, op)];
    match op {
        Op::Step(step) => lines.extend(known(step).into_iter().flat_map(|one| parts_of(plan, one))),
        Op::Parallel {
            hosts: Some(step), ..
        } => {
            let step = known(step).map(|step| of_step_within(plan, step));
            lines.splice(0..0, step.unwrap_or_default());
        }
        Op::Parallel { strands, .. } => {
            lines.extend(strands.iter().flat_map(|strand| inside(&strand.ops)));
        }
        Op::Undo { of } => {
            lines.extend(of.iter().rev().flat_map(|one| inside(&one.ops)));
        }
        Op::If {
            then, otherwise, ..
        } => {
            lines.extend(inside(then));
            if !otherwise.is_empty() {
                lines.push("else".to_owned());
                lines.extend(inside(otherwise));
            }
        }
        Op::Wait { .. }
        | Op::Until { .. }
        | Op::Expose { .. }
        | Op::Verify { .. }
        | Op::Notify(_)
        | Op::Fail { .. }
        | Op::NoReturn { .. }
        | Op::Approve(_) => {}
    }
    lines
}

/// A step, and below it what it consists of: its commands, or what it sends and to whom.
pub(super) fn of_step_within(plan: &Plan, step: &Step) -> Vec<String> {
    let mut lines = vec![of_step(plan, step)];
    lines.extend(parts_of(plan, step));
    lines
}

fn parts_of(plan: &Plan, step: &Step) -> Vec<String> {
    let parts = match &step.command {
        Command::Block { parts } => parts,
        Command::Http { request } => return sent(plan, request),
        Command::Sql { sql } => return run_by(plan, sql),
        Command::Shell { .. } | Command::Exec { .. } => return Vec::new(),
    };
    let all = parts.iter().enumerate();
    all.map(|(index, part)| {
        let number = index.saturating_add(1);
        format!("| {number} of {}  {}", parts.len(), clip(&command(part)))
    })
    .collect()
}

/// Long commands and queries are cut for a line; the file has the whole.
pub(super) fn clip(text: &str) -> Cow<'_, str> {
    const MOST: usize = 88;
    if text.len() <= MOST && !text.contains('\n') {
        return Cow::Borrowed(text);
    }
    let line = text.replace('\n', " ");
    if line.chars().count() <= MOST {
        Cow::Owned(line)
    } else {
        let cut: String = line.chars().take(MOST - 1).collect();
        Cow::Owned(format!("{cut}…"))
    }
}

/// What a request sends and expects, a line each; a secret by its name.
fn sent(plan: &Plan, request: &Request) -> Vec<String> {
    let headers = request.headers.iter().map(|header| {
        let value = match &header.value {
            HeaderValue::Text(text) => words(plan, &text.0),
            HeaderValue::Secret(name) => format!("(secret {name})"),
            HeaderValue::Bearer(name) => format!("Bearer (secret {name})"),
        };
        format!("| header {}: {}", header.name, clip(&value))
    });
    let body = request.body.iter().map(|body| {
        let parts = body.parts.iter().map(|part| match part {
            BodyPart::Text(text) => text.clone(),
            BodyPart::Value { of, .. } => words(plan, &of.0),
        });
        format!("| body {}", clip(&parts.collect::<String>()))
    });
    let expect = request
        .expect
        .iter()
        .map(|one| format!("| expect {}", one.text));
    headers.chain(body).chain(expect).collect()
}

/// Which database runs which text, and whether all of it or nothing happens.
fn run_by(plan: &Plan, sql: &Sql) -> Vec<String> {
    let database = plan.providers.get(sql.provider.index());
    let database = database.map_or("?", |one| one.name.as_str());
    let how = match &sql.alone {
        None => "in one transaction".to_owned(),
        Some(words) => format!("without a transaction, because of `{words}`"),
    };
    let hash = sql.sha256.get(..12).unwrap_or(&sql.sha256);
    vec![format!("| by {database}, {how}; the text is {hash}")]
}
