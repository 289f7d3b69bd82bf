//! Owns how samples become verdicts: warm-up, streaks, coverage, blindness. It does not poll and it does not roll back; it says what a
//! guard has seen, and calls for what the guard's action is.

use std::fmt;

use super::effect::{Note, QuestionAbout};
use super::evidence;
use super::input::{Answer, Reading};
use super::judge::{Sight, judge};
use super::polls::blind_after;
use super::sensed::{GuardState, Streak};
use super::state::{Phase, State, Turn};
use super::time::Moment;
use super::transition::Move;
use crate::plan::{Guard, GuardAction, MetricId, OnBlind, Otherwise, Plan, StageId, Sustain};
use crate::value::Millis;

impl Move<'_> {
    /// A metric has answered.
    pub(super) fn sampled(&mut self, metric: MetricId, reading: &Reading) {
        let plan = self.plan;
        let Some((reading, before)) = self.note_reading(metric, reading) else {
            return;
        };
        if let Some(Turn::Look { .. }) = self.state.turn {
            self.seen_for_level(metric);
            return;
        }
        // What is seen now comes after what was missed: it is asked again when that is known.
        if self.state.gap.is_some() {
            return;
        }
        self.say_unclear(metric, &reading, before.as_ref());
        match &self.state.phase {
            Phase::Preparing(_) => self.answered_before(metric, &reading),
            Phase::Rolling { stage, began, .. } => {
                let (stage, began) = (*stage, *began);
                for guard in &plan.guards {
                    // A rollback that is under way mutes the guards behind the one that tripped.
                    if self.state.turn.is_some() || self.state.stage() != Some(stage) {
                        break;
                    }
                    if guard.scope.covers(stage)
                        && guard.condition.metrics.first() == Some(&metric)
                        && let Some(proof) = self.watch(guard, began)
                    {
                        self.trip(guard, proof);
                    }
                }
            }
            Phase::RollingBack { .. } => {
                self.judge_level(metric);
            }
            Phase::New | Phase::Closing(_) | Phase::Final(_) => {}
        }
    }

    /// Notes an answer at the time of the state. Returns what it stands for, and the answer before it.
    pub(super) fn note_reading(
        &mut self,
        metric: MetricId,
        reading: &Reading,
    ) -> Option<(Reading, Option<(Moment, Reading)>)> {
        let plan = self.plan;
        let described = plan.metrics.get(metric.index())?;
        let reading = match (reading, &described.zero_when, &described.counts_when) {
            (Reading::NoData(_), Some(alive), _)
                if judge(plan, self.state, alive) == Sight::Breach =>
            {
                Reading::Value(0.0)
            }
            // Too little to say anything is no evidence, neither of health nor of harm.
            (Reading::Value(_), _, Some(enough))
                if judge(plan, self.state, enough) != Sight::Breach =>
            {
                let there = evidence::values(plan, self.state, enough);
                Reading::NoData(format!("under {}: {there}", enough.text))
            }
            (reading, _, _) => reading.clone(),
        };
        let now = self.state.now;
        let known = self.state.metrics.get_mut(metric.index())?;
        known.asked = false;
        if let Reading::Value(value) = &reading {
            known.value = Some((now, *value));
        }
        let before = known.reading.replace((now, reading.clone()));
        Some((reading, before))
    }

    /// Says that a metric gives no value: once, not with every poll of an outage.
    fn say_unclear(
        &mut self,
        metric: MetricId,
        reading: &Reading,
        before: Option<&(Moment, Reading)>,
    ) {
        let (Reading::NoData(why) | Reading::Error(why) | Reading::Misconfigured(why)) = reading
        else {
            return;
        };
        let was_clear = !matches!(
            before,
            Some((
                _,
                Reading::NoData(_) | Reading::Error(_) | Reading::Misconfigured(_)
            ))
        );
        if was_clear {
            self.say(Note::Unclear {
                metric,
                why: why.clone(),
            });
        }
    }

    /// One sample of a guard in a stage that began at `began`, taken at the time of the state. Returns the proof when it trips.
    pub(super) fn watch(&mut self, guard: &Guard, began: Moment) -> Option<Proof> {
        let now = self.state.now;
        let warm = began.after(guard.warmup);
        // Every metric that it reads must have been asked since; what is older shows what was before the stage.
        let is_cold = guard.condition.metrics.iter().any(|metric| {
            let known = self.state.metrics.get(metric.index());
            let at = known.and_then(|known| known.reading.as_ref());
            at.is_none_or(|(at, _)| *at < warm)
        });
        if is_cold && self.plan.limits.guard_rules >= 1 || now < warm {
            return None;
        }
        let sight = judge(self.plan, self.state, &guard.condition);
        let known = self.state.guards.get_mut(guard.id.index())?;
        if !known.blind {
            known.looked = known.looked.saturating_add(1);
        }
        match sight {
            Sight::Ok => {
                let was_blind = known.see(now);
                let cleared = known.streak.take().is_some() && !known.tripped;
                known.tripped = false;
                known.holding = false;
                known.remember(guard.sustain, Seen::Ok);
                if was_blind {
                    self.say(Note::Sees { guard: guard.id });
                }
                if cleared {
                    self.say(Note::StreakCleared { guard: guard.id });
                }
            }
            Sight::Breach => {
                let was_blind = known.see(now);
                known.remember(guard.sustain, Seen::Breach);
                let span = match guard.sustain {
                    Sustain::Time(span) => span,
                    Sustain::Once | Sustain::OutOf { .. } => Millis(0),
                };
                let fresh = known.streak.is_none();
                known
                    .streak
                    .get_or_insert_with(|| Streak::starting(now))
                    .hit(now, span);
                let trips = !known.tripped && known.trips(guard, now);
                let tripped = known.tripped;
                if was_blind {
                    self.say(Note::Sees { guard: guard.id });
                }
                if trips {
                    let (plan, state) = (self.plan, &*self.state);
                    let short = self.words(|| evidence::of_guard(plan, state, guard));
                    let whole = self.words(|| evidence::of_verdict(plan, state, (guard, &short)));
                    return Some(Proof { short, whole });
                } else if fresh && !tripped {
                    let evidence = self.words(|| evidence::of_guard(self.plan, self.state, guard));
                    self.say(Note::StreakBegan {
                        guard: guard.id,
                        evidence,
                    });
                }
            }
            // Neither clears nor confirms: the streak is frozen.
            Sight::NoData(_) | Sight::Error(_) => known.unsighted = true,
        }
        None
    }

    /// Does what a guard is for.
    pub(super) fn trip(&mut self, guard: &Guard, proof: Proof) {
        let Proof {
            short: evidence,
            whole,
        } = proof;
        self.say(Note::Tripped {
            guard: guard.id,
            evidence: whole,
        });
        if let Some(known) = self.state.guards.get_mut(guard.id.index()) {
            known.tripped = true;
            known.holding = guard.action == GuardAction::Hold;
        }
        match guard.action {
            GuardAction::Warn | GuardAction::Hold => {}
            GuardAction::Decide { within, otherwise } => {
                self.ask(
                    QuestionAbout::Guard(guard.id),
                    evidence,
                    &[Answer::Continue, Answer::Rollback],
                    (Some(within), otherwise),
                );
            }
            GuardAction::Rollback { from } => self.roll_back(from, evidence),
        }
    }

    /// Finds the guards that have seen nothing for too long.
    pub(super) fn find_blind(&mut self) {
        let Phase::Rolling { stage, began, .. } = &self.state.phase else {
            return;
        };
        let (stage, began) = (*stage, *began);
        if self.state.turn.is_some() || self.state.leaving.is_some() || self.state.gap.is_some() {
            return;
        }
        let plan = self.plan;
        for guard in &plan.guards {
            if self.state.stage() != Some(stage) || !guard.scope.covers(stage) {
                continue;
            }
            // Most have just been seen to see.
            if self.last_look(guard, began) >= self.state.now {
                continue;
            }
            let Some(since) = blind_from(plan, self.state, (guard, began)) else {
                continue;
            };
            if self.state.now < since {
                continue;
            }
            let last = self.last_look(guard, began);
            if let Some(known) = self.state.guards.get_mut(guard.id.index()) {
                known.blind = true;
            }
            let why = self.words(|| evidence::of_blindness(plan, self.state, guard));
            self.say(Note::Blind {
                guard: guard.id,
                why: why.clone(),
            });
            match &guard.on_blind {
                OnBlind::Hold => self.take_back_soak(last),
                OnBlind::Ignore { .. } => {}
                OnBlind::Rollback => self.roll_back(None, why),
            }
        }
    }

    fn last_look(&self, guard: &Guard, began: Moment) -> Moment {
        last_look(self.state, guard, began)
    }

    /// A new stage: nothing that was seen before counts in it.
    pub(super) fn arm(&mut self, stage: StageId) {
        for guard in &self.plan.guards {
            if let Some(known) = self.state.guards.get_mut(guard.id.index()) {
                *known = GuardState::default();
            }
        }
        let now = self.state.now;
        for metric in &mut self.state.metrics {
            if metric.due < now {
                metric.due = now;
            }
        }
        self.say(Note::StageBegan(stage));
    }
}

/// When a guard counts as blind; nothing when it is blind already.
pub(super) fn blind_from(
    plan: &Plan,
    state: &State,
    (guard, began): (&Guard, Moment),
) -> Option<Moment> {
    let known = state.guards.get(guard.id.index())?;
    // A sample at the very end of the time still counts, so it is blind only when that moment is over.
    let over = Millis(blind_after(slowest(plan, guard)).0.saturating_add(1));
    (!known.blind).then(|| last_look(state, guard, began).after(over))
}

/// The time between two samples of the metric that is asked least often: without it the guard knows nothing.
#[must_use]
pub fn slowest(plan: &Plan, guard: &Guard) -> Millis {
    if plan.limits.guard_rules < 1 {
        return guard.every;
    }
    let metrics = guard.condition.metrics.iter();
    metrics
        .filter_map(|metric| Some(plan.metrics.get(metric.index())?.every))
        .fold(guard.every, Millis::max)
}

/// The newest moment at which the guard saw something or began to look.
fn last_look(state: &State, guard: &Guard, began: Moment) -> Moment {
    let armed = began.after(guard.warmup).max(state.eyes_since);
    state
        .guards
        .get(guard.id.index())
        .and_then(|known| known.seen)
        .map_or(armed, |seen| seen.max(armed))
}

/// Whether every guard of a stage lets it end.
#[must_use]
pub fn lets_end(plan: &Plan, state: &State) -> bool {
    in_doubt(plan, state, Coverage::Needed).is_none()
}

/// Why a stage whose time is served may not end yet; nothing when every armed guard has looked and none is in doubt.
pub(super) fn in_doubt<'a>(
    plan: &'a Plan,
    state: &'a State,
    coverage: Coverage,
) -> Option<Doubt<'a>> {
    let stage = state.stage()?;
    plan.guards.iter().find_map(|guard| {
        let known = state.guards.get(guard.id.index())?;
        if !guard.scope.covers(stage)
            || matches!(guard.on_blind, OnBlind::Ignore { .. }) && known.blind
        {
            return None;
        }
        if known.blind && !known.blind_accepted {
            return Some(Doubt::Blind(guard));
        }
        if known.in_streak(guard.sustain) {
            return Some(Doubt::InStreak(guard));
        }
        // Where nobody minds that it is blind, the samples of that time are not waited for afterwards.
        let is_ignored = plan.limits.guard_rules >= 2
            && matches!(guard.on_blind, OnBlind::Ignore { .. })
            && known.looked > 0;
        let lacks = !is_ignored && !known.coverage_accepted && !known.has_coverage(guard.coverage);
        match coverage {
            Coverage::Needed if lacks => return Some(Doubt::NotLooked(guard, known)),
            Coverage::Needed | Coverage::NotYet => {}
        }
        (known.unsighted && !known.blind_accepted && !known.coverage_accepted)
            .then_some(Doubt::Unsighted(guard))
    })
}

/// What a guard keeps a stage from its end by.
#[derive(Clone, Copy)]
pub(super) enum Doubt<'a> {
    Blind(&'a Guard),
    InStreak(&'a Guard),
    NotLooked(&'a Guard, &'a GuardState),
    Unsighted(&'a Guard),
}

impl fmt::Display for Doubt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blind(guard) => write!(f, "guard {} is blind", guard.name),
            Self::InStreak(guard) => {
                write!(f, "guard {} is in the middle of a streak", guard.name)
            }
            Self::NotLooked(guard, known) if known.looked == 0 => write!(
                f,
                "guard {} has not looked yet in this stage (its samples count after {})",
                guard.name, guard.warmup
            ),
            Self::NotLooked(guard, known) => write!(
                f,
                "guard {} has not looked enough in this stage ({} of {} samples are there, {:.0}% are needed)",
                guard.name,
                known.valid,
                known.looked,
                guard.coverage * 100.0
            ),
            Self::Unsighted(guard) => write!(f, "guard {} sees nothing right now", guard.name),
        }
    }
}

/// Why a guard trips, in a sentence.
pub(super) struct Proof {
    pub(super) short: String,
    /// With the queries that were asked.
    pub(super) whole: String,
}

/// Whether guards must have looked at enough of the stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coverage {
    /// At the end of a stage.
    Needed,
    /// At the end of a soak in a stage that goes on.
    NotYet,
}

/// A sample that counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Ok,
    Breach,
}

impl GuardState {
    /// Notes an ok or a breach; returns whether the guard had been blind.
    fn see(&mut self, now: Moment) -> bool {
        self.seen = Some(now);
        self.valid = self.valid.saturating_add(1);
        self.looked = self.looked.max(self.valid);
        self.blind_accepted = false;
        self.unsighted = false;
        std::mem::take(&mut self.blind)
    }

    fn remember(&mut self, sustain: Sustain, seen: Seen) {
        let Sustain::OutOf { samples, .. } = sustain else {
            return;
        };
        self.recent.push(seen == Seen::Breach);
        let over = self.recent.len().saturating_sub(samples as usize);
        self.recent.drain(..over);
    }

    /// Whether the breach that was just noted is the one that trips.
    fn trips(&self, guard: &Guard, now: Moment) -> bool {
        match guard.sustain {
            Sustain::Once => true,
            Sustain::OutOf { breaches, .. } => {
                self.recent.iter().filter(|breach| **breach).count() >= breaches as usize
            }
            Sustain::Time(span) => self.streak.as_ref().is_some_and(|streak| {
                now.since(streak.began) >= span
                    && streak.covers(span, (guard.every, guard.coverage))
            }),
        }
    }

    /// Whether a streak is under way that has neither cleared nor tripped.
    fn in_streak(&self, sustain: Sustain) -> bool {
        if self.tripped {
            return self.holding;
        }
        match sustain {
            Sustain::Once | Sustain::Time(_) => self.streak.is_some(),
            Sustain::OutOf { .. } => self.recent.last() == Some(&true),
        }
    }

    fn has_coverage(&self, needed: f64) -> bool {
        self.valid > 0 && f64::from(self.valid) >= needed * f64::from(self.looked)
    }
}

impl Streak {
    pub(super) fn starting(now: Moment) -> Self {
        Self {
            began: now,
            hits: std::collections::VecDeque::new(),
        }
    }

    /// Notes a sample and forgets those that are older than `span`.
    pub(super) fn hit(&mut self, now: Moment, span: Millis) {
        self.hits.push_back(now);
        while self
            .hits
            .front()
            .is_some_and(|oldest| now.since(*oldest) > span)
        {
            self.hits.pop_front();
        }
    }

    /// How many samples `span` should hold, both of its ends included.
    pub(super) fn expected(span: Millis, every: Millis) -> u64 {
        span.0.checked_div(every.0).unwrap_or(0).saturating_add(1)
    }

    /// Whether enough of the expected samples of the last `span` are there. Silence in the middle adds no evidence.
    #[expect(
        clippy::cast_precision_loss,
        reason = "sample counts stay far below 2^52"
    )]
    pub(super) fn covers(&self, span: Millis, (every, coverage): (Millis, f64)) -> bool {
        self.hits.len() as f64 >= coverage * Self::expected(span, every) as f64
    }
}

/// What an unanswered question about a guard's blindness or breach does: without evidence of harm nothing rolls back by itself.
pub(super) fn exit_of_hold(plan: &Plan, state: &State) -> Otherwise {
    let harm = plan.guards.iter().any(|guard| {
        state
            .guards
            .get(guard.id.index())
            .is_some_and(|known| known.streak.is_some() || known.holding)
    });
    if harm {
        Otherwise::Rollback
    } else {
        Otherwise::Stuck
    }
}
