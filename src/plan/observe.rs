//! Owns what a plan observes: providers, metrics, probes and guards. Pure data; nothing is asked here.

use serde::{Deserialize, Serialize};

use super::act::{Command, Template, Variable};
use super::condition::{Comparison, Condition};
use super::ids::{GuardId, LevelId, MetricId, ProbeId, ProviderId, StageId};
use super::request::RequestHeader;
use crate::value::{Millis, Unit, Value};

/// A place that answers queries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Provider {
    /// Its position.
    pub id: ProviderId,
    /// Its name in the file.
    pub name: String,
    /// What it speaks and where it is.
    pub kind: ProviderKind,
    /// What it is asked with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<RequestHeader>,
}

/// What a provider speaks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ProviderKind {
    /// The Prometheus HTTP API below this base address.
    Prometheus {
        /// Base address, without `/api/v1`.
        url: String,
    },
    /// A PostgreSQL database.
    Postgres {
        /// The secret with its address, by name.
        address: String,
    },
}

/// A number that is polled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// Its position.
    pub id: MetricId,
    /// Its name in the file.
    pub name: String,
    /// Where it comes from.
    pub source: MetricSource,
    /// What the source speaks; [`Unit::base`] makes it canonical.
    pub unit: Unit,
    /// Time between two polls.
    pub every: Millis,
    /// After this a poll counts as an error.
    pub timeout: Millis,
    /// How far back one answer looks (the query's `[1m]`); zero when it is a momentary value.
    pub window: Millis,
    /// How much later than the event the source knows of it.
    pub lag: Millis,
    /// A value older than this is no data.
    pub stale: Millis,
    /// When a missing value stands for zero (`missing zero alive when …`).
    pub zero_when: Option<Condition>,
    /// When a value counts (`min … of …`); its text says what must be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts_when: Option<Condition>,
    /// What is usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Baseline>,
    /// The warning threshold.
    pub warning: Option<Threshold>,
    /// The critical threshold.
    pub critical: Option<Threshold>,
    /// What its source is asked with, over HTTP.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<RequestHeader>,
}

impl Metric {
    /// The conditions over other metrics that decide what an answer of this one stands for.
    pub fn leans_on(&self) -> impl Iterator<Item = &Condition> {
        self.zero_when.iter().chain(&self.counts_when)
    }
}

/// What is usual for a metric.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Baseline {
    /// It is this, canonical.
    Value(f64),
    /// The median of what is seen for so long before the rollout.
    Measured(Millis),
}

/// Where a metric comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum MetricSource {
    /// An instant query.
    Query {
        /// Who is asked.
        provider: ProviderId,
        /// The query, as written.
        query: String,
    },
    /// A GET whose JSON answer is filtered.
    Http {
        /// The whole address.
        url: String,
        /// A jq filter that yields one number.
        filter: String,
    },
    /// The lines of a file that match, a second, since the last look.
    Log {
        /// The file.
        path: String,
        /// What a line must hold.
        pattern: String,
    },
    /// How long it takes to connect to `host:port`, in seconds.
    Tcp {
        /// `host:port`.
        address: String,
    },
    /// A command that prints one number.
    Command(Command),
}

impl MetricSource {
    /// Whether it can be asked for samples of a time that is over.
    #[must_use]
    pub fn is_remembered(&self) -> bool {
        match self {
            Self::Query { .. } => true,
            Self::Http { .. } | Self::Log { .. } | Self::Tcp { .. } | Self::Command(_) => false,
        }
    }
}

/// A named bound of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// On which side of the value the metric is bad.
    pub comparison: Comparison,
    /// The bound, canonical.
    pub value: f64,
}

/// A question with a yes or no.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// Its position.
    pub id: ProbeId,
    /// Its name.
    pub name: String,
    /// Its title, or its name.
    pub title: String,
    /// What is asked.
    pub ask: ProbeAsk,
    /// What must hold of the answer; all of them.
    pub expect: Vec<Expectation>,
    /// After this one try counts as a no.
    pub timeout: Millis,
    /// Working directory of its command; the caller's when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dir: Option<Template>,
    /// Additional environment of its command.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<Variable>,
    /// What is asked with, over HTTP.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<RequestHeader>,
}

/// What a probe does. Read-only by declaration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ProbeAsk {
    /// GET this address.
    Http {
        /// The whole address.
        url: String,
    },
    /// Open a connection to `host:port`.
    Tcp {
        /// `host:port`.
        address: String,
    },
    /// Run a command.
    Command(Command),
}

/// One `expect` line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expectation {
    /// What is looked at.
    pub of: Observed,
    /// How it is compared.
    pub comparison: Comparison,
    /// With what.
    pub value: Value,
    /// The line as written.
    pub text: String,
}

/// What an `expect` line looks at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Observed {
    /// The HTTP status.
    Status,
    /// The HTTP body as text.
    Body,
    /// A jq filter over the body (http) or the output (commands).
    Json(String),
    /// A response header.
    Header(String),
    /// What a command printed, trimmed.
    Output,
    /// A command's exit status.
    Exit,
}

/// A rule over metrics that is watched while stages run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Guard {
    /// Its position; ties between guards go by it.
    pub id: GuardId,
    /// Its name.
    pub name: String,
    /// When a sample is a breach.
    pub condition: Condition,
    /// How long or how often.
    pub sustain: Sustain,
    /// What then.
    pub action: GuardAction,
    /// How long after the beginning of a stage samples do not count yet.
    pub warmup: Millis,
    /// What being blind does.
    pub on_blind: OnBlind,
    /// Share of the expected samples that must be there, 0 to 1.
    pub coverage: f64,
    /// Time between two samples: the pace of its slowest-declared (first) metric.
    pub every: Millis,
    /// In which stages it is armed.
    pub scope: Scope,
}

/// How long or how often a condition must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sustain {
    /// The first breach trips.
    Once,
    /// `for D`.
    Time(Millis),
    /// `for K of N`.
    OutOf {
        /// Breaches needed.
        breaches: u32,
        /// Among that many newest samples.
        samples: u32,
    },
}

/// What a tripped guard does, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GuardAction {
    /// Say so, go on.
    Warn,
    /// Hold until it clears, then by decision.
    Hold,
    /// A person decides within this time.
    Decide {
        /// How long the question stays open.
        within: Millis,
        /// What happens unanswered.
        otherwise: Otherwise,
    },
    /// Roll back at once.
    Rollback {
        /// From this level on; the first that applies when not given.
        from: Option<LevelId>,
    },
}

/// What an unanswered question does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Otherwise {
    /// Roll back.
    Rollback,
    /// Go on.
    Continue,
    /// End the run as stuck and page: nothing can be decided without a person.
    Stuck,
    /// Hold, and ask whether to go on or back: only of an approval.
    Hold,
    /// Refuse the run: only of an approval before the rollout.
    Refuse,
}

impl Otherwise {
    /// What happens, as it follows `else`.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Rollback => "rollback",
            Self::Continue => "continue",
            Self::Stuck => "stuck",
            Self::Hold => "hold",
            Self::Refuse => "refuse",
        }
    }
}

/// What a guard without eyes does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OnBlind {
    /// Stop the stage's clock and tell people.
    Hold,
    /// Roll back.
    Rollback,
    /// Go on, for the reason given.
    Ignore {
        /// Why this is acceptable; shown in every report.
        reason: String,
    },
}

/// In which stages a guard is armed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// From the first stage to the end of the last.
    Rollout,
    /// From one stage to another, both included.
    Stages {
        /// The first.
        from: StageId,
        /// The last.
        to: StageId,
    },
}

impl Scope {
    /// Whether the guard is armed in a stage.
    #[must_use]
    pub fn covers(self, stage: StageId) -> bool {
        match self {
            Self::Rollout => true,
            Self::Stages { from, to } => from <= stage && stage <= to,
        }
    }
}
