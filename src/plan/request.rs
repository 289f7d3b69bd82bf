//! Owns HTTP requests that change something. Pure data; nothing is sent here, and no secret is in it.

use serde::{Deserialize, Serialize};

use super::act::Template;
use super::observe::Expectation;

/// A request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// What is done.
    pub method: Method,
    /// The whole address.
    pub url: String,
    /// Its headers, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<RequestHeader>,
    /// What is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
    /// What is expected of the answer; a success when nothing is said of the status.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expect: Vec<Expectation>,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Method {
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
}

impl Method {
    /// The word of the protocol.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// A header.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestHeader {
    /// Its name, in small letters.
    pub name: String,
    /// Its value.
    pub value: HeaderValue,
}

/// The value of a header.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum HeaderValue {
    /// Text.
    Text(Template),
    /// A secret, by name.
    Secret(String),
    /// `Bearer` and a secret, by name.
    Bearer(String),
}

impl HeaderValue {
    /// The secret that it needs.
    #[must_use]
    pub fn secret(&self) -> Option<&str> {
        match self {
            Self::Text(_) => None,
            Self::Secret(name) | Self::Bearer(name) => Some(name),
        }
    }
}

/// What is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Body {
    /// Whether it is JSON, and says so where no header does.
    pub is_json: bool,
    /// Its parts, in order.
    pub parts: Vec<BodyPart>,
}

/// A part of a body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum BodyPart {
    /// As it is: literals, and all values known before the run.
    Text(String),
    /// A value that only the run knows.
    Value {
        /// Which.
        of: Template,
        /// How it is written.
        form: Form,
    },
}

/// How a value is written in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    /// As a part of a string.
    Inside,
    /// As a string.
    Quoted,
    /// As a number or a truth value.
    Plain,
}

impl Form {
    /// A value as it stands in JSON. A number that is none is not sent as something else: it becomes a string.
    #[must_use]
    pub fn write(self, text: &str) -> String {
        let quoted = serde_json::Value::from(text).to_string();
        match self {
            Self::Quoted => quoted,
            Self::Inside => {
                let inside = quoted.strip_prefix('"');
                inside
                    .and_then(|rest| rest.strip_suffix('"'))
                    .unwrap_or_default()
                    .to_owned()
            }
            Self::Plain => match serde_json::from_str::<serde_json::Value>(text) {
                Ok(value) if value.is_number() || value.is_boolean() => text.to_owned(),
                Ok(_) | Err(_) => quoted,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_never_leaves_its_place() {
        let hostile = "\", \"admin\": true, \"x\": \"\\";
        let inside = format!("{{\"a\": \"{}\"}}", Form::Inside.write(hostile));
        let read: serde_json::Value = serde_json::from_str(&inside).unwrap();
        assert_eq!(read, serde_json::json!({ "a": hostile }));
        assert_eq!(Form::Quoted.write("a\"b"), "\"a\\\"b\"");
        assert_eq!(Form::Plain.write("12.5"), "12.5");
        assert_eq!(Form::Plain.write("true"), "true");
        assert_eq!(Form::Plain.write("1, \"x\": 2"), "\"1, \\\"x\\\": 2\"");
    }
}
