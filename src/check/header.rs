//! What the file says of itself, its parameters and its named values.

use crate::ast::{Expr, FileKind, HeaderKey, HeaderValue, Let, Param, Pattern, Quote, Text};
use crate::diag::factory::{check as say, syntax};
use crate::source::Span;
use crate::value::Type;

use super::Checker;
use super::constant::expr_of;
use super::eval::{Values, eval};
use super::gather::Declared;
use super::names::Sort;
use super::tree;
use super::types::described;

const RISKS: [&str; 4] = ["zero", "low", "medium", "high"];
const STRATEGIES: [&str; 3] = ["canary", "blue_green", "phased"];

impl<'a> Checker<'a> {
    pub(super) fn header(&mut self, declared: &Declared<'a>) -> tree::Header {
        if self.ast.kind == FileKind::Library {
            return nameless();
        }
        self.each_header_once(declared);
        let title = self.part(self.ast.title.as_ref());
        let title = title.and_then(|title| self.known_text(title, "the title"));
        let service = match declared.header(HeaderKey::Service) {
            Some(line) => self.header_text(&line.value).filter(|(text, span)| {
                let fits = is_service(text);
                if !fits {
                    self.found.push(say::bad_service(*span, text));
                }
                fits
            }),
            None if self.ast.lost.iter().any(|word| word == "service") => self.part(None),
            None => {
                let after = self.ast.title.as_ref().map(|title| title.span);
                self.found
                    .push(say::missing_service(after.unwrap_or_default()));
                None
            }
        };
        let owner = self.optional(declared, HeaderKey::Owner);
        let risk = self.chosen(declared, HeaderKey::Risk, &RISKS);
        let strategy = self.chosen(declared, HeaderKey::Strategy, &STRATEGIES);
        let zone = self.optional(declared, HeaderKey::Zone);
        if let Some(Some((name, span))) = &zone
            && jiff::tz::TimeZoneDatabase::bundled().get(name).is_err()
        {
            let zones: Vec<String> = jiff::tz::TimeZoneDatabase::bundled()
                .available()
                .map(|zone| zone.to_string())
                .collect();
            let lower = name.to_lowercase();
            let folded: Vec<String> = zones.iter().map(|zone| zone.to_lowercase()).collect();
            // An abbreviation such as CEST is near to many names, and is meant for none of them.
            let nearest = crate::diag::nearest(&lower, folded.iter().map(String::as_str))
                .filter(|_| name.contains('/'));
            let nearest = nearest.and_then(|nearest| {
                let index = folded.iter().position(|zone| zone == nearest)?;
                zones.get(index).map(String::as_str)
            });
            self.found.push(say::unknown_zone(*span, name, nearest));
        }
        let mut text = |found: Option<Option<(String, Span)>>| {
            let found = self.part(found)?;
            found.map(|(text, _)| text)
        };
        let owner = text(owner);
        let risk = text(risk);
        let strategy = text(strategy);
        let zone = text(zone);
        let service = self.part(service);
        tree::Header {
            // Without a title or a service there is no checked file; the others are judged all the same.
            title: self.part(title).unwrap_or_else(|| nameless().title),
            service: service.map(|(text, _)| text).unwrap_or_default(),
            owner,
            risk,
            risk_span: declared.header(HeaderKey::Risk).map(|line| line.span),
            strategy,
            zone,
        }
    }

    fn each_header_once(&mut self, declared: &Declared<'a>) {
        for (index, line) in declared.headers.iter().enumerate() {
            let first = declared
                .headers
                .iter()
                .take(index)
                .find(|first| first.key == line.key);
            if let Some(first) = first {
                self.found.push(syntax::duplicate_clause(
                    line.key_span,
                    first.key_span,
                    line.key.word(),
                ));
            }
        }
    }

    /// What a header line says, if it says it without a value of the run.
    fn header_text(&mut self, value: &HeaderValue) -> Option<(String, Span)> {
        match value {
            HeaderValue::Word(word) => Some((word.text.clone(), word.span)),
            HeaderValue::Text(text) => match text.plain() {
                Some(plain) => Some((plain.to_owned(), text.span)),
                None => {
                    self.found
                        .push(say::no_interpolation(text.span, "a line about the file"));
                    None
                }
            },
        }
    }

    fn optional(
        &mut self,
        declared: &Declared<'a>,
        key: HeaderKey,
    ) -> Option<Option<(String, Span)>> {
        match declared.header(key) {
            None => Some(None),
            Some(line) => self.header_text(&line.value).map(Some),
        }
    }

    /// A header line that says one of a few words.
    fn chosen(
        &mut self,
        declared: &Declared<'a>,
        key: HeaderKey,
        words: &[&str],
    ) -> Option<Option<(String, Span)>> {
        let found = self.optional(declared, key)?;
        if let Some((word, span)) = &found
            && !words.contains(&word.as_str())
        {
            let nearest = crate::diag::nearest(word, words.iter().copied());
            self.found.push(syntax::unknown_choice(
                *span,
                word,
                key.word(),
                nearest,
                words,
            ));
            return None;
        }
        Some(found)
    }

    pub(super) fn params(&mut self, declared: &Declared<'a>) -> Vec<tree::Param> {
        self.types.params = declared
            .params
            .iter()
            .map(|one| one.ty.ty.clone())
            .collect();
        self.each(&declared.params, Self::param)
    }

    fn param(&mut self, param: &Param) -> Option<tree::Param> {
        let pattern = match &param.matching {
            None => Some(None),
            Some(pattern) => self.pattern(pattern).map(Some),
        };
        let ty = self.part(param.ty.ty.clone())?;
        if let (Some(matching), false) = (&param.matching, takes_pattern(&ty)) {
            self.found.push(say::pattern_on_quantity(
                matching.span,
                (param.ty.span, &described(&ty)),
            ));
        }
        let default = self.expect_if_there(param.default.as_ref(), &ty, "this default");
        let pattern = pattern?;
        let default = default?;
        if let Some(default) = &default
            && let Ok(value) = eval(default, &Values::default(), Some(&ty))
            && let Some((matching, regex)) = param.matching.as_ref().zip(pattern.as_ref())
            && !whole_match(regex, &value.plain())
        {
            self.found.push(say::default_does_not_match(
                default.span,
                &value.plain(),
                (matching.span, &matching.text),
            ));
        }
        Some(tree::Param {
            name: param.name.text.clone(),
            ty,
            default,
            pattern,
            span: param.span,
            docs: param.docs.clone(),
        })
    }

    /// A regular expression that compiles.
    fn pattern(&mut self, pattern: &Pattern) -> Option<String> {
        match regex::Regex::new(&whole(&pattern.text)) {
            Ok(_) => Some(pattern.text.clone()),
            Err(error) => {
                self.found.push(say::bad_pattern(
                    pattern.span,
                    &last_line(&error.to_string()),
                ));
                None
            }
        }
    }

    pub(super) fn lets(&mut self, declared: &Declared<'a>) -> Vec<tree::Let> {
        let mut all = Vec::new();
        for one in &declared.lets {
            let read = self.named_value(one);
            self.types
                .lets
                .push(read.as_ref().map(|read| read.ty.clone()));
            all.extend(self.part(read));
        }
        all
    }

    fn named_value(&mut self, one: &Let) -> Option<tree::Let> {
        let ty = self.constant(&one.value, None)?;
        Some(tree::Let {
            name: one.name.text.clone(),
            value: one.value.clone(),
            ty,
        })
    }

    /// An address that is asked over HTTP: known before the run, text or a URL.
    pub(super) fn url(&mut self, expr: &Expr, what: &str) -> Option<Expr> {
        if let Some(text) = expr.text() {
            self.named_as_elsewhere(text);
        }
        self.expect(expr, &Type::Url, what)
    }

    /// The same, of what takes headers: a secret belongs into one of them.
    pub(super) fn url_of_request(&mut self, expr: &Expr, what: &str) -> Option<Expr> {
        let parts = expr.text().into_iter().flat_map(Text::exprs);
        let secret = parts.chain([expr]).find_map(|part| {
            let name = part.name()?;
            let sort = self.names.value(name).map(|(sort, _)| sort);
            (sort == Some(Sort::Secret)).then_some((part.span, name))
        });
        if let Some((span, name)) = secret {
            self.found.push(say::secret_in_address(span, name));
            return None;
        }
        self.url(expr, what)
    }

    /// The same, written as text.
    pub(super) fn url_text(&mut self, text: &Text, what: &str) -> Option<Expr> {
        self.url(&expr_of(text), what)
    }
}

/// The header of what has none.
fn nameless() -> tree::Header {
    tree::Header {
        title: expr_of(&Text {
            quote: Quote::Double,
            parts: Vec::new(),
            span: Span::default(),
        }),
        service: String::new(),
        owner: None,
        risk: None,
        risk_span: None,
        strategy: None,
        zone: None,
    }
}

/// Whether a pattern has a meaning for a type: the value is a text that people write.
fn takes_pattern(ty: &Type) -> bool {
    match ty {
        Type::Text | Type::Url | Type::Path | Type::Version => true,
        Type::Bool
        | Type::Int
        | Type::Number
        | Type::Percent
        | Type::Duration
        | Type::Rate
        | Type::Bytes
        | Type::Date
        | Type::Time
        | Type::OneOf(_)
        | Type::List(_) => false,
    }
}

/// A service is part of file names and of what people type.
fn is_service(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 100
        && text.starts_with(|ch: char| ch.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|ch| ch.is_ascii_alphanumeric() || "-_.".contains(ch))
}

/// The pattern that the whole text must match.
pub(super) fn whole(pattern: &str) -> String {
    format!(r"\A(?:{pattern})\z")
}

/// Whether the whole of a text matches a pattern that compiles.
pub fn whole_match(pattern: &str, text: &str) -> bool {
    regex::Regex::new(&whole(pattern)).is_ok_and(|regex| regex.is_match(text))
}

/// The line of a regex error that says what is wrong, without its place in our own frame.
pub(super) fn last_line(error: &str) -> String {
    let line = error.lines().last().unwrap_or_default();
    line.trim_start_matches("error: ").to_owned()
}
