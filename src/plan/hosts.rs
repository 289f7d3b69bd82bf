//! Owns the machines that steps run on, and how a step on several of them becomes a step on each: pure data to pure data.

use serde::{Deserialize, Serialize};

use super::Plan;
use super::act::{Command, OnHosts, Precondition, Step};
use super::ids::{HostsId, StepId};
use super::op::{Compensation, Op, Strand};
use crate::check::{is_address, is_user};
use crate::source::offset;
use crate::value::Millis;

/// What a step may take on another machine beside its timeout and grace: to get there, to be let in, and to be sure of the end.
pub const THERE_AND_BACK: Millis = Millis::from_secs(30);

/// A group of hosts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hosts {
    /// Its name.
    pub name: String,
    /// Its hosts: those that the file writes out, and those that its command printed when the run started.
    pub hosts: Vec<Host>,
    /// What prints hosts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Command>,
    /// How a printed host is reached, where its line does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Host>,
    /// Whether its command is still to be asked; until then it stands for an unknown number of hosts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unread: bool,
}

/// A host, and how OpenSSH reaches it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// What it is called in front of people.
    pub name: String,
    /// Where it is.
    pub address: String,
    /// The port, when ssh is not to choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// The user, when ssh is not to choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The private key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// The configuration that ssh reads instead of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<String>,
}

/// One of the steps that a step on hosts becomes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnHost {
    /// The step of the file.
    pub of: StepId,
    /// Where this one runs.
    pub host: Host,
}

impl Hosts {
    /// The hosts, or what stands for those that nobody knows yet.
    fn stand(&self) -> Vec<Host> {
        let mut all = self.hosts.clone();
        if self.unread {
            let name = if all.is_empty() {
                format!("each host of {}", self.name)
            } else {
                format!("each other host of {}", self.name)
            };
            all.push(Host {
                address: self.name.clone(),
                name,
                ..Host::default()
            });
        }
        all
    }
}

impl Host {
    /// Reads what a command printed, a host a line: `[USER@]ADDRESS[:PORT]`; an address with colons stands in brackets. Empty lines
    /// and those that begin with `#` say nothing.
    ///
    /// # Errors
    /// The first line that is no host, in a sentence.
    pub fn read_all(text: &str, default: &Self) -> Result<Vec<Self>, String> {
        let mut all: Vec<Self> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let number = index.saturating_add(1);
            let host = Self::read(line, default)
                .ok_or_else(|| format!("line {number} is no host: `{line}`"))?;
            if all.iter().any(|one| one.name == host.name) {
                return Err(format!("line {number} names {} again", host.name));
            }
            all.push(host);
        }
        Ok(all)
    }

    fn read(line: &str, default: &Self) -> Option<Self> {
        let (user, rest) = match line.rsplit_once('@') {
            Some((user, rest)) => (Some(user), rest),
            None => (None, line),
        };
        let (address, port) = match rest.strip_prefix('[') {
            Some(rest) => {
                let (address, after) = rest.split_once(']')?;
                let port = match after {
                    "" => None,
                    after => Some(after.strip_prefix(':')?),
                };
                (address, port)
            }
            None => match rest.split_once(':') {
                Some((address, port)) if !port.contains(':') => (address, Some(port)),
                Some(_) | None => (rest, None),
            },
        };
        let fits = is_address(address) && user.is_none_or(is_user);
        let port = match port {
            None => None,
            Some(port) => Some(port.parse::<u16>().ok().filter(|port| *port > 0)?),
        };
        fits.then(|| Self {
            name: rest.to_owned(),
            address: address.to_owned(),
            port: port.or(default.port),
            user: user.map(str::to_owned).or_else(|| default.user.clone()),
            identity: default.identity.clone(),
            config: default.config.clone(),
        })
    }
}

impl Plan {
    /// The group of hosts that a step runs on.
    #[must_use]
    pub fn hosts(&self, id: HostsId) -> Option<&Hosts> {
        self.hosts.get(id.index())
    }

    /// The step of the file that a step is, or is one of those of.
    #[must_use]
    pub fn of_file(&self, step: StepId) -> StepId {
        let known = self.steps.get(step.index());
        known
            .and_then(|step| step.host.as_ref())
            .map_or(step, |one| one.of)
    }

    /// Adds the hosts that the command of a group printed.
    pub fn learn_hosts(&mut self, id: HostsId, printed: Vec<Host>) {
        if let Some(group) = self.hosts.get_mut(id.index()) {
            group.unread = false;
            let known: Vec<String> = group.hosts.iter().map(|one| one.name.clone()).collect();
            let new = printed.into_iter().filter(|one| !known.contains(&one.name));
            group.hosts.extend(new);
        }
        self.spread();
    }

    /// The plan with two hosts where there are more: enough to see one that fails beside one that does not, and both. A step that
    /// may fail on some still may, and one that may not still fails when it fails too often.
    #[must_use]
    pub(super) fn with_few_hosts(&self) -> Self {
        const FEW: usize = 2;
        let mut few = self.clone();
        if self.hosts.is_empty() {
            return few;
        }
        for step in &mut few.steps {
            if let Some(on) = &mut step.on {
                on.tolerate = on.tolerate.min(1);
            }
        }
        for group in &mut few.hosts {
            group.hosts.truncate(FEW);
            group.unread &= group.hosts.len() < FEW;
        }
        few.spread();
        few
    }

    /// Makes a step for each host of every step that runs on hosts. What was made before is made again.
    pub(super) fn spread(&mut self) {
        let mut before: Vec<Precondition> = Vec::new();
        for one in std::mem::take(&mut self.before) {
            let one = match one {
                Precondition::Check(step) => Precondition::Check(self.of_file(step)),
                other @ (Precondition::Confirm { .. } | Precondition::Approve(_)) => other,
            };
            // Those that were made of one check lie side by side.
            if before.last() != Some(&one) {
                before.push(one);
            }
        }
        self.steps.retain(|step| step.host.is_none());
        let mut spread = Spread {
            hosts: &self.hosts,
            steps: &mut self.steps,
        };
        for one in before {
            match one {
                Precondition::Check(step) if spread.on(step).is_some() => {
                    let each = spread.each(step).into_iter();
                    self.before
                        .extend(each.map(|(_, id)| Precondition::Check(id)));
                }
                other @ (Precondition::Check(_)
                | Precondition::Confirm { .. }
                | Precondition::Approve(_)) => self.before.push(other),
            }
        }
        for stage in &mut self.stages {
            spread.ops(&mut stage.ops);
        }
        for level in self.rollback.iter_mut().flat_map(|one| &mut one.levels) {
            spread.ops(&mut level.ops);
        }
    }
}

/// The steps of a plan while more are made.
struct Spread<'a> {
    hosts: &'a [Hosts],
    steps: &'a mut Vec<Step>,
}

impl Spread<'_> {
    fn on(&self, step: StepId) -> Option<OnHosts> {
        self.steps.get(step.index()).and_then(|step| step.on)
    }

    fn ops(&mut self, ops: &mut [Op]) {
        for op in ops {
            match op {
                Op::Step(step) => {
                    if let Some(on) = self.on(*step) {
                        *op = self.op(*step, on);
                    }
                }
                Op::Parallel {
                    hosts: Some(step), ..
                } => {
                    if let Some(on) = self.on(*step) {
                        *op = self.op(*step, on);
                    }
                }
                Op::Parallel { strands, .. } => {
                    for strand in strands {
                        self.ops(&mut strand.ops);
                    }
                }
                Op::If {
                    then, otherwise, ..
                } => {
                    self.ops(then);
                    self.ops(otherwise);
                }
                Op::Wait { .. }
                | Op::Until { .. }
                | Op::Expose { .. }
                | Op::Verify { .. }
                | Op::Notify(_)
                | Op::Fail { .. }
                | Op::NoReturn { .. }
                | Op::Approve(_) => {}
                // The stages have their steps when the levels come to this.
                Op::Undo { of } => *of = self.compensations(),
            }
        }
    }

    fn op(&mut self, step: StepId, on: OnHosts) -> Op {
        let each = self.each(step).into_iter();
        Op::Parallel {
            strands: each
                .map(|(name, id)| Strand {
                    name,
                    ops: vec![Op::Step(id)],
                })
                .collect(),
            most: Some(on.most),
            hosts: Some(step),
        }
    }

    /// A step for each host, with the name of the host.
    fn each(&mut self, id: StepId) -> Vec<(String, StepId)> {
        let Some(step) = self.steps.get(id.index()).cloned() else {
            return Vec::new();
        };
        let Some(group) = step.on.and_then(|on| self.hosts.get(on.hosts.index())) else {
            return Vec::new();
        };
        let mut all = Vec::new();
        for mut host in group.stand() {
            if let Some(user) = &step.user {
                host.user = Some(user.clone());
            }
            let new = StepId(offset(self.steps.len()));
            all.push((host.name.clone(), new));
            self.steps.push(Step {
                id: new,
                name: format!("{} on {}", step.name, host.name),
                title: format!("{} on {}", step.title, host.name),
                on: None,
                host: Some(OnHost {
                    of: id,
                    host: host.clone(),
                }),
                user: None,
                undo: Vec::new(),
                ..step.clone()
            });
            let undo: Vec<StepId> = step
                .undo
                .iter()
                .filter_map(|by| self.undone_there(*by, (new, &host)))
                .collect();
            if let Some(made) = self.steps.get_mut(new.index()) {
                made.undo = undo;
            }
        }
        all
    }

    /// What undoes a step on one of its hosts.
    fn undone_there(&mut self, by: StepId, (step, host): (StepId, &Host)) -> Option<StepId> {
        let by = self.steps.get(by.index())?.clone();
        let new = StepId(offset(self.steps.len()));
        self.steps.push(Step {
            id: new,
            name: format!("{} on {}", by.name, host.name),
            title: format!("{} on {}", by.title, host.name),
            on: None,
            host: Some(OnHost {
                of: by.id,
                host: host.clone(),
            }),
            user: None,
            undoes: Some(step),
            ..by
        });
        Some(new)
    }

    /// What undoes each step that can begin, on each host for itself, in the order of the file.
    fn compensations(&self) -> Vec<Compensation> {
        let can = |step: &&Step| !step.undo.is_empty() && step.on.is_none();
        let mut all: Vec<&Step> = self.steps.iter().filter(can).collect();
        all.sort_by_key(|step| {
            let of = step.host.as_ref().map_or(step.id, |one| one.of);
            (of, step.id)
        });
        all.into_iter()
            .map(|step| Compensation {
                step: step.id,
                ops: step.undo.iter().copied().map(Op::Step).collect(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<String>, String> {
        let default = Host {
            port: Some(22),
            user: Some("deploy".to_owned()),
            ..Host::default()
        };
        let all = Host::read_all(text, &default)?.into_iter();
        Ok(all
            .map(|one| {
                format!(
                    "{} {} {} {}",
                    one.name,
                    one.user.unwrap_or_default(),
                    one.address,
                    one.port.unwrap_or_default()
                )
            })
            .collect())
    }

    #[test]
    fn a_line_is_a_host() {
        let all = read("# the web tier\nweb1\n\n root@10.0.0.2:2222 \n[fd00::1]:2200\nfd00::2\n");
        let want = [
            "web1 deploy web1 22",
            "10.0.0.2:2222 root 10.0.0.2 2222",
            "[fd00::1]:2200 deploy fd00::1 2200",
            "fd00::2 deploy fd00::2 22",
        ];
        assert_eq!(all.unwrap(), want);
    }

    #[test]
    fn what_is_no_host_is_named_with_its_line() {
        for (text, why) in [
            (
                "web1\n-oProxyCommand=x",
                "line 2 is no host: `-oProxyCommand=x`",
            ),
            ("web 1", "line 1 is no host: `web 1`"),
            ("a;b", "line 1 is no host: `a;b`"),
            ("web1:0", "line 1 is no host: `web1:0`"),
            ("web1:x", "line 1 is no host: `web1:x`"),
            ("-x@web1", "line 1 is no host: `-x@web1`"),
            ("web1\nweb1", "line 2 names web1 again"),
        ] {
            assert_eq!(read(text).unwrap_err(), why);
        }
    }
}
