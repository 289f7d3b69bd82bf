//! What happens: steps, stages, levels and their operations.

use crate::ast::{Expr, UnknownAction, Way};
use crate::check::ids::{ApprovalId, ChannelId, ExposureId, LevelId, ProbeId, StepId};
use crate::source::{SourceFile, Span};
use crate::value::Type;

use super::{Command, Condition, OnHosts, Template};

/// A step, or the command of a check.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it is called.
    pub name: StepName,
    /// What it does, in words.
    pub title: Option<Expr>,
    /// The stage or level that it stands in; empty for a check before the rollout.
    pub within: String,
    /// The line on which it begins, from 1.
    pub line: u32,
    /// The whole statement.
    pub span: Span,
    /// What is run.
    pub command: Command,
    /// Its bound.
    pub timeout: Option<Expr>,
    /// KILL comes this much after TERM.
    pub grace: Option<Expr>,
    /// Further attempts.
    pub retry: Again,
    /// May be run again when its outcome is unknown.
    pub idempotent: bool,
    /// May finish when a guard trips.
    pub protected: bool,
    /// What says that it is already done.
    pub unless: Option<Unless>,
    /// When all attempts failed.
    pub on_failure: OnFailure,
    /// When nobody knows.
    pub on_unknown: Option<UnknownAction>,
    /// The hosts that it runs on; absent: this machine.
    pub on: Option<OnHosts>,
    /// Where it runs.
    pub dir: Option<Template>,
    /// What it gets besides.
    pub env: Vec<(String, EnvValue)>,
    /// What it reads.
    pub stdin: Option<Template>,
    /// Whether it has the terminal of the run, and where it says so.
    pub interactive: Option<Span>,
    /// The user that it runs as.
    pub user: Option<Expr>,
    /// The secrets that it names.
    pub secrets: Vec<String>,
    /// What undoes it, in order, and its clause.
    pub undo: Option<(Vec<StepId>, Span)>,
    /// The step that this one undoes.
    pub undoes: Option<StepId>,
    /// Of a task that is called more than once in this stage or level: the same step in the first of these calls.
    pub copy_of: Option<StepId>,
}

impl Step {
    /// Its further attempts: what it says itself, or what `defaults` says.
    pub fn retry_in<'c>(&'c self, checked: &'c super::Checked) -> Option<&'c Retry> {
        match &self.retry {
            Again::Never => None,
            Again::Default => checked.defaults.retry.as_ref(),
            Again::Own(retry) => Some(retry),
        }
    }
}

/// What a step is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepName {
    /// By the name that the file gives.
    Given(String),
    /// By its place: the file gives none.
    Place(String),
}

impl StepName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Given(name) | Self::Place(name) => name,
        }
    }
}

/// The value of an entry of an `env` block.
#[derive(Clone, Debug)]
pub enum EnvValue {
    /// Text.
    Text(Template),
    /// A secret, by name.
    Secret(String),
}

/// Where a step's further attempts are said.
#[derive(Clone, Debug)]
pub enum Again {
    /// There are none: a check, or `retry none`.
    Never,
    /// In `defaults`, if anywhere.
    Default,
    /// In its own clause.
    Own(Box<Retry>),
}

/// Further attempts.
#[derive(Clone, Debug)]
pub struct Retry {
    /// How many.
    pub times: Expr,
    /// The first pause.
    pub first: Expr,
    /// The longest pause; the same as the first when it never changes.
    pub last: Option<Expr>,
}

/// What says that a step is already done.
#[derive(Clone, Debug)]
pub enum Unless {
    /// A command that exits 0.
    Command(Command),
    /// A probe that holds.
    Probe(ProbeId),
}

/// When all attempts failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// Roll back, from a level on.
    Rollback(Option<LevelId>),
    /// Hold.
    Hold,
    /// Go on.
    Continue,
}

/// Something that must hold before anything is changed.
#[derive(Clone, Debug)]
pub enum Precondition {
    /// A command that must succeed.
    Check(StepId),
    /// Something that a person confirms.
    Confirm(Expr),
    /// Something that a group approves.
    Approve(ApprovalId),
}

/// `check "title" migrations "db/*.sql"`
#[derive(Clone, Debug)]
pub struct Migrations {
    /// What it shows.
    pub title: Expr,
    /// The pattern of the files, as it is written.
    pub pattern: String,
    /// Where the pattern stands.
    pub span: Span,
    /// The files, in the order of their paths.
    pub files: Vec<SourceFile>,
}

/// An approval.
#[derive(Clone, Debug)]
pub struct Approval {
    /// What is approved.
    pub text: Template,
    /// The group whose people are asked.
    pub group: Expr,
    /// How many of them.
    pub count: Option<Expr>,
    /// How long they have.
    pub within: Expr,
    /// What happens without it.
    pub otherwise: Unapproved,
}

/// A captured value.
#[derive(Clone, Debug)]
pub struct Capture {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Its value where the step did not set it.
    pub default: Option<Expr>,
    /// The step that sets it.
    pub step: StepId,
}

/// What happens without an approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unapproved {
    /// Roll back, from a level on.
    Rollback(Option<LevelId>),
    /// Hold.
    Hold,
    /// Go on.
    Continue,
    /// Refuse the run.
    Refuse,
}

/// A stage.
#[derive(Clone, Debug)]
pub struct Stage {
    /// Its name.
    pub name: String,
    /// What it is, in words.
    pub title: Option<Expr>,
    /// Exposure may fall in it; where the word stands.
    pub shrink: Option<Span>,
    /// What it does.
    pub ops: Vec<Op>,
    /// Its name, where it is declared.
    pub span: Span,
}

/// A level.
#[derive(Clone, Debug)]
pub struct Level {
    /// The way that it belongs to.
    pub way: Way,
    /// Its name.
    pub name: String,
    /// What it is, in words.
    pub title: Option<Expr>,
    /// When it is cut off.
    pub within: Expr,
    /// Whether it is worth trying.
    pub when: Option<Condition>,
    /// What it does.
    pub ops: Vec<Op>,
    /// Its name, where it is declared.
    pub span: Span,
}

/// The way back, and the way forward.
#[derive(Clone, Debug)]
pub struct Rollback {
    /// The levels: those of the way back, then those of the way forward.
    pub levels: Vec<Level>,
    /// What recovery is after a level of the way back.
    pub recovered: Option<Recovered>,
    /// What it is after one of the way forward.
    pub recovered_forward: Option<Recovered>,
}

impl Rollback {
    /// What recovery is on a way.
    pub fn recovered_on(&self, way: Way) -> Option<&Recovered> {
        match way {
            Way::Back => self.recovered.as_ref(),
            Way::Forward => self.recovered_forward.as_ref(),
        }
    }
}

/// What recovery is.
#[derive(Clone, Debug)]
pub struct Recovered {
    /// What must hold.
    pub when: Condition,
    /// For how long.
    pub hold: Option<Expr>,
    /// Within which time.
    pub within: Expr,
    /// The whole line.
    pub span: Span,
}

/// An operation of a stage or level, with its place.
#[derive(Clone, Debug)]
pub struct Op {
    /// What is done.
    pub kind: OpKind,
    /// The whole statement.
    pub span: Span,
}

/// What is done.
#[derive(Clone, Debug)]
pub enum OpKind {
    /// Run a step.
    Step(StepId),
    /// Wait.
    Wait {
        /// How much healthy time.
        min: Expr,
        /// When it becomes a hold.
        max: Option<Expr>,
    },
    /// Wait until a condition holds.
    Until {
        /// Which.
        when: Condition,
        /// For how long at most.
        within: Expr,
    },
    /// Set an exposure.
    Expose {
        /// Which.
        exposure: ExposureId,
        /// To what.
        target: Expr,
        /// How long reading back may take to agree.
        within: Option<Expr>,
    },
    /// Ask a probe until it holds.
    Verify {
        /// Which.
        probe: ProbeId,
        /// For how long.
        within: Expr,
        /// How often.
        every: Option<Expr>,
    },
    /// Undo what has begun.
    Undo,
    /// Nothing is rolled back any more, for this reason.
    NoReturn(Template),
    /// Tell people.
    Notify(Notify),
    /// Fail on purpose.
    Fail(Template),
    /// Wait for an approval.
    Approve(ApprovalId),
    /// Several strands at once.
    Parallel(Vec<Strand>),
    /// The same for each value of a list.
    For(Box<Loop>),
    /// One of two ways.
    If(Box<If>),
    /// What a task does, with these values.
    Call(Box<TaskCall>),
}

/// A strand of `parallel`.
#[derive(Clone, Debug)]
pub struct Strand {
    /// What it is called.
    pub name: String,
    /// What is done in it.
    pub ops: Vec<Op>,
}

/// `for NAME in LIST`
#[derive(Clone, Debug)]
pub struct Loop {
    /// What each value is called in it.
    pub name: String,
    /// The type of each value.
    pub ty: Type,
    /// The values.
    pub list: Expr,
    /// How many turns may be under way at a time; absent: one.
    pub most: Option<Expr>,
    /// What is done for each of them.
    pub ops: Vec<Op>,
}

/// `NAME(VALUE, …)`
#[derive(Clone, Debug)]
pub struct TaskCall {
    /// The task.
    pub task: String,
    /// The values of its parameters.
    pub binds: Vec<Bind>,
    /// What it does.
    pub ops: Vec<Op>,
}

/// A parameter of a task with its value.
#[derive(Clone, Debug)]
pub struct Bind {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Its value.
    pub value: Expr,
}

/// `if COND`
#[derive(Clone, Debug)]
pub struct If {
    /// What decides.
    pub when: Condition,
    /// How long it may take to see it.
    pub within: Option<Expr>,
    /// What is done when it holds.
    pub then: Vec<Op>,
    /// What is done when it does not hold.
    pub otherwise: Vec<Op>,
}

impl Op {
    /// The operations that this one holds, each way by itself.
    pub fn inside(&self) -> Vec<&[Self]> {
        match &self.kind {
            OpKind::Parallel(strands) => strands.iter().map(|one| one.ops.as_slice()).collect(),
            OpKind::For(one) => vec![&one.ops],
            OpKind::If(one) => vec![&one.then, &one.otherwise],
            OpKind::Call(one) => vec![&one.ops],
            OpKind::Step(_)
            | OpKind::Wait { .. }
            | OpKind::Until { .. }
            | OpKind::Expose { .. }
            | OpKind::Verify { .. }
            | OpKind::Notify(_)
            | OpKind::Fail(_)
            | OpKind::Approve(_)
            | OpKind::NoReturn(_)
            | OpKind::Undo => Vec::new(),
        }
    }

    /// These operations and all that they hold, in the order of the file.
    pub fn all(ops: &[Self]) -> Vec<&Self> {
        let mut found = Vec::new();
        for op in ops {
            found.push(op);
            for inside in op.inside() {
                found.extend(Self::all(inside));
            }
        }
        found
    }
}

/// A text for a channel.
#[derive(Clone, Debug)]
pub struct Notify {
    /// Where to.
    pub channel: ChannelId,
    /// What.
    pub text: Template,
}
