//! The rules over values: nothing without a bound, nothing backwards, nothing that can never happen. Judges what has a
//! value; what depends on a parameter that was not given waits until the plan is built.

mod acts;
mod around;
mod exposure;
mod hosts;
mod nested;
mod observations;
mod reach;
mod unrolled;
mod way_back;

use crate::ast::Expr;
use crate::diag::factory::check as say;
use crate::diag::{Diagnostic, Diagnostics};
use crate::value::{Millis, Type, Value};

use super::eval::{NoValue, Values, eval};
use super::tree::Checked;
use super::types::described;

pub use acts::VERIFY_EVERY;
pub use hosts::{is_address, is_user};
pub use observations::{EVERY, warmup, window};
pub use unrolled::{MOST_TURNS, is_undecided, known_truth, unrolled};

/// The values that the file itself gives: defaults, lets made of them, and the service.
pub fn known_values(checked: &Checked) -> Values {
    let mut values = Values::default();
    values.set("service", Value::Text(checked.header.service.clone()));
    for param in &checked.params {
        if let Some(default) = &param.default
            && let Ok(value) = eval(default, &Values::default(), Some(&param.ty))
        {
            values.set(&param.name, value);
        }
    }
    set_lets(checked, &mut values);
    values
}

/// Adds the lets that can be computed.
pub fn set_lets(checked: &Checked, values: &mut Values) {
    for one in &checked.lets {
        if let Ok(value) = eval(&one.value, values, None) {
            values.set(&one.name, value);
        }
    }
}

/// Judges everything that has a value.
pub fn judge_values(checked: &Checked, values: &Values) -> Diagnostics {
    let mut judge = Judge {
        values,
        found: Diagnostics::new(),
    };
    for param in &checked.params {
        if let Some(default) = &param.default {
            judge.value(default, &param.ty);
        }
    }
    for one in &checked.lets {
        judge.value(&one.value, &one.ty);
    }
    judge.value(&checked.header.title, &Type::Text);
    judge.observations(checked);
    judge.around(checked);
    judge.hosts(checked);
    judge.acts(checked);
    judge.nested(checked);
    judge.found.sort();
    judge.found
}

/// One judgement.
struct Judge<'v> {
    values: &'v Values,
    found: Diagnostics,
}

impl Judge<'_> {
    /// The value of an expression; says so when it can have none.
    fn value(&mut self, expr: &Expr, want: &Type) -> Option<Value> {
        match eval(expr, self.values, Some(want)) {
            Ok(value) => Some(value),
            Err(why) => {
                self.no_value(expr, why);
                None
            }
        }
    }

    /// Says why an expression has no value; nothing where that is not known yet.
    fn no_value(&mut self, expr: &Expr, why: NoValue) {
        self.found.push(match why {
            NoValue::NotGiven | NoValue::Reported => return,
            NoValue::Impossible { span, why } => say::impossible_value(span, why),
            NoValue::Unfit { span, text, why } => say::unfit_in_query(span, &text, why),
            NoValue::Misfit { text, want } => misfit(expr, &text, &want),
        });
    }

    fn duration(&mut self, expr: &Expr) -> Option<Millis> {
        let Value::Duration(value) = self.value(expr, &Type::Duration)? else {
            return None;
        };
        Some(value)
    }

    fn int(&mut self, expr: &Expr) -> Option<i64> {
        let Value::Int(value) = self.value(expr, &Type::Int)? else {
            return None;
        };
        Some(value)
    }

    fn percent(&mut self, expr: &Expr) -> Option<f64> {
        let Value::Percent(value) = self.value(expr, &Type::Percent)? else {
            return None;
        };
        Some(value.0)
    }

    /// A duration that must be longer than nothing; `what` is the clause.
    fn positive(&mut self, expr: &Expr, what: &str) -> Option<Millis> {
        let value = self.duration(expr)?;
        if value == Millis::ZERO {
            self.found.push(say::zero_duration(expr.span, what));
            return None;
        }
        if value.0 > MOST.0 {
            self.found
                .push(say::too_long(expr.span, what, &MOST.to_string()));
            return None;
        }
        Some(value)
    }

    fn positive_if_there(&mut self, expr: Option<&Expr>, what: &str) -> Option<Millis> {
        self.positive(expr?, what)
    }
}

/// The longest that anything may take: a year. What is longer is a slip, and would not fit the clock of a run.
const MOST: Millis = Millis::from_hours(365 * 24);

/// What is said about a value that is none of the type that its place wants.
pub fn misfit(expr: &Expr, text: &str, want: &Type) -> Diagnostic {
    if let Type::OneOf(words) = want {
        let word = text.trim_matches('"');
        let nearest = crate::diag::nearest(word, words.iter().map(String::as_str));
        return say::not_one_of(expr.span, word, words, nearest);
    }
    say::misfit(expr.span, text, (&described(want), &want.example()))
}
