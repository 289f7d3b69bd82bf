//! A small plan to play with, and the timeline of a run as text.

use std::fmt::Write as _;

use runbook::engine::{Effect, State, laws};
use runbook::plan::{
    Channel, ChannelId, ChannelKind, Command, Comparison, Condition, Exposure, ExposureId, Guard,
    GuardAction, GuardId, Header, Level, LevelId, Limits, Metric, MetricId, MetricSource, Notice,
    Number, OnBlind, OnFailure, OnUnknown, Op, PLAN_FORMAT, Piece, Plan, Probe, ProbeAsk, ProbeId,
    Recovered, Retry, Rollback, Scope, Stage, StageId, Step, StepId, Sustain, Template, Test, Way,
};
use runbook::report::line;
use runbook::simulate::{Scenario, Simulate};
use runbook::value::{Millis, Unit};
use runbook::world::{Ended, Fact, Record, run};

pub(crate) const SECOND: u64 = 1_000;
pub(crate) const MINUTE: u64 = 60 * SECOND;

pub(crate) fn minutes(count: u64) -> Millis {
    Millis(count * MINUTE)
}

pub(crate) fn shell(text: &str) -> Command {
    Command::Shell { text: text.into() }
}

pub(crate) fn step(id: u32, name: &str) -> Step {
    Step {
        id: StepId(id),
        name: name.into(),
        title: name.into(),
        line: 1,
        command: shell(name),
        timeout: minutes(1),
        grace: Millis(10 * SECOND),
        retry: Retry {
            more: 0,
            first: Millis(0),
            most: Millis(0),
        },
        idempotent: false,
        protected: false,
        unless: None,
        on_failure: OnFailure::Rollback { from: None },
        on_unknown: OnUnknown::Ask,
        dir: None,
        env: Vec::new(),
        stdin: None,
        interactive: runbook::plan::Interactive::No,
        user: None,
        secrets: Vec::new(),
        on: None,
        host: None,
        undo: Vec::new(),
        undoes: None,
    }
}

/// `error_rate COMPARISON value`.
pub(crate) fn error_rate(comparison: Comparison, percent: f64) -> Condition {
    Condition {
        test: Test::Compare(
            Number::Metric(MetricId(0)),
            comparison,
            Number::Constant(percent),
        ),
        text: format!("error_rate {} {percent}%", comparison.symbol()),
        metrics: vec![MetricId(0)],
    }
}

pub(crate) fn guard(sustain: Sustain, action: GuardAction) -> Guard {
    Guard {
        id: GuardId(0),
        name: "outage".into(),
        condition: error_rate(Comparison::Greater, 5.0),
        sustain,
        action,
        warmup: minutes(1),
        on_blind: OnBlind::Hold,
        coverage: 0.6,
        every: Millis(15 * SECOND),
        scope: Scope::Rollout,
    }
}

/// Deploy, then 10% for ten minutes and 100% for ten minutes; back by the flag, then by the code.
pub(crate) fn plan() -> Plan {
    let stage = |id, name: &str, ops| Stage {
        id: StageId(id),
        name: name.into(),
        title: name.into(),
        shrinks: false,
        ops,
    };
    let expose = |target| Op::Expose {
        exposure: ExposureId(0),
        target,
        within: Millis(30 * SECOND),
    };
    let wait = || Op::Wait {
        min: minutes(10),
        max: minutes(40),
    };
    let verify = || Op::Verify {
        probe: ProbeId(0),
        within: minutes(1),
        every: Millis(2 * SECOND),
    };
    let tell = |text: &str| Notice {
        channel: ChannelId(0),
        text: Template(vec![Piece::Text(text.into()), Piece::Reason]),
    };
    let level = |id, name: &str, when, ops| Level {
        way: Way::Back,
        id: LevelId(id),
        name: name.into(),
        title: name.into(),
        within: minutes(5),
        when,
        ops,
    };
    Plan {
        format: PLAN_FORMAT,
        header: Header {
            title: "A small rollout".into(),
            service: "api".into(),
            owner: None,
            risk: None,
            strategy: None,
            zone: None,
            file: "small.runbook".into(),
            source_sha256: String::new(),
            libraries: Vec::new(),
        },
        bindings: Vec::new(),
        secrets: Vec::new(),
        providers: Vec::new(),
        metrics: vec![Metric {
            id: MetricId(0),
            name: "error_rate".into(),
            unit: Unit::Percent,
            source: MetricSource::Http {
                url: "http://127.0.0.1/errors".into(),
                filter: ".rate".into(),
            },
            every: Millis(15 * SECOND),
            timeout: Millis(10 * SECOND),
            window: minutes(1),
            lag: Millis(0),
            stale: minutes(1),
            zero_when: None,
            counts_when: None,
            baseline: None,
            warning: None,
            critical: None,
            headers: Vec::new(),
        }],
        probes: vec![Probe {
            id: ProbeId(0),
            name: "healthy".into(),
            title: "healthy".into(),
            ask: ProbeAsk::Tcp {
                address: "127.0.0.1:1".into(),
            },
            dir: None,
            env: Vec::new(),
            headers: Vec::new(),
            expect: Vec::new(),
            timeout: Millis(10 * SECOND),
        }],
        guards: vec![guard(
            Sustain::Time(minutes(1)),
            GuardAction::Rollback { from: None },
        )],
        exposures: vec![Exposure {
            id: ExposureId(0),
            name: "flag".into(),
            scale: runbook::value::Scale::Percent,
            set: shell("set"),
            read: shell("read"),
            timeout: Millis(30 * SECOND),
            read_timeout: Millis(30 * SECOND),
            secrets: Vec::new(),
        }],
        hosts: Vec::new(),
        channels: vec![Channel {
            id: ChannelId(0),
            name: "log".into(),
            kind: ChannelKind::Log { path: "log".into() },
        }],
        steps: vec![step(0, "deploy"), step(1, "revert")],
        approvals: Vec::new(),
        captures: Vec::new(),
        before: Vec::new(),
        stages: vec![
            stage(0, "deploy", vec![Op::Step(StepId(0)), verify()]),
            stage(1, "canary", vec![expose(10.0), wait()]),
            stage(2, "full", vec![expose(100.0), wait()]),
        ],
        rollback: Some(Rollback {
            levels: vec![
                level(
                    0,
                    "flag",
                    Some(Condition {
                        test: Test::Compare(
                            Number::Exposure(ExposureId(0)),
                            Comparison::Greater,
                            Number::Constant(0.0),
                        ),
                        text: "flag > 0%".into(),
                        metrics: Vec::new(),
                    }),
                    vec![expose(0.0)],
                ),
                level(1, "code", None, vec![Op::Step(StepId(1)), verify()]),
            ],
            recovered: Some(Recovered {
                condition: error_rate(Comparison::Less, 0.2),
                sustain: minutes(1),
                within: minutes(3),
                warmup: minutes(1),
                every: Millis(15 * SECOND),
            }),
            recovered_forward: None,
        }),
        if_stuck: vec![tell("stuck: ")],
        after_rollback: vec![tell("rolled back: ")],
        after_forward: Vec::new(),
        after_rollout: vec![tell("done")],
        after: Default::default(),
        environment: None,
        limits: Limits::default(),
        window: None,
        programs: Vec::new(),
        waived: Vec::new(),
        migrations: Vec::new(),
    }
}

/// Writes the timeline and asserts the laws.
pub(crate) struct Timeline<'a> {
    plan: &'a Plan,
    state: State,
    pub(crate) text: String,
    pub(crate) inputs: u64,
}

impl Record for Timeline<'_> {
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
        assert_eq!(
            again, effects,
            "the same input in the same state gives the same orders"
        );
        if let Some(law) = laws::broken(self.plan, (&before, &self.state), effects) {
            panic!("broken law: {law}, by {fact:?}\n{effects:?}\n{}", self.text);
        }
        self.inputs += 1;
        for effect in effects {
            if let Some(line) = line(self.plan, self.state.now, effect) {
                let at = Millis(self.state.now.0);
                writeln!(
                    self.text,
                    "{:>10}  {:<11} {}",
                    at.to_string(),
                    line.word,
                    line.text
                )
                .unwrap();
            }
        }
        Ok(())
    }
}

/// Plays a scenario to its end.
pub(crate) fn play(plan: &Plan, scenario: Scenario) -> String {
    play_from(plan, scenario, 0)
}

/// The same, begun at a wall time (Unix milliseconds).
pub(crate) fn play_from(plan: &Plan, scenario: Scenario, wall: i64) -> String {
    let (text, _) = played(plan, scenario, wall);
    text
}

/// The timeline and the number of inputs.
fn played(plan: &Plan, scenario: Scenario, wall: i64) -> (String, u64) {
    let mut state = State::new(plan);
    let mut world = Simulate::new(scenario, wall);
    let mut timeline = Timeline {
        plan,
        state: State::new(plan),
        text: String::new(),
        inputs: 0,
    };
    let Ok(ended) = run(plan, &mut state, &mut world, &mut timeline);
    match ended {
        Ended::Over(_) => {}
        Ended::Left(why) => writeln!(timeline.text, "left: {why:?}").unwrap(),
        Ended::Silent => writeln!(timeline.text, "(the world has nothing more to say)").unwrap(),
    }
    (timeline.text, timeline.inputs)
}
