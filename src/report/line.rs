//! Owns the one line that an order or a note is to people: a word in a column, and a sentence. Colour never carries the meaning.

use super::left::{clock, of_watch};
use super::names::{Names, command};
use crate::engine::{Answer, Effect, LeaveWhy, Moment, Note, Question, Verdict, Work};
use crate::journal::title_of;
use crate::plan::{Otherwise, Plan, StepId};
use crate::value::Millis;

/// How a line is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// For the record; shown where details are wanted.
    Detail,
    /// The way it should go.
    Plain,
    /// A good end of something.
    Good,
    /// Someone should look.
    Warning,
    /// Something went wrong.
    Bad,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// How it is meant.
    pub tone: Tone,
    /// A word of at most nine letters.
    pub word: &'static str,
    /// A sentence.
    pub text: String,
}

fn made(tone: Tone, word: &'static str, text: impl Into<String>) -> Line {
    Line {
        tone,
        word,
        text: text.into(),
    }
}

/// The line of an order; nothing for orders that say nothing to people.
#[must_use]
pub fn line(plan: &Plan, now: Moment, effect: &Effect) -> Option<Line> {
    let names = Names(plan);
    match effect {
        Effect::Start { work, .. } => Some(of_work(plan, *work)),
        Effect::Stop { .. } => Some(made(
            Tone::Warning,
            "stop",
            "the running step is told to stop",
        )),
        Effect::Query { .. }
        | Effect::LookBack { .. }
        | Effect::Measure { .. }
        | Effect::Withdraw(_) => None,
        Effect::Ask(question) => Some(made(Tone::Warning, "ASK", of_question(now, question))),
        Effect::Notify { channel, text, .. } => Some(made(
            Tone::Plain,
            "tell",
            format!("{}: {text}", names.channel(*channel)),
        )),
        Effect::Open { text, .. } => Some(made(
            Tone::Warning,
            "INCIDENT",
            format!(
                "{}; no rollout of {} begins until it is resolved",
                title_of(text),
                plan.header.service
            ),
        )),
        Effect::Remind { text, due, .. } => Some(made(
            Tone::Plain,
            "remind",
            format!("{text}, until {}", clock(*due)),
        )),
        Effect::Say(note) => Some(of_note(plan, now, note)),
        Effect::Left(why) => Some(made(
            Tone::Warning,
            "left",
            match why {
                LeaveWhy::Interrupted => "interrupted; the run goes on with `resume`",
                LeaveWhy::Held => "held; the runner leaves, the run goes on with `resume`",
                LeaveWhy::Unknown => "the outcome of a step is unknown and nobody is here to say",
                LeaveWhy::Unanswered => "a question is open and nobody is here to answer",
            },
        )),
        Effect::Finish(verdict) => Some(of_verdict(names, verdict)),
    }
}

/// To the nearest whole second: what is left of a deadline.
fn whole(span: Millis) -> Millis {
    Millis(span.0.saturating_add(500) / 1_000 * 1_000)
}

fn of_work(plan: &Plan, work: Work) -> Line {
    let names = Names(plan);
    match work {
        Work::Step { step, number } => {
            let known = plan.steps.get(step.index());
            let shown = known.map_or_else(String::new, |step| command(&step.command));
            let attempts = known.map_or(1, |step| step.retry.more.saturating_add(1));
            let attempt = if number > 1 {
                format!(" (attempt {number} of {attempts})")
            } else {
                String::new()
            };
            made(
                Tone::Plain,
                "run",
                format!("{}{attempt}  {shown}", names.step(step)),
            )
        }
        Work::Check { step } => made(
            Tone::Plain,
            "check",
            plan.steps
                .get(step.index())
                .map_or_else(String::new, |step| {
                    format!("{}  {}", step.title, command(&step.command))
                }),
        ),
        Work::Unless { step } => made(
            Tone::Detail,
            "ask",
            format!("whether {} is done already", names.step(step)),
        ),
        Work::Set { exposure, target } => {
            made(Tone::Plain, "expose", names.exposed(exposure, target))
        }
        Work::Read { exposure } => made(Tone::Detail, "read", names.exposure(exposure).to_owned()),
        Work::Probe { probe } => made(Tone::Detail, "probe", names.probe(probe).to_owned()),
    }
}

/// Strands that begin: how many, at most how many at once, and what they are called.
pub(super) fn of_strands(strands: &[String], most: Option<u32>) -> String {
    let counted = counted(strands.len(), "strand");
    let most = most.map_or_else(String::new, |most| format!(", at most {most} at once"));
    format!("{counted}{most}: {}", strands.join(", "))
}

/// The hosts of a step: how many, at most how many at once, how many may fail, and what they are called.
pub(super) fn of_hosts(plan: &Plan, step: StepId, hosts: &[String]) -> String {
    let on = plan.steps.get(step.index()).and_then(|step| step.on);
    let most = match on.map_or(1, |on| on.most) {
        1 => "one at a time".to_owned(),
        most => format!("at most {most} at once"),
    };
    let tolerate = match on.map_or(0, |on| on.tolerate) {
        0 => "none may fail".to_owned(),
        some => format!("{some} may fail"),
    };
    let counted = counted(hosts.len(), "host");
    format!("{counted}, {most}, {tolerate}: {}", hosts.join(", "))
}

/// A question with its answers and its end.
#[must_use]
pub(super) fn of_question(now: Moment, question: &Question) -> String {
    let answers: Vec<&str> = question.answers.iter().map(|a: &Answer| a.word()).collect();
    let end = match (question.until, question.otherwise) {
        (None, _) => String::new(),
        (Some(until), otherwise) => {
            let taken = match otherwise {
                Otherwise::Stuck => "the run ends as stuck",
                other @ (Otherwise::Rollback
                | Otherwise::Continue
                | Otherwise::Hold
                | Otherwise::Refuse) => other.words(),
            };
            if until < now {
                let ago = whole(now.since(until));
                return format!("{}: its time was over {ago} ago: {taken}", question.text);
            }
            format!(" within {}, else {taken}", whole(until.since(now)))
        }
    };
    format!("{}: {}{end}", question.text, answers.join(" | "))
}

/// A verdict as a sentence.
#[must_use]
pub(super) fn of_verdict(names: Names<'_>, verdict: &Verdict) -> Line {
    match verdict {
        Verdict::Completed => made(Tone::Good, "completed", "every stage was served"),
        Verdict::RolledBack { level } => {
            made(Tone::Warning, "rolled back", names.brought_back(*level))
        }
        Verdict::WentForward { level } => {
            made(Tone::Warning, "went forward", names.brought_back(*level))
        }
        Verdict::Stuck { why } => made(Tone::Bad, "stuck", format!("a person is needed: {why}")),
        Verdict::Aborted { why } => made(
            Tone::Warning,
            "aborted",
            format!("nothing was changed: {why}"),
        ),
        Verdict::Refused { why } => made(
            Tone::Bad,
            "refused",
            format!("nothing was changed: {}", why.join("; ")),
        ),
    }
}

/// `1 metric`, `2 metrics`.
pub(super) fn counted(count: usize, what: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {what}{ending}")
}

fn of_note(plan: &Plan, now: Moment, note: &Note) -> Line {
    let names = Names(plan);
    match note {
        Note::Preparing => made(
            Tone::Plain,
            "prepare",
            format!(
                "looking at {}, {}, {}",
                counted(plan.metrics.len(), "metric"),
                counted(plan.exposures.len(), "exposure"),
                counted(plan.before.len(), "precondition")
            ),
        ),
        Note::Checked { step, failed } => {
            let title = plan
                .steps
                .get(step.index())
                .map_or("?", |step| step.title.as_str());
            match failed {
                None => made(Tone::Good, "holds", title.to_owned()),
                Some(why) => made(Tone::Bad, "fails", format!("{title}: {why}")),
            }
        }
        Note::Measuring { metric, over, why } => made(
            Tone::Plain,
            "measure",
            format!(
                "{}: what is usual is measured for {over}, because {why}",
                names.metric(*metric)
            ),
        ),
        Note::Baseline {
            metric,
            value,
            samples,
        } => made(
            Tone::Plain,
            "baseline",
            format!(
                "{} is usually {} (the median of {samples} samples)",
                names.metric(*metric),
                plan.metrics
                    .get(metric.index())
                    .map_or_else(|| value.to_string(), |one| one.unit.show(*value))
            ),
        ),
        Note::Confirmed { title, by } => {
            made(Tone::Good, "confirmed", format!("{title} (by {by})"))
        }
        Note::ParallelBegan { strands, most } => {
            made(Tone::Plain, "parallel", of_strands(strands, *most))
        }
        Note::ParallelEnded => made(Tone::Good, "joined", "all strands have ended"),
        Note::HostsBegan { step, hosts } => made(
            Tone::Plain,
            "hosts",
            format!("{} on {}", names.step(*step), of_hosts(plan, *step, hosts)),
        ),
        Note::HostsEnded {
            step,
            good,
            failed,
            left,
        } => {
            let mut says = format!(
                "{} ended well on {}",
                names.step(*step),
                counted(*good, "host")
            );
            if !failed.is_empty() {
                says.push_str(&format!(", failed on {}", failed.join(", ")));
            }
            if !left.is_empty() {
                says.push_str(&format!(", did not begin on {}", left.join(", ")));
            }
            let is_good = failed.is_empty() && left.is_empty();
            let tone = if is_good { Tone::Good } else { Tone::Warning };
            made(tone, "joined", says)
        }
        Note::Decided {
            condition,
            holds,
            evidence,
        } => {
            let verdict = if *holds { "holds" } else { "does not hold" };
            let seen = if evidence.is_empty() {
                String::new()
            } else {
                format!(": {evidence}")
            };
            made(Tone::Plain, "if", format!("{condition} {verdict}{seen}"))
        }
        Note::WaitsUntil { condition, within } => made(
            Tone::Plain,
            "wait",
            format!("until {condition}, within {within}"),
        ),
        Note::WaitedUntil { evidence, took } => {
            made(Tone::Good, "waited", format!("{took}: {evidence}"))
        }
        Note::Captured { capture, value } => made(
            Tone::Good,
            "captured",
            format!("{} = {value}", names.capture(*capture)),
        ),
        Note::Approved {
            approval,
            by,
            group,
            reason,
            given,
            again,
        } => {
            let of = plan
                .approvals
                .get(approval.index())
                .map_or(1, |one| one.count);
            let counts = if *again {
                format!("has approved before, so it is still {given} of {of}")
            } else {
                format!("{given} of {of}")
            };
            made(
                Tone::Good,
                "approved",
                format!("{counts}, by {by} ({group}): {reason}"),
            )
        }
        Note::Declined {
            by, group, reason, ..
        } => made(
            Tone::Bad,
            "declined",
            format!("by {by} ({group}): {reason}"),
        ),
        Note::StageBegan(stage) => made(Tone::Plain, "STAGE", names.stage_title(*stage)),
        Note::StageEnded(stage) => made(
            Tone::Good,
            "served",
            format!("stage {}", names.stage(*stage)),
        ),
        Note::WaitBegan { min, max } => made(
            Tone::Plain,
            "wait",
            format!("{min} of observed healthy time; becomes a hold after {max}"),
        ),
        Note::WaitEnded { took } => made(Tone::Detail, "waited", took.to_string()),
        Note::StageWaits { why } => made(
            Tone::Detail,
            "waits",
            format!("its time is served, but {why}"),
        ),
        Note::StepFailed {
            step, why, again, ..
        } => {
            let next = again.map_or_else(String::new, |pause: Millis| {
                format!("; another attempt in {pause}")
            });
            made(
                Tone::Bad,
                "failed",
                format!("{}: {why}{next}", names.step(*step)),
            )
        }
        Note::StepDone { step, took } => made(
            Tone::Good,
            "done",
            format!("{} ({took})", names.step(*step)),
        ),
        Note::Besides { work, said } => made(
            Tone::Warning,
            "besides",
            format!("{}: {said}", names.attempt(*work)),
        ),
        Note::Undoes { step } => made(
            Tone::Plain,
            "undo",
            format!("{}, which began in this run", names.step(*step)),
        ),
        Note::Undone { step } => made(Tone::Good, "undone", names.step(*step).to_owned()),
        Note::NothingToUndo => made(
            Tone::Plain,
            "undo",
            "nothing is left that began and can be undone",
        ),
        Note::StepSkipped { step } => made(
            Tone::Plain,
            "skipped",
            format!("{}: it is done already", names.step(*step)),
        ),
        Note::Exposed { exposure, value } => made(
            Tone::Good,
            "exposed",
            format!(
                "{} is {}",
                names.exposure(*exposure),
                names.0.shown(*exposure, *value)
            ),
        ),
        Note::Verified { probe } => made(Tone::Good, "verified", names.probe(*probe).to_owned()),
        Note::StreakBegan { evidence, .. } => made(Tone::Warning, "breach", evidence.clone()),
        Note::StreakCleared { guard } => made(
            Tone::Plain,
            "cleared",
            format!("guard {}", names.guard(*guard)),
        ),
        Note::Tripped { evidence, .. } => made(Tone::Bad, "TRIPPED", evidence.clone()),
        Note::Blind { why, .. } => made(Tone::Warning, "blind", why.clone()),
        Note::Sees { guard } => made(
            Tone::Plain,
            "sees",
            format!("guard {} sees again", names.guard(*guard)),
        ),
        Note::Held { why, until } => made(
            Tone::Warning,
            "HELD",
            format!("{why}; a person is asked in {}", whole(until.since(now))),
        ),
        Note::Closed { why, until } => made(
            Tone::Warning,
            "CLOSED",
            format!("{why}, in {}", whole(until.since(now))),
        ),
        Note::Opened => made(Tone::Plain, "opened", "the window is open; the run begins"),
        Note::Advised { text } => made(Tone::Warning, "advice", text.clone()),
        Note::Hotfix { reason, by } => made(
            Tone::Warning,
            "HOTFIX",
            format!("the window does not bind this run, by {by}: {reason}"),
        ),
        Note::Released => made(Tone::Plain, "goes on", "nothing holds the stage any more"),
        Note::Settled {
            answer, by, reason, ..
        } => made(
            Tone::Plain,
            "answer",
            match by {
                Some(by) => format!("{answer}, by {by}: {reason}"),
                None => format!("{answer}: {reason}"),
            },
        ),
        Note::NoReturnWaits { why } => made(
            Tone::Warning,
            "waits",
            format!("the point of no return is not passed yet: {why}"),
        ),
        Note::NoReturn { why } => made(
            Tone::Warning,
            "NO RETURN",
            format!("from here on the run only goes forward: {why}"),
        ),
        Note::ForwardBegan { reason } => made(Tone::Bad, "FORWARD", reason.clone()),
        Note::RollbackBegan { reason } => made(Tone::Bad, "ROLLBACK", reason.clone()),
        Note::LevelSkipped(level) => made(
            Tone::Plain,
            "skipped",
            format!("level {}: its `when` does not hold", names.level(*level)),
        ),
        Note::LevelLooks(level) => made(
            Tone::Plain,
            "look",
            format!(
                "whether level {} is for it: what its `when` reads is asked",
                names.level(*level)
            ),
        ),
        Note::LevelUnseen { level, why } => made(
            Tone::Bad,
            "unseen",
            format!(
                "whether the `when` of level {} holds is not known, so it is run: {why}",
                names.level(*level)
            ),
        ),
        Note::LevelBegan(level) => made(Tone::Plain, "LEVEL", names.level_title(*level)),
        Note::LevelDone(level) if plan.recovered_of(*level).is_none() => made(
            Tone::Plain,
            "done",
            format!("level {}", names.level(*level)),
        ),
        Note::LevelDone(level) => made(
            Tone::Plain,
            "judge",
            format!(
                "level {} has run; is the service recovered?",
                names.level(*level)
            ),
        ),
        Note::LevelFailed { level, why } => made(
            Tone::Bad,
            "failed",
            format!("level {}: {why}", names.level(*level)),
        ),
        Note::Recovered { level, .. } if plan.recovered_of(*level).is_none() => made(
            Tone::Detail,
            "enough",
            format!(
                "level {}: nothing says how that would show",
                names.level(*level)
            ),
        ),
        Note::Recovered { level, evidence } => made(
            Tone::Good,
            "recovered",
            format!("by level {}: {evidence}", names.level(*level)),
        ),
        Note::Watching(note) => of_watch(note),
        Note::NoticeFailed { channel, why } => made(
            Tone::Warning,
            "untold",
            format!("{} could not be told: {why}", names.channel(*channel)),
        ),
        Note::UnknownOutcome { why, .. } => made(Tone::Warning, "UNKNOWN", why.clone()),
        Note::TakenUp { by, gap } => made(
            Tone::Plain,
            "resumed",
            format!("by {by}; nobody looked for {gap}"),
        ),
        Note::Unwatched { gap } => made(
            Tone::Warning,
            "asleep",
            format!("nobody looked for {gap}: the machine was suspended, or this runner stopped"),
        ),
        Note::Recalled {
            metric,
            values,
            of,
            failed,
        } => made(
            Tone::Plain,
            "recalled",
            match failed {
                None => format!(
                    "{}: its source remembers {values} of {of} samples of that time",
                    names.metric(*metric)
                ),
                Some(why) => format!(
                    "{}: its source says nothing of that time: {why}",
                    names.metric(*metric)
                ),
            },
        ),
        Note::Unclear { metric, why } => made(
            Tone::Warning,
            "no sight",
            format!("{}: {why}", names.metric(*metric)),
        ),
        Note::ClockJump { by } => made(
            Tone::Warning,
            "clock",
            format!("wall time jumped by {by}ms against elapsed time; elapsed time counts"),
        ),
    }
}
