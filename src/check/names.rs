//! Which names a file declares, and what a name stands for. Owns the rules for names: one of a kind, none that means
//! something else already.

use std::collections::{BTreeMap, BTreeSet};

use crate::ast::Name;
use crate::diag::factory::check as say;
use crate::source::Span;

use super::Checker;
use super::gather::Declared;

/// The kinds of things that have names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sort {
    /// `param`
    Param,
    /// `let`
    Let,
    /// `secret`
    Secret,
    /// `metric`
    Metric,
    /// `exposure`
    Exposure,
    /// `provider`
    Provider,
    /// `channel`
    Channel,
    /// `probe`
    Probe,
    /// `guard`
    Guard,
    /// `stage`
    Stage,
    /// `level`
    Level,
    /// `window`
    Window,
    /// `capture`
    Capture,
    /// `hosts`
    Hosts,
    /// `task`
    Task,
    /// The variable of a `for`, inside of its block, or a parameter of a task, inside of it.
    Local,
}

impl Sort {
    /// Those that an expression can name; they share one space of names.
    pub(crate) const VALUES: [Self; 7] = [
        Self::Local,
        Self::Param,
        Self::Let,
        Self::Secret,
        Self::Metric,
        Self::Exposure,
        Self::Capture,
    ];

    /// The word that declares one.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Param => "param",
            Self::Let => "let",
            Self::Secret => "secret",
            Self::Metric => "metric",
            Self::Exposure => "exposure",
            Self::Provider => "provider",
            Self::Channel => "channel",
            Self::Probe => "probe",
            Self::Guard => "guard",
            Self::Stage => "stage",
            Self::Level => "level",
            Self::Window => "window",
            Self::Capture => "capture",
            Self::Hosts => "hosts",
            Self::Task => "task",
            Self::Local => "for",
        }
    }

    /// What it is, in a sentence.
    pub(crate) const fn noun(self) -> &'static str {
        match self {
            Self::Param => "parameter",
            Self::Let => "named value",
            Self::Hosts => "group of hosts",
            Self::Local => "loop variable",
            Self::Secret
            | Self::Metric
            | Self::Exposure
            | Self::Provider
            | Self::Channel
            | Self::Probe
            | Self::Guard
            | Self::Stage
            | Self::Level
            | Self::Window
            | Self::Task
            | Self::Capture => self.word(),
        }
    }

    /// The same with its article.
    pub(crate) const fn described(self) -> &'static str {
        match self {
            Self::Param => "a parameter",
            Self::Let => "a named value",
            Self::Secret => "a secret",
            Self::Metric => "a metric",
            Self::Exposure => "an exposure",
            Self::Provider => "a provider",
            Self::Channel => "a channel",
            Self::Probe => "a probe",
            Self::Guard => "a guard",
            Self::Stage => "a stage",
            Self::Level => "a level",
            Self::Window => "a window",
            Self::Capture => "a capture",
            Self::Hosts => "a group of hosts",
            Self::Task => "a task",
            Self::Local => "a loop variable",
        }
    }

    /// How one is declared.
    pub(crate) const fn form(self) -> &'static str {
        match self {
            Self::Param => "param NAME: TYPE",
            Self::Let => "let NAME = VALUE",
            Self::Secret => "secret NAME from env VARIABLE",
            Self::Metric => {
                "metric NAME { query PROVIDER 'PROMQL'; unit UNIT }, each on a line of its own"
            }
            Self::Exposure => {
                "exposure NAME: percent { set $ …; read $ … }, each on a line of its own"
            }
            Self::Provider => "provider NAME { prometheus \"https://…\" }",
            Self::Channel => "channel NAME { log \"FILE\" }",
            Self::Probe => "probe NAME { http get \"https://…\" }",
            Self::Guard => "guard NAME when CONDITION for DURATION then rollback",
            Self::Stage => "stage NAME { … } in `rollout`",
            Self::Level => "level NAME within DURATION { … } in `rollback`",
            Self::Window => {
                "window NAME { allow mon..thu 09:00..16:00 }, each line on a line of its own"
            }
            Self::Capture => "capture NAME: TYPE $ COMMAND in a stage or a level",
            Self::Hosts => "hosts NAME { host NAME }, each host on a line of its own",
            Self::Task => "task NAME(PARAMETER: TYPE, …) { … } at the top of the file",
            Self::Local => "for NAME in LIST { … }",
        }
    }
}

/// Words that mean something by themselves where an expression stands.
pub(super) const BUILT_IN: [(&str, &str); 12] = [
    ("service", "the service of this file"),
    ("run", "the id of the run"),
    ("stage", "the current stage"),
    ("level", "the rollback level"),
    ("reason", "why the run rolls back"),
    ("by", "who started the run or decided"),
    ("started", "when the run started"),
    ("elapsed", "the time since the stage or level began"),
    ("status", "the status of an HTTP answer"),
    ("body", "the body of an HTTP answer"),
    ("output", "what a command printed"),
    ("exit", "the exit status of a command"),
];

/// Variables, in small letters, that the shell or the programs that it starts read by themselves.
const SYSTEM: [&str; 44] = [
    "all_proxy",
    "bash_env",
    "cdpath",
    "columns",
    "display",
    "editor",
    "egid",
    "env",
    "euid",
    "fpath",
    "ftp_proxy",
    "gid",
    "histfile",
    "home",
    "hostname",
    "http_proxy",
    "https_proxy",
    "ifs",
    "lang",
    "ld_library_path",
    "ld_preload",
    "lineno",
    "lines",
    "logname",
    "mail",
    "manpath",
    "no_proxy",
    "oldpwd",
    "optarg",
    "optind",
    "path",
    "ppid",
    "prompt",
    "ps1",
    "ps2",
    "ps4",
    "pwd",
    "random",
    "seconds",
    "shell",
    "shlvl",
    "term",
    "tmpdir",
    "tz",
];

/// More of them, and such as begin like a family of variables.
const SYSTEM_TOO: [&str; 6] = ["temp", "tmp", "uid", "user", "username", "pager"];

pub(super) fn is_system(name: &str) -> bool {
    SYSTEM.contains(&name) || SYSTEM_TOO.contains(&name) || name.starts_with("lc_")
}

/// All names of a file.
#[derive(Debug, Default)]
pub(super) struct Names<'a> {
    tables: BTreeMap<Sort, BTreeMap<&'a str, (u32, Span)>>,
    /// Those that are declared twice, of which nobody knows which is meant.
    twice: BTreeSet<&'a str>,
}

impl<'a> Names<'a> {
    /// What a name of one sort is.
    pub(super) fn get(&self, sort: Sort, name: &str) -> Option<u32> {
        self.tables.get(&sort)?.get(name).map(|(index, _)| *index)
    }

    /// What a name in an expression is.
    pub(super) fn value(&self, name: &str) -> Option<(Sort, u32)> {
        Sort::VALUES
            .into_iter()
            .find_map(|sort| Some((sort, self.get(sort, name)?)))
    }

    /// Whether a name is declared twice.
    pub(super) fn is_twice(&self, name: &str) -> bool {
        self.twice.contains(name)
    }

    /// The names of one sort.
    pub(super) fn of(&self, sort: Sort) -> impl Iterator<Item = &'a str> {
        self.tables
            .get(&sort)
            .into_iter()
            .flat_map(|table| table.keys().copied())
    }

    /// Another kind of thing that has this name.
    fn elsewhere(&self, name: &str) -> Option<(Sort, Span)> {
        self.tables
            .iter()
            .find_map(|(sort, table)| Some((*sort, table.get(name)?.1)))
    }

    /// Makes a name known until it is taken away again.
    pub(super) fn open(&mut self, name: &'a Name, index: u32) {
        let table = self.tables.entry(Sort::Local).or_default();
        table.insert(&name.text, (index, name.span));
    }

    /// Takes it away.
    pub(super) fn close(&mut self, name: &str) {
        if let Some(table) = self.tables.get_mut(&Sort::Local) {
            table.remove(name);
        }
    }

    /// Takes the names away that were made known like this, until they are shown again.
    pub(super) fn hide_locals(&mut self) -> BTreeMap<&'a str, (u32, Span)> {
        self.tables.remove(&Sort::Local).unwrap_or_default()
    }

    /// Makes those known again that were taken away.
    pub(super) fn show_locals(&mut self, hidden: BTreeMap<&'a str, (u32, Span)>) {
        self.tables.insert(Sort::Local, hidden);
    }

    /// What a name of a value is already, and where.
    pub(super) fn value_at(&self, name: &str) -> Option<(Sort, Span)> {
        let (sort, _) = self.value(name)?;
        Some((sort, self.span(sort, name)?))
    }

    pub(super) fn span(&self, sort: Sort, name: &str) -> Option<Span> {
        self.tables.get(&sort)?.get(name).map(|(_, span)| *span)
    }
}

impl<'a> Checker<'a> {
    /// Enters all declarations.
    pub(super) fn enter_names(&mut self, declared: &Declared<'a>) {
        let enter = |checker: &mut Self, sort, names: Vec<&'a Name>| {
            for (index, name) in names.into_iter().enumerate() {
                checker.enter(sort, name, crate::source::offset(index));
            }
        };
        enter(
            self,
            Sort::Param,
            declared.params.iter().map(|one| &one.name).collect(),
        );
        enter(
            self,
            Sort::Let,
            declared.lets.iter().map(|one| &one.name).collect(),
        );
        enter(
            self,
            Sort::Secret,
            declared.secrets.iter().map(|one| &one.name).collect(),
        );
        enter(
            self,
            Sort::Metric,
            declared.metrics.iter().map(|one| &one.name).collect(),
        );
        enter(
            self,
            Sort::Exposure,
            declared.exposures.iter().map(|one| &one.name).collect(),
        );
        enter(
            self,
            Sort::Provider,
            declared.providers.iter().map(|one| &one.name).collect(),
        );
        enter(
            self,
            Sort::Channel,
            declared.channels.iter().map(|one| &one.name).collect(),
        );
        enter(
            self,
            Sort::Probe,
            declared.probes.iter().map(|one| &one.name).collect(),
        );
        enter(
            self,
            Sort::Guard,
            declared.guards.iter().map(|(one, _)| &one.name).collect(),
        );
        enter(
            self,
            Sort::Stage,
            declared.stages().map(|one| &one.name).collect(),
        );
        enter(
            self,
            Sort::Level,
            declared.levels().map(|one| &one.name).collect(),
        );
        enter(
            self,
            Sort::Window,
            declared.windows.iter().map(|one| &one.name).collect(),
        );
        enter(
            self,
            Sort::Capture,
            declared.captures.iter().map(|one| &one.name).collect(),
        );
        enter(
            self,
            Sort::Hosts,
            declared.hosts.iter().map(|one| &one.name).collect(),
        );
        enter(
            self,
            Sort::Task,
            declared.tasks.iter().map(|one| &one.name).collect(),
        );
        for secret in &declared.secrets {
            let file = format!("{}_file", secret.name.text);
            if let Some((sort, span)) = Sort::VALUES
                .into_iter()
                .find_map(|sort| Some((sort, self.names.span(sort, &file)?)))
            {
                self.found.push(say::secret_file_name_taken(
                    span,
                    &file,
                    sort.described(),
                    secret.name.span,
                ));
            }
        }
    }

    fn enter(&mut self, sort: Sort, name: &'a Name, index: u32) {
        let is_value = Sort::VALUES.contains(&sort);
        let first = if is_value {
            Sort::VALUES
                .into_iter()
                .find_map(|other| Some((other, self.names.span(other, &name.text)?)))
        } else {
            self.names.span(sort, &name.text).map(|span| (sort, span))
        };
        if let Some((other, first)) = first {
            // Kinds are entered one after the other; what is said follows the order of the file.
            let (first, again) = if first < name.span {
                ((other.described(), first), (sort.described(), name.span))
            } else {
                ((sort.described(), name.span), (other.described(), first))
            };
            self.found
                .push(say::declared_twice(&name.text, again, first));
            self.names.twice.insert(&name.text);
            return;
        }
        if is_value {
            self.meant_otherwise(sort, name);
        }
        let table = self.names.tables.entry(sort).or_default();
        table.insert(&name.text, (index, name.span));
    }

    /// Reports a name of a value that means something by itself.
    pub(super) fn meant_otherwise(&mut self, sort: Sort, name: &Name) {
        let meaning = BUILT_IN.iter().find(|(word, _)| *word == name.text);
        if let Some((_, meaning)) = meaning {
            self.found
                .push(say::taken_name(name.span, &name.text, meaning));
        } else if sort != Sort::Metric && is_system(&name.text) {
            self.found
                .push(say::system_name(name.span, &name.text, sort.described()));
        }
    }

    /// What a name of one sort is; reports one that is not declared.
    pub(super) fn find(&mut self, sort: Sort, name: &Name) -> Option<u32> {
        let found = self.names.get(sort, &name.text);
        match found {
            None => self.unknown(&[sort], name),
            Some(index) => self.reads(sort, index),
        }
        found
    }

    /// Reports a name that is not declared, if it is not one of those that could not be read.
    pub(super) fn unknown(&mut self, sorts: &[Sort], name: &Name) {
        self.incomplete();
        if self.ast.lost.binary_search(&name.text).is_ok() {
            return;
        }
        let known: Vec<&str> = sorts.iter().flat_map(|sort| self.names.of(*sort)).collect();
        // Where values are wanted, a word with a meaning of its own may be meant as well.
        let words = BUILT_IN
            .iter()
            .map(|(word, _)| *word)
            .filter(|_| sorts.len() > 1);
        let nearest = crate::diag::nearest(&name.text, known.iter().copied().chain(words));
        let elsewhere = self
            .names
            .elsewhere(&name.text)
            .filter(|(sort, _)| !sorts.contains(sort));
        self.found.push(say::unknown_name(
            (&name.text, name.span),
            &say::Wanted {
                noun: match sorts {
                    [one] => one.noun(),
                    _several => "value",
                },
                form: match sorts {
                    [one] => one.form(),
                    _several if self.is_library() => "let NAME = VALUE",
                    _several => "param NAME: TYPE, or let NAME = VALUE",
                },
                known: &known,
            },
            nearest,
            elsewhere.map(|(sort, span)| (sort.described(), span)),
        ));
    }
}
