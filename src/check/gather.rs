//! What a file declares, sorted by kind, each in the order of the file. Looks at no meaning.

use std::collections::BTreeSet;

use crate::ast::{
    Aftermath, AftermathKind, Before, Capture, Channel, Defaults, Exposure, File, Guard, Header,
    HeaderKey, Hosts, Item, Let, Level, Limits, Metric, Name, Param, Probe, Provider, Rollback,
    Rollout, Secret, Stage, Statement, Task, TestBlock, Way, Window,
};
use crate::source::Span;

use super::ids::StageId;

/// The declarations of a file.
#[derive(Debug, Default)]
pub(super) struct Declared<'a> {
    pub(super) headers: Vec<&'a Header>,
    pub(super) params: Vec<&'a Param>,
    pub(super) lets: Vec<&'a Let>,
    pub(super) secrets: Vec<&'a Secret>,
    pub(super) providers: Vec<&'a Provider>,
    pub(super) channels: Vec<&'a Channel>,
    pub(super) exposures: Vec<&'a Exposure>,
    pub(super) hosts: Vec<&'a Hosts>,
    pub(super) metrics: Vec<&'a Metric>,
    pub(super) probes: Vec<&'a Probe>,
    /// Those at the top and those in stages, by their place in the file.
    pub(super) guards: Vec<(&'a Guard, Option<StageId>)>,
    pub(super) defaults: Option<&'a Defaults>,
    pub(super) limits: Option<&'a Limits>,
    pub(super) windows: Vec<&'a Window>,
    pub(super) before: Vec<&'a Before>,
    pub(super) rollouts: Vec<&'a Rollout>,
    pub(super) rollbacks: Vec<&'a Rollback>,
    /// The blocks `forward`.
    pub(super) forwards: Vec<&'a Rollback>,
    pub(super) aftermaths: Vec<&'a Aftermath>,
    pub(super) tests: Vec<&'a TestBlock>,
    pub(super) tasks: Vec<&'a Task>,
    /// The names of the tasks that a stage or a level comes to.
    pub(super) called: BTreeSet<&'a str>,
    /// In stages and levels, by their place in the file; one that several calls of a task come to is there once.
    pub(super) captures: Vec<&'a Capture>,
    /// Where their names stand.
    captured_at: BTreeSet<Span>,
    /// Parameters and lets together.
    pub(super) bindings: Vec<&'a Name>,
    /// Parts that are not built yet, which `syntax` has reported.
    pub(super) not_built: usize,
}

impl<'a> Declared<'a> {
    pub(super) fn of(file: &'a File) -> Self {
        let mut all = Self::default();
        let mut stages = 0;
        for item in &file.items {
            match item {
                Item::Header(one) => all.headers.push(one),
                // What a file takes from others stands beside its own declarations.
                Item::Use(_) | Item::Adopt(_) => {}
                Item::Param(one) => {
                    all.params.push(one);
                    all.bindings.push(&one.name);
                }
                Item::Let(one) => {
                    all.lets.push(one);
                    all.bindings.push(&one.name);
                }
                Item::Secret(one) => all.secrets.push(one),
                Item::Provider(one) => all.providers.push(one),
                Item::Channel(one) => all.channels.push(one),
                Item::Exposure(one) => all.exposures.push(one),
                Item::Hosts(one) => all.hosts.push(one),
                Item::Metric(one) => all.metrics.push(one),
                Item::Probe(one) => all.probes.push(one),
                Item::Guard(one) => all.guards.push((one, None)),
                // A second one was reported when the text was read.
                Item::Defaults(one) => all.defaults = Some(one),
                Item::Window(one) => all.windows.push(one),
                Item::Limits(one) => all.limits = Some(one),
                Item::Before(one) => all.before.push(one),
                Item::Rollout(one) => {
                    for stage in &one.stages {
                        all.guards
                            .extend(guards_in(stage).map(|guard| (guard, Some(StageId(stages)))));
                        stages += 1;
                        all.done(&stage.statements);
                    }
                    all.rollouts.push(one);
                }
                Item::Rollback(one) => {
                    for level in &one.levels {
                        all.done(&level.statements);
                    }
                    match one.way {
                        Way::Back => all.rollbacks.push(one),
                        Way::Forward => all.forwards.push(one),
                    }
                }
                Item::Aftermath(one) => all.aftermaths.push(one),
                Item::Task(one) => all.tasks.push(one),
                Item::Test(one) => all.tests.push(one),
                // Looked for where commands are read.
                Item::Environment(_) => {}
                Item::NotBuilt(_) => all.not_built += 1,
            }
        }
        for task in all.tasks.clone() {
            if !all.called.contains(&task.name.as_str()) {
                for capture in captures_in(&task.statements) {
                    all.captured(capture);
                }
            }
        }
        all
    }

    /// What the statements of a stage or a level capture and call.
    fn done(&mut self, statements: &'a [Statement]) {
        for statement in Statement::all(statements) {
            if let Statement::Call(call) = statement {
                self.called.insert(call.name.as_str());
            } else if let Statement::Capture(capture) = statement {
                self.captured(capture);
            }
        }
    }

    fn captured(&mut self, capture: &'a Capture) {
        if self.captured_at.insert(capture.name.span) {
            self.captures.push(capture);
        }
    }

    pub(super) fn stages(&self) -> impl Iterator<Item = &'a Stage> {
        self.rollouts.iter().flat_map(|rollout| &rollout.stages)
    }

    /// The levels of the rollback, then those of the way forward.
    pub(super) fn levels(&self) -> impl Iterator<Item = &'a Level> {
        self.ways().flat_map(|block| &block.levels)
    }

    /// The blocks of the way back, then those of the way forward.
    pub(super) fn ways(&self) -> impl Iterator<Item = &'a Rollback> {
        self.rollbacks.iter().chain(&self.forwards).copied()
    }

    pub(super) fn header(&self, key: HeaderKey) -> Option<&'a Header> {
        self.headers.iter().copied().find(|one| one.key == key)
    }

    pub(super) fn aftermath(&self, kind: AftermathKind) -> Option<&'a Aftermath> {
        self.aftermaths.iter().copied().find(|one| one.kind == kind)
    }

    /// The first place in a stage at which something is changed that can be rolled back: a step runs or an exposure is set.
    pub(super) fn first_change(&self) -> Option<Span> {
        let in_stages = self.stages().flat_map(|stage| &stage.statements);
        in_stages
            .take_while(|statement| !matches!(statement, Statement::NoReturn(_)))
            .flat_map(|statement| Statement::all(std::slice::from_ref(statement)))
            .find(|statement| changes(statement))
            .map(Statement::span)
    }

    /// The first statement of the rollout that sets an exposure.
    pub(super) fn first_expose(&self) -> Option<Span> {
        self.stages()
            .flat_map(|stage| Statement::all(&stage.statements))
            .find_map(|statement| match statement {
                Statement::Expose(one) => Some(one.span),
                Statement::Step(_)
                | Statement::Command(_)
                | Statement::Wait(_)
                | Statement::WaitUntil(_)
                | Statement::Verify(_)
                | Statement::Notify(_)
                | Statement::Fail(_)
                | Statement::Guard(_)
                | Statement::Approve(_)
                | Statement::Capture(_)
                | Statement::Parallel(_)
                | Statement::For(_)
                | Statement::Call(_)
                | Statement::If(_)
                | Statement::Undo(_)
                | Statement::NoReturn(_)
                | Statement::NotBuilt(_) => None,
            })
    }
}

/// The captures among these statements.
fn captures_in(statements: &[Statement]) -> impl Iterator<Item = &Capture> {
    let all = Statement::all(statements).into_iter();
    all.filter_map(|statement| match statement {
        Statement::Capture(capture) => Some(capture.as_ref()),
        Statement::Step(_)
        | Statement::Command(_)
        | Statement::Wait(_)
        | Statement::WaitUntil(_)
        | Statement::Expose(_)
        | Statement::Verify(_)
        | Statement::Notify(_)
        | Statement::Fail(_)
        | Statement::Guard(_)
        | Statement::Approve(_)
        | Statement::Parallel(_)
        | Statement::For(_)
        | Statement::Call(_)
        | Statement::If(_)
        | Statement::Undo(_)
        | Statement::NoReturn(_)
        | Statement::NotBuilt(_) => None,
    })
}

fn guards_in(stage: &Stage) -> impl Iterator<Item = &Guard> {
    stage
        .statements
        .iter()
        .filter_map(|statement| match statement {
            Statement::Guard(guard) => Some(guard.as_ref()),
            Statement::Step(_)
            | Statement::Command(_)
            | Statement::Wait(_)
            | Statement::WaitUntil(_)
            | Statement::Expose(_)
            | Statement::Verify(_)
            | Statement::Notify(_)
            | Statement::Fail(_)
            | Statement::Approve(_)
            | Statement::Capture(_)
            | Statement::Parallel(_)
            | Statement::For(_)
            | Statement::Call(_)
            | Statement::If(_)
            | Statement::Undo(_)
            | Statement::NoReturn(_)
            | Statement::NotBuilt(_) => None,
        })
}

fn changes(statement: &Statement) -> bool {
    match statement {
        Statement::Step(_)
        | Statement::Command(_)
        | Statement::Expose(_)
        | Statement::Capture(_)
        | Statement::Undo(_) => true,
        Statement::Wait(_)
        | Statement::WaitUntil(_)
        | Statement::Verify(_)
        | Statement::Notify(_)
        | Statement::Fail(_)
        | Statement::Guard(_)
        | Statement::Approve(_)
        | Statement::NoReturn(_)
        // What they hold is looked at by itself.
        | Statement::Parallel(_)
        | Statement::For(_)
        | Statement::Call(_)
        | Statement::If(_)
        | Statement::NotBuilt(_) => false,
    }
}
