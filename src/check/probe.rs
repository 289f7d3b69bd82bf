//! Probes: what can be asked.

use crate::ast::{ExprKind, Probe, ProbeSource};
use crate::diag::factory::check as say;
use crate::value::Type;

use super::Checker;
use super::expect::Answer;
use super::names::Sort;
use super::place::Place;
use super::shell::{Hidden, Role};
use super::tree;

impl Checker<'_> {
    pub(super) fn probe(&mut self, probe: &Probe) -> Option<tree::Probe> {
        if !probe.not_built.is_empty() {
            self.incomplete();
        }
        let title = self.title(probe.title.as_ref());
        let timeout = self.expect_if_there(probe.timeout.as_ref(), &Type::Duration, "`timeout`");
        self.around.env = probe
            .env
            .iter()
            .map(|variable| variable.name.text.clone())
            .collect();
        self.around.given.clone_from(&probe.env);
        let dir = match &probe.dir {
            None => Some(None),
            Some(dir) => self.dir(dir, Place::AnyTime).map(Some),
        };
        let env = self.env(&probe.env, Place::AnyTime);
        if !probe.expects.is_empty() {
            self.around.output = Hidden::Yes;
        }
        let read = self.in_role(Role::Probe, |checker| checker.question(probe));
        self.around.env.clear();
        self.around.given.clear();
        self.around.output = Hidden::No;
        let (ask, answer) = read?;
        self.surroundings_are_of_use(probe, answer);
        if answer != Answer::Http {
            self.needless_headers(&probe.headers, "take it away, or ask with http get URL");
        }
        let headers = self.request_headers(&probe.headers, Place::AnyTime);
        let mut expect = Vec::new();
        let mut whole = Some(());
        for line in &probe.expects {
            whole = self.expectations(line, answer, &mut expect).and(whole);
        }
        if let Some(source) = &probe.source
            && answer == Answer::Http
            && probe.expects.is_empty()
        {
            self.found
                .push(say::probe_expects_nothing(source.span(), &probe.name.text));
        }
        whole?;
        Some(tree::Probe {
            name: probe.name.text.clone(),
            title: title?,
            ask: ask?,
            expect,
            timeout: timeout?,
            dir: dir?,
            env: env?,
            headers: headers?,
        })
    }

    /// What a probe asks, and what kind of answer comes.
    fn question(&mut self, probe: &Probe) -> Option<(Option<tree::ProbeAsk>, Answer)> {
        let Some(source) = &probe.source else {
            if probe.not_built.is_empty() {
                self.found
                    .push(say::probe_asks_nothing(probe.name.span, &probe.name.text));
            }
            return None;
        };
        Some(match source {
            ProbeSource::Http(get) => (self.http(get).map(tree::ProbeAsk::Http), Answer::Http),
            ProbeSource::Tcp { address, .. } => (
                self.expect(address, &Type::Text, "an address")
                    .map(tree::ProbeAsk::Tcp),
                Answer::Connection,
            ),
            ProbeSource::Command(command) => (
                self.command_without_secrets(command, (Place::AnyTime, "a probe"))
                    .map(tree::ProbeAsk::Command),
                Answer::Command,
            ),
        })
    }

    /// Where a command runs and with what are of no use without one, and a probe is handed no secret.
    fn surroundings_are_of_use(&mut self, probe: &Probe, answer: Answer) {
        if answer != Answer::Command {
            if let Some(dir) = &probe.dir {
                self.found.push(say::needs_a_command(dir.span, "in"));
            }
            if let Some(variable) = probe.env.first() {
                self.found
                    .push(say::needs_a_command(variable.name.span, "env"));
            }
        }
        for variable in &probe.env {
            if let ExprKind::Name(name) = &variable.value.kind
                && self.names.get(Sort::Secret, name).is_some()
            {
                self.found
                    .push(say::secret_not_in_env(variable.value.span, name, "a probe"));
            }
        }
    }

    /// `in` and `env` belong to steps; elsewhere this version does not carry them out.
    pub(super) fn no_surroundings(
        &mut self,
        dir: Option<&crate::ast::Expr>,
        env: &[crate::ast::EnvVar],
        what: &str,
    ) {
        if let Some(dir) = dir {
            self.found.push(say::only_for_steps(dir.span, "in", what));
        }
        if let Some(variable) = env.first() {
            self.found
                .push(say::only_for_steps(variable.name.span, "env", what));
        }
    }
}
