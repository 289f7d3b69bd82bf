//! Hosts: the block that names them, and the clause that sends a step to them.

use crate::ast::{Host, Hosts, Name, OnHosts, Reach};
use crate::diag::factory::syntax as say;

use super::super::grammar::Rule;
use super::super::words::Place;
use super::{Lower, Pair, Parts, Seen, inside};

impl Lower<'_> {
    pub(super) fn hosts(&mut self, pair: Pair<'_>) -> Option<Hosts> {
        let mut parts = self.parts(pair, "hosts", Place::Top);
        let name = self.name(&mut parts, "a name")?;
        let mut hosts = Hosts {
            name,
            hosts: Vec::new(),
            from: None,
            reach: Reach::default(),
            config: None,
            span: parts.span,
            docs: self.docs(parts.span),
        };
        match parts.peek() {
            Some(Rule::hosts_from) => {
                let from = self.take(&mut parts, Rule::hosts_from)?;
                hosts.from = self.hosts_from(from);
                parts.broken |= hosts.from.is_none();
            }
            Some(Rule::hosts_block) => {
                let block = self.take(&mut parts, Rule::hosts_block)?;
                self.hosts_block(block, (&mut hosts, parts.form));
            }
            Some(_) | None => self.need(&mut parts, "a block, or `from $ COMMAND`"),
        }
        let is_broken = parts.broken;
        self.finish(&mut parts, &["from"]);
        if is_broken {
            self.lost.insert(hosts.name.text);
            return None;
        }
        Some(hosts)
    }

    fn hosts_from(&mut self, pair: Pair<'_>) -> Option<crate::ast::Command> {
        let mut own = self.parts(pair, "from", Place::Hosts);
        let command = self.maybe_command(&mut own);
        if command.is_none() {
            self.need(&mut own, "`$ COMMAND`");
        }
        command
    }

    fn hosts_block(&mut self, block: Pair<'_>, (hosts, form): (&mut Hosts, Option<&'static str>)) {
        let block_span = self.span(&block);
        let before = self.diagnostics.len();
        let mut seen = Seen::default();
        let mut any = false;
        for line in inside(block) {
            let span = self.span(&line);
            match line.as_rule() {
                Rule::stray => {
                    self.stray(line, Place::Hosts);
                    continue;
                }
                Rule::host => {
                    any = true;
                    hosts.hosts.extend(self.host(line));
                }
                Rule::hosts_line => {
                    any = true;
                    let mut own = self.parts(line, "from", Place::Hosts);
                    let from = self.take(&mut own, Rule::hosts_from);
                    let from = from.and_then(|from| self.hosts_from(from));
                    self.finish(&mut own, &[]);
                    if self.once(&mut seen, "from", span) {
                        hosts.from = from;
                    }
                }
                _reach => {
                    let mut own = self.parts(line, "", Place::Hosts);
                    self.reach_parts(&mut own, (&mut hosts.reach, &mut hosts.config), &mut seen);
                    self.finish(&mut own, &[]);
                }
            }
            self.last_was_noise = false;
        }
        if !any && self.diagnostics.len() == before {
            let wanted = say::Wanted {
                what: "a line `host NAME`",
                after: "{",
                form,
            };
            self.diagnostics
                .push(say::missing_part(block_span, &wanted));
        }
    }

    fn host(&mut self, pair: Pair<'_>) -> Option<Host> {
        let mut parts = self.parts(pair, "host", Place::Hosts);
        let Some(name) = self.take(&mut parts, Rule::host_name) else {
            self.need(&mut parts, "a name");
            return None;
        };
        let name = Name {
            text: name.as_str().to_owned(),
            span: self.span(&name),
        };
        let at = self.maybe_part(&mut parts, Rule::at_part, "an address");
        let mut reach = Reach::default();
        let mut seen = Seen::default();
        self.reach_parts(&mut parts, (&mut reach, &mut None), &mut seen);
        self.finish(&mut parts, &["at", "port", "user", "identity"]);
        Some(Host { name, at, reach })
    }

    /// The parts that say how a host is reached.
    fn reach_parts(
        &mut self,
        parts: &mut Parts<'_>,
        (reach, config): (&mut Reach, &mut Option<crate::ast::Expr>),
        seen: &mut Seen,
    ) {
        loop {
            let (rule, word, what, place) = match parts.peek() {
                Some(Rule::port_part) => (Rule::port_part, "port", "a number", &mut reach.port),
                Some(Rule::user_part) => (
                    Rule::user_part,
                    "user",
                    "the name of a user in quotes",
                    &mut reach.user,
                ),
                Some(Rule::identity_part) => (
                    Rule::identity_part,
                    "identity",
                    "the path of a private key in quotes",
                    &mut reach.identity,
                ),
                Some(Rule::config_part) => (
                    Rule::config_part,
                    "config",
                    "the path of a configuration of ssh in quotes",
                    &mut *config,
                ),
                Some(_) | None => return,
            };
            let Some(part) = self.take(parts, rule) else {
                return;
            };
            let span = self.span(&part);
            let value = self.part_expr(parts, part, what);
            if self.once(seen, word, span) {
                *place = value;
            }
        }
    }

    /// Whether `on failur hold` was meant for the clause that it nearly is, which is reported.
    pub(super) fn is_other_clause(&mut self, pair: &Pair<'_>, parts: &mut Parts<'_>) -> bool {
        let next = parts.inner.peek().map_or("", Pair::as_str);
        let word = next.split_whitespace().next().unwrap_or_default();
        let actions = ["rollback", "hold", "continue", "ask", "rerun"];
        let name = pair.clone().into_inner().next();
        match name {
            Some(name) if actions.contains(&word) => {
                self.choice(&name, "clause of `on`", &["failure", "unknown"]);
                true
            }
            Some(_) | None => false,
        }
    }

    /// `on HOSTS [at most N] [tolerate K]`
    pub(super) fn on_hosts(&mut self, pair: Pair<'_>) -> Option<OnHosts> {
        let mut own = self.parts(pair, "on", Place::Step);
        let hosts = self.known_name(&mut own, "the name of hosts")?;
        let (mut most, mut tolerate) = (None, None);
        let mut seen = Seen::default();
        loop {
            let (rule, word, what, place) = match own.peek() {
                Some(Rule::most_part) => (Rule::most_part, "at most", "a number", &mut most),
                Some(Rule::tolerate_part) => {
                    (Rule::tolerate_part, "tolerate", "a number", &mut tolerate)
                }
                Some(_) | None => break,
            };
            let part = self.take(&mut own, rule)?;
            let span = self.span(&part);
            let value = self.part_expr(&mut own, part, what);
            if self.once(&mut seen, word, span) {
                *place = value;
            }
        }
        (!own.broken).then_some(OnHosts {
            hosts,
            most,
            tolerate,
            span: own.span,
        })
    }
}
