//! Values that become a part of the source of another program, where whoever gives the value can have anything run.

use super::facts::Facts;
use crate::check::{Bound, Reads};
use crate::diag::Diagnostics;
use crate::diag::factory::lint as say;

pub(super) fn judge(facts: &Facts<'_>, found: &mut Diagnostics) {
    for one in &facts.checked.spliced {
        let into = match &one.reads {
            Reads::Shell { by } => say::SplicedInto::Shell(by),
            Reads::Other { by } => say::SplicedInto::Other(by),
            Reads::Eval => say::SplicedInto::Eval,
            Reads::Remote => say::SplicedInto::Remote,
            Reads::Sql { by } => say::SplicedInto::Sql(by),
        };
        let said = say::spliced_value(
            (one.at, one.by),
            (&one.name, &one.variable, &one.what),
            &into,
        );
        found.push(match one.sort {
            Bound::ByPattern => say::with_pattern(said, &one.name),
            Bound::Not => said,
        });
    }
}
