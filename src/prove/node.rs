//! Owns the node of a sweep: where a path has come to.

use crate::engine::{State, copied_in_place};

use super::answered::Answered;
use super::monitor::Monitor;
use super::sight::Wrong;

/// A state with what the sweep knows besides.
pub(super) struct Node {
    pub(super) state: State,
    pub(super) wrong: Wrong,
    pub(super) monitor: Monitor,
    /// When metrics said something.
    pub(super) answered: Answered,
}

copied_in_place! { Node: state wrong monitor answered }
