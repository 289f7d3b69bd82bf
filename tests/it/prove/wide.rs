//! What the proof makes of a place where so much stands side by side that nobody can look at all of it.

use std::fmt::Write as _;

use runbook::plan::{self, LevelId, Plan};
use runbook::prove::{BUDGET, End, FaultKind, sweep};
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
    let swept = sweep(&plan, BUDGET, None);
    let mut faults = swept.faults.iter();
    assert!(
        faults.any(|one| one.kind == FaultKind::NobodyTold),
        "{swept:?}"
    );
}
