//! Owns what a test may upset in a runner: its wall clock, and the moment at which it dies. Nothing of it is in a release build.

use std::path::PathBuf;

use crate::journal::FailPoint;

/// Where a test says by how much the wall clock is off. Not in release builds.
pub(super) fn wall_clock() -> Option<PathBuf> {
    if cfg!(debug_assertions) {
        std::env::var_os("RUNBOOK_WALL_CLOCK").map(PathBuf::from)
    } else {
        None
    }
}

/// Where a test lets this runner die. Not in release builds.
pub(super) fn fail_point() -> Option<FailPoint> {
    if cfg!(debug_assertions) {
        FailPoint::parse(&std::env::var("RUNBOOK_FAILPOINT").ok()?)
    } else {
        None
    }
}
