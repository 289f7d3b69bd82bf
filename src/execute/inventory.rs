//! Owns asking which hosts there are, before a run begins: the command of each group, run here, a host a line.

use std::ffi::OsString;
use std::path::Path;

use tokio::runtime::Builder;

use super::program::Program;
use super::scene::{Base, Scene};
use super::short::{self, End};
use super::stop::Stop;
use crate::engine::State;
use crate::plan::{Host, Hosts, HostsId, Plan};
use crate::source::offset;
use crate::value::Millis;

/// How long the command may take.
const COMMAND: Millis = Millis(30_000);

/// The most hosts of a group.
const MOST: usize = 1_000;

/// Asks every group of a plan that has a command. It is run with the parameters of the plan as its variables.
///
/// # Errors
/// Why one of them is not known, in a sentence.
pub fn ask_hosts(
    plan: &Plan,
    dir: &Path,
    environment: &[(OsString, OsString)],
) -> Result<Vec<(HostsId, Vec<Host>)>, String> {
    let unread = plan.hosts.iter().enumerate();
    let unread: Vec<_> = unread.filter(|(_, group)| group.unread).collect();
    if unread.is_empty() {
        return Ok(Vec::new());
    }
    let base = Base {
        run: String::new(),
        started: String::new(),
        dir: dir.to_owned(),
        environment: environment.to_vec(),
    };
    let scene = Scene::new(&base, plan, &State::new(plan));
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("hosts cannot be asked for: {error}"))?;
    let mut all = Vec::new();
    for (index, group) in unread {
        let hosts = runtime.block_on(ask(group, &scene));
        let hosts = hosts.map_err(|why| format!("hosts {} are not known: {why}", group.name))?;
        all.push((HostsId(offset(index)), hosts));
    }
    Ok(all)
}

async fn ask(group: &Hosts, scene: &Scene) -> Result<Vec<Host>, String> {
    let Some(command) = &group.from else {
        return Ok(Vec::new());
    };
    let program = Program::find(command, scene)?;
    let stop = &mut Stop::never();
    let short = short::run((&program, None), scene, COMMAND.to_std(), stop).await?;
    let because = |what: String| match short.said() {
        said if said.is_empty() => what,
        said => format!("{what}: {said}"),
    };
    match short.end {
        End::Exited(0) => {}
        End::Exited(status) => return Err(because(format!("their command exits with {status}"))),
        End::Signalled(signal) => {
            return Err(because(format!("their command ended by signal {signal}")));
        }
        End::TimedOut | End::Stopped => {
            return Err(because(format!(
                "their command did not end within {COMMAND}"
            )));
        }
    }
    let default = group.default.clone().unwrap_or_default();
    let hosts = Host::read_all(&short.printed(), &default)
        .map_err(|why| format!("of what their command printed, {why}"))?;
    match hosts.len() {
        0 => Err("their command printed none".to_owned()),
        many if many > MOST => Err(format!("their command printed more than {MOST}")),
        _ => Ok(hosts),
    }
}
