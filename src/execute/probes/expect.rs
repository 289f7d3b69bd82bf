//! Owns `expect` lines: what was seen against what was expected, and the sentence when they differ.

use std::cmp::Ordering;

use super::super::jq::{self, Fault, Found};
use super::super::short::Short;
use super::super::text;
use super::super::web::Reply;
use crate::plan::{Comparison, Expectation, Observed};
use crate::value::{Millis, Value, Version};

/// What a probe saw.
#[derive(Clone, Debug)]
pub(in super::super) enum Seen {
    Http(Reply),
    Connected,
    Command { status: i32, short: Short },
}

/// One thing that was seen.
enum Fact {
    Number(f64),
    Text(String),
    Bool(bool),
    /// It is not there.
    Missing(String),
}

impl Fact {
    fn show(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => {
                let text = text::without_controls(text);
                format!("{:?}", text::shortened(text.trim(), 80))
            }
            Self::Bool(value) => value.to_string(),
            Self::Missing(what) => what.clone(),
        }
    }
}

/// Holds what was seen against all expectations.
///
/// What nothing is said about has to be a success: an answer with a status of 200 to 299, a command that exits with 0.
///
/// # Errors
/// The first expectation that does not hold, as a sentence.
pub(in super::super) async fn judge(
    expect: &[Expectation],
    seen: &Seen,
    limit: Millis,
) -> Result<(), String> {
    succeeded(expect, seen)?;
    for line in expect {
        let (what, fact) = observe(&line.of, seen, limit).await?;
        if !holds(&fact, line.comparison, &line.value) {
            return Err(format!(
                "{what} is {}, expected {} {}",
                fact.show(),
                line.comparison.symbol(),
                line.value
            ));
        }
    }
    Ok(())
}

fn succeeded(expect: &[Expectation], seen: &Seen) -> Result<(), String> {
    match seen {
        Seen::Http(reply) => {
            let said = expect.iter().any(|line| line.of == Observed::Status);
            if !said && !(200..=299).contains(&reply.status) {
                return Err(format!("status is {}, expected 200 to 299", reply.status));
            }
        }
        Seen::Connected => {}
        Seen::Command { status, short } => {
            let said = expect.iter().any(|line| line.of == Observed::Exit);
            if !said && *status != 0 {
                let last = short.said();
                return Err(if last.is_empty() {
                    format!("exit is {status}, expected 0")
                } else {
                    format!("exit is {status}, expected 0: {last}")
                });
            }
        }
    }
    Ok(())
}

/// What an expectation looks at: its name in the sentence, and what is there.
async fn observe(of: &Observed, seen: &Seen, limit: Millis) -> Result<(String, Fact), String> {
    let text = |bytes: &[u8]| Fact::Text(String::from_utf8_lossy(bytes).into_owned());
    let fact = match seen {
        Seen::Http(reply) => match of {
            Observed::Status => Fact::Number(f64::from(reply.status)),
            Observed::Body => text(reply.body.trim_ascii_end()),
            Observed::Header(name) => match reply.headers.get(name.as_str()) {
                Some(value) => text(value.as_bytes()),
                None => Fact::Missing("not there".to_owned()),
            },
            Observed::Json(filter) => json(filter, reply.body.clone(), limit).await?,
            Observed::Output | Observed::Exit => Fact::Missing("not there".to_owned()),
        },
        Seen::Command { status, short } => match of {
            Observed::Output => Fact::Text(short.printed()),
            Observed::Exit => Fact::Number(f64::from(*status)),
            Observed::Json(filter) => json(filter, short.output.clone(), limit).await?,
            Observed::Status | Observed::Body | Observed::Header(_) => {
                Fact::Missing("not there".to_owned())
            }
        },
        Seen::Connected => Fact::Missing("not there".to_owned()),
    };
    let name = match of {
        Observed::Status => "status".to_owned(),
        Observed::Body => "body".to_owned(),
        Observed::Json(filter) => format!("json(\"{filter}\")"),
        Observed::Header(name) => format!("header(\"{name}\")"),
        Observed::Output => "output".to_owned(),
        Observed::Exit => "exit".to_owned(),
    };
    Ok((name, fact))
}

async fn json(filter: &str, body: Vec<u8>, limit: Millis) -> Result<Fact, String> {
    let missing = |what: &str| Ok(Fact::Missing(what.to_owned()));
    match jq::apply(filter, body, limit).await {
        Ok(Found::Number(number)) => Ok(Fact::Number(number)),
        Ok(Found::Bool(value)) => Ok(Fact::Bool(value)),
        Ok(Found::Text(text)) => Ok(Fact::Text(text)),
        Ok(Found::Nothing) => missing("nothing"),
        Ok(Found::Null) => missing("null"),
        Ok(Found::Several) => missing("several values"),
        Ok(Found::Composite(kind)) => missing(kind),
        Err(Fault::Filter(why) | Fault::Answer(why)) => Err(why),
    }
}

/// Whether a fact compares with a value as expected. What is not there, or is of another kind, satisfies no comparison.
fn holds(fact: &Fact, comparison: Comparison, value: &Value) -> bool {
    match fact {
        Fact::Missing(_) => false,
        Fact::Bool(seen) => {
            let Value::Bool(wanted) = value else {
                return false;
            };
            by_order(comparison, seen.cmp(wanted))
        }
        Fact::Number(seen) => value
            .plain()
            .parse()
            .is_ok_and(|wanted| comparison.holds(*seen, wanted)),
        Fact::Text(seen) => {
            let wanted = value.plain();
            if let Value::Version(wanted) = value {
                return seen
                    .trim()
                    .parse::<Version>()
                    .is_ok_and(|seen| by_order(comparison, seen.cmp(wanted)));
            }
            if is_number(value) {
                return seen
                    .trim()
                    .parse()
                    .ok()
                    .zip(wanted.parse().ok())
                    .is_some_and(|(seen, wanted)| comparison.holds(seen, wanted));
            }
            by_order(comparison, seen.as_str().cmp(wanted.as_str()))
        }
    }
}

fn is_number(value: &Value) -> bool {
    match value {
        Value::Int(_)
        | Value::Number(_)
        | Value::Percent(_)
        | Value::Duration(_)
        | Value::Rate(_)
        | Value::Bytes(_) => true,
        Value::Text(_)
        | Value::Bool(_)
        | Value::Version(_)
        | Value::Date(_)
        | Value::Time(_)
        | Value::Url(_)
        | Value::Path(_)
        | Value::OneOf(_)
        | Value::List(_) => false,
    }
}

fn by_order(comparison: Comparison, order: Ordering) -> bool {
    match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
}
