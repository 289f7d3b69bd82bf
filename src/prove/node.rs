//! Owns the node of a sweep: where a path has come to.

use crate::engine::{Moment, State, copied_in_place};

use super::monitor::Monitor;
use super::sight::Wrong;

/// A state with what the sweep knows besides.
pub(super) struct Node {
    pub(super) state: State,
    pub(super) wrong: Wrong,
    pub(super) monitor: Monitor,
    /// The last moment at which a metric certainly said something: no silence of now began before.
    pub(super) answered: Moment,
}

copied_in_place! { Node: state wrong monitor answered }
