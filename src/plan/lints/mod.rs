//! What is wrong with a rollout as a whole: what it exposes without anyone looking, guards that cannot do what they are there for.
//! A lint a file; each looks at the facts of a plan and at the places of the file that it came from. Every finding can be
//! accepted with `waive`; none of them is about names or types, which are the business of `check`.

mod closes;
mod ends_early;
mod facts;
mod forward;
mod levels;
mod moments;
mod overlap;
mod people;
mod range;
mod remote;
mod risk;
mod secrets;
mod silence;
mod soak;
mod spliced;
mod strange;
mod unguarded;
mod unread;
mod unseen;
mod usual;
mod vacuous;
mod warmup;
mod way_back;
mod words;

use super::Plan;
use crate::check::Checked;
use crate::diag::Diagnostics;

use facts::Facts;
pub use unseen::{Unseen, unseen};

/// A lint: what it finds it adds.
type Lint = fn(&Facts<'_>, &mut Diagnostics);

/// All of them.
const ALL: &[Lint] = &[
    unguarded::judge,
    vacuous::judge,
    risk::judge,
    way_back::judge,
    warmup::judge,
    closes::judge,
    remote::judge,
    overlap::judge,
    ends_early::judge,
    soak::judge,
    silence::judge,
    usual::judge,
    levels::judge,
    forward::judge,
    secrets::judge,
    spliced::judge,
    people::judge,
    unread::judge,
    strange::judge,
];

/// Everything that the lints find in a plan.
pub(super) fn lints(checked: &Checked, plan: &Plan) -> Diagnostics {
    let facts = Facts::of(checked, plan);
    let mut found = Diagnostics::new();
    for lint in ALL {
        lint(&facts, &mut found);
    }
    found.sort();
    found
}
