//! The hosts of the plan, and where steps run.

use super::Builder;
use crate::ast::Expr;
use crate::check;
use crate::plan::{Host, Hosts, OnHosts};

impl Builder<'_> {
    pub(super) fn hosts(&mut self) -> Vec<Hosts> {
        let checked = self.checked;
        let all = checked.hosts.iter();
        all.map(|group| {
            let default = self.host(group, None);
            let hosts = group.hosts.iter();
            Hosts {
                name: group.name.clone(),
                hosts: hosts.map(|host| self.host(group, Some(host))).collect(),
                from: group.from.as_ref().map(|command| self.command(command)),
                unread: group.from.is_some(),
                default: group.from.is_some().then_some(default),
            }
        })
        .collect()
    }

    /// A host, or how one is reached of which nothing is known.
    fn host(&mut self, group: &check::Hosts, host: Option<&check::Host>) -> Host {
        let own = host.map(|host| &host.reach);
        let all = &group.reach;
        let port = own.and_then(|own| own.port.as_ref()).or(all.port.as_ref());
        let user = own.and_then(|own| own.user.as_ref()).or(all.user.as_ref());
        let identity = own.and_then(|own| own.identity.as_ref());
        let identity = identity.or(all.identity.as_ref());
        let name = host.map_or_else(String::new, |host| host.name.clone());
        let at = host.and_then(|host| host.at.as_ref());
        Host {
            address: at.map_or_else(|| name.clone(), |at| self.text(at)),
            name,
            port: port.map(|port| u16::try_from(self.count(port)).unwrap_or_default()),
            user: user.map(|user| self.text(user)),
            identity: identity.map(|file| self.path(file)),
            config: group.config.as_ref().map(|file| self.path(file)),
        }
    }

    pub(super) fn on_hosts(&mut self, on: &check::OnHosts) -> OnHosts {
        let mut number =
            |expr: Option<&Expr>, default| expr.map_or(default, |expr| self.count(expr));
        OnHosts {
            hosts: on.hosts,
            most: number(on.most.as_ref(), 1).max(1),
            tolerate: number(on.tolerate.as_ref(), 0),
        }
    }
}
