//! The types of what operators make, and what is said when they make nothing: each side is described, and the nearest
//! thing that makes sense is offered.

use crate::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use crate::diag::factory::check as say;
use crate::source::Span;
use crate::value::Type;

use super::Checker;
use super::constant::{Meant, sample_of, units_for};
use super::names::Sort;
use super::types::{Kind, comparable, described, is_ordered, is_quantity, operation};

impl Checker<'_> {
    /// The kind of `-a` or `not a`.
    pub(super) fn unary_kind(
        &mut self,
        (op, op_span): (UnaryOp, Span),
        operand: &Expr,
        kind: Kind,
    ) -> Option<Kind> {
        let makes_sense = match (op, &kind) {
            (UnaryOp::Not, Kind::Of(Type::Bool)) => true,
            (UnaryOp::Negate, Kind::Of(ty)) => is_quantity(ty),
            (UnaryOp::Not | UnaryOp::Negate, _) => false,
        };
        if makes_sense {
            return Some(kind);
        }
        let (wanted, form) = match op {
            UnaryOp::Not => ("a truth value", "not (error_rate > 5%)"),
            UnaryOp::Negate => ("a number", "-5"),
        };
        self.found.push(say::wrong_operand(
            (op_span, op.text()),
            (operand.span, &kind.described()),
            wanted,
            form,
        ));
        None
    }

    /// The kind of `a + b`, `a > b` or `a and b`.
    pub(super) fn binary_kind(
        &mut self,
        (op, op_span): (BinaryOp, Span),
        left: (&Expr, Kind),
        right: (&Expr, Kind),
    ) -> Option<Kind> {
        match op {
            BinaryOp::And | BinaryOp::Or => {
                let mut whole = Some(Kind::Of(Type::Bool));
                for (side, kind) in [left, right] {
                    if kind != Kind::Of(Type::Bool) {
                        self.found.push(say::wrong_operand(
                            (op_span, op.text()),
                            (side.span, &kind.described()),
                            "a truth value",
                            &format!("error_rate > 5% {} latency > 500ms", op.text()),
                        ));
                        whole = None;
                    }
                }
                whole
            }
            BinaryOp::Compare(_) => {
                self.comparison((op, op_span), left, right)?;
                Some(Kind::Of(Type::Bool))
            }
            BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide => self
                .arithmetic((op, op_span), left, right)
                .map(|(kind, _)| kind),
        }
    }

    /// What comes out of an arithmetic operation, and its factor.
    pub(super) fn arithmetic(
        &mut self,
        (op, op_span): (BinaryOp, Span),
        (left, left_kind): (&Expr, Kind),
        (right, right_kind): (&Expr, Kind),
    ) -> Option<(Kind, f64)> {
        let result = operation(op, &left_kind, &right_kind);
        if result.is_none() {
            let text = Kind::Of(Type::Text);
            let advice = match op {
                BinaryOp::Add if left_kind == text || right_kind == text => {
                    "texts are joined inside quotes: \"${first} and ${second}\""
                }
                BinaryOp::Multiply => {
                    "multiply by a number without a unit, or a rate by a duration"
                }
                BinaryOp::Divide => {
                    "divide by a number without a unit, or by something of the same type"
                }
                BinaryOp::Add
                | BinaryOp::Subtract
                | BinaryOp::Or
                | BinaryOp::And
                | BinaryOp::Compare(_) => "both sides must be of one type, for example 1h + 30m",
            };
            self.found.push(say::cannot_calculate(
                (op_span, op.text()),
                (left.span, &left_kind.described()),
                (right.span, &right_kind.described()),
                advice,
            ));
        }
        result
    }

    /// Checks that two sides can be held against each other, and gives the kind of what is compared.
    pub(super) fn comparison(
        &mut self,
        (op, op_span): (BinaryOp, Span),
        (left, left_kind): (&Expr, Kind),
        (right, right_kind): (&Expr, Kind),
    ) -> Option<Kind> {
        if !comparable(&left_kind, &right_kind) {
            self.incomparable((op, op_span), (left, &left_kind), (right, &right_kind));
            return None;
        }
        let is_equality = matches!(
            op,
            BinaryOp::Compare(crate::ast::CompareOp::Equal | crate::ast::CompareOp::NotEqual)
        );
        if let Kind::Of(ty) = &left_kind
            && !is_equality
            && !is_ordered(ty)
        {
            self.found.push(say::no_order(
                (op_span, op.text()),
                left.span,
                &described(ty),
            ));
            return None;
        }
        Some(left_kind)
    }

    /// The name of something that is measured or set, in quotes.
    fn quoted_name<'e>(&self, side: &'e Expr) -> Option<(Span, &'e str)> {
        let name = side.text()?.plain()?;
        let is_one = [Sort::Metric, Sort::Exposure]
            .iter()
            .any(|sort| self.names.get(*sort, name).is_some());
        is_one.then_some((side.span, name))
    }

    /// Says what each side is, and offers what probably was meant.
    fn incomparable(
        &mut self,
        (op, op_span): (BinaryOp, Span),
        (left, left_kind): (&Expr, &Kind),
        (right, right_kind): (&Expr, &Kind),
    ) {
        let text = |span| self.file.slice(span);
        let (left_text, right_text) = (text(left.span), text(right.span));
        let plain = |kind: &Kind| matches!(kind, Kind::Of(Type::Int | Type::Number));
        let mut advice = Vec::new();
        let mut units = Vec::new();
        if let (Kind::Of(want), true) = (left_kind, plain(right_kind)) {
            units = units_for(want, right_text, Meant::Sample);
            advice.extend(
                units
                    .iter()
                    .map(|unit| format!("{left_text} {} {unit}", op.text())),
            );
        } else if let (true, Kind::Of(want)) = (plain(left_kind), right_kind) {
            units = units_for(want, left_text, Meant::Sample);
            advice.extend(
                units
                    .iter()
                    .map(|unit| format!("{unit} {} {right_text}", op.text())),
            );
        }
        if !units.is_empty() {
            let number = if plain(right_kind) { right } else { left };
            let (other, kind) = if plain(right_kind) {
                (left, left_kind)
            } else {
                (right, right_kind)
            };
            self.found.push(say::compared_without_unit(
                (number.span, text(number.span)),
                (other.span, text(other.span), &kind.described()),
                &advice,
                (units.len() == 1).then(|| units.first().cloned()).flatten(),
            ));
            return;
        }
        if let Some((quoted, name)) = [left, right]
            .into_iter()
            .find_map(|side| self.quoted_name(side))
        {
            self.found
                .push(say::name_in_quotes((quoted, name), op_span));
            return;
        }
        if let Kind::Of(ty) = left_kind {
            let example = self.threshold_of(left).unwrap_or_else(|| sample_of(ty));
            advice.push(format!("{left_text} {} {example}", op.text()));
        }
        if let (Kind::Of(ty), true) = (right_kind, is_live(left)) {
            advice.extend(
                self.metrics_of(ty)
                    .map(|metric| format!("{metric} {} {right_text}", op.text())),
            );
        }
        self.found.push(say::cannot_compare(
            op_span,
            (left.span, left_text, &left_kind.described()),
            (right.span, right_text, &right_kind.described()),
            &advice,
        ));
    }

    /// A threshold that the file itself gives for a metric: the best example there is.
    fn threshold_of(&self, expr: &Expr) -> Option<String> {
        let ExprKind::Name(name) = &expr.kind else {
            return None;
        };
        self.ast.items.iter().find_map(|item| {
            let crate::ast::Item::Metric(metric) = item else {
                return None;
            };
            if metric.name.text != *name {
                return None;
            }
            let threshold = metric.critical.as_ref().or(metric.warning.as_ref())?;
            Some(self.file.slice(threshold.value.span).to_owned())
        })
    }

    /// A metric of this type.
    fn metrics_of(&self, ty: &Type) -> Option<&str> {
        self.names.of(Sort::Metric).find(|name| {
            let index = self.names.get(Sort::Metric, name);
            let known = index.and_then(|index| self.types.metrics.get(index as usize));
            known.is_some_and(|known| known.as_ref() == Some(ty))
        })
    }
}

fn is_live(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Name(_))
}
