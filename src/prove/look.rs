//! Owns the look at where a move leads: the state behind it, and the bytes that make that state what it is.

use crate::engine::Effect;
use crate::plan::Plan;

use super::act::{Actor, Watch};
use super::bytes::Bytes;
use super::likeness::likeness;
use super::moves::{Missed, Move};
use super::node::Node;
use super::pairs::Pair;

/// Where a move leads. Most lead to what was seen already: their ends are made and written in the same room.
pub(super) struct Looker<'a> {
    actor: &'a Actor<'a>,
    pairs: &'a [Pair],
    next: Node,
    effects: Vec<Effect>,
    key: Bytes,
}

impl<'a> Looker<'a> {
    pub(super) fn of(actor: &'a Actor<'a>, pairs: &'a [Pair]) -> Self {
        Self {
            actor,
            pairs,
            next: actor.beginning(),
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
        let effects = &mut self.effects;
        self.actor.take(&mut self.next, happens, (effects, watch));
        self.next.monitor.pair(self.pairs, &self.effects);
        self.key.clear();
        self.write(self.actor.plan);
        (&self.next, self.key.written())
    }

    /// The state that was looked at last, in exchange for one that is done with.
    pub(super) fn exchange(&mut self, done: Node) -> Node {
        std::mem::replace(&mut self.next, done)
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
        key.put([next.start]);
        key.put(next.monitor.bytes());
        self.actor.sights.write_recent(plan, &next.state, key);
        key.put([u8::from(self.actor.sights.can_be_blind(plan, &next.state))]);
        let over = self.actor.sights.marks_over(&next.state);
        key.put([u8::try_from(over).unwrap_or(u8::MAX)]);
        likeness(&next.state, key);
    }
}
