//! What becomes of what is under way when a run turns: of questions, of protected steps, of checks, of a step that is tried again.

use runbook::engine::{
    Answer, Attempt, Effect, Input, LeaveWhy, Note, Outcome, QuestionAbout, Work,
};

use super::hand::{Hand, says};
use super::stage::{MINUTE, SECOND};

fn ends(run: &mut Hand, at: u64, outcome: Outcome) -> Vec<Effect> {
    let attempt = run.state.running[0].attempt;
    run.gives(at, &Input::Ended { attempt, outcome })
}

fn exited(status: i32) -> Outcome {
    let said = String::new();
    Outcome::Exited { status, said }
}

fn unknown() -> Outcome {
    Outcome::Unknown {
        why: "its runner died".into(),
    }
}

fn starts(out: &[Effect]) -> Vec<Work> {
    let starts = out.iter().filter_map(|effect| match effect {
        Effect::Start { work, .. } => Some(*work),
        _ => None,
    });
    starts.collect()
}

const ONE_STEP: &str = "runbook \"A\"\nservice a\nrollout {\n  stage s {\n    step go $ ./go\n  }\n}\n\
    rollback {\n  level l within 10m {\n    step back timeout 5m protected $ ./back\n  }\n}\n";

/// What was asked matters no more when a run turns back, and whoever shows questions hears it.
#[test]
fn a_question_is_withdrawn_when_the_rollback_is_ordered() {
    let (mut run, _) = Hand::of(ONE_STEP);
    ends(&mut run, 2, unknown());
    let asked = run.state.questions[0].number;
    let orders = Input::RollBack {
        from: None,
        by: "ann".into(),
        reason: "it looks bad".into(),
    };
    let out = run.gives(3, &orders);
    assert!(out.contains(&Effect::Withdraw(asked)), "{out:?}");
    assert_eq!(run.state.questions, Vec::new());
}

/// A step that is protected may finish when a guard trips; the bound of a level is for it too.
#[test]
fn a_protected_step_is_stopped_with_its_level() {
    let (mut run, _) = Hand::of(ONE_STEP);
    let out = ends(&mut run, 2, exited(1));
    assert_eq!(starts(&out).len(), 1, "{out:?}");
    let attempt = run.state.running[0].attempt;
    let out = run.gives(2 + 10 * MINUTE, &Input::Tick);
    assert!(out.contains(&Effect::Stop { attempt }), "{out:?}");
}

/// Who leaves while things are checked begins no further check.
#[test]
fn no_check_begins_for_a_runner_that_leaves() {
    let text = format!(
        "{ONE_STEP}before rollout {{\n  check \"one\" $ ./one\n  check \"two\" $ ./two\n}}\n"
    );
    let (mut run, out) = Hand::of(&text);
    assert_eq!(starts(&out).len(), 1, "{out:?}");
    let leaves = Input::Leave {
        why: LeaveWhy::Interrupted,
    };
    run.gives(2, &leaves);
    let out = ends(&mut run, 3, exited(0));
    assert_eq!(starts(&out), Vec::new(), "{out:?}");
    let left = Effect::Left(LeaveWhy::Interrupted);
    assert!(out.contains(&left), "{out:?}");
}

/// The first attempt of a step began for certain, so it is undone, whatever became of the second one.
#[test]
fn a_step_that_began_once_is_undone_without_a_question() {
    let text = "runbook \"A\"\nservice a\nrollout {\n  stage s {\n    \
        step go retry 1 every 1s undo $ ./undo\n      $ ./go\n  }\n}\n\
        rollback {\n  level l within 5m {\n    undo\n  }\n}\n";
    let (mut run, _) = Hand::of(text);
    ends(&mut run, 2, exited(1));
    let out = run.gives(2 + SECOND, &Input::Tick);
    assert_eq!(starts(&out).len(), 1, "the second attempt: {out:?}");
    assert_eq!(run.state.running[0].attempt, Attempt(1));
    ends(&mut run, 3 + SECOND, unknown());
    let open = &run.state.questions[0];
    assert!(matches!(open.about, QuestionAbout::Unknown { .. }));
    let answers = Input::Answered {
        question: Some(open.number),
        answer: Answer::Rollback,
        by: "ann".into(),
        reason: "it is not worth it".into(),
    };
    let out = run.gives(4 + SECOND, &answers);
    assert!(
        says(&out, |note| matches!(note, Note::LevelBegan(_))),
        "{out:?}"
    );
    assert_eq!(starts(&out).len(), 1, "{out:?}");
    assert_eq!(run.state.questions, Vec::new(), "nobody is asked");
}
