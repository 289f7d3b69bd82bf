//! What the proof makes of a runbook with so many steps that it cannot look at all it can come to.

use std::fmt::Write as _;

use runbook::prove::{BUDGET, sweep};

use super::swept::planned;
use crate::program::Place;

/// A stage of so many such operations.
fn long(count: usize, op: impl Fn(usize) -> String) -> String {
    let mut ops = String::new();
    for number in 1..=count {
        writeln!(ops, "    {}", op(number)).expect("a string takes everything");
    }
    format!(
        "runbook \"Many steps\"\n\nservice many\n\nchannel people {{\n  log \"notices\"\n}}\n\n\
         exposure flag: percent {{\n  set  $ ./flag \"$flag\"\n  read $ ./flag\n}}\n\n\
         rollout {{\n  stage all {{\n{ops}  }}\n}}\n\n\
         rollback {{\n  level back within 5m {{\n    expose 0%\n    step back $ ./deploy --back\n  }}\n}}\n\n\
         if stuck {{\n  notify people \"stuck: ${{reason}}\"\n}}\n"
    )
}

/// What is counted for each operation, to say that a plan has too many, is never more than what a whole sweep sees of it.
#[test]
fn an_operation_has_as_many_kinds_of_states_as_are_counted_for_it() {
    let step = |clauses: &str| format!("step sNUMBER {clauses} $ ./deploy NUMBER");
    let cases = [
        (2, step("")),
        (2, step("idempotent")),
        (2, step("idempotent on failure continue")),
        (2, step("on failure hold")),
        (2, step("on unknown rerun")),
        (2, step("on unknown rollback")),
        (2, step("on unknown rerun on failure continue")),
        (2, step("retry 2 every 30s")),
        (2, step("unless $ ./is-done\n")),
        (1, "wait 1m".to_owned()),
        (1, "wait 1m..1h".to_owned()),
        (1, "expose NUMBER%".to_owned()),
    ];
    for (counted, op) in cases {
        let text = long(20, |number| op.replace("NUMBER", &number.to_string()));
        let swept = sweep(&planned(&text).for_proof(), BUDGET, None);
        assert!(swept.whole, "{op}: {swept:?}");
        assert!(swept.states >= 20 * counted, "{op}: {}", swept.states);
    }
}

#[test]
fn of_a_runbook_with_too_many_steps_the_beginning_is_looked_at_and_that_is_said() {
    let place = Place::new();
    place.write(
        "release.runbook",
        &long(10_001, |number| {
            format!("step s{number} $ ./deploy {number}")
        }),
    );
    let checked = place.call(&["check", "--verbose", "release.runbook"]);
    assert_eq!(checked.status, Some(0), "{}", checked.err);
    for said in [
        "note[proof-unfinished]: only the beginning of this runbook was looked at: its 10002 steps make more kinds of states than the 20000 \
         that a proof takes\n",
        "  saw      2000 kinds of states",
    ] {
        assert!(checked.err.contains(said), "{said}\n{}", checked.err);
    }
}
