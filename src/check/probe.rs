//! Probes: what can be asked.

use crate::ast::{Probe, ProbeSource};
use crate::diag::factory::check as say;
use crate::value::Type;

use super::Checker;
use super::expect::Answer;
use super::place::Place;
use super::tree;

impl Checker<'_> {
    pub(super) fn probe(&mut self, probe: &Probe) -> Option<tree::Probe> {
        if !probe.not_built.is_empty() {
            self.incomplete();
        }
        let title = self.title(probe.title.as_ref());
        let timeout = self.expect_if_there(probe.timeout.as_ref(), &Type::Duration, "`timeout`");
        self.no_surroundings(probe.dir.as_ref(), &probe.env, "a probe");
        let Some(source) = &probe.source else {
            if probe.not_built.is_empty() {
                self.found
                    .push(say::probe_asks_nothing(probe.name.span, &probe.name.text));
            }
            return None;
        };
        let (ask, answer) = match source {
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
        };
        let mut expect = Vec::new();
        let mut whole = Some(());
        for line in &probe.expects {
            whole = self.expectations(line, answer, &mut expect).and(whole);
        }
        if answer == Answer::Http && probe.expects.is_empty() {
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
        })
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
