//! Conditions: what guards, levels and `recovered` watch for, with every name resolved and every comparison typed.

use crate::ast::{BinaryOp, CompareOp, Expr, ExprKind, MetricState, Name, UnaryOp};
use crate::diag::factory::check as say;
use crate::source::Span;
use crate::value::{Scale, Type};

use super::Checker;
use super::constant::sample_of;
use super::ids::{CaptureId, ExposureId, MetricId, StageId};
use super::names::Sort;
use super::place::Watch;
use super::tree::{Condition, Number, Test};
use super::types::{Kind, described, is_quantity};

/// One condition while it is read.
struct Reader<'c, 'a> {
    checker: &'c mut Checker<'a>,
    watch: Watch,
    metrics: Vec<MetricId>,
}

impl Checker<'_> {
    /// Reads a condition.
    pub(super) fn condition(&mut self, expr: &Expr, watch: Watch) -> Option<Condition> {
        let mut reader = Reader {
            checker: self,
            watch,
            metrics: Vec::new(),
        };
        let test = reader.test(expr);
        let metrics = reader.metrics;
        for metric in &metrics {
            self.reads(Sort::Metric, metric.0);
        }
        Some(Condition {
            test: test?,
            text: one_line(&self.spoken_condition(expr)),
            metrics,
            span: expr.span,
        })
    }
}

impl Checker<'_> {
    /// Whether a condition looks at nothing that is measured, as far as it is known what its names stand for.
    pub(super) fn watches_nothing(&self, when: &Condition, expr: &Expr) -> bool {
        let mut names = Vec::new();
        names_in(expr, &mut names);
        when.metrics.is_empty() && !names.iter().any(|(_, name)| self.names.is_twice(name))
    }

    /// The text of a condition. What was taken over from a library speaks of the metrics of this file.
    fn spoken_condition(&self, expr: &Expr) -> String {
        let mut names = Vec::new();
        names_in(expr, &mut names);
        let mut text = self.file.slice(expr.span).to_owned();
        names.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
        for (span, name) in names {
            let written = self.file.slice(span);
            let start = span.start.saturating_sub(expr.span.start) as usize;
            if written != name && text.get(start..start + written.len()) == Some(written) {
                text.replace_range(start..start + written.len(), name);
            }
        }
        text
    }
}

/// The names in an expression and where they stand.
fn names_in<'e>(expr: &'e Expr, names: &mut Vec<(Span, &'e str)>) {
    match &expr.kind {
        ExprKind::Name(name) => names.push((expr.span, name)),
        ExprKind::Field { of, .. } => names.push((of.span, &of.text)),
        ExprKind::Is { of, .. } => names_in(of, names),
        ExprKind::Unary { operand, .. } => names_in(operand, names),
        ExprKind::Binary { left, right, .. } => {
            names_in(left, names);
            names_in(right, names);
        }
        ExprKind::Call { args, .. } => args.iter().for_each(|arg| names_in(arg, names)),
        ExprKind::List(items) => items.iter().for_each(|item| names_in(item, names)),
        ExprKind::Literal(_) | ExprKind::Text(_) | ExprKind::Lost => {}
    }
}

/// Source text on one line, for sentences.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Reader<'_, '_> {
    fn test(&mut self, expr: &Expr) -> Option<Test> {
        match &expr.kind {
            ExprKind::Binary {
                op: op @ (BinaryOp::And | BinaryOp::Or),
                left,
                right,
                ..
            } => {
                let (left, right) = (self.test(left), self.test(right));
                let (left, right) = (Box::new(left?), Box::new(right?));
                Some(if *op == BinaryOp::And {
                    Test::And(left, right)
                } else {
                    Test::Or(left, right)
                })
            }
            ExprKind::Unary {
                op: UnaryOp::Not,
                operand,
                ..
            } => self.test(operand).map(|test| Test::Not(Box::new(test))),
            ExprKind::Binary {
                op: BinaryOp::Compare(op),
                op_span,
                left,
                right,
            } => {
                if let Some(test) = self.in_stage((*op, *op_span), left, right) {
                    return test;
                }
                if let Some(test) = self.exposed((*op, *op_span), left, right) {
                    return test;
                }
                self.compare((*op, *op_span), left, right)
            }
            ExprKind::Is { of, state } => self.is(expr.span, of, *state),
            ExprKind::Literal(_)
            | ExprKind::Text(_)
            | ExprKind::Name(_)
            | ExprKind::Field { .. }
            | ExprKind::Unary { .. }
            | ExprKind::Binary { .. }
            | ExprKind::Call { .. }
            | ExprKind::List(_)
            | ExprKind::Lost => self.bare(expr),
        }
    }

    /// An expression that is no comparison: it must be a truth value itself.
    fn bare(&mut self, expr: &Expr) -> Option<Test> {
        let (_, kind) = self.number(expr, None)?;
        if kind == Kind::Of(Type::Bool) {
            if let Some(capture) = self.capture_of(expr) {
                return Some(Test::Captured {
                    capture,
                    op: CompareOp::Equal,
                    other: None,
                    ty: Type::Bool,
                });
            }
            return Some(Test::Known(expr.clone()));
        }
        let text = self.checker.file.slice(expr.span);
        let example = match (&expr.kind, &kind) {
            (ExprKind::Literal(_) | ExprKind::Text(_), _) => "error_rate > 5%".to_owned(),
            (_, Kind::Of(ty @ Type::OneOf(_))) => format!("{text} == {}", sample_of(ty)),
            (_, Kind::Of(ty)) => format!("{text} > {}", sample_of(ty)),
            (_, Kind::Throughput) => format!("{text} > 64MiB / 1s"),
        };
        self.checker.found.push(say::not_a_condition(
            (expr.span, text),
            &kind.described(),
            &example,
        ));
        None
    }

    /// `stage == canary`; nothing when neither side is `stage`.
    fn in_stage(
        &mut self,
        (op, op_span): (CompareOp, Span),
        left: &Expr,
        right: &Expr,
    ) -> Option<Option<Test>> {
        let is_stage = |expr: &Expr| matches!(&expr.kind, ExprKind::Name(name) if name == "stage");
        let (stage, other) = match (is_stage(left), is_stage(right)) {
            (true, _) => (left, right),
            (false, true) => (right, left),
            (false, false) => return None,
        };
        if matches!(self.watch, Watch::Recovered | Watch::Level) {
            self.checker.found.push(say::no_stage_here(stage.span));
            return Some(None);
        }
        if self.watch == Watch::If {
            self.checker.found.push(say::stage_is_known(stage.span));
            return Some(None);
        }
        if self.watch == Watch::Until {
            self.checker.found.push(say::stage_stays(stage.span));
            return Some(None);
        }
        let ExprKind::Name(name) = &other.kind else {
            self.checker.found.push(say::stage_is_a_name(other.span));
            return Some(None);
        };
        let name = Name {
            text: name.clone(),
            span: other.span,
        };
        let found = self.checker.find(Sort::Stage, &name).map(StageId);
        let test = match op {
            CompareOp::Equal => found.map(Test::InStage),
            CompareOp::NotEqual => found.map(|id| Test::Not(Box::new(Test::InStage(id)))),
            CompareOp::Less
            | CompareOp::LessOrEqual
            | CompareOp::Greater
            | CompareOp::GreaterOrEqual => {
                self.checker
                    .found
                    .push(say::no_order((op_span, op.text()), stage.span, "a stage"));
                None
            }
        };
        Some(test)
    }

    /// The exposure with values by name that an expression is.
    fn named_exposure(&self, expr: &Expr) -> Option<(ExposureId, Scale)> {
        let ExprKind::Name(name) = &expr.kind else {
            return None;
        };
        let Some((Sort::Exposure, index)) = self.checker.names.value(name) else {
            return None;
        };
        let scale = self.checker.types.exposures.get(index as usize)?.clone()?;
        (!scale.is_percent()).then_some((ExposureId(index), scale))
    }

    /// `live == green`, `cohort >= beta`; nothing when neither side is an exposure with values by name.
    fn exposed(
        &mut self,
        (op, op_span): (CompareOp, Span),
        left: &Expr,
        right: &Expr,
    ) -> Option<Option<Test>> {
        let (mine, other, is_left) = match (self.named_exposure(left), self.named_exposure(right)) {
            (None, None) => return None,
            (Some(_), Some(_)) => {
                self.checker.found.push(say::only_live(
                    right.span,
                    self.checker.file.slice(right.span),
                    "an exposure is compared with one of its own values",
                ));
                return Some(None);
            }
            (Some(mine), None) => (mine, right, true),
            (None, Some(mine)) => (mine, left, false),
        };
        let (id, scale) = mine;
        let want = scale.ty();
        let Some(have) = self.checker.constant(other, Some(&want)) else {
            return Some(None);
        };
        let side = if is_left { left } else { right };
        if !super::types::fits(&have, &want) {
            let text = self.checker.file.slice(side.span);
            let words = scale.words().iter();
            let instead: Vec<String> = words
                .map(|word| format!("{text} {} {word}", op.text()))
                .collect();
            self.checker.found.push(say::cannot_compare(
                op_span,
                (side.span, text, &described(&want)),
                (
                    other.span,
                    self.checker.file.slice(other.span),
                    &described(&have),
                ),
                &instead,
            ));
            return Some(None);
        }
        let is_equality = matches!(op, CompareOp::Equal | CompareOp::NotEqual);
        if !is_equality && !scale.is_ordered() {
            self.checker.found.push(say::no_order(
                (op_span, op.text()),
                side.span,
                &described(&want),
            ));
            return Some(None);
        }
        let (exposure, word) = (Number::Exposure(id), Number::Word(id, other.clone()));
        Some(Some(if is_left {
            Test::Compare(exposure, op, word)
        } else {
            Test::Compare(word, op, exposure)
        }))
    }

    fn compare(
        &mut self,
        (op, op_span): (CompareOp, Span),
        left: &Expr,
        right: &Expr,
    ) -> Option<Test> {
        // A word of a `one of` type is read by the type of the other side.
        let (wanted_left, wanted_right) = (self.words_of(right), self.words_of(left));
        let left_side = self.number(left, wanted_left.as_ref());
        let right_side = self.number(right, wanted_right.as_ref());
        let (left_number, left_kind) = left_side?;
        let (right_number, right_kind) = right_side?;
        let kind = self.checker.comparison(
            (BinaryOp::Compare(op), op_span),
            (left, left_kind),
            (right, right_kind),
        )?;
        match kind {
            Kind::Of(ty)
                if !is_quantity(&ty)
                    && (self.capture_of(left).is_some() || self.capture_of(right).is_some()) =>
            {
                self.captured((op, left, right), ty)
            }
            Kind::Of(ty) if !is_quantity(&ty) => Some(Test::KnownCompare {
                op,
                left: left.clone(),
                right: right.clone(),
                ty,
            }),
            Kind::Of(_) | Kind::Throughput => Some(Test::Compare(left_number, op, right_number)),
        }
    }

    fn capture_of(&self, expr: &Expr) -> Option<CaptureId> {
        self.checker.captured(expr.name()?)
    }

    /// A captured text, version and the like against one that is known.
    fn captured(&mut self, (op, left, right): (CompareOp, &Expr, &Expr), ty: Type) -> Option<Test> {
        let (capture, op, other) = match (self.capture_of(left), self.capture_of(right)) {
            (Some(capture), None) => (capture, op, right),
            (None, Some(capture)) => (capture, op.turned(), left),
            (_, _) => {
                self.checker.found.push(say::only_live(
                    right.span,
                    self.checker.file.slice(right.span),
                    "a capture is compared with something that is known before the run",
                ));
                return None;
            }
        };
        Some(Test::Captured {
            capture,
            op,
            other: Some(other.clone()),
            ty,
        })
    }

    /// The `one of` type of an expression that is the name of a parameter with such a type.
    fn words_of(&self, expr: &Expr) -> Option<Type> {
        let ExprKind::Name(name) = &expr.kind else {
            return None;
        };
        let types = &self.checker.types;
        let ty = match self.checker.names.value(name)? {
            (Sort::Param, index) => types.params.get(index as usize)?.clone()?,
            (Sort::Capture, index) => types.captures.get(index as usize)?.clone()?,
            (Sort::Local, index) => types.locals.get(index as usize)?.clone()?,
            (_, _) => return None,
        };
        matches!(ty, Type::OneOf(_)).then_some(ty)
    }

    /// An operand and its kind. A text, a version and the like come back as known numbers too; only their kind is used.
    fn number(&mut self, expr: &Expr, want: Option<&Type>) -> Option<(Number, Kind)> {
        match &expr.kind {
            ExprKind::Name(name) => {
                if name == "elapsed" {
                    return Some((Number::Elapsed, Kind::Of(Type::Duration)));
                }
                if name == "stage" {
                    self.checker.found.push(say::stage_is_compared(expr.span));
                    return None;
                }
                match self.checker.names.value(name) {
                    Some((Sort::Metric, index)) => {
                        let id = MetricId(index);
                        if !self.metrics.contains(&id) {
                            self.metrics.push(id);
                        }
                        let known = self.checker.types.metrics.get(index as usize);
                        let ty = known.cloned().flatten();
                        let ty = self.checker.part(ty)?;
                        Some((Number::Metric(id), Kind::Of(ty)))
                    }
                    Some((Sort::Exposure, index)) => {
                        let known = self.checker.types.exposures.get(index as usize);
                        let scale = known.cloned().flatten();
                        let scale = self.checker.part(scale)?;
                        Some((Number::Exposure(ExposureId(index)), Kind::Of(scale.ty())))
                    }
                    Some((Sort::Capture, index)) => {
                        let known = self.checker.types.captures.get(index as usize);
                        let ty = known.cloned().flatten();
                        let ty = self.checker.part(ty)?;
                        Some((Number::Capture(CaptureId(index)), Kind::Of(ty)))
                    }
                    Some(_) | None => self.known(expr, want),
                }
            }
            ExprKind::Unary {
                op: op @ UnaryOp::Negate,
                op_span,
                operand,
            } => {
                let (number, kind) = self.number(operand, None)?;
                let kind = self.checker.unary_kind((*op, *op_span), operand, kind)?;
                Some((Number::Negate(Box::new(number)), kind))
            }
            ExprKind::Binary {
                op:
                    op @ (BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide),
                op_span,
                left,
                right,
            } => {
                let (left_side, right_side) = (self.number(left, None), self.number(right, None));
                let (left_number, left_kind) = left_side?;
                let (right_number, right_kind) = right_side?;
                let (kind, factor) = self.checker.arithmetic(
                    (*op, *op_span),
                    (left, left_kind),
                    (right, right_kind),
                )?;
                let number = Number::Combine {
                    left: Box::new(left_number),
                    op: *op,
                    right: Box::new(right_number),
                    factor,
                };
                Some((number, kind))
            }
            ExprKind::Is { .. } | ExprKind::Unary { .. } | ExprKind::Binary { .. } => {
                // A truth value where a number is wanted: what it is made of is looked at all the same.
                self.test(expr)?;
                self.checker.found.push(say::truth_compared(expr.span));
                None
            }
            ExprKind::Field { of, field } if field.text == "baseline" => self.baseline(expr, of),
            ExprKind::Literal(_)
            | ExprKind::Text(_)
            | ExprKind::Field { .. }
            | ExprKind::Call { .. }
            | ExprKind::List(_)
            | ExprKind::Lost => self.known(expr, want),
        }
    }

    /// `M.baseline`: what is usual for a metric. It is no look at the metric.
    fn baseline(&mut self, expr: &Expr, of: &Name) -> Option<(Number, Kind)> {
        let Some(index) = self.checker.names.get(Sort::Metric, &of.text) else {
            match self.checker.names.value(&of.text) {
                Some((sort, _)) => {
                    let text = self.checker.file.slice(expr.span);
                    self.checker.found.push(say::only_metrics_have(
                        of.span,
                        text,
                        sort.described(),
                    ));
                }
                None => self.checker.unknown(&[Sort::Metric], of),
            }
            return None;
        };
        let mut items = self.checker.ast.items.iter();
        let metric = items.find_map(|item| {
            let crate::ast::Item::Metric(metric) = item else {
                return None;
            };
            (metric.name.text == of.text).then_some(metric)
        })?;
        if metric.baseline.is_none() {
            let ty = super::metric::ty(metric);
            let value = ty.map_or_else(|| "10".into(), |ty| sample_of(&ty));
            self.checker.found.push(say::no_baseline(
                expr.span,
                (metric.name.span, &of.text),
                &value,
            ));
            return None;
        }
        self.checker.reads(Sort::Metric, index);
        let known = self.checker.types.metrics.get(index as usize);
        let ty = self.checker.part(known.cloned().flatten())?;
        Some((Number::Baseline(MetricId(index)), Kind::Of(ty)))
    }

    fn known(&mut self, expr: &Expr, want: Option<&Type>) -> Option<(Number, Kind)> {
        let ty = self.checker.constant(expr, want)?;
        Some((Number::Known(expr.clone()), Kind::Of(ty)))
    }

    /// `M is critical`
    fn is(&mut self, span: Span, of: &Expr, state: MetricState) -> Option<Test> {
        let ExprKind::Name(name) = &of.kind else {
            self.checker
                .found
                .push(say::only_metrics_are(of.span, state.word(), None));
            return None;
        };
        let Some(index) = self.checker.names.get(Sort::Metric, name) else {
            if let Some((sort, _)) = self.checker.names.value(name) {
                let what = Some(sort.described());
                self.checker
                    .found
                    .push(say::only_metrics_are(of.span, state.word(), what));
            } else {
                let name = Name {
                    text: name.clone(),
                    span: of.span,
                };
                self.checker.unknown(&[Sort::Metric], &name);
            }
            return None;
        };
        let id = MetricId(index);
        if !self.metrics.contains(&id) {
            self.metrics.push(id);
        }
        let metric = self.checker.ast.items.iter().find_map(|item| {
            let crate::ast::Item::Metric(metric) = item else {
                return None;
            };
            (metric.name.text == *name).then_some(metric)
        })?;
        let (own, other) = match state {
            MetricState::Warning => (&metric.warning, &metric.critical),
            MetricState::Critical => (&metric.critical, &metric.warning),
        };
        if own.is_none() {
            let other = other
                .as_ref()
                .map(|other| (other.span, self.checker.file.slice(other.span)));
            let side = metric.critical.as_ref().or(metric.warning.as_ref());
            let side = side.map_or(">", |threshold| threshold.op.text());
            let ty = super::metric::ty(metric);
            let value = ty.map_or_else(|| "10".into(), |ty| sample_of(&ty));
            let example = match other {
                Some(_) => format!("{side} VALUE"),
                None => format!("{side} {value}"),
            };
            self.checker.found.push(say::no_threshold(
                (span, state.word()),
                (metric.name.span, name),
                other,
                &example,
            ));
            return None;
        }
        Some(Test::Is(id, state))
    }
}
