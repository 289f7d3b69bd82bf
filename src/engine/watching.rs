//! Owns the watch after a rollback: the service has recovered, and what showed that is looked at for as long as the file says. No
//! level is begun again by itself: a relapse ends the run as stuck, so that a person is called. Without one the verdict stands.

use serde::{Deserialize, Serialize};

use super::effect::{Note, Verdict};
use super::evidence;
use super::judge::{Sight, judge};
use super::polls::blind_after;
use super::sensed::Streak;
use super::state::{Task, Watching};
use super::strand::StrandId;
use super::transition::Move;
use crate::plan::{LevelId, MetricId, Plan, Recovered, Way};
use crate::value::Millis;

/// The share of its samples that a relapse must have, as `recovered` must.
const COVERAGE: f64 = 0.6;

/// How long the service must be unwell to count as relapsed: as long as it had to be well, and never a single sample.
fn relapse_after(recovered: &Recovered) -> Millis {
    recovered.sustain.max(recovered.every)
}

/// How a run ends that a level was enough for.
fn brought(plan: &Plan, level: LevelId) -> Verdict {
    match plan.way_of(level) {
        Way::Back => Verdict::RolledBack { level },
        Way::Forward => Verdict::WentForward { level },
    }
}

/// Something about the watch after a rollback.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum WatchNote {
    /// It began.
    Began {
        /// For so long.
        span: Millis,
    },
    /// The first sample in which the service is not well.
    Breach {
        /// The evidence, in a sentence.
        evidence: String,
    },
    /// The service is well again, before it counted as a relapse.
    Cleared,
    /// It is over, and there was no relapse.
    Ended {
        /// The evidence, or who ended it.
        evidence: String,
    },
}

impl Move<'_> {
    /// A level was enough: people are told, and the service is looked on before the run is over, where the file says so.
    pub(super) fn recovered(&mut self, level: LevelId, evidence: String) {
        self.say(Note::Recovered { level, evidence });
        let plan = self.plan;
        let way = plan.way_of(level);
        let Some(watch) = plan.after.watch_on(way) else {
            self.close(brought(plan, level));
            return;
        };
        self.leave_behind(plan.after.left_on(way));
        for notice in &watch.first {
            self.notify(notice);
        }
        let now = self.state.now;
        self.say(Note::Watching(WatchNote::Began { span: watch.span }));
        self.set_task(Task::Watching(Watching {
            since: now,
            until: now.after(watch.span),
            seen: now,
            streak: None,
        }));
    }

    fn watch_of_level(&mut self) -> Option<&mut Watching> {
        let main = self.state.strands.get_mut(&StrandId::MAIN)?;
        if let Task::Watching(watching) = &mut main.task {
            Some(watching)
        } else {
            None
        }
    }

    /// One sample of the watch: what is missing neither clears nor confirms.
    pub(super) fn judge_relapse(&mut self, metric: MetricId) {
        let plan = self.plan;
        let level = self.state.level();
        let Some(recovered) = level.and_then(|level| plan.recovered_of(level)) else {
            return;
        };
        if recovered.condition.metrics.first() != Some(&metric) {
            return;
        }
        let (now, span) = (self.state.now, relapse_after(recovered));
        let sight = judge(plan, self.state, &recovered.condition);
        let Some(watching) = self.watch_of_level() else {
            return;
        };
        match sight {
            // The condition of `recovered` says what is good.
            Sight::Breach => {
                watching.seen = now;
                if watching.streak.take().is_some() {
                    self.say(Note::Watching(WatchNote::Cleared));
                }
            }
            Sight::Ok => {
                watching.seen = now;
                let fresh = watching.streak.is_none();
                let streak = watching.streak.get_or_insert_with(|| Streak::starting(now));
                streak.hit(now, span);
                let held = now.since(streak.began);
                let relapsed = held >= span && streak.covers(span, (recovered.every, COVERAGE));
                let wanted = &recovered.condition.text;
                let condition = &recovered.condition;
                let values = self.words(|| evidence::values(plan, self.state, condition));
                if relapsed {
                    self.relapse(|| format!("{values}; {wanted} has not held for {held}"));
                } else if fresh {
                    let evidence = self.words(|| {
                        format!("{values}; a relapse when {wanted} does not hold for {span}")
                    });
                    self.say(Note::Watching(WatchNote::Breach { evidence }));
                }
            }
            Sight::NoData(_) | Sight::Error(_) => {}
        }
    }

    fn relapse(&mut self, why: impl FnOnce() -> String) {
        let why = self.words(|| {
            let level = self.level_name();
            let brought = match self.state.way() {
                Way::Back => "had brought it back",
                Way::Forward => "had brought it to health",
            };
            let before = &self.state.reason;
            format!(
                "{before}; level {level} {brought}, and it relapsed: {}",
                why()
            )
        });
        self.stuck(why);
    }

    /// Ends the watch when its time is over. In the middle of a streak it waits for the next sample, at most as long as a hold.
    pub(super) fn end_watch(&mut self, watching: &Watching) -> bool {
        let now = self.state.now;
        if now < watching.until {
            return false;
        }
        let plan = self.plan;
        let Some(level) = self.state.level() else {
            return false;
        };
        let Some(recovered) = plan.recovered_of(level) else {
            return false;
        };
        let values = self.words(|| evidence::values(plan, self.state, &recovered.condition));
        if watching.streak.is_some() {
            if now < watching.until.after(plan.limits.hold) {
                return false;
            }
            self.relapse(|| format!("{values}, and nothing shows that it is well again"));
            return true;
        }
        let unseen = now.since(watching.seen);
        let evidence = if unseen > blind_after(recovered.every) {
            self.words(|| format!("{values}; nothing was seen for {unseen}"))
        } else {
            values
        };
        self.say(Note::Watching(WatchNote::Ended { evidence }));
        self.close(brought(plan, level));
        true
    }

    /// A person ends the watch: the verdict stands, and the service is free.
    pub(super) fn watched_enough(&mut self, by: &str, reason: &str) {
        let Some(level) = self.state.level() else {
            return;
        };
        if self.state.watching().is_none() {
            return;
        }
        let evidence = format!("ended by {by}: {reason}");
        self.say(Note::Watching(WatchNote::Ended { evidence }));
        self.close(brought(self.plan, level));
    }
}
