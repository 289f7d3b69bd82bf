//! A world that follows a path of the proof: attempts end as it says, people say what it says, and metrics say at each time what the next
//! move of the path needs. The path has its own times; where the run is a little later because polls are further apart, what follows is as
//! much later.

use std::collections::{BTreeMap, VecDeque};

use runbook::engine::{
    Answer, Attempt, Effect, Entrance, Input, Moment, Note, Outcome, Phase, Reading, Running,
    Stamp, State, Task, Work,
};
use runbook::plan::{GuardAction, MetricId, Plan, Precondition};
use runbook::prove::{How, Leg, Move, Start, legs};
use runbook::simulate::healthy_values;
use runbook::world::{Fact, World};

use super::world::good;

const BY: &str = "a person";

/// A run that goes on for ever is ended.
const MOST: usize = 30_000;

pub(super) struct Follow {
    legs: Vec<Leg>,
    /// The move that comes next.
    at: usize,
    /// How much later the run is than the path.
    late: i64,
    now: Moment,
    soon: VecDeque<Input>,
    healthy: Vec<f64>,
    /// What metrics say until the way back has begun.
    stand: BTreeMap<MetricId, Reading>,
    /// What is out, as this world knows it.
    out: Vec<(Attempt, Work)>,
    facts: usize,
}

/// Whether a path can be followed: what flaps is seen only by what is not said, and a window has no end here.
pub(super) fn can_follow(path: &[Move]) -> bool {
    path.iter().all(|happens| match happens {
        Move::Flaps(_) => false,
        Move::Begins(start) => !matches!(start, Start::Closed | Start::Waits),
        Move::Ends { closed, .. } | Move::Passes { closed, .. } => !closed,
        Move::Trips { .. }
        | Move::Blinds { .. }
        | Move::Sees(_)
        | Move::Drifts(_)
        | Move::Recovers { .. }
        | Move::Relapses { .. }
        | Move::Awaits { .. }
        | Move::Answers { .. }
        | Move::Orders
        | Move::Leaves
        | Move::TakenUp => true,
    })
}

impl Follow {
    pub(super) fn new(plan: &Plan, path: &[Move]) -> Self {
        let mut follow = Self {
            legs: legs(plan, path),
            at: 0,
            late: 0,
            now: Moment(1),
            soon: VecDeque::new(),
            healthy: healthy_values(plan),
            stand: BTreeMap::new(),
            out: Vec::new(),
            facts: 0,
        };
        let unconfirmed = matches!(path.first(), Some(Move::Begins(Start::Unconfirmed)));
        let confirmed = plan.before.iter().filter_map(|one| match one {
            Precondition::Confirm { title } => Some(title.clone()),
            Precondition::Check(_) | Precondition::Approve(_) => None,
        });
        let confirmed = if unconfirmed {
            Vec::new()
        } else {
            confirmed.collect()
        };
        follow.soon.push_back(Input::Begin {
            by: BY.to_owned(),
            confirmed,
            entry: Entrance::Now,
            missing: Vec::new(),
        });
        follow
    }

    /// How far the path was followed, and how long it is.
    pub(super) fn progress(&self) -> (usize, usize) {
        (self.at, self.legs.len())
    }

    fn leg(&self) -> Option<&Leg> {
        self.legs.get(self.at)
    }

    fn advance(&mut self) {
        if let Some(leg) = self.legs.get(self.at) {
            let (now, then) = (self.now.0 as i64, leg.after.0 as i64);
            self.late = now - then;
        }
        self.at += 1;
    }

    /// A moment of the path, as it is here.
    fn here(&self, at: Moment) -> Moment {
        let at = (at.0 as i64 + self.late).max(0) as u64;
        Moment(at).max(self.now)
    }

    /// The attempt here that an attempt of the path is.
    fn of_path(&self, leg: &Leg, attempt: Attempt) -> Option<(Attempt, Work)> {
        let running: &Running = leg
            .before
            .running
            .iter()
            .find(|one| one.attempt == attempt)?;
        let same = |(_, work): &&(Attempt, Work)| alike(*work, running.work);
        self.out.iter().find(same).copied()
    }

    fn end(&mut self, attempt: Attempt, outcome: Outcome) {
        self.out.retain(|(one, _)| *one != attempt);
        self.soon.push_back(Input::Ended { attempt, outcome });
    }

    /// Does what comes next, as far as it happens now; when it has to be looked at again.
    fn act(&mut self, plan: &Plan, state: &State) -> Option<Moment> {
        let leg = self.leg()?.clone();
        if !matches!(leg.happens, Move::Begins(_) | Move::Passes { .. }) && !is_there(&leg, state) {
            return None;
        }
        match leg.happens {
            Move::Begins(_) => {
                // It is over when nothing is asked any more before the rollout.
                let asks =
                    matches!(&state.phase, Phase::Preparing(one) if !one.unanswered.is_empty());
                if !asks && state.phase != Phase::New {
                    self.advance();
                    return Some(self.now);
                }
                None
            }
            Move::Ends {
                attempt, how, at, ..
            } => {
                let Some((here, work)) = self.of_path(&leg, attempt) else {
                    // Between two tries of what the path takes as one.
                    let tries = matches!(
                        leg.before
                            .running
                            .iter()
                            .find(|one| one.attempt == attempt)?
                            .work,
                        Work::Read { .. } | Work::Probe { .. }
                    );
                    let is_paused = state
                        .strands
                        .values()
                        .any(|one| matches!(one.task, Task::Pausing { .. }));
                    if tries && !is_paused && self.soon.is_empty() {
                        self.advance();
                        return Some(self.now);
                    }
                    return None;
                };
                let fails = Outcome::Exited {
                    status: 1,
                    said: String::new(),
                };
                let again = matches!(work, Work::Read { .. } | Work::Probe { .. });
                if again && how == How::Fails {
                    self.end(here, fails);
                    return Some(self.now);
                }
                let at = if again { self.now } else { self.here(at) };
                if at > self.now {
                    return Some(at);
                }
                let resumed = Input::Resumed { by: BY.to_owned() };
                match how {
                    How::Well => self.end(here, good(plan, state, work)),
                    How::Fails => self.end(here, fails),
                    How::Hangs => self.end(here, Outcome::TimedOut),
                    How::Stops => self.end(here, Outcome::Stopped),
                    How::Dies => {
                        self.soon.push_back(resumed);
                        let why = "the runner died".to_owned();
                        self.end(here, Outcome::Unknown { why });
                    }
                    How::NeverBegins => {
                        self.soon.push_back(resumed);
                        self.end(here, Outcome::NeverBegan);
                    }
                }
                self.advance();
                Some(self.now)
            }
            Move::Passes { to, .. } => {
                let to = self.here(to);
                if to > self.now {
                    return Some(to);
                }
                self.advance();
                Some(self.now)
            }
            // Seen in what the run says.
            Move::Trips { .. }
            | Move::Blinds { .. }
            | Move::Recovers { .. }
            | Move::Relapses { .. }
            | Move::Awaits { .. } => None,
            Move::Flaps(_) | Move::Sees(_) => {
                self.stand.clear();
                self.advance();
                Some(self.now)
            }
            Move::Drifts(_) => {
                self.stand.extend(leg.readings.iter().cloned());
                self.advance();
                Some(self.now)
            }
            Move::Answers { question, answer } => {
                let about = leg.before.questions.iter();
                let about = about
                    .filter(|one| one.number == question)
                    .map(|one| one.about)
                    .next()?;
                let open = state.questions.iter().find(|one| one.about == about)?;
                let people = if answer == Answer::Approve { 3 } else { 1 };
                for number in 1..=people {
                    self.soon.push_back(Input::Answered {
                        question: Some(open.number),
                        answer,
                        by: format!("{BY} {number}"),
                        reason: "as it is".to_owned(),
                    });
                }
                self.advance();
                Some(self.now)
            }
            Move::Orders => {
                self.soon.push_back(Input::RollBack {
                    from: None,
                    by: BY.to_owned(),
                    reason: "as it is".to_owned(),
                });
                self.advance();
                Some(self.now)
            }
            Move::Leaves => {
                self.soon.push_back(Input::Interrupt);
                for (attempt, work) in self.out.clone() {
                    let stops = leg.before.running.iter();
                    let stops = stops
                        .filter(|one| alike(one.work, work))
                        .any(|one| one.stopping);
                    let outcome = if stops {
                        Outcome::Stopped
                    } else {
                        good(plan, state, work)
                    };
                    self.end(attempt, outcome);
                }
                self.soon.push_back(Input::Resumed { by: BY.to_owned() });
                self.advance();
                Some(self.now)
            }
            Move::TakenUp => {
                self.soon.push_back(Input::Resumed { by: BY.to_owned() });
                self.advance();
                Some(self.now)
            }
        }
    }

    /// What the run says of the next move.
    fn hears(&mut self, plan: &Plan, note: &Note) {
        let Some(leg) = self.leg().cloned() else {
            return;
        };
        let is_it = match (leg.happens, note) {
            (Move::Trips { guard, .. }, Note::Tripped { guard: one, .. })
            | (Move::Blinds { guard, .. }, Note::Blind { guard: one, .. }) => guard == *one,
            (Move::Recovers { .. }, Note::Recovered { .. })
            | (Move::Awaits { .. }, Note::WaitedUntil { .. } | Note::Decided { .. }) => true,
            (Move::Awaits { holds, .. }, Note::RollbackBegan { .. } | Note::LevelFailed { .. }) => {
                holds == Some(false)
            }
            (Move::Relapses { .. }, Note::Watching(_)) => true,
            // What is tried again and again has come to its end.
            (
                Move::Ends {
                    how: How::Fails, ..
                },
                Note::RollbackBegan { .. } | Note::ForwardBegan { .. } | Note::LevelFailed { .. },
            ) => true,
            (_, _) => false,
        };
        if is_it {
            // Who is blind stays blind, and what holds goes on holding, until the path says that all is well.
            let goes_on = match leg.happens {
                Move::Blinds { .. } => true,
                Move::Trips { guard, .. } => {
                    let guard = plan.guards.get(guard.index());
                    guard.is_some_and(|guard| guard.action == GuardAction::Hold)
                }
                _other => false,
            };
            if goes_on {
                self.stand.extend(leg.readings.clone());
            }
            self.advance();
        }
        if matches!(note, Note::LevelBegan(_)) {
            self.stand.clear();
        }
    }

    /// Whether a guard that reads a metric has seen nothing yet where the path waits for it, or where it trips: it has not been answered
    /// before.
    fn is_kept_back(&self, plan: &Plan, metric: MetricId) -> bool {
        let stage = self.leg().and_then(|leg| leg.before.stage());
        let rest = self.legs.get(self.at + 1..).unwrap_or_default().iter();
        let mut rest = rest.take_while(|leg| stage.is_some() && leg.before.stage() == stage);
        rest.any(|leg| {
            let settles = |task: &Task| matches!(task, Task::Settling { .. });
            let waits = leg.before.strands.values().any(|one| settles(&one.task));
            plan.guards.iter().any(|guard| {
                let trips =
                    matches!(leg.happens, Move::Trips { guard: one, .. } if one == guard.id);
                let known = leg.before.guards.get(guard.id.index());
                let is_new = known.is_some_and(|known| known.looked == 0 && !known.blind);
                is_new && (trips || waits) && guard.condition.metrics.contains(&metric)
            })
        })
    }

    fn reading(&self, (plan, state): (&Plan, &State), metric: MetricId) -> Reading {
        // Who trips without having looked before has not been answered before.
        if self.is_kept_back(plan, metric) {
            return Reading::NoData("not yet".to_owned());
        }
        let told = self.leg().and_then(|leg| {
            let of_it = |(one, _): &&(MetricId, Reading)| *one == metric;
            let all = match leg.happens {
                // Not before its time: another guard may see it sooner.
                Move::Begins(Start::Blind) => {
                    return (metric.index() == 0).then(|| Reading::Error("no answer".to_owned()));
                }
                _other => &leg.readings,
            };
            if !is_there(leg, state) {
                return None;
            }
            all.iter().find(of_it).map(|(_, reading)| reading.clone())
        });
        let rolls = matches!(state.phase, Phase::Rolling { .. });
        let stands = self.stand.get(&metric).filter(|_| rolls).cloned();
        told.or(stands).unwrap_or_else(|| {
            let healthy = self.healthy.get(metric.index()).copied();
            Reading::Value(healthy.unwrap_or_default())
        })
    }

    fn fact(&mut self, input: Input) -> Fact {
        self.facts += 1;
        let wall = 1_767_225_600_000 + i64::try_from(self.now.0).expect("a time");
        Fact {
            stamp: Stamp {
                run: self.now,
                wall,
            },
            input,
            letter: None,
        }
    }
}

/// Whether a run is in the stage or level in which a move of the path happens.
fn is_there(leg: &Leg, state: &State) -> bool {
    (leg.before.stage(), leg.before.level()) == (state.stage(), state.level())
}

/// Whether two pieces of work are the same, whatever their number.
fn alike(one: Work, other: Work) -> bool {
    one == other
}

impl World for Follow {
    fn start(&mut self, plan: &Plan, state: &State, effect: &Effect) {
        match effect {
            Effect::Start { attempt, work, .. } => self.out.push((*attempt, *work)),
            Effect::Stop { attempt } => {
                // When the path says how it ends, it ends so.
                let told = self
                    .legs
                    .get(self.at..)
                    .unwrap_or_default()
                    .iter()
                    .any(|leg| {
                        matches!(
                            leg.happens,
                            Move::Ends {
                                how: How::Stops | How::Dies,
                                ..
                            }
                        )
                    });
                if !told {
                    self.end(*attempt, Outcome::Stopped);
                }
            }
            Effect::Query { metric } => {
                let reading = self.reading((plan, state), *metric);
                self.soon.push_back(Input::Sample {
                    metric: *metric,
                    reading,
                });
            }
            Effect::LookBack { metric, .. } => self.soon.push_back(Input::History {
                metric: *metric,
                past: Vec::new(),
                failed: Some("nothing is remembered".to_owned()),
            }),
            Effect::Measure { metric, .. } => self.soon.push_back(Input::Measured {
                metric: *metric,
                past: Vec::new(),
                failed: Some("nothing is remembered".to_owned()),
            }),
            Effect::Notify { notice, .. } => self.soon.push_back(Input::Notified {
                notice: *notice,
                failed: None,
            }),
            Effect::Say(note) => self.hears(plan, note),
            Effect::Open { .. }
            | Effect::Remind { .. }
            | Effect::Ask(_)
            | Effect::Withdraw(_)
            | Effect::Left(_)
            | Effect::Finish(_) => {}
        }
    }

    fn next(&mut self, plan: &Plan, state: &State, wake: Option<Moment>) -> Option<Fact> {
        if self.facts > MOST {
            return None;
        }
        loop {
            if let Some(input) = self.soon.pop_front() {
                return Some(self.fact(input));
            }
            let look = self.act(plan, state);
            if !self.soon.is_empty() || look == Some(self.now) {
                continue;
            }
            let next = look.into_iter().chain(wake).min()?;
            self.now = self.now.max(next);
            if wake == Some(next) {
                return Some(self.fact(Input::Tick));
            }
        }
    }
}
