//! Owns what the window binds: the start, and every growth of exposure. Never a rollback, never a shrink. It reads no clock:
//! the wall time of the newest input is in the state.

use super::effect::Note;
use super::exposed::grows;
use super::input::Entrance;
use super::state::{Hold, Phase, Preparing, Task};
use super::time::Moment;
use super::transition::Move;
use crate::plan::{Op, Window};
use crate::value::Millis;

impl Move<'_> {
    /// The window that binds this run: none when the file chooses none, or when it was overridden.
    fn binding(&self) -> Option<&Window> {
        if self.state.hotfix.is_some() {
            return None;
        }
        self.plan.window.as_ref()
    }

    /// The moment of the run at which a wall time is reached.
    fn moment_of(&self, wall: i64) -> Moment {
        let span = u64::try_from(wall.saturating_sub(self.state.wall)).unwrap_or(0);
        self.state.now.after(Millis(span.max(1)))
    }

    /// Looks at the window when the run begins: goes on, waits for it, or notes why the run is refused.
    pub(super) fn enter(&mut self, entry: &Entrance) {
        if let Entrance::Hotfix { reason } = entry {
            self.state.hotfix = Some(reason.clone());
            let by = self.state.by.clone();
            self.say(Note::Hotfix {
                reason: reason.clone(),
                by,
            });
        }
        let wall = self.state.wall;
        let Some(window) = self.binding() else {
            self.query_all();
            return;
        };
        if let Some(advice) = window.advice(wall) {
            self.say(Note::Advised { text: advice });
        } else if let Some(why) = window.refusal(wall) {
            let opens = window.opens(wall).map(|opens| self.moment_of(opens));
            let within = |most: Millis| opens.filter(|opens| *opens <= self.state.now.after(most));
            match entry {
                Entrance::Wait { most } => match within(*most) {
                    Some(until) => {
                        if let Phase::Preparing(preparing) = &mut self.state.phase {
                            preparing.waits = Some(until);
                        }
                        self.say(Note::Closed { why, until });
                        return;
                    }
                    None => self.refused(format!("{why}, and nobody waits for more than {most}")),
                },
                Entrance::Now | Entrance::Hotfix { .. } => self.refused(why),
            }
        }
        self.query_all();
    }

    pub(super) fn refused(&mut self, why: String) {
        if let Phase::Preparing(preparing) = &mut self.state.phase {
            preparing.failed.push(why);
        }
    }

    /// Whether the run waits for its window to open; goes on when it has.
    pub(super) fn waits_to_enter(&mut self) -> bool {
        let Phase::Preparing(Preparing { waits: Some(_), .. }) = &self.state.phase else {
            return false;
        };
        let wall = self.state.wall;
        let opens = match self.binding() {
            Some(window) if !window.is_open(wall) => {
                // The wall clock may have been set back; without an opening the wait is over and the start refused.
                window.opens(wall).map(|opens| self.moment_of(opens))
            }
            Some(_) | None => None,
        };
        if let Phase::Preparing(preparing) = &mut self.state.phase {
            preparing.waits = opens;
        }
        if opens.is_some() {
            return true;
        }
        self.say(Note::Opened);
        self.query_all();
        true
    }

    /// Why the window is closed now, and when it opens, in a sentence.
    pub(super) fn closed_meanwhile(&self) -> Option<String> {
        self.binding()?.refusal(self.state.wall)
    }

    /// When exposure may grow, where that is what comes next and the window is closed now.
    pub(super) fn closed_until(&self) -> Option<Option<Moment>> {
        self.state.stage()?;
        let window = self.binding()?;
        let opens_up = |op: &Op| match op {
            Op::Expose {
                exposure, target, ..
            } => grows(self.plan, self.state, *exposure, *target),
            Op::Step(_)
            | Op::Wait { .. }
            | Op::Until { .. }
            | Op::Verify { .. }
            | Op::Notify(_)
            | Op::Fail { .. }
            | Op::Parallel { .. }
            | Op::If { .. }
            | Op::Undo { .. }
            | Op::NoReturn { .. }
            | Op::Approve(_) => false,
        };
        let mut next = self.state.strand_ops(self.plan);
        if !next.any(|(strand, op)| strand.task == Task::Ready && op.is_some_and(opens_up)) {
            return None;
        }
        let wall = self.state.wall;
        (!window.is_open(wall)).then(|| window.opens(wall).map(|opens| self.moment_of(opens)))
    }

    /// Holds the stage until the window opens. Nobody is asked: the opening ends it. A window that does not open any more is
    /// a hold like others.
    pub(super) fn hold_for_window(&mut self, opens: Option<Moment>) {
        let now = self.state.now;
        let why = self.closed_meanwhile().unwrap_or_default();
        let until = opens.unwrap_or_else(|| now.after(self.plan.limits.hold));
        self.state.hold = Some(Hold {
            since: now,
            until,
            why: why.clone(),
            asked: None,
            window: opens.is_some(),
        });
        self.say(if opens.is_some() {
            Note::Closed { why, until }
        } else {
            Note::Held { why, until }
        });
    }
}
