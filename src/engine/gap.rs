//! Owns the time in which nobody looked: what it was is asked from the sources that remember it, and judged as if someone had
//! looked. What no source remembers is no data.

use super::effect::{Effect, Note};
use super::guard::slowest;
use super::input::{Past, Reading};
use super::polls::{blind_after, is_needed};
use super::state::{Gap, Phase, Task};
use super::time::Moment;
use super::transition::Move;
use crate::plan::{MetricId, OnBlind};
use crate::value::Millis;

impl Move<'_> {
    /// Nobody looked for this long, up to now.
    pub(super) fn unwatched(&mut self, gap: Millis) {
        let goes_on = match &self.state.phase {
            Phase::Rolling { .. } | Phase::RollingBack { .. } => true,
            Phase::New | Phase::Preparing(_) | Phase::Closing(_) | Phase::Final(_) => false,
        };
        if !goes_on || self.state.turn.is_some() || self.state.leaving.is_some() {
            return;
        }
        let now = self.state.now;
        let mut from = Moment(now.0.saturating_sub(gap.0)).max(self.state.place_began());
        if self.state.eyes_since.after(gap) <= now {
            // Not the gap that was said when the run was taken up: this runner was stopped, or the machine suspended.
            self.say(Note::Unwatched { gap });
            self.forgive(gap);
            self.state.eyes_since = now;
        }
        if let Some(before) = self.state.gap.take() {
            from = from.min(before.from);
        }
        let mut waiting = Vec::new();
        for metric in &self.plan.metrics {
            if !is_needed(self.plan, self.state, metric.id) {
                continue;
            }
            if let Some(known) = self.state.metrics.get_mut(metric.id.index()) {
                known.due = now;
            }
            let is_remembered = metric.source.is_remembered();
            if is_remembered && now.since(from) >= metric.every {
                waiting.push(metric.id);
                self.out.push(Effect::LookBack {
                    metric: metric.id,
                    from,
                    to: now,
                });
            }
        }
        if !waiting.is_empty() {
            self.state.gap = Some(Gap {
                from,
                to: now,
                waiting,
                told: Vec::new(),
            });
        }
    }

    /// What a source remembers of the gap. When all have said, it is judged.
    pub(super) fn recalled(&mut self, metric: MetricId, past: &[Past], failed: Option<&str>) {
        let Some(gap) = &mut self.state.gap else {
            return;
        };
        let Some(place) = gap.waiting.iter().position(|waiting| *waiting == metric) else {
            return;
        };
        gap.waiting.remove(place);
        gap.told.push((metric, past.to_vec()));
        let is_whole = gap.waiting.is_empty();
        let is_value = |past: &&Past| matches!(past.reading, Reading::Value(_));
        self.say(Note::Recalled {
            metric,
            values: past.iter().filter(is_value).count(),
            of: past.len(),
            failed: failed.map(str::to_owned),
        });
        if is_whole && let Some(gap) = self.state.gap.take() {
            self.relive(&gap);
        }
    }

    /// Judges the samples of the gap in the order of their times.
    fn relive(&mut self, gap: &Gap) {
        let now = self.state.now;
        let mut all: Vec<(Moment, MetricId, &Reading)> = gap
            .told
            .iter()
            .flat_map(|(metric, past)| {
                let inside = past
                    .iter()
                    .filter(|past| gap.from < past.at && past.at <= gap.to);
                inside.map(|past| (past.at, *metric, &past.reading))
            })
            .collect();
        all.sort_by_key(|(at, metric, _)| (*at, *metric));
        // What was in between has been counted already, if it was short.
        let is_long = gap.to.since(gap.from) > self.plan.limits.max_gap;
        let mut counted = gap.from;
        for (index, (at, metric, reading)) in all.iter().enumerate() {
            let is_last = all
                .get(index.saturating_add(1))
                .is_none_or(|next| next.0 > *at);
            if self.relive_one(*at, *metric, reading) {
                return;
            }
            if is_last && is_long {
                if self.all_see(*at) {
                    self.give_soak(at.since(counted));
                }
                counted = *at;
            }
        }
        if is_long && !all.is_empty() && self.all_see(gap.to) {
            self.give_soak(gap.to.since(counted));
        }
        for metric in &mut self.state.metrics {
            metric.due = now;
        }
    }

    /// One sample of the gap. Returns whether the run went another way by it.
    fn relive_one(&mut self, at: Moment, metric: MetricId, reading: &Reading) -> bool {
        let now = self.state.now;
        let plan = self.plan;
        // It is judged by what was known then.
        self.state.now = at;
        self.note_reading(metric, reading);
        let mut over = false;
        match &self.state.phase {
            Phase::Rolling { stage, began, .. } => {
                let (stage, began) = (*stage, *began);
                for guard in &plan.guards {
                    if !guard.scope.covers(stage)
                        || guard.condition.metrics.first() != Some(&metric)
                    {
                        continue;
                    }
                    self.state.now = at;
                    let proof = self.watch(guard, began);
                    self.state.now = now;
                    let Some(mut proof) = proof else {
                        continue;
                    };
                    let ago = now.since(at);
                    if ago.0 > 0 {
                        let late = format!(" (that was {ago} ago, while nobody looked)");
                        proof.short.push_str(&late);
                        proof.whole.push_str(&late);
                    }
                    self.trip(guard, proof);
                    if self.state.turn.is_some() || self.state.stage() != Some(stage) {
                        over = true;
                        break;
                    }
                }
            }
            Phase::RollingBack { .. } => {
                self.judge_level(metric);
                over = !matches!(
                    self.state.task(),
                    Some(Task::Recovering(_) | Task::Watching(_))
                );
            }
            Phase::New | Phase::Preparing(_) | Phase::Closing(_) | Phase::Final(_) => over = true,
        }
        self.state.now = now;
        over
    }

    /// Whether every armed guard that may hold the stage had seen something by then.
    fn all_see(&self, at: Moment) -> bool {
        let Some(stage) = self.state.stage() else {
            return false;
        };
        self.plan.guards.iter().all(|guard| {
            let ignored = match &guard.on_blind {
                OnBlind::Ignore { .. } => true,
                OnBlind::Hold | OnBlind::Rollback => false,
            };
            ignored || !guard.scope.covers(stage) || {
                let known = self.state.guards.get(guard.id.index());
                known.is_some_and(|known| {
                    let limit = blind_after(slowest(self.plan, guard));
                    !known.holding && known.seen.is_some_and(|seen| at.since(seen) <= limit)
                })
            }
        })
    }

    /// The soak gets time of the gap in which every guard saw.
    fn give_soak(&mut self, more: Millis) {
        if self.state.stands_still() {
            return;
        }
        let now = self.state.now;
        for soak in self.soaks() {
            // Never more than there was since it began.
            let most = now.since(soak.began);
            soak.served = Millis(soak.served.0.saturating_add(more.0).min(most.0));
        }
    }
}
