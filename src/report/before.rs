//! Owns what `plan` says of the looks and preconditions before anything is changed.

use super::acts::{clip, of_approval};
use super::left::put_baseline;
use super::migrations::of_migrations;
use super::names::command;
use super::timeline::put;
use crate::plan::{Interactive, MetricSource, Plan, Precondition};

/// Nothing when there is nothing to look at.
pub(super) fn before(text: &mut String, plan: &Plan) {
    if plan.metrics.is_empty()
        && plan.exposures.is_empty()
        && plan.before.is_empty()
        && plan.migrations.is_empty()
    {
        return;
    }
    put(text, "");
    put(text, "BEFORE  nothing is changed until all of this holds");
    for metric in &plan.metrics {
        let asked = match &metric.source {
            MetricSource::Query { query, .. } => query.clone(),
            MetricSource::Http { url, filter } => format!("{filter} of {url}"),
            MetricSource::Log { path, pattern } => format!("lines of {path} matching /{pattern}/"),
            MetricSource::Tcp { address } => format!("connecting to {address}"),
            MetricSource::Command(run) => command(run),
        };
        put(
            text,
            &format!("           query    {}  {}", metric.name, clip(&asked)),
        );
        put_baseline(text, metric);
    }
    for exposure in &plan.exposures {
        put(
            text,
            &format!(
                "           read     {}  {}",
                exposure.name,
                clip(&command(&exposure.read))
            ),
        );
    }
    for one in &plan.migrations {
        put(text, &format!("           check    {}", of_migrations(one)));
    }
    for precondition in &plan.before {
        match precondition {
            Precondition::Check(step) => {
                if let Some(step) = plan.steps.get(step.index()) {
                    put(
                        text,
                        &format!(
                            "           check    {}  {}  (at most {}{})",
                            step.title,
                            clip(&command(&step.command)),
                            step.timeout,
                            if step.interactive == Interactive::Yes {
                                ", with a person at the terminal"
                            } else {
                                ""
                            }
                        ),
                    );
                }
            }
            Precondition::Approve(approval) => {
                if let Some(approval) = plan.approvals.get(approval.index()) {
                    put(text, &format!("           {}", of_approval(plan, approval)));
                }
            }
            Precondition::Confirm { title } => {
                put(
                    text,
                    &format!("           confirm  {title}  (a person, or --confirm)"),
                );
            }
        }
    }
}
