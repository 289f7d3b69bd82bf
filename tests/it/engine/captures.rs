//! Captures: what is kept of what a step prints, what is refused, and what is never skipped.

use runbook::engine::{Answer, Input, Moment, Outcome};
use runbook::plan::{Plan, StepId};
use runbook::simulate::Scenario;
use runbook::source::SourceFile;
use runbook::value::Millis;

use super::stage::{MINUTE, play};

fn plan_with(capture: &str) -> Plan {
    let text = format!(
        r#"runbook "With a capture"
service api

channel people {{
  log "people.log"
}}

rollout {{
  stage deploy {{
    {capture}
    notify people "It was ${{old}}"
  }}
}}

rollback {{
  level old_one when old < 2.0.0 within 5m {{
    step undeploy $ make undeploy
  }}
  level any within 5m {{
    step redeploy $ make redeploy
  }}
}}
"#
    );
    crate::check::plan_of(&SourceFile::new("a.runbook", text)).expect("a plan")
}

const WITH_DEFAULT: &str = "capture old: version default 1.0.0 $ make print-version";

fn printing(plan: &Plan, printed: &[&str]) -> Scenario {
    let mut scenario = Scenario::all_goes_well(plan, "ann");
    let ends = printed.iter().map(|text| {
        let text = (*text).to_owned();
        (Outcome::Printed { text }, Millis(0))
    });
    scenario.steps.insert(StepId(0), ends.collect());
    scenario
}

#[test]
fn a_value_is_kept_and_told() {
    let plan = plan_with(WITH_DEFAULT);
    insta::assert_snapshot!(play(&plan, printing(&plan, &["2.4.0"])));
}

#[test]
fn what_does_not_fit_fails_the_step() {
    let plan = plan_with(WITH_DEFAULT);
    insta::assert_snapshot!(play(&plan, printing(&plan, &["two point four"])));
    let long = format!("1.0.0-{}", "a".repeat(5_000));
    let texts = ["", "1.2", "2.4.0\n2.4.1", &long, "\u{fffd}"];
    for text in texts {
        let said = play(&plan, printing(&plan, &[text]));
        assert!(said.contains("ROLLBACK"), "{text}: {said}");
        assert!(!said.contains("captured"), "{text}: {said}");
    }
}

#[test]
fn what_does_not_fit_is_retried_like_any_failure() {
    let plan =
        plan_with("capture old: version default 1.0.0 retry 1 every 5s $ make print-version");
    let said = play(&plan, printing(&plan, &["nothing", "2.4.0"]));
    assert!(said.contains("captured    old = 2.4.0"), "{said}");
    assert!(said.contains("completed"), "{said}");
}

#[test]
fn a_text_that_could_be_an_option_is_no_value() {
    let plan = plan_with(
        "capture old: version default 1.0.0 $ make print-version\n    capture name: text $ whoami",
    );
    let mut scenario = printing(&plan, &["2.4.0"]);
    let text = "--force".to_owned();
    scenario
        .steps
        .insert(StepId(1), vec![(Outcome::Printed { text }, Millis(0))]);
    let said = play(&plan, scenario);
    assert!(said.contains("begins with `-`"), "{said}");
}

#[test]
fn a_condition_sees_the_value_or_its_default() {
    let plan = plan_with(
        "capture old: version default 1.0.0 $ make print-version\n    fail \"on purpose\"",
    );
    let new = play(&plan, printing(&plan, &["2.4.0"]));
    assert!(
        new.contains("level old_one: its `when` does not hold"),
        "{new}"
    );
    let old = play(&plan, printing(&plan, &["1.9.0"]));
    assert!(old.contains("rolled back by level old_one"), "{old}");
    let none = play(&plan, printing(&plan, &[""]));
    assert!(none.contains("rolled back by level old_one"), "{none}");
}

/// Asked at minute zero, answered later by these.
fn answered(scenario: &mut Scenario, all: &[Answer]) {
    for (minute, answer) in (5..).zip(all) {
        scenario.facts.push((
            Moment(minute * MINUTE),
            Input::Answered {
                question: None,
                answer: *answer,
                by: "bea".to_owned(),
                reason: "I have looked".to_owned(),
            },
        ));
    }
}

/// Without a value nothing goes on that needs one: `continue` is no answer, whatever became of the command.
#[test]
fn nobody_goes_on_without_the_value() {
    let text = |clauses: &str| {
        let text = format!(
            "runbook \"With a capture\"\nservice api\nrollout {{\n  stage deploy {{\n    capture old: version {clauses} $ make print-version\n    step deploy $ make deploy OLD=\"$old\"\n  }}\n}}\nrollback {{\n  level any within 5m {{\n    step redeploy $ make redeploy\n  }}\n}}\n"
        );
        crate::check::plan_of(&SourceFile::new("a.runbook", text)).expect("a plan")
    };
    let unknown = Outcome::Unknown {
        why: "the runner died".to_owned(),
    };
    let failed = Outcome::Exited {
        status: 1,
        said: "no such target".to_owned(),
    };
    for (clauses, end) in [("", unknown), ("on failure hold", failed)] {
        let plan = text(clauses);
        let mut scenario = Scenario::all_goes_well(&plan, "ann");
        let text = "2.4.0".to_owned();
        scenario.steps.insert(
            StepId(0),
            vec![(end, Millis(0)), (Outcome::Printed { text }, Millis(0))],
        );
        answered(&mut scenario, &[Answer::Continue, Answer::Rerun]);
        let said = play(&plan, scenario);
        assert!(!said.contains("continue"), "{said}");
        assert!(said.contains("6m  captured    old = 2.4.0"), "{said}");
    }
    // With a default the step may be left out.
    let plan = text("default 1.0.0 on failure hold");
    let mut scenario = Scenario::all_goes_well(&plan, "ann");
    scenario
        .steps
        .insert(StepId(0), vec![(Outcome::TimedOut, Millis(0))]);
    answered(&mut scenario, &[Answer::Continue]);
    let said = play(&plan, scenario);
    assert!(said.contains("completed"), "{said}");
}
