//! What is done afterwards, and the rules that only the whole file can keep or break.

use crate::ast::{
    AftermathKind, Afterwards, Guard, GuardAction, Incident, Notify, Otherwise, Watch,
};
use crate::diag::factory::{after, check as say, syntax};
use crate::value::Type;

use super::Checker;
use super::gather::Declared;
use super::ids::{ChannelId, StageId};
use super::names::Sort;
use super::place::Place;
use super::tree;

impl<'a> Checker<'a> {
    /// What is done afterwards, in one of the blocks for that.
    pub(super) fn aftermath(
        &mut self,
        declared: &Declared<'a>,
        kind: AftermathKind,
    ) -> tree::Aftermath {
        let place = match kind {
            AftermathKind::Stuck => Place::Stuck,
            AftermathKind::AfterRollback => Place::AfterRollback,
            AftermathKind::AfterForward => Place::AfterForward,
            AftermathKind::AfterRollout => Place::AfterRollout,
        };
        let all = declared.aftermaths.iter();
        let blocks: Vec<_> = all.filter(|block| block.kind == kind).collect();
        if let [first, again, ..] = blocks.as_slice() {
            self.found.push(syntax::duplicate_clause(
                again.word_span,
                first.word_span,
                kind.words(),
            ));
        }
        let mut all = tree::Aftermath::default();
        for block in blocks {
            let told = |item: &Afterwards| match item {
                Afterwards::Notify(_) => true,
                Afterwards::Incident(_) | Afterwards::Remind(_) | Afterwards::Watch(_) => false,
            };
            if !block.not_built.is_empty() {
                self.incomplete();
            } else if block.items.is_empty() {
                self.found
                    .push(say::says_nothing(block.word_span, kind.words()));
            } else if kind == AftermathKind::Stuck && !block.items.iter().any(told) {
                self.found.push(say::calls_nobody(block.word_span));
            }
            let (mut first, mut watched) = (None, None);
            for item in &block.items {
                match item {
                    Afterwards::Notify(notify) => {
                        let read = self.notify(notify, place);
                        let read = self.part(read);
                        match &mut all.watch {
                            None => all.notices.extend(read),
                            Some(watch) => watch.then.extend(read),
                        }
                    }
                    Afterwards::Watch(watch) => {
                        if let Some(before) = watched {
                            self.found
                                .push(syntax::duplicate_clause(watch.span, before, "watch"));
                        }
                        watched = Some(watch.span);
                        self.has_something_to_watch(declared, watch, kind);
                        let length =
                            self.expect(&watch.length, &Type::Duration, "the length of a watch");
                        let read = length.map(|length| tree::Watch {
                            length,
                            then: Vec::new(),
                        });
                        all.watch = self.part(read);
                    }
                    Afterwards::Incident(incident) => {
                        let before = *first.get_or_insert(incident.span);
                        if before != incident.span {
                            self.found.push(syntax::duplicate_clause(
                                incident.span,
                                before,
                                "incident",
                            ));
                        }
                        let read = self.incident(incident, place);
                        all.incident = self.part(read);
                    }
                    Afterwards::Remind(remind) => {
                        let text = self.template(&remind.text, place);
                        let within =
                            self.expect(&remind.within, &Type::Duration, "`within` of a reminder");
                        let read = text
                            .zip(within)
                            .map(|(text, within)| tree::Reminder { text, within });
                        all.reminders.extend(self.part(read));
                    }
                }
            }
        }
        all
    }

    /// A watch that nothing can come of is refused: after a rollback `recovered` is looked at, after a rollout the guards are.
    fn has_something_to_watch(
        &mut self,
        declared: &Declared<'a>,
        watch: &Watch,
        kind: AftermathKind,
    ) {
        match kind {
            AftermathKind::Stuck => self.found.push(after::watch_when_stuck(watch.span)),
            AftermathKind::AfterRollback | AftermathKind::AfterForward => {
                let blocks = match kind {
                    AftermathKind::AfterForward => &declared.forwards,
                    AftermathKind::AfterRollback
                    | AftermathKind::AfterRollout
                    | AftermathKind::Stuck => &declared.rollbacks,
                };
                let mut blocks = blocks.iter();
                if blocks.all(|block| block.recovered.is_none()) {
                    self.incomplete();
                    self.found.push(after::watch_without_recovered(watch.span));
                }
            }
            AftermathKind::AfterRollout => {
                let last = declared.stages().last();
                let count = declared.stages().count();
                let is_armed =
                    |(guard, stage): &(&Guard, Option<StageId>)| match (stage, &guard.during) {
                        (Some(stage), _) => stage.index() + 1 == count,
                        (None, Some(range)) => {
                            last.is_some_and(|one| one.name.text == range.last.text)
                        }
                        (None, None) => true,
                    };
                if !declared.guards.iter().any(is_armed) {
                    self.incomplete();
                    self.found.push(after::watch_without_guards(watch.span));
                }
            }
        }
    }

    /// What a rollback leaves open.
    fn incident(&mut self, incident: &Incident, place: Place) -> Option<tree::Incident> {
        if place == Place::AfterRollout {
            self.found
                .push(after::incident_after_success(incident.span));
            return None;
        }
        let template = incident.template.plain()?.to_owned();
        // Without a body the template was not found, which was reported.
        let text = self.template(incident.body.as_ref()?, place)?;
        Some(tree::Incident { template, text })
    }

    pub(super) fn notify(&mut self, notify: &Notify, place: Place) -> Option<tree::Notify> {
        let channel = self.find(Sort::Channel, &notify.channel).map(ChannelId);
        let text = self.template(&notify.text, place);
        Some(tree::Notify {
            channel: channel?,
            text: text?,
        })
    }

    /// What a file must have as a whole.
    pub(super) fn rules_over_the_file(&mut self, declared: &Declared<'a>) {
        self.rollout_is_there(declared);
        let lost = |word: &str| self.ast.lost.iter().any(|lost| lost == word);
        let (rollback_lost, stuck_lost) = (lost("rollback"), lost("stuck"));
        for blocks in [&declared.rollbacks, &declared.forwards] {
            if let [first, again, ..] = blocks.as_slice() {
                self.found.push(syntax::duplicate_clause(
                    again.word_span,
                    first.word_span,
                    first.way.word(),
                ));
            }
        }
        for block in declared.ways() {
            if !block.not_built.is_empty() {
                self.incomplete();
            } else if block.levels.is_empty() {
                self.found
                    .push(say::way_without_level(block.word_span, block.way.word()));
            }
        }
        self.points_of_no_return(declared);
        if declared.rollbacks.is_empty() && !rollback_lost {
            if let Some(change) = declared.first_change() {
                self.found.push(say::missing_rollback(change));
            } else if let Some((guard, _)) = declared
                .guards
                .iter()
                .find(|(guard, _)| rolls_back(&guard.action))
            {
                self.found.push(say::guard_without_rollback(
                    guard.action_span,
                    &guard.name.text,
                ));
            }
        }
        if declared.aftermath(AftermathKind::Stuck).is_none()
            && !stuck_lost
            && let Some(expose) = declared.first_expose()
        {
            let channel = self.names.of(Sort::Channel).next();
            self.found.push(say::missing_stuck(expose, channel));
        }
        self.strategy_fits(declared);
    }

    fn rollout_is_there(&mut self, declared: &Declared<'a>) {
        match declared.rollouts.as_slice() {
            [] if self.ast.lost.iter().any(|word| word == "rollout") => self.incomplete(),
            [] => {
                let title = self.ast.title.as_ref().map(|title| title.span);
                if let Some(title) = title {
                    self.found.push(say::missing_rollout(title));
                }
            }
            [first, again, ..] => {
                self.found.push(syntax::duplicate_clause(
                    again.word_span,
                    first.word_span,
                    "rollout",
                ));
            }
            [one] => {
                if !one.not_built.is_empty() {
                    self.incomplete();
                } else if one.stages.is_empty() {
                    self.found.push(say::rollout_without_stage(one.word_span));
                }
            }
        }
    }
}

fn rolls_back(action: &GuardAction) -> bool {
    match action {
        GuardAction::Rollback { .. } => true,
        GuardAction::Decide { otherwise, .. } => matches!(otherwise, Otherwise::Rollback { .. }),
        GuardAction::Hold | GuardAction::Warn => false,
    }
}
