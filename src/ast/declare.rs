//! Declarations: what a file says before anything happens.

use crate::source::Span;
use crate::value::{Scale, Unit};

use super::{
    Command, CompareOp, Expr, Hidden, HttpGet, Name, NotBuilt, RequestHeader, Text, TypeRef,
};

/// A line about the whole file: `service api`, `owner "@payments"`, `risk medium`.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// Which line.
    pub key: HeaderKey,
    /// Where its first word stands.
    pub key_span: Span,
    /// What it says.
    pub value: HeaderValue,
    /// The whole line.
    pub span: Span,
    /// The comment right above.
    pub docs: Option<String>,
}

/// The lines about the whole file. Each comes at most once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeaderKey {
    /// What is rolled out; one rollout a service at a time.
    Service,
    /// Who answers for it.
    Owner,
    /// The class of risk, which decides what the rollout must have.
    Risk,
    /// How exposure grows.
    Strategy,
    /// The time zone that days and times are meant in.
    Zone,
    /// When the rollout may begin and exposure may grow.
    Window,
}

impl HeaderKey {
    /// All of them, in the order in which they are written.
    pub const ALL: [Self; 6] = [
        Self::Service,
        Self::Owner,
        Self::Risk,
        Self::Strategy,
        Self::Zone,
        Self::Window,
    ];

    /// The word in the language.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Owner => "owner",
            Self::Risk => "risk",
            Self::Strategy => "strategy",
            Self::Zone => "zone",
            Self::Window => "window",
        }
    }
}

/// What a header line says.
#[derive(Clone, Debug, PartialEq)]
pub enum HeaderValue {
    /// A bare word: `api`, `medium`, `canary`.
    Word(Name),
    /// A string.
    Text(Text),
}

/// `param NAME: TYPE [= default] [matching /re/]`
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: TypeRef,
    /// What it is when it is not given.
    pub default: Option<Expr>,
    /// What the whole value must match.
    pub matching: Option<Pattern>,
    /// The whole line.
    pub span: Span,
    /// The comment right above: what the parameter is for.
    pub docs: Option<String>,
}

/// `/re/`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The regular expression, with `\/` already turned into `/`. It is not compiled yet.
    pub text: String,
    /// Where it stands, with its slashes.
    pub span: Span,
}

/// `let NAME = expr`
#[derive(Clone, Debug, PartialEq)]
pub struct Let {
    /// Its name.
    pub name: Name,
    /// What it stands for.
    pub value: Expr,
    /// The whole line.
    pub span: Span,
    /// The comment right above.
    pub docs: Option<String>,
}

/// `secret NAME from …`
#[derive(Clone, Debug, PartialEq)]
pub struct Secret {
    /// Its name.
    pub name: Name,
    /// Where it is taken from.
    pub source: SecretSource,
    /// The whole line.
    pub span: Span,
    /// The comment right above.
    pub docs: Option<String>,
}

/// Where a secret is taken from.
#[derive(Clone, Debug, PartialEq)]
pub enum SecretSource {
    /// `env VARIABLE`: the name of a variable, in any case.
    Env(Name),
    /// `file "path"`
    File(Text),
    /// `$ command`: its trimmed output.
    Command(Command),
}

/// `provider NAME { prometheus "url" }`
#[derive(Clone, Debug, PartialEq)]
pub struct Provider {
    /// Its name.
    pub name: Name,
    /// What it is and where; `None` when the block did not say, which was reported.
    pub way: Option<ProviderWay>,
    /// What it is asked with.
    pub headers: Vec<RequestHeader>,
    /// The whole block.
    pub span: Span,
    /// The comment right above.
    pub docs: Option<String>,
}

/// What a provider is, and where.
#[derive(Clone, Debug, PartialEq)]
pub enum ProviderWay {
    /// `prometheus "url"`: the address of its query API.
    Prometheus(Text),
    /// `postgres SECRET`: the address of a database.
    Postgres(Hidden),
}

/// `exposure NAME: percent { set …; read … }`, or with values by name: `blue | green`, `none < beta < all`
#[derive(Clone, Debug, PartialEq)]
pub struct Exposure {
    /// Its name; also the variable that holds the target for `set`.
    pub name: Name,
    /// What its values are; `None` when that was reported.
    pub scale: Option<Scale>,
    /// Where its type stands.
    pub scale_span: Span,
    /// How it is changed.
    pub set: Option<Call>,
    /// How it is read back: the trimmed output is the value.
    pub read: Option<Call>,
    /// The whole block.
    pub span: Span,
    /// The comment right above.
    pub docs: Option<String>,
}

/// A command with its few clauses: the `set` and `read` of an exposure, the source of a metric, a probe.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// What is run.
    pub command: Command,
    /// `timeout D`
    pub timeout: Option<Expr>,
    /// `in "dir"`
    pub dir: Option<Expr>,
    /// `env { … }`
    pub env: Vec<EnvVar>,
    /// The whole of it, from `set` or `read`.
    pub span: Span,
}

/// `NAME = expr` in an `env` block.
#[derive(Clone, Debug, PartialEq)]
pub struct EnvVar {
    /// The variable, in any case.
    pub name: Name,
    /// Its value; the name of a secret is allowed here.
    pub value: Expr,
}

/// `metric NAME[: TYPE] { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// Its name.
    pub name: Name,
    /// Its type, where it is written; else it follows from the unit.
    pub ty: Option<TypeRef>,
    /// `from TEMPLATE`: what everything that is not said here is taken from.
    pub template: Option<Name>,
    /// Where samples come from.
    pub source: Option<MetricSource>,
    /// What the source speaks.
    pub unit: Option<UnitRef>,
    /// `every D`: how often it is asked.
    pub every: Option<Expr>,
    /// `timeout D`: how long one question may take.
    pub timeout: Option<Expr>,
    /// `window D`: how far back one sample looks.
    pub window: Option<Expr>,
    /// `lag D`: how late samples arrive.
    pub lag: Option<Expr>,
    /// `stale D`: from which age on a sample is no data.
    pub stale: Option<Expr>,
    /// `missing zero alive when COND`
    pub missing: Option<Missing>,
    /// `min VALUE of METRIC`, as the comparison that it stands for.
    pub enough: Option<Expr>,
    /// `baseline VALUE` or `baseline measured over D`
    pub baseline: Option<Baseline>,
    /// `warning OP VALUE`
    pub warning: Option<Threshold>,
    /// `critical OP VALUE`
    pub critical: Option<Threshold>,
    /// What its source is asked with.
    pub headers: Vec<RequestHeader>,
    /// Clauses that are not built yet.
    pub not_built: Vec<NotBuilt>,
    /// The whole block.
    pub span: Span,
    /// The comment right above.
    pub docs: Option<String>,
}

/// What is usual for a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Baseline {
    /// A value, or the time over which it is measured before the rollout.
    pub of: BaselineOf,
    /// The whole clause.
    pub span: Span,
}

/// How a baseline is known.
#[derive(Clone, Debug, PartialEq)]
pub enum BaselineOf {
    /// `baseline VALUE`
    Value(Expr),
    /// `baseline measured over D`
    Measured(Expr),
}

impl BaselineOf {
    /// The expression in it.
    pub fn expr_mut(&mut self) -> &mut Expr {
        match self {
            Self::Value(expr) | Self::Measured(expr) => expr,
        }
    }
}

/// Where the samples of a metric come from.
#[derive(Clone, Debug, PartialEq)]
pub enum MetricSource {
    /// `query PROVIDER 'promql'`
    Query {
        /// The provider that is asked.
        provider: Name,
        /// The query.
        query: Text,
        /// The whole clause.
        span: Span,
    },
    /// `http get URL json("filter")`
    Http {
        /// What is asked.
        get: HttpGet,
        /// The jq filter that picks the number.
        select: Text,
        /// The whole clause.
        span: Span,
    },
    /// `log "path" matching /pattern/`: the lines that match, a second.
    Log {
        /// The file.
        path: Text,
        /// What a line must hold to count.
        pattern: Pattern,
        /// The whole clause.
        span: Span,
    },
    /// `tcp "host:port"`: how long it takes to connect.
    Tcp {
        /// Where to.
        address: Expr,
        /// The whole clause.
        span: Span,
    },
    /// `$ command`, `sh """…"""` or `exec …`: prints the number.
    Command(Command),
}

impl MetricSource {
    /// The whole clause.
    pub fn span(&self) -> Span {
        match self {
            Self::Query { span, .. }
            | Self::Http { span, .. }
            | Self::Log { span, .. }
            | Self::Tcp { span, .. } => *span,
            Self::Command(command) => command.span(),
        }
    }
}

/// `unit seconds`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitRef {
    /// The unit.
    pub unit: Unit,
    /// Where its word stands.
    pub span: Span,
}

/// `missing zero alive when COND`
#[derive(Clone, Debug, PartialEq)]
pub struct Missing {
    /// No data counts as zero only while this holds.
    pub alive: Expr,
    /// The whole clause.
    pub span: Span,
}

/// `warning > 300ms`
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// `>`, `>=`, `<` or `<=`; another one is for the check phase to refuse.
    pub op: CompareOp,
    /// Where the operator stands.
    pub op_span: Span,
    /// What samples are held against.
    pub value: Expr,
    /// The whole clause.
    pub span: Span,
}

/// `probe NAME ["title"] { … }`: read-only, ends true or false.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// Its name.
    pub name: Name,
    /// What it shows, in words.
    pub title: Option<Text>,
    /// What is asked.
    pub source: Option<ProbeSource>,
    /// `expect COND` lines, in order; all must hold.
    pub expects: Vec<Expr>,
    /// `timeout D`
    pub timeout: Option<Expr>,
    /// `in "dir"`
    pub dir: Option<Expr>,
    /// `env { … }`
    pub env: Vec<EnvVar>,
    /// What is asked with.
    pub headers: Vec<RequestHeader>,
    /// Clauses that are not built yet.
    pub not_built: Vec<NotBuilt>,
    /// The whole block.
    pub span: Span,
    /// The comment right above.
    pub docs: Option<String>,
}

/// What a probe asks.
#[derive(Clone, Debug, PartialEq)]
pub enum ProbeSource {
    /// `http get URL`
    Http(HttpGet),
    /// `tcp "host:port"`
    Tcp {
        /// The address.
        address: Expr,
        /// The whole clause.
        span: Span,
    },
    /// `$ …`, `sh """…"""` or `exec …`
    Command(Command),
}

impl ProbeSource {
    /// The whole clause.
    pub fn span(&self) -> Span {
        match self {
            Self::Http(get) => get.span,
            Self::Tcp { span, .. } => *span,
            Self::Command(command) => command.span(),
        }
    }
}

/// `guard NAME when COND [for D | for K of N] then ACTION [{ options }]`
#[derive(Clone, Debug, PartialEq)]
pub struct Guard {
    /// Its name.
    pub name: Name,
    /// What is watched for.
    pub when: Expr,
    /// How long, or how often; absent: one breach trips it.
    pub hold: Option<Streak>,
    /// What happens when it trips.
    pub action: GuardAction,
    /// Where the action stands.
    pub action_span: Span,
    /// `warmup D`
    pub warmup: Option<Expr>,
    /// `on blind …`
    pub on_blind: Option<OnBlind>,
    /// `coverage 60%`
    pub coverage: Option<Expr>,
    /// `during A..B`: the stages in which it is armed, both included; `A` alone is `A..A`.
    pub during: Option<StageRange>,
    /// The whole of it.
    pub span: Span,
    /// The comment right above.
    pub docs: Option<String>,
}

/// What must happen before a guard trips.
#[derive(Clone, Debug, PartialEq)]
pub enum Streak {
    /// `for D`: time since the first breach of the streak.
    For(Expr),
    /// `for K of N`: so many breaches in the last so many samples.
    Of {
        /// How many breaches.
        breaches: Expr,
        /// Of how many samples.
        samples: Expr,
    },
}

/// What a guard does when it trips, from strong to weak.
#[derive(Clone, Debug, PartialEq)]
pub enum GuardAction {
    /// `rollback [from LEVEL]`
    Rollback {
        /// The level to begin with.
        from: Option<Name>,
    },
    /// `decide within D else …`
    Decide {
        /// How long a person has.
        within: Expr,
        /// What happens unanswered.
        otherwise: Otherwise,
    },
    /// `hold`
    Hold,
    /// `warn`
    Warn,
}

/// What happens when nobody decides.
#[derive(Clone, Debug, PartialEq)]
pub enum Otherwise {
    /// `rollback [from LEVEL]`
    Rollback {
        /// The level to begin with.
        from: Option<Name>,
    },
    /// `continue`
    Continue,
}

/// `on blind …`
#[derive(Clone, Debug, PartialEq)]
pub struct OnBlind {
    /// What happens.
    pub action: BlindAction,
    /// The whole option.
    pub span: Span,
}

/// What a guard does that sees nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum BlindAction {
    /// The stage's clock stops.
    Hold,
    /// Roll back.
    Rollback,
    /// Go on, for the reason given.
    Ignore(Text),
}

/// `canary..full`
#[derive(Clone, Debug, PartialEq)]
pub struct StageRange {
    /// The first stage.
    pub first: Name,
    /// The last stage.
    pub last: Name,
    /// The whole range.
    pub span: Span,
}
