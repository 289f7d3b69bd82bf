//! The names that a task uses, in its statements and in what they hold.

use crate::ast::{
    Approve, Capture, Clauses, Expose, Request, Sql, Statement, Step, Task, Unless, Verify,
};

use super::{Wanted, With, in_command, in_env, in_expr, in_headers, in_text, maybe_text};

/// The names that a task uses; those that it gives itself resolve to nothing elsewhere.
pub(super) fn in_task(task: &mut Task, with: With<'_>) {
    in_statements(&mut task.statements, with);
}

fn in_statements(statements: &mut [Statement], with: With<'_>) {
    for statement in statements {
        in_statement(statement, with);
        for inside in statement.inside_mut() {
            in_statements(inside, with);
        }
    }
}

/// The names in a statement, without those in what it holds.
fn in_statement(statement: &mut Statement, with: With<'_>) {
    match statement {
        Statement::Step(one) => in_step(one, with),
        Statement::Command(one) => in_command(one, with),
        Statement::Wait(one) => {
            in_expr(&mut one.min, with);
            if let Some(max) = &mut one.max {
                in_expr(max, with);
            }
        }
        Statement::WaitUntil(one) => {
            in_expr(&mut one.when, with);
            in_expr(&mut one.within, with);
        }
        Statement::Expose(one) => in_expose(one, with),
        Statement::Verify(one) => in_verify(one, with),
        Statement::Notify(one) => {
            with(Wanted::Channel, &mut one.channel.text, one.channel.span);
            in_text(&mut one.text, with);
        }
        Statement::Fail(one) => in_text(&mut one.why, with),
        Statement::Approve(one) => in_approve(one, with),
        Statement::Capture(one) => in_capture(one, with),
        Statement::For(one) => {
            in_expr(&mut one.list, with);
            if let Some(most) = &mut one.most {
                in_expr(most, with);
            }
        }
        Statement::If(one) => {
            in_expr(&mut one.when, with);
            if let Some(within) = &mut one.within {
                in_expr(within, with);
            }
        }
        Statement::Call(one) => {
            with(Wanted::Task, &mut one.name.text, one.name.span);
            for arg in &mut one.args {
                in_expr(arg, with);
            }
        }
        Statement::NoReturn(one) => in_text(&mut one.why, with),
        // No task has a guard.
        Statement::Guard(_)
        | Statement::Parallel(_)
        | Statement::Undo(_)
        | Statement::NotBuilt(_) => {}
    }
}

fn in_step(step: &mut Step, with: With<'_>) {
    maybe_text(step.title.as_mut(), with);
    if let Some(clauses) = step.clauses.all_mut() {
        in_clauses(clauses, with);
    }
    if let Some(command) = &mut step.command {
        in_command(command, with);
    }
}

fn in_capture(capture: &mut Capture, with: With<'_>) {
    if let Some(default) = &mut capture.default {
        in_expr(default, with);
    }
    if let Some(clauses) = capture.clauses.all_mut() {
        in_clauses(clauses, with);
    }
    if let Some(command) = &mut capture.command {
        in_command(command, with);
    }
}

fn in_clauses(clauses: &mut Clauses, with: With<'_>) {
    let values = [&mut clauses.timeout, &mut clauses.grace];
    for expr in values.into_iter().flatten() {
        in_expr(expr, with);
    }
    let rare = [&mut clauses.dir, &mut clauses.stdin, &mut clauses.user];
    for expr in rare.into_iter().flatten() {
        in_expr(expr, with);
    }
    if let Some(retry) = &mut clauses.retry {
        in_expr(&mut retry.times, with);
        for expr in retry.pause.exprs_mut() {
            in_expr(expr, with);
        }
    }
    match clauses.unless.as_deref_mut() {
        None => {}
        Some(Unless::Command(command)) => in_command(command, with),
        Some(Unless::Probe(name)) => with(Wanted::Probe, &mut name.text, name.span),
    }
    if let Some(undo) = &mut clauses.undo {
        in_statements(&mut undo.statements, with);
    }
    if let Some(on) = &mut clauses.on {
        with(Wanted::Hosts, &mut on.hosts.text, on.hosts.span);
        for expr in [&mut on.most, &mut on.tolerate].into_iter().flatten() {
            in_expr(expr, with);
        }
    }
    in_env(&mut clauses.env, with);
}

fn in_expose(expose: &mut Expose, with: With<'_>) {
    // No library declares an exposure.
    in_expr(&mut expose.value, with);
    if let Some(within) = &mut expose.within {
        in_expr(within, with);
    }
}

fn in_verify(verify: &mut Verify, with: With<'_>) {
    with(Wanted::Probe, &mut verify.probe.text, verify.probe.span);
    for expr in [&mut verify.within, &mut verify.every]
        .into_iter()
        .flatten()
    {
        in_expr(expr, with);
    }
}

fn in_approve(approve: &mut Approve, with: With<'_>) {
    in_text(&mut approve.text, with);
    in_text(&mut approve.group, with);
    if let Some(count) = &mut approve.count {
        in_expr(count, with);
    }
    in_expr(&mut approve.within, with);
}

pub(super) fn in_request(request: &mut Request, with: With<'_>) {
    in_expr(&mut request.url, with);
    in_headers(&mut request.headers, with);
    maybe_text(request.body.as_mut(), with);
    for expr in &mut request.expects {
        in_expr(expr, with);
    }
}

/// The database of `sql`.
pub(super) fn in_sql(sql: &mut Sql, with: With<'_>) {
    with(Wanted::Provider, &mut sql.provider.text, sql.provider.span);
}
