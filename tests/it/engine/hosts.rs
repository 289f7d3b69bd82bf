//! A step on hosts: a strand for each, how many may fail, and what is asked of whom.

use runbook::engine::{Answer, Moment, Outcome};
use runbook::plan::{Host, HostsId, Plan, StepId, level_bound};
use runbook::simulate::Scenario;
use runbook::source::SourceFile;
use runbook::value::Millis;

use super::super::check::plan_of;
use super::stage::{MINUTE, SECOND, play};

/// A step on five hosts, with these clauses.
fn five(clauses: &str) -> Plan {
    five_with(clauses, "step back on web at most 5 idempotent $ back")
}

fn five_with(clauses: &str, level: &str) -> Plan {
    let text = format!(
        "runbook \"Hosts\"\nservice api\n\
         hosts web {{\n  host w1\n  host w2\n  host w3\n  host w4\n  host w5\n}}\n\
         rollout {{\n  stage all {{\n    step deploy on web {clauses} $ deploy\n    $ after\n  }}\n}}\n\
         rollback {{\n  level code within 30m {{\n    {level}\n  }}\n}}\n"
    );
    plan_of(&SourceFile::new("hosts.runbook", text)).expect("a plan")
}

fn of_host(plan: &Plan, name: &str) -> StepId {
    let found = plan.steps.iter().find(|step| step.name == name);
    found.expect("such a step").id
}

fn well(plan: &Plan) -> Scenario {
    let mut scenario = Scenario::all_goes_well(plan, "ann");
    scenario.until = Some(Moment(3 * 60 * MINUTE));
    for (index, step) in plan.steps.iter().enumerate() {
        let takes = Millis((u64::try_from(index).unwrap() + 1) * SECOND);
        scenario.steps.insert(step.id, vec![(exit(0), takes)]);
    }
    scenario
}

fn exit(status: i32) -> Outcome {
    Outcome::Exited {
        status,
        said: String::new(),
    }
}

fn ends(plan: &Plan, scenario: &mut Scenario, host: &str, outcomes: &[(Outcome, u64)]) {
    let ways = outcomes.iter().cloned();
    let ways = ways.map(|(outcome, seconds)| (outcome, Millis(seconds * SECOND)));
    let step = of_host(plan, &format!("deploy on {host}"));
    scenario.steps.insert(step, ways.collect());
}

/// What began, in order.
fn begun(text: &str) -> Vec<&str> {
    let lines = text.lines();
    let lines = lines.filter_map(|line| line.split_once("  run         "));
    lines
        .map(|(_, rest)| rest.split_once("  ").map_or(rest, |(name, _)| name))
        .collect()
}

#[test]
fn hosts_begin_in_order_and_no_more_at_once_than_the_file_says() {
    let plan = five("at most 2");
    insta::assert_snapshot!(play(&plan, well(&plan)));
    let one = five("");
    let text = play(&one, well(&one));
    let all = ["w1", "w2", "w3", "w4", "w5"].map(|host| format!("deploy on {host}"));
    assert_eq!(begun(&text)[..5], all);
    assert!(
        text.contains("5 hosts, one at a time, none may fail"),
        "{text}"
    );
}

#[test]
fn a_host_that_fails_lets_no_further_one_begin_and_those_under_way_end() {
    let plan = five("at most 2");
    let mut scenario = well(&plan);
    ends(&plan, &mut scenario, "w1", &[(exit(3), 1)]);
    ends(&plan, &mut scenario, "w2", &[(exit(0), 40)]);
    let text = play(&plan, scenario);
    insta::assert_snapshot!(text);
    assert!(
        !text.contains("stop"),
        "what is under way is not cut off: {text}"
    );
    assert!(!begun(&text).contains(&"deploy on w3"), "{text}");
}

#[test]
fn as_many_may_fail_as_the_file_says_and_one_more_is_too_many() {
    let plan = five("at most 2 tolerate 1");
    let mut scenario = well(&plan);
    ends(&plan, &mut scenario, "w2", &[(exit(3), 1)]);
    let text = play(&plan, scenario);
    assert!(begun(&text).contains(&"all.2"), "the stage goes on: {text}");
    assert!(
        text.contains("ended well on 4 hosts, failed on w2"),
        "{text}"
    );

    let mut scenario = well(&plan);
    ends(&plan, &mut scenario, "w2", &[(exit(3), 1)]);
    ends(&plan, &mut scenario, "w4", &[(exit(4), 1)]);
    let text = play(&plan, scenario);
    assert!(!begun(&text).contains(&"deploy on w5"), "{text}");
    assert!(
        text.contains(
            "step deploy failed on 2 of 5 hosts, and 1 may: w2: exit status 3; w4: exit status 4"
        ),
        "{text}"
    );
}

#[test]
fn what_has_ended_well_nowhere_was_not_done_whatever_is_tolerated() {
    let mut plan = five("at most 5 tolerate 4");
    // As of a group whose command printed fewer hosts than the file expects.
    for step in &mut plan.steps {
        if let Some(on) = &mut step.on {
            on.tolerate = 9;
        }
    }
    let mut scenario = well(&plan);
    for host in ["w1", "w2", "w3", "w4", "w5"] {
        ends(&plan, &mut scenario, host, &[(exit(3), 1)]);
    }
    let text = play(&plan, scenario.clone());
    assert!(
        text.contains("failed on 5 of 5 hosts, and it has to end well on one at least"),
        "{text}"
    );
    assert!(!begun(&text).contains(&"all.2"), "{text}");

    // A run that began with other rules keeps them.
    plan.limits.guard_rules = 6;
    let text = play(&plan, scenario);
    assert!(begun(&text).contains(&"all.2"), "{text}");
}

#[test]
fn each_host_has_its_own_attempts_and_none_is_made_when_too_many_have_failed() {
    let plan = five("at most 3 retry 2 every 20s");
    let mut scenario = well(&plan);
    ends(&plan, &mut scenario, "w1", &[(exit(3), 1), (exit(0), 1)]);
    let text = play(&plan, scenario);
    assert!(text.contains("deploy on w1 (attempt 2 of 3)"), "{text}");
    assert!(begun(&text).contains(&"all.2"), "{text}");

    // w1 has failed for good while w2 waits for its next attempt.
    let mut scenario = well(&plan);
    ends(&plan, &mut scenario, "w1", &[(exit(3), 1)]);
    ends(&plan, &mut scenario, "w2", &[(exit(3), 35)]);
    let text = play(&plan, scenario);
    assert!(!text.contains("deploy on w2 (attempt 3 of 3)"), "{text}");
    assert!(text.contains("w1: exit status 3 (3 attempts)"), "{text}");
}

#[test]
fn a_person_lets_it_run_again_where_it_failed_and_did_not_begin() {
    let plan = five("on failure hold");
    let mut scenario = well(&plan);
    ends(&plan, &mut scenario, "w2", &[(exit(3), 1), (exit(0), 1)]);
    scenario.otherwise = Some((Answer::Rerun, Millis(SECOND)));
    let text = play(&plan, scenario);
    insta::assert_snapshot!(text);
    let all = ["w1", "w2", "w2", "w3", "w4", "w5"].map(|host| format!("deploy on {host}"));
    assert_eq!(begun(&text)[..6], all);
    assert!(begun(&text).contains(&"all.2"), "{text}");
}

#[test]
fn a_step_that_may_fail_goes_on_and_a_later_one_starts_with_nothing_failed() {
    let mut plan = five("on failure continue");
    let mut scenario = well(&plan);
    ends(&plan, &mut scenario, "w1", &[(exit(3), 1)]);
    let text = play(&plan, scenario);
    assert_eq!(begun(&text), ["deploy on w1", "all.2"]);

    // The same step a second time in the same stage.
    let again = plan.stages[0].ops[0].clone();
    plan.stages[0].ops.push(again);
    let mut scenario = well(&plan);
    ends(&plan, &mut scenario, "w1", &[(exit(3), 1), (exit(0), 1)]);
    let text = play(&plan, scenario);
    assert_eq!(begun(&text).len(), 7, "{text}");
}

#[test]
fn an_unknown_outcome_is_asked_for_by_host_and_nothing_begins_meanwhile() {
    let unknown = || Outcome::Unknown {
        why: "nobody looked".into(),
    };
    let plan = five("at most 2");
    let mut scenario = well(&plan);
    ends(&plan, &mut scenario, "w1", &[(unknown(), 1)]);
    ends(&plan, &mut scenario, "w2", &[(exit(0), 5)]);
    scenario.otherwise = Some((Answer::Continue, Millis(60 * SECOND)));
    let text = play(&plan, scenario);
    insta::assert_snapshot!(text);
    assert!(
        text.contains("the outcome of step deploy on w1 is unknown"),
        "{text}"
    );

    let plan = five("at most 2 on unknown rerun");
    let mut scenario = well(&plan);
    ends(&plan, &mut scenario, "w3", &[(unknown(), 1), (exit(0), 1)]);
    let text = play(&plan, scenario);
    let again = begun(&text)
        .iter()
        .filter(|one| **one == "deploy on w3")
        .count();
    assert_eq!(again, 2, "{text}");
}

#[test]
fn an_unless_that_cannot_be_asked_does_not_say_that_nothing_was_done() {
    let plan = five("unless $ test -e done");
    let mut scenario = well(&plan);
    let lost = Outcome::Unknown {
        why: "nobody looked".into(),
    };
    ends(&plan, &mut scenario, "w1", &[(lost, 1), (exit(0), 1)]);
    scenario.unless = vec![
        (exit(1), Millis(0)),
        (
            Outcome::NotStarted {
                why: "w1 was not reached".into(),
            },
            Millis(0),
        ),
        (exit(1), Millis(0)),
    ];
    scenario.otherwise = Some((Answer::Continue, Millis(SECOND)));
    let text = play(&plan, scenario);
    let runs = begun(&text)
        .iter()
        .filter(|one| **one == "deploy on w1")
        .count();
    assert_eq!(runs, 1, "never a second time by itself: {text}");
    assert!(text.contains("its `unless` does not say"), "{text}");
}

#[test]
fn the_bound_of_a_level_counts_hosts_and_the_way_there() {
    let plan = five("");
    let level = &plan.rollback.as_ref().unwrap().levels[0];
    let one = 60 + 10 + 30;
    assert_eq!(level_bound(&plan, level).total, Millis(one * SECOND));
}

#[test]
fn printed_hosts_take_the_place_of_those_that_nobody_knew() {
    let text = "runbook \"Hosts\"\nservice api\nhosts web from $ inventory\n\
                rollout {\n  stage all {\n    step deploy on web $ deploy\n  }\n}\n\
                rollback {\n  level code within 5m {\n    step back on web $ back\n  }\n}\n";
    let mut plan = plan_of(&SourceFile::new("hosts.runbook", text)).expect("a plan");
    let names =
        |plan: &Plan| -> Vec<String> { plan.steps.iter().map(|step| step.name.clone()).collect() };
    assert_eq!(
        names(&plan),
        [
            "deploy",
            "back",
            "deploy on each host of web",
            "back on each host of web"
        ]
    );
    let hosts = Host::read_all("a\nb:2222\n", &Host::default()).expect("hosts");
    plan.learn_hosts(HostsId(0), hosts);
    let want = [
        "deploy",
        "back",
        "deploy on a",
        "deploy on b:2222",
        "back on a",
        "back on b:2222",
    ];
    assert_eq!(names(&plan), want);
    assert_eq!(begun(&play(&plan, well(&plan))), want[2..4]);
}

/// What is undone, in order, when a step on five hosts fails on one of them.
fn undone(clauses: &str, outcomes: &[(&str, i32, u64)]) -> Vec<String> {
    let plan = five_with(&format!("{clauses} undo $ restore\n     "), "undo");
    let mut scenario = well(&plan);
    for (host, status, seconds) in outcomes {
        ends(&plan, &mut scenario, host, &[(exit(*status), *seconds)]);
    }
    let text = play(&plan, scenario);
    let all = begun(&text).into_iter().map(str::to_owned);
    all.filter(|name| name.starts_with("undo ")).collect()
}

#[test]
fn a_step_is_undone_on_exactly_the_hosts_on_which_it_began_the_newest_first() {
    let back = |hosts: &[&str]| -> Vec<String> {
        let names = hosts.iter();
        names.map(|host| format!("undo deploy on {host}")).collect()
    };
    assert_eq!(
        undone("at most 1", &[("w3", 3, 1)]),
        back(&["w3", "w2", "w1"])
    );
    // The fourth is under way when the third fails, and the fifth has not begun.
    assert_eq!(
        undone("at most 2", &[("w3", 3, 30), ("w4", 0, 60)]),
        back(&["w4", "w3", "w2", "w1"])
    );
}
