//! Channels: the one line of their block, and where their hidden values come from.

use crate::ast::{Address, Channel, ChannelWay, Hidden, Name};
use crate::diag::factory::syntax as say;
use crate::source::Span;

use super::super::grammar::Rule;
use super::super::words::Place;
use super::{Lower, Pair, Parts, inside};

/// Where a hidden value may come from, as it is asked for.
const HIDDEN: &str = "`env VARIABLE`, `file \"PATH\"` or the name of a secret";

impl Lower<'_> {
    pub(super) fn channel(&mut self, pair: Pair<'_>) -> Option<Channel> {
        let mut parts = self.parts(pair, "channel", Place::Top);
        let name = self.name(&mut parts, "a name")?;
        let way = match self.take(&mut parts, Rule::channel_block) {
            Some(block) => self.channel_block(block, parts.form),
            None => {
                self.need(&mut parts, "a block");
                None
            }
        };
        self.finish(&mut parts, &[]);
        Some(Channel {
            name,
            way,
            span: parts.span,
            docs: self.docs(parts.span),
        })
    }

    fn channel_block(&mut self, block: Pair<'_>, form: Option<&'static str>) -> Option<ChannelWay> {
        let block_span = self.span(&block);
        let before = self.diagnostics.len();
        let mut first: Option<Span> = None;
        let mut found = None;
        for line in inside(block) {
            if line.as_rule() == Rule::stray {
                self.stray(line, Place::Channel);
                continue;
            }
            self.last_was_noise = false;
            let span = self.span(&line);
            let way = self.channel_line(line);
            match first {
                None => {
                    first = Some(span);
                    found = way;
                }
                Some(first) => {
                    let said = say::duplicate_clause(span, first, "the way of a channel");
                    self.diagnostics.push(said);
                }
            }
        }
        if first.is_none() && self.diagnostics.len() == before {
            let wanted = say::Wanted {
                what: "how it is reached",
                after: "{",
                form,
            };
            self.diagnostics
                .push(say::missing_part(block_span, &wanted));
        }
        found
    }

    fn channel_line(&mut self, line: Pair<'_>) -> Option<ChannelWay> {
        let rule = line.as_rule();
        let word = match rule {
            Rule::log => "log",
            Rule::webhook => "webhook",
            Rule::slack => "slack",
            Rule::pagerduty => "pagerduty",
            _command => "command",
        };
        let mut parts = self.parts(line, word, Place::Channel);
        self.no_separator(&mut parts);
        let way = match rule {
            Rule::log => self
                .needed_text(&mut parts, "a string")
                .map(ChannelWay::Log),
            Rule::webhook => self.webhook(&mut parts),
            Rule::slack => self.hidden(&mut parts).map(ChannelWay::Slack),
            Rule::pagerduty => {
                let key = self.hidden(&mut parts);
                let at = self.maybe_part(&mut parts, Rule::at_part, "an address");
                key.map(|key| ChannelWay::PagerDuty { key, at })
            }
            _command => {
                let command = self.maybe_command(&mut parts);
                if command.is_none() {
                    self.need(&mut parts, "`$ COMMAND`");
                }
                command.map(ChannelWay::Command)
            }
        };
        let others: &[&str] = match rule {
            Rule::webhook => &["bearer"],
            Rule::pagerduty => &["at"],
            _other => &[],
        };
        self.finish(&mut parts, others);
        way
    }

    fn webhook(&mut self, parts: &mut Parts<'_>) -> Option<ChannelWay> {
        let address = match self.take(parts, Rule::expr) {
            Some(expr) => {
                parts.last_is_expr = true;
                Some(Address::Open(self.expr(expr)))
            }
            None => match self.maybe_hidden(parts) {
                Some(hidden) => hidden.map(Address::Hidden),
                None => {
                    self.need(parts, "an address");
                    None
                }
            },
        };
        let mut bearer = None;
        if let Some(part) = self.take(parts, Rule::bearer_part) {
            let mut own = self.parts(part, "bearer", Place::Channel);
            own.form = parts.form;
            bearer = self.hidden(&mut own);
            parts.broken |= own.broken;
            bearer.as_ref()?;
        }
        Some(ChannelWay::Webhook {
            address: address?,
            bearer,
        })
    }

    /// The hidden value that must stand next.
    pub(super) fn hidden(&mut self, parts: &mut Parts<'_>) -> Option<Hidden> {
        match self.maybe_hidden(parts) {
            Some(hidden) => hidden,
            None => {
                self.need(parts, HIDDEN);
                None
            }
        }
    }

    /// The hidden value that may stand next; `Some(None)` when it stands there and lacks something, which is reported.
    fn maybe_hidden(&mut self, parts: &mut Parts<'_>) -> Option<Option<Hidden>> {
        if let Some(name) = self.take(parts, Rule::name) {
            return Some(Some(Hidden::Secret(self.checked_name(&name))));
        }
        if let Some(part) = self.take(parts, Rule::secret_env) {
            let variable = part.into_inner().next();
            if variable.is_none() {
                self.need(parts, "the name of a variable");
            }
            return Some(variable.map(|variable| {
                Hidden::Env(Name {
                    text: variable.as_str().to_owned(),
                    span: self.span(&variable),
                })
            }));
        }
        let part = self.take(parts, Rule::secret_file)?;
        let path = part.into_inner().next();
        if path.is_none() {
            self.need(parts, "a path in quotes");
        }
        Some(path.map(|path| Hidden::File(self.text(&path))))
    }
}
