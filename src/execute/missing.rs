//! Owns the look for the programs that the commands of a plan need, before anything begins. It starts nothing.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use super::program::located;
use super::scene::{Base, Scene};
use super::work::dressed;
use crate::engine::State;
use crate::plan::{Plan, Program};

/// What the commands of a plan need and this machine does not have, a sentence each; those of the rollback too.
#[must_use]
pub fn missing(plan: &Plan, dir: &Path, environment: &[(OsString, OsString)]) -> Vec<String> {
    let base = Base {
        run: String::new(),
        started: String::new(),
        dir: dir.to_owned(),
        environment: environment.to_vec(),
    };
    let state = State::new(plan);
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for program in &plan.programs {
        if let Err(why) = find(program, plan, Scene::new(&base, plan, &state)) {
            let lines = all.entry(why).or_default();
            lines.push(program.line.to_string());
        }
    }
    all.into_iter()
        .map(|(why, lines)| match lines.as_slice() {
            [line] => format!("{why} (line {line})"),
            lines => format!("{why} (lines {})", lines.join(", ")),
        })
        .collect()
}

fn find(program: &Program, plan: &Plan, mut scene: Scene) -> Result<(), String> {
    let step = program.step.and_then(|step| plan.steps.get(step.index()));
    if let Some(step) = step {
        // Secrets are looked for when they are needed.
        let _ = dressed(plan, step, &mut scene);
    }
    let name = program.name.as_str();
    if name.contains('/') {
        let file = scene.dir().join(name);
        // An earlier step may make the directory.
        if file.parent().is_some_and(|parent| !parent.is_dir()) {
            return Ok(());
        }
    }
    located(name, scene.dir(), scene.get("PATH")).map(|_| ())
}
