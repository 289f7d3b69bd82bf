//! Owns the judgement of a played test: which expectations do not hold, from when on, and what came nearest.

use super::facts::{Facts, Home, home};
use crate::ast::OutcomeKind;
use crate::engine::{Moment, Verdict};
use crate::plan::{
    Comparison, Expect, ExposureId, GuardId, LevelId, Plan, Run, StageId, StepId, Trial,
};
use crate::report::Names;
use crate::report::verdict::verdict_word;
use crate::simulate::Played;
use crate::value::Millis;

/// An expectation that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Miss {
    /// Its position in the test.
    pub expect: usize,
    /// Up to here the run could still have met it.
    pub at: Moment,
    /// What the run did instead, as a sentence.
    pub found: String,
    /// What came nearest, each a sentence.
    pub near: Vec<String>,
}

/// What does not hold, in the order of the file.
#[must_use]
pub fn judge(trial: &Trial, played: &Played) -> Vec<Miss> {
    let judge = Judge {
        plan: &trial.plan,
        names: Names(&trial.plan),
        facts: Facts::of(played),
    };
    let all = trial.expects.iter().enumerate();
    all.filter_map(|(index, one)| judge.one(index, one.kind))
        .collect()
}

/// How the run of a test ended, in a few words.
#[must_use]
pub fn outcome(trial: &Trial, played: &Played) -> String {
    let judge = Judge {
        plan: &trial.plan,
        names: Names(&trial.plan),
        facts: Facts::of(played),
    };
    judge.outcome()
}

struct Judge<'a> {
    plan: &'a Plan,
    names: Names<'a>,
    facts: Facts,
}

/// A moment as people read it, to the second.
pub(super) fn plus(at: Moment) -> String {
    format!("+{}", Millis(at.0 / 1_000 * 1_000))
}

impl Judge<'_> {
    fn one(&self, index: usize, kind: Expect) -> Option<Miss> {
        let (at, found, near) = match kind {
            Expect::Outcome(wanted, level) => self.ends(wanted, level)?,
            Expect::Recovery(op, within) => self.recovers(op, within)?,
            Expect::Ran(run) => self.runs(run)?,
            Expect::Never(run) => self.runs_never(run)?,
            Expect::Tripped(guard) => self.trips(guard)?,
            Expect::Held(stage) => self.holds(stage)?,
            Expect::Exposure(exposure, op, most) => self.exposes(exposure, op, most)?,
        };
        Some(Miss {
            expect: index,
            at,
            found,
            near,
        })
    }

    fn outcome(&self) -> String {
        match &self.facts.verdict {
            None => "still waiting".to_owned(),
            Some(Verdict::RolledBack { level }) => {
                format!("rolled_back({})", self.names.level(*level))
            }
            Some(Verdict::WentForward { level }) => {
                format!("went_forward({})", self.names.level(*level))
            }
            Some(
                other @ (Verdict::Completed
                | Verdict::Stuck { .. }
                | Verdict::Aborted { .. }
                | Verdict::Refused { .. }),
            ) => verdict_word(other).to_owned(),
        }
    }

    fn ends(
        &self,
        wanted: OutcomeKind,
        level: Option<LevelId>,
    ) -> Option<(Moment, String, Vec<String>)> {
        let met = match (&self.facts.verdict, wanted) {
            (Some(Verdict::Completed), OutcomeKind::Completed)
            | (Some(Verdict::Stuck { .. }), OutcomeKind::Stuck)
            | (Some(Verdict::Aborted { .. }), OutcomeKind::Aborted)
            | (Some(Verdict::Refused { .. }), OutcomeKind::Refused) => true,
            (Some(Verdict::RolledBack { level: by }), OutcomeKind::RolledBack)
            | (Some(Verdict::WentForward { level: by }), OutcomeKind::WentForward) => {
                level.is_none_or(|level| level == *by)
            }
            (_, _) => false,
        };
        if met {
            return None;
        }
        let facts = &self.facts;
        let found = format!("the run ended {} at {}", self.outcome(), plus(facts.end));
        let mut near = Vec::new();
        let mut at = facts.end;
        let goes_back = matches!(
            wanted,
            OutcomeKind::RolledBack | OutcomeKind::WentForward | OutcomeKind::Stuck
        );
        match (&facts.verdict, &facts.rollback) {
            (None, _) => {
                near.extend(
                    facts
                        .open
                        .iter()
                        .map(|text| format!("nobody in this test has answered: {text}")),
                );
            }
            (Some(Verdict::Refused { why }), _) => {
                near.extend(why.iter().map(|why| format!("it was refused: {why}")));
            }
            (Some(Verdict::Aborted { why }), _) => near.push(format!("it was aborted: {why}")),
            (Some(_), Some((began, why))) => {
                if !goes_back {
                    at = *began;
                    near.push(format!(
                        "it went {} at {}: {why}",
                        facts.went(),
                        plus(*began)
                    ));
                }
                for (id, (failed, why)) in &facts.failed_levels {
                    let is_wanted = level.is_none_or(|level| level == *id);
                    if is_wanted && goes_back {
                        at = at.min(*failed);
                    }
                    near.push(format!(
                        "level {} was not enough at {}: {why}",
                        self.names.level(*id),
                        plus(*failed)
                    ));
                }
                if let (Some((recovered, by)), true) = (facts.recovered, goes_back) {
                    if near.is_empty() {
                        at = recovered;
                    }
                    near.push(format!(
                        "level {} was enough at {}",
                        self.names.level(by),
                        plus(recovered)
                    ));
                }
                if let Some(wanted) = level
                    && let Some(skipped) = facts.skipped_levels.get(&wanted)
                {
                    near.push(format!(
                        "level {} was left out at {}: its `when` did not hold",
                        self.names.level(wanted),
                        plus(*skipped)
                    ));
                }
            }
            (Some(_), None) if goes_back => near.extend(self.nearest_guard()),
            (Some(_), None) => {}
        }
        let found = match &facts.verdict {
            None => format!("the run still waits for someone at {}", plus(facts.end)),
            Some(_) => found,
        };
        Some((at, found, near))
    }

    /// The guard that came nearest to going back.
    fn nearest_guard(&self) -> Vec<String> {
        let mut all: Vec<(Moment, String)> = Vec::new();
        for (guard, (at, evidence)) in &self.facts.tripped {
            all.push((
                *at,
                format!(
                    "guard {} tripped at {}: {evidence}",
                    self.names.guard(*guard),
                    plus(*at)
                ),
            ));
        }
        let untripped = self
            .facts
            .streaks
            .iter()
            .filter(|(guard, _)| !self.facts.tripped.contains_key(guard));
        for (_, (at, evidence)) in untripped {
            all.push((
                *at,
                format!("a breach at {} did not last: {evidence}", plus(*at)),
            ));
        }
        if all.is_empty() {
            return vec!["no guard saw a breach".to_owned()];
        }
        all.sort();
        all.into_iter().map(|(_, text)| text).take(3).collect()
    }

    fn recovers(&self, op: Comparison, within: Millis) -> Option<(Moment, String, Vec<String>)> {
        let facts = &self.facts;
        let Some((began, _)) = facts.rollback else {
            return Some((
                facts.end,
                format!("the run was not rolled back; it ended {}", self.outcome()),
                self.nearest_guard(),
            ));
        };
        let mut near = Vec::new();
        for (id, at) in &facts.levels {
            let name = self.names.level(*id);
            if let Some((failed, why)) = facts.failed_levels.get(id) {
                near.push(format!(
                    "level {name} took {} and was not enough: {why}",
                    failed.since(*at)
                ));
            } else if let Some((recovered, _)) = facts.recovered.filter(|(_, by)| by == id) {
                near.push(format!("level {name} took {}", recovered.since(*at)));
            }
        }
        let limit = began.after(within);
        let Some((recovered, _)) = facts.recovered else {
            return Some((
                limit.min(facts.end),
                format!("the run never recovered; it ended {}", self.outcome()),
                near,
            ));
        };
        let took = recovered.since(began);
        let holds = match op {
            Comparison::Less => took < within,
            Comparison::LessOrEqual
            | Comparison::Equal
            | Comparison::NotEqual
            | Comparison::Greater
            | Comparison::GreaterOrEqual => took <= within,
        };
        if holds {
            return None;
        }
        Some((limit, format!("the way back took {took}"), near))
    }

    fn runs(&self, run: Run) -> Option<(Moment, String, Vec<String>)> {
        let facts = &self.facts;
        let (name, ran) = self.run(run);
        if ran.is_some() {
            return None;
        }
        let mut near = Vec::new();
        match run {
            Run::Step(step) => {
                if let Some(at) = facts.skipped_steps.get(&step) {
                    near.push(format!(
                        "it was skipped at {}: it was done already",
                        plus(*at)
                    ));
                } else {
                    match home(self.plan, step) {
                        Some(Home::Stage(stage)) => near.extend(self.why_no_stage(stage)),
                        Some(Home::Level(level)) => near.extend(self.why_no_level(level)),
                        None => {}
                    }
                }
            }
            Run::Stage(stage) => near.extend(self.why_no_stage(stage)),
            Run::Level(level) => near.extend(self.why_no_level(level)),
            Run::Guard(_) => {}
        }
        near.push(format!("the run ended {}", self.outcome()));
        Some((facts.end, format!("{name} never ran"), near))
    }

    fn why_no_stage(&self, stage: StageId) -> Option<String> {
        let name = self.names.stage(stage);
        match (self.facts.stages.get(&stage), &self.facts.rollback) {
            (Some(at), _) => Some(format!("stage {name} began at {}", plus(*at))),
            (None, Some((began, why))) => Some(format!(
                "the run went {} at {}, before stage {name}: {why}",
                self.facts.went(),
                plus(*began)
            )),
            (None, None) => Some(format!("stage {name} never began")),
        }
    }

    fn why_no_level(&self, level: LevelId) -> Option<String> {
        let name = self.names.level(level);
        let facts = &self.facts;
        if let Some(at) = facts.levels.get(&level) {
            return Some(format!("level {name} began at {}", plus(*at)));
        }
        if let Some(at) = facts.skipped_levels.get(&level) {
            return Some(format!(
                "level {name} was left out at {}: its `when` did not hold",
                plus(*at)
            ));
        }
        match (facts.recovered, &facts.rollback) {
            (Some((at, by)), _) => Some(format!(
                "level {} was enough at {}, before level {name}",
                self.names.level(by),
                plus(at)
            )),
            (None, Some(_)) => Some(format!("level {name} never began")),
            (None, None) => Some("the run was not rolled back".to_owned()),
        }
    }

    /// What ran, in words, and when.
    fn run(&self, run: Run) -> (String, Option<Moment>) {
        let facts = &self.facts;
        match run {
            Run::Step(step) => (
                format!("step {}", self.step(step)),
                facts.steps.get(&step).copied(),
            ),
            Run::Stage(stage) => (
                format!("stage {}", self.names.stage(stage)),
                facts.stages.get(&stage).copied(),
            ),
            Run::Level(level) => (
                format!("level {}", self.names.level(level)),
                facts.levels.get(&level).copied(),
            ),
            Run::Guard(guard) => (
                format!("guard {}", self.names.guard(guard)),
                facts.tripped.get(&guard).map(|(at, _)| *at),
            ),
        }
    }

    fn step(&self, step: StepId) -> &str {
        let known = self.plan.steps.get(step.index());
        known.map_or("?", |step| step.name.as_str())
    }

    fn runs_never(&self, run: Run) -> Option<(Moment, String, Vec<String>)> {
        let facts = &self.facts;
        let (name, ran) = self.run(run);
        let at = ran?;
        let word = if matches!(run, Run::Guard(_)) {
            "tripped"
        } else {
            "ran"
        };
        let mut near = Vec::new();
        if let Run::Guard(guard) = run
            && let Some((_, evidence)) = facts.tripped.get(&guard)
        {
            near.push(evidence.clone());
        }
        let in_rollback = facts.rollback.as_ref().filter(|(began, _)| *began <= at);
        match (in_rollback, facts.stage_at(at)) {
            (Some((_, why)), _) => near.push(format!("the run went {}: {why}", facts.went())),
            (None, Some(stage)) => {
                near.push(format!("it was in stage {}", self.names.stage(stage)));
            }
            (None, None) => {}
        }
        Some((at, format!("{name} {word} at {}", plus(at)), near))
    }

    fn trips(&self, guard: GuardId) -> Option<(Moment, String, Vec<String>)> {
        let facts = &self.facts;
        if facts.tripped.contains_key(&guard) {
            return None;
        }
        let name = self.names.guard(guard);
        let mut near = Vec::new();
        if let Some((at, evidence)) = facts.streaks.get(&guard) {
            near.push(format!(
                "a breach at {} did not last: {evidence}",
                plus(*at)
            ));
        } else if let Some(known) = self.plan.guards.get(guard.index()) {
            near.push(format!("it never saw a breach of {}", known.condition.text));
        }
        if let Some(at) = facts.blind.get(&guard) {
            near.push(format!("it was blind at {}", plus(*at)));
        }
        if let Some((began, why)) = &facts.rollback {
            near.push(format!(
                "the run went {} at {}: {why}",
                facts.went(),
                plus(*began)
            ));
        }
        Some((facts.end, format!("guard {name} never tripped"), near))
    }

    fn holds(&self, stage: StageId) -> Option<(Moment, String, Vec<String>)> {
        let facts = &self.facts;
        if facts
            .holds
            .iter()
            .any(|(in_stage, ..)| *in_stage == Some(stage))
        {
            return None;
        }
        let name = self.names.stage(stage);
        let mut near: Vec<String> = facts
            .holds
            .iter()
            .filter_map(|(in_stage, at, why)| {
                let other = self.names.stage((*in_stage)?);
                Some(format!("stage {other} was held at {}: {why}", plus(*at)))
            })
            .take(3)
            .collect();
        if near.is_empty() {
            near.push("no stage was held".to_owned());
        }
        let (at, found) = match facts.stages.get(&stage) {
            None => (facts.end, format!("stage {name} never began")),
            Some(_) => (
                facts.served.get(&stage).copied().unwrap_or(facts.end),
                format!("stage {name} was not held"),
            ),
        };
        if !facts.stages.contains_key(&stage) {
            near.extend(self.why_no_stage(stage));
        }
        Some((at, found, near))
    }

    fn exposes(
        &self,
        exposure: Option<ExposureId>,
        op: Comparison,
        most: f64,
    ) -> Option<(Moment, String, Vec<String>)> {
        let too_much = |(id, _, value): &&(ExposureId, Moment, f64)| {
            exposure.is_none_or(|exposure| exposure == *id) && !op.holds(*value, most)
        };
        let (id, at, value) = self.facts.exposed.iter().find(too_much)?;
        let near = self
            .facts
            .stage_at(*at)
            .map(|stage| format!("it was in stage {}", self.names.stage(stage)));
        Some((
            *at,
            format!(
                "{} reached {} at {}",
                self.names.exposure(*id),
                self.names.0.shown(*id, *value),
                plus(*at)
            ),
            near.into_iter().collect(),
        ))
    }
}
