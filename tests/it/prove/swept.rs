//! What a sweep sees of the runbooks of the project and of the good inputs, with the laws looked at after every transition.

use std::path::Path;

use insta::glob;
use runbook::engine::laws;
use runbook::plan::{self, Plan};
use runbook::prove::{BUDGET, Swept, sweep};
use runbook::source::SourceFile;

/// The plan of a file with examples for its parameters.
pub(crate) fn plan_of(path: &Path) -> Option<Plan> {
    let text = std::fs::read_to_string(path).expect("an input");
    let file = SourceFile::new("a.runbook", text);
    let (checked, _) = plan::check_file(&file);
    plan::with_examples(&checked?, &file).ok()
}

/// Sweeps a plan; a broken law ends the test.
pub(crate) fn lawful(plan: &Plan) -> Swept {
    let mut looked = 0_usize;
    let mut watch = |(before, after): (&_, &_), input: &_, effects: &[_]| {
        if let Some(law) = laws::broken(plan, (before, after), effects) {
            panic!("broken law: {law}, by {input:?}\n{before:#?}\n{effects:?}");
        }
        looked += 1;
    };
    let swept = sweep(plan, BUDGET, Some(&mut watch));
    assert!(looked >= swept.ways, "{looked}");
    swept
}

#[test]
fn every_state_of_every_runbook_is_seen_and_lawful() {
    let mut seen = 0;
    for folder in [
        "runbooks/*.runbook",
        "tests/it/check/good/*.runbook",
        "tests/it/crash/*.runbook",
    ] {
        glob!("../../..", folder, |path| {
            let Some(plan) = plan_of(path) else { return };
            let swept = lawful(&plan);
            assert!(swept.whole, "{}", path.display());
            assert!(swept.dead_end.is_none(), "{:?}", swept.dead_end);
            seen += 1;
        });
    }
    assert!(seen >= 12, "saw {seen}");
}
