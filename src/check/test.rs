//! Tests: what they name, the types of their values, and whether each of their lines can decide something.

use crate::ast::{self, Asked, ExpectKind, Name, OutcomeKind, Target, TestBlock, TestLine};
use crate::diag::factory::check as say;
use crate::source::Span;
use crate::value::Type;

use super::Checker;
use super::answers::{answers, asked_by_text};
use super::condition::one_line;
use super::constant::Meant;
use super::gather::Declared;
use super::ids::{ExposureId, GuardId, LevelId, MetricId, ProbeId, StageId, StepId};
use super::names::Sort;
use super::place::Watch;
use super::tree::{self, AnswerTo, Checked, Run, Spot, StepName, Tried};

impl<'a> Checker<'a> {
    /// All tests of the file; what they are about is checked already.
    pub(super) fn tests(
        &mut self,
        declared: &Declared<'a>,
        checked: &Checked,
    ) -> Vec<tree::TestBlock> {
        let mut all: Vec<tree::TestBlock> = Vec::new();
        for test in &declared.tests {
            let read = self.test(test, checked);
            if let Some(one) = &read
                && let Some(first) = all.iter().find(|other| other.name == one.name)
            {
                self.found.push(say::declared_twice(
                    &one.name,
                    ("a test", one.name_span),
                    ("a test", first.name_span),
                ));
            }
            all.extend(self.part(read));
        }
        all
    }

    fn test(&mut self, test: &TestBlock, checked: &Checked) -> Option<tree::TestBlock> {
        let Some(name) = test.name.plain() else {
            self.found.push(say::test_name_not_plain(test.name.span));
            return None;
        };
        let mut block = tree::TestBlock {
            name: name.to_owned(),
            name_span: test.name.span,
            given: Vec::new(),
            start: None,
            sets: Vec::new(),
            faults: Vec::new(),
            takes: Vec::new(),
            crashes: Vec::new(),
            answers: Vec::new(),
            expects: Vec::new(),
        };
        let mut whole = Some(());
        for line in &test.lines {
            if self.test_line(line, checked, &mut block).is_none() {
                whole = None;
            }
        }
        let unread = !self.ast.lost.is_empty();
        if test
            .lines
            .iter()
            .all(|line| !matches!(line, TestLine::Expect(_)))
            && !unread
        {
            self.found
                .push(say::test_expects_nothing(test.name.span, name));
        }
        self.not_given(checked, test);
        self.deciding(checked, &block);
        whole.map(|()| block)
    }

    fn test_line(
        &mut self,
        line: &TestLine,
        checked: &Checked,
        block: &mut tree::TestBlock,
    ) -> Option<()> {
        match line {
            TestLine::Given(one) => {
                let given = self.given(one, block)?;
                block.given.push(given);
            }
            TestLine::Start(one) => {
                if checked.window.is_none() {
                    self.found.push(say::start_decides_nothing(one.span));
                    return None;
                }
                block.start = Some((one.day, one.minute));
            }
            TestLine::Set(one) => {
                let set = self.test_set(one)?;
                block.sets.push(set);
            }
            TestLine::Fault(one) => {
                let attempt = self.expect_if_there(
                    one.attempt.as_ref(),
                    &Type::Int,
                    "the number of the attempt",
                );
                let tried = self.tried(&one.target, checked);
                let (of, within) = tried?;
                block.faults.push(tree::Fault {
                    turn: turn_of(&one.target),
                    kind: one.kind,
                    of,
                    within,
                    attempt: attempt?,
                    span: one.span,
                });
            }
            TestLine::Takes(one) => {
                let time = self.expect(&one.time, &Type::Duration, "the time that it takes");
                let tried = self.tried(&one.target, checked);
                let (of, within) = tried?;
                block.takes.push(tree::Takes {
                    turn: turn_of(&one.target),
                    of,
                    within,
                    time: time?,
                    span: one.span,
                });
            }
            TestLine::Crash(one) => {
                let (of, within) = self.tried(&one.target, checked)?;
                if matches!(of, Tried::Probe(_)) {
                    self.found.push(say::crash_at_a_probe(
                        one.target.span,
                        &one.target.name.text,
                    ));
                    return None;
                }
                block.crashes.push(tree::Crash {
                    turn: turn_of(&one.target),
                    point: one.point,
                    of,
                    within,
                    span: one.span,
                });
            }
            TestLine::Answer(one) => {
                let after = self.expect_if_there(one.after.as_ref(), &Type::Duration, "`after`");
                let to = self.asked(one, checked);
                let turn = match &one.asked {
                    Asked::Target(target) => turn_of(target),
                    Asked::Text(_) => tree::Turn::default(),
                };
                for to in to? {
                    block.answers.push(tree::TestAnswer {
                        turn: turn.clone(),
                        to,
                        answer: one.answer,
                        after: after.clone()?,
                        span: one.span,
                    });
                }
            }
            TestLine::Expect(one) => {
                let kind = self.test_expected(&one.kind, checked)?;
                let text = one_line(self.file.slice(one.span));
                let text = text.strip_prefix("expect ").unwrap_or(&text).to_owned();
                let turn = match &one.kind {
                    ExpectKind::Ran(target) | ExpectKind::Never(target) => turn_of(target),
                    ExpectKind::Outcome { .. }
                    | ExpectKind::Recovery { .. }
                    | ExpectKind::Tripped(_)
                    | ExpectKind::Held(_)
                    | ExpectKind::Exposure { .. } => tree::Turn::default(),
                };
                block.expects.push(tree::TestExpect {
                    turn,
                    kind,
                    text,
                    span: one.span,
                });
            }
        }
        Some(())
    }

    fn given(&mut self, one: &ast::Given, block: &tree::TestBlock) -> Option<tree::Given> {
        let name = &one.param;
        let index = self.find(Sort::Param, name)?;
        if let Some(first) = block.given.iter().find(|other| other.param == name.text) {
            self.found
                .push(say::given_twice(one.span, first.span, &name.text));
            return None;
        }
        let ty = self.types.params.get(index as usize).cloned().flatten();
        let ty = self.part(ty)?;
        let value = self.expect(&one.value, &ty, &format!("the parameter `{}`", name.text))?;
        Some(tree::Given {
            param: name.text.clone(),
            value,
            span: one.span,
        })
    }

    /// Every parameter without a default has a value in every test.
    fn not_given(&mut self, checked: &Checked, test: &TestBlock) {
        let given = |name: &str| {
            let mut lines = test.lines.iter();
            lines.any(|line| matches!(line, TestLine::Given(one) if one.param.text == name))
        };
        let missing: Vec<(&str, String)> = checked
            .params
            .iter()
            .filter(|param| param.default.is_none())
            .filter(|param| !given(&param.name))
            .filter(|param| self.ast.lost.binary_search(&param.name).is_err())
            .map(|param| (param.name.as_str(), super::example::of_param(param)))
            .collect();
        if !missing.is_empty() {
            self.found
                .push(say::missing_given(test.name.span, &missing));
        }
    }

    fn test_set(&mut self, one: &ast::TestSet) -> Option<tree::TestSet> {
        let index = self.find(Sort::Metric, &one.metric);
        let told = match &one.told {
            ast::Told::Missing => Some(tree::Told::Missing),
            ast::Told::Error => Some(tree::Told::Error),
            ast::Told::Value(value) => match index {
                None => None,
                Some(index) => {
                    let ty = self.types.metrics.get(index as usize).cloned().flatten();
                    self.part(ty).and_then(|ty| {
                        let what = format!("the metric `{}`", one.metric.text);
                        self.expect_meant(value, &ty, (&what, Meant::Sample))
                            .map(tree::Told::Value)
                    })
                }
            },
        };
        let when = match &one.when {
            None => Some(None),
            Some(when) => self.condition(when, Watch::Test).map(Some),
        };
        let from = match &one.from {
            None => Some(None),
            Some(from) => {
                let after = self.expect(&from.after, &Type::Duration, "`from`");
                let into = match &from.into {
                    None => Some(None),
                    Some(name) => self.spot(name).map(Some),
                };
                after.zip(into).map(Some)
            }
        };
        let hold = self.expect_if_there(one.hold.as_ref(), &Type::Duration, "`for`");
        Some(tree::TestSet {
            metric: MetricId(index?),
            told: told?,
            when: when?,
            from: from?,
            hold: hold?,
            span: one.span,
        })
    }

    /// A stage, or else a level.
    fn spot(&mut self, name: &Name) -> Option<Spot> {
        let stage = self.names.get(Sort::Stage, &name.text);
        let level = self.names.get(Sort::Level, &name.text);
        match (stage, level) {
            (Some(stage), _) => Some(Spot::Stage(StageId(stage))),
            (None, Some(level)) => Some(Spot::Level(LevelId(level))),
            (None, None) => {
                let known = [Sort::Stage, Sort::Level];
                let known: Vec<String> = known
                    .iter()
                    .flat_map(|sort| self.names.of(*sort))
                    .map(str::to_owned)
                    .collect();
                self.not_there(name, "stage or level", &known);
                None
            }
        }
    }

    /// The steps of a name: where each stands, and its id.
    pub(super) fn steps_called<'c>(
        checked: &'c Checked,
        target: &Target,
    ) -> Vec<(&'c str, StepId)> {
        let steps = checked.steps.iter().enumerate();
        steps
            .filter(|(_, step)| step.copy_of.is_none() && step.name.as_str() == target.name.text)
            .filter(|(_, step)| {
                let within = target.within.as_ref();
                within.is_none_or(|within| within.text == step.within)
            })
            .map(|(index, step)| (step.within.as_str(), StepId(crate::source::offset(index))))
            .collect()
    }

    /// The one step of a name, if there is any; with `undo`, the first of those that undo it.
    pub(super) fn step_called(
        &mut self,
        target: &Target,
        checked: &Checked,
    ) -> Option<Option<StepId>> {
        if target.undo {
            return self.undo_called(target, checked).map(Some);
        }
        match Self::steps_called(checked, target).as_slice() {
            [] => Some(None),
            [(_, one)] => Some(Some(*one)),
            [(_, one), others @ ..]
                if others
                    .iter()
                    .all(|(_, other)| is_same(checked, (*one, *other))) =>
            {
                Some(Some(*one))
            }
            several => {
                let places: Vec<&str> = several.iter().map(|(place, _)| *place).collect();
                self.found
                    .push(say::which_step(target.span, &target.name.text, &places));
                None
            }
        }
    }

    /// What is tried: a step, a probe or an exposure; the last two perhaps only in one place.
    fn tried(&mut self, target: &Target, checked: &Checked) -> Option<(Tried, Option<Spot>)> {
        if let Some(step) = self.step_called(target, checked)? {
            return Some((Tried::Step(step), None));
        }
        let name = &target.name.text;
        let probe = self.names.get(Sort::Probe, name).map(ProbeId);
        let exposure = self.names.get(Sort::Exposure, name).map(ExposureId);
        let tried = probe.map(Tried::Probe);
        if let Some(tried) = tried.or(exposure.map(Tried::Exposure)) {
            let within = match &target.within {
                None => None,
                Some(within) => Some(self.spot(within)?),
            };
            return Some((tried, within));
        }
        let mut known = Self::step_names(checked);
        for sort in [Sort::Probe, Sort::Exposure] {
            known.extend(self.names.of(sort).map(str::to_owned));
        }
        self.not_there_in(target, "step, probe or exposure", &known);
        None
    }

    pub(super) fn step_names(checked: &Checked) -> Vec<String> {
        let steps = checked.steps.iter();
        let named = steps.filter(|step| matches!(step.name, StepName::Given(_)));
        named.map(|step| step.name.as_str().to_owned()).collect()
    }

    pub(super) fn not_there_in(&mut self, target: &Target, noun: &str, known: &[String]) {
        if let Some(within) = &target.within
            && known.contains(&target.name.text)
        {
            self.incomplete();
            self.found.push(say::not_in_place(
                target.span,
                &target.name.text,
                &within.text,
            ));
            return;
        }
        self.not_there(&target.name, noun, known);
    }

    fn not_there(&mut self, name: &Name, noun: &str, known: &[String]) {
        self.incomplete();
        if self.ast.lost.binary_search(&name.text).is_ok() {
            return;
        }
        let mut known: Vec<&str> = known.iter().map(String::as_str).collect();
        known.sort_unstable();
        known.dedup();
        let nearest = crate::diag::nearest(&name.text, known.iter().copied());
        self.found.push(say::unknown_in_test(
            (&name.text, name.span),
            noun,
            &known,
            nearest,
        ));
    }

    fn asked(&mut self, one: &ast::TestAnswer, checked: &Checked) -> Option<Vec<AnswerTo>> {
        let (to, span): (Vec<AnswerTo>, Span) = match &one.asked {
            Asked::Text(text) => {
                let plain = text.plain().unwrap_or_default();
                let to = asked_by_text(checked, plain);
                if to.is_empty() {
                    self.incomplete();
                    self.found.push(say::nobody_asks(text.span, plain));
                    return None;
                }
                (to, text.span)
            }
            Asked::Target(target) => {
                let guard = self.names.get(Sort::Guard, &target.name.text);
                let guard = guard.filter(|_| target.within.is_none());
                let to = match guard {
                    Some(guard) => AnswerTo::Guard(GuardId(guard)),
                    None => match self.step_called(target, checked)? {
                        Some(step) => AnswerTo::Step(step),
                        None if target.name.text == "hold" => AnswerTo::Hold,
                        None => {
                            let mut known = Self::step_names(checked);
                            known.extend(self.names.of(Sort::Guard).map(str::to_owned));
                            known.push("hold".to_owned());
                            self.not_there_in(target, "guard or step", &known);
                            return None;
                        }
                    },
                };
                (vec![to], target.span)
            }
        };
        let answers = |to: &AnswerTo| answers(to, checked);
        let fits = to.iter().all(|to| answers(to).contains(&one.answer));
        if !fits {
            let known: Vec<&str> = to
                .first()
                .map_or(&[][..], answers)
                .iter()
                .map(|one| one.word())
                .collect();
            self.found.push(say::answer_does_not_fit(
                one.span,
                one.answer.word(),
                &known,
            ));
            return None;
        }
        for to in &to {
            if let AnswerTo::Guard(id) = to
                && let Some(guard) = checked.guards.get(id.index())
                && !matches!(guard.action, tree::GuardAction::Decide { .. })
            {
                self.found
                    .push(say::guard_asks_nobody(span, (&guard.name, guard.span)));
                return None;
            }
        }
        Some(to)
    }

    fn run(&mut self, target: &Target, checked: &Checked) -> Option<Run> {
        if let Some(step) = self.step_called(target, checked)? {
            return Some(Run::Step(step));
        }
        let name = &target.name.text;
        if let Some(turn) = &target.turn {
            let sorts = [
                (Sort::Stage, "a stage"),
                (Sort::Level, "a level"),
                (Sort::Guard, "a guard"),
            ];
            let sort = sorts
                .into_iter()
                .find(|(sort, _)| self.names.get(*sort, name).is_some());
            if let Some((_, what)) = sort {
                self.found
                    .push(say::has_no_turns(target.span, (name, what), turn));
                return None;
            }
        }
        if target.within.is_none() {
            if let Some(stage) = self.names.get(Sort::Stage, name) {
                return Some(Run::Stage(StageId(stage)));
            }
            if let Some(level) = self.names.get(Sort::Level, name) {
                return Some(Run::Level(LevelId(level)));
            }
            if let Some(guard) = self.names.get(Sort::Guard, name) {
                return Some(Run::Guard(GuardId(guard)));
            }
        }
        let mut known = Self::step_names(checked);
        for sort in [Sort::Stage, Sort::Level] {
            known.extend(self.names.of(sort).map(str::to_owned));
        }
        self.not_there_in(target, "step, stage or level", &known);
        None
    }

    fn test_expected(&mut self, kind: &ExpectKind, checked: &Checked) -> Option<tree::ExpectKind> {
        match kind {
            ExpectKind::Outcome { outcome, level } => {
                let level = match level {
                    None => None,
                    Some(name)
                        if matches!(
                            outcome,
                            OutcomeKind::RolledBack | OutcomeKind::WentForward
                        ) =>
                    {
                        self.level_of_outcome(name, *outcome, checked);
                        Some(LevelId(self.find(Sort::Level, name)?))
                    }
                    Some(name) => {
                        self.found
                            .push(say::only_rolled_back_by(name.span, outcome.word()));
                        return None;
                    }
                };
                Some(tree::ExpectKind::Outcome(*outcome, level))
            }
            ExpectKind::Recovery { op, within } => {
                let within = self.expect(within, &Type::Duration, "`recovery`")?;
                Some(tree::ExpectKind::Recovery(*op, within))
            }
            ExpectKind::Ran(target) => match self.run(target, checked)? {
                Run::Guard(_) => {
                    self.found
                        .push(say::guards_trip(target.span, &target.name.text));
                    None
                }
                run @ (Run::Step(_) | Run::Stage(_) | Run::Level(_)) => {
                    Some(tree::ExpectKind::Ran(run))
                }
            },
            ExpectKind::Never(target) => self.run(target, checked).map(tree::ExpectKind::Never),
            ExpectKind::Tripped(name) => {
                let guard = self.find(Sort::Guard, name)?;
                Some(tree::ExpectKind::Tripped(GuardId(guard)))
            }
            ExpectKind::Held(name) => {
                let stage = self.find(Sort::Stage, name)?;
                Some(tree::ExpectKind::Held(StageId(stage)))
            }
            ExpectKind::Exposure { name, op, most } => {
                let (exposure, scale) = self.expected_exposure(name.as_ref(), (*op, most))?;
                let most = self.expect(most, &scale.ty(), "`exposure`")?;
                Some(tree::ExpectKind::Exposure(exposure, *op, most, scale))
            }
        }
    }
}

/// Whether two steps are one of a task, in several calls of it.
fn is_same(checked: &Checked, (one, other): (StepId, StepId)) -> bool {
    let span = |id: StepId| checked.steps.get(id.index()).map(|step| step.span);
    span(one) == span(other)
}

/// Which turn of a loop a target speaks of. Quotes in it say nothing.
fn turn_of(target: &Target) -> tree::Turn {
    let plain = |text: &String| text.replace(['"', '\''], "");
    tree::Turn {
        text: target.turn.as_ref().map(plain),
        within: target.within.as_ref().map(|name| name.text.clone()),
        span: target.span,
    }
}
