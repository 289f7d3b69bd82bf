//! The time in which nobody looked, input by input: what arrives while the sources are asked what it was, and what that time counts for.

use runbook::engine::{Effect, Input, Moment, Note, Past, Reading, Task, Watching};
use runbook::plan::{
    Comparison, Condition, GuardAction, MetricId, MetricSource, Number, Sustain, Test,
};
use runbook::value::Millis;

use super::hand::{EVERY, Hand, says, trips};
use super::stage::{MINUTE, SECOND, guard, minutes, plan};

/// Whether it saw anything is what the source is being asked.
#[test]
fn a_guard_is_not_blind_while_its_source_is_asked_what_was() {
    let mut run = Hand::in_soak(plan(), minutes(30));
    run.goes_on((MINUTE, 5 * MINUTE), 0.0);
    run.sleeps((5 * MINUTE, 11 * MINUTE));
    let out = run.gives(12 * MINUTE + SECOND, &Input::Tick);
    assert!(!says(&out, |note| matches!(note, Note::Blind { .. })));
    run.recalls(12 * MINUTE + SECOND, (5 * MINUTE, 11 * MINUTE), 0.0);
    assert!(run.state.gap.is_none());
}

/// An answer from after the gap is not held against the streak from before it, as long as nobody knows what was between.
#[test]
fn what_is_seen_after_a_gap_does_not_end_the_streak_that_goes_on_in_it() {
    let mut plan = plan();
    let back = GuardAction::Rollback { from: None };
    plan.guards = vec![guard(Sustain::Time(minutes(5)), back)];
    let mut run = Hand::in_soak(plan, minutes(30));
    run.goes_on((MINUTE, 105 * SECOND), 0.0);
    run.goes_on((2 * MINUTE, 5 * MINUTE), 40.0);
    run.sleeps((5 * MINUTE, 390 * SECOND));
    // It was asked before the gap.
    run.says(391 * SECOND, 0.0);
    let out = run.recalls(392 * SECOND, (5 * MINUTE, 390 * SECOND), 40.0);
    assert!(!trips(&out), "{out:?}");
    run.says(405 * SECOND, 40.0);
    assert!(trips(&run.says(7 * MINUTE, 40.0)), "five minutes of breach");
}

/// What was counted while the source was asked is not given once more when it has said what was before and after.
#[test]
fn two_gaps_that_are_asked_about_together_give_no_time_twice() {
    let mut run = Hand::in_soak(plan(), minutes(60));
    run.goes_on((MINUTE, 3 * MINUTE), 0.0);
    run.gives(3 * MINUTE, &Input::Tick);
    run.sleeps((3 * MINUTE, 9 * MINUTE));
    run.gives(10 * MINUTE, &Input::Tick);
    assert_eq!(run.served(), minutes(4), "the gap is not known yet");
    run.sleeps((10 * MINUTE, 16 * MINUTE));
    run.recalls(16 * MINUTE, (3 * MINUTE, 16 * MINUTE), 0.0);
    assert_eq!(run.served(), minutes(16), "all of it, and none of it twice");
}

/// The first gap is asked about once more with the second: what was in it decides as well.
#[test]
fn a_breach_in_the_first_of_two_gaps_is_not_forgotten_with_the_second() {
    let mut run = Hand::in_soak(plan(), minutes(60));
    run.goes_on((MINUTE, 3 * MINUTE), 0.0);
    run.sleeps((3 * MINUTE, 9 * MINUTE));
    run.sleeps((9 * MINUTE + SECOND, 16 * MINUTE));
    let looked = run.state.gap.as_ref().expect("it is asked");
    assert_eq!(looked.from, Moment(3 * MINUTE));
    let out = run.recalls(16 * MINUTE, (3 * MINUTE, 9 * MINUTE), 40.0);
    assert!(trips(&out), "{out:?}");
}

/// Time that no runner saw was not watched.
#[test]
fn a_watch_lasts_longer_by_the_time_in_which_no_runner_lived() {
    let mut run = Hand::in_level(Task::Watching(Watching {
        since: Moment(MINUTE),
        until: Moment(31 * MINUTE),
        seen: Moment(MINUTE),
        streak: None,
    }));
    run.gives(2 * MINUTE, &Input::Tick);
    let by = "ann".to_owned();
    run.gives(62 * MINUTE, &Input::Resumed { by });
    let until = run.state.watching().map(|watching| watching.until);
    assert_eq!(until, Some(Moment(91 * MINUTE)));
}

const BACK: GuardAction = GuardAction::Rollback { from: None };

/// What was seen live is not judged once more because a source says it again.
#[test]
fn what_a_source_says_of_the_time_before_a_gap_decides_nothing() {
    let mut plan = plan();
    plan.guards = vec![guard(Sustain::Once, BACK)];
    let mut run = Hand::in_soak(plan, minutes(60));
    run.goes_on((MINUTE, 3 * MINUTE), 0.0);
    run.sleeps((3 * MINUTE, 9 * MINUTE));
    let before = |at: u64| Reading::Value(if at <= 3 * MINUTE { 40.0 } else { 0.0 });
    let out = run.recalls_each(9 * MINUTE, (MINUTE, 9 * MINUTE), before);
    assert!(!trips(&out), "{out:?}");
}

/// Two metrics tell of the same gap one after the other; what one said counts with what the other said at that time.
#[test]
fn what_two_sources_tell_of_a_gap_is_judged_in_the_order_of_its_times() {
    let mut plan = plan();
    let mut other = plan.metrics[0].clone();
    other.id = MetricId(1);
    other.name = "requests".into();
    other.stale = minutes(10);
    plan.metrics.push(other);
    let above = |metric, value| {
        Test::Compare(
            Number::Metric(MetricId(metric)),
            Comparison::Greater,
            Number::Constant(value),
        )
    };
    let mut both = guard(Sustain::Once, BACK);
    both.condition = Condition {
        test: Test::And(Box::new(above(0, 5.0)), Box::new(above(1, 0.0))),
        text: "error_rate > 5% and requests > 0%".into(),
        metrics: vec![MetricId(0), MetricId(1)],
    };
    plan.guards = vec![both];
    let mut run = Hand::in_soak(plan, minutes(60));
    run.plan.metrics[1].source = run.plan.metrics[0].source.clone();
    for at in (MINUTE..=3 * MINUTE).step_by(15_000) {
        let reading = Reading::Value(1.0);
        let metric = MetricId(1);
        run.gives(at, &Input::Sample { metric, reading });
        run.says(at, 0.0);
    }
    run.sleeps((3 * MINUTE, 9 * MINUTE));
    // There are errors only when there are no requests any more.
    let each = |of: fn(u64) -> f64| -> Vec<Past> {
        let times = (3 * MINUTE + EVERY..=9 * MINUTE).step_by(15_000);
        let past = times.map(|at| Past {
            at: Moment(at),
            reading: Reading::Value(of(at)),
        });
        past.collect()
    };
    let errors = each(|at| if at > 7 * MINUTE { 40.0 } else { 0.0 });
    let requests = each(|at| if at > 6 * MINUTE { 0.0 } else { 1.0 });
    let first = run.remembers(9 * MINUTE, MetricId(0), errors);
    let second = run.remembers(9 * MINUTE, MetricId(1), requests);
    assert!(run.state.gap.is_none());
    assert!(!trips(&first) && !trips(&second), "{second:?}");
}

/// What a source remembers without a value is time that nobody saw.
#[test]
fn a_gap_of_which_a_source_knows_no_value_is_no_healthy_time() {
    let mut run = Hand::in_soak(plan(), minutes(60));
    run.goes_on((MINUTE, 3 * MINUTE), 0.0);
    run.sleeps((3 * MINUTE, 9 * MINUTE));
    let nothing = |_| Reading::NoData("no samples".into());
    run.recalls_each(9 * MINUTE, (3 * MINUTE, 9 * MINUTE), nothing);
    // Who has seen something is not blind for a minute.
    assert_eq!(run.served(), minutes(4));
}

/// While a guard would have held the stage, its time did not run.
#[test]
fn the_part_of_a_gap_in_which_a_guard_held_is_no_healthy_time() {
    let mut plan = plan();
    plan.guards = vec![guard(Sustain::Once, GuardAction::Hold)];
    let mut run = Hand::in_soak(plan, minutes(60));
    run.goes_on((MINUTE, 3 * MINUTE), 0.0);
    run.sleeps((3 * MINUTE, 9 * MINUTE));
    let ill = |at| (4 * MINUTE..6 * MINUTE).contains(&at);
    let was = |at: u64| Reading::Value(if ill(at) { 40.0 } else { 0.0 });
    run.recalls_each(9 * MINUTE, (3 * MINUTE, 9 * MINUTE), was);
    let served = run.served();
    let most = Millis(7 * MINUTE + EVERY);
    assert!(served >= minutes(6) && served <= most, "{served}");
}

/// A machine that was suspended saw nothing, and that says nothing of a source that remembers nothing.
#[test]
fn a_guard_is_not_blind_at_once_when_the_machine_goes_on() {
    let mut run = Hand::in_soak(plan(), minutes(60));
    run.plan.metrics[0].source = MetricSource::Http {
        url: "http://127.0.0.1/errors".into(),
        filter: ".rate".into(),
    };
    run.goes_on((MINUTE, 5 * MINUTE), 0.0);
    let gap = minutes(10);
    let blind = |out: &[Effect]| says(out, |note| matches!(note, Note::Blind { .. }));
    let out = run.gives(15 * MINUTE, &Input::Unwatched { gap });
    assert!(!blind(&out), "{out:?}");
    assert!(!blind(&run.gives(16 * MINUTE, &Input::Tick)));
    assert!(blind(&run.gives(16 * MINUTE + 1, &Input::Tick)));
}

/// An answer that the runner before was waiting for comes to nobody: the metric is asked again.
#[test]
fn a_metric_whose_answer_was_lost_with_its_runner_is_asked_again() {
    let mut run = Hand::in_soak(plan(), minutes(60));
    run.goes_on((MINUTE, 3 * MINUTE), 0.0);
    let metric = MetricId(0);
    let asks = Effect::Query { metric };
    assert!(run.state.metrics[0].asked);
    let by = "ann".to_owned();
    let out = run.gives(4 * MINUTE, &Input::Resumed { by });
    assert!(out.contains(&asks), "{out:?}");
}

/// Nothing goes on before it is known what happened while nobody looked, however much of the time after it is healthy.
#[test]
fn a_wait_is_not_over_while_a_source_is_asked_what_was() {
    let mut run = Hand::in_soak(plan(), minutes(3));
    run.goes_on((MINUTE, 165 * SECOND), 0.0);
    run.sleeps((165 * SECOND, 9 * MINUTE));
    let out = run.gives(9 * MINUTE + 2 * EVERY, &Input::Tick);
    assert!(run.served() >= minutes(3), "it has all that it needs");
    assert!(!says(&out, |note| matches!(note, Note::WaitEnded { .. })));
    let span = (165 * SECOND, 9 * MINUTE);
    assert!(trips(&run.recalls(9 * MINUTE + 2 * EVERY, span, 40.0)));
}

/// A short gap counts, but what was seen before it says nothing of what is there now: one look at it is waited for, however long its answer
/// takes.
#[test]
fn a_wait_that_is_served_by_a_gap_ends_by_a_look_and_not_without_one() {
    let mut run = Hand::in_soak(plan(), minutes(4));
    run.goes_on((MINUTE, 75 * SECOND), 0.0);
    let by = "ann".to_owned();
    run.gives(5 * MINUTE, &Input::Resumed { by });
    run.recalls(5 * MINUTE, (75 * SECOND, 75 * SECOND), 0.0);
    let ends = |out: &[Effect]| says(out, |note| matches!(note, Note::WaitEnded { .. }));
    let again = |run: &Hand| Hand {
        plan: run.plan.clone(),
        state: run.state.clone(),
    };
    let mut older = again(&run);
    older.plan.limits.guard_rules = 3;
    let out = older.gives(5 * MINUTE + 3 * SECOND, &Input::Tick);
    assert!(ends(&out), "a run keeps the rules that it began with");
    let out = run.gives(5 * MINUTE + 3 * SECOND, &Input::Tick);
    assert!(!ends(&out), "nobody has looked: {out:?}");
    let mut healthy = again(&run);
    let out = healthy.says(5 * MINUTE + 4 * SECOND, 0.0);
    assert!(ends(&out), "{out:?}");
    let out = run.says(5 * MINUTE + 4 * SECOND, 40.0);
    assert!(!ends(&out), "{out:?}");
}
