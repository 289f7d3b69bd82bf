//! Owns the proof of all cases that the values of parameters make: a path that ends as none may in one of them is a finding.

use crate::check::Checked;
use crate::diag::Diagnostics;
use crate::diag::factory::proof as say;
use crate::plan::{Cases, Op, Plan};
use crate::source::Sources;

use super::found::{Proof, Shapes, prove};
use super::likeness::form;
use super::pairs::pairs;
use super::sweep::{BUDGET, in_stages};

/// So many kinds of states are looked at in all cases together before the rest of them is left.
const MOST: usize = 4 * BUDGET;

/// The proofs of a file.
#[derive(Clone, Debug)]
pub struct Proofs {
    /// Of each case that was looked at, in order.
    pub of: Vec<Proof>,
    /// What is wrong in any of them, with the values with which it is.
    pub found: Diagnostics,
}

/// Takes the plan of every case through all that can happen.
#[must_use]
pub fn prove_all(
    checked: &Checked,
    (first, cases): (&Plan, &Cases),
    (sources, shapes): (&Sources, &Shapes),
) -> Proofs {
    let mut of: Vec<Proof> = Vec::new();
    let mut forms: Vec<Vec<u8>> = Vec::new();
    let mut seen = 0_usize;
    let mut left = false;
    let plans = std::iter::once(first).chain(&cases.others);
    // One that is alone is compared with none.
    let is_alone = cases.others.is_empty();
    for (case, plan) in plans.enumerate() {
        let form = if is_alone {
            Vec::new()
        } else {
            form_of(plan, &cases.used_in_words(case))
        };
        let mut known = forms.iter().zip(&of);
        if let Some((_, proof)) = known.find(|(known, _)| !form.is_empty() && **known == form) {
            let proof = proof.clone();
            forms.push(form);
            of.push(proof);
            continue;
        }
        if seen >= MOST {
            left = true;
            break;
        }
        let proof = prove(checked, plan, (sources, shapes));
        seen = seen.saturating_add(proof.swept.states);
        forms.push(form);
        of.push(proof);
    }
    // A case that the file refuses by itself, with `fail`, is no fault where another one completes.
    let completes = of.iter().any(|one| one.swept.completes());
    let plans = std::iter::once(first).chain(&cases.others);
    let by_case: Vec<Diagnostics> = of
        .iter()
        .zip(plans)
        .map(|(one, plan)| match completes && fails_by_itself(plan) {
            true => without_never(&one.found),
            false => one.found.clone(),
        })
        .collect();
    let mut found = cases.any(&by_case);
    if left {
        let title = checked.header.title.span;
        found.push(say::proof_unfinished(title, seen));
        found.sort();
    }
    Proofs { of, found }
}

fn fails_by_itself(plan: &Plan) -> bool {
    let mut ops = plan.stages.iter().flat_map(|stage| &stage.ops);
    ops.any(|op| matches!(op, Op::Fail { .. }))
}

fn without_never(found: &Diagnostics) -> Diagnostics {
    let mut left = Diagnostics::new();
    for one in found.iter().filter(|one| one.name != "never-completes") {
        left.push(one.clone());
    }
    left
}

/// What two cases of a file have in common that are proved by one proof. It is empty where that cannot be told.
fn form_of(plan: &Plan, words: &str) -> Vec<u8> {
    let mut bare = plan.for_proof();
    // Only commands read them.
    bare.bindings.clear();
    let Some(form) = form(&bare) else {
        return Vec::new();
    };
    let mut form = Vec::from(form);
    // The words of steps decide in one thing: what takes apart and what puts together.
    for pair in pairs(plan, &in_stages(plan)) {
        form.extend_from_slice(format!("{pair:?}").as_bytes());
    }
    form.extend_from_slice(words.as_bytes());
    form
}
