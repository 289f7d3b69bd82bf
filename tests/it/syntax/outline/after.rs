//! The blocks for afterwards as lines of text.

use runbook::ast::{Aftermath, Afterwards};

use super::{expr, text};

/// A line for everything that is done.
pub(super) fn lines(block: &Aftermath) -> Vec<String> {
    let line = |one: &Afterwards| match one {
        Afterwards::Notify(one) => format!("notify {} {}", one.channel.text, text(&one.text)),
        Afterwards::Incident(one) => format!("incident from {}", text(&one.template)),
        Afterwards::Remind(one) => {
            format!("remind {} within {}", text(&one.text), expr(&one.within))
        }
        Afterwards::Watch(one) => format!("watch {}", expr(&one.length)),
    };
    block.items.iter().map(line).collect()
}
