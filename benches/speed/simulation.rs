//! The engine in the simulated world: a month of soak under guards, all going well, as in `runbook plan`.

use std::convert::Infallible;

use runbook::engine::{Effect, State};
use runbook::plan::{
    Comparison, Condition, Guard, GuardAction, GuardId, Header, Limits, Metric, MetricId,
    MetricSource, Number, OnBlind, Op, PLAN_FORMAT, Plan, Provider, ProviderId, ProviderKind,
    Scope, Stage, StageId, Sustain, Test,
};
use runbook::simulate::{Scenario, Simulate};
use runbook::value::{Millis, Unit};
use runbook::world::{Ended, Fact, Record, run};

/// How many metrics are polled, each with a guard of its own.
const METRICS: u32 = 4;

/// Keeps the number of facts and nothing else.
struct Count(usize);

impl Record for Count {
    type Error = Infallible;

    fn keep(&mut self, _: &Fact, _: &[Effect]) -> Result<(), Infallible> {
        self.0 += 1;
        Ok(())
    }
}

/// Simulates the plan to its end; how many inputs the engine took.
pub(crate) fn inputs(plan: &Plan) -> usize {
    let mut world = Simulate::new(Scenario::all_goes_well(plan, "bench"), 0);
    let mut state = State::new(plan);
    let mut count = Count(0);
    let ended = run(plan, &mut state, &mut world, &mut count);
    assert!(matches!(ended, Ok(Ended::Over(_))), "{ended:?}");
    count.0
}

/// One stage that waits so many days, with a poll of every metric every 15 seconds.
pub(crate) fn soak(days: u64) -> Plan {
    let day = 24 * 60 * 60 * 1_000;
    Plan {
        format: PLAN_FORMAT,
        header: Header {
            title: "A long soak".to_owned(),
            service: "soak".to_owned(),
            owner: None,
            risk: None,
            strategy: None,
            zone: None,
            file: "soak.runbook".to_owned(),
            source_sha256: String::new(),
            libraries: Vec::new(),
        },
        bindings: Vec::new(),
        secrets: Vec::new(),
        providers: vec![Provider {
            id: ProviderId(0),
            name: "prom".to_owned(),
            kind: ProviderKind::Prometheus {
                url: "http://127.0.0.1:9".to_owned(),
            },
            headers: Vec::new(),
        }],
        metrics: (0..METRICS).map(metric).collect(),
        probes: Vec::new(),
        guards: (0..METRICS).map(guard).collect(),
        exposures: Vec::new(),
        hosts: Vec::new(),
        channels: Vec::new(),
        steps: Vec::new(),
        approvals: Vec::new(),
        captures: Vec::new(),
        before: Vec::new(),
        stages: vec![Stage {
            id: StageId(0),
            name: "soak".to_owned(),
            title: "soak".to_owned(),
            shrinks: false,
            ops: vec![Op::Wait {
                min: Millis(days * day),
                max: Millis((days + 1) * day),
            }],
        }],
        rollback: None,
        if_stuck: Vec::new(),
        after_rollback: Vec::new(),
        after_forward: Vec::new(),
        after_rollout: Vec::new(),
        after: Default::default(),
        environment: None,
        limits: Limits::default(),
        window: None,
        programs: Vec::new(),
        migrations: Vec::new(),
        waived: Vec::new(),
    }
}

fn metric(number: u32) -> Metric {
    Metric {
        id: MetricId(number),
        name: format!("m{number}"),
        source: MetricSource::Query {
            provider: ProviderId(0),
            query: "up".to_owned(),
        },
        headers: Vec::new(),
        unit: Unit::Count,
        every: Millis::from_secs(15),
        timeout: Millis::from_secs(10),
        window: Millis::from_secs(60),
        lag: Millis(0),
        stale: Millis::from_secs(60),
        zero_when: None,
        counts_when: None,
        baseline: None,
        warning: None,
        critical: None,
    }
}

fn guard(number: u32) -> Guard {
    Guard {
        id: GuardId(number),
        name: format!("g{number}"),
        condition: Condition {
            test: Test::Compare(
                Number::Metric(MetricId(number)),
                Comparison::Greater,
                Number::Constant(5.0),
            ),
            text: format!("m{number} > 5"),
            metrics: vec![MetricId(number)],
        },
        sustain: Sustain::Time(Millis::from_secs(600)),
        action: GuardAction::Rollback { from: None },
        warmup: Millis::from_secs(60),
        on_blind: OnBlind::Hold,
        coverage: 0.6,
        every: Millis::from_secs(15),
        scope: Scope::Rollout,
    }
}
