//! The blocks for afterwards.

use crate::ast::{Aftermath, AftermathKind, Afterwards, Incident, Remind, Watch};
use crate::diag::factory::after as say;
use crate::source::Span;

use super::super::grammar::Rule;
use super::super::words::Place;
use super::{Lower, Pair, inside};

impl Lower<'_> {
    pub(super) fn aftermath(&mut self, pair: Pair<'_>) -> Option<Aftermath> {
        let is_stuck = pair.as_rule() == Rule::if_stuck;
        let mut parts = self.parts(pair, if is_stuck { "if" } else { "after" }, Place::Top);
        let word = if is_stuck {
            self.take(&mut parts, Rule::stuck_word)
        } else {
            self.take(&mut parts, Rule::after_word)
        };
        let kind = match word.as_ref().map(Pair::as_str) {
            Some("stuck") => AftermathKind::Stuck,
            Some("rollback") => AftermathKind::AfterRollback,
            Some("forward") => AftermathKind::AfterForward,
            Some(_) => AftermathKind::AfterRollout,
            None => {
                self.need(&mut parts, "`rollback`, `forward` or `rollout`");
                return None;
            }
        };
        let word_span = Span::new(
            parts.span.start,
            word.map(|word| self.span(&word).end).unwrap_or_default(),
        );
        let mut aftermath = Aftermath {
            kind,
            items: Vec::new(),
            not_built: Vec::new(),
            word_span,
            span: parts.span,
        };
        match self.take(&mut parts, Rule::body) {
            None => self.need(&mut parts, "a block"),
            Some(block) => {
                for line in inside(block) {
                    match line.as_rule() {
                        Rule::notify => {
                            let read = self.notify(line).map(Afterwards::Notify);
                            aftermath.items.extend(read);
                        }
                        Rule::incident => {
                            let read = self.incident(line).map(Afterwards::Incident);
                            aftermath.items.extend(read);
                        }
                        Rule::remind => {
                            let read = self.remind(line).map(Afterwards::Remind);
                            aftermath.items.extend(read);
                        }
                        Rule::watch => {
                            let read = self.watch(line).map(Afterwards::Watch);
                            aftermath.items.extend(read);
                        }
                        _other => {
                            let not_built = self.stray(line, Place::Aftermath);
                            aftermath.not_built.extend(not_built);
                        }
                    }
                }
            }
        }
        self.finish(&mut parts, &[]);
        Some(aftermath)
    }

    /// `incident from "TEMPLATE"`
    fn incident(&mut self, pair: Pair<'_>) -> Option<Incident> {
        let mut parts = self.parts(pair, "incident", Place::Aftermath);
        let Some(from) = self.take(&mut parts, Rule::incident_from) else {
            self.need(&mut parts, "`from` with a template in quotes");
            return None;
        };
        let template = from.into_inner().next().map(|text| self.text(&text));
        if template.is_none() {
            self.need(&mut parts, "the name of a template in quotes");
        }
        self.finish(&mut parts, &["from"]);
        let template = template?;
        if template.plain().is_none() {
            self.diagnostics
                .push(say::template_not_plain(template.span));
            return None;
        }
        Some(Incident {
            template,
            body: None,
            span: parts.span,
        })
    }

    /// `watch D`
    fn watch(&mut self, pair: Pair<'_>) -> Option<Watch> {
        let mut parts = self.parts(pair, "watch", Place::Aftermath);
        let length = self.needed_expr(&mut parts, "a duration");
        self.finish(&mut parts, &[]);
        Some(Watch {
            length: length?,
            span: parts.span,
        })
    }

    /// `remind "TEXT" within D`
    fn remind(&mut self, pair: Pair<'_>) -> Option<Remind> {
        let mut parts = self.parts(pair, "remind", Place::Aftermath);
        let text = self.needed_text(&mut parts, "a text in quotes");
        let within = self.maybe_part(&mut parts, Rule::within_part, "a duration");
        self.finish(&mut parts, &["within"]);
        if within.is_none() {
            self.need(&mut parts, "`within` with a duration");
        }
        Some(Remind {
            text: text?,
            within: within?,
            span: parts.span,
        })
    }
}
