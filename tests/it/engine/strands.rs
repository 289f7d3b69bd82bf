//! Several attempts at once: every fault of one strand while others are under way.

use runbook::engine::{
    Answer, Attempt, Effect, Input, LeaveWhy, Moment, Outcome, Stamp, State, Task, Work, apply,
    laws, wake,
};
use runbook::plan::{
    Approval, ApprovalId, Comparison, Level, OnFailure, OnUnknown, Op, Otherwise, Piece, Plan,
    Retry, StepId, Strand, Template, level_bound,
};
use runbook::simulate::{Feed, Scenario};
use runbook::value::Millis;

use super::stage::{MINUTE, SECOND, error_rate, minutes, plan, play, step};

pub(super) fn failed(status: i32) -> Outcome {
    Outcome::Exited {
        status,
        said: String::new(),
    }
}

pub(super) fn ok() -> Outcome {
    failed(0)
}

pub(super) fn unknown() -> Outcome {
    Outcome::Unknown {
        why: "nobody looked".into(),
    }
}

pub(super) fn strand(name: &str, ops: Vec<Op>) -> Strand {
    Strand {
        name: name.into(),
        ops,
    }
}

/// One stage with three strands, each of two steps: `a1 a2`, `b1 b2`, `c1 c2`; then `last`.
pub(crate) fn three(most: Option<u32>) -> Plan {
    let mut plan = plan();
    let names = ["a1", "a2", "b1", "b2", "c1", "c2", "last"];
    for (index, name) in names.iter().enumerate() {
        let id = u32::try_from(index).unwrap() + 2;
        plan.steps.push(step(id, name));
    }
    let pair = |name: &str, first: u32| {
        let ops = vec![Op::Step(StepId(first)), Op::Step(StepId(first + 1))];
        strand(name, ops)
    };
    plan.stages.truncate(1);
    plan.stages[0].ops = vec![
        Op::Parallel {
            strands: vec![pair("a", 2), pair("b", 4), pair("c", 6)],
            most,
            hosts: None,
        },
        Op::Step(StepId(8)),
    ];
    plan.guards.clear();
    plan
}

fn well(plan: &Plan) -> Scenario {
    let mut scenario = Scenario::all_goes_well(plan, "ann");
    scenario.until = Some(Moment(3 * 60 * MINUTE));
    for (index, step) in plan.steps.iter().enumerate() {
        let takes = Millis((u64::try_from(index).unwrap() + 1) * SECOND);
        scenario.steps.insert(step.id, vec![(ok(), takes)]);
    }
    scenario
}

fn ends(scenario: &mut Scenario, step: u32, ways: &[(Outcome, u64)]) {
    let ways = ways.iter().cloned();
    let ways = ways.map(|(outcome, seconds)| (outcome, Millis(seconds * SECOND)));
    scenario.steps.insert(StepId(step), ways.collect());
}

#[test]
fn strands_are_under_way_at_once_and_joined_when_all_have_ended() {
    let plan = three(None);
    insta::assert_snapshot!(play(&plan, well(&plan)));
}

#[test]
fn no_more_than_the_file_says_are_under_way_and_the_next_begins_in_order() {
    let plan = three(Some(2));
    insta::assert_snapshot!(play(&plan, well(&plan)));
    let one = three(Some(1));
    let text = play(&one, well(&one));
    let begun: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split_once("  run         "))
        .map(|(_, step)| step.split_once(' ').map_or(step, |(name, _)| name))
        .collect();
    assert_eq!(begun, ["a1", "a2", "b1", "b2", "c1", "c2", "last"]);
}

#[test]
fn a_strand_that_fails_stops_the_others_and_the_rollback_waits_for_their_end() {
    let mut plan = three(None);
    plan.steps[7].protected = true;
    let mut scenario = well(&plan);
    ends(&mut scenario, 2, &[(failed(3), 20)]);
    ends(&mut scenario, 5, &[(ok(), 50)]);
    ends(&mut scenario, 7, &[(ok(), 30)]);
    insta::assert_snapshot!(play(&plan, scenario));
}

#[test]
fn a_strand_that_may_fail_stops_nothing() {
    let mut plan = three(None);
    plan.steps[2].on_failure = OnFailure::Continue;
    let mut scenario = well(&plan);
    ends(&mut scenario, 2, &[(failed(3), 1)]);
    let text = play(&plan, scenario);
    assert!(text.contains("a1: exit status 3"), "{text}");
    assert!(text.contains("done        a2"), "{text}");
    assert!(text.contains("completed"), "{text}");
}

#[test]
fn a_strand_that_holds_lets_nothing_new_begin_in_any_other() {
    let mut plan = three(None);
    plan.steps[2].on_failure = OnFailure::Hold;
    let mut scenario = well(&plan);
    ends(&mut scenario, 2, &[(failed(3), 1), (ok(), 1)]);
    scenario.otherwise = Some((Answer::Rerun, minutes(2)));
    insta::assert_snapshot!(play(&plan, scenario));
}

#[test]
fn retries_of_one_strand_wait_for_the_answer_about_another() {
    let mut plan = three(None);
    plan.steps[4].retry = Retry {
        more: 1,
        first: Millis(10 * SECOND),
        most: Millis(10 * SECOND),
    };
    let mut scenario = well(&plan);
    ends(&mut scenario, 2, &[(unknown(), 1)]);
    ends(&mut scenario, 4, &[(failed(1), 2), (ok(), 1)]);
    scenario.otherwise = Some((Answer::Continue, minutes(5)));
    let text = play(&plan, scenario);
    let again = text.lines().find(|line| line.contains("b1 (attempt 2"));
    assert!(again.is_some_and(|line| line.contains("5m1s")), "{text}");
    assert!(text.contains("completed"), "{text}");
}

#[test]
fn two_unknown_outcomes_are_two_questions_and_nothing_is_run_twice() {
    let plan = three(None);
    let mut scenario = well(&plan);
    ends(&mut scenario, 2, &[(unknown(), 1)]);
    ends(&mut scenario, 6, &[(unknown(), 2)]);
    scenario.facts = vec![
        answer(10, 1, Answer::Rerun),
        answer(20, 0, Answer::Continue),
    ];
    ends(&mut scenario, 6, &[(unknown(), 2), (ok(), 1)]);
    insta::assert_snapshot!(play(&plan, scenario));
}

pub(super) fn answer(at: u64, number: u32, answer: Answer) -> (Moment, Input) {
    let input = Input::Answered {
        question: Some(runbook::engine::QuestionNumber(number)),
        answer,
        by: "ann".into(),
        reason: "looked".into(),
    };
    (Moment(at * MINUTE), input)
}

#[test]
fn on_unknown_rollback_in_one_strand_stops_the_others() {
    let mut plan = three(None);
    plan.steps[2].on_unknown = OnUnknown::Rollback;
    let mut scenario = well(&plan);
    ends(&mut scenario, 2, &[(unknown(), 1)]);
    let text = play(&plan, scenario);
    assert_eq!(text.matches("told to stop").count(), 2, "{text}");
    assert!(text.contains("rolled back"), "{text}");
}

#[test]
fn a_person_rolls_back_and_everything_is_stopped_first() {
    let plan = three(None);
    let mut scenario = well(&plan);
    for step in [2, 4, 6] {
        ends(&mut scenario, step, &[(ok(), 40)]);
    }
    scenario.facts.push((
        Moment(10 * SECOND),
        Input::RollBack {
            from: None,
            by: "bob".into(),
            reason: "wrong version".into(),
        },
    ));
    let text = play(&plan, scenario);
    let stopped = text.rfind("told to stop").expect("stopped");
    let back = text.find("ROLLBACK").expect("rolled back");
    assert!(stopped < back, "{text}");
    assert_eq!(text.matches("told to stop").count(), 3, "{text}");
}

#[test]
fn a_soak_counts_while_the_other_strands_go_on_and_while_one_asks_for_an_approval() {
    let mut plan = three(None);
    plan.approvals.push(Approval {
        id: ApprovalId(0),
        text: Template(vec![Piece::Text("Go".into())]),
        group: "release".into(),
        count: 1,
        within: minutes(60),
        otherwise: Otherwise::Rollback,
        from: None,
    });
    let soak = Op::Wait {
        min: minutes(10),
        max: minutes(40),
    };
    plan.stages[0].ops[0] = Op::Parallel {
        strands: vec![
            strand("soak", vec![soak]),
            strand("ask", vec![Op::Approve(ApprovalId(0))]),
            strand("work", vec![Op::Step(StepId(2)), Op::Step(StepId(3))]),
        ],
        most: None,
        hosts: None,
    };
    let mut scenario = well(&plan);
    scenario.approvals = Some((Answer::Approve, minutes(30)));
    insta::assert_snapshot!(play(&plan, scenario));
}

#[test]
fn a_guard_that_holds_stops_every_strand_and_its_rollback_ends_them() {
    let mut plan = three(Some(2));
    let healthy = super::stage::plan();
    plan.guards = healthy.guards;
    let mut scenario = well(&plan);
    for step in [2, 4] {
        ends(&mut scenario, step, &[(ok(), 50)]);
    }
    for step in [3, 5] {
        ends(&mut scenario, step, &[(ok(), 55)]);
    }
    for step in [6, 7] {
        ends(&mut scenario, step, &[(ok(), 50)]);
    }
    scenario.feeds.insert(
        runbook::plan::MetricId(0),
        vec![Feed {
            from: Moment(0),
            reading: runbook::engine::Reading::NoData("empty".into()),
        }],
    );
    // Blind from 1m of warm-up and 1m without sight on: what runs ends, nothing new begins.
    let text = play(&plan, scenario.clone());
    assert!(text.contains("HELD"), "{text}");
    assert!(text.contains("done        c1"), "{text}");
    assert!(!text.contains("run         c2"), "{text}");
    scenario.feeds.insert(
        runbook::plan::MetricId(0),
        vec![Feed {
            from: Moment(61 * SECOND),
            reading: runbook::engine::Reading::Value(50.0),
        }],
    );
    insta::assert_snapshot!(play(&plan, scenario));
}

/// A level of two strands that hang.
fn hanging_level() -> Plan {
    let mut plan = three(None);
    let Some(rollback) = &mut plan.rollback else {
        panic!("there is a rollback");
    };
    rollback.levels[1].ops = vec![Op::Parallel {
        strands: vec![
            strand("a", vec![Op::Step(StepId(2)), Op::Step(StepId(3))]),
            strand("b", vec![Op::Step(StepId(4))]),
        ],
        most: None,
        hosts: None,
    }];
    rollback.levels[1].within = Millis(50 * SECOND);
    plan.stages[0].ops = vec![Op::Step(StepId(8))];
    plan
}

#[test]
fn the_end_of_a_levels_time_cuts_off_every_strand() {
    let plan = hanging_level();
    let mut scenario = well(&plan);
    ends(&mut scenario, 8, &[(failed(1), 1)]);
    ends(&mut scenario, 2, &[(ok(), 45)]);
    ends(&mut scenario, 3, &[(ok(), 55)]);
    ends(&mut scenario, 4, &[(ok(), 58)]);
    insta::assert_snapshot!(play(&plan, scenario));
}

#[test]
fn an_interruption_stops_what_is_not_protected_and_waits_for_what_is() {
    let mut plan = three(None);
    plan.steps[4].protected = true;
    let mut scenario = well(&plan);
    for step in [2, 4, 6] {
        ends(&mut scenario, step, &[(ok(), 40)]);
    }
    scenario.facts.push((Moment(10 * SECOND), Input::Interrupt));
    let text = play(&plan, scenario);
    assert_eq!(text.matches("told to stop").count(), 2, "{text}");
    assert!(text.contains("40s  done        b1"), "{text}");
    assert!(!text.contains("run         b2"), "{text}");
    assert!(text.contains("left: Interrupted"), "{text}");
}

#[test]
fn leaving_waits_for_every_strand_and_begins_nothing() {
    let plan = three(None);
    let mut scenario = well(&plan);
    ends(&mut scenario, 6, &[(ok(), 40)]);
    let leave = Input::Leave {
        why: LeaveWhy::Held,
    };
    scenario.facts.push((Moment(SECOND), leave));
    let text = play(&plan, scenario);
    assert!(text.contains("40s  done        c1"), "{text}");
    assert!(!text.contains("run         a2"), "{text}");
    assert!(text.contains("left: Held"), "{text}");
}

/// An engine that is fed by hand; the laws are looked at with every input.
pub(super) struct ByHand {
    plan: Plan,
    pub(super) state: State,
}

impl ByHand {
    pub(super) fn begun(plan: Plan) -> Self {
        let state = State::new(&plan);
        let mut all = Self { plan, state };
        all.feed(
            0,
            &Input::Begin {
                by: "ann".into(),
                confirmed: Vec::new(),
                entry: runbook::engine::Entrance::Now,
                missing: Vec::new(),
            },
        );
        all
    }

    pub(super) fn feed(&mut self, at: u64, input: &Input) -> Vec<Effect> {
        let before = self.state.clone();
        let stamp = Stamp {
            run: Moment(at * SECOND),
            wall: 0,
        };
        let mut effects = Vec::new();
        apply(&self.plan, &mut self.state, stamp, input, &mut effects);
        let law = laws::broken(&self.plan, (&before, &self.state), &effects);
        assert_eq!(law, None, "{effects:?}");
        if self.state.verdict().is_none() {
            let wakes = wake(&self.plan, &self.state);
            assert!(
                wakes.is_none_or(|wakes| wakes >= self.state.now),
                "no busy wake: {wakes:?} in {:?}",
                self.state
            );
        }
        effects
    }

    pub(super) fn end(&mut self, at: u64, attempt: Attempt, outcome: Outcome) -> Vec<Effect> {
        self.feed(at, &Input::Ended { attempt, outcome })
    }

    /// The steps that are out, by name.
    pub(super) fn out(&self) -> Vec<(&str, Attempt)> {
        let all = self.state.running.iter();
        all.filter_map(|running| match running.work {
            Work::Step { step, .. } => {
                let name = self.plan.steps[step.index()].name.as_str();
                Some((name, running.attempt))
            }
            _ => None,
        })
        .collect()
    }

    fn attempt(&self, name: &str) -> Attempt {
        let all = self.out();
        let found = all.iter().find(|(step, _)| *step == name);
        found
            .unwrap_or_else(|| panic!("{name} is not out: {all:?}"))
            .1
    }
}

/// Three strands and no metrics or exposures: everything that is out is a step.
pub(super) fn bare(most: Option<u32>) -> Plan {
    let mut plan = three(most);
    plan.metrics.clear();
    plan.exposures.clear();
    let Some(rollback) = &mut plan.rollback else {
        panic!("there is a rollback");
    };
    rollback.recovered = None;
    rollback.levels.remove(0);
    rollback.levels[0].id = runbook::plan::LevelId(0);
    plan
}

#[test]
fn a_runner_that_dies_finds_every_attempt_again() {
    let mut run = ByHand::begun(bare(None));
    let names: Vec<&str> = run.out().iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["a1", "b1", "c1"]);
    let [a, b, c] = ["a1", "b1", "c1"].map(|name| run.attempt(name));
    let resumed = run.feed(100, &Input::Resumed { by: "bob".into() });
    assert!(
        !resumed
            .iter()
            .any(|one| matches!(one, Effect::Start { .. }))
    );
    // One is known, one never began, of one nobody knows.
    run.end(100, a, ok());
    run.end(100, b, Outcome::NeverBegan);
    let names: Vec<&str> = run.out().iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["c1", "a2", "b1"]);
    assert_ne!(run.attempt("b1"), b, "it is another attempt");
    run.end(100, c, unknown());
    assert_eq!(run.state.questions.len(), 1);
    let a2 = run.attempt("a2");
    run.end(101, a2, ok());
    let b1 = run.attempt("b1");
    run.end(102, b1, ok());
    assert_eq!(run.out(), [], "nothing begins beside what nobody knows");
    run.feed(
        200,
        &Input::Answered {
            question: None,
            answer: Answer::Continue,
            by: "bob".into(),
            reason: "it is there".into(),
        },
    );
    let names: Vec<&str> = run.out().iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["b2", "c2"]);
}

#[test]
fn a_runner_that_dies_while_it_is_interrupted_leaves_no_strand_behind() {
    let mut run = ByHand::begun(bare(None));
    run.feed(1, &Input::Interrupt);
    let [a, b, c] = ["a1", "b1", "c1"].map(|name| run.attempt(name));
    run.end(2, a, Outcome::Stopped);
    run.feed(50, &Input::Resumed { by: "bob".into() });
    run.end(50, b, Outcome::Stopped);
    run.end(50, c, ok());
    let asking = run
        .state
        .strands
        .values()
        .filter(|strand| matches!(strand.task, Task::Asking { .. }))
        .count();
    assert_eq!(asking, 2, "{:?}", run.state.strands);
    assert_eq!(run.state.questions.len(), 2);
    assert_eq!(run.out(), []);
}

#[test]
fn an_if_is_decided_when_the_run_comes_to_it() {
    let mut plan = three(None);
    let decides = |value| Op::If {
        condition: error_rate(Comparison::Greater, value),
        within: minutes(2),
        warmup: Millis(0),
        then: vec![Op::Step(StepId(2))],
        otherwise: vec![Op::Step(StepId(4))],
    };
    plan.stages[0].ops = vec![decides(5.0), Op::Step(StepId(8))];
    let mut text = String::new();
    for (what, reading) in [
        ("it holds", runbook::engine::Reading::Value(7.0)),
        ("it does not", runbook::engine::Reading::Value(1.0)),
        (
            "nobody knows",
            runbook::engine::Reading::NoData("empty".into()),
        ),
    ] {
        let mut scenario = well(&plan);
        scenario.feeds.insert(
            runbook::plan::MetricId(0),
            vec![Feed {
                from: Moment(0),
                reading,
            }],
        );
        text.push_str(&format!("-- {what}\n{}", play(&plan, scenario)));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn an_if_inside_a_strand_goes_on_behind_it() {
    let mut plan = bare(None);
    let never = runbook::plan::Condition {
        test: runbook::plan::Test::Always(false),
        text: "false".into(),
        metrics: Vec::new(),
    };
    let inner = Op::If {
        condition: never,
        within: Millis(0),
        warmup: Millis(0),
        then: vec![Op::Step(StepId(2))],
        otherwise: Vec::new(),
    };
    let nested = Op::Parallel {
        strands: vec![
            strand("x", vec![Op::Step(StepId(4))]),
            strand("y", vec![inner, Op::Step(StepId(5))]),
        ],
        most: None,
        hosts: None,
    };
    plan.stages[0].ops = vec![Op::Parallel {
        strands: vec![
            strand("one", vec![nested, Op::Step(StepId(6))]),
            strand("two", vec![Op::Step(StepId(7))]),
        ],
        most: None,
        hosts: None,
    }];
    let mut run = ByHand::begun(plan);
    let names: Vec<&str> = run.out().iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["c2", "b1", "b2"]);
    for name in ["b1", "c2", "b2"] {
        let attempt = run.attempt(name);
        run.end(1, attempt, ok());
    }
    let names: Vec<&str> = run.out().iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["c1"]);
}

#[test]
fn the_worst_case_of_strands_is_no_sum() {
    let plan = hanging_level();
    let level = |most| Level {
        ops: vec![Op::Parallel {
            strands: vec![
                strand("a", vec![Op::Step(StepId(2)), Op::Step(StepId(3))]),
                strand("b", vec![Op::Step(StepId(4))]),
                strand("c", vec![Op::Step(StepId(5))]),
            ],
            most,
            hosts: None,
        }],
        ..plan.rollback.clone().expect("there is one").levels[1].clone()
    };
    // A step takes at most 1m and 10s of grace; recovery 3m.
    let total = |most| level_bound(&plan, &level(most)).total;
    assert_eq!(total(None), Millis(140 * SECOND + 3 * MINUTE));
    assert_eq!(total(Some(1)), Millis(280 * SECOND + 3 * MINUTE));
    assert_eq!(total(Some(2)), Millis(210 * SECOND + 3 * MINUTE));
}
