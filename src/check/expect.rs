//! What a probe expects of an answer.

use crate::ast::{BinaryOp, CompareOp, Expr, ExprKind};
use crate::diag::factory::check as say;
use crate::value::Type;

use super::Checker;
use super::condition::one_line;
use super::tree::{Expectation, Observed};
use super::types::{described, is_ordered};

/// What kind of answer there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Of an HTTP server.
    Http,
    /// Of a command.
    Command,
    /// A connection, which says nothing.
    Connection,
}

impl Answer {
    const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Http => &["status", "body", "json(\"FILTER\")", "header(\"NAME\")"],
            Self::Command => &["exit", "output", "json(\"FILTER\")"],
            Self::Connection => &[],
        }
    }

    const fn described(self) -> &'static str {
        match self {
            Self::Http => "an HTTP answer",
            Self::Command => "a command",
            Self::Connection => "a connection",
        }
    }
}

impl Checker<'_> {
    /// Reads one `expect` line; `and` makes several expectations of it.
    pub(super) fn expectations(
        &mut self,
        expr: &Expr,
        answer: Answer,
        all: &mut Vec<Expectation>,
    ) -> Option<()> {
        match &expr.kind {
            ExprKind::Binary {
                op: BinaryOp::And,
                left,
                right,
                ..
            } => {
                let left = self.expectations(left, answer, all);
                let right = self.expectations(right, answer, all);
                left.and(right)
            }
            ExprKind::Binary {
                op: BinaryOp::Compare(op),
                op_span,
                left,
                right,
            } => {
                let (of, op, value, seen) = if is_observation(left) {
                    (self.observed(left, answer)?, *op, right, left)
                } else if is_observation(right) {
                    (self.observed(right, answer)?, flipped(*op), left, right)
                } else {
                    self.found
                        .push(say::expects_nothing(expr.span, answer.words()));
                    return None;
                };
                let ty = self.constant(value, None)?;
                let wanted = match &of {
                    Observed::Status | Observed::Exit => Some(Type::Int),
                    Observed::Body | Observed::Output | Observed::Header(_) => Some(Type::Text),
                    Observed::Json(_) => None,
                };
                let fits = match &wanted {
                    Some(wanted) => super::types::fits(&ty, wanted),
                    None => json_can_be(&ty),
                };
                if !fits {
                    let seen_text = self.file.slice(seen.span);
                    let instead = as_number(&of, op, self.file.slice(value.span)).or_else(|| {
                        instead(value, wanted.as_ref())
                            .map(|value| format!("{seen_text} {} {value}", op.text()))
                    });
                    let wanted = wanted.map_or_else(
                        || "a text, a number or a truth value".to_owned(),
                        |ty| described(&ty),
                    );
                    self.found.push(say::expects_wrong_type(
                        (seen.span, seen_text, &wanted),
                        (value.span, &described(&ty)),
                        instead.as_deref(),
                    ));
                    return None;
                }
                let is_equality = matches!(op, CompareOp::Equal | CompareOp::NotEqual);
                if !is_equality && !is_ordered(&ty) {
                    let written = self.file.slice(value.span);
                    let instead = as_number(&of, op, written.trim_matches(['"', '\'']));
                    self.found.push(say::no_order_expected_of_text(
                        (*op_span, op.text()),
                        (value.span, &described(&ty)),
                        instead.as_deref(),
                    ));
                    return None;
                }
                all.push(Expectation {
                    of,
                    op,
                    value: Expr::clone(value),
                    ty: wanted.unwrap_or(ty),
                    text: one_line(self.file.slice(expr.span)),
                });
                Some(())
            }
            ExprKind::Lost => self.part(None),
            ExprKind::Binary {
                op: op @ BinaryOp::Or,
                op_span,
                ..
            } => {
                self.found.push(say::expects_a_choice(*op_span, op.text()));
                None
            }
            ExprKind::Unary {
                op: op @ crate::ast::UnaryOp::Not,
                op_span,
                ..
            } => {
                self.found.push(say::expects_a_choice(*op_span, op.text()));
                None
            }
            ExprKind::Literal(_)
            | ExprKind::Text(_)
            | ExprKind::Name(_)
            | ExprKind::Field { .. }
            | ExprKind::Is { .. }
            | ExprKind::Unary { .. }
            | ExprKind::Binary { .. }
            | ExprKind::Call { .. }
            | ExprKind::List(_) => {
                self.found
                    .push(say::expects_nothing(expr.span, answer.words()));
                None
            }
        }
    }

    fn observed(&mut self, expr: &Expr, answer: Answer) -> Option<Observed> {
        let (word, observed) = match &expr.kind {
            ExprKind::Name(name) => {
                let observed = match name.as_str() {
                    "status" => Observed::Status,
                    "body" => Observed::Body,
                    "output" => Observed::Output,
                    _exit => Observed::Exit,
                };
                (name.as_str(), observed)
            }
            ExprKind::Call { name, args } => {
                let [
                    Expr {
                        kind: ExprKind::Text(text),
                        span,
                        ..
                    },
                ] = args.as_slice()
                else {
                    self.found.push(say::one_text_wanted(expr.span, &name.text));
                    return None;
                };
                let Some(plain) = text.plain() else {
                    self.found
                        .push(say::no_interpolation(*span, &format!("`{}(…)`", name.text)));
                    return None;
                };
                if name.text == "json" {
                    self.filter(plain, *span)?;
                    ("json", Observed::Json(plain.to_owned()))
                } else {
                    ("header", Observed::Header(plain.to_owned()))
                }
            }
            ExprKind::Literal(_)
            | ExprKind::Text(_)
            | ExprKind::Field { .. }
            | ExprKind::Is { .. }
            | ExprKind::Unary { .. }
            | ExprKind::Binary { .. }
            | ExprKind::List(_)
            | ExprKind::Lost => return None,
        };
        let known = match &observed {
            Observed::Status | Observed::Body | Observed::Header(_) => answer == Answer::Http,
            Observed::Output | Observed::Exit => answer == Answer::Command,
            Observed::Json(_) => answer != Answer::Connection,
        };
        if known {
            return Some(observed);
        }
        self.found.push(say::not_of_this_answer(
            (expr.span, word),
            answer.described(),
            answer.words(),
        ));
        None
    }
}

/// A literal as one of the type that is wanted: `200` for `"200"`.
fn instead(value: &Expr, wanted: Option<&Type>) -> Option<String> {
    match (&value.kind, wanted?) {
        (ExprKind::Text(text), Type::Int) => {
            let plain = text.plain()?;
            plain.parse::<i64>().is_ok().then(|| plain.to_owned())
        }
        (ExprKind::Literal(value), Type::Text) => Some(format!("\"{value}\"")),
        (_, _) => None,
    }
}

/// What to write where a text is held against a number: read as JSON, a number is one.
fn as_number(of: &Observed, op: CompareOp, value: &str) -> Option<String> {
    let is_number = value.parse::<f64>().is_ok_and(f64::is_finite);
    let sees_all = match of {
        Observed::Body | Observed::Output => true,
        Observed::Status | Observed::Exit | Observed::Header(_) | Observed::Json(_) => false,
    };
    let is_equality = matches!(op, CompareOp::Equal | CompareOp::NotEqual);
    let fits = sees_all && is_number && !is_equality;
    fits.then(|| format!("json(\".\") {} {value}", op.text()))
}

/// Whether an expression looks at the answer.
fn is_observation(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Name(name) => ["status", "body", "output", "exit"].contains(&name.as_str()),
        ExprKind::Call { name, .. } => ["json", "header"].contains(&name.text.as_str()),
        ExprKind::Literal(_)
        | ExprKind::Text(_)
        | ExprKind::Field { .. }
        | ExprKind::Is { .. }
        | ExprKind::Unary { .. }
        | ExprKind::Binary { .. }
        | ExprKind::List(_)
        | ExprKind::Lost => false,
    }
}

/// The types that a part of a JSON document can be compared with.
fn json_can_be(ty: &Type) -> bool {
    match ty {
        Type::Text | Type::Bool | Type::Int | Type::Number | Type::Url | Type::OneOf(_) => true,
        Type::Percent
        | Type::Duration
        | Type::Rate
        | Type::Bytes
        | Type::Version
        | Type::Date
        | Type::Time
        | Type::Path
        | Type::List(_) => false,
    }
}

/// The comparison with its sides changed.
fn flipped(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Equal | CompareOp::NotEqual => op,
        CompareOp::Less => CompareOp::Greater,
        CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
        CompareOp::Greater => CompareOp::Less,
        CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
    }
}
