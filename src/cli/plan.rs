//! `plan`: the dry run. Takes no lock, writes no state, touches no network.

use super::args::{Format, PlanArgs};
use super::compile::compile;
use super::say::Say;
use crate::report::timeline;

pub(super) fn run(args: &PlanArgs, say: &Say) -> u8 {
    let plan = match compile(&args.file, &args.values, say) {
        Ok((plan, _)) => plan,
        Err(status) => return status,
    };
    match args.format {
        Format::Human => say.data(&timeline(&plan)),
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
