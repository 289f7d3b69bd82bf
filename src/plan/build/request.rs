//! HTTP requests of the plan.

use super::Builder;
use super::text::Reader;
use crate::check;
use crate::plan::{Body, BodyPart, Form, HeaderValue, Method, Piece, Request, RequestHeader};

impl Builder<'_> {
    pub(super) fn request(&mut self, request: &check::Request) -> Request {
        Request {
            method: match request.method {
                check::Method::Post => Method::Post,
                check::Method::Put => Method::Put,
                check::Method::Patch => Method::Patch,
                check::Method::Delete => Method::Delete,
            },
            url: self.address(&request.url),
            headers: self.headers(&request.headers),
            body: request.body.as_ref().map(|body| self.body(body)),
            expect: self.held_against(&request.expect),
        }
    }

    /// What a server is asked with.
    pub(super) fn headers(
        &mut self,
        headers: &[(String, check::HeaderValue)],
    ) -> Vec<RequestHeader> {
        let all = headers.iter();
        all.map(|(name, value)| RequestHeader {
            name: name.clone(),
            value: match value {
                check::HeaderValue::Text(text) => {
                    HeaderValue::Text(self.template(text, Reader::Program))
                }
                check::HeaderValue::Secret(secret) => HeaderValue::Secret(secret.clone()),
                check::HeaderValue::Bearer(secret) => HeaderValue::Bearer(secret.clone()),
            },
        })
        .collect()
    }

    fn body(&mut self, body: &check::Body) -> Body {
        let mut parts: Vec<BodyPart> = Vec::new();
        for part in &body.parts {
            let part = match part {
                check::BodyPart::Text(text) => BodyPart::Text(text.clone()),
                check::BodyPart::Value { of, form } => {
                    let form = match form {
                        check::Form::Inside => Form::Inside,
                        check::Form::Quoted => Form::Quoted,
                        check::Form::Plain => Form::Plain,
                    };
                    let of = self.template(of, Reader::Program);
                    match of.0.as_slice() {
                        [] => BodyPart::Text(form.write("")),
                        [Piece::Text(text)] => BodyPart::Text(form.write(text)),
                        [..] => BodyPart::Value { of, form },
                    }
                }
            };
            match (parts.last_mut(), part) {
                (Some(BodyPart::Text(before)), BodyPart::Text(text)) => before.push_str(&text),
                (_, part) => parts.push(part),
            }
        }
        Body {
            is_json: body.is_json,
            parts,
        }
    }
}
