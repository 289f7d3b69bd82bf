//! Tasks: the values of their calls, of the types that they say, and what they do with them. A task sees its parameters and the
//! names of the file, and nothing of the place that calls it.

use crate::ast::{Capture, Name, Statement, Task, TaskCall, TaskParam};
use crate::diag::factory::check as say;
use crate::diag::factory::task;
use crate::source::{Span, offset};

use super::Checker;
use super::gather::Declared;
use super::names::Sort;
use super::place::Place;
use super::shell::Caller;
use super::step::Steps;
use super::tree;

/// A task that is being read.
pub(super) struct Inside<'a> {
    /// Its parameters so far.
    params: Vec<&'a str>,
    /// The library that it is of, which knows nothing of the names here: those of its own may be the same.
    library: Option<&'a str>,
}

impl<'a> Checker<'a> {
    pub(super) fn task_call(
        &mut self,
        call: &'a TaskCall,
        (place, place_name): (Place, &str),
        steps: &mut Steps,
    ) -> Option<tree::OpKind> {
        self.find(Sort::Task, &call.name)?;
        // Why there is none was reported.
        let body = self.part(call.body.as_ref())?;
        let binds = self.binds(call, &body.params, &body.task);
        for capture in captures_in(&body.statements) {
            let span = capture.name.span;
            if !self.captured_in_tasks.insert(span) {
                let name = (span, capture.name.as_str());
                self.found
                    .push(task::captured_by_each_call(name, call.span));
            }
        }
        self.loose_locals(call.args.iter().map(Some));
        let ops = self.in_task((&body.task, &body.params), |checker| {
            checker.ops(&body.statements, (place, place_name, 0), steps)
        });
        Some(tree::OpKind::Call(Box::new(tree::TaskCall {
            task: body.task.text.clone(),
            binds: binds?,
            ops,
        })))
    }

    /// The values of a call, each of the type of its parameter.
    fn binds(
        &mut self,
        call: &TaskCall,
        params: &[TaskParam],
        name: &Name,
    ) -> Option<Vec<tree::Bind>> {
        let form = || {
            let params = params.iter().map(|one| {
                let ty = one.ty.ty.as_ref().map(ToString::to_string);
                format!("{}: {}", one.name.text, ty.unwrap_or_default())
            });
            params.collect::<Vec<_>>()
        };
        if let Some(first) = call.names.iter().flatten().next() {
            self.found.push(task::named_values(
                (first.span, call.name.as_str()),
                (name.span, &form()),
                self.in_order(call, params),
            ));
            return None;
        }
        if call.args.len() != params.len() {
            self.found.push(task::wrong_arguments(
                (call.span, call.name.as_str(), call.args.len()),
                (name.span, &form()),
            ));
            return None;
        }
        let mut binds = Some(Vec::new());
        for (param, arg) in params.iter().zip(&call.args) {
            let Some(ty) = self.part(param.ty.ty.clone()) else {
                binds = None;
                continue;
            };
            let what = format!("`{}` of the task `{}`", param.name.text, call.name.text);
            let before = std::mem::take(&mut self.found);
            let value = self.expect(arg, &ty, &what);
            let said = std::mem::replace(&mut self.found, before);
            for one in said.iter().cloned() {
                let declared = format!("it is declared here, as {ty}");
                self.found.push(one.with(param.name.span, declared));
            }
            match (value, &mut binds) {
                (Some(value), Some(binds)) => binds.push(tree::Bind {
                    name: param.name.text.clone(),
                    ty,
                    value,
                }),
                (_, _) => binds = None,
            }
        }
        binds
    }

    /// The values of a call that names them, in the order of the parameters, and where they stand, if nothing else stands between them.
    /// `None` where it does not name each parameter once.
    fn in_order(&self, call: &TaskCall, params: &[TaskParam]) -> Option<(String, Option<Span>)> {
        if call.args.len() != params.len() || call.names.len() != params.len() {
            return None;
        }
        let mut values = Vec::new();
        for (index, param) in params.iter().enumerate() {
            let is_it = |(at, name): &(usize, &Option<Name>)| match name {
                Some(name) => name.text == param.name.text,
                None => *at == index,
            };
            let (at, _) = call.names.iter().enumerate().find(is_it)?;
            values.push(self.file.slice(call.args.get(at)?.span));
        }
        let first = call.names.first()?.as_ref().map(|name| name.span);
        let first = first.or(call.args.first().map(|arg| arg.span))?;
        let place = first.to(call.args.last()?.span);
        let is_plain = !self.file.slice(place).contains(['#', '\n']);
        Some((values.join(", "), is_plain.then_some(place)))
    }

    /// Reads what a task does: with its parameters, and without the loops of the place that calls it.
    fn in_task<T>(
        &mut self,
        (task, params): (&'a Name, &'a [TaskParam]),
        read: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let outside = self.names.hide_locals();
        let caller = self.task.replace(Inside {
            params: Vec::new(),
            library: task.text.rsplit_once('.').map(|(library, _)| library),
        });
        for param in params {
            let name = &param.name;
            match self.hidden_by(name) {
                Some((sort, span)) => {
                    let what = self.value_described(sort, name.as_str());
                    if sort == Sort::Local {
                        let (again, first) = ((what, name.span), (what, span));
                        self.found
                            .push(say::declared_twice(&name.text, again, first));
                    } else {
                        self.found
                            .push(say::shadowed_name((name.as_str(), name.span), (what, span)));
                    }
                }
                None => {
                    self.meant_otherwise(Sort::Local, name);
                    self.names.open(name, offset(self.types.locals.len()));
                }
            }
            if let Some(inside) = &mut self.task {
                inside.params.push(name.as_str());
            }
            self.types.locals.push(param.ty.ty.clone());
        }
        let read = read(self);
        let left = self.types.locals.len().saturating_sub(params.len());
        self.types.locals.truncate(left);
        self.task = caller;
        self.names.show_locals(outside);
        read
    }

    /// What a name would hide that must stay what it is.
    pub(super) fn hidden_by(&self, name: &Name) -> Option<(Sort, Span)> {
        let hidden = self.names.value_at(name.as_str());
        hidden.filter(|(sort, _)| self.library().is_none() || *sort == Sort::Local)
    }

    /// The library whose task is being read.
    fn library(&self) -> Option<&'a str> {
        self.task.as_ref()?.library
    }

    /// What a step is called: one of a task of a library with the library in front, as everything of it is.
    pub(super) fn step_name(&self, name: &Name) -> String {
        match self.library() {
            Some(library) => format!("{library}.{}", name.text),
            None => name.text.clone(),
        }
    }

    /// What a value is, in a sentence.
    pub(super) fn value_described(&self, sort: Sort, name: &str) -> &'static str {
        let params = self.task.as_ref().map(|task| task.params.as_slice());
        if sort == Sort::Local && params.is_some_and(|params| params.contains(&name)) {
            "a parameter of the task"
        } else {
            sort.described()
        }
    }

    /// The tasks by themselves: what is wrong in one that nothing calls is said all the same.
    pub(super) fn tasks(&mut self, declared: &Declared<'a>) {
        let (programs, people) = (self.around.programs.len(), self.around.people.len());
        let (shown, spliced) = (self.around.shown.len(), self.around.spliced.len());
        for one in &declared.tasks {
            if one.statements.is_empty() {
                self.found
                    .push(say::empty_block(one.name.span, "task", one.name.as_str()));
            }
            if declared.called.contains(one.name.as_str()) {
                continue;
            }
            if !self.is_library() && !one.name.text.contains('.') {
                self.unused(one);
            }
            let mut steps = Steps::default();
            self.around.caller = Caller::Nobody;
            self.loose_locals(one.params.iter().map(|_| None));
            self.in_task((&one.name, &one.params), |checker| {
                let place = (Place::Stage, one.name.as_str(), 0);
                checker.ops(&one.statements, place, &mut steps);
            });
            self.around.caller = Caller::Known;
        }
        self.around.programs.truncate(programs);
        self.around.people.truncate(people);
        self.around.shown.truncate(shown);
        self.around.spliced.truncate(spliced);
    }

    fn unused(&mut self, one: &Task) {
        // What could not be read may be what calls it.
        if self.ast.lost.binary_search(&one.name.text).is_err() {
            let name = (one.name.span, one.name.as_str());
            self.found.push(task::unused_task(name, one.params.len()));
        }
    }
}

/// The captures among these statements, those of further calls left out.
fn captures_in(statements: &[Statement]) -> Vec<&Capture> {
    let mut found = Vec::new();
    for statement in statements {
        match statement {
            Statement::Capture(capture) => found.push(capture.as_ref()),
            // Looked at where it is read.
            Statement::Call(_) => {}
            Statement::Parallel(_)
            | Statement::For(_)
            | Statement::If(_)
            | Statement::Step(_)
            | Statement::Command(_)
            | Statement::Wait(_)
            | Statement::WaitUntil(_)
            | Statement::Expose(_)
            | Statement::Verify(_)
            | Statement::Notify(_)
            | Statement::Fail(_)
            | Statement::Guard(_)
            | Statement::Approve(_)
            | Statement::Undo(_)
            | Statement::NoReturn(_)
            | Statement::NotBuilt(_) => {
                for inside in statement.inside() {
                    found.extend(captures_in(inside));
                }
            }
        }
    }
    found
}
