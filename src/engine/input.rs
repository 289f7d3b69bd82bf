//! Owns the facts that the world reports to the engine. A closed enum: a new variant must break every match.

use serde::{Deserialize, Serialize};

use super::effect::{Attempt, NoticeNumber, QuestionNumber};
use super::time::Moment;
use crate::plan::{LevelId, MetricId};
use crate::value::Millis;

/// A fact. What pipes, grace periods and signals were behind it is the world's business.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Input {
    /// The run begins. Always the first.
    Begin {
        /// Who started it.
        by: String,
        /// The confirmations given with the command, by the title or number of the `confirm`.
        confirmed: Vec<String>,
        /// What happens when the window is closed.
        #[serde(default)]
        entry: Entrance,
        /// What the commands of the file need and this machine does not have, as sentences.
        #[serde(default)]
        missing: Vec<String>,
    },
    /// The time that the engine asked to be woken at has come.
    Tick,
    /// An attempt has ended.
    Ended {
        /// Which.
        attempt: Attempt,
        /// How.
        outcome: Outcome,
    },
    /// A metric was asked.
    Sample {
        /// Which.
        metric: MetricId,
        /// The answer.
        reading: Reading,
    },
    /// A notice has been delivered, or could not be.
    Notified {
        /// Which.
        notice: NoticeNumber,
        /// Why it could not be delivered.
        failed: Option<String>,
    },
    /// A person answered an open question.
    Answered {
        /// Which; the only open one when not given.
        question: Option<QuestionNumber>,
        /// What.
        answer: Answer,
        /// Who.
        by: String,
        /// Why.
        reason: String,
    },
    /// A person orders the rollback.
    RollBack {
        /// From this level on.
        from: Option<LevelId>,
        /// Who.
        by: String,
        /// Why.
        reason: String,
    },
    /// The runner is asked to stop at a safe point and leave the run for later.
    Leave {
        /// Why: a signal, a hold with `--detach-on-hold`, a question that nobody is there to answer.
        why: LeaveWhy,
    },
    /// A person wants out at once: the running step is stopped.
    Interrupt,
    /// A runner has taken the run up again after the last one left or died. What was in flight is reported by `Ended` right after.
    Resumed {
        /// Who.
        by: String,
    },
    /// Nobody looked for this long: a runner before this one died or left, the machine was suspended, or this runner was stopped.
    Unwatched {
        /// How long, up to now.
        gap: Millis,
    },
    /// What a metric's source remembers of a time in which nobody looked.
    History {
        /// Which.
        metric: MetricId,
        /// One answer for each time at which it should have been asked, oldest first; none when the source cannot say.
        past: Vec<Past>,
        /// Why it cannot say.
        failed: Option<String>,
    },
    /// What a metric's source remembers of it, oldest first, for a baseline.
    Measured {
        /// Which metric.
        metric: MetricId,
        /// One answer for each time at which it would have been asked; none when the source cannot say.
        past: Vec<Reading>,
        /// Why it cannot say.
        failed: Option<String>,
    },
    /// Answers to these questions were recorded in time, and nobody looked until that was over: no runner lived, or it slept. They are read
    /// next, and until then the questions stay open.
    AnsweredInTime {
        /// Which.
        questions: Vec<QuestionNumber>,
    },
    /// Wall time and elapsed time disagree by this many milliseconds; elapsed time wins.
    ClockJumped {
        /// How far the wall clock went ahead; negative when it was set back.
        by: i64,
    },
}

impl Input {
    /// Whether a person settles a question by it: an answer to it, or an order to go back, which withdraws all of them.
    #[must_use]
    pub fn settles(&self, number: QuestionNumber) -> bool {
        match self {
            Self::Answered { question, .. } => question.is_none_or(|meant| meant == number),
            Self::RollBack { .. } => true,
            Self::Begin { .. }
            | Self::Tick
            | Self::Ended { .. }
            | Self::Sample { .. }
            | Self::Notified { .. }
            | Self::Leave { .. }
            | Self::Interrupt
            | Self::Resumed { .. }
            | Self::Unwatched { .. }
            | Self::History { .. }
            | Self::Measured { .. }
            | Self::AnsweredInTime { .. }
            | Self::ClockJumped { .. } => false,
        }
    }
}

/// What a run does at its beginning when its window is closed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Entrance {
    /// It is refused.
    #[default]
    Now,
    /// It waits for the opening, if that is not further away than this.
    Wait {
        /// The longest wait.
        most: Millis,
    },
    /// The window does not bind it, neither now nor later.
    Hotfix {
        /// Why; in every report.
        reason: String,
    },
}

/// Why a runner leaves a run that has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LeaveWhy {
    /// INT or TERM, or the person's wish.
    Interrupted,
    /// Held, and told to leave then.
    Held,
    /// The outcome of a step is unknown and nobody is there to say.
    Unknown,
    /// A question is open and nobody is there to answer.
    Unanswered,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// The program exited. For a probe: 0 is yes, 1 is no, with what was seen in `said`.
    Exited {
        /// Its status.
        status: i32,
        /// For people: why a probe says no, the last line a failed step printed.
        said: String,
    },
    /// The command of a capture exited with 0, and this is what it printed to its standard output, cut a little behind the
    /// longest value.
    Printed {
        /// The text.
        text: String,
    },
    /// An exposure was read, in percent points.
    Read {
        /// The value.
        #[serde(with = "super::number")]
        value: f64,
    },
    /// A signal that we did not send ended it.
    Signalled {
        /// Its number.
        signal: i32,
    },
    /// It did not end in time and was killed.
    TimedOut,
    /// It was stopped because the engine said so.
    Stopped,
    /// The runner died before it began it; nothing happened and no attempt is used up.
    NeverBegan,
    /// It could not be started; nothing happened.
    NotStarted {
        /// Why.
        why: String,
    },
    /// Nobody knows whether it happened.
    Unknown {
        /// What is known.
        why: String,
    },
}

/// One answer of a metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Reading {
    /// A value in the canonical unit. Never NaN; infinity is a value.
    Value(#[serde(with = "super::number")] f64),
    /// There is no data: empty, NaN, null, too old.
    NoData(String),
    /// The source did not answer properly.
    Error(String),
    /// The source says that the question is wrong: unauthorised, not found, not a query, several series, the wrong type.
    /// Before the first step it stops the run, later it counts as an error.
    Misconfigured(String),
}

/// An answer of a metric with its own time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Past {
    /// For when it holds.
    pub at: Moment,
    /// The answer.
    pub reading: Reading,
}

/// What a person may answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// Go on. To an unknown outcome: it has happened, go on behind it.
    Continue,
    /// Run the step again.
    Rerun,
    /// Roll back.
    Rollback,
    /// To an approval: yes.
    Approve,
    /// To an approval: no.
    Decline,
    /// To a step that is to be undone and of which nobody knows how it stands: undo it.
    Undo,
    /// To the same: leave it as it is.
    Leave,
}

impl Answer {
    /// The word that is typed.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Continue => "continue",
            Self::Rerun => "rerun",
            Self::Rollback => "rollback",
            Self::Approve => "approve",
            Self::Decline => "decline",
            Self::Undo => "undo",
            Self::Leave => "leave",
        }
    }
}
