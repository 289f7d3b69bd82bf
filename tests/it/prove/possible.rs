//! What the proof does not tell because it cannot be: what metrics say together, and what a guard has to do about it first.

use runbook::engine::{Effect, Input, Outcome, Phase, QuestionAbout, Reading, State, Turn};
use runbook::plan::{self, Plan};
use runbook::prove::{BUDGET, sweep};
use runbook::source::SourceFile;

fn planned(guard: &str, ops: &str, when: &str) -> Plan {
    let text = format!(
        "runbook \"A\"\nservice a\nprovider prom {{ prometheus \"https://prometheus.example.com\" }}\n\
         metric errors: percent {{\n  query prom 'errors[30s]'\n  unit ratio\n}}\n\
         {guard}\nrollout {{\n  stage s {{\n{ops}\n  }}\n}}\n\
         rollback {{\n  level l within 5m {when}{{\n    step back $ ./back\n  }}\n}}\n"
    );
    let file = SourceFile::new("a.runbook", text);
    let (checked, found) = plan::check_file(&file);
    let checked = checked.unwrap_or_else(|| panic!("{found:?}"));
    plan::with_examples(&checked, &file).expect("a plan")
}

/// How often the sweep comes to the question about a condition that could not be seen, and to a failure because one did not hold.
fn waits(plan: &Plan) -> (usize, usize) {
    let (mut unseen, mut failed) = (0, 0);
    let mut watch = |(before, after): (&State, &State), input: &Input, effects: &[Effect]| {
        let asks = |effect: &&Effect| matches!(effect, Effect::Ask(one) if one.about == QuestionAbout::Unseen);
        unseen += effects.iter().filter(asks).count();
        let fails = matches!(input, Input::Tick) && after.reason.contains("did not hold");
        failed += usize::from(fails && before.reason.is_empty());
    };
    let swept = sweep(plan, BUDGET, Some(&mut watch));
    assert!(swept.whole && swept.dead_end.is_none(), "{swept:?}");
    (unseen, failed)
}

/// What does not hold, or cannot be seen, for so long has made a guard roll back before.
#[test]
fn a_wait_does_not_last_longer_than_a_guard_lets_it() {
    let guard = "guard g when errors > 5% then rollback { on blind rollback }";
    let ops = |limit: &str| format!("step go $ ./go\nwait until errors {limit} within 10m");
    assert_eq!(waits(&planned(guard, &ops("<= 5%"), "")), (0, 0));
    let (unseen, failed) = waits(&planned(guard, &ops("< 2%"), ""));
    assert!(unseen > 0 && failed > 0, "{unseen} {failed}");
    let late = "guard g when errors > 5% for 20m then rollback { on blind rollback }";
    let (_, failed) = waits(&planned(late, &ops("<= 5%"), ""));
    assert!(failed > 0, "{failed}");
    let ignore = "guard g when errors > 5% then rollback { on blind ignore \"away\" }";
    let (unseen, failed) = waits(&planned(ignore, &ops("<= 5%"), ""));
    assert!(unseen > 0 && failed == 0, "{unseen} {failed}");
}

/// A guard that rolls back at the first sample does so before anything else happens while it sees one.
#[test]
fn a_guard_trips_by_what_a_level_asks_for() {
    let guard = "guard g when errors > 5% then rollback";
    let plan = planned(guard, "step go $ ./go\nwait 10m..20m", "when errors > 50% ");
    let (mut first, mut applies) = (0, 0);
    let mut watch = |(before, after): (&State, &State), input: &Input, _: &[Effect]| {
        let harm =
            matches!(&before.metrics[0].reading, Some((_, Reading::Value(value))) if *value > 5.0);
        let looked = before.guards[0].looked > 0;
        let rolls = matches!(before.phase, Phase::Rolling { .. });
        if harm && looked && rolls && before.turn.is_none() {
            assert!(matches!(input, Input::Sample { .. }), "{input:?}");
            first += 1;
            applies += usize::from(after.level().is_some() || after.turn.is_some());
        }
    };
    let swept = sweep(&plan, BUDGET, Some(&mut watch));
    assert!(swept.whole, "{swept:?}");
    assert!(first > 0 && applies > 0, "{first} {applies}");
}

/// What a metric said lately is not asked again when a level is chosen.
#[test]
fn a_level_is_chosen_by_what_was_said_lately() {
    let looks = |timeout: &str| {
        // Nobody is asked, who could take long to answer.
        let ops = format!(
            "wait until errors < 2% within 3m\nstep go idempotent timeout {timeout} $ ./go"
        );
        let plan = planned("", &ops, "when errors > 50% ");
        let (mut failed, mut looked) = (0, 0);
        let mut watch = |(before, after): (&State, &State), input: &Input, _: &[Effect]| {
            let fails = matches!(
                input,
                Input::Ended {
                    outcome: Outcome::Exited { status: 1, .. },
                    ..
                }
            );
            if fails && before.stage().is_some() && before.turn.is_none() {
                failed += 1;
                looked += usize::from(matches!(after.turn, Some(Turn::Look { .. })));
            }
        };
        let swept = sweep(&plan, BUDGET, Some(&mut watch));
        assert!(swept.whole, "{swept:?}");
        assert!(failed > 0);
        looked
    };
    assert_eq!(looks("20s"), 0);
    assert!(looks("2m") > 0);
}

/// `unless` says whether what began has happened, or cannot say it: then a person does.
#[test]
fn an_unless_that_does_not_say_leaves_it_to_a_person() {
    let asked = |clause: &str| {
        let plan = planned("", &format!("step go {clause} $ ./go\nwait 10m..20m"), "");
        let swept = sweep(&plan, BUDGET, None);
        assert!(swept.whole && swept.dead_end.is_none(), "{swept:?}");
        swept.asked_for_ever.len()
    };
    assert_eq!(asked(""), 1);
    assert_eq!(asked("unless $ ./gone\n"), 1);
    assert_eq!(asked("idempotent"), 0);
}

/// What a level is chosen by is too old when a person has taken long enough to answer, and is looked at then.
#[test]
fn an_answer_comes_before_or_after_what_was_said_counts_no_more() {
    let ops = "wait until errors < 2% within 3m\nstep go $ ./go\nwait 10m..20m";
    let plan = planned("", ops, "when errors > 50% ");
    let (mut looks, mut knows) = (0, 0);
    let mut watch = |(before, after): (&State, &State), input: &Input, _: &[Effect]| {
        let answers = matches!(input, Input::Answered { .. }) && before.stage().is_some();
        if answers {
            looks += usize::from(matches!(after.turn, Some(Turn::Look { .. })));
            knows += usize::from(after.stage().is_none());
        }
    };
    let swept = sweep(&plan, BUDGET, Some(&mut watch));
    assert!(swept.whole && swept.dead_end.is_none(), "{swept:?}");
    assert!(looks > 0 && knows > 0, "{looks} {knows}");
}
