//! Declarations that nothing in the file reads.

use super::facts::Facts;
use crate::check::Idle;
use crate::diag::Diagnostics;
use crate::diag::factory::unread as say;

pub(super) fn judge(facts: &Facts<'_>, found: &mut Diagnostics) {
    for one in &facts.checked.unread {
        let place = (one.at, one.name.as_str());
        found.push(match &one.what {
            Idle::Metric(breach) => say::metric(place, breach),
            Idle::Probe => say::probe(place),
            Idle::Channel => say::channel(place),
            Idle::Hosts => say::hosts(place),
        });
    }
}
