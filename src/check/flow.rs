//! Definite assignment: a captured value is used only where every way to that place has set it. A walk over statements in
//! the order of the run, with the set of what is certainly set; a statement that holds others walks into them with a copy and
//! joins what comes out.

use std::collections::BTreeMap;

use crate::ast::{AftermathKind, Capture, FailureAction, Statement};
use crate::diag::factory::check as say;
use crate::source::Span;

use super::Checker;
use super::gather::Declared;
use super::uses::{Use, Uses, Where};

/// Why a capture may not be set where it is used.
#[derive(Clone, Copy, Debug)]
enum Gap<'a> {
    /// The walk has not come by it.
    Later,
    /// It may fail, and the run goes on: the clause that says so.
    MayFail(Span),
    /// The rollback can come to this level from anywhere.
    Level(&'a str, Span),
    /// It stands in an earlier level, which may have failed or been skipped; this is the level of the use.
    OtherLevel(&'a str, Span),
    /// A place that is looked at, run or told at any time, in words.
    AnyTime(&'static str),
}

/// What is certainly set at one point of the run.
#[derive(Clone, Debug, Default)]
struct Known<'a> {
    set: Vec<&'a str>,
    may_fail: BTreeMap<&'a str, Span>,
}

impl<'a> Checker<'a> {
    /// Reports every use of a capture that may not be set.
    pub(super) fn flow(&mut self, declared: &Declared<'a>) {
        if declared.captures.is_empty() {
            return;
        }
        let mut known = Known::default();
        for stage in declared.stages() {
            for statement in &stage.statements {
                if let Statement::Guard(guard) = statement {
                    let mut uses = Uses::default();
                    uses.expr(&guard.when);
                    self.gaps(uses, declared, |name| known.gap(name));
                }
            }
            self.walk(&stage.statements, declared, &mut known);
        }
        let mut uses = Uses::default();
        for block in declared.aftermaths.iter() {
            if block.kind == AftermathKind::AfterRollout {
                block.texts().for_each(|text| uses.text(text));
            }
        }
        self.gaps(uses, declared, |name| known.gap(name));
        self.levels_in_flow(declared);
        self.any_time_in_flow(declared);
    }

    /// Statements that run one after the other.
    fn walk(
        &mut self,
        statements: &'a [Statement],
        declared: &Declared<'a>,
        known: &mut Known<'a>,
    ) {
        for statement in statements {
            let mut uses = Uses::default();
            uses.statement(statement);
            self.gaps(uses, declared, |name| known.gap(name));
            if let Statement::Capture(capture) = statement {
                known.pass(capture);
            }
        }
    }

    /// A level begins wherever the run is: only what it sets itself is certain in it.
    fn levels_in_flow(&mut self, declared: &Declared<'a>) {
        let levels: Vec<_> = declared.levels().collect();
        let in_levels: Vec<&str> = levels
            .iter()
            .flat_map(|level| &level.statements)
            .filter_map(captured)
            .map(|capture| capture.name.text.as_str())
            .collect();
        for level in levels {
            let place = (level.name.text.as_str(), level.name.span);
            let gap = |known: &Known<'a>, name: &str| {
                known.gap(name).map(|gap| match gap {
                    Gap::Later if is_in(&level.statements, name) => Gap::Later,
                    Gap::Later if in_levels.contains(&name) => Gap::OtherLevel(place.0, place.1),
                    Gap::Later => Gap::Level(place.0, place.1),
                    Gap::MayFail(_) | Gap::Level(..) | Gap::OtherLevel(..) | Gap::AnyTime(_) => gap,
                })
            };
            let mut known = Known::default();
            if let Some(when) = &level.when {
                let mut uses = Uses::default();
                uses.expr(when);
                self.gaps(uses, declared, |name| gap(&known, name));
            }
            for statement in &level.statements {
                let mut uses = Uses::default();
                uses.statement(statement);
                self.gaps(uses, declared, |name| gap(&known, name));
                if let Statement::Capture(capture) = statement {
                    known.pass(capture);
                }
            }
        }
    }

    /// What is looked at, run or told at any time.
    fn any_time_in_flow(&mut self, declared: &Declared<'a>) {
        let mut guards = Uses::default();
        for (guard, stage) in &declared.guards {
            if stage.is_none() {
                guards.expr(&guard.when);
            }
        }
        let mut other = Uses::default();
        for exposure in &declared.exposures {
            other.exposure(exposure);
        }
        for metric in &declared.metrics {
            other.metric(metric);
        }
        for probe in &declared.probes {
            other.probe(probe);
        }
        for block in &declared.rollbacks {
            if let Some(recovered) = &block.recovered {
                other.expr(&recovered.when);
            }
        }
        let mut told = Uses::default();
        for block in &declared.aftermaths {
            if block.kind != AftermathKind::AfterRollout {
                block.texts().for_each(|text| told.text(text));
            }
        }
        let places = [
            (guards, "a guard at the top looks from the first stage on"),
            (other, "this is needed at any time of the run"),
            (told, "this is told however far the run has come"),
        ];
        for (uses, why) in places {
            self.gaps(uses, declared, |_| Some(Gap::AnyTime(why)));
        }
    }

    /// Reports those uses that have a gap. One with a default never has.
    fn gaps(
        &mut self,
        uses: Uses<'_>,
        declared: &Declared<'a>,
        gap: impl Fn(&str) -> Option<Gap<'a>>,
    ) {
        for Use { name, span, place } in uses.found {
            let found = declared
                .captures
                .iter()
                .find(|capture| capture.name.text == name);
            let Some(capture) = found.filter(|capture| capture.default.is_none()) else {
                continue;
            };
            let Some(gap) = gap(name) else {
                continue;
            };
            let (at, why) = match gap {
                Gap::Later => (None, "it is set only later".to_owned()),
                Gap::MayFail(span) => (
                    Some((span, "when it fails, the run goes on without it".to_owned())),
                    "it may have failed".to_owned(),
                ),
                Gap::Level(level, span) => (
                    Some((
                        span,
                        format!("the rollback can come to `{level}` before it is set"),
                    )),
                    "it may not have been reached".to_owned(),
                ),
                Gap::OtherLevel(level, span) => (
                    Some((
                        span,
                        format!(
                            "the rollback comes to `{level}` also when the level before was skipped or failed"
                        ),
                    )),
                    "it may not have been reached".to_owned(),
                ),
                Gap::AnyTime(why) => (None, why.to_owned()),
            };
            let ty = capture.ty.ty.as_ref();
            let form = format!(
                "capture {name}: {} default {} $ COMMAND",
                ty.map_or_else(|| "TYPE".to_owned(), ToString::to_string),
                ty.map_or_else(|| "VALUE".to_owned(), crate::value::Type::example),
            );
            let instead = format!("${{{name}:-OTHER}}");
            self.found.push(say::maybe_unset(
                (span, name),
                (capture.name.span, &form),
                (&why, at),
                (place == Where::Shell).then_some(instead.as_str()),
            ));
        }
    }
}

impl<'a> Known<'a> {
    /// The walk comes by a capture.
    fn pass(&mut self, capture: &'a Capture) {
        let name = capture.name.text.as_str();
        match &capture.clauses.on_failure {
            Some(clause) if clause.action == FailureAction::Continue => {
                self.may_fail.insert(name, clause.span);
            }
            Some(_) | None => self.set.push(name),
        }
    }

    fn gap(&self, name: &str) -> Option<Gap<'a>> {
        if self.set.contains(&name) {
            None
        } else if let Some(span) = self.may_fail.get(name) {
            Some(Gap::MayFail(*span))
        } else {
            Some(Gap::Later)
        }
    }
}

fn captured(statement: &Statement) -> Option<&Capture> {
    if let Statement::Capture(capture) = statement {
        Some(capture)
    } else {
        None
    }
}

fn is_in(statements: &[Statement], name: &str) -> bool {
    statements
        .iter()
        .filter_map(captured)
        .any(|capture| capture.name.text == name)
}
