//! Which parameters decide what a run does, and with which values each of them is looked at: those that a condition, an `if`, a `for`, a
//! bound or an exposure reads. A word in a command decides nothing that is known here.

use std::collections::BTreeMap;

use crate::ast::{BinaryOp, CompareOp, Expr, ExprKind, Text, TextPart, UnaryOp};
use crate::value::{Type, Value, typed_example};

use super::eval::{Values, eval};
use super::tree::{
    Aftermath, BaselineOf, Checked, Condition, GuardAction, Number, Op, OpKind, Param, Step,
    Streak, Test,
};

/// A parameter that decides something.
#[derive(Clone, Debug)]
pub struct Matter<'c> {
    /// Which.
    pub param: &'c Param,
    /// The values that tell its cases apart, as far as they can be told.
    pub values: Vec<Value>,
    /// Whether these are all cases that there are.
    pub whole: bool,
    /// Whether it is used as it is, and not only held against constants.
    pub loose: bool,
}

/// The parameters of a file that decide something, in its order.
#[must_use]
pub fn matters(checked: &Checked) -> Vec<Matter<'_>> {
    if checked.params.is_empty() {
        return Vec::new();
    }
    let mut search = Search {
        checked,
        aliases: BTreeMap::new(),
        constants: constants(checked),
        read: checked.params.iter().map(|_| None).collect(),
        open: Vec::new(),
    };
    search.name_aliases();
    search.whole_file();
    let all = checked.params.iter().zip(search.read);
    all.filter_map(|(param, read)| Some(matter(param, read?)))
        .collect()
}

fn matter(param: &Param, read: Read) -> Matter<'_> {
    let loose = read.loose;
    let (values, whole) = match &param.ty {
        Type::Bool => (vec![Value::Bool(true), Value::Bool(false)], true),
        Type::OneOf(words) => (words.iter().cloned().map(Value::OneOf).collect(), true),
        // Beside the words that it is held against there is any other one.
        Type::Text | Type::Url | Type::Path => {
            let other = Value::read(&param.ty, &typed_example(&param.ty)).ok();
            let is_held = !read.beside.is_empty();
            let other = other.filter(|_| is_held);
            let values = read.beside.into_iter().chain(other).collect();
            (values, !read.loose)
        }
        Type::Int
        | Type::Number
        | Type::Percent
        | Type::Duration
        | Type::Rate
        | Type::Bytes
        | Type::Version
        | Type::Date
        | Type::Time
        | Type::List(_) => (read.beside, !read.loose),
    };
    Matter {
        param,
        values,
        whole,
        loose,
    }
}

/// What is known without any parameter.
fn constants(checked: &Checked) -> Values {
    let mut values = Values::default();
    values.set("service", Value::Text(checked.header.service.clone()));
    super::set_lets(checked, &mut values);
    values
}

/// How a parameter is read.
#[derive(Clone, Debug, Default)]
struct Read {
    /// It is held against these, or lies right beside one of them.
    beside: Vec<Value>,
    /// It is used as it is: each value may be a case of its own.
    loose: bool,
}

struct Search<'c> {
    checked: &'c Checked,
    /// What names stand for that are no parameters of the file: lets, the values of loops, the parameters of tasks.
    aliases: BTreeMap<&'c str, Vec<&'c Expr>>,
    constants: Values,
    /// Of each parameter.
    read: Vec<Option<Read>>,
    /// The names that are looked behind: a parameter of a task may be called as what it is given.
    open: Vec<&'c str>,
}

impl<'c> Search<'c> {
    fn name_aliases(&mut self) {
        let checked = self.checked;
        for one in &checked.lets {
            self.aliases.entry(&one.name).or_default().push(&one.value);
        }
        for op in self.ops() {
            match &op.kind {
                OpKind::For(one) => self.aliases.entry(&one.name).or_default().push(&one.list),
                OpKind::Call(one) => {
                    for bind in &one.binds {
                        self.aliases
                            .entry(&bind.name)
                            .or_default()
                            .push(&bind.value);
                    }
                }
                OpKind::Step(_)
                | OpKind::Wait { .. }
                | OpKind::Until { .. }
                | OpKind::Expose { .. }
                | OpKind::Verify { .. }
                | OpKind::Undo
                | OpKind::NoReturn(_)
                | OpKind::Notify(_)
                | OpKind::Fail(_)
                | OpKind::Approve(_)
                | OpKind::Parallel(_)
                | OpKind::If(_) => {}
            }
        }
    }

    fn ops(&self) -> Vec<&'c Op> {
        let stages = self.checked.stages.iter().map(|one| &one.ops);
        let levels = self.checked.rollback.iter().flat_map(|one| &one.levels);
        let all = stages.chain(levels.map(|one| &one.ops));
        all.flat_map(|ops| Op::all(ops)).collect()
    }

    fn whole_file(&mut self) {
        let checked = self.checked;
        self.observations();
        for op in self.ops() {
            self.op(op);
        }
        for step in &checked.steps {
            self.step(step);
        }
        for one in &checked.approvals {
            self.all([one.count.as_ref(), Some(&one.within)]);
        }
        for one in &checked.captures {
            self.all([one.default.as_ref()]);
        }
        if let Some(rollback) = &checked.rollback {
            for level in &rollback.levels {
                self.loose(&level.within);
                self.condition(level.when.as_ref());
            }
            let recovered = [&rollback.recovered, &rollback.recovered_forward];
            for one in recovered.into_iter().flatten() {
                self.condition(Some(&one.when));
                self.all([one.hold.as_ref(), Some(&one.within)]);
            }
        }
        let defaults = &checked.defaults;
        self.all([
            defaults.timeout.as_ref(),
            defaults.grace.as_ref(),
            defaults.probe_timeout.as_ref(),
            defaults.set_timeout.as_ref(),
            defaults.read_timeout.as_ref(),
            checked.limits.hold.as_ref(),
            checked.limits.max_gap.as_ref(),
        ]);
        if let Some(retry) = &defaults.retry {
            self.all([Some(&retry.times), Some(&retry.first), retry.last.as_ref()]);
        }
        let ends = [
            &checked.if_stuck,
            &checked.after_rollback,
            &checked.after_forward,
            &checked.after_rollout,
        ];
        for one in ends {
            self.aftermath(one);
        }
    }

    fn aftermath(&mut self, one: &'c Aftermath) {
        for reminder in &one.reminders {
            self.loose(&reminder.within);
        }
        if let Some(watch) = &one.watch {
            self.loose(&watch.length);
        }
    }

    fn observations(&mut self) {
        let checked = self.checked;
        for one in &checked.exposures {
            self.all([one.set.timeout.as_ref(), one.read.timeout.as_ref()]);
        }
        for one in &checked.probes {
            self.all([one.timeout.as_ref()]);
        }
        for one in &checked.metrics {
            let times = [&one.every, &one.timeout, &one.window, &one.lag, &one.stale];
            self.all(times.map(Option::as_ref));
            self.condition(one.zero_when.as_ref());
            self.condition(one.counts_when.as_ref());
            match one.baseline.as_ref().map(|one| &one.of) {
                Some(BaselineOf::Value(expr) | BaselineOf::Measured(expr)) => self.loose(expr),
                None => {}
            }
            for threshold in [&one.warning, &one.critical].into_iter().flatten() {
                self.loose(&threshold.value);
            }
        }
        for one in &checked.guards {
            self.condition(Some(&one.when));
            self.all([one.warmup.as_ref(), one.coverage.as_ref()]);
            match &one.streak {
                Some(Streak::For(expr)) => self.loose(expr),
                Some(Streak::Of { breaches, samples }) => {
                    self.all([Some(breaches), Some(samples)]);
                }
                None => {}
            }
            match &one.action {
                GuardAction::Decide { within, .. } => self.loose(within),
                GuardAction::Rollback(_) | GuardAction::Hold | GuardAction::Warn => {}
            }
        }
    }

    fn step(&mut self, step: &'c Step) {
        self.all([step.timeout.as_ref(), step.grace.as_ref()]);
        if let Some(retry) = step.retry_in(self.checked) {
            self.all([Some(&retry.times), Some(&retry.first), retry.last.as_ref()]);
        }
        if let Some(on) = &step.on {
            self.all([on.most.as_ref(), on.tolerate.as_ref()]);
        }
    }

    fn op(&mut self, op: &'c Op) {
        match &op.kind {
            OpKind::Wait { min, max } => self.all([Some(min), max.as_ref()]),
            OpKind::Until { when, within } => {
                self.condition(Some(when));
                self.loose(within);
            }
            OpKind::Expose { target, within, .. } => self.all([Some(target), within.as_ref()]),
            OpKind::Verify { within, every, .. } => self.all([Some(within), every.as_ref()]),
            OpKind::For(one) => self.all([Some(&one.list), one.most.as_ref()]),
            OpKind::If(one) => {
                self.condition(Some(&one.when));
                self.all([one.within.as_ref()]);
            }
            // What a task is called with counts where it is used.
            OpKind::Call(_)
            | OpKind::Step(_)
            | OpKind::Undo
            | OpKind::NoReturn(_)
            | OpKind::Notify(_)
            | OpKind::Fail(_)
            | OpKind::Approve(_)
            | OpKind::Parallel(_) => {}
        }
    }

    fn condition(&mut self, condition: Option<&'c Condition>) {
        if let Some(condition) = condition {
            self.test(&condition.test);
        }
    }

    fn test(&mut self, test: &'c Test) {
        match test {
            Test::Known(expr) => self.truth(expr),
            Test::KnownCompare {
                op, left, right, ..
            } => self.compare(*op, left, right),
            Test::And(left, right) | Test::Or(left, right) => {
                self.test(left);
                self.test(right);
            }
            Test::Not(inner) => self.test(inner),
            Test::Compare(left, op, right) => match (left, right) {
                (Number::Known(left), Number::Known(right)) => self.compare(*op, left, right),
                (left, right) => {
                    self.number(left);
                    self.number(right);
                }
            },
            Test::Captured { other, .. } => self.all([other.as_ref()]),
            Test::InStage(_) | Test::Is(..) => {}
        }
    }

    fn number(&mut self, number: &'c Number) {
        match number {
            Number::Known(expr) | Number::Word(_, expr) => self.loose(expr),
            Number::Negate(inner) => self.number(inner),
            Number::Combine { left, right, .. } => {
                self.number(left);
                self.number(right);
            }
            Number::Metric(_)
            | Number::Exposure(_)
            | Number::Capture(_)
            | Number::Baseline(_)
            | Number::Elapsed => {}
        }
    }

    /// An expression that is true or false.
    fn truth(&mut self, expr: &'c Expr) {
        match &expr.kind {
            ExprKind::Unary {
                op: UnaryOp::Not,
                operand,
                ..
            } => self.truth(operand),
            ExprKind::Binary {
                op: BinaryOp::And | BinaryOp::Or,
                left,
                right,
                ..
            } => {
                self.truth(left);
                self.truth(right);
            }
            ExprKind::Binary {
                op: BinaryOp::Compare(op),
                left,
                right,
                ..
            } => self.compare(*op, left, right),
            ExprKind::Name(name) => self.named_truth(name),
            ExprKind::Literal(_)
            | ExprKind::Text(_)
            | ExprKind::Field { .. }
            | ExprKind::Is { .. }
            | ExprKind::Unary { .. }
            | ExprKind::Binary { .. }
            | ExprKind::Call { .. }
            | ExprKind::List(_)
            | ExprKind::Lost => self.loose(expr),
        }
    }

    /// A name that is true or false: a parameter, or what is behind it.
    fn named_truth(&mut self, name: &'c str) {
        let own = self.checked.params.iter().position(|one| one.name == name);
        if let Some(read) = own.and_then(|index| self.read.get_mut(index)) {
            read.get_or_insert_default();
        }
        if self.open.contains(&name) {
            return;
        }
        self.open.push(name);
        for behind in self.aliases.get(name).cloned().unwrap_or_default() {
            self.truth(behind);
        }
        self.open.pop();
    }

    fn compare(&mut self, op: CompareOp, left: &'c Expr, right: &'c Expr) {
        let mirrored = match op {
            CompareOp::Less => CompareOp::Greater,
            CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
            CompareOp::Greater => CompareOp::Less,
            CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
            CompareOp::Equal | CompareOp::NotEqual => op,
        };
        if !(self.against(op, left, right) || self.against(mirrored, right, left)) {
            self.loose(left);
            self.loose(right);
        }
    }

    /// A parameter that is held against a constant; whether it is so.
    fn against(&mut self, op: CompareOp, param: &Expr, constant: &Expr) -> bool {
        let ExprKind::Name(name) = &param.kind else {
            return false;
        };
        let Some(params) = self.plain(name, &mut Vec::new()) else {
            return false;
        };
        if params.is_empty() {
            return false;
        }
        let mut all = Vec::new();
        for index in params {
            let Some(param) = self.checked.params.get(index) else {
                return false;
            };
            let constant = eval(constant, &self.constants, Some(&param.ty));
            let Ok(constant) = constant else {
                return false;
            };
            all.push((index, constant));
        }
        for (index, constant) in all {
            let read = self.read.get_mut(index).map(Option::get_or_insert_default);
            let (lower, higher) = constant.beside();
            let next = match op {
                CompareOp::Less | CompareOp::GreaterOrEqual => lower,
                CompareOp::Greater | CompareOp::LessOrEqual => higher,
                CompareOp::Equal | CompareOp::NotEqual => higher.or(lower),
            };
            if let Some(read) = read {
                read.beside.push(constant);
                read.beside.extend(next);
            }
        }
        true
    }

    /// The parameters that a name stands for as they are; nothing where one of them is computed with.
    fn plain(&self, name: &str, seen: &mut Vec<String>) -> Option<Vec<usize>> {
        let mut found = Vec::new();
        let own = self.checked.params.iter().position(|one| one.name == name);
        found.extend(own);
        if seen.iter().any(|one| one == name) {
            return Some(found);
        }
        seen.push(name.to_owned());
        for expr in self.aliases.get(name).into_iter().flatten() {
            let items = match &expr.kind {
                ExprKind::List(items) => items.iter().collect(),
                ExprKind::Literal(_)
                | ExprKind::Text(_)
                | ExprKind::Name(_)
                | ExprKind::Field { .. }
                | ExprKind::Is { .. }
                | ExprKind::Unary { .. }
                | ExprKind::Binary { .. }
                | ExprKind::Call { .. }
                | ExprKind::Lost => vec![*expr],
            };
            for item in items {
                match &item.kind {
                    ExprKind::Name(inner) => found.extend(self.plain(inner, seen)?),
                    ExprKind::Literal(_) => {}
                    ExprKind::Text(_)
                    | ExprKind::Field { .. }
                    | ExprKind::Is { .. }
                    | ExprKind::Unary { .. }
                    | ExprKind::Binary { .. }
                    | ExprKind::Call { .. }
                    | ExprKind::List(_)
                    | ExprKind::Lost => return None,
                }
            }
        }
        Some(found)
    }

    fn all<const N: usize>(&mut self, all: [Option<&'c Expr>; N]) {
        for expr in all.into_iter().flatten() {
            self.loose(expr);
        }
    }

    /// Each parameter of an expression is used as it is.
    fn loose(&mut self, expr: &Expr) {
        let mut names = Vec::new();
        self.names(expr, &mut names);
        for name in names {
            let own = self.checked.params.iter().position(|one| one.name == name);
            let read = own.and_then(|index| self.read.get_mut(index));
            if let Some(read) = read {
                read.get_or_insert_default().loose = true;
            }
        }
    }

    /// All names that an expression comes to, those behind other names too.
    fn names(&self, expr: &Expr, found: &mut Vec<String>) {
        for name in names_in(expr) {
            if found.contains(&name) {
                continue;
            }
            found.push(name.clone());
            for behind in self.aliases.get(name.as_str()).into_iter().flatten() {
                self.names(behind, found);
            }
        }
    }
}

fn names_in(expr: &Expr) -> Vec<String> {
    match &expr.kind {
        ExprKind::Name(name) => vec![name.clone()],
        ExprKind::Text(Text { parts, .. }) => {
            let exprs = parts.iter().filter_map(|part| match part {
                TextPart::Expr(expr) => Some(expr),
                TextPart::Piece(_) => None,
            });
            exprs.flat_map(names_in).collect()
        }
        ExprKind::Unary { operand, .. } => names_in(operand),
        ExprKind::Binary { left, right, .. } => {
            let mut all = names_in(left);
            all.extend(names_in(right));
            all
        }
        ExprKind::List(items) | ExprKind::Call { args: items, .. } => {
            items.iter().flat_map(names_in).collect()
        }
        ExprKind::Is { of, .. } => names_in(of),
        ExprKind::Literal(_) | ExprKind::Field { .. } | ExprKind::Lost => Vec::new(),
    }
}
