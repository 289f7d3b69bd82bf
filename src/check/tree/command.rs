//! Commands and texts with places that are filled in.

use crate::ast::Expr;
use crate::check::ids::{CaptureId, ExposureId};

/// A command with its own bound.
#[derive(Clone, Debug)]
pub struct Call {
    /// What is run.
    pub command: Command,
    /// Its bound.
    pub timeout: Option<Expr>,
    /// The secrets that it names.
    pub secrets: Vec<String>,
}

/// Something that is run.
#[derive(Clone, Debug)]
pub enum Command {
    /// Shell source.
    Shell(String),
    /// Program and arguments.
    Exec(Vec<Template>),
    /// Several of them, in order.
    Block(Vec<Self>),
    /// A request.
    Http(Box<super::Request>),
    /// A file of SQL.
    Sql(Box<super::Sql>),
}

/// Text with places that are filled in.
#[derive(Clone, Debug)]
pub struct Template(pub Vec<Piece>);

/// A piece of a template.
#[derive(Clone, Debug)]
pub enum Piece {
    /// Text as it is.
    Text(String),
    /// A value that is known before the run.
    Value(Expr),
    /// One that the run knows.
    Live(LiveWord),
    /// The current value of an exposure.
    Exposure(ExposureId),
    /// A captured value.
    Capture(CaptureId),
}

/// What only a run knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LiveWord {
    /// The run's id.
    Run,
    /// The current stage.
    Stage,
    /// The rollback level.
    Level,
    /// Why the run rolls back or is stuck.
    Reason,
    /// Who started it, or decided.
    By,
    /// When it started.
    Started,
}

impl LiveWord {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Run,
        Self::Stage,
        Self::Level,
        Self::Reason,
        Self::By,
        Self::Started,
    ];

    /// The word in the language.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Stage => "stage",
            Self::Level => "level",
            Self::Reason => "reason",
            Self::By => "by",
            Self::Started => "started",
        }
    }
}
