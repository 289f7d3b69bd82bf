//! What a run leaves behind, with all that is known before it filled in.

use super::Builder;
use super::text::Reader;
use crate::check;
use crate::plan::{Incident, Left, Reminder};

impl Builder<'_> {
    pub(super) fn left(&mut self, end: &check::Aftermath) -> Left {
        Left {
            incident: end.incident.as_ref().map(|one| Incident {
                template: one.template.clone(),
                text: self.template(&one.text, Reader::Person),
            }),
            reminders: end
                .reminders
                .iter()
                .map(|one| Reminder {
                    text: self.template(&one.text, Reader::Person),
                    within: self.duration(&one.within),
                })
                .collect(),
        }
    }
}
