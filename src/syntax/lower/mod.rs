//! From pairs of the grammar to the tree: one function a rule, nothing but shape.
//!
//! A statement's parts are optional in the grammar. The function that lowers it asks for them in order, and the
//! first one that is missing is reported, once a statement, with what stands there instead.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the rules of the grammar are one large enum, and each place knows the few that can stand there"
)]

mod after;
mod around;
mod bare;
mod block;
mod channel;
mod clause;
mod command;
mod declare;
mod exposure;
mod expr;
mod flow;
mod guard;
mod hosts;
mod library;
mod lines;
mod nested;
mod observe;
mod request;
mod sign;
mod task;
mod test;
mod text;
mod waive;
mod window;

use std::collections::BTreeSet;

use pest::iterators::Pairs;

use crate::ast::{self, Comment, Name, NotBuilt};
use crate::diag::{Diagnostics, factory::separator, factory::syntax as say};
use crate::source::{SourceFile, Span, offset};

use super::grammar::Rule;
use super::habits;
use super::recover::{self, Tail};
use super::trivia;
use super::words::Place;

pub(super) use text::template;

pub(super) type Pair<'i> = pest::iterators::Pair<'i, Rule>;

/// What stands in a block, without the comments between.
fn inside(block: Pair<'_>) -> impl Iterator<Item = Pair<'_>> {
    let all = block.into_inner();
    all.filter(|one| one.as_rule() != Rule::remark)
}

/// Lowers a whole file.
pub(super) fn lower(
    file: &SourceFile,
    comments: &[Comment],
    pairs: Pairs<'_, Rule>,
) -> (ast::File, Diagnostics) {
    let mut lower = Lower {
        libraries: library::named(pairs.clone()),
        ..Lower::new(file, comments)
    };
    let whole = pairs.clone();
    let mut tree = ast::File::default();
    for pair in pairs.flat_map(inside) {
        lower.item(pair, &mut tree);
    }
    tree.lost = std::mem::take(&mut lower.lost).into_iter().collect();
    tree.qualified = std::mem::take(&mut lower.qualified);
    tree.tried = std::mem::take(&mut lower.tried);
    tree.waives = lower.placed_waives(whole);
    (tree, lower.diagnostics)
}

struct Lower<'a> {
    file: &'a SourceFile,
    comments: &'a [Comment],
    diagnostics: Diagnostics,
    lost: BTreeSet<String>,
    /// What is added to the offsets of pairs: where the file lies, or the text of an interpolation.
    base: u32,
    /// How deep the expression at hand is nested.
    level: usize,
    /// How many statements hold the one at hand.
    inside: usize,
    /// How many of them are `parallel` or `for`.
    at_once: usize,
    /// Whether the statement before was noise that has been reported.
    last_was_noise: bool,
    /// Up to where a finding about an earlier line says what is wrong.
    said_up_to: u32,
    /// The lines and blocks that a file has at most once.
    unique: Seen,
    /// The names that libraries are known under in this file.
    libraries: BTreeSet<String>,
    /// The names with a library in front that were used.
    qualified: Vec<Name>,
    /// Those of tests, where a step can be meant.
    tried: Vec<Name>,
    /// The findings that are accepted, before it is known which statement each of them stands above.
    waives: Vec<ast::Waive>,
}

/// The parts of one statement, and what has been seen of it.
struct Parts<'i> {
    inner: std::iter::Peekable<Pairs<'i, Rule>>,
    /// The word that begins the statement, and its form.
    word: &'static str,
    form: Option<&'static str>,
    span: Span,
    /// The last part that was taken.
    last: Span,
    last_is_expr: bool,
    /// Whether something about this statement was reported already.
    broken: bool,
    place: Place,
}

impl<'i> Parts<'i> {
    fn peek(&mut self) -> Option<Rule> {
        self.inner.peek().map(Pair::as_rule)
    }
}

/// The clauses of one block or statement that were already said, to find those that are said twice.
#[derive(Default)]
struct Seen(Vec<(&'static str, Span)>);

impl<'a> Lower<'a> {
    fn new(file: &'a SourceFile, comments: &'a [Comment]) -> Self {
        Self {
            file,
            comments,
            diagnostics: Diagnostics::new(),
            lost: BTreeSet::new(),
            base: file.base(),
            level: 0,
            inside: 0,
            at_once: 0,
            last_was_noise: false,
            said_up_to: 0,
            unique: Seen::default(),
            libraries: BTreeSet::new(),
            qualified: Vec::new(),
            tried: Vec::new(),
            waives: Vec::new(),
        }
    }
}

impl Lower<'_> {
    /// Where a pair stands. Shell text goes to the end of its line; blanks there belong to nobody.
    fn span(&self, pair: &Pair<'_>) -> Span {
        let span = pair.as_span();
        let start = self.base + offset(span.start());
        Span::new(start, start + offset(span.as_str().trim_ascii_end().len()))
    }

    /// Opens a statement that begins with `word` and stands in `place`.
    fn parts<'i>(&self, pair: Pair<'i>, word: &'static str, place: Place) -> Parts<'i> {
        let span = self.span(&pair);
        let first = word.split(' ').next().unwrap_or(word);
        let form = place
            .forms()
            .iter()
            .find(|(known, _)| known.split(' ').next() == Some(first))
            .map(|(_, form)| *form);
        Parts {
            inner: pair.into_inner().peekable(),
            word,
            form,
            span,
            last: Span::new(span.start, span.start + offset(first.len())),
            last_is_expr: false,
            broken: false,
            place,
        }
    }

    /// The next part, if it is of this kind.
    fn take<'i>(&self, parts: &mut Parts<'i>, rule: Rule) -> Option<Pair<'i>> {
        let pair = parts.inner.next_if(|pair| pair.as_rule() == rule)?;
        parts.last = self.span(&pair);
        parts.last_is_expr = matches!(rule, Rule::expr);
        Some(pair)
    }

    /// Reports that `what` is missing after the last part, unless the statement was reported already.
    fn need(&mut self, parts: &mut Parts<'_>, what: &str) {
        if parts.broken {
            return;
        }
        parts.broken = true;
        let after = self.short(parts.last);
        let wanted = say::Wanted {
            what,
            after: &after,
            form: parts.form,
        };
        match parts.inner.next_if(|pair| pair.as_rule() == Rule::junk) {
            None if self.is_bare(parts, what) => {}
            None if self.needless_sign(parts.last) => {}
            None => {
                // The last character before the gap: where it ends, most often, nothing stands to point at.
                let last = self.file.slice(parts.last).chars().next_back();
                let width = offset(last.map_or(0, char::len_utf8));
                let at = Span::new(parts.last.end - width, parts.last.end);
                self.diagnostics.push(say::missing_part(at, &wanted));
            }
            Some(junk) => {
                let span = self.span(&junk);
                self.note_lost(junk.as_str());
                let tail = Tail {
                    text: junk.as_str(),
                    span,
                    after: self.file.slice(parts.last),
                    after_span: parts.last,
                    after_expr: parts.last_is_expr,
                    before: self.file.slice(Span::new(parts.span.start, parts.last.end)),
                };
                let found = recover::found(junk.as_str());
                let at = Span::new(span.start, span.start + offset(found.length));
                let first = found.text.as_str();
                let said = if let Some(said) = self.bare_in(parts, what, (junk.as_str(), span)) {
                    said
                } else if self.needless_sign(parts.last) {
                    return;
                } else if let Some(known) = recover::known_mistake(&tail) {
                    known
                } else if let Some(known) =
                    recover::instead_of((what, parts.word), junk.as_str(), at)
                {
                    known
                } else {
                    match recover::reserved(junk.as_str()) {
                        Some(word) if what.contains("name") && stands_for_name(junk.as_str()) => {
                            say::reserved_name(at, word)
                        }
                        Some(_) | None => say::other_part(at, first, &wanted),
                    }
                };
                self.diagnostics.push(said);
            }
        }
    }

    /// Closes a statement: whatever is left was not expected. `others` are the words that could have stood there.
    fn finish(&mut self, parts: &mut Parts<'_>, others: &[&str]) -> Option<NotBuilt> {
        let junk = parts.inner.next_if(|pair| pair.as_rule() == Rule::junk)?;
        self.note_lost(junk.as_str());
        let span = self.span(&junk);
        if let Some(word) = recover::not_built(junk.as_str(), parts.place) {
            let found = recover::found(junk.as_str());
            let at = Span::new(span.start, span.start + offset(found.length));
            self.diagnostics.push(say::not_built_yet(at, word));
            parts.broken = true;
            return Some(NotBuilt {
                word: word.to_owned(),
                span,
            });
        }
        if parts.broken {
            return None;
        }
        parts.broken = true;
        if let Some(said) = self.path_as_command(parts, (junk.as_str(), span)) {
            self.diagnostics.push(said);
            return None;
        }
        if let Some(said) = self.bare_in(parts, "", (junk.as_str(), span)) {
            self.diagnostics.push(said);
            return None;
        }
        if self.needless_sign(parts.last) || self.two_on_a_line(parts, (junk.as_str(), span)) {
            return None;
        }
        let tail = Tail {
            text: junk.as_str(),
            span,
            after: self.file.slice(parts.last),
            after_span: parts.last,
            after_expr: parts.last_is_expr,
            before: self.file.slice(Span::new(parts.span.start, parts.last.end)),
        };
        let said = recover::tail(&tail, parts.word, parts.form, others);
        self.diagnostics.push(said);
        None
    }

    /// Remembers the words of what could not be read, so that they are not missed later.
    fn note_lost(&mut self, text: &str) {
        let head = text.split(['{', '\n']).next().unwrap_or_default();
        for word in head.split(|ch: char| !ch.is_ascii_alphanumeric() && ch != '_') {
            if word.starts_with(|ch: char| ch.is_ascii_lowercase()) {
                self.lost.insert(word.to_owned());
            }
        }
    }

    /// A piece of the text, short enough to be named in a message.
    fn short(&self, span: Span) -> String {
        let text = self.file.slice(span).trim();
        if text.chars().count() <= 30 && !text.contains('\n') {
            return text.to_owned();
        }
        let last = text.split_whitespace().next_back().unwrap_or_default();
        let kept: String = last.chars().take(30).collect();
        kept
    }

    /// Whether the clause is said for the first time; a second time is reported.
    fn once(&mut self, seen: &mut Seen, word: &'static str, span: Span) -> bool {
        match seen.0.iter().find(|(known, _)| *known == word) {
            None => {
                seen.0.push((word, span));
                true
            }
            Some((_, first)) => {
                let first = *first;
                self.diagnostics
                    .push(say::duplicate_clause(span, first, word));
                false
            }
        }
    }

    fn docs(&self, span: Span) -> Option<String> {
        trivia::docs(self.file, self.comments, span.start)
    }

    /// A name in the form that names have; another form is reported, and the name is kept as it is.
    fn checked_name(&mut self, pair: &Pair<'_>) -> Name {
        let text = pair.as_str();
        let span = self.span(pair);
        let first_is_fine = text.starts_with(|ch: char| ch.is_ascii_lowercase());
        let fine = |ch: char| ch.is_ascii_lowercase() || ch.is_ascii_digit() || ch == '_';
        if !first_is_fine || !text.chars().all(fine) {
            let instead = habits::name_like(text);
            self.diagnostics
                .push(say::bad_name(span, text, instead.as_deref()));
        }
        Name {
            text: text.to_owned(),
            span,
        }
    }

    /// The name that must stand next.
    fn name(&mut self, parts: &mut Parts<'_>, what: &str) -> Option<Name> {
        match self.take(parts, Rule::name) {
            Some(pair) => Some(self.checked_name(&pair)),
            None => {
                self.need(parts, what);
                None
            }
        }
    }

    /// The name of something that is declared here or in a library, which must stand next.
    fn known_name(&mut self, parts: &mut Parts<'_>, what: &str) -> Option<Name> {
        match self.take(parts, Rule::known_name) {
            Some(pair) => Some(self.qualified_name(&pair)),
            None => {
                self.need(parts, what);
                None
            }
        }
    }

    /// The expression that must stand next.
    fn needed_expr(&mut self, parts: &mut Parts<'_>, what: &str) -> Option<ast::Expr> {
        match self.take(parts, Rule::expr) {
            Some(pair) if what.starts_with("an address") => {
                let bare = self.bare_host(parts, &pair);
                Some(bare.unwrap_or_else(|| self.expr(pair)))
            }
            Some(pair) => Some(self.expr(pair)),
            None => {
                self.need(parts, what);
                None
            }
        }
    }

    /// The expression of a part such as `within D`, which was just taken from `parts`.
    fn part_expr(
        &mut self,
        parts: &mut Parts<'_>,
        part: Pair<'_>,
        what: &str,
    ) -> Option<ast::Expr> {
        match part.into_inner().next() {
            Some(pair) if pair.as_rule() == Rule::expr => {
                parts.last = self.span(&pair);
                parts.last_is_expr = true;
                let bare = match what {
                    "an address" => self.bare_host(parts, &pair),
                    _other => None,
                };
                Some(bare.unwrap_or_else(|| self.expr(pair)))
            }
            Some(pair) if pair.as_rule() == Rule::unquoted => {
                parts.last = self.span(&pair);
                parts.last_is_expr = false;
                Some(self.bare_part(&pair, what))
            }
            Some(_) | None => {
                self.need(parts, what);
                None
            }
        }
    }

    /// A part with an expression, if it stands next.
    fn maybe_part(&mut self, parts: &mut Parts<'_>, rule: Rule, what: &str) -> Option<ast::Expr> {
        let part = self.take(parts, rule)?;
        self.part_expr(parts, part, what)
    }

    /// The string that must stand next.
    fn needed_text(&mut self, parts: &mut Parts<'_>, what: &str) -> Option<ast::Text> {
        match self.take(parts, Rule::text) {
            Some(pair) => Some(self.text(&pair)),
            None => {
                self.need(parts, what);
                None
            }
        }
    }

    /// The string that may stand next.
    fn maybe_text(&mut self, parts: &mut Parts<'_>) -> Option<ast::Text> {
        let pair = self.take(parts, Rule::text)?;
        Some(self.text(&pair))
    }

    /// `=` or `:` where the value follows the word directly.
    fn no_separator(&mut self, parts: &mut Parts<'_>) {
        if let Some(pair) = self.take(parts, Rule::assign) {
            let span = self.span(&pair);
            let gap = self.without(span);
            self.diagnostics
                .push(separator::needless(span, (parts.word, pair.as_str()), gap));
        }
    }

    /// `wanted` (`=` or `:`) before a value; the other one, or none, is reported and the value read all the same.
    fn separator(&mut self, parts: &mut Parts<'_>, rule: Rule, wanted: &'static str) {
        let form = parts.form.unwrap_or_default();
        let before = parts.last.end;
        match self.take(parts, rule) {
            Some(pair) if pair.as_str() == wanted => {}
            Some(pair) => {
                let span = self.span(&pair);
                let (place, mended) = match wanted {
                    "=" if before == span.start => (span, " ="),
                    "=" => (span, "="),
                    wanted => (Span::new(before, span.end), wanted),
                };
                let found = pair.as_str();
                let rest = self
                    .file
                    .slice(Span::new(span.end, parts.span.end.max(span.end)));
                let rest = rest.lines().next().unwrap_or_default().trim_start();
                let begins = rest.starts_with(|ch: char| ch.is_ascii_lowercase());
                let follows = match wanted {
                    ":" if !begins => separator::Follows::Other,
                    _other => separator::Follows::Fitting,
                };
                self.diagnostics.push(separator::wrong_separator(
                    (span, found),
                    wanted,
                    (place, mended),
                    follows,
                ));
            }
            None => {
                let next = parts
                    .inner
                    .peek()
                    .map(|pair| (pair.as_rule(), self.span(pair)));
                if let Some((rule, span)) = next
                    && rule != Rule::junk
                    && !parts.broken
                {
                    let before = format!("`{}`", self.short(span));
                    self.diagnostics
                        .push(say::missing_separator(span, wanted, &before, form));
                }
            }
        }
    }

    /// A line or block that begins with no word of its place.
    fn stray(&mut self, pair: Pair<'_>, place: Place) -> Option<NotBuilt> {
        let span = self.span(&pair);
        let text = pair.as_str();
        self.note_lost(text);
        if span.start < self.said_up_to
            || self.command_goes_on(text, span, place)
            || self.path_on_a_line(text, span, place)
        {
            return None;
        }
        match recover::stray(text, span, place) {
            recover::Stray::NotBuilt { word, at } => {
                self.last_was_noise = false;
                self.diagnostics.push(say::not_built_yet(at, word));
                Some(NotBuilt {
                    word: word.to_owned(),
                    span,
                })
            }
            recover::Stray::Mistake(said) => {
                self.last_was_noise = false;
                self.diagnostics.push(*said);
                None
            }
            recover::Stray::Noise(said) => {
                // A pasted page of something else is one mistake, not one a line.
                if !self.last_was_noise {
                    self.diagnostics.push(*said);
                }
                self.last_was_noise = true;
                None
            }
        }
    }

    /// A word out of a few; the nearest one is offered.
    fn choice(&mut self, pair: &Pair<'_>, what: &str, known: &[&str]) -> Option<usize> {
        let word = pair.as_str();
        let found = known.iter().position(|known| *known == word);
        if found.is_none() {
            let near = habits::choice(word, known);
            self.diagnostics.push(say::unknown_choice(
                self.span(pair),
                word,
                what,
                near,
                known,
            ));
        }
        found
    }
}

/// Whether a reserved word was meant as a name: what follows it looks like the rest of a declaration.
fn stands_for_name(text: &str) -> bool {
    let word = text
        .find(|ch: char| !ch.is_ascii_alphanumeric() && ch != '_')
        .unwrap_or(text.len());
    let rest = text.get(word..).unwrap_or_default().trim_start();
    rest.is_empty() || rest.starts_with(['{', '"', '=', ':', '$', '\''])
}
