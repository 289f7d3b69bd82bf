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
    turns: Vec<(String, Value)>,
}

impl Made {
    /// What a step is called here: in a loop with the value of its turn, `deploy[eu]`.
    pub(super) fn named(&self, name: &str) -> String {
        if self.turns.is_empty() {
            return name.to_owned();
        }
        let values: Vec<String> = self.turns.iter().map(|(_, value)| value.spoken()).collect();
        format!("{name}[{}]", values.join(","))
    }

    /// The first step that was made of one of the file.
    pub(super) fn first(&self, written: StepId) -> Option<StepId> {
        self.first_of.get(&written).copied()
    }

    /// Adds a step that was made of one of the file.
    pub(super) fn push(&mut self, step: Step, written: StepId) {
        let id = StepId(offset(self.steps.len()));
        self.steps.push(step);
        self.step_of.push(written);
        self.first_of.entry(written).or_insert(id);
    }

    /// The variables of the loops, for a command.
    pub(super) fn variables(&self) -> Vec<Variable> {
        let all = self.turns.iter();
        all.map(|(name, value)| Variable {
            name: name.clone(),
            value: VariableValue::Text(Template(vec![Piece::Text(value.plain())])),
        })
        .collect()
    }
}

impl Builder<'_> {
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
            self.made.turns.push((one.name.clone(), item));
            let ops = self.ops(&one.ops);
            self.made.turns.pop();
            strands.push(Strand { name, ops });
        }
        self.values = outside;
        at_once(strands, Some(most))
    }

    pub(super) fn parallel(&mut self, strands: &[check::Strand]) -> Vec<Op> {
        let strands = strands.iter();
        let strands: Vec<Strand> = strands
            .map(|strand| Strand {
                name: self.made.named(&strand.name),
                ops: self.ops(&strand.ops),
            })
            .collect();
        at_once(strands, None)
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
