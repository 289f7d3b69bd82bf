//! The one test binary: a module per stage, input files and snapshots beside it.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "tests read files and start programs, and a broken assumption should fail them at once"
)]

mod around;
mod canonical;
mod check;
mod clauses;
mod cli;
mod coverage;
mod crash;
mod demo;
mod diag;
mod documented;
mod engine;
mod execute;
mod faults;
mod fmt;
mod fuzz;
mod guards;
mod house;
mod inputs;
mod journal;
mod moment;
mod ports;
mod program;
mod prove;
mod report;
mod runbooks;
mod syntax;
mod trial;
#[path = "../real/wait.rs"]
mod wait;
