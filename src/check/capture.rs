//! Captures: steps whose output is a value.

use crate::ast::Capture;
use crate::diag::factory::{check as say, hosts, terminal};

use super::Checker;
use super::ids::{CaptureId, StepId};
use super::names::Sort;
use super::place::Place;
use super::shell::Hidden;
use super::step::{Parts, Steps};
use super::tree;
use crate::value::Type;

impl<'a> Checker<'a> {
    /// The step of a capture.
    pub(super) fn capture(
        &mut self,
        capture: &'a Capture,
        (place, place_name): (Place, String),
        steps: &mut Steps,
    ) -> Option<StepId> {
        let name = &capture.name;
        if let Some(unless) = &capture.clauses.unless {
            self.found.push(say::needless_in_a_capture(unless.span()));
        }
        if let Some(span) = capture.clauses.interactive {
            self.found
                .push(terminal::of_a_capture(span, (&name.text, name.span)));
        }
        if let Some(on) = &capture.clauses.on {
            self.found
                .push(hosts::capture_on_hosts(on.span, &name.text));
        }
        let ty = self.part(capture.ty.ty.clone());
        let default = match (&capture.default, &ty) {
            (None, _) => Some(None),
            (Some(default), Some(ty)) => self.expect(default, ty, "`default`").map(Some),
            (Some(_), None) => None,
        };
        // Of two with one name, which was reported, the first has the number.
        let id = self.captured(&name.text);
        let is_first = id.is_none_or(|id| !steps.captures.contains_key(&id));
        // Text is whatever is printed; what is printed instead of a number is none.
        if ty.as_ref().is_some_and(|ty| *ty != Type::Text) {
            self.around.output = Hidden::Yes;
        }
        self.around.value = Hidden::Yes;
        let step = self.step(
            &Parts {
                name: is_first.then_some(name),
                place_name,
                title: None,
                clauses: &capture.clauses,
                command: capture.command.as_ref(),
                span: capture.span,
            },
            place,
            steps,
        );
        self.around.output = Hidden::No;
        self.around.value = Hidden::No;
        let step = step?;
        steps.captures.insert(
            id?,
            tree::Capture {
                name: name.text.clone(),
                ty: ty?,
                default: default?,
                step,
            },
        );
        Some(step)
    }

    /// The number of a capture by its name.
    pub(super) fn captured(&self, name: &str) -> Option<CaptureId> {
        match self.names.value(name)? {
            (Sort::Capture, index) => Some(CaptureId(index)),
            (_, _) => None,
        }
    }
}
