//! From a checked file and values for its parameters to a plan: defaults filled in, units gone, nothing left to compute
//! but what only the run knows. Reads no clock, no file and no environment.

mod act;
mod after;
mod approve;
mod bind;
mod capture;
mod cases;
mod channel;
mod condition;
mod hosts;
mod nested;
mod observe;
mod request;
mod test;
mod text;
mod window;

pub use test::trials;
pub use window::read_holidays;

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::cases::{Cases, found_in};
use super::lints::lints;
use super::{
    ApprovalId, Binding, Header, Library, Limits, Migrations, PLAN_FORMAT, Plan, StepId, waive,
};
use crate::ast::Expr;
use crate::check::{self, Checked, NoValue, Values};
use crate::diag::factory::{check as say, library, lint as say_lint};
use crate::diag::{Diagnostics, Severity};
use crate::link::{AtHand, Loader, link};
use crate::source::{SourceFile, Sources};
use crate::value::{Millis, Type, Value};

/// KILL comes this much after TERM.
const GRACE: Millis = Millis::from_secs(10);

/// Makes the plan of a checked file. `given` are the values of parameters as they were typed, by name.
///
/// # Errors
/// All that is wrong with the values: parameters missing, unknown, of another type or out of their pattern, and rules of
/// the file that these values break.
pub fn build(
    checked: &Checked,
    given: &BTreeMap<String, String>,
    file: &SourceFile,
) -> Result<Plan, Diagnostics> {
    let values = bind::bind(checked, given)?;
    let mut found = check::judge_values(checked, &values);
    if found.has_errors() {
        return Err(found);
    }
    let plan = assemble(checked, &values, file)?.plan;
    found.extend(super::overruns::overruns(checked, &plan, &values));
    if found.iter().any(|one| one.severity == Severity::Error) {
        found.sort();
        return Err(found);
    }
    Ok(plan)
}

/// The same, judged by the lints too: what is to be run is held against what it exposes and who looks. What the file accepts is part
/// of the plan. With the plan comes what is worth saying and stops nothing.
///
/// # Errors
/// As [`build`], and every error of the lints that the file does not accept.
pub fn judged(
    checked: &Checked,
    given: &BTreeMap<String, String>,
    file: &SourceFile,
) -> Result<(Plan, Diagnostics), Diagnostics> {
    let mut plan = build(checked, given, file)?;
    let mut found = lints(checked, &plan);
    found.extend(checked.of_migrations.found.clone());
    found.sort();
    let settled = waive::settle(checked, &found);
    plan.waived = settled.waived;
    plan.waived.extend(waive::in_files(checked));
    if settled.left.has_errors() {
        return Err(settled.left);
    }
    Ok((plan, settled.left))
}

/// What the lints say as far as that is possible without values for all parameters, and which lines accept nothing: what they say in every
/// case. What they say in some cases only is kept to be told on demand.
fn linted(checked: &Checked, file: &SourceFile, looked: &mut cases::Looked) -> Diagnostics {
    let plans = looked.example.iter().chain(&looked.cases.others);
    let by_case: Vec<Diagnostics> = plans.map(|plan| lints(checked, plan)).collect();
    let mut found = looked.cases.every(&by_case);
    let mut all = Diagnostics::new();
    by_case.iter().for_each(|one| all.extend(one.clone()));
    all.sort();
    // What is found with one value of a parameter and not with another is judged when the parameter is given.
    let mut is_known = true;
    let varied = looked.cases.varied.iter().filter(|one| one.whole);
    let whole: Vec<&str> = varied.map(|one| one.name.as_str()).collect();
    if let Some(values) = bind::other_examples(checked, &whole) {
        is_known = false;
        let Ok(made) = assemble(checked, &values, file) else {
            return Diagnostics::new();
        };
        let other = lints(checked, &made.plan);
        found = found.filtered(found_in(&other));
        all.extend(other);
    }
    let left = by_case.iter().map(|one| waive::settle(checked, one).left);
    let left: Vec<Diagnostics> = left.collect();
    let later = looked.cases.of_some(&left);
    looked.cases.later.extend(later);
    let settled = waive::settle(checked, &found);
    let mut left = settled.left;
    if is_known {
        for waive in waive::settle(checked, &all).idle {
            // Those of a library are for all who use it.
            if is_main(waive.span, file) {
                left.push(say_lint::unneeded_waive(
                    (waive.span, waive.policy),
                    waive.on,
                ));
            }
        }
    }
    left
}

fn is_main(span: crate::source::Span, file: &SourceFile) -> bool {
    file.base() <= span.start && span.start < file.next_base()
}

/// What reading a file and all that it uses came to.
#[derive(Clone, Debug)]
pub struct Read {
    /// All files, the main one first.
    pub sources: Sources,
    /// The checked file; there when the file is a runbook and no error was found but those of the lints.
    pub checked: Option<Checked>,
    /// The plan of the checked file, [`with_examples`], where it can be made; [`check_files`] alone makes it.
    pub example: Option<Plan>,
    /// The further cases that the values of parameters make, with the plan of each.
    pub cases: Cases,
    /// What was found in all of them.
    pub found: Diagnostics,
}

/// Reads and checks a file, with all that it uses, as far as that is possible without values for its parameters: the texts,
/// everything that `check::check` finds, and the bounds of its levels.
pub fn check_files(file: &SourceFile, loader: &dyn Loader) -> Read {
    examine(file, loader, |checked| {
        // A level that depends on a value that is not looked at is judged when the parameter is given; the plan with
        // examples is only the frame for the others.
        let mut looked = cases::cases(checked, file);
        let plans = looked.example.iter().chain(&looked.cases.others);
        let overruns: Vec<Diagnostics> = plans
            .zip(&looked.known)
            .map(|(plan, known)| super::overruns::overruns(checked, plan, known))
            .collect();
        let mut found = looked.cases.any(&overruns);
        if found.is_empty() {
            let (_, of_tests) = trials(checked, file, &mut |_| Diagnostics::new());
            found.extend(of_tests);
            if looked.example.is_some() {
                found.extend(linted(checked, file, &mut looked));
            }
        }
        found.extend(checked.of_migrations.found.clone());
        (found, looked.example, looked.cases)
    })
}

/// The same without the bounds of levels: for a file whose plan is built next, which judges them with the real values. A library
/// has no plan, which is said.
pub fn read_files(file: &SourceFile, loader: &dyn Loader) -> Read {
    let mut read = examine(file, loader, |_| {
        (Diagnostics::new(), None, Cases::default())
    });
    if read.checked.is_none() && !read.found.has_errors() {
        let title = file.slice(crate::source::Span::of(0..file.text().len()));
        let start = title.find("library").unwrap_or_default();
        let end = title.len().min(start + "library".len());
        let said = library::not_a_runbook_but_a_library(crate::source::Span::of(start..end));
        read.found.push(said);
        read.found.sort();
    }
    read
}

/// [`check_files`] for a file that uses none but those inside the program.
pub fn check_file(file: &SourceFile) -> (Option<Checked>, Diagnostics) {
    let read = check_files(file, &AtHand::alone(file));
    (read.checked, read.found)
}

/// [`read_files`] for a file that uses none but those inside the program.
pub fn read_file(file: &SourceFile) -> (Option<Checked>, Diagnostics) {
    let read = read_files(file, &AtHand::alone(file));
    (read.checked, read.found)
}

/// The shell texts of a file and of the libraries that it uses.
pub fn shells(file: &SourceFile, loader: &dyn Loader) -> check::Shells {
    let linked = link(file, loader);
    check::shells(&linked.sources, &linked.ast)
}

fn examine(
    file: &SourceFile,
    loader: &dyn Loader,
    bounds: impl FnOnce(&Checked) -> (Diagnostics, Option<Plan>, Cases),
) -> Read {
    let linked = link(file, loader);
    let files_of_migrations = linked.migrations_once();
    let mut all = linked.diagnostics.clone();
    let (mut checked, mut example, mut cases) = (None, None, Cases::default());
    let mut settings = check::Settings::default();
    if let Some(file) = &linked.settings {
        let (read, found) = check::settings(file);
        settings = read;
        all.extend(found);
    }
    if linked.readable {
        let mut found = Diagnostics::new();
        // What is wrong inside a library is said once, where the library is looked at by itself.
        for (library, tree) in &linked.libraries {
            let (_, inside) = check::check(&linked.sources, tree);
            found.extend(inside.filtered(|one| is_in(one, library)));
        }
        let known: Vec<&SourceFile> = linked.libraries.iter().map(|(file, _)| file).collect();
        let is_sound = |library: &SourceFile| {
            let inside = |one: &crate::diag::Diagnostic| is_in(one, library);
            !found.iter().any(inside) && !all.iter().any(inside)
        };
        let sound = known.into_iter().filter(|one| is_sound(one));
        let sound: Vec<&SourceFile> = sound.chain(&linked.templates).collect();
        let (mut whole, of_main) = check::check(&linked.sources, &linked.ast);
        let of_main = of_main
            .filtered(|one| is_in(one, file) || sound.iter().any(|library| is_in(one, library)));
        found.extend(of_main);
        if let Some(whole) = &mut whole {
            whole.settings = settings;
            let libraries = linked.libraries.iter();
            whole.libraries = libraries
                .map(|(file, _)| (file.name().to_owned(), digest(file.text())))
                .collect();
            let libraries = linked.libraries.iter();
            whole.of_migrations = check::migrations(files_of_migrations);
            for migrations in &mut whole.migrations {
                let mut read = linked.migrations.iter();
                let read = read.find(|one| one.pattern == migrations.span);
                migrations.files = read.map(|one| one.files.clone()).unwrap_or_default();
            }
            for (_, tree) in libraries {
                let accepted = check::waives(&linked.sources, tree);
                whole.waives.extend(accepted);
            }
            // What could not be read is not there to be judged: what it would do is not missing.
            if !all.has_errors() {
                let of_bounds;
                (of_bounds, example, cases) = bounds(whole);
                found.extend(of_bounds);
            }
        }
        let found = check::without_echoes(&linked.ast, &all, found);
        all.extend(found);
        all.sort();
        // What only the lints say does not stand in the way of a plan; whoever runs it holds it against them again.
        let stands =
            |one: &crate::diag::Diagnostic| one.severity != Severity::Error || waive::is_lint(one);
        checked = whole.filter(|_| all.iter().all(stands));
    }
    Read {
        sources: linked.sources,
        checked,
        example,
        cases,
        found: all,
    }
}

/// Whether a finding lies in a file. One without a place belongs to the main file.
fn is_in(one: &crate::diag::Diagnostic, file: &SourceFile) -> bool {
    let at = one.primary.as_ref().map_or(0, |label| label.span.start);
    file.base() <= at && at < file.next_base()
}

/// SHA-256 of a text, hexadecimal.
fn digest(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let halves = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let digits = halves.filter_map(|half| char::from_digit(u32::from(half), 16));
    digits.collect()
}

/// The plan of a checked file with an example in the place of every parameter that has no default. It must not be run.
///
/// # Errors
/// When the examples break a rule of the file.
pub fn with_examples(checked: &Checked, file: &SourceFile) -> Result<Plan, Diagnostics> {
    let made = assemble(checked, &bind::with_examples(checked), file)?;
    Ok(made.plan)
}

/// A plan, and what its parts were made of.
struct Assembled {
    plan: Plan,
    /// Of each step of the plan: the step of the file. A loop makes several of one, and a way that is not gone makes none.
    steps: Vec<StepId>,
    /// The same of approvals.
    approvals: Vec<ApprovalId>,
}

fn assemble(
    checked: &Checked,
    values: &Values,
    file: &SourceFile,
) -> Result<Assembled, Diagnostics> {
    let mut builder = Builder::new(checked, values);
    let mut plan = builder.plan(file);
    plan.spread();
    if builder.found.is_empty() {
        Ok(Assembled {
            plan,
            steps: builder.made.step_of,
            approvals: builder.made.approval_of,
        })
    } else {
        builder.found.sort();
        Err(builder.found)
    }
}

/// The state of one build.
struct Builder<'a> {
    checked: &'a Checked,
    /// What is known at the place that is built: in a loop its variable too.
    values: Values,
    made: nested::Made,
    found: Diagnostics,
}

impl<'a> Builder<'a> {
    fn new(checked: &'a Checked, values: &Values) -> Self {
        Self {
            checked,
            values: values.clone(),
            made: nested::Made::default(),
            found: Diagnostics::new(),
        }
    }
}

impl Builder<'_> {
    fn plan(&mut self, file: &SourceFile) -> Plan {
        let checked = self.checked;
        // Steps are made where they are used, in the order of the run.
        let before = self.before();
        let stages = self.stages();
        let rollback = checked.rollback.as_ref().map(|one| self.rollback(one));
        Plan {
            format: PLAN_FORMAT,
            header: self.header(file),
            bindings: self.bindings(),
            secrets: self.secrets(),
            providers: self.providers(),
            metrics: self.metrics(),
            probes: self.probes(),
            guards: self.guards(),
            exposures: self.exposures(),
            hosts: self.hosts(),
            channels: self.channels(),
            captures: self.captures(),
            programs: self.programs(),
            steps: std::mem::take(&mut self.made.steps),
            approvals: std::mem::take(&mut self.made.approvals),
            before,
            stages,
            rollback,
            if_stuck: self.notices(&checked.if_stuck.notices),
            after_rollback: self.told_at_the_end(&checked.after_rollback),
            after_forward: self.told_at_the_end(&checked.after_forward),
            after_rollout: self.told_at_the_end(&checked.after_rollout),
            after: self.after(),
            limits: self.limits(),
            window: self.window(),
            environment: checked.environment.clone(),
            migrations: self.migrations(),
            waived: Vec::new(),
        }
    }

    fn migrations(&mut self) -> Vec<Migrations> {
        let checked = self.checked;
        let all = checked.migrations.iter().map(|one| Migrations {
            title: self.text(&one.title),
            pattern: one.pattern.clone(),
            files: one
                .files
                .iter()
                .map(|file| Library {
                    file: file.name().to_owned(),
                    sha256: digest(file.text()),
                })
                .collect(),
        });
        all.collect()
    }

    fn limits(&mut self) -> Limits {
        let (known, default) = (&self.checked.limits, Limits::default());
        Limits {
            hold: self.duration_or(known.hold.as_ref(), default.hold),
            max_gap: self.duration_or(known.max_gap.as_ref(), default.max_gap),
            guard_rules: default.guard_rules,
        }
    }

    fn header(&mut self, file: &SourceFile) -> Header {
        let header = &self.checked.header;
        Header {
            title: self.text(&header.title),
            service: header.service.clone(),
            owner: header.owner.clone(),
            risk: header.risk.clone(),
            strategy: header.strategy.clone(),
            zone: header.zone.clone(),
            file: file.name().to_owned(),
            source_sha256: digest(file.text()),
            libraries: self
                .checked
                .libraries
                .iter()
                .map(|(file, sha256)| Library {
                    file: file.clone(),
                    sha256: sha256.clone(),
                })
                .collect(),
        }
    }

    fn bindings(&mut self) -> Vec<Binding> {
        let names = &self.checked.bindings;
        names
            .iter()
            .filter_map(|name| {
                Some(Binding {
                    name: name.clone(),
                    value: self.values.get(name)?.clone(),
                })
            })
            .collect()
    }

    /// The value of an expression. The check has made sure that there is one; where it was wrong, the build fails at the
    /// place instead of going on with something else.
    fn value(&mut self, expr: &Expr, want: &Type) -> Option<Value> {
        match check::eval(expr, &self.values, Some(want)) {
            Ok(value) => Some(value),
            Err(why) => {
                self.no_value(expr, why);
                None
            }
        }
    }

    fn no_value(&mut self, expr: &Expr, why: NoValue) {
        self.found.push(match why {
            NoValue::NotGiven => {
                say::impossible_value(expr.span, "a parameter in it was not given")
            }
            NoValue::Reported => say::impossible_value(expr.span, "it cannot be computed"),
            NoValue::Impossible { span, why } => say::impossible_value(span, why),
            NoValue::Unfit { span, text, why } => say::unfit_in_query(span, &text, why),
            NoValue::Misfit { text, want } => check::misfit(expr, &text, &want),
        });
    }

    fn duration(&mut self, expr: &Expr) -> Millis {
        match self.value(expr, &Type::Duration) {
            Some(Value::Duration(value)) => value,
            Some(_) | None => Millis::ZERO,
        }
    }

    fn duration_or(&mut self, expr: Option<&Expr>, default: Millis) -> Millis {
        expr.map_or(default, |expr| self.duration(expr))
    }

    fn percent(&mut self, expr: &Expr) -> f64 {
        let value = self.value(expr, &Type::Percent);
        value.and_then(|value| value.base()).unwrap_or_default()
    }

    fn count(&mut self, expr: &Expr) -> u32 {
        match self.value(expr, &Type::Int) {
            Some(Value::Int(value)) => u32::try_from(value).unwrap_or(u32::MAX),
            Some(_) | None => 0,
        }
    }

    fn text(&mut self, expr: &Expr) -> String {
        let value = self.value(expr, &Type::Text);
        value.map(|value| value.plain()).unwrap_or_default()
    }

    fn title(&mut self, title: Option<&Expr>, name: &str) -> String {
        title.map_or_else(|| name.to_owned(), |title| self.text(title))
    }

    fn path(&mut self, expr: &Expr) -> String {
        let value = self.value(expr, &Type::Path);
        value.map(|value| value.plain()).unwrap_or_default()
    }

    fn query(&mut self, expr: &Expr) -> String {
        match check::query(expr, &self.values) {
            Ok(query) => query,
            Err(why) => {
                self.no_value(expr, why);
                String::new()
            }
        }
    }

    fn address(&mut self, expr: &Expr) -> String {
        match check::address(expr, &self.values) {
            Ok(address) => address,
            Err(why) => {
                self.no_value(expr, why);
                String::new()
            }
        }
    }
}
