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
    /// It stands in one of the two ways of an `if`.
    OneWay(Span),
    /// It stands in another strand, which is under way at the same time.
    Beside,
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
    one_way: BTreeMap<&'a str, Span>,
    beside: Vec<&'a str>,
    /// What stands for something else here: the parameters of a task.
    hidden: Vec<&'a str>,
}

/// A level that is walked through.
struct InLevel<'a, 'l> {
    name: &'a str,
    span: Span,
    /// What it captures itself.
    own: Vec<&'a str>,
    /// What any level captures.
    any: &'l [&'a str],
}

impl<'a> InLevel<'a, '_> {
    /// A level begins wherever the run is.
    fn gap(&self, gap: Gap<'a>, name: &str) -> Gap<'a> {
        match gap {
            Gap::Later if self.own.contains(&name) => Gap::Later,
            Gap::Later if self.any.contains(&name) => Gap::OtherLevel(self.name, self.span),
            Gap::Later => Gap::Level(self.name, self.span),
            Gap::MayFail(_)
            | Gap::OneWay(_)
            | Gap::Beside
            | Gap::Level(..)
            | Gap::OtherLevel(..)
            | Gap::AnyTime(_) => gap,
        }
    }
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
            self.walk(&stage.statements, declared, (&mut known, None));
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
        (known, level): (&mut Known<'a>, Option<&InLevel<'a, '_>>),
    ) {
        for statement in statements {
            let mut uses = Uses::default();
            uses.statement(statement);
            self.gaps(uses, declared, |name| {
                let gap = known.gap(name)?;
                Some(level.map_or(gap, |level| level.gap(gap, name)))
            });
            match statement {
                Statement::Capture(capture) => known.pass(capture),
                Statement::Parallel(one) => {
                    let mut joined = known.clone();
                    for (index, strand) in one.strands.iter().enumerate() {
                        let mut own = known.clone();
                        let others = one.strands.iter().enumerate();
                        let others = others.filter(|(other, _)| *other != index);
                        own.beside
                            .extend(others.flat_map(|(_, other)| captures_in(&other.statements)));
                        self.walk(&strand.statements, declared, (&mut own, level));
                        joined.add(own);
                    }
                    *known = joined;
                }
                Statement::If(one) => {
                    let mut then = known.clone();
                    self.walk(&one.then, declared, (&mut then, level));
                    let mut otherwise = known.clone();
                    self.walk(&one.otherwise, declared, (&mut otherwise, level));
                    known.either(then, otherwise, one.when.span);
                }
                // Nothing is captured in a loop.
                Statement::For(one) => {
                    self.walk(&one.statements, declared, (&mut known.clone(), level));
                }
                Statement::Call(one) => {
                    if let Some(body) = &one.body {
                        let params = body.params.iter().map(|param| param.name.as_str());
                        let outside = std::mem::replace(&mut known.hidden, params.collect());
                        self.walk(&body.statements, declared, (&mut *known, level));
                        known.hidden = outside;
                    }
                }
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
                | Statement::Undo(_)
                | Statement::NoReturn(_)
                | Statement::NotBuilt(_) => {}
            }
        }
    }

    /// A level begins wherever the run is: only what it sets itself is certain in it.
    fn levels_in_flow(&mut self, declared: &Declared<'a>) {
        let levels: Vec<_> = declared.levels().collect();
        let all = levels.iter();
        let any: Vec<&str> = all
            .flat_map(|level| captures_in(&level.statements))
            .collect();
        for level in levels {
            let place = InLevel {
                name: level.name.text.as_str(),
                span: level.name.span,
                own: captures_in(&level.statements).collect(),
                any: &any,
            };
            let mut known = Known::default();
            if let Some(when) = &level.when {
                let mut uses = Uses::default();
                uses.expr(when);
                self.gaps(uses, declared, |name| {
                    known.gap(name).map(|gap| place.gap(gap, name))
                });
            }
            self.walk(&level.statements, declared, (&mut known, Some(&place)));
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
        for block in declared.ways() {
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
                Gap::OneWay(span) => (
                    Some((
                        span,
                        "only one way of this `if` sets it, and the run may have gone the other"
                            .to_owned(),
                    )),
                    "it may not have been set".to_owned(),
                ),
                Gap::Beside => (None, "another strand sets it, at the same time".to_owned()),
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
                "capture {name}: {} default VALUE $ COMMAND",
                ty.map_or_else(|| "TYPE".to_owned(), ToString::to_string),
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

    /// A strand has ended that was under way beside others.
    fn add(&mut self, strand: Self) {
        self.set.extend(strand.set);
        self.may_fail.extend(strand.may_fail);
        self.one_way.extend(strand.one_way);
    }

    /// The two ways of an `if` come together.
    fn either(&mut self, then: Self, otherwise: Self, when: Span) {
        let (one, other) = (&then.set, &otherwise.set);
        let only = |name: &&&str| !(one.contains(name) && other.contains(name));
        let names = one.iter().chain(other).filter(only);
        self.one_way.extend(names.map(|name| (*name, when)));
        self.set = one
            .iter()
            .filter(|name| other.contains(name))
            .copied()
            .collect();
        for way in [then, otherwise] {
            self.may_fail.extend(way.may_fail);
            self.one_way.extend(way.one_way);
        }
    }

    fn gap(&self, name: &str) -> Option<Gap<'a>> {
        if self.set.contains(&name) || self.hidden.contains(&name) {
            None
        } else if let Some(span) = self.may_fail.get(name) {
            Some(Gap::MayFail(*span))
        } else if let Some(span) = self.one_way.get(name) {
            Some(Gap::OneWay(*span))
        } else if self.beside.contains(&name) {
            Some(Gap::Beside)
        } else {
            Some(Gap::Later)
        }
    }
}

/// The names of what is captured among these statements and in what they hold.
fn captures_in(statements: &[Statement]) -> impl Iterator<Item = &str> {
    let all = Statement::all(statements).into_iter();
    all.filter_map(|statement| {
        if let Statement::Capture(capture) = statement {
            Some(capture.name.text.as_str())
        } else {
            None
        }
    })
}
