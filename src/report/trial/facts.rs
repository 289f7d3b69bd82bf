//! Owns what a played test came to: a fold over its events into what expectations ask about.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::{Effect, Moment, Note, QuestionAbout, QuestionNumber, Verdict, Work};
use crate::plan::{ExposureId, GuardId, LevelId, Plan, ProbeId, StageId, StepId, Way};
use crate::simulate::Played;
use crate::world::Ended;

/// What is known only while the events are gone through.
#[derive(Clone, Debug, Default)]
pub(super) struct During {
    /// The stage that is on.
    stage: Option<StageId>,
    /// What is asked and not answered yet.
    asked: BTreeMap<QuestionNumber, (QuestionAbout, String)>,
}

impl During {
    /// What is open in a state.
    pub(super) fn asked(state: &crate::engine::State) -> Self {
        let open = state.questions.iter();
        Self {
            stage: state.stage(),
            asked: open
                .map(|one| (one.number, (one.about, one.text.clone())))
                .collect(),
        }
    }
}

/// What happened, and when.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// How it ended; nothing when the run still waits for someone.
    pub(super) verdict: Option<Verdict>,
    /// When the last thing happened.
    pub(super) end: Moment,
    /// The rollback or the way forward began, and why.
    pub(super) rollback: Option<(Moment, String)>,
    /// Which way that went.
    pub(super) way: Way,
    /// When it recovered, and by which level.
    pub(super) recovered: Option<(Moment, LevelId)>,
    /// Stages that began.
    pub(super) stages: BTreeMap<StageId, Moment>,
    /// Stages that were served.
    pub(super) served: BTreeMap<StageId, Moment>,
    /// Levels that began.
    pub(super) levels: BTreeMap<LevelId, Moment>,
    /// Levels whose `when` did not hold.
    pub(super) skipped_levels: BTreeMap<LevelId, Moment>,
    /// Levels that were not enough, and why.
    pub(super) failed_levels: BTreeMap<LevelId, (Moment, String)>,
    /// Steps and checks whose first attempt began.
    pub(super) steps: BTreeMap<StepId, Moment>,
    /// Steps and checks of which an attempt failed, and how.
    pub(super) failed_steps: BTreeMap<StepId, (Moment, String)>,
    /// Steps that were done already.
    pub(super) skipped_steps: BTreeMap<StepId, Moment>,
    /// Steps whose outcome was unknown.
    pub(super) unknown_steps: BTreeMap<StepId, Moment>,
    /// What an `if` came to: its condition as it is written, and whether it held.
    pub(super) decided: BTreeSet<(String, bool)>,
    /// Probes that held.
    pub(super) probes: BTreeMap<ProbeId, Moment>,
    /// Guards that tripped, with the evidence.
    pub(super) tripped: BTreeMap<GuardId, (Moment, String)>,
    /// The first breach that a guard saw, with the evidence.
    pub(super) streaks: BTreeMap<GuardId, (Moment, String)>,
    /// Guards that were blind.
    pub(super) blind: BTreeMap<GuardId, Moment>,
    /// Holds: in which stage, when, why.
    pub(super) holds: Vec<(Option<StageId>, Moment, String)>,
    /// Exposures: to what they were set, and when.
    pub(super) exposed: Vec<(ExposureId, Moment, f64)>,
    /// What people were asked and answered: about what, and the answer; nothing when its time ran out.
    pub(super) settled: Vec<(QuestionAbout, String, Option<String>)>,
    /// Questions that nobody has answered.
    pub(super) open: Vec<String>,
}

impl Facts {
    pub(super) fn of(played: &Played) -> Self {
        let mut facts = Self {
            verdict: match &played.ended {
                Ended::Over(verdict) => Some(verdict.clone()),
                Ended::Left(_) | Ended::Silent => None,
            },
            ..Self::default()
        };
        let mut during = During::default();
        for (now, effect) in &played.events {
            facts.see((&played.plan, *now), &mut during, effect);
        }
        facts.open = during.asked.into_values().map(|(_, text)| text).collect();
        facts
    }

    /// Adds one thing that was ordered or said.
    pub(super) fn see(
        &mut self,
        (plan, now): (&Plan, Moment),
        during: &mut During,
        effect: &Effect,
    ) {
        self.end = self.end.max(now);
        match effect {
            Effect::Start { work, .. } => self.work(plan, now, *work),
            Effect::Ask(question) => {
                // Whoever is asked for anything but an approval stops the stage's clock.
                if !matches!(question.about, QuestionAbout::Approval(_)) {
                    self.holds.push((during.stage, now, question.text.clone()));
                }
                let asked = (question.about, question.text.clone());
                during.asked.insert(question.number, asked);
            }
            Effect::Withdraw(number) => {
                during.asked.remove(number);
            }
            Effect::Say(Note::Settled {
                question,
                answer,
                by,
                ..
            }) => {
                if let Some((about, _)) = during.asked.remove(question) {
                    self.settled.push((about, answer.clone(), by.clone()));
                }
            }
            Effect::Say(note) => self.note((plan, now), &mut during.stage, note),
            Effect::Stop { .. }
            | Effect::Query { .. }
            | Effect::LookBack { .. }
            | Effect::Measure { .. }
            | Effect::Notify { .. }
            | Effect::Open { .. }
            | Effect::Remind { .. }
            | Effect::Left(_)
            | Effect::Finish(_) => {}
        }
    }

    /// The same by the steps of the file instead of those of the plan.
    pub(super) fn by_the_file(mut self, made: &[StepId]) -> Self {
        fn told<T>(all: BTreeMap<StepId, T>, made: &[StepId]) -> BTreeMap<StepId, T> {
            let all = all.into_iter();
            all.filter_map(|(id, what)| Some((*made.get(id.index())?, what)))
                .collect()
        }
        self.steps = told(self.steps, made);
        self.failed_steps = told(self.failed_steps, made);
        self.skipped_steps = told(self.skipped_steps, made);
        self.unknown_steps = told(self.unknown_steps, made);
        self
    }

    /// Adds what happened elsewhere, of what a proof is asked about.
    pub(super) fn add(&mut self, other: Self) {
        self.stages.extend(other.stages);
        self.levels.extend(other.levels);
        self.skipped_levels.extend(other.skipped_levels);
        self.failed_levels.extend(other.failed_levels);
        self.steps.extend(other.steps);
        self.failed_steps.extend(other.failed_steps);
        self.skipped_steps.extend(other.skipped_steps);
        self.unknown_steps.extend(other.unknown_steps);
    }

    fn work(&mut self, plan: &Plan, now: Moment, work: Work) {
        match work {
            Work::Step { step, .. } | Work::Check { step } => {
                self.steps.entry(plan.of_file(step)).or_insert(now);
            }
            Work::Set { exposure, target } => self.exposed.push((exposure, now, target)),
            Work::Unless { .. } | Work::Read { .. } | Work::Probe { .. } => {}
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "of the many notes a few are asked about, and a new one is asked about by nobody"
    )]
    fn note(&mut self, (plan, now): (&Plan, Moment), stage: &mut Option<StageId>, note: &Note) {
        match note {
            Note::StageBegan(id) => {
                *stage = Some(*id);
                self.stages.entry(*id).or_insert(now);
            }
            Note::StageEnded(id) => {
                self.served.entry(*id).or_insert(now);
            }
            Note::RollbackBegan { reason } | Note::ForwardBegan { reason } => {
                *stage = None;
                if let Note::ForwardBegan { .. } = note {
                    self.way = Way::Forward;
                }
                self.rollback.get_or_insert((now, reason.clone()));
            }
            Note::LevelBegan(id) => {
                self.levels.entry(*id).or_insert(now);
            }
            Note::LevelSkipped(id) => {
                self.skipped_levels.entry(*id).or_insert(now);
            }
            Note::LevelFailed { level, why } => {
                self.failed_levels
                    .entry(*level)
                    .or_insert((now, why.clone()));
            }
            Note::Recovered { level, .. } => self.recovered = Some((now, *level)),
            Note::StepFailed { step, why, .. } => {
                self.failed_steps
                    .entry(plan.of_file(*step))
                    .or_insert((now, why.clone()));
            }
            Note::Checked {
                step,
                failed: Some(why),
            } => {
                self.failed_steps
                    .entry(plan.of_file(*step))
                    .or_insert((now, why.clone()));
            }
            Note::StepSkipped { step } => {
                self.skipped_steps.entry(plan.of_file(*step)).or_insert(now);
            }
            Note::UnknownOutcome { step, .. } => {
                self.unknown_steps.entry(plan.of_file(*step)).or_insert(now);
            }
            Note::Decided {
                condition, holds, ..
            } => {
                self.decided.insert((condition.clone(), *holds));
            }
            Note::Verified { probe } => {
                self.probes.entry(*probe).or_insert(now);
            }
            Note::StreakBegan { guard, evidence } => {
                self.streaks
                    .entry(*guard)
                    .or_insert((now, evidence.clone()));
            }
            Note::Tripped { guard, evidence } => {
                self.tripped
                    .entry(*guard)
                    .or_insert((now, evidence.clone()));
            }
            Note::Blind { guard, .. } => {
                self.blind.entry(*guard).or_insert(now);
            }
            Note::Held { why, .. } | Note::Closed { why, .. } => {
                self.holds.push((*stage, now, why.clone()))
            }
            Note::Exposed { exposure, value } => self.exposed.push((*exposure, now, *value)),
            _ => {}
        }
    }

    /// Which way it went, as a word behind "went".
    pub(super) fn went(&self) -> &'static str {
        match self.way {
            Way::Back => "back",
            Way::Forward => "forward",
        }
    }

    /// The stage that the run was in at a moment.
    pub(super) fn stage_at(&self, at: Moment) -> Option<StageId> {
        if self
            .rollback
            .as_ref()
            .is_some_and(|(began, _)| *began <= at)
        {
            return None;
        }
        let begun = self.stages.iter().filter(|(_, began)| **began <= at);
        begun.max_by_key(|(_, began)| **began).map(|(id, _)| *id)
    }
}

/// The stage or the level that a step stands in, by its name; nothing for a check.
pub(super) fn home(plan: &Plan, step: StepId) -> Option<Home> {
    use crate::plan::Op;
    let holds = |ops: &[Op]| {
        let all = Op::all(ops).into_iter();
        all.filter(|op| matches!(op, Op::Step(id) if plan.of_file(*id) == step))
            .count()
            > 0
    };
    if let Some(stage) = plan.stages.iter().find(|stage| holds(&stage.ops)) {
        return Some(Home::Stage(stage.id));
    }
    let levels = plan.rollback.iter().flat_map(|rollback| &rollback.levels);
    let mut levels = levels.filter(|level| holds(&level.ops));
    levels.next().map(|level| Home::Level(level.id))
}

/// Where a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Home {
    Stage(StageId),
    Level(LevelId),
}
