//! What nobody knows before a run, and the proof looks at: where exposures stand, what commands print, where each guard can trip.

use runbook::plan::Way;
use runbook::prove::{BUDGET, FaultKind, Swept, sweep};

use super::swept::planned;

/// A runbook with these declarations, stages and levels.
fn seen(declared: &str, stages: &str, levels: &str) -> Swept {
    let text = format!(
        "runbook \"What nobody knows\"\n\nservice api\n\n\
         provider prom {{\n  prometheus \"https://prometheus.example.com\"\n}}\n\
         channel pager {{\n  log \"pager.log\"\n}}\n\
         exposure flag: percent {{\n  set  $ ./flag \"$flag\"\n  read $ ./flag\n}}\n\
         metric errors: percent {{\n  query prom 'errors[30s]'\n  unit ratio\n  baseline 0.1%\n}}\n\
         {declared}\n\
         rollout {{\n{stages}\n}}\n\
         rollback {{\n{levels}\n}}\n\
         if stuck {{\n  notify pager \"stuck: ${{reason}}\"\n}}\n"
    );
    let swept = sweep(&planned(&text).for_proof(), BUDGET, None);
    assert!(swept.whole && swept.dead_end.is_none(), "{swept:?}");
    swept
}

fn kinds(swept: &Swept) -> Vec<&FaultKind> {
    swept.faults.iter().map(|fault| &fault.kind).collect()
}

fn is_stuck(swept: &Swept) -> bool {
    kinds(swept).contains(&&FaultKind::NoLevelApplies(Way::Back))
}

fn ends_exposed(swept: &Swept) -> bool {
    let ends = |kind: &&&FaultKind| matches!(kind, FaultKind::EndsExposed { .. });
    kinds(swept).iter().any(|kind| ends(&kind))
}

const LIVE: &str = "exposure live: green | blue {\n  set  $ ./live \"$live\"\n  read $ ./live\n}";

const RECOVERED: &str = "recovered when errors < 1% for 1m within 3m";

/// A rollout to the first of the values begins at another one, and a level that leaves it there has not gone back.
#[test]
fn a_rollout_to_the_first_value_is_looked_at_whole() {
    let stages = "stage all {\n  expose live green\n  wait 1h\n}";
    let restart = "level restart within 5m {\n  step restart $ ./restart\n}";
    assert!(ends_exposed(&seen(LIVE, stages, restart)));
    let back = "level back within 5m {\n  expose live blue\n}";
    assert_eq!(kinds(&seen(LIVE, stages, back)), [] as [&FaultKind; 0]);
}

/// What a run may begin with is looked at where conditions tell it apart.
#[test]
fn a_run_begins_with_what_it_may_begin_with() {
    let stages = "stage deploy {\n  step ship $ ./ship\n}\nstage canary {\n  expose flag 25%\n}";
    let levels = |first: &str, last: &str| {
        format!(
            "level flag within 5m when {first} {{\n  expose flag 0%\n}}\n\
             level code within 5m when {last} {{\n  step code $ ./code\n}}"
        )
    };
    assert!(is_stuck(&seen(
        "",
        stages,
        &levels("flag > 10%", "flag == 0%")
    )));
    assert!(!is_stuck(&seen(
        "",
        stages,
        &levels("flag > 0%", "flag == 0%")
    )));
}

/// Where a rollout shrinks, all of it is what was there before.
#[test]
fn a_rollout_that_shrinks_begins_with_all_and_goes_back_to_it() {
    let stages =
        "stage half shrink {\n  expose flag 50%\n}\nstage off shrink {\n  expose flag 0%\n}";
    let level =
        |when: &str, to: &str| format!("level f within 5m{when} {{\n  expose flag {to}\n}}");
    assert!(is_stuck(&seen(
        "",
        stages,
        &level(" when flag < 100%", "100%")
    )));
    assert_eq!(
        kinds(&seen("", stages, &level("", "100%"))),
        [] as [&FaultKind; 0]
    );
    let nothing = "level f within 5m {\n  step restart $ ./restart\n}";
    assert!(ends_exposed(&seen("", stages, nothing)));
}

/// A command prints every sort of value that conditions tell apart.
#[test]
fn a_captured_value_is_looked_at_on_every_side_of_what_it_is_compared_with() {
    let captured = |ty: &str| {
        format!(
            "stage first {{\n  capture n: {ty} $ ./look\n}}\nstage canary {{\n  expose flag 10%\n  step ship $ ./ship\n}}"
        )
    };
    let levels = |first: &str, last: &str| {
        format!(
            "level flag within 5m when {first} {{\n  expose flag 0%\n}}\n\
             level code within 5m when {last} {{\n  expose flag 0%\n}}"
        )
    };
    for (ty, first, last, is_gap) in [
        ("int default 1", "n > 5", "n < 5", true),
        ("int default 1", "n > 5", "n <= 5", false),
        ("bool default true", "n", "n", true),
        ("bool default true", "n", "not n", false),
        ("one of a | b | c default a", "n == a", "n == b", true),
        ("one of a | b | c default a", "n == a", "n != a", false),
        ("version default 1.0.0", "n > 2.0.0", "n < 2.0.0", true),
        ("version default 1.0.0", "n > 2.0.0", "n <= 2.0.0", false),
        ("duration default 1s", "n > 1h", "n < 1h", true),
        ("percent default 1%", "n >= 50%", "n < 40%", true),
        ("text default \"x\"", "n == \"y\"", "n == \"z\"", true),
    ] {
        let swept = seen("", &captured(ty), &levels(first, last));
        assert_eq!(is_stuck(&swept), is_gap, "{ty}, {first}, {last}: {swept:?}");
    }
    let branch = "level flag within 5m {\n  if n == light {\n    expose flag 0%\n  }\n}";
    let swept = seen("", &captured("one of light | heavy default light"), branch);
    assert!(ends_exposed(&swept), "{swept:?}");
}

/// A guard that rolls back from a level that is not for what is exposed: it trips wherever some values of its metrics breach it, and no
/// other guard is sooner.
#[test]
fn a_guard_trips_wherever_it_can() {
    let stages = "stage deploy {\n  step ship $ ./ship\n  wait 10m\n}\nstage canary {\n  expose flag 25%\n  wait 1h\n}";
    let levels = format!(
        "level flag within 5m {{\n  expose flag 0%\n}}\n\
         level code within 10m when flag == 0% {{\n  step code $ ./code\n}}\n{RECOVERED}"
    );
    let base = "guard base when errors > 50% for 1m then rollback";
    let latency = |baseline: &str| {
        format!(
            "metric lat: duration {{\n  query prom 'latency[30s]'\n  unit seconds\n{baseline}}}"
        )
    };
    let usual = latency("  baseline 150ms\n");
    let four: Vec<String> = (0..4)
        .map(|n| format!("metric m{n}: percent {{\n  query prom 'm{n}[30s]'\n  unit ratio\n  baseline 0.1%\n}}"))
        .collect();
    let four = four.join("\n");
    let from = |condition: &str, span: &str| {
        format!("guard x when {condition} for {span} then rollback from code")
    };
    for declared in [
        format!("{base}\n{}", from("errors > 5%", "1m")),
        format!("{base}\n{}", from("errors > 5% and stage == canary", "1m")),
        format!("{base}\n{}", from("errors > 5% and flag == 25%", "1m")),
        format!(
            "{base}\n{}",
            from("errors > 5% and flag > 10% and flag < 50%", "1m")
        ),
        format!("{usual}\n{base}\n{}", from("lat / lat.baseline > 2", "1m")),
        format!(
            "{usual}\n{base}\n{}",
            from("lat - lat.baseline > 200ms", "1m")
        ),
        format!("{usual}\n{base}\n{}", from("lat / 150ms > 2", "1m")),
        format!(
            "{four}\n{base}\n{}",
            from("m0 > 5% and m1 > 5% and m2 > 5% and m3 > 5%", "2m")
        ),
        // Of those that trip at once the first does.
        format!(
            "{}\nguard y when errors > 3% for 1m then rollback",
            from("errors > 5%", "1m")
        ),
        // A quicker one looks elsewhere.
        format!(
            "guard strict when errors > 5% for 1m then rollback {{ during deploy..deploy }}\n{}",
            from("errors > 5%", "2m")
        ),
        // A quicker one that acts alike cannot trip here.
        format!(
            "guard quick when errors > 5% and flag == 0% for 1m then rollback from code\n{}",
            from("errors > 5%", "2m")
        ),
    ] {
        assert!(is_stuck(&seen(&declared, stages, &levels)), "{declared}");
    }
    // One that another is always sooner than never trips.
    let sooner = format!(
        "guard y when errors > 3% for 1m then rollback\n{}",
        from("errors > 5%", "2m")
    );
    assert!(!is_stuck(&seen(&sooner, stages, &levels)));
}

#[test]
fn a_guard_over_values_without_an_order_trips_at_each_of_them() {
    let stages = "stage all {\n  expose live green\n  wait 1h\n}";
    let levels = format!(
        "level back within 5m {{\n  expose live blue\n}}\n\
         level code within 10m when live == blue {{\n  step code $ ./code\n}}\n{RECOVERED}"
    );
    let declared = format!(
        "{LIVE}\nguard x when errors > 5% and live == green for 1m then rollback from code"
    );
    assert!(is_stuck(&seen(&declared, stages, &levels)));
}
