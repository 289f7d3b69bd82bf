//! Owns the state of a run: everything that the engine knows, and nothing that can be derived from it. No handles, no clock.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::approve::Approved;
use super::copy::copied_in_place;
use super::effect::{
    Attempt, NoticeNumber, Question, QuestionAbout, QuestionNumber, Verdict, Work,
};
use super::input::{LeaveWhy, Past};
use super::sensed::{GuardState, MetricState, Streak};
use super::strand::StrandId;
use super::strands::Strands;
use super::time::Moment;
use super::undo::Begun;
use crate::plan::{ApprovalId, ChannelId, ExposureId, LevelId, MetricId, Plan, StageId, StepId};
use crate::value::{Millis, Value};

/// The state of a run. Made by [`State::new`], changed by `apply` alone.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own: something was changed, an incident is open, the runner may go"
)]
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The time of the newest input.
    pub now: Moment,
    /// The same on the wall, Unix milliseconds; for the window.
    #[serde(default)]
    pub wall: i64,
    /// Why the window does not bind this run.
    #[serde(default)]
    pub hotfix: Option<String>,
    /// Where the run is.
    pub phase: Phase,
    /// Who started it.
    pub by: String,
    /// Why it is rolled back, stuck or held; for `${reason}`.
    pub reason: String,
    /// Whether anything that may change the world was ever started.
    pub changed: bool,
    /// The strands of the stage or level that have begun and not ended; none elsewhere.
    pub strands: Strands,
    /// The attempts that are out, oldest first.
    pub running: Vec<Running>,
    /// What happens when all running attempts have ended.
    pub turn: Option<Turn>,
    /// Each exposure's value, as a number of its scale; unknown before it was read.
    pub exposures: Vec<Option<f64>>,
    /// The same as it was read before anything was changed.
    #[serde(default)]
    pub before: Vec<Option<f64>>,
    /// What each metric last said.
    pub metrics: Vec<MetricState>,
    /// What each guard has seen.
    pub guards: Vec<GuardState>,
    /// Open questions, oldest first.
    pub questions: Vec<Question>,
    /// The approvals given so far, oldest first.
    #[serde(default)]
    pub approvals: Vec<Approved>,
    /// The steps that began and can be undone, each time that one began, oldest first; what is undone is no longer there.
    #[serde(default)]
    pub begun: Vec<Begun>,
    /// The run has passed a point of no return, for this reason: what goes wrong takes the way forward.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub past_return: Option<String>,
    /// The captured values; nothing where none was set.
    #[serde(default)]
    pub captures: Vec<Option<Value>>,
    /// The hold that is on, if any.
    pub hold: Option<Hold>,
    /// The runner wants to leave, for this reason.
    pub leaving: Option<LeaveWhy>,
    /// The runner has been told that it may go.
    pub left: bool,
    /// Notices on their way.
    pub notices: BTreeMap<NoticeNumber, PendingNotice>,
    /// An incident was opened for this run.
    #[serde(default)]
    pub incident: bool,
    /// Nobody looked before this: observation begins anew here after the run was taken up.
    pub eyes_since: Moment,
    /// A time in which nobody looked, while its samples are being fetched.
    #[serde(default)]
    pub gap: Option<Gap>,
    /// The next numbers.
    pub next: Counters,
}

copied_in_place! { State:
    now wall hotfix phase by reason changed strands running turn exposures before metrics
    guards questions approvals begun past_return captures hold leaving left notices incident
    eyes_since gap next
}

/// The next free numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Of attempts.
    pub attempt: u32,
    /// Of questions.
    pub question: u32,
    /// Of notices.
    pub notice: u32,
    /// Of reminders.
    #[serde(default)]
    pub reminder: u32,
    /// Of strands: the newest.
    #[serde(default)]
    pub strand: u32,
}

/// A notice on its way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PendingNotice {
    /// Where to.
    pub channel: ChannelId,
    /// What.
    pub text: String,
}

/// Where the run is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Phase {
    /// Nothing has happened.
    New,
    /// Preconditions are being looked at; nothing is changed.
    Preparing(Preparing),
    /// In a stage.
    Rolling {
        /// Which.
        stage: StageId,
        /// When it began.
        began: Moment,
    },
    /// In a level.
    RollingBack {
        /// Which.
        level: LevelId,
        /// When it began.
        began: Moment,
        /// Cut off at this time.
        deadline: Moment,
    },
    /// The verdict is known; the last notices are on their way.
    Closing(Verdict),
    /// Over.
    Final(Verdict),
}

/// Preconditions being looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preparing {
    /// Metrics that have not answered yet.
    pub unanswered: Vec<MetricId>,
    /// The exposure to be read next.
    pub exposure: usize,
    /// The precondition to be looked at next.
    pub precondition: usize,
    /// What did not hold so far, as sentences.
    pub failed: Vec<String>,
    /// The confirmations given.
    pub confirmed: Vec<String>,
    /// Waits for the window to open, which is then; nothing is looked at before.
    #[serde(default)]
    pub waits: Option<Moment>,
    /// The baselines that are being measured; nothing before that begins.
    #[serde(default)]
    pub baselines: Option<Vec<Measuring>>,
}

/// A baseline being measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measuring {
    /// Of which metric.
    pub metric: MetricId,
    /// The metric is asked up to this; nothing while its source says what it remembers.
    pub until: Option<Moment>,
    /// What was seen.
    pub values: Vec<f64>,
}

/// The watch after a rollback.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Watching {
    /// Since when.
    pub since: Moment,
    /// It is over then, unless it is in the middle of a streak.
    pub until: Moment,
    /// The newest sample that showed anything.
    pub seen: Moment,
    /// The streak of samples in which the service is not what `recovered` wants.
    pub streak: Option<Streak>,
}

/// What is done about an operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Task {
    /// Not begun.
    Ready,
    /// An attempt is out.
    Attempting(Aim),
    /// A pause before the next attempt.
    Pausing {
        /// Its end.
        until: Moment,
        /// What follows.
        then: Aim,
    },
    /// A person is asked about this operation; it is settled by the answer.
    Asking {
        /// What was aimed at.
        aim: Aim,
    },
    /// Stopped in the middle by a person; on resume it is treated as unknown.
    Interrupted {
        /// What was aimed at.
        aim: Aim,
        /// The attempt that was stopped.
        attempt: Attempt,
    },
    /// A soak.
    Soaking(Soak),
    /// A condition is waited for, or one that decides.
    Waiting(Waiting),
    /// Its strands are under way.
    Joining {
        /// How many of them have begun.
        begun: usize,
    },
    /// Its attempt has ended, and nothing more happens: the run turns as soon as those of the other strands have.
    Over,
    /// All operations are done; the guards have to have looked.
    Settling {
        /// Since when.
        since: Moment,
    },
    /// All operations of a level are done; `recovered` is judged.
    Recovering(Recovery),
    /// The service has recovered, and it is looked on.
    Watching(Watching),
}

/// What an attempt is for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Aim {
    /// To run a step; this is the number of the attempt, from 1.
    Step {
        /// Which.
        step: StepId,
        /// From 1.
        number: u32,
    },
    /// To find out whether the step is done already. `resolves` is the attempt whose outcome is unknown, if that is why.
    Unless {
        /// Which.
        step: StepId,
        /// The attempt of the step that comes next.
        number: u32,
        /// The unknown attempt in question.
        resolves: Option<Attempt>,
    },
    /// To set an exposure.
    Set {
        /// Which.
        exposure: ExposureId,
        /// To what.
        target: f64,
    },
    /// To read it back until it agrees.
    Agree {
        /// Which.
        exposure: ExposureId,
        /// With what.
        target: f64,
        /// Until when.
        deadline: Moment,
        /// Set it (again) when it does not agree: nobody knows whether it was set.
        unsure: bool,
    },
    /// To ask a probe until it holds.
    Probe {
        /// Until when.
        deadline: Moment,
    },
    /// To get an approval. People are asked; nothing is attempted.
    Approve {
        /// Which.
        approval: ApprovalId,
    },
}

/// A soak under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Soak {
    /// When it began.
    pub began: Moment,
    /// Healthy time observed up to `counted`.
    pub served: Millis,
    /// Up to here `served` counts.
    pub counted: Moment,
    /// Becomes a hold then, unless a person said otherwise.
    pub overdue: Option<Moment>,
    /// Whether people were told that it is served but has to wait for its guards.
    pub waits: bool,
}

/// A condition being waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Since when.
    pub since: Moment,
    /// Over at this time.
    pub deadline: Moment,
    /// The question, once its time was over and nothing could be seen.
    pub asked: Option<QuestionNumber>,
}

/// Recovery being judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recovery {
    /// When the level's operations were done.
    pub since: Moment,
    /// Not recovered at this time: the level failed.
    pub deadline: Moment,
    /// The streak of good samples.
    pub streak: Option<Streak>,
    /// What was last seen, for the sentence.
    pub last: String,
}

/// An attempt that is out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Running {
    /// Its number.
    pub attempt: Attempt,
    /// The strand that it belongs to.
    pub strand: StrandId,
    /// What it does.
    pub work: Work,
    /// When it started.
    pub since: Moment,
    /// Whether it was told to stop.
    pub stopping: bool,
}

/// What happens when all running attempts have ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Turn {
    /// The rollback begins.
    RollBack {
        /// From this level on.
        from: Option<LevelId>,
        /// Why.
        reason: String,
    },
    /// The level is cut off.
    LevelFailed {
        /// Why.
        why: String,
    },
    /// The runner leaves.
    Leave,
    /// The metrics that the `when` of a level reads are asked, because nobody has asked them lately. No attempt is out.
    Look {
        /// The level that may come next.
        level: LevelId,
        /// Those that have not answered yet.
        asked: Vec<MetricId>,
        /// What has not answered by then is not known.
        until: Moment,
    },
}

/// A hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hold {
    /// Since when.
    pub since: Moment,
    /// When a person is asked.
    pub until: Moment,
    /// Why, in a sentence.
    pub why: String,
    /// The question, once its limit was reached.
    pub asked: Option<QuestionNumber>,
    /// It is for the window, which opens at its end: nobody is asked.
    #[serde(default)]
    pub window: bool,
}

/// A time in which nobody looked, whose samples are being fetched from the sources that remember them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gap {
    /// Nobody looked after this.
    pub from: Moment,
    /// Up to this.
    pub to: Moment,
    /// The metrics whose sources have not said yet.
    pub waiting: Vec<MetricId>,
    /// What the others said.
    pub told: Vec<(MetricId, Vec<Past>)>,
}

impl Aim {
    /// The same as a further attempt.
    pub(super) fn again(self) -> Self {
        match self {
            Self::Step { step, number } => Self::Step {
                step,
                number: number.saturating_add(1),
            },
            Self::Unless {
                step,
                number,
                resolves,
            } => Self::Unless {
                step,
                number: number.saturating_add(1),
                resolves,
            },
            Self::Set { .. } | Self::Agree { .. } | Self::Probe { .. } | Self::Approve { .. } => {
                self
            }
        }
    }
}

impl State {
    /// The state before the first input.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        Self {
            now: Moment(0),
            wall: 0,
            hotfix: None,
            phase: Phase::New,
            by: String::new(),
            reason: String::new(),
            changed: false,
            strands: Strands::default(),
            running: Vec::new(),
            turn: None,
            exposures: vec![None; plan.exposures.len()],
            before: vec![None; plan.exposures.len()],
            metrics: vec![MetricState::default(); plan.metrics.len()],
            guards: vec![GuardState::default(); plan.guards.len()],
            questions: Vec::new(),
            approvals: Vec::new(),
            begun: Vec::new(),
            past_return: None,
            captures: vec![None; plan.captures.len()],
            hold: None,
            leaving: None,
            left: false,
            notices: BTreeMap::new(),
            incident: false,
            eyes_since: Moment(0),
            gap: None,
            next: Counters::default(),
        }
    }

    /// The verdict, once the run is over.
    #[must_use]
    pub fn verdict(&self) -> Option<&Verdict> {
        match &self.phase {
            Phase::Final(verdict) => Some(verdict),
            Phase::New
            | Phase::Preparing(_)
            | Phase::Rolling { .. }
            | Phase::RollingBack { .. }
            | Phase::Closing(_) => None,
        }
    }

    /// The stage that the run is in.
    #[must_use]
    pub fn stage(&self) -> Option<StageId> {
        match &self.phase {
            Phase::Rolling { stage, .. } => Some(*stage),
            Phase::New
            | Phase::Preparing(_)
            | Phase::RollingBack { .. }
            | Phase::Closing(_)
            | Phase::Final(_) => None,
        }
    }

    /// The rollback level that the run is in.
    #[must_use]
    pub fn level(&self) -> Option<LevelId> {
        match &self.phase {
            Phase::RollingBack { level, .. } => Some(*level),
            Phase::New
            | Phase::Preparing(_)
            | Phase::Rolling { .. }
            | Phase::Closing(_)
            | Phase::Final(_) => None,
        }
    }

    /// When the current stage or level began.
    #[must_use]
    pub fn place_began(&self) -> Moment {
        match &self.phase {
            Phase::Rolling { began, .. } | Phase::RollingBack { began, .. } => *began,
            Phase::New | Phase::Preparing(_) | Phase::Closing(_) | Phase::Final(_) => Moment(0),
        }
    }

    /// What is done about the current operation of the main strand.
    #[must_use]
    pub fn task(&self) -> Option<&Task> {
        self.strands.get(&StrandId::MAIN).map(|main| &main.task)
    }

    /// The watch after a rollback, while it lasts.
    #[must_use]
    pub fn watching(&self) -> Option<&Watching> {
        if let Task::Watching(watching) = self.task()? {
            Some(watching)
        } else {
            None
        }
    }

    /// Whether something waits for a person or is held.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.hold.is_some() || !self.questions.is_empty()
    }

    /// Whether the clocks are stopped and nothing new begins in any strand: something holds the stage, or a person is asked.
    /// Only an approval stops no more than the strand that asks for it.
    #[must_use]
    pub fn stands_still(&self) -> bool {
        self.hold.is_some() || self.questions.iter().any(|open| !open.about.is_approval())
    }

    /// Whether a person has to say what became of something in one of the strands.
    #[must_use]
    pub fn is_in_question(&self) -> bool {
        self.questions.iter().any(|open| match open.about {
            QuestionAbout::Failure(_)
            | QuestionAbout::Unknown { .. }
            | QuestionAbout::Undo { .. }
            | QuestionAbout::Unapproved(_)
            | QuestionAbout::Unseen => true,
            QuestionAbout::Guard(_) | QuestionAbout::Hold | QuestionAbout::Approval(_) => false,
        })
    }
}
