//! What a run leaves behind: how often, when, and that no failure in it changes the verdict.

use runbook::engine::{Effect, Input, Moment, Outcome, State, Verdict};
use runbook::plan::StepId;
use runbook::simulate::{Scenario, Simulate};
use runbook::value::Millis;
use runbook::world::{Ended, Fact, Record, run};

use super::plan_of;
use crate::engine::stage::MINUTE;

const FILE: &str = r#"runbook "Left behind"
service api

channel people {
  log "notices"
}

rollout {
  stage all {
    step deploy $ make deploy
  }
}

rollback {
  level code within 10m {
    step undeploy $ make undeploy
  }
  level again within 10m {
    step redo $ make redo
  }
}

if stuck {
  notify people "stuck"
  incident from "postmortem"
  remind "Look at it" within 15m
}

after rollback {
  notify people "back"
  incident from "postmortem"
  remind "Schedule the postmortem" within 48h
}

after rollout {
  remind "Clean up" within 2d
}
"#;

/// Keeps what is left behind.
#[derive(Default)]
struct Left(Vec<Effect>);

impl Record for Left {
    type Error = std::convert::Infallible;

    fn keep(&mut self, _: &Fact, effects: &[Effect]) -> Result<(), Self::Error> {
        let is_left = |one: &&Effect| matches!(one, Effect::Open { .. } | Effect::Remind { .. });
        self.0.extend(effects.iter().filter(is_left).cloned());
        Ok(())
    }
}

fn failing() -> Vec<(Outcome, Millis)> {
    let failed = Outcome::Exited {
        status: 1,
        said: "no".to_owned(),
    };
    vec![(failed, Millis(MINUTE))]
}

fn lines(left: &Left) -> Vec<String> {
    let line = |one: &Effect| match one {
        Effect::Open { template, text } => {
            format!("{template}: {}", text.lines().next().unwrap_or_default())
        }
        Effect::Remind {
            reminder,
            text,
            due,
        } => format!("{} {text} at {due}", reminder.0),
        other => panic!("{other:?}"),
    };
    left.0.iter().map(line).collect()
}

#[test]
fn a_completed_rollout_leaves_a_reminder_from_its_end_on() {
    let plan = plan_of(FILE);
    let scenario = Scenario::all_goes_well(&plan, "ann");
    let mut left = Left::default();
    let mut world = Simulate::new(scenario, 1_000);
    let Ok(ended) = run(&plan, &mut State::new(&plan), &mut world, &mut left);
    assert_eq!(ended, Ended::Over(Verdict::Completed));
    assert_eq!(lines(&left), ["0 Clean up at 172801000"]);
}

#[test]
fn a_run_that_was_stuck_and_is_rolled_back_later_has_one_incident() {
    let plan = plan_of(FILE);
    let mut scenario = Scenario::all_goes_well(&plan, "ann");
    for step in [0, 1] {
        scenario.steps.insert(StepId(step), failing());
    }
    let redo = (failing()[0].0.clone(), Millis(0));
    let ok = Outcome::Exited {
        status: 0,
        said: String::new(),
    };
    scenario
        .steps
        .insert(StepId(2), vec![redo, (ok, Millis(0))]);
    let mut left = Left::default();
    let mut state = State::new(&plan);
    let mut world = Simulate::new(scenario.clone(), 0);
    let Ok(ended) = run(&plan, &mut state, &mut world, &mut left);
    assert!(
        matches!(ended, Ended::Over(Verdict::Stuck { .. })),
        "{ended:?}"
    );
    assert!(state.incident);
    let why = "api: no rollback level is left: step deploy failed: no; level code: step undeploy failed: no; level again: step redo failed: no";
    let first = [
        format!("postmortem: {why}"),
        "0 Look at it at 1020000".to_owned(),
    ];
    assert_eq!(lines(&left), first);

    // A person brings it back.
    scenario.steps.clear();
    scenario.facts = vec![(
        Moment(10 * MINUTE),
        Input::RollBack {
            from: Some(runbook::plan::LevelId(1)),
            by: "bob".to_owned(),
            reason: "by hand".to_owned(),
        },
    )];
    let mut world = Simulate::new(scenario, 0);
    let Ok(ended) = run(&plan, &mut state, &mut world, &mut left);
    assert!(
        matches!(ended, Ended::Over(Verdict::RolledBack { .. })),
        "{ended:?}"
    );
    let all = lines(&left);
    assert_eq!(all.len(), 3, "{all:?}");
    assert_eq!(all[2], "1 Schedule the postmortem at 173400000");
}
