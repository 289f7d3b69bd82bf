//! Levels that are for some rollbacks only: what their `when` reads is looked at when nobody has asked it lately, for a bounded time,
//! and what cannot be known does not excuse from a level.

use runbook::engine::{Attempt, Effect, Input, LeaveWhy, Moment, Note, Outcome, Reading, wake};
use runbook::plan::{Comparison, Condition, LevelId, Metric, MetricId, Number, Plan, Test};
use runbook::value::Millis;

use super::stage::{SECOND, plan};
use super::strands::ByHand;

const REQUESTS: MetricId = MetricId(1);

/// The first level is for a service that is used, as a metric says that no guard reads.
fn asks() -> Plan {
    let mut plan = plan();
    plan.metrics.push(Metric {
        id: REQUESTS,
        name: "requests".into(),
        timeout: Millis(20 * SECOND),
        ..plan.metrics[0].clone()
    });
    let rollback = plan.rollback.as_mut().expect("there is one");
    rollback.levels[0].when = Some(Condition {
        test: Test::Compare(
            Number::Metric(REQUESTS),
            Comparison::Greater,
            Number::Constant(10.0),
        ),
        text: "requests > 10".into(),
        metrics: vec![REQUESTS],
    });
    plan
}

/// The only attempt that is out ends.
fn ends(run: &mut ByHand, at: u64, outcome: Outcome) -> Vec<Effect> {
    let attempts: Vec<Attempt> = run.state.running.iter().map(|one| one.attempt).collect();
    assert_eq!(attempts.len(), 1, "{:?}", run.state.running);
    run.end(at, attempts[0], outcome)
}

fn sample(run: &mut ByHand, at: u64, metric: u32, value: f64) -> Vec<Effect> {
    let input = Input::Sample {
        metric: MetricId(metric),
        reading: Reading::Value(value),
    };
    run.feed(at, &input)
}

/// A run whose step fails five minutes after everything was asked; also the orders that follow.
fn failing(plan: Plan) -> (ByHand, Vec<Effect>) {
    let mut run = ByHand::begun(plan);
    sample(&mut run, 0, 0, 0.0);
    sample(&mut run, 0, 1, 100.0);
    ends(&mut run, 1, Outcome::Read { value: 10.0 });
    sample(&mut run, 299, 0, 0.0);
    let failed = Outcome::Exited {
        status: 1,
        said: String::new(),
    };
    let effects = ends(&mut run, 300, failed);
    (run, effects)
}

fn queries(effects: &[Effect]) -> Vec<MetricId> {
    let all = effects.iter().filter_map(|effect| match effect {
        Effect::Query { metric } => Some(*metric),
        _ => None,
    });
    all.collect()
}

/// What is said of levels.
fn said(effects: &[Effect]) -> Vec<String> {
    let all = effects.iter().filter_map(|effect| match effect {
        Effect::Say(Note::LevelLooks(level)) => Some(format!("looks {}", level.0)),
        Effect::Say(Note::LevelSkipped(level)) => Some(format!("skipped {}", level.0)),
        Effect::Say(Note::LevelBegan(level)) => Some(format!("began {}", level.0)),
        Effect::Say(Note::LevelUnseen { level, why }) => Some(format!("unseen {}: {why}", level.0)),
        _ => None,
    });
    all.collect()
}

#[test]
fn what_a_level_reads_is_asked_before_it_is_chosen() {
    for (value, then) in [
        (5.0, &["skipped 0", "began 1"][..]),
        (50.0, &["began 0"][..]),
    ] {
        let (mut run, effects) = failing(asks());
        assert_eq!(said(&effects), ["looks 0"]);
        assert_eq!(queries(&effects), [REQUESTS]);
        assert_eq!(run.state.running, [], "nothing begins before the answer");
        // What another metric says is not it.
        assert_eq!(said(&sample(&mut run, 301, 0, 0.0)), [""; 0]);
        assert_eq!(said(&sample(&mut run, 302, 1, value)), then);
        assert_eq!(run.state.running.len(), 1, "the level has begun");
    }
}

#[test]
fn a_source_that_says_nothing_does_not_excuse_from_a_level() {
    let (mut run, _) = failing(asks());
    let silent = Input::Sample {
        metric: REQUESTS,
        reading: Reading::Error("connection refused".into()),
    };
    let effects = run.feed(303, &silent);
    let why = "unseen 0: requests: connection refused";
    assert_eq!(said(&effects), [why, "began 0"]);
}

#[test]
fn a_source_that_does_not_answer_is_waited_for_as_long_as_it_may_take_and_a_second() {
    let plan = asks();
    let (mut run, _) = failing(plan.clone());
    assert_eq!(wake(&plan, &run.state), Some(Moment(321 * SECOND)));
    assert_eq!(said(&run.feed(320, &Input::Tick)), [""; 0]);
    let effects = run.feed(321, &Input::Tick);
    let why = "unseen 0: requests: its last value is stale";
    assert_eq!(said(&effects), [why, "began 0"]);
}

#[test]
fn what_was_asked_lately_is_not_asked_again() {
    let mut plan = asks();
    plan.metrics[1].stale = Millis(1_000 * SECOND);
    let (run, effects) = failing(plan);
    assert_eq!(queries(&effects), [MetricId(0); 0]);
    assert_eq!(said(&effects), ["began 0"]);
    assert_eq!(run.state.level(), Some(LevelId(0)));
}

#[test]
fn a_runner_that_dies_while_it_looks_is_followed_by_one_that_looks() {
    let (mut run, _) = failing(asks());
    run.feed(
        305,
        &Input::Leave {
            why: LeaveWhy::Interrupted,
        },
    );
    let effects = run.feed(9_000, &Input::Resumed { by: "bob".into() });
    assert_eq!(said(&effects), [""; 0]);
    assert!(queries(&effects).contains(&REQUESTS), "{effects:?}");
    assert_eq!(
        said(&sample(&mut run, 9_001, 1, 5.0)),
        ["skipped 0", "began 1"]
    );
}

#[test]
fn a_person_who_orders_a_stronger_level_meanwhile_gets_it() {
    for (from, then) in [(None, &[][..]), (Some(LevelId(1)), &["began 1"][..])] {
        let (mut run, _) = failing(asks());
        let order = Input::RollBack {
            from,
            by: "bob".into(),
            reason: "no time".into(),
        };
        let effects = run.feed(305, &order);
        let began: Vec<String> = said(&effects);
        assert_eq!(began, then, "{from:?}");
    }
}

#[test]
fn a_plan_of_an_older_program_is_not_asked() {
    let mut plan = asks();
    plan.limits.guard_rules = 1;
    let (_, effects) = failing(plan);
    assert_eq!(queries(&effects), [MetricId(0); 0]);
    assert_eq!(said(&effects), ["began 0"], "as that one did");
}
