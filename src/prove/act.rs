//! Owns how a move becomes inputs of the engine: what the world reports when it happens. Everything that follows from them is the
//! engine's; what was not told is put to rest.

use crate::engine::{
    Answer, Attempt, Effect, Input, Moment, Outcome, Phase, QuestionAbout, Reading, Running, Sight,
    Stamp, State, Turn, Work, apply, apply_wordless, is_fresh,
};
use crate::plan::{Condition, ExposureId, GuardId, MetricId, Plan};

use super::answered::Answered;
use super::monitor::Monitor;
use super::moves::{How, Move};
use super::node::Node;
use super::place;
use super::sight::{Sights, Witness, Wrong, has_looked, put, silence};
use super::unknown::Unknown;
use super::walls::Walls;

/// Who speaks in a proof.
pub(super) const PERSON: &str = "a person";

/// Looks at every transition.
pub type Watch<'a> = &'a mut dyn FnMut((&State, &State), &Input, &[Effect]);

/// What stays the same for all moves of a plan.
pub(super) struct Actor<'a> {
    pub(super) plan: &'a Plan,
    pub(super) sights: Sights,
    pub(super) unknown: Unknown,
    pub(super) walls: Walls,
    /// Whether anybody reads what the engine says.
    words: Words,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Words {
    Read,
    Unread,
}

/// One move under way.
pub(super) struct Acting<'a, 'n, 'w> {
    pub(super) actor: &'a Actor<'a>,
    pub(super) node: &'n mut Node,
    pub(super) wall: i64,
    effects: &'n mut Vec<Effect>,
    watch: Option<Watch<'w>>,
}

impl<'a> Actor<'a> {
    pub(super) fn of(plan: &'a Plan) -> Self {
        let unknown = Unknown::of(plan);
        Self {
            plan,
            sights: Sights::of(plan, &unknown),
            unknown,
            walls: Walls::of(plan),
            words: Words::Read,
        }
    }

    /// The same where nobody reads what the engine says.
    pub(super) fn wordless(plan: &'a Plan) -> Self {
        Self {
            words: Words::Unread,
            ..Self::of(plan)
        }
    }

    /// The node in which nothing has happened.
    pub(super) fn beginning(&self) -> Node {
        Node {
            state: State::new(self.plan),
            wrong: Wrong::default(),
            monitor: Monitor::default(),
            answered: Answered::default(),
            start: 0,
        }
    }

    fn transit(
        &self,
        state: &mut State,
        (stamp, input): (Stamp, &Input),
        effects: &mut Vec<Effect>,
    ) {
        match self.words {
            Words::Read => apply(self.plan, state, stamp, input, effects),
            Words::Unread => apply_wordless(self.plan, state, (stamp, input), effects),
        }
    }

    /// What a move leads to, and the orders on the way.
    pub(super) fn after(&self, mut node: Node, happens: Move) -> (Node, Vec<Effect>) {
        let mut effects = Vec::new();
        self.take(&mut node, happens, (&mut effects, None));
        (node, effects)
    }

    /// Takes a node through a move, and puts the orders on the way behind those that are there.
    pub(super) fn take(
        &self,
        node: &mut Node,
        happens: Move,
        (effects, watch): (&mut Vec<Effect>, Option<Watch<'_>>),
    ) {
        let mut acting = Acting {
            actor: self,
            node,
            wall: self.walls.open,
            effects,
            watch,
        };
        let stage = acting.node.state.stage();
        acting.happen(happens);
        acting.node.end_missing(stage);
        let node = &mut acting.node;
        node.answered
            .note_waits(self.plan, &node.state, acting.effects);
        acting.settle();
    }
}

impl Actor<'_> {
    /// How an attempt ends that ends well, and prints the value of this number.
    fn good(&self, node: &Node, running: &Running, value: u8) -> Outcome {
        match running.work {
            Work::Step { step, .. } => match self.plan.captured_by(step) {
                Some(capture) => {
                    let values = self.unknown.prints(capture.id);
                    let text = values.get(usize::from(value)).cloned();
                    Outcome::Printed {
                        text: text.unwrap_or_default(),
                    }
                }
                None => exit(0),
            },
            Work::Read { exposure } => Outcome::Read {
                value: self.reads(node, exposure, running),
            },
            Work::Check { .. } | Work::Unless { .. } | Work::Set { .. } | Work::Probe { .. } => {
                exit(0)
            }
        }
    }

    fn reads(&self, node: &Node, exposure: ExposureId, running: &Running) -> f64 {
        let aimed = match place::aim(&node.state, running) {
            Some(crate::engine::Aim::Agree { target, .. }) => Some(target),
            Some(_) | None => None,
        };
        let known = node.state.exposures.get(exposure.index());
        let known = aimed.or(known.copied().flatten());
        known.unwrap_or_else(|| self.unknown.start(usize::from(node.start), exposure))
    }

    /// How the attempt ends that a move ends well.
    pub(super) fn ends_well(&self, node: &Node, happens: Move) -> Option<Outcome> {
        let Move::Ends { attempt, how, .. } = happens else {
            return None;
        };
        let value = match how {
            How::Well => 0,
            How::Prints(value) => value,
            How::Fails | How::Hangs | How::Stops | How::Dies | How::NeverBegins => return None,
        };
        let mut out = place::attempts(&node.state);
        let running = out.find(|one| one.attempt == attempt)?;
        Some(self.good(node, running, value))
    }
}

impl Acting<'_, '_, '_> {
    pub(super) fn now(&self) -> Moment {
        self.node.state.now
    }

    pub(super) fn feed(&mut self, at: Moment, input: &Input) {
        let stamp = Stamp {
            run: at,
            wall: self.wall,
        };
        let first = self.effects.len();
        match &mut self.watch {
            None => self
                .actor
                .transit(&mut self.node.state, (stamp, input), self.effects),
            Some(watch) => {
                let before = self.node.state.clone();
                self.actor
                    .transit(&mut self.node.state, (stamp, input), self.effects);
                let new = self.effects.get(first..).unwrap_or_default();
                watch((&before, &self.node.state), input, new);
            }
        }
        let new = self.effects.get(first..).unwrap_or_default();
        self.node.monitor.see(self.actor.plan, new);
    }

    /// What a metric says that says nothing.
    fn no_data(&self) -> Reading {
        Reading::NoData(match self.actor.words {
            Words::Read => "no samples".to_owned(),
            Words::Unread => String::new(),
        })
    }

    pub(super) fn rest(&mut self) {
        let node = &mut *self.node;
        self.actor
            .sights
            .rest(self.actor.plan, &mut node.state, &node.wrong);
    }

    /// Lets time pass in which everything that is looked at is well.
    fn pass(&mut self, to: Moment) {
        self.have_looked(to);
        self.feed(to, &Input::Tick);
    }

    /// The guards that see have looked by a moment, and the newest readings are from right before it.
    fn have_looked(&mut self, to: Moment) {
        if let Phase::Rolling { began, .. } = self.node.state.phase {
            for guard in &self.actor.plan.guards {
                if let Some(known) = self.node.state.guards.get_mut(guard.id.index())
                    && !known.blind
                    && to >= self.actor.sights.looks_from(guard.id, began)
                {
                    has_looked(known, guard, &self.node.wrong);
                }
            }
            self.look(to);
        }
    }

    /// The newest readings are from right before a moment.
    pub(super) fn look(&mut self, to: Moment) {
        let at = Moment(to.0.saturating_sub(1));
        let chosen_by = self.actor.sights.chosen_by.iter();
        let state = &self.node.state;
        let left = chosen_by.filter(|id| !is_fresh(self.actor.plan, state, **id));
        let left: Vec<MetricId> = left.copied().collect();
        for (metric, known) in (0..).map(MetricId).zip(&mut self.node.state.metrics) {
            if let Some((seen, _)) = &mut known.reading
                && !left.contains(&metric)
            {
                // How long it counts is counted from the last moment.
                let counts = self.actor.sights.chosen_by.contains(&metric);
                *seen = if counts { to } else { at };
            }
        }
    }

    /// After a move: what is told arrives, and what nothing is known of is well.
    fn settle(&mut self) {
        // All of them arrive at once, and what follows, follows when the last has.
        while let Some(notice) = self.node.state.notices.keys().next_back().copied() {
            self.node.state.notices.retain(|one, _| *one == notice);
            let input = Input::Notified {
                notice,
                failed: None,
            };
            self.feed(self.now(), &input);
        }
        let turns = matches!(self.node.state.turn, Some(Turn::RollBack { .. }));
        match self.node.state.phase {
            Phase::Rolling { .. } if !turns => {}
            // How things stood at the rollback decides which levels are for it.
            Phase::Rolling { .. } | Phase::RollingBack { .. } => {
                self.node.wrong.flaps = None;
                self.node.wrong.misses = None;
            }
            Phase::New | Phase::Preparing(_) | Phase::Closing(_) | Phase::Final(_) => {
                self.node.wrong = Wrong::default();
            }
        }
        if !matches!(self.node.state.phase, Phase::New | Phase::Preparing(_)) {
            self.node.start = 0;
        }
        self.rest();
    }

    /// These metrics, which are asked for a level, answer as things stand in the way of this number.
    fn stands(&mut self, index: usize, asked: &[MetricId]) {
        let stand = self.actor.sights.drifts.get(index);
        let stand = stand.cloned().unwrap_or_default();
        for metric in asked {
            let found = stand.iter().find(|(id, _)| id == metric);
            let reading = found.map_or_else(
                || {
                    let healthy = self.actor.sights.healthy.get(metric.index());
                    Reading::Value(healthy.copied().unwrap_or_default())
                },
                |(_, reading)| reading.clone(),
            );
            self.sample(self.now(), *metric, reading);
        }
    }

    fn happen(&mut self, happens: Move) {
        match happens {
            Move::Begins(start) => self.begin(start),
            Move::Ends {
                attempt,
                how,
                at,
                closed,
            } => {
                if closed {
                    self.wall = self.actor.walls.closed;
                }
                self.end(attempt, how, at);
            }
            Move::Passes { to, closed } => {
                if closed {
                    self.wall = self.actor.walls.closed;
                }
                self.pass(to);
            }
            Move::Trips { guard, at } => self.trip(guard, at),
            Move::Flaps(guard) => self.node.wrong.flaps = Some(guard),
            Move::Misses { guard, missed } => {
                self.node.wrong.misses = Some((guard, missed));
                let now = self.now();
                if let Some(known) = self.node.state.guards.get_mut(guard.index()) {
                    known.seen = Some(now);
                }
            }
            Move::Blinds { guard, at } => {
                let plan = self.actor.plan;
                let after = plan.guards.get(guard.index()).map(|one| silence(plan, one));
                let began = Moment(at.0.saturating_sub(after.unwrap_or_default().0));
                let now = self.now().min(began);
                if let Some(known) = self.node.state.guards.get_mut(guard.index()) {
                    known.seen = Some(now);
                    known.unsighted = true;
                }
                let metrics = self.metrics_of(guard);
                self.look(at);
                let silence = self.no_data();
                for metric in metrics {
                    if let Some(known) = self.node.state.metrics.get_mut(metric.index()) {
                        known.reading = Some((now, silence.clone()));
                    }
                }
                self.feed(at, &Input::Tick);
            }
            Move::Sees(guard) => {
                let metrics = self.metrics_of(guard);
                self.node.answered.these(self.now(), &metrics);
                if self.node.wrong.flaps == Some(guard) {
                    self.node.wrong.flaps = None;
                }
                let missed = self.node.wrong.misses;
                self.node.wrong.misses = missed.filter(|(of, _)| *of != guard);
                self.actor
                    .sights
                    .rest(self.actor.plan, &mut self.node.state, &self.node.wrong);
                let at = self.now();
                if let Some(metric) = self.metrics_of(guard).first() {
                    let healthy = self.actor.sights.healthy.get(metric.index());
                    let value = healthy.copied().unwrap_or_default();
                    self.sample(at, *metric, Reading::Value(value));
                }
            }
            Move::Drifts(index) => match &self.node.state.turn {
                Some(Turn::Look { asked, .. }) => self.stands(index, &asked.clone()),
                Some(Turn::RollBack { .. } | Turn::LevelFailed { .. } | Turn::Leave) | None => {
                    self.node.wrong.drift = Some(index);
                }
            },
            Move::Recovers { at } => {
                let judged = self.actor.sights.judged(self.node.state.way());
                let witness = judged.recovered.clone();
                self.judged(at, witness);
            }
            Move::Relapses { at } => {
                let judged = self.actor.sights.judged(self.node.state.way());
                let witness = judged.relapsed.clone();
                self.judged(at, witness);
            }
            Move::Awaits { which, holds, at } => self.wait_for(which, holds, at),
            Move::Answers { question, answer } => {
                let about = self.node.state.questions.iter();
                let about = about
                    .filter(|open| open.number == question)
                    .map(|open| open.about)
                    .next();
                let people = match (about, answer) {
                    (Some(QuestionAbout::Approval(id)), Answer::Approve) => {
                        let approval = self.actor.plan.approvals.get(id.index());
                        approval.map_or(1, |approval| approval.count)
                    }
                    (_, _) => 1,
                };
                for number in 1..=people {
                    let input = Input::Answered {
                        question: Some(question),
                        answer,
                        by: match number {
                            1 => PERSON.to_owned(),
                            _ => format!("{PERSON} {number}"),
                        },
                        reason: "as in the proof".to_owned(),
                    };
                    self.feed(self.now(), &input);
                }
            }
            Move::Orders => {
                let input = Input::RollBack {
                    from: None,
                    by: PERSON.to_owned(),
                    reason: "as in the proof".to_owned(),
                };
                self.feed(self.now(), &input);
            }
            Move::Leaves => {
                self.feed(self.now(), &Input::Interrupt);
                self.all_end();
                self.take_up();
            }
            Move::TakenUp => self.take_up(),
        }
    }

    /// Everything that is out ends: what was told to stop stops, what may finish finishes.
    fn all_end(&mut self) {
        let out: Vec<Running> = place::attempts(&self.node.state).copied().collect();
        for running in out {
            let outcome = if running.stopping {
                Outcome::Stopped
            } else {
                self.good(&running, 0)
            };
            let attempt = running.attempt;
            self.feed(self.now(), &Input::Ended { attempt, outcome });
        }
    }

    fn take_up(&mut self) {
        let input = Input::Resumed {
            by: PERSON.to_owned(),
        };
        self.feed(self.now(), &input);
        self.answer_queries();
    }

    fn metrics_of(&self, guard: GuardId) -> Vec<MetricId> {
        let guard = self.actor.plan.guards.get(guard.index());
        guard.map_or_else(Vec::new, |guard| guard.condition.metrics.clone())
    }

    pub(super) fn sample(&mut self, at: Moment, metric: MetricId, reading: Reading) {
        self.feed(at, &Input::Sample { metric, reading });
    }

    /// The first metric of a condition answers.
    pub(super) fn sample_first(&mut self, at: Moment, condition: &Condition, witness: &Witness) {
        let first = condition.metrics.first();
        if let Some((metric, value)) = witness.iter().find(|(id, _)| Some(id) == first) {
            self.sample(at, *metric, Reading::Value(*value));
        }
    }

    fn end(&mut self, attempt: Attempt, how: How, at: Moment) {
        let out = place::attempts(&self.node.state);
        let Some(running) = out.filter(|one| one.attempt == attempt).copied().next() else {
            return;
        };
        self.have_looked(at);
        self.look(at);
        let outcome = match how {
            How::Well => self.good(&running, 0),
            How::Prints(value) => self.good(&running, value),
            How::Fails => exit(1),
            How::Hangs => Outcome::TimedOut,
            How::Stops => Outcome::Stopped,
            How::Dies => {
                self.take_up();
                Outcome::Unknown {
                    why: "the runner died".to_owned(),
                }
            }
            How::NeverBegins => {
                self.take_up();
                Outcome::NeverBegan
            }
        };
        self.feed(at, &Input::Ended { attempt, outcome });
        self.answer_queries();
    }

    fn good(&self, running: &Running, value: u8) -> Outcome {
        self.actor.good(self.node, running, value)
    }

    /// The service is seen to recover, or to relapse.
    fn judged(&mut self, at: Moment, witness: Option<Witness>) {
        let plan = self.actor.plan;
        let level = self.node.state.level();
        let Some(recovered) = level.and_then(|level| plan.recovered_of(level)) else {
            return;
        };
        let Some(witness) = witness else {
            return;
        };
        self.look(at);
        put(&mut self.node.state, &witness);
        self.look(at);
        let span = if self.node.state.watching().is_some() {
            recovered.sustain.max(recovered.every)
        } else {
            recovered.sustain
        };
        Sights::nearly_recovered(&mut self.node.state, span, recovered.every, at);
        self.sample_first(at, &recovered.condition, &witness);
    }

    fn wait_for(&mut self, which: usize, holds: Option<bool>, at: Moment) {
        let plan = self.actor.plan;
        let all = place::awaited(plan, &self.node.state);
        let Some(condition) = all.get(which).map(|awaited| awaited.condition) else {
            return;
        };
        let mut then = self.node.state.clone();
        then.now = at;
        let witness = holds.and_then(|holds| {
            let wanted = if holds { Sight::Breach } else { Sight::Ok };
            self.actor.sights.witness(plan, &then, condition, wanted)
        });
        self.look(at);
        match (holds, witness) {
            (Some(_), Some(witness)) => {
                self.node.answered.these(at, &condition.metrics);
                put(&mut self.node.state, &witness);
                for metric in &condition.metrics {
                    if let Some(known) = self.node.state.metrics.get_mut(metric.index())
                        && let Some((seen, _)) = &mut known.reading
                    {
                        *seen = at;
                    }
                }
            }
            (Some(true), None) => return,
            (Some(false) | None, _) => {
                let silence = self.no_data();
                for metric in &condition.metrics {
                    if let Some(known) = self.node.state.metrics.get_mut(metric.index()) {
                        known.reading = Some((at, silence.clone()));
                    }
                }
            }
        }
        self.feed(at, &Input::Tick);
    }
}

fn exit(status: i32) -> Outcome {
    Outcome::Exited {
        status,
        said: String::new(),
    }
}
