//! What holds for the whole file, from its text to what a run does: `defaults`, `limits`, `window`.

mod afterwards;
mod baselines;
mod settings;
mod watches;
mod windows;

use runbook::plan::Plan;
use runbook::source::SourceFile;

/// The plan of a text without parameters.
pub(super) fn plan_of(text: &str) -> Plan {
    let file = SourceFile::new("a.runbook", text);
    super::check::plan_of(&file).unwrap_or_else(|found| panic!("{found:#?}"))
}
