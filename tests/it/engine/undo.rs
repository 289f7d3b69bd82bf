//! Undoing: what began is undone, the newest first, and nothing else is. The worlds of these tests keep their own record of what truly
//! happened, and hold the engine against it.

use std::collections::BTreeMap;

use runbook::engine::{
    Answer, Attempt, Effect, Entrance, Input, Moment, Note, Outcome, Question, Stamp, State,
    Verdict, Work, apply, laws, wake,
};
use runbook::plan::{Op, Plan, StepId, Strand};
use runbook::source::SourceFile;

use super::stage::SECOND;

/// How an attempt ends: by the name of its step, and how often that was tried before.
pub(super) type Ends<'a> = &'a mut dyn FnMut(&str, usize) -> Outcome;

/// What a person answers to a question, by its text.
pub(super) type Says<'a> = &'a mut dyn FnMut(&Question) -> Option<Answer>;

/// A world in which nothing takes time.
pub(super) struct Played {
    /// The names of the steps that were run, in order, those that ask whether they are done already with a question mark.
    ran: Vec<String>,
    /// What was asked.
    pub(super) asked: Vec<String>,
    pub(super) verdict: Option<Verdict>,
    pub(super) notes: Vec<Note>,
}

impl Played {
    pub(super) fn ran(&self) -> Vec<&str> {
        self.ran.iter().map(String::as_str).collect()
    }
}

pub(super) fn exit(status: i32) -> Outcome {
    Outcome::Exited {
        status,
        said: String::new(),
    }
}

fn unknown() -> Outcome {
    Outcome::Unknown {
        why: "the runner died".to_owned(),
    }
}

fn plan_of(stage: &str, levels: &str) -> Plan {
    let text = format!(
        "runbook \"To be undone\"\nservice api\nrollout {{\n  stage out {{\n{stage}\n  }}\n}}\nrollback {{\n{levels}\n}}\n"
    );
    crate::check::plan_of(&SourceFile::new("a.runbook", text)).expect("a plan")
}

const ONE_LEVEL: &str = "  level all within 1h {\n    undo\n  }";
const TWO_LEVELS: &str =
    "  level first within 30m {\n    undo\n  }\n  level second within 30m {\n    undo\n  }";

const THREE: &str = r#"
    step a undo $ undo-a
      $ do-a
    step b undo $ undo-b
      $ do-b
    step c undo $ undo-c
      $ do-c
"#;

pub(super) fn play(plan: &Plan, ends: Ends<'_>, says: Says<'_>) -> Played {
    let mut state = State::new(plan);
    let mut played = Played {
        ran: Vec::new(),
        asked: Vec::new(),
        verdict: None,
        notes: Vec::new(),
    };
    let mut tried: BTreeMap<String, usize> = BTreeMap::new();
    let mut inputs = vec![Input::Begin {
        by: "ann".to_owned(),
        confirmed: Vec::new(),
        entry: Entrance::Now,
        missing: Vec::new(),
    }];
    let mut now = Moment(0);
    for _ in 0..500 {
        if played.verdict.is_some() {
            return played;
        }
        let input = if inputs.is_empty() {
            let Some(next) = wake(plan, &state) else {
                return played;
            };
            now = now.max(next);
            Input::Tick
        } else {
            inputs.remove(0)
        };
        let before = state.clone();
        let mut effects = Vec::new();
        let stamp = Stamp { run: now, wall: 0 };
        apply(plan, &mut state, stamp, &input, &mut effects);
        if let Some(law) = laws::broken(plan, (&before, &state), &effects) {
            panic!("broken law: {law}, by {input:?}");
        }
        for effect in effects {
            match effect {
                Effect::Start { attempt, work, .. } => {
                    let name = name(plan, work);
                    let number = tried.entry(name.clone()).or_default();
                    let outcome = ends(&name, *number);
                    *number += 1;
                    played.ran.push(name);
                    inputs.push(Input::Ended { attempt, outcome });
                }
                Effect::Ask(question) => {
                    played.asked.push(question.text.clone());
                    if let Some(answer) = says(&question) {
                        inputs.push(Input::Answered {
                            question: Some(question.number),
                            answer,
                            by: "bea".to_owned(),
                            reason: "I have looked".to_owned(),
                        });
                    }
                }
                Effect::Finish(verdict) => played.verdict = Some(verdict),
                Effect::Say(note) => played.notes.push(note),
                _ => {}
            }
        }
    }
    panic!("it goes on for ever: {:?}", played.ran);
}

fn name(plan: &Plan, work: Work) -> String {
    match work {
        Work::Step { step, .. } | Work::Check { step } => plan.steps[step.index()].name.clone(),
        Work::Unless { step } => format!("{}?", plan.steps[step.index()].name),
        Work::Set { .. } | Work::Read { .. } | Work::Probe { .. } => "other".to_owned(),
    }
}

/// Those of these names fail, always.
pub(super) fn failing<'a>(names: &'a [&'a str]) -> impl FnMut(&str, usize) -> Outcome + 'a {
    |name, _| exit(i32::from(names.contains(&name)))
}

pub(super) fn nobody(_: &Question) -> Option<Answer> {
    None
}

fn rolled_back(played: &Played) -> usize {
    match &played.verdict {
        Some(Verdict::RolledBack { level }) => level.index(),
        other => panic!("{other:?} after {:?}", played.ran),
    }
}

#[test]
fn what_began_is_undone_the_newest_first() {
    let plan = plan_of(THREE, ONE_LEVEL);
    let played = play(&plan, &mut failing(&["b"]), &mut nobody);
    assert_eq!(played.ran(), ["a", "b", "undo b", "undo a"]);
    assert_eq!(rolled_back(&played), 0);
    let undone = |note: &&Note| matches!(note, Note::Undone { .. });
    assert_eq!(played.notes.iter().filter(undone).count(), 2);
    assert!(played.notes.contains(&Note::NothingToUndo));
}

#[test]
fn what_was_done_already_is_not_undone() {
    let stage = "    step a unless $ is-a\n      undo $ undo-a\n      $ do-a\n    step b $ do-b";
    let plan = plan_of(stage, ONE_LEVEL);
    let mut done = failing(&["b"]);
    let played = play(&plan, &mut done, &mut nobody);
    assert_eq!(played.ran(), ["a?", "b"]);
    let played = play(&plan, &mut failing(&["a?", "b"]), &mut nobody);
    assert_eq!(played.ran(), ["a?", "a", "b", "undo a"]);
}

#[test]
fn what_never_began_is_not_undone() {
    let plan = plan_of(THREE, ONE_LEVEL);
    let mut cannot = |name: &str, _| match name {
        "b" => Outcome::NotStarted {
            why: "no such program".to_owned(),
        },
        _ => exit(0),
    };
    let played = play(&plan, &mut cannot, &mut nobody);
    assert_eq!(played.ran(), ["a", "b", "undo a"]);
    // The runner died before it could begin it, and then it failed: it began.
    let mut dies = |name: &str, number| match (name, number) {
        ("b", 0) => Outcome::NeverBegan,
        ("b", _) => exit(1),
        _ => exit(0),
    };
    let played = play(&plan, &mut dies, &mut nobody);
    assert_eq!(played.ran(), ["a", "b", "b", "undo b", "undo a"]);
}

#[test]
fn every_end_of_a_step_but_one_that_never_began_is_undone() {
    let plan = plan_of(THREE, ONE_LEVEL);
    let ends = [
        exit(1),
        Outcome::TimedOut,
        Outcome::Stopped,
        Outcome::Signalled { signal: 9 },
    ];
    for end in ends {
        let mut b = |name: &str, _| if name == "b" { end.clone() } else { exit(0) };
        let played = play(&plan, &mut b, &mut nobody);
        assert_eq!(played.ran(), ["a", "b", "undo b", "undo a"], "{end:?}");
    }
}

#[test]
fn what_may_fail_is_undone_too() {
    let stage = THREE.replace("step b", "step b on failure continue");
    let plan = plan_of(&stage, ONE_LEVEL);
    let played = play(&plan, &mut failing(&["b", "c"]), &mut nobody);
    assert_eq!(played.ran(), ["a", "b", "c", "undo c", "undo b", "undo a"]);
}

#[test]
fn an_undo_that_fails_ends_its_level_and_the_next_one_undoes_the_rest() {
    let plan = plan_of(THREE, TWO_LEVELS);
    let mut once = |name: &str, number: usize| match name {
        "c" => exit(1),
        "undo b" if number == 0 => exit(1),
        _ => exit(0),
    };
    let played = play(&plan, &mut once, &mut nobody);
    assert_eq!(
        played.ran(),
        ["a", "b", "c", "undo c", "undo b", "undo b", "undo a"]
    );
    assert_eq!(rolled_back(&played), 1);
    // And with one level alone a person is needed.
    let plan = plan_of(THREE, ONE_LEVEL);
    let played = play(&plan, &mut failing(&["c", "undo b"]), &mut nobody);
    assert_eq!(played.ran(), ["a", "b", "c", "undo c", "undo b"]);
    assert!(matches!(played.verdict, Some(Verdict::Stuck { .. })));
}

const IN_PARTS: &str = r#"
    step a undo {
      $ first
      step second retry 1 every 1s $ second
      $ third
    }
      $ do-a
    step b $ do-b
"#;

#[test]
fn what_undoes_in_parts_goes_on_where_it_was() {
    let plan = plan_of(IN_PARTS, TWO_LEVELS);
    let mut ends = |name: &str, number: usize| match name {
        "b" => exit(1),
        "second" if number < 2 => exit(1),
        _ => exit(0),
    };
    let played = play(&plan, &mut ends, &mut nobody);
    assert_eq!(
        played.ran(),
        [
            "a", "b", "undo a.1", "second", "second", // the level fails
            "second", "undo a.3",
        ]
    );
    assert_eq!(rolled_back(&played), 1);
}

/// Nobody knows whether the step happened, and the file says to roll back.
#[test]
fn whether_it_happened_is_asked_before_it_is_undone() {
    let stage = THREE.replace("step b", "step b on unknown rollback");
    let plan = plan_of(&stage, TWO_LEVELS);
    let mut b = |name: &str, _| if name == "b" { unknown() } else { exit(0) };
    for (answer, ran) in [
        (Some(Answer::Undo), vec!["a", "b", "undo b", "undo a"]),
        (Some(Answer::Leave), vec!["a", "b", "undo a"]),
        // Nobody answers: both levels are cut off, and nothing was undone behind anybody's back.
        (None, vec!["a", "b"]),
    ] {
        let played = play(&plan, &mut b, &mut |_| answer);
        assert_eq!(played.ran(), ran, "{answer:?}");
        assert!(
            played.asked[0].contains("whether step b happened"),
            "{:?}",
            played.asked
        );
        assert_eq!(played.asked.len(), if answer.is_some() { 1 } else { 2 });
    }
}

#[test]
fn what_a_person_says_of_a_step_counts_when_it_is_undone() {
    let plan = plan_of(THREE, ONE_LEVEL);
    let mut ends = |name: &str, number: usize| match (name, number) {
        ("b", 0) => unknown(),
        ("c", _) => exit(1),
        _ => exit(0),
    };
    // It happened: it is undone, and nobody is asked again.
    let played = play(&plan, &mut ends, &mut |_| Some(Answer::Continue));
    assert_eq!(played.ran(), ["a", "b", "c", "undo c", "undo b", "undo a"]);
    assert_eq!(played.asked.len(), 1);
    // It is run again: undone once.
    let played = play(&plan, &mut ends, &mut |_| Some(Answer::Rerun));
    assert_eq!(
        played.ran(),
        ["a", "b", "b", "c", "undo c", "undo b", "undo a"]
    );
}

#[test]
fn what_says_that_it_is_done_already_says_whether_it_happened() {
    let stage = THREE.replace("step b", "step b unless $ is-b\n     ");
    let plan = plan_of(&stage, ONE_LEVEL);
    // It is done, and this run did it.
    let mut done = |name: &str, number: usize| match (name, number) {
        ("b", 0) => unknown(),
        ("b?", 0) | ("c", _) => exit(1),
        _ => exit(0),
    };
    let played = play(&plan, &mut done, &mut nobody);
    assert_eq!(
        played.ran(),
        ["a", "b?", "b", "b?", "c", "undo c", "undo b", "undo a"]
    );
    // It is not done, and cannot be started any more: there is nothing to undo.
    let mut gone = |name: &str, number: usize| match (name, number) {
        ("b", 0) => unknown(),
        ("b?", _) => exit(1),
        ("b", _) => Outcome::NotStarted {
            why: "no such program".to_owned(),
        },
        _ => exit(0),
    };
    let played = play(&plan, &mut gone, &mut nobody);
    assert_eq!(played.ran(), ["a", "b?", "b", "b?", "b", "undo a"]);
}

/// What became of an undo is asked like what became of a step; and once more by the next level, before it is run again.
#[test]
fn an_undo_of_which_nobody_knows_is_not_run_twice() {
    let plan = plan_of(THREE, TWO_LEVELS);
    let mut ends = |name: &str, number: usize| match (name, number) {
        ("b", _) => exit(1),
        ("undo b", 0) => unknown(),
        _ => exit(0),
    };
    let played = play(&plan, &mut ends, &mut |_| Some(Answer::Continue));
    assert_eq!(played.ran(), ["a", "b", "undo b", "undo a"]);
    let played = play(&plan, &mut ends, &mut |_| Some(Answer::Rerun));
    assert_eq!(played.ran(), ["a", "b", "undo b", "undo b", "undo a"]);
    for (then, ran) in [
        (Answer::Undo, vec!["a", "b", "undo b", "undo b", "undo a"]),
        (Answer::Leave, vec!["a", "b", "undo b", "undo a"]),
    ] {
        let mut says = |question: &Question| {
            let again = question.answers.contains(&Answer::Undo);
            Some(if again { then } else { Answer::Rollback })
        };
        let played = play(&plan, &mut ends, &mut says);
        assert_eq!(played.ran(), ran);
        assert_eq!(played.asked.len(), 2, "{:?}", played.asked);
        assert!(played.asked[1].contains("whether step b was undone"));
        assert_eq!(rolled_back(&played), 1);
    }
    // What says that it may be run again is.
    let stage = THREE.replace("undo $ undo-b", "undo {\n step ub idempotent $ undo-b\n }");
    let plan = plan_of(&stage, TWO_LEVELS);
    let mut ends = |name: &str, number: usize| match (name, number) {
        ("b", _) => exit(1),
        ("ub", 0) => unknown(),
        _ => exit(0),
    };
    let played = play(&plan, &mut ends, &mut nobody);
    assert_eq!(played.ran(), ["a", "b", "ub", "ub", "undo a"]);
}

/// One that may finish finishes, and is undone like the others.
#[test]
fn a_protected_step_that_finished_is_undone() {
    let stage = THREE.replace("step b", "step b protected");
    let plan = plan_of(&stage, ONE_LEVEL);
    let mut state = State::new(&plan);
    let mut effects = Vec::new();
    let stamp = |second: u64| Stamp {
        run: Moment(second * SECOND),
        wall: 0,
    };
    let ended = |attempt: u32, outcome: Outcome| Input::Ended {
        attempt: Attempt(attempt),
        outcome,
    };
    let inputs = [
        Input::Begin {
            by: "ann".to_owned(),
            confirmed: Vec::new(),
            entry: Entrance::Now,
            missing: Vec::new(),
        },
        ended(0, exit(0)),
        Input::RollBack {
            from: None,
            by: "bea".to_owned(),
            reason: "it smells".to_owned(),
        },
        ended(1, exit(0)),
    ];
    for (second, input) in inputs.iter().enumerate() {
        effects.clear();
        apply(&plan, &mut state, stamp(second as u64), input, &mut effects);
        let stops = effects.iter().any(|one| matches!(one, Effect::Stop { .. }));
        assert!(!stops, "{effects:?}");
    }
    let next = effects.iter().find_map(|effect| match effect {
        Effect::Start { work, .. } => Some(name(&plan, *work)),
        _ => None,
    });
    assert_eq!(next.as_deref(), Some("undo b"));
}

/// Someone on call sees what a rollback would undo.
#[test]
fn the_status_says_what_can_be_undone() {
    let plan = plan_of(THREE, ONE_LEVEL);
    let mut state = State::new(&plan);
    let mut effects = Vec::new();
    let stamp = Stamp {
        run: Moment(SECOND),
        wall: 0,
    };
    let ended = |attempt: u32, outcome: Outcome| Input::Ended {
        attempt: Attempt(attempt),
        outcome,
    };
    let begin = Input::Begin {
        by: "ann".to_owned(),
        confirmed: Vec::new(),
        entry: Entrance::Now,
        missing: Vec::new(),
    };
    for input in [begin, ended(0, exit(0)), ended(1, unknown())] {
        apply(&plan, &mut state, stamp, &input, &mut effects);
    }
    let page = runbook::report::page(
        &plan,
        &state,
        "r1",
        (Moment(SECOND), "nobody"),
        Moment(SECOND),
    );
    let wanted = "undo      can be undone: b (nobody knows whether it happened), a\n";
    assert!(page.contains(wanted), "{page}");
}

/// The order is that in which the attempts began, whichever strand they are in.
#[test]
fn strands_are_undone_in_the_order_of_their_beginning() {
    let mut plan = plan_of(THREE, ONE_LEVEL);
    let strand = |name: &str, step: u32| Strand {
        name: name.to_owned(),
        ops: vec![Op::Step(StepId(step))],
    };
    let ids: Vec<u32> = ["c", "a", "b"]
        .iter()
        .map(|name| {
            let step = plan.steps.iter().find(|step| step.name == *name);
            step.expect("a step").id.0
        })
        .collect();
    plan.stages[0].ops = vec![
        Op::Parallel {
            strands: vec![
                strand("1", ids[0]),
                strand("2", ids[1]),
                strand("3", ids[2]),
            ],
            most: Some(2),
            hosts: None,
        },
        Op::Fail {
            why: runbook::plan::Template(Vec::new()),
        },
    ];
    let played = play(&plan, &mut failing(&[]), &mut nobody);
    assert_eq!(played.ran(), ["c", "a", "b", "undo b", "undo a", "undo c"]);
}

/// Each turn of a loop is undone with its own value, and only what began is: in strands, and in the way of an `if` that was gone.
#[test]
fn turns_and_strands_and_the_way_that_was_gone_are_undone() {
    let stage = r#"
    for region in ["eu", "us", "ap"] {
      step deploy undo $ undeploy "$region"
        $ deploy "$region"
    }
    if 1 < 2 {
      step open undo $ close
        $ open
    } else {
      step other undo $ undo-other
        $ other
    }
    parallel {
      step a undo { step a_back idempotent $ undo-a
      }
        $ do-a
      strand rest {
        step b undo $ undo-b
          $ do-b
        step c undo $ undo-c
          $ do-c
      }
    }
"#;
    let plan = plan_of(stage, ONE_LEVEL);
    let played = play(&plan, &mut failing(&["c"]), &mut nobody);
    let ran = played.ran();
    let began: Vec<&str> = ran
        .iter()
        .copied()
        .filter(|name| !name.starts_with("undo ") && *name != "a_back")
        .collect();
    assert_eq!(
        began,
        [
            "deploy[eu]",
            "deploy[us]",
            "deploy[ap]",
            "open",
            "a",
            "b",
            "c"
        ]
    );
    assert_eq!(
        ran[began.len()..],
        [
            "undo c",
            "undo b",
            "a_back",
            "undo open",
            "undo deploy[ap]",
            "undo deploy[us]",
            "undo deploy[eu]"
        ]
    );
    // What undoes a turn has the value of the turn.
    for step in plan.steps.iter().filter(|step| step.name.contains('[')) {
        let region = step.env.iter().find(|one| one.name == "region");
        let region = format!("{:?}", region.expect("the variable of the loop").value);
        let turn = step.name.split(['[', ']']).nth(1).expect("a turn");
        assert!(region.contains(turn), "{}: {region}", step.name);
    }
    // The level cannot have begun what it undoes in the way that is not gone.
    assert!(plan.steps.iter().all(|step| step.name != "undo other"));
}

/// A level that is too short for what a loop can leave to be undone is refused: each turn counts.
#[test]
fn every_turn_counts_in_the_worst_case_of_a_level() {
    let text = |list: &str| {
        format!(
            "runbook \"Turns\"\nservice api\nrollout {{\n  stage out {{\n    for n in [{list}] {{\n      step a undo {{\n        step back timeout n * 1m grace 1s $ undo-a\n      }}\n        $ do-a\n    }}\n  }}\n}}\nrollback {{\n  level all within 5m {{\n    undo\n  }}\n}}\n"
        )
    };
    let found = |list: &str| {
        let (_, found) = runbook::plan::check_file(&SourceFile::new("a.runbook", text(list)));
        let found: Vec<String> = found.iter().map(|one| one.name.to_string()).collect();
        found.join(" ")
    };
    assert!(
        !found("1, 2").contains("level-overruns"),
        "{}",
        found("1, 2")
    );
    assert!(
        found("1, 2, 3").contains("overruns"),
        "{}",
        found("1, 2, 3")
    );
}
