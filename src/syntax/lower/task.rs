//! Tasks and their calls.

use crate::ast::{Statement, Task, TaskCall, TaskParam, TypeRef};
use crate::source::Span;

use super::super::grammar::Rule;
use super::super::habits;
use super::super::words::Place;
use super::{Lower, Pair};

impl Lower<'_> {
    /// `task NAME(PARAMETER: TYPE, …) { … }`
    pub(super) fn task(&mut self, pair: Pair<'_>) -> Option<Task> {
        let mut parts = self.parts(pair, "task", Place::Top);
        let name = self.name(&mut parts, "a name");
        let mut params = Vec::new();
        match self.take(&mut parts, Rule::task_params) {
            None => self.need(
                &mut parts,
                "a list of parameters, `()` where there are none,",
            ),
            Some(list) => {
                let open = self.span(&list).start;
                let mut last = Span::new(open, open + 1);
                for one in list.into_inner() {
                    let span = self.span(&one);
                    if one.as_rule() == Rule::task_param {
                        params.extend(self.task_param(one));
                    } else {
                        self.lost_in_brackets(&one, last);
                    }
                    last = span;
                }
            }
        }
        let statements = self.body(&mut parts, Place::Task);
        self.finish(&mut parts, &[]);
        Some(Task {
            name: name?,
            params,
            statements,
            span: parts.span,
            docs: self.docs(parts.span),
        })
    }

    fn task_param(&mut self, pair: Pair<'_>) -> Option<TaskParam> {
        let mut parts = self.parts(pair, "", Place::Task);
        parts.form = Some("NAME: TYPE");
        let name = self.name(&mut parts, "a name");
        self.separator(&mut parts, Rule::colon, ":");
        let ty = match self.take(&mut parts, Rule::type_ref) {
            Some(ty) => self.type_ref(ty),
            None => {
                self.need(&mut parts, "a type");
                TypeRef {
                    ty: None,
                    span: parts.span,
                }
            }
        };
        Some(TaskParam { name: name?, ty })
    }

    /// `NAME(VALUE, …)`
    pub(super) fn task_call(&mut self, pair: Pair<'_>, place: Place) -> Option<Statement> {
        let word = pair.as_str().split(['(', ' ', '\t']).next();
        if word.is_some_and(|word| habits::foreign_word(word).is_some()) {
            return self.stray(pair, place).map(Statement::NotBuilt);
        }
        let mut parts = self.parts(pair, "", place);
        let name = self.known_name(&mut parts, "the name of a task");
        let args = self.take(&mut parts, Rule::args);
        let (args, names) = args.map(|args| self.named_items(args)).unwrap_or_default();
        parts.form = Some("NAME(VALUE, …)");
        self.finish(&mut parts, &[]);
        Some(Statement::Call(Box::new(TaskCall {
            name: name?,
            args,
            names,
            span: parts.span,
            body: None,
        })))
    }
}
