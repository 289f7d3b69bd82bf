//! Owns the orders that the engine gives to the world, and what it tells people. A closed enum: a new variant must break every match.

use serde::{Deserialize, Serialize};

use super::input::LeaveWhy;
pub use super::question::{Question, QuestionAbout, QuestionNumber};
use super::time::Moment;
pub use super::verdict::Verdict;
use super::watching::WatchNote;
use crate::plan::{
    ApprovalId, CaptureId, ChannelId, ExposureId, GuardId, LevelId, MetricId, ProbeId, StageId,
    StepId,
};
use crate::value::{Millis, Value};

/// The number of one attempt; never used twice in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Attempt(pub u32);

/// The number of a notice; never used twice in a run. Delivery is at-least-once under this number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NoticeNumber(pub u32);

/// The number of a reminder; never used twice in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ReminderNumber(pub u32);

/// An order to the world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Effect {
    /// Start this work; answer with `Ended`. Its intent is on disk before it starts.
    Start {
        /// The attempt's number.
        attempt: Attempt,
        /// What to do.
        work: Work,
        /// Stop it after this: TERM to its group, then KILL.
        timeout: Millis,
    },
    /// Stop a running attempt; answer with `Ended` when its group is gone.
    Stop {
        /// Which.
        attempt: Attempt,
    },
    /// Ask a metric; answer with `Sample`.
    Query {
        /// Which.
        metric: MetricId,
    },
    /// Ask what a metric was while nobody looked, once for each of its `every`; answer with `History`.
    LookBack {
        /// Which.
        metric: MetricId,
        /// Nobody looked after this.
        from: Moment,
        /// Up to this, which is now.
        to: Moment,
    },
    /// Ask what a metric's source remembers of it up to now, once for each of its `every`; answer with `Measured`.
    Measure {
        /// Which.
        metric: MetricId,
        /// For so long.
        over: Millis,
    },
    /// Put a question to people; it stays open until it is answered or withdrawn.
    Ask(Question),
    /// A question no longer needs an answer.
    Withdraw(QuestionNumber),
    /// Tell people through a channel; answer with `Notified`.
    Notify {
        /// Its number.
        notice: NoticeNumber,
        /// Where to.
        channel: ChannelId,
        /// The text, filled in but for the run's id and start, which only the world knows.
        text: String,
    },
    /// Keep an incident, once a run. It is in the store with the commit that holds this order, so that there is exactly one,
    /// whatever dies; the world only shows it.
    Open {
        /// The template that it was made from.
        template: String,
        /// The text, filled in but for the run's id and start; its first line is the title.
        text: String,
    },
    /// Keep a reminder, in the same way.
    Remind {
        /// Its number.
        reminder: ReminderNumber,
        /// Of what.
        text: String,
        /// When it should be done, Unix milliseconds.
        due: i64,
    },
    /// Something happened that people should know. The world does nothing but show it.
    Say(Note),
    /// The runner may go; the run can be resumed.
    Left(LeaveWhy),
    /// The run has ended.
    Finish(Verdict),
}

impl Effect {
    /// The order without the words around it: two that are equal in this are obeyed alike. Nothing for what is only said.
    #[must_use]
    pub fn order(&self) -> Option<Self> {
        match self {
            Self::Say(_) => None,
            Self::Start { .. }
            | Self::Stop { .. }
            | Self::Query { .. }
            | Self::LookBack { .. }
            | Self::Measure { .. }
            | Self::Withdraw(_)
            | Self::Left(_) => Some(self.clone()),
            Self::Ask(question) => Some(Self::Ask(Question {
                text: String::new(),
                ..question.clone()
            })),
            Self::Notify {
                notice, channel, ..
            } => Some(Self::Notify {
                notice: *notice,
                channel: *channel,
                text: String::new(),
            }),
            Self::Open { template, .. } => Some(Self::Open {
                template: template.clone(),
                text: String::new(),
            }),
            Self::Remind { reminder, due, .. } => Some(Self::Remind {
                reminder: *reminder,
                text: String::new(),
                due: *due,
            }),
            Self::Finish(verdict) => Some(Self::Finish(match verdict {
                Verdict::Completed | Verdict::RolledBack { .. } | Verdict::WentForward { .. } => {
                    verdict.clone()
                }
                Verdict::Stuck { .. } => Verdict::Stuck { why: String::new() },
                Verdict::Aborted { .. } => Verdict::Aborted { why: String::new() },
                Verdict::Refused { .. } => Verdict::Refused { why: Vec::new() },
            })),
        }
    }
}

/// What an attempt does.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Work {
    /// Run a step. May change the world: at most once.
    Step {
        /// Which.
        step: StepId,
        /// The how-manieth attempt of the step at this place, from 1.
        number: u32,
    },
    /// Run the command of a `check` before the rollout. Changes nothing by declaration.
    Check {
        /// Its step.
        step: StepId,
    },
    /// Ask whether a step is already done. Read-only.
    Unless {
        /// Whose `unless`.
        step: StepId,
    },
    /// Set an exposure. Idempotent by definition.
    Set {
        /// Which.
        exposure: ExposureId,
        /// To what, as a number of its scale.
        target: f64,
    },
    /// Read an exposure. Read-only.
    Read {
        /// Which.
        exposure: ExposureId,
    },
    /// Ask a probe. Read-only.
    Probe {
        /// Which.
        probe: ProbeId,
    },
}

impl Work {
    /// Whether the world can be different afterwards.
    #[must_use]
    pub fn changes_something(self) -> bool {
        match self {
            Self::Step { .. } | Self::Set { .. } => true,
            Self::Check { .. } | Self::Unless { .. } | Self::Read { .. } | Self::Probe { .. } => {
                false
            }
        }
    }
}

/// Something that people should know. Sentences are in English and complete.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Note {
    /// Preconditions are being looked at.
    Preparing,
    /// What is usual for a metric is measured, from now on for so long, because its source remembers nothing.
    Measuring {
        /// Which.
        metric: MetricId,
        /// For how long.
        over: Millis,
        /// Why its source does not say it.
        why: String,
    },
    /// What is usual for a metric is known.
    Baseline {
        /// Which.
        metric: MetricId,
        /// What.
        #[serde(with = "super::number")]
        value: f64,
        /// The median of so many samples.
        samples: usize,
    },
    /// A `check` before the rollout held or did not.
    Checked {
        /// Its step.
        step: StepId,
        /// Why it did not hold.
        failed: Option<String>,
    },
    /// A `confirm` was given by someone.
    Confirmed {
        /// Its title.
        title: String,
        /// Who.
        by: String,
    },
    /// A value was captured.
    Captured {
        /// Which.
        capture: CaptureId,
        /// What.
        value: Value,
    },
    /// Several strands begin.
    ParallelBegan {
        /// What each is called.
        strands: Vec<String>,
        /// At most so many are under way at a time.
        most: Option<u32>,
    },
    /// All strands have ended.
    ParallelEnded,
    /// A step begins on hosts.
    HostsBegan {
        /// The step of the file.
        step: StepId,
        /// What each host is called.
        hosts: Vec<String>,
    },
    /// A step has ended on all hosts, or no further host begins.
    HostsEnded {
        /// The step of the file.
        step: StepId,
        /// On how many it ended well.
        good: usize,
        /// What each is called on which it failed.
        failed: Vec<String>,
        /// What each is called on which it did not begin.
        left: Vec<String>,
    },
    /// An `if` was decided.
    Decided {
        /// The condition, as it is written.
        condition: String,
        /// Whether it holds.
        holds: bool,
        /// What was seen, in a sentence; empty when it was known before.
        evidence: String,
    },
    /// A condition is waited for.
    WaitsUntil {
        /// Which, as it is written.
        condition: String,
        /// For at most so long.
        within: Millis,
    },
    /// A condition that was waited for holds.
    WaitedUntil {
        /// The evidence, in a sentence.
        evidence: String,
        /// How long it took.
        took: Millis,
    },
    /// Someone approved.
    Approved {
        /// What.
        approval: ApprovalId,
        /// Who.
        by: String,
        /// The group for which they spoke.
        group: String,
        /// Why, in their words.
        reason: String,
        /// How many different people have approved by now.
        given: u32,
        /// They had approved before, so it does not count again.
        again: bool,
    },
    /// Someone declined to approve.
    Declined {
        /// What.
        approval: ApprovalId,
        /// Who.
        by: String,
        /// The group for which they spoke.
        group: String,
        /// Why, in their words.
        reason: String,
    },
    /// A stage began.
    StageBegan(StageId),
    /// A stage ended well.
    StageEnded(StageId),
    /// A soak began.
    WaitBegan {
        /// Healthy time to observe.
        min: Millis,
        /// Becomes a hold after this.
        max: Millis,
    },
    /// A soak was served.
    WaitEnded {
        /// How long it took in all.
        took: Millis,
    },
    /// The time of a stage is served, but its guards have not all looked or are in mid-streak.
    StageWaits {
        /// For what, in a sentence.
        why: String,
    },
    /// A step (or a level's step) failed; `again` when another attempt follows.
    StepFailed {
        /// Which.
        step: StepId,
        /// The attempt.
        attempt: Attempt,
        /// How, in words.
        why: String,
        /// The pause before the next attempt.
        again: Option<Millis>,
    },
    /// A step succeeded.
    StepDone {
        /// Which.
        step: StepId,
        /// How long the attempt took.
        took: Millis,
    },
    /// What else there is to say of an attempt that succeeded, such as what it left running.
    Besides {
        /// Of what.
        work: Work,
        /// In words.
        said: String,
    },
    /// A step is undone now: it began in this run, and nothing that began after it is left.
    Undoes {
        /// Which.
        step: StepId,
    },
    /// A step has been undone.
    Undone {
        /// Which.
        step: StepId,
    },
    /// No step is left to be undone.
    NothingToUndo,
    /// A step was skipped: its `unless` says it is done.
    StepSkipped {
        /// Which.
        step: StepId,
    },
    /// An exposure has been read back and agrees.
    Exposed {
        /// Which.
        exposure: ExposureId,
        /// What it is now, as a number of its scale.
        value: f64,
    },
    /// A probe holds.
    Verified {
        /// Which.
        probe: ProbeId,
    },
    /// A guard saw its first breach of a streak.
    StreakBegan {
        /// Which.
        guard: GuardId,
        /// The evidence, in a sentence.
        evidence: String,
    },
    /// A streak was cleared before it tripped.
    StreakCleared {
        /// Which.
        guard: GuardId,
    },
    /// A guard tripped.
    Tripped {
        /// Which.
        guard: GuardId,
        /// The evidence, in a sentence.
        evidence: String,
    },
    /// A guard has seen neither ok nor breach for too long.
    Blind {
        /// Which.
        guard: GuardId,
        /// What it knows.
        why: String,
    },
    /// A blind guard sees again.
    Sees {
        /// Which.
        guard: GuardId,
    },
    /// The stage's clock has stopped.
    Held {
        /// Why, in a sentence.
        why: String,
        /// When a person is asked.
        until: Moment,
    },
    /// The window is closed: the start, or a stage whose exposure would grow, waits for it. Guards go on.
    Closed {
        /// Why, in a sentence.
        why: String,
        /// When it opens.
        until: Moment,
    },
    /// The window has opened, and the run begins.
    Opened,
    /// The window is open, but advises another time.
    Advised {
        /// What it advises, in a sentence.
        text: String,
    },
    /// The window does not bind this run.
    Hotfix {
        /// Why.
        reason: String,
        /// Who said so.
        by: String,
    },
    /// The stage's clock runs again.
    Released,
    /// A question was answered, or its time ran out.
    Settled {
        /// Which.
        question: QuestionNumber,
        /// What counts.
        answer: String,
        /// Who; nobody when its time ran out.
        by: Option<String>,
        /// Why, in the person's words.
        reason: String,
    },
    /// A point of no return is come to, and passed only when no guard is in doubt.
    NoReturnWaits {
        /// For what, in a sentence.
        why: String,
    },
    /// A point of no return is passed: from here on nothing is rolled back.
    NoReturn {
        /// Why.
        why: String,
    },
    /// Something went wrong behind the point of no return: the way forward began.
    ForwardBegan {
        /// Why.
        reason: String,
    },
    /// The rollback began.
    RollbackBegan {
        /// Why.
        reason: String,
    },
    /// A level was left out because its `when` does not hold.
    LevelSkipped(LevelId),
    /// What the `when` of a level reads is looked at before the level begins.
    LevelLooks(LevelId),
    /// Whether the `when` of a level holds cannot be known, which does not excuse from it: it begins.
    LevelUnseen {
        /// Which.
        level: LevelId,
        /// Why.
        why: String,
    },
    /// A level began.
    LevelBegan(LevelId),
    /// A level's operations are done; now `recovered` is judged.
    LevelDone(LevelId),
    /// A level was not enough.
    LevelFailed {
        /// Which.
        level: LevelId,
        /// Why.
        why: String,
    },
    /// The service has recovered.
    Recovered {
        /// By which level.
        level: LevelId,
        /// The evidence, in a sentence; empty when the file asks for none.
        evidence: String,
    },
    /// The watch after a rollback.
    Watching(WatchNote),
    /// A notice could not be delivered. That never changes the run's course.
    NoticeFailed {
        /// Where to.
        channel: ChannelId,
        /// Why.
        why: String,
    },
    /// Nobody knows whether an attempt happened; this is how it is resolved.
    UnknownOutcome {
        /// Which step.
        step: StepId,
        /// What is known, and what is done about it.
        why: String,
    },
    /// The run was taken up again.
    TakenUp {
        /// Who.
        by: String,
        /// How long nobody looked.
        gap: Millis,
    },
    /// Nobody looked for a while, although the run was not left.
    Unwatched {
        /// How long.
        gap: Millis,
    },
    /// What a metric's source remembers of a time in which nobody looked.
    Recalled {
        /// Which metric.
        metric: MetricId,
        /// So many answers with a value.
        values: usize,
        /// Of so many that there should be.
        of: usize,
        /// Why it cannot say.
        failed: Option<String>,
    },
    /// A guard's sample was not ok; shown only where details are wanted.
    Unclear {
        /// Which metric.
        metric: MetricId,
        /// What it said.
        why: String,
    },
    /// Wall time and elapsed time disagree.
    ClockJump {
        /// Milliseconds.
        by: i64,
    },
}
