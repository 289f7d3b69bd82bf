//! What undoes a step: its commands as steps of their own, and that a level runs them.

use crate::ast::{self, Clauses, Command, Name, Statement, Target, Text};
use crate::diag::factory::undo as say;
use crate::source::Span;

use super::Checker;
use super::Whole;
use super::ids::StepId;
use super::place::Place;
use super::step::{Parts, Steps};
use super::tree::{Checked, Op, OpKind};

/// One of the statements that undo a step.
struct By<'t> {
    name: Option<&'t Name>,
    title: Option<&'t Text>,
    clauses: Clauses,
    command: Option<&'t Command>,
    /// Its own `on HOSTS`.
    own_hosts: Option<Span>,
    span: Span,
}

impl Checker<'_> {
    /// The `undo` of a step, where it may have one; nothing inside when it has none.
    pub(super) fn undo_in_place<'t>(
        &mut self,
        clauses: &'t Clauses,
        place: Place,
    ) -> Option<Option<&'t ast::Undo>> {
        match (&clauses.undo, place) {
            (None, _) => Some(None),
            (Some(undo), Place::Stage) => Some(Some(undo)),
            // A task has it for the stages that call it.
            (Some(_), Place::Level) if self.task.is_some() => Some(None),
            (Some(undo), Place::Level) => {
                self.found.push(say::undo_in_level(undo.span));
                None
            }
            // Of a check it was said that it is needless; no step stands elsewhere.
            (
                Some(_),
                Place::Before
                | Place::Stuck
                | Place::AfterRollback
                | Place::AfterForward
                | Place::AfterRollout
                | Place::AnyTime,
            ) => None,
        }
    }

    /// The steps that undo one: they run where it ran, with what it had, unless they say otherwise.
    pub(super) fn undo(
        &mut self,
        undo: &ast::Undo,
        (id, of): (StepId, &Clauses),
        steps: &mut Steps,
    ) {
        let Some(step) = steps.all.get(id.index()) else {
            return;
        };
        let (name, within) = (step.name.as_str().to_owned(), step.within.clone());
        if undo.statements.is_empty() {
            self.found.push(say::empty_undo(undo.span, &name));
        }
        let task = self.task.take();
        let mut all = Vec::new();
        for (index, statement) in undo.statements.iter().enumerate() {
            let place_name = match undo.statements.len() {
                0 | 1 => format!("undo {name}"),
                _several => format!("undo {name}.{}", index + 1),
            };
            let by = by(statement, of).and_then(|by| {
                if let Some(own) = by.own_hosts {
                    self.found.push(say::undo_elsewhere(own, &name));
                    return None;
                }
                let parts = Parts {
                    name: by.name,
                    place_name,
                    title: by.title,
                    clauses: &by.clauses,
                    command: by.command,
                    span: by.span,
                };
                self.step(&parts, Place::Level, steps)
            });
            all.extend(self.part(by));
        }
        self.task = task;
        for by in &all {
            if let Some(by) = steps.all.get_mut(by.index()) {
                by.undoes = Some(id);
                by.within.clone_from(&within);
            }
        }
        if self.task.is_some() {
            all.iter().for_each(|by| steps.note_copy(*by));
        }
        if let Some(step) = steps.all.get_mut(id.index()) {
            step.undo = Some((all, undo.span));
        }
    }

    /// What can be undone is undone by a level, and a level has something to undo.
    pub(super) fn undo_rules(&mut self, checked: &Checked) {
        let mut can = checked
            .steps
            .iter()
            .filter_map(|step| Some((step.name.as_str(), step.undo.as_ref()?.1)));
        let levels = checked.rollback.iter().flat_map(|one| &one.levels);
        let mut found = Vec::new();
        for level in levels {
            undone(&level.ops, None, &mut found);
        }
        let mut does = found.into_iter();
        match (can.next(), does.next()) {
            // What could not be read may be what is missing.
            (None, None) | (Some(_), None) | (None, Some(_)) if self.whole == Whole::No => {}
            (None, None) => {}
            (Some((name, span)), None) => {
                self.found
                    .push(say::undo_never_run(span, name, can.count()));
            }
            (None, Some((_, span))) => {
                for span in std::iter::once(span).chain(does.map(|(_, span)| span)) {
                    self.found.push(say::nothing_to_undo(span));
                }
            }
            (Some(_), Some(_)) => {
                for (first, span) in does {
                    if let Some(first) = first {
                        self.found.push(say::undone_already(span, first));
                    }
                }
            }
        }
    }

    /// What undoes the step of a name: the first of it, or the one with the number behind the name.
    pub(super) fn undo_called(&mut self, target: &Target, checked: &Checked) -> Option<StepId> {
        let whole = Target {
            undo: false,
            ..target.clone()
        };
        let (of, index) = match target.name.text.rsplit_once('.') {
            Some((name, number)) if Self::steps_called(checked, &whole).is_empty() => {
                let mut of = whole.clone();
                name.clone_into(&mut of.name.text);
                (of, number.parse::<usize>().ok()?.checked_sub(1))
            }
            Some(_) | None => (whole, Some(0)),
        };
        let Some(step) = self.step_called(&of, checked)? else {
            let known = Self::step_names(checked);
            self.not_there_in(target, "step", &known);
            return None;
        };
        let undo = checked.steps.get(step.index())?.undo.as_ref();
        let by = undo.and_then(|(by, _)| by.get(index?).copied());
        if by.is_none() {
            self.found
                .push(say::no_undo_of(target.span, &target.name.text));
        }
        self.part(by)
    }
}

/// Each `undo` of these operations, with the one before it that has undone everything whichever way the run took. Gives that for what
/// stands behind them.
fn undone(
    ops: &[Op],
    mut before: Option<Span>,
    found: &mut Vec<(Option<Span>, Span)>,
) -> Option<Span> {
    for op in ops {
        match &op.kind {
            OpKind::Undo => {
                found.push((before, op.span));
                before = before.or(Some(op.span));
            }
            OpKind::If(one) => {
                let then = undone(&one.then, before, found);
                let otherwise = undone(&one.otherwise, before, found);
                before = before.or(then.and(otherwise));
            }
            // It does not stand in these, nor in a task.
            OpKind::Parallel(_)
            | OpKind::For(_)
            | OpKind::Call(_)
            | OpKind::Step(_)
            | OpKind::Wait { .. }
            | OpKind::Until { .. }
            | OpKind::Expose { .. }
            | OpKind::Verify { .. }
            | OpKind::Notify(_)
            | OpKind::Fail(_)
            | OpKind::Approve(_)
            | OpKind::NoReturn(_) => {}
        }
    }
    before
}

/// A statement that undoes a step with these clauses.
fn by<'t>(statement: &'t Statement, of: &Clauses) -> Option<By<'t>> {
    let inherits = |own: Clauses| Clauses {
        dir: own.dir.clone().or_else(|| of.dir.clone()),
        env: if own.env.is_empty() {
            of.env.clone()
        } else {
            own.env.clone()
        },
        user: own.user.clone().or_else(|| of.user.clone()),
        on: of.on.clone(),
        ..own
    };
    match statement {
        Statement::Step(step) => Some(By {
            name: Some(&step.name),
            title: step.title.as_ref(),
            clauses: inherits(Clauses::clone(&step.clauses)),
            command: step.command.as_ref(),
            own_hosts: step.clauses.on.as_ref().map(|on| on.span),
            span: step.span,
        }),
        Statement::Command(command) => Some(By {
            name: None,
            title: None,
            clauses: inherits(Clauses::default()),
            command: Some(command),
            own_hosts: None,
            span: command.span(),
        }),
        // Refused when the text was read.
        Statement::Wait(_)
        | Statement::WaitUntil(_)
        | Statement::Expose(_)
        | Statement::Verify(_)
        | Statement::Notify(_)
        | Statement::Fail(_)
        | Statement::Guard(_)
        | Statement::Approve(_)
        | Statement::Capture(_)
        | Statement::Undo(_)
        | Statement::NoReturn(_)
        | Statement::Parallel(_)
        | Statement::For(_)
        | Statement::Call(_)
        | Statement::If(_)
        | Statement::NotBuilt(_) => None,
    }
}
