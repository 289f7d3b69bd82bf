//! The rules over the values of operations, wherever they stand: a loop is judged with each of its values.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::ast::{Expr, ExprKind};
use crate::check::tree::{Checked, Loop, OpKind};
use crate::diag::Diagnostics;
use crate::diag::factory::check as say;
use crate::diag::factory::nested;
use crate::source::Span;
use crate::value::{Type, Value};

use super::Judge;
use super::unrolled::{MOST_TURNS, placed};

/// The most turns of a loop that are under way at a time.
const MOST_AT_ONCE: i64 = 100;

impl Judge<'_> {
    pub(super) fn nested(&mut self, checked: &Checked) {
        let values = Rc::new(self.values.clone());
        let stages = checked.stages.iter().map(|one| &one.ops);
        let levels = checked.rollback.iter().flat_map(|one| &one.levels);
        for ops in stages.chain(levels.map(|one| &one.ops)) {
            for one in placed(ops, &values) {
                let (op, own) = (one.op, one.values);
                let mut judge = Judge {
                    values: &own,
                    found: Diagnostics::new(),
                };
                judge.op(checked, op);
                // All steps and approvals have been judged without what is known in loops only.
                if !Rc::ptr_eq(&own, &values) {
                    match &op.kind {
                        OpKind::Step(id) => {
                            if let Some(step) = checked.steps.get(id.index()) {
                                judge.step(step);
                                let undo = step.undo.iter().flat_map(|(by, _)| by);
                                let undo = undo.filter_map(|by| checked.steps.get(by.index()));
                                undo.for_each(|by| judge.step(by));
                            }
                        }
                        OpKind::Approve(id) => {
                            if let Some(approval) = checked.approvals.get(id.index()) {
                                judge.approval(approval);
                            }
                        }
                        OpKind::Wait { .. }
                        | OpKind::Until { .. }
                        | OpKind::Expose { .. }
                        | OpKind::Verify { .. }
                        | OpKind::Notify(_)
                        | OpKind::Fail(_)
                        | OpKind::Undo
                        | OpKind::NoReturn(_)
                        | OpKind::Parallel(_)
                        | OpKind::For(_)
                        | OpKind::Call(_)
                        | OpKind::If(_) => {}
                    }
                }
                self.add(&judge.found, one.call);
            }
        }
    }

    /// What is found in a task with the values of one call, and not whatever they are: where it is called is part of it.
    fn add(&mut self, found: &Diagnostics, call: Option<Span>) {
        for one in found.iter() {
            match call {
                Some(call) if self.found.iter().all(|known| known != one) => {
                    let label = "with the values of this call";
                    self.found.push(one.clone().with(call, label));
                }
                Some(_) | None => self.found.push(one.clone()),
            }
        }
    }

    /// The list of a loop, and how many of its turns may be under way.
    pub(super) fn for_each(&mut self, one: &Loop) {
        if let Some(most) = &one.most
            && let Some(count) = self.int(most)
            && !(1..=MOST_AT_ONCE).contains(&count)
        {
            let range = format!("1 to {MOST_AT_ONCE}");
            self.found
                .push(say::count_out_of_range(most.span, "`at most`", &range));
        }
        let want = Type::List(Box::new(one.ty.clone()));
        let Some(Value::List(items)) = self.value(&one.list, &want) else {
            return;
        };
        if items.is_empty() {
            self.found
                .push(nested::empty_loop(one.list.span, &one.name));
        }
        if items.len() > MOST_TURNS {
            self.found.push(nested::list_too_long(
                one.list.span,
                items.len(),
                MOST_TURNS,
            ));
        }
        // Two turns that are called alike could not be told apart either.
        let mut known = BTreeSet::new();
        for (index, item) in items.iter().enumerate() {
            if !known.insert(item.spoken()) {
                let span = place_of(&one.list, index);
                self.found
                    .push(nested::repeated_value(span, &item.to_string()));
                break;
            }
        }
    }
}

/// Where an item of a list is written; the list, when it is written elsewhere.
fn place_of(list: &Expr, index: usize) -> Span {
    if let ExprKind::List(items) = &list.kind
        && let Some(item) = items.get(index)
    {
        return item.span;
    }
    list.span
}
