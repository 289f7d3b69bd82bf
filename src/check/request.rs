//! HTTP requests: what is sent where, and that no value and no secret gets where it does not belong.

use crate::ast::{self, HeaderKind, Text, TextPart};
use crate::diag::factory::request as say;
use crate::source::Span;
use crate::value::{Scale, Type};

use super::Checker;
use super::expect::Answer;
use super::names::Sort;
use super::place::Place;
use super::tree::{self, BodyPart, Form, HeaderValue, Method};

/// Headers that the way of sending decides.
const OURS: [&str; 6] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "expect",
    "te",
];

impl Checker<'_> {
    pub(super) fn request(
        &mut self,
        request: &ast::Request,
        place: Place,
    ) -> Option<tree::Request> {
        let method = match request.method.text.as_str() {
            "post" => Some(Method::Post),
            "put" => Some(Method::Put),
            "patch" => Some(Method::Patch),
            "delete" => Some(Method::Delete),
            looks => {
                self.found.push(say::only_looks(request.method.span, looks));
                None
            }
        };
        let url = self.url_of_request(&request.url, "the address of the request");
        let headers = self.request_headers(&request.headers, place);
        let body = match &request.body {
            None => Some(None),
            Some(text) => self.request_body(text, place).map(Some),
        };
        let mut expect = Vec::new();
        let mut whole = Some(());
        for line in &request.expects {
            whole = self
                .expectations(line, Answer::Http, &mut expect)
                .and(whole);
        }
        whole?;
        Some(tree::Request {
            method: method?,
            url: url?,
            headers: headers?,
            body: body?,
            expect,
        })
    }

    /// What a server is asked with.
    pub(super) fn request_headers(
        &mut self,
        written: &[ast::RequestHeader],
        place: Place,
    ) -> Option<Vec<(String, HeaderValue)>> {
        let mut headers = Some(Vec::new());
        let mut taken: Vec<(String, Span)> = Vec::new();
        for header in written {
            let read = self.request_header(header, place);
            if let Some((name, _)) = &read {
                match taken.iter().find(|(known, _)| known == name) {
                    Some((_, first)) => {
                        self.found
                            .push(say::header_twice(header.span, *first, name));
                    }
                    None => taken.push((name.clone(), header.span)),
                }
            }
            match (read, &mut headers) {
                (Some(read), Some(all)) => all.push(read),
                (None, _) => headers = None,
                (Some(_), None) => {}
            }
        }
        headers
    }

    /// A header says nothing where nothing is asked over HTTP.
    pub(super) fn needless_headers(&mut self, headers: &[ast::RequestHeader], instead: &str) {
        if let Some(header) = headers.first() {
            self.found
                .push(say::header_of_nothing(header.span, instead));
        }
    }

    fn request_header(
        &mut self,
        header: &ast::RequestHeader,
        place: Place,
    ) -> Option<(String, HeaderValue)> {
        match &header.kind {
            HeaderKind::Bearer(secret) => {
                self.find(Sort::Secret, secret)?;
                let value = HeaderValue::Bearer(secret.text.clone());
                Some(("authorization".to_owned(), value))
            }
            HeaderKind::Plain { name, value } => {
                let Some(plain) = name.plain() else {
                    self.found
                        .push(say::header_name(name.span, "", "it is put together"));
                    return None;
                };
                let lower = plain.to_ascii_lowercase();
                let is_token =
                    |ch: char| ch.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(ch);
                if plain.is_empty() || !plain.chars().all(is_token) {
                    let why = "a name is letters, digits and `-`";
                    self.found.push(say::header_name(name.span, plain, why));
                    return None;
                }
                if OURS.contains(&lower.as_str()) {
                    let why = "whoever sends the request decides this";
                    self.found.push(say::header_name(name.span, plain, why));
                    return None;
                }
                if let Some(secret) = self.secret_named(value) {
                    return Some((lower, HeaderValue::Secret(secret)));
                }
                if let Some(text) = value.text() {
                    self.named_as_elsewhere(text);
                }
                let text = self.template_of(value, place)?;
                Some((lower, HeaderValue::Text(text)))
            }
        }
    }

    /// The body: JSON, in which each value is written as JSON where it stands, or text without values.
    fn request_body(&mut self, text: &Text, place: Place) -> Option<tree::Body> {
        self.named_as_elsewhere(text);
        let is_json = text.parts.first().is_some_and(|part| match part {
            TextPart::Piece(piece) => piece.trim_start().starts_with(['{', '[']),
            TextPart::Expr(_) => false,
        });
        let mut parts = Vec::new();
        // What is sent, with a harmless value in the place of each that is not known.
        let mut sample = String::new();
        let mut at = At::Outside;
        for part in &text.parts {
            match part {
                TextPart::Piece(piece) => {
                    at = behind(piece, at);
                    sample.push_str(piece);
                    parts.push(BodyPart::Text(piece.clone()));
                }
                TextPart::Expr(expr) if !is_json => {
                    self.found.push(say::value_outside_json(expr.span));
                    return None;
                }
                TextPart::Expr(expr) => {
                    let of = self.template_of(expr, place)?;
                    let form = match at {
                        At::Inside => Form::Inside,
                        At::Outside => self.form_of(&of),
                    };
                    sample.push_str(match at {
                        At::Inside => "x",
                        At::Outside => "0",
                    });
                    parts.push(BodyPart::Value { of, form });
                }
            }
        }
        if is_json && let Err(error) = serde_json::from_str::<serde_json::Value>(&sample) {
            let why = error.to_string();
            let why = why.split(" at line ").next().unwrap_or_default();
            self.found.push(say::body_is_no_json(text.span, why));
            return None;
        }
        Some(tree::Body { is_json, parts })
    }

    /// How a value is written where no quotes are around it.
    fn form_of(&mut self, of: &tree::Template) -> Form {
        let is_plain = |ty: &Type| match ty {
            Type::Bool
            | Type::Int
            | Type::Number
            | Type::Percent
            | Type::Duration
            | Type::Rate
            | Type::Bytes => true,
            Type::Text
            | Type::Version
            | Type::Date
            | Type::Time
            | Type::Url
            | Type::Path
            | Type::OneOf(_)
            | Type::List(_) => false,
        };
        let plain = match of.0.as_slice() {
            [tree::Piece::Value(expr)] => {
                let expr = expr.clone();
                self.constant(&expr, None).is_some_and(|ty| is_plain(&ty))
            }
            [tree::Piece::Capture(id)] => {
                let ty = self.types.captures.get(id.index()).and_then(Option::as_ref);
                ty.is_some_and(is_plain)
            }
            [tree::Piece::Exposure(id)] => {
                self.scale_of(*id).is_some_and(|scale| scale.is_percent())
            }
            [..] => false,
        };
        if plain { Form::Plain } else { Form::Quoted }
    }

    fn scale_of(&self, id: super::ids::ExposureId) -> Option<Scale> {
        let mut all = self.ast.items.iter().filter_map(|item| {
            if let ast::Item::Exposure(exposure) = item {
                Some(exposure)
            } else {
                None
            }
        });
        all.nth(id.index()).and_then(|one| one.scale.clone())
    }
}

/// Where a place in JSON is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// Inside of a string.
    Inside,
    /// Anywhere else.
    Outside,
}

/// Where the place behind a piece of text is.
fn behind(piece: &str, mut at: At) -> At {
    let mut chars = piece.chars();
    while let Some(ch) = chars.next() {
        match (ch, at) {
            ('"', At::Inside) => at = At::Outside,
            ('"', At::Outside) => at = At::Inside,
            ('\\', At::Inside) => {
                chars.next();
            }
            (_, At::Inside | At::Outside) => {}
        }
    }
    at
}
