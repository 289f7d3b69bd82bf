//! Owns the dry run as people read it: the simulated run when all goes well, with every bound beside it, then what is watched and
//! how it goes back. It says on its first and on its last line that nothing was changed.

use std::fmt::Write as _;

use super::accepted::accepted;
use super::acts::{clip, of_approval, of_step_within};
use super::before::before;
use super::left::told;
use super::line::{counted, of_hosts, of_strands};
use super::names::{Names, command};
use super::opening;
use super::ways::ways;
use crate::engine::{Effect, Leapt, Moment, Note, Question, QuestionAbout, State, Verdict, Work};
use crate::plan::{
    AFTER_ROLLOUT, Guard, GuardAction, OnBlind, Op, Plan, ProbeAsk, Scope, Sustain, Way,
    detection_bound, reaction_bound,
};
use crate::simulate::{Scenario, Simulate};
use crate::value::Millis;
use crate::world::{Ended, Fact, Record, run};

/// The dry run of a plan, begun at a wall time (Unix milliseconds) or at no known one. Without a start the window holds
/// nothing up: what it says is shown.
#[must_use]
pub fn timeline(plan: &Plan, start: Option<i64>) -> String {
    let mut text = String::new();
    head(&mut text, plan);
    before(&mut text, plan);
    opening::put_window(&mut text, plan, start);
    let walked = rollout(&mut text, plan, start);
    guards(&mut text, plan);
    unseen(&mut text, plan);
    ways(&mut text, plan);
    told(&mut text, plan);
    waived(&mut text, plan);
    foot(&mut text, plan, &walked);
    text
}

/// One line; writing to a string does not fail.
pub(super) fn put(text: &mut String, line: &str) {
    let _ = writeln!(text, "{}", line.trim_end());
}

fn head(text: &mut String, plan: &Plan) {
    let header = &plan.header;
    put(
        text,
        &format!(
            "plan of \"{}\": a dry run, nothing is changed",
            header.title
        ),
    );
    put(text, "");
    let mut says = vec![format!("service {}", header.service)];
    for (word, value) in [
        ("owner", &header.owner),
        ("risk", &header.risk),
        ("strategy", &header.strategy),
        ("zone", &header.zone),
    ] {
        if let Some(value) = value {
            says.push(format!("{word} {value}"));
        }
    }
    put(text, &format!("  {}", says.join(" · ")));
    for binding in &plan.bindings {
        put(text, &format!("  {} = {}", binding.name, binding.value));
    }
    if let Some(only) = &plan.environment {
        put(
            text,
            &format!("  commands inherit only {}", only.join(", ")),
        );
    }
    for secret in &plan.secrets {
        put(
            text,
            &format!("  {} = (secret, known at run time)", secret.name),
        );
    }
    put(
        text,
        &format!(
            "  a hold asks a person after {}, who has as long to answer; a gap of over {} without a look is not soaked",
            plan.limits.hold, plan.limits.max_gap
        ),
    );
}

/// What the simulation did, with the state after each input.
struct Walk<'a> {
    plan: &'a Plan,
    lines: Vec<(Moment, String)>,
    end: Moment,
    queries: u64,
    /// How many `parallel` are under way.
    depth: usize,
    /// Why it turned back.
    why: Option<String>,
}

impl Record for Walk<'_> {
    type Error = std::convert::Infallible;

    fn keep(&mut self, fact: &Fact, effects: &[Effect]) -> Result<(), Self::Error> {
        let now = fact.stamp.run;
        self.end = now;
        for effect in effects {
            match effect {
                Effect::Query { .. } => self.queries = self.queries.saturating_add(1),
                Effect::Start { work, .. } => self.work(now, *work),
                Effect::Say(note) => self.note(now, note),
                Effect::Notify { channel, text, .. } => {
                    let names = Names(self.plan);
                    let line = format!("tell     {}: {}", names.channel(*channel), clip(text));
                    self.line(now, line);
                }
                Effect::Ask(question) => self.asked(now, question),
                Effect::Open { .. }
                | Effect::Remind { .. }
                | Effect::LookBack { .. }
                | Effect::Measure { .. }
                | Effect::Stop { .. }
                | Effect::Withdraw(_)
                | Effect::Left(_)
                | Effect::Finish(_) => {}
            }
        }
        Ok(())
    }

    fn passed_over(&mut self, leapt: Leapt) {
        self.queries = self.queries.saturating_add(leapt.queries);
    }
}

impl Walk<'_> {
    /// A line of what happens, behind a bar for each `parallel` around it.
    fn line(&mut self, now: Moment, line: String) {
        let bars = "| ".repeat(self.depth);
        self.lines.push((now, format!("{bars}{line}")));
    }

    fn all(&mut self, now: Moment, lines: Vec<String>) {
        lines.into_iter().for_each(|line| self.line(now, line));
    }

    fn work(&mut self, now: Moment, work: Work) {
        match work {
            Work::Step { step, .. } => {
                if let Some(step) = self.plan.steps.get(step.index()) {
                    let lines = match step.host {
                        Some(_) => vec![format!("step     {}", step.name)], // The rest stands above the hosts.
                        None => of_step_within(self.plan, step),
                    };
                    self.all(now, lines);
                }
            }
            Work::Set { exposure, target } => {
                let Some(exposure) = self.plan.exposures.get(exposure.index()) else {
                    return;
                };
                self.line(
                    now,
                    format!(
                        "expose   {} {}  {}",
                        exposure.name,
                        exposure.scale.show(target),
                        clip(&command(&exposure.set))
                    ),
                );
            }
            Work::Check { .. } | Work::Unless { .. } | Work::Read { .. } | Work::Probe { .. } => {}
        }
    }

    /// Before the rollout its approvals stand among the preconditions.
    fn asked(&mut self, now: Moment, question: &Question) {
        let has_begun = !self.lines.is_empty();
        if let QuestionAbout::Approval(id) = question.about
            && has_begun
            && let Some(approval) = self.plan.approvals.get(id.index())
        {
            self.line(now, of_approval(self.plan, approval));
        }
    }

    fn note(&mut self, now: Moment, note: &Note) {
        match note {
            Note::StageBegan(stage) => {
                let names = Names(self.plan);
                self.line(now, format!("\nSTAGE {}", names.stage_title(*stage)));
                let planned = self.plan.stages.get(stage.index());
                if planned.is_some_and(|stage| stage.shrinks) {
                    self.line(now, "         exposure may shrink in this stage".to_owned());
                }
            }
            Note::RollbackBegan { reason } | Note::ForwardBegan { reason } => {
                self.line(now, format!("turns back: {reason}"));
                self.why = Some(reason.clone());
            }
            Note::LevelBegan(level) => {
                let names = Names(self.plan);
                self.line(now, format!("\nLEVEL {}", names.level(*level)));
            }
            Note::WaitBegan { min, max } => {
                let line = format!("wait     {min} of healthy time  (held and asked after {max})");
                self.line(now, line);
            }
            Note::WaitsUntil { condition, within } => {
                let line = format!("wait     until {condition}  (within {within})");
                self.line(now, line);
            }
            Note::ParallelBegan { strands, most } => {
                let line = format!("parallel {}", of_strands(strands, *most));
                self.line(now, line);
                self.depth = self.depth.saturating_add(1);
            }
            Note::HostsBegan { step, hosts } => {
                if let Some(known) = self.plan.steps.get(step.index()) {
                    self.all(now, of_step_within(self.plan, known));
                }
                let line = format!("hosts    {}", of_hosts(self.plan, *step, hosts));
                self.line(now, line);
                self.depth = self.depth.saturating_add(1);
            }
            Note::ParallelEnded | Note::HostsEnded { .. } => {
                self.depth = self.depth.saturating_sub(1);
            }
            Note::Decided {
                condition, holds, ..
            } => {
                let verdict = if *holds { "holds" } else { "does not hold" };
                self.line(now, format!("if       {condition}  (here it {verdict})"));
            }
            Note::StageWaits { why } => {
                self.line(now, format!("look     {why}"));
            }
            Note::NoReturnWaits { why } => self.line(now, format!("look     {why}")),
            Note::NoReturn { why } => {
                self.line(now, format!("NO RETURN  {why}; from here on only forward"));
            }
            Note::Verified { probe } => {
                let Some(known) = self.plan.probes.get(probe.index()) else {
                    return;
                };
                let asked = match &known.ask {
                    ProbeAsk::Http { url } => format!("GET {url}"),
                    ProbeAsk::Tcp { address } => format!("connect to {address}"),
                    ProbeAsk::Command(run) => command(run),
                };
                let expected: Vec<&str> =
                    known.expect.iter().map(|line| line.text.as_str()).collect();
                let expected = if expected.is_empty() {
                    String::new()
                } else {
                    format!("  expect {}", expected.join(", "))
                };
                self.line(
                    now,
                    format!("verify   {}  {}{expected}", known.name, clip(&asked)),
                );
            }
            Note::Closed { why: text, .. } | Note::Advised { text } => {
                self.line(now, format!("window   {text}"));
            }
            Note::Preparing
            | Note::Measuring { .. }
            | Note::Baseline { .. }
            | Note::Opened
            | Note::Hotfix { .. }
            | Note::Checked { .. }
            | Note::Confirmed { .. }
            | Note::Approved { .. }
            | Note::Captured { .. }
            | Note::WaitedUntil { .. }
            | Note::Declined { .. }
            | Note::StageEnded(_)
            | Note::WaitEnded { .. }
            | Note::StepFailed { .. }
            | Note::StepDone { .. }
            | Note::Besides { .. }
            | Note::StepSkipped { .. }
            | Note::Undoes { .. }
            | Note::Undone { .. }
            | Note::NothingToUndo
            | Note::Exposed { .. }
            | Note::StreakBegan { .. }
            | Note::StreakCleared { .. }
            | Note::Tripped { .. }
            | Note::Blind { .. }
            | Note::Sees { .. }
            | Note::Held { .. }
            | Note::Released
            | Note::Settled { .. }
            | Note::LevelSkipped(_)
            | Note::LevelLooks(_)
            | Note::LevelUnseen { .. }
            | Note::LevelDone(_)
            | Note::LevelFailed { .. }
            | Note::Recovered { .. }
            | Note::Watching(_)
            | Note::NoticeFailed { .. }
            | Note::UnknownOutcome { .. }
            | Note::TakenUp { .. }
            | Note::Unwatched { .. }
            | Note::Recalled { .. }
            | Note::Unclear { .. }
            | Note::ClockJump { .. } => {}
        }
    }
}

fn rollout<'a>(text: &mut String, plan: &'a Plan, start: Option<i64>) -> Walk<'a> {
    let mut walk = Walk {
        plan,
        lines: Vec::new(),
        end: Moment(0),
        queries: 0,
        depth: 0,
        why: None,
    };
    let mut state = State::new(plan);
    let mut scenario = Scenario::all_goes_well(plan, "someone");
    scenario.entry = opening::entry(start);
    let mut world = Simulate::new(scenario, start.unwrap_or_default()).in_leaps();
    let Ok(ended) = run(plan, &mut state, &mut world, &mut walk);
    put(text, "");
    put(
        text,
        "ROLLOUT  earliest times, when all goes well and no step takes any time",
    );
    let examples: Vec<String> = plan
        .captures
        .iter()
        .filter_map(|one| {
            let value = state.captures.get(one.id.index())?.as_ref()?;
            Some(format!("{} is {value}", one.name))
        })
        .collect();
    if !examples.is_empty() {
        let line = format!(
            "           what commands print is not known before the run; here {}",
            examples.join(", ")
        );
        put(text, &line);
    }
    for (at, line) in &walk.lines {
        let offset = format!("+{}", Millis(at.0));
        match line.strip_prefix('\n') {
            Some(stage) => {
                let at = opening::clock(plan, start, *at);
                put(text, &format!("{offset:>9}  {stage}{at}"));
            }
            None => put(text, &format!("           {line}")),
        }
    }
    let at = format!("+{}", Millis(walk.end.0));
    match ended {
        Ended::Over(Verdict::Completed) => {
            let clock = opening::clock(plan, start, walk.end);
            put(text, &format!("{at:>9}  completed{clock}"));
        }
        Ended::Over(verdict) => {
            let why = match verdict {
                Verdict::Refused { why } => format!("refused: {}", why.join("; ")),
                Verdict::Stuck { why } | Verdict::Aborted { why } => why,
                Verdict::Completed | Verdict::RolledBack { .. } | Verdict::WentForward { .. } => {
                    walk.why.clone().unwrap_or_default()
                }
            };
            put(
                text,
                &format!("{at:>9}  even when all goes well this does not complete: {why}"),
            );
        }
        Ended::Left(_) | Ended::Silent => put(
            text,
            &format!("{at:>9}  even when all goes well this does not complete"),
        ),
    }
    walk
}

fn guards(text: &mut String, plan: &Plan) {
    put(text, "");
    if plan.guards.is_empty() {
        put(text, "GUARDS  none: nothing is watched while this runs");
        return;
    }
    put(
        text,
        "GUARDS  watched in every stage unless it says otherwise",
    );
    let names = plan.guards.iter().map(|guard| guard.name.len());
    let width = names.max().unwrap_or(0);
    for guard in &plan.guards {
        put(
            text,
            &format!("  {:<width$}  when {}", guard.name, of_guard(plan, guard)),
        );
        put(
            text,
            &format!(
                "  {:<width$}  {}; seen at the latest {} after it begins{}",
                "",
                of_action(plan, guard),
                detection_bound(plan, guard).total,
                acted_on(plan, guard)
            ),
        );
    }
}

/// Until when a guard is acted on, where a protected step is let end first.
fn acted_on(plan: &Plan, guard: &Guard) -> String {
    let seen = detection_bound(plan, guard).total;
    let stages = plan.stages.iter();
    let stages = stages.filter(|stage| guard.scope.covers(stage.id));
    let bounds = stages.map(|stage| reaction_bound(plan, guard, stage));
    match bounds.max_by_key(|bound| bound.total) {
        Some(bound) if bound.total > seen => {
            let (what, _) = bound.parts.last().cloned().unwrap_or_default();
            format!(
                ", acted on after {} where {what} is let end first",
                bound.total
            )
        }
        Some(_) | None => String::new(),
    }
}

/// How much a breach can cost before anyone has seen it.
fn unseen(text: &mut String, plan: &Plan) {
    let rows = super::unseen::lines(plan);
    if rows.is_empty() {
        return;
    }
    put(text, "");
    put(
        text,
        "UNSEEN  the longest that a breach that begins with a stage lasts before a guard is sure",
    );
    for row in rows {
        put(text, &format!("  {row}"));
    }
}

fn of_guard(plan: &Plan, guard: &Guard) -> String {
    let sustain = match guard.sustain {
        Sustain::Once => String::new(),
        Sustain::Time(span) => format!(" for {span}"),
        Sustain::OutOf { breaches, samples } => format!(" for {breaches} of {samples}"),
    };
    let scope = match guard.scope {
        Scope::Rollout => String::new(),
        Scope::Stages { from, to } => {
            let names = Names(plan);
            if from == to {
                format!("  in {}", names.stage(from))
            } else {
                format!("  during {}..{}", names.stage(from), names.stage(to))
            }
        }
    };
    format!("{}{sustain}{scope}", guard.condition.text)
}

fn of_action(plan: &Plan, guard: &Guard) -> String {
    let action = match guard.action {
        GuardAction::Warn => "then warn".to_owned(),
        GuardAction::Hold => "then hold".to_owned(),
        GuardAction::Decide { within, otherwise } => format!(
            "then a person decides within {within}, else {}",
            otherwise.words()
        ),
        GuardAction::Rollback { from: None } => "then rollback".to_owned(),
        GuardAction::Rollback { from: Some(level) } => {
            format!("then rollback from {}", Names(plan).level(level))
        }
    };
    let blind = match &guard.on_blind {
        OnBlind::Hold => String::new(),
        OnBlind::Rollback => ", blind: rollback".to_owned(),
        OnBlind::Ignore { reason } => format!(", blind: ignored ({reason})"),
    };
    format!("{action}{blind}")
}

/// The stages that the file has.
fn stages(plan: &Plan) -> usize {
    let all = plan.stages.iter();
    all.filter(|stage| stage.name != AFTER_ROLLOUT).count()
}

fn waived(text: &mut String, plan: &Plan) {
    if plan.waived.is_empty() {
        return;
    }
    put(text, "");
    put(
        text,
        "ACCEPTED  what was found in this runbook, and is accepted by it",
    );
    for one in &plan.waived {
        put(text, &format!("  {}", accepted(one)));
    }
}

fn foot(text: &mut String, plan: &Plan, walked: &Walk<'_>) {
    let steps = plan
        .stages
        .iter()
        .flat_map(|stage| Op::all(&stage.ops))
        .filter(|op| matches!(op, Op::Step(_)))
        .count();
    let levels = plan.levels_on(Way::Back).count();
    let forward = match plan.levels_on(Way::Forward).count() {
        0 => String::new(),
        levels => format!(", {}", counted(levels, "forward level")),
    };
    let queries = match walked.queries {
        1 => "1 query".to_owned(),
        more => format!("{more} queries"),
    };
    put(text, "");
    put(text, &super::proof::of_dry_run(plan));
    put(
        text,
        &format!(
            "{}, {}, {}, {}{forward}, at least {} in all, {queries}. Nothing was changed.",
            counted(stages(plan), "stage"),
            counted(steps, "step"),
            counted(plan.guards.len(), "guard"),
            counted(levels, "rollback level"),
            Millis(walked.end.0),
        ),
    );
}
