//! Exposures by name: what counts as growth, what a run must not begin with, and the way back.

use runbook::engine::{Moment, Reading};
use runbook::plan::{ExposureId, MetricId, Op, Plan};
use runbook::simulate::{Feed, Scenario};
use runbook::value::Scale;

use super::stage::{MINUTE, plan, play};

fn words(all: &[&str]) -> Vec<String> {
    all.iter().map(|word| (*word).to_owned()).collect()
}

/// The plan with values by name in the place of 10%, 100% and 0%.
fn named(scale: Scale, (first, then, back): (f64, f64, f64)) -> Plan {
    let mut plan = plan();
    plan.exposures[0].scale = scale;
    let stages = plan.stages.iter_mut().flat_map(|stage| &mut stage.ops);
    for op in stages {
        if let Op::Expose { target, .. } = op {
            *target = if *target < 50.0 { first } else { then };
        }
    }
    let levels = &mut plan.rollback.as_mut().expect("it has one").levels;
    for level in levels.iter_mut() {
        level.when = None;
    }
    for op in levels.iter_mut().flat_map(|level| &mut level.ops) {
        if let Op::Expose { target, .. } = op {
            *target = back;
        }
    }
    plan
}

fn harm(plan: &Plan) -> String {
    let mut scenario = Scenario::all_goes_well(plan, "anna");
    let feed = |minute, value| Feed {
        from: Moment(minute * MINUTE),
        reading: Reading::Value(value),
    };
    let feeds = vec![feed(15, 9.0), feed(17, 0.0)];
    scenario.feeds.insert(MetricId(0), feeds);
    play(plan, scenario)
}

#[test]
fn steps_are_taken_and_taken_back_by_name() {
    let scale = Scale::Steps(words(&["none", "beta", "all"]));
    let plan = named(scale, (1.0, 2.0, 0.0));
    let text = play(&plan, Scenario::all_goes_well(&plan, "anna"));
    assert!(
        text.contains("flag is beta") && text.contains("flag is all"),
        "{text}"
    );
    let text = harm(&plan);
    assert!(text.contains("flag is none"), "{text}");
    assert!(
        text.contains("ROLLED BACK") || text.contains("rolled back"),
        "{text}"
    );
}

#[test]
fn one_half_is_exposed_and_the_other_one_is_what_was_there() {
    let scale = Scale::Choice(words(&["blue", "green"]));
    // The file lists the one that is exposed first: where it stands says nothing.
    let plan = named(scale, (0.0, 0.0, 1.0));
    let text = harm(&plan);
    assert!(
        text.contains("flag is blue") && text.contains("flag is green"),
        "{text}"
    );
    assert!(
        text.contains("ROLLED BACK") || text.contains("rolled back"),
        "{text}"
    );
}

#[test]
fn a_run_does_not_begin_where_its_first_value_is_in_place() {
    let scale = Scale::Choice(words(&["blue", "green"]));
    let mut plan = named(scale, (1.0, 1.0, 0.0));
    let mut scenario = Scenario::all_goes_well(&plan, "anna");
    scenario.exposed.insert(ExposureId(0), 1.0);
    let text = play(&plan, scenario.clone());
    assert!(
        text.contains("exposure flag is already green, which is what stage"),
        "{text}"
    );
    // Steps that are further than the first one would shrink.
    plan.exposures[0].scale = Scale::Steps(words(&["none", "beta", "all"]));
    scenario.exposed.insert(ExposureId(0), 2.0);
    let text = play(&plan, scenario.clone());
    assert!(
        text.contains("exposure flag is already at all, more than the beta that stage"),
        "{text}"
    );
    // Unless shrinking is what the stage is for.
    for stage in &mut plan.stages {
        stage.shrinks = true;
    }
    let text = play(&plan, scenario.clone());
    assert!(text.contains("completed"), "{text}");
    // Then one that is lower already would grow.
    scenario.exposed.insert(ExposureId(0), 0.0);
    let lower = "exposure flag is already at none, less than the beta that stage";
    let text = play(&plan, scenario.clone());
    assert!(text.contains(lower), "{text}");
    // A run that has begun by older rules goes on by them.
    plan.limits.guard_rules = 4;
    let text = play(&plan, scenario);
    assert!(!text.contains(lower), "{text}");
}
