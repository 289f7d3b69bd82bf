//! HTTP requests that change something.

use crate::ast::Expr;

use super::{Expectation, Template};

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is done.
    pub method: Method,
    /// Where.
    pub url: Expr,
    /// Its headers, by their names in small letters.
    pub headers: Vec<(String, HeaderValue)>,
    /// What is sent.
    pub body: Option<Body>,
    /// What is expected of the answer.
    pub expect: Vec<Expectation>,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `post`
    Post,
    /// `put`
    Put,
    /// `patch`
    Patch,
    /// `delete`
    Delete,
}

/// The value of a header.
#[derive(Clone, Debug)]
pub enum HeaderValue {
    /// Text.
    Text(Template),
    /// A secret, by name.
    Secret(String),
    /// `Bearer` and a secret, by name.
    Bearer(String),
}

/// What is sent.
#[derive(Clone, Debug)]
pub struct Body {
    /// Whether it is JSON.
    pub is_json: bool,
    /// Its parts, in order.
    pub parts: Vec<BodyPart>,
}

/// A part of a body.
#[derive(Clone, Debug)]
pub enum BodyPart {
    /// As it is.
    Text(String),
    /// A value.
    Value {
        /// Which: one piece.
        of: Template,
        /// How it is written.
        form: Form,
    },
}

/// How a value is written in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As a part of a string.
    Inside,
    /// As a string.
    Quoted,
    /// As a number or a truth value.
    Plain,
}
