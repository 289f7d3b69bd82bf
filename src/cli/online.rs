//! Owns `check --online`: the looks at every source and every exposure that a run takes before its first step, taken by the same
//! engine, and nothing else of a run. It starts no step and tells nobody, takes no lock and writes no journal.

use std::path::Path;

use super::args::CheckArgs;
use super::compile::compile;
use super::say::Say;
use super::{USAGE, place};
use crate::engine::{Effect, Entrance, Input, Reading, Stamp, State, Verdict};
use crate::execute::{Execute, OnHold, Options, Patience, Show};
use crate::plan::{After, Plan};
use crate::world::{self, Ended, Forget};

/// Whoever asked has gone.
const INTERRUPTED: u8 = 75;

/// Shows nothing: all that there is to say is said when every source has answered.
struct Nothing;

impl Show for Nothing {
    fn effect(&mut self, _: Stamp, _: &Plan, _: &State, _: &Effect) {}

    fn status(&mut self, _: Stamp, _: &Plan, _: &State) {}

    fn say(&mut self, _: &str) {}
}

/// Looks at the sources of these files, which have to be right in themselves.
pub(super) fn run(files: &[impl AsRef<Path>], args: &CheckArgs, say: &Say) -> u8 {
    let mut worst = 0;
    for path in files {
        let path = path.as_ref();
        let proved = compile(path, &args.values, say).and_then(|made| made.proved(say));
        let status = match proved {
            Ok((plan, _)) => ask(&plan, path, say),
            Err(status) => status,
        };
        worst = worst.max(status);
    }
    worst
}

/// What is left of a plan when it has no rollout: what is looked at before one.
fn looks(plan: &Plan) -> Plan {
    Plan {
        approvals: Vec::new(),
        before: Vec::new(),
        stages: Vec::new(),
        rollback: None,
        if_stuck: Vec::new(),
        after_rollback: Vec::new(),
        after_rollout: Vec::new(),
        after: After::default(),
        window: None,
        ..plan.clone()
    }
}

fn ask(plan: &Plan, path: &Path, say: &Say) -> u8 {
    let plan = looks(plan);
    let mut state = State::new(&plan);
    let ended = match looked(&plan, &mut state) {
        Ok(ended) => ended,
        Err(why) => {
            say.error(&format!("the sources cannot be asked: {why}"), "");
            return USAGE;
        }
    };
    say.tell(&format!(
        "{}: {} and {} asked, as before a run; nothing else was done",
        path.display(),
        counted(plan.metrics.len(), "metric"),
        counted(plan.exposures.len(), "exposure")
    ));
    for (metric, known) in plan.metrics.iter().zip(&state.metrics) {
        match known.reading.as_ref().map(|(_, reading)| reading) {
            Some(Reading::Value(value)) => {
                say.row(&metric.name, &metric.unit.show(*value));
            }
            Some(Reading::NoData(why)) => say.row(
                &metric.name,
                &format!("no data: {why}; a guard on it would see nothing"),
            ),
            // These are among the findings.
            Some(Reading::Error(_) | Reading::Misconfigured(_)) | None => {}
        }
    }
    for (exposure, known) in plan.exposures.iter().zip(&state.exposures) {
        if let Some(value) = known {
            say.row(&exposure.name, &plan.shown(exposure.id, *value));
        }
    }
    match ended {
        Ended::Over(Verdict::Refused { why }) => {
            for finding in why {
                say.row("finding", &finding);
            }
            1
        }
        Ended::Over(
            Verdict::Completed
            | Verdict::RolledBack { .. }
            | Verdict::WentForward { .. }
            | Verdict::Stuck { .. }
            | Verdict::Aborted { .. },
        ) => 0,
        Ended::Left(_) | Ended::Silent => INTERRUPTED,
    }
}

fn counted(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        more => format!("{more} {what}s"),
    }
}

/// A run of what is left, in the real world and without a journal.
fn looked(plan: &Plan, state: &mut State) -> Result<Ended, String> {
    let dir = std::env::current_dir().map_err(|error| error.to_string())?;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let by = place::person(None);
    let options = Options {
        run: "check".to_owned(),
        started: super::place::now(),
        last: None,
        by: by.clone(),
        dir,
        environment: std::env::vars_os().collect(),
        supervisor: "/proc/self/exe".into(),
        outputs: folder.path().to_path_buf(),
        temp: std::env::temp_dir(),
        patience: Patience::default(),
        speed: 1.0,
        on_hold: OnHold::Leave,
        terminal: None,
    };
    let mut world = Execute::new(options, Box::new(Nothing), Box::new(|| None))
        .map_err(|error| error.to_string())?;
    world.tell(Input::Begin {
        by,
        confirmed: Vec::new(),
        entry: Entrance::Now,
        missing: Vec::new(),
    });
    match world::run(plan, state, &mut world, &mut Forget) {
        Ok(ended) => Ok(ended),
        Err(never) => match never {},
    }
}
