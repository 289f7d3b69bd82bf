//! `watch` after a rollout and after a rollback: the run is not over until it is, what is seen in it counts, and silence does not.

use runbook::engine::{Answer, Input, Moment, Outcome, Reading};
use runbook::plan::{MetricId, Plan, StepId};
use runbook::simulate::{Feed, Scenario};
use runbook::value::Millis;

use super::plan_of;
use crate::engine::stage::{MINUTE, SECOND, play};

const FILE: &str = r#"runbook "Watched"
service api

channel people {
  log "notices"
}

provider prom {
  prometheus "http://localhost:9090"
}

metric errors {
  query prom 'errors[1m]'
  unit  ratio
  every 30s
}

guard outage when errors > 5% for 1m then rollback
guard in_last when errors > 50% then warn { during all..all }

rollout {
  stage all {
    step deploy $ make deploy
  }
}

rollback {
  level code within 10m {
    step undeploy $ make undeploy
  }
  recovered when errors < 1% for 1m within 5m
}

if stuck {
  notify people "stuck: ${reason}"
}

after rollback {
  notify people "rolled back by ${level}"
  watch 20m
  notify people "nothing for 20m"
  incident from "postmortem"
}

after rollout {
  notify people "released"
  watch 20m
  notify people "watched"
}
"#;

/// What the metric says from some minutes on.
fn fed(plan: &Plan, feeds: &[(u64, Reading)]) -> Scenario {
    let mut scenario = Scenario::all_goes_well(plan, "ann");
    let feeds = feeds.iter().map(|(minute, reading)| Feed {
        from: Moment(minute * MINUTE),
        reading: reading.clone(),
    });
    scenario.feeds.insert(MetricId(0), feeds.collect());
    scenario
}

/// The deployment fails at once, so it is rolled back.
fn failing(mut scenario: Scenario) -> Scenario {
    let failed = Outcome::Exited {
        status: 1,
        said: "no".to_owned(),
    };
    let steps = vec![(failed, Millis(SECOND))];
    scenario.steps.insert(StepId(0), steps);
    scenario
}

#[test]
fn a_rollout_is_complete_when_its_watch_is_over() {
    let plan = plan_of(FILE);
    insta::assert_snapshot!(play(&plan, fed(&plan, &[])));
}

#[test]
fn what_trips_in_the_watch_rolls_back() {
    let plan = plan_of(FILE);
    let ill = [(15, Reading::Value(60.0)), (18, Reading::Value(0.0))];
    insta::assert_snapshot!(play(&plan, fed(&plan, &ill)));
}

#[test]
fn a_rollback_is_over_when_its_watch_is() {
    let plan = plan_of(FILE);
    // One bad sample is no relapse.
    let ill = [(10, Reading::Value(7.0)), (11, Reading::Value(0.0))];
    let mut spike = fed(&plan, &ill);
    spike.feeds.get_mut(&MetricId(0)).unwrap()[1].from = Moment(10 * MINUTE + 40 * SECOND);
    insta::assert_snapshot!(play(&plan, failing(spike)));
}

#[test]
fn a_relapse_ends_as_stuck_and_no_level_is_begun_again() {
    let plan = plan_of(FILE);
    let ill = [(10, Reading::Value(7.0))];
    insta::assert_snapshot!(play(&plan, failing(fed(&plan, &ill))));
}

#[test]
fn silence_in_the_watch_is_no_relapse_and_is_said() {
    let plan = plan_of(FILE);
    let silent = [(10, Reading::NoData("there is no series".to_owned()))];
    let text = play(&plan, failing(fed(&plan, &silent)));
    assert!(text.contains("nothing was seen for"), "{text}");
    assert!(
        text.contains("rolled back by level code and recovered"),
        "{text}"
    );
    // In the middle of a breach it is waited for, as long as a hold lasts; then a person is called.
    let unclear = [
        (20, Reading::Value(7.0)),
        (21, Reading::NoData("there is no series".to_owned())),
    ];
    let mut scenario = fed(&plan, &unclear);
    scenario.feeds.get_mut(&MetricId(0)).unwrap()[1].from = Moment(20 * MINUTE + 20 * SECOND);
    let text = play(&plan, failing(scenario));
    assert!(
        text.contains("nothing shows that it is well again"),
        "{text}"
    );
    assert!(text.contains("stuck"), "{text}");
}

#[test]
fn a_person_ends_the_watch_and_the_verdict_stands() {
    let plan = plan_of(FILE);
    let mut scenario = failing(fed(&plan, &[]));
    let enough = Input::Answered {
        question: None,
        answer: Answer::Continue,
        by: "bob".to_owned(),
        reason: "the fix is ready".to_owned(),
    };
    scenario.facts.push((Moment(5 * MINUTE), enough));
    let text = play(&plan, scenario);
    assert!(text.contains("ended by bob: the fix is ready"), "{text}");
    assert!(
        text.contains("rolled back by level code and recovered"),
        "{text}"
    );
    assert!(!text.contains("20m of"), "{text}");
}
