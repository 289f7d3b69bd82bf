//! The stages of the rollout, the levels of the ways back and forward, and what is done in them.

use crate::ast::{Before, BeforeItem, Check, Clauses, Recovered, Statement, Verify, Wait, Way};
use crate::diag::factory::{check as say, migration, nested, syntax};
use crate::source::{Span, offset};
use crate::value::Type;

use super::Checker;
use super::constant::expr_of;
use super::gather::Declared;
use super::ids::ProbeId;
use super::names::Sort;
use super::place::{Place, Watch};
use super::step::{Parts, Steps};
use super::tree;

/// The most levels, back and forward: a run that fails in each of them tries all.
const MOST_LEVELS: usize = 100;

impl<'a> Checker<'a> {
    pub(super) fn before(
        &mut self,
        declared: &Declared<'a>,
        steps: &mut Steps,
    ) -> Vec<tree::Precondition> {
        if let [first, again, ..] = declared.before.as_slice() {
            self.found.push(syntax::duplicate_clause(
                again.span,
                first.span,
                "before rollout",
            ));
        }
        let mut all = Vec::new();
        for block in &declared.before {
            self.before_block(block, steps, &mut all);
        }
        steps.next_part();
        all
    }

    fn before_block(
        &mut self,
        block: &'a Before,
        steps: &mut Steps,
        all: &mut Vec<tree::Precondition>,
    ) {
        for (index, item) in block.items.iter().enumerate() {
            let read = match item {
                BeforeItem::Check(check) if check.migrations.is_some() => {
                    self.migrations(check, steps);
                    continue;
                }
                BeforeItem::Check(check) => self
                    .step(
                        &Parts {
                            name: check.name.as_ref(),
                            place_name: format!("check {}", index + 1),
                            title: check.title.as_ref(),
                            clauses: &check.clauses,
                            command: check.command.as_ref(),
                            span: check.span,
                        },
                        Place::Before,
                        steps,
                    )
                    .map(tree::Precondition::Check),
                BeforeItem::Confirm(confirm) => {
                    self.named_as_elsewhere_before(&confirm.title);
                    self.expect(&expr_of(&confirm.title), &Type::Text, "a title")
                        .map(tree::Precondition::Confirm)
                }
                BeforeItem::Approve(approve) => self
                    .approve(approve, Place::Before, steps)
                    .map(tree::Precondition::Approve),
                BeforeItem::NotBuilt(_) => self.part(None),
            };
            all.extend(self.part(read));
        }
    }

    /// A check that reads files and runs nothing.
    fn migrations(&mut self, check: &Check, steps: &mut Steps) {
        let name = check.name.as_ref().map(|name| (name.span, "a name"));
        let clauses = self.clauses_before_migrations(check);
        for (span, what) in name.into_iter().chain(clauses) {
            self.found
                .push(migration::needless_for_migrations(span, what));
        }
        let title = check
            .title
            .as_ref()
            .and_then(|title| self.title(Some(title)).flatten());
        let pattern = check.migrations.as_ref();
        let pattern = pattern.and_then(|text| Some((text.plain()?.to_owned(), text.span)));
        if let Some((title, (pattern, span))) = self.part(title.zip(pattern)) {
            steps.migrations.push(tree::Migrations {
                title,
                pattern,
                span,
                files: Vec::new(),
            });
        }
    }

    /// What stands between the title and `migrations`.
    fn clauses_before_migrations(&self, check: &Check) -> Option<(Span, &'static str)> {
        if *check.clauses == Clauses::default() {
            return None;
        }
        let (title, pattern) = (check.title.as_ref()?, check.migrations.as_ref()?);
        let between = Span::new(title.span.end, pattern.span.start);
        let text = self.file.slice(between).trim_end();
        let clauses = text.strip_suffix("migrations").unwrap_or(text).trim_end();
        let begin = between.start + offset(clauses.len() - clauses.trim_start().len());
        let span = Span::new(begin, between.start + offset(clauses.len()));
        Some((span, "a clause"))
    }

    pub(super) fn stages(
        &mut self,
        declared: &Declared<'a>,
        steps: &mut Steps,
    ) -> Vec<tree::Stage> {
        let mut all = Vec::new();
        for stage in declared.stages() {
            let title = self.title(stage.title.as_ref());
            let name = &stage.name;
            if stage.statements.is_empty() {
                self.found
                    .push(say::empty_block(name.span, "stage", &name.text));
            }
            let ops = self.ops(&stage.statements, (Place::Stage, &name.text, 0), steps);
            all.push(tree::Stage {
                name: name.text.clone(),
                title: self.part(title).flatten(),
                shrink: stage.shrink,
                ops,
                span: name.span,
            });
        }
        steps.next_part();
        all
    }

    pub(super) fn rollback(
        &mut self,
        declared: &Declared<'a>,
        steps: &mut Steps,
    ) -> Option<tree::Rollback> {
        let mut levels = Vec::new();
        let all = declared.ways();
        let all = all.flat_map(|block| block.levels.iter().map(|level| (block.way, level)));
        let all: Vec<_> = all.collect();
        if let Some((_, level)) = all.get(MOST_LEVELS) {
            self.found.push(nested::one_too_many(
                level.name.span,
                ("level", "a runbook"),
                MOST_LEVELS,
                "what is done in any case can stand in one level, and what depends in `if`",
            ));
        }
        for (way, level) in all {
            let title = self.title(level.title.as_ref());
            let name = &level.name;
            if level.statements.is_empty() {
                self.found
                    .push(say::empty_block(name.span, "level", &name.text));
            }
            let within = match &level.within {
                Some(within) => self.expect(within, &Type::Duration, "`within` of a level"),
                None => {
                    self.found
                        .push(say::level_without_within(name.span, &name.text));
                    None
                }
            };
            let when = match &level.when {
                None => Some(None),
                Some(when) => self.condition(when, Watch::Level).map(Some),
            };
            let ops = self.ops(&level.statements, (Place::Level, &name.text, 0), steps);
            let title = self.part(title).flatten();
            let when = self.part(when).flatten();
            levels.extend(self.part(within).map(|within| tree::Level {
                way,
                name: name.text.clone(),
                title,
                within,
                when,
                ops,
                span: name.span,
            }));
        }
        declared.ways().next()?;
        Some(tree::Rollback {
            levels,
            recovered: self.recovered_of(declared, Way::Back),
            recovered_forward: self.recovered_of(declared, Way::Forward),
        })
    }

    /// What recovery is on one of the two ways.
    fn recovered_of(&mut self, declared: &Declared<'a>, way: Way) -> Option<tree::Recovered> {
        let block = declared.ways().find(|block| block.way == way)?;
        let read = self.recovered(block.recovered.as_ref()?);
        self.part(read)
    }

    fn recovered(&mut self, recovered: &Recovered) -> Option<tree::Recovered> {
        let when = self.condition(&recovered.when, Watch::Recovered);
        if let Some(when) = &when
            && self.watches_nothing(when, &recovered.when)
        {
            self.found
                .push(say::recovery_watches_nothing(recovered.when.span));
        }
        let hold = self.expect_if_there(recovered.hold.as_ref(), &Type::Duration, "`for`");
        let within = self.expect(&recovered.within, &Type::Duration, "`within`");
        Some(tree::Recovered {
            when: when?,
            hold: hold?,
            within: within?,
            span: recovered.span,
        })
    }

    pub(super) fn ops(
        &mut self,
        statements: &'a [Statement],
        (place, name, above): (Place, &str, usize),
        steps: &mut Steps,
    ) -> Vec<tree::Op> {
        let mut all = Vec::new();
        // Those that stand above are counted: `above` of them have been read.
        let mut position = above;
        for statement in statements {
            if let Statement::Guard(_) = statement {
                // Read with the guards of the whole file.
                continue;
            }
            position += 1;
            let place_name = format!("{name}.{position}");
            let kind = self.op(statement, (place, place_name), steps);
            all.extend(self.part(kind).map(|kind| tree::Op {
                kind,
                span: statement.span(),
            }));
        }
        all
    }

    fn op(
        &mut self,
        statement: &'a Statement,
        (place, place_name): (Place, String),
        steps: &mut Steps,
    ) -> Option<tree::OpKind> {
        match statement {
            Statement::Step(step) => {
                let parts = Parts {
                    name: Some(&step.name),
                    place_name,
                    title: step.title.as_ref(),
                    clauses: &step.clauses,
                    command: step.command.as_ref(),
                    span: step.span,
                };
                self.step(&parts, place, steps).map(tree::OpKind::Step)
            }
            Statement::Command(command) => {
                let clauses = Clauses::default();
                let parts = Parts {
                    name: None,
                    place_name,
                    title: None,
                    clauses: &clauses,
                    command: Some(command),
                    span: command.span(),
                };
                self.step(&parts, place, steps).map(tree::OpKind::Step)
            }
            Statement::Wait(wait) => self.wait(wait),
            Statement::WaitUntil(wait) => self.wait_until(wait),
            Statement::Expose(expose) => self.expose(expose),
            Statement::Verify(verify) => self.verify(verify),
            Statement::Notify(notify) => self.notify(notify, place).map(tree::OpKind::Notify),
            Statement::Fail(fail) => self.template(&fail.why, place).map(tree::OpKind::Fail),
            Statement::Approve(approve) => self
                .approve(approve, place, steps)
                .map(tree::OpKind::Approve),
            Statement::Capture(capture) => self
                .capture(capture, (place, place_name), steps)
                .map(tree::OpKind::Step),
            Statement::Parallel(one) => self.parallel(one, (place, &place_name), steps),
            Statement::For(one) => self.for_each(one, (place, &place_name), steps),
            Statement::If(one) => self.decision(one, (place, &place_name), steps),
            Statement::Call(one) => self.task_call(one, (place, &place_name), steps),
            Statement::Undo(_) => Some(tree::OpKind::Undo),
            Statement::NoReturn(one) => self.template(&one.why, place).map(tree::OpKind::NoReturn),
            Statement::Guard(_) | Statement::NotBuilt(_) => self.part(None),
        }
    }

    fn wait(&mut self, wait: &Wait) -> Option<tree::OpKind> {
        let min = self.expect(&wait.min, &Type::Duration, "`wait`");
        let max = self.expect_if_there(wait.max.as_ref(), &Type::Duration, "the end of `wait`");
        Some(tree::OpKind::Wait {
            min: min?,
            max: max?,
        })
    }

    fn verify(&mut self, verify: &Verify) -> Option<tree::OpKind> {
        let probe = self.find(Sort::Probe, &verify.probe).map(ProbeId);
        let within = match &verify.within {
            Some(within) => self.expect(within, &Type::Duration, "`within` of `verify`"),
            None => {
                self.found
                    .push(say::verify_without_within(verify.span, &verify.probe.text));
                None
            }
        };
        let every = self.expect_if_there(verify.every.as_ref(), &Type::Duration, "`every`");
        Some(tree::OpKind::Verify {
            probe: probe?,
            within: within?,
            every: every?,
        })
    }
}
