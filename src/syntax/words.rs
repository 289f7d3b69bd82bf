//! The words of the language: what may stand where, how it is written, and what is not built yet.
//!
//! The one list besides the grammar; a test holds the two against each other. Completion, the nearest word
//! of a misspelt one and the advice of diagnostics are taken from here.

/// A place in which statements stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The top of a file.
    Top,
    /// `before rollout { … }`
    Before,
    /// `rollout { … }`
    Rollout,
    /// `stage … { … }`
    Stage,
    /// `rollback { … }`, `forward { … }`
    Rollback,
    /// `level … { … }`
    Level,
    /// `parallel { … }`
    Parallel,
    /// `task … { … }`
    Task,
    /// `if stuck`, `after rollback`, `after forward`, `after rollout`
    Aftermath,
    /// `metric … { … }`
    Metric,
    /// `probe … { … }`
    Probe,
    /// `exposure … { … }`
    Exposure,
    /// `provider … { … }`
    Provider,
    /// `channel … { … }`
    Channel,
    /// `defaults { … }`
    Defaults,
    /// `limits { … }`
    Limits,
    /// `window … { … }`
    Window,
    /// The options of a guard.
    Guard,
    /// The clauses of a step or a check.
    Step,
    /// `hosts … { … }`
    Hosts,
    /// `undo { … }`
    Undo,
    /// `step … { … }`
    Commands,
    /// `step … http post URL { … }`
    Request,
    /// `env { … }`
    Env,
    /// `test … { … }`
    Test,
}

/// One word that begins a statement or a clause, and the form of what it begins.
pub(crate) type Form = (&'static str, &'static str);

impl Place {
    pub(super) const ALL: [Self; 25] = [
        Self::Top,
        Self::Before,
        Self::Rollout,
        Self::Stage,
        Self::Rollback,
        Self::Level,
        Self::Parallel,
        Self::Task,
        Self::Aftermath,
        Self::Metric,
        Self::Probe,
        Self::Exposure,
        Self::Provider,
        Self::Channel,
        Self::Defaults,
        Self::Limits,
        Self::Window,
        Self::Guard,
        Self::Step,
        Self::Hosts,
        Self::Undo,
        Self::Commands,
        Self::Request,
        Self::Env,
        Self::Test,
    ];

    /// The place in words, as they follow "in" or "at".
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Top => "at the top of a file",
            Self::Before => "in `before rollout`",
            Self::Rollout => "in `rollout`",
            Self::Stage => "in a stage",
            Self::Rollback => "in `rollback` or `forward`",
            Self::Level => "in a level",
            Self::Parallel => "in `parallel`",
            Self::Task => "in a task",
            Self::Aftermath => {
                "in `after rollback`, `after forward`, `after rollout` or `if stuck`"
            }
            Self::Metric => "in a metric",
            Self::Probe => "in a probe",
            Self::Exposure => "in an exposure",
            Self::Provider => "in a provider",
            Self::Channel => "in a channel",
            Self::Defaults => "in `defaults`",
            Self::Limits => "in `limits`",
            Self::Window => "in a window",
            Self::Guard => "in the options of a guard",
            Self::Step => "in a step",
            Self::Hosts => "in `hosts`",
            Self::Undo => "in `undo`",
            Self::Commands => "in the block of a step",
            Self::Request => "in the block of a request",
            Self::Env => "in `env`",
            Self::Test => "in a test",
        }
    }

    /// What may stand here, and its form.
    pub(crate) const fn forms(self) -> &'static [Form] {
        match self {
            Self::Top => TOP,
            Self::Before => BEFORE,
            Self::Rollout => &[STAGE_FORM, WAIVE],
            Self::Stage => STAGE,
            Self::Rollback => ROLLBACK,
            Self::Level => LEVEL,
            Self::Parallel => PARALLEL,
            Self::Task => TASK,
            Self::Aftermath => AFTERMATH,
            Self::Metric => METRIC,
            Self::Probe => PROBE,
            Self::Exposure => EXPOSURE,
            Self::Provider => &[PROMETHEUS, POSTGRES, HEADER, BEARER],
            Self::Channel => CHANNEL,
            Self::Defaults => DEFAULTS,
            Self::Limits => LIMITS,
            Self::Window => WINDOW,
            Self::Guard => GUARD,
            Self::Step => STEP,
            Self::Hosts => HOSTS,
            Self::Undo => &[STEP_FORM, SHELL, SH, EXEC],
            Self::Commands => &[SHELL, SH, EXEC],
            Self::Request => REQUEST,
            Self::Env => &[],
            Self::Test => TEST,
        }
    }

    /// What the language has here and this version refuses by name.
    pub(crate) const fn not_built(self) -> &'static [&'static str] {
        match self {
            Self::Top | Self::Before => &[],
            Self::Rollout => &["parallel", "for"],
            Self::Rollback => &["parallel", "for"],
            Self::Stage | Self::Level | Self::Parallel | Self::Task => &[],
            Self::Aftermath => &[],
            Self::Probe => &["body"],
            Self::Exposure => &["http"],
            Self::Provider => &["loki", "victoriametrics"],
            Self::Channel => &["email", "http", "teams"],
            Self::Metric | Self::Defaults | Self::Limits | Self::Window | Self::Guard => &[],
            Self::Commands => &["http", "sql"],
            Self::Step | Self::Hosts | Self::Undo | Self::Request | Self::Env | Self::Test => &[],
        }
    }

    /// What `word` begins here that this version refuses by name.
    pub(super) fn refuses(self, word: &str) -> Option<&'static str> {
        let begins = |known: &&str| known.split(' ').next() == Some(word);
        self.not_built().iter().copied().find(begins)
    }

    /// Whether `word` begins something here.
    pub(crate) fn knows(self, word: &str) -> bool {
        let begins = |known: &str| known.split(' ').next() == Some(word);
        self.forms().iter().any(|(known, _)| begins(known))
    }
}

const STAGE_FORM: Form = ("stage", "stage NAME [\"TITLE\"] [shrink] { … }");
const WAIVE: Form = ("waive", "waive FINDING \"REASON\"");
const NOTIFY: Form = ("notify", "notify CHANNEL \"TEXT\"");
const AFTERMATH: &[Form] = &[
    NOTIFY,
    (
        "incident",
        "incident from \"postmortem\" or incident from \"FILE\"",
    ),
    ("remind", "remind \"TEXT\" within DURATION"),
    ("watch", "watch DURATION"),
];
const GUARD_FORM: Form = (
    "guard",
    "guard NAME when CONDITION [for DURATION] then ACTION",
);
const TIMEOUT: Form = ("timeout", "timeout DURATION");
const GRACE: Form = ("grace", "grace DURATION");
const RETRY: Form = (
    "retry",
    "retry N every DURATION or retry N backoff DURATION..DURATION",
);
const IN: Form = ("in", "in \"DIRECTORY\"");
const ENV: Form = ("env", "env { VARIABLE = VALUE }");
const SHELL: Form = ("$", "$ COMMAND");
const SH: Form = ("sh", "sh \"\"\"SCRIPT\"\"\"");
const EXEC: Form = ("exec", "exec \"PROGRAM\" ARGUMENT …");
const HTTP: Form = ("http", "http get URL");
const ASK: Form = (
    "http",
    "http post | put | patch | delete URL { body \"TEXT\", … each on its line }",
);
const SQL: Form = ("sql", "sql PROVIDER \"FILE\"");
const PROMETHEUS: Form = ("prometheus", "prometheus \"URL\"");
const POSTGRES: Form = (
    "postgres",
    "postgres env VARIABLE | file \"PATH\" | the name of a secret",
);
const HEADER: Form = ("header", "header \"NAME\" VALUE, or the name of a secret");
const BEARER: Form = ("bearer", "bearer SECRET");
const EVERY: Form = ("every", "every DURATION");

const TOP: &[Form] = &[
    ("runbook", "runbook \"TITLE\""),
    ("library", "library \"TITLE\""),
    ("use", "use \"PATH\" [as NAME]"),
    ("service", "service NAME"),
    ("owner", "owner \"TEXT\""),
    ("risk", "risk zero | low | medium | high"),
    ("strategy", "strategy canary | blue_green | phased"),
    ("zone", "zone \"Europe/Berlin\""),
    (
        "window",
        "window NAME, or window NAME { allow mon..thu 09:00..16:00, … each on its line }",
    ),
    ("environment", "environment only PATH, HOME, \"AWS_*\""),
    ("param", "param NAME: TYPE [= DEFAULT] [matching /PATTERN/]"),
    ("let", "let NAME = VALUE"),
    (
        "secret",
        "secret NAME from env VARIABLE | file \"PATH\" | $ COMMAND",
    ),
    (
        "provider",
        "provider NAME { prometheus \"URL\", … each on its line }",
    ),
    (
        "channel",
        "channel NAME { log \"PATH\" | webhook URL | slack SECRET | pagerduty SECRET | command $ COMMAND }",
    ),
    (
        "exposure",
        "exposure NAME: percent | A | B | A < B { set $ COMMAND, read $ COMMAND, each on its line }",
    ),
    (
        "hosts",
        "hosts NAME { host NAME [at \"ADDRESS\"], … each on its line }, or hosts NAME from $ COMMAND",
    ),
    (
        "metric",
        "metric NAME [from TEMPLATE] { query PROVIDER 'QUERY', unit UNIT, … each on its line }",
    ),
    (
        "probe",
        "probe NAME [\"TITLE\"] { http get URL | $ COMMAND | exec … | tcp \"HOST:PORT\" }",
    ),
    (
        "guard",
        "guard NAME when CONDITION [for DURATION] then ACTION, or guard NAME from LIBRARY.GUARD",
    ),
    (
        "defaults",
        "defaults { timeout DURATION, grace DURATION, … each on its line }",
    ),
    (
        "limits",
        "limits { hold DURATION, max_gap DURATION, each on its line }",
    ),
    ("before", "before rollout { … }"),
    ("rollout", "rollout { … }"),
    ("rollback", "rollback { … }"),
    (
        "forward",
        "forward { … }, the way that is left behind `no return`",
    ),
    ("if", "if stuck { … }"),
    (
        "after",
        "after rollback { … }, after forward { … } or after rollout { … }",
    ),
    (
        "task",
        "task NAME(PARAMETER: TYPE, …) { … }, called as NAME(VALUE, …)",
    ),
    ("test", "test \"NAME\" { … }"),
    WAIVE,
];

const BEFORE: &[Form] = &[
    (
        "check",
        "check [NAME] \"TITLE\" [CLAUSES] $ COMMAND, or check \"TITLE\" migrations \"db/*.sql\"",
    ),
    ("confirm", "confirm [NAME] \"TITLE\""),
    (
        "approve",
        "approve \"TEXT\" by \"GROUP\" [count N] within DURATION else refuse | continue",
    ),
    WAIVE,
];

const STEP_FORM: Form = ("step", "step NAME [\"TITLE\"] [CLAUSES] $ COMMAND");
const WAIT: Form = (
    "wait",
    "wait DURATION, wait DURATION..DURATION or wait until CONDITION within DURATION",
);
const EXPOSE: Form = ("expose", "expose [NAME] VALUE [within DURATION]");
const VERIFY: Form = ("verify", "verify PROBE within DURATION [every DURATION]");
const FAIL: Form = ("fail", "fail \"WHY\"");
const CAPTURE: Form = (
    "capture",
    "capture NAME: TYPE [default VALUE] [CLAUSES] $ COMMAND",
);
const APPROVE: Form = (
    "approve",
    "approve \"TEXT\" by \"GROUP\" [count N] within DURATION else rollback [from LEVEL] | hold | continue",
);

const AT_ONCE: Form = (
    "parallel",
    "parallel { STATEMENT, or strand NAME { … }, each on its line }",
);
const FOR: Form = ("for", "for NAME in LIST [at most N] { … }");
const IF: Form = ("if", "if CONDITION [within DURATION] { … } [else { … }]");
const UNDO: Form = ("undo", "undo");
const NO_RETURN: Form = ("no return", "no return \"WHY\"");
const STRAND: Form = ("strand", "strand NAME { … }");

const STAGE: &[Form] = &[
    STEP_FORM, SHELL, SH, EXEC, ASK, SQL, WAIT, EXPOSE, VERIFY, NOTIFY, FAIL, CAPTURE, APPROVE,
    GUARD_FORM, NO_RETURN, AT_ONCE, FOR, IF, WAIVE,
];

const LEVEL: &[Form] = &[
    STEP_FORM, SHELL, SH, EXEC, ASK, SQL, WAIT, EXPOSE, VERIFY, NOTIFY, FAIL, CAPTURE, UNDO,
    AT_ONCE, FOR, IF, WAIVE,
];

const PARALLEL: &[Form] = &[
    STRAND, STEP_FORM, SHELL, SH, EXEC, ASK, SQL, WAIT, EXPOSE, VERIFY, NOTIFY, FAIL, CAPTURE,
    APPROVE, AT_ONCE, FOR, IF, WAIVE,
];

const TASK: &[Form] = &[
    STEP_FORM, SHELL, SH, EXEC, ASK, SQL, WAIT, EXPOSE, VERIFY, NOTIFY, FAIL, CAPTURE, AT_ONCE,
    FOR, IF, WAIVE,
];

const ROLLBACK: &[Form] = &[
    (
        "level",
        "level NAME [\"TITLE\"] within DURATION [when CONDITION] { … }",
    ),
    (
        "recovered",
        "recovered when CONDITION [for DURATION] within DURATION",
    ),
    WAIVE,
];

const METRIC: &[Form] = &[
    ("query", "query PROVIDER 'QUERY'"),
    ("http", "http get URL json(\"FILTER\")"),
    SHELL,
    SH,
    EXEC,
    (
        "unit",
        "unit ratio | percent | seconds | ms | per_second | per_minute | bytes | count",
    ),
    EVERY,
    TIMEOUT,
    ("window", "window DURATION"),
    ("lag", "lag DURATION"),
    ("stale", "stale DURATION"),
    ("missing", "missing zero alive when CONDITION"),
    ("min", "min VALUE of METRIC"),
    ("log", "log \"PATH\" matching /PATTERN/"),
    ("tcp", "tcp \"HOST:PORT\""),
    HEADER,
    BEARER,
    (
        "baseline",
        "baseline VALUE or baseline measured over DURATION",
    ),
    ("warning", "warning > VALUE"),
    ("critical", "critical > VALUE"),
    WAIVE,
];

const PROBE: &[Form] = &[
    HTTP,
    SHELL,
    SH,
    EXEC,
    ("tcp", "tcp \"HOST:PORT\""),
    ("expect", "expect CONDITION"),
    HEADER,
    BEARER,
    TIMEOUT,
    IN,
    ENV,
];

const EXPOSURE: &[Form] = &[
    ("set", "set [timeout DURATION] $ COMMAND"),
    ("read", "read [timeout DURATION] $ COMMAND"),
];

const CHANNEL: &[Form] = &[
    ("log", "log \"PATH\""),
    (
        "webhook",
        "webhook \"URL\" or webhook env VARIABLE, then [bearer env VARIABLE]",
    ),
    (
        "slack",
        "slack env VARIABLE | file \"PATH\" | the name of a secret",
    ),
    (
        "pagerduty",
        "pagerduty env VARIABLE | file \"PATH\" | the name of a secret, then [at \"URL\"]",
    ),
    ("command", "command $ COMMAND"),
];

const DEFAULTS: &[Form] = &[
    TIMEOUT,
    GRACE,
    RETRY,
    ("probe", "probe timeout DURATION"),
    ("set", "set timeout DURATION"),
    ("read", "read timeout DURATION"),
];

const LIMITS: &[Form] = &[("hold", "hold DURATION"), ("max_gap", "max_gap DURATION")];

const WINDOW: &[Form] = &[
    ("allow", "allow mon..thu 09:00..16:00"),
    ("best", "best tue..thu 10:00..14:00"),
    (
        "never",
        "never fri 12:00..24:00 or never 2026-12-20..2027-01-02",
    ),
    (
        "holidays",
        "holidays \"FILE.ics\" or holidays 2026-12-25, 2026-12-26",
    ),
];

const GUARD: &[Form] = &[
    ("warmup", "warmup DURATION"),
    ("on", "on blind hold | rollback | ignore \"REASON\""),
    ("coverage", "coverage PERCENT"),
    ("during", "during STAGE..STAGE"),
];

const STEP: &[Form] = &[
    TIMEOUT,
    GRACE,
    RETRY,
    ("idempotent", "idempotent"),
    ("unless", "unless $ COMMAND or unless PROBE"),
    (
        "undo",
        "undo $ COMMAND or undo { … }, what a level's `undo` runs for it",
    ),
    ("protected", "protected"),
    (
        "on",
        "on HOSTS [at most N] [tolerate K], on failure rollback [from LEVEL] | hold | continue, or on unknown ask | rerun | rollback",
    ),
    IN,
    ENV,
    ("stdin", "stdin \"TEXT\", or stdin \"\"\"LINES\"\"\""),
    ("user", "user \"NAME\""),
    (
        "interactive",
        "interactive, which gives the command the terminal of the run",
    ),
    SHELL,
    SH,
    EXEC,
    ASK,
    SQL,
];

const REQUEST: &[Form] = &[
    HEADER,
    BEARER,
    ("body", "body \"TEXT\""),
    ("expect", "expect CONDITION"),
];

const HOSTS: &[Form] = &[
    (
        "host",
        "host NAME [at \"ADDRESS\"] [port N] [user \"NAME\"] [identity \"FILE\"]",
    ),
    ("from", "from $ COMMAND"),
    ("port", "port N"),
    ("user", "user \"NAME\""),
    ("identity", "identity \"FILE\""),
    ("config", "config \"FILE\""),
];

const TEST: &[Form] = &[
    ("given", "given PARAMETER = VALUE, PARAMETER = VALUE"),
    ("start", "start tue 10:00 or start 2026-03-29 10:00"),
    (
        "set",
        "set METRIC = VALUE | missing | error [when CONDITION] [from DURATION into STAGE] [for DURATION]",
    ),
    (
        "fail",
        "fail STEP | undo STEP | PROBE | EXPOSURE [attempt N]",
    ),
    ("hang", "hang STEP | undo STEP | PROBE [attempt N]"),
    ("takes", "takes STEP DURATION"),
    ("crash", "crash at STEP or crash after STEP"),
    (
        "answer",
        "answer GUARD | STEP | hold | \"APPROVAL\" = continue | rollback | rerun | approve | decline | undo | leave | nothing [after DURATION]",
    ),
    (
        "expect",
        "expect outcome == OUTCOME, recovery <= DURATION, ran NAME, never NAME, tripped GUARD, held during STAGE or exposure <= VALUE",
    ),
];

/// The words that join or follow an expression. No name may be one of them.
pub const RESERVED: [&str; 17] = [
    "and", "or", "not", "is", "true", "false", "when", "then", "else", "for", "from", "within",
    "every", "into", "in", "on", "at",
];

/// The words that begin a block; for the guess which line lacks its brace.
pub(super) const BLOCKS: [&str; 20] = [
    "rollout", "rollback", "forward", "stage", "level", "before", "after", "metric", "probe",
    "provider", "channel", "exposure", "hosts", "defaults", "limits", "window", "test", "parallel",
    "strand", "task",
];

/// Every clause of the language: the place in which it stands, in words, and the word that begins it.
pub fn clauses() -> Vec<(&'static str, &'static str)> {
    let in_place = |place: Place| {
        place
            .forms()
            .iter()
            .map(move |(word, _)| (place.name(), *word))
    };
    Place::ALL.into_iter().flat_map(in_place).collect()
}

/// What `word` begins somewhere in the language, if this version refuses it wherever it stands.
pub(super) fn refused_everywhere(word: &str) -> Option<&'static str> {
    if Place::ALL.iter().any(|place| place.knows(word)) {
        return None;
    }
    Place::ALL.iter().find_map(|place| place.refuses(word))
}

/// The places, other than `here`, in which `word` begins something.
pub(super) fn homes(word: &str, here: Place) -> Vec<Place> {
    Place::ALL
        .into_iter()
        .filter(|place| *place != here && place.knows(word))
        .collect()
}
