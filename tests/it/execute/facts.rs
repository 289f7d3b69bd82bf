//! The facts that are not about work: time, letters, questions, holds, the terminal, notices.

use std::collections::VecDeque;
use std::fs;
use std::io::Write;
use std::os::fd::OwnedFd;

use runbook::engine::{
    Answer, Attempt, Effect, Hold, Input, LeaveWhy, Moment, NoticeNumber, Question, QuestionAbout,
    QuestionNumber, Stamp, State,
};
use runbook::execute::{Execute, OnHold, Options};
use runbook::plan::{Channel, ChannelId, ChannelKind, Otherwise, Plan, StepId};
use runbook::world::{Letter, World};

use super::bench::{Bench, Said, state};
use super::plans::plan;

/// The next fact, whatever the machine's clock does meanwhile.
fn next(world: &mut Execute<'_>, plan: &Plan, state: &State, wake: Option<Moment>) -> Input {
    loop {
        let fact = world.next(plan, state, wake).expect("the world goes on");
        if !matches!(fact.input, Input::ClockJumped { .. }) {
            return fact.input;
        }
    }
}

fn question(number: u32, about: QuestionAbout) -> Question {
    Question {
        number: QuestionNumber(number),
        about,
        strand: runbook::engine::StrandId::MAIN,
        text: "The outcome is unknown.".to_owned(),
        answers: vec![Answer::Continue, Answer::Rerun, Answer::Rollback],
        until: None,
        otherwise: Otherwise::Stuck,
    }
}

fn unknown() -> Question {
    let about = QuestionAbout::Unknown {
        step: StepId(0),
        attempt: Attempt(7),
    };
    question(0, about)
}

#[test]
fn a_wake_is_a_tick_at_that_time() {
    let bench = Bench::new();
    let options = Options {
        // An hour of the run is 36 milliseconds.
        speed: 100_000.0,
        last: Some(Stamp {
            run: Moment(5_000),
            wall: 0,
        }),
        ..bench.options()
    };
    let mut world =
        Execute::new(options, Box::new(Said::default()), Box::new(|| None)).expect("a world");
    let plan = plan();
    let state = state(&plan);
    world.tell(Input::Resumed {
        by: "anna".to_owned(),
    });
    let first = world.next(&plan, &state, None).expect("a fact");
    assert!(first.stamp.run > Moment(5_000), "{:?}", first.stamp);
    let wake = Moment(first.stamp.run.0 + 3_600_000);
    let tick = world.next(&plan, &state, Some(wake)).expect("a fact");
    assert_eq!(tick.input, Input::Tick);
    assert!(tick.stamp.run >= wake);
}

#[test]
fn letters_come_one_at_a_time_with_their_numbers() {
    let bench = Bench::new();
    let roll_back = |reason: &str| Input::RollBack {
        from: None,
        by: "ben".to_owned(),
        reason: reason.to_owned(),
    };
    let mut letters = VecDeque::from([
        (Letter(4), roll_back("first")),
        (Letter(9), roll_back("second")),
    ]);
    let mut world = Execute::new(
        bench.options(),
        Box::new(Said::default()),
        Box::new(move || letters.pop_front()),
    )
    .expect("a world");
    let plan = plan();
    let state = state(&plan);
    for (number, reason) in [(4, "first"), (9, "second")] {
        let fact = world.next(&plan, &state, None).expect("a letter");
        assert_eq!(fact.letter, Some(Letter(number)));
        assert_eq!(fact.input, roll_back(reason));
    }
    assert_eq!(
        next(&mut world, &plan, &state, Some(Moment(0))),
        Input::Tick
    );
}

#[test]
fn an_unknown_outcome_is_left_when_nobody_is_there_but_letters_come_first() {
    let bench = Bench::new();
    let answer = Input::Answered {
        question: None,
        answer: Answer::Continue,
        by: "ben".to_owned(),
        reason: "looked".to_owned(),
    };
    let mut letters = vec![(Letter(1), answer.clone())];
    let mut world = Execute::new(
        bench.options(),
        Box::new(Said::default()),
        Box::new(move || letters.pop()),
    )
    .expect("a world");
    let plan = plan();
    let mut state = state(&plan);
    state.questions.push(unknown());
    assert_eq!(next(&mut world, &plan, &state, None), answer);
    let leave = Input::Leave {
        why: LeaveWhy::Unknown,
    };
    assert_eq!(next(&mut world, &plan, &state, None), leave);
    state.leaving = Some(LeaveWhy::Unknown);
    assert_eq!(
        next(&mut world, &plan, &state, Some(Moment(0))),
        Input::Tick
    );
}

#[test]
fn other_questions_stay_open_for_letters() {
    let bench = Bench::new();
    let mut world = bench.world();
    let plan = plan();
    let mut state = state(&plan);
    state.questions.push(question(0, QuestionAbout::Hold));
    assert_eq!(
        next(&mut world, &plan, &state, Some(Moment(0))),
        Input::Tick
    );
}

#[test]
fn a_hold_is_left_when_so_told() {
    let bench = Bench::new();
    let world = |on_hold| {
        let options = Options {
            on_hold,
            ..bench.options()
        };
        Execute::new(options, Box::new(Said::default()), Box::new(|| None)).expect("a world")
    };
    let plan = plan();
    let mut state = state(&plan);
    state.hold = Some(Hold {
        since: Moment(1),
        until: Moment(1_000),
        why: "guard errors is blind".to_owned(),
        asked: None,
        window: false,
    });
    let leave = Input::Leave {
        why: LeaveWhy::Held,
    };
    assert_eq!(next(&mut world(OnHold::Leave), &plan, &state, None), leave);
    let tick = next(&mut world(OnHold::Stay), &plan, &state, Some(Moment(0)));
    assert_eq!(tick, Input::Tick);
    // One that was there when the run was taken up is looked at again first.
    let Some(hold) = &mut state.hold else {
        panic!("it is held");
    };
    hold.since = Moment(0);
    let mut later = world(OnHold::Leave);
    later.recover(&state);
    assert_eq!(
        next(&mut later, &plan, &state, Some(Moment(0))),
        Input::Tick
    );
}

#[test]
fn a_person_at_the_terminal_answers_with_a_choice_and_a_reason() {
    let bench = Bench::new();
    let said = Said::default();
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    let mut world = bench.at_terminal(OwnedFd::from(reader), &said);
    let plan = plan();
    let mut state = state(&plan);
    state.questions.push(unknown());
    writer
        .write_all(b"what\nrerun\nit is safe\n")
        .expect("typed");
    let answered = Input::Answered {
        question: Some(QuestionNumber(0)),
        answer: Answer::Rerun,
        by: "anna".to_owned(),
        reason: "it is safe".to_owned(),
    };
    assert_eq!(next(&mut world, &plan, &state, None), answered);
    let said = said.0.lock().expect("nobody panicked").clone();
    let question = "The outcome is unknown.\n[c]ontinue, re[run], [r]ollback? ";
    assert_eq!(
        said,
        [question, question, "Why? (one line, it is recorded) "]
    );
}

#[test]
fn a_terminal_that_went_away_decides_nothing() {
    let bench = Bench::new();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(writer);
    let mut world = bench.at_terminal(OwnedFd::from(reader), &Said::default());
    let plan = plan();
    let mut state = state(&plan);
    state.questions.push(unknown());
    let leave = Input::Leave {
        why: LeaveWhy::Unknown,
    };
    assert_eq!(next(&mut world, &plan, &state, None), leave);
}

fn notify(world: &mut Execute<'_>, plan: &Plan, text: &str) -> Option<String> {
    let state = state(plan);
    let effect = Effect::Notify {
        notice: NoticeNumber(3),
        channel: ChannelId(0),
        text: text.to_owned(),
    };
    world.start(plan, &state, &effect);
    match next(world, plan, &state, None) {
        Input::Notified { notice, failed } => {
            assert_eq!(notice, NoticeNumber(3));
            failed
        }
        other => panic!("unexpected: {other:?}"),
    }
}

fn with_channel(path: &str) -> Plan {
    Plan {
        channels: vec![Channel {
            id: ChannelId(0),
            name: "journal".to_owned(),
            kind: ChannelKind::Log {
                path: path.to_owned(),
            },
        }],
        ..plan()
    }
}

#[test]
fn a_notice_is_one_line_whatever_it_holds() {
    let bench = Bench::new();
    let plan = with_channel("notices.log");
    let mut world = bench.world();
    let text = "run ${run} of ${started}\nis\x1b[31m stuck";
    assert_eq!(notify(&mut world, &plan, text), None);
    assert_eq!(notify(&mut world, &plan, "again"), None);
    let log = fs::read_to_string(bench.path("notices.log")).expect("a log");
    let lines: Vec<&str> = log.lines().collect();
    assert_eq!(lines.len(), 2, "{log}");
    let (when, rest) = lines[0].split_once(' ').expect("a time");
    assert!(when.starts_with("20") && when.ends_with('Z'), "{when}");
    assert_eq!(rest, "run-1 run run-1 of 2023-11-14T22:13:20Z is stuck");
    assert!(lines[1].ends_with(" run-1 again"), "{log}");
}

#[test]
fn a_notice_that_cannot_be_delivered_says_why_and_waits_for_nobody() {
    let bench = Bench::new();
    let mut world = bench.world();
    let failed = notify(&mut world, &with_channel("nowhere/notices.log"), "text");
    assert!(failed.is_some_and(|why| why.contains("nowhere/notices.log")));
    let _unread = bench.fifo("pipe");
    let failed = notify(&mut world, &with_channel("pipe"), "text");
    assert!(failed.is_some_and(|why| why.contains("pipe")));
}
