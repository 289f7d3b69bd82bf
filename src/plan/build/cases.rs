//! The cases of a file: every combination of the values that tell apart what its parameters decide, up to a bound.

use super::super::cases::{Cases, Varied};
use super::{assemble, bind};
use crate::check::{self, Checked, Matter, Values};
use crate::diag::{Diagnostics, Severity};
use crate::plan::Plan;
use crate::source::SourceFile;
use crate::value::{Type, Value};

/// So many combinations are looked at.
const MOST: usize = 32;

/// So many cases there are at most: what does not fit in the combinations is varied alone.
const MOST_IN_ALL: usize = 64;

/// What is looked at, and how.
pub(super) struct Looked {
    /// The plan of the first case, where it can be made.
    pub(super) example: Option<Plan>,
    pub(super) cases: Cases,
    /// The values that count as known, case by case.
    pub(super) known: Vec<Values>,
}

/// A parameter with its values; the first is its default or an example.
struct Column<'c> {
    matter: Matter<'c>,
    values: Vec<Value>,
    /// Its values are looked at with every value of the others.
    crossed: bool,
}

/// The cases of a file with their plans.
pub(super) fn cases(checked: &Checked, file: &SourceFile) -> Looked {
    let base = bind::with_examples(checked);
    let mut columns: Vec<Column<'_>> = check::matters(checked)
        .into_iter()
        .filter_map(|matter| column(matter, &base))
        .collect();
    let rows = combined(&mut columns);
    let mut looked = Looked {
        example: assemble(checked, &base, file).ok().map(|made| made.plan),
        cases: Cases {
            left: left(&columns),
            ..Cases::default()
        },
        known: Vec::new(),
    };
    columns.retain(|one| one.values.len() > 1);
    let varied = columns.iter().map(|one| Varied {
        name: one.matter.param.name.clone(),
        span: one.matter.param.span,
        whole: one.matter.whole,
        loose: one.matter.loose,
    });
    looked.cases.varied = varied.collect();
    let mut refused: Vec<Diagnostics> = Vec::new();
    let mut refused_rows = Vec::new();
    for (index, row) in rows.into_iter().enumerate() {
        let given = given(&looked.cases.varied, &row, |_| true);
        // The first one is looked at whatever is found in it, and has a plan.
        let (is_well, plan) = if index == 0 {
            (true, None)
        } else {
            let with_all = bind::with_given(checked, &given);
            let is_well = !check::judge_values(checked, &with_all).has_errors();
            (is_well, plan(checked, (&base, &given), file))
        };
        // A number that a rule refuses lies beyond what may be given; a word of a list is one that may.
        if !is_well && is_in_words(&columns, &row) {
            let words = self::given(&looked.cases.varied, &row, |at| is_word(columns.get(at)));
            let with_words = bind::with_given(checked, &words);
            let errors = check::judge_values(checked, &with_words);
            refused.push(errors.filtered(|one| one.severity == Severity::Error));
            refused_rows.push(row.clone());
        }
        if index > 0 && !(is_well && plan.is_some()) {
            continue;
        }
        let real = looked.cases.varied.iter().map(|one| one.whole);
        let real: Vec<bool> = real.collect();
        let known = self::given(&looked.cases.varied, &row, |at| real.get(at) == Some(&true));
        looked.known.push(bind::with_given(checked, &known));
        looked.cases.rows.push(row);
        looked.cases.others.extend(plan);
    }
    looked.cases.later = of_refused(&looked.cases, &refused, refused_rows);
    looked
}

/// What is wrong with values that may be given, with those values: it is said when they are.
fn of_refused(cases: &Cases, refused: &[Diagnostics], rows: Vec<Vec<Value>>) -> Vec<String> {
    let well: Vec<Vec<Value>> = cases.rows.clone();
    let found = well.iter().map(|_| Diagnostics::new());
    let found: Vec<Diagnostics> = found.chain(refused.iter().cloned()).collect();
    let with_all = Cases {
        varied: cases.varied.clone(),
        rows: well.into_iter().chain(rows).collect(),
        ..Cases::default()
    };
    with_all.of_some(&found)
}

fn plan(
    checked: &Checked,
    (base, given): (&Values, &[(String, Value)]),
    file: &SourceFile,
) -> Option<Plan> {
    let mut values = base.clone();
    for (name, value) in given {
        values.set(name, value.clone());
    }
    check::set_lets(checked, &mut values);
    assemble(checked, &values, file).ok().map(|made| made.plan)
}

fn given(varied: &[Varied], row: &[Value], counts: impl Fn(usize) -> bool) -> Vec<(String, Value)> {
    let all = varied.iter().zip(row).enumerate();
    all.filter(|(at, _)| counts(*at))
        .map(|(_, (one, value))| (one.name.clone(), value.clone()))
        .collect()
}

/// The default or example of a parameter, and every other value that it is looked at with and may have.
fn column<'c>(matter: Matter<'c>, base: &Values) -> Option<Column<'c>> {
    let first = base.get(&matter.param.name)?.clone();
    let mut values = vec![first];
    for value in &matter.values {
        if let Some(value) = bind::allowed(matter.param, value)
            && !values.contains(&value)
        {
            values.push(value);
        }
    }
    Some(Column {
        matter,
        values,
        crossed: true,
    })
}

/// Every combination, and each value alone of what would make too many of them.
fn combined(columns: &mut [Column<'_>]) -> Vec<Vec<Value>> {
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for one in columns.iter_mut().filter(|one| one.values.len() > 1) {
        one.crossed = rows.len().saturating_mul(one.values.len()) <= MOST;
        let values = if one.crossed {
            one.values.as_slice()
        } else {
            one.values.get(..1).unwrap_or_default()
        };
        let crossed = rows.iter().flat_map(|row| {
            values.iter().map(move |value| {
                let mut row = row.clone();
                row.push(value.clone());
                row
            })
        });
        rows = crossed.collect();
    }
    let first = rows.first().cloned().unwrap_or_default();
    let varied = columns.iter().filter(|one| one.values.len() > 1);
    for (at, one) in varied.enumerate().filter(|(_, one)| !one.crossed) {
        for value in one.values.iter().skip(1) {
            let mut row = first.clone();
            if let Some(cell) = row.get_mut(at) {
                *cell = value.clone();
            }
            if rows.len() < MOST_IN_ALL {
                rows.push(row);
            }
        }
    }
    rows
}

/// The parameters that are not looked at whole, with the value that they have where they are not.
fn left(columns: &[Column<'_>]) -> Vec<String> {
    let left = columns
        .iter()
        .filter(|one| !one.matter.whole || !one.crossed);
    left.filter_map(|one| {
        let first = one.values.first()?;
        Some(format!("{} = {first}", one.matter.param.name))
    })
    .collect()
}

/// Whether a case has nothing but first values beside those that are words of a list.
fn is_in_words(columns: &[Column<'_>], row: &[Value]) -> bool {
    let mut cells = columns.iter().zip(row);
    cells.all(|(one, value)| one.values.first() == Some(value) || is_word(Some(one)))
}

fn is_word(column: Option<&Column<'_>>) -> bool {
    column.is_some_and(|one| matches!(one.matter.param.ty, Type::Bool | Type::OneOf(_)))
}
