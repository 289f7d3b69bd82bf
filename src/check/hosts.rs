//! Hosts: how they are reached, and the steps that run on them.

use std::collections::BTreeMap;

use crate::ast::{self, Expr};
use crate::diag::factory::check::declared_twice;
use crate::diag::factory::hosts as say;
use crate::source::Span;
use crate::value::Type;

use super::Checker;
use super::ids::HostsId;
use super::names::Sort;
use super::place::Place;
use super::shell::Role;
use super::tree;

impl<'a> Checker<'a> {
    pub(super) fn hosts(&mut self, hosts: &'a ast::Hosts) -> Option<tree::Hosts> {
        let name = &hosts.name;
        if let word @ ("failure" | "unknown") = name.as_str() {
            self.found.push(say::clause_word(name.span, word));
        }
        let mut taken: BTreeMap<&str, Span> = BTreeMap::new();
        let mut all = Some(Vec::new());
        for host in &hosts.hosts {
            let first = taken.entry(&host.name.text).or_insert(host.name.span);
            if *first != host.name.span {
                let (again, first) = (("a host", host.name.span), ("a host", *first));
                self.found
                    .push(declared_twice(&host.name.text, again, first));
            }
            match (self.host(host), &mut all) {
                (Some(host), Some(all)) => all.push(host),
                (_, _) => all = None,
            }
        }
        self.one_name_each(&hosts.hosts);
        let from = match &hosts.from {
            None => Some(None),
            Some(command) => self
                .in_role(Role::Hosts, |checker| {
                    let here = (Place::AnyTime, "a command that prints hosts");
                    checker.command_without_secrets(command, here)
                })
                .map(Some),
        };
        let reach = self.reach(&hosts.reach);
        let config =
            self.expect_if_there(hosts.config.as_ref(), &Type::Path, "a configuration of ssh");
        Some(tree::Hosts {
            name: name.text.clone(),
            hosts: all?,
            from: from?,
            reach: reach?,
            config: config?,
        })
    }

    /// Two names for one machine: what runs on it once by the file would run twice, and at once.
    fn one_name_each(&mut self, hosts: &[ast::Host]) {
        let mut taken: BTreeMap<(&str, &str), Span> = BTreeMap::new();
        for host in hosts {
            let (address, span) = match &host.at {
                None => (host.name.text.as_str(), host.name.span),
                Some(at) => match at.text().and_then(ast::Text::plain) {
                    Some(text) => (text, at.span),
                    None => continue,
                },
            };
            let port = host.reach.port.as_ref();
            let port = port.map_or("", |port| self.file.slice(port.span));
            let first = *taken.entry((address, port)).or_insert(span);
            // Two of one name are told already.
            if first != span && host.at.is_some() {
                let what = "the address of a host";
                self.found
                    .push(declared_twice(address, (what, span), (what, first)));
            }
        }
    }

    fn host(&mut self, host: &ast::Host) -> Option<tree::Host> {
        let at = self.expect_if_there(host.at.as_ref(), &Type::Text, "the address of a host");
        let reach = self.reach(&host.reach);
        Some(tree::Host {
            name: host.name.text.clone(),
            at: at?,
            reach: reach?,
        })
    }

    fn reach(&mut self, reach: &ast::Reach) -> Option<tree::Reach> {
        let port = self.expect_if_there(reach.port.as_ref(), &Type::Int, "a port");
        let user = self.expect_if_there(reach.user.as_ref(), &Type::Text, "the name of a user");
        let identity = self.expect_if_there(reach.identity.as_ref(), &Type::Path, "a private key");
        Some(tree::Reach {
            port: port?,
            user: user?,
            identity: identity?,
        })
    }

    /// `on HOSTS …` of a step or a check.
    pub(super) fn on_hosts(&mut self, on: &ast::OnHosts, place: Place) -> Option<tree::OnHosts> {
        let hosts = if self.is_lost_local(on.hosts.as_str()) {
            self.incomplete();
            None
        } else {
            self.find(Sort::Hosts, &on.hosts).map(HostsId)
        };
        let number = |checker: &mut Self, expr: Option<&Expr>, word: &'static str| {
            if let (Place::Before, Some(expr)) = (place, expr) {
                checker
                    .found
                    .push(crate::diag::factory::check::needless_in_a_check(
                        expr.span, word,
                    ));
            }
            checker.expect_if_there(expr, &Type::Int, &format!("`{word}`"))
        };
        let most = number(self, on.most.as_ref(), "at most");
        let tolerate = number(self, on.tolerate.as_ref(), "tolerate");
        Some(tree::OnHosts {
            hosts: hosts?,
            most: most?,
            tolerate: tolerate?,
        })
    }

    /// Whether it is the variable of a loop whose list could not be read, for a reason that was reported.
    fn is_lost_local(&self, name: &str) -> bool {
        let local = self.names.get(Sort::Local, name);
        local.is_some_and(|at| matches!(self.types.locals.get(at as usize), Some(None)))
    }

    /// A secret's file lies on this machine, and the command runs on another one.
    pub(super) fn no_files_there(&mut self, secrets: &[String], on: &ast::OnHosts, at: Span) {
        for secret in secrets {
            let said = say::secret_file_on_hosts((at, secret), (&on.hosts.text, on.span));
            self.found.push(said);
        }
    }
}
