//! The checked file: every name resolved, every part that the language requires in its place, every expression of the
//! type that its place wants. What depends on parameters is still an expression; the plan has the values.
//!
//! Plain data. Lists are in the order of the ids, which is the order of the file.

mod act;
mod after;
mod around;
mod command;
mod condition;
mod hosts;
mod request;
mod sql;
mod test;
mod waive;

use crate::ast::{CompareOp, Expr};
use crate::source::Span;
use crate::value::{Scale, Type, Unit};

use super::ids::{ExposureId, LevelId, MetricId, ProviderId, StageId, StepId};
use super::{Shown, Spliced, Strange, Unread, Wanted};

pub use act::{
    Again, Approval, Bind, Capture, EnvValue, If, Level, Loop, Migrations, Notify, OnFailure, Op,
    OpKind, Precondition, Recovered, Retry, Rollback, Stage, Step, StepName, Strand, TaskCall,
    Unapproved, Unless,
};
pub use after::{Aftermath, Incident, Reminder, Watch};
pub use around::{Defaults, Holidays, Limits, Window, WindowRule};
pub use command::{Call, Command, LiveWord, Piece, Template};
pub use condition::{Condition, Number, Test};
pub use hosts::{Host, Hosts, OnHosts, Reach};
pub use request::{Body, BodyPart, Form, HeaderValue, Method, Request};
pub use sql::Sql;
pub use test::{
    AnswerTo, Crash, ExpectKind, Fault, Given, Run, Spot, Takes, TestAnswer, TestBlock, TestExpect,
    TestSet, Told, Tried, Turn,
};
pub use waive::Waive;

/// A file without errors.
#[derive(Clone, Debug)]
pub struct Checked {
    /// What the file says of itself.
    pub header: Header,
    /// Parameters, in order.
    pub params: Vec<Param>,
    /// Named values, in order; each uses only parameters and those before it.
    pub lets: Vec<Let>,
    /// Names of parameters and lets in the order of the file.
    pub bindings: Vec<String>,
    /// The libraries that the file uses: the name of the file and the SHA-256 of its text.
    pub libraries: Vec<(String, String)>,
    /// Where secrets come from.
    pub secrets: Vec<Secret>,
    /// Places that answer queries.
    pub providers: Vec<Provider>,
    /// Where people are told.
    pub channels: Vec<Channel>,
    /// How much of production sees the change.
    pub exposures: Vec<Exposure>,
    /// The machines that steps run on.
    pub hosts: Vec<Hosts>,
    /// What is measured.
    pub metrics: Vec<Metric>,
    /// What can be asked.
    pub probes: Vec<Probe>,
    /// What is watched: those at the top and those inside stages, in the order of the file.
    pub guards: Vec<Guard>,
    /// What holds where a statement says nothing of its own.
    pub defaults: Defaults,
    /// The bounds of the whole run.
    pub limits: Limits,
    /// The variables that commands inherit; all of the caller's when nothing is said.
    pub environment: Option<Vec<String>>,
    /// What the project decides for all of its runbooks.
    pub settings: super::Settings,
    /// When the rollout may begin and exposure may grow.
    pub window: Option<Window>,
    /// Every step: checks first, then those of the stages, then those of the levels.
    pub steps: Vec<Step>,
    /// Every approval: those before the rollout first, then those of the stages.
    pub approvals: Vec<Approval>,
    /// Every captured value, in the order of the file.
    pub captures: Vec<Capture>,
    /// The checks of migrations.
    pub migrations: Vec<Migrations>,
    /// What is found in their files, and what the files accept.
    pub of_migrations: super::OfMigrations,
    /// What must hold before anything is changed.
    pub before: Vec<Precondition>,
    /// The stages of the rollout.
    pub stages: Vec<Stage>,
    /// The ways back and forward.
    pub rollback: Option<Rollback>,
    /// Whom to call when the run is stuck.
    pub if_stuck: Aftermath,
    /// After a rollback that recovered.
    pub after_rollback: Aftermath,
    /// After a way forward that recovered.
    pub after_forward: Aftermath,
    /// After a completed rollout.
    pub after_rollout: Aftermath,
    /// Its tests, in the order of the file.
    pub tests: Vec<TestBlock>,
    /// The findings that it accepts, and those that its libraries accept in themselves.
    pub waives: Vec<Waive>,
    /// The programs that commands start, each as often as it is named.
    pub programs: Vec<Program>,
    /// The commands that want a person.
    pub people: Vec<Wanted>,
    /// The secrets that commands put into arguments.
    pub shown: Vec<Shown>,
    /// The values that become source of other programs.
    pub spliced: Vec<Spliced>,
    /// The declarations that nothing reads.
    pub unread: Vec<Unread>,
    /// The units and queries that say different things.
    pub strange: Vec<Strange>,
}

/// A program that a command starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its name, or its path.
    pub name: String,
    /// The line that names it, from 1.
    pub line: u32,
    /// The step whose directory and variables it is started with.
    pub step: Option<StepId>,
}

impl Checked {
    /// A metric.
    pub fn metric(&self, id: MetricId) -> Option<&Metric> {
        self.metrics.iter().find(|one| one.id == id)
    }

    /// What the values of an exposure are.
    pub fn scale(&self, id: ExposureId) -> Scale {
        let exposure = self.exposure(id);
        exposure.map(|one| one.scale.clone()).unwrap_or_default()
    }

    /// An exposure.
    pub fn exposure(&self, id: ExposureId) -> Option<&Exposure> {
        self.exposures.iter().find(|one| one.id == id)
    }
}

/// What the file says of itself.
#[derive(Clone, Debug)]
pub struct Header {
    /// The title.
    pub title: Expr,
    /// The service that is changed.
    pub service: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// `zero`, `low`, `medium` or `high`.
    pub risk: Option<String>,
    /// Where that is said.
    pub risk_span: Option<Span>,
    /// `canary`, `blue_green` or `phased`.
    pub strategy: Option<String>,
    /// An IANA zone.
    pub zone: Option<String>,
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Its value when none is given.
    pub default: Option<Expr>,
    /// The regular expression that the whole value must match; it compiles.
    pub pattern: Option<String>,
    /// The whole line.
    pub span: Span,
    /// The comment right above.
    pub docs: Option<String>,
}

/// A named value.
#[derive(Clone, Debug)]
pub struct Let {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Expr,
    /// Its type.
    pub ty: Type,
}

/// A secret.
#[derive(Clone, Debug)]
pub struct Secret {
    /// Its name.
    pub name: String,
    /// Where it is taken from.
    pub from: SecretSource,
}

/// Where a secret is taken from.
#[derive(Clone, Debug)]
pub enum SecretSource {
    /// A variable of the caller's environment.
    Env(String),
    /// A file.
    File(Expr),
    /// What a command prints.
    Command(Command),
}

/// A provider.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Its name.
    pub name: String,
    /// What it is, and where.
    pub way: ProviderWay,
    /// What it is asked with.
    pub headers: Vec<(String, HeaderValue)>,
}

/// What a provider is, and where.
#[derive(Clone, Debug)]
pub enum ProviderWay {
    /// The base address of a Prometheus API.
    Prometheus(Expr),
    /// The hidden address of a database.
    Postgres(Hidden),
}

/// A channel.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Its name.
    pub name: String,
    /// How it is reached.
    pub way: ChannelWay,
}

/// How a channel is reached.
#[derive(Clone, Debug)]
pub enum ChannelWay {
    /// A file that lines are added to.
    Log(Expr),
    /// Posted to an address.
    Webhook {
        /// Where to.
        address: Address,
        /// The token of its `Authorization`.
        bearer: Option<Hidden>,
    },
    /// Posted to the address of an incoming webhook of Slack.
    Slack(Hidden),
    /// Posted to the Events API of PagerDuty.
    PagerDuty {
        /// The routing key.
        key: Hidden,
        /// The address, when it is not PagerDuty's own.
        at: Option<Expr>,
    },
    /// Handed to a command.
    Command {
        /// What is run.
        command: Command,
        /// The secrets that it names.
        secrets: Vec<String>,
    },
}

/// The address of a webhook.
#[derive(Clone, Debug)]
pub enum Address {
    /// Everybody may see it.
    Open(Expr),
    /// Nobody may.
    Hidden(Hidden),
}

/// Where a value comes from that nobody may see.
#[derive(Clone, Debug)]
pub enum Hidden {
    /// A source of its own.
    Own(SecretSource),
    /// A declared secret, by name.
    Secret(String),
}

/// An exposure.
#[derive(Clone, Debug)]
pub struct Exposure {
    /// Its position.
    pub id: ExposureId,
    /// Its name.
    pub name: String,
    /// What its values are.
    pub scale: Scale,
    /// How it is changed.
    pub set: Call,
    /// How it is read back.
    pub read: Call,
}

/// A metric.
#[derive(Clone, Debug)]
pub struct Metric {
    /// Its position.
    pub id: MetricId,
    /// Its name.
    pub name: String,
    /// Where its samples come from.
    pub source: MetricSource,
    /// What the source speaks.
    pub unit: Unit,
    /// How often it is asked.
    pub every: Option<Expr>,
    /// How long one question may take.
    pub timeout: Option<Expr>,
    /// How far back one sample looks.
    pub window: Option<Expr>,
    /// How late samples arrive.
    pub lag: Option<Expr>,
    /// From which age on a sample is no data.
    pub stale: Option<Expr>,
    /// When no data counts as zero.
    pub zero_when: Option<Condition>,
    /// When a value counts.
    pub counts_when: Option<Condition>,
    /// What is usual.
    pub baseline: Option<Baseline>,
    /// The warning threshold.
    pub warning: Option<Threshold>,
    /// The critical threshold.
    pub critical: Option<Threshold>,
    /// What its source is asked with.
    pub headers: Vec<(String, HeaderValue)>,
    /// Its name, where it is declared.
    pub span: Span,
}

/// Where samples come from.
#[derive(Clone, Debug)]
pub enum MetricSource {
    /// A query to a provider.
    Query {
        /// Who is asked.
        provider: ProviderId,
        /// The query.
        query: Expr,
    },
    /// A GET with a jq filter.
    Http {
        /// The address.
        url: Expr,
        /// The filter; it compiles.
        filter: String,
    },
    /// The lines of a file that match, a second.
    Log {
        /// The file.
        path: Expr,
        /// What a line must hold; it compiles.
        pattern: String,
    },
    /// How long it takes to connect.
    Tcp(Expr),
    /// A command that prints a number.
    Command(Command),
}

/// What is usual for a metric.
#[derive(Clone, Debug)]
pub struct Baseline {
    /// The value, or how long it is measured before the rollout.
    pub of: BaselineOf,
    /// The whole clause.
    pub span: Span,
}

/// How a baseline is known.
#[derive(Clone, Debug)]
pub enum BaselineOf {
    /// It is this.
    Value(Expr),
    /// It is what is measured for so long.
    Measured(Expr),
}

/// A threshold.
#[derive(Clone, Debug)]
pub struct Threshold {
    /// `>`, `>=`, `<` or `<=`.
    pub op: CompareOp,
    /// The bound.
    pub value: Expr,
    /// The whole clause.
    pub span: Span,
}

/// A probe.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Its name.
    pub name: String,
    /// What it shows, in words.
    pub title: Option<Expr>,
    /// What is asked.
    pub ask: ProbeAsk,
    /// What must hold of the answer.
    pub expect: Vec<Expectation>,
    /// How long one try may take.
    pub timeout: Option<Expr>,
    /// The directory in which its command runs.
    pub dir: Option<Template>,
    /// Further variables of its command.
    pub env: Vec<(String, EnvValue)>,
    /// What is asked with.
    pub headers: Vec<(String, HeaderValue)>,
}

/// What a probe asks.
#[derive(Clone, Debug)]
pub enum ProbeAsk {
    /// GET this address.
    Http(Expr),
    /// Connect to `host:port`.
    Tcp(Expr),
    /// Run a command.
    Command(Command),
}

/// One thing that an answer is held against.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// What is looked at.
    pub of: Observed,
    /// How it is compared.
    pub op: CompareOp,
    /// With what.
    pub value: Expr,
    /// The type that the value has for this.
    pub ty: Type,
    /// The comparison as it is written.
    pub text: String,
}

/// What can be looked at in an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observed {
    /// The HTTP status.
    Status,
    /// The HTTP body.
    Body,
    /// What a jq filter picks.
    Json(String),
    /// A header.
    Header(String),
    /// What a command printed.
    Output,
    /// A command's exit status.
    Exit,
}

/// A guard.
#[derive(Clone, Debug)]
pub struct Guard {
    /// Its name.
    pub name: String,
    /// When a sample is a breach.
    pub when: Condition,
    /// How long or how often.
    pub streak: Option<Streak>,
    /// What then.
    pub action: GuardAction,
    /// How long after a stage's beginning samples do not count.
    pub warmup: Option<Expr>,
    /// What being blind does.
    pub on_blind: Option<BlindAction>,
    /// The share of samples that must be there.
    pub coverage: Option<Expr>,
    /// The stages in which it is armed, both included; absent: all.
    pub stages: Option<(StageId, StageId)>,
    /// Its name, where it is declared.
    pub span: Span,
}

/// What must happen before a guard trips.
#[derive(Clone, Debug)]
pub enum Streak {
    /// `for D`
    For(Expr),
    /// `for K of N`
    Of {
        /// How many breaches.
        breaches: Expr,
        /// Of how many samples.
        samples: Expr,
    },
}

/// What a guard does.
#[derive(Clone, Debug)]
pub enum GuardAction {
    /// Roll back.
    Rollback(Option<LevelId>),
    /// Ask a person.
    Decide {
        /// How long.
        within: Expr,
        /// What happens unanswered.
        otherwise: Otherwise,
    },
    /// Hold.
    Hold,
    /// Say so.
    Warn,
}

/// What happens when nobody decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Otherwise {
    /// Roll back.
    Rollback,
    /// Go on.
    Continue,
}

/// What a guard does that sees nothing.
#[derive(Clone, Debug)]
pub enum BlindAction {
    /// Hold.
    Hold,
    /// Roll back.
    Rollback,
    /// Go on, with the reason.
    Ignore(Expr),
}
