//! Owns a test as it is played: its plan with the values that it gives, the script of what happens, and what is expected. It is no part
//! of the plan that a run carries.

use std::sync::Arc;

use super::Plan;
use super::condition::{Comparison, Condition};
use super::ids::{ExposureId, GuardId, LevelId, MetricId, StageId, StepId};
use crate::ast::{AnswerKind, CrashPoint, FaultKind, OutcomeKind};
use crate::check::{AnswerTo, Run, Spot, Tried};
use crate::source::Span;
use crate::value::Millis;

/// A test.
#[derive(Clone, Debug)]
pub struct Trial {
    /// What it shows, in words.
    pub name: String,
    /// Where its name stands.
    pub span: Span,
    /// What is run. Tests that give the same values share it.
    pub plan: Arc<Plan>,
    /// Of each step of the plan: the step of the file that it was made of.
    pub steps: Arc<[StepId]>,
    /// Wall time at the start, Unix milliseconds.
    pub start: i64,
    /// What metrics say, in order; of several that hold at a time the last one counts.
    pub sets: Vec<Says>,
    /// What goes wrong.
    pub faults: Vec<Wrong>,
    /// What takes time.
    pub takes: Vec<Slow>,
    /// Where the machine dies.
    pub crashes: Vec<Dies>,
    /// What people answer.
    pub answers: Vec<Reply>,
    /// What is expected.
    pub expects: Vec<Expected>,
}

/// What a metric says, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Says {
    /// Which.
    pub metric: MetricId,
    /// What.
    pub told: Told,
    /// Only while this holds.
    pub when: Option<Condition>,
    /// So long after the beginning of `into`.
    pub from: Millis,
    /// The stage or level whose beginning counts; absent: that of the run.
    pub into: Option<Spot>,
    /// For how long; absent: to the end.
    pub hold: Option<Millis>,
    /// The whole line.
    pub span: Span,
}

/// What a metric says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Told {
    /// A value in the base of its unit.
    Value(f64),
    /// There is no data.
    Missing,
    /// The source fails.
    Error,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// How.
    pub kind: FaultKind,
    /// What.
    pub of: Tried,
    /// Only there; of a step its own place says it.
    pub within: Option<Spot>,
    /// In which attempt, from 1; absent: in every one.
    pub attempt: Option<u32>,
    /// The whole line.
    pub span: Span,
}

/// What takes time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slow {
    /// What.
    pub of: Tried,
    /// Only there; of a step its own place says it.
    pub within: Option<Spot>,
    /// How long.
    pub time: Millis,
    /// The whole line.
    pub span: Span,
}

/// What people answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// To what.
    pub to: AnswerTo,
    /// What.
    pub answer: AnswerKind,
    /// After how long.
    pub after: Millis,
    /// The whole line.
    pub span: Span,
}

/// Where the machine dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dies {
    /// Whether the work was done.
    pub point: CrashPoint,
    /// What was under way.
    pub of: Tried,
    /// Only there; of a step its own place says it.
    pub within: Option<Spot>,
    /// The whole line.
    pub span: Span,
}

/// What is expected.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    /// What.
    pub kind: Expect,
    /// The line as it is written, without its first word.
    pub text: String,
    /// The whole line.
    pub span: Span,
}

/// What can be expected of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Expect {
    /// How it ends, and by which level.
    Outcome(OutcomeKind, Option<LevelId>),
    /// How long the way back takes.
    Recovery(Comparison, Millis),
    /// Something runs.
    Ran(Run),
    /// Something never runs.
    Never(Run),
    /// A guard trips.
    Tripped(GuardId),
    /// A stage is held.
    Held(StageId),
    /// How much is exposed at most, as a number of its scale: of one exposure, or of each.
    Exposure(Option<ExposureId>, Comparison, f64),
}
