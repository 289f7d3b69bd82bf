//! A world that follows a path of the proof: attempts end as it says, people say what it says, and metrics say at each time what the next
//! move of the path needs. The path has its own times; where the run is a little later because polls are further apart, what follows is as
//! much later.

use std::collections::{BTreeMap, VecDeque};

use runbook::engine::{
    Answer, Attempt, Effect, Entrance, Input, Moment, Note, Outcome, Phase, QuestionAbout, Reading,
    Running, State, Task, Work,
};
use runbook::plan::{GuardAction, GuardId, MetricId, Plan, Precondition, StageId};
use runbook::prove::{How, Leg, Missed, Move, Start, legs};
use runbook::simulate::healthy_values;
use runbook::value::Millis;
use runbook::world::{Fact, World};

use super::world::{fact_at, good};

mod late;
mod leg;
mod says;

pub(in crate::prove) use leg::cannot_follow;

use late::{Slow, Then};
use leg::{
    alike, begins, decides, ends_soak, is_same_question, is_there, is_tried_again,
    is_tried_until_it_holds, looked_at, says_how_it_stops,
};

const BY: &str = "a person";

/// Longer than what is between two tries of a probe or a read.
const BETWEEN_TRIES: Millis = Millis::from_secs(3);

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
    out: Vec<Out>,
    /// Metrics whose answer takes long.
    slow: Vec<Slow>,
    /// Breaches that come so seldom that they neither clear nor trip.
    flaps: Option<(GuardId, Vec<(MetricId, Reading)>)>,
    /// How often each metric was asked in the stage that is on.
    asked: (Option<StageId>, BTreeMap<MetricId, u64>),
    facts: usize,
    /// What ends by itself ends at once.
    pace: Pace,
}

/// How long things take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// As the path says: as long as they may.
    Told,
    /// No time, where the path lets them take some; and what metrics come to say in a stage they say from its beginning.
    Sooner,
}

/// An attempt that is out.
#[derive(Clone, Copy)]
struct Out {
    attempt: Attempt,
    work: Work,
    /// When its time is over.
    until: Moment,
}

impl Follow {
    pub(super) fn new(plan: &Plan, path: &[Move], pace: Pace) -> Self {
        let mut follow = Self {
            legs: legs(plan, path),
            at: 0,
            late: 0,
            now: Moment(1),
            soon: VecDeque::new(),
            healthy: healthy_values(plan),
            stand: BTreeMap::new(),
            out: Vec::new(),
            slow: Vec::new(),
            flaps: None,
            asked: (None, BTreeMap::new()),
            facts: 0,
            pace,
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

    /// A stage begins: what was done before it took another time here than the path says.
    fn keep_step(&mut self, stage: StageId) {
        let mut done = self.legs.iter().take(self.at).rev();
        if let Some(leg) = done.find(|leg| begins(leg, stage)) {
            self.late = self.now.0 as i64 - leg.after.0 as i64;
        }
    }

    /// A moment of the path, as it is here.
    fn here(&self, at: Moment) -> Moment {
        let at = (at.0 as i64 + self.late).max(0) as u64;
        Moment(at).max(self.now)
    }

    /// The attempt here that an attempt of the path is.
    fn of_path(&self, leg: &Leg, attempt: Attempt) -> Option<Out> {
        let running: &Running = leg
            .before
            .running
            .iter()
            .find(|one| one.attempt == attempt)?;
        let same = |out: &&Out| alike(out.work, running.work);
        self.out.iter().find(same).copied()
    }

    fn end(&mut self, attempt: Attempt, outcome: Outcome) {
        self.out.retain(|out| out.attempt != attempt);
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
                let Some(out) = self.of_path(&leg, attempt) else {
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
                let (here, work) = (out.attempt, out.work);
                let again = matches!(work, Work::Read { .. } | Work::Probe { .. })
                    && is_tried_until_it_holds(state, here);
                let is_sooner_again = how == How::Well && self.pace == Pace::Sooner;
                // Each try takes all of its time, so that the last one ends when the path says it.
                let then = self.here(at);
                let is_last = how == How::Well && out.until >= then;
                if again && !is_last && !is_sooner_again {
                    // What fails sooner leaves the last one its time.
                    let is_near = how == How::Well && out.until.after(BETWEEN_TRIES) >= then;
                    let fails_at = if is_near {
                        let soon = then.0.saturating_sub(2 * BETWEEN_TRIES.0);
                        Moment(soon).max(self.now).min(out.until)
                    } else {
                        out.until
                    };
                    if fails_at > self.now {
                        return Some(fails_at);
                    }
                    self.end(here, fails);
                    return Some(self.now);
                }
                let ends = matches!(how, How::Well | How::Prints(_) | How::Fails);
                let is_sooner = ends && self.pace == Pace::Sooner;
                if is_sooner && self.is_not_seen(plan, state) && out.until > self.now {
                    return Some(out.until);
                }
                let at = if is_sooner || is_sooner_again {
                    self.now
                } else {
                    then
                };
                if at > self.now {
                    return Some(at);
                }
                let resumed = Input::Resumed { by: BY.to_owned() };
                match how {
                    How::Well | How::Prints(_) => {
                        let ends = leg.ends.clone();
                        self.end(here, ends.unwrap_or_else(|| good(plan, state, work)));
                    }
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
            // It is over when the level is begun, or is not.
            Move::Drifts(_) | Move::Passes { .. } if looked_at(&leg).is_some() => None,
            Move::Passes { .. } if ends_soak(&leg) => None,
            Move::Passes { to, .. } => {
                let to = self.here(to);
                if to > self.now {
                    return Some(to);
                }
                // What follows from it has the next move.
                self.soon.push_back(Input::Tick);
                self.advance();
                Some(self.now)
            }
            // Seen in what the run says.
            Move::Trips { .. }
            | Move::Blinds { .. }
            | Move::Recovers { .. }
            | Move::Relapses { .. }
            | Move::Awaits { .. } => None,
            Move::Sees(_) => {
                self.stand.clear();
                self.flaps = None;
                self.advance();
                Some(self.now)
            }
            Move::Flaps(guard) => {
                self.flaps = Some((guard, leg.readings.clone()));
                self.asked.1.clear();
                self.advance();
                Some(self.now)
            }
            Move::Misses { guard, missed } => {
                let known = state.guards.get(guard.index())?;
                match missed {
                    Missed::Many => {}
                    Missed::Newest if known.unsighted => {
                        self.stand.extend(leg.readings.iter().cloned());
                    }
                    Missed::Newest => return None,
                }
                self.advance();
                Some(self.now)
            }
            Move::Drifts(_) => {
                // Where a guard minds it, it begins right before the next move.
                let next = self
                    .legs
                    .get(self.at + 1)
                    .and_then(|leg| match leg.happens {
                        Move::Ends { at, .. } | Move::Passes { to: at, .. } => Some(self.here(at)),
                        _other => None,
                    });
                let mut guards = plan.guards.iter();
                let every = guards.find_map(|guard| {
                    let reads =
                        |(id, _): &(MetricId, Reading)| guard.condition.metrics.contains(id);
                    let known = state.guards.get(guard.id.index())?;
                    (known.looked > 0 && leg.readings.iter().any(reads)).then_some(guard.every)
                });
                if let (Some(next), Some(every)) = (next, every) {
                    // The last poll before it shows it, and no other one does.
                    let begins = Moment(next.0.saturating_sub(every.0) + 1);
                    if begins > self.now {
                        return Some(begins);
                    }
                }
                self.stand.extend(leg.readings.iter().cloned());
                // It takes no time, whenever it begins.
                self.at += 1;
                Some(self.now)
            }
            // People take their time: until it is seen how things stand.
            Move::Answers { .. }
                if self.is_not_seen(plan, state) || self.flaps_later(&leg, state) =>
            {
                None
            }
            Move::Answers { question, answer } => {
                let about = leg.before.questions.iter();
                let about = about
                    .filter(|one| one.number == question)
                    .map(|one| one.about)
                    .next()?;
                let mut open = state.questions.iter();
                let open = open.find(|one| is_same_question(one.about, about))?;
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
                for Out { attempt, work, .. } in self.out.clone() {
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
            | (Move::Awaits { .. }, Note::WaitedUntil { .. }) => true,
            // It holds sooner here than at its last moment.
            (Move::Passes { .. }, Note::WaitedUntil { .. }) => true,
            // What needs nothing to be seen is decided at once, and is no move of its own.
            (Move::Awaits { .. } | Move::Passes { .. }, Note::Decided { condition, .. }) => {
                decides(&leg, condition)
            }
            (Move::Awaits { holds, .. }, Note::RollbackBegan { .. } | Note::LevelFailed { .. }) => {
                holds == Some(false)
            }
            (Move::Passes { .. }, Note::WaitEnded { .. }) => ends_soak(&leg),
            // What is waited for is there sooner than at the last moment.
            (Move::Passes { .. }, Note::StageBegan(stage)) => begins(&leg, *stage),
            (Move::Relapses { .. }, Note::Watching(_)) => true,
            // What is tried again and again has come to its end.
            (
                Move::Ends {
                    attempt,
                    how: How::Fails,
                    ..
                },
                Note::RollbackBegan { .. } | Note::ForwardBegan { .. },
            ) => leg.before.stage().is_some() && is_tried_again(&leg, attempt),
            (
                Move::Ends {
                    attempt,
                    how: How::Fails,
                    ..
                },
                Note::LevelFailed { level, .. },
            ) => leg.before.level() == Some(*level) && is_tried_again(&leg, attempt),
            // What was asked lately is not looked at again.
            (
                Move::Drifts(_) | Move::Passes { .. },
                Note::LevelBegan(level) | Note::LevelSkipped(level),
            ) => looked_at(&leg).is_some_and(|(of, _)| of == *level),
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
        if let Note::StageBegan(stage) = note {
            self.keep_step(*stage);
        }
        if matches!(note, Note::LevelBegan(_)) {
            self.stand.clear();
            self.flaps = None;
        }
    }

    fn fact(&mut self, input: Input) -> Fact {
        self.facts += 1;
        fact_at(self.now, input)
    }
}

impl World for Follow {
    fn start(&mut self, plan: &Plan, state: &State, effect: &Effect) {
        match effect {
            Effect::Start {
                attempt,
                work,
                timeout,
            } => self.out.push(Out {
                attempt: *attempt,
                work: *work,
                until: self.now.after(*timeout),
            }),
            Effect::Stop { attempt } => {
                // When the path says how it ends, it ends so.
                let work = self.out.iter().find(|one| one.attempt == *attempt);
                let work = work.map(|out| out.work);
                let rest = self.legs.get(self.at..).unwrap_or_default();
                let told = rest.iter().any(|leg| says_how_it_stops(leg, work));
                if !told {
                    self.end(*attempt, Outcome::Stopped);
                }
            }
            Effect::Query { metric } => {
                if let Some((until, then)) = self.answers_late((plan, state), *metric) {
                    let reading = self.reading((plan, state), *metric);
                    self.slow.push(Slow {
                        metric: *metric,
                        reading,
                        until,
                        then,
                    });
                } else {
                    self.answer((plan, state), *metric);
                }
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
            Effect::Ask(question) => {
                let leg = self.leg().map(|leg| leg.happens);
                if let (QuestionAbout::Unseen, Some(Move::Awaits { holds: None, .. })) =
                    (question.about, leg)
                {
                    self.advance();
                }
            }
            Effect::Open { .. }
            | Effect::Remind { .. }
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
            let is_there = |slow: &Slow| {
                slow.until <= self.now
                    || match slow.then {
                        Then::AtLast => false,
                        Then::AsSoon => !self.is_kept_back((plan, state), slow.metric),
                        Then::With(at) => self.at >= at,
                    }
            };
            if let Some(index) = self.slow.iter().position(is_there) {
                let Slow {
                    metric, reading, ..
                } = self.slow.remove(index);
                if state.stage().is_some() {
                    self.answer((plan, state), metric);
                } else {
                    self.soon.push_back(Input::Sample { metric, reading });
                }
                continue;
            }
            let slow = self.slow.iter().map(|slow| slow.until);
            let next = look.into_iter().chain(wake).chain(slow).min()?;
            self.now = self.now.max(next);
            let passes = self.leg().map(|leg| leg.happens);
            let passes = matches!(passes, Some(Move::Passes { .. })) && look == Some(next);
            if wake == Some(next) && !passes {
                return Some(self.fact(Input::Tick));
            }
        }
    }
}
