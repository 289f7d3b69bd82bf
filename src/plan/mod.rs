//! Owns the plan: the compiled runbook, pure data, everything resolved. A run carries its plan in the journal, so the plan
//! has a format version and never points back into the source.

mod act;
mod after;
mod bound;
mod build;
mod cases;
mod channel;
mod condition;
mod heads;
mod hosts;
mod lints;
mod mend;
mod observe;
mod op;
mod overruns;
mod request;
mod room;
mod sql;
mod trial;
mod waive;
mod window;

pub use crate::check::ids::{
    ApprovalId, CaptureId, ChannelId, ExposureId, GuardId, HostsId, LevelId, MetricId, ProbeId,
    ProviderId, StageId, StepId,
};
pub use crate::check::{AnswerTo, Run, Spot, Tried};
pub use act::{
    Approval, Capture, Command, Exposure, Interactive, Level, Notice, OnFailure, OnHosts,
    OnUnknown, Piece, Precondition, Recovered, Retry, Rollback, Stage, Step, Template, Unless,
    Variable, VariableValue, Way,
};
pub use after::{AFTER_ROLLOUT, After, Incident, Left, Reminder, Watch};
pub use bound::{
    Bound, detection_bound, first_look, level_bound, reaction_bound, stage_bound, step_bound,
    way_bound,
};
pub use build::{
    Read, build, check_file, check_files, judged, read_file, read_files, read_holidays, shells,
    trials, with_examples,
};
pub use cases::Cases;
pub use channel::{Address, Channel, ChannelKind, PAGERDUTY};
pub use condition::{Arithmetic, Comparison, Condition, Number, Test};
pub use heads::heads;
pub use hosts::{Host, Hosts, OnHost, THERE_AND_BACK};
pub use lints::{Unseen, unseen};
pub use mend::{Mended, mend};
pub use observe::{
    Baseline, Expectation, Guard, GuardAction, Metric, MetricSource, Observed, OnBlind, Otherwise,
    Probe, ProbeAsk, Provider, ProviderKind, Scope, Sustain, Threshold,
};
pub use op::{Compensation, Op, Strand};
pub use request::{Body, BodyPart, Form, HeaderValue, Method, Request, RequestHeader};
pub use room::{Room, room_for_hosts};
pub use sql::Sql;
pub use trial::{Dies, Expect, Expected, Reply, Says, Slow, Told, Trial, Wrong};
pub use waive::{Waived, is_lint};
pub use window::{Holiday, Opening, Slot, Window};

use serde::{Deserialize, Serialize};

use crate::check::ids;
use crate::value::{Millis, Value};

/// The version of this data format. A program reads every older one.
pub const PLAN_FORMAT: u32 = 1;

/// A compiled runbook with its parameters bound.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// [`PLAN_FORMAT`] of the program that made it.
    pub format: u32,
    /// What the file says of itself.
    pub header: Header,
    /// Parameters and lets, in order of declaration: the environment of every command.
    pub bindings: Vec<Binding>,
    /// Where secrets come from. Their values are never in a plan.
    pub secrets: Vec<Secret>,
    /// Places that answer queries.
    pub providers: Vec<Provider>,
    /// What is measured.
    pub metrics: Vec<Metric>,
    /// What can be asked.
    pub probes: Vec<Probe>,
    /// What is watched.
    pub guards: Vec<Guard>,
    /// How much of production sees the change.
    pub exposures: Vec<Exposure>,
    /// The machines that steps run on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<Hosts>,
    /// Where people are told.
    pub channels: Vec<Channel>,
    /// Every step, wherever it is used.
    pub steps: Vec<Step>,
    /// Every approval, wherever it stands.
    #[serde(default)]
    pub approvals: Vec<Approval>,
    /// Every captured value.
    #[serde(default)]
    pub captures: Vec<Capture>,
    /// What must hold before anything is changed.
    pub before: Vec<Precondition>,
    /// The rollout.
    pub stages: Vec<Stage>,
    /// The ways back and forward.
    pub rollback: Option<Rollback>,
    /// Whom to call when the run is stuck.
    pub if_stuck: Vec<Notice>,
    /// After a rollback that recovered.
    pub after_rollback: Vec<Notice>,
    /// After a way forward that recovered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after_forward: Vec<Notice>,
    /// After a completed rollout.
    pub after_rollout: Vec<Notice>,
    /// What the run leaves behind beside what it tells.
    #[serde(default, skip_serializing_if = "After::is_nothing")]
    pub after: After,
    /// Bounds that hold everywhere.
    pub limits: Limits,
    /// When the rollout may begin and exposure may grow; always when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// What commands inherit of the caller's environment: names, and patterns with `*`; everything when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Vec<String>>,
    /// The files of SQL that were held against the versions that still run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub migrations: Vec<Migrations>,
    /// The programs that commands start, each line that names one.
    #[serde(default)]
    pub programs: Vec<Program>,
    /// What was found in the file and is accepted by it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waived: Vec<Waived>,
}

/// A program that a command starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// Its name, or its path.
    pub name: String,
    /// The line that names it, from 1.
    pub line: u32,
    /// The step whose directory and variables it is started with.
    pub step: Option<StepId>,
}

impl Plan {
    /// Whether a metric of a condition leans on another one.
    #[must_use]
    pub fn leans(&self, condition: &Condition) -> bool {
        let mut metrics = condition.metrics.iter();
        metrics.any(|id| {
            let metric = self.metrics.get(id.index());
            metric.is_some_and(|metric| metric.leans_on().next().is_some())
        })
    }

    /// The metrics that those of a condition lean on, and those that these lean on in turn.
    #[must_use]
    pub fn leaned_on(&self, condition: &Condition) -> Vec<MetricId> {
        let of = |id: &MetricId| {
            self.metrics
                .get(id.index())
                .into_iter()
                .flat_map(Metric::leans_on)
        };
        let mut found: Vec<MetricId> = Vec::new();
        let mut open: Vec<&Condition> = condition.metrics.iter().flat_map(of).collect();
        while let Some(next) = open.pop() {
            for id in &next.metrics {
                if !found.contains(id) {
                    found.push(*id);
                    open.extend(of(id));
                }
            }
        }
        found
    }

    /// The plan as the proof takes it: with few hosts, and with metrics each of which says on its own whether it has a value. What a
    /// metric makes of others (`min`, `missing zero`) only narrows what can happen together, so no path is lost.
    #[must_use]
    pub fn for_proof(&self) -> Self {
        let mut plan = self.with_few_hosts();
        for metric in &mut plan.metrics {
            metric.zero_when = None;
            metric.counts_when = None;
        }
        plan
    }

    /// A value of an exposure, for people.
    #[must_use]
    pub fn shown(&self, exposure: ExposureId, value: f64) -> String {
        let exposure = self.exposures.get(exposure.index());
        exposure.map_or_else(|| value.to_string(), |one| one.scale.show(value))
    }

    /// Whether commands inherit a variable of the caller.
    #[must_use]
    pub fn lets_through(&self, name: &str) -> bool {
        self.environment.as_ref().is_none_or(|only| {
            only.iter()
                .any(|pattern| crate::check::lets_through(pattern, name))
        })
    }

    /// A level.
    #[must_use]
    pub fn level(&self, id: LevelId) -> Option<&Level> {
        self.rollback.as_ref()?.levels.get(id.index())
    }

    /// The levels of a way.
    pub fn levels_on(&self, way: Way) -> impl Iterator<Item = &Level> {
        self.rollback.iter().flat_map(move |one| one.on(way))
    }

    /// The way that a level belongs to.
    #[must_use]
    pub fn way_of(&self, id: LevelId) -> Way {
        self.level(id).map_or(Way::Back, |level| level.way)
    }

    /// Whether a run that ends stuck leaves an incident of its own accord: nothing is begun on top of what a person has to bring back.
    #[must_use]
    pub fn leaves_when_stuck(&self) -> bool {
        self.limits.guard_rules >= 6 && self.after.stuck.incident.is_none()
    }

    /// What decides that a level was enough.
    #[must_use]
    pub fn recovered_of(&self, id: LevelId) -> Option<&Recovered> {
        self.rollback.as_ref()?.recovered_on(self.way_of(id))
    }

    /// What a step captures, if it does.
    #[must_use]
    pub fn captured_by(&self, step: StepId) -> Option<&Capture> {
        self.captures
            .iter()
            .find(|capture| capture.step == Some(step))
    }
}

/// What the file says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The title.
    pub title: String,
    /// The service that is changed; one run at a time for each.
    pub service: String,
    /// Who owns it.
    pub owner: Option<String>,
    /// The declared risk.
    pub risk: Option<String>,
    /// The declared strategy.
    pub strategy: Option<String>,
    /// The IANA zone in which times are shown; UTC when not given.
    pub zone: Option<String>,
    /// The file it was made from, as it was named.
    pub file: String,
    /// SHA-256 of the source, hexadecimal.
    pub source_sha256: String,
    /// The libraries that it uses, at once or by way of others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub libraries: Vec<Library>,
}

/// A file that a runbook uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Library {
    /// The file, as it was found.
    pub file: String,
    /// SHA-256 of its text, hexadecimal.
    pub sha256: String,
}

/// A check of migrations: which files were read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Migrations {
    /// What it shows.
    pub title: String,
    /// The pattern of the files.
    pub pattern: String,
    /// The files, in the order of their paths.
    pub files: Vec<Library>,
}

/// A parameter or `let` with its value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Binding {
    /// Its name, and the name of the environment variable.
    pub name: String,
    /// Its value.
    pub value: Value,
}

/// A secret's origin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Secret {
    /// Its name.
    pub name: String,
    /// Where its value is read when it is needed.
    pub from: SecretSource,
}

/// Where a secret's value is read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum SecretSource {
    /// An environment variable of the caller.
    Env(String),
    /// A file.
    File(String),
    /// What a command prints, without its last newline.
    Command(Command),
}

/// Bounds that hold everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// How long a hold lasts before a person is asked, and how long that question stays open.
    pub hold: Millis,
    /// A longer gap in observation does not count as soaked.
    pub max_gap: Millis,
    /// The [`GUARD_RULES`] of the program that made the plan: a run keeps the rules that it began with.
    #[serde(default)]
    pub guard_rules: u32,
}

/// The version of the rules by which guards judge. From 1 on a sample counts when every metric of its condition was asked after
/// the warm-up, a guard is blind by the pace of its slowest metric, and a stage waits for the answers that are due at its end. From 2
/// on what the `when` of a level reads is asked before the level is chosen, where nobody has asked it lately. From 3 on a gap is as long as
/// nobody looked, and not as the time since the last input. From 4 on nothing ends before a run that was taken up has been looked at once,
/// however long the answers take. From 5 on a rollout that lowers an exposure does not begin where it is lower already. From 6 on a run
/// that ends stuck leaves an incident, whether or not its file names one. From 7 on a step on hosts that has ended well on none of them has
/// failed, whatever it tolerates.
pub const GUARD_RULES: u32 = 7;

impl Default for Limits {
    fn default() -> Self {
        Self {
            hold: Millis(30 * 60 * 1000),
            max_gap: Millis(5 * 60 * 1000),
            guard_rules: GUARD_RULES,
        }
    }
}
