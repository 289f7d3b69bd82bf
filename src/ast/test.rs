//! `test "name" { … }`: what is given, what goes wrong, and what is expected of the run.

use crate::source::Span;
use crate::value::{Date, Weekday};

use super::{CompareOp, Expr, Name, Text};

/// `test "name" { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct TestBlock {
    /// What it shows, in words.
    pub name: Text,
    /// Its lines, in order; `given a = 1, b = 2` makes two of them.
    pub lines: Vec<TestLine>,
    /// The whole block.
    pub span: Span,
    /// The comment right above.
    pub docs: Option<String>,
}

/// A line of a test.
#[derive(Clone, Debug, PartialEq)]
pub enum TestLine {
    /// `given NAME = VALUE`
    Given(Given),
    /// `start tue 10:00`
    Start(TestStart),
    /// `set METRIC = …`
    Set(TestSet),
    /// `fail STEP`, `hang STEP`
    Fault(Fault),
    /// `takes STEP D`
    Takes(Takes),
    /// `crash at STEP`
    Crash(Crash),
    /// `answer GUARD = continue after D`
    Answer(TestAnswer),
    /// `expect …`
    Expect(TestExpect),
}

impl TestLine {
    /// The whole line.
    pub fn span(&self) -> Span {
        match self {
            Self::Given(one) => one.span,
            Self::Start(one) => one.span,
            Self::Set(one) => one.span,
            Self::Fault(one) => one.span,
            Self::Takes(one) => one.span,
            Self::Crash(one) => one.span,
            Self::Answer(one) => one.span,
            Self::Expect(one) => one.span,
        }
    }
}

/// `given version = 2.4.0`
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// The parameter.
    pub param: Name,
    /// Its value.
    pub value: Expr,
    /// Both.
    pub span: Span,
}

/// `start tue 10:00`, `start 2026-03-29 01:30`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TestStart {
    /// The day.
    pub day: StartDay,
    /// The minute of the day, 0 to 1439.
    pub minute: u16,
    /// The whole line.
    pub span: Span,
}

/// The day on which a test starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartDay {
    /// A day of an ordinary week.
    Week(Weekday),
    /// A date.
    On(Date),
}

/// `set METRIC = VALUE [when COND] [from D into STAGE] [for D]`
#[derive(Clone, Debug, PartialEq)]
pub struct TestSet {
    /// The metric.
    pub metric: Name,
    /// What it says.
    pub told: Told,
    /// Only while this holds.
    pub when: Option<Expr>,
    /// From when on.
    pub from: Option<FromInto>,
    /// For how long.
    pub hold: Option<Expr>,
    /// The whole line.
    pub span: Span,
}

/// What a metric says.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// A value.
    Value(Expr),
    /// There is no data.
    Missing,
    /// The source fails.
    Error,
}

/// `from 30m into canary`
#[derive(Clone, Debug, PartialEq)]
pub struct FromInto {
    /// How long after its beginning.
    pub after: Expr,
    /// Of which stage or level; absent: of the run.
    pub into: Option<Name>,
    /// The whole part.
    pub span: Span,
}

/// A step, a probe, an exposure, a stage, a level or a guard by its name, and where it stands: `deploy in code`.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// `undo`: what undoes the step of this name is meant.
    pub undo: bool,
    /// Its name.
    pub name: Name,
    /// Of a step in a loop: which turn, `[eu]`; absent: each.
    pub turn: Option<String>,
    /// The stage or level that it stands in.
    pub within: Option<Name>,
    /// Both.
    pub span: Span,
}

/// `fail STEP [attempt N]`, `hang STEP [attempt N]`
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What happens to it.
    pub kind: FaultKind,
    /// To what.
    pub target: Target,
    /// In which attempt; absent: in every one.
    pub attempt: Option<Expr>,
    /// The whole line.
    pub span: Span,
}

/// What happens to an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// It ends badly.
    Fail,
    /// It does not end.
    Hang,
}

impl FaultKind {
    /// The word in the language.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Hang => "hang",
        }
    }
}

/// `takes STEP D`
#[derive(Clone, Debug, PartialEq)]
pub struct Takes {
    /// What takes so long.
    pub target: Target,
    /// How long.
    pub time: Expr,
    /// The whole line.
    pub span: Span,
}

/// `crash at STEP`, `crash after STEP`
#[derive(Clone, Debug, PartialEq)]
pub struct Crash {
    /// Whether the step's work was done.
    pub point: CrashPoint,
    /// The step that is under way.
    pub target: Target,
    /// The whole line.
    pub span: Span,
}

/// Where in an attempt the machine dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrashPoint {
    /// In the middle: the work was not done.
    At,
    /// At its very end: the work was done, and nobody noted it.
    After,
}

impl CrashPoint {
    /// The word in the language.
    pub const fn word(self) -> &'static str {
        match self {
            Self::At => "at",
            Self::After => "after",
        }
    }
}

/// `answer GUARD = continue after D`
#[derive(Clone, Debug, PartialEq)]
pub struct TestAnswer {
    /// What was asked.
    pub asked: Asked,
    /// What is answered.
    pub answer: AnswerKind,
    /// After how long; at once when not given.
    pub after: Option<Expr>,
    /// The whole line.
    pub span: Span,
}

/// What people are asked about.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    /// A guard, a step, or `hold`.
    Target(Target),
    /// An approval by its text or its group, a confirmation by its title.
    Text(Text),
}

/// What people answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerKind {
    /// Go on.
    Continue,
    /// Roll back.
    Rollback,
    /// Run the step again.
    Rerun,
    /// Yes.
    Approve,
    /// No.
    Decline,
    /// Undo a step.
    Undo,
    /// Leave it as it is.
    Leave,
    /// Nobody answers.
    Nothing,
}

impl AnswerKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Continue,
        Self::Rollback,
        Self::Rerun,
        Self::Approve,
        Self::Decline,
        Self::Undo,
        Self::Leave,
        Self::Nothing,
    ];

    /// The word in the language.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Continue => "continue",
            Self::Rollback => "rollback",
            Self::Rerun => "rerun",
            Self::Approve => "approve",
            Self::Decline => "decline",
            Self::Undo => "undo",
            Self::Leave => "leave",
            Self::Nothing => "nothing",
        }
    }
}

/// `expect …`
#[derive(Clone, Debug, PartialEq)]
pub struct TestExpect {
    /// What is expected.
    pub kind: ExpectKind,
    /// The whole line.
    pub span: Span,
}

/// What can be expected of a run.
#[derive(Clone, Debug, PartialEq)]
pub enum ExpectKind {
    /// `outcome == rolled_back(flag)`
    Outcome {
        /// How it ends.
        outcome: OutcomeKind,
        /// By which level.
        level: Option<Name>,
    },
    /// `recovery <= 5m`
    Recovery {
        /// `<` or `<=`.
        op: CompareOp,
        /// The bound.
        within: Expr,
    },
    /// `ran NAME`: a step, a stage or a level.
    Ran(Target),
    /// `never NAME`: a step, a stage, a level or a guard.
    Never(Target),
    /// `tripped GUARD`
    Tripped(Name),
    /// `held during STAGE`
    Held(Name),
    /// `exposure [NAME] <= VALUE`
    Exposure {
        /// Which; absent: every one.
        name: Option<Name>,
        /// `<` or `<=`.
        op: CompareOp,
        /// The bound.
        most: Expr,
    },
}

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutcomeKind {
    /// Every stage was served.
    Completed,
    /// Rolled back and recovered.
    RolledBack,
    /// Gone forward and recovered.
    WentForward,
    /// A person is needed.
    Stuck,
    /// Nothing was changed.
    Aborted,
    /// A precondition did not hold.
    Refused,
}

impl OutcomeKind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Completed,
        Self::RolledBack,
        Self::WentForward,
        Self::Stuck,
        Self::Aborted,
        Self::Refused,
    ];

    /// The word in the language.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::RolledBack => "rolled_back",
            Self::WentForward => "went_forward",
            Self::Stuck => "stuck",
            Self::Aborted => "aborted",
            Self::Refused => "refused",
        }
    }
}
