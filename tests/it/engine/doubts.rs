//! What keeps a stage, a level or a run from its end, and what ends that, input by input.

use runbook::engine::{
    Answer, Attempt, Effect, Input, LeaveWhy, Moment, Note, NoticeNumber, Outcome, Phase, Question,
    QuestionAbout, QuestionNumber, Reading, Recovery, Running, Stamp, StrandId, Task, Verdict,
    Waiting, Watching, Work, apply, wake,
};
use runbook::plan::{Comparison, GuardAction, Op, Otherwise, StepId, Sustain};
use runbook::value::Millis;

use super::hand::{EVERY, Hand, says};
use super::stage::{MINUTE, SECOND, error_rate, guard, minutes, plan};

fn missing() -> Reading {
    Reading::NoData("no samples".into())
}

/// Lets a stage go on for two hours, with these answers of its metric; who is asked says "go on" a minute later. How often someone was asked,
/// and whether the stage ended.
fn goes_on(run: &mut Hand, was: impl Fn(u64) -> Reading) -> (usize, bool) {
    let (mut asked, mut since) = (0, None);
    for at in (MINUTE..120 * MINUTE).step_by(15_000) {
        let mut out = run.hears(at, was(at));
        let open = run.state.questions.first().map(|open| open.number);
        match (open, since) {
            (None, _) => since = None,
            (Some(_), None) => {
                asked += 1;
                since = Some(at);
            }
            (Some(question), Some(from)) if at >= from + MINUTE => {
                let answer = Input::Answered {
                    question: Some(question),
                    answer: Answer::Continue,
                    by: "ann".into(),
                    reason: "I have looked".into(),
                };
                out.extend(run.gives(at, &answer));
            }
            (Some(_), Some(_)) => {}
        }
        // The answer that was asked for with this one is waited for, for a moment.
        out.extend(run.gives(at + 2 * SECOND, &Input::Tick));
        if says(&out, |note| matches!(note, Note::StageEnded(_))) {
            return (asked, true);
        }
    }
    (asked, false)
}

/// One word is enough for a guard that stays blind: the stage goes on to its end, and nobody is asked again.
#[test]
fn who_lets_a_stage_go_on_with_a_blind_guard_is_not_asked_again() {
    let seen = |at: u64| at <= 3 * MINUTE;
    let mut run = Hand::in_soak(plan(), minutes(10));
    let was = |at| {
        if seen(at) {
            Reading::Value(0.0)
        } else {
            missing()
        }
    };
    assert_eq!(goes_on(&mut run, was), (1, true));
}

/// The same where it became blind in the middle of a streak, which nothing ends.
#[test]
fn who_lets_a_stage_go_on_with_a_frozen_streak_is_not_asked_again() {
    let mut plan = plan();
    let back = GuardAction::Rollback { from: None };
    plan.guards = vec![guard(Sustain::Time(minutes(5)), back)];
    let mut run = Hand::in_soak(plan, minutes(10));
    let was = |at| match at {
        0..=180_000 => Reading::Value(0.0),
        195_000 => Reading::Value(40.0),
        _ => missing(),
    };
    assert_eq!(goes_on(&mut run, was), (1, true));
}

/// The same where a guard has seen too little of the stage without ever being blind.
#[test]
fn who_lets_a_stage_end_with_too_few_samples_is_not_asked_again() {
    let mut run = Hand::in_soak(plan(), minutes(10));
    let was = |at| {
        if at % (3 * EVERY) == 0 {
            Reading::Value(0.0)
        } else {
            missing()
        }
    };
    assert_eq!(goes_on(&mut run, was), (1, true));
}

/// A wait whose bounds are the same is served at the moment at which it would be late.
#[test]
fn a_wait_that_is_served_at_its_last_moment_is_not_held() {
    let mut run = Hand::in_soak(plan(), minutes(10));
    if let Op::Wait { max, .. } = &mut run.plan.stages[1].ops[1] {
        *max = minutes(10);
    }
    let main = run
        .state
        .strands
        .get_mut(&StrandId::MAIN)
        .expect("it is there");
    if let Task::Soaking(soak) = &mut main.task {
        soak.overdue = Some(Moment(10 * MINUTE));
    }
    run.goes_on((MINUTE, 10 * MINUTE - EVERY), 0.0);
    let mut out = run.says(10 * MINUTE, 0.0);
    // The answer that was asked for with this one is waited for, for a moment.
    out.extend(run.gives(10 * MINUTE + 2 * SECOND, &Input::Tick));
    assert!(
        !says(&out, |note| matches!(note, Note::Held { .. })),
        "{out:?}"
    );
    assert!(
        says(&out, |note| matches!(note, Note::WaitEnded { .. })),
        "{out:?}"
    );
}

/// An answer that was asked for at the end of a soak is waited for, for a second: the engine wakes by itself when that is over.
#[test]
fn a_soak_does_not_wait_long_for_an_answer() {
    let mut run = Hand::in_soak(plan(), minutes(10));
    run.goes_on((MINUTE, 10 * MINUTE - EVERY), 0.0);
    run.says(10 * MINUTE - EVERY, 0.0);
    let mut ended = None;
    while ended.is_none() && run.state.now < Moment(11 * MINUTE) {
        let woken = wake(&run.plan, &run.state).expect("it goes on");
        let out = run.gives(woken.0, &Input::Tick);
        let ends = says(&out, |note| matches!(note, Note::WaitEnded { .. }));
        ended = ends.then_some(woken);
    }
    assert_eq!(ended, Some(Moment(10 * MINUTE + SECOND + 1)));
}

/// The same at the end of a stage, which no soak is at.
#[test]
fn a_stage_does_not_wait_long_for_an_answer() {
    let mut run = Hand::in_soak(plan(), minutes(10));
    run.goes_on((MINUTE, 10 * MINUTE - EVERY), 0.0);
    run.says(10 * MINUTE - EVERY, 0.0);
    let behind = run.plan.stages[1].ops.len();
    let main = run.state.strands.get_mut(&StrandId::MAIN);
    let main = main.expect("it is there");
    let since = Moment(10 * MINUTE);
    (main.at, main.task) = (vec![behind], Task::Settling { since });
    let (mut at, mut ended) = (since, None);
    while ended.is_none() && at < Moment(11 * MINUTE) {
        let out = run.gives(at.0, &Input::Tick);
        let ends = says(&out, |note| matches!(note, Note::StageEnded(_)));
        ended = ends.then_some(at);
        at = wake(&run.plan, &run.state).expect("it goes on");
    }
    assert_eq!(ended, Some(Moment(10 * MINUTE + SECOND + 1)));
}

/// What a metric said before a wait began says nothing of the wait.
#[test]
fn a_wait_until_is_not_over_by_what_was_said_before_it() {
    let mut run = Hand::in_soak(plan(), minutes(10));
    run.plan.stages[1].ops[1] = Op::Until {
        condition: error_rate(Comparison::Less, 1.0),
        within: minutes(10),
        warmup: Millis(0),
    };
    let main = run
        .state
        .strands
        .get_mut(&StrandId::MAIN)
        .expect("it is there");
    main.task = Task::Waiting(Waiting {
        since: Moment(MINUTE + SECOND),
        deadline: Moment(11 * MINUTE),
        asked: None,
    });
    run.state.metrics[0].reading = Some((Moment(MINUTE), Reading::Value(0.0)));
    let waited = |out: &[Effect]| says(out, |note| matches!(note, Note::WaitedUntil { .. }));
    assert!(!waited(&run.gives(MINUTE + SECOND, &Input::Tick)));
    assert!(!waited(&run.says(2 * MINUTE, 3.0)));
    assert!(waited(&run.says(2 * MINUTE + EVERY, 0.0)));
}

fn judged() -> Hand {
    Hand::in_level(Task::Recovering(Recovery {
        since: Moment(0),
        deadline: Moment(4 * MINUTE),
        streak: None,
        last: String::new(),
    }))
}

fn recovers(out: &[Effect]) -> bool {
    says(out, |note| matches!(note, Note::Recovered { .. }))
}

/// What is missing neither clears the streak that shows recovery nor is it one.
#[test]
fn silence_neither_ends_a_recovery_nor_is_it_one() {
    let mut run = judged();
    run.says(MINUTE, 0.0);
    run.says(MINUTE + EVERY, 0.0);
    run.hears(MINUTE + 2 * EVERY, missing());
    run.says(MINUTE + 3 * EVERY, 0.0);
    assert!(
        recovers(&run.says(2 * MINUTE, 0.0)),
        "it is frozen by what is missing"
    );
    let mut run = judged();
    run.says(MINUTE, 0.0);
    for times in 1..=3 {
        run.hears(MINUTE + times * EVERY, missing());
    }
    assert!(!recovers(&run.says(2 * MINUTE, 0.0)), "two samples of five");
}

/// Two bad samples with silence between them are no relapse.
#[test]
fn silence_between_two_bad_samples_is_no_relapse() {
    let mut run = Hand::in_level(Task::Watching(Watching {
        since: Moment(0),
        until: Moment(60 * MINUTE),
        seen: Moment(0),
        streak: None,
    }));
    run.says(MINUTE, 40.0);
    for times in 1..=3 {
        run.hears(MINUTE + times * EVERY, missing());
    }
    run.says(2 * MINUTE, 40.0);
    assert!(run.state.watching().is_some(), "{:?}", run.state.phase);
    run.says(2 * MINUTE + EVERY, 40.0);
    run.says(2 * MINUTE + 2 * EVERY, 40.0);
    let stuck = matches!(&run.state.phase, Phase::Closing(Verdict::Stuck { .. }));
    assert!(stuck, "{:?}", run.state.phase);
}

fn leaves(out: &[Effect]) -> bool {
    out.contains(&Effect::Left(LeaveWhy::Interrupted))
}

fn leave() -> Input {
    let why = LeaveWhy::Interrupted;
    Input::Leave { why }
}

/// Whoever is to be told is told before the runner goes.
#[test]
fn a_runner_does_not_go_before_people_are_told() {
    let mut run = Hand::in_soak(plan(), minutes(10));
    run.plan.stages[1].ops[0] = Op::Notify(run.plan.if_stuck[0].clone());
    let main = run
        .state
        .strands
        .get_mut(&StrandId::MAIN)
        .expect("it is there");
    (main.at, main.task) = (vec![0], Task::Ready);
    let out = run.gives(MINUTE, &Input::Tick);
    let tells = |effect: &Effect| matches!(effect, Effect::Notify { .. });
    assert!(out.iter().any(tells), "{out:?}");
    assert!(!leaves(&run.gives(2 * MINUTE, &leave())));
    let notice = NoticeNumber(0);
    let failed = None;
    assert!(leaves(
        &run.gives(3 * MINUTE, &Input::Notified { notice, failed })
    ));
}

/// A run that is stuck because nobody decided has no verdict before what another strand had under way is over.
#[test]
fn a_run_has_no_verdict_while_something_is_under_way() {
    let mut run = Hand::in_soak(plan(), minutes(10));
    run.plan.if_stuck.clear();
    let step = StepId(1);
    run.state.next.attempt = 1;
    let main = run
        .state
        .strands
        .get_mut(&StrandId::MAIN)
        .expect("it is there");
    main.task = Task::Attempting(runbook::engine::Aim::Step { step, number: 1 });
    run.state.running.push(Running {
        attempt: Attempt(0),
        strand: StrandId::MAIN,
        work: Work::Step { step, number: 1 },
        since: Moment(0),
        stopping: false,
    });
    run.state.next.question = 1;
    run.state.questions.push(Question {
        number: QuestionNumber(0),
        about: QuestionAbout::Hold,
        strand: StrandId::MAIN,
        text: "go on?".into(),
        answers: vec![Answer::Continue],
        until: Some(Moment(2 * MINUTE)),
        otherwise: Otherwise::Stuck,
    });
    let ends = |effect: &Effect| matches!(effect, Effect::Finish(_));
    let out = run.gives(2 * MINUTE, &Input::Tick);
    assert!(!out.iter().any(ends), "{out:?}");
    let closing = matches!(&run.state.phase, Phase::Closing(Verdict::Stuck { .. }));
    assert!(closing, "{:?}", run.state.phase);
    let attempt = Attempt(0);
    let outcome = Outcome::Exited {
        status: 0,
        said: String::new(),
    };
    let out = run.gives(3 * MINUTE, &Input::Ended { attempt, outcome });
    assert!(out.iter().any(ends), "{out:?}");
}

/// The clock of a machine may be set back; that of a run goes on.
#[test]
fn the_time_of_a_run_never_goes_back() {
    let mut run = Hand::in_soak(plan(), minutes(10));
    run.goes_on((MINUTE, 3 * MINUTE), 0.0);
    let (run_time, wall) = (Moment(2 * MINUTE), 0);
    let stamp = Stamp {
        run: run_time,
        wall,
    };
    apply(
        &run.plan,
        &mut run.state,
        stamp,
        &Input::Tick,
        &mut Vec::new(),
    );
    assert_eq!(run.state.now, Moment(3 * MINUTE));
    assert_eq!(run.served(), minutes(3));
}
