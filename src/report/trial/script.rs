//! Owns the lines of a test that make a path of the proof happen.

use crate::check::{Checked, StepName};
use crate::engine::{Answer, Phase, Question, QuestionAbout, Reading, Running, State, Task, Work};
use crate::plan::{Guard, Plan, StepId, Sustain};
use crate::prove::{How, Leg, Move, Start};
use crate::value::{Millis, Value};

/// How long what metrics say is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lasting {
    /// So long that it is seen, and no longer.
    Shortly,
    /// To the end, or until something else is said.
    On,
}

/// The file, the plan that its paths are of, and of each step of the plan the step of the file.
#[derive(Clone, Copy)]
pub(super) struct Script<'a> {
    pub(super) checked: &'a Checked,
    pub(super) plan: &'a Plan,
    pub(super) made: &'a [StepId],
}

/// The lines, by their kind, each once.
#[derive(Debug, Default)]
struct Lines {
    sets: Vec<String>,
    faults: Vec<(StepId, u32, String)>,
    others: Vec<String>,
    crashes: Vec<String>,
    answers: Vec<String>,
}

impl Lines {
    fn all(mut self, plan: &Plan) -> Vec<String> {
        let mut out = std::mem::take(&mut self.sets);
        for (step, number, text) in &self.faults {
            let most = plan.steps.get(step.index());
            let most = most.map_or(1, |one| one.retry.more.saturating_add(1));
            // The last attempt fails as all before it.
            let last = self.faults.iter().filter(|(other, ..)| other == step);
            if last.map(|(_, number, _)| *number).max() == Some(most) {
                out.push(text.clone());
            } else {
                out.push(format!("{text} attempt {number}"));
            }
        }
        out.extend(self.others);
        out.extend(self.crashes);
        out.extend(self.answers);
        let mut seen = Vec::new();
        out.retain(|line| {
            let is_new = !seen.contains(line);
            seen.push(line.clone());
            is_new
        });
        out
    }
}

impl Script<'_> {
    /// The lines of a path; nothing when no line makes one of its moves.
    pub(super) fn lines(&self, legs: &[Leg], lasting: Lasting) -> Option<Vec<String>> {
        let mut lines = Lines::default();
        let mut died: Option<String> = None;
        for (index, leg) in legs.iter().enumerate() {
            let state = &leg.before;
            match leg.happens {
                Move::Begins(Start::Well) => {}
                Move::Ends { attempt, how, .. } => {
                    let running = state.running.iter().find(|one| one.attempt == attempt)?;
                    self.ends((state, running), how, (&mut lines, &mut died))?;
                }
                Move::Passes { to, .. } => {
                    let ends =
                        |task: &Task| matches!(task, Task::Recovering(one) if one.deadline <= to);
                    if state.strands.values().any(|strand| ends(&strand.task)) {
                        self.sets(leg, None, &mut lines)?;
                    }
                    let open = state.questions.iter();
                    for question in open.filter(|one| one.until.is_some_and(|until| until <= to)) {
                        if let Some(name) = self.asked(question) {
                            lines.answers.push(format!("answer {name} = nothing"));
                        }
                    }
                }
                Move::Trips { guard, .. } => {
                    let guard = self.plan.guards.get(guard.index())?;
                    let long = match lasting {
                        Lasting::Shortly => Some(enough(guard)),
                        Lasting::On => None,
                    };
                    self.sets(leg, long, &mut lines)?;
                }
                Move::Recovers { .. } => {
                    let before = legs.get(..index).unwrap_or_default();
                    let told = before.iter().any(|one| !one.readings.is_empty());
                    if told {
                        self.sets(leg, None, &mut lines)?;
                    }
                }
                Move::Awaits { .. } => {
                    self.sets(leg, Some(Millis::from_mins(10)), &mut lines)?;
                }
                Move::Answers { question, answer } => {
                    let mut open = state.questions.iter();
                    let question = open.find(|one| one.number == question)?;
                    self.answers(question, answer, &mut lines)?;
                }
                Move::Begins(_)
                | Move::Flaps(_)
                | Move::Misses { .. }
                | Move::Blinds { .. }
                | Move::Sees(_)
                | Move::Drifts(_)
                | Move::Relapses { .. }
                | Move::Orders
                | Move::Leaves
                | Move::TakenUp => return None,
            }
        }
        if let Some(name) = died {
            lines.crashes.push(format!("crash at {name}"));
        }
        Some(lines.all(self.plan))
    }

    fn ends(
        &self,
        (state, running): (&State, &Running),
        how: How,
        (lines, died): (&mut Lines, &mut Option<String>),
    ) -> Option<()> {
        let verb = match how {
            How::Fails => "fail",
            How::Hangs => "hang",
            How::Well => {
                if let (Work::Unless { .. }, Some(name)) = (running.work, died.take()) {
                    lines.crashes.push(format!("crash after {name}"));
                }
                return Some(());
            }
            How::Stops => return Some(()),
            How::Prints(_) | How::NeverBegins => return None,
            How::Dies => {
                let Work::Step { step, .. } = running.work else {
                    return None;
                };
                *died = Some(self.step(step)?);
                return Some(());
            }
        };
        match running.work {
            Work::Step { step, number } => {
                let name = self.step(step)?;
                let text = format!("{verb} {name}");
                lines.faults.push((step, number, text));
            }
            Work::Check { step } => lines.others.push(format!("{verb} {}", self.step(step)?)),
            Work::Set { exposure, .. } => {
                let one = self.plan.exposures.get(exposure.index())?;
                let text = format!("{verb} {}{}", one.name, within(self.plan, state));
                lines.others.push(text);
            }
            Work::Probe { probe } => {
                let one = self.plan.probes.get(probe.index())?;
                let text = format!("{verb} {}{}", one.name, within(self.plan, state));
                lines.others.push(text);
            }
            // Nothing was done before, so that is how it goes by itself.
            Work::Unless { .. } => {
                if let Some(name) = died.take() {
                    lines.crashes.push(format!("crash at {name}"));
                }
            }
            Work::Read { .. } => return None,
        }
        Some(())
    }

    /// What metrics have to say, from the beginning of the stage or level.
    fn sets(&self, leg: &Leg, long: Option<Millis>, lines: &mut Lines) -> Option<()> {
        let into = match place(self.plan, &leg.before) {
            Some(name) => format!(" from 0s into {name}"),
            None if leg.readings.is_empty() => String::new(),
            None => return None,
        };
        let long = long.map_or_else(String::new, |long| format!(" for {long}"));
        for (metric, reading) in &leg.readings {
            let metric = self.plan.metrics.get(metric.index())?;
            let told = match reading {
                Reading::Value(value) if value.is_finite() => metric.unit.show(*value),
                Reading::NoData(_) => "missing".to_owned(),
                Reading::Error(_) => "error".to_owned(),
                Reading::Value(_) | Reading::Misconfigured(_) => return None,
            };
            let text = format!("set {} = {told}{into}{long}", metric.name);
            lines.sets.push(text);
        }
        Some(())
    }

    fn answers(&self, question: &Question, answer: Answer, lines: &mut Lines) -> Option<()> {
        let word = match answer {
            Answer::Continue => "continue",
            Answer::Rollback => "rollback",
            Answer::Rerun => "rerun",
            Answer::Undo => "undo",
            Answer::Leave => "leave",
            Answer::Decline => "decline",
            // Everyone approves by themselves.
            Answer::Approve => return Some(()),
        };
        let name = self.asked(question)?;
        lines
            .answers
            .push(format!("answer {name} = {word} after 1m"));
        Some(())
    }

    /// What a question is called in a test.
    fn asked(&self, question: &Question) -> Option<String> {
        Some(match question.about {
            QuestionAbout::Guard(guard) => self.plan.guards.get(guard.index())?.name.clone(),
            QuestionAbout::Failure(step)
            | QuestionAbout::Unknown { step, .. }
            | QuestionAbout::Undo { by: step, .. } => self.step(step)?,
            QuestionAbout::Approval(approval) => {
                let approval = self.plan.approvals.get(approval.index())?;
                Value::Text(approval.group.clone()).to_string()
            }
            QuestionAbout::Hold | QuestionAbout::Unapproved(_) | QuestionAbout::Unseen => {
                "hold".to_owned()
            }
        })
    }

    /// What a step of the plan is called in a test; nothing when it has no name.
    pub(super) fn step(&self, step: StepId) -> Option<String> {
        let written = self.made.get(self.plan.of_file(step).index())?;
        self.written(*written)
    }

    /// What a step of the file is called in a test.
    pub(super) fn written(&self, step: StepId) -> Option<String> {
        let step = self.checked.steps.get(step.index())?;
        match &step.name {
            StepName::Given(name) => {
                let all = self.checked.steps.iter();
                let same = all.filter(|other| other.name == step.name).count();
                Some(if same > 1 && !step.within.is_empty() {
                    format!("{name} in {}", step.within)
                } else {
                    name.clone()
                })
            }
            StepName::Place(place) if step.undoes.is_some() => Some(place.clone()),
            StepName::Place(_) => None,
        }
    }
}

/// The stage or level that a state is in.
fn place<'p>(plan: &'p Plan, state: &State) -> Option<&'p str> {
    match state.phase {
        Phase::Rolling { stage, .. } => plan.stages.get(stage.index()).map(|one| one.name.as_str()),
        Phase::RollingBack { level, .. } => {
            let rollback = plan.rollback.as_ref()?;
            let level = rollback.levels.get(level.index())?;
            Some(level.name.as_str())
        }
        Phase::New | Phase::Preparing(_) | Phase::Closing(_) | Phase::Final(_) => None,
    }
}

fn within(plan: &Plan, state: &State) -> String {
    place(plan, state).map_or_else(String::new, |name| format!(" in {name}"))
}

/// So long a breach is seen by a guard from the beginning of a stage until it trips for certain.
fn enough(guard: &Guard) -> Millis {
    let span = match guard.sustain {
        Sustain::Once => Millis(0),
        Sustain::Time(span) => span,
        Sustain::OutOf { breaches, .. } => {
            Millis(guard.every.0.saturating_mul(u64::from(breaches)))
        }
    };
    let looks = Millis(guard.every.0.saturating_mul(2));
    let long = guard.warmup.saturating_add(span).saturating_add(looks);
    // A whole number of seconds is easier to read.
    Millis(long.0.div_ceil(1_000).saturating_mul(1_000))
}
