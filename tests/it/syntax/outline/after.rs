//! The blocks for afterwards as lines of text.

use runbook::ast::{Aftermath, Afterwards, Environment, MetricSource};

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

/// What commands inherit.
pub(super) fn environment(one: &Environment) -> String {
    let only: Vec<&str> = one.only.iter().map(|one| one.text.as_str()).collect();
    format!("environment only {}", only.join(" "))
}

/// A source of a metric that is followed or connected to.
pub(super) fn followed(source: &MetricSource) -> String {
    match source {
        MetricSource::Log { path, pattern, .. } => {
            format!("log {} matching {}", text(path), pattern.text)
        }
        MetricSource::Tcp { address, .. } => format!("tcp {}", expr(address)),
        other => panic!("{other:?}"),
    }
}
