//! Secrets that a command puts into the arguments of a program, where everyone on the machine can read them.

use super::facts::Facts;
use crate::diag::Diagnostics;
use crate::diag::factory::lint as say;

pub(super) fn judge(facts: &Facts<'_>, found: &mut Diagnostics) {
    for one in &facts.checked.shown {
        found.push(say::secret_in_arguments(
            (one.at, one.by),
            (&one.secret, &one.program),
        ));
    }
}
