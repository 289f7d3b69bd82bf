//! `plan`: the dry run. Takes no lock, writes no state, touches no network.

use super::args::{Format, PlanArgs, When};
use super::compile::compile;
use super::say::Say;
use crate::plan::Plan;
use crate::report::timeline;

pub(super) fn run(args: &PlanArgs, say: &Say) -> u8 {
    let plan = match compile(&args.file, &args.values, say) {
        Ok(compiled) => compiled.plan,
        Err(status) => return status,
    };
    match args.format {
        Format::Human => {
            let start = match args.start {
                None => None,
                Some(when) => match moment(&plan, when) {
                    Some(moment) => Some(moment),
                    None => {
                        say.error(
                            "this start has no meaning: the runbook chooses no window, or the date is out of its calendar",
                            "leave --start out, or choose a window with a line `window NAME`",
                        );
                        return super::USAGE;
                    }
                },
            };
            say.data(&timeline(&plan, start));
        }
        Format::Json => match serde_json::to_string_pretty(&plan) {
            Ok(text) => say.data(&format!("{text}\n")),
            Err(error) => {
                say.error(&format!("the plan cannot be written: {error}"), "");
                return super::USAGE;
            }
        },
    }
    0
}

/// The Unix milliseconds of a start, by the clock of the window's zone.
fn moment(plan: &Plan, when: When) -> Option<i64> {
    plan.window.as_ref()?.moment_of(when.date, when.minute)
}
