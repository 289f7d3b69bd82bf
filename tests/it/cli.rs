//! Stage `cli`: the command line as users meet it. Each test is what someone types, and what the program says and leaves behind.

/// Holds what was said against the snapshot of this name.
macro_rules! assert_said {
    ($said:expr, $name:literal) => {
        $said
            .settings()
            .bind(|| insta::assert_snapshot!($name, $said.text()))
    };
}

mod accepted;
mod again;
mod approved;
mod bare;
mod captured;
mod closed;
mod environment;
mod files;
mod fix;
mod given;
mod gone;
mod incidents;
mod libraries;
mod live;
mod migrations;
mod online;
mod operated;
mod params;
mod proved;
mod questions;
mod refused;
mod said;
mod session;
mod shellcheck;
mod signals;
mod sources;
mod tested;
mod usual;

/// The folder of the runbooks that are run here.
const RUNBOOKS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/cli");
