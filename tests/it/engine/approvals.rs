//! Approvals: whose word counts, what ends the wait, and that the guards go on looking in it.

use runbook::engine::{Answer, Input, Moment, Reading};
use runbook::plan::{MetricId, Plan};
use runbook::simulate::{Feed, Scenario};
use runbook::source::SourceFile;
use runbook::value::Millis;

use super::stage::{MINUTE, play};

/// The plan of a rollout whose one stage has these lines, between a deployment and an announcement.
fn plan_with(before: &str, lines: &str) -> Plan {
    let text = format!(
        r#"runbook "With approvals"
service api

metric errors {{
  $ cat errors
  unit percent
}}

guard outage when errors > 5% for 1m then rollback

before rollout {{
  check tests "All tests pass" $ make test
  {before}
}}

rollout {{
  stage deploy {{
    step deploy $ make deploy
    {lines}
    step announce $ make announcement
  }}
}}

rollback {{
  level fast within 5m {{
    step quick $ make undeploy
  }}
  level slow within 5m {{
    step thorough $ make redeploy
  }}
}}
"#
    );
    crate::check::plan_of(&SourceFile::new("a.runbook", text)).expect("a plan")
}

/// Nobody answers but those who are named: when (minutes), who, what.
fn voices(plan: &Plan, all: &[(u64, &str, Answer)]) -> Scenario {
    let mut scenario = Scenario::all_goes_well(plan, "ann");
    scenario.approvals = None;
    for (minute, by, answer) in all {
        scenario.facts.push((
            Moment(minute * MINUTE),
            Input::Answered {
                question: None,
                answer: *answer,
                by: (*by).to_owned(),
                reason: "I have looked".to_owned(),
            },
        ));
    }
    scenario
}

const TWO: &str = r#"approve "Go on" by "payments" count 2 within 4h else rollback from slow"#;

#[test]
fn the_same_person_counts_once() {
    let plan = plan_with("", TWO);
    let all = [
        (5, "bea", Answer::Approve),
        (6, " Bea", Answer::Approve),
        (7, "cid", Answer::Approve),
    ];
    insta::assert_snapshot!(play(&plan, voices(&plan, &all)));
}

#[test]
fn too_few_in_time_take_the_way_of_else() {
    let plan = plan_with("", TWO);
    insta::assert_snapshot!(play(&plan, voices(&plan, &[(5, "bea", Answer::Approve)])));
}

#[test]
fn a_no_rolls_back_at_once() {
    let plan = plan_with("", TWO);
    let all = [(5, "bea", Answer::Approve), (6, "cid", Answer::Decline)];
    insta::assert_snapshot!(play(&plan, voices(&plan, &all)));
}

#[test]
fn a_no_never_goes_on_whatever_else_says() {
    let line = r#"approve "Go on" by "payments" within 4h else continue"#;
    let plan = plan_with("", line);
    let said = play(&plan, voices(&plan, &[(6, "cid", Answer::Decline)]));
    assert!(said.contains("ROLLBACK"), "{said}");
    assert!(!said.contains("announce"), "{said}");
    let said = play(&plan, voices(&plan, &[]));
    assert!(said.contains("announce"), "silence goes on: {said}");
}

#[test]
fn else_hold_asks_and_waits_for_the_limit_of_holds() {
    let line = r#"approve "Go on" by "payments" within 1h else hold"#;
    let plan = plan_with("", line);
    insta::assert_snapshot!(play(&plan, voices(&plan, &[])));
    let said = play(&plan, voices(&plan, &[(70, "bea", Answer::Continue)]));
    assert!(said.contains("completed"), "{said}");
}

#[test]
fn guards_trip_while_it_waits() {
    let plan = plan_with("", TWO);
    let mut scenario = voices(&plan, &[(5, "bea", Answer::Approve)]);
    let bad = Feed {
        from: Moment(20 * MINUTE),
        reading: Reading::Value(40.0),
    };
    scenario.feeds.insert(MetricId(0), vec![bad]);
    insta::assert_snapshot!(play(&plan, scenario));
}

#[test]
fn other_answers_are_none() {
    let plan = plan_with("", TWO);
    let all = [(5, "bea", Answer::Continue), (6, "cid", Answer::Rerun)];
    let said = play(&plan, voices(&plan, &all));
    assert!(said.contains("0 of 2 approvals"), "{said}");
}

const BOARD: &str = r#"approve "The change is planned" by "board" within 1d else refuse"#;

#[test]
fn before_the_rollout_it_is_asked_last_and_refuses() {
    let plan = plan_with(BOARD, "");
    insta::assert_snapshot!(play(&plan, voices(&plan, &[(5, "bea", Answer::Decline)])));
    let said = play(&plan, voices(&plan, &[]));
    assert!(said.contains("refused"), "{said}");
    let said = play(&plan, voices(&plan, &[(5, "bea", Answer::Approve)]));
    assert!(said.contains("completed"), "{said}");
}

#[test]
fn nobody_is_asked_to_approve_what_a_check_refuses() {
    let plan = plan_with(BOARD, "");
    let mut scenario = voices(&plan, &[]);
    let failed = runbook::engine::Outcome::Exited {
        status: 1,
        said: "3 tests fail".to_owned(),
    };
    scenario
        .steps
        .insert(runbook::plan::StepId(0), vec![(failed, Millis(0))]);
    let said = play(&plan, scenario);
    assert!(!said.contains("board"), "{said}");
    assert!(said.contains("refused"), "{said}");
}

/// Who has approved one thing has not approved the next.
#[test]
fn an_approval_counts_for_what_was_asked_and_for_nothing_else() {
    let lines = r#"approve "Go on" by "payments" within 4h else rollback
    approve "And further" by "payments" count 2 within 4h else rollback"#;
    let plan = plan_with("", lines);
    let all = [(5, "bea", Answer::Approve), (6, "cid", Answer::Approve)];
    let said = play(&plan, voices(&plan, &all));
    assert!(said.contains("1 of 2 approvals"), "{said}");
    assert!(!said.contains("announce"), "{said}");
}
