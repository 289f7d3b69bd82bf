//! Operations as they come one after the other: loops once for each value that is known, with that value in place. What decides
//! is not looked at: both ways of an `if` are there.

use std::rc::Rc;

use crate::ast::BinaryOp;
use crate::check::eval::{NoValue, Values, compare, eval};
use crate::check::tree::{If, Loop, Number, Op, OpKind, TaskCall, Test};
use crate::source::Span;
use crate::value::{Type, Value};

/// The most values of one loop.
pub const MOST_TURNS: usize = 100;

/// So many operations are looked at; a plan has fewer.
const ENOUGH: usize = 20_000;

/// An operation with the values that are known in it, and the call of a task that it is part of.
pub(super) struct Placed<'c> {
    pub(super) op: &'c Op,
    pub(super) values: Rc<Values>,
    pub(super) call: Option<Span>,
}

/// All operations, each with the values that are known in it.
pub fn unrolled<'c>(ops: &'c [Op], values: &Rc<Values>) -> Vec<(&'c Op, Rc<Values>)> {
    let all = placed(ops, values).into_iter();
    all.map(|one| (one.op, one.values)).collect()
}

/// The same, and where each of them is called.
pub(super) fn placed<'c>(ops: &'c [Op], values: &Rc<Values>) -> Vec<Placed<'c>> {
    let mut found = Vec::new();
    put(ops, (values, None), &mut found);
    found
}

fn put<'c>(
    ops: &'c [Op],
    (values, call): (&Rc<Values>, Option<Span>),
    found: &mut Vec<Placed<'c>>,
) {
    for op in ops {
        if found.len() >= ENOUGH {
            return;
        }
        found.push(Placed {
            op,
            values: Rc::clone(values),
            call,
        });
        match &op.kind {
            OpKind::For(one) => {
                for values in turns(one, values) {
                    put(&one.ops, (&values, call), found);
                }
            }
            OpKind::Call(one) => put(&one.ops, (&bound(one, values), Some(op.span)), found),
            OpKind::Parallel(_)
            | OpKind::If(_)
            | OpKind::Step(_)
            | OpKind::Wait { .. }
            | OpKind::Until { .. }
            | OpKind::Expose { .. }
            | OpKind::Verify { .. }
            | OpKind::Notify(_)
            | OpKind::Fail(_)
            | OpKind::Undo
            | OpKind::NoReturn(_)
            | OpKind::Approve(_) => {
                for inside in op.inside() {
                    put(inside, (values, call), found);
                }
            }
        }
    }
}

/// The values of each turn; one turn without its own value, when the list is not known.
pub(super) fn turns(one: &Loop, values: &Rc<Values>) -> Vec<Rc<Values>> {
    let Some(items) = items(one, values).filter(|items| !items.is_empty()) else {
        return vec![Rc::clone(values)];
    };
    let all = items.into_iter().take(MOST_TURNS);
    all.map(|item| {
        let mut own = Values::clone(values);
        own.set(&one.name, item);
        Rc::new(own)
    })
    .collect()
}

/// What is known in a task that is called: the values of its parameters, and none of the same name outside.
pub(super) fn bound(call: &TaskCall, values: &Rc<Values>) -> Rc<Values> {
    let mut own = Values::clone(values);
    for bind in &call.binds {
        match eval(&bind.value, values, Some(&bind.ty)) {
            Ok(value) => own.set(&bind.name, value),
            Err(_) => own.unset(&bind.name),
        }
    }
    Rc::new(own)
}

/// The list of a loop, where it is known.
pub(super) fn items(one: &Loop, values: &Values) -> Option<Vec<Value>> {
    let want = Type::List(Box::new(one.ty.clone()));
    match eval(&one.list, values, Some(&want)) {
        Ok(Value::List(items)) => Some(items),
        Ok(_) | Err(_) => None,
    }
}

/// Whether the way of an `if` depends on a value that is not given.
pub fn is_undecided(one: &If, values: &Values) -> bool {
    is_open(&one.when.test, values)
}

fn is_open(test: &Test, values: &Values) -> bool {
    let not_given = |expr| eval(expr, values, None) == Err(NoValue::NotGiven);
    match test {
        Test::Known(expr) => not_given(expr),
        Test::KnownCompare { left, right, .. } => not_given(left) || not_given(right),
        Test::And(left, right) | Test::Or(left, right) => {
            is_open(left, values) || is_open(right, values)
        }
        Test::Not(inner) => is_open(inner, values),
        Test::Compare(left, _, right) => {
            is_open_number(left, values) || is_open_number(right, values)
        }
        Test::InStage(_) | Test::Captured { .. } | Test::Is(..) => false,
    }
}

fn is_open_number(number: &Number, values: &Values) -> bool {
    match number {
        Number::Known(expr) => eval(expr, values, None) == Err(NoValue::NotGiven),
        Number::Negate(inner) => is_open_number(inner, values),
        Number::Combine { left, right, .. } => {
            is_open_number(left, values) || is_open_number(right, values)
        }
        Number::Word(..)
        | Number::Metric(_)
        | Number::Baseline(_)
        | Number::Exposure(_)
        | Number::Capture(_)
        | Number::Elapsed => false,
    }
}

/// What a condition comes to that is known before the run; nothing when it is not.
pub fn known_truth(test: &Test, values: &Values) -> Option<bool> {
    match test {
        Test::Known(expr) => match eval(expr, values, Some(&Type::Bool)) {
            Ok(Value::Bool(holds)) => Some(holds),
            Ok(_) | Err(_) => None,
        },
        Test::KnownCompare {
            op,
            left,
            right,
            ty,
        } => {
            // The two sides may be of different types that are both written as text.
            let side = |expr| eval(expr, values, Some(ty)).or_else(|_| eval(expr, values, None));
            compare(*op, &side(left).ok()?, &side(right).ok()?)
        }
        Test::And(left, right) => match (known_truth(left, values), known_truth(right, values)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            (_, _) => None,
        },
        Test::Or(left, right) => match (known_truth(left, values), known_truth(right, values)) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            (_, _) => None,
        },
        Test::Not(inner) => known_truth(inner, values).map(|holds| !holds),
        Test::Compare(left, op, right) => {
            let (left, right) = (known_number(left, values)?, known_number(right, values)?);
            compare(*op, &Value::Number(left), &Value::Number(right))
        }
        Test::InStage(_) | Test::Captured { .. } | Test::Is(..) => None,
    }
}

pub(super) fn known_number(number: &Number, values: &Values) -> Option<f64> {
    match number {
        Number::Known(expr) => eval(expr, values, None).ok()?.base(),
        Number::Negate(inner) => known_number(inner, values).map(|value| -value),
        Number::Combine {
            left,
            op,
            right,
            factor,
        } => {
            let (left, right) = (known_number(left, values)?, known_number(right, values)?);
            let whole = match op {
                BinaryOp::Add => left + right,
                BinaryOp::Subtract => left - right,
                BinaryOp::Multiply => left * right,
                BinaryOp::Divide | BinaryOp::Or | BinaryOp::And | BinaryOp::Compare(_) => {
                    left / right
                }
            };
            Some(whole * factor)
        }
        Number::Word(..)
        | Number::Metric(_)
        | Number::Baseline(_)
        | Number::Exposure(_)
        | Number::Capture(_)
        | Number::Elapsed => None,
    }
}
