//! What the proof makes of a place where so much stands side by side that nobody can look at all of it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use runbook::engine::{Effect, Input, State, Work};
use runbook::plan::{self, LevelId, Plan, StepId};
use runbook::prove::{BUDGET, End, sweep};
use runbook::source::SourceFile;

/// So many strands that their ends come in more orders than a proof looks at.
const STRANDS: usize = 24;

fn planned(text: &str) -> Plan {
    let file = SourceFile::new("a.runbook", text);
    let (checked, found) = plan::check_file(&file);
    let checked = checked.unwrap_or_else(|| panic!("{found:?}"));
    plan::with_examples(&checked, &file)
        .expect("a plan")
        .for_proof()
}

/// So many strands that do this.
fn strands(does: impl Fn(usize) -> String) -> String {
    let mut all = String::new();
    for number in 0..STRANDS {
        writeln!(all, "strand s{number} {{\n{}\n}}", does(number)).expect("a line");
    }
    all
}

/// The wide place uses up no more than its share: what lies beside it is looked at to its end, here behind a long rollback.
#[test]
fn what_lies_beside_a_wide_place_is_looked_at_to_its_end() {
    let wide = strands(|number| format!("step go{number} timeout 10s $ ./go"));
    let mut back = String::new();
    for number in 0..12 {
        writeln!(
            back,
            "step b{number} timeout 10s on failure continue $ ./back"
        )
        .expect("a line");
    }
    let plan = planned(&format!(
        "runbook \"A\"\nservice a\nchannel pager {{ log \"/var/log/a.log\" }}\n\
         rollout {{\n  stage s {{\nstep first timeout 10s $ ./first\nparallel {{\n{wide}}}\n  }}\n}}\n\
         rollback {{\n  level l within 1h {{\n{back}step last timeout 10s $ ./last\n  }}\n}}\n"
    ));
    let swept = sweep(&plan, BUDGET, None);
    assert!(!swept.whole, "nobody looks at all of that");
    assert!(swept.states < BUDGET / 4, "{}", swept.states);
    // Behind each of the steps of the level.
    let back = End::RolledBack(LevelId(0));
    assert!(swept.ends.contains_key(&back), "{swept:?}");
}

/// What happens first in the wide place is looked at.
#[test]
fn what_happens_first_in_a_wide_place_is_looked_at() {
    let wide = strands(|number| format!("wait {}m..20h", 10 + number));
    let plan = planned(&format!(
        "runbook \"A\"\nservice a\nprovider prom {{ prometheus \"https://prometheus.example.com\" }}\n\
         metric errors: percent {{\n  query prom 'errors[30s]'\n  unit ratio\n}}\n\
         channel pager {{ log \"/var/log/a.log\" }}\n\
         guard g when errors > 5% then rollback\n\
         rollout {{\n  stage s {{\nstep first timeout 10s $ ./first\nparallel {{\n{wide}}}\n  }}\n}}\n\
         rollback {{\n  level l within 1h {{\nstep last timeout 10s $ ./last\n  }}\n}}\n"
    ));
    let mut tripped = 0;
    let mut watch = |(before, after): (&State, &State), _: &Input, _: &[Effect]| {
        let is_wide = before.strands.keys().count() > STRANDS;
        tripped += usize::from(is_wide && after.level().is_some());
    };
    let swept = sweep(&plan, BUDGET, Some(&mut watch));
    assert!(tripped > 0, "{swept:?}");
}

/// It is the same which of what is alike ends first, and which of the questions about it is answered first: one is looked at.
#[test]
fn one_of_what_is_alike_stands_for_all_in_a_wide_place() {
    let wide = strands(|number| {
        let timeout = if number % 7 == 0 { 20 } else { 10 };
        format!("step go{number} timeout {timeout}s $ ./go")
    });
    let plan = planned(&format!(
        "runbook \"A\"\nservice a\nchannel pager {{ log \"/var/log/a.log\" }}\n\
         rollout {{\n  stage s {{\nparallel {{\n{wide}}}\n  }}\n}}\n\
         rollback {{\n  level l within 1h {{\nstep last timeout 10s $ ./last\n  }}\n}}\n"
    ));
    let (mut ended, mut answered) = (BTreeSet::new(), BTreeSet::new());
    // Where none of them has ended.
    let is_first = |state: &State| {
        state
            .running
            .iter()
            .map(|one| one.attempt.0)
            .eq((0..).take(STRANDS))
    };
    let mut watch = |(before, _): (&State, &State), input: &Input, _: &[Effect]| match input {
        Input::Ended { attempt, .. } if is_first(before) => {
            let mut running = before.running.iter();
            let out = running.find(|one| one.attempt == *attempt);
            if let Some(Work::Step { step, .. }) = out.map(|out| out.work) {
                ended.insert(step);
            }
        }
        Input::Answered { question, .. } if before.questions.len() == STRANDS => {
            answered.insert(*question);
        }
        _ => {}
    };
    let swept = sweep(&plan, BUDGET, Some(&mut watch));
    assert!(!swept.whole, "{swept:?}");
    // The first of each sort.
    assert_eq!(ended, BTreeSet::from([StepId(0), StepId(1)]));
    assert_eq!(answered.len(), 2, "{answered:?}");
}
