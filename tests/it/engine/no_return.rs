//! The point of no return: before it a run goes back, behind it a run goes forward, and there is no third way.

use runbook::engine::{
    Answer, Effect, Entrance, Input, Moment, Note, Outcome, Question, Stamp, State, Verdict, apply,
    laws,
};
use runbook::plan::{LevelId, Plan};
use runbook::source::SourceFile;

use super::undo::{Played, exit, failing, nobody, play};

fn plan_of(stages: &str, ways: &str) -> Plan {
    let text = format!("runbook \"One way\"\nservice api\nrollout {{\n{stages}\n}}\n{ways}\n");
    crate::check::plan_of(&SourceFile::new("a.runbook", text)).expect("a plan")
}

const STAGES: &str = r#"
  stage drop {
    step copy $ do-copy
    no return "the column is gone"
    step drop $ do-drop
    step clean $ do-clean
  }
"#;

const WAYS: &str = r#"
rollback {
  level restore within 30m {
    step restore $ do-restore
  }
}
forward {
  level again within 30m {
    step again $ do-again
  }
  level by_hand within 30m {
    step by_hand $ do-by-hand
  }
}
"#;

fn name_of(plan: &Plan, level: LevelId) -> &str {
    &plan.level(level).expect("a level").name
}

/// How it ended, in words.
fn end(plan: &Plan, played: &Played) -> String {
    match &played.verdict {
        Some(Verdict::RolledBack { level }) => format!("back by {}", name_of(plan, *level)),
        Some(Verdict::WentForward { level }) => format!("forward by {}", name_of(plan, *level)),
        Some(Verdict::Stuck { why }) => format!("stuck: {why}"),
        other => format!("{other:?}"),
    }
}

#[test]
fn before_the_point_it_goes_back_and_behind_it_forward() {
    let plan = plan_of(STAGES, WAYS);
    let mut told = Vec::new();
    for fails in ["copy", "drop", "clean", "nothing"] {
        let names = [fails];
        let played = play(&plan, &mut failing(&names), &mut nobody);
        told.push(format!(
            "{fails}: {} ({})",
            end(&plan, &played),
            played.ran().join(" ")
        ));
        let passed = Note::NoReturn {
            why: "the column is gone".to_owned(),
        };
        assert_eq!(played.notes.contains(&passed), fails != "copy");
    }
    assert_eq!(
        told,
        [
            "copy: back by restore (copy restore)",
            "drop: forward by again (copy drop again)",
            "clean: forward by again (copy drop clean again)",
            "nothing: Some(Completed) (copy drop clean)",
        ]
    );
}

#[test]
fn a_level_that_is_not_enough_is_followed_by_the_next_of_its_way_and_never_by_the_other() {
    let plan = plan_of(STAGES, WAYS);
    let played = play(&plan, &mut failing(&["drop", "again"]), &mut nobody);
    assert_eq!(end(&plan, &played), "forward by by_hand");
    let played = play(
        &plan,
        &mut failing(&["drop", "again", "by_hand"]),
        &mut nobody,
    );
    assert_eq!(played.ran(), ["copy", "drop", "again", "by_hand"]);
    let told = end(&plan, &played);
    assert!(
        told.starts_with("stuck: no level of the way forward is left: "),
        "{told}"
    );
    // Before the point the last level of the rollback is not followed by one of `forward`.
    let played = play(&plan, &mut failing(&["copy", "restore"]), &mut nobody);
    assert_eq!(played.ran(), ["copy", "restore"]);
    let told = end(&plan, &played);
    assert!(
        told.starts_with("stuck: no rollback level is left: "),
        "{told}"
    );
}

#[test]
fn a_step_begins_with_the_level_that_it_names() {
    let stages = STAGES.replace("step clean", "step clean on failure rollback from by_hand");
    let plan = plan_of(&stages, WAYS);
    let played = play(&plan, &mut failing(&["clean"]), &mut nobody);
    assert_eq!(played.ran(), ["copy", "drop", "clean", "by_hand"]);
    assert_eq!(end(&plan, &played), "forward by by_hand");
}

#[test]
fn a_person_who_wants_to_roll_back_goes_forward() {
    let stages = STAGES.replace("step drop", "step drop on failure hold");
    let plan = plan_of(&stages, WAYS);
    let mut back = |_: &Question| Some(Answer::Rollback);
    let played = play(&plan, &mut failing(&["drop"]), &mut back);
    assert_eq!(end(&plan, &played), "forward by again");
    let why = played.notes.iter().find_map(|note| match note {
        Note::ForwardBegan { reason } => Some(reason.as_str()),
        _ => None,
    });
    assert_eq!(
        why,
        Some("bea decided to go forward (I have looked): step drop failed: exit status 1")
    );
}

#[test]
fn one_way_of_a_decision_may_pass_it() {
    let stages = r#"
  stage drop {
    capture old: int $ count-old
    if old > 0 {
      no return "the column is gone"
      step drop $ do-drop
    }
    step clean $ do-clean
  }
"#;
    let plan = plan_of(stages, WAYS);
    let seen = |rows: &str| {
        let mut ends = |name: &str, _| match name {
            "old" => Outcome::Printed {
                text: rows.to_owned(),
            },
            "clean" => exit(1),
            _ => exit(0),
        };
        let played = play(&plan, &mut ends, &mut nobody);
        end(&plan, &played)
    };
    assert_eq!(seen("7"), "forward by again");
    assert_eq!(seen("0"), "back by restore");
}

/// Feeds inputs until a step of this name is out, and returns the state and the number of its attempt.
fn until(plan: &Plan, wanted: &str) -> (State, runbook::engine::Attempt) {
    let mut state = State::new(plan);
    let mut inputs = vec![Input::Begin {
        by: "ann".to_owned(),
        confirmed: Vec::new(),
        entry: Entrance::Now,
        missing: Vec::new(),
    }];
    while let Some(input) = inputs.pop() {
        let before = state.clone();
        let mut effects = Vec::new();
        let stamp = Stamp {
            run: Moment(1),
            wall: 0,
        };
        apply(plan, &mut state, stamp, &input, &mut effects);
        assert_eq!(laws::broken(plan, (&before, &state), &effects), None);
        for effect in effects {
            if let Effect::Start {
                attempt,
                work: runbook::engine::Work::Step { step, .. },
                ..
            } = effect
            {
                if plan.steps[step.index()].name == wanted {
                    return (state, attempt);
                }
                inputs.push(Input::Ended {
                    attempt,
                    outcome: exit(0),
                });
            }
        }
    }
    panic!("{wanted} is never out");
}

fn levels_begun(plan: &Plan, state: &mut State, input: &Input) -> Vec<String> {
    let mut effects = Vec::new();
    let stamp = Stamp {
        run: state.now,
        wall: 0,
    };
    let before = state.clone();
    apply(plan, state, stamp, input, &mut effects);
    assert_eq!(laws::broken(plan, (&before, state), &effects), None);
    let began = effects.iter().filter_map(|effect| match effect {
        Effect::Say(Note::LevelBegan(level)) => Some(name_of(plan, *level).to_owned()),
        _ => None,
    });
    began.collect()
}

#[test]
fn an_order_names_a_level_of_the_way_that_is_left_or_counts_as_naming_none() {
    let plan = plan_of(STAGES, WAYS);
    let level = |wanted: &str| {
        let all = &plan.rollback.as_ref().expect("levels").levels;
        all.iter().find(|one| one.name == wanted).map(|one| one.id)
    };
    for (at, from, begins) in [
        ("copy", "restore", "restore"),
        ("copy", "by_hand", "restore"),
        ("drop", "restore", "again"),
        ("drop", "by_hand", "by_hand"),
    ] {
        let (mut state, attempt) = until(&plan, at);
        let order = Input::RollBack {
            from: level(from),
            by: "bea".to_owned(),
            reason: "enough".to_owned(),
        };
        assert_eq!(
            levels_begun(&plan, &mut state, &order),
            Vec::<String>::new()
        );
        let stopped = Input::Ended {
            attempt,
            outcome: Outcome::Stopped,
        };
        let began = levels_begun(&plan, &mut state, &stopped);
        assert_eq!(began, [begins], "in {at} from {from}");
    }
}

#[test]
fn a_level_of_the_wrong_way_breaks_a_law() {
    let plan = plan_of(STAGES, WAYS);
    let (state, _) = until(&plan, "drop");
    let mut after = state.clone();
    after.phase = runbook::engine::Phase::RollingBack {
        level: LevelId(0),
        began: after.now,
        deadline: after.now,
    };
    let law = laws::broken(&plan, (&state, &after), &[]);
    assert_eq!(
        law,
        Some(
            "behind the point of no return nothing is rolled back, and before it nothing goes forward"
        )
    );
    after = state.clone();
    after.past_return = None;
    let law = laws::broken(&plan, (&state, &after), &[]);
    assert_eq!(
        law,
        Some("a point of no return is passed once, and for good")
    );
}
