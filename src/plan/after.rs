//! Owns what a run leaves behind when it ends, beside whom it tells. Pure data.

use serde::{Deserialize, Serialize};

use super::act::{Notice, Template, Way};
use crate::value::Millis;

/// What is left behind, by how the run ends.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct After {
    /// The run is stuck.
    #[serde(skip_serializing_if = "Left::is_nothing")]
    pub stuck: Left,
    /// A rollback has recovered.
    #[serde(skip_serializing_if = "Left::is_nothing")]
    pub rolled_back: Left,
    /// The way forward has recovered.
    #[serde(skip_serializing_if = "Left::is_nothing")]
    pub went_forward: Left,
    /// The rollout is complete.
    #[serde(skip_serializing_if = "Left::is_nothing")]
    pub completed: Left,
    /// How long it is looked on after a rollback has recovered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watch: Option<Watch>,
    /// The same after the way forward has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watch_forward: Option<Watch>,
}

impl After {
    /// What a way that recovered leaves behind.
    #[must_use]
    pub fn left_on(&self, way: Way) -> &Left {
        match way {
            Way::Back => &self.rolled_back,
            Way::Forward => &self.went_forward,
        }
    }

    /// How long it is looked on after a way that recovered.
    #[must_use]
    pub fn watch_on(&self, way: Way) -> Option<&Watch> {
        match way {
            Way::Back => self.watch.as_ref(),
            Way::Forward => self.watch_forward.as_ref(),
        }
    }

    /// Whether nothing is left behind, however the run ends.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        let mut left = [
            &self.stuck,
            &self.rolled_back,
            &self.went_forward,
            &self.completed,
        ]
        .into_iter();
        left.all(Left::is_nothing) && self.watch.is_none() && self.watch_forward.is_none()
    }
}

/// What one end leaves behind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Left {
    /// An incident, which blocks the next rollout of the service until a person resolves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incident: Option<Incident>,
    /// What people are reminded of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reminders: Vec<Reminder>,
}

impl Left {
    /// Whether nothing is left behind.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.incident.is_none() && self.reminders.is_empty()
    }
}

/// An incident as it is opened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// The template that it is made from, as the file names it.
    pub template: String,
    /// Its text; the first line is its title.
    pub text: Template,
}

/// What people are reminded of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reminder {
    /// Of what.
    pub text: Template,
    /// Until when it should be done, from the end of the run.
    pub within: Millis,
}

/// How long it is looked on after a rollback, before the run is over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    /// So long.
    pub span: Millis,
    /// Who is told when it begins; the rest of `after rollback` is told when it is over.
    pub first: Vec<Notice>,
}

/// The name of the stage that `watch` in `after rollout` is: all is served, and the guards stay armed. No stage of a file can be
/// called so.
pub const AFTER_ROLLOUT: &str = "after rollout";
