//! Owns the script of a test while it is played: what goes wrong, what metrics say, what people answer, where the machine dies.

use std::collections::{BTreeMap, BTreeSet};

use crate::ast::{AnswerKind, CrashPoint, FaultKind};
use crate::engine::{
    Answer, Effect, Moment, Note, Outcome, Question, QuestionAbout, Reading, Sight, State, Work,
    judge,
};
use crate::plan::{
    AnswerTo, Dies, MetricId, Plan, Reply, Says, Slow, Spot, StepId, Told, Trial, Tried, Wrong,
};
use crate::source::Span;
use crate::value::Millis;

/// Longer than every timeout: what hangs is cut off.
const FOR_EVER: Millis = Millis(u64::MAX);

/// A script, and how far it has come.
#[derive(Clone, Debug, Default)]
pub(super) struct Play {
    sets: Vec<Says>,
    /// Each with how often it was looked at, on each host.
    faults: Vec<(Wrong, BTreeMap<Option<StepId>, u32>)>,
    takes: Vec<Slow>,
    /// Those that have not happened yet.
    crashes: Vec<Dies>,
    answers: Vec<Reply>,
    /// The lines that something came of.
    came_to: BTreeSet<u32>,
    /// When stages and levels began.
    begun: BTreeMap<Spot, Moment>,
    /// Steps whose work was done when the machine died.
    done: BTreeSet<StepId>,
}

impl Play {
    /// The script of a test, from its beginning.
    pub(super) fn of(trial: &Trial) -> Self {
        Self {
            sets: trial.sets.clone(),
            faults: trial
                .faults
                .iter()
                .map(|one| (*one, BTreeMap::new()))
                .collect(),
            takes: trial.takes.clone(),
            crashes: trial.crashes.clone(),
            answers: trial.answers.clone(),
            came_to: BTreeSet::new(),
            begun: BTreeMap::new(),
            done: BTreeSet::new(),
        }
    }

    /// Whether something came of a line.
    pub(super) fn came_to(&self, line: Span) -> bool {
        self.came_to.contains(&line.start)
    }

    /// Remembers when stages and levels begin.
    pub(super) fn sees(&mut self, state: &State, effect: &Effect) {
        let Effect::Say(note) = effect else {
            return;
        };
        if let Some(spot) = begins(note) {
            self.begun.entry(spot).or_insert(state.now);
        }
    }

    /// Whether the machine dies with this attempt under way.
    pub(super) fn dies_at(&mut self, (plan, state): (&Plan, &State), work: Work) -> bool {
        let Some(of) = tried(plan, work) else {
            return false;
        };
        let found = self
            .crashes
            .iter()
            .position(|one| one.of == of && is_there(state, one.within));
        let Some(index) = found else {
            return false;
        };
        let one = self.crashes.remove(index);
        self.came_to.insert(one.span.start);
        if let (CrashPoint::After, Work::Step { step, .. }) = (one.point, work) {
            self.done.insert(step);
        }
        true
    }

    /// How an attempt ends that the script speaks of; `good` is how it ends when all goes well.
    pub(super) fn outcome(
        &mut self,
        (plan, state): (&Plan, &State),
        work: Work,
        good: &Outcome,
    ) -> Option<(Outcome, Millis)> {
        if let Work::Unless { step } = work
            && self.done.contains(&step)
        {
            return Some((exit(0), Millis(0)));
        }
        let of = tried(plan, work)?;
        let step = match work {
            Work::Step { step, .. } | Work::Check { step } => Some(step),
            Work::Set { .. } | Work::Probe { .. } | Work::Read { .. } | Work::Unless { .. } => None,
        };
        let mut wrong = None;
        for (fault, seen) in &mut self.faults {
            if fault.of == of && is_there(state, fault.within) {
                let seen = seen.entry(step).or_default();
                *seen = seen.saturating_add(1);
                if fault.attempt.is_none_or(|attempt| attempt == *seen) {
                    wrong = Some(fault.kind);
                    self.came_to.insert(fault.span.start);
                }
            }
        }
        let mut slow = self.takes.iter().rev();
        let slow = slow.find(|one| one.of == of && is_there(state, one.within));
        let took = slow.map(|one| one.time);
        self.came_to.extend(slow.map(|one| one.span.start));
        match (wrong, took) {
            (None, None) => None,
            (None, Some(took)) => Some((good.clone(), took)),
            (Some(FaultKind::Fail), took) => Some((exit(1), took.unwrap_or_default())),
            (Some(FaultKind::Hang), _) => Some((good.clone(), FOR_EVER)),
        }
    }

    /// What a metric says at a time, if the script speaks of it.
    pub(super) fn reading(
        &mut self,
        (plan, state): (&Plan, &State),
        at: Moment,
        metric: MetricId,
    ) -> Option<Reading> {
        let holds = |one: &&Says| {
            one.metric == metric
                && self.is_time_of(one, at)
                && one
                    .when
                    .as_ref()
                    .is_none_or(|when| judge(plan, state, when) == Sight::Breach)
        };
        // Nothing comes of one that a later one goes before.
        let told = self.sets.iter().rfind(holds)?;
        self.came_to.insert(told.span.start);
        Some(match told.told {
            Told::Value(value) => Reading::Value(value),
            Told::Missing => Reading::NoData("the test says that it is missing".to_owned()),
            Told::Error => Reading::Error("the test says that it fails".to_owned()),
        })
    }

    fn is_time_of(&self, one: &Says, now: Moment) -> bool {
        let time = self.time_of(one);
        time.is_some_and(|(from, to)| from <= now && to.is_none_or(|to| now < to))
    }

    /// From when to when a metric says something; nothing while its place has not begun.
    fn time_of(&self, one: &Says) -> Option<(Moment, Option<Moment>)> {
        let began = match one.into {
            None => Moment(0),
            Some(spot) => self.begun.get(&spot).copied()?,
        };
        let from = began.after(one.from);
        Some((from, one.hold.map(|hold| from.after(hold))))
    }

    /// The moments at which metrics begin and cease to say something; nothing when that depends on how late it is otherwise.
    pub(super) fn changes(&self) -> Option<impl Iterator<Item = Moment>> {
        let mut whens = self.sets.iter().filter_map(|one| one.when.as_ref());
        if whens.any(|when| when.test.reads_elapsed()) {
            return None;
        }
        let times = self.sets.iter().filter_map(|one| self.time_of(one));
        Some(times.flat_map(|(from, to)| std::iter::once(from).chain(to)))
    }

    /// What is answered, if the script speaks of the question: nothing inside, when nobody answers.
    pub(super) fn answer(
        &mut self,
        plan: &Plan,
        question: &Question,
    ) -> Option<Option<(Answer, Millis)>> {
        let to = match question.about {
            QuestionAbout::Guard(guard) => AnswerTo::Guard(guard),
            QuestionAbout::Failure(step)
            | QuestionAbout::Unknown { step, .. }
            | QuestionAbout::Undo { by: step, .. } => AnswerTo::Step(plan.of_file(step)),
            QuestionAbout::Approval(approval) => AnswerTo::Approval(approval),
            QuestionAbout::Hold | QuestionAbout::Unapproved(_) | QuestionAbout::Unseen => {
                AnswerTo::Hold
            }
        };
        // Of what undoes a step two things can be asked, with different answers.
        let mut told = self.answers.iter().rev();
        let told = told.find(|one| {
            let fits = spoken(one.answer).is_none_or(|answer| question.answers.contains(&answer));
            one.to == to && fits
        })?;
        self.came_to.insert(told.span.start);
        Some(spoken(told.answer).map(|answer| (answer, told.after)))
    }
}

fn spoken(answer: AnswerKind) -> Option<Answer> {
    match answer {
        AnswerKind::Continue => Some(Answer::Continue),
        AnswerKind::Rollback => Some(Answer::Rollback),
        AnswerKind::Rerun => Some(Answer::Rerun),
        AnswerKind::Approve => Some(Answer::Approve),
        AnswerKind::Decline => Some(Answer::Decline),
        AnswerKind::Undo => Some(Answer::Undo),
        AnswerKind::Leave => Some(Answer::Leave),
        AnswerKind::Nothing => None,
    }
}

/// The stage or level that begins.
pub(super) fn begins(note: &Note) -> Option<Spot> {
    // A note that begins no place is of no interest here, whatever it is.
    if let Note::StageBegan(stage) = note {
        Some(Spot::Stage(*stage))
    } else if let Note::LevelBegan(level) = note {
        Some(Spot::Level(*level))
    } else {
        None
    }
}

fn is_there(state: &State, within: Option<Spot>) -> bool {
    match within {
        None => true,
        Some(Spot::Stage(stage)) => state.stage() == Some(stage),
        Some(Spot::Level(level)) => state.level() == Some(level),
    }
}

/// What of the file an attempt is of; reading back and `unless` are told nothing.
fn tried(plan: &Plan, work: Work) -> Option<Tried> {
    match work {
        Work::Step { step, .. } | Work::Check { step } => Some(Tried::Step(plan.of_file(step))),
        Work::Probe { probe } => Some(Tried::Probe(probe)),
        Work::Set { exposure, .. } => Some(Tried::Exposure(exposure)),
        Work::Read { .. } | Work::Unless { .. } => None,
    }
}

fn exit(status: i32) -> Outcome {
    let said = if status == 0 { "" } else { "as the test says" };
    Outcome::Exited {
        status,
        said: said.to_owned(),
    }
}
