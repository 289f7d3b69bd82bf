//! Guards: what they watch, in which stages, and what they do.

use crate::ast::{self, Guard, Name, OnBlind, Streak};
use crate::diag::factory::{check as say, library, syntax};
use crate::value::Type;

use super::Checker;
use super::constant::expr_of;
use super::ids::{LevelId, StageId};
use super::names::Sort;
use super::place::Watch;
use super::tree;

impl Checker<'_> {
    pub(super) fn guard(
        &mut self,
        (guard, stage): (&Guard, Option<StageId>),
    ) -> Option<tree::Guard> {
        let when = self.condition(&guard.when, Watch::Guard);
        if let Some(when) = &when
            && self.watches_nothing(when, &guard.when)
        {
            let metric = self.names.of(Sort::Metric).next();
            let example = self.breach_of(metric.unwrap_or("errors"));
            self.found.push(say::guard_watches_nothing(
                guard.when.span,
                &guard.name.text,
                &example,
            ));
        }
        let streak = match &guard.hold {
            None => Some(None),
            Some(Streak::For(length)) => self
                .expect(length, &Type::Duration, "`for`")
                .map(|length| Some(tree::Streak::For(length))),
            Some(Streak::Of { breaches, samples }) => {
                let breaches = self.expect(breaches, &Type::Int, "the number of breaches");
                let samples = self.expect(samples, &Type::Int, "the number of samples");
                breaches
                    .zip(samples)
                    .map(|(breaches, samples)| Some(tree::Streak::Of { breaches, samples }))
            }
        };
        let action = match &guard.action {
            ast::GuardAction::Rollback { from } => self
                .level_of(from.as_ref())
                .map(tree::GuardAction::Rollback),
            ast::GuardAction::Decide { within, otherwise } => {
                let within = self.expect(within, &Type::Duration, "`within`");
                let otherwise = match otherwise {
                    ast::Otherwise::Continue => Some(tree::Otherwise::Continue),
                    ast::Otherwise::Rollback { from } => {
                        if let Some(from) = from {
                            self.found
                                .push(syntax::not_built_yet(from.span, "else rollback from"));
                        }
                        Some(tree::Otherwise::Rollback)
                    }
                };
                within
                    .zip(otherwise)
                    .map(|(within, otherwise)| tree::GuardAction::Decide { within, otherwise })
            }
            ast::GuardAction::Hold => Some(tree::GuardAction::Hold),
            ast::GuardAction::Warn => Some(tree::GuardAction::Warn),
        };
        let warmup = self.expect_if_there(guard.warmup.as_ref(), &Type::Duration, "`warmup`");
        let coverage = self.expect_if_there(guard.coverage.as_ref(), &Type::Percent, "`coverage`");
        let on_blind = match &guard.on_blind {
            None => Some(None),
            Some(on_blind) => self.on_blind(on_blind).map(Some),
        };
        let stages = self.armed_in(guard, stage);
        Some(tree::Guard {
            name: guard.name.text.clone(),
            when: when?,
            streak: streak?,
            action: action?,
            warmup: warmup?,
            on_blind: on_blind?,
            coverage: coverage?,
            stages: stages?,
            span: guard.name.span,
        })
    }

    fn on_blind(&mut self, on_blind: &OnBlind) -> Option<tree::BlindAction> {
        match &on_blind.action {
            ast::BlindAction::Hold => Some(tree::BlindAction::Hold),
            ast::BlindAction::Rollback => Some(tree::BlindAction::Rollback),
            ast::BlindAction::Ignore(reason) => {
                if reason.plain().is_some_and(|text| text.trim().is_empty()) {
                    self.found
                        .push(say::empty_text(reason.span, "the reason to ignore it"));
                }
                self.expect(&expr_of(reason), &Type::Text, "a reason")
                    .map(tree::BlindAction::Ignore)
            }
        }
    }

    /// The stages in which a guard is armed.
    fn armed_in(
        &mut self,
        guard: &Guard,
        stage: Option<StageId>,
    ) -> Option<Option<(StageId, StageId)>> {
        let Some(range) = &guard.during else {
            return Some(stage.map(|stage| (stage, stage)));
        };
        if self.is_library() {
            self.found.push(library::guard_of_library_names(
                range.span,
                "a stage",
                "{ during STAGE..STAGE }",
            ));
            return None;
        }
        if stage.is_some() {
            self.found.push(say::during_in_stage(range.span));
            return None;
        }
        let first = self.find(Sort::Stage, &range.first).map(StageId);
        let last = if range.first == range.last {
            first
        } else {
            self.find(Sort::Stage, &range.last).map(StageId)
        };
        let (first, last) = first.zip(last)?;
        if last < first {
            self.found.push(say::stages_backwards(
                range.span,
                &range.first.text,
                &range.last.text,
            ));
            return None;
        }
        Some(Some((first, last)))
    }

    /// `from LEVEL`, where it is said.
    pub(super) fn level_of(&mut self, from: Option<&Name>) -> Option<Option<LevelId>> {
        match from {
            None => Some(None),
            Some(name) if self.is_library() => {
                self.found.push(library::guard_of_library_names(
                    name.span,
                    "a level",
                    "then rollback from LEVEL",
                ));
                None
            }
            Some(name) => self
                .find(Sort::Level, name)
                .map(|index| Some(LevelId(index))),
        }
    }
}
