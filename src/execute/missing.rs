//! Owns the look for what a plan needs of this machine before anything begins: the programs of its commands, the users,
//! the secrets. It starts nothing.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use super::program::located;
use super::scene::{Base, Scene};
use super::secrets;
use super::ssh;
use super::user;
use super::work::dressed;
use crate::engine::State;
use crate::plan::{
    Address, ChannelKind, Command, Interactive, Plan, Program, ProviderKind, RequestHeader, Secret,
    Step, Variable, VariableValue,
};

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
        .chain(secrets(plan, &base, &state))
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

/// The secrets that cannot be read, and who needs them. What needs one late (a level, an undo, a channel) would find out when it
/// matters most.
fn secrets(plan: &Plan, base: &Base, state: &State) -> Vec<String> {
    let mut all = Vec::new();
    let mut needed: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for user in users_of_secrets(plan) {
        let mut scene = Scene::new(base, plan, state);
        if let Some(step) = user.step {
            // Its directory is where a relative path begins.
            let _ = dressed(plan, step, &mut scene);
        }
        for secret in known(plan, &user.names) {
            let Err(why) = secrets::look(secret, base, &scene) else {
                continue;
            };
            if user.is_channel {
                all.push(format!("{} reaches nobody: {why}", user.who));
            } else {
                let why = format!("secret {} cannot be read: {why}", secret.name);
                let who = needed.entry(why).or_default();
                if !who.contains(&user.who) {
                    who.push(user.who.clone());
                }
            }
        }
    }
    let needed = needed.into_iter().map(|(why, who)| {
        let need = if who.len() == 1 { "needs" } else { "need" };
        format!("{why}; {} {need} it", who.join(" and "))
    });
    all.extend(needed);
    all
}

/// Something that needs secrets.
struct User<'p> {
    who: String,
    names: Vec<&'p str>,
    step: Option<&'p Step>,
    is_channel: bool,
}

impl<'p> User<'p> {
    fn new(who: String, names: Vec<&'p str>) -> Self {
        Self {
            who,
            names,
            step: None,
            is_channel: false,
        }
    }
}

fn users_of_secrets(plan: &Plan) -> Vec<User<'_>> {
    let mut all = Vec::new();
    for step in &plan.steps {
        let mut names: Vec<&str> = step.secrets.iter().map(String::as_str).collect();
        names.extend(of_variables(&step.env));
        match &step.command {
            Command::Http { request } => names.extend(of_headers(&request.headers)),
            Command::Sql { sql } => {
                let provider = plan.providers.get(sql.provider.index());
                names.extend(provider.and_then(|one| of_provider(&one.kind)));
            }
            Command::Shell { .. } | Command::Exec { .. } | Command::Block { .. } => {}
        }
        all.push(User {
            step: Some(step),
            ..User::new(format!("step {} (line {})", step.name, step.line), names)
        });
    }
    for exposure in &plan.exposures {
        let names = exposure.secrets.iter().map(String::as_str).collect();
        all.push(User::new(format!("exposure {}", exposure.name), names));
    }
    for provider in &plan.providers {
        let mut names = of_headers(&provider.headers);
        names.extend(of_provider(&provider.kind));
        all.push(User::new(format!("provider {}", provider.name), names));
    }
    for metric in &plan.metrics {
        let names = of_headers(&metric.headers);
        all.push(User::new(format!("metric {}", metric.name), names));
    }
    for probe in &plan.probes {
        let mut names = of_headers(&probe.headers);
        names.extend(of_variables(&probe.env));
        all.push(User::new(format!("probe {}", probe.name), names));
    }
    for channel in &plan.channels {
        let names: Vec<&str> = match &channel.kind {
            ChannelKind::Log { .. } => Vec::new(),
            ChannelKind::Webhook { address, bearer } => {
                let address = match address {
                    Address::Open(_) => None,
                    Address::Secret(name) => Some(name),
                };
                let both = address.into_iter().chain(bearer);
                both.map(String::as_str).collect()
            }
            ChannelKind::Slack { address } => vec![address],
            ChannelKind::PagerDuty { key, .. } => vec![key],
            ChannelKind::Command { secrets, .. } => secrets.iter().map(String::as_str).collect(),
        };
        all.push(User {
            is_channel: true,
            ..User::new(format!("channel {}", channel.name), names)
        });
    }
    all
}

fn of_variables(env: &[Variable]) -> impl Iterator<Item = &str> {
    env.iter().filter_map(|variable| match &variable.value {
        VariableValue::Text(_) => None,
        VariableValue::Secret(name) => Some(name.as_str()),
    })
}

fn of_headers(headers: &[RequestHeader]) -> Vec<&str> {
    let headers = headers.iter();
    headers.filter_map(|header| header.value.secret()).collect()
}

fn of_provider(kind: &ProviderKind) -> Option<&str> {
    match kind {
        ProviderKind::Prometheus { .. } => None,
        ProviderKind::Postgres { address } => Some(address),
    }
}

fn known<'p>(plan: &'p Plan, names: &[&str]) -> Vec<&'p Secret> {
    let secrets = plan.secrets.iter();
    secrets
        .filter(|one| names.contains(&one.name.as_str()))
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
