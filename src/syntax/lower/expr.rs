//! Expressions: the flat list of the grammar becomes a tree by the rank of its operators.

use std::iter::Peekable;

use pest::iterators::Pairs;

use crate::ast::{BinaryOp, CompareOp, Expr, ExprKind, MetricState, Name, UnaryOp};
use crate::diag::factory::{habits as say_habits, library, syntax as say};
use crate::source::{Span, offset};
use crate::value::{Value, literal};

use super::super::grammar::Rule;
use super::super::habits;
use super::super::recover;
use super::super::scan::MAX_NESTING;
use super::{Lower, Pair};

/// How deep the tree of one expression may become; everything that walks it may recurse.
const MAX_DEPTH: u16 = 200;

const COMPARE_RANK: u8 = 3;
const SIGN_RANK: u8 = 6;

type Tokens<'i> = Peekable<Pairs<'i, Rule>>;

/// An expression and the depth of its tree.
struct Built {
    expr: Expr,
    depth: u16,
}

impl Built {
    fn leaf(kind: ExprKind, span: Span) -> Self {
        Self {
            expr: Expr {
                kind,
                span,
                grouped: false,
            },
            depth: 1,
        }
    }
}

impl Lower<'_> {
    /// An `expr` or `wide_expr` of the grammar.
    pub(super) fn expr(&mut self, pair: Pair<'_>) -> Expr {
        self.built(pair).expr
    }

    /// One argument of a program: an operand that stands by itself.
    pub(super) fn argument(&mut self, tokens: &mut Tokens<'_>) -> Expr {
        self.operand(tokens).expr
    }

    fn built(&mut self, pair: Pair<'_>) -> Built {
        let span = self.span(&pair);
        let mut tokens = pair.into_inner().peekable();
        if let Some(path) = tokens.next_if(|pair| pair.as_rule() == Rule::unquoted) {
            return Built::leaf(self.bare_part(&path, "a value").kind, span);
        }
        // The common case, a single literal or name, needs no climbing.
        let built = self.climb(&mut tokens, 0);
        match tokens.next() {
            None => built,
            // Climbing stops early only when it gave up.
            Some(_) => Built::leaf(ExprKind::Lost, span),
        }
    }

    /// Everything from here on that binds at least as strongly as `rank`.
    fn climb(&mut self, tokens: &mut Tokens<'_>, rank: u8) -> Built {
        let mut left = self.operand(tokens);
        while let Some(next) = tokens.peek() {
            let span = self.span(next);
            if next.as_rule() == Rule::is_test {
                if COMPARE_RANK < rank {
                    break;
                }
                if let Some(pair) = tokens.next() {
                    left = self.is_test(left, pair);
                }
                continue;
            }
            let (op, own_rank) = operator(next.as_str());
            if own_rank < rank {
                break;
            }
            let written = next.as_str();
            if written != op.text() {
                self.diagnostics
                    .push(say::wrong_operator(span, written, op.text()));
            }
            tokens.next();
            let right = self.climb(tokens, own_rank + 1);
            left = self.join(left, (op, span), right);
            if left.depth > MAX_DEPTH {
                self.give_up(tokens, span, usize::from(MAX_DEPTH));
                return Built::leaf(ExprKind::Lost, left.expr.span);
            }
        }
        left
    }

    fn join(&mut self, left: Built, (op, op_span): (BinaryOp, Span), right: Built) -> Built {
        let span = left.expr.span.to(right.expr.span);
        let depth = left.depth.max(right.depth) + 1;
        if let (BinaryOp::Compare(_), Some(first)) = (op, comparison(&left.expr)) {
            self.diagnostics
                .push(say::chained_comparison(op_span, first));
            return Built::leaf(ExprKind::Lost, span);
        }
        let kind = ExprKind::Binary {
            op,
            op_span,
            left: Box::new(left.expr),
            right: Box::new(right.expr),
        };
        Built {
            depth,
            ..Built::leaf(kind, span)
        }
    }

    /// Reports that the expression is too deep, and leaves the rest of it unread.
    fn give_up(&mut self, tokens: &mut Tokens<'_>, span: Span, limit: usize) {
        self.diagnostics.push(say::nested_too_deep(span, limit));
        for _rest in tokens.by_ref() {}
    }

    fn is_test(&mut self, left: Built, pair: Pair<'_>) -> Built {
        let test = self.span(&pair);
        let span = left.expr.span.to(test);
        let state = match pair.into_inner().next() {
            None => {
                let wanted = say::Wanted {
                    what: "`warning` or `critical`",
                    after: "is",
                    form: None,
                };
                self.diagnostics.push(say::missing_part(test, &wanted));
                None
            }
            Some(word) => self.choice(&word, "band of a metric", &["warning", "critical"]),
        };
        let state = match state {
            Some(0) => MetricState::Warning,
            Some(_) => MetricState::Critical,
            None => return Built::leaf(ExprKind::Lost, span),
        };
        let kind = ExprKind::Is {
            of: Box::new(left.expr),
            state,
        };
        Built {
            depth: left.depth + 1,
            ..Built::leaf(kind, span)
        }
    }

    fn operand(&mut self, tokens: &mut Tokens<'_>) -> Built {
        let Some(pair) = tokens.next() else {
            return Built::leaf(ExprKind::Lost, Span::default());
        };
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::unary => self.unary(&pair, tokens),
            Rule::literal => Built::leaf(self.literal(&pair), span),
            Rule::truth => {
                let truth = pair.as_str() == "true";
                Built::leaf(ExprKind::Literal(Value::Bool(truth)), span)
            }
            Rule::text => Built::leaf(ExprKind::Text(self.text(&pair)), span),
            Rule::word => self.reference(&pair, tokens),
            Rule::group => self.group(pair),
            Rule::list => {
                let (items, depth) = self.items(pair);
                Built {
                    depth: depth + 1,
                    ..Built::leaf(ExprKind::List(items), span)
                }
            }
            _other => Built::leaf(ExprKind::Lost, span),
        }
    }

    fn unary(&mut self, pair: &Pair<'_>, tokens: &mut Tokens<'_>) -> Built {
        let op_span = self.span(pair);
        if self.level >= MAX_NESTING {
            self.give_up(tokens, op_span, MAX_NESTING);
            return Built::leaf(ExprKind::Lost, op_span);
        }
        let (op, rank) = match pair.as_str() {
            "-" => (UnaryOp::Negate, SIGN_RANK),
            "!" => {
                self.diagnostics
                    .push(say::wrong_operator(op_span, "!", "not"));
                (UnaryOp::Not, COMPARE_RANK)
            }
            _not => (UnaryOp::Not, COMPARE_RANK),
        };
        self.level += 1;
        let operand = self.climb(tokens, rank);
        self.level -= 1;
        let span = op_span.to(operand.expr.span);
        let kind = ExprKind::Unary {
            op,
            op_span,
            operand: Box::new(operand.expr),
        };
        Built {
            depth: operand.depth + 1,
            ..Built::leaf(kind, span)
        }
    }

    fn literal(&mut self, pair: &Pair<'_>) -> ExprKind {
        let text = pair.as_str();
        match literal(text) {
            Ok(value) => ExprKind::Literal(value),
            Err(error) => {
                let (why, help) = habits::literal(text, &error);
                let shown: String = text.chars().take(40).collect();
                let span = self.span(pair);
                let one = say::bad_literal(span, &shown, &why, &help);
                self.diagnostics.push(match habits::mended(text, &error) {
                    Some(mended) => one.fix(span, mended),
                    None => one,
                });
                ExprKind::Lost
            }
        }
    }

    /// A name, a call or a field.
    fn reference(&mut self, pair: &Pair<'_>, tokens: &mut Tokens<'_>) -> Built {
        let span = self.span(pair);
        match tokens.peek().map(Pair::as_rule) {
            Some(Rule::args) => {
                let name = Name {
                    text: pair.as_str().to_owned(),
                    span,
                };
                let Some(args) = tokens.next() else {
                    return Built::leaf(ExprKind::Lost, span);
                };
                let span = span.to(self.span(&args));
                let mut labels = args.clone().into_inner();
                if let Some(label) = labels.find(|one| one.as_rule() == Rule::label) {
                    let at = self.span(&label);
                    let value = labels
                        .next()
                        .map_or(at.end, |value| self.span(&value).start);
                    let name = label.as_str().trim_end_matches([':', '=', ' ', '\t']);
                    let said = say_habits::value_with_a_name((at, name), value);
                    self.diagnostics.push(said);
                }
                let (args, depth) = self.items(args);
                Built {
                    depth: depth + 1,
                    ..Built::leaf(ExprKind::Call { name, args }, span)
                }
            }
            Some(Rule::field) => {
                let Some(field) = tokens.next() else {
                    return Built::leaf(ExprKind::Lost, span);
                };
                let further = tokens.next_if(|next| next.as_rule() == Rule::field);
                let (of, field) = match (self.of_library(pair, &field), further) {
                    (Some(name), None) => {
                        return Built::leaf(ExprKind::Name(name.text), name.span);
                    }
                    (Some(name), Some(further)) => (name, self.checked_name(&further)),
                    (None, Some(further)) => {
                        if self.version_with_v(pair, &further) {
                            return Built::leaf(ExprKind::Lost, span);
                        }
                        // What a field has a field of is no library, or nobody has said so.
                        let known: Vec<&str> = self.libraries.iter().map(String::as_str).collect();
                        let span = span.to(self.span(&further));
                        let written = format!("{}.{}", pair.as_str(), field.as_str());
                        let said = library::unknown_library(span, &written, &known);
                        self.diagnostics.push(said);
                        return Built::leaf(ExprKind::Lost, span);
                    }
                    (None, None) => (self.checked_name(pair), self.checked_name(&field)),
                };
                let span = span.to(field.span);
                Built::leaf(ExprKind::Field { of, field }, span)
            }
            Some(_) | None => {
                let name = self.checked_name(pair);
                Built::leaf(ExprKind::Name(name.text), span)
            }
        }
    }

    /// `v2.4.0`, which reads like a name with something in front.
    fn version_with_v(&mut self, first: &Pair<'_>, last: &Pair<'_>) -> bool {
        let span = self.span(first).to(self.span(last));
        let written = self.file.slice(span);
        let Some(version) = written.strip_prefix('v') else {
            return false;
        };
        let is_version = version.chars().all(|ch| ch.is_ascii_digit() || ch == '.');
        if is_version {
            let said = library::version_with_v(span, version);
            self.diagnostics.push(said);
        }
        is_version
    }

    fn group(&mut self, pair: Pair<'_>) -> Built {
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let first = inner.next();
        let mut built = match first {
            Some(pair) if pair.as_rule() == Rule::wide_expr => {
                let inside = self.span(&pair);
                let built = self.built(pair);
                if let Some(rest) = inner.next() {
                    self.lost_in_brackets(&rest, inside);
                }
                built
            }
            Some(rest) => {
                self.lost_in_brackets(&rest, Span::new(span.start, span.start + 1));
                Built::leaf(ExprKind::Lost, span)
            }
            None => {
                let wanted = say::Wanted {
                    what: "an expression",
                    after: "(",
                    form: None,
                };
                self.diagnostics.push(say::missing_part(span, &wanted));
                Built::leaf(ExprKind::Lost, span)
            }
        };
        built.expr.span = span;
        built.expr.grouped = true;
        built
    }

    /// The items of a list or of the arguments of a call, and the depth of the deepest.
    pub(super) fn items(&mut self, pair: Pair<'_>) -> (Vec<Expr>, u16) {
        let span = self.span(&pair);
        let mut last = Span::new(span.start, span.start + 1);
        let mut items = Vec::new();
        let mut depth = 0;
        for item in pair.into_inner() {
            if item.as_rule() == Rule::lost {
                self.lost_in_brackets(&item, last);
                continue;
            }
            if item.as_rule() == Rule::label {
                continue;
            }
            last = self.span(&item);
            let built = self.built(item);
            depth = depth.max(built.depth);
            items.push(built.expr);
        }
        (items, depth)
    }

    /// Something between parentheses or brackets that does not go on from `before`.
    pub(super) fn lost_in_brackets(&mut self, pair: &Pair<'_>, before: Span) {
        let span = self.span(pair);
        self.note_lost(pair.as_str());
        let tail = recover::Tail {
            text: pair.as_str(),
            span,
            after: self.file.slice(before),
            after_span: before,
            after_expr: before.end > before.start + 1 || self.file.slice(before) != "(",
            before: "",
        };
        let found = recover::found(pair.as_str());
        let at = Span::new(span.start, span.start + offset(found.length));
        let said = recover::known_mistake(&tail)
            .unwrap_or_else(|| say::unexpected_in_brackets(at, &found.text));
        self.diagnostics.push(said);
    }
}

/// Where the operator of a comparison stands, if the expression is one without parentheses.
fn comparison(expr: &Expr) -> Option<Span> {
    match &expr.kind {
        ExprKind::Binary {
            op: BinaryOp::Compare(_),
            op_span,
            ..
        } if !expr.grouped => Some(*op_span),
        _other => None,
    }
}

/// The operator of a token of the grammar, and how strongly it binds.
fn operator(text: &str) -> (BinaryOp, u8) {
    match text {
        "or" | "||" => (BinaryOp::Or, 1),
        "and" | "&&" => (BinaryOp::And, 2),
        "==" | "=" => (BinaryOp::Compare(CompareOp::Equal), COMPARE_RANK),
        "+" => (BinaryOp::Add, 4),
        "-" => (BinaryOp::Subtract, 4),
        "*" => (BinaryOp::Multiply, 5),
        "/" => (BinaryOp::Divide, 5),
        compare => (BinaryOp::Compare(compare_op(compare)), COMPARE_RANK),
    }
}

/// The comparison of a token of the grammar.
pub(super) fn compare_op(text: &str) -> CompareOp {
    match text {
        "!=" => CompareOp::NotEqual,
        "<" => CompareOp::Less,
        "<=" => CompareOp::LessOrEqual,
        ">" => CompareOp::Greater,
        ">=" => CompareOp::GreaterOrEqual,
        _equal => CompareOp::Equal,
    }
}
