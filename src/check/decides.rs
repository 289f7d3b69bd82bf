//! Whether each line of a test can decide something, and whether all of them can hold together.

use crate::ast::OutcomeKind;
use crate::diag::factory::check as say;
use crate::source::Span;

use super::Checker;
use super::ids::LevelId;
use super::tree::{self, AnswerTo, Checked, Run, Tried};

impl Checker<'_> {
    /// Expectations that nothing can ever decide, and such as contradict each other.
    pub(super) fn deciding(&mut self, checked: &Checked, block: &tree::TestBlock) {
        let mut outcome: Option<(OutcomeKind, Option<LevelId>, Span)> = None;
        for one in &block.expects {
            if let tree::ExpectKind::Outcome(kind, level) = &one.kind {
                match outcome {
                    Some((first, by, span)) if first != *kind || by != *level => {
                        self.found.push(say::expects_both(one.span, span));
                    }
                    Some(_) | None => outcome = Some((*kind, *level, one.span)),
                }
            }
        }
        let goes_back = |kind| {
            matches!(
                kind,
                OutcomeKind::RolledBack | OutcomeKind::WentForward | OutcomeKind::Stuck
            )
        };
        let rollback = checked.rollback.is_some();
        for one in &block.expects {
            match &one.kind {
                tree::ExpectKind::Recovery(..) => match outcome {
                    Some((kind, _, span))
                        if !matches!(kind, OutcomeKind::RolledBack | OutcomeKind::WentForward) =>
                    {
                        self.found
                            .push(say::no_recovery_then(one.span, (kind.word(), span)));
                    }
                    Some(_) | None if !rollback => {
                        self.found.push(say::no_rollback_to_judge(one.span));
                    }
                    Some(_) | None => {}
                },
                tree::ExpectKind::Ran(run) | tree::ExpectKind::Never(run) => {
                    let runs = matches!(one.kind, tree::ExpectKind::Ran(_));
                    let other = block.expects.iter().find(|other| match &other.kind {
                        tree::ExpectKind::Never(never) => {
                            let turns = (&one.turn.text, &other.turn.text);
                            let same = turns.0.is_none() || turns.1.is_none() || turns.0 == turns.1;
                            runs && never == run && same
                        }
                        tree::ExpectKind::Tripped(guard) => !runs && Run::Guard(*guard) == *run,
                        tree::ExpectKind::Outcome(_, Some(level)) => {
                            !runs && Run::Level(*level) == *run
                        }
                        tree::ExpectKind::Outcome(kind, None) => {
                            runs && matches!(run, Run::Level(_)) && !goes_back(*kind)
                        }
                        tree::ExpectKind::Ran(_)
                        | tree::ExpectKind::Recovery(..)
                        | tree::ExpectKind::Held(_)
                        | tree::ExpectKind::Exposure(..) => false,
                    });
                    if let Some(other) = other {
                        self.found.push(say::expects_both(one.span, other.span));
                    }
                }
                tree::ExpectKind::Exposure(..) if checked.exposures.is_empty() => {
                    self.found.push(say::nothing_is_exposed(one.span));
                }
                tree::ExpectKind::Exposure(..)
                | tree::ExpectKind::Outcome(..)
                | tree::ExpectKind::Tripped(_)
                | tree::ExpectKind::Held(_) => {}
            }
        }
        for one in &block.answers {
            let AnswerTo::Step(id) = one.to else {
                continue;
            };
            let Some(step) = checked.steps.get(id.index()) else {
                continue;
            };
            let holds = step.on_failure == tree::OnFailure::Hold;
            // Before it is undone it is asked what became of the step itself.
            let crashes = block.crashes.iter().any(|crash| {
                crash.of == Tried::Step(id)
                    || step.undoes.is_some_and(|of| crash.of == Tried::Step(of))
            });
            if !holds && !crashes {
                self.found
                    .push(say::step_asks_nobody(one.span, step.name.as_str()));
            }
        }
    }
}
