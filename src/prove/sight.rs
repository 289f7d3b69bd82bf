//! Owns what the guards are made to see. A streak of an hour is one move: the guard is put at its end, and the sample that
//! trips it goes through the engine. What a move does not speak of is well.

use crate::engine::{
    GuardState, Moment, Phase, Reading, Sight, State, Streak, Task, Turn, blind_after, judge,
    slowest,
};
use crate::plan::{
    Condition, Guard, GuardAction, GuardId, MetricId, OnBlind, Plan, Scope, StageId, Sustain, Way,
    first_look,
};
use crate::simulate::{healthy_values, suitable_values};
use crate::value::Millis;

use super::elapsed;
use super::moves::Missed;
use super::place;
use super::recent::chosen_by;
use super::trips::{Solver, Stand, Trips, Wanted, stands};
use super::unknown::Unknown;

/// So late that no run comes there.
pub(super) const FAR: Moment = Moment(u64::MAX / 4);

/// Values of metrics that make a condition true.
pub(super) type Witness = Vec<(MetricId, f64)>;

/// How the levels of a way are judged.
#[derive(Default)]
pub(super) struct Judged {
    /// What recovery looks like.
    pub(super) recovered: Option<Witness>,
    /// What a relapse looks like.
    pub(super) relapsed: Option<Witness>,
}

/// What is known of a plan's metrics and guards before the sweep begins.
pub(super) struct Sights {
    pub(super) healthy: Vec<f64>,
    candidates: Vec<Vec<f64>>,
    /// How long after the beginning of a stage each guard has certainly looked once.
    looks: Vec<Millis>,
    /// The metrics that the `when` of a level reads.
    pub(super) chosen_by: Vec<MetricId>,
    /// What trips each guard before any other one rolls back.
    pub(super) trips: Trips,
    back: Judged,
    forward: Judged,
    /// Values that a level's `when` reads, each a way in which things can stand at the rollback.
    pub(super) drifts: Vec<Vec<(MetricId, Reading)>>,
    /// The guards that stand for all that act alike, for each trouble.
    pub(super) blind_by: Vec<GuardId>,
    pub(super) flap_by: Vec<GuardId>,
    /// Of which many samples can be missed, and of which the newest ones.
    pub(super) miss_by: Vec<GuardId>,
    pub(super) dim_by: Vec<GuardId>,
    /// How long each guard flaps.
    flaps: Vec<Option<Flap>>,
    /// What the time since a stage began is held against.
    pub(super) marks: Vec<Millis>,
}

impl Sights {
    pub(super) fn of(plan: &Plan, unknown: &Unknown) -> Self {
        let mut sights = Self {
            healthy: healthy_values(plan),
            candidates: suitable_values(plan),
            looks: Vec::new(),
            chosen_by: chosen_by(plan),
            trips: Trips::default(),
            back: Judged::default(),
            forward: Judged::default(),
            drifts: Vec::new(),
            blind_by: Vec::new(),
            flap_by: Vec::new(),
            miss_by: Vec::new(),
            dim_by: Vec::new(),
            flaps: plan.guards.iter().map(|guard| flap(plan, guard)).collect(),
            marks: elapsed::marks(plan),
        };
        let looks = plan.guards.iter().map(|guard| first_look(plan, guard));
        sights.looks = looks.collect();
        let stands = stands(plan, &sights, unknown);
        sights.trips = Trips::of(plan, &sights, &stands);
        sights.back = sights.judging(plan, Way::Back, &stands);
        sights.forward = sights.judging(plan, Way::Forward, &stands);
        sights.drifts = sights.drifting(plan, &stands);
        sights.choose(plan);
        sights
    }

    /// How the levels of a way are judged.
    pub(super) fn judged(&self, way: Way) -> &Judged {
        match way {
            Way::Back => &self.back,
            Way::Forward => &self.forward,
        }
    }

    fn judging(&self, plan: &Plan, way: Way, stands: &[Stand]) -> Judged {
        let recovered = plan.rollback.as_ref().and_then(|one| one.recovered_on(way));
        let shows = |wanted| {
            let one = recovered?;
            self.witness(plan, &stands.first()?.state, &one.condition, wanted)
        };
        Judged {
            recovered: shows(Sight::Breach),
            relapsed: shows(Sight::Ok),
        }
    }

    /// From when on a guard has certainly looked once.
    pub(super) fn looks_from(&self, guard: GuardId, began: Moment) -> Moment {
        let after = self.looks.get(guard.index());
        began.after(after.copied().unwrap_or_default())
    }

    fn flap(&self, guard: GuardId) -> Option<Flap> {
        self.flaps.get(guard.index()).copied().flatten()
    }

    fn choose(&mut self, plan: &Plan) {
        let mut blind: Vec<(&OnBlind, Scope)> = Vec::new();
        let mut flaps = Vec::new();
        let mut misses: Vec<Scope> = Vec::new();
        let mut dims = Vec::new();
        // The quickest stands for the others.
        let mut quick: Vec<&Guard> = plan.guards.iter().collect();
        quick.sort_by_key(|guard| takes(guard));
        for guard in quick {
            let kind = (&guard.on_blind, guard.scope);
            if !matches!(guard.on_blind, OnBlind::Ignore { .. }) && !blind.contains(&kind) {
                blind.push(kind);
                self.blind_by.push(guard.id);
            }
            if let Some(flap) = self.flap(guard.id) {
                // One that ends leaves the guard blind.
                let ends = match flap {
                    Flap::ForEver => None,
                    Flap::Until(span) => Some((span, &guard.on_blind)),
                };
                let kind = (ends, guard.scope);
                if !flaps.contains(&kind) {
                    flaps.push(kind);
                    self.flap_by.push(guard.id);
                }
            }
            if lacks_by_missing(plan, guard) && !misses.contains(&guard.scope) {
                misses.push(guard.scope);
                self.miss_by.push(guard.id);
            }
            let kind = (std::mem::discriminant(&guard.on_blind), guard.scope);
            if !dims.contains(&kind) {
                dims.push(kind);
                self.dim_by.push(guard.id);
            }
        }
    }

    /// A state in a stage, which has lasted for so long, with every metric healthy, for questions about conditions.
    pub(super) fn standing(
        &self,
        plan: &Plan,
        (stage, lasted): (StageId, Millis),
        exposed: &[Option<f64>],
    ) -> State {
        let mut state = State::new(plan);
        state.now = Moment(lasted.0);
        place::put_in_stage(&mut state, stage, Moment(0));
        state.exposures = exposed.to_vec();
        self.read(&mut state);
        state
    }

    fn read(&self, state: &mut State) {
        let at = Moment(state.now.0.saturating_sub(1));
        for (metric, value) in state.metrics.iter_mut().zip(&self.healthy) {
            metric.reading = Some((at, Reading::Value(*value)));
            metric.baseline = Some(*value);
        }
    }

    /// Values that make a condition true, or false; with as few guards in breach as possible.
    pub(super) fn witness(
        &self,
        plan: &Plan,
        state: &State,
        condition: &Condition,
        wanted: Sight,
    ) -> Option<Witness> {
        let stands = state;
        let mut state = state.clone();
        let mut found: Option<(usize, Witness)> = None;
        let mut tries: Vec<Witness> = vec![Vec::new()];
        for metric in condition.metrics.iter().take(3) {
            let none = Vec::new();
            let values = self.candidates.get(metric.index()).unwrap_or(&none);
            tries = tries
                .iter()
                .flat_map(|known| {
                    values.iter().map(|value| {
                        let mut next = known.clone();
                        next.push((*metric, *value));
                        next
                    })
                })
                .take(400)
                .collect();
        }
        for witness in tries {
            put(&mut state, &witness);
            if judge(plan, &state, condition) != wanted {
                continue;
            }
            let minding = plan.guards.iter().filter(|guard| {
                guard.action != GuardAction::Warn
                    && judge(plan, &state, &guard.condition) == Sight::Breach
            });
            let minding = minding.count();
            if found.as_ref().is_none_or(|(least, _)| minding < *least) {
                found = Some((minding, witness));
            }
        }
        let found = found.map(|(_, witness)| witness);
        found.or_else(|| self.solution(plan, stands, condition, wanted))
    }

    /// The same for a condition of more metrics than are tried together, or with values far from what it names.
    fn solution(
        &self,
        plan: &Plan,
        state: &State,
        condition: &Condition,
        wanted: Sight,
    ) -> Option<Witness> {
        let mut solver = Solver {
            plan,
            state: state.clone(),
            candidates: &self.candidates,
        };
        let side = match wanted {
            Sight::Breach => Wanted::Holds,
            Sight::Ok => Wanted::Fails,
            Sight::NoData(_) | Sight::Error(_) => return None,
        };
        let is_there =
            solver.solve(&condition.test, side) && judge(plan, &solver.state, condition) == wanted;
        is_there.then(|| values_of(&solver.state, &condition.metrics))
    }

    /// How the metrics can stand that the `when` of a level reads.
    fn drifting(&self, plan: &Plan, stands: &[Stand]) -> Vec<Vec<(MetricId, Reading)>> {
        let mut all: Vec<Vec<(MetricId, Reading)>> = Vec::new();
        let levels = plan.rollback.iter().flat_map(|one| &one.levels);
        for condition in levels.filter_map(|level| level.when.as_ref()) {
            if condition.metrics.is_empty() {
                continue;
            }
            let ends = [stands.last(), stands.first()].into_iter().flatten();
            let stands = ends
                .chain(stands)
                .flat_map(|stand| [Sight::Breach, Sight::Ok].map(|wanted| (wanted, &stand.state)));
            for (wanted, state) in stands {
                let Some(witness) = self.witness(plan, state, condition, wanted) else {
                    continue;
                };
                let values = witness
                    .iter()
                    .map(|(id, value)| (*id, Reading::Value(*value)));
                let values = values.collect();
                if !all.contains(&values) {
                    all.push(values);
                }
            }
            let silent = |id: &MetricId| (*id, Reading::NoData("no samples".to_owned()));
            all.push(condition.metrics.iter().map(silent).collect());
        }
        all.dedup();
        all
    }

    /// Every metric and guard as it is when nothing is wrong, but for what is known to be: seen until a moment that never
    /// comes, so that the engine waits only for what the sweep is about.
    pub(super) fn rest(&self, plan: &Plan, state: &mut State, wrong: &Wrong) {
        let Phase::Rolling { began, .. } = state.phase else {
            // The guards are mute, and what they have seen decides nothing more.
            state.guards.fill(GuardState::default());
            if let Phase::RollingBack { .. } = state.phase {
                self.forget(plan, state);
            }
            return;
        };
        let known = self.known(state);
        self.read(state);
        // Whoever has taken the run up has looked.
        state.eyes_since = Moment(0);
        if let Some(drift) = wrong.drift.and_then(|index| self.drifts.get(index)) {
            let at = Moment(state.now.0.saturating_sub(1));
            for (metric, reading) in drift {
                if let Some(known) = state.metrics.get_mut(metric.index()) {
                    known.reading = Some((at, reading.clone()));
                }
            }
        }
        self.recall(plan, state, known);
        for metric in &mut state.metrics {
            metric.asked = false;
            metric.due = FAR;
            metric.value = None;
        }
        if let Some(Turn::RollBack { .. }) = state.turn {
            // They are mute already.
            state.guards.fill(GuardState::default());
            return;
        }
        let now = state.now;
        let waits = place::waits_for_guards(state);
        for guard in &plan.guards {
            let Some(known) = state.guards.get_mut(guard.id.index()) else {
                continue;
            };
            if known.blind {
                continue;
            }
            let flaps = wrong.flaps == Some(guard.id);
            let missed = wrong.misses.filter(|(of, _)| *of == guard.id);
            if missed.is_some_and(|(_, missed)| missed == Missed::Newest) {
                // When it began to miss them decides when it is blind.
                known.unsighted = true;
            } else if let (true, true, Some(Flap::Until(span))) =
                (flaps, waits, self.flap(guard.id))
            {
                // Before that it sees as well now and then that all is well.
                known.unsighted = false;
                known.seen = known
                    .seen
                    .filter(|seen| *seen != FAR)
                    .or_else(|| Some(now.after(span)));
            } else {
                known.unsighted = false;
                known.seen = Some(FAR);
            }
            if now >= self.looks_from(guard.id, began) {
                has_looked(known, guard, wrong);
            }
            if known.holding {
                continue;
            }
            known.tripped = false;
            known.recent.clear();
            known.streak = flaps.then(|| streak(now, 1, Millis(0)));
            if let (true, Sustain::OutOf { .. }) = (flaps, guard.sustain) {
                known.recent.push(true);
            }
        }
    }

    /// Puts a guard right before the sample that trips it.
    pub(super) fn on_the_brink(&self, state: &mut State, guard: &Guard, at: Moment) {
        let Some(known) = state.guards.get_mut(guard.id.index()) else {
            return;
        };
        let hits = expected(guard.sustain, guard.every);
        let (span, breaches) = match guard.sustain {
            Sustain::Once => (Millis(0), 0),
            Sustain::Time(span) => (span, 0),
            Sustain::OutOf { breaches, .. } => (Millis(0), breaches),
        };
        *known = GuardState {
            streak: (!matches!(guard.sustain, Sustain::Once))
                .then(|| streak(Moment(at.0.saturating_sub(span.0)), hits, span)),
            seen: Some(Moment(at.0.saturating_sub(1))),
            looked: known.looked.max(1),
            valid: known.valid.max(1),
            ..GuardState::default()
        };
        for _ in 1..breaches {
            known.recent.push(true);
        }
    }

    /// Puts recovery right before the sample that shows it.
    pub(super) fn nearly_recovered(state: &mut State, sustain: Millis, every: Millis, at: Moment) {
        let began = Moment(at.0.saturating_sub(sustain.0));
        let hits = expected(Sustain::Time(sustain), every);
        place::each_task(state, |task| {
            if let Task::Recovering(recovery) = task {
                recovery.streak = Some(streak(began, hits, sustain));
            }
            if let Task::Watching(watching) = task {
                watching.streak = Some(streak(began, hits, sustain));
            }
        });
    }
}

/// What is wrong with the sight of a state, besides what its guards know themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wrong {
    /// This guard sees breaches that neither clear nor trip.
    pub(super) flaps: Option<GuardId>,
    /// This guard misses samples, and is not blind.
    pub(super) misses: Option<(GuardId, Missed)>,
    /// The metrics that levels ask for stand in this way.
    pub(super) drift: Option<usize>,
}

/// The values that metrics have.
pub(super) fn values_of(state: &State, metrics: &[MetricId]) -> Witness {
    let all = metrics.iter().filter_map(|id| {
        let (_, reading) = state.metrics.get(id.index())?.reading.as_ref()?;
        match reading {
            Reading::Value(value) => Some((*id, *value)),
            Reading::NoData(_) | Reading::Error(_) | Reading::Misconfigured(_) => None,
        }
    });
    all.collect()
}

/// Puts values of metrics.
pub(super) fn put(state: &mut State, witness: &Witness) {
    let at = Moment(state.now.0.saturating_sub(1));
    for (metric, value) in witness {
        if let Some(known) = state.metrics.get_mut(metric.index()) {
            known.reading = Some((at, Reading::Value(*value)));
        }
    }
}

/// Puts the samples of a guard that has looked: as many as it needs, or fewer.
pub(super) fn has_looked(known: &mut GuardState, guard: &Guard, wrong: &Wrong) {
    let lacks = wrong.misses == Some((guard.id, Missed::Many));
    known.looked = if lacks { FEW } else { 1 };
    known.valid = 1;
}

/// Of so many samples that one is there is never enough.
const FEW: u32 = 1_000;

/// Whether a guard can miss so many samples that the stage has to wait for it: between two that it sees, or before the first, it can
/// miss only those of the time in which it becomes blind.
fn lacks_by_missing(plan: &Plan, guard: &Guard) -> bool {
    if plan.limits.guard_rules >= 2 && matches!(guard.on_blind, OnBlind::Ignore { .. }) {
        return false;
    }
    let unseen = blind_after(slowest(plan, guard))
        .0
        .checked_div(guard.every.0);
    let missed = u32::try_from(unseen.unwrap_or_default()).unwrap_or(FEW - 2);
    guard.coverage * f64::from(missed.min(FEW - 2).saturating_add(2)) > 1.0
}

/// How long a guard can see breaches that neither clear nor trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flap {
    /// Too few of them are ever there at once.
    ForEver,
    /// The last one comes this long after the first one. Then it sees a breach that trips, or nothing until it is blind.
    Until(Millis),
}

/// How long a guard flaps; nothing where each breach trips. It sees them as seldom as it can without being blind.
fn flap(plan: &Plan, guard: &Guard) -> Option<Flap> {
    let apart = silence(plan, guard);
    match guard.sustain {
        Sustain::Once => None,
        Sustain::OutOf { breaches, .. } => {
            let between = breaches.checked_sub(2)?;
            let span = apart.0.saturating_mul(u64::from(between));
            Some(Flap::Until(Millis(span)))
        }
        Sustain::Time(span) => {
            let seen = span.0.checked_div(apart.0).unwrap_or(0).saturating_add(1);
            let trips =
                guard.coverage * number(expected(guard.sustain, guard.every)) <= number(seen);
            Some(if trips {
                Flap::Until(span)
            } else {
                Flap::ForEver
            })
        }
    }
}

/// A number of samples.
fn number(samples: u64) -> f64 {
    f64::from(u32::try_from(samples).unwrap_or(u32::MAX))
}

/// How long after a stage's beginning a guard can trip at the earliest.
pub(super) fn trips_after(guard: &Guard) -> Millis {
    guard.warmup.saturating_add(lasts(guard))
}

/// How long a breach must last for a guard to trip.
pub(super) fn lasts(guard: &Guard) -> Millis {
    match guard.sustain {
        Sustain::Once => Millis(0),
        Sustain::Time(span) => span,
        Sustain::OutOf { breaches, .. } => {
            let polls = u64::from(breaches.saturating_sub(1));
            Millis(guard.every.0.saturating_mul(polls))
        }
    }
}

/// How long after a stage's beginning a guard can have tripped at the latest, when all that it sees is a breach.
pub(super) fn takes(guard: &Guard) -> Millis {
    let span = match guard.sustain {
        Sustain::Once => Millis(0),
        Sustain::Time(span) => span,
        Sustain::OutOf { breaches, .. } => {
            Millis(guard.every.0.saturating_mul(u64::from(breaches)))
        }
    };
    let start = guard.warmup.saturating_add(guard.every);
    start.saturating_add(span).saturating_add(guard.every)
}

/// When a guard counts as blind that has last seen something at a moment.
pub(super) fn blind_at(plan: &Plan, guard: &Guard, (began, last): (Moment, Moment)) -> Moment {
    let armed = began.after(guard.warmup);
    last.max(armed).after(silence(plan, guard))
}

/// How long nothing is seen when a guard is found to be blind.
pub(super) fn silence(plan: &Plan, guard: &Guard) -> Millis {
    Millis(blind_after(slowest(plan, guard)).0.saturating_add(1))
}

/// Guards that differ only in how long they leave a person are alike.
pub(super) fn alike(action: GuardAction) -> GuardAction {
    match action {
        GuardAction::Decide { otherwise, .. } => GuardAction::Decide {
            within: Millis(0),
            otherwise,
        },
        GuardAction::Warn | GuardAction::Hold | GuardAction::Rollback { .. } => action,
    }
}

fn expected(sustain: Sustain, every: Millis) -> u64 {
    match sustain {
        Sustain::Once | Sustain::OutOf { .. } => 1,
        Sustain::Time(span) => span.0.checked_div(every.0).unwrap_or(0).saturating_add(1),
    }
}

fn streak(began: Moment, hits: u64, span: Millis) -> Streak {
    let step = span.0.checked_div(hits.max(1)).unwrap_or(0);
    Streak {
        began,
        hits: (0..hits)
            .map(|hit| began.after(Millis(step.saturating_mul(hit))))
            .collect(),
    }
}
