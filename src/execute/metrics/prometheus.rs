//! Owns the instant query of the Prometheus HTTP API, which other stores answer too.

use reqwest::header::{DATE, HeaderMap};
use serde::Deserialize;
use serde_json::Value as Json;

use super::super::clock::Look;
use super::super::headers::Headers;
use super::super::jq::not_json;
use super::super::text;
use super::super::web::{Reply, Silence, Web};
use crate::engine::Reading;
use crate::value::Millis;

/// A longer query goes into a form: proxies cut long addresses.
const LONG: usize = 2_000;

/// An instant query and its bounds.
pub(super) struct Ask<'a> {
    /// Base address, without `/api/v1`.
    pub(super) url: &'a str,
    pub(super) query: &'a str,
    pub(super) headers: &'a Headers,
    pub(super) limit: Millis,
    /// A value older than this, in time of the run, is no data.
    pub(super) stale: Millis,
    pub(super) speed: f64,
}

#[derive(Deserialize)]
struct Answer {
    status: String,
    data: Option<Data>,
    #[serde(default, rename = "errorType")]
    error_type: String,
    #[serde(default)]
    error: String,
    #[serde(default)]
    warnings: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    result_type: String,
    result: Json,
}

pub(super) async fn ask(web: &Web, ask: &Ask<'_>) -> Reading {
    let api = format!("{}/api/v1/query", ask.url.trim_end_matches('/'));
    let form = format!(
        "query={}&{}",
        encoded(ask.query),
        freshness(ask.stale, ask.speed)
    );
    match send(web, &api, (form, ask.headers), ask.limit).await {
        Ok(reply) => read(&reply, ask),
        Err(silence) => super::silent(silence),
    }
}

/// Asks with GET, or with a form when the query is long.
pub(super) async fn send(
    web: &Web,
    api: &str,
    (form, headers): (String, &Headers),
    limit: Millis,
) -> Result<Reply, Silence> {
    if form.len() > LONG {
        web.ask(api, (Some(form), headers), limit).await
    } else {
        web.ask(&format!("{api}?{form}"), (None, headers), limit)
            .await
    }
}

/// How far back a source may look for the newest sample of a series. An answer carries the time of the question, so the source
/// alone knows how old the sample is: Prometheus calls this the lookback, VictoriaMetrics takes the step for it.
fn freshness(stale: Millis, speed: f64) -> String {
    let seconds = real_seconds(stale, speed);
    format!("lookback_delta={seconds}&step={seconds}&{AS_OF_NOW}")
}

/// VictoriaMetrics answers with what was half a minute ago under the time of the question, unless it is told so: the first is for
/// instant queries, the second for ranges. Prometheus takes no notice.
pub(super) const AS_OF_NOW: &str = "nocache=1&latency_offset=1ms";

/// A time of the run in real seconds, as the API takes them.
pub(super) fn real_seconds(span: Millis, speed: f64) -> String {
    let seconds = span.to_std().as_secs_f64() / speed;
    format!("{:.3}", seconds.max(0.001))
}

pub(super) fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn read(reply: &Reply, ask: &Ask<'_>) -> Reading {
    let host = &reply.host;
    let answer: Result<Answer, _> = serde_json::from_slice(&reply.body);
    let said = |answer: &Answer| text::one_line(answer.error.as_bytes());
    match (reply.status, answer) {
        (401 | 403 | 404, _) => super::refused(reply.status, host)
            .unwrap_or_else(|| Reading::Error(format!("{host} refuses the question"))),
        (_, Ok(answer)) if answer.status == "error" && answer.error_type == "bad_data" => {
            Reading::Misconfigured(format!("{host} says: {}", said(&answer)))
        }
        (_, Ok(answer)) if answer.status == "error" => {
            let kind = match answer.error_type.as_str() {
                "" => String::new(),
                kind => format!(" ({})", text::one_line(kind.as_bytes())),
            };
            Reading::Error(format!("{host} says: {}{kind}", said(&answer)))
        }
        (
            200..=299,
            Ok(Answer {
                data: Some(data),
                warnings,
                ..
            }),
        ) => match incomplete(&warnings) {
            Some(why) => Reading::Error(format!("{host} {why}")),
            None => value(&data, reply, ask),
        },
        (200..=299, Ok(_)) => Reading::Error(format!("{host} does not answer like Prometheus")),
        (200..=299, Err(_)) => {
            let why = if is_json(&reply.body) {
                "it does not answer like Prometheus".to_owned()
            } else {
                not_json(&reply.body)
            };
            Reading::Error(format!("{host}: {why}"))
        }
        (status, _) => super::refused(status, host)
            .unwrap_or_else(|| Reading::Error(format!("{host} answers HTTP {status}"))),
    }
}

/// What a source says that makes its answer no evidence: a part of what it was asked about did not answer, or was left out. Remarks on
/// how a query is written are none; older versions of Prometheus put them among the warnings.
pub(super) fn incomplete(warnings: &[String]) -> Option<String> {
    let told = warnings
        .iter()
        .find(|warning| !warning.starts_with("PromQL info:"))?;
    Some(format!(
        "warns that its answer is not whole: {}",
        text::shortened(&text::one_line(told.as_bytes()), 200)
    ))
}

fn is_json(body: &[u8]) -> bool {
    serde_json::from_slice::<Json>(body).is_ok()
}

fn value(data: &Data, reply: &Reply, ask: &Ask<'_>) -> Reading {
    let point = match data.result_type.as_str() {
        "scalar" => &data.result,
        "vector" => {
            let series = data.result.as_array().map_or(&[][..], Vec::as_slice);
            match series {
                [] => return Reading::NoData("the query returned nothing".to_owned()),
                [one] => match one.get("value") {
                    Some(point) => point,
                    None => {
                        return Reading::Misconfigured(
                            "the query gives a histogram, not one number; for example, take its histogram_quantile"
                                .to_owned(),
                        );
                    }
                },
                [first, second, ..] => {
                    return Reading::Misconfigured(format!(
                        "the query gives {} series, not one number, for example {} and {}; combine them, for example with sum(…)",
                        series.len(),
                        labels(first),
                        labels(second)
                    ));
                }
            }
        }
        other => {
            let other = text::one_line(other.as_bytes());
            return Reading::Misconfigured(format!("the query gives a {other}, not one number"));
        }
    };
    let parts = point
        .get(0)
        .and_then(Json::as_f64)
        .zip(point.get(1).and_then(Json::as_str));
    let Some((at, number)) = parts else {
        return Reading::Error(format!("{} does not answer like Prometheus", reply.host));
    };
    let Ok(number) = number.parse() else {
        return Reading::Error(format!("{} does not answer like Prometheus", reply.host));
    };
    let age = age(at, &reply.headers);
    if age * ask.speed > ask.stale.to_std().as_secs_f64() {
        let age = Millis(millis(age));
        return Reading::NoData(format!("its newest value is {age} old"));
    }
    super::number(number)
}

/// How old a point is, in seconds. The source's own clock is asked first: that of this machine may go differently.
#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds of this age of the world fit"
)]
fn age(at: f64, headers: &HeaderMap) -> f64 {
    let theirs = headers
        .get(DATE)
        .and_then(|date| date.to_str().ok())
        .and_then(|date| jiff::fmt::rfc2822::parse(date).ok())
        .map(|date| date.timestamp().as_millisecond());
    theirs.unwrap_or_else(|| Look::now().wall) as f64 / 1_000.0 - at
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the age is positive here, and shown to people in whole seconds"
)]
fn millis(seconds: f64) -> u64 {
    (seconds.round() as u64).saturating_mul(1_000)
}

/// The labels of a series as they are written in a query.
fn labels(series: &Json) -> String {
    let Some(metric) = series.get("metric").and_then(Json::as_object) else {
        return "{}".to_owned();
    };
    let name = metric.get("__name__").and_then(Json::as_str);
    let pairs: Vec<String> = metric
        .iter()
        .filter(|(label, _)| *label != "__name__")
        .map(|(label, value)| format!("{label}={value}"))
        .collect();
    let text = format!("{}{{{}}}", name.unwrap_or_default(), pairs.join(", "));
    text::shortened(&text::without_controls(&text), 80)
}
