//! What the proof knows of samples that a guard misses without being blind: the stage waits at its end, and the wait ends as a hold does.

use runbook::engine::{State, Task};
use runbook::plan;
use runbook::prove::{BUDGET, End, Swept, sweep};
use runbook::source::SourceFile;
use runbook::value::Millis;

fn text(blind: &str, ops: &str) -> String {
    format!(
        "runbook \"A\"\nservice a\nprovider prom {{ prometheus \"https://prometheus.example.com\" }}\n\
         metric errors: percent {{\n  query prom 'errors[30s]'\n  unit ratio\n}}\n\
         channel pager {{ log \"/var/log/a.log\" }}\n\
         guard g when errors > 5% then rollback {{ on blind {blind} }}\n\
         rollout {{\n  stage s {{\n{ops}\n  }}\n}}\n\
         rollback {{\n  level l within 5m {{\n    step back $ ./back\n  }}\n}}\n"
    )
}

/// What the sweep sees, and whether a stage waits for its guards when they have looked.
fn seen(text: &str) -> (Swept, bool) {
    let file = SourceFile::new("a.runbook", text);
    let (checked, found) = plan::check_file(&file);
    let checked = checked.unwrap_or_else(|| panic!("{found:?}"));
    let plan = plan::with_examples(&checked, &file)
        .expect("a plan")
        .for_proof();
    let mut settles = false;
    let mut watch = |(_, after): (&State, &State), _: &_, _: &[_]| {
        let mut strands = after.strands.values();
        let waits = strands.any(|strand| matches!(strand.task, Task::Settling { .. }));
        settles |= waits && after.guards.iter().all(|guard| guard.looked > 0);
    };
    let swept = sweep(&plan, BUDGET, Some(&mut watch));
    assert!(swept.whole && swept.dead_end.is_none(), "{swept:?}");
    (swept, settles)
}

#[test]
fn a_stage_that_waits_for_missed_samples_is_told_to_the_end_of_its_hold() {
    let (swept, settles) = seen(&text("rollback", "step go $ ./go\nwait 10m..20m"));
    assert!(settles);
    assert!(swept.ends.contains_key(&End::StuckUndecided), "{swept:?}");
}

/// Nothing waits for the samples of a guard that may be blind, but for the newest one.
#[test]
fn a_guard_that_may_be_blind_keeps_a_stage_waiting_for_its_newest_sample_alone() {
    let ignore = "ignore \"it is often away\"";
    let (swept, settles) = seen(&text(ignore, "step go $ ./go\nwait 10m..20m"));
    assert!(!settles);
    assert!(!swept.ends.contains_key(&End::StuckUndecided), "{swept:?}");
    let (swept, settles) = seen(
        &text(
            ignore,
            "step go $ ./go\nwait 10m..20m\nverify healthy within 1m",
        )
        .replace("guard g", "probe healthy {\n  $ ./is-healthy\n}\nguard g"),
    );
    assert!(settles);
    assert!(!swept.ends.contains_key(&End::StuckUndecided), "{swept:?}");
}

/// Whether a guard can be found to be blind while something runs that takes less time than that.
fn blind_meanwhile(ops: &str) -> bool {
    let file = SourceFile::new("a.runbook", text("hold", ops));
    let (checked, found) = plan::check_file(&file);
    let checked = checked.unwrap_or_else(|| panic!("{found:?}"));
    let plan = plan::with_examples(&checked, &file)
        .expect("a plan")
        .for_proof();
    let mut found = false;
    let mut watch = |(before, after): (&State, &State), _: &_, _: &[_]| {
        let blinds = !before.guards[0].blind && after.guards[0].blind;
        found |= blinds && after.stage().is_some() && !after.running.is_empty();
    };
    let swept = sweep(&plan, BUDGET, Some(&mut watch));
    assert!(swept.whole && swept.dead_end.is_none(), "{swept:?}");
    found
}

/// Nothing is seen for a minute before a guard counts as blind, and that minute can begin before what is under way when it ends.
#[test]
fn a_silence_begins_before_the_short_step_in_which_it_is_found() {
    let step = "step short idempotent timeout 20s $ ./short";
    let long = "step long timeout 85s $ ./long";
    assert!(blind_meanwhile(&format!("{long}\n{step}")));
    assert!(
        !blind_meanwhile(&format!("wait 10m..20m\n{step}")),
        "the wait lasts until the guard sees"
    );
    assert!(blind_meanwhile(
        "wait 10m..20m\nstep longer timeout 50s $ ./longer"
    ));
    assert!(
        !blind_meanwhile(&format!("{step}\nwait 10m..20m")),
        "no minute has passed since the stage began"
    );
}

/// What a metric makes of another one narrows nothing: where requests are seen, errors can be away, and where errors are seen, requests.
#[test]
fn what_a_metric_makes_of_another_one_is_no_promise() {
    let plain = text("rollback", "step go $ ./go\nwait 10m..20m")
        .replace(
            "guard g",
            "metric requests {\n  query prom 'requests[30s]'\n  unit per_second\n}\n\
             guard quiet when requests < 12/s for 2m then hold\nguard g",
        )
        .replace(
            "level l",
            "level quiet within 5m when requests < 12/s {\n    step start $ ./start\n  }\n  \
             level bad within 5m when errors > 5% {\n    step stop $ ./stop\n  }\n  level l",
        );
    let with = |line: &str| plain.replacen("unit ratio\n", &format!("unit ratio\n  {line}\n"), 1);
    let (alone, _) = seen(&plain);
    for text in [
        with("missing zero alive when requests > 0/s"),
        with("min 10/s of requests"),
    ] {
        let (swept, _) = seen(&text);
        assert_eq!(
            (swept.states, swept.ways),
            (alone.states, alone.ways),
            "{text}"
        );
    }
}

/// What the sweep sees of a guard with this `for` whose silence nobody minds, and that holds a stage for so long.
fn flapping(sustain: &str, (coverage, hold): (f64, u64)) -> (bool, bool) {
    let text = text("ignore \"it is often away\"", "verify healthy within 1m");
    let text = text
        .replace("> 5% then", &format!("> 5% {sustain} then"))
        .replace("guard g", "probe healthy {\n  $ ./is-healthy\n}\nguard g");
    let file = SourceFile::new("a.runbook", &text);
    let (checked, found) = plan::check_file(&file);
    let checked = checked.unwrap_or_else(|| panic!("{found:?}"));
    let mut plan = plan::with_examples(&checked, &file).expect("a plan");
    plan.limits.hold = Millis::from_secs(hold);
    plan.guards[0].coverage = coverage;
    let mut waits = false;
    let mut watch = |(_, after): (&State, &State), _: &_, _: &[_]| {
        let settles = |task: &Task| matches!(task, Task::Settling { .. });
        waits |= after.strands.values().any(|one| settles(&one.task))
            && after
                .guards
                .iter()
                .any(|guard| guard.streak.is_some() && !guard.tripped);
    };
    let swept = sweep(&plan, BUDGET, Some(&mut watch));
    assert!(swept.whole && swept.dead_end.is_none(), "{swept:?}");
    (waits, swept.ends.contains_key(&End::StuckUndecided))
}

/// Of few samples each breach counts, and without one the guard is blind after a minute; a streak can go on for ever with too few
/// of them.
#[test]
fn breaches_of_which_few_trip_keep_a_stage_waiting_until_the_guard_is_blind() {
    assert_eq!(flapping("for 5m", (0.6, 1_800)), (true, true));
    assert_eq!(flapping("for 2 of 3", (0.6, 1_800)), (true, false));
    assert_eq!(flapping("for 3 of 5", (0.6, 1_800)), (true, false));
    // The hold is over before.
    assert_eq!(flapping("for 2 of 3", (0.6, 30)), (true, true));
    assert_eq!(flapping("for 2 of 3", (0.6, 90)), (true, false));
    assert_eq!(flapping("for 3 of 5", (0.6, 90)), (true, true));
    // One a minute is enough.
    assert_eq!(flapping("for 5m", (0.1, 1_800)), (true, false));
}
