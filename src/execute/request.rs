//! Owns an HTTP request that changes something: this program again, started by a supervisor like any command, so that the request
//! outlives its runner and is bounded like one. What is sent comes through its standard input, which nobody else sees; what came
//! back goes to its output.
//!
//! Its status says what is known, and never more: an answer that did not come is no failure, because what was asked may be done.

use std::io::{Read, Write};

use serde::{Deserialize, Serialize};

use super::probes::{Seen, judge};
use super::scene::Scene;
use super::web::{Lost, Web};
use super::{headers, outputs::Files, text};
use crate::engine::Outcome;
use crate::plan::{BodyPart, Expectation, Request};
use crate::value::Millis;

/// The hidden subcommand.
pub const REQUEST: &str = "__request";

/// The answer is another than was expected.
const REFUSED: i32 = 1;

/// Nothing was sent.
const NOT_SENT: i32 = 3;

/// It was sent, and nobody knows what became of it.
const NO_ANSWER: i32 = 4;

/// It gives up by itself so much before it would be ended, in milliseconds.
const BEFORE: u64 = 250;

/// So much of an answer is kept in the output, in bytes.
const KEPT: usize = 64 * 1024;

/// What is sent, with its secrets.
#[derive(Serialize, Deserialize)]
pub(super) struct Order {
    method: String,
    url: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Option<String>,
    expect: Vec<Expectation>,
    limit: Millis,
}

impl Order {
    /// What is sent, as far as the secrets are there, in the order of the headers.
    pub(super) fn new(
        request: &Request,
        scene: &Scene,
        secrets: std::slice::Iter<'_, Vec<u8>>,
        timeout: Millis,
    ) -> Self {
        let mut headers = headers::filled(&request.headers, scene, secrets);
        if let Some(body) = &request.body
            && headers.iter().all(|(name, _)| name != "content-type")
        {
            let kind = if body.is_json {
                "application/json"
            } else {
                "text/plain; charset=utf-8"
            };
            headers.push(("content-type".to_owned(), kind.as_bytes().to_vec()));
        }
        let body = request.body.as_ref().map(|body| {
            let parts = body.parts.iter();
            parts
                .map(|part| match part {
                    BodyPart::Text(text) => text.clone(),
                    BodyPart::Value { of, form } => form.write(&scene.fill(of)),
                })
                .collect()
        });
        let limit = timeout.0.saturating_sub(BEFORE).max(timeout.0 / 2);
        Self {
            method: request.method.word().to_owned(),
            url: request.url.clone(),
            headers,
            body,
            expect: request.expect.clone(),
            limit: Millis(limit),
        }
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// The whole life of a request; its exit status says what is known.
#[must_use]
pub fn request() -> u8 {
    let mut bytes = Vec::new();
    let read = std::io::stdin().read_to_end(&mut bytes);
    let order: Option<Order> = read.ok().and_then(|_| serde_json::from_slice(&bytes).ok());
    let status = match order {
        Some(order) => sent(&order),
        None => said(NOT_SENT, "what is to be sent was not told"),
    };
    u8::try_from(status).unwrap_or(u8::MAX)
}

fn said(status: i32, why: &str) -> i32 {
    // Its reader is a file; when that takes no more, the status alone has to do.
    let _ = writeln!(std::io::stdout(), "{why}");
    status
}

fn sent(order: &Order) -> i32 {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let Ok(runtime) = runtime else {
        return said(NOT_SENT, "it could not be made ready");
    };
    runtime.block_on(async {
        let web = Web::default();
        let parts = (order.method.as_str(), order.url.as_str());
        let answer = web
            .send(parts, (&order.headers, order.body.as_deref()), order.limit)
            .await;
        let reply = match answer {
            Ok(reply) => reply,
            Err(Lost::NotSent(why)) => return said(NOT_SENT, &why),
            Err(Lost::NoAnswer(why)) => return said(NO_ANSWER, &why),
        };
        let body = reply.body.get(..KEPT).unwrap_or(&reply.body);
        said(0, &format!("{} answers HTTP {}", reply.host, reply.status));
        let mut output = std::io::stdout();
        let _ = output
            .write_all(body)
            .and_then(|()| output.write_all(b"\n"));
        let location = reply.headers.get("location");
        let location = location.map(|to| text::one_line(to.as_bytes()));
        let is_redirect = (300..=399).contains(&reply.status);
        match judge(&order.expect, &Seen::Http(reply), order.limit).await {
            Ok(()) => 0,
            Err(why) => match location.filter(|_| is_redirect) {
                None => said(REFUSED, &why),
                Some(to) => said(
                    REFUSED,
                    &format!("{why}; it points to {to}, and what changes something is not sent on"),
                ),
            },
        }
    })
}

/// Whether a request whose answer was lost may be made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeated {
    /// It says of itself that it may: a lost answer is a failure like any other, and `retry` counts it.
    Harmless,
    /// Nobody knows what a second one would do.
    Unsafe,
}

/// What is done elsewhere by a process of a step, and whether it may be done again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remote {
    Request(Repeated),
    Sql(Repeated),
}

/// What is known of a request by the end of its process.
pub(super) fn known(outcome: Outcome, files: &Files, repeated: Repeated) -> Outcome {
    let unknown = |why: String| match repeated {
        Repeated::Harmless => Outcome::Exited {
            status: REFUSED,
            said: why,
        },
        Repeated::Unsafe => Outcome::Unknown { why },
    };
    match outcome {
        Outcome::Exited {
            status: NOT_SENT, ..
        } => Outcome::NotStarted {
            why: files.last_line(),
        },
        Outcome::Exited {
            status: NO_ANSWER, ..
        } => unknown(format!(
            "it was sent, and its answer was lost: {}",
            files.last_line()
        )),
        Outcome::Exited {
            status: 0 | REFUSED,
            ..
        }
        | Outcome::NotStarted { .. }
        | Outcome::NeverBegan
        | Outcome::Unknown { .. }
        | Outcome::Printed { .. }
        | Outcome::Read { .. } => outcome,
        Outcome::TimedOut => match repeated {
            Repeated::Harmless => Outcome::TimedOut,
            Repeated::Unsafe => unknown("it was sent, and no answer came in time".to_owned()),
        },
        Outcome::Stopped => match repeated {
            Repeated::Harmless => Outcome::Stopped,
            Repeated::Unsafe => {
                unknown("it was told to stop while it waited for its answer".to_owned())
            }
        },
        Outcome::Exited { .. } | Outcome::Signalled { .. } => {
            unknown("what sent it broke down before its answer was known".to_owned())
        }
    }
}
