//! `wait until`: only what was seen since counts, silence is neither, and the guards go on looking.

use runbook::engine::{Answer, Input, Moment, Reading};
use runbook::plan::{MetricId, Plan};
use runbook::simulate::{Feed, Scenario};
use runbook::source::SourceFile;

use super::stage::{MINUTE, SECOND, play};

fn plan_with(line: &str, level: &str) -> Plan {
    let text = format!(
        r#"runbook "With a wait"
service api

metric lag: duration {{
  $ cat lag
  unit seconds
}}

metric errors {{
  $ cat errors
  unit percent
}}

guard outage when errors > 5% for 1m then rollback

rollout {{
  stage deploy {{
    step deploy $ make deploy
    {line}
    step announce $ make announcement
  }}
}}

rollback {{
  level fast within 10m {{
    step quick $ make undeploy
    {level}
  }}
  level slow within 5m {{
    step thorough $ make redeploy
  }}
}}
"#
    );
    crate::check::plan_of(&SourceFile::new("a.runbook", text)).expect("a plan")
}

const LAG: &str = "wait until lag < 1s within 10m";

/// The lag says these from these times on.
fn lagging(plan: &Plan, feeds: &[(u64, Option<f64>)]) -> Scenario {
    let mut scenario = Scenario::all_goes_well(plan, "ann");
    let feed = |(from, value): &(u64, Option<f64>)| Feed {
        from: Moment(*from),
        reading: match value {
            Some(value) => Reading::Value(*value),
            None => Reading::NoData("it printed nothing".into()),
        },
    };
    scenario
        .feeds
        .insert(MetricId(0), feeds.iter().map(feed).collect());
    scenario
}

const SLOW: Option<f64> = Some(30_000.0);
const QUICK: Option<f64> = Some(200.0);

#[test]
fn it_goes_on_with_the_first_sample_that_holds() {
    let plan = plan_with(LAG, "");
    let feeds = [(0, SLOW), (2 * MINUTE, None), (3 * MINUTE + SECOND, QUICK)];
    insta::assert_snapshot!(play(&plan, lagging(&plan, &feeds)));
}

#[test]
fn what_did_not_hold_in_time_rolls_back() {
    let plan = plan_with(LAG, "");
    insta::assert_snapshot!(play(&plan, lagging(&plan, &[(0, SLOW)])));
}

#[test]
fn what_could_not_be_seen_neither_goes_on_nor_rolls_back() {
    let plan = plan_with(LAG, "");
    let feeds = [(0, QUICK), (SECOND / 2, None)];
    // The value of before the wait does not count, however well it was.
    let plan_late = plan_with(&format!("wait until elapsed > 1m within 2m\n    {LAG}"), "");
    let said = play(&plan_late, lagging(&plan_late, &feeds));
    assert!(said.contains("could not be seen"), "{said}");
    insta::assert_snapshot!(play(&plan, lagging(&plan, &[(0, None)])));
}

#[test]
fn a_person_may_go_on_without_sight_and_sight_withdraws_the_question() {
    let plan = plan_with(LAG, "");
    let mut scenario = lagging(&plan, &[(0, None)]);
    scenario.facts.push((
        Moment(15 * MINUTE),
        Input::Answered {
            question: None,
            answer: Answer::Continue,
            by: "bea".to_owned(),
            reason: "I have looked".to_owned(),
        },
    ));
    let said = play(&plan, scenario);
    assert!(said.contains("completed"), "{said}");
    let said = play(&plan, lagging(&plan, &[(0, None), (12 * MINUTE, QUICK)]));
    assert!(said.contains("12m  waited"), "{said}");
    assert!(said.contains("completed"), "{said}");
}

#[test]
fn guards_trip_while_it_waits() {
    let plan = plan_with(LAG, "");
    let mut scenario = lagging(&plan, &[(0, SLOW)]);
    let bad = Feed {
        from: Moment(3 * MINUTE),
        reading: Reading::Value(40.0),
    };
    scenario.feeds.insert(MetricId(1), vec![bad]);
    let said = play(&plan, scenario);
    assert!(said.contains("4m  TRIPPED"), "{said}");
    assert!(said.contains("rolled back by level fast"), "{said}");
}

#[test]
fn time_alone_can_be_waited_for() {
    let plan = plan_with("wait until elapsed > 5m within 10m", "");
    let said = play(&plan, Scenario::all_goes_well(&plan, "ann"));
    assert!(said.contains("5m1s  waited"), "{said}");
}

#[test]
fn in_a_level_it_fails_the_level() {
    let plan = plan_with("fail \"on purpose\"", "wait until lag < 1s within 3m");
    for seen in [SLOW, None] {
        let said = play(&plan, lagging(&plan, &[(0, seen)]));
        assert!(said.contains("rolled back by level slow"), "{said}");
    }
    let said = play(&plan, lagging(&plan, &[(0, SLOW), (2 * MINUTE, QUICK)]));
    assert!(said.contains("rolled back by level fast"), "{said}");
}
