//! Owns the play of a test: its scenario, the run in virtual time, and the death of the machine in the middle of it, after which the run is
//! brought back from what a journal would hold.

use std::sync::Arc;

use super::play::Play;
use super::{Scenario, Simulate};
use crate::engine::{Attempt, Effect, Input, Leapt, Moment, Sight, State, judge};
use crate::journal::{Entry, Event, ReplayError, Seq, replay};
use crate::plan::{AnswerTo, Condition, MetricId, Plan, Precondition, Reply, Told, Trial};
use crate::source::Span;
use crate::value::Millis;
use crate::world::{Ended, Fact, Record, run};

/// How long nobody looks after the machine has died.
const GAP: Millis = Millis::from_mins(1);

/// Where the tests of one plan are played.
#[derive(Clone, Debug)]
pub struct Stage {
    scenario: Scenario,
}

/// What happened in a test.
#[derive(Clone, Debug)]
pub struct Played {
    /// How the run ended.
    pub ended: Ended,
    /// Everything that was ordered and said, and when; without the questions to metrics.
    pub events: Vec<(Moment, Effect)>,
    /// How many facts the engine took.
    pub facts: u64,
    /// The lines of the test that say what happens, and that the run never came to.
    pub idle: Vec<Span>,
    /// What was run.
    pub plan: Arc<Plan>,
}

impl Stage {
    /// A stage for the tests of a plan, on which all goes well.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        Self {
            scenario: Scenario::all_goes_well(plan, "someone"),
        }
    }

    /// Plays a test to its end.
    ///
    /// # Errors
    /// When a run cannot be brought back from its journal, which is a mistake of this program.
    pub fn play(&self, trial: &Trial) -> Result<Played, ReplayError> {
        // What is brought back is brought back from everything that happened.
        let quickly = trial.crashes.is_empty();
        self.played(
            trial,
            |world| if quickly { world.in_leaps() } else { world },
        )
    }

    /// The metrics of a test that have no value at which the run begins in peace, each with the condition that minds.
    #[must_use]
    pub fn ill_at_ease(&self, trial: &Trial) -> Vec<(MetricId, String)> {
        ill_at_ease(trial, &self.scenario.healthy)
    }

    /// The same with every poll taken.
    ///
    /// # Errors
    /// The same.
    pub fn play_in_steps(&self, trial: &Trial) -> Result<Played, ReplayError> {
        self.played(trial, |world| world)
    }

    fn played(
        &self,
        trial: &Trial,
        pace: impl FnOnce(Simulate) -> Simulate,
    ) -> Result<Played, ReplayError> {
        let plan = trial.plan.as_ref();
        let mut scenario = self.scenario.clone();
        scenario.play = Play::of(trial);
        scenario.confirmed = confirmed(trial);
        let mut world = pace(Simulate::new(scenario, trial.start));
        let mut trace = Trace {
            entries: (!trial.crashes.is_empty()).then(Vec::new),
            ..Trace::default()
        };
        let mut state = State::new(plan);
        loop {
            let Ok(ended) = run(plan, &mut state, &mut world, &mut trace);
            if world.is_dead()
                && let Some(entries) = &trace.entries
            {
                state = replay(plan, entries)?.state;
                world.revive(GAP, &out(entries));
                continue;
            }
            return Ok(Played {
                ended,
                events: trace.events,
                facts: trace.facts,
                idle: idle(trial, &world.scenario.play),
                plan: Arc::clone(&trial.plan),
            });
        }
    }
}

/// The lines that nothing came of. What a metric says from the beginning and on every way is how the world is, and a confirmation is not
/// asked for in the run; neither is among them.
fn idle(trial: &Trial, play: &Play) -> Vec<Span> {
    let faults = trial.faults.iter().map(|one| one.span);
    let takes = trial.takes.iter().map(|one| one.span);
    let crashes = trial.crashes.iter().map(|one| one.span);
    let sets = trial.sets.iter().filter(|one| {
        one.when.is_some() || one.into.is_some() || one.from != Millis(0) || one.hold.is_some()
    });
    let answers = trial.answers.iter().filter(|one| match one.to {
        AnswerTo::Confirm(_) => false,
        AnswerTo::Guard(_) | AnswerTo::Hold | AnswerTo::Step(_) | AnswerTo::Approval(_) => true,
    });
    let all = faults.chain(takes).chain(crashes);
    let all = all.chain(sets.map(|one| one.span));
    let all = all.chain(answers.map(|one| one.span));
    let mut idle: Vec<Span> = all.filter(|span| !play.came_to(*span)).collect();
    idle.sort_unstable_by_key(|span| span.start);
    idle.dedup();
    idle
}

/// The titles that people confirm.
fn confirmed(trial: &Trial) -> Vec<String> {
    let all = trial.plan.before.iter().enumerate();
    all.filter_map(|(index, one)| match one {
        Precondition::Confirm { title } => {
            let no = |reply: &Reply| reply.to == AnswerTo::Confirm(index);
            (!trial.answers.iter().any(no)).then(|| title.clone())
        }
        Precondition::Check(_) | Precondition::Approve(_) => None,
    })
    .collect()
}

/// Keeps what happens, and where it is wanted the rows of a journal.
#[derive(Debug, Default)]
struct Trace {
    events: Vec<(Moment, Effect)>,
    facts: u64,
    entries: Option<Vec<Entry>>,
}

impl Record for Trace {
    type Error = std::convert::Infallible;

    fn keep(&mut self, fact: &Fact, effects: &[Effect]) -> Result<(), Self::Error> {
        self.facts = self.facts.saturating_add(1);
        let told = effects.iter().filter(|effect| {
            !matches!(
                effect,
                Effect::Query { .. } | Effect::LookBack { .. } | Effect::Measure { .. }
            )
        });
        self.events
            .extend(told.map(|effect| (fact.stamp.run, effect.clone())));
        if let Some(entries) = &mut self.entries {
            let row = |event| (fact.stamp, event);
            let input = row(Event::Input(fact.input.clone()));
            let effects = effects.iter().cloned().map(Event::Effect).map(row);
            for (stamp, event) in std::iter::once(input).chain(effects) {
                let seq = entries
                    .last()
                    .map_or(Seq::FIRST, |last: &Entry| last.seq.after(1));
                entries.push(Entry { seq, stamp, event });
            }
        }
        Ok(())
    }

    fn passed_over(&mut self, leapt: Leapt) {
        self.facts = self.facts.saturating_add(leapt.facts);
    }
}

/// The attempts that were begun and whose end nobody recorded.
fn out(entries: &[Entry]) -> Vec<Attempt> {
    let mut out = Vec::new();
    for entry in entries {
        match &entry.event {
            Event::Effect(Effect::Start { attempt, .. }) => out.push(*attempt),
            Event::Input(Input::Ended { attempt, .. }) => out.retain(|one| one != attempt),
            Event::Effect(_) | Event::Input(_) => {}
        }
    }
    out
}

/// The metrics of a test that have no value at which the run begins in peace, each with the condition that minds: their values are neither
/// set by the test from the beginning, nor is there one that suits all conditions.
fn ill_at_ease(trial: &Trial, healthy: &[f64]) -> Vec<(MetricId, String)> {
    let plan = trial.plan.as_ref();
    let mut state = State::new(plan);
    let exposures = plan.exposures.iter();
    state.exposures = exposures
        .map(|one| Some(super::at_rest(plan, one)))
        .collect();
    let mut set = Vec::new();
    for (metric, value) in healthy.iter().enumerate() {
        if let Some(known) = state.metrics.get_mut(metric) {
            known.reading = Some((Moment(0), crate::engine::Reading::Value(*value)));
        }
    }
    for says in &trial.sets {
        if says.into.is_none() && says.from == Millis(0) {
            set.push(says.metric);
        }
        let Told::Value(value) = says.told else {
            continue;
        };
        if says.into.is_none()
            && says.from == Millis(0)
            && says.when.is_none()
            && let Some(known) = state.metrics.get_mut(says.metric.index())
        {
            known.reading = Some((Moment(0), crate::engine::Reading::Value(value)));
        }
    }
    let mut found: Vec<(MetricId, String)> = Vec::new();
    let mut minds = |condition: &Condition, text: String| {
        for metric in &condition.metrics {
            let is_new = found.iter().all(|(known, _)| known != metric);
            if !set.contains(metric) && is_new {
                found.push((*metric, text.clone()));
            }
        }
    };
    for guard in &plan.guards {
        if judge(plan, &state, &guard.condition) == Sight::Breach {
            minds(
                &guard.condition,
                format!(
                    "guard {} minds every value that suits the others",
                    guard.name
                ),
            );
        }
    }
    found
}
