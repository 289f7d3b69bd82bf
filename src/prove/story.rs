//! Owns the telling of a path: what happens on it, in order, with its time and its place in the plan. The path is gone again on the
//! engine, so nothing is told that does not happen. It knows no file.

use crate::engine::{
    Aim, Answer, Attempt, Effect, Moment, Note, Phase, QuestionAbout, Reading, State, Verdict,
    WatchNote, Work,
};
use crate::plan::{ExposureId, GuardId, LevelId, Plan, StageId, StepId};
use crate::value::Millis;

use super::act::Actor;
use super::end::is_exposed;
use super::moves::{How, Missed, Move, Start};
use super::node::Node;
use super::place;

/// Where in the plan something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A step.
    Step(StepId),
    /// The operation of this number in a stage.
    InStage(StageId, usize),
    /// The operation of this number in a level.
    InLevel(LevelId, usize),
    /// A guard.
    Guard(GuardId),
    /// A level.
    Level(LevelId),
}

/// One thing that happens on a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// When, from the beginning.
    pub at: Millis,
    /// What, in words.
    pub text: String,
    /// Where in the plan.
    pub place: Option<Place>,
    /// Whether something goes wrong.
    pub turn: Turns,
}

/// Which way a path turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turns {
    /// As it goes well, or as it follows.
    Nowhere,
    /// Something goes wrong.
    Wrong,
}

/// Everything that happens on a path from the beginning.
pub(super) fn tell(actor: &Actor<'_>, path: &[Move]) -> Vec<Told> {
    let mut teller = Teller {
        plan: actor.plan,
        told: Vec::new(),
        well: Vec::new(),
    };
    let mut node = actor.beginning();
    for happens in path {
        let before = node.state.now;
        teller.cause(actor, &node, *happens);
        let (next, effects) = actor.after(node, *happens);
        let now = next.state.now.max(before);
        for effect in &effects {
            teller.follows(&next, now, effect);
        }
        node = next;
    }
    teller.flush(node.state.now);
    teller.told
}

struct Teller<'a> {
    plan: &'a Plan,
    told: Vec<Told>,
    /// Steps that succeeded and are not told yet.
    well: Vec<String>,
}

impl Teller<'_> {
    fn flush(&mut self, at: Moment) {
        if self.well.is_empty() {
            return;
        }
        let what = std::mem::take(&mut self.well);
        let verb = if what.len() == 1 {
            "succeeds"
        } else {
            "succeed"
        };
        let text = format!("{} {verb}", listed(&what));
        self.put(at, text, Turns::Nowhere, None);
    }

    fn put(&mut self, at: Moment, text: String, turn: Turns, place: Option<Place>) {
        self.told.push(Told {
            at: Millis(at.0 / 1_000 * 1_000),
            text,
            place,
            turn,
        });
    }

    fn say(&mut self, at: Moment, text: String) {
        self.flush(at);
        self.put(at, text, Turns::Nowhere, None);
    }

    fn wrong(&mut self, at: Moment, text: String, place: Option<Place>) {
        self.flush(at);
        self.put(at, text, Turns::Wrong, place);
    }

    fn cause(&mut self, actor: &Actor<'_>, node: &Node, happens: Move) {
        let state = &node.state;
        let now = state.now;
        match happens {
            Move::Begins(Start::Elsewhere(way)) => {
                let moved = actor.unknown.moved(usize::from(way)).into_iter();
                let stands = moved.map(|(id, value)| {
                    format!("{} at {}", self.exposure(id), self.plan.shown(id, value))
                });
                let stands: Vec<String> = stands.collect();
                self.say(now, format!("the run begins with {}", stands.join(", ")));
            }
            Move::Begins(start) => self.say(now, begins(start).to_owned()),
            Move::Ends {
                attempt,
                how,
                at,
                closed,
            } => {
                if closed {
                    self.wrong(at, "the window closes".to_owned(), None);
                }
                self.ends(actor, state, (attempt, how, at));
            }
            Move::Passes { to, closed } => {
                if closed {
                    self.wrong(to, "the window closes".to_owned(), None);
                }
            }
            Move::Trips { guard, at } => {
                let text = format!("guard {} trips: {}", self.guard(guard), self.when(guard));
                self.wrong(at, text, Some(Place::Guard(guard)));
            }
            Move::Flaps(guard) => {
                let text = format!(
                    "guard {} sees breaches that neither last nor clear",
                    self.guard(guard)
                );
                self.wrong(now, text, Some(Place::Guard(guard)));
            }
            Move::Misses { guard, missed } => {
                let name = self.guard(guard);
                let text = match missed {
                    Missed::Many => {
                        format!("guard {name} misses so many samples that it has not looked enough")
                    }
                    Missed::Newest => format!("guard {name} gets no answer for a while"),
                };
                self.wrong(now, text, Some(Place::Guard(guard)));
            }
            Move::Blinds { guard, at } => {
                let text = format!("guard {} gets no answer any more", self.guard(guard));
                self.wrong(at, text, Some(Place::Guard(guard)));
            }
            Move::Sees(guard) => {
                let text = format!("guard {} sees that all is well", self.guard(guard));
                self.say(now, text);
            }
            Move::Drifts(index) => {
                let stand = actor.sights.drifts.get(index);
                let words: Vec<String> = stand
                    .into_iter()
                    .flatten()
                    .map(|(metric, reading)| {
                        let name = self.plan.metrics.get(metric.index());
                        let name = name.map_or("?", |one| one.name.as_str());
                        match reading {
                            Reading::Value(value) => format!("{name} is {value}"),
                            Reading::NoData(_) | Reading::Error(_) | Reading::Misconfigured(_) => {
                                format!("{name} cannot be seen")
                            }
                        }
                    })
                    .collect();
                self.wrong(now, listed(&words), None);
            }
            // That it does is said by the engine.
            Move::Recovers { .. } => {}
            Move::Relapses { at } => {
                let level = state.level();
                let recovered = level.and_then(|level| self.plan.recovered_of(level));
                let when = recovered.map_or("?", |one| one.condition.text.as_str());
                let text = format!("the service relapses while it is looked on: not {when}");
                self.wrong(at, text, None);
            }
            Move::Awaits { which, holds, at } => {
                let all = place::awaited(self.plan, state);
                let text = all.get(which).map_or("?", |one| &one.condition.text);
                let text = match holds {
                    Some(true) => format!("`{text}` holds"),
                    Some(false) => format!("`{text}` does not hold in time"),
                    None => format!("`{text}` cannot be seen in time"),
                };
                self.wrong(at, text, None);
            }
            Move::Answers { question, answer } => {
                let about = state.questions.iter().find(|one| one.number == question);
                let text = match (about.map(|one| one.about), answer) {
                    (Some(QuestionAbout::Approval(_)), Answer::Approve) => {
                        "all that are asked for it approve".to_owned()
                    }
                    (_, answer) => format!("a person answers `{}`", answer.word()),
                };
                self.say(now, text);
            }
            Move::Orders => self.wrong(now, "a person orders the rollback".to_owned(), None),
            Move::Leaves => self.wrong(
                now,
                "a person interrupts the run, and it is taken up again".to_owned(),
                None,
            ),
            Move::TakenUp => self.wrong(
                now,
                "the runner dies, and the run is taken up again".to_owned(),
                None,
            ),
        }
    }

    fn ends(
        &mut self,
        actor: &Actor<'_>,
        state: &State,
        (attempt, how, at): (Attempt, How, Moment),
    ) {
        let running = place::attempts(state).find(|one| one.attempt == attempt);
        let Some(running) = running else { return };
        let what = self.work(running.work);
        let place = self.place_of(state, running);
        let is_read_back = matches!(place::aim(state, running), Some(Aim::Agree { .. }));
        let text = match (how, running.work) {
            (How::Well, Work::Step { .. } | Work::Check { .. }) => {
                self.well.push(what);
                return;
            }
            (How::Well, _) => return,
            (How::Prints(value), Work::Step { step, .. }) => {
                let capture = self.plan.captured_by(step);
                let values = capture.map(|one| actor.unknown.prints(one.id));
                let printed = values.and_then(|all| all.get(usize::from(value)));
                self.say(
                    at,
                    format!("{what} prints {}", printed.map_or("?", String::as_str)),
                );
                return;
            }
            (How::Prints(_), _) => return,
            (How::Fails, Work::Probe { .. }) => format!("{what} does not hold in its time"),
            (How::Fails, Work::Read { exposure }) if is_read_back => {
                format!("{} is not read back as it was set", self.exposure(exposure))
            }
            (How::Fails, Work::Unless { .. }) => return,
            (How::Fails, _) => format!("{what} fails"),
            (How::Hangs, _) => format!("{what} does not end, and is killed after its timeout"),
            (How::Stops, _) => format!("{what} is stopped"),
            (How::Dies, _) => {
                format!("the runner dies in the middle of {what}, and the run is taken up again")
            }
            (How::NeverBegins, _) => {
                format!("the runner dies before it begins {what}, and the run is taken up again")
            }
        };
        self.wrong(at, text, place);
    }

    /// Where the work of an attempt stands.
    fn place_of(&self, state: &State, running: &crate::engine::Running) -> Option<Place> {
        match running.work {
            Work::Step { step, .. } | Work::Unless { step } | Work::Check { step } => {
                Some(Place::Step(step))
            }
            Work::Set { .. } | Work::Read { .. } | Work::Probe { .. } => {
                let op = *state.strands.get(&running.strand)?.at.first()?;
                match state.phase {
                    Phase::Rolling { stage, .. } => Some(Place::InStage(stage, op)),
                    Phase::RollingBack { level, .. } => Some(Place::InLevel(level, op)),
                    Phase::New | Phase::Preparing(_) | Phase::Closing(_) | Phase::Final(_) => None,
                }
            }
        }
    }

    fn follows(&mut self, node: &Node, at: Moment, effect: &Effect) {
        match effect {
            Effect::Say(note) => self.note(at, note),
            Effect::Ask(question) => match question.about {
                QuestionAbout::Approval(_) => {
                    self.say(at, "people are asked to approve".to_owned())
                }
                QuestionAbout::Unknown { step, .. } => {
                    let text = format!(
                        "nobody knows whether {} has happened: a person is asked",
                        self.work(Work::Check { step })
                    );
                    self.say(at, text);
                }
                QuestionAbout::Undo { step, .. } => {
                    let text = format!(
                        "nobody knows how {} stands, which is to be undone: a person is asked",
                        self.work(Work::Check { step })
                    );
                    self.say(at, text);
                }
                QuestionAbout::Guard(_)
                | QuestionAbout::Hold
                | QuestionAbout::Failure(_)
                | QuestionAbout::Unseen
                | QuestionAbout::Unapproved(_) => {
                    self.say(at, "a person is asked whether to go on".to_owned());
                }
            },
            Effect::Finish(verdict) => {
                let text = self.verdict(node, verdict);
                self.say(at, text);
            }
            Effect::Start { .. }
            | Effect::Stop { .. }
            | Effect::Query { .. }
            | Effect::LookBack { .. }
            | Effect::Measure { .. }
            | Effect::Withdraw(_)
            | Effect::Notify { .. }
            | Effect::Open { .. }
            | Effect::Remind { .. }
            | Effect::Left(_) => {}
        }
    }

    fn note(&mut self, at: Moment, note: &Note) {
        match note {
            Note::StageBegan(stage) => {
                let stage = self.plan.stages.get(stage.index());
                let name = stage.map_or("?", |stage| stage.name.as_str());
                self.say(at, format!("stage {name} begins"));
            }
            Note::Exposed { exposure, value } => {
                let text = format!(
                    "{} is {}",
                    self.exposure(*exposure),
                    self.plan.shown(*exposure, *value)
                );
                self.say(at, text);
            }
            Note::StepFailed {
                again: Some(pause), ..
            } => self.say(at, format!("it is tried again after {pause}")),
            Note::StepSkipped { step } => {
                let text = format!("{} is done already", self.work(Work::Check { step: *step }));
                self.say(at, text);
            }
            Note::Undone { step } => {
                let text = format!("{} is undone", self.work(Work::Check { step: *step }));
                self.say(at, text);
            }
            Note::Held { .. } => self.say(at, "the stage is held".to_owned()),
            Note::Settled {
                by: None, answer, ..
            } => self.say(at, format!("nobody answers in time: {answer}")),
            Note::RollbackBegan { .. } => self.say(at, "the rollback begins".to_owned()),
            Note::NoReturn { why } => {
                self.say(at, format!("the point of no return is passed: {why}"));
            }
            Note::ForwardBegan { .. } => self.say(at, "the way forward begins".to_owned()),
            Note::LevelSkipped(level) => {
                let when = self.level(*level).and_then(|level| level.when.as_ref());
                let when = when.map_or("?", |when| when.text.as_str());
                let text = format!(
                    "level {} is not for it: not {when}",
                    self.level_name(*level)
                );
                self.wrong(at, text, Some(Place::Level(*level)));
            }
            Note::LevelUnseen { level, .. } => {
                let name = self.level_name(*level);
                self.say(at, format!("whether level {name} is for it is not known"));
            }
            Note::LevelBegan(level) => {
                self.say(at, format!("level {} begins", self.level_name(*level)));
            }
            Note::LevelFailed { level, .. } => {
                self.say(
                    at,
                    format!("level {} was not enough", self.level_name(*level)),
                );
            }
            Note::Recovered { level, .. } => {
                if self.plan.recovered_of(*level).is_some() {
                    self.say(at, "the service has recovered".to_owned());
                } else {
                    let name = self.level_name(*level);
                    self.say(at, format!("level {name} is done, and counts as enough"));
                }
            }
            Note::Watching(WatchNote::Began { span }) => {
                self.say(at, format!("the service is looked on for {span}"));
            }
            Note::Watching(
                WatchNote::Breach { .. } | WatchNote::Cleared | WatchNote::Ended { .. },
            )
            | Note::Measuring { .. }
            | Note::Baseline { .. }
            | Note::StepFailed { again: None, .. }
            | Note::Settled { by: Some(_), .. }
            | Note::Undoes { .. }
            | Note::NothingToUndo
            | Note::LevelLooks(_)
            | Note::Preparing
            | Note::Checked { .. }
            | Note::Confirmed { .. }
            | Note::Captured { .. }
            | Note::ParallelBegan { .. }
            | Note::ParallelEnded
            | Note::HostsBegan { .. }
            | Note::HostsEnded { .. }
            | Note::Decided { .. }
            | Note::WaitsUntil { .. }
            | Note::WaitedUntil { .. }
            | Note::Approved { .. }
            | Note::Declined { .. }
            | Note::StageEnded(_)
            | Note::WaitBegan { .. }
            | Note::WaitEnded { .. }
            | Note::StageWaits { .. }
            | Note::StepDone { .. }
            | Note::Besides { .. }
            | Note::Verified { .. }
            | Note::StreakBegan { .. }
            | Note::StreakCleared { .. }
            | Note::Tripped { .. }
            | Note::Blind { .. }
            | Note::Sees { .. }
            | Note::Closed { .. }
            | Note::Opened
            | Note::Advised { .. }
            | Note::Hotfix { .. }
            | Note::Released
            | Note::NoReturnWaits { .. }
            | Note::LevelDone(_)
            | Note::NoticeFailed { .. }
            | Note::UnknownOutcome { .. }
            | Note::TakenUp { .. }
            | Note::Unwatched { .. }
            | Note::Recalled { .. }
            | Note::Unclear { .. }
            | Note::ClockJump { .. } => {}
        }
    }

    /// How it ends, and what is exposed then.
    fn verdict(&self, node: &Node, verdict: &Verdict) -> String {
        let exposed: Vec<String> = self
            .plan
            .exposures
            .iter()
            .zip(&node.state.exposures)
            .filter_map(|(exposure, value)| {
                let value = (*value)?;
                let shown = self.plan.shown(exposure.id, value);
                let is_exposed = is_exposed(self.plan, &node.state, exposure);
                is_exposed.then(|| format!("{} is {shown}", exposure.name))
            })
            .collect();
        let still = if exposed.is_empty() {
            String::new()
        } else {
            format!(", and {}", listed(&exposed))
        };
        match verdict {
            Verdict::Completed => "the run ends: completed".to_owned(),
            Verdict::RolledBack { level } => {
                let name = self.level_name(*level);
                format!("the run ends: rolled back by {name}{still}")
            }
            Verdict::WentForward { level } => {
                let name = self.level_name(*level);
                format!("the run ends: went forward by {name}{still}")
            }
            Verdict::Stuck { .. } => {
                let told = if node.monitor.told {
                    "people are told"
                } else {
                    "nobody is told"
                };
                format!("the run ends: stuck{still}, and {told}")
            }
            Verdict::Aborted { .. } => "the run ends: aborted, nothing was changed".to_owned(),
            Verdict::Refused { .. } => "the run is refused, nothing was changed".to_owned(),
        }
    }

    fn work(&self, work: Work) -> String {
        let step = |step: StepId| {
            let step = self.plan.steps.get(step.index());
            step.map_or("?", |step| step.name.as_str())
        };
        match work {
            Work::Step { step: id, .. } | Work::Check { step: id } => format!("`{}`", step(id)),
            Work::Unless { step: id } => format!("the `unless` of `{}`", step(id)),
            Work::Set { exposure, target } => format!(
                "setting {} to {}",
                self.exposure(exposure),
                self.plan.shown(exposure, target)
            ),
            Work::Read { exposure } => format!("reading {}", self.exposure(exposure)),
            Work::Probe { probe } => {
                let probe = self.plan.probes.get(probe.index());
                format!("probe {}", probe.map_or("?", |probe| probe.name.as_str()))
            }
        }
    }

    fn exposure(&self, id: ExposureId) -> &str {
        let one = self.plan.exposures.get(id.index());
        one.map_or("?", |one| one.name.as_str())
    }

    fn guard(&self, id: GuardId) -> &str {
        let one = self.plan.guards.get(id.index());
        one.map_or("?", |one| one.name.as_str())
    }

    fn when(&self, id: GuardId) -> &str {
        let one = self.plan.guards.get(id.index());
        one.map_or("?", |one| one.condition.text.as_str())
    }

    fn level(&self, id: LevelId) -> Option<&crate::plan::Level> {
        self.plan.level(id)
    }

    fn level_name(&self, id: LevelId) -> &str {
        self.level(id).map_or("?", |level| level.name.as_str())
    }
}

fn begins(start: Start) -> &'static str {
    match start {
        Start::Well | Start::Elsewhere(_) => "the run begins",
        Start::Blind => "the run begins, and a metric cannot be asked",
        Start::Unconfirmed => "the run begins, and nothing is confirmed",
        Start::Closed => "the run begins while the window is closed",
        Start::Waits => "the run begins, and waits for the window",
    }
}

/// `a`, `a and b`, `a, b and c`.
fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}
