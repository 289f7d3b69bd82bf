//! What a sweep sees of the runbooks of the project and of the good inputs, with the laws looked at after every transition.

use std::collections::BTreeSet;
use std::path::Path;

use runbook::engine::laws;
use runbook::plan::{self, Plan};
use runbook::prove::{BUDGET, End, Shapes, Swept, sweep};
use runbook::source::SourceFile;

use crate::inputs;

/// The plan of a file with examples for its parameters.
pub(crate) fn plan_of(path: &Path) -> Option<Plan> {
    let text = std::fs::read_to_string(path).expect("an input");
    let file = SourceFile::new("a.runbook", text);
    let (checked, _) = plan::check_file(&file);
    plan::with_examples(&checked?, &file).ok()
}

/// The plan of a text that is a good one.
pub(crate) fn planned(text: &str) -> Plan {
    let file = SourceFile::new("a.runbook", text);
    let (checked, found) = plan::check_file(&file);
    let checked = checked.unwrap_or_else(|| panic!("{found:?}"));
    plan::with_examples(&checked, &file).expect("a plan")
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

/// Where nobody watches, nobody reads what the engine says, and of what comes to the same one way is looked at: that decides nothing.
pub(crate) fn unwatched(plan: &Plan, watched: &Swept) {
    let alone = sweep(plan, BUDGET, None);
    assert!(
        alone.ways <= watched.ways,
        "{} {}",
        alone.ways,
        watched.ways
    );
    let ends = |one: &Swept| one.ends.keys().copied().collect();
    let same = Swept {
        ways: watched.ways,
        ends: watched.ends.clone(),
        ..alone.clone()
    };
    assert_eq!(format!("{same:?}"), format!("{watched:?}"));
    let all: [BTreeSet<End>; 2] = [ends(&alone), ends(watched)];
    assert_eq!(all[0], all[1]);
}

#[test]
fn every_state_of_every_runbook_is_seen_and_lawful() {
    let mut seen = 0;
    for folder in ["runbooks", "tests/it/check/good", "tests/it/crash"] {
        for path in inputs::of(folder, ".runbook") {
            let Some(plan) = plan_of(&path) else { continue };
            let swept = lawful(&plan);
            assert!(swept.whole, "{}", path.display());
            unwatched(&plan, &swept);
            assert!(swept.dead_end.is_none(), "{:?}", swept.dead_end);
            seen += 1;
        }
    }
    assert!(seen >= 12, "saw {seen}");
}

/// What differs in words alone is swept once, and what differs in a number, a pair of words or anything else is swept by itself.
#[test]
fn plans_that_differ_in_more_than_words_are_told_apart() {
    let text = "runbook \"A\"\nservice a\nrollout {\n  stage s {\n    step one $ lb detach\n    step two $ lb attach\n  }\n}\n\
                rollback {\n  level l within 5m {\n    step back $ undo\n  }\n}\n";
    let shapes = Shapes::default();
    let first = shapes.sweep(&planned(text));
    assert_eq!(first.faults.len(), 1, "{first:?}");
    let others = [
        ("lb detach", "lb enable", 0),
        ("$ undo", "$ lb attach", 0),
        ("stage s", "stage other", 1),
    ];
    for (from, to, faults) in others {
        let swept = shapes.sweep(&planned(&text.replace(from, to)));
        assert_eq!(swept.faults.len(), faults, "{from} -> {to}: {swept:?}");
    }
    let retried = shapes.sweep(&planned(
        &text.replace("step one", "step one retry 1 every 1s"),
    ));
    assert!(retried.states > first.states, "{retried:?}");
}
