//! The syntax tree: what a file says, with the place of everything.
//!
//! Plain data. Every struct has the `span` of its text. A part that could not be read was reported by
//! `syntax` and is absent here (`None`, or left out of its list); a part that is known to the language but
//! not built yet was reported too and stands here as `NotBuilt`. So later phases skip both silently and
//! go on with the rest of the file.

mod after;
mod around;
mod block;
mod channel;
mod declare;
mod expr;
mod flow;
mod hosts;
mod library;
pub(crate) mod rename;
mod request;
mod sql;
mod stage;
mod task;
mod test;
mod waive;

use crate::source::Span;

pub use after::*;
pub use around::*;
pub use block::*;
pub use channel::*;
pub use declare::*;
pub use expr::*;
pub use flow::*;
pub use hosts::*;
pub use library::*;
pub use request::*;
pub use sql::*;
pub use stage::*;
pub use task::*;
pub use test::*;
pub use waive::*;

/// A name, where it is declared or used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The name itself.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

impl Name {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// A construct of the language that this version refuses by name. `syntax` has reported it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotBuilt {
    /// The word that introduces it, for example `parallel`.
    pub word: String,
    /// The whole construct.
    pub span: Span,
}

/// What a file is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FileKind {
    /// `runbook "Title"`: a procedure that can be run.
    #[default]
    Runbook,
    /// `library "Title"`: declarations for other files.
    Library,
}

impl FileKind {
    /// The word that begins such a file.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Runbook => "runbook",
            Self::Library => "library",
        }
    }
}

/// One file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// What its first statement says that it is.
    pub kind: FileKind,
    /// `runbook "Title"` or `library "Title"`; absent only when that was reported.
    pub title: Option<Text>,
    /// Everything after the title, in the order of the file.
    pub items: Vec<Item>,
    /// Words of lines and headings that could not be read. A name found here may have been declared by one
    /// of them: a phase that does not find a name keeps silent when it is listed here. Sorted.
    pub lost: Vec<String>,
    /// Every name with a library in front, `slo.outage`, where it is used, in the order of the file.
    pub qualified: Vec<Name>,
    /// The same of tests, where it can also be a step of a task.
    pub tried: Vec<Name>,
    /// The findings that the file accepts, wherever that is said, in the order of the file.
    pub waives: Vec<Waive>,
}

/// A declaration or a block at the top of a file.
#[expect(
    clippy::large_enum_variant,
    reason = "a file has few of them, and a box would stand in the way of every match"
)]
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// `service`, `owner`, `risk`, `strategy`, `zone`.
    Header(Header),
    /// `use "lib/hours.runbook" as hours`
    Use(Use),
    /// `param version: version`
    Param(Param),
    /// `let health = "https://…"`
    Let(Let),
    /// `secret token from env TOKEN`
    Secret(Secret),
    /// `provider prom { … }`
    Provider(Provider),
    /// `channel incidents { … }`
    Channel(Channel),
    /// `exposure new_auth: percent { … }`
    Exposure(Exposure),
    /// `hosts web { … }`
    Hosts(Hosts),
    /// `metric error_rate { … }`
    Metric(Metric),
    /// `probe healthy { … }`
    Probe(Probe),
    /// `guard outage when … then …`
    Guard(Guard),
    /// `guard outage from slo.outage`
    Adopt(Adopt),
    /// `defaults { … }`
    Defaults(Defaults),
    /// `limits { … }`
    Limits(Limits),
    /// `environment only …`
    Environment(Environment),
    /// `window office { … }`
    Window(Window),
    /// `before rollout { … }`
    Before(Before),
    /// `rollout { … }`
    Rollout(Rollout),
    /// `rollback { … }`, `forward { … }`
    Rollback(Rollback),
    /// `if stuck { … }`, `after rollback { … }`, `after forward { … }`, `after rollout { … }`
    Aftermath(Aftermath),
    /// `task deploy(region: text) { … }`
    Task(Task),
    /// `test "name" { … }`
    Test(TestBlock),
    /// Known, not built yet, reported.
    NotBuilt(NotBuilt),
}

impl Item {
    /// The whole of it.
    pub fn span(&self) -> Span {
        match self {
            Self::Header(item) => item.span,
            Self::Use(item) => item.span,
            Self::Param(item) => item.span,
            Self::Let(item) => item.span,
            Self::Secret(item) => item.span,
            Self::Provider(item) => item.span,
            Self::Channel(item) => item.span,
            Self::Exposure(item) => item.span,
            Self::Hosts(item) => item.span,
            Self::Metric(item) => item.span,
            Self::Probe(item) => item.span,
            Self::Guard(item) => item.span,
            Self::Adopt(item) => item.span,
            Self::Defaults(item) => item.span,
            Self::Limits(item) => item.span,
            Self::Environment(item) => item.span,
            Self::Window(item) => item.span,
            Self::Before(item) => item.span,
            Self::Rollout(item) => item.span,
            Self::Rollback(item) => item.span,
            Self::Aftermath(item) => item.span,
            Self::Task(item) => item.span,
            Self::Test(item) => item.span,
            Self::NotBuilt(item) => item.span,
        }
    }
}

/// A comment. Comments are not in the tree; `syntax` hands them out beside it, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// From the `#` to the end of the line.
    pub span: Span,
    /// Whether something stands before it in its line.
    pub placement: Placement,
}

impl Comment {
    /// The same comment `by` bytes further on.
    pub(crate) fn moved(self, by: u32) -> Self {
        Self {
            span: Span::new(self.span.start + by, self.span.end + by),
            ..self
        }
    }
}

/// Where a comment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// Alone in its line.
    OwnLine,
    /// After something in the same line.
    Trailing,
}
