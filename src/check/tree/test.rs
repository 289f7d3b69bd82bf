//! Tests: every name resolved, every value of the type that its place wants.

use crate::ast::{AnswerKind, CompareOp, CrashPoint, Expr, FaultKind, OutcomeKind, StartDay};
use crate::check::ids::{
    ApprovalId, ExposureId, GuardId, LevelId, MetricId, ProbeId, StageId, StepId,
};
use crate::source::Span;
use crate::value::Scale;

use super::Condition;

/// `test "name" { … }`
#[derive(Clone, Debug)]
pub struct TestBlock {
    /// What it shows, in words.
    pub name: String,
    /// Where its name stands.
    pub name_span: Span,
    /// The values of parameters, by name.
    pub given: Vec<Given>,
    /// When it starts.
    pub start: Option<(StartDay, u16)>,
    /// What metrics say.
    pub sets: Vec<TestSet>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// What takes time.
    pub takes: Vec<Takes>,
    /// Where the machine dies.
    pub crashes: Vec<Crash>,
    /// What people answer.
    pub answers: Vec<TestAnswer>,
    /// What is expected.
    pub expects: Vec<TestExpect>,
}

/// The value of a parameter.
#[derive(Clone, Debug)]
pub struct Given {
    /// The parameter.
    pub param: String,
    /// Its value.
    pub value: Expr,
    /// Both.
    pub span: Span,
}

/// What a metric says, and when.
#[derive(Clone, Debug)]
pub struct TestSet {
    /// Which.
    pub metric: MetricId,
    /// What.
    pub told: Told,
    /// Only while this holds.
    pub when: Option<Condition>,
    /// From when on.
    pub from: Option<(Expr, Option<Spot>)>,
    /// For how long.
    pub hold: Option<Expr>,
    /// The whole line.
    pub span: Span,
}

/// What a metric says.
#[derive(Clone, Debug)]
pub enum Told {
    /// A value.
    Value(Expr),
    /// There is no data.
    Missing,
    /// The source fails.
    Error,
}

/// A stage or a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spot {
    /// A stage.
    Stage(StageId),
    /// A level.
    Level(LevelId),
}

/// What an attempt is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tried {
    /// A step, a check, a capture.
    Step(StepId),
    /// A probe.
    Probe(ProbeId),
    /// The setting of an exposure.
    Exposure(ExposureId),
}

/// Which turn of a loop a step belongs to.
#[derive(Clone, Debug, Default)]
pub struct Turn {
    /// As reports write it, `[eu]`; absent: every one.
    pub text: Option<String>,
    /// The stage or level that it stands in, where that is said.
    pub within: Option<String>,
    /// The name of the step with it.
    pub span: Span,
}

/// What goes wrong.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Of a step in a loop: which turn.
    pub turn: Turn,
    /// How.
    pub kind: FaultKind,
    /// What.
    pub of: Tried,
    /// Only there; of a step its own place says it.
    pub within: Option<Spot>,
    /// In which attempt; absent: in every one.
    pub attempt: Option<Expr>,
    /// The whole line.
    pub span: Span,
}

/// What takes time.
#[derive(Clone, Debug)]
pub struct Takes {
    /// Of a step in a loop: which turn.
    pub turn: Turn,
    /// What.
    pub of: Tried,
    /// Only there; of a step its own place says it.
    pub within: Option<Spot>,
    /// How long.
    pub time: Expr,
    /// The whole line.
    pub span: Span,
}

/// Where the machine dies.
#[derive(Clone, Debug)]
pub struct Crash {
    /// Of a step in a loop: which turn.
    pub turn: Turn,
    /// Whether the work was done.
    pub point: CrashPoint,
    /// What was under way.
    pub of: Tried,
    /// Only there; of a step its own place says it.
    pub within: Option<Spot>,
    /// The whole line.
    pub span: Span,
}

/// What people answer.
#[derive(Clone, Debug)]
pub struct TestAnswer {
    /// Of a step in a loop: which turn.
    pub turn: Turn,
    /// To what.
    pub to: AnswerTo,
    /// What.
    pub answer: AnswerKind,
    /// After how long.
    pub after: Option<Expr>,
    /// The whole line.
    pub span: Span,
}

/// What people are asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerTo {
    /// A guard that wants a decision.
    Guard(GuardId),
    /// A step that failed, or whose outcome is unknown.
    Step(StepId),
    /// A hold that lasted to its limit.
    Hold,
    /// An approval.
    Approval(ApprovalId),
    /// A confirmation, by its position among the preconditions.
    Confirm(usize),
}

/// What is expected.
#[derive(Clone, Debug)]
pub struct TestExpect {
    /// Of a step in a loop: which turn.
    pub turn: Turn,
    /// What.
    pub kind: ExpectKind,
    /// The line as it is written, without its first word.
    pub text: String,
    /// The whole line.
    pub span: Span,
}

/// What can be expected of a run.
#[derive(Clone, Debug)]
pub enum ExpectKind {
    /// How it ends.
    Outcome(OutcomeKind, Option<LevelId>),
    /// How long the way back takes.
    Recovery(CompareOp, Expr),
    /// Something runs.
    Ran(Run),
    /// Something never runs.
    Never(Run),
    /// A guard trips.
    Tripped(GuardId),
    /// A stage is held.
    Held(StageId),
    /// How much is exposed at most.
    Exposure(Option<ExposureId>, CompareOp, Expr, Scale),
}

/// Something that runs, or trips.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// A step, a check, a capture.
    Step(StepId),
    /// A stage.
    Stage(StageId),
    /// A level.
    Level(LevelId),
    /// A guard.
    Guard(GuardId),
}
