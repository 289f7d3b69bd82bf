//! HTTP requests and files of SQL as the body of a step.

use crate::ast::{Command, HeaderKind, Name, Request, RequestHeader, Sql};
use crate::diag::factory::habits;
use crate::source::{Span, offset};

use super::super::grammar::Rule;
use super::super::words::Place;
use super::{Lower, Pair, Parts, Seen, inside};

/// The methods of requests and of questions.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

impl Lower<'_> {
    /// The request that may stand next, or a command.
    pub(super) fn maybe_body(&mut self, parts: &mut Parts<'_>) -> Option<Command> {
        let pair = self.take(parts, Rule::sql);
        match pair.or_else(|| self.take(parts, Rule::request)) {
            None => self.maybe_commands(parts),
            Some(pair) => {
                let asked = self.asked(pair);
                parts.broken |= asked.is_none();
                asked
            }
        }
    }

    /// A request or a file of SQL.
    pub(super) fn asked(&mut self, pair: Pair<'_>) -> Option<Command> {
        if pair.as_rule() == Rule::sql {
            self.sql(pair).map(Box::new).map(Command::Sql)
        } else {
            self.request(pair).map(Box::new).map(Command::Http)
        }
    }

    fn sql(&mut self, pair: Pair<'_>) -> Option<Sql> {
        let mut parts = self.parts(pair, "sql", Place::Step);
        parts.form = Some("sql PROVIDER \"FILE\"");
        let Some(provider) = self.take(&mut parts, Rule::known_name) else {
            self.need(&mut parts, "the name of a provider");
            return None;
        };
        let provider = self.qualified_name(&provider);
        let file = self.needed_text(&mut parts, "a file in quotes")?;
        Some(Sql {
            provider,
            file,
            text: None,
            span: parts.span,
        })
    }

    /// The method that is missing after `http`, which many write in capitals.
    pub(super) fn need_method(&mut self, parts: &mut Parts<'_>, what: &str) {
        let after = self.file.slice(parts.span).strip_prefix("http");
        let word = after.and_then(|after| after.split_whitespace().next());
        let small = word.unwrap_or_default().to_ascii_lowercase();
        match word {
            Some(word) if METHODS.contains(&small.as_str()) && word != small => {
                let start = parts.span.end - offset(after.unwrap_or_default().trim_start().len());
                let at = Span::new(start, start + offset(word.len()));
                let said = habits::other_word(at, word, &small).fix(at, small.as_str());
                self.diagnostics.push(said);
            }
            Some(_) | None => self.need(parts, what),
        }
    }

    fn request(&mut self, pair: Pair<'_>) -> Option<Request> {
        let mut parts = self.parts(pair, "http", Place::Step);
        parts.form = Some("http post URL { … }");
        let Some(method) = self.take(&mut parts, Rule::http_method) else {
            self.need_method(&mut parts, "`post`, `put`, `patch` or `delete`");
            return None;
        };
        let method = Name {
            text: method.as_str().to_owned(),
            span: self.span(&method),
        };
        let url = self.needed_expr(&mut parts, "a URL")?;
        let mut request = Request {
            method,
            url,
            headers: Vec::new(),
            body: None,
            expects: Vec::new(),
            span: parts.span,
        };
        if let Some(block) = self.take(&mut parts, Rule::request_block) {
            let mut seen = Seen::default();
            for line in inside(block) {
                self.request_line(line, &mut request, &mut seen);
            }
        }
        Some(request)
    }

    fn request_line(&mut self, pair: Pair<'_>, request: &mut Request, seen: &mut Seen) {
        let span = self.span(&pair);
        if pair.as_rule() != Rule::stray {
            self.last_was_noise = false;
        }
        match pair.as_rule() {
            Rule::header_line | Rule::bearer_line => {
                let header = self.request_header(pair, Place::Request, seen);
                request.headers.extend(header);
            }
            Rule::body_line => {
                let mut parts = self.parts(pair, "body", Place::Request);
                let body = self.needed_text(&mut parts, "a text");
                self.finish(&mut parts, &[]);
                if self.once(seen, "body", span) {
                    request.body = body;
                }
            }
            Rule::expect => {
                let mut parts = self.parts(pair, "expect", Place::Request);
                let condition = self.needed_expr(&mut parts, "a condition");
                self.finish(&mut parts, &[]);
                request.expects.extend(condition);
            }
            _stray => {
                self.stray(pair, Place::Request);
            }
        }
    }

    /// `header "NAME" VALUE` or `bearer SECRET`, wherever something is asked over HTTP.
    pub(super) fn request_header(
        &mut self,
        pair: Pair<'_>,
        place: Place,
        seen: &mut Seen,
    ) -> Option<RequestHeader> {
        let span = self.span(&pair);
        self.last_was_noise = false;
        if pair.as_rule() == Rule::bearer_line {
            let mut parts = self.parts(pair, "bearer", place);
            let secret = self.name(&mut parts, "the name of a secret");
            self.finish(&mut parts, &[]);
            let first = self.once(seen, "bearer", span);
            let kind = HeaderKind::Bearer(secret.filter(|_| first)?);
            return Some(RequestHeader { kind, span });
        }
        let mut parts = self.parts(pair, "header", place);
        let name = self.needed_text(&mut parts, "the name of the header in quotes");
        let value = name
            .as_ref()
            .and_then(|_| self.needed_expr(&mut parts, "its value"));
        self.finish(&mut parts, &[]);
        let kind = HeaderKind::Plain {
            name: name?,
            value: value?,
        };
        Some(RequestHeader { kind, span })
    }
}
