//! Values that become a part of what another program reads as its source: code of `sh -c` and `eval`, what `ssh` runs, statements of a
//! database. A value that can hold the signs of that language is run there.

use std::collections::BTreeSet;

use crate::ast::{Expr, ExprKind, Item};
use crate::source::Span;
use crate::value::Type;

use super::super::Checker;
use super::super::names::Sort;
use super::facts::{Facts, Of, Reads, Way};
use super::given::Role;
use super::origins::Origins;
use super::{Text, value};

/// A value in the source of another program.
#[derive(Clone, Debug)]
pub struct Spliced {
    /// Where it stands.
    pub at: Span,
    /// What the file calls it.
    pub name: String,
    /// The variable that holds it.
    pub variable: String,
    /// What it is, with its article.
    pub what: String,
    /// Whether a pattern could bind it, because it is a parameter.
    pub sort: Bound,
    /// The assignment by which it comes there.
    pub by: Option<Span>,
    /// Who reads it.
    pub(crate) reads: Reads,
}

/// Whether its declaration can say what a value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// It is a parameter.
    ByPattern,
    /// It is another value.
    Not,
}

/// A value that can be anything.
#[derive(Clone)]
struct Anything {
    name: String,
    what: String,
    sort: Bound,
}

/// How far the value of a `let` is followed.
const DEEPEST: usize = 8;

impl Checker<'_> {
    /// Notes the values that a text puts into source, each once for a reader.
    pub(super) fn spliced(&mut self, text: &Text<'_>, facts: &Facts) {
        if facts.spliced.is_empty() {
            return;
        }
        let known = |of: &Of| match of {
            Of::Variable(name) => self.anything(name, DEEPEST),
            Of::Contents(_) => None,
        };
        let origins = Origins::of(facts, known, |source| source.way == Way::Itself);
        let mut told = BTreeSet::new();
        let mut found = Vec::new();
        for one in &facts.spliced {
            let at = &one.source.at;
            if let Some((value, by)) = origins.find(&one.source.of, at.start)
                && told.insert((value.name.clone(), &one.reads))
            {
                found.push(Spliced {
                    at: text.span(at),
                    variable: match (by, &one.source.of) {
                        (None, Of::Variable(name)) => name.clone(),
                        // What the text sets itself is nothing that another shell finds.
                        (Some(_) | None, _) => value.name.clone(),
                    },
                    name: value.name,
                    what: value.what,
                    sort: value.sort,
                    by: by.map(|made| text.span(&made.at)),
                    reads: one.reads.clone(),
                });
            }
        }
        self.around.spliced.extend(found);
    }

    /// The value that a variable holds, where it can be anything.
    fn anything(&self, name: &str, deep: usize) -> Option<Anything> {
        let deep = deep.checked_sub(1)?;
        if let Some(given) = self.around.given.iter().find(|one| one.name.text == name) {
            return self.anything_in(&given.value, deep);
        }
        let of_type = |ty: Option<&Type>, sort| {
            let ty = ty.filter(|ty| value::holds_anything(ty))?;
            Some(Anything {
                name: name.to_owned(),
                what: crate::check::types::described(ty),
                sort,
            })
        };
        if name == "RUNBOOK_NOTICE" && self.around.role == Role::Channel {
            return of_type(Some(&Type::Text), Bound::Not);
        }
        match self.names.value(name)? {
            (Sort::Local, index) => {
                let index = index as usize;
                let ty = self.types.locals.get(index)?.as_ref();
                let is_loose = self.types.loose_locals.contains(&index);
                is_loose.then(|| of_type(ty, Bound::Not)).flatten()
            }
            (Sort::Param, index) => {
                let pattern = self.ast.items.iter().find_map(|item| {
                    if let Item::Param(param) = item
                        && param.name.text == name
                    {
                        param.matching.as_ref()
                    } else {
                        None
                    }
                });
                let is_bound = pattern.is_some_and(|one| value::is_no_syntax(&one.text));
                let ty = self.types.params.get(index as usize)?.as_ref();
                let sort = match pattern {
                    None if ty == Some(&Type::Text) => Bound::ByPattern,
                    None | Some(_) => Bound::Not,
                };
                of_type(ty.filter(|_| !is_bound), sort)
            }
            (Sort::Let, _) => {
                let value = self.ast.items.iter().find_map(|item| {
                    if let Item::Let(one) = item
                        && one.name.text == name
                    {
                        Some(&one.value)
                    } else {
                        None
                    }
                });
                self.anything_in(value?, deep)
            }
            (Sort::Capture, index) => of_type(
                self.types.captures.get(index as usize)?.as_ref(),
                Bound::Not,
            ),
            (_, _) => None,
        }
    }

    /// The value in an expression that can be anything.
    fn anything_in(&self, expr: &Expr, deep: usize) -> Option<Anything> {
        if let ExprKind::Name(name) = &expr.kind {
            self.anything(name, deep)
        } else if let ExprKind::Text(text) = &expr.kind {
            text.exprs().find_map(|expr| self.anything_in(expr, deep))
        } else if let ExprKind::List(items) = &expr.kind {
            items.iter().find_map(|expr| self.anything_in(expr, deep))
        } else {
            None
        }
    }

    /// Notes which of the locals to come can hold anything: those of these values that can, and those without a value yet.
    pub(in crate::check) fn loose_locals<'v>(
        &mut self,
        values: impl IntoIterator<Item = Option<&'v Expr>>,
    ) {
        let first = self.types.locals.len();
        let loose = values.into_iter().enumerate().filter(|(_, value)| {
            value.is_none_or(|value| self.anything_in(value, DEEPEST).is_some())
        });
        let loose: Vec<usize> = loose.map(|(index, _)| first + index).collect();
        self.types.loose_locals.retain(|index| *index < first);
        self.types.loose_locals.extend(loose);
    }
}
