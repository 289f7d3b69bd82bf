//! From the tree to a checked file: names, types, units, and the rules over the whole file.
//!
//! Collects all that is wrong instead of stopping at the first. Reads no clock, no file and no environment. What
//! depends on the values of parameters is judged by [`judge_values`]: with those that are known here, and again with
//! all of them when the plan is built.

mod aftermath;
mod answers;
mod approve;
mod around;
mod capture;
mod channel;
mod condition;
mod constant;
mod decides;
mod echo;
mod elsewhere;
mod enough;
mod eval;
pub mod example;
mod expect;
mod exposure;
mod filter;
mod flow;
mod gather;
mod guard;
mod header;
mod hosts;
pub mod ids;
mod look_alike;
mod matters;
mod metric;
mod migrations;
mod names;
mod nested;
mod no_return;
mod opening;
mod operator;
mod place;
mod probe;
mod promql;
mod query;
mod request;
mod settings;
mod shell;
mod shellcheck;
mod sql;
mod stage;
mod step;
mod task;
mod template;
mod test;
mod tree;
mod types;
mod undo;
mod unread;
mod until;
mod url;
mod uses;
mod value_rules;
mod waive;
mod window;

use crate::ast::{self, AftermathKind};
use crate::diag::Diagnostics;
use crate::source::Sources;

use gather::Declared;
use names::Names;

pub use around::lets_through;
pub use echo::without_echoes;
pub use eval::{NoValue, Values, compare, eval, spoken};
pub use header::whole_match;
pub use matters::{Matter, matters};
pub use migrations::{Accepted, OfMigrations, migrations};
pub use promql::Strange;
pub use query::query;
pub use settings::{Exposes, Row, Settings, Stop, WayBack, settings};
pub(crate) use shell::Reads;
pub use shell::{Bound, Shown, Spliced, Wanted};
pub use shellcheck::{Remark, Shells, remarked, shells};
pub use tree::*;
pub use unread::{Idle, Unread};
pub use url::address;
pub use value_rules::{
    EVERY, MOST_TURNS, VERIFY_EVERY, is_address, is_undecided, is_user, judge_values, known_truth,
    known_values, misfit, set_lets, unrolled, warmup, window,
};
pub use window::window_of;

/// The most guards of a runbook: the proof holds each against all others.
const MOST_GUARDS: usize = 100;

/// The most metrics of a runbook: a run asks each of them before it begins.
const MOST_METRICS: usize = 1_000;

/// Checks a file. The checked file is there when neither this phase nor `syntax` found an error.
pub fn check(file: &Sources, ast: &ast::File) -> (Option<Checked>, Diagnostics) {
    let declared = Declared::of(ast);
    let mut checker = Checker::new(file, ast);
    checker.enter_names(&declared);
    let checked = checker.file(&declared);
    let mut found = checker.found;
    // Also where a part is missing: what is there is judged.
    found.extend(judge_values(&checked, &known_values(&checked)));
    found.sort();
    // A library is judged by itself, and there is nothing in it to plan.
    let is_whole =
        checker.whole == Whole::Yes && !found.has_errors() && ast.kind == ast::FileKind::Runbook;
    (is_whole.then_some(checked), found)
}

/// What a library accepts in itself; what is wrong with those lines was said.
pub fn waives(file: &Sources, ast: &ast::File) -> Vec<tree::Waive> {
    Checker::new(file, ast).waives()
}

/// Whether the tree has every part that the file needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whole {
    /// It has.
    Yes,
    /// A part is missing, which was reported.
    No,
}

/// What is known of the types of names, by their index.
#[derive(Debug, Default)]
struct KnownTypes {
    params: Vec<Option<crate::value::Type>>,
    /// Grows while the lets are read: each sees only those before it.
    lets: Vec<Option<crate::value::Type>>,
    metrics: Vec<Option<crate::value::Type>>,
    captures: Vec<Option<crate::value::Type>>,
    exposures: Vec<Option<crate::value::Scale>>,
    /// Of the loops around the place that is read.
    locals: Vec<Option<crate::value::Type>>,
    /// Those of them whose values nobody has written out.
    loose_locals: std::collections::BTreeSet<usize>,
}

/// The state of one check: the file, its names and types, and what was found.
struct Checker<'a> {
    file: &'a Sources,
    ast: &'a ast::File,
    names: Names<'a>,
    types: KnownTypes,
    found: Diagnostics,
    /// What surrounds the shell text that is being read.
    around: shell::Around,
    whole: Whole,
    /// How many loops hold the statement that is read.
    loops: usize,
    /// The task that it is part of.
    task: Option<task::Inside<'a>>,
    /// The captures in tasks that were read, by the places of their names.
    captured_in_tasks: std::collections::BTreeSet<crate::source::Span>,
    /// What something in the file reads, by kind and index.
    read: std::collections::BTreeSet<(names::Sort, u32)>,
    /// The units and queries that say different things.
    strange: Vec<Strange>,
}

impl<'a> Checker<'a> {
    fn new(file: &'a Sources, ast: &'a ast::File) -> Self {
        Self {
            file,
            ast,
            names: Names::default(),
            types: KnownTypes::default(),
            found: Diagnostics::new(),
            around: shell::Around::default(),
            whole: Whole::Yes,
            loops: 0,
            task: None,
            captured_in_tasks: std::collections::BTreeSet::new(),
            read: std::collections::BTreeSet::new(),
            strange: Vec::new(),
        }
    }

    /// Notes that a part is missing; why was reported.
    fn incomplete(&mut self) {
        self.whole = Whole::No;
    }

    /// A part that may be missing; why it is was reported.
    fn part<T>(&mut self, part: Option<T>) -> Option<T> {
        if part.is_none() {
            self.incomplete();
        }
        part
    }

    /// The whole file, as far as it could be read. Where a part is missing that is noted.
    fn file(&mut self, declared: &Declared<'a>) -> Checked {
        if declared.not_built > 0 {
            self.incomplete();
        }
        let params = self.params(declared);
        let lets = self.lets(declared);
        self.types.metrics = declared.metrics.iter().map(|one| metric::ty(one)).collect();
        let captures = declared.captures.iter();
        self.types.captures = captures.map(|one| one.ty.ty.clone()).collect();
        let exposures = declared.exposures.iter();
        self.types.exposures = exposures.map(|one| one.scale.clone()).collect();
        let header = self.header(declared);
        let secrets = self.each(&declared.secrets, Self::secret);
        let providers = self.each(&declared.providers, Self::provider);
        let channels = self.each(&declared.channels, Self::channel);
        let exposures = self.each(&declared.exposures, Self::exposure);
        let hosts = self.each(&declared.hosts, Self::hosts);
        let metrics = self.each(&declared.metrics, Self::metric);
        self.circles_of_enough(&metrics);
        let probes = self.each(&declared.probes, Self::probe);
        let guards = self.each(&declared.guards, Self::guard);
        if let Some((guard, _)) = declared.guards.get(MOST_GUARDS) {
            let said = crate::diag::factory::nested::one_too_many(
                guard.name.span,
                ("guard", "a runbook"),
                MOST_GUARDS,
                "a guard can hold several conditions: when CONDITION or CONDITION",
            );
            self.found.push(said);
        }
        if let Some(metric) = declared.metrics.get(MOST_METRICS) {
            let said = crate::diag::factory::nested::one_too_many(
                metric.name.span,
                ("metric", "a runbook"),
                MOST_METRICS,
                "a run asks each of them before it begins; one query can look at several series: max(…)",
            );
            self.found.push(said);
        }
        let defaults = self.defaults(declared);
        let limits = self.limits(declared);
        let environment = self.environment();
        let window = self.window(declared);
        let mut steps = step::Steps::default();
        let before = self.before(declared, &mut steps);
        let stages = self.stages(declared, &mut steps);
        let rollback = self.rollback(declared, &mut steps);
        self.tasks(declared);
        let if_stuck = self.aftermath(declared, AftermathKind::Stuck);
        let after_rollback = self.aftermath(declared, AftermathKind::AfterRollback);
        let after_forward = self.aftermath(declared, AftermathKind::AfterForward);
        let after_rollout = self.aftermath(declared, AftermathKind::AfterRollout);
        if self.ast.kind == ast::FileKind::Runbook {
            self.flow(declared);
            self.rules_over_the_file(declared);
        }
        // A value of a library has no variable: no shell could name it.
        let bindings = declared.bindings.iter();
        let bindings = bindings.filter(|name| !name.text.contains('.'));
        let mut checked = Checked {
            header,
            params,
            lets,
            bindings: bindings.map(|name| name.text.clone()).collect(),
            libraries: Vec::new(),
            secrets,
            providers,
            channels,
            exposures,
            hosts,
            metrics,
            probes,
            guards,
            defaults,
            limits,
            environment,
            settings: Settings::default(),
            window,
            steps: steps.all,
            approvals: steps.approvals,
            migrations: steps.migrations,
            of_migrations: OfMigrations::default(),
            captures: steps.captures.into_values().collect(),
            before,
            stages,
            rollback,
            if_stuck,
            after_rollback,
            after_forward,
            after_rollout,
            tests: Vec::new(),
            waives: self.waives(),
            programs: std::mem::take(&mut self.around.programs),
            people: std::mem::take(&mut self.around.people),
            shown: std::mem::take(&mut self.around.shown),
            spliced: std::mem::take(&mut self.around.spliced),
            unread: self.unread(declared),
            strange: std::mem::take(&mut self.strange),
        };
        self.undo_rules(&checked);
        checked.tests = self.tests(declared, &checked);
        checked
    }

    /// Reads all of one kind; those that cannot be read are left out.
    fn each<T: Copy, U>(
        &mut self,
        items: &[T],
        mut read: impl FnMut(&mut Self, T) -> Option<U>,
    ) -> Vec<U> {
        let mut all = Vec::new();
        for item in items {
            let one = read(self, *item);
            all.extend(self.part(one));
        }
        all
    }
}
