//! Owns the look for what a plan needs of this machine before anything begins: the programs of its commands, the secrets of
//! its channels. It starts nothing.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::program::located;
use super::scene::{Base, Scene};
use super::ssh;
use super::user;
use super::work::dressed;
use crate::engine::State;
use crate::plan::{Address, ChannelKind, Interactive, Plan, Program, SecretSource};

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
    let programs = all.into_iter().map(in_lines);
    let programs = programs.chain(users(plan));
    let files = files_of_hosts(plan, &Scene::new(&base, plan, &state));
    programs
        .chain(files)
        .chain(unreachable(plan, environment))
        .collect()
}

/// The steps that a run without a terminal cannot do, a sentence each; those of the rollback too.
#[must_use]
pub fn unattended(plan: &Plan) -> Vec<String> {
    let steps = plan
        .steps
        .iter()
        .filter(|step| step.interactive == Interactive::Yes);
    steps
        .map(|step| {
            in_lines((
                format!(
                    "step {} wants a person at a terminal, and this run has none",
                    step.name
                ),
                vec![step.line.to_string()],
            ))
        })
        .collect()
}

/// The users that steps run as and this run cannot become.
fn users(plan: &Plan) -> Vec<String> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    // A step on hosts logs in as its user.
    for step in plan.steps.iter().filter(|step| step.on.is_none()) {
        if let Some(name) = &step.user
            && let Err(why) = user::account(name)
        {
            let lines = all.entry(why).or_default();
            let line = step.line.to_string();
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    all.into_iter().map(in_lines).collect()
}

fn in_lines((why, lines): (String, Vec<String>)) -> String {
    match lines.as_slice() {
        [line] => format!("{why} (line {line})"),
        lines => format!("{why} (lines {})", lines.join(", ")),
    }
}

/// The keys and configurations of hosts that are not there: a step would find out when the ones before it have run.
fn files_of_hosts(plan: &Plan, scene: &Scene) -> Vec<String> {
    let mut all = Vec::new();
    for group in &plan.hosts {
        let hosts = group.hosts.iter().chain(&group.default);
        let files = hosts.flat_map(|host| {
            let identity = host.identity.iter().map(|file| ("private key", file));
            identity.chain(host.config.iter().map(|file| ("configuration", file)))
        });
        for (what, file) in files {
            let path = ssh::file(file, scene.dir(), scene);
            let why = format!(
                "the {what} {} of hosts {} is not there",
                path.display(),
                group.name
            );
            if !path.is_file() && !all.contains(&why) {
                all.push(why);
            }
        }
    }
    all
}

/// The channels whose secret is not set: nobody would be told when it matters.
fn unreachable(plan: &Plan, environment: &[(OsString, OsString)]) -> Vec<String> {
    let is_set = |variable: &str| {
        environment
            .iter()
            .any(|(name, _)| name == OsStr::new(variable))
    };
    let mut all = Vec::new();
    for channel in &plan.channels {
        let names: Vec<&String> = match &channel.kind {
            ChannelKind::Log { .. } => Vec::new(),
            ChannelKind::Webhook { address, bearer } => {
                let address = match address {
                    Address::Open(_) => None,
                    Address::Secret(name) => Some(name),
                };
                address.into_iter().chain(bearer).collect()
            }
            ChannelKind::Slack { address } => vec![address],
            ChannelKind::PagerDuty { key, .. } => vec![key],
            ChannelKind::Command { secrets, .. } => secrets.iter().collect(),
        };
        for secret in plan.secrets.iter().filter(|one| names.contains(&&one.name)) {
            if let SecretSource::Env(variable) = &secret.from
                && !is_set(variable)
            {
                all.push(format!(
                    "channel {} reaches nobody: the environment variable {variable} is not set",
                    channel.name
                ));
            }
        }
    }
    all
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
