//! What one file takes from another: `use`, names with a library in front, and guards that are adopted.

use std::collections::BTreeSet;

use pest::iterators::Pairs;

use crate::ast::{File, FileKind, Item, Name, Use};
use crate::diag::factory::library as say;
use crate::source::Span;

use super::super::grammar::Rule;
use super::super::words::Place;
use super::{Lower, Pair, Parts};

/// The names that the libraries of a file are known under. They are wanted before the file is read, because a library may
/// be used in a line above the one that names it.
pub(super) fn named(file: Pairs<'_, Rule>) -> BTreeSet<String> {
    let lines = file.flat_map(Pair::into_inner);
    lines
        .filter(|pair| pair.as_rule() == Rule::use_line)
        .filter_map(|line| {
            let mut inner = line.into_inner();
            let mut name = None;
            for part in inner.by_ref() {
                match part.as_rule() {
                    Rule::text => {
                        let path = part.as_str().trim_matches(['"', '\'']);
                        name = Some(last_part(path).to_owned());
                    }
                    Rule::as_part => {
                        let given = part.into_inner().next();
                        name = given.map(|given| given.as_str().to_owned()).or(name);
                    }
                    _other => {}
                }
            }
            name
        })
        .collect()
}

/// The last part of a path, without its ending: what a library is known as when nothing else is said.
fn last_part(path: &str) -> &str {
    let last = path.rsplit('/').next().unwrap_or(path);
    last.strip_suffix(".runbook").unwrap_or(last)
}

impl Lower<'_> {
    /// `use "path" [as NAME]`
    pub(super) fn use_line(&mut self, pair: Pair<'_>) -> Option<Use> {
        let mut parts = self.parts(pair, "use", Place::Top);
        self.no_separator(&mut parts);
        let path = self.needed_text(&mut parts, "the path of a library in quotes");
        let given = match self.take(&mut parts, Rule::as_part) {
            None => None,
            Some(part) => match part.into_inner().next() {
                Some(name) => Some(self.checked_name(&name)),
                None => {
                    self.need(&mut parts, "a name");
                    None
                }
            },
        };
        self.finish(&mut parts, &["as"]);
        let path = path?;
        let Some(plain) = path.plain() else {
            self.diagnostics
                .push(say::path_of_library_not_plain(path.span));
            return None;
        };
        let name = match given {
            Some(name) => name,
            None => {
                let name = last_part(plain);
                if !is_name(name) {
                    self.diagnostics
                        .push(say::library_without_name(path.span, plain));
                    return None;
                }
                Name {
                    text: name.to_owned(),
                    span: path.span,
                }
            }
        };
        Some(Use {
            path,
            name,
            span: parts.span,
        })
    }

    /// A name with or without a library in front.
    pub(super) fn qualified_name(&mut self, pair: &Pair<'_>) -> Name {
        let (name, of_library) = self.name_of_some(pair);
        if of_library.is_some() {
            self.qualified.push(name.clone());
        }
        name
    }

    /// The same in a test, where a step can be meant.
    pub(super) fn tried_name(&mut self, pair: &Pair<'_>) -> Name {
        let (name, of_library) = self.name_of_some(pair);
        if of_library.is_some() {
            self.tried.push(name.clone());
        }
        name
    }

    /// A name, and the library in front of it, if one is there and known.
    fn name_of_some<'p>(&mut self, pair: &Pair<'p>) -> (Name, Option<&'p str>) {
        let written = pair.as_str();
        let Some((library, _)) = written.split_once('.') else {
            return (self.checked_name(pair), None);
        };
        let name = Name {
            text: written.to_owned(),
            span: self.span(pair),
        };
        if self.libraries.contains(library) {
            return (name, Some(library));
        }
        let known: Vec<&str> = self.libraries.iter().map(String::as_str).collect();
        self.diagnostics
            .push(say::unknown_library(name.span, written, &known));
        self.lost.insert(written.to_owned());
        (name, None)
    }

    /// The first field of a reference, if what stands before it is a library: the two are one name.
    pub(super) fn of_library(&mut self, of: &Pair<'_>, field: &Pair<'_>) -> Option<Name> {
        if !self.libraries.contains(of.as_str()) {
            return None;
        }
        let name = Name {
            text: format!("{}.{}", of.as_str(), field.as_str()),
            span: self.span(of).to(self.span(field)),
        };
        self.qualified.push(name.clone());
        Some(name)
    }

    /// `from LIBRARY.GUARD [of METRIC]`
    pub(super) fn adopts(&mut self, parts: &mut Parts<'_>, part: Pair<'_>) -> Option<Adopted> {
        let mut inner = part.into_inner().peekable();
        let from = match inner.next_if(|pair| pair.as_rule() == Rule::known_name) {
            Some(pair) => self.qualified_name(&pair),
            None => {
                self.need(parts, "the name of a guard of a library");
                return None;
            }
        };
        let of = match inner.next() {
            None => None,
            Some(of) => match of.into_inner().next() {
                Some(name) => Some(self.checked_name(&name)),
                None => {
                    self.need(parts, "the name of a metric");
                    None
                }
            },
        };
        Some(Adopted { from, of })
    }

    /// Whether an item may stand in a library; one that may not is reported.
    pub(super) fn fits(&mut self, item: &Item, file: &File) -> bool {
        if file.kind == FileKind::Runbook {
            return true;
        }
        let word = match item {
            Item::Use(_)
            | Item::Let(_)
            | Item::Provider(_)
            | Item::Channel(_)
            | Item::Metric(_)
            | Item::Probe(_)
            | Item::Guard(_)
            | Item::Window(_)
            | Item::Hosts(_)
            | Item::Task(_)
            | Item::NotBuilt(_) => return true,
            Item::Header(one) => one.key.word(),
            Item::Param(_) => "param",
            Item::Secret(_) => "secret",
            Item::Exposure(_) => "exposure",
            Item::Adopt(_) => "guard … from",
            Item::Defaults(_) => "defaults",
            Item::Limits(_) => "limits",
            Item::Environment(_) => "environment only",
            Item::Before(_) => "before rollout",
            Item::Rollout(_) => "rollout",
            Item::Rollback(one) => one.way.word(),
            Item::Aftermath(one) => one.kind.words(),
            Item::Test(_) => "test",
        };
        let span = item.span();
        let first = self.file.slice(span).lines().next().unwrap_or_default();
        let head = first
            .split(['{', '"'])
            .next()
            .unwrap_or_default()
            .trim_end();
        let at = Span::new(span.start, span.start + crate::source::offset(head.len()));
        self.diagnostics.push(say::not_in_library(at, word));
        false
    }
}

/// What an adopted guard is made from.
pub(super) struct Adopted {
    /// The guard.
    pub(super) from: Name,
    /// The metric.
    pub(super) of: Option<Name>,
}

/// Whether a text has the form of a name.
fn is_name(text: &str) -> bool {
    let fine = |ch: char| ch.is_ascii_lowercase() || ch.is_ascii_digit() || ch == '_';
    text.starts_with(|ch: char| ch.is_ascii_lowercase())
        && text.chars().all(fine)
        && !super::super::words::RESERVED.contains(&text)
}
