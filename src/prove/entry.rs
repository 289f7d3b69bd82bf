//! Owns how a run begins in a proof: what is confirmed, when it comes, and what the metrics say that are asked before the rollout.

use crate::engine::{Entrance, Input, Moment, Phase, Reading};
use crate::plan::Precondition;
use crate::value::Millis;

use super::act::{Acting, PERSON};
use super::moves::Start;

impl Acting<'_, '_, '_> {
    pub(super) fn begin(&mut self, start: Start) {
        let confirms = self.actor.plan.before.iter().filter_map(|one| match one {
            Precondition::Confirm { title } => Some(title.clone()),
            Precondition::Check(_) | Precondition::Approve(_) => None,
        });
        let (confirmed, entry) = match start {
            Start::Unconfirmed => (Vec::new(), Entrance::Now),
            Start::Waits => (
                confirms.collect(),
                Entrance::Wait {
                    most: Millis(400 * 24 * 3_600_000),
                },
            ),
            Start::Well | Start::Elsewhere(_) | Start::Blind | Start::Closed => {
                (confirms.collect(), Entrance::Now)
            }
        };
        if let Start::Elsewhere(way) = start {
            self.node.start = way;
        }
        if matches!(start, Start::Closed | Start::Waits) {
            self.wall = self.actor.walls.closed;
        }
        let input = Input::Begin {
            by: PERSON.to_owned(),
            confirmed,
            entry,
            missing: Vec::new(),
        };
        self.feed(Moment(1), &input);
        self.knows_what_is_usual();
        if start == Start::Blind {
            let first = self.actor.plan.metrics.first().map(|metric| metric.id);
            if let Some(first) = first {
                let reading = Reading::Error("no answer".to_owned());
                self.sample(self.now(), first, reading);
            }
        }
        self.answer_queries();
    }

    /// What is usual has been measured: how that goes decides nothing but whether the run begins.
    fn knows_what_is_usual(&mut self) {
        let usual = &self.actor.sights.healthy;
        for (known, value) in self.node.state.metrics.iter_mut().zip(usual) {
            known.baseline = Some(*value);
        }
        if let Phase::Preparing(preparing) = &mut self.node.state.phase {
            preparing.baselines = Some(Vec::new());
        }
    }

    /// Every metric that is asked before the rollout answers.
    pub(super) fn answer_queries(&mut self) {
        let Phase::Preparing(preparing) = &self.node.state.phase else {
            return;
        };
        for metric in preparing.unanswered.clone() {
            let healthy = self.actor.sights.healthy.get(metric.index());
            let value = healthy.copied().unwrap_or_default();
            self.sample(self.now(), metric, Reading::Value(value));
        }
    }
}
