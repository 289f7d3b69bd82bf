//! `window`: what binds the start and every growth of exposure, and what it never binds.

use runbook::engine::{Entrance, Input, LeaveWhy, Moment, Reading, State, Verdict};
use runbook::plan::{MetricId, Plan, Window};
use runbook::report::timeline;
use runbook::simulate::{Feed, Scenario, Simulate};
use runbook::value::{Date, Millis};
use runbook::world::{Ended, Forget, run};

use super::plan_of;
use crate::engine::stage::{MINUTE, play_from};

const HOUR: u64 = 60 * MINUTE;

/// 10% and 100%, three hours each.
fn file(lines: &str) -> String {
    format!(
        r#"runbook "In the window"
service api
zone "Europe/Berlin"
window office

window office {{
  {lines}
}}

provider prom {{
  prometheus "http://localhost:9090"
}}

channel ops {{
  log "ops.log"
}}

exposure flag: percent {{
  set $ flagctl set "$flag"
  read $ flagctl get
}}

metric errors {{
  query prom 'errors[1m]'
  unit ratio
}}

guard outage when errors > 5% for 1m then rollback

rollout {{
  stage canary {{
    expose 10%
    wait 3h
  }}
  stage full {{
    expose 100%
    wait 3h
  }}
}}

rollback {{
  level flag within 5m {{
    expose 0%
  }}
}}

if stuck {{
  notify ops "stuck"
}}
"#
    )
}

fn office() -> Plan {
    plan_of(&file(
        "allow mon..thu 09:00..16:00\n  best tue..thu 10:00..14:00\n  holidays 2026-04-01",
    ))
}

fn window(plan: &Plan) -> &Window {
    plan.window.as_ref().expect("it has one")
}

/// The moment at which a clock in the zone of the window reads this: `2026-03-24 15:00`.
fn at(plan: &Plan, text: &str) -> i64 {
    let (date, time) = text.split_once(' ').unwrap();
    let (hour, minute) = time.split_once(':').unwrap();
    let minute = hour.parse::<u16>().unwrap() * 60 + minute.parse::<u16>().unwrap();
    let date: Date = date.parse().unwrap();
    window(plan).moment_of(date, minute).unwrap()
}

fn entering(plan: &Plan, entry: Entrance) -> Scenario {
    let mut scenario = Scenario::all_goes_well(plan, "ann");
    scenario.entry = entry;
    scenario
}

/// Where a run that begins at a time ends.
fn ends(plan: &Plan, scenario: Scenario, start: &str) -> State {
    let mut state = State::new(plan);
    let mut world = Simulate::new(scenario, at(plan, start));
    let Ok(_) = run(plan, &mut state, &mut world, &mut Forget);
    state
}

fn hours(count: u64) -> Millis {
    Millis(count * HOUR)
}

#[test]
fn outside_the_start_is_refused_with_the_next_opening() {
    let plan = office();
    // Friday evening; Wednesday the first of April is a holiday.
    for (start, opens) in [
        ("2026-03-27 18:00", "it opens mon 2026-03-30 09:00"),
        ("2026-03-31 16:00", "it opens thu 2026-04-02 09:00"),
        ("2026-03-31 08:59", "it opens tue 2026-03-31 09:00"),
    ] {
        let state = ends(&plan, entering(&plan, Entrance::Now), start);
        let Some(Verdict::Refused { why }) = state.verdict() else {
            panic!("{state:?}");
        };
        assert!(why.len() == 1 && why[0].ends_with(opens), "{why:?}");
        assert!(!state.changed);
    }
}

#[test]
fn with_wait_the_run_begins_when_the_window_opens_and_waits_no_longer_than_it_may() {
    let plan = office();
    let start = at(&plan, "2026-03-30 08:00");
    let waits = |most| entering(&plan, Entrance::Wait { most });
    insta::assert_snapshot!(play_from(&plan, waits(hours(2)), start));
    let state = ends(&plan, waits(Millis(30 * MINUTE)), "2026-03-30 08:00");
    assert!(matches!(state.verdict(), Some(Verdict::Refused { .. })));
}

#[test]
fn a_wait_for_the_window_is_left_and_taken_up() {
    let plan = office();
    let mut scenario = entering(&plan, Entrance::Wait { most: hours(2) });
    let left = Input::Leave {
        why: LeaveWhy::Interrupted,
    };
    let back = Input::Resumed {
        by: "ben".to_owned(),
    };
    scenario.facts = vec![(Moment(10 * MINUTE), left), (Moment(20 * MINUTE), back)];
    let mut state = State::new(&plan);
    let mut world = Simulate::new(scenario, at(&plan, "2026-03-30 08:00"));
    let Ok(ended) = run(&plan, &mut state, &mut world, &mut Forget);
    assert_eq!(ended, Ended::Left(LeaveWhy::Interrupted));
    let Ok(ended) = run(&plan, &mut state, &mut world, &mut Forget);
    assert_eq!(ended, Ended::Over(Verdict::Completed));
}

#[test]
fn growth_of_exposure_waits_for_the_opening_and_is_no_health() {
    let plan = office();
    // 10% at three in the afternoon; 100% would come at six.
    let start = at(&plan, "2026-03-30 15:00");
    let played = play_from(&plan, entering(&plan, Entrance::Now), start);
    insta::assert_snapshot!(played);
}

#[test]
fn guards_go_on_while_the_window_is_closed_and_the_rollback_asks_no_window() {
    let plan = office();
    let mut scenario = entering(&plan, Entrance::Now);
    let errors = Feed {
        from: Moment(5 * HOUR),
        reading: Reading::Value(50.0),
    };
    scenario.feeds.insert(MetricId(0), vec![errors]);
    let state = ends(&plan, scenario, "2026-03-30 15:00");
    assert!(matches!(state.verdict(), Some(Verdict::RolledBack { .. })));
    // Eight in the evening, and no later.
    assert!(state.now < Moment(5 * HOUR + 5 * MINUTE), "{:?}", state.now);
    assert_eq!(state.exposures, [Some(0.0)]);
}

#[test]
fn a_hotfix_is_bound_by_no_window_and_says_so() {
    let plan = office();
    let reason = "the login is down".to_owned();
    let scenario = entering(&plan, Entrance::Hotfix { reason });
    let start = at(&plan, "2026-03-28 03:00");
    insta::assert_snapshot!(play_from(&plan, scenario, start));
    let scenario = entering(
        &plan,
        Entrance::Hotfix {
            reason: "the login is down".to_owned(),
        },
    );
    let state = ends(&plan, scenario, "2026-03-28 03:00");
    let page = runbook::report::page(&plan, &state, "r1", (state.now, "nobody"), state.now);
    assert!(page.contains("hotfix    the window does not bind it: the login is down"));
}

#[test]
fn a_dry_run_shows_whether_a_start_fits_and_which_stage_waits() {
    let plan = office();
    for (name, start) in [("fits", "2026-03-31 09:00"), ("closed", "2026-03-28 12:00")] {
        let start = at(&plan, start);
        insta::assert_snapshot!(name, timeline(&plan, Some(start)));
    }
}

/// When a window is open on a day: each change, as the clock on the wall and the hours since midnight.
fn changes(plan: &Plan, day: &str) -> Vec<String> {
    let window = window(plan);
    let midnight = at(plan, &format!("{day} 00:00"));
    let mut found = Vec::new();
    let mut now = midnight - 1;
    let mut open = window.is_open(now);
    for _ in 0..8 {
        let next = if open {
            window.closes(now)
        } else {
            window.opens(now)
        };
        let Some(next) = next.filter(|next| *next < midnight + 26 * 3_600_000) else {
            break;
        };
        if !window.clock_of(next).contains(day) {
            break;
        }
        open = !open;
        let word = if open { "opens" } else { "closes" };
        let clock = window.clock_of(next);
        let clock = clock.split(' ').next_back().unwrap();
        let minutes = (next - midnight) / 60_000;
        found.push(format!("{word} {clock} +{minutes}m"));
        now = next;
    }
    found
}

#[test]
fn the_hour_that_summer_time_skips_is_in_no_window() {
    // In Berlin the clock goes from 02:00 to 03:00.
    let day = "2026-03-29";
    let inside = plan_of(&file("allow 02:15..02:45"));
    assert_eq!(changes(&inside, day), [""; 0]);
    let over = plan_of(&file("allow 01:30..02:30"));
    assert_eq!(
        changes(&over, day),
        ["opens 01:30 +90m", "closes 03:00 +120m"]
    );
    let from = plan_of(&file("allow 02:30..04:00"));
    assert_eq!(
        changes(&from, day),
        ["opens 03:00 +120m", "closes 04:00 +180m"]
    );
    assert_eq!(at(&from, "2026-03-29 02:30"), at(&from, "2026-03-29 03:00"));
}

#[test]
fn the_hour_that_summer_time_repeats_is_in_the_window_twice() {
    // In Berlin the clock goes from 03:00 back to 02:00.
    let day = "2026-10-25";
    let inside = plan_of(&file("allow 02:15..02:45"));
    assert_eq!(
        changes(&inside, day),
        [
            "opens 02:15 +135m",
            "closes 02:45 +165m",
            "opens 02:15 +195m",
            "closes 02:45 +225m"
        ]
    );
    let over = plan_of(&file("allow 01:30..02:30"));
    assert_eq!(
        changes(&over, day),
        [
            "opens 01:30 +90m",
            "closes 02:30 +150m",
            "opens 02:00 +180m",
            "closes 02:30 +210m"
        ]
    );
    let later = plan_of(&file("allow 04:00..05:00"));
    assert_eq!(
        changes(&later, day),
        ["opens 04:00 +300m", "closes 05:00 +360m"]
    );
}

#[test]
fn hours_over_midnight_belong_to_the_day_on_which_they_begin() {
    let plan = plan_of(&file("allow fri 22:00..04:00"));
    assert_eq!(changes(&plan, "2026-03-27"), ["opens 22:00 +1320m"]);
    assert_eq!(changes(&plan, "2026-03-28"), ["closes 04:00 +240m"]);
}

/// Soaks are time of the run: over the change a day of soaking is a day, whatever the clock on the wall reads.
#[test]
fn a_day_of_soak_is_a_day_when_the_clock_is_changed() {
    for day in ["2026-03-28", "2026-10-24"] {
        let text = file("never 2020-01-01").replace("wait 3h", "wait 24h");
        let plan = plan_of(&text);
        let start = format!("{day} 12:00");
        let state = ends(&plan, entering(&plan, Entrance::Now), &start);
        assert_eq!(state.verdict(), Some(&Verdict::Completed));
        assert_eq!(state.now, Moment(48 * HOUR), "{day}");
    }
}

/// The wall clock is set back by an hour while the stage waits: the window opens by the wall, not by the time of the run.
#[test]
fn a_clock_that_is_set_back_moves_the_opening() {
    use runbook::engine::{Effect, Stamp, apply, wake};

    let plan = office();
    let start = at(&plan, "2026-03-30 08:00");
    let mut state = State::new(&plan);
    let mut orders: Vec<Effect> = Vec::new();
    let mut feed = |state: &mut State, run: u64, wall: i64, input: Input| {
        let stamp = Stamp {
            run: Moment(run),
            wall,
        };
        apply(&plan, state, stamp, &input, &mut orders);
    };
    let begin = Input::Begin {
        by: "ann".to_owned(),
        confirmed: Vec::new(),
        entry: Entrance::Wait { most: hours(4) },
        missing: Vec::new(),
    };
    feed(&mut state, 0, start, begin);
    assert_eq!(wake(&plan, &state), Some(Moment(HOUR)));
    let back = start - 1_800_000;
    let jump = Input::ClockJumped { by: -3_600_000 };
    feed(&mut state, 30 * MINUTE, back, jump);
    assert_eq!(wake(&plan, &state), Some(Moment(2 * HOUR)));
}
