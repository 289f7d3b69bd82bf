//! Plans with next to nothing in them: one step, exposure, probe or metric.

use runbook::plan::{
    Command, Exposure, ExposureId, Header, Limits, Metric, MetricId, MetricSource, OnFailure,
    OnUnknown, PLAN_FORMAT, Piece, Plan, Probe, ProbeAsk, ProbeId, Retry, Step, StepId, Template,
};
use runbook::value::{Millis, Unit};

use super::bench::LONG;

pub(crate) fn plan() -> Plan {
    Plan {
        format: PLAN_FORMAT,
        header: Header {
            title: "Bench".to_owned(),
            service: "bench".to_owned(),
            owner: None,
            risk: None,
            strategy: None,
            zone: None,
            file: "bench.runbook".to_owned(),
            source_sha256: String::new(),
            libraries: Vec::new(),
        },
        bindings: Vec::new(),
        secrets: Vec::new(),
        providers: Vec::new(),
        metrics: Vec::new(),
        probes: Vec::new(),
        guards: Vec::new(),
        exposures: Vec::new(),
        hosts: Vec::new(),
        channels: Vec::new(),
        steps: Vec::new(),
        approvals: Vec::new(),
        captures: Vec::new(),
        before: Vec::new(),
        stages: Vec::new(),
        rollback: None,
        after_forward: Vec::new(),
        if_stuck: Vec::new(),
        after_rollback: Vec::new(),
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

pub(crate) fn shell(text: &str) -> Command {
    Command::Shell {
        text: text.to_owned(),
    }
}

pub(crate) fn text(text: &str) -> Template {
    Template(vec![Piece::Text(text.to_owned())])
}

pub(crate) fn exec(argv: &[&str]) -> Command {
    Command::Exec {
        argv: argv.iter().map(|word| text(word)).collect(),
    }
}

pub(crate) fn step(command: Command) -> Step {
    Step {
        id: StepId(0),
        name: "it".to_owned(),
        title: "it".to_owned(),
        line: 1,
        command,
        timeout: LONG,
        grace: LONG,
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

pub(crate) fn with_step(step: Step) -> Plan {
    Plan {
        steps: vec![step],
        ..plan()
    }
}

pub(crate) fn with_exposure(set: Command, read: Command) -> Plan {
    Plan {
        exposures: vec![Exposure {
            id: ExposureId(0),
            name: "flag".to_owned(),
            scale: runbook::value::Scale::Percent,
            set,
            read,
            timeout: LONG,
            read_timeout: LONG,
            secrets: Vec::new(),
        }],
        ..plan()
    }
}

pub(crate) fn with_probe(ask: ProbeAsk) -> Plan {
    Plan {
        probes: vec![Probe {
            id: ProbeId(0),
            name: "healthy".to_owned(),
            title: "healthy".to_owned(),
            ask,
            expect: Vec::new(),
            dir: None,
            env: Vec::new(),
            headers: Vec::new(),
            timeout: LONG,
        }],
        ..plan()
    }
}

pub(crate) fn with_metric(source: MetricSource, unit: Unit) -> Plan {
    Plan {
        metrics: vec![Metric {
            id: MetricId(0),
            name: "it".to_owned(),
            source,
            unit,
            every: Millis(15_000),
            timeout: LONG,
            window: Millis(0),
            lag: Millis(0),
            stale: Millis(60_000),
            zero_when: None,
            counts_when: None,
            baseline: None,
            warning: None,
            critical: None,
            headers: Vec::new(),
        }],
        ..plan()
    }
}
