//! The app over HTTP: `/health`, `/login?user=…`, `/metrics`. What it answers is decided by `site`.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::counters::{Answer, exposition};
use super::production::Shared;

/// The routes of the app.
pub(super) fn routes(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/health", get(health))
        .route("/login", get(login))
        .route("/metrics", get(metrics))
        .with_state(shared)
}

async fn health(State(shared): State<Arc<Shared>>) -> (StatusCode, Json<Value>) {
    let health = shared.site().health(shared.pace.now());
    let (code, status) = if health.ready {
        (StatusCode::OK, "ok")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "starting")
    };
    (
        code,
        Json(json!({ "status": status, "version": health.version, "config": health.config })),
    )
}

#[derive(Deserialize)]
struct Login {
    user: String,
}

async fn login(
    State(shared): State<Arc<Shared>>,
    Query(login): Query<Login>,
) -> (StatusCode, &'static str) {
    match shared.site().login(&login.user) {
        Answer::Welcome => (StatusCode::OK, "welcome\n"),
        Answer::Failed => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "token signature could not be verified\n",
        ),
    }
}

async fn metrics(State(shared): State<Arc<Shared>>) -> String {
    exposition(&shared.site().samples())
}
