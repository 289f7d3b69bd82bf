//! Guards: what is watched for, what happens, and the options.

use crate::ast::{
    Adopt, BlindAction, Expr, Guard, GuardAction, Item, OnBlind, Otherwise, StageRange, Streak,
    Text,
};
use crate::diag::factory::library;
use crate::source::Span;

use super::super::grammar::Rule;
use super::super::words::Place;
use super::{Lower, Pair, Parts, Seen, inside};

impl Lower<'_> {
    /// A guard at the top: one of this file, or one of a library that is adopted.
    pub(super) fn guard_item(&mut self, pair: Pair<'_>) -> Option<Item> {
        match self.any_guard(pair, Place::Top)? {
            Either::Own(guard) => Some(Item::Guard(guard)),
            Either::Adopted(adopt) => Some(Item::Adopt(adopt)),
        }
    }

    /// A guard inside a stage.
    pub(super) fn guard(&mut self, pair: Pair<'_>, place: Place) -> Option<Guard> {
        match self.any_guard(pair, place)? {
            Either::Own(guard) => Some(guard),
            Either::Adopted(adopt) => {
                self.diagnostics
                    .push(library::adopted_in_stage(adopt.from.span));
                self.lost.insert(adopt.name.text);
                None
            }
        }
    }

    fn any_guard(&mut self, pair: Pair<'_>, place: Place) -> Option<Either> {
        let mut parts = self.parts(pair, "guard", place);
        let name = self.name(&mut parts, "a name");
        let adopts = self.take(&mut parts, Rule::adopts);
        let is_adopted = adopts.is_some();
        let adopted = adopts.and_then(|part| self.adopts(&mut parts, part));
        let when = match self.take(&mut parts, Rule::when_part) {
            Some(part) => self.part_expr(&mut parts, part, "a condition"),
            None if is_adopted || self.guard_apart(&mut parts) => None,
            None => {
                self.need(&mut parts, "`when` with a condition");
                None
            }
        };
        let hold = self.streak(&mut parts);
        let action = match self.take(&mut parts, Rule::then_part) {
            Some(part) => {
                let span = self.span(&part);
                self.guard_action(&mut parts, part)
                    .map(|action| (action, span))
            }
            None if is_adopted || self.guard_apart(&mut parts) => None,
            None => {
                self.need(&mut parts, "`then` with an action");
                None
            }
        };
        let block = self.take(&mut parts, Rule::guard_block);
        let mut options = Options::default();
        if let Some(block) = block {
            let mut seen = Seen::default();
            for line in inside(block) {
                self.guard_option(line, &mut options, &mut seen);
            }
        }
        self.finish(
            &mut parts,
            &["when", "for", "of", "then", "from", "within", "else"],
        );
        if let Some(adopted) = adopted {
            if let Some(when) = when {
                self.diagnostics.push(library::adopted_with_condition(
                    when.span,
                    adopted.from.span,
                ));
            }
            return Some(Either::Adopted(Adopt {
                name: name?,
                from: adopted.from,
                of: adopted.of,
                hold,
                action,
                warmup: options.warmup,
                on_blind: options.on_blind,
                coverage: options.coverage,
                during: options.during,
                span: parts.span,
                docs: self.docs(parts.span),
            }));
        }
        let (Some(name), Some(when), Some((action, action_span))) = (name.clone(), when, action)
        else {
            self.lost.extend(name.map(|name| name.text));
            return None;
        };
        Some(Either::Own(Guard {
            name,
            when,
            hold,
            action,
            action_span,
            warmup: options.warmup,
            on_blind: options.on_blind,
            coverage: options.coverage,
            during: options.during,
            span: parts.span,
            docs: self.docs(parts.span),
        }))
    }

    /// `for D` or `for K of N`
    fn streak(&mut self, parts: &mut Parts<'_>) -> Option<Streak> {
        let part = self.take(parts, Rule::for_part)?;
        let mut inner = part.into_inner();
        let Some(first) = inner.next().filter(|pair| pair.as_rule() == Rule::expr) else {
            self.need(parts, "a duration (or `K of N`)");
            return None;
        };
        parts.last_is_expr = true;
        let first = self.expr(first);
        let Some(of) = inner.next() else {
            return Some(Streak::For(first));
        };
        let samples = self.part_expr(parts, of, "a number of samples")?;
        Some(Streak::Of {
            breaches: first,
            samples,
        })
    }

    fn guard_action(&mut self, parts: &mut Parts<'_>, part: Pair<'_>) -> Option<GuardAction> {
        let Some(action) = part.into_inner().next() else {
            self.need(
                parts,
                "an action (`rollback`, `decide within DURATION else …`, `hold` or `warn`)",
            );
            return None;
        };
        match action.as_rule() {
            Rule::rollback_action => Some(GuardAction::Rollback {
                from: self.rollback_from(action),
            }),
            Rule::decide_action => self.decide(parts, action),
            _word => {
                let known = ["rollback", "decide", "hold", "warn"];
                let choice = self.choice(&action, "action of a guard", &known);
                parts.broken |= choice.is_none();
                match choice {
                    Some(2) => Some(GuardAction::Hold),
                    Some(_) => Some(GuardAction::Warn),
                    None => None,
                }
            }
        }
    }

    fn decide(&mut self, parts: &mut Parts<'_>, action: Pair<'_>) -> Option<GuardAction> {
        let mut inner = action.into_inner().peekable();
        let within = match inner.next_if(|pair| pair.as_rule() == Rule::within_part) {
            Some(part) => self.part_expr(parts, part, "a duration"),
            None => {
                self.need(parts, "`within` with a duration");
                None
            }
        };
        let Some(part) = inner.next() else {
            self.need(parts, "`else rollback` or `else continue`");
            return None;
        };
        parts.last = self.span(&part);
        parts.last_is_expr = false;
        let otherwise = match part.into_inner().next() {
            None => {
                self.need(parts, "`rollback` or `continue`");
                return None;
            }
            Some(action) if action.as_rule() == Rule::rollback_action => Otherwise::Rollback {
                from: self.rollback_from(action),
            },
            Some(word) => {
                let known = ["rollback", "continue"];
                self.choice(&word, "way to end a decision", &known)?;
                Otherwise::Continue
            }
        };
        Some(GuardAction::Decide {
            within: within?,
            otherwise,
        })
    }

    fn guard_option(&mut self, pair: Pair<'_>, options: &mut Options, seen: &mut Seen) {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::setting => {
                if let Some((word, value)) = self.setting(pair, Place::Guard)
                    && self.once(seen, word, span)
                {
                    *(if word == "warmup" {
                        &mut options.warmup
                    } else {
                        &mut options.coverage
                    }) = value;
                }
            }
            Rule::on_blind => {
                let on_blind = self.on_blind(pair);
                if self.once(seen, "on blind", span) {
                    options.on_blind = on_blind;
                }
            }
            Rule::during => {
                let during = self.during(pair);
                if self.once(seen, "during", span) {
                    options.during = during;
                }
            }
            _stray => {
                self.stray(pair, Place::Guard);
            }
        }
    }

    fn on_blind(&mut self, pair: Pair<'_>) -> Option<OnBlind> {
        let mut parts = self.parts(pair, "on", Place::Guard);
        self.take(&mut parts, Rule::blind_word);
        let Some(word) = self.take(&mut parts, Rule::action_word) else {
            self.need(&mut parts, "`hold`, `rollback` or `ignore`");
            return None;
        };
        let known = ["hold", "rollback", "ignore"];
        let choice = self.choice(&word, "way to go on while blind", &known);
        let mut reason: Option<Text> = None;
        if choice == Some(2) {
            reason = self.needed_text(&mut parts, "the reason in quotes");
        }
        self.finish(&mut parts, &[]);
        let action = match choice? {
            0 => BlindAction::Hold,
            1 => BlindAction::Rollback,
            _ignore => BlindAction::Ignore(reason?),
        };
        Some(OnBlind {
            action,
            span: parts.span,
        })
    }

    fn during(&mut self, pair: Pair<'_>) -> Option<StageRange> {
        let mut parts = self.parts(pair, "during", Place::Guard);
        let first = self.name(&mut parts, "the name of a stage")?;
        let last = match self.take(&mut parts, Rule::range) {
            None => first.clone(),
            Some(_) => self.name(&mut parts, "the name of the last stage")?,
        };
        self.finish(&mut parts, &[]);
        let span = Span::new(first.span.start, last.span.end);
        Some(StageRange { first, last, span })
    }
}

/// A guard of this file, or one of a library.
enum Either {
    Own(Guard),
    Adopted(Adopt),
}

/// The options of a guard as they are found.
#[derive(Default)]
struct Options {
    warmup: Option<Expr>,
    on_blind: Option<OnBlind>,
    coverage: Option<Expr>,
    during: Option<StageRange>,
}
