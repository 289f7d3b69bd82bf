//! The time in which nobody looked, input by input: what arrives while the sources are asked what it was, and what that time counts for.

use runbook::engine::{
    Effect, Input, Moment, Note, Past, Phase, Reading, Soak, Stamp, State, StrandId, StrandState,
    Task, Watching, apply, laws,
};
use runbook::plan::{
    GuardAction, LevelId, MetricId, MetricSource, Op, Plan, ProviderId, StageId, Sustain,
};
use runbook::value::Millis;

use super::stage::{MINUTE, SECOND, guard, minutes, plan};

/// The metric is asked so often.
const EVERY: u64 = 15 * SECOND;

/// A run that is told one fact after the other.
struct Hand {
    plan: Plan,
    state: State,
}

impl Hand {
    /// In the soak of the canary stage, which begins now and wants this much healthy time.
    fn in_soak(mut plan: Plan, least: Millis) -> Self {
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
    fn in_level(task: Task) -> Self {
        let plan = plan();
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

    fn gives(&mut self, at: u64, input: &Input) -> Vec<Effect> {
        let before = self.state.clone();
        let mut out = Vec::new();
        let run = Moment(at);
        let stamp = Stamp { run, wall: 0 };
        apply(&self.plan, &mut self.state, stamp, input, &mut out);
        let broken = laws::broken(&self.plan, (&before, &self.state), &out);
        assert_eq!(broken, None, "by {input:?}: {out:?}");
        out
    }

    fn says(&mut self, at: u64, value: f64) -> Vec<Effect> {
        self.gives(
            at,
            &Input::Sample {
                metric: MetricId(0),
                reading: Reading::Value(value),
            },
        )
    }

    /// The metric says the same each time it is asked, up to and with the last moment.
    fn goes_on(&mut self, (from, to): (u64, u64), value: f64) {
        for at in (from..=to).step_by(15_000) {
            self.says(at, value);
        }
    }

    /// Nobody looked for so long; the source is asked what was.
    fn sleeps(&mut self, (from, to): (u64, u64)) {
        let gap = Millis(to - from);
        let out = self.gives(to, &Input::Unwatched { gap });
        let asks = |effect: &Effect| matches!(effect, Effect::LookBack { .. });
        assert!(out.iter().any(asks), "{out:?}");
    }

    /// The source says that it was the same for all of that time.
    fn recalls(&mut self, at: u64, (from, to): (u64, u64), value: f64) -> Vec<Effect> {
        let times = (from + EVERY..=to).step_by(15_000);
        let reading = Reading::Value(value);
        let past = times.map(|at| Past {
            at: Moment(at),
            reading: reading.clone(),
        });
        let past = past.collect();
        self.gives(
            at,
            &Input::History {
                metric: MetricId(0),
                past,
                failed: None,
            },
        )
    }

    fn served(&self) -> Millis {
        match self.state.task() {
            Some(Task::Soaking(soak)) => soak.served,
            other => panic!("it soaks: {other:?}"),
        }
    }
}

fn says(out: &[Effect], wanted: impl Fn(&Note) -> bool) -> bool {
    out.iter()
        .any(|effect| matches!(effect, Effect::Say(note) if wanted(note)))
}

fn trips(out: &[Effect]) -> bool {
    says(out, |note| matches!(note, Note::Tripped { .. }))
}

/// Whether it saw anything is what the source is being asked.
#[test]
fn a_guard_is_not_blind_while_its_source_is_asked_what_was() {
    let mut run = Hand::in_soak(plan(), minutes(30));
    run.goes_on((MINUTE, 5 * MINUTE), 0.0);
    run.sleeps((5 * MINUTE, 11 * MINUTE));
    let out = run.gives(12 * MINUTE + SECOND, &Input::Tick);
    assert!(!says(&out, |note| matches!(note, Note::Blind { .. })));
    run.recalls(12 * MINUTE + SECOND, (5 * MINUTE, 11 * MINUTE), 0.0);
    assert!(run.state.gap.is_none());
}

/// An answer from after the gap is not held against the streak from before it, as long as nobody knows what was between.
#[test]
fn what_is_seen_after_a_gap_does_not_end_the_streak_that_goes_on_in_it() {
    let mut plan = plan();
    let back = GuardAction::Rollback { from: None };
    plan.guards = vec![guard(Sustain::Time(minutes(5)), back)];
    let mut run = Hand::in_soak(plan, minutes(30));
    run.goes_on((MINUTE, 105 * SECOND), 0.0);
    run.goes_on((2 * MINUTE, 5 * MINUTE), 40.0);
    run.sleeps((5 * MINUTE, 390 * SECOND));
    // It was asked before the gap.
    run.says(391 * SECOND, 0.0);
    let out = run.recalls(392 * SECOND, (5 * MINUTE, 390 * SECOND), 40.0);
    assert!(!trips(&out), "{out:?}");
    run.says(405 * SECOND, 40.0);
    assert!(trips(&run.says(7 * MINUTE, 40.0)), "five minutes of breach");
}

/// What was counted while the source was asked is not given once more when it has said what was before and after.
#[test]
fn two_gaps_that_are_asked_about_together_give_no_time_twice() {
    let mut run = Hand::in_soak(plan(), minutes(60));
    run.goes_on((MINUTE, 3 * MINUTE), 0.0);
    run.gives(3 * MINUTE, &Input::Tick);
    run.sleeps((3 * MINUTE, 9 * MINUTE));
    run.gives(10 * MINUTE, &Input::Tick);
    assert_eq!(run.served(), minutes(4), "the gap is not known yet");
    run.sleeps((10 * MINUTE, 16 * MINUTE));
    run.recalls(16 * MINUTE, (3 * MINUTE, 16 * MINUTE), 0.0);
    assert_eq!(run.served(), minutes(16), "all of it, and none of it twice");
}

/// The first gap is asked about once more with the second: what was in it decides as well.
#[test]
fn a_breach_in_the_first_of_two_gaps_is_not_forgotten_with_the_second() {
    let mut run = Hand::in_soak(plan(), minutes(60));
    run.goes_on((MINUTE, 3 * MINUTE), 0.0);
    run.sleeps((3 * MINUTE, 9 * MINUTE));
    run.sleeps((9 * MINUTE + SECOND, 16 * MINUTE));
    let looked = run.state.gap.as_ref().expect("it is asked");
    assert_eq!(looked.from, Moment(3 * MINUTE));
    let out = run.recalls(16 * MINUTE, (3 * MINUTE, 9 * MINUTE), 40.0);
    assert!(trips(&out), "{out:?}");
}

/// Time that no runner saw was not watched.
#[test]
fn a_watch_lasts_longer_by_the_time_in_which_no_runner_lived() {
    let mut run = Hand::in_level(Task::Watching(Watching {
        since: Moment(MINUTE),
        until: Moment(31 * MINUTE),
        seen: Moment(MINUTE),
        streak: None,
    }));
    run.gives(2 * MINUTE, &Input::Tick);
    let by = "ann".to_owned();
    run.gives(62 * MINUTE, &Input::Resumed { by });
    let until = run.state.watching().map(|watching| watching.until);
    assert_eq!(until, Some(Moment(91 * MINUTE)));
}
