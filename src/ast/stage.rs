//! What happens: stages, levels, steps and the other statements.

use crate::source::Span;

use super::{
    Approve, Capture, Command, EnvVar, Expr, ForEach, Guard, If, Name, NotBuilt, OnHosts, Parallel,
    TaskCall, Text, WaitUntil,
};

/// `before rollout { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Before {
    /// Its lines, in order.
    pub items: Vec<BeforeItem>,
    /// The whole block.
    pub span: Span,
}

/// A line of `before rollout`.
#[derive(Clone, Debug, PartialEq)]
pub enum BeforeItem {
    /// A check runs.
    Check(Check),
    /// A confirmation asks a person.
    Confirm(Confirm),
    /// An approval asks a group.
    Approve(Box<Approve>),
    /// Known, not built yet, reported.
    NotBuilt(NotBuilt),
}

/// `check [NAME] "title" CLAUSES COMMAND`
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// Its name.
    pub name: Option<Name>,
    /// What it shows, in words.
    pub title: Option<Text>,
    /// Its clauses.
    pub clauses: Rare,
    /// What is run; `None` when it is missing or not built yet, which was reported, and where `migrations` stands.
    pub command: Option<Command>,
    /// The pattern of the files of SQL that are read instead.
    pub migrations: Option<Text>,
    /// The whole of it.
    pub span: Span,
    /// The comment right above.
    pub docs: Option<String>,
}

/// `confirm [NAME] "title"`
#[derive(Clone, Debug, PartialEq)]
pub struct Confirm {
    /// Its name, by which an answer can be given beforehand.
    pub name: Option<Name>,
    /// What a person confirms.
    pub title: Text,
    /// The whole line.
    pub span: Span,
    /// The comment right above.
    pub docs: Option<String>,
}

/// `rollout { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Rollout {
    /// Its stages, in order.
    pub stages: Vec<Stage>,
    /// Parts that are not built yet.
    pub not_built: Vec<NotBuilt>,
    /// The word `rollout`.
    pub word_span: Span,
    /// The whole block.
    pub span: Span,
}

/// `stage NAME ["title"] [shrink] { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// Its name.
    pub name: Name,
    /// What it is, in words.
    pub title: Option<Text>,
    /// `shrink`: exposure may fall in it. Where the word stands.
    pub shrink: Option<Span>,
    /// What happens in it, in order; its guards stand among the statements.
    pub statements: Vec<Statement>,
    /// The whole block.
    pub span: Span,
    /// The comment right above.
    pub docs: Option<String>,
}

/// Which way a run takes that cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// `rollback`
    Back,
    /// `forward`: behind `no return`.
    Forward,
}

impl Way {
    /// The word in the language.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Back => "rollback",
            Self::Forward => "forward",
        }
    }
}

/// `rollback { … }` or `forward { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Rollback {
    /// Which of the two.
    pub way: Way,
    /// Its levels, in order.
    pub levels: Vec<Level>,
    /// How it is judged whether a level has helped.
    pub recovered: Option<Recovered>,
    /// Parts that are not built yet.
    pub not_built: Vec<NotBuilt>,
    /// The word that opens the block.
    pub word_span: Span,
    /// The whole block.
    pub span: Span,
}

/// `level NAME ["title"] within D [when COND] { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// Its name.
    pub name: Name,
    /// What it is, in words.
    pub title: Option<Text>,
    /// When it is cut off. The language requires it; its absence is for the check phase to report.
    pub within: Option<Expr>,
    /// Whether it is worth trying.
    pub when: Option<Expr>,
    /// What happens in it, in order.
    pub statements: Vec<Statement>,
    /// The whole block.
    pub span: Span,
    /// The comment right above.
    pub docs: Option<String>,
}

/// `recovered when COND [for D] within D`
#[derive(Clone, Debug, PartialEq)]
pub struct Recovered {
    /// What recovery is.
    pub when: Expr,
    /// How long it must hold.
    pub hold: Option<Expr>,
    /// How long it may take.
    pub within: Expr,
    /// The whole line.
    pub span: Span,
    /// The comment right above.
    pub docs: Option<String>,
}

/// A statement of a stage or a level.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// `step NAME …`
    Step(Step),
    /// A bare `$ …`, `sh …` or `exec …`: a step without a name, with the defaults.
    Command(Command),
    /// `wait …`
    Wait(Wait),
    /// `wait until …`
    WaitUntil(Box<WaitUntil>),
    /// `expose …`
    Expose(Expose),
    /// `verify …`
    Verify(Verify),
    /// `notify …`
    Notify(Notify),
    /// `fail "why"`
    Fail(Fail),
    /// `guard …`: armed in this stage.
    Guard(Box<Guard>),
    /// `approve …`
    Approve(Box<Approve>),
    /// `capture …`
    Capture(Box<Capture>),
    /// `parallel { … }`
    Parallel(Box<Parallel>),
    /// `for … in … { … }`
    For(Box<ForEach>),
    /// `if … { … }`
    If(Box<If>),
    /// `undo`: where it stands.
    Undo(Span),
    /// `no return "why"`
    NoReturn(NoReturn),
    /// `NAME(VALUE, …)`
    Call(Box<TaskCall>),
    /// Known, not built yet, reported.
    NotBuilt(NotBuilt),
}

impl Statement {
    /// The whole of it.
    pub fn span(&self) -> Span {
        match self {
            Self::Step(one) => one.span,
            Self::Command(one) => one.span(),
            Self::Wait(one) => one.span,
            Self::WaitUntil(one) => one.span,
            Self::Expose(one) => one.span,
            Self::Verify(one) => one.span,
            Self::Notify(one) => one.span,
            Self::Fail(one) => one.span,
            Self::Guard(one) => one.span,
            Self::Approve(one) => one.span,
            Self::Capture(one) => one.span,
            Self::Parallel(one) => one.span,
            Self::For(one) => one.span,
            Self::If(one) => one.span,
            Self::Undo(span) => *span,
            Self::NoReturn(one) => one.span,
            Self::Call(one) => one.span,
            Self::NotBuilt(one) => one.span,
        }
    }
}

/// `no return "why"`: from here on nothing is rolled back any more.
#[derive(Clone, Debug, PartialEq)]
pub struct NoReturn {
    /// Why.
    pub why: Text,
    /// The whole line.
    pub span: Span,
}

/// `step NAME ["title"] CLAUSES COMMAND`
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its name.
    pub name: Name,
    /// What it does, in words.
    pub title: Option<Text>,
    /// Its clauses.
    pub clauses: Rare,
    /// What is run; `None` when it is missing or not built yet, which was reported.
    pub command: Option<Command>,
    /// The whole of it.
    pub span: Span,
    /// The comment right above.
    pub docs: Option<String>,
}

/// The clauses of a step or a check. Each comes at most once. What is large and rare in it stands in a box of its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clauses {
    /// `timeout D`
    pub timeout: Option<Expr>,
    /// `grace D`
    pub grace: Option<Expr>,
    /// `retry N every D` or `retry N backoff A..B`
    pub retry: Option<Box<Retry>>,
    /// `retry none`: where it stands.
    pub no_retry: Option<Span>,
    /// `idempotent`: where the word stands.
    pub idempotent: Option<Span>,
    /// `unless $ …` or `unless PROBE`
    pub unless: Option<Box<Unless>>,
    /// `undo …`
    pub undo: Option<Undo>,
    /// `protected`: where the word stands.
    pub protected: Option<Span>,
    /// `on failure …`
    pub on_failure: Option<OnFailure>,
    /// `on unknown …`
    pub on_unknown: Option<OnUnknown>,
    /// `on HOSTS …`
    pub on: Option<Box<OnHosts>>,
    /// `in "dir"`
    pub dir: Option<Box<Expr>>,
    /// `env { … }`; empty when there is none.
    pub env: Vec<EnvVar>,
    /// `stdin "text"`
    pub stdin: Option<Box<Expr>>,
    /// `interactive`: where the word stands.
    pub interactive: Option<Span>,
    /// `user "name"`
    pub user: Option<Box<Expr>>,
    /// Clauses that are not built yet.
    pub not_built: Vec<NotBuilt>,
}

/// The clauses of a step, which most steps do not have: none take no room. A file of a thousand steps is read in less time,
/// because what is in memory has to be put there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rare(Option<Box<Clauses>>);

impl From<Clauses> for Rare {
    fn from(clauses: Clauses) -> Self {
        Self((clauses != NONE).then(|| Box::new(clauses)))
    }
}

impl Rare {
    /// What undoes the step, to be changed.
    pub fn undo_mut(&mut self) -> Option<&mut Undo> {
        self.all_mut()?.undo.as_mut()
    }

    /// All of them, to be changed; nothing when there is none.
    pub fn all_mut(&mut self) -> Option<&mut Clauses> {
        self.0.as_deref_mut()
    }
}

impl std::ops::Deref for Rare {
    type Target = Clauses;

    fn deref(&self) -> &Clauses {
        self.0.as_deref().unwrap_or(&NONE)
    }
}

/// No clause at all.
static NONE: Clauses = Clauses {
    timeout: None,
    grace: None,
    retry: None,
    no_retry: None,
    idempotent: None,
    unless: None,
    undo: None,
    protected: None,
    on_failure: None,
    on_unknown: None,
    on: None,
    dir: None,
    env: Vec::new(),
    stdin: None,
    interactive: None,
    user: None,
    not_built: Vec::new(),
};

/// `retry N every D` or `retry N backoff A..B`
#[derive(Clone, Debug, PartialEq)]
pub struct Retry {
    /// How many further attempts.
    pub times: Expr,
    /// What lies between them.
    pub pause: Pause,
    /// The whole clause.
    pub span: Span,
}

/// What lies between two attempts.
#[derive(Clone, Debug, PartialEq)]
pub enum Pause {
    /// `every D`: always the same.
    Every(Expr),
    /// `backoff A..B`: doubled each time, from the first to at most the second.
    Backoff {
        /// The first pause.
        first: Expr,
        /// The longest pause.
        last: Expr,
    },
}

impl Pause {
    /// Its times, to be changed.
    pub fn exprs_mut(&mut self) -> Vec<&mut Expr> {
        match self {
            Self::Every(pause) => vec![pause],
            Self::Backoff { first, last } => vec![first, last],
        }
    }
}

/// `unless …`: already done, so skip; it also answers what became of an attempt that was cut off.
#[derive(Clone, Debug, PartialEq)]
pub enum Unless {
    /// A command; status 0 means done.
    Command(Command),
    /// A probe, by name.
    Probe(Name),
}

impl Unless {
    /// What is asked.
    pub fn span(&self) -> Span {
        match self {
            Self::Command(command) => command.span(),
            Self::Probe(name) => name.span,
        }
    }
}

/// `undo $ …` or `undo { … }`: what undoes a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Undo {
    /// What is run for that, in order: commands and steps.
    pub statements: Vec<Statement>,
    /// The whole clause.
    pub span: Span,
}

/// `on failure …`
#[derive(Clone, Debug, PartialEq)]
pub struct OnFailure {
    /// What happens.
    pub action: FailureAction,
    /// The whole clause.
    pub span: Span,
}

/// What happens when all attempts have failed.
#[derive(Clone, Debug, PartialEq)]
pub enum FailureAction {
    /// `rollback [from LEVEL]`
    Rollback {
        /// The level to begin with.
        from: Option<Name>,
    },
    /// `hold`
    Hold,
    /// `continue`
    Continue,
}

/// `on unknown …`
#[derive(Clone, Debug, PartialEq)]
pub struct OnUnknown {
    /// What happens.
    pub action: UnknownAction,
    /// The whole clause.
    pub span: Span,
}

/// What happens when a crash has hidden the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownAction {
    /// Ask a person.
    Ask,
    /// Run it again.
    Rerun,
    /// Roll back.
    Rollback,
}

/// `wait D` or `wait MIN..MAX`
#[derive(Clone, Debug, PartialEq)]
pub struct Wait {
    /// How much healthy time is wanted.
    pub min: Expr,
    /// When it becomes a hold; absent: `min` and the hold limit.
    pub max: Option<Expr>,
    /// The whole statement.
    pub span: Span,
}

/// `expose [NAME] VALUE [within D]`
#[derive(Clone, Debug, PartialEq)]
pub struct Expose {
    /// Which exposure; may be left out where there is only one.
    pub name: Option<Name>,
    /// The target.
    pub value: Expr,
    /// How long the read-back may take to agree.
    pub within: Option<Expr>,
    /// The whole statement.
    pub span: Span,
}

/// `verify PROBE within D [every D]`
#[derive(Clone, Debug, PartialEq)]
pub struct Verify {
    /// The probe.
    pub probe: Name,
    /// How long it may take to become true. The language requires it; its absence is for the check phase.
    pub within: Option<Expr>,
    /// How often it is asked.
    pub every: Option<Expr>,
    /// The whole statement.
    pub span: Span,
}

/// `notify CHANNEL "text"`
#[derive(Clone, Debug, PartialEq)]
pub struct Notify {
    /// The channel.
    pub channel: Name,
    /// What is said.
    pub text: Text,
    /// The whole statement.
    pub span: Span,
}

/// `fail "why"`
#[derive(Clone, Debug, PartialEq)]
pub struct Fail {
    /// Why.
    pub why: Text,
    /// The whole statement.
    pub span: Span,
}
