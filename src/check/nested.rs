//! Statements that hold others: strands that do not get in each other's way, loops over lists, and decisions.

use std::collections::BTreeMap;

use crate::ast::{Expr, ExprKind, ForEach, If, Item, Name, Parallel, Statement, Text};
use crate::diag::factory::check;
use crate::diag::factory::nested as say;
use crate::diag::factory::terminal;
use crate::source::{Span, offset};
use crate::value::Type;

use super::Checker;
use super::ids::ExposureId;
use super::names::Sort;
use super::place::{Place, Watch};
use super::step::Steps;
use super::tree;
use super::types::described;

/// The most strands at once: the proof takes each of them on in every state of the others.
const MOST_STRANDS: usize = 256;

/// What is said of a type that is no list.
const LIST: &str = "the list of `for`";

impl<'a> Checker<'a> {
    pub(super) fn parallel(
        &mut self,
        parallel: &'a Parallel,
        (place, place_name): (Place, &str),
        steps: &mut Steps,
    ) -> Option<tree::OpKind> {
        if parallel.strands.len() < 2 {
            self.found.push(say::lonely_strand(
                head(parallel.span, "parallel"),
                parallel.strands.len(),
            ));
        }
        if let Some(strand) = parallel.strands.get(MOST_STRANDS) {
            self.found.push(say::one_too_many(
                strand.name.as_ref().map_or(strand.span, |name| name.span),
                ("strand", "`parallel`"),
                MOST_STRANDS,
                "do some of it before, or in a `parallel` of the next stage",
            ));
        }
        let mut names: BTreeMap<&str, Span> = BTreeMap::new();
        let mut strands = Vec::new();
        for (index, strand) in parallel.strands.iter().enumerate() {
            let own = format!("{place_name}.{}", index + 1);
            if let Some(name) = &strand.name {
                if let Some(first) = names.get(name.as_str()) {
                    let again = ("a strand", name.span);
                    self.found.push(check::declared_twice(
                        name.as_str(),
                        again,
                        ("a strand", *first),
                    ));
                }
                names.insert(name.as_str(), name.span);
                if strand.statements.is_empty() {
                    self.found
                        .push(check::empty_block(name.span, "strand", name.as_str()));
                }
            }
            let name = match (&strand.name, strand.statements.as_slice()) {
                (Some(name), _) => name.text.clone(),
                (None, [one]) => name_of(one).map_or_else(|| own.clone(), ToOwned::to_owned),
                (None, _) => own.clone(),
            };
            let ops = match (&strand.name, strand.statements.as_slice()) {
                // A statement that is a strand by itself is called by its own place.
                (None, [_]) => self.ops(&strand.statements, (place, place_name, index), steps),
                (_, _) => self.ops(&strand.statements, (place, &own, 0), steps),
            };
            strands.push(tree::Strand { name, ops });
        }
        self.collisions(&strands);
        let word = head(parallel.span, "parallel");
        for strand in &strands {
            self.one_terminal(&strand.ops, ("several strands", word), steps);
        }
        Some(tree::OpKind::Parallel(strands))
    }

    /// Two strands that set one exposure: nobody could say which comes last.
    fn collisions(&mut self, strands: &[tree::Strand]) {
        let mut first: BTreeMap<ExposureId, (usize, Span)> = BTreeMap::new();
        for (index, strand) in strands.iter().enumerate() {
            for (exposure, span) in exposes(&strand.ops) {
                let (before, place) = *first.entry(exposure).or_insert((index, span));
                if before != index {
                    let name = self.exposure_called(exposure);
                    self.found.push(say::strands_collide(span, place, &name));
                    break;
                }
            }
        }
    }

    /// Steps that have the terminal, where several can be under way.
    fn one_terminal(&mut self, ops: &[tree::Op], several: (&str, Span), steps: &mut Steps) {
        for op in tree::Op::all(ops) {
            if let tree::OpKind::Step(step) = &op.kind
                && let Some(step) = steps.all.get(step.index())
                && let Some(span) = step.interactive
                && !steps.shared.contains(&span)
            {
                steps.shared.push(span);
                self.found.push(terminal::shared(span, several));
            }
        }
    }

    fn exposure_called(&self, id: ExposureId) -> String {
        let mut names = self.names.of(Sort::Exposure);
        let found = names.find(|name| self.names.get(Sort::Exposure, name) == Some(id.0));
        found.unwrap_or("?").to_owned()
    }

    pub(super) fn for_each(
        &mut self,
        each: &'a ForEach,
        (place, place_name): (Place, &str),
        steps: &mut Steps,
    ) -> Option<tree::OpKind> {
        let word = head(each.span, "for");
        if each.statements.is_empty() {
            self.found
                .push(check::empty_block(word, "for", each.name.as_str()));
        }
        // The outermost loop says it.
        if self.loops == 0 {
            for statement in Statement::all(&each.statements) {
                if let Statement::Capture(capture) = statement {
                    let name = (capture.name.as_str(), capture.name.span);
                    self.found
                        .push(say::capture_repeated(name, ("this loop", word)));
                }
            }
        }
        let list = match self.hosts_for_list(&each.list) {
            Some(said) => {
                self.found.push(said);
                None
            }
            None => self.constant(&each.list, None),
        };
        let item = match list {
            None => None,
            Some(Type::List(item)) => Some(*item),
            Some(ty) => {
                let have = (each.list.span, described(&ty));
                self.found.push(match self.as_list(&each.list, &ty) {
                    Some((place, declared)) => say::no_list((have.0, &have.1), (place, &declared)),
                    None => {
                        let written = each.list.text().and_then(Text::plain);
                        let example = written.map_or_else(|| "[VALUE, VALUE]".into(), words_of);
                        check::wrong_type((have.0, &have.1), LIST, ("a list", &example))
                    }
                });
                None
            }
        };
        let most = self.expect_if_there(each.most.as_ref(), &Type::Int, "`at most`");
        self.loops += 1;
        self.loose_locals([Some(&each.list)]);
        let ops = self.with_local(&each.name, item.clone(), |checker| {
            checker.ops(&each.statements, (place, place_name, 0), steps)
        });
        self.loops -= 1;
        let most = most?;
        let is_one = matches!(
            most.as_ref().map(|most| &most.kind),
            None | Some(ExprKind::Literal(crate::value::Value::Int(1)))
        );
        let at = most.as_ref().map_or(word, |most| most.span);
        if !is_one {
            self.one_terminal(&ops, ("several turns", at), steps);
        }
        if !is_one && let Some((exposure, span)) = exposes(&ops).first() {
            let name = self.exposure_called(*exposure);
            self.found.push(say::turns_collide(*span, at, &name));
        }
        Some(tree::OpKind::For(Box::new(tree::Loop {
            name: each.name.text.clone(),
            ty: item?,
            list: each.list.clone(),
            most,
            ops,
        })))
    }

    /// What is said where a group of hosts stands in the place of a list.
    fn hosts_for_list(&self, list: &Expr) -> Option<crate::diag::Diagnostic> {
        let name = list.name()?;
        if self.names.value(name).is_some() {
            return None;
        }
        let place = self.names.span(Sort::Hosts, name)?;
        Some(say::hosts_for_list((list.span, name), place))
    }

    /// How a parameter or a named value would be declared as a list, and where it is declared.
    fn as_list(&self, list: &Expr, ty: &Type) -> Option<(Span, String)> {
        let name = list.name()?;
        let items = |value: &Expr| match value.text().and_then(Text::plain) {
            Some(plain) => words_of(plain),
            None => format!("[{}]", self.file.slice(value.span)),
        };
        self.ast.items.iter().find_map(|item| {
            if let Item::Param(one) = item
                && one.name.text == name
            {
                let default = one.default.as_ref();
                let default = default.map(|value| format!(" = {}", items(value)));
                let default = default.unwrap_or_default();
                let declared = format!("param {name}: list of {ty}{default}");
                return Some((one.name.span, declared));
            }
            if let Item::Let(one) = item
                && one.name.text == name
            {
                let declared = format!("let {name} = {}", items(&one.value));
                return Some((one.name.span, declared));
            }
            None
        })
    }

    /// Reads something in which a name has a value of its own.
    pub(super) fn with_local<T>(
        &mut self,
        name: &'a Name,
        ty: Option<Type>,
        read: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let hidden = self.hidden_by(name);
        match hidden {
            Some((sort, span)) => self.found.push(check::shadowed_name(
                (name.as_str(), name.span),
                (self.value_described(sort, name.as_str()), span),
            )),
            None => {
                self.meant_otherwise(Sort::Local, name);
                self.names.open(name, offset(self.types.locals.len()));
            }
        }
        self.types.locals.push(ty);
        let read = read(self);
        self.types.locals.pop();
        if hidden.is_none() {
            self.names.close(name.as_str());
        }
        read
    }

    pub(super) fn decision(
        &mut self,
        decision: &'a If,
        (place, place_name): (Place, &str),
        steps: &mut Steps,
    ) -> Option<tree::OpKind> {
        if decision.then.is_empty() {
            let text = self.file.slice(decision.when.span).to_owned();
            self.found
                .push(check::empty_block(head(decision.span, "if"), "if", &text));
        }
        let when = self.condition(&decision.when, Watch::If);
        let within = self.expect_if_there(decision.within.as_ref(), &Type::Duration, "`within`");
        if let (Some(when), Some(within)) = (&when, &decision.within)
            && when.metrics.is_empty()
        {
            self.found.push(say::decided_at_once(within.span));
        }
        let then = self.ops(&decision.then, (place, place_name, 0), steps);
        let above = decision.then.len();
        let otherwise = self.ops(&decision.otherwise, (place, place_name, above), steps);
        Some(tree::OpKind::If(Box::new(tree::If {
            when: when?,
            within: within?,
            then,
            otherwise,
        })))
    }
}

/// The exposures that operations set, and where.
fn exposes(ops: &[tree::Op]) -> Vec<(ExposureId, Span)> {
    let all = tree::Op::all(ops).into_iter();
    all.filter_map(|op| match &op.kind {
        tree::OpKind::Expose { exposure, .. } => Some((*exposure, op.span)),
        tree::OpKind::Step(_)
        | tree::OpKind::Wait { .. }
        | tree::OpKind::Until { .. }
        | tree::OpKind::Verify { .. }
        | tree::OpKind::Notify(_)
        | tree::OpKind::Fail(_)
        | tree::OpKind::Approve(_)
        | tree::OpKind::Undo
        | tree::OpKind::NoReturn(_)
        | tree::OpKind::Parallel(_)
        | tree::OpKind::For(_)
        | tree::OpKind::Call(_)
        | tree::OpKind::If(_) => None,
    })
    .collect()
}

/// What a strand of one statement is called.
fn name_of(statement: &Statement) -> Option<&str> {
    match statement {
        Statement::Step(one) => Some(one.name.as_str()),
        Statement::Capture(one) => Some(one.name.as_str()),
        Statement::Verify(one) => Some(one.probe.as_str()),
        Statement::Expose(one) => one.name.as_ref().map(Name::as_str),
        Statement::Call(one) => Some(one.name.as_str()),
        Statement::Command(_)
        | Statement::Wait(_)
        | Statement::WaitUntil(_)
        | Statement::Notify(_)
        | Statement::Fail(_)
        | Statement::Guard(_)
        | Statement::Approve(_)
        | Statement::Undo(_)
        | Statement::NoReturn(_)
        | Statement::Parallel(_)
        | Statement::For(_)
        | Statement::If(_)
        | Statement::NotBuilt(_) => None,
    }
}

/// The word that begins a statement.
fn head(span: Span, word: &str) -> Span {
    Span::new(span.start, span.start + offset(word.len()))
}

/// The words of a text as a list, each once.
fn words_of(text: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in text.split([',', ';', ' ', '\t', '\n']) {
        let word = format!("\"{word}\"");
        if word.len() > 2 && !words.contains(&word) {
            words.push(word);
        }
    }
    format!("[{}]", words.join(", "))
}
