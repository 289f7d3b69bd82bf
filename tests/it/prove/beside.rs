//! What goes wrong beside something else, and what takes its time: guards that ask while another one holds, approvals that come late, runs
//! that are taken up.

use runbook::engine::{Effect, Input, Note, QuestionAbout, State, StrandId};
use runbook::plan::Plan;
use runbook::prove::{BUDGET, sweep};

use super::swept::planned;

fn plan(guards: &str, ops: &str) -> Plan {
    planned(&format!(
        "runbook \"A\"\nservice a\nprovider prom {{ prometheus \"https://prometheus.example.com\" }}\n\
         metric errors: percent {{\n  query prom 'errors[30s]'\n  unit ratio\n}}\n\
         metric slow: duration {{\n  query prom 'slow[30s]'\n  unit ms\n}}\n\
         {guards}\nrollout {{\n  stage s {{\n{ops}\n  }}\n}}\n\
         rollback {{\n  level l within 5m {{\n    step back $ ./back\n  }}\n}}\n"
    ))
}

/// How many transitions of a whole sweep are of a kind.
fn count(plan: &Plan, is_it: impl Fn((&State, &State), &Input, &[Effect]) -> bool) -> usize {
    let mut found = 0;
    let mut watch = |states: (&State, &State), input: &Input, effects: &[Effect]| {
        found += usize::from(is_it(states, input, effects));
    };
    let swept = sweep(plan, BUDGET, Some(&mut watch));
    assert!(swept.whole && swept.dead_end.is_none(), "{swept:?}");
    found
}

/// A hold does not keep another guard from asking a person, and one of the two questions is answered first.
#[test]
fn a_guard_asks_while_another_one_holds_the_stage() {
    let asks = "guard a when errors > 5% then decide within 4m else continue\n";
    for other in [
        "guard b when slow > 400ms then rollback",
        "guard b when slow > 400ms then hold",
    ] {
        let plan = plan(&format!("{asks}{other}"), "wait 2m..6m");
        let open = |state: &State, about: fn(QuestionAbout) -> bool| {
            state.questions.iter().any(|one| about(one.about))
        };
        let is_hold = |about| about == QuestionAbout::Hold;
        let is_guard = |about| matches!(about, QuestionAbout::Guard(_));
        let both = count(&plan, |(before, after), input, _| {
            matches!(input, Input::Answered { .. })
                && open(before, is_hold)
                && !open(after, is_hold)
                && open(after, is_guard)
        });
        assert!(both > 0, "{other}");
    }
}

/// People take their time: a guard that needs a minute and a half until it can be blind has had them when the approval is there.
#[test]
fn a_guard_is_blind_in_what_follows_an_approval_at_once() {
    let guard = "guard a when errors > 5% then rollback";
    let go = "step go idempotent timeout 30s $ ./go";
    let blind = |ops: &str, at: usize| {
        let plan = plan(guard, ops);
        count(&plan, |(before, after), _, _| {
            let main = after.strands.get(&StrandId::MAIN);
            let is_there = main.is_some_and(|main| main.at == [at] && !after.running.is_empty());
            is_there && !before.guards[0].blind && after.guards[0].blind
        })
    };
    assert_eq!(blind(go, 0), 0);
    let late = format!("approve \"Go?\" by \"team\" within 5m else rollback\n{go}");
    assert!(blind(&late, 1) > 0);
}

/// Where nothing is wrong, a stage is not held because its runner was away for no time.
#[test]
fn who_takes_a_run_up_looks_and_the_stage_ends() {
    let plan = plan(
        "guard a when errors > 5% then warn",
        "step go protected $ ./go",
    );
    let ends = count(&plan, |(before, after), input, _| {
        before.stage().is_some()
            && after.stage().is_none()
            && after.turn.is_none()
            && matches!(input, Input::Tick)
    });
    assert!(ends > 0);
    let held = |effect: &Effect| matches!(effect, Effect::Say(Note::Held { why, .. }) if why.contains("is not served"));
    let held = count(&plan, |_, _, effects| effects.iter().any(held));
    assert_eq!(held, 0);
}
