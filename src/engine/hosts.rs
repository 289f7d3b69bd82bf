//! Owns a step on hosts: a strand for each of them, and how many may fail before no further one begins.

use super::effect::{Note, QuestionAbout};
use super::state::{Aim, Task};
use super::strand::{Failed, StrandId};
use super::transition::Move;
use crate::plan::{OnFailure, Op, Otherwise, Step, StepId};

impl Move<'_> {
    /// The strand that waits for this one, when this one is a host's; and its step of the file.
    fn group(&self) -> Option<(StrandId, StepId)> {
        let parent = self.here()?.parent?;
        let strand = self.state.strands.get(&parent)?;
        match self.state.op(self.plan, strand)? {
            Op::Parallel {
                hosts: Some(step), ..
            } => Some((parent, *step)),
            Op::Parallel { hosts: None, .. }
            | Op::Step(_)
            | Op::Wait { .. }
            | Op::Until { .. }
            | Op::Expose { .. }
            | Op::Verify { .. }
            | Op::Notify(_)
            | Op::Fail { .. }
            | Op::Undo { .. }
            | Op::NoReturn { .. }
            | Op::Approve(_)
            | Op::If { .. } => None,
        }
    }

    /// Whether this strand is that of a host.
    pub(super) fn is_on_host(&self) -> bool {
        self.group().is_some()
    }

    fn tolerated(&self, step: StepId) -> usize {
        let step = self.plan.steps.get(step.index());
        let on = step.and_then(|step| step.on);
        on.map_or(0, |on| on.tolerate as usize)
    }

    fn is_spent(&self, parent: StrandId, step: StepId) -> bool {
        let parent = self.state.strands.get(&parent);
        parent.is_some_and(|parent| parent.tally.failed.len() > self.tolerated(step))
    }

    /// Whether the step has failed on more hosts than it may, so that nothing more is tried on this one.
    pub(super) fn has_failed_too_often(&self) -> bool {
        self.group()
            .is_some_and(|(parent, step)| self.is_spent(parent, step))
    }

    /// All attempts on this host have failed. Its strand ends; the others go on to their end.
    pub(super) fn host_failed(&mut self, why: String) {
        let Some((parent, step)) = self.group() else {
            return;
        };
        self.give_up(parent, why);
        if !self.is_spent(parent, step) {
            return;
        }
        // Those that would be tried again after a pause have failed too.
        let all = self.state.strands.iter();
        let pausing: Vec<StrandId> = all
            .filter(|(_, one)| one.parent == Some(parent))
            .filter(|(_, one)| matches!(one.task, Task::Pausing { .. }))
            .map(|(id, _)| *id)
            .collect();
        for strand in pausing {
            self.strand = strand;
            let why = "it waited for an attempt, and none is made any more";
            self.give_up(parent, why.to_owned());
        }
    }

    fn give_up(&mut self, parent: StrandId, why: String) {
        let way = self.here().and_then(super::strand::StrandState::way);
        if let (Some(way), Some(parent)) = (way, self.state.strands.get_mut(&parent)) {
            parent.tally.failed.push(Failed { way, why });
        }
        self.op_done();
    }

    /// Begins the next host that may begin, or goes on when all have ended. Returns whether it did.
    pub(super) fn join_hosts(
        &mut self,
        step: StepId,
        begun: usize,
        (all, alive): (usize, usize),
    ) -> bool {
        let Some(known) = self.plan.steps.get(step.index()) else {
            return false;
        };
        let is_spent = self.is_spent(self.strand, step);
        let Some(tally) = self.here().map(|here| here.tally.clone()) else {
            return false;
        };
        let is_last = begun >= all && tally.again.is_empty();
        if is_spent || is_last {
            if alive > 0 {
                return false;
            }
            self.hosts_ended(known, begun);
            return true;
        }
        let most = known.on.map_or(1, |on| on.most as usize);
        if alive >= most || self.state.stands_still() {
            return false;
        }
        let again = tally.again.first().copied();
        self.begin_way(again.unwrap_or(begun));
        let begun = match again {
            Some(_) => begun,
            None => begun.saturating_add(1),
        };
        if let Some(here) = self.state.strands.get_mut(&self.strand) {
            here.tally.begun = begun;
            if again.is_some() {
                here.tally.again.remove(0);
            }
        }
        self.set_task(Task::Joining { begun });
        true
    }

    fn hosts_ended(&mut self, step: &Step, begun: usize) {
        let names: Vec<String> = if let Some(Op::Parallel { strands, .. }) = self.current_op() {
            strands.iter().map(|one| one.name.clone()).collect()
        } else {
            Vec::new()
        };
        let Some(tally) = self.here().map(|here| here.tally.clone()) else {
            return;
        };
        let name = |way: &usize| names.get(*way).cloned().unwrap_or_default();
        let failed: Vec<String> = tally.failed.iter().map(|one| name(&one.way)).collect();
        let mut left: Vec<String> = tally.again.iter().map(name).collect();
        left.extend(names.iter().skip(begun).cloned());
        let tried = begun.saturating_sub(tally.again.len());
        let reasons: Vec<String> = tally
            .failed
            .iter()
            .map(|one| format!("{}: {}", name(&one.way), one.why))
            .collect();
        self.say(Note::HostsEnded {
            step: step.id,
            good: tried.saturating_sub(failed.len()),
            failed: failed.clone(),
            left,
        });
        // What has ended well nowhere was not done, whatever is tolerated.
        let is_nowhere =
            !names.is_empty() && failed.len() == names.len() && self.plan.limits.guard_rules >= 7;
        if failed.len() <= self.tolerated(step.id) && !is_nowhere {
            self.op_done();
            return;
        }
        let tolerated = match self.tolerated(step.id) {
            _ if is_nowhere => ", and it has to end well on one at least".to_owned(),
            0 => String::new(),
            some => format!(", and {some} may"),
        };
        let why = format!(
            "step {} failed on {} of {} hosts{tolerated}: {}",
            step.name,
            failed.len(),
            names.len(),
            reasons.join("; ")
        );
        match step.on_failure {
            OnFailure::Hold => {
                self.set_task(Task::Asking {
                    aim: Aim::Step {
                        step: step.id,
                        number: 1,
                    },
                });
                self.ask(
                    QuestionAbout::Failure(step.id),
                    why,
                    self.answers_about(step.id),
                    (Some(self.plan.limits.hold), Otherwise::Rollback),
                );
            }
            OnFailure::Continue | OnFailure::Rollback { .. } => {
                self.fail_op(why, step.on_failure);
            }
        }
    }

    /// A person wants a step on hosts to be run again: on those on which it failed, then on those on which it did not begin.
    pub(super) fn again_on_hosts(&mut self) -> bool {
        let is_group = matches!(self.current_op(), Some(Op::Parallel { hosts: Some(_), .. }));
        let Some(here) = self
            .state
            .strands
            .get_mut(&self.strand)
            .filter(|_| is_group)
        else {
            return false;
        };
        let failed = std::mem::take(&mut here.tally.failed);
        here.tally
            .again
            .extend(failed.into_iter().map(|one| one.way));
        here.tally.again.sort_unstable();
        let begun = here.tally.begun;
        self.set_task(Task::Joining { begun });
        true
    }
}
