//! What a commit must survive, order by order and fact by fact: each of these alone makes it durable, whatever else is in it.

use runbook::engine::{
    Answer, Attempt, Effect, Entrance, Input, LeaveWhy, Moment, NoticeNumber, Outcome, Question,
    QuestionAbout, QuestionNumber, ReminderNumber, StrandId, Verdict, Work,
};
use runbook::journal::{Durability, durability};
use runbook::plan::{ChannelId, ExposureId, MetricId, Otherwise, ProbeId, StepId};
use runbook::value::Millis;

fn alone(effect: Effect) -> Durability {
    durability(&Input::Tick, None, &[effect])
}

fn start(work: Work) -> Effect {
    Effect::Start {
        attempt: Attempt(3),
        work,
        timeout: Millis(1_000),
    }
}

const STEP: Work = Work::Step {
    step: StepId(0),
    number: 2,
};

/// After a loss of power the journal must know what it began: a retry after its pause, a step behind a wait.
#[test]
fn what_may_change_something_begins_on_the_disk_though_nothing_else_happened() {
    let step = StepId(0);
    let set = Work::Set {
        exposure: ExposureId(0),
        target: 10.0,
    };
    for work in [STEP, Work::Check { step }, set] {
        assert_eq!(alone(start(work)), Durability::Durable, "{work:?}");
    }
    let read = Work::Read {
        exposure: ExposureId(0),
    };
    let probe = Work::Probe { probe: ProbeId(0) };
    for work in [Work::Unless { step }, read, probe] {
        assert_eq!(alone(start(work)), Durability::Lazy, "{work:?}");
    }
}

/// What people are told, asked or left is on the disk before they see it.
#[test]
fn what_people_act_on_is_on_the_disk_though_nothing_else_happened() {
    let text = || "text".to_owned();
    let question = Question {
        number: QuestionNumber(0),
        about: QuestionAbout::Hold,
        strand: StrandId::MAIN,
        text: text(),
        answers: vec![Answer::Continue],
        until: Some(Moment(1)),
        otherwise: Otherwise::Stuck,
    };
    let attempt = Attempt(3);
    let notify = Effect::Notify {
        notice: NoticeNumber(0),
        channel: ChannelId(0),
        text: text(),
    };
    let open = Effect::Open {
        template: text(),
        text: text(),
    };
    let remind = Effect::Remind {
        reminder: ReminderNumber(0),
        text: text(),
        due: 1,
    };
    for effect in [
        Effect::Stop { attempt },
        Effect::Ask(question),
        notify,
        open,
        remind,
        Effect::Left(LeaveWhy::Held),
        Effect::Finish(Verdict::Completed),
    ] {
        assert_eq!(alone(effect.clone()), Durability::Durable, "{effect:?}");
    }
    let metric = MetricId(0);
    let (from, to) = (Moment(0), Moment(1));
    for effect in [
        Effect::Query { metric },
        Effect::LookBack { metric, from, to },
        Effect::Measure {
            metric,
            over: Millis(1),
        },
        Effect::Withdraw(QuestionNumber(0)),
    ] {
        assert_eq!(alone(effect.clone()), Durability::Lazy, "{effect:?}");
    }
}

/// A person's word is on the disk though nothing followed from it.
#[test]
fn what_a_person_said_is_on_the_disk_though_nothing_followed() {
    let by = || "ann".to_owned();
    let begin = Input::Begin {
        by: by(),
        confirmed: Vec::new(),
        entry: Entrance::Now,
        missing: Vec::new(),
    };
    let answered = Input::Answered {
        question: None,
        answer: Answer::Continue,
        by: by(),
        reason: by(),
    };
    let back = Input::RollBack {
        from: None,
        by: by(),
        reason: by(),
    };
    let why = LeaveWhy::Interrupted;
    for input in [
        begin,
        answered,
        back,
        Input::Leave { why },
        Input::Interrupt,
        Input::Resumed { by: by() },
    ] {
        let needs = durability(&input, None, &[]);
        assert_eq!(needs, Durability::Durable, "{input:?}");
    }
}

/// How something ended that may have changed production is on the disk though nothing followed from it.
#[test]
fn how_something_ended_is_on_the_disk_though_nothing_followed() {
    let why = || "nobody looked".to_owned();
    let text = why();
    let exited = Outcome::Exited {
        status: 0,
        said: String::new(),
    };
    for outcome in [
        exited,
        Outcome::Printed { text },
        Outcome::Signalled { signal: 9 },
        Outcome::TimedOut,
        Outcome::Stopped,
        Outcome::NotStarted { why: why() },
        Outcome::Unknown { why: why() },
    ] {
        let attempt = Attempt(3);
        let input = Input::Ended { attempt, outcome };
        let needs = durability(&input, Some(STEP), &[]);
        assert_eq!(needs, Durability::Durable, "{input:?}");
    }
}
