//! From samples to verdicts: the series of semantics, section 1, in virtual time.

use runbook::engine::{Answer, Moment, Reading};
use runbook::plan::{GuardAction, GuardId, MetricId, OnBlind, Otherwise, Plan, Sustain};
use runbook::simulate::{Feed, Scenario};
use runbook::value::Millis;

use super::stage::{MINUTE, SECOND, guard, minutes, plan, play};

/// The canary stage of the small plan begins here: a minute of warm-up and a sample after the start.
const CANARY: u64 = MINUTE;

fn feed(from: u64, reading: Reading) -> Feed {
    Feed {
        from: Moment(from),
        reading,
    }
}

fn missing() -> Reading {
    Reading::NoData("the query returned nothing".into())
}

fn with(plan: &Plan, feeds: Vec<Feed>) -> Scenario {
    let mut scenario = Scenario::all_goes_well(plan, "ann");
    scenario.feeds.insert(MetricId(0), feeds);
    scenario
}

#[test]
fn steady() {
    let plan = plan();
    insta::assert_snapshot!(play(&plan, Scenario::all_goes_well(&plan, "ann")));
}

#[test]
fn one_spike_does_not_trip_for_a_minute() {
    let plan = plan();
    let at = CANARY + 5 * MINUTE;
    insta::assert_snapshot!(play(
        &plan,
        with(
            &plan,
            vec![
                feed(0, Reading::Value(0.0)),
                feed(at, Reading::Value(40.0)),
                feed(at + 15 * SECOND, Reading::Value(0.0)),
            ]
        )
    ));
}

#[test]
fn a_breach_of_a_minute_trips_at_the_sample_a_minute_after_the_first() {
    let plan = plan();
    insta::assert_snapshot!(play(
        &plan,
        with(
            &plan,
            vec![
                feed(0, Reading::Value(0.0)),
                feed(CANARY + 5 * MINUTE, Reading::Value(7.2)),
                feed(CANARY + 6 * MINUTE + 10 * SECOND, Reading::Value(0.0)),
            ]
        )
    ));
}

#[test]
fn a_breach_that_ends_a_sample_early_does_not_trip() {
    let plan = plan();
    let text = play(
        &plan,
        with(
            &plan,
            vec![
                feed(0, Reading::Value(0.0)),
                feed(CANARY + 5 * MINUTE, Reading::Value(7.2)),
                feed(CANARY + 6 * MINUTE, Reading::Value(0.0)),
            ],
        ),
    );
    assert!(!text.contains("TRIPPED"), "{text}");
    assert!(text.contains("completed"), "{text}");
}

#[test]
fn breach_then_silence_neither_trips_nor_promotes() {
    let plan = plan();
    insta::assert_snapshot!(play(
        &plan,
        with(
            &plan,
            vec![
                feed(0, Reading::Value(0.0)),
                feed(CANARY + 5 * MINUTE, Reading::Value(7.2)),
                feed(CANARY + 5 * MINUTE + 30 * SECOND, missing()),
            ]
        )
    ));
}

#[test]
fn silence_for_a_while_holds_and_then_goes_on() {
    let plan = plan();
    insta::assert_snapshot!(play(
        &plan,
        with(
            &plan,
            vec![
                feed(0, Reading::Value(0.0)),
                feed(CANARY + 3 * MINUTE, missing()),
                feed(CANARY + 23 * MINUTE, Reading::Value(0.0)),
            ]
        )
    ));
}

#[test]
fn silence_for_ever_ends_stuck_and_never_advances() {
    let plan = plan();
    insta::assert_snapshot!(play(
        &plan,
        with(
            &plan,
            vec![
                feed(0, Reading::Value(0.0)),
                feed(CANARY + 3 * MINUTE, missing()),
            ]
        )
    ));
}

#[test]
fn a_provider_that_is_down_for_forty_seconds_is_not_noticed() {
    let plan = plan();
    let text = play(
        &plan,
        with(
            &plan,
            vec![
                feed(0, Reading::Value(0.0)),
                feed(
                    CANARY + 3 * MINUTE,
                    Reading::Error("connection refused".into()),
                ),
                feed(CANARY + 3 * MINUTE + 40 * SECOND, Reading::Value(0.0)),
            ],
        ),
    );
    assert!(!text.contains("HELD"), "{text}");
    assert!(text.contains("completed"), "{text}");
}

#[test]
fn on_blind_rollback_rolls_back() {
    let mut plan = plan();
    for guard in &mut plan.guards {
        guard.on_blind = OnBlind::Rollback;
    }
    let text = play(
        &plan,
        with(
            &plan,
            vec![
                feed(0, Reading::Value(0.0)),
                feed(CANARY + 3 * MINUTE, missing()),
                feed(CANARY + 5 * MINUTE, Reading::Value(0.0)),
            ],
        ),
    );
    assert!(text.contains("ROLLBACK    guard outage is blind"), "{text}");
    assert!(text.contains("rolled back"), "{text}");
}

#[test]
fn a_decision_nobody_takes_is_taken_by_the_file() {
    let mut plan = plan();
    plan.guards = vec![guard(
        Sustain::Time(minutes(2)),
        GuardAction::Decide {
            within: minutes(15),
            otherwise: Otherwise::Rollback,
        },
    )];
    insta::assert_snapshot!(play(
        &plan,
        with(
            &plan,
            vec![
                feed(0, Reading::Value(0.0)),
                feed(CANARY + 5 * MINUTE, Reading::Value(7.2)),
                feed(CANARY + 25 * MINUTE, Reading::Value(0.0)),
            ]
        )
    ));
}

#[test]
fn a_decision_to_go_on_does_not_ask_again_for_the_same_breach() {
    let mut plan = plan();
    plan.guards = vec![guard(
        Sustain::Time(minutes(2)),
        GuardAction::Decide {
            within: minutes(15),
            otherwise: Otherwise::Rollback,
        },
    )];
    let mut scenario = with(
        &plan,
        vec![
            feed(0, Reading::Value(0.0)),
            feed(CANARY + 5 * MINUTE, Reading::Value(7.2)),
            feed(CANARY + 14 * MINUTE, Reading::Value(0.0)),
        ],
    );
    scenario
        .answers
        .insert(GuardId(0), (Answer::Continue, minutes(3)));
    insta::assert_snapshot!(play(&plan, scenario));
}

#[test]
fn flapping_trips_k_of_n_and_not_for() {
    let mut feeds = vec![feed(0, Reading::Value(0.0))];
    let mut at = CANARY + 2 * MINUTE;
    while at < CANARY + 60 * MINUTE {
        // Two breaches in five samples.
        for (offset, value) in [(0, 9.0), (1, 0.0), (2, 9.0), (3, 0.0), (4, 0.0)] {
            feeds.push(feed(at + offset * 15 * SECOND, Reading::Value(value)));
        }
        at += 75 * SECOND;
    }
    let mut plan = plan();
    let for_a_minute = play(&plan, with(&plan, feeds.clone()));
    assert!(!for_a_minute.contains("TRIPPED"), "{for_a_minute}");
    plan.guards = vec![guard(
        Sustain::OutOf {
            breaches: 4,
            samples: 10,
        },
        GuardAction::Rollback { from: None },
    )];
    let out_of = play(&plan, with(&plan, feeds));
    insta::assert_snapshot!(out_of);
}

#[test]
fn a_breach_in_the_last_second_of_a_stage_is_waited_for() {
    let plan = plan();
    insta::assert_snapshot!(play(
        &plan,
        with(
            &plan,
            vec![
                feed(0, Reading::Value(0.0)),
                feed(CANARY + 10 * MINUTE - SECOND, Reading::Value(7.2)),
            ]
        )
    ));
}

#[test]
fn recovery_too_slow_after_level_one_goes_on_to_level_two() {
    let plan = plan();
    let begun = CANARY + 6 * MINUTE;
    insta::assert_snapshot!(play(
        &plan,
        with(
            &plan,
            vec![
                feed(0, Reading::Value(0.0)),
                feed(CANARY + 5 * MINUTE, Reading::Value(7.2)),
                feed(begun + 4 * MINUTE, Reading::Value(0.1)),
            ]
        )
    ));
}

#[test]
fn no_level_that_recovers_ends_stuck() {
    let plan = plan();
    insta::assert_snapshot!(play(
        &plan,
        with(
            &plan,
            vec![
                feed(0, Reading::Value(0.0)),
                feed(CANARY + 5 * MINUTE, Reading::Value(7.2)),
            ]
        )
    ));
}

#[test]
fn already_in_breach_is_refused() {
    let plan = plan();
    insta::assert_snapshot!(play(&plan, with(&plan, vec![feed(0, Reading::Value(7.2))])));
}

#[test]
fn a_source_that_does_not_answer_at_the_start_is_refused() {
    let plan = plan();
    insta::assert_snapshot!(play(
        &plan,
        with(
            &plan,
            vec![feed(0, Reading::Error("connection refused".into()))]
        )
    ));
}

#[test]
fn once_trips_at_the_first_breach() {
    let mut plan = plan();
    plan.guards = vec![guard(Sustain::Once, GuardAction::Rollback { from: None })];
    let text = play(
        &plan,
        with(
            &plan,
            vec![
                feed(0, Reading::Value(0.0)),
                feed(CANARY + 5 * MINUTE, Reading::Value(7.2)),
                feed(CANARY + 5 * MINUTE + 15 * SECOND, Reading::Value(0.0)),
            ],
        ),
    );
    assert!(text.contains("6m  TRIPPED"), "{text}");
}

#[test]
fn a_hold_lasts_until_it_clears() {
    let mut plan = plan();
    plan.guards = vec![guard(Sustain::Time(Millis(MINUTE)), GuardAction::Hold)];
    insta::assert_snapshot!(play(
        &plan,
        with(
            &plan,
            vec![
                feed(0, Reading::Value(0.0)),
                feed(CANARY + 5 * MINUTE, Reading::Value(7.2)),
                feed(CANARY + 12 * MINUTE, Reading::Value(0.0)),
            ]
        )
    ));
}

#[test]
fn a_stage_does_not_end_on_an_answer_that_says_nothing() {
    let plan = plan();
    // The source falls silent right before the soak is served, too late to count as blind by then.
    let text = play(
        &plan,
        with(
            &plan,
            vec![
                feed(0, Reading::Value(0.0)),
                feed(CANARY + 10 * MINUTE - 20 * SECOND, missing()),
                feed(CANARY + 10 * MINUTE + 20 * SECOND, Reading::Value(0.0)),
            ],
        ),
    );
    assert!(
        text.contains("guard outage sees nothing right now"),
        "{text}"
    );
    assert!(text.contains("11m30s  served      stage canary"), "{text}");
    assert!(!text.contains("HELD"), "{text}");
}
