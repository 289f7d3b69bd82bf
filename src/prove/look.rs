//! Owns the look at one state: what can happen in it, and what each of that leads to.

use crate::engine::Effect;
use crate::plan::Plan;

use super::act::{Actor, Watch};
use super::bytes::Bytes;
use super::likeness::likeness;
use super::monitor::{Pair, pairs};
use super::moves::{Missed, Move, moves};
use super::node::Node;
use super::sweep::in_stages;
use super::wide::{Wide, is_too_wide};

/// What stays the same for all states of a plan.
pub(super) struct Ground<'p> {
    pub(super) actor: &'p Actor<'p>,
    pub(super) pairs: Vec<Pair>,
    pub(super) wide: Wide<'p>,
}

/// What is looked at of what can happen in a state.
pub(super) struct Choice {
    pub(super) moves: Vec<Move>,
    /// That is all that can happen.
    pub(super) is_whole: bool,
    /// So much is under way that not everything can be looked at.
    pub(super) is_wide: bool,
}

impl<'p> Ground<'p> {
    pub(super) fn of(actor: &'p Actor<'p>) -> Self {
        let plan = actor.plan;
        Self {
            actor,
            pairs: pairs(plan, &in_stages(plan)),
            wide: Wide::of(plan),
        }
    }

    pub(super) fn choice(&self, node: &Node) -> Choice {
        let mut moves = moves(self.actor.plan, &self.actor.sights, node);
        let is_wide = is_too_wide(&node.state);
        let is_whole = !is_wide || self.wide.keeps_all(&node.state, &mut moves);
        Choice {
            moves,
            is_whole,
            is_wide,
        }
    }
}

/// Where a move leads. Most lead to what was seen already: their ends are made and written in the same room.
pub(super) struct Looker<'g> {
    ground: &'g Ground<'g>,
    next: Node,
    effects: Vec<Effect>,
    key: Bytes,
}

impl<'g> Looker<'g> {
    pub(super) fn of(ground: &'g Ground<'g>) -> Self {
        Self {
            ground,
            next: ground.actor.beginning(),
            effects: Vec::new(),
            key: Bytes::default(),
        }
    }

    /// What a move leads to, with the bytes that make it what it is.
    pub(super) fn take(
        &mut self,
        node: &Node,
        happens: Move,
        watch: Option<Watch<'_>>,
    ) -> (&Node, &[u8]) {
        self.next.clone_from(node);
        self.effects.clear();
        let actor = self.ground.actor;
        actor.take(&mut self.next, happens, (&mut self.effects, watch));
        self.next.monitor.pair(&self.ground.pairs, &self.effects);
        self.key.clear();
        self.write(actor.plan);
        (&self.next, self.key.written())
    }

    fn write(&mut self, plan: &Plan) {
        let Self { next, key, .. } = self;
        let drift = next.wrong.drift.map_or(0, |drift| drift.saturating_add(1));
        let flaps = next
            .wrong
            .flaps
            .map_or(0, |guard| guard.index().saturating_add(1));
        key.put([
            u8::try_from(drift).unwrap_or(u8::MAX),
            u8::try_from(flaps).unwrap_or(u8::MAX),
        ]);
        let missed = next.wrong.misses.map_or(0, |(guard, missed)| {
            let kind = match missed {
                Missed::Many => 1,
                Missed::Newest => 2,
            };
            u32::try_from(guard.index())
                .unwrap_or(u32::MAX)
                .saturating_mul(3)
                .saturating_add(kind)
        });
        key.put(missed.to_le_bytes());
        key.put(next.monitor.bytes());
        self.ground
            .actor
            .sights
            .write_recent(plan, &next.state, key);
        likeness(&next.state, key);
    }
}
