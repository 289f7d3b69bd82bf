//! The engine and the real world together: whole rollouts, of real commands.

use std::fs;

use runbook::engine::{Input, State, Verdict};
use runbook::execute::{Execute, Options};
use runbook::plan::{
    ExposureId, Level, LevelId, Op, Plan, Precondition, ProbeAsk, ProbeId, Rollback, Stage,
    StageId, Step, StepId, Way,
};
use runbook::value::Millis;
use runbook::world::{Ended, Forget, run};

use super::bench::{Bench, Said};
use super::plans::{shell, step, with_exposure, with_probe};

/// A check, then a stage that runs a step, exposes a half and soaks; the way back exposes nothing and asks the probe.
fn rollout(deploy: &str) -> Plan {
    let numbered = |id: u32, line: &str| Step {
        id: StepId(id),
        ..step(shell(line))
    };
    let expose = |target| Op::Expose {
        exposure: ExposureId(0),
        target,
        within: Millis(30_000),
    };
    let verify = Op::Verify {
        probe: ProbeId(0),
        within: Millis(60_000),
        every: Millis(1_000),
    };
    Plan {
        probes: with_probe(ProbeAsk::Command(shell("test \"$flag\" != 50"))).probes,
        steps: vec![
            numbered(0, "echo check >> trace"),
            numbered(1, deploy),
            numbered(2, "echo \"undo in $RUNBOOK_LEVEL\" >> trace"),
        ],
        before: vec![Precondition::Check(StepId(0))],
        stages: vec![Stage {
            id: StageId(0),
            name: "canary".to_owned(),
            title: "canary".to_owned(),
            shrinks: false,
            ops: vec![
                expose(50.0),
                Op::Step(StepId(1)),
                Op::Wait {
                    min: Millis(60_000),
                    max: Millis(360_000_000),
                },
            ],
        }],
        rollback: Some(Rollback {
            levels: vec![Level {
                way: Way::Back,
                id: LevelId(0),
                name: "off".to_owned(),
                title: "off".to_owned(),
                within: Millis(360_000_000),
                when: None,
                ops: vec![expose(0.0), Op::Step(StepId(2)), verify],
            }],
            recovered: None,
            recovered_forward: None,
        }),
        ..with_exposure(
            shell("echo \"$flag\" > level; echo \"expose $flag\" >> trace"),
            shell("cat level"),
        )
    }
}

fn runs(deploy: &str) -> (Ended, String) {
    let bench = Bench::new();
    fs::write(bench.path("level"), "0\n").expect("a file");
    let options = Options {
        speed: 1_000.0,
        ..bench.options()
    };
    let mut world =
        Execute::new(options, Box::new(Said::default()), Box::new(|| None)).expect("a world");
    world.tell(Input::Begin {
        by: "anna".to_owned(),
        confirmed: Vec::new(),
        entry: runbook::engine::Entrance::Now,
        missing: Vec::new(),
    });
    let plan = rollout(deploy);
    let mut state = State::new(&plan);
    let Ok(ended) = run(&plan, &mut state, &mut world, &mut Forget);
    let trace = fs::read_to_string(bench.path("trace")).expect("a trace");
    (ended, trace)
}

#[test]
fn a_rollout_of_real_commands_completes() {
    let (ended, trace) = runs("echo \"deploy in $RUNBOOK_STAGE at $flag\" >> trace");
    assert_eq!(ended, Ended::Over(Verdict::Completed));
    assert_eq!(trace, "check\nexpose 50\ndeploy in canary at 50\n");
}

#[test]
fn a_failed_step_rolls_real_commands_back() {
    let (ended, trace) = runs("echo deploy >> trace; echo no space left >&2; exit 1");
    let level = LevelId(0);
    assert_eq!(ended, Ended::Over(Verdict::RolledBack { level }));
    assert_eq!(trace, "check\nexpose 50\ndeploy\nexpose 0\nundo in off\n");
}
