//! Exposures: their values, and how they are changed.

use crate::ast::{Call, Exposure};
use crate::diag::factory::syntax as say;
use crate::source::Span;
use crate::value::{Scale, Type};

use super::super::grammar::Rule;
use super::super::recover;
use super::super::words::Place;
use super::{Lower, Pair, Seen, inside};

impl Lower<'_> {
    pub(super) fn exposure(&mut self, pair: Pair<'_>) -> Option<Exposure> {
        let mut parts = self.parts(pair, "exposure", Place::Top);
        let name = self.name(&mut parts, "a name")?;
        self.separator(&mut parts, Rule::colon, ":");
        let (scale, scale_span) = match self.take(&mut parts, Rule::type_ref) {
            Some(pair) => (self.scale(pair.clone()), self.span(&pair)),
            None => {
                self.need(&mut parts, "a type");
                (None, name.span)
            }
        };
        let (mut set, mut read) = (None, None);
        let mut seen = Seen::default();
        match self.take(&mut parts, Rule::exposure_block) {
            None => self.need(&mut parts, "a block with `set` and `read`"),
            Some(block) => {
                for line in inside(block) {
                    if line.as_rule() == Rule::stray {
                        self.stray(line, Place::Exposure);
                        continue;
                    }
                    self.last_was_noise = false;
                    let span = self.span(&line);
                    let is_set = self.file.slice(span).starts_with("set");
                    let word = if is_set { "set" } else { "read" };
                    let call = self.call(line, word);
                    if self.once(&mut seen, word, span) {
                        *(if is_set { &mut set } else { &mut read }) = call;
                    }
                }
            }
        }
        self.finish(&mut parts, &[]);
        Some(Exposure {
            name,
            scale,
            scale_span,
            set,
            read,
            span: parts.span,
            docs: self.docs(parts.span),
        })
    }

    /// What the values of an exposure are; other types are reported.
    fn scale(&mut self, pair: Pair<'_>) -> Option<Scale> {
        let span = self.span(&pair);
        let written = pair.clone().into_inner().next()?;
        if written.as_rule() == Rule::choice {
            return self.named_values(written);
        }
        match self.type_ref(pair).ty? {
            Type::Percent => Some(Scale::Percent),
            Type::OneOf(words) => {
                self.diagnostics.push(say::needless_one_of(span, &words));
                None
            }
            other => {
                let form = &["percent", "A | B", "A < B < C"];
                let said = say::unknown_choice(
                    span,
                    &other.to_string(),
                    "type of an exposure",
                    None,
                    form,
                );
                self.diagnostics.push(said);
                None
            }
        }
    }

    /// `blue | green`, `none < beta < all`
    fn named_values(&mut self, pair: Pair<'_>) -> Option<Scale> {
        let span = self.span(&pair);
        let mut words: Vec<(String, Span)> = Vec::new();
        let mut sign: Option<String> = None;
        let mut is_whole = true;
        for part in pair.into_inner() {
            let (text, at) = (part.as_str(), self.span(&part));
            if part.as_rule() == Rule::choice_sign {
                if sign.as_deref().is_some_and(|first| first != text) && is_whole {
                    is_whole = false;
                    self.diagnostics.push(say::mixed_values(span));
                }
                sign.get_or_insert_with(|| text.to_owned());
                continue;
            }
            let before = self.diagnostics.len();
            if let Some(word) = recover::reserved(text) {
                self.diagnostics.push(say::reserved_name(at, word));
            } else {
                self.checked_name(&part);
            }
            is_whole &= self.diagnostics.len() == before;
            if let Some((_, first)) = words.iter().find(|(word, _)| word == text) {
                let said = say::value_twice(at, *first, text);
                self.diagnostics.push(said);
                is_whole = false;
            }
            words.push((text.to_owned(), at));
        }
        let words = words.into_iter().map(|(word, _)| word).collect();
        let scale = match sign.as_deref() {
            Some("<") => Scale::Steps(words),
            Some(_) | None => Scale::Choice(words),
        };
        is_whole.then_some(scale)
    }

    fn call(&mut self, pair: Pair<'_>, word: &'static str) -> Option<Call> {
        let mut parts = self.parts(pair, word, Place::Exposure);
        self.take(&mut parts, Rule::call_word);
        let clauses = self.few_clauses(&mut parts);
        let command = self.maybe_command(&mut parts);
        self.finish(&mut parts, &["timeout", "in", "env"]);
        if command.is_none() {
            self.need(&mut parts, "a command");
        }
        Some(Call {
            command: command?,
            timeout: clauses.timeout,
            dir: clauses.dir.map(|dir| *dir),
            env: clauses.env,
            span: parts.span,
        })
    }
}
