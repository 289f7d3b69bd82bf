//! Stage `cli`: the command line as users meet it. Each test is what someone types, and what the program says and leaves behind.

mod files;
mod operated;
mod params;
mod refused;
mod said;
mod signals;

/// The folder of the runbooks that are run here.
const RUNBOOKS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/cli");
