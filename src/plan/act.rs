//! Owns what a plan does: commands, steps, exposures, stages and levels. Pure data; nothing is run here.

use serde::{Deserialize, Serialize};

use super::condition::Condition;
use super::hosts::OnHost;
use super::ids::{
    ApprovalId, CaptureId, ChannelId, ExposureId, HostsId, LevelId, ProbeId, StageId, StepId,
};
use super::observe::Otherwise;
use super::op::Op;
use super::request::Request;
use super::sql::Sql;
use crate::value::{Millis, Scale, Type, Value};

/// Something that can be executed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Shell source, run by `/bin/sh -eu -c`. Never interpolated: values arrive as environment variables.
    Shell {
        /// The source.
        text: String,
    },
    /// A program with its arguments and no shell.
    Exec {
        /// Program and arguments.
        argv: Vec<Template>,
    },
    /// Several of them in order; the first that fails is the last. Never one of itself.
    Block {
        /// Which.
        parts: Vec<Self>,
    },
    /// A request to a server.
    Http {
        /// Which.
        request: Box<Request>,
    },
    /// A file of SQL.
    Sql {
        /// Which.
        sql: Box<Sql>,
    },
}

impl Command {
    /// The commands that it consists of: itself, or the parts of a block.
    #[must_use]
    pub fn parts(&self) -> &[Self] {
        match self {
            Self::Block { parts } => parts,
            Self::Shell { .. } | Self::Exec { .. } | Self::Http { .. } | Self::Sql { .. } => {
                std::slice::from_ref(self)
            }
        }
    }
}

/// Text with places that are filled in when it is used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Template(pub Vec<Piece>);

/// One piece of a template.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Piece {
    /// Text as it is: literals, and all values known before the run.
    Text(String),
    /// The run's id.
    Run,
    /// The current stage's name.
    Stage,
    /// The rollback level's name.
    Level,
    /// Why the run rolled back, is held or is stuck.
    Reason,
    /// Who started or decided.
    By,
    /// When the run started, RFC 3339.
    Started,
    /// The current value of an exposure.
    Exposure(ExposureId),
    /// A captured value.
    Capture(CaptureId),
}

/// Whether a step has the terminal of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Interactive {
    /// It has none.
    #[default]
    No,
    /// It has it, and a person types.
    Yes,
}

impl Interactive {
    /// Whether it has none.
    #[must_use]
    pub fn is_no(&self) -> bool {
        *self == Self::No
    }
}

/// A step, or the command of a `check` before the rollout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Its position.
    pub id: StepId,
    /// Its name; an unnamed step is called by where it stands, for example `infrastructure.2`.
    pub name: String,
    /// Its title, or its name, or what is run when the file names it neither way.
    pub title: String,
    /// The line of the file on which it begins, from 1.
    pub line: u32,
    /// What is run.
    pub command: Command,
    /// TERM to the process group after this.
    pub timeout: Millis,
    /// KILL this much after TERM.
    pub grace: Millis,
    /// Further attempts after a failure.
    pub retry: Retry,
    /// Whether it may be run again when its outcome is unknown.
    pub idempotent: bool,
    /// Whether it is allowed to finish when a guard trips or a person interrupts.
    pub protected: bool,
    /// Already done: skip. Also answers the question whether an unknown attempt happened.
    pub unless: Option<Unless>,
    /// When all attempts failed.
    pub on_failure: OnFailure,
    /// When the outcome is unknown and neither `unless` nor `idempotent` answers.
    pub on_unknown: OnUnknown,
    /// Working directory; the caller's when not given.
    pub dir: Option<Template>,
    /// Additional environment.
    pub env: Vec<Variable>,
    /// What it reads from its standard input; nothing when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stdin: Option<Template>,
    /// Whether it has the terminal of the run.
    #[serde(default, skip_serializing_if = "Interactive::is_no")]
    pub interactive: Interactive,
    /// The user of this machine that it runs as; the caller when not given. On another machine its host has the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The secrets it names, by name: each arrives as a file whose path is in `NAME_file`.
    pub secrets: Vec<String>,
    /// The hosts that it runs on. It is not run itself then: there is a step for each of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<OnHosts>,
    /// The host that it runs on, one of those of a step of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<OnHost>,
    /// What undoes it, in order: where there is something, it is remembered that the step began.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undo: Vec<StepId>,
    /// The step that this one undoes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<StepId>,
}

/// `on HOSTS at most N tolerate K`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnHosts {
    /// Which.
    pub hosts: HostsId,
    /// At most so many at once.
    pub most: u32,
    /// So many may fail.
    pub tolerate: u32,
}

/// An entry of a step's `env` block.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Variable {
    /// The variable's name.
    pub name: String,
    /// Its value.
    pub value: VariableValue,
}

/// The value of an entry of a step's `env` block.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum VariableValue {
    /// Text.
    Text(Template),
    /// A secret, by name.
    Secret(String),
}

/// Further attempts after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// How many more; 0 is none.
    pub more: u32,
    /// The pause before the first further attempt.
    pub first: Millis,
    /// The pause doubles up to this; equal to `first` for `every`.
    pub most: Millis,
}

/// What says that a step is already done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Unless {
    /// A command that exits 0.
    Command(Command),
    /// A probe that holds.
    Probe(ProbeId),
}

/// When all attempts of a step failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OnFailure {
    /// Roll back; inside a level: the level failed.
    Rollback {
        /// From this level on.
        from: Option<LevelId>,
    },
    /// Hold and ask.
    Hold,
    /// Note it and go on.
    Continue,
}

/// When an outcome is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OnUnknown {
    /// A person says.
    Ask,
    /// Run it again.
    Rerun,
    /// Roll back; inside a level: the level failed.
    Rollback,
}

/// How much of production sees the change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exposure {
    /// Its position.
    pub id: ExposureId,
    /// Its name, and the variable that holds the target in `set`.
    pub name: String,
    /// What its values are.
    #[serde(default, skip_serializing_if = "Scale::is_percent")]
    pub scale: Scale,
    /// Sets it.
    pub set: Command,
    /// Prints it.
    pub read: Command,
    /// Bound of one `set`.
    pub timeout: Millis,
    /// Bound of one `read`.
    pub read_timeout: Millis,
    /// The secrets that `set` or `read` name.
    pub secrets: Vec<String>,
}

/// A text for a channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// Where to.
    pub channel: ChannelId,
    /// What.
    pub text: Template,
}

/// Something that must hold before anything is changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Precondition {
    /// A command that must succeed.
    Check(StepId),
    /// Something a person must confirm.
    Confirm {
        /// What `--confirm` calls it: the position from 1, or the title.
        title: String,
    },
    /// Something a group must approve. Asked after everything else holds.
    Approve(ApprovalId),
}

/// A value that a step prints while the run goes: the environment of every later command, and the text of every later message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Capture {
    /// Its position.
    pub id: CaptureId,
    /// Its name, and the name of the environment variable.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Its value where the step did not set it.
    pub default: Option<Value>,
    /// The step that sets it; none, when it stands in a way that is not gone.
    pub step: Option<StepId>,
}

/// An approval: people of a group are asked, the stage waits, and its guards go on looking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Approval {
    /// Its position.
    pub id: ApprovalId,
    /// What is approved.
    pub text: Template,
    /// The group whose people are asked. Who says to be of it is recorded; nothing here knows its members.
    pub group: String,
    /// How many different people have to approve.
    pub count: u32,
    /// How long they have.
    pub within: Millis,
    /// What happens without it, or when someone declines; to decline never goes on.
    pub otherwise: Otherwise,
    /// For [`Otherwise::Rollback`]: from this level on.
    pub from: Option<LevelId>,
}

/// A stage of the rollout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// Its position.
    pub id: StageId,
    /// Its name.
    pub name: String,
    /// Its title, or its name.
    pub title: String,
    /// Whether exposure may fall in it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shrinks: bool,
    /// What it does.
    pub ops: Vec<Op>,
}

impl Stage {
    /// What this stage sets an exposure to, in order.
    #[must_use]
    pub fn sets(&self, id: ExposureId) -> Vec<f64> {
        let all = Op::all(&self.ops).into_iter();
        all.filter_map(|op| op.sets(id)).collect()
    }
}

/// Which way a run takes that cannot go on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Way {
    /// Back.
    #[default]
    Back,
    /// Forward: the point of no return has been passed.
    Forward,
}

impl Way {
    /// Whether it is the way of all plans that know no other.
    #[must_use]
    pub fn is_back(&self) -> bool {
        *self == Self::Back
    }
}

/// A level of the rollback, or of the way forward.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// The way that it belongs to.
    #[serde(default, skip_serializing_if = "Way::is_back")]
    pub way: Way,
    /// Its position.
    pub id: LevelId,
    /// Its name.
    pub name: String,
    /// Its title, or its name.
    pub title: String,
    /// Cut off after this, `recovered` included.
    pub within: Millis,
    /// Skipped unless this holds.
    pub when: Option<Condition>,
    /// What it does.
    pub ops: Vec<Op>,
}

/// How the service is brought back; or, behind the point of no return, brought to health where it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rollback {
    /// The levels: those of the way back, mildest first, then those of the way forward.
    pub levels: Vec<Level>,
    /// What decides that a level of the way back was enough; one that ran through is enough when not given.
    pub recovered: Option<Recovered>,
    /// The same for the levels of the way forward.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovered_forward: Option<Recovered>,
}

impl Rollback {
    /// The levels of a way.
    pub fn on(&self, way: Way) -> impl Iterator<Item = &Level> {
        self.levels.iter().filter(move |level| level.way == way)
    }

    /// What decides that a level of a way was enough.
    #[must_use]
    pub fn recovered_on(&self, way: Way) -> Option<&Recovered> {
        match way {
            Way::Back => self.recovered.as_ref(),
            Way::Forward => self.recovered_forward.as_ref(),
        }
    }
}

/// `recovered when COND for D within E`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recovered {
    /// What must hold.
    pub condition: Condition,
    /// For how long; zero is once.
    pub sustain: Millis,
    /// Within this after the level's last operation.
    pub within: Millis,
    /// Samples whose window reaches back before the level's end do not count.
    pub warmup: Millis,
    /// Time between two samples.
    pub every: Millis,
}
