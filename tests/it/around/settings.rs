//! `defaults` and `limits`: what they say is what a run does.

use runbook::engine::{Input, LeaveWhy, Moment, Outcome, Reading, State};
use runbook::plan::{MetricId, Plan, StepId};
use runbook::simulate::{Feed, Scenario, Simulate};
use runbook::value::Millis;
use runbook::world::{Ended, Forget, run};

use super::plan_of;
use crate::engine::stage::{MINUTE, SECOND, play};

const FILE: &str = r#"runbook "Settings"
service api

defaults {
  retry 1 every 7s
}

limits {
  hold    5m
  max_gap 1m
}

provider prom {
  prometheus "http://localhost:9090"
}

metric errors {
  query prom 'errors[1m]'
  unit ratio
}

guard outage when errors > 5% for 1m then rollback

rollout {
  stage all {
    step deploy $ make deploy
    step migrate retry none $ make migrate
    wait 10m
  }
}

rollback {
  level code within 10m {
    step undeploy $ make undeploy
  }
}
"#;

fn failing() -> Vec<(Outcome, Millis)> {
    let failed = Outcome::Exited {
        status: 1,
        said: "no".to_owned(),
    };
    vec![(failed, Millis(SECOND))]
}

#[test]
fn a_step_is_retried_as_defaults_says_unless_it_says_none() {
    let plan = plan_of(FILE);
    for (step, attempts) in [(0, 2), (1, 1)] {
        let mut scenario = Scenario::all_goes_well(&plan, "ann");
        scenario.steps.insert(StepId(step), failing());
        let played = play(&plan, scenario);
        let name = ["deploy", "migrate"][step as usize];
        let begun = format!("run         {name} ");
        assert_eq!(played.matches(&begun).count(), attempts, "{played}");
    }
}

#[test]
fn a_hold_asks_after_the_limit_of_the_file_and_is_answered_within_it() {
    let plan = plan_of(FILE);
    let mut scenario = Scenario::all_goes_well(&plan, "ann");
    let silent = Feed {
        from: Moment(3 * MINUTE),
        reading: Reading::NoData("the query returned nothing".into()),
    };
    scenario.feeds.insert(MetricId(0), vec![silent]);
    insta::assert_snapshot!(play(&plan, scenario));
}

/// Three minutes without a runner: with a `max_gap` of one minute they are not soaked, with one of five they are.
#[test]
fn a_gap_longer_than_max_gap_is_not_soaked() {
    let ends = |text: &str| resumed_to_the_end(&plan_of(text));
    let long = ends(&FILE.replace("max_gap 1m", "max_gap 5m"));
    let short = ends(FILE);
    assert_eq!((long, short), (Moment(10 * MINUTE), Moment(13 * MINUTE)));
}

/// A gap of just `max_gap` is soaked, and one that is longer by the least there is is not: none of it.
#[test]
fn a_gap_is_too_long_from_the_first_tick_beyond_max_gap() {
    let plan = plan_of(FILE);
    let ends = |gap| resumed_after(&plan, gap);
    assert_eq!(plan.limits.max_gap, Millis(MINUTE));
    for gap in [MINUTE - 1, MINUTE] {
        assert_eq!(ends(Millis(gap)), Moment(10 * MINUTE), "{gap} ms");
    }
    let longer = MINUTE + 1;
    assert_eq!(ends(Millis(longer)), Moment(10 * MINUTE + longer));
}

/// Plays a run whose runner leaves after four minutes and is taken up after seven; when the run ended.
fn resumed_to_the_end(plan: &Plan) -> Moment {
    resumed_after(plan, Millis(3 * MINUTE))
}

/// The same for one that is taken up after so long.
fn resumed_after(plan: &Plan, gap: Millis) -> Moment {
    let mut scenario = Scenario::all_goes_well(plan, "ann");
    let left = Input::Leave {
        why: LeaveWhy::Interrupted,
    };
    let back = Input::Resumed {
        by: "ben".to_owned(),
    };
    let away = Moment(4 * MINUTE);
    scenario.facts = vec![(away, left), (away.after(gap), back)];
    let mut state = State::new(plan);
    let mut world = Simulate::new(scenario, 0);
    let Ok(ended) = run(plan, &mut state, &mut world, &mut Forget);
    assert_eq!(ended, Ended::Left(LeaveWhy::Interrupted));
    let Ok(ended) = run(plan, &mut state, &mut world, &mut Forget);
    assert!(matches!(ended, Ended::Over(_)), "{ended:?}");
    state.now
}
