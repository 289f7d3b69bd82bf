//! Tests: the values that they give, a plan for each set of values, and their lines with the units gone.

use std::sync::Arc;

use super::condition::comparison;
use super::{Assembled, Builder, assemble, bind};
use crate::ast::StartDay;
use crate::check::{self, AnswerTo, Checked, NoValue, Run, Tried, Values};
use crate::diag::factory::{check as say, nested};
use crate::diag::{Diagnostics, Severity};
use crate::plan::{
    ApprovalId, Comparison, Dies, Expect, Expected, Plan, Reply, Says, Slow, StepId, Told, Trial,
    Wrong, overruns,
};
use crate::source::{SourceFile, offset};
use crate::value::{Date, Millis, Type, Value, Weekday};

/// The Monday of the week in which tests happen that name a day of the week: no holiday, no change of the clock.
const WEEK: (i16, i8, i8) = (2026, 3, 2);

/// Makes the tests of a checked file. `finish` adds to a plan what its files of holidays say.
pub fn trials(
    checked: &Checked,
    file: &SourceFile,
    finish: &mut dyn FnMut(&mut Plan) -> Diagnostics,
) -> (Vec<Trial>, Diagnostics) {
    let mut found = Diagnostics::new();
    let mut all = Vec::new();
    let mut plans: Vec<(Given, Option<Made>)> = Vec::new();
    for test in &checked.tests {
        let Some(given) = given(checked, test, &mut found) else {
            continue;
        };
        let known = plans.iter().position(|(values, _)| *values == given);
        let index = known.unwrap_or_else(|| {
            let made = make(checked, &given, file, finish, &mut found);
            plans.push((given, made));
            plans.len() - 1
        });
        let Some((_, Some(made))) = plans.get(index) else {
            continue;
        };
        let mut builder = Builder::new(checked, &made.values);
        let trial = builder.trial(test, made);
        if builder.found.is_empty() {
            all.push(trial);
        }
        found.extend(builder.found);
    }
    found.sort();
    (all, found)
}

/// The values that a test gives, by the names of parameters.
type Given = Vec<(String, Value)>;

/// A plan and the values that it was made with.
struct Made {
    values: Values,
    plan: Arc<Plan>,
    steps: Arc<[StepId]>,
    approvals: Vec<ApprovalId>,
}

fn make(
    checked: &Checked,
    given: &[(String, Value)],
    file: &SourceFile,
    finish: &mut dyn FnMut(&mut Plan) -> Diagnostics,
    found: &mut Diagnostics,
) -> Option<Made> {
    let values = bind::with_given(checked, given);
    let judged = check::judge_values(checked, &values);
    if judged.has_errors() {
        found.extend(judged);
        return None;
    }
    let Assembled {
        mut plan,
        steps,
        approvals,
    } = match assemble(checked, &values, file) {
        Ok(made) => made,
        Err(wrong) => {
            found.extend(wrong);
            return None;
        }
    };
    let too_long = overruns::overruns(checked, &plan, &values);
    if too_long.iter().any(|one| one.severity == Severity::Error) {
        found.extend(too_long);
        return None;
    }
    found.extend(finish(&mut plan));
    Some(Made {
        values,
        plan: Arc::new(plan),
        steps: steps.into(),
        approvals,
    })
}

/// The values that a test gives.
fn given(checked: &Checked, test: &check::TestBlock, found: &mut Diagnostics) -> Option<Given> {
    let known = check::known_values(checked);
    let mut all = Vec::new();
    let mut whole = Some(());
    for one in &test.given {
        let Some(param) = checked.params.iter().find(|param| param.name == one.param) else {
            continue;
        };
        match check::eval(&one.value, &known, Some(&param.ty)) {
            Ok(value) => {
                let text = value.plain();
                let pattern = param.pattern.as_ref();
                if let Some(pattern) = pattern.filter(|pattern| !check::whole_match(pattern, &text))
                {
                    found.push(say::given_does_not_match(one.value.span, &text, pattern));
                    whole = None;
                }
                all.push((one.param.clone(), value));
            }
            Err(why) => {
                found.push(match why {
                    NoValue::NotGiven => say::impossible_value(
                        one.value.span,
                        "it depends on another parameter, which may have any value",
                    ),
                    NoValue::Reported => {
                        say::impossible_value(one.value.span, "it cannot be computed")
                    }
                    NoValue::Impossible { span, why } => say::impossible_value(span, why),
                    NoValue::Unfit { span, text, why } => say::unfit_in_query(span, &text, why),
                    NoValue::Misfit { text, want } => check::misfit(&one.value, &text, &want),
                });
                whole = None;
            }
        }
    }
    whole.map(|()| all)
}

impl Builder<'_> {
    fn trial(&mut self, test: &check::TestBlock, made: &Made) -> Trial {
        let plan = &made.plan;
        let mut trial = Trial {
            name: test.name.clone(),
            span: test.name_span,
            plan: Arc::clone(plan),
            steps: Arc::clone(&made.steps),
            start: start(plan, test.start),
            sets: test.sets.iter().map(|one| self.says(one)).collect(),
            faults: Vec::new(),
            takes: Vec::new(),
            crashes: Vec::new(),
            answers: Vec::new(),
            expects: Vec::new(),
        };
        for one in &test.faults {
            for of in self.tried(made, one.of, &one.turn) {
                let wrong = self.wrong(one, of, plan);
                trial.faults.push(wrong);
            }
        }
        for one in &test.takes {
            let time = self.duration(&one.time);
            let all = self.tried(made, one.of, &one.turn).into_iter();
            trial.takes.extend(all.map(|of| Slow {
                of,
                within: one.within,
                time,
                span: one.span,
            }));
        }
        for one in &test.crashes {
            // The machine dies once: with the first of them.
            let first = self.tried(made, one.of, &one.turn).into_iter().next();
            trial.crashes.extend(first.map(|of| Dies {
                point: one.point,
                of,
                within: one.within,
                span: one.span,
            }));
        }
        for one in &test.answers {
            let after = self.duration_or(one.after.as_ref(), Millis::ZERO);
            for to in self.asked(made, one) {
                trial.answers.push(Reply {
                    to,
                    answer: one.answer,
                    after,
                    span: one.span,
                });
            }
        }
        for one in &test.expects {
            let all = self.expected(one, made);
            trial.expects.extend(all);
        }
        trial
    }

    /// The steps of the plan that a name of the test stands for; says so when there is none.
    fn steps_of(&mut self, made: &Made, (id, turn): (StepId, &check::Turn)) -> Vec<StepId> {
        let found = made.called(self.checked, (id, turn));
        if found.is_empty() {
            let every = check::Turn {
                text: None,
                within: turn.within.clone(),
                span: turn.span,
            };
            let all = made.called(self.checked, (id, &every));
            let steps = &made.plan.steps;
            let names = all.iter().filter_map(|id| steps.get(id.index()));
            let names: Vec<&str> = names.map(|step| step.name.as_str()).collect();
            let step = self.checked.steps.get(id.index());
            let name = step.map_or("?", |step| step.name.as_str());
            let name = format!("{name}{}", turn.text.as_deref().unwrap_or_default());
            self.found
                .push(nested::not_planned(turn.span, &name, &names));
        }
        found
    }

    /// Whether no values of the parameters make such a turn: the step has none, or those of lists that are written out.
    fn can_be_no_turn(&self, made: &Made, (id, turn): (StepId, &check::Turn)) -> bool {
        let every = check::Turn {
            text: None,
            ..turn.clone()
        };
        let all = made.called(self.checked, (id, &every));
        let steps = all.iter().filter_map(|id| made.plan.steps.get(id.index()));
        let names: Vec<&str> = steps.map(|step| step.name.as_str()).collect();
        // A list that is given, or a value that a task is called with.
        let mut values = made.values.each();
        let can_vary = values.any(|value| {
            let plain = value.plain();
            let turns = names.iter().filter_map(|name| name.split_once('['));
            let mut turns = turns.flat_map(|(_, turn)| turn.trim_end_matches(']').split(','));
            matches!(value, Value::List(_)) || turns.any(|turn| turn.trim() == plain)
        });
        let has_turns = names.iter().any(|name| name.contains('['));
        turn.text.is_some() && !names.is_empty() && !(has_turns && can_vary)
    }

    fn tried(&mut self, made: &Made, of: Tried, turn: &check::Turn) -> Vec<Tried> {
        match of {
            Tried::Step(id) => {
                let all = self.steps_of(made, (id, turn)).into_iter();
                all.map(Tried::Step).collect()
            }
            Tried::Probe(_) | Tried::Exposure(_) => vec![of],
        }
    }

    fn asked(&mut self, made: &Made, one: &check::TestAnswer) -> Vec<AnswerTo> {
        match &one.to {
            AnswerTo::Step(id) => {
                let all = self.steps_of(made, (*id, &one.turn)).into_iter();
                all.map(AnswerTo::Step).collect()
            }
            AnswerTo::Approval(id) => {
                let all = made.approvals.iter().enumerate();
                let all = all.filter(|(_, written)| *written == id);
                all.map(|(index, _)| AnswerTo::Approval(ApprovalId(offset(index))))
                    .collect()
            }
            to @ (AnswerTo::Guard(_) | AnswerTo::Hold | AnswerTo::Confirm(_)) => vec![to.clone()],
        }
    }

    fn says(&mut self, set: &check::TestSet) -> Says {
        let told = match &set.told {
            check::Told::Missing => Told::Missing,
            check::Told::Error => Told::Error,
            check::Told::Value(value) => {
                let unit = self.checked.metric(set.metric).map(|metric| metric.unit);
                let ty = unit.map_or(Type::Number, |unit| unit.ty());
                Told::Value(self.base(value, &ty))
            }
        };
        let (from, into) = match &set.from {
            None => (Millis::ZERO, None),
            Some((after, into)) => (self.duration(after), *into),
        };
        let hold = set.hold.as_ref().map(|hold| self.lasting(hold));
        Says {
            metric: set.metric,
            told,
            when: set.when.as_ref().map(|when| self.condition(when)),
            from,
            into,
            hold,
            span: set.span,
        }
    }

    /// A time that must not be nothing.
    fn lasting(&mut self, expr: &crate::ast::Expr) -> Millis {
        let length = self.duration(expr);
        if length == Millis::ZERO && self.found.is_empty() {
            self.found.push(say::zero_duration(expr.span, "for"));
        }
        length
    }

    fn wrong(&mut self, fault: &check::Fault, of: Tried, plan: &Plan) -> Wrong {
        let attempt = fault.attempt.as_ref().map(|expr| {
            let number = self.count(expr);
            let most = match of {
                Tried::Step(id) => plan
                    .steps
                    .get(id.index())
                    .map(|step| (step.name.as_str(), step.retry.more.saturating_add(1))),
                Tried::Probe(_) | Tried::Exposure(_) => None,
            };
            if number == 0 {
                let range = "1 or more";
                self.found
                    .push(say::count_out_of_range(expr.span, "`attempt`", range));
            } else if let Some((name, most)) = most.filter(|(_, most)| number > *most) {
                self.found
                    .push(say::no_such_attempt(expr.span, (name, most)));
            }
            number
        });
        Wrong {
            kind: fault.kind,
            of,
            within: fault.within,
            attempt,
            span: fault.span,
        }
    }

    /// What is expected; of a step in a loop, of each turn.
    fn expected(&mut self, one: &check::TestExpect, made: &Made) -> Vec<Expected> {
        let kind = match &one.kind {
            check::ExpectKind::Ran(Run::Step(id)) => {
                let all = self.steps_of(made, (*id, &one.turn)).into_iter();
                return all
                    .map(|id| line(one, Expect::Ran(Run::Step(id))))
                    .collect();
            }
            check::ExpectKind::Never(Run::Step(id)) => {
                // What the values of the test leave out of the plan never runs; what no values put there is a mistake.
                let all = made.called(self.checked, (*id, &one.turn));
                if all.is_empty() && self.can_be_no_turn(made, (*id, &one.turn)) {
                    self.steps_of(made, (*id, &one.turn));
                }
                return all
                    .into_iter()
                    .map(|id| line(one, Expect::Never(Run::Step(id))))
                    .collect();
            }
            check::ExpectKind::Outcome(outcome, level) => Expect::Outcome(*outcome, *level),
            check::ExpectKind::Recovery(op, within) => {
                Expect::Recovery(comparison(*op), self.duration(within))
            }
            check::ExpectKind::Ran(run) => Expect::Ran(*run),
            check::ExpectKind::Never(run) => Expect::Never(*run),
            check::ExpectKind::Tripped(guard) => Expect::Tripped(*guard),
            check::ExpectKind::Held(stage) => Expect::Held(*stage),
            check::ExpectKind::Exposure(exposure, op, most, scale) => {
                let (op, number) = (comparison(*op), self.number_of(most, scale));
                let (_, highest) = scale.ends();
                let is_below = op == Comparison::LessOrEqual;
                if is_below && number >= highest && self.found.is_empty() {
                    self.found.push(say::always_exposed_so(one.span, &one.text));
                }
                Expect::Exposure(*exposure, op, number)
            }
        };
        vec![line(one, kind)]
    }
}

impl Made {
    /// The steps that were made of one of the file, in all calls of its task, or only those of a turn or a place.
    fn called(&self, checked: &Checked, (written, turn): (StepId, &check::Turn)) -> Vec<StepId> {
        let step = |id: StepId| checked.steps.get(id.index());
        let span = step(written).map(|step| step.span);
        let all = self.plan.steps.iter().zip(self.steps.iter());
        all.filter(|(_, of)| step(**of).map(|step| step.span) == span)
            .filter(|(_, of)| {
                let within = step(**of).map(|step| step.within.as_str());
                turn.within.is_none() || turn.within.as_deref() == within
            })
            .filter(|(step, _)| {
                let name = step.name.replace([' ', '\t'], "");
                turn.text.iter().all(|turn| name.ends_with(turn.as_str()))
            })
            .map(|(step, _)| step.id)
            .collect()
    }
}

fn line(one: &check::TestExpect, kind: Expect) -> Expected {
    Expected {
        kind,
        text: one.text.clone(),
        span: one.span,
    }
}

/// Wall time at the start: the time that the test names; else the first open moment of the week.
fn start(plan: &Plan, start: Option<(StartDay, u16)>) -> i64 {
    let Some(window) = &plan.window else {
        return 0;
    };
    let monday = jiff::civil::date(WEEK.0, WEEK.1, WEEK.2);
    let (date, minute) = match start {
        None => (Date(monday), 0),
        Some((StartDay::On(date), minute)) => (date, minute),
        Some((StartDay::Week(day), minute)) => {
            let days = Weekday::ALL.iter().position(|one| *one == day);
            let days = i64::try_from(days.unwrap_or_default()).unwrap_or_default();
            let date = monday.checked_add(jiff::Span::new().days(days));
            (Date(date.unwrap_or(monday)), minute)
        }
    };
    let moment = window.moment_of(date, minute).unwrap_or_default();
    match start {
        None if !window.is_open(moment) => window.opens(moment).unwrap_or(moment),
        None | Some(_) => moment,
    }
}
