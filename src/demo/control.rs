//! The control port: what the demo's tools talk to. JSON in, JSON out; a refusal is `{"error": …}` with its status.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::production::Shared;
use super::site::Refusal;

/// The one flag of the demo.
const FLAG: &str = "new_auth";

type Reply = (StatusCode, Json<Value>);

/// The routes of the control port.
pub(super) fn routes(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/flags/{name}", get(read_flag).post(set_flag))
        .route("/status", get(status))
        .route("/deploy", post(deploy))
        .route("/config/apply", post(apply_config))
        .route("/config/restore", post(restore_config))
        .route("/restart", post(restart))
        .route("/reports", post(report))
        .with_state(shared)
}

fn reply(shared: &Shared, result: Result<(), Refusal>) -> Reply {
    match result {
        Ok(()) => describe(shared),
        Err(Refusal::Invalid(error)) => (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))),
        Err(Refusal::Broken(error)) => (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({ "error": error })),
        ),
    }
}

fn describe(shared: &Shared) -> Reply {
    let site = shared.site();
    let health = site.health(shared.pace.now());
    let status =
        json!({ "version": health.version, "config": health.config, "percent": site.percent() });
    (StatusCode::OK, Json(status))
}

fn unknown_flag(name: &str) -> Reply {
    let error = format!("there is no flag {name:?}; there is {FLAG}");
    (StatusCode::NOT_FOUND, Json(json!({ "error": error })))
}

async fn status(State(shared): State<Arc<Shared>>) -> Reply {
    describe(&shared)
}

async fn read_flag(State(shared): State<Arc<Shared>>, Path(name): Path<String>) -> Reply {
    if name == FLAG {
        describe(&shared)
    } else {
        unknown_flag(&name)
    }
}

#[derive(Deserialize)]
struct Percent {
    percent: f64,
}

async fn set_flag(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    Json(body): Json<Percent>,
) -> Reply {
    if name != FLAG {
        return unknown_flag(&name);
    }
    let result = shared.site().set_percent(body.percent, shared.pace.now());
    reply(&shared, result)
}

#[derive(Deserialize)]
struct Deploy {
    version: String,
}

async fn deploy(State(shared): State<Arc<Shared>>, Json(body): Json<Deploy>) -> Reply {
    let result = shared.site().deploy(&body.version, shared.pace.now());
    reply(&shared, result)
}

#[derive(Deserialize)]
struct Config {
    revision: String,
}

async fn apply_config(State(shared): State<Arc<Shared>>, Json(body): Json<Config>) -> Reply {
    let result = shared.site().store_config(&body.revision);
    reply(&shared, result)
}

async fn restore_config(State(shared): State<Arc<Shared>>) -> Reply {
    shared.site().restore_config();
    describe(&shared)
}

async fn restart(State(shared): State<Arc<Shared>>) -> Reply {
    shared.site().restart(shared.pace.now());
    describe(&shared)
}

#[derive(Deserialize)]
struct Reports {
    count: u64,
}

async fn report(State(shared): State<Arc<Shared>>, Json(body): Json<Reports>) -> Reply {
    shared.site().report(body.count);
    describe(&shared)
}
