//! What begins beside an outcome that nobody knows: only looking, until a person has answered.

use runbook::engine::{Answer, Attempt, Input, Outcome, Work};
use runbook::plan::{ExposureId, OnUnknown, Op, Plan, StepId, Unless};

use super::stage::minutes;
use super::strands::{ByHand, answer, bare, failed, ok, strand, three, unknown};

/// What makes a plan another one.
type Change = fn(&mut Plan);

/// Strands whose attempts are found out in this order: of the first nobody knows, the second never began. Gives what is out
/// after that, and after the answer.
fn beside_an_unknown(
    change: impl FnOnce(&mut Plan),
    second: Outcome,
) -> (Vec<String>, Vec<String>) {
    let mut plan = bare(None);
    change(&mut plan);
    let mut run = ByHand::begun(plan);
    let attempts: Vec<Attempt> = run.state.running.iter().map(|one| one.attempt).collect();
    let [a, b, c] = attempts.as_slice() else {
        panic!("three are out: {:?}", run.state.running);
    };
    run.feed(100, &Input::Resumed { by: "bob".into() });
    run.end(100, *a, unknown());
    assert_eq!(run.state.questions.len(), 1);
    run.end(100, *b, second);
    run.end(100, *c, ok());
    let all = |run: &ByHand| -> Vec<String> {
        let all = run.out().into_iter();
        all.map(|(name, _)| name.to_owned()).collect()
    };
    let before = all(&run);
    let (_, answered) = answer(200, 0, Answer::Continue);
    run.feed(200, &answered);
    (before, all(&run))
}

#[test]
fn nothing_that_changes_something_begins_beside_an_unknown_outcome() {
    let then = ["a2", "b1", "c2"];
    let cases: [(&str, Change, Outcome); 4] = [
        ("it never began", |_| {}, Outcome::NeverBegan),
        (
            "it is not done yet",
            |plan| {
                plan.steps[4].unless = Some(Unless::Command(plan.steps[4].command.clone()));
            },
            failed(1),
        ),
        (
            "it may be run again",
            |plan| plan.steps[4].idempotent = true,
            unknown(),
        ),
        (
            "the file says so",
            |plan| plan.steps[4].on_unknown = OnUnknown::Rerun,
            unknown(),
        ),
    ];
    for (what, change, outcome) in cases {
        let (before, after) = beside_an_unknown(change, outcome);
        assert_eq!(before, [""; 0], "{what}: nothing begins before the answer");
        assert_eq!(after, then, "{what}: all go on after it");
    }
}

#[test]
fn an_exposure_of_one_strand_is_not_set_again_beside_an_unknown_outcome() {
    let mut plan = three(None);
    plan.metrics.clear();
    plan.rollback = None;
    let expose = Op::Expose {
        exposure: ExposureId(0),
        target: 10.0,
        within: minutes(1),
    };
    plan.stages[0].ops = vec![Op::Parallel {
        strands: vec![
            strand("a", vec![Op::Step(StepId(2))]),
            strand("b", vec![expose]),
        ],
        most: None,
        hosts: None,
    }];
    let mut run = ByHand::begun(plan);
    let read = run.state.running[0].attempt;
    run.end(1, read, Outcome::Read { value: 0.0 });
    let [a, set] = [0, 1].map(|index| run.state.running[index].attempt);
    run.end(2, a, unknown());
    run.end(2, set, unknown());
    let works =
        |run: &ByHand| -> Vec<Work> { run.state.running.iter().map(|one| one.work).collect() };
    assert!(
        matches!(works(&run)[..], [Work::Read { .. }]),
        "{:?}",
        works(&run)
    );
    // It was not set; whether the step has done something is still open.
    let look = run.state.running[0].attempt;
    run.end(3, look, Outcome::Read { value: 0.0 });
    assert_eq!(works(&run), []);
    let (_, answered) = answer(4, 0, Answer::Continue);
    run.feed(240, &answered);
    assert!(
        matches!(works(&run)[..], [Work::Set { .. }]),
        "{:?}",
        works(&run)
    );
}
