//! Owns a run that is told one fact after the other, from the middle of a stage or of a level, or from its beginning. It knows nothing of what is looked for.

use runbook::engine::{
    Effect, Entrance, Input, Moment, Note, Past, Phase, Reading, Soak, Stamp, State, StrandId,
    StrandState, Task, apply, laws,
};
use runbook::plan::{self, LevelId, MetricId, MetricSource, Op, Plan, ProviderId, StageId};
use runbook::source::SourceFile;
use runbook::value::Millis;

use super::stage::{MINUTE, SECOND, minutes};

/// The metric is asked so often.
pub(super) const EVERY: u64 = 15 * SECOND;

/// A run that is told one fact after the other.
pub(super) struct Hand {
    pub(super) plan: Plan,
    pub(super) state: State,
}

impl Hand {
    /// Of a text, from its beginning; with what it does first.
    pub(super) fn of(text: &str) -> (Self, Vec<Effect>) {
        let file = SourceFile::new("a.runbook", text);
        let (checked, found) = plan::check_file(&file);
        let checked = checked.unwrap_or_else(|| panic!("{found:?}"));
        let plan = plan::with_examples(&checked, &file).expect("a plan");
        let state = State::new(&plan);
        let mut hand = Self { plan, state };
        let begins = Input::Begin {
            by: "ann".into(),
            confirmed: Vec::new(),
            entry: Entrance::Now,
            missing: Vec::new(),
        };
        let out = hand.gives(1, &begins);
        (hand, out)
    }

    /// In the soak of the canary stage, which begins now and wants this much healthy time.
    pub(super) fn in_soak(mut plan: Plan, least: Millis) -> Self {
        plan.metrics[0].source = MetricSource::Query {
            provider: ProviderId(0),
            query: "errors".into(),
        };
        let (min, max) = (least, minutes(90));
        plan.stages[1].ops[1] = Op::Wait { min, max };
        let mut state = State::new(&plan);
        state.changed = true;
        state.exposures = vec![Some(10.0)];
        state.phase = Phase::Rolling {
            stage: StageId(1),
            began: Moment(0),
        };
        let mut main = StrandState::main();
        main.at = vec![1];
        main.task = Task::Soaking(Soak {
            began: Moment(0),
            served: Millis(0),
            counted: Moment(0),
            overdue: Some(Moment(max.0)),
            waits: false,
        });
        state.strands.insert(StrandId::MAIN, main);
        Self { plan, state }
    }

    /// On the way back by the second level, with this under way.
    pub(super) fn in_level(task: Task) -> Self {
        let plan = super::stage::plan();
        let mut state = State::new(&plan);
        state.changed = true;
        state.exposures = vec![Some(0.0)];
        state.phase = Phase::RollingBack {
            level: LevelId(1),
            began: Moment(0),
            deadline: Moment(5 * MINUTE),
        };
        let mut main = StrandState::main();
        main.task = task;
        state.strands.insert(StrandId::MAIN, main);
        Self { plan, state }
    }

    pub(super) fn gives(&mut self, at: u64, input: &Input) -> Vec<Effect> {
        let before = self.state.clone();
        let mut out = Vec::new();
        let run = Moment(at);
        let stamp = Stamp { run, wall: 0 };
        apply(&self.plan, &mut self.state, stamp, input, &mut out);
        let broken = laws::broken(&self.plan, (&before, &self.state), &out);
        assert_eq!(broken, None, "by {input:?}: {out:?}");
        out
    }

    pub(super) fn says(&mut self, at: u64, value: f64) -> Vec<Effect> {
        self.hears(at, Reading::Value(value))
    }

    pub(super) fn hears(&mut self, at: u64, reading: Reading) -> Vec<Effect> {
        let metric = MetricId(0);
        self.gives(at, &Input::Sample { metric, reading })
    }

    /// The metric says the same each time it is asked, up to and with the last moment.
    pub(super) fn goes_on(&mut self, (from, to): (u64, u64), value: f64) {
        for at in (from..=to).step_by(15_000) {
            self.says(at, value);
        }
    }

    /// Nobody looked for so long; the source is asked what was.
    pub(super) fn sleeps(&mut self, (from, to): (u64, u64)) {
        let gap = Millis(to - from);
        let out = self.gives(to, &Input::Unwatched { gap });
        let asks = |effect: &Effect| matches!(effect, Effect::LookBack { .. });
        assert!(out.iter().any(asks), "{out:?}");
    }

    /// The source says that it was the same for all of that time.
    pub(super) fn recalls(&mut self, at: u64, span: (u64, u64), value: f64) -> Vec<Effect> {
        self.recalls_each(at, span, |_| Reading::Value(value))
    }

    /// The source says what it was at each of those times.
    pub(super) fn recalls_each(
        &mut self,
        at: u64,
        (from, to): (u64, u64),
        was: impl Fn(u64) -> Reading,
    ) -> Vec<Effect> {
        let times = (from + EVERY..=to).step_by(15_000);
        let past = times.map(|at| Past {
            at: Moment(at),
            reading: was(at),
        });
        self.remembers(at, MetricId(0), past.collect())
    }

    pub(super) fn remembers(&mut self, at: u64, metric: MetricId, past: Vec<Past>) -> Vec<Effect> {
        let failed = None;
        self.gives(
            at,
            &Input::History {
                metric,
                past,
                failed,
            },
        )
    }

    pub(super) fn served(&self) -> Millis {
        match self.state.task() {
            Some(Task::Soaking(soak)) => soak.served,
            other => panic!("it soaks: {other:?}"),
        }
    }
}

pub(super) fn says(out: &[Effect], wanted: impl Fn(&Note) -> bool) -> bool {
    out.iter()
        .any(|effect| matches!(effect, Effect::Say(note) if wanted(note)))
}

pub(super) fn trips(out: &[Effect]) -> bool {
    says(out, |note| matches!(note, Note::Tripped { .. }))
}
