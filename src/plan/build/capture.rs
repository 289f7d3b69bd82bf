//! The captured values of the plan.

use super::Builder;
use crate::plan::{Capture, CaptureId};
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
            step: one.step,
        })
        .collect()
    }
}
