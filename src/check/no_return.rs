//! Points of no return: on which side of them each statement of the rollout stands, and whether what it names applies there. A walk
//! over statements in the order of the run; where an `if` passes the point in one way only, either side is possible behind it.

use crate::ast::{
    Clauses, FailureAction, Guard, GuardAction, Name, Otherwise, OutcomeKind, Statement,
    Unapproved, Way,
};
use crate::diag::factory::no_return as say;
use crate::source::Span;

use super::Checker;
use super::gather::Declared;
use super::ids::StageId;
use super::tree::Checked;

/// On which side of the point of no return the run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    /// It has not passed one.
    Before,
    /// On some ways it has, on others it has not.
    Either,
    /// It has passed this one.
    Behind(Span),
}

impl Side {
    /// What is known where two ways come together.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Before, Self::Before) => Self::Before,
            (Self::Behind(span), Self::Behind(_)) => Self::Behind(span),
            (Self::Before | Self::Either | Self::Behind(_), _) => Self::Either,
        }
    }

    /// What is known of a time that began on one side and ends on another.
    fn through(self, end: Self) -> Self {
        match (self, end) {
            (Self::Behind(span), _) => Self::Behind(span),
            (Self::Before, Self::Before) => Self::Before,
            (Self::Before | Self::Either, _) => Self::Either,
        }
    }
}

impl<'a> Checker<'a> {
    /// The rules of the point of no return and of the way forward.
    pub(super) fn points_of_no_return(&mut self, declared: &Declared<'a>) {
        let points: Vec<Span> = declared
            .stages()
            .flat_map(|stage| Statement::all(&stage.statements))
            .filter_map(|statement| {
                if let Statement::NoReturn(one) = statement {
                    Some(one.span)
                } else {
                    None
                }
            })
            .collect();
        let lost = |word: &str| self.ast.lost.iter().any(|lost| lost == word);
        let (forward_lost, point_lost) = (lost("forward"), lost("no"));
        match (points.first(), declared.forwards.first()) {
            (Some(point), None) if !forward_lost => {
                self.found.push(say::no_way_forward(*point));
            }
            (None, Some(forward)) if !point_lost && self.all_is_read(declared) => {
                self.found.push(say::forward_never_run(forward.word_span));
            }
            (Some(_) | None, _) => {}
        }
        for block in &declared.forwards {
            let levels = block.levels.iter();
            let all = levels.flat_map(|level| Statement::all(&level.statements));
            for statement in all {
                if let Statement::Undo(span) = statement {
                    self.incomplete();
                    self.found.push(say::undo_goes_back(*span));
                }
            }
        }
        let mut side = Side::Before;
        let mut stages = Vec::new();
        for stage in declared.stages() {
            let begins = side;
            side = self.sides(&stage.statements, side, declared);
            stages.push((stage.name.text.as_str(), begins, side));
        }
        for (guard, stage) in &declared.guards {
            if let Some(side) = armed(guard, *stage, &stages) {
                let from = match &guard.action {
                    GuardAction::Rollback { from } => from.as_ref(),
                    GuardAction::Decide {
                        otherwise: Otherwise::Rollback { from },
                        ..
                    } => from.as_ref(),
                    GuardAction::Decide {
                        otherwise: Otherwise::Continue,
                        ..
                    }
                    | GuardAction::Hold
                    | GuardAction::Warn => None,
                };
                self.applies(from, side, declared);
            }
        }
    }

    /// Whether no stage holds something that could not be read.
    fn all_is_read(&self, declared: &Declared<'a>) -> bool {
        declared
            .stages()
            .flat_map(|stage| Statement::all(&stage.statements))
            .all(|statement| !matches!(statement, Statement::NotBuilt(_)))
    }

    /// Walks over statements; returns on which side the run is behind them.
    fn sides(
        &mut self,
        statements: &'a [Statement],
        mut side: Side,
        declared: &Declared<'a>,
    ) -> Side {
        for statement in statements {
            match statement {
                Statement::NoReturn(one) => {
                    if let Side::Behind(first) = side {
                        self.found.push(say::no_return_twice(one.span, first));
                    } else {
                        side = Side::Behind(one.span);
                    }
                }
                Statement::Step(one) => {
                    self.clauses_apply((&one.clauses, one.name.as_str()), side, declared);
                }
                Statement::Capture(one) => {
                    self.clauses_apply((&one.clauses, one.name.as_str()), side, declared);
                }
                Statement::Approve(one) => {
                    if let Unapproved::Rollback { from } = &one.otherwise {
                        self.applies(from.as_ref(), side, declared);
                    }
                }
                Statement::If(one) => {
                    let then = self.sides(&one.then, side, declared);
                    let otherwise = self.sides(&one.otherwise, side, declared);
                    side = then.or(otherwise);
                }
                // No point is in what they hold.
                Statement::Parallel(one) => {
                    for strand in &one.strands {
                        self.sides(&strand.statements, side, declared);
                    }
                }
                Statement::For(one) => {
                    self.sides(&one.statements, side, declared);
                }
                Statement::Call(one) => {
                    if let Some(body) = &one.body {
                        side = self.sides(&body.statements, side, declared);
                    }
                }
                Statement::Command(_)
                | Statement::Wait(_)
                | Statement::WaitUntil(_)
                | Statement::Expose(_)
                | Statement::Verify(_)
                | Statement::Notify(_)
                | Statement::Fail(_)
                | Statement::Guard(_)
                | Statement::Undo(_)
                | Statement::NotBuilt(_) => {}
            }
        }
        side
    }

    fn clauses_apply(
        &mut self,
        (clauses, step): (&Clauses, &str),
        side: Side,
        declared: &Declared<'a>,
    ) {
        if let Some(on) = &clauses.on_failure
            && let FailureAction::Rollback { from } = &on.action
        {
            self.applies(from.as_ref(), side, declared);
        }
        if let (Some(undo), Side::Behind(point)) = (&clauses.undo, side) {
            self.found
                .push(say::undo_behind_the_point((undo.span, step), point));
        }
    }

    /// A level that is named must be one of the way that is left.
    fn applies(&mut self, from: Option<&Name>, side: Side, declared: &Declared<'a>) {
        let Some(from) = from else {
            return;
        };
        let names = |way: Way| {
            let blocks = declared.ways().filter(move |block| block.way == way);
            blocks.flat_map(|block| block.levels.iter().map(|level| level.name.as_str()))
        };
        let is_on = |way: Way| names(way).any(|name| name == from.text);
        let named = (from.span, from.text.as_str());
        match side {
            Side::Before if is_on(Way::Forward) => {
                let others: Vec<&str> = names(Way::Back).collect();
                self.found.push(say::level_before_the_point(named, &others));
            }
            Side::Behind(point) if is_on(Way::Back) => {
                let others: Vec<&str> = names(Way::Forward).collect();
                self.found
                    .push(say::level_behind_the_point(named, point, &others));
            }
            Side::Before | Side::Either | Side::Behind(_) => {}
        }
    }

    /// An outcome names a level of its own way.
    pub(super) fn level_of_outcome(
        &mut self,
        name: &Name,
        outcome: OutcomeKind,
        checked: &Checked,
    ) {
        let levels = checked.rollback.iter().flat_map(|one| &one.levels);
        let mut found = levels.filter(|one| one.name == name.text);
        let Some(known) = found.next() else {
            return;
        };
        let wanted = match known.way {
            Way::Back => OutcomeKind::RolledBack,
            Way::Forward => OutcomeKind::WentForward,
        };
        if outcome != wanted {
            self.found.push(say::level_of_other_way(
                (name.span, &name.text),
                known.way.word(),
                wanted.word(),
            ));
        }
    }
}

/// On which side a guard is armed; nothing when a stage that it names is not there.
fn armed(guard: &Guard, stage: Option<StageId>, stages: &[(&str, Side, Side)]) -> Option<Side> {
    let at = |name: &Name| stages.iter().find(|(known, ..)| *known == name.text);
    let (first, last) = match (stage, &guard.during) {
        (Some(stage), _) => (stages.get(stage.index())?, stages.get(stage.index())?),
        (None, Some(range)) => (at(&range.first)?, at(&range.last)?),
        (None, None) => (stages.first()?, stages.last()?),
    };
    Some(first.1.through(last.2))
}
