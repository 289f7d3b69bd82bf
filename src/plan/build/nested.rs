//! Statements that hold others: a loop becomes as many turns as its list has values, and what is decided by values that are known
//! becomes the one way that is gone.

use std::collections::BTreeMap;

use super::Builder;
use crate::check;
use crate::diag::factory::nested as say;
use crate::plan::{
    Approval, ApprovalId, Op, Piece, Step, StepId, Strand, Template, Variable, VariableValue,
};
use crate::source::offset;
use crate::value::{Millis, Type, Value};

/// The most steps of a plan with loops.
const MOST_STEPS: usize = 5_000;

/// What has been made so far, and the loops around the place at hand.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) steps: Vec<Step>,
    /// Of each of them: the step of the file.
    pub(super) step_of: Vec<StepId>,
    /// Of each step of the file: the first that was made of it.
    first_of: BTreeMap<StepId, StepId>,
    pub(super) approvals: Vec<Approval>,
    /// Of each of them: the approval of the file.
    pub(super) approval_of: Vec<ApprovalId>,
    /// The turns of the loops around the place at hand, within the task that it is part of, and the values of that task.
    turns: Vec<(Turn, Value)>,
    /// How often each task was called with the same values: the task, its values, and so many times.
    pub(super) calls: Vec<(String, Vec<Value>, i64)>,
}

/// Why a value is in the name of a step.
#[derive(Clone, Debug)]
enum Turn {
    /// It is known under this name.
    Named(String),
    /// It tells a call apart from those before it with the same values.
    Number,
}

impl Made {
    /// What a step is called here: in a loop with the value of its turn, `deploy[eu]`, and in a task with the values of its call.
    pub(super) fn named(&self, name: &str) -> String {
        named(name, &self.turns)
    }

    /// Notes a call; gives its number, when it is a further one with the same values.
    fn called(&mut self, task: &str, given: Vec<Value>) -> Option<i64> {
        let mut known = self.calls.iter_mut();
        match known.find(|(known, values, _)| known == task && *values == given) {
            Some((_, _, times)) => {
                *times = times.saturating_add(1);
                Some(*times)
            }
            None => {
                self.calls.push((task.to_owned(), given, 1));
                None
            }
        }
    }

    /// The first step that was made of one of the file.
    fn first(&self, written: StepId) -> Option<StepId> {
        self.first_of.get(&written).copied()
    }

    /// Adds a step that was made of one of the file.
    pub(super) fn push(&mut self, step: Step, written: StepId) {
        let id = StepId(offset(self.steps.len()));
        self.steps.push(step);
        self.step_of.push(written);
        self.first_of.entry(written).or_insert(id);
    }

    /// The variables of the task and the loops, for a command.
    pub(super) fn variables(&self) -> Vec<Variable> {
        let all = self.turns.iter().filter_map(|(turn, value)| match turn {
            Turn::Number => None,
            Turn::Named(name) => Some(Variable {
                name: name.clone(),
                value: VariableValue::Text(Template(vec![Piece::Text(value.plain())])),
            }),
        });
        all.collect()
    }
}

impl Builder<'_> {
    /// The first step of the plan that was made of one of the file.
    pub(super) fn first(&self, written: StepId) -> Option<StepId> {
        let step = self.checked.steps.get(written.index())?;
        self.made.first(step.copy_of.unwrap_or(written))
    }

    pub(super) fn for_each(&mut self, one: &check::Loop) -> Vec<Op> {
        let want = Type::List(Box::new(one.ty.clone()));
        let Some(Value::List(items)) = self.value(&one.list, &want) else {
            return Vec::new();
        };
        let most = one.most.as_ref().map_or(1, |most| self.count(most));
        let outside = self.values.clone();
        let mut strands = Vec::new();
        for item in items {
            if self.made.steps.len() > MOST_STEPS {
                self.found
                    .push(say::too_many_steps(one.list.span, MOST_STEPS));
                break;
            }
            let name = item.spoken();
            self.values.set(&one.name, item.clone());
            self.made.turns.push((Turn::Named(one.name.clone()), item));
            let ops = self.ops(&one.ops);
            self.made.turns.pop();
            strands.push(Strand { name, ops });
        }
        self.values = outside;
        at_once(strands, Some(most))
    }

    /// What a task does. It has the values of its call, and sees no loop of the place that calls it.
    pub(super) fn call(&mut self, one: &check::TaskCall) -> Vec<Op> {
        let mut turns = Vec::new();
        for bind in &one.binds {
            let Some(value) = self.value(&bind.value, &bind.ty) else {
                return Vec::new();
            };
            turns.push((Turn::Named(bind.name.clone()), value));
        }
        let outside = self.values.clone();
        for (turn, value) in &turns {
            if let Turn::Named(name) = turn {
                self.values.set(name, value.clone());
            }
        }
        let given = turns.iter().map(|(_, value)| value.clone()).collect();
        let number = self.made.called(&one.task, given);
        turns.extend(number.map(|number| (Turn::Number, Value::Int(number))));
        let turns = std::mem::replace(&mut self.made.turns, turns);
        let ops = self.ops(&one.ops);
        self.made.turns = turns;
        self.values = outside;
        ops
    }

    pub(super) fn parallel(&mut self, strands: &[check::Strand]) -> Vec<Op> {
        let strands = strands.iter();
        let strands: Vec<Strand> = strands
            .map(|strand| Strand {
                name: self.called(strand),
                ops: self.ops(&strand.ops),
            })
            .collect();
        at_once(strands, None)
    }

    /// What a strand is called: one that is the call of a task with the values of that call.
    fn called(&self, strand: &check::Strand) -> String {
        let call = match strand.ops.as_slice() {
            [op] => called_by(op),
            [..] => None,
        };
        let call = call.filter(|call| call.task == strand.name);
        let Some(call) = call else {
            return self.made.named(&strand.name);
        };
        let values = call.binds.iter().filter_map(|bind| {
            let value = check::eval(&bind.value, &self.values, Some(&bind.ty)).ok()?;
            Some((Turn::Named(bind.name.clone()), value))
        });
        named(&strand.name, &values.collect::<Vec<_>>())
    }

    pub(super) fn decision(&mut self, one: &check::If) -> Vec<Op> {
        match check::known_truth(&one.when.test, &self.values) {
            Some(true) => self.ops(&one.then),
            Some(false) => self.ops(&one.otherwise),
            None => {
                let warmup = self.warmup(&one.when.metrics);
                // A sample that counts is there by then, whenever the next one is due.
                let enough = warmup.saturating_add(self.time_to_see(&one.when.metrics));
                vec![Op::If {
                    condition: self.condition(&one.when),
                    within: self.duration_or(one.within.as_ref(), enough),
                    warmup,
                    then: self.ops(&one.then),
                    otherwise: self.ops(&one.otherwise),
                }]
            }
        }
    }

    /// How long it takes to see a metric that answers: two of its rounds, and what it may need to answer.
    fn time_to_see(&mut self, metrics: &[crate::plan::MetricId]) -> Millis {
        if metrics.is_empty() {
            return Millis::ZERO;
        }
        let pace = self.pace(metrics);
        pace.saturating_add(pace)
            .saturating_add(Millis::from_mins(1))
    }
}

/// The call of a task that an operation is.
fn called_by(op: &check::Op) -> Option<&check::TaskCall> {
    if let check::OpKind::Call(call) = &op.kind {
        Some(call)
    } else {
        None
    }
}

/// A name with values behind it.
fn named(name: &str, turns: &[(Turn, Value)]) -> String {
    if turns.is_empty() {
        return name.to_owned();
    }
    let values: Vec<String> = turns.iter().map(|(_, value)| value.spoken()).collect();
    format!("{name}[{}]", values.join(","))
}

/// Strands as operations. Those that do nothing are left out, and one after the other they need no strands.
fn at_once(strands: Vec<Strand>, most: Option<u32>) -> Vec<Op> {
    let strands: Vec<Strand> = strands
        .into_iter()
        .filter(|strand| !strand.ops.is_empty())
        .collect();
    if strands.len() < 2 || most == Some(1) {
        return strands.into_iter().flat_map(|strand| strand.ops).collect();
    }
    let most = most.filter(|most| (*most as usize) < strands.len());
    vec![Op::Parallel {
        strands,
        most,
        hosts: None,
    }]
}
