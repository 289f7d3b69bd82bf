//! Small runbooks, made at random: stages, steps with clauses, guards, levels, recovery. What is made is text, so that it goes the whole
//! way through the checks.

use std::fmt::Write as _;

use proptest::prelude::*;

/// A runbook in few words.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    guards: Vec<(usize, usize, usize)>,
    stages: Vec<Vec<usize>>,
    levels: Vec<(usize, Vec<usize>)>,
    recovered: usize,
    channel: bool,
    told: bool,
}

/// All shapes.
pub(super) fn shapes() -> impl Strategy<Value = Shape> {
    let guard = (0..ACTIONS.len(), 0..SUSTAINS.len(), 0..BLIND.len());
    let stage = prop::collection::vec(0..OPS.len(), 1..4);
    let level = (0..WHENS.len(), prop::collection::vec(0..BACK.len(), 1..3));
    (
        prop::collection::vec(guard, 0..3),
        prop::collection::vec(stage, 1..4),
        prop::collection::vec(level, 1..4),
        0..RECOVERED.len(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(guards, stages, levels, recovered, channel, told)| Shape {
            guards,
            stages,
            levels,
            recovered,
            channel,
            told,
        })
}

const ACTIONS: [&str; 6] = [
    "rollback",
    "rollback from l0",
    "decide within 4m else rollback",
    "decide within 4m else continue",
    "hold",
    "warn",
];
const CONDITIONS: [&str; 2] = ["errors > 5%", "slow > 400ms"];
const SUSTAINS: [&str; 3] = ["", " for 45s", " for 2 of 3"];
const BLIND: [&str; 3] = [
    "",
    " { on blind rollback }",
    " { on blind ignore \"it is often away\" }",
];
/// What stages do; `NAME` is a name of its own, `MORE` the next higher exposure.
const OPS: [&str; 15] = [
    "step NAME $ ./do NAME",
    "step NAME timeout 40s retry 1 every 10s $ ./do NAME",
    "step NAME timeout 30s grace 3s idempotent $ ./do NAME",
    "step NAME unless $ ./is-done NAME\n      $ ./do NAME",
    "step NAME on failure continue $ ./do NAME",
    "step NAME on failure hold on unknown rollback $ ./do NAME",
    "step NAME protected on unknown rerun $ ./do NAME",
    "step NAME on failure rollback from l0 retry 2 backoff 1s..4s $ ./do NAME",
    "wait 2m..6m",
    "wait 90s..3m",
    "expose MORE",
    "verify healthy within 1m",
    "approve \"NAME\" by \"team\" within 5m else hold",
    "wait until errors < 2% within 3m",
    "capture n_NAME: int $ ./count\n    if n_NAME > 5 {\n      step NAME $ ./do NAME\n    }",
];
const WHENS: [&str; 4] = [
    "",
    " when share > 0%",
    " when errors > 50%",
    " when share > 5%",
];
/// What levels do.
const BACK: [&str; 5] = [
    "step NAME $ ./undo NAME",
    "step NAME idempotent timeout 20s retry 1 every 5s $ ./undo NAME",
    "expose 0%",
    "verify healthy within 30s",
    "step NAME on failure continue $ ./undo NAME",
];
const RECOVERED: [&str; 3] = [
    "",
    "  recovered when errors < 1% for 30s within 3m\n",
    "  recovered when errors < 1% and slow < 300ms within 2m\n",
];

impl Shape {
    /// The runbook.
    pub(super) fn text(&self) -> String {
        let mut text = String::from(
            "runbook \"Made\"\nservice made\n\nprovider prom { prometheus \"https://prometheus.example.com\" }\n\n\
             exposure share: percent {\n  set  $ flag set \"$share\"\n  read $ flag get\n}\n\n\
             metric errors: percent {\n  query prom 'errors[30s]'\n  unit  ratio\n}\n\n\
             metric slow: duration {\n  query prom 'slow[30s]'\n  unit  ms\n  every 20s\n}\n\n\
             probe healthy {\n  $ ./is-healthy\n}\n\n",
        );
        if self.channel || self.told {
            text.push_str("channel pager { log \"/var/log/made.log\" }\n\n");
        }
        let mut put = |line: &str| writeln!(text, "{line}").expect("a string takes everything");
        for (number, (action, sustain, blind)) in self.guards.iter().enumerate() {
            let condition = CONDITIONS[number % CONDITIONS.len()];
            let (action, blind) = (ACTIONS[*action], BLIND[*blind]);
            let sustain = SUSTAINS[*sustain];
            put(&format!(
                "guard g{number} when {condition}{sustain} then {action}{blind}"
            ));
        }
        put("\nrollout {");
        let (mut exposed, mut captures) = (0, 0);
        for (stage, ops) in self.stages.iter().enumerate() {
            put(&format!("  stage s{stage} {{"));
            for (place, op) in ops.iter().enumerate() {
                let mut op = OPS[*op];
                if op.contains("MORE") {
                    exposed += 10;
                }
                captures += usize::from(op.contains("capture"));
                if op.contains("capture") && captures > 1 {
                    // What several print makes more kinds of states than a proof looks at.
                    op = OPS[0];
                }
                let op = op.replace("NAME", &format!("do_{stage}_{place}"));
                put(&format!(
                    "    {}",
                    op.replace("MORE", &format!("{exposed}%"))
                ));
            }
            put("  }");
        }
        put("}\n\nrollback {");
        for (level, (when, ops)) in self.levels.iter().enumerate() {
            put(&format!("  level l{level} within 20m{} {{", WHENS[*when]));
            for (place, op) in ops.iter().enumerate() {
                let op = BACK[*op].replace("NAME", &format!("undo_{level}_{place}"));
                put(&format!("    {op}"));
            }
            put("  }");
        }
        put(&format!("{}}}", RECOVERED[self.recovered]));
        if self.told || exposed > 0 {
            if !(self.channel || self.told) {
                put("\nchannel pager { log \"/var/log/made.log\" }");
            }
            put("\nif stuck {\n  notify pager \"stuck: ${reason}\"\n}");
        }
        text
    }
}
