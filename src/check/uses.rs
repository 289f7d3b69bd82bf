//! The names that a statement uses as values, wherever they stand in it: expressions, texts, shell text. Looks at no meaning.

use crate::ast::{
    Call, Clauses, Command, Exposure, Expr, ExprKind, HeaderKind, Metric, MetricSource, Name,
    Probe, ProbeSource, RequestHeader, Shell, Statement, Text, Unless,
};
use crate::source::Span;

use super::shell::uses_in;

/// One use of a name.
pub(super) struct Use<'t> {
    pub(super) name: &'t str,
    pub(super) span: Span,
    pub(super) place: Where,
}

/// In what a name stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Where {
    /// An expression or a text.
    Value,
    /// Shell text.
    Shell,
}

/// The uses that were found.
#[derive(Default)]
pub(super) struct Uses<'t> {
    pub(super) found: Vec<Use<'t>>,
}

impl<'t> Uses<'t> {
    pub(super) fn statement(&mut self, statement: &'t Statement) {
        match statement {
            Statement::Step(one) => self.step(&one.clauses, one.command.as_ref()),
            Statement::Capture(one) => self.step(&one.clauses, one.command.as_ref()),
            Statement::Command(one) => self.command(one),
            Statement::Notify(one) => self.text(&one.text),
            Statement::Fail(one) => self.text(&one.why),
            Statement::NoReturn(one) => self.text(&one.why),
            Statement::Approve(one) => self.text(&one.text),
            Statement::WaitUntil(one) => self.expr(&one.when),
            Statement::If(one) => self.expr(&one.when),
            Statement::Call(one) => one.args.iter().for_each(|arg| self.expr(arg)),
            // Guards look from the beginning of their stage; the rest has only values that are known before the run.
            Statement::Guard(_)
            | Statement::Wait(_)
            | Statement::Expose(_)
            | Statement::Verify(_)
            | Statement::Undo(_)
            // What they hold is walked by itself.
            | Statement::Parallel(_)
            | Statement::For(_)
            | Statement::NotBuilt(_) => {}
        }
    }

    fn step(&mut self, clauses: &'t Clauses, command: Option<&'t Command>) {
        if let Some(Unless::Command(command)) = clauses.unless.as_deref() {
            self.command(command);
        }
        if let Some(dir) = &clauses.dir {
            self.expr(dir);
        }
        for variable in &clauses.env {
            self.expr(&variable.value);
        }
        if let Some(stdin) = &clauses.stdin {
            self.expr(stdin);
        }
        if let Some(command) = command {
            self.command_with(command, clauses);
        }
        // What undoes it runs where it ran, with what it had.
        for statement in clauses.undo.iter().flat_map(|undo| &undo.statements) {
            if let Statement::Command(command) = statement {
                self.command_with(command, clauses);
            } else {
                self.statement(statement);
            }
        }
    }

    /// A variable that the step sets itself is its own.
    fn command_with(&mut self, command: &'t Command, clauses: &'t Clauses) {
        let from = self.found.len();
        self.command(command);
        let mut index = 0;
        self.found.retain(|one| {
            index += 1;
            let is_own = clauses
                .env
                .iter()
                .any(|variable| variable.name.text == one.name);
            index <= from || one.place == Where::Value || !is_own
        });
    }

    pub(super) fn exposure(&mut self, exposure: &'t Exposure) {
        let calls = [&exposure.set, &exposure.read];
        for call in calls.into_iter().flatten() {
            self.call(call);
        }
    }

    fn call(&mut self, call: &'t Call) {
        if let Some(dir) = &call.dir {
            self.expr(dir);
        }
        for variable in &call.env {
            self.expr(&variable.value);
        }
        self.command(&call.command);
    }

    pub(super) fn metric(&mut self, metric: &'t Metric) {
        match &metric.source {
            Some(MetricSource::Command(command)) => self.command(command),
            Some(
                MetricSource::Query { .. }
                | MetricSource::Http { .. }
                | MetricSource::Log { .. }
                | MetricSource::Tcp { .. },
            )
            | None => {}
        }
    }

    pub(super) fn probe(&mut self, probe: &'t Probe) {
        self.headers(&probe.headers);
        match &probe.source {
            Some(ProbeSource::Command(command)) => self.command(command),
            Some(ProbeSource::Http(_) | ProbeSource::Tcp { .. }) | None => {}
        }
        for variable in &probe.env {
            self.expr(&variable.value);
        }
    }

    fn headers(&mut self, headers: &'t [RequestHeader]) {
        for header in headers {
            match &header.kind {
                HeaderKind::Plain { value, .. } => self.expr(value),
                HeaderKind::Bearer(_) => {}
            }
        }
    }

    fn command(&mut self, command: &'t Command) {
        match command {
            Command::Shell(shell) => self.shell(shell),
            Command::Exec(exec) => {
                self.expr(&exec.program);
                for argument in &exec.args {
                    self.expr(argument);
                }
            }
            Command::Sql(_) => {}
            Command::Http(request) => {
                self.headers(&request.headers);
                if let Some(body) = &request.body {
                    self.text(body);
                }
            }
            Command::Block(block) => {
                for part in &block.parts {
                    self.command(part);
                }
            }
        }
    }

    fn shell(&mut self, shell: &'t Shell) {
        let all = uses_in(shell).into_iter();
        self.found.extend(all.map(|(name, span)| Use {
            name,
            span,
            place: Where::Shell,
        }));
    }

    pub(super) fn text(&mut self, text: &'t Text) {
        for expr in text.exprs() {
            self.expr(expr);
        }
    }

    pub(super) fn expr(&mut self, expr: &'t Expr) {
        match &expr.kind {
            ExprKind::Name(name) => self.found.push(Use {
                name,
                span: expr.span,
                place: Where::Value,
            }),
            ExprKind::Field {
                of: Name { text, span },
                ..
            } => self.found.push(Use {
                name: text,
                span: *span,
                place: Where::Value,
            }),
            ExprKind::Text(text) => self.text(text),
            ExprKind::Is { of, .. } => self.expr(of),
            ExprKind::Unary { operand, .. } => self.expr(operand),
            ExprKind::Binary { left, right, .. } => {
                self.expr(left);
                self.expr(right);
            }
            ExprKind::Call { args, .. } => {
                for argument in args {
                    self.expr(argument);
                }
            }
            ExprKind::List(items) => {
                for item in items {
                    self.expr(item);
                }
            }
            ExprKind::Literal(_) | ExprKind::Lost => {}
        }
    }
}
