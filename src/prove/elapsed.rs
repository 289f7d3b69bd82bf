//! Owns what conditions hold against the time since a stage began: guards and levels that read it see another stage before and behind each
//! of these times, which pass as other things do. It says when they do, and nothing of what is seen.

use crate::engine::{Moment, Phase, Sight, State, judge};
use crate::plan::{Condition, Guard, Number, Plan};
use crate::value::Millis;

use super::moves::{Finder, Move};
use super::place;
use super::sight::{Sights, Witness, put};

/// More are not told apart.
const MOST: usize = 8;

/// Where nothing reads the time, a stage has lasted for so long.
const AN_HOUR: Millis = Millis::from_hours(1);

/// The times that guards and levels hold the time since a stage began against, in order.
pub(super) fn marks(plan: &Plan) -> Vec<Millis> {
    let guards = plan.guards.iter().map(|guard| &guard.condition);
    let levels = plan.rollback.iter().flat_map(|one| &one.levels);
    let whens = levels.filter_map(|level| level.when.as_ref());
    let mut found: Vec<Millis> = guards.chain(whens).flat_map(held_against).collect();
    found.sort_unstable();
    found.dedup();
    found.truncate(MOST);
    found
}

fn held_against(condition: &Condition) -> Vec<Millis> {
    let all = condition.test.held_against(&|one| *one == Number::Elapsed);
    let whole = all.iter().filter(|one| **one >= 0.0 && one.is_finite());
    let read = whole.filter_map(|one| format!("{one:.0}").parse().ok());
    read.map(Millis).collect()
}

/// A time of each sort.
pub(super) fn samples(marks: &[Millis]) -> Vec<Millis> {
    let Some(first) = marks.first() else {
        return vec![AN_HOUR];
    };
    let behind = marks.iter().map(|mark| mark.saturating_add(Millis(1)));
    std::iter::once(Millis(first.0 / 2)).chain(behind).collect()
}

impl Sights {
    /// How many of the times are over in a stage.
    pub(super) fn marks_over(&self, state: &State) -> usize {
        let Phase::Rolling { began, .. } = state.phase else {
            return 0;
        };
        let lasts = state.now.since(began);
        self.marks.partition_point(|mark| *mark < lasts)
    }

    /// When the next of them is over.
    fn next_mark(&self, state: &State) -> Option<Moment> {
        let Phase::Rolling { began, .. } = state.phase else {
            return None;
        };
        let next = self.marks.get(self.marks_over(state))?;
        Some(began.after(*next).after(Millis(1)))
    }
}

impl Finder<'_> {
    /// The next of the times is over before anything happens.
    pub(super) fn marks(&mut self) {
        let Some(to) = self.sights.next_mark(self.state) else {
            return;
        };
        let mut out = place::attempts(self.state);
        let lasts = out.all(|one| to <= place::lasts(self.plan, self.state, one).until);
        let is_calm = self.state.turn.is_none() && self.wrong.drift.is_none();
        if lasts && is_calm && self.wake().is_none_or(|wake| to < wake) {
            self.all.push(Move::Passes { to, closed: false });
        }
    }

    /// When a guard trips that could at a moment, as far as it reads the time: what it sees lasts since the last of these times is over,
    /// and it trips before the next one is.
    pub(super) fn trips_at(&self, guard: &Guard, began: Moment, at: Moment) -> Option<Moment> {
        if !guard.condition.test.reads_elapsed() {
            return Some(at);
        }
        let over = self.sights.marks_over(self.state).checked_sub(1);
        let last = over.and_then(|index| self.sights.marks.get(index));
        let since = last.map_or(began, |mark| began.after(*mark).after(Millis(1)));
        let at = at.max(since.after(super::sight::lasts(guard)));
        let is_over = self
            .sights
            .next_mark(self.state)
            .is_some_and(|next| next <= at);
        let mut then = self.state.clone();
        then.now = at;
        let witness = self.sights.trips.witness(self.plan, &then, guard.id);
        let none = Witness::new();
        put(&mut then, witness.unwrap_or(&none));
        let trips = judge(self.plan, &then, &guard.condition) == Sight::Breach;
        (trips && !is_over).then_some(at)
    }
}
