//! Owns the cases of a file: the combinations of values of those parameters that decide something, and for which of them a finding
//! holds. A file without such parameters has one case.

use std::collections::{BTreeMap, BTreeSet};

use super::Plan;
use crate::diag::factory::check as say;
use crate::diag::{Diagnostic, Diagnostics};
use crate::source::Span;
use crate::value::Value;

/// The cases of a file.
#[derive(Clone, Debug, Default)]
pub struct Cases {
    /// The parameters that differ from case to case.
    pub(super) varied: Vec<Varied>,
    /// Their values, case by case; the first is the one with defaults and examples.
    pub(super) rows: Vec<Vec<Value>>,
    /// The plans of all cases but the first.
    pub others: Vec<Plan>,
    /// The parameters that decide something and are looked at with one value, or not with every value of the others: as `name = value`.
    pub left: Vec<String>,
    /// What the lints find in some cases only, which is said when the values are given.
    pub later: Vec<String>,
}

/// A parameter that differs from case to case.
#[derive(Clone, Debug)]
pub(super) struct Varied {
    pub(super) name: String,
    pub(super) span: Span,
    /// Whether its values in the cases are those that it can have, as far as they differ in what they decide.
    pub(super) whole: bool,
    /// Whether it is used as it is, and not only held against constants: what a command prints may be held against it.
    pub(super) loose: bool,
}

impl Cases {
    /// The values of a case that more can depend on than the numbers of its plan.
    #[must_use]
    pub fn used_in_words(&self, case: usize) -> String {
        let row = self.rows.get(case).into_iter().flatten();
        let used = self.varied.iter().zip(row).filter(|(one, _)| one.loose);
        used.map(|(one, value)| format!("{} = {value};", one.name))
            .collect()
    }

    /// What is found in any case; where it is not found in all, with the values with which it is.
    #[must_use]
    pub fn any(&self, found: &[Diagnostics]) -> Diagnostics {
        let mut merged = Diagnostics::new();
        for (one, cases) in in_cases(found, |one| (place(one), one.message.as_str())) {
            merged.push(self.labelled(one, &cases));
        }
        merged.sort();
        merged
    }

    /// What is found in every case. What is found in some only is left for when the values are given.
    #[must_use]
    pub fn every(&self, found: &[Diagnostics]) -> Diagnostics {
        let mut merged = Diagnostics::new();
        let Some((first, others)) = found.split_first() else {
            return merged;
        };
        let others: Vec<_> = others.iter().map(by_place).collect();
        for one in first.iter() {
            let same = others.iter().map(|other| other.get(&place(one)));
            let in_all: Option<Vec<_>> = same.collect();
            let Some(in_all) = in_all else {
                continue;
            };
            let is_alike = |same: &&Diagnostic| same.message == one.message;
            if in_all.iter().all(|same| same.iter().any(is_alike)) {
                merged.push(one.clone());
            } else {
                merged.push(self.labelled(one, &BTreeSet::from([0])));
            }
        }
        merged.sort();
        merged
    }

    /// The findings of some cases only, in a line each.
    pub(super) fn of_some(&self, found: &[Diagnostics]) -> Vec<String> {
        let all = in_cases(found, place);
        let some = all.iter().filter_map(|(one, cases)| {
            let with = self.with(cases)?;
            Some(format!(
                "with {with} `plan` and `run` say {}: {}",
                one.name, one.message
            ))
        });
        some.collect()
    }

    /// The values that tell these cases from all others, in words; nothing where these are all.
    #[must_use]
    pub fn with(&self, cases: &BTreeSet<usize>) -> Option<String> {
        let said = self.telling(cases);
        let words: Vec<String> = said.into_iter().map(|(_, text)| text).collect();
        (!words.is_empty()).then(|| words.join(" and "))
    }

    fn labelled(&self, one: &Diagnostic, cases: &BTreeSet<usize>) -> Diagnostic {
        let mut labelled = one.clone();
        for (span, text) in self.telling(cases) {
            labelled = say::with_values(labelled, span, &text);
        }
        labelled
    }

    /// Each parameter that decides whether it is one of these cases, with its values.
    fn telling(&self, cases: &BTreeSet<usize>) -> Vec<(Span, String)> {
        let telling: Vec<usize> = (0..self.varied.len())
            .filter(|column| self.tells(*column, cases))
            .collect();
        let rows: Vec<&Vec<Value>> = cases
            .iter()
            .filter_map(|case| self.rows.get(*case))
            .collect();
        let cell = |row: &Vec<Value>, column: usize| row.get(column).map(ToString::to_string);
        let mut tuples: Vec<Vec<Option<String>>> = Vec::new();
        for row in rows {
            let tuple = telling.iter().map(|column| cell(row, *column)).collect();
            if !tuples.contains(&tuple) {
                tuples.push(tuple);
            }
        }
        let mut said: Vec<(Span, String)> = Vec::new();
        for (position, column) in telling.iter().enumerate() {
            let Some(varied) = self.varied.get(*column) else {
                continue;
            };
            let of = |tuple: &Vec<Option<String>>| tuple.get(position).cloned().flatten();
            let values: Vec<String> = match telling.len() {
                1 => tuples.iter().filter_map(of).collect(),
                _several => tuples.iter().take(1).filter_map(of).collect(),
            };
            said.push((
                varied.span,
                format!("{} = {}", varied.name, values.join(" or ")),
            ));
        }
        if let (2.., Some((_, last))) = (telling.len(), said.last_mut()) {
            match tuples.len().saturating_sub(1) {
                0 => {}
                1 => last.push_str(", and in one more combination"),
                more => last.push_str(&format!(", and in {more} more combinations")),
            }
        }
        said
    }

    /// Whether a parameter decides if a case is one of these: with another value of it alone it is none.
    fn tells(&self, column: usize, cases: &BTreeSet<usize>) -> bool {
        let but = |row: &[Value]| -> Vec<Value> {
            let rest = row.iter().enumerate().filter(|(at, _)| *at != column);
            rest.map(|(_, value)| value.clone()).collect()
        };
        let mut inside = cases.iter().filter_map(|case| self.rows.get(*case));
        inside.any(|row| {
            let row = but(row);
            let mut all = self.rows.iter().enumerate();
            all.any(|(case, other)| !cases.contains(&case) && but(other) == row)
        })
    }
}

/// What two findings of two cases have in common when they are one: what is found, and where.
type Place = (&'static str, Option<Span>);

fn place(one: &Diagnostic) -> Place {
    (one.name, one.primary.as_ref().map(|label| label.span))
}

/// The findings of a case by their places.
fn by_place(found: &Diagnostics) -> BTreeMap<Place, Vec<&Diagnostic>> {
    let mut all: BTreeMap<Place, Vec<&Diagnostic>> = BTreeMap::new();
    for one in found.iter() {
        all.entry(place(one)).or_default().push(one);
    }
    all
}

/// Whether something is found there too, word for word.
pub(super) fn found_in(other: &Diagnostics) -> impl Fn(&Diagnostic) -> bool + '_ {
    let all = by_place(other);
    move |one| all.get(&place(one)).is_some_and(|same| same.contains(&one))
}

/// What is found in any case, each once, with the cases in which it is found. Two findings are one that have the same key.
fn in_cases<'f, K: Ord>(
    found: &'f [Diagnostics],
    key: impl Fn(&'f Diagnostic) -> K,
) -> Vec<(&'f Diagnostic, BTreeSet<usize>)> {
    let mut all: Vec<(&Diagnostic, BTreeSet<usize>)> = Vec::new();
    let mut known = BTreeMap::new();
    for (case, found) in found.iter().enumerate() {
        for one in found.iter() {
            let at = *known.entry(key(one)).or_insert(all.len());
            match all.get_mut(at) {
                Some((_, cases)) => {
                    cases.insert(case);
                }
                None => all.push((one, BTreeSet::from([case]))),
            }
        }
    }
    all
}
