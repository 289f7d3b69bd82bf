//! A small production on loopback, for `runbook demo`: an app with versions and a feature flag, real traffic, metrics
//! behind the Prometheus query API, and the command-line clients that the steps of `runbooks/demo.runbook` call.
//!
//! It knows nothing of runbooks, plans or the engine: a run meets it from outside, over HTTP and processes, exactly as
//! it would meet a real production. Nothing here reads the environment or the command line.

#![expect(
    clippy::disallowed_methods,
    reason = "the demo is a production of its own: it owns servers, clients, a clock and a few files"
)]

mod app;
mod control;
mod counters;
mod pace;
pub mod production;
mod prometheus;
mod promql;
mod series;
mod site;
pub mod tools;
mod traffic;

pub use production::{Break, Options, Production};
