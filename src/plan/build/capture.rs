//! What the steps of the plan capture, and the programs that they need.

use std::collections::BTreeSet;

use super::Builder;
use crate::plan::{Capture, CaptureId, Program};
use crate::source::offset;

impl Builder<'_> {
    pub(super) fn captures(&mut self) -> Vec<Capture> {
        let checked = self.checked;
        let all = checked.captures.iter().enumerate();
        all.map(|(index, one)| Capture {
            id: CaptureId(offset(index)),
            name: one.name.clone(),
            ty: one.ty.clone(),
            default: one
                .default
                .as_ref()
                .and_then(|default| self.value(default, &one.ty)),
            step: self.first(one.step),
        })
        .collect()
    }
}

impl Builder<'_> {
    /// The programs that commands start, each line once. Those of steps that are not in the plan are not needed.
    pub(super) fn programs(&self) -> Vec<Program> {
        let mut all: Vec<Program> = Vec::new();
        let mut seen = BTreeSet::new();
        for one in &self.checked.programs {
            let step = one.step.and_then(|step| self.first(step));
            if one.step.is_some() && step.is_none() {
                continue;
            }
            if seen.insert((one.name.as_str(), one.line, step)) {
                all.push(Program {
                    name: one.name.clone(),
                    line: one.line,
                    step,
                });
            }
        }
        all
    }
}
