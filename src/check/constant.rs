//! The types of expressions that are known before the run: what a `let`, a duration or an address is made of.

use crate::ast::{Expr, ExprKind, Name, Text};
use crate::diag::factory::check as say;
use crate::value::Type;

use super::Checker;
use super::names::{BUILT_IN, Sort};
use super::types::{Kind, described, fits};

impl Checker<'_> {
    /// The type of an expression that is known before the run. `want` helps to read the words of a `one of` type; it
    /// demands nothing. `None` where it has none, which was reported.
    pub(super) fn constant(&mut self, expr: &Expr, want: Option<&Type>) -> Option<Type> {
        match self.constant_kind(expr, want)? {
            Kind::Of(ty) => Some(ty),
            Kind::Throughput => {
                self.found.push(say::throughput_stored(expr.span));
                None
            }
        }
    }

    /// Checks that an expression is known before the run and is of the type that its place wants; `what` names the
    /// place with its article.
    pub(super) fn expect(&mut self, expr: &Expr, want: &Type, what: &str) -> Option<Expr> {
        self.expect_meant(expr, want, (what, Meant::Bound))
    }

    /// The same, with what the value is for.
    pub(super) fn expect_meant(
        &mut self,
        expr: &Expr,
        want: &Type,
        (what, meant): (&str, Meant),
    ) -> Option<Expr> {
        let have = self.constant(expr, Some(want))?;
        if fits(&have, want) {
            return Some(expr.clone());
        }
        let source = self.file.slice(expr.span);
        let is_plain = matches!(have, Type::Int | Type::Number);
        let units = if is_plain {
            units_for(want, source, meant)
        } else {
            Vec::new()
        };
        self.found.push(if units.is_empty() {
            say::wrong_type(
                (expr.span, &described(&have)),
                what,
                (&described(want), &example_of(want)),
            )
        } else {
            say::missing_unit((expr.span, source), what, &described(want), &units)
        });
        None
    }

    /// The same for a part that may be left out.
    pub(super) fn expect_if_there(
        &mut self,
        expr: Option<&Expr>,
        want: &Type,
        what: &str,
    ) -> Option<Option<Expr>> {
        match expr {
            None => Some(None),
            Some(expr) => self.expect(expr, want, what).map(Some),
        }
    }

    /// A text that is known before the run.
    pub(super) fn known_text(&mut self, text: &Text, what: &str) -> Option<Expr> {
        self.expect(&expr_of(text), &Type::Text, what)
    }

    /// A title, where there is one.
    pub(super) fn title(&mut self, text: Option<&Text>) -> Option<Option<Expr>> {
        match text {
            None => Some(None),
            Some(text) => {
                self.named_as_elsewhere_before(text);
                self.known_text(text, "a title").map(Some)
            }
        }
    }

    pub(super) fn constant_kind(&mut self, expr: &Expr, want: Option<&Type>) -> Option<Kind> {
        match &expr.kind {
            ExprKind::Literal(value) => value.ty().map(Kind::Of),
            ExprKind::Text(text) => self.text_type(text).map(Kind::Of),
            ExprKind::Name(name) => self.name_type(name, expr, want).map(Kind::Of),
            ExprKind::List(items) => self.list_type(expr, items, want).map(Kind::Of),
            ExprKind::Unary {
                op,
                op_span,
                operand,
            } => {
                let kind = self.constant_kind(operand, None)?;
                self.unary_kind((*op, *op_span), operand, kind)
            }
            ExprKind::Binary {
                op,
                op_span,
                left,
                right,
            } => {
                let (left_kind, right_kind) = (
                    self.constant_kind(left, None),
                    self.constant_kind(right, None),
                );
                self.binary_kind((*op, *op_span), (left, left_kind?), (right, right_kind?))
            }
            ExprKind::Field { of, field } => {
                self.field(of, field);
                None
            }
            ExprKind::Is { .. } => {
                self.found.push(say::only_live(
                    expr.span,
                    self.file.slice(expr.span),
                    "a metric has a value only while the run goes",
                ));
                None
            }
            ExprKind::Call { name, .. } => {
                self.found.push(say::call_not_here(name.span, &name.text));
                None
            }
            ExprKind::Lost => {
                self.incomplete();
                None
            }
        }
    }

    /// `NAME.field` where the run does not go yet.
    pub(super) fn field(&mut self, of: &Name, field: &Name) {
        if self.names.get(Sort::Metric, &of.text).is_some() && field.text == "baseline" {
            self.found.push(say::only_live(
                of.span.to(field.span),
                &format!("{}.baseline", of.text),
                "a baseline is asked for in conditions: `when latency > 2 * latency.baseline`",
            ));
        } else if self.names.value(&of.text).is_none() {
            self.unknown(&Sort::VALUES, of);
        } else {
            self.found
                .push(say::no_field(field.span, &field.text, &of.text));
        }
    }

    fn text_type(&mut self, text: &Text) -> Option<Type> {
        let mut whole = Some(Type::Text);
        for expr in text.exprs() {
            if self.constant(expr, None).is_none() {
                whole = None;
            }
        }
        whole
    }

    fn list_type(&mut self, expr: &Expr, items: &[Expr], want: Option<&Type>) -> Option<Type> {
        let wanted_item = match want {
            Some(Type::List(item)) => Some(item.as_ref()),
            Some(_) | None => None,
        };
        let mut of: Option<Type> = None;
        for item in items {
            let ty = self.constant(item, wanted_item)?;
            match &of {
                Some(first) if *first != ty => {
                    let first = described(first);
                    self.found
                        .push(say::mixed_list(item.span, &described(&ty), &first));
                    return None;
                }
                Some(_) | None => of = Some(ty),
            }
        }
        match of.or_else(|| wanted_item.cloned()) {
            Some(item) => Some(Type::List(Box::new(item))),
            None => {
                self.found.push(say::empty_list(expr.span));
                None
            }
        }
    }

    fn name_type(&mut self, word: &str, expr: &Expr, want: Option<&Type>) -> Option<Type> {
        if let Some(Type::OneOf(words)) = want
            && words.iter().any(|one| one == word)
        {
            return want.cloned();
        }
        if word == "service" {
            return Some(Type::Text);
        }
        match self.names.value(word) {
            Some((Sort::Param, index)) => {
                let ty = self.types.params.get(index as usize).cloned().flatten();
                self.part(ty)
            }
            Some((Sort::Local, index)) => {
                let ty = self.types.locals.get(index as usize).cloned().flatten();
                self.part(ty)
            }
            Some((Sort::Let, index)) => match self.types.lets.get(index as usize) {
                Some(ty) => {
                    let ty = ty.clone();
                    self.part(ty)
                }
                None => {
                    self.found.push(say::used_before(expr.span, word));
                    None
                }
            },
            Some((Sort::Secret, _)) => {
                self.found.push(say::secret_used(expr.span, word));
                None
            }
            Some((sort, _)) => {
                let meaning = format!("{} has a value only while the run goes", sort.described());
                self.found.push(say::only_live(expr.span, word, &meaning));
                None
            }
            None => {
                if let Some((_, meaning)) = BUILT_IN.iter().find(|(name, _)| *name == word) {
                    let meaning = format!("this is {meaning}");
                    self.found.push(say::only_live(expr.span, word, &meaning));
                } else if let Some(Type::OneOf(words)) = want {
                    let nearest = crate::diag::nearest(word, words.iter().map(String::as_str));
                    self.found
                        .push(say::not_one_of(expr.span, word, words, nearest));
                } else {
                    let name = Name {
                        text: word.to_owned(),
                        span: expr.span,
                    };
                    self.unknown(&Sort::VALUES, &name);
                }
                None
            }
        }
    }
}

/// A text as an expression.
pub(super) fn expr_of(text: &Text) -> Expr {
    Expr {
        kind: ExprKind::Text(text.clone()),
        span: text.span,
        grouped: false,
    }
}

/// What a quantity is for, which decides the units that it probably has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meant {
    /// It bounds something: seconds and minutes.
    Bound,
    /// It is held against samples: milliseconds and seconds.
    Sample,
}

/// A value of a type as it stands in a bound.
fn example_of(ty: &Type) -> String {
    match ty {
        Type::Duration => "30s".into(),
        Type::Text
        | Type::Bool
        | Type::Int
        | Type::Number
        | Type::Percent
        | Type::Rate
        | Type::Bytes
        | Type::Version
        | Type::Date
        | Type::Time
        | Type::Url
        | Type::Path
        | Type::OneOf(_)
        | Type::List(_) => ty.example(),
    }
}

/// A value of a type that samples could be held against.
pub(super) fn sample_of(ty: &Type) -> String {
    match ty {
        Type::Duration => "500ms".into(),
        Type::Int | Type::Number => "10".into(),
        Type::Text
        | Type::Bool
        | Type::Percent
        | Type::Rate
        | Type::Bytes
        | Type::Version
        | Type::Date
        | Type::Time
        | Type::Url
        | Type::Path
        | Type::OneOf(_)
        | Type::List(_) => ty.example(),
    }
}

/// How a number without a unit could have been meant where `want` is wanted.
pub(super) fn units_for(want: &Type, source: &str, meant: Meant) -> Vec<String> {
    let is_literal = source.starts_with(|ch: char| ch.is_ascii_digit());
    if !is_literal {
        return Vec::new();
    }
    match want {
        Type::Percent => match source.parse::<f64>() {
            // 1 could be all of it.
            Ok(share) if share > 0.0 && share <= 1.0 => {
                vec![
                    crate::value::Percent(tidy(share * 100.0)).to_string(),
                    format!("{source}%"),
                ]
            }
            Ok(_) | Err(_) => vec![format!("{source}%")],
        },
        Type::Duration => match meant {
            Meant::Bound => vec![format!("{source}s"), format!("{source}m")],
            Meant::Sample => vec![format!("{source}ms"), format!("{source}s")],
        },
        Type::Rate => vec![format!("{source}/s"), format!("{source}/min")],
        Type::Bytes => vec![format!("{source}B"), format!("{source}MiB")],
        Type::Text
        | Type::Bool
        | Type::Int
        | Type::Number
        | Type::Version
        | Type::Date
        | Type::Time
        | Type::Url
        | Type::Path
        | Type::OneOf(_)
        | Type::List(_) => Vec::new(),
    }
}

/// Without the last digits that a multiplication has added.
fn tidy(value: f64) -> f64 {
    (value * 1e9).round() / 1e9
}
