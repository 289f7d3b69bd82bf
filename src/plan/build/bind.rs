//! Parameters and their values: read by type, held against their patterns, never taken for something else.

use std::collections::BTreeMap;

use crate::check::{Checked, Param, Values, eval, known_values, set_lets, whole_match};
use crate::diag::factory::check as say;
use crate::diag::{Diagnostics, nearest};
use crate::value::{Type, Value, risk_of, typed_example};

/// The values of all parameters and lets.
pub(super) fn bind(
    checked: &Checked,
    given: &BTreeMap<String, String>,
) -> Result<Values, Diagnostics> {
    let mut found = Diagnostics::new();
    let mut values = known_values(checked);
    for param in &checked.params {
        match given.get(&param.name) {
            Some(text) => {
                if let Some(value) = read(param, text, &mut found) {
                    values.set(&param.name, value);
                }
            }
            None if param.default.is_none() => {
                found.push(say::missing_param(
                    (param.span, &param.name),
                    &param.ty.to_string(),
                    &typed_example(&param.ty),
                    param.docs.as_deref(),
                ));
            }
            None => {}
        }
    }
    let known: Vec<&str> = checked.params.iter().map(|one| one.name.as_str()).collect();
    for name in given.keys() {
        if !known.contains(&name.as_str()) {
            found.push(say::unknown_param(
                checked.header.title.span,
                name,
                &known,
                nearest(name, known.iter().copied()),
            ));
        }
    }
    if !found.is_empty() {
        found.sort();
        return Err(found);
    }
    set_lets(checked, &mut values);
    Ok(values)
}

fn read(param: &Param, text: &str, found: &mut Diagnostics) -> Option<Value> {
    let name = (param.span, param.name.as_str());
    let Ok(value) = Value::read(&param.ty, text) else {
        let (ty, example) = (param.ty.to_string(), typed_example(&param.ty));
        found.push(say::param_of_wrong_type(name, text, &ty, &example));
        return None;
    };
    if let Some(pattern) = &param.pattern {
        if !whole_match(pattern, text) {
            found.push(say::param_out_of_pattern(name, text, pattern));
            return None;
        }
    } else if let Some(why) = risk_of(&param.ty, text) {
        found.push(say::param_is_risky(name, text, why));
        return None;
    }
    if text.contains('\0') {
        // No pattern can allow it: a variable of the environment ends there.
        found.push(say::param_is_risky(name, text, "it holds a NUL"));
        return None;
    }
    Some(value)
}

/// A value as it would be given, where the parameter may have it.
pub(super) fn allowed(param: &Param, value: &Value) -> Option<Value> {
    let text = match value {
        Value::Text(_) | Value::Url(_) | Value::Path(_) | Value::OneOf(_) => value.plain(),
        Value::Bool(_)
        | Value::Int(_)
        | Value::Number(_)
        | Value::Percent(_)
        | Value::Duration(_)
        | Value::Rate(_)
        | Value::Bytes(_)
        | Value::Version(_)
        | Value::Date(_)
        | Value::Time(_)
        | Value::List(_) => value.to_string(),
    };
    read(param, &text, &mut Diagnostics::new())
}

/// Values for all parameters and lets: those that are given, and defaults.
pub(super) fn with_given(checked: &Checked, given: &[(String, Value)]) -> Values {
    let mut values = known_values(checked);
    for (name, value) in given {
        values.set(name, value.clone());
    }
    set_lets(checked, &mut values);
    values
}

/// Other values than [`with_examples`] has, where one of the examples is a quantity.
/// Those that are looked at with all that they decide are left as they are.
pub(super) fn other_examples(checked: &Checked, looked_at: &[&str]) -> Option<Values> {
    let without_default = checked.params.iter().filter(|one| one.default.is_none());
    let without_default = without_default.filter(|one| !looked_at.contains(&one.name.as_str()));
    let other: Vec<(&str, Value)> = without_default
        .filter_map(|param| {
            let value = Value::read(&param.ty, another_example(&param.ty)?).ok()?;
            Some((param.name.as_str(), value))
        })
        .collect();
    if other.is_empty() {
        return None;
    }
    let mut values = with_examples(checked);
    for (name, value) in other {
        values.set(name, value);
    }
    set_lets(checked, &mut values);
    Some(values)
}

/// A second example of a quantity, far from the first.
fn another_example(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::Int | Type::Number => Some("977"),
        Type::Percent => Some("97%"),
        Type::Duration => Some("9d"),
        Type::Rate => Some("977/s"),
        Type::Bytes => Some("97GiB"),
        Type::Text
        | Type::Bool
        | Type::Version
        | Type::Date
        | Type::Time
        | Type::Url
        | Type::Path
        | Type::OneOf(_)
        | Type::List(_) => None,
    }
}

/// Values for all parameters and lets: defaults, and examples where there is none.
pub(super) fn with_examples(checked: &Checked) -> Values {
    let mut values = known_values(checked);
    for param in &checked.params {
        let known = param
            .default
            .as_ref()
            .is_some_and(|default| eval(default, &values, Some(&param.ty)).is_ok());
        // One item: a list may not have one twice.
        let example = if let Type::List(item) = &param.ty {
            typed_example(item)
        } else {
            typed_example(&param.ty)
        };
        if !known && let Ok(value) = Value::read(&param.ty, &example) {
            values.set(&param.name, value);
        }
    }
    set_lets(checked, &mut values);
    values
}
