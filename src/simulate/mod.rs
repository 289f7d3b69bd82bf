//! Owns the simulated world: virtual time and a script of what the outside does. Nothing is executed and no clock is read; a
//! week passes in milliseconds. The engine that decides is the one that decides in production.

mod healthy;
mod play;
mod rest;
mod scenario;
mod trial;

pub use healthy::{healthy_values, suitable_values};
pub use scenario::{Feed, Scenario};
pub use trial::{Played, Stage};

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use crate::engine::{Attempt, Effect, Input, Moment, Outcome, Past, Stamp, State};
use crate::plan::Plan;
use crate::value::Millis;
use crate::world::{Fact, World};

pub(crate) use rest::at_rest;

/// So long a world goes on in which a question is open that nobody will ever answer.
const PATIENCE: Millis = Millis::from_hours(24);

/// A world in which time is a number and everything happens as the scenario says.
pub struct Simulate {
    scenario: Scenario,
    now: Moment,
    /// Wall time at moment zero.
    epoch: i64,
    /// What will happen later, soonest first; ties in the order in which it was planned.
    later: BinaryHeap<Reverse<(Moment, u64)>>,
    inputs: std::collections::BTreeMap<u64, Input>,
    planned: u64,
    /// What happens at once, in order.
    soon: VecDeque<Input>,
    /// The machine has died, as the script says.
    dead: bool,
    pace: Pace,
}

/// How time goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pace {
    /// Every poll is taken.
    Steps,
    /// Polls that come to nothing are passed over.
    Leaps,
}

impl Simulate {
    /// A world that begins at a wall time (Unix milliseconds) with `Begin`.
    #[must_use]
    pub fn new(scenario: Scenario, epoch: i64) -> Self {
        let mut world = Self {
            now: Moment(0),
            epoch,
            later: BinaryHeap::new(),
            inputs: std::collections::BTreeMap::new(),
            planned: 0,
            soon: VecDeque::new(),
            dead: false,
            pace: Pace::Steps,
            scenario,
        };
        world.soon.push_back(Input::Begin {
            by: world.scenario.by.clone(),
            confirmed: world.scenario.confirmed.clone(),
            entry: world.scenario.entry.clone(),
            missing: Vec::new(),
        });
        for (at, input) in std::mem::take(&mut world.scenario.facts) {
            world.plan_at(at, input);
        }
        world
    }

    /// The same world, whose quiet time is passed over: for whoever does not need every poll.
    #[must_use]
    pub fn in_leaps(mut self) -> Self {
        self.pace = Pace::Leaps;
        self
    }

    fn plan_at(&mut self, at: Moment, input: Input) {
        self.later.push(Reverse((at, self.planned)));
        self.inputs.insert(self.planned, input);
        self.planned = self.planned.saturating_add(1);
    }

    fn end(&mut self, attempt: Attempt, outcome: Outcome, took: Millis) {
        let input = Input::Ended { attempt, outcome };
        if took.0 == 0 {
            self.soon.push_back(input);
        } else {
            self.plan_at(self.now.after(took), input);
        }
    }

    /// Whether the machine has died.
    fn is_dead(&self) -> bool {
        self.dead
    }

    /// Nothing that was under way is heard of any more; what people have sent is kept.
    fn die(&mut self) {
        self.dead = true;
        self.soon.clear();
        self.inputs
            .retain(|_, input| !matches!(input, Input::Ended { .. }));
        let inputs = &self.inputs;
        self.later
            .retain(|Reverse((_, number))| inputs.contains_key(number));
    }

    /// A runner takes the run up after a while. Nobody knows how the attempts ended that were out.
    fn revive(&mut self, gap: Millis, out: &[Attempt]) {
        self.dead = false;
        self.now = self.now.after(gap);
        self.soon.push_back(Input::Resumed {
            by: self.scenario.by.clone(),
        });
        for attempt in out {
            self.soon.push_back(Input::Ended {
                attempt: *attempt,
                outcome: Outcome::Unknown {
                    why: "the machine died while it was under way".to_owned(),
                },
            });
        }
    }

    fn fact(&self, input: Input) -> Fact {
        Fact {
            stamp: Stamp {
                run: self.now,
                wall: self
                    .epoch
                    .saturating_add(i64::try_from(self.now.0).unwrap_or(i64::MAX)),
            },
            input,
            letter: None,
        }
    }
}

impl World for Simulate {
    fn start(&mut self, plan: &Plan, state: &State, effect: &Effect) {
        if self.dead {
            return;
        }
        self.scenario.play.sees(state, effect);
        match effect {
            Effect::Start {
                attempt,
                work,
                timeout,
            } => {
                if self.scenario.play.dies_at((plan, state), *work) {
                    self.die();
                    return;
                }
                let (outcome, took) = self.scenario.outcome(plan, state, *work);
                if took > *timeout {
                    self.end(*attempt, Outcome::TimedOut, *timeout);
                } else {
                    self.end(*attempt, outcome, took);
                }
            }
            Effect::Stop { attempt } => self.soon.push_back(Input::Ended {
                attempt: *attempt,
                outcome: Outcome::Stopped,
            }),
            Effect::Query { metric } => {
                let reading = self.scenario.reading((plan, state), state.now, *metric);
                self.soon.push_back(Input::Sample {
                    metric: *metric,
                    reading,
                });
            }
            Effect::LookBack { metric, from, to } => {
                let every = plan
                    .metrics
                    .get(metric.index())
                    .map_or(Millis(1), |m| Millis(m.every.0.max(1)));
                let mut past = Vec::new();
                let mut at = from.after(every);
                while at <= *to {
                    let reading = self.scenario.reading((plan, state), at, *metric);
                    past.push(Past { at, reading });
                    at = at.after(every);
                }
                self.soon.push_back(Input::History {
                    metric: *metric,
                    past,
                    failed: None,
                });
            }
            Effect::Measure { metric, over } => {
                let every = plan
                    .metrics
                    .get(metric.index())
                    .map_or(1, |m| m.every.0.max(1));
                let count = (over.0 / every).max(1);
                let reading = self.scenario.reading((plan, state), state.now, *metric);
                let count = usize::try_from(count).unwrap_or(1);
                self.soon.push_back(Input::Measured {
                    metric: *metric,
                    past: vec![reading; count],
                    failed: None,
                });
            }
            Effect::Notify { notice, .. } => self.soon.push_back(Input::Notified {
                notice: *notice,
                failed: None,
            }),
            Effect::Ask(question) => {
                let answer = self.scenario.answer(plan, question);
                if answer.is_none() && question.until.is_none() {
                    // Nobody comes, and nothing happens without: what a day does not bring is not waited for.
                    let end = self.now.after(PATIENCE);
                    let until = &mut self.scenario.until;
                    *until = Some(until.map_or(end, |known| known.min(end)));
                }
                if let Some((answer, after)) = answer {
                    for by in self.scenario.voices(plan, question) {
                        let input = Input::Answered {
                            question: Some(question.number),
                            answer,
                            by,
                            reason: "as the scenario says".to_owned(),
                        };
                        self.plan_at(self.now.after(after), input);
                    }
                }
            }
            Effect::Withdraw(_)
            | Effect::Open { .. }
            | Effect::Remind { .. }
            | Effect::Say(_)
            | Effect::Left(_)
            | Effect::Finish(_) => {}
        }
    }

    fn next(&mut self, _: &Plan, _: &State, wake: Option<Moment>) -> Option<Fact> {
        if self.dead {
            return None;
        }
        if let Some(input) = self.soon.pop_front() {
            return Some(self.fact(input));
        }
        let planned = self.later.peek().map(|Reverse((at, _))| *at);
        let next = match (planned, wake) {
            (Some(planned), Some(wake)) => planned.min(wake),
            (Some(next), None) | (None, Some(next)) => next,
            (None, None) => return None,
        };
        if self.scenario.until.is_some_and(|until| next > until) {
            return None;
        }
        self.now = self.now.max(next);
        if planned == Some(next) {
            let Reverse((_, number)) = self.later.pop()?;
            let input = self.inputs.remove(&number)?;
            Some(self.fact(input))
        } else {
            Some(self.fact(Input::Tick))
        }
    }
    fn still(&self, _: &Plan, state: &State) -> Option<Moment> {
        if self.pace == Pace::Steps || self.dead || !self.soon.is_empty() {
            return None;
        }
        let planned = self.later.peek().map(|Reverse((at, _))| *at);
        let silent = self.scenario.until.map(|until| until.after(Millis(1)));
        let changes = self.scenario.changes(state.now)?;
        let all = planned.into_iter().chain(silent).chain(changes);
        Some(all.min().unwrap_or(Moment(u64::MAX)))
    }
}
