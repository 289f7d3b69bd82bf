//! Owns going back, and behind the point of no return going forward: which level comes next, when a level is cut off, what counts as
//! recovered, and when nothing is left.

use super::effect::{Effect, Note, Verdict, Work};
use super::evidence;
use super::judge::{Sight, judge};
use super::polls::{A_MOMENT, reads};
use super::sensed::Streak;
use super::state::{Phase, Recovery, Task, Turn};
use super::strand::StrandId;
use super::strands::Strands;
use super::transition::Move;
use crate::plan::{Condition, LevelId, Metric, MetricId, Plan, Way};
use crate::value::Millis;

impl Move<'_> {
    /// Begins the rollback, as soon as the running attempts are out of the way.
    pub(super) fn roll_back(&mut self, from: Option<LevelId>, reason: String) {
        let plan = self.plan;
        self.withdraw_all();
        if !self.state.running.is_empty() {
            self.stop_running(|running| !is_protected(plan, running.work));
            self.state.turn = Some(Turn::RollBack { from, reason });
            self.rest();
            return;
        }
        self.state.reason.clone_from(&reason);
        if !self.state.changed {
            self.close(Verdict::Aborted { why: reason });
            return;
        }
        self.say(match self.state.way() {
            Way::Back => Note::RollbackBegan { reason },
            Way::Forward => Note::ForwardBegan { reason },
        });
        // A level of the other way does not apply on this side of the point of no return.
        let from = from.filter(|level| self.plan.way_of(*level) == self.state.way());
        self.next_level(from.map_or(0, LevelId::index));
    }

    /// Begins the first level at or behind `index`, on the way that is left, whose `when` holds; stuck when there is none.
    fn next_level(&mut self, index: usize) {
        self.find_level(index, None);
    }

    /// The same; what the `when` of the level `looked` reads has just been asked.
    fn find_level(&mut self, index: usize, looked: Option<LevelId>) {
        let plan = self.plan;
        let way = self.state.way();
        for level in plan
            .levels_on(way)
            .filter(|level| level.id.index() >= index)
        {
            if let Some(when) = &level.when {
                if looked != Some(level.id) && self.looks_at(level.id, when) {
                    return;
                }
                match judge(plan, self.state, when) {
                    Sight::Breach => {}
                    Sight::Ok => {
                        self.say(Note::LevelSkipped(level.id));
                        continue;
                    }
                    // What cannot be known does not excuse from trying.
                    Sight::NoData(why) | Sight::Error(why) => {
                        if plan.limits.guard_rules >= 2 {
                            self.say(Note::LevelUnseen {
                                level: level.id,
                                why,
                            });
                        }
                    }
                }
            }
            let now = self.state.now;
            self.state.phase = Phase::RollingBack {
                level: level.id,
                began: now,
                deadline: now.after(level.within),
            };
            self.state.strands = Strands::main_alone();
            self.say(Note::LevelBegan(level.id));
            return;
        }
        let why = match (way, plan.levels_on(way).next().is_none()) {
            (Way::Back, true) => "the file has no rollback",
            (Way::Back, false) => "no rollback level is left",
            (Way::Forward, true) => "the file has no way forward",
            (Way::Forward, false) => "no level of the way forward is left",
        };
        let why = self.words(|| format!("{why}: {}", self.state.reason));
        self.stuck(why);
    }

    /// Asks the metrics that a level's `when` reads, if one was not asked lately. Returns whether their answers are waited for.
    fn looks_at(&mut self, level: LevelId, when: &Condition) -> bool {
        let plan = self.plan;
        let now = self.state.now;
        if plan.limits.guard_rules < 2 {
            return false;
        }
        let is_old = |metric: &&Metric| {
            let known = self.state.metrics.get(metric.id.index());
            let reading = known.and_then(|known| known.reading.as_ref());
            reading.is_none_or(|(at, _)| now.since(*at) > metric.stale)
        };
        let read = plan.metrics.iter();
        let read = read.filter(|metric| reads(plan, when, metric.id));
        let old: Vec<&Metric> = read.filter(is_old).collect();
        let Some(longest) = old.iter().map(|metric| metric.timeout).max() else {
            return false;
        };
        self.say(Note::LevelLooks(level));
        self.rest();
        self.state.turn = Some(Turn::Look {
            level,
            asked: old.iter().map(|metric| metric.id).collect(),
            until: now.after(longest).after(A_MOMENT),
        });
        self.ask_for_level();
        true
    }

    /// Asks what is looked at for a level and has not answered.
    fn ask_for_level(&mut self) {
        let Some(Turn::Look { asked, .. }) = &self.state.turn else {
            return;
        };
        for metric in asked.clone() {
            if let Some(known) = self.state.metrics.get_mut(metric.index()) {
                known.asked = true;
            }
            self.out.push(Effect::Query { metric });
        }
    }

    /// A metric that is looked at for a level has answered.
    pub(super) fn seen_for_level(&mut self, metric: MetricId) {
        let Some(Turn::Look { level, asked, .. }) = &mut self.state.turn else {
            return;
        };
        asked.retain(|waiting| *waiting != metric);
        if asked.is_empty() {
            let level = *level;
            self.looked_for(level);
        }
    }

    /// A look at what a level reads takes no longer than it may.
    pub(super) fn end_look(&mut self) {
        if let Some(Turn::Look { level, until, .. }) = &self.state.turn
            && *until <= self.state.now
        {
            let level = *level;
            self.looked_for(level);
        }
    }

    fn looked_for(&mut self, level: LevelId) {
        self.state.turn = None;
        self.find_level(level.index(), Some(level));
    }

    /// Nobody heard the answers of a look that was under way when the runner went: the same is asked again.
    pub(super) fn look_again(&mut self, gap: Millis) {
        if let Some(Turn::Look { until, .. }) = &mut self.state.turn {
            *until = until.after(gap);
            self.ask_for_level();
        }
    }

    /// Whether a look is under way; a person who wants a stronger level gets that one looked at.
    pub(super) fn looks_further(&mut self, from: Option<LevelId>) -> bool {
        let Some(Turn::Look { level, .. }) = &self.state.turn else {
            return false;
        };
        let level = *level;
        let stronger =
            |from: &LevelId| *from > level && self.plan.way_of(*from) == self.state.way();
        if let Some(from) = from.filter(stronger) {
            self.state.turn = None;
            self.next_level(from.index());
        }
        true
    }

    /// The current level was not enough, or failed: the next one.
    pub(super) fn fail_level(&mut self, why: String) {
        let Some(level) = self.state.level() else {
            return;
        };
        if !self.state.running.is_empty() {
            self.stop_running(|_| true);
            self.state.turn = Some(Turn::LevelFailed { why });
            self.rest();
            return;
        }
        self.withdraw_all();
        self.say(Note::LevelFailed {
            level,
            why: why.clone(),
        });
        self.state.reason = self.words(|| {
            let name = self.level_name();
            format!("{}; level {name}: {why}", self.state.reason)
        });
        self.next_level(level.index().saturating_add(1));
    }

    /// Cuts off a level, and a judgement of recovery, whose time is over.
    pub(super) fn cut_off_level(&mut self) {
        // What has recovered is not cut off any more.
        if self.state.turn.is_some() || self.state.watching().is_some() {
            return;
        }
        let Phase::RollingBack {
            level, deadline, ..
        } = &self.state.phase
        else {
            return;
        };
        let now = self.state.now;
        let within = self
            .plan
            .level(*level)
            .map_or(Millis(0), |level| level.within);
        if *deadline <= now {
            let why = self.words(|| format!("it was cut off after {within}"));
            self.fail_level(why);
        } else if let Some(Task::Recovering(recovery)) = self.state.task()
            && recovery.deadline <= now
        {
            let why = self.words(|| {
                let last = match recovery.last.as_str() {
                    "" => "no sample counted",
                    last => last,
                };
                let waited = now.since(recovery.since);
                format!("not recovered within {waited}: {last}")
            });
            self.fail_level(why);
        }
    }

    /// One sample while a level is judged, or what it recovered is looked on.
    pub(super) fn judge_level(&mut self, metric: MetricId) {
        if self.recovery().is_some() {
            self.judge_recovery(metric);
        } else {
            self.judge_relapse(metric);
        }
    }

    /// One sample while recovery is judged, by the rules of guards: warm-up, streak, frozen by what is missing.
    pub(super) fn judge_recovery(&mut self, metric: MetricId) {
        let plan = self.plan;
        let level = self.state.level();
        let Some(recovered) = level.and_then(|level| plan.recovered_of(level)) else {
            return;
        };
        if recovered.condition.metrics.first() != Some(&metric) {
            return;
        }
        let now = self.state.now;
        let sight = judge(plan, self.state, &recovered.condition);
        let Some(level) = self.state.level() else {
            return;
        };
        let Some(recovery) = self.recovery() else {
            return;
        };
        if now < recovery.since.after(recovered.warmup) {
            return;
        }
        let mut enough = false;
        match &sight {
            // The condition of `recovered` says what is good, so what a guard calls a breach is the good sample here.
            Sight::Breach => {
                let streak = recovery.streak.get_or_insert_with(|| Streak::starting(now));
                streak.hit(now, recovered.sustain);
                enough = now.since(streak.began) >= recovered.sustain
                    && streak.covers(recovered.sustain, (recovered.every, 0.6));
            }
            Sight::Ok => recovery.streak = None,
            Sight::NoData(_) | Sight::Error(_) => {}
        }
        let streak = recovery.streak.clone();
        let sentence = self.words(|| match &sight {
            Sight::Breach | Sight::Ok => {
                evidence::of_recovery(plan, self.state, recovered, streak.as_ref())
            }
            Sight::NoData(why) => format!("no data: {why}"),
            Sight::Error(why) => format!("error: {why}"),
        });
        if enough {
            self.recovered(level, sentence);
        } else if let Some(recovery) = self.recovery() {
            recovery.last = sentence;
        }
    }

    fn recovery(&mut self) -> Option<&mut Recovery> {
        let main = self.state.strands.get_mut(&StrandId::MAIN)?;
        if let Task::Recovering(recovery) = &mut main.task {
            Some(recovery)
        } else {
            None
        }
    }

    /// The name of the level that the run is in, or that brought it back.
    pub(super) fn level_name(&self) -> String {
        let level = match &self.state.phase {
            Phase::RollingBack { level, .. }
            | Phase::Closing(Verdict::RolledBack { level } | Verdict::WentForward { level })
            | Phase::Final(Verdict::RolledBack { level } | Verdict::WentForward { level }) => {
                *level
            }
            Phase::New
            | Phase::Preparing(_)
            | Phase::Rolling { .. }
            | Phase::Closing(_)
            | Phase::Final(_) => return String::new(),
        };
        self.plan
            .level(level)
            .map_or_else(String::new, |level| level.name.clone())
    }
}

/// Whether this work may finish, whoever wants it to stop.
pub(super) fn is_protected(plan: &Plan, work: Work) -> bool {
    match work {
        Work::Step { step, .. } => plan
            .steps
            .get(step.index())
            .is_some_and(|step| step.protected),
        Work::Check { .. }
        | Work::Unless { .. }
        | Work::Set { .. }
        | Work::Read { .. }
        | Work::Probe { .. } => false,
    }
}
