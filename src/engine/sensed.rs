//! Owns what a run remembers of its metrics and guards: the newest answers, streaks of samples, and what persons accept of them.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::copy::copied_in_place;
use super::input::Reading;
use super::time::Moment;

/// What a metric last said.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MetricState {
    /// When it is asked next.
    pub due: Moment,
    /// Whether it has been asked and has not answered yet.
    pub asked: bool,
    /// The newest answer, and when it came.
    pub reading: Option<(Moment, Reading)>,
    /// The newest value, and when it came; for people, when there is no newer one.
    pub value: Option<(Moment, f64)>,
    /// What was measured as usual before the rollout.
    #[serde(default)]
    pub baseline: Option<f64>,
}

copied_in_place! { MetricState: due asked reading value baseline }

/// What a guard has seen.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own; every combination is possible"
)]
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GuardState {
    /// The streak of breaches, for `for D`.
    pub streak: Option<Streak>,
    /// The newest samples, oldest first, breach or not; for `for K of N`.
    pub recent: Vec<bool>,
    /// The newest ok or breach of this stage.
    pub seen: Option<Moment>,
    /// Answers in this stage that count, of any kind.
    pub looked: u32,
    /// Those of them that were ok or breach.
    pub valid: u32,
    /// Its newest answer that counts was neither ok nor breach.
    pub unsighted: bool,
    /// Neither ok nor breach for too long.
    pub blind: bool,
    /// A person accepts that it is blind, until it sees again.
    pub blind_accepted: bool,
    /// A person accepts that it has not looked enough in this stage.
    pub coverage_accepted: bool,
    /// It tripped, or a person accepts its breach, until it clears.
    pub tripped: bool,
    /// It holds the stage until it clears.
    pub holding: bool,
}

impl Clone for GuardState {
    fn clone(&self) -> Self {
        let mut new = Self::default();
        new.clone_from(self);
        new
    }

    // As the others are copied in place, and what is empty in both, as it is in most, is passed over: there are many guards.
    #[inline]
    fn clone_from(&mut self, from: &Self) {
        let Self {
            streak,
            recent,
            seen,
            looked,
            valid,
            unsighted,
            blind,
            blind_accepted,
            coverage_accepted,
            tripped,
            holding,
        } = from;
        if self.streak.is_some() || streak.is_some() {
            self.streak.clone_from(streak);
        }
        if !self.recent.is_empty() || !recent.is_empty() {
            self.recent.clone_from(recent);
        }
        self.seen = *seen;
        self.looked = *looked;
        self.valid = *valid;
        self.unsighted = *unsighted;
        self.blind = *blind;
        self.blind_accepted = *blind_accepted;
        self.coverage_accepted = *coverage_accepted;
        self.tripped = *tripped;
        self.holding = *holding;
    }
}

/// A streak of samples that say the same.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Streak {
    /// The first.
    pub began: Moment,
    /// The samples of the last `for`, oldest first.
    pub hits: VecDeque<Moment>,
}

copied_in_place! { Streak: began hits }
