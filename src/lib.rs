//! The runbook language and engine.
//!
//! The data flows one way, and a module imports only from modules above it in this list:
//!
//! ```text
//! text -> syntax -> ast -> link -> check -> plan -> engine <-> world (simulate | prove | execute) -> journal -> report
//! ```

pub mod source;

pub mod diag;

pub mod value;

pub mod ast;

pub mod syntax;

pub mod fmt;

pub mod link;

pub mod check;

pub mod plan;

pub mod engine;

pub mod world;

pub mod journal;

pub mod simulate;

pub mod prove;

pub mod execute;

pub mod report;

pub mod demo;

pub mod cli;
