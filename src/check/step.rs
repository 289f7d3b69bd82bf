//! Steps and checks: their clauses, their commands, and the order in which all steps of a file are numbered.

use std::collections::BTreeMap;

use crate::ast::{self, Clauses, Command, Expr, FailureAction, Name, Pause, Retry, Text};
use crate::diag::factory::{bare, check as say, request, sql, terminal};
use crate::source::Span;
use crate::value::Type;

use super::Checker;
use super::ids::{CaptureId, ProbeId, StepId};
use super::names::Sort;
use super::place::Place;
use super::shell::{Hidden, Role};
use super::tree;

/// All steps so far.
#[derive(Debug, Default)]
pub(super) struct Steps {
    pub(super) all: Vec<tree::Step>,
    /// All approvals so far.
    pub(super) approvals: Vec<tree::Approval>,
    /// All checks of migrations so far.
    pub(super) migrations: Vec<tree::Migrations>,
    /// All captures so far; by their number, since the rollback may stand before the rollout.
    pub(super) captures: BTreeMap<CaptureId, tree::Capture>,
    /// Where the terminal was asked for by steps that others can be beside, which was said.
    pub(super) shared: Vec<Span>,
    /// The names that are taken in the part of the file that is being read, and where.
    taken: BTreeMap<String, Span>,
}

impl Steps {
    /// Begins a part of the file in which names of steps must differ: the rollout, or the rollback.
    pub(super) fn next_part(&mut self) {
        self.taken.clear();
    }

    /// The id of the step that is added next.
    fn next(&self) -> StepId {
        StepId(crate::source::offset(self.all.len()))
    }

    fn add(&mut self, step: tree::Step) -> StepId {
        let id = self.next();
        self.all.push(step);
        id
    }

    /// Notes whether a step is that of a further call of its task in one stage or level.
    pub(super) fn note_copy(&mut self, id: StepId) {
        let before = self.all.iter().take(id.index());
        let first = self.all.get(id.index()).and_then(|step| {
            let mut before = before.enumerate();
            before.find(|(_, one)| one.span == step.span && one.within == step.within)
        });
        let first = first.map(|(index, _)| StepId(crate::source::offset(index)));
        if let Some(step) = self.all.get_mut(id.index()) {
            step.copy_of = first;
        }
    }
}

/// What a step or a check consists of, before it is looked at.
pub(super) struct Parts<'t> {
    pub(super) name: Option<&'t Name>,
    /// What it is called when it has no name.
    pub(super) place_name: String,
    pub(super) title: Option<&'t Text>,
    pub(super) clauses: &'t Clauses,
    pub(super) command: Option<&'t Command>,
    pub(super) span: Span,
}

/// What a step does that runs no command.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sent {
    Request,
    Sql,
}

impl Checker<'_> {
    pub(super) fn step(
        &mut self,
        parts: &Parts<'_>,
        place: Place,
        steps: &mut Steps,
    ) -> Option<StepId> {
        let name = parts.name.map(|name| (self.step_name(name), name.span));
        if let Some((name, span)) = &name {
            match steps.taken.get(name) {
                // Every call of a task comes to the same steps.
                Some(first) if first == span => {}
                Some(first) => {
                    let (again, first) = (("a step", *span), ("a step", *first));
                    self.found.push(say::declared_twice(name, again, first));
                }
                None => {
                    steps.taken.insert(name.clone(), *span);
                }
            }
        }
        let clauses = parts.clauses;
        if !clauses.not_built.is_empty() {
            self.incomplete();
        }
        self.around.env = clauses
            .env
            .iter()
            .map(|variable| variable.name.text.clone())
            .collect();
        self.around.given.clone_from(&clauses.env);
        self.around.role = match &clauses.on {
            Some(_) => Role::OnHosts,
            None => Role::Step,
        };
        let programs = self.around.programs.len();
        let title = self.title(parts.title);
        let timeout = self.expect_if_there(clauses.timeout.as_ref(), &Type::Duration, "`timeout`");
        let grace = self.expect_if_there(clauses.grace.as_ref(), &Type::Duration, "`grace`");
        let retry = match &clauses.retry {
            Some(retry) => self
                .retry(retry)
                .map(|retry| tree::Again::Own(Box::new(retry))),
            None if place == Place::Before || clauses.no_retry.is_some() => {
                Some(tree::Again::Never)
            }
            None => Some(tree::Again::Default),
        };
        let unless = match clauses.unless.as_deref() {
            None => Some(None),
            Some(ast::Unless::Probe(name)) => self
                .find(Sort::Probe, name)
                .map(|index| Some(tree::Unless::Probe(ProbeId(index)))),
            Some(ast::Unless::Command(command)) => self
                .command_without_secrets(command, (place, "`unless`"))
                .map(|command| Some(tree::Unless::Command(command))),
        };
        let on = match &clauses.on {
            None => Some(None),
            Some(on) => self.on_hosts(on, place).map(Some),
        };
        let on_failure = self.on_failure(clauses, place);
        if place == Place::Before {
            self.needless_in_a_check(clauses);
        } else if let Some(span) = clauses.no_retry
            && !self.retries_by_default()
        {
            self.found.push(say::needless_retry_none(span));
        }
        let dir = match &clauses.dir {
            None => Some(None),
            Some(dir) => self.dir(dir, place).map(Some),
        };
        let env = self.env(&clauses.env, place);
        let stdin = match &clauses.stdin {
            None => Some(None),
            Some(stdin) => self.stdin(stdin, place).map(Some),
        };
        let user = self.expect_if_there(clauses.user.as_deref(), &Type::Text, "`user`");
        let command = self.part(parts.command);
        // What its `unless` wants is another matter.
        let people = self.around.people.len();
        // A check may ask whether a folder can be entered, and of a capture what is printed counts.
        if place != Place::Before
            && self.around.value == Hidden::No
            && let Some(command) = command
        {
            self.idle_lines(command);
        }
        let command = command.and_then(|command| self.command(command, place));
        self.around.env.clear();
        self.around.given.clear();
        self.around.role = Role::Step;
        if let Some(span) = clauses.interactive {
            self.around.people.truncate(people);
            self.no_terminal(span, clauses);
        }
        if clauses.stdin.is_some() {
            self.given_to_read(people);
        }
        match parts.command {
            Some(Command::Http(_)) => self.needless_where_nothing_runs(clauses, Sent::Request),
            Some(Command::Sql(_)) => self.needless_where_nothing_runs(clauses, Sent::Sql),
            Some(Command::Shell(_) | Command::Exec(_) | Command::Block(_)) | None => {}
        }
        let line = self.file.line(parts.span.start);
        if let Some(on) = &clauses.on {
            // What the command starts is looked for by the hosts, when it runs there.
            self.around.programs.truncate(programs);
            self.needs("ssh", line);
            if let (Some((_, secrets)), Some(command)) = (&command, parts.command) {
                self.no_files_there(secrets, on, command.span());
            }
        }
        for program in self.around.programs.iter_mut().skip(programs) {
            program.step = clauses.on.is_none().then(|| steps.next());
        }
        let (command, secrets) = command?;
        let undo = self.undo_in_place(clauses, place);
        let within = match place {
            Place::Stage | Place::Level => parts.place_name.split('.').next().unwrap_or_default(),
            Place::Before
            | Place::Stuck
            | Place::AfterRollback
            | Place::AfterForward
            | Place::AfterRollout
            | Place::AnyTime => "",
        };
        let within = within.to_owned();
        let name = match name {
            Some((name, _)) => tree::StepName::Given(name),
            None => tree::StepName::Place(parts.place_name.clone()),
        };
        let id = steps.add(tree::Step {
            name,
            title: title?,
            within,
            line,
            span: parts.span,
            command,
            timeout: timeout?,
            grace: grace?,
            retry: retry?,
            idempotent: clauses.idempotent.is_some(),
            protected: clauses.protected.is_some(),
            unless: unless?,
            on_failure: on_failure?,
            on_unknown: clauses.on_unknown.as_ref().map(|one| one.action),
            on: on?,
            dir: dir?,
            env: env?,
            stdin: stdin?,
            interactive: clauses.interactive,
            user: user?,
            secrets,
            undo: None,
            undoes: None,
            copy_of: None,
        });
        if self.task.is_some() {
            steps.note_copy(id);
        }
        if let Some(undo) = undo? {
            self.undo(undo, (id, clauses), steps);
        }
        Some(id)
    }

    /// Whether `defaults` has a `retry`.
    fn retries_by_default(&self) -> bool {
        self.ast.items.iter().any(|item| match item {
            ast::Item::Defaults(defaults) => defaults.retry.is_some(),
            ast::Item::Header(_)
            | ast::Item::Use(_)
            | ast::Item::Adopt(_)
            | ast::Item::Param(_)
            | ast::Item::Let(_)
            | ast::Item::Secret(_)
            | ast::Item::Provider(_)
            | ast::Item::Channel(_)
            | ast::Item::Exposure(_)
            | ast::Item::Hosts(_)
            | ast::Item::Metric(_)
            | ast::Item::Probe(_)
            | ast::Item::Guard(_)
            | ast::Item::Limits(_)
            | ast::Item::Environment(_)
            | ast::Item::Window(_)
            | ast::Item::Before(_)
            | ast::Item::Rollout(_)
            | ast::Item::Rollback(_)
            | ast::Item::Aftermath(_)
            | ast::Item::Task(_)
            | ast::Item::Test(_)
            | ast::Item::NotBuilt(_) => false,
        })
    }

    pub(super) fn retry(&mut self, retry: &Retry) -> Option<tree::Retry> {
        let times = self.expect(&retry.times, &Type::Int, "the number of further attempts");
        let (first, last) = match &retry.pause {
            Pause::Every(pause) => (
                self.expect(pause, &Type::Duration, "the pause between attempts"),
                Some(None),
            ),
            Pause::Backoff { first, last } => (
                self.expect(first, &Type::Duration, "the first pause"),
                self.expect(last, &Type::Duration, "the longest pause")
                    .map(Some),
            ),
        };
        Some(tree::Retry {
            times: times?,
            first: first?,
            last: last?,
        })
    }

    fn on_failure(&mut self, clauses: &Clauses, place: Place) -> Option<tree::OnFailure> {
        let Some(on_failure) = &clauses.on_failure else {
            return Some(tree::OnFailure::Rollback(None));
        };
        match &on_failure.action {
            FailureAction::Rollback { from } => {
                if let Some(from) = from
                    && place == Place::Level
                {
                    self.found.push(say::from_in_level(from.span));
                    return None;
                }
                self.level_of(from.as_ref()).map(tree::OnFailure::Rollback)
            }
            FailureAction::Hold => {
                if place == Place::Level {
                    self.found.push(say::hold_in_level(on_failure.span));
                    return None;
                }
                Some(tree::OnFailure::Hold)
            }
            FailureAction::Continue => Some(tree::OnFailure::Continue),
        }
    }

    /// A check changes nothing and is run once, so some clauses have no meaning for it.
    fn needless_in_a_check(&mut self, clauses: &Clauses) {
        let unless = clauses.unless.as_ref().map(|unless| unless.span());
        let needless = [
            (
                "retry",
                clauses
                    .retry
                    .as_ref()
                    .map(|one| one.span)
                    .or(clauses.no_retry),
            ),
            ("idempotent", clauses.idempotent),
            ("protected", clauses.protected),
            ("unless", unless),
            ("undo", clauses.undo.as_ref().map(|one| one.span)),
            (
                "on failure",
                clauses.on_failure.as_ref().map(|one| one.span),
            ),
            (
                "on unknown",
                clauses.on_unknown.as_ref().map(|one| one.span),
            ),
        ];
        for (word, span) in needless {
            if let Some(span) = span {
                self.found.push(say::needless_in_a_check(span, word));
            }
        }
    }

    /// A request is sent from here, and SQL is run by a database: neither is a command that reads a text or has hosts.
    fn needless_where_nothing_runs(&mut self, clauses: &Clauses, what: Sent) {
        let mut needless = vec![
            ("on", clauses.on.as_ref().map(|one| one.span)),
            ("in", clauses.dir.as_ref().map(|one| one.span)),
            ("stdin", clauses.stdin.as_ref().map(|one| one.span)),
            ("interactive", clauses.interactive),
        ];
        if what == Sent::Request {
            needless.push(("env", clauses.env.first().map(|one| one.name.span)));
            needless.push(("user", clauses.user.as_ref().map(|one| one.span)));
        }
        for (word, span) in needless {
            if let Some(span) = span {
                self.found.push(match what {
                    Sent::Request => request::needless_for_a_request(span, word),
                    Sent::Sql => sql::needless_for_sql(span, word),
                });
            }
        }
    }

    /// A terminal is here, and read by one.
    fn no_terminal(&mut self, span: Span, clauses: &Clauses) {
        if let Some(on) = &clauses.on {
            self.found.push(terminal::on_hosts(span, on.span));
        }
        if let Some(stdin) = &clauses.stdin {
            self.found.push(terminal::with_stdin(span, stdin.span));
        }
    }

    /// A secret that was read could be printed by whatever reads it, so it is handed over as a file that the command names.
    fn stdin(&mut self, stdin: &Expr, place: Place) -> Option<tree::Template> {
        if let ast::ExprKind::Name(name) = &stdin.kind
            && self.names.get(Sort::Secret, name).is_some()
        {
            self.found.push(say::secret_as_stdin(stdin.span, name));
            return None;
        }
        let text = self.template_of(stdin, place)?;
        if text.0.is_empty() {
            self.found.push(say::empty_text(stdin.span, "`stdin`"));
            return None;
        }
        Some(text)
    }

    pub(super) fn dir(&mut self, dir: &Expr, place: Place) -> Option<tree::Template> {
        if let ast::ExprKind::Text(text) = &dir.kind {
            self.named_as_elsewhere(text);
            return self.template_of(dir, place);
        }
        if let ast::ExprKind::Name(name) = &dir.kind
            && self.names.value(name).is_none()
            && self.ast.lost.binary_search(name).is_err()
        {
            self.found.push(bare::directory(dir.span, name));
            return None;
        }
        let ty = self.constant(dir, None)?;
        if !matches!(ty, Type::Text | Type::Path) {
            self.found.push(say::wrong_type(
                (dir.span, &super::types::described(&ty)),
                "a directory",
                ("a path", &Type::Path.example()),
            ));
            return None;
        }
        self.template_of(dir, place)
    }
}
