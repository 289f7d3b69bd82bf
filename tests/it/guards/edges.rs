//! What the tables have no place for: several guards, several metrics, and what a metric says of itself.

use runbook::engine::{Answer, Moment, Reading};
use runbook::plan::{
    Comparison, Condition, GuardAction, GuardId, Metric, MetricId, Number, Otherwise, Plan,
    Sustain, Test,
};
use runbook::simulate::{Feed, Scenario};
use runbook::value::Millis;

use crate::engine::stage::{MINUTE, SECOND, guard, minutes, plan, play};

fn feed(from: u64, reading: Reading) -> Feed {
    Feed {
        from: Moment(from),
        reading,
    }
}

fn with(plan: &Plan, feeds: &[(u32, Vec<Feed>)]) -> Scenario {
    let mut scenario = Scenario::all_goes_well(plan, "ann");
    for (metric, feeds) in feeds {
        scenario.feeds.insert(MetricId(*metric), feeds.clone());
    }
    scenario
}

/// A second metric, `requests`, which is asked every five minutes.
fn with_requests(plan: &mut Plan, every: Millis) {
    plan.metrics.push(Metric {
        id: MetricId(1),
        name: "requests".into(),
        every,
        stale: Millis(every.0 * 4),
        zero_when: None,
        counts_when: None,
        baseline: None,
        ..plan.metrics[0].clone()
    });
}

fn requests_above(value: f64) -> Condition {
    Condition {
        test: Test::Compare(
            Number::Metric(MetricId(1)),
            Comparison::Greater,
            Number::Constant(value),
        ),
        text: format!("requests > {value}"),
        metrics: vec![MetricId(1)],
    }
}

/// The breach of seven minutes into the run.
fn breach() -> Vec<Feed> {
    vec![
        feed(0, Reading::Value(0.0)),
        feed(7 * MINUTE, Reading::Value(7.2)),
        feed(20 * MINUTE, Reading::Value(0.0)),
    ]
}

#[test]
fn ties_go_in_order_of_declaration() {
    let mut plan = plan();
    let back = || guard(Sustain::Once, GuardAction::Rollback { from: None });
    plan.guards = vec![back(), back()];
    plan.guards[0].name = "first".into();
    plan.guards[1].name = "second".into();
    plan.guards[1].id = GuardId(1);
    let text = play(&plan, with(&plan, &[(0, breach())]));
    assert!(text.contains("TRIPPED     guard first"), "{text}");
    assert!(!text.contains("TRIPPED     guard second"), "{text}");
}

#[test]
fn a_stronger_action_overtakes_a_weaker_one_that_is_pending() {
    let mut plan = plan();
    let decide = GuardAction::Decide {
        within: minutes(15),
        otherwise: Otherwise::Continue,
    };
    plan.guards = vec![
        guard(Sustain::Once, decide),
        guard(
            Sustain::Time(minutes(2)),
            GuardAction::Rollback { from: None },
        ),
    ];
    plan.guards[1].id = GuardId(1);
    plan.guards[1].name = "strong".into();
    let text = play(&plan, with(&plan, &[(0, breach())]));
    let asked = text.find("ASK").expect("it asks");
    let back = text.find("ROLLBACK    guard strong").expect("it goes back");
    assert!(asked < back, "{text}");
    assert!(!text.contains("nobody answered"), "{text}");
}

#[test]
fn missing_is_zero_only_while_the_source_is_alive() {
    let mut plan = plan();
    with_requests(&mut plan, Millis(15 * SECOND));
    plan.metrics[0].zero_when = Some(requests_above(0.0));
    let silence = vec![
        feed(0, Reading::Value(0.0)),
        feed(5 * MINUTE, Reading::NoData("empty".into())),
    ];
    let alive = vec![feed(0, Reading::Value(30.0))];
    let text = play(&plan, with(&plan, &[(0, silence.clone()), (1, alive)]));
    assert!(!text.contains("blind"), "{text}");
    assert!(text.contains("completed"), "{text}");
    let dead = vec![
        feed(0, Reading::Value(30.0)),
        feed(5 * MINUTE, Reading::Value(0.0)),
    ];
    let text = play(&plan, with(&plan, &[(0, silence), (1, dead)]));
    assert!(text.contains("guard outage is blind"), "{text}");
    assert!(!text.contains("completed"), "{text}");
}

#[test]
fn a_value_counts_only_when_it_stands_on_enough() {
    let mut plan = plan();
    with_requests(&mut plan, Millis(15 * SECOND));
    plan.metrics[0].counts_when = Some(Condition {
        test: Test::Compare(
            Number::Metric(MetricId(1)),
            Comparison::GreaterOrEqual,
            Number::Constant(20.0),
        ),
        text: "20 of requests".into(),
        metrics: vec![MetricId(1)],
    });
    let enough = vec![feed(0, Reading::Value(20.0))];
    let few = vec![
        feed(0, Reading::Value(20.0)),
        feed(5 * MINUTE, Reading::Value(19.0)),
    ];
    let silent = vec![
        feed(0, Reading::Value(20.0)),
        feed(5 * MINUTE, Reading::NoData("empty".into())),
    ];
    let healthy = vec![feed(0, Reading::Value(0.0))];
    // Harm that stands on enough is harm, and is none on fewer; health on fewer is none either.
    let text = play(&plan, with(&plan, &[(0, breach()), (1, enough.clone())]));
    assert!(text.contains("TRIPPED     guard outage"), "{text}");
    let text = play(&plan, with(&plan, &[(0, healthy.clone()), (1, enough)]));
    assert!(text.contains("completed"), "{text}");
    for (requests, why) in [
        (few, "under 20 of requests: requests is 19"),
        (silent, "under 20 of requests: requests is no data (empty)"),
    ] {
        for errors in [breach(), healthy.clone()] {
            let text = play(&plan, with(&plan, &[(0, errors), (1, requests.clone())]));
            assert!(!text.contains("TRIPPED"), "{text}");
            assert!(text.contains("guard outage is blind"), "{text}");
            assert!(text.contains(why), "{text}");
            assert!(!text.contains("completed"), "{text}");
        }
    }
}

/// What a value stands on may stand on something itself: that is asked too.
#[test]
fn what_is_leaned_on_is_asked_however_far_behind_it_is() {
    let mut plan = plan();
    with_requests(&mut plan, Millis(15 * SECOND));
    plan.metrics[0].counts_when = Some(requests_above(0.0));
    let mut behind = plan.metrics[1].clone();
    behind.id = MetricId(2);
    behind.name = "seen".into();
    plan.metrics.push(behind);
    plan.metrics[1].counts_when = Some(Condition {
        test: Test::Compare(
            Number::Metric(MetricId(2)),
            Comparison::Greater,
            Number::Constant(0.0),
        ),
        text: "0 of seen".into(),
        metrics: vec![MetricId(2)],
    });
    let healthy = vec![feed(0, Reading::Value(0.0))];
    let some = vec![feed(0, Reading::Value(30.0))];
    let all = [(0, healthy), (1, some.clone()), (2, some)];
    let text = play(&plan, with(&plan, &all));
    assert!(text.contains("completed"), "{text}");
    assert!(!text.contains("blind"), "{text}");
}

/// The second metric was last asked before the stage: it shows what was there before.
#[test]
fn a_sample_counts_when_every_metric_was_asked_after_the_warm_up() {
    let mut plan = plan();
    with_requests(&mut plan, minutes(5));
    plan.guards = vec![guard(Sustain::Once, GuardAction::Rollback { from: None })];
    let both = Condition {
        test: Test::And(
            Box::new(plan.guards[0].condition.test.clone()),
            Box::new(requests_above(100.0).test),
        ),
        text: "error_rate > 5% and requests > 100".into(),
        metrics: vec![MetricId(0), MetricId(1)],
    };
    plan.guards[0].condition = both;
    // Many requests in the first second of the stage, few from its first minute on.
    let errors = vec![
        feed(0, Reading::Value(0.0)),
        feed(6 * MINUTE, Reading::Value(7.2)),
        feed(30 * MINUTE, Reading::Value(0.0)),
    ];
    let requests = vec![
        feed(0, Reading::Value(10.0)),
        feed(5 * MINUTE, Reading::Value(500.0)),
        feed(5 * MINUTE + SECOND, Reading::Value(10.0)),
    ];
    let text = play(&plan, with(&plan, &[(0, errors), (1, requests)]));
    assert!(!text.contains("TRIPPED"), "{text}");
}

#[test]
fn a_value_that_was_not_asked_again_goes_stale() {
    let mut plan = plan();
    with_requests(&mut plan, Millis(15 * SECOND));
    plan.metrics[1].stale = Millis(30 * SECOND);
    plan.metrics[1].every = minutes(1);
    plan.guards[0].condition = Condition {
        test: Test::And(
            Box::new(plan.guards[0].condition.test.clone()),
            Box::new(requests_above(100.0).test),
        ),
        text: "error_rate > 5% and requests > 100".into(),
        metrics: vec![MetricId(0), MetricId(1)],
    };
    plan.guards[0].coverage = 1.0;
    let requests = vec![feed(0, Reading::Value(500.0))];
    let mut errors = breach();
    errors[1].from = Moment(7 * MINUTE);
    let text = play(&plan, with(&plan, &[(0, errors), (1, requests)]));
    // With every value fresh it would trip; half of the samples find `requests` older than it may be.
    assert!(!text.contains("TRIPPED"), "{text}");
}

/// What is asked every five minutes says nothing new for as long: four minutes without the other metric are not blindness then.
#[test]
fn a_guard_is_blind_by_the_pace_of_its_slowest_metric() {
    for (every, is_blind) in [(Millis(15 * SECOND), true), (minutes(5), false)] {
        let mut plan = plan();
        with_requests(&mut plan, every);
        plan.guards[0].condition = Condition {
            test: Test::And(
                Box::new(plan.guards[0].condition.test.clone()),
                Box::new(requests_above(100.0).test),
            ),
            text: "error_rate > 5% and requests > 100".into(),
            metrics: vec![MetricId(0), MetricId(1)],
        };
        let errors = vec![
            feed(0, Reading::Value(0.0)),
            feed(7 * MINUTE, Reading::NoData("empty".into())),
            feed(11 * MINUTE, Reading::Value(0.0)),
        ];
        let requests = vec![feed(0, Reading::Value(500.0))];
        let text = play(&plan, with(&plan, &[(0, errors), (1, requests)]));
        assert_eq!(text.contains("is blind"), is_blind, "{every}: {text}");
        assert!(text.contains("completed"), "{text}");
    }
}

/// A person who accepts that a guard is blind has accepted this blindness, and not the next one.
#[test]
fn a_guard_that_is_blind_again_is_accepted_again() {
    let mut plan = plan();
    plan.limits.hold = minutes(1);
    let silent = || Reading::NoData("empty".into());
    let errors = vec![
        feed(0, Reading::Value(0.0)),
        feed(7 * MINUTE, silent()),
        feed(11 * MINUTE, Reading::Value(0.0)),
        feed(12 * MINUTE, silent()),
        feed(16 * MINUTE, Reading::Value(0.0)),
    ];
    let mut scenario = with(&plan, &[(0, errors)]);
    scenario.otherwise = Some((Answer::Continue, Millis(0)));
    let text = play(&plan, scenario);
    let held = text.matches("HELD        guard outage is blind");
    assert_eq!(held.count(), 2, "{text}");
    assert!(text.contains("completed"), "{text}");
}
