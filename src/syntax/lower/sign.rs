//! Signs that stand where none belongs, and what is missing before one: `timeout: 5m`, `expose share = 10%`,
//! `param old = "192.0.2.10"`, `capture rev = $(git rev-parse HEAD)`.

use crate::ast::{Expr, Name, TypeRef};
use crate::diag::factory::{habits as say_habits, separator as say};
use crate::source::{Span, offset};
use crate::value::{Type, literal};

use super::super::grammar::Rule;
use super::super::{habits, keywords, recover};
use super::{Lower, Pair, Parts};

impl Lower<'_> {
    /// Whether `:` or `=` stands behind `last`, which takes what follows without a sign; it is reported.
    pub(super) fn needless_sign(&mut self, last: Span) -> bool {
        let rest = self.behind(last.end);
        let text = rest.trim_start_matches([' ', '\t']);
        let is_sign = text.starts_with([':', '=']) && !text.starts_with("==");
        if !is_sign {
            return false;
        }
        let start = last.end + offset(rest.len() - text.len());
        let sign = Span::new(start, start + 1);
        let (found, after) = text.split_at_checked(1).unwrap_or_default();
        let after = after.trim_start();
        let head = self.file.slice(last);
        let known = keywords();
        let is_keyword = head.split_whitespace().all(|word| known.contains(&word));
        let is_word = |ch: char| ch.is_ascii_alphanumeric() || ch == '_';
        let opens = after.starts_with('{')
            || after.starts_with("$ ")
            || after.starts_with(['"', '\'']) && head.chars().all(is_word);
        let gap = self.without(sign);
        let said = if is_keyword {
            say::needless(sign, (head, found), gap)
        } else if opens {
            let head = self.short(last);
            say::needless_behind(sign, (&head, found), gap)
        } else {
            return false;
        };
        self.diagnostics.push(said);
        true
    }

    /// A sign with the blanks around it, and what stands there without it.
    pub(super) fn without(&self, sign: Span) -> (Span, &'static str) {
        let blank = [' ', '\t'];
        let before = self.file.slice(Span::new(self.file.base(), sign.start));
        let before = before.len() - before.trim_end_matches(blank).len();
        let after = self.behind(sign.end);
        let text = after.trim_start_matches(blank);
        let end = sign.end + offset(after.len() - text.len());
        let gap = Span::new(sign.start - offset(before), end);
        (gap, if text.is_empty() { "" } else { " " })
    }

    /// The rest of the line.
    fn behind(&self, start: u32) -> &str {
        let end = self.file.base() + offset(self.file.text().len());
        let rest = self.file.slice(Span::new(start, end));
        rest.split('\n').next().unwrap_or_default()
    }

    /// A sign or `to` between the name of an exposure and its value; it is reported.
    pub(super) fn exposed_by_a_sign(&mut self, parts: &mut Parts<'_>, name: &Name) {
        let found = match parts.peek() {
            Some(Rule::assign) => self.take(parts, Rule::assign),
            Some(Rule::expr) => {
                let is_to = |pair: &Pair<'_>| pair.as_str().trim_end() == "to";
                let next = parts.inner.peek().is_some_and(is_to);
                let lost = parts.inner.clone().nth(1);
                let lost = lost.is_some_and(|lost| lost.as_rule() == Rule::junk);
                let found = (next && lost).then(|| self.take(parts, Rule::expr));
                parts.broken |= next && lost;
                found.flatten()
            }
            Some(_) | None => None,
        };
        let Some(found) = found else {
            return;
        };
        let sign = self.span(&found);
        let value = self.behind(sign.end);
        let value = value.split(['#', '}']).next().unwrap_or_default().trim();
        let found = self.file.slice(sign);
        let gap = self.without(sign);
        let said = say::exposed_with_a_sign(sign, (name.as_str(), found), value, gap);
        self.diagnostics.push(said);
    }

    /// `set errors to 7%`
    pub(super) fn told_by_a_word(&mut self, parts: &mut Parts<'_>) {
        let next = parts
            .inner
            .next_if(|pair| pair.as_rule() == Rule::expr && pair.as_str().trim_end() == "to");
        if let Some(word) = next {
            let span = self.span(&word);
            let said = say_habits::other_word(span, "to", "=");
            self.diagnostics.push(said.fix(span, "="));
            parts.broken = true;
        }
    }

    /// The type of a parameter that has a default and no type; it is reported.
    pub(super) fn untyped(&mut self, parts: &mut Parts<'_>, name: &Name) -> Option<TypeRef> {
        let mut ahead = parts.inner.clone();
        let next = ahead.next()?;
        if next.as_rule() == Rule::default_part {
            let value = next
                .into_inner()
                .find(|part| part.as_rule() == Rule::expr)?;
            let value = value.as_str().trim_end();
            let ty = type_of(value)?;
            let written = value.lines().next().unwrap_or_default();
            let said = say::type_missing(
                name.span,
                (name.as_str(), &ty.to_string()),
                (written, Span::at(name.span.end)),
            );
            self.diagnostics.push(said);
            return Some(TypeRef {
                ty: Some(ty),
                span: name.span,
            });
        }
        let word = ahead
            .next()
            .filter(|pair| pair.as_rule() == Rule::type_ref)?;
        let known = Type::WORDS.map(|(word, _)| word);
        let is_word = word.clone().into_inner().next()?.as_rule() == Rule::type_word;
        let is_type =
            habits::choice(word.as_str(), &known).is_some() || known.contains(&word.as_str());
        if next.as_str() != "=" || !is_word || is_type {
            return None;
        }
        let written = recover::run(self.behind(self.span(&word).start)).to_owned();
        self.diagnostics.push(say::type_missing_of_word(
            name.span,
            (name.as_str(), &written),
        ));
        parts.broken = true;
        self.take(parts, Rule::colon);
        self.take(parts, Rule::type_ref);
        Some(TypeRef {
            ty: None,
            span: name.span,
        })
    }

    /// Whether a command follows the name of a capture, behind a sign and without a type; it is reported, and taken.
    pub(super) fn captured_by_a_sign(&mut self, parts: &mut Parts<'_>, name: &Name) -> bool {
        let mut ahead = parts.inner.clone();
        let (Some(sign), Some(command)) = (ahead.next(), ahead.next()) else {
            return false;
        };
        if sign.as_rule() != Rule::colon || command.as_rule() != Rule::shell {
            return false;
        }
        let written = command.as_str().trim_end();
        let text = written.strip_prefix('$').unwrap_or(written).trim();
        let inner = text
            .strip_prefix('(')
            .and_then(|text| text.strip_suffix(')'));
        let text = match inner.unwrap_or(text).trim() {
            text if text.contains('\n') || text.is_empty() => "COMMAND",
            text => text,
        };
        let at = self.span(&sign);
        let whole = name.span.to(self.span(&command));
        let said =
            say_habits::captured_by_a_sign(at, (name.as_str(), sign.as_str()), (text, whole));
        self.diagnostics.push(said);
        self.take(parts, Rule::colon);
        self.take(parts, Rule::shell);
        parts.broken = true;
        true
    }

    /// The values of a call, and the name that stands before each of them, if one does.
    pub(super) fn named_items(&mut self, pair: Pair<'_>) -> (Vec<Expr>, Vec<Option<Name>>) {
        let mut names: Vec<Option<Name>> = Vec::new();
        let mut own = None;
        for one in pair.clone().into_inner() {
            match one.as_rule() {
                Rule::label => {
                    let name = one.into_inner().next();
                    own = name.map(|name| Name {
                        text: name.as_str().to_owned(),
                        span: self.span(&name),
                    });
                }
                Rule::wide_expr => names.push(own.take()),
                _lost => {}
            }
        }
        let (values, _) = self.items(pair);
        (values, names)
    }
}

/// The type that a default has by itself.
fn type_of(value: &str) -> Option<Type> {
    if value.starts_with(['"', '\'']) {
        return Some(Type::Text);
    }
    if let Some(items) = value.strip_prefix('[') {
        let first = items.split([',', ']']).next().unwrap_or_default();
        return type_of(first.trim()).map(|item| Type::List(Box::new(item)));
    }
    match value {
        "true" | "false" => Some(Type::Bool),
        value => literal(value.strip_prefix('-').unwrap_or(value)).ok()?.ty(),
    }
}
