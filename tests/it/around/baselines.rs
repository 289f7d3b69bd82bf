//! Baselines: measured before anything is changed, from what the source remembers or by asking it, and judged against.

use runbook::engine::{Moment, Reading};
use runbook::plan::{MetricId, Plan};
use runbook::simulate::{Feed, Scenario};

use super::plan_of;
use crate::engine::stage::{MINUTE, play};

fn file(source: &str) -> String {
    format!(
        r#"runbook "Usual"
service api

provider prom {{
  prometheus "http://localhost:9090"
}}

metric latency {{
  {source}
  unit     ms
  every    1m
  baseline measured over 30m
  critical > 900ms
}}

guard slow when latency > 2 * latency.baseline for 2m then rollback

rollout {{
  stage all {{
    step deploy $ make deploy
    wait 20m
  }}
}}

rollback {{
  level code within 10m {{
    step undeploy $ make undeploy
  }}
}}
"#
    )
}

const REMEMBERED: &str = "query prom 'latency[1m]'";
const ASKED: &str = "$ cat latency";

/// What the metric says from some minutes on, in milliseconds.
fn fed(plan: &Plan, feeds: &[(u64, Option<f64>)]) -> Scenario {
    let mut scenario = Scenario::all_goes_well(plan, "ann");
    let feeds = feeds.iter().map(|(minute, value)| Feed {
        from: Moment(minute * MINUTE),
        reading: value.map_or_else(|| Reading::NoData("nothing".to_owned()), Reading::Value),
    });
    scenario.feeds.insert(MetricId(0), feeds.collect());
    scenario
}

#[test]
fn what_the_source_remembers_is_usual_and_judged_against() {
    let plan = plan_of(&file(REMEMBERED));
    let scenario = fed(&plan, &[(0, Some(100.0)), (6, Some(250.0))]);
    insta::assert_snapshot!(play(&plan, scenario));
}

#[test]
fn a_source_that_remembers_nothing_is_asked_for_as_long() {
    let plan = plan_of(&file(ASKED));
    // One odd value does not move the median.
    let feeds = [
        (0, Some(100.0)),
        (7, Some(800.0)),
        (8, Some(100.0)),
        (40, Some(250.0)),
    ];
    insta::assert_snapshot!(play(&plan, fed(&plan, &feeds)));
}

#[test]
fn without_enough_samples_the_run_is_refused() {
    for source in [REMEMBERED, ASKED] {
        let plan = plan_of(&file(source));
        let feeds = [(0, Some(100.0)), (1, None)];
        let remembers_nothing = [(0, None)];
        let feeds: &[_] = if source == ASKED {
            &feeds
        } else {
            &remembers_nothing
        };
        let text = play(&plan, fed(&plan, feeds));
        assert!(text.contains("metric latency has no baseline"), "{text}");
        assert!(text.contains("refused"), "{text}");
        assert!(!text.contains("STAGE"), "{text}");
    }
}

#[test]
fn a_baseline_beyond_a_threshold_refuses_the_run() {
    let plan = plan_of(&file(REMEMBERED));
    let text = play(&plan, fed(&plan, &[(0, Some(950.0))]));
    let why =
        "the baseline of metric latency is 950ms, beyond its critical threshold of 900ms already";
    assert!(text.contains(why), "{text}");
    assert!(!text.contains("STAGE"), "{text}");
}
