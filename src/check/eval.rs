//! The value of an expression that is known before the run. It reports nothing: why there is no value is its answer.

use std::collections::BTreeMap;

use crate::ast::{BinaryOp, CompareOp, Expr, ExprKind, Text, TextPart, UnaryOp};
use crate::source::Span;
use crate::value::{Bytes, Millis, Percent, Rate, Type, Value};

use super::types::{Kind, fit, operation};

/// The values of parameters, lets and `service`, by name. One that is not given is not here.
#[derive(Clone, Debug, Default)]
pub struct Values(BTreeMap<String, Value>);

impl Values {
    /// All of them, by name.
    pub fn each(&self) -> impl Iterator<Item = &Value> {
        self.0.values()
    }

    /// Sets one.
    pub fn set(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    /// Takes the value of one away.
    pub fn unset(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }
}

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoValue {
    /// It uses a parameter that was not given.
    NotGiven,
    /// It does not make sense, which was reported when the file was checked.
    Reported,
    /// Its value cannot be stored.
    Impossible {
        /// The part that makes it so.
        span: Span,
        /// Why, as the end of a sentence about the expression.
        why: &'static str,
    },
    /// A value in it cannot stand where it stands in a query.
    Unfit {
        /// The part that is the value.
        span: Span,
        /// The value.
        text: String,
        /// Why, as the end of a sentence about it.
        why: &'static str,
    },
    /// It is no value of the type that its place wants.
    Misfit {
        /// What it is instead.
        text: String,
        /// What is wanted.
        want: Type,
    },
}

/// The value of an expression, as one of `want` where its place wants a type.
///
/// # Errors
/// Why there is none.
pub fn eval(expr: &Expr, values: &Values, want: Option<&Type>) -> Result<Value, NoValue> {
    let value = match (&expr.kind, want) {
        (ExprKind::Name(word), Some(Type::OneOf(words))) if words.contains(word) => {
            Value::OneOf(word.clone())
        }
        (ExprKind::List(items), Some(Type::List(item))) => {
            let items: Result<Vec<Value>, NoValue> = items
                .iter()
                .map(|one| eval(one, values, Some(item)))
                .collect();
            Value::List(items?)
        }
        (_, _) => plain_eval(expr, values)?,
    };
    let Some(want) = want else {
        return Ok(value);
    };
    fit(value, want).map_err(|value| NoValue::Misfit {
        text: value.to_string(),
        want: want.clone(),
    })
}

fn plain_eval(expr: &Expr, values: &Values) -> Result<Value, NoValue> {
    match &expr.kind {
        ExprKind::Literal(value) => Ok(value.clone()),
        ExprKind::Text(text) => text_of(text, values).map(Value::Text),
        ExprKind::Name(name) => values.get(name).cloned().ok_or(NoValue::NotGiven),
        ExprKind::List(items) => {
            let items: Result<Vec<Value>, NoValue> =
                items.iter().map(|one| plain_eval(one, values)).collect();
            items.map(Value::List)
        }
        ExprKind::Unary { op, operand, .. } => {
            let value = plain_eval(operand, values)?;
            match (op, value) {
                (UnaryOp::Not, Value::Bool(value)) => Ok(Value::Bool(!value)),
                (UnaryOp::Negate, Value::Int(value)) => value
                    .checked_neg()
                    .map(Value::Int)
                    .ok_or_else(|| too_large(expr)),
                (UnaryOp::Negate, value) => {
                    let (Some(ty), Some(base)) = (value.ty(), value.base()) else {
                        return Err(NoValue::Reported);
                    };
                    stored(&Kind::Of(ty), -base, expr)
                }
                (UnaryOp::Not, _other) => Err(NoValue::Reported),
            }
        }
        ExprKind::Binary {
            op, left, right, ..
        } => {
            let left = plain_eval(left, values)?;
            let right = plain_eval(right, values)?;
            combine(*op, &left, &right, expr)
        }
        ExprKind::Field { .. } | ExprKind::Is { .. } | ExprKind::Call { .. } | ExprKind::Lost => {
            Err(NoValue::Reported)
        }
    }
}

/// A text with its values in it, as a person reads them.
fn text_of(text: &Text, values: &Values) -> Result<String, NoValue> {
    let mut whole = String::new();
    for part in &text.parts {
        match part {
            TextPart::Piece(piece) => whole.push_str(piece),
            TextPart::Expr(expr) => whole.push_str(&spoken(&plain_eval(expr, values)?)),
        }
    }
    Ok(whole)
}

/// A value as it stands in a sentence.
pub fn spoken(value: &Value) -> String {
    value.spoken()
}

fn combine(op: BinaryOp, left: &Value, right: &Value, expr: &Expr) -> Result<Value, NoValue> {
    match (op, left, right) {
        (BinaryOp::And, Value::Bool(left), Value::Bool(right)) => {
            return Ok(Value::Bool(*left && *right));
        }
        (BinaryOp::Or, Value::Bool(left), Value::Bool(right)) => {
            return Ok(Value::Bool(*left || *right));
        }
        (BinaryOp::Compare(op), left, right) => {
            return compare(op, left, right)
                .map(Value::Bool)
                .ok_or(NoValue::Reported);
        }
        (op, Value::Int(left), Value::Int(right)) => {
            let result = match op {
                BinaryOp::Add => Some(left.checked_add(*right)),
                BinaryOp::Subtract => Some(left.checked_sub(*right)),
                BinaryOp::Multiply => Some(left.checked_mul(*right)),
                BinaryOp::Divide | BinaryOp::Or | BinaryOp::And | BinaryOp::Compare(_) => None,
            };
            if let Some(result) = result {
                return result.map(Value::Int).ok_or_else(|| too_large(expr));
            }
        }
        (_, _, _) => {}
    }
    let quantity = |value: &Value| Some((Kind::Of(value.ty()?), value.base()?));
    let (Some((left_kind, left)), Some((right_kind, right))) = (quantity(left), quantity(right))
    else {
        return Err(NoValue::Reported);
    };
    let (kind, factor) = operation(op, &left_kind, &right_kind).ok_or(NoValue::Reported)?;
    if op == BinaryOp::Divide && right == 0.0 {
        return Err(NoValue::Impossible {
            span: expr.span,
            why: "it divides by zero",
        });
    }
    let result = match op {
        BinaryOp::Add => left + right,
        BinaryOp::Subtract => left - right,
        BinaryOp::Multiply => left * right,
        BinaryOp::Divide => left / right,
        BinaryOp::Or | BinaryOp::And | BinaryOp::Compare(_) => return Err(NoValue::Reported),
    };
    stored(&kind, result * factor, expr)
}

/// A number in the base of its type as a value.
fn stored(kind: &Kind, base: f64, expr: &Expr) -> Result<Value, NoValue> {
    let Kind::Of(ty) = kind else {
        return Err(NoValue::Reported);
    };
    if !base.is_finite() || base.abs() >= 1e18 {
        return Err(too_large(expr));
    }
    let negative = || NoValue::Impossible {
        span: expr.span,
        why: crate::diag::factory::check::BELOW_ZERO,
    };
    match ty {
        Type::Int => Ok(Value::Int(base as i64)),
        Type::Number => Ok(Value::Number(base)),
        Type::Percent => Ok(Value::Percent(Percent(base))),
        Type::Rate => Ok(Value::Rate(Rate(base))),
        Type::Duration if base < 0.0 => Err(negative()),
        Type::Duration => Ok(Value::Duration(Millis(base.round() as u64))),
        Type::Bytes if base < 0.0 => Err(negative()),
        Type::Bytes => Ok(Value::Bytes(Bytes(base.round() as u64))),
        Type::Text
        | Type::Bool
        | Type::Version
        | Type::Date
        | Type::Time
        | Type::Url
        | Type::Path
        | Type::OneOf(_)
        | Type::List(_) => Err(NoValue::Reported),
    }
}

fn too_large(expr: &Expr) -> NoValue {
    NoValue::Impossible {
        span: expr.span,
        why: "it is too large",
    }
}

/// Holds two known values against each other; `None` where that has no meaning.
pub fn compare(op: CompareOp, left: &Value, right: &Value) -> Option<bool> {
    let order = match (left, right) {
        (Value::Version(left), Value::Version(right)) => left.partial_cmp(right),
        (Value::Date(left), Value::Date(right)) => left.partial_cmp(right),
        (Value::Time(left), Value::Time(right)) => left.partial_cmp(right),
        (left, right) => match (left.base(), right.base()) {
            (Some(left), Some(right)) => left.partial_cmp(&right),
            (Some(_), None) | (None, Some(_)) => None,
            (None, None) => {
                let equal = spoken(left) == spoken(right);
                return match op {
                    CompareOp::Equal => Some(equal),
                    CompareOp::NotEqual => Some(!equal),
                    CompareOp::Less
                    | CompareOp::LessOrEqual
                    | CompareOp::Greater
                    | CompareOp::GreaterOrEqual => None,
                };
            }
        },
    }?;
    Some(match op {
        CompareOp::Equal => order.is_eq(),
        CompareOp::NotEqual => order.is_ne(),
        CompareOp::Less => order.is_lt(),
        CompareOp::LessOrEqual => order.is_le(),
        CompareOp::Greater => order.is_gt(),
        CompareOp::GreaterOrEqual => order.is_ge(),
    })
}
