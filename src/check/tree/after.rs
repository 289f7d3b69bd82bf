//! What is done afterwards.

use crate::ast::Expr;

use super::{Notify, Template};

/// A block for afterwards.
#[derive(Clone, Debug, Default)]
pub struct Aftermath {
    /// Who is told at once.
    pub notices: Vec<Notify>,
    /// What stays open.
    pub incident: Option<Incident>,
    /// What people are reminded of.
    pub reminders: Vec<Reminder>,
    /// For how long it is looked on.
    pub watch: Option<Watch>,
}

impl Aftermath {
    /// The texts in it.
    pub fn texts(&self) -> impl Iterator<Item = &Template> {
        let notices = self.notices.iter().map(|one| &one.text);
        let incident = self.incident.iter().map(|one| &one.text);
        let reminders = self.reminders.iter().map(|one| &one.text);
        let later = self.watch.iter().flat_map(|watch| &watch.then);
        let later = later.map(|one| &one.text);
        notices.chain(incident).chain(reminders).chain(later)
    }
}

/// What a rollback leaves open.
#[derive(Clone, Debug)]
pub struct Incident {
    /// The template that it is made from, as it is named.
    pub template: String,
    /// What it says.
    pub text: Template,
}

/// What people are reminded of.
#[derive(Clone, Debug)]
pub struct Reminder {
    /// Of what.
    pub text: Template,
    /// Until when it should be done.
    pub within: Expr,
}

/// A watch.
#[derive(Clone, Debug)]
pub struct Watch {
    /// For how long.
    pub length: Expr,
    /// Who is told when it is over.
    pub then: Vec<Notify>,
}
