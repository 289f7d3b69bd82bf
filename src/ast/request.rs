//! HTTP requests that change something.

use crate::source::Span;

use super::{Expr, Name, Text};

/// `http post URL { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The method as it is written.
    pub method: Name,
    /// Where to.
    pub url: Expr,
    /// Its headers, in order.
    pub headers: Vec<RequestHeader>,
    /// `body "…"`
    pub body: Option<Text>,
    /// `expect` lines.
    pub expects: Vec<Expr>,
    /// The whole of it.
    pub span: Span,
}

/// A header of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestHeader {
    /// What it says.
    pub kind: HeaderKind,
    /// The whole line.
    pub span: Span,
}

/// What a header says.
#[derive(Clone, Debug, PartialEq)]
pub enum HeaderKind {
    /// `header "NAME" VALUE`
    Plain {
        /// Its name.
        name: Text,
        /// Its value; the name of a secret is allowed here.
        value: Expr,
    },
    /// `bearer SECRET`
    Bearer(Name),
}
