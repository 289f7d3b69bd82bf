//! The world of a case: the simulated one, with a metric that follows the series by the stage and level that the run is in, a
//! machine that can sleep, and a clock on the wall that can be set.

use std::collections::VecDeque;

use runbook::engine::{Effect, Input, Moment, Note, Past, Reading, Stamp, State, Verdict, laws};
use runbook::plan::{MetricId, Plan};
use runbook::simulate::{Scenario, Simulate};
use runbook::value::Millis;
use runbook::world::{Ended, Fact, Record, World, run};

use super::cases::{Series, What};

/// 2026-10-25 02:30 in Berlin, half an hour before summer time ends.
const NIGHT: i64 = 1_792_888_200_000;

/// Who is asked for what the series says.
pub(crate) trait Source {
    /// What the metric says at a time of the run; `written` is what the series says.
    fn says(
        &mut self,
        run: (&Plan, &State),
        metric: MetricId,
        at: Moment,
        written: Reading,
    ) -> Reading;

    /// What the source remembers, or why not; `written` is what the series says.
    fn recalls(
        &mut self,
        run: (&Plan, &State),
        metric: MetricId,
        span: (Moment, Moment),
        written: Result<Vec<Past>, String>,
    ) -> Result<Vec<Past>, String>;
}

/// Says what is written.
pub(crate) struct Written;

impl Source for Written {
    fn says(&mut self, _: (&Plan, &State), _: MetricId, _: Moment, written: Reading) -> Reading {
        written
    }

    fn recalls(
        &mut self,
        _: (&Plan, &State),
        _: MetricId,
        _: (Moment, Moment),
        written: Result<Vec<Past>, String>,
    ) -> Result<Vec<Past>, String> {
        written
    }
}

struct Stage<'a> {
    series: &'a Series,
    source: &'a mut dyn Source,
    inner: Simulate,
    /// What was slept through so far: the inner world does not know of it.
    slept: u64,
    /// How far the wall clock was set.
    set: i64,
    /// The moments at which the events begin, once their place is reached.
    begin: Vec<Option<Moment>>,
    /// Which events are over: sleeps and clocks happen once.
    done: Vec<bool>,
    /// Whether the source remembers.
    remembers: bool,
    soon: VecDeque<Input>,
}

impl Stage<'_> {
    /// Notes which events have a time by now.
    fn place(&mut self, plan: &Plan, state: &State) {
        let stage = state.stage().map(|id| &plan.stages[id.index()].name);
        let levels = plan.rollback.as_ref().map(|rollback| &rollback.levels);
        let level = state
            .level()
            .and_then(|id| Some(&levels?.get(id.index())?.name));
        for (index, event) in self.series.events.iter().enumerate() {
            let is_here = event.place.is_none()
                || event.place.as_ref() == stage
                || event.place.as_ref() == level;
            if is_here && self.begin[index].is_none() {
                let from = event
                    .place
                    .as_ref()
                    .map_or(Moment(0), |_| state.place_began());
                self.begin[index] = Some(from.after(event.into));
            }
        }
    }

    /// What the series says at a time.
    fn says(&self, at: Moment) -> Reading {
        says(self.series, &self.begin, at)
    }

    fn stamp(&self, run: Moment) -> Stamp {
        let wall = NIGHT + i64::try_from(run.0).expect("not that long") + self.set;
        Stamp { run, wall }
    }

    /// The next thing that happens to the machine up to a time.
    fn jolt(&mut self, until: Moment) -> Option<Fact> {
        for index in 0..self.series.events.len() {
            let Some(begin) = self.begin[index].filter(|begin| *begin <= until) else {
                continue;
            };
            if self.done[index] {
                continue;
            }
            match &self.series.events[index].what {
                What::Says(_) => continue,
                What::Asleep(span, remembers) => {
                    self.done[index] = true;
                    self.slept += span.0;
                    self.remembers = *remembers;
                    return Some(Fact {
                        stamp: self.stamp(begin.after(*span)),
                        input: Input::Unwatched { gap: *span },
                        letter: None,
                    });
                }
                What::Clock(by) => {
                    self.done[index] = true;
                    self.set += by;
                    return Some(Fact {
                        stamp: self.stamp(begin),
                        input: Input::ClockJumped { by: *by },
                        letter: None,
                    });
                }
            }
        }
        None
    }
}

/// What a series says at a time, when its events begin at these.
pub(crate) fn says(series: &Series, begin: &[Option<Moment>], at: Moment) -> Reading {
    let mut newest = None;
    for (event, begin) in series.events.iter().zip(begin) {
        if let (What::Says(readings), Some(begin)) = (&event.what, begin)
            && *begin <= at
            && newest.is_none_or(|(known, _)| known <= *begin)
        {
            newest = Some((*begin, readings));
        }
    }
    newest.map_or(Reading::Value(0.1), |(begin, readings)| {
        let sample = usize::try_from(at.since(begin).0 / 15_000).expect("not that long");
        readings[sample % readings.len()].clone()
    })
}

impl World for Stage<'_> {
    fn start(&mut self, plan: &Plan, state: &State, effect: &Effect) {
        self.place(plan, state);
        match effect {
            Effect::Query { metric } => {
                let written = self.says(state.now);
                let reading = self.source.says((plan, state), *metric, state.now, written);
                self.soon.push_back(Input::Sample {
                    metric: *metric,
                    reading,
                });
            }
            Effect::LookBack { metric, from, to } => {
                let every = plan.metrics[metric.index()].every;
                let mut past = Vec::new();
                let mut at = from.after(every);
                while self.remembers && at <= *to {
                    let reading = self.says(at);
                    past.push(Past { at, reading });
                    at = at.after(every);
                }
                let written = if self.remembers {
                    Ok(past)
                } else {
                    Err("it keeps no history".to_owned())
                };
                let told = self
                    .source
                    .recalls((plan, state), *metric, (*from, *to), written);
                let (past, failed) = match told {
                    Ok(past) => (past, None),
                    Err(why) => (Vec::new(), Some(why)),
                };
                self.soon.push_back(Input::History {
                    metric: *metric,
                    past,
                    failed,
                });
            }
            _ => self.inner.start(plan, state, effect),
        }
    }

    fn next(&mut self, plan: &Plan, state: &State, wake: Option<Moment>) -> Option<Fact> {
        self.place(plan, state);
        if let Some(input) = self.soon.pop_front() {
            return Some(Fact {
                stamp: self.stamp(state.now),
                input,
                letter: None,
            });
        }
        if let Some(fact) = wake.and_then(|wake| self.jolt(wake)) {
            return Some(fact);
        }
        let wake = wake.map(|wake| Moment(wake.0.saturating_sub(self.slept)));
        let fact = self.inner.next(plan, state, wake)?;
        let run = fact.stamp.run.after(Millis(self.slept)).max(state.now);
        Some(Fact {
            stamp: self.stamp(run),
            ..fact
        })
    }
}

/// What came of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Story {
    /// `back by flag at 6m`.
    pub(crate) short: String,
    /// Why, with all that was known.
    pub(crate) sentence: String,
}

struct Keep<'a> {
    plan: &'a Plan,
    state: State,
    tripped: Option<(Moment, String)>,
    held: Option<(Moment, String)>,
    back: Option<Moment>,
    waits: Option<String>,
}

impl Record for Keep<'_> {
    type Error = std::convert::Infallible;

    fn keep(&mut self, fact: &Fact, effects: &[Effect]) -> Result<(), Self::Error> {
        let before = self.state.clone();
        let mut again = Vec::new();
        runbook::engine::apply(
            self.plan,
            &mut self.state,
            fact.stamp,
            &fact.input,
            &mut again,
        );
        assert_eq!(again, effects, "the same facts give the same orders");
        if let Some(law) = laws::broken(self.plan, (&before, &self.state), effects) {
            panic!("broken law: {law}, by {fact:?}");
        }
        let now = self.state.now;
        for effect in effects {
            let Effect::Say(note) = effect else { continue };
            match note {
                Note::Tripped { evidence, .. } if self.tripped.is_none() => {
                    self.tripped = Some((now, evidence.clone()));
                }
                Note::Blind { why, .. } if self.held.is_none() => {
                    self.held = Some((now, why.clone()));
                }
                Note::RollbackBegan { .. } => self.back = Some(now),
                Note::StageWaits { why } if why.contains("streak") => {
                    self.waits = Some(why.clone());
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Plays a series against the rollout with a rule.
pub(crate) fn play(plan: &Plan, series: &Series) -> Story {
    play_from(plan, series, &mut Written).0
}

/// The same with another source; also returns when the events of the series began.
pub(crate) fn play_from(
    plan: &Plan,
    series: &Series,
    source: &mut dyn Source,
) -> (Story, Vec<Option<Moment>>) {
    let mut state = State::new(plan);
    let mut scenario = Scenario::all_goes_well(plan, "ann");
    scenario.until = Some(Moment(100 * 3_600_000));
    let events = series.events.len();
    let mut world = Stage {
        series,
        source,
        inner: Simulate::new(scenario, NIGHT),
        slept: 0,
        set: 0,
        begin: vec![None; events],
        done: vec![false; events],
        remembers: true,
        soon: VecDeque::new(),
    };
    let mut keep = Keep {
        plan,
        state: State::new(plan),
        tripped: None,
        held: None,
        back: None,
        waits: None,
    };
    let Ok(ended) = run(plan, &mut state, &mut world, &mut keep);
    let Ended::Over(verdict) = ended else {
        panic!("{}: {ended:?}", series.title);
    };
    let end = whole(state.now);
    let at = keep.back.map(whole);
    let why = keep
        .tripped
        .as_ref()
        .or(keep.held.as_ref())
        .map_or_else(String::new, |(_, why)| why.clone());
    let (short, sentence) = match &verdict {
        Verdict::Completed => {
            let word = match (&keep.tripped, &keep.held) {
                (Some((at, _)), _) => format!("completed at {end}, tripped at {}", whole(*at)),
                (None, Some((at, _))) => format!("completed at {end}, blind at {}", whole(*at)),
                (None, None) => format!("completed at {end}"),
            };
            let why = if why.is_empty() {
                keep.waits.unwrap_or_default()
            } else {
                why
            };
            (word, why)
        }
        Verdict::RolledBack { level } | Verdict::WentForward { level } => {
            let level = &plan.level(*level).expect("a level").name;
            let at = at.expect("it began");
            (format!("back by {level} at {at}"), state.reason.clone())
        }
        Verdict::Stuck { why } => (format!("stuck at {end}"), why.clone()),
        Verdict::Aborted { why } => ("aborted".to_owned(), why.clone()),
        Verdict::Refused { why } => ("refused".to_owned(), why.join("; ")),
    };
    (Story { short, sentence }, world.begin)
}

/// To whole seconds.
fn whole(at: Moment) -> Millis {
    Millis(at.0 / 1_000 * 1_000)
}
