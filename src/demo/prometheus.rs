//! The Prometheus HTTP query API over the demo's series: `query`, `query_range`, `status/buildinfo`, `/-/ready`.
//! Answers have the shapes of Prometheus: values as strings, errors as `errorType` and `error`, timestamps in real unix
//! seconds. `start`, `end`, `step` and `time` are real; only durations inside a query are compressed.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Query, Request, State};
use axum::http::{StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value as Answer, json};

use super::pace::Unix;
use super::production::Shared;
use super::promql::{Expr, QueryError, Sample, Value, evaluate, parse};
use super::series::Labels;

/// Prometheus refuses more points than this in one range query.
const MAX_POINTS: f64 = 11_000.0;

type Reply = (StatusCode, Json<Answer>);

/// The routes of the query API.
pub(super) fn routes(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/api/v1/query", get(query).post(query_by_post))
        .route(
            "/api/v1/query_range",
            get(query_range).post(query_range_by_post),
        )
        .route("/api/v1/status/buildinfo", get(buildinfo))
        .route("/-/ready", get(async || "Prometheus Server is Ready.\n"))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&shared),
            fail_when_lost,
        ))
        .with_state(shared)
}

async fn fail_when_lost(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let lost = shared.site().metrics_lost(shared.pace.now(), |written| {
        shared.pace.real_seconds(written)
    });
    if lost {
        let error = json!({ "status": "error", "errorType": "unavailable", "error": "the metrics store is down" });
        return (StatusCode::SERVICE_UNAVAILABLE, Json(error)).into_response();
    }
    next.run(request).await
}

#[derive(Deserialize)]
struct Instant {
    query: String,
    time: Option<Unix>,
}

#[derive(Deserialize)]
struct Range {
    query: String,
    start: Unix,
    end: Unix,
    step: String,
}

async fn query(State(shared): State<Arc<Shared>>, uri: Uri) -> Reply {
    parameters(&uri)
        .and_then(|instant| answer_instant(&shared, &instant))
        .unwrap_or_else(refuse)
}

async fn query_by_post(State(shared): State<Arc<Shared>>, body: String) -> Reply {
    form(&body)
        .and_then(|instant| answer_instant(&shared, &instant))
        .unwrap_or_else(refuse)
}

async fn query_range(State(shared): State<Arc<Shared>>, uri: Uri) -> Reply {
    parameters(&uri)
        .and_then(|range| answer_range(&shared, &range))
        .unwrap_or_else(refuse)
}

async fn query_range_by_post(State(shared): State<Arc<Shared>>, body: String) -> Reply {
    form(&body)
        .and_then(|range| answer_range(&shared, &range))
        .unwrap_or_else(refuse)
}

async fn buildinfo() -> Reply {
    let data = json!({
        "version": env!("CARGO_PKG_VERSION"), "revision": "demo", "branch": "", "buildUser": "", "buildDate": "",
        "goVersion": "",
    });
    (
        StatusCode::OK,
        Json(json!({ "status": "success", "data": data })),
    )
}

fn parameters<T: serde::de::DeserializeOwned>(uri: &Uri) -> Result<T, QueryError> {
    let parsed = Query::<T>::try_from_uri(uri);
    parsed
        .map(|Query(found)| found)
        .map_err(|error| QueryError::BadData(error.body_text()))
}

/// A form's body is written like the query part of an address, so it is read as one.
fn form<T: serde::de::DeserializeOwned>(body: &str) -> Result<T, QueryError> {
    let uri = format!("/?{body}")
        .parse()
        .map_err(|_| QueryError::BadData("the form cannot be read".to_owned()))?;
    parameters(&uri)
}

fn refuse(error: QueryError) -> Reply {
    let (code, kind, error) = match error {
        QueryError::BadData(error) => (StatusCode::BAD_REQUEST, "bad_data", error),
        QueryError::Execution(error) => (StatusCode::UNPROCESSABLE_ENTITY, "execution", error),
    };
    (
        code,
        Json(json!({ "status": "error", "errorType": kind, "error": error })),
    )
}

fn success(kind: &str, result: Answer) -> Reply {
    let data = json!({ "resultType": kind, "result": result });
    (
        StatusCode::OK,
        Json(json!({ "status": "success", "data": data })),
    )
}

fn answer_instant(shared: &Shared, instant: &Instant) -> Result<Reply, QueryError> {
    let expr = parse(&instant.query)?;
    let at = instant.time.unwrap_or_else(|| shared.pace.now());
    let reply = match evaluate(&expr, &shared.store(), shared.pace, at)? {
        Value::Scalar(value) => success("scalar", pair(at, value)),
        Value::Vector(samples) => {
            let each = samples
                .iter()
                .map(|sample| json!({ "metric": sample.labels, "value": pair(at, sample.value) }));
            success("vector", each.collect())
        }
    };
    Ok(reply)
}

fn answer_range(shared: &Shared, range: &Range) -> Result<Reply, QueryError> {
    let expr = parse(&range.query)?;
    let bad = |why: &str| QueryError::BadData(why.to_owned());
    let step = range
        .step
        .trim_end_matches('s')
        .parse::<f64>()
        .map_err(|_| bad("step is a number of seconds"))?;
    let within =
        step > 0.0 && range.end >= range.start && (range.end - range.start) / step < MAX_POINTS;
    if !within {
        return Err(bad(
            "step must be above zero, end not before start, and the points at most 11,000",
        ));
    }
    let series = points(shared, &expr, range, step)?;
    let each = series
        .iter()
        .map(|(labels, values)| json!({ "metric": labels, "values": values }));
    Ok(success("matrix", each.collect()))
}

fn points(
    shared: &Shared,
    expr: &Expr,
    range: &Range,
    step: f64,
) -> Result<BTreeMap<Labels, Vec<Answer>>, QueryError> {
    let store = shared.store();
    let mut series: BTreeMap<Labels, Vec<Answer>> = BTreeMap::new();
    let mut at = range.start;
    while at <= range.end {
        let samples = match evaluate(expr, &store, shared.pace, at)? {
            Value::Scalar(value) => vec![Sample {
                labels: Labels::new(),
                value,
            }],
            Value::Vector(samples) => samples,
        };
        for sample in samples {
            series
                .entry(sample.labels)
                .or_default()
                .push(pair(at, sample.value));
        }
        at += step;
    }
    Ok(series)
}

/// A point as Prometheus writes it: the time in seconds to the millisecond, the value as text.
fn pair(at: Unix, value: f64) -> Answer {
    let text = if value.is_infinite() {
        if value > 0.0 {
            "+Inf".to_owned()
        } else {
            "-Inf".to_owned()
        }
    } else {
        value.to_string()
    };
    json!([(at * 1000.0).round() / 1000.0, text])
}
