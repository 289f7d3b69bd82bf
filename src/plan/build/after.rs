//! What a run leaves behind, with all that is known before it filled in.

use super::Builder;
use super::text::Reader;
use crate::check;
use crate::plan::{
    AFTER_ROLLOUT, After, Incident, Left, Notice, Op, Reminder, Stage, StageId, Watch,
};
use crate::source::offset;

impl Builder<'_> {
    /// What is left behind, and the watch after a rollback.
    pub(super) fn after(&mut self) -> After {
        let checked = self.checked;
        After {
            stuck: self.left(&checked.if_stuck),
            rolled_back: self.left(&checked.after_rollback),
            went_forward: self.left(&checked.after_forward),
            completed: self.left(&checked.after_rollout),
            watch: self.watch(&checked.after_rollback),
            watch_forward: self.watch(&checked.after_forward),
        }
    }

    fn watch(&mut self, end: &check::Aftermath) -> Option<Watch> {
        let watch = end.watch.as_ref()?;
        Some(Watch {
            span: self.duration(&watch.length),
            first: self.notices(&end.notices),
        })
    }

    /// Who is told when the run is over: with a watch, those behind it.
    pub(super) fn told_at_the_end(&mut self, end: &check::Aftermath) -> Vec<Notice> {
        match &end.watch {
            None => self.notices(&end.notices),
            Some(watch) => self.notices(&watch.then),
        }
    }

    /// The watch after the rollout, which is a stage like any other: it is served by observed healthy time, and what trips in it
    /// does what it does in every stage.
    pub(super) fn watch_stage(&mut self, id: StageId) -> Option<Stage> {
        let end = &self.checked.after_rollout;
        let watch = end.watch.as_ref()?;
        let min = self.duration(&watch.length);
        let max = min.saturating_add(self.limits().hold);
        let told = self.notices(&end.notices).into_iter().map(Op::Notify);
        Some(Stage {
            id,
            name: AFTER_ROLLOUT.to_owned(),
            title: "every stage is served, and the guards stay armed".to_owned(),
            shrinks: false,
            ops: told.chain([Op::Wait { min, max }]).collect(),
        })
    }

    /// The last stage in which a guard is armed: where it is armed in the last stage of the file, it stays armed in the watch.
    pub(super) fn armed_until(&self, to: StageId) -> StageId {
        let last = self.checked.stages.len();
        let is_watched = self.checked.after_rollout.watch.is_some();
        if is_watched && to.index().saturating_add(1) == last {
            StageId(offset(last))
        } else {
            to
        }
    }

    fn left(&mut self, end: &check::Aftermath) -> Left {
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
