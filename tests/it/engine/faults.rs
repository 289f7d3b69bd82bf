//! What can happen to steps, exposures and runners.

use runbook::engine::{
    Answer, Attempt, Effect, Input, LeaveWhy, Moment, Note, Outcome, Stamp, State, Work, apply,
};
use runbook::plan::{OnFailure, OnUnknown, Retry, StageId, StepId, Unless};
use runbook::simulate::Scenario;
use runbook::value::Millis;

use super::stage::{MINUTE, SECOND, plan, play, shell};

fn failed(status: i32) -> Outcome {
    Outcome::Exited {
        status,
        said: String::new(),
    }
}

fn ok() -> Outcome {
    failed(0)
}

#[test]
fn a_failed_step_rolls_back_by_the_first_level_that_applies() {
    let plan = plan();
    let mut scenario = Scenario::all_goes_well(&plan, "ann");
    scenario
        .steps
        .insert(StepId(0), vec![(failed(2), Millis(3 * SECOND))]);
    insta::assert_snapshot!(play(&plan, scenario));
}

#[test]
fn a_step_that_fails_twice_is_tried_three_times() {
    let mut plan = plan();
    plan.steps[0].retry = Retry {
        more: 2,
        first: Millis(10 * SECOND),
        most: Millis(15 * SECOND),
    };
    let mut scenario = Scenario::all_goes_well(&plan, "ann");
    scenario.steps.insert(
        StepId(0),
        vec![
            (failed(1), Millis(SECOND)),
            (failed(1), Millis(SECOND)),
            (ok(), Millis(SECOND)),
        ],
    );
    insta::assert_snapshot!(play(&plan, scenario));
}

#[test]
fn a_step_that_hangs_is_timed_out() {
    let plan = plan();
    let mut scenario = Scenario::all_goes_well(&plan, "ann");
    scenario
        .steps
        .insert(StepId(0), vec![(ok(), Millis(10 * MINUTE))]);
    let text = play(&plan, scenario);
    assert!(
        text.contains("deploy: it did not end within its timeout"),
        "{text}"
    );
}

#[test]
fn on_failure_continue_goes_on_and_hold_asks() {
    let mut plan = plan();
    plan.steps[0].on_failure = OnFailure::Continue;
    let mut scenario = Scenario::all_goes_well(&plan, "ann");
    scenario
        .steps
        .insert(StepId(0), vec![(failed(1), Millis(0))]);
    let text = play(&plan, scenario.clone());
    assert!(text.contains("completed"), "{text}");

    plan.steps[0].on_failure = OnFailure::Hold;
    scenario.otherwise = Some((Answer::Rerun, Millis(MINUTE)));
    scenario
        .steps
        .insert(StepId(0), vec![(failed(1), Millis(0)), (ok(), Millis(0))]);
    insta::assert_snapshot!(play(&plan, scenario));
}

#[test]
fn an_unknown_outcome_waits_for_a_person_for_ever() {
    let plan = plan();
    let mut scenario = Scenario::all_goes_well(&plan, "ann");
    scenario.steps.insert(
        StepId(0),
        vec![(
            Outcome::Unknown {
                why: "the runner died while it ran".into(),
            },
            Millis(0),
        )],
    );
    scenario.until = Some(Moment(24 * 60 * MINUTE));
    insta::assert_snapshot!(play(&plan, scenario));
}

#[test]
fn an_unknown_outcome_is_answered_by_unless_or_idempotence_or_the_file() {
    let unknown = Outcome::Unknown {
        why: "the runner died while it ran".into(),
    };
    let mut text = String::new();
    for kind in ["unless", "idempotent", "rerun", "rollback"] {
        let mut plan = plan();
        match kind {
            "unless" => plan.steps[0].unless = Some(Unless::Command(shell("is-deployed"))),
            "idempotent" => plan.steps[0].idempotent = true,
            "rerun" => plan.steps[0].on_unknown = OnUnknown::Rerun,
            _ => plan.steps[0].on_unknown = OnUnknown::Rollback,
        }
        let mut scenario = Scenario::all_goes_well(&plan, "ann");
        scenario.steps.insert(
            StepId(0),
            vec![(unknown.clone(), Millis(0)), (ok(), Millis(0))],
        );
        let played = play(&plan, scenario);
        let shown: Vec<&str> = played
            .lines()
            .filter(|line| {
                ["UNKNOWN", "run ", "ask ", "rolled back", "completed"]
                    .iter()
                    .any(|w| line.contains(w))
            })
            .collect();
        text.push_str(&format!("{kind}\n{}\n\n", shown.join("\n")));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_person_rolls_back_in_a_soak() {
    let plan = plan();
    let mut scenario = Scenario::all_goes_well(&plan, "ann");
    scenario.facts.push((
        Moment(5 * MINUTE),
        Input::RollBack {
            from: None,
            by: "ben".into(),
            reason: "customers call".into(),
        },
    ));
    insta::assert_snapshot!(play(&plan, scenario));
}

#[test]
fn leaving_in_a_soak_leaves_at_once_and_in_a_step_after_it() {
    let plan = plan();
    let leave = Input::Leave {
        why: LeaveWhy::Interrupted,
    };
    let mut scenario = Scenario::all_goes_well(&plan, "ann");
    scenario.facts.push((Moment(5 * MINUTE), leave.clone()));
    let text = play(&plan, scenario.clone());
    assert!(text.contains("left: Interrupted"), "{text}");
    assert!(text.contains("5m  left"), "{text}");

    scenario.facts = vec![(Moment(5 * SECOND), leave)];
    scenario
        .steps
        .insert(StepId(0), vec![(ok(), Millis(20 * SECOND))]);
    let text = play(&plan, scenario);
    assert!(text.contains("20s  left"), "{text}");
}

#[test]
fn an_interrupted_step_is_unknown_when_the_run_is_taken_up_again() {
    let plan = plan();
    let mut state = runbook::engine::State::new(&plan);
    let mut out = Vec::new();
    let mut at = 0;
    let mut feed = |state: &mut runbook::engine::State, input: Input| {
        at += SECOND;
        out.clear();
        let stamp = runbook::engine::Stamp {
            run: Moment(at),
            wall: 0,
        };
        runbook::engine::apply(&plan, state, stamp, &input, &mut out);
        out.clone()
    };
    feed(
        &mut state,
        Input::Begin {
            by: "ann".into(),
            confirmed: Vec::new(),
            entry: runbook::engine::Entrance::Now,
            missing: Vec::new(),
        },
    );
    feed(
        &mut state,
        Input::Sample {
            metric: runbook::plan::MetricId(0),
            reading: runbook::engine::Reading::Value(0.0),
        },
    );
    feed(
        &mut state,
        Input::Ended {
            attempt: Attempt(0),
            outcome: Outcome::Read { value: 0.0 },
        },
    );
    let stopped = feed(&mut state, Input::Interrupt);
    assert!(
        stopped
            .iter()
            .any(|effect| matches!(effect, runbook::engine::Effect::Stop { .. })),
        "{stopped:?}"
    );
    let left = feed(
        &mut state,
        Input::Ended {
            attempt: Attempt(1),
            outcome: Outcome::Stopped,
        },
    );
    assert!(
        left.contains(&runbook::engine::Effect::Left(LeaveWhy::Interrupted)),
        "{left:?}"
    );
    let resumed = feed(&mut state, Input::Resumed { by: "ann".into() });
    assert!(
        resumed.iter().any(|effect| matches!(
            effect,
            runbook::engine::Effect::Ask(question)
                if matches!(question.about, runbook::engine::QuestionAbout::Unknown { .. })
        )),
        "{resumed:?}"
    );
}

#[test]
fn a_verify_whose_time_ran_out_while_nobody_looked_gets_one_whole_look() {
    let mut plan = plan();
    plan.metrics.clear();
    plan.guards.clear();
    plan.exposures.clear();
    plan.stages.truncate(1);
    plan.stages[0].ops.remove(0);
    let mut state = State::new(&plan);
    let mut feed = |at: u64, input: Input| {
        let stamp = Stamp {
            run: Moment(at),
            wall: 0,
        };
        let mut effects = Vec::new();
        apply(&plan, &mut state, stamp, &input, &mut effects);
        effects
    };
    let by = || "ann".to_owned();
    let begin = Input::Begin {
        by: by(),
        confirmed: Vec::new(),
        entry: runbook::engine::Entrance::Now,
        missing: Vec::new(),
    };
    let first = timeout_of_the_probe(&feed(0, begin));
    assert_eq!(first, Some((Attempt(0), Millis(10 * SECOND))));
    // It is asked at once and its runner dies; the next one comes when `within 1m` is long over.
    assert_eq!(feed(10 * MINUTE, Input::Resumed { by: by() }).len(), 1);
    let never_began = Input::Ended {
        attempt: Attempt(0),
        outcome: Outcome::NeverBegan,
    };
    let second = timeout_of_the_probe(&feed(10 * MINUTE, never_began));
    assert_eq!(second, Some((Attempt(1), Millis(10 * SECOND))));
    let holds = Input::Ended {
        attempt: Attempt(1),
        outcome: ok(),
    };
    let ended = feed(10 * MINUTE + SECOND, holds);
    assert!(
        ended.contains(&Effect::Say(Note::StageEnded(StageId(0)))),
        "{ended:?}"
    );
}

fn timeout_of_the_probe(effects: &[Effect]) -> Option<(Attempt, Millis)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Start {
            attempt,
            work: Work::Probe { .. },
            timeout,
        } => Some((*attempt, *timeout)),
        _ => None,
    })
}

#[test]
fn a_level_is_not_given_up_for_time_in_which_no_runner_lived() {
    let plan = plan();
    let mut state = runbook::engine::State::new(&plan);
    state.changed = true;
    state.exposures = vec![Some(0.0)];
    state.now = Moment(10 * MINUTE);
    state.phase = runbook::engine::Phase::RollingBack {
        level: runbook::plan::LevelId(0),
        began: Moment(9 * MINUTE),
        deadline: Moment(14 * MINUTE),
    };
    let mut main = runbook::engine::StrandState::main();
    main.at = vec![1];
    main.task = runbook::engine::Task::Recovering(runbook::engine::Recovery {
        since: Moment(9 * MINUTE),
        deadline: Moment(12 * MINUTE),
        streak: None,
        last: String::new(),
    });
    state.strands.insert(runbook::engine::StrandId::MAIN, main);
    let mut out = Vec::new();
    let stamp = |run| runbook::engine::Stamp { run, wall: 0 };
    let back = Moment(70 * MINUTE);
    let resumed = Input::Resumed { by: "ann".into() };
    runbook::engine::apply(&plan, &mut state, stamp(back), &resumed, &mut out);
    assert_eq!(state.level(), Some(runbook::plan::LevelId(0)), "{out:?}");
    assert_eq!(
        runbook::engine::wake(&plan, &state),
        Some(Moment(72 * MINUTE))
    );
    out.clear();
    let late = Moment(72 * MINUTE);
    runbook::engine::apply(&plan, &mut state, stamp(late), &Input::Tick, &mut out);
    assert_eq!(state.level(), Some(runbook::plan::LevelId(1)), "{out:?}");
}

#[test]
fn a_protected_step_finishes_when_a_person_interrupts() {
    let mut plan = plan();
    plan.steps[0].protected = true;
    let mut scenario = Scenario::all_goes_well(&plan, "ann");
    scenario
        .steps
        .insert(StepId(0), vec![(ok(), Millis(20 * SECOND))]);
    scenario.facts.push((Moment(5 * SECOND), Input::Interrupt));
    let text = play(&plan, scenario);
    assert!(!text.contains("told to stop"), "{text}");
    assert!(text.contains("20s  done        deploy"), "{text}");
    assert!(text.contains("left: Interrupted"), "{text}");
}
