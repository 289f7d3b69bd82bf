//! Owns what can happen next in a state: every outcome of every attempt, what guards can see, what people can say or not say, a
//! runner that dies. It decides nothing: what follows from a move is the engine's.

use std::cell::OnceCell;

use serde::{Deserialize, Serialize};

use crate::engine::{
    Answer, Attempt, Moment, Phase, QuestionAbout, QuestionNumber, State, Task, Turn, Work,
    lets_end, wake,
};
use crate::plan::{Guard, GuardAction, GuardId, Plan};
use crate::value::Millis;

use super::act::Actor;
use super::answered::Answered;
use super::node::Node;
use super::place;
use super::sight::{FAR, Sights, Wrong, blind_at, trips_after};
use super::unknown::Unknown;

/// How an attempt ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum How {
    /// Well, at the last moment.
    Well,
    /// The same, and what it prints is the value of this number.
    Prints(u8),
    /// With a failure; of reads and probes: again and again, until nobody asks any more.
    Fails,
    /// It does not end by itself and is killed.
    Hangs,
    /// It is stopped, as it was told to.
    Stops,
    /// The runner dies, and when it is taken up again nobody knows whether it happened.
    Dies,
    /// The runner dies before it begins it.
    NeverBegins,
}

/// How a run begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Start {
    /// With everything as it should be.
    Well,
    /// The same, and the exposures stand in the way of this number.
    Elsewhere(u8),
    /// With a metric that cannot be asked.
    Blind,
    /// With nothing confirmed.
    Unconfirmed,
    /// With the window closed.
    Closed,
    /// The same, and it waits.
    Waits,
}

/// What a guard misses that sees something now and then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Missed {
    /// So many of its samples that it has not looked enough when the stage should end.
    Many,
    /// The newest ones, for less long than makes it blind.
    Newest,
}

/// One thing that can happen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Move {
    /// The run begins.
    Begins(Start),
    /// An attempt ends.
    Ends {
        /// Which.
        attempt: Attempt,
        /// How.
        how: How,
        /// When.
        at: Moment,
        /// The window is closed when it does.
        closed: bool,
    },
    /// Nothing happens, and time passes.
    Passes {
        /// Up to here.
        to: Moment,
        /// The window is closed then.
        closed: bool,
    },
    /// A guard trips.
    Trips {
        /// Which.
        guard: GuardId,
        /// When.
        at: Moment,
    },
    /// A guard sees breaches that neither clear nor trip.
    Flaps(GuardId),
    /// A guard misses samples, and is not blind.
    Misses {
        /// Which.
        guard: GuardId,
        /// Which of its samples.
        missed: Missed,
    },
    /// A guard is blind.
    Blinds {
        /// Which.
        guard: GuardId,
        /// When that is noticed.
        at: Moment,
    },
    /// A guard sees that all is well.
    Sees(GuardId),
    /// The metrics that levels ask for stand in the way of this number.
    Drifts(usize),
    /// The service recovers.
    Recovers {
        /// When that is seen.
        at: Moment,
    },
    /// The service relapses while it is looked on.
    Relapses {
        /// When that is seen.
        at: Moment,
    },
    /// A condition that is waited for holds, does not hold, or cannot be seen.
    Awaits {
        /// Which of those that are waited for, in the order of the strands.
        which: usize,
        /// Holds; nothing: it cannot be seen.
        holds: Option<bool>,
        /// When.
        at: Moment,
    },
    /// A person answers.
    Answers {
        /// Which question.
        question: QuestionNumber,
        /// What.
        answer: Answer,
    },
    /// A person orders the rollback.
    Orders,
    /// A person leaves, the running step is stopped, and the run is taken up again.
    Leaves,
    /// The runner dies while nothing is under way, and the run is taken up again.
    TakenUp,
}

/// All that can happen in a state.
pub(super) fn moves(actor: &Actor<'_>, node: &Node) -> Vec<Move> {
    let mut found = Finder {
        plan: actor.plan,
        sights: &actor.sights,
        unknown: &actor.unknown,
        state: &node.state,
        wrong: &node.wrong,
        answered: node.answered,
        wake: OnceCell::new(),
        all: Vec::with_capacity(16),
    };
    found.find();
    found.all
}

pub(super) struct Finder<'a> {
    pub(super) plan: &'a Plan,
    pub(super) sights: &'a Sights,
    unknown: &'a Unknown,
    pub(super) state: &'a State,
    pub(super) wrong: &'a Wrong,
    answered: Answered,
    wake: OnceCell<Option<Moment>>,
    pub(super) all: Vec<Move>,
}

impl Finder<'_> {
    fn find(&mut self) {
        match &self.state.phase {
            Phase::New => self.beginnings(),
            Phase::Preparing(_) | Phase::Rolling { .. } | Phase::RollingBack { .. } => {
                if let Some((guard, began)) = self.trips_by_drift() {
                    let at = began.after(trips_after(guard)).max(self.state.now);
                    let guard = guard.id;
                    self.all.push(Move::Trips { guard, at });
                    return;
                }
                self.ends();
                self.time();
                self.ages();
                self.marks();
                self.answers();
                if self.is_only_on_the_way() {
                    return;
                }
                if self.state.turn.is_none() {
                    self.awaits();
                    self.recovers();
                    if let Phase::Rolling { began, .. } = self.state.phase {
                        self.troubles(began);
                    }
                    if !matches!(self.state.phase, Phase::RollingBack { .. }) {
                        self.all.push(Move::Orders);
                    }
                    self.all.push(Move::Leaves);
                }
                if let Some(Turn::Look { .. }) = self.state.turn {
                    let drifts = 0..self.sights.drifts.len();
                    self.all.extend(drifts.map(Move::Drifts));
                }
                if place::attempts(self.state).next().is_none() {
                    self.all.push(Move::TakenUp);
                }
            }
            // The verdict is known, and what is still out ends before it is final.
            Phase::Closing(_) => self.ends(),
            Phase::Final(_) => {}
        }
    }

    fn beginnings(&mut self) {
        self.all.push(Move::Begins(Start::Well));
        let ways = u8::try_from(self.unknown.starts()).unwrap_or(u8::MAX);
        let ways = (1..ways).map(|way| Move::Begins(Start::Elsewhere(way)));
        self.all.extend(ways);
        if !self.plan.metrics.is_empty() {
            self.all.push(Move::Begins(Start::Blind));
        }
        if !self.plan.before.is_empty() {
            self.all.push(Move::Begins(Start::Unconfirmed));
        }
        if self.plan.window.is_some() {
            self.all.push(Move::Begins(Start::Closed));
            self.all.push(Move::Begins(Start::Waits));
        }
    }

    /// Whether it is tried with the window closed too.
    fn walls(&self) -> &'static [bool] {
        if self.plan.window.is_some() && matches!(self.state.phase, Phase::Rolling { .. }) {
            &[false, true]
        } else {
            &[false]
        }
    }

    pub(super) fn wake(&self) -> Option<Moment> {
        *self.wake.get_or_init(|| self.wakes())
    }

    fn wakes(&self) -> Option<Moment> {
        let soonest = wake(self.plan, self.state).filter(|at| at.0 < FAR.0 / 2);
        let Phase::Rolling { began, .. } = self.state.phase else {
            return soonest;
        };
        if !self.settles() {
            return soonest;
        }
        // Who has taken the run up looks, and the stage ends.
        if !self.state.stands_still() && lets_end(self.plan, self.state) {
            return Some(self.state.now);
        }
        let looked = self
            .not_looked()
            .map(|guard| self.sights.looks_from(guard.id, began));
        // All of them have looked then.
        soonest.into_iter().chain(looked.max()).min()
    }

    /// The last moment before something else happens.
    fn before_wake(&self) -> Moment {
        self.wake()
            .map_or(FAR, |wake| Moment(wake.0.saturating_sub(1)))
    }

    /// Whether a guard has not looked yet that the stage has to wait for: what ends now ends before that.
    pub(super) fn is_early(&self) -> bool {
        self.not_looked().next().is_some()
    }

    /// The guards of the stage that have not looked yet, and are not blind.
    fn not_looked(&self) -> impl Iterator<Item = &Guard> {
        self.here().filter(|guard| {
            let known = self.state.guards.get(guard.id.index());
            known.is_some_and(|known| known.looked == 0 && !known.blind)
        })
    }

    /// The guards of the stage.
    pub(super) fn here(&self) -> impl Iterator<Item = &Guard> {
        let stage = match self.state.phase {
            Phase::Rolling { stage, .. } => Some(stage),
            Phase::New
            | Phase::Preparing(_)
            | Phase::RollingBack { .. }
            | Phase::Closing(_)
            | Phase::Final(_) => None,
        };
        let guards = self.plan.guards.iter();
        guards.filter(move |guard| stage.is_some_and(|stage| guard.scope.covers(stage)))
    }

    fn ends(&mut self) {
        let last = self.before_wake().min(self.before_drift_trips());
        let walls = self.walls();
        let is_early = self.is_early();
        for running in place::attempts(self.state) {
            let lasts = place::lasts(self.plan, self.state, running);
            let attempt = running.attempt;
            let values = self.values_of(running.work);
            let at = |moment: Moment| moment.min(last).max(self.state.now);
            let mut end = |how, moment, closed| {
                self.all.push(Move::Ends {
                    attempt,
                    how,
                    at: moment,
                    closed,
                });
            };
            if running.stopping {
                end(How::Stops, self.state.now, false);
                end(How::Dies, self.state.now, false);
                continue;
            }
            for closed in walls {
                end(How::Well, at(lasts.until), *closed);
            }
            for value in 1..values {
                end(How::Prints(value), at(lasts.until), false);
            }
            if is_early && lasts.until > self.state.now {
                end(How::Well, self.state.now, false);
            }
            end(How::Fails, at(lasts.until), false);
            match running.work {
                // Of `unless` that is neither yes nor no.
                Work::Step { .. } | Work::Check { .. } | Work::Set { .. } | Work::Unless { .. } => {
                    end(How::Hangs, at(lasts.gone), false);
                }
                Work::Read { .. } | Work::Probe { .. } => {}
            }
            end(How::Dies, self.state.now, false);
            end(How::NeverBegins, self.state.now, false);
        }
    }

    /// How many values a command can print, as far as they decide something.
    fn values_of(&self, work: Work) -> u8 {
        let Work::Step { step, .. } = work else {
            return 0;
        };
        let capture = self.plan.captured_by(step);
        let values = capture.map_or(0, |capture| self.unknown.prints(capture.id).len());
        u8::try_from(values).unwrap_or(u8::MAX)
    }

    /// Until when nothing has to happen.
    fn limit(&self) -> Moment {
        let attempts = place::attempts(self.state);
        let ends = attempts.map(|running| place::lasts(self.plan, self.state, running).until);
        ends.chain(self.wake()).min().unwrap_or(FAR)
    }

    fn time(&mut self) {
        let Some(to) = self.wake() else {
            return;
        };
        if let (true, Phase::Rolling { began, .. }) =
            (to > self.before_drift_trips(), &self.state.phase)
        {
            let first = self
                .minding()
                .min_by_key(|guard| self.sights.looks_from(guard.id, *began));
            let first = first.map(|guard| Move::Trips {
                guard: guard.id,
                at: self.sights.looks_from(guard.id, *began).max(self.state.now),
            });
            self.all.extend(first);
            return;
        }
        let attempts = place::attempts(self.state);
        let mut lasts = attempts.map(|one| place::lasts(self.plan, self.state, one).until);
        if lasts.all(|until| to <= until) {
            for closed in self.walls() {
                self.all.push(Move::Passes {
                    to: to.max(self.state.now),
                    closed: *closed,
                });
            }
        }
    }

    fn answers(&mut self) {
        for question in &self.state.questions {
            for answer in &question.answers {
                self.all.push(Move::Answers {
                    question: question.number,
                    answer: *answer,
                });
            }
        }
    }

    fn recovers(&mut self) {
        let level = self.state.level();
        let Some(recovered) = level.and_then(|level| self.plan.recovered_of(level)) else {
            return;
        };
        let judged = self.sights.judged(self.state.way());
        if judged.recovered.is_none() {
            return;
        }
        for task in place::tasks(self.state) {
            if let Task::Recovering(recovery) = task {
                let looks = recovery.since.after(recovered.warmup);
                let at = looks.after(recovered.sustain).max(self.state.now);
                if at < recovery.deadline {
                    self.all.push(Move::Recovers { at });
                }
            }
            if let Task::Watching(watching) = task {
                let span = recovered.sustain.max(recovered.every);
                let at = watching.since.after(span).max(self.state.now);
                if at < watching.until && judged.relapsed.is_some() {
                    self.all.push(Move::Relapses { at });
                }
            }
        }
    }

    fn awaits(&mut self) {
        let all = place::awaited(self.plan, self.state);
        for (which, awaited) in all.iter().enumerate() {
            let waiting = &awaited.waiting;
            if awaited.condition.metrics.is_empty() {
                // It is looked at every second; what counts is how that ends.
                self.all.push(Move::Passes {
                    to: waiting.deadline.max(self.state.now),
                    closed: false,
                });
                continue;
            }
            let metrics = awaited.condition.metrics.iter();
            let every = metrics
                .filter_map(|id| self.plan.metrics.get(id.index()))
                .map(|metric| metric.every)
                .max();
            let looks = waiting.since.after(awaited.warmup);
            let at = looks.after(every.unwrap_or(Millis(0))).max(self.state.now);
            if at < waiting.deadline {
                let holds = Some(true);
                self.all.push(Move::Awaits { which, holds, at });
            }
            if waiting.asked.is_none() {
                let at = waiting.deadline.max(self.state.now);
                let ends = if self.is_quiet(awaited.condition, at) {
                    [Some(Some(false)), Some(None)]
                } else {
                    [None, self.is_dark(awaited.condition, at).then_some(None)]
                };
                for holds in ends.into_iter().flatten() {
                    self.all.push(Move::Awaits { which, holds, at });
                }
            }
        }
    }

    /// Whether samples are missed for which nothing waits yet: whatever else happens now happens as well before they are missed.
    fn is_only_on_the_way(&self) -> bool {
        matches!(self.wrong.misses, Some((_, Missed::Many))) && !self.settles()
    }

    fn settles(&self) -> bool {
        place::tasks(self.state).any(|task| matches!(task, Task::Settling { .. }))
    }

    fn troubles(&mut self, began: Moment) {
        let Some(stage) = self.state.stage() else {
            return;
        };
        let (now, limit) = (self.state.now, self.limit());
        let known = |guard: GuardId| self.state.guards.get(guard.index());
        let ill = self.plan.guards.iter().filter(|guard| {
            known(guard.id).is_some_and(|known| known.blind || known.holding)
                && guard.scope.covers(stage)
        });
        let ill: Vec<GuardId> = ill.map(|guard| guard.id).collect();
        let asked = self
            .state
            .questions
            .iter()
            .any(|open| matches!(open.about, QuestionAbout::Guard(_) | QuestionAbout::Hold));
        let decides = self
            .state
            .questions
            .iter()
            .any(|open| matches!(open.about, QuestionAbout::Guard(_)));
        let calm = ill.is_empty()
            && !asked
            && self.state.hold.is_none()
            && *self.wrong == Wrong::default();
        for id in &self.sights.trips.by {
            let Some(guard) = self.plan.guards.get(id.index()) else {
                continue;
            };
            // One trouble at a time, beside which a guard can still ask a person, or roll back.
            let overtakes = match guard.action {
                GuardAction::Rollback { .. } => true,
                GuardAction::Decide { .. } => !decides,
                GuardAction::Warn | GuardAction::Hold => false,
            };
            let at = began.after(trips_after(guard)).max(now);
            if self.sights.trips.is_by(*id, stage)
                && (calm || overtakes)
                && let Some(at) = self.trips_at(guard, began, at).filter(|at| *at <= limit)
            {
                self.all.push(Move::Trips { guard: *id, at });
            }
        }
        let missing = self.wrong.misses.map(|(guard, _)| guard);
        for id in ill.into_iter().chain(self.wrong.flaps).chain(missing) {
            self.all.push(Move::Sees(id));
        }
        if !calm {
            return;
        }
        for id in &self.sights.blind_by {
            let Some(guard) = self.plan.guards.get(id.index()) else {
                continue;
            };
            // What does not last as long as a silence can begin in the middle of one, and end in it.
            let metrics = &guard.condition.metrics;
            let last = self.answered.last(metrics).max(began).min(now);
            let at = [now, last].map(|last| blind_at(self.plan, guard, (began, last)).max(now));
            let at = at.into_iter().find(|at| *at <= limit);
            if let (true, Some(at)) = (guard.scope.covers(stage), at) {
                self.all.push(Move::Blinds { guard: *id, at });
            }
        }
        let waits = place::tasks(self.state).any(|task| {
            matches!(
                task,
                Task::Soaking(_) | Task::Settling { .. } | Task::Waiting(_)
            )
        });
        let ends = place::ends_soon(self.plan, self.state);
        let looks = |id: &&GuardId| {
            let guard = self.plan.guards.get(id.index());
            guard.is_some_and(|guard| {
                guard.scope.covers(stage) && self.sights.looks_from(guard.id, began) <= limit
            })
        };
        if waits || ends {
            let flaps = self.sights.flap_by.iter().filter(looks);
            self.all.extend(flaps.map(|id| Move::Flaps(*id)));
        }
        let misses = |guard: &GuardId, missed| Move::Misses {
            guard: *guard,
            missed,
        };
        if ends {
            // Whichever it is, the stage waits for it.
            let many = self.sights.miss_by.iter().find(looks);
            self.all
                .extend(many.map(|guard| misses(guard, Missed::Many)));
        }
        let newest = self.sights.dim_by.iter().filter(looks);
        let newest = newest.filter(|id| self.is_waited_for(**id));
        let newest: Vec<&GuardId> = newest.collect();
        self.all.extend(
            newest
                .into_iter()
                .map(|guard| misses(guard, Missed::Newest)),
        );
        for index in 0..self.sights.drifts.len() {
            self.all.push(Move::Drifts(index));
        }
    }
}
