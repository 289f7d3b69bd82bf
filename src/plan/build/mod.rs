//! From a checked file and values for its parameters to a plan: defaults filled in, units gone, nothing left to compute
//! but what only the run knows. Reads no clock, no file and no environment.

mod act;
mod approve;
mod bind;
mod capture;
mod condition;
mod observe;
mod text;
mod window;

pub use window::read_holidays;

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::{Binding, Header, Limits, PLAN_FORMAT, Plan, Program};
use crate::ast::Expr;
use crate::check::{self, Checked, NoValue, Values};
use crate::diag::factory::check as say;
use crate::diag::{Diagnostics, Severity};
use crate::source::SourceFile;
use crate::syntax;
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
    let plan = assemble(checked, &values, file)?;
    found.extend(super::overruns::overruns(checked, &plan, &values));
    if found.iter().any(|one| one.severity == Severity::Error) {
        found.sort();
        return Err(found);
    }
    Ok(plan)
}

/// Reads and checks a file as far as that is possible without values for its parameters: its text, everything that
/// `check::check` finds, and the bounds of its levels. The checked file is there when no error was found.
pub fn check_file(file: &SourceFile) -> (Option<Checked>, Diagnostics) {
    examine(file, |checked| {
        // A level that depends on a parameter without a default is judged when the parameter is given; the plan with
        // examples is only the frame for the others.
        with_examples(checked, file).map_or_else(
            |_| Diagnostics::new(),
            |plan| super::overruns::overruns(checked, &plan, &check::known_values(checked)),
        )
    })
}

/// The same without the bounds of levels: for a file whose plan is built next, which judges them with the real values.
pub fn read_file(file: &SourceFile) -> (Option<Checked>, Diagnostics) {
    examine(file, |_| Diagnostics::new())
}

fn examine(
    file: &SourceFile,
    bounds: impl FnOnce(&Checked) -> Diagnostics,
) -> (Option<Checked>, Diagnostics) {
    let parsed = syntax::parse(file);
    if !parsed.readable {
        return (None, parsed.diagnostics);
    }
    let (checked, mut found) = check::check(file, &parsed.ast);
    if let Some(checked) = &checked {
        found.extend(bounds(checked));
    }
    let mut all = check::without_echoes(&parsed.ast, &parsed.diagnostics, found);
    all.extend(parsed.diagnostics);
    all.sort();
    (checked.filter(|_| !all.has_errors()), all)
}

/// The plan of a checked file with an example in the place of every parameter that has no default. It must not be run.
///
/// # Errors
/// When the examples break a rule of the file.
pub fn with_examples(checked: &Checked, file: &SourceFile) -> Result<Plan, Diagnostics> {
    assemble(checked, &bind::with_examples(checked), file)
}

fn assemble(checked: &Checked, values: &Values, file: &SourceFile) -> Result<Plan, Diagnostics> {
    let mut builder = Builder {
        checked,
        values,
        found: Diagnostics::new(),
    };
    let plan = builder.plan(file);
    if builder.found.is_empty() {
        Ok(plan)
    } else {
        builder.found.sort();
        Err(builder.found)
    }
}

/// The programs that commands start, each line once.
fn programs(checked: &Checked) -> Vec<Program> {
    let mut all: Vec<Program> = Vec::new();
    for one in &checked.programs {
        let program = Program {
            name: one.name.clone(),
            line: one.line,
            step: one.step,
        };
        if !all.contains(&program) {
            all.push(program);
        }
    }
    all
}

/// The state of one build.
struct Builder<'a> {
    checked: &'a Checked,
    values: &'a Values,
    found: Diagnostics,
}

impl Builder<'_> {
    fn plan(&mut self, file: &SourceFile) -> Plan {
        let checked = self.checked;
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
            channels: self.channels(),
            steps: self.steps(),
            approvals: self.approvals(),
            captures: self.captures(),
            before: self.before(),
            stages: self.stages(),
            rollback: checked.rollback.as_ref().map(|one| self.rollback(one)),
            if_stuck: self.notices(&checked.if_stuck),
            after_rollback: self.notices(&checked.after_rollback),
            after_rollout: self.notices(&checked.after_rollout),
            limits: self.limits(),
            window: self.window(),
            programs: programs(checked),
        }
    }

    fn limits(&mut self) -> Limits {
        let (known, default) = (&self.checked.limits, Limits::default());
        Limits {
            hold: self.duration_or(known.hold.as_ref(), default.hold),
            max_gap: self.duration_or(known.max_gap.as_ref(), default.max_gap),
        }
    }

    fn header(&mut self, file: &SourceFile) -> Header {
        let header = &self.checked.header;
        let digest = Sha256::digest(file.text().as_bytes());
        Header {
            title: self.text(&header.title),
            service: header.service.clone(),
            owner: header.owner.clone(),
            risk: header.risk.clone(),
            strategy: header.strategy.clone(),
            zone: header.zone.clone(),
            file: file.name().to_owned(),
            source_sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
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
        match check::eval(expr, self.values, Some(want)) {
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

    fn address(&mut self, expr: &Expr) -> String {
        match check::address(expr, self.values) {
            Ok(address) => address,
            Err(why) => {
                self.no_value(expr, why);
                String::new()
            }
        }
    }
}
