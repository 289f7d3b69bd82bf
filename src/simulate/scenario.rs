//! Owns the script of a simulated world: how attempts end, what metrics say, what people answer. By default all goes well.

use std::collections::BTreeMap;

use super::at_rest;
use super::healthy::healthy_values;
use super::play::Play;
use crate::engine::{
    Aim, Answer, Entrance, Input, Moment, Outcome, Question, QuestionAbout, Reading, State, Task,
    Work,
};
use crate::plan::{ExposureId, GuardId, MetricId, Plan, StepId};
use crate::value::{Millis, Value, typed_example};

/// What a metric says from some moment on.
#[derive(Clone, Debug, PartialEq)]
pub struct Feed {
    /// From when, inclusive.
    pub from: Moment,
    /// What it says.
    pub reading: Reading,
}

/// A script. Whatever it does not mention goes well.
#[derive(Clone, Debug, Default)]
pub struct Scenario {
    /// Who starts the run and answers.
    pub by: String,
    /// The confirmations given.
    pub confirmed: Vec<String>,
    /// What the run does when its window is closed at the beginning.
    pub entry: Entrance,
    /// What metrics say while nothing else is fed, in the base of their unit.
    pub healthy: Vec<f64>,
    /// Where exposures stand before the run; where it has something to do when not given.
    pub exposed: BTreeMap<ExposureId, f64>,
    /// What metrics say from some moment on; the last feed that has begun counts. In order of time.
    pub feeds: BTreeMap<MetricId, Vec<Feed>>,
    /// How attempts of a step end and how long they take, first attempt first; the last entry repeats.
    pub steps: BTreeMap<StepId, Vec<(Outcome, Millis)>>,
    /// How probes end, first try first; the last entry repeats.
    pub probes: Vec<(Outcome, Millis)>,
    /// How `unless` ends, first try first; the last entry repeats. Nothing was done before when not given.
    pub unless: Vec<(Outcome, Millis)>,
    /// What is answered to a guard's question, and after how long.
    pub answers: BTreeMap<GuardId, (Answer, Millis)>,
    /// What is answered to any other question; nothing when nobody is there.
    pub otherwise: Option<(Answer, Millis)>,
    /// What is answered to an approval, by as many people as it wants, and after how long; nothing when nobody is there.
    pub approvals: Option<(Answer, Millis)>,
    /// The world falls silent at this time; a run can wait for a person for ever.
    pub until: Option<Moment>,
    /// Facts that happen at a fixed time.
    pub facts: Vec<(Moment, Input)>,
    /// The script of a test, which goes before all of the above.
    pub(super) play: Play,
    /// How often each thing was tried.
    tried: BTreeMap<(u8, u32), usize>,
}

impl Scenario {
    /// All goes well: every step succeeds at once, every metric is where no guard minds, everything is confirmed.
    #[must_use]
    pub fn all_goes_well(plan: &Plan, by: &str) -> Self {
        let confirmed = plan
            .before
            .iter()
            .filter_map(|precondition| match precondition {
                crate::plan::Precondition::Confirm { title } => Some(title.clone()),
                crate::plan::Precondition::Check(_) | crate::plan::Precondition::Approve(_) => None,
            })
            .collect();
        Self {
            by: by.to_owned(),
            confirmed,
            healthy: healthy_values(plan),
            approvals: Some((Answer::Approve, Millis(0))),
            until: Some(Moment(400 * 24 * 3_600_000)),
            ..Self::default()
        }
    }

    /// How an attempt ends, and after how long.
    pub(super) fn outcome(&mut self, plan: &Plan, state: &State, work: Work) -> (Outcome, Millis) {
        let good = (well(plan, work), Millis(0));
        if let Some(told) = self.play.outcome((plan, state), work, &good.0) {
            return told;
        }
        let (key, script) = match work {
            Work::Step { step, .. } | Work::Check { step } => {
                let own = self.steps.get(&step);
                let script = own.or_else(|| self.steps.get(&plan.of_file(step)));
                ((0, step.0), script.map(Vec::as_slice))
            }
            Work::Probe { probe } => ((1, probe.0), Some(self.probes.as_slice())),
            Work::Unless { .. } if !self.unless.is_empty() => {
                ((2, 0), Some(self.unless.as_slice()))
            }
            Work::Unless { .. } => {
                // Nothing was done before the run.
                return (
                    Outcome::Exited {
                        status: 1,
                        said: String::new(),
                    },
                    Millis(0),
                );
            }
            Work::Set { .. } => return good,
            Work::Read { exposure } => {
                // What was set is what is read.
                let value = state
                    .exposures
                    .get(exposure.index())
                    .copied()
                    .flatten()
                    .or_else(|| self.exposed.get(&exposure).copied())
                    .or_else(|| Some(at_rest(plan, plan.exposures.get(exposure.index())?)))
                    .unwrap_or(0.0);
                let target = aimed_at(state, exposure).unwrap_or(value);
                return (Outcome::Read { value: target }, Millis(0));
            }
        };
        let tried = self.tried.entry(key).or_default();
        let number = *tried;
        *tried = number.saturating_add(1);
        script
            .and_then(|script| script.get(number).or_else(|| script.last()))
            .cloned()
            .unwrap_or(good)
    }

    /// What a metric says at a time.
    pub(super) fn reading(
        &mut self,
        (plan, state): (&Plan, &State),
        at: Moment,
        metric: MetricId,
    ) -> Reading {
        if let Some(told) = self.play.reading((plan, state), at, metric) {
            return told;
        }
        let fed = self.feeds.get(&metric).and_then(|feeds| {
            feeds
                .iter()
                .rev()
                .find(|feed| feed.from <= at)
                .map(|feed| feed.reading.clone())
        });
        fed.unwrap_or_else(|| {
            Reading::Value(self.healthy.get(metric.index()).copied().unwrap_or(0.0))
        })
    }

    /// The moments after this at which metrics begin to say something else; nothing when what they say depends on how late it is.
    pub(super) fn changes(&self, now: Moment) -> Option<impl Iterator<Item = Moment>> {
        let fed = self.feeds.values().flatten().map(|feed| feed.from);
        let played = self.play.changes()?;
        Some(fed.chain(played).filter(move |at| *at > now))
    }

    /// What people answer, and after how long; nothing when nobody does.
    pub(super) fn answer(&mut self, plan: &Plan, question: &Question) -> Option<(Answer, Millis)> {
        if let Some(told) = self.play.answer(plan, question) {
            return told;
        }
        match question.about {
            QuestionAbout::Guard(guard) => self.answers.get(&guard).copied().or(self.otherwise),
            QuestionAbout::Approval(_) => self.approvals,
            QuestionAbout::Hold
            | QuestionAbout::Failure(_)
            | QuestionAbout::Unknown { .. }
            | QuestionAbout::Undo { .. }
            | QuestionAbout::Unapproved(_)
            | QuestionAbout::Unseen => self.otherwise,
        }
    }

    /// Who answers: as many different people as an approval wants, one person to everything else.
    pub(super) fn voices(&self, plan: &Plan, question: &Question) -> Vec<String> {
        let people = match question.about {
            QuestionAbout::Approval(id) => {
                plan.approvals.get(id.index()).map_or(1, |one| one.count)
            }
            QuestionAbout::Guard(_)
            | QuestionAbout::Hold
            | QuestionAbout::Failure(_)
            | QuestionAbout::Unknown { .. }
            | QuestionAbout::Undo { .. }
            | QuestionAbout::Unapproved(_)
            | QuestionAbout::Unseen => 1,
        };
        let more = (2..=people).map(|number| format!("{} {number}", self.by));
        std::iter::once(self.by.clone()).chain(more).collect()
    }
}

/// How work ends that goes well; a capture prints an example of its type.
fn well(plan: &Plan, work: Work) -> Outcome {
    if let Work::Step { step, .. } = work
        && let Some(capture) = plan.captured_by(step)
    {
        let value = capture.default.as_ref().map(Value::plain);
        return Outcome::Printed {
            text: value.unwrap_or_else(|| typed_example(&capture.ty)),
        };
    }
    Outcome::Exited {
        status: 0,
        said: String::new(),
    }
}

/// The value that an exposure is being read back for.
fn aimed_at(state: &State, read: ExposureId) -> Option<f64> {
    let mut tasks = state.strands.values().map(|strand| &strand.task);
    tasks.find_map(|task| match task {
        Task::Attempting(Aim::Agree {
            exposure, target, ..
        }) if *exposure == read => Some(*target),
        Task::Attempting(_)
        | Task::Ready
        | Task::Pausing { .. }
        | Task::Asking { .. }
        | Task::Interrupted { .. }
        | Task::Soaking(_)
        | Task::Waiting(_)
        | Task::Joining { .. }
        | Task::Over
        | Task::Settling { .. }
        | Task::Recovering(_)
        | Task::Watching(_) => None,
    })
}
