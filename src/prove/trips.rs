//! Owns what trips the guards: values that breach a condition where a run comes to stand, before another guard has rolled back.

use crate::engine::{Reading, Sight, State, judge};
use crate::plan::{
    Condition, Guard, GuardAction, GuardId, MetricId, Number, Op, Plan, StageId, Test,
};

use super::elapsed;
use super::sight::{Sights, Witness, alike, put, takes};
use super::unknown::Unknown;

/// Where a run comes to stand: a stage, and how far it has exposed there.
pub(super) struct Stand {
    stage: StageId,
    /// Everything is healthy.
    pub(super) state: State,
}

/// What trips a guard in one place.
struct Trip {
    /// Which place.
    stand: usize,
    stage: StageId,
    witness: Witness,
    /// No quicker guard that acts alike trips there.
    stands_for_others: bool,
}

/// What trips each guard.
#[derive(Default)]
pub(super) struct Trips {
    of: Vec<Vec<Trip>>,
    /// The guards that trip somewhere where no quicker one does that acts alike, the quickest first.
    pub(super) by: Vec<GuardId>,
}

impl Trips {
    /// The quickest guards come first.
    pub(super) fn of(plan: &Plan, sights: &Sights, stands: &[Stand]) -> Self {
        let guards = plan.guards.iter();
        let mut trips = Self {
            of: guards
                .map(|guard| tripping(plan, sights, guard, stands))
                .collect(),
            by: Vec::new(),
        };
        let mut quick: Vec<&Guard> = plan.guards.iter().collect();
        quick.sort_by_key(|guard| takes(guard));
        let mut known: Vec<Vec<GuardAction>> = stands.iter().map(|_| Vec::new()).collect();
        for guard in quick {
            let kind = alike(guard.action);
            for trip in trips.of.get_mut(guard.id.index()).into_iter().flatten() {
                let Some(known) = known.get_mut(trip.stand) else {
                    continue;
                };
                trip.stands_for_others = !known.contains(&kind);
                if trip.stands_for_others {
                    known.push(kind);
                }
                if trip.stands_for_others && trips.by.last() != Some(&guard.id) {
                    trips.by.push(guard.id);
                }
            }
        }
        trips
    }

    /// No guard stands for another one.
    pub(super) fn each_for_itself(&mut self, plan: &Plan) {
        self.of
            .iter_mut()
            .flatten()
            .for_each(|trip| trip.stands_for_others = true);
        let mut quick: Vec<&Guard> = plan.guards.iter().collect();
        quick.sort_by_key(|guard| takes(guard));
        let all = quick.into_iter().map(|guard| guard.id);
        self.by = all.filter(|id| !self.all(*id).is_empty()).collect();
    }

    fn all(&self, guard: GuardId) -> &[Trip] {
        self.of.get(guard.index()).map_or(&[], Vec::as_slice)
    }

    /// Those of one stage: they stand in the order of the stages.
    fn in_stage(&self, guard: GuardId, stage: StageId) -> impl Iterator<Item = &Trip> {
        let all = self.all(guard);
        let before = all.partition_point(|trip| trip.stage < stage);
        let rest = all.iter().skip(before);
        rest.take_while(move |trip| trip.stage == stage)
    }

    /// Whether a guard, or one that acts like it, trips in a stage first.
    pub(super) fn is_by(&self, guard: GuardId, stage: StageId) -> bool {
        self.in_stage(guard, stage)
            .any(|trip| trip.stands_for_others)
    }

    /// What trips a guard as things stand, or, where nothing does, somewhere in the stage.
    pub(super) fn witness(&self, plan: &Plan, state: &State, guard: GuardId) -> Option<&Witness> {
        let stage = state.stage().into_iter();
        let here = stage.flat_map(|stage| self.in_stage(guard, stage));
        let mut all = here.map(|trip| &trip.witness);
        let first = all
            .next()
            .or_else(|| Some(&self.all(guard).first()?.witness))?;
        let others: Vec<&Witness> = all.filter(|one| *one != first).collect();
        if others.is_empty() {
            return Some(first);
        }
        let condition = &plan.guards.get(guard.index())?.condition;
        let mut state = state.clone();
        let mut breaches = |witness: &&Witness| {
            put(&mut state, witness);
            judge(plan, &state, condition) == Sight::Breach
        };
        std::iter::once(first)
            .chain(others)
            .find(|one| breaches(one))
            .or(Some(first))
    }
}

/// Every place where a run comes to stand, stage by stage in the order in which it does.
pub(super) fn stands(plan: &Plan, sights: &Sights, unknown: &Unknown) -> Vec<Stand> {
    let ids = || plan.exposures.iter().map(|one| one.id);
    let starts = (0..unknown.starts()).map(|way| {
        let start = ids().map(|id| Some(unknown.start(way, id)));
        start.collect::<Vec<Option<f64>>>()
    });
    let mut ways: Vec<_> = starts.collect();
    let mut found = Vec::new();
    let lasted = elapsed::samples(&sights.marks);
    for stage in &plan.stages {
        let mut here: Vec<Stand> = Vec::new();
        for exposed in &mut ways {
            let mut stand = |exposed: &[Option<f64>]| {
                if !here.iter().any(|one| one.state.exposures == exposed) {
                    here.extend(lasted.iter().map(|lasted| Stand {
                        stage: stage.id,
                        state: sights.standing(plan, (stage.id, *lasted), exposed),
                    }));
                }
            };
            stand(exposed);
            for op in Op::all(&stage.ops) {
                if let Op::Expose {
                    exposure, target, ..
                } = op
                {
                    if let Some(value) = exposed.get_mut(exposure.index()) {
                        *value = Some(*target);
                    }
                    stand(exposed);
                }
            }
        }
        found.append(&mut here);
    }
    found
}

/// What trips a guard, in each place that it watches.
fn tripping(plan: &Plan, sights: &Sights, guard: &Guard, stands: &[Stand]) -> Vec<Trip> {
    let mut found = Vec::new();
    // Where it reads nothing of the place, the same does everywhere, unless another guard is in the way.
    let is_same = !reads_place(&guard.condition.test);
    let mut known: Option<Option<Witness>> = None;
    for (stand, place) in stands.iter().enumerate() {
        if !guard.scope.covers(place.stage) {
            continue;
        }
        let look = || sights.witness(plan, &place.state, &guard.condition, Sight::Breach);
        let is_first = |witness: &Witness| is_first(plan, place, guard, witness);
        let witness = match &known {
            Some(None) if is_same => None,
            Some(Some(witness)) if is_same && is_first(witness) => Some(witness.clone()),
            Some(_) | None => {
                let witness = look();
                known = Some(witness.clone());
                witness.filter(is_first)
            }
        };
        found.extend(witness.map(|witness| Trip {
            stand,
            stage: place.stage,
            witness,
            stands_for_others: true,
        }));
    }
    found
}

/// Whether no other guard would have rolled back by then.
fn is_first(plan: &Plan, place: &Stand, guard: &Guard, witness: &Witness) -> bool {
    let acts = |other: &&Guard| match other.action {
        GuardAction::Rollback { .. } => other.id != guard.id && other.scope.covers(place.stage),
        GuardAction::Warn | GuardAction::Hold | GuardAction::Decide { .. } => false,
    };
    // Of those that trip at once the first of the file does.
    let before = |other: &&Guard| (takes(other), other.id) < (takes(guard), guard.id);
    let mut before = plan.guards.iter().filter(acts).filter(before).peekable();
    if before.peek().is_none() {
        return true;
    }
    let mut state = place.state.clone();
    put(&mut state, witness);
    before.all(|other| judge(plan, &state, &other.condition) != Sight::Breach)
}

/// Whether a test asks where the run stands.
fn reads_place(test: &Test) -> bool {
    let reads = |number: &&Number| matches!(number, Number::Exposure(_) | Number::Elapsed);
    asks_stage(test) || test.numbers().iter().any(reads)
}

fn asks_stage(test: &Test) -> bool {
    match test {
        Test::Always(_) | Test::Captured(..) | Test::Compare(..) => false,
        Test::InStage(_) => true,
        Test::Not(inner) => asks_stage(inner),
        Test::And(left, right) | Test::Or(left, right) => asks_stage(left) || asks_stage(right),
    }
}

/// What a test shall come to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Holds,
    Fails,
}

impl Wanted {
    fn opposite(self) -> Self {
        match self {
            Self::Holds => Self::Fails,
            Self::Fails => Self::Holds,
        }
    }

    fn sight(self) -> Sight {
        match self {
            Self::Holds => Sight::Breach,
            Self::Fails => Sight::Ok,
        }
    }
}

/// A condition of several parts is made to hold, or not, part by part: what the values that are tried together do not show.
pub(super) struct Solver<'a> {
    pub(super) plan: &'a Plan,
    pub(super) state: State,
    /// The values that are tried of each metric.
    pub(super) candidates: &'a [Vec<f64>],
}

impl Solver<'_> {
    /// Puts values of metrics such that the test comes out as wanted.
    pub(super) fn solve(&mut self, test: &Test, wanted: Wanted) -> bool {
        match (test, wanted) {
            (Test::Not(inner), _) => self.solve(inner, wanted.opposite()),
            (Test::And(left, right), Wanted::Holds) | (Test::Or(left, right), Wanted::Fails) => {
                self.solve(left, wanted) && self.solve(right, wanted)
            }
            (Test::And(left, right), Wanted::Fails) | (Test::Or(left, right), Wanted::Holds) => {
                self.solve(left, wanted) || self.solve(right, wanted)
            }
            (Test::Compare(..), _) => {
                if self.is(test, wanted) {
                    return true;
                }
                let numbers = test.numbers().into_iter();
                let mut metrics = numbers.filter_map(Number::metric);
                metrics.any(|metric| self.moves(test, wanted, metric))
            }
            (Test::Always(_) | Test::InStage(_) | Test::Captured(..), _) => self.is(test, wanted),
        }
    }

    fn is(&self, test: &Test, wanted: Wanted) -> bool {
        let condition = Condition {
            test: test.clone(),
            text: String::new(),
            metrics: Vec::new(),
        };
        judge(self.plan, &self.state, &condition) == wanted.sight()
    }

    /// Whether a value of one metric does it, which it keeps.
    fn moves(&mut self, test: &Test, wanted: Wanted, metric: MetricId) -> bool {
        let own = self.state.metrics.get(metric.index()).cloned();
        let usual = match own.as_ref().and_then(|own| own.reading.as_ref()) {
            Some((_, Reading::Value(value))) => *value,
            Some(_) | None => 0.0,
        };
        let known = self.candidates.get(metric.index()).into_iter().flatten();
        let steps = [1.0, 10.0, 1e3, 1e6, 1e9].into_iter();
        let sums = steps.flat_map(|step| [usual + step, usual - step]);
        let factors = [2.0, 4.0, 10.0, 1e3].into_iter();
        let products = factors.flat_map(|factor| [usual * factor, usual / factor]);
        // No source can say what its unit cannot have.
        let unit = self.plan.metrics.get(metric.index()).map(|one| one.unit);
        let can_be = |value: &f64| unit.is_none_or(|unit| unit.sample(*value) == Some(*value));
        let all = known.copied().chain(products).chain(sums);
        for value in all.filter(can_be) {
            put(&mut self.state, &vec![(metric, value)]);
            if self.is(test, wanted) {
                return true;
            }
        }
        if let (Some(own), Some(place)) = (own, self.state.metrics.get_mut(metric.index())) {
            *place = own;
        }
        false
    }
}
