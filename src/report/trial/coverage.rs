//! Owns what the tests of a file reach: every stage, guard, level and step, the failures of steps, and the branches of the procedure,
//! each with its line and how many tests reach it.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

use super::facts::{During, Facts};
use super::script::Script;
use crate::check::{self, Checked, GuardAction, OpKind, StepName};
use crate::engine::{Effect, Input, QuestionAbout, State};
use crate::plan::{GuardId, LevelId, Plan, StageId, StepId, Trial};
use crate::prove::{BUDGET, sweep};
use crate::simulate::Played;
use crate::source::{Sources, offset};

/// The version of the form in which coverage is written for programs.
pub const COVERAGE_SCHEMA: u32 = 1;

/// What kind of thing is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A stage began.
    Stage,
    /// A guard tripped.
    Guard,
    /// A level was taken.
    Level,
    /// A step or a check was run.
    Step,
    /// A step or a check failed.
    Failure,
    /// One way out of several was taken.
    Branch,
}

impl Kind {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 6] = [
        Self::Stage,
        Self::Guard,
        Self::Level,
        Self::Step,
        Self::Failure,
        Self::Branch,
    ];

    /// The head of its column.
    #[must_use]
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Stage => "stages",
            Self::Guard => "guards",
            Self::Level => "levels",
            Self::Step => "steps",
            Self::Failure => "failures",
            Self::Branch => "branches",
        }
    }
}

/// What was asked to happen for an item to be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Stage(StageId),
    Guard(GuardId),
    Level(LevelId),
    Step(StepId),
    Failure(StepId),
    LevelSkipped(LevelId),
    LevelNotEnough(LevelId),
    StepDone(StepId),
    Answered(GuardId, &'static str),
    Unanswered(GuardId),
    Unknown(StepId),
    Decided(usize, bool),
}

/// Something that tests can reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// What kind of thing it is.
    pub kind: Kind,
    /// What it is, in words.
    pub name: String,
    /// The line on which it is declared, from 1.
    pub line: u32,
    /// How many tests reach it.
    pub hits: u32,
    /// Whether it can happen at all, as far as the proof has been asked.
    pub possible: bool,
    #[serde(skip)]
    reach: ReachOf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ReachOf(Reach);

/// What the tests of one file reach.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Every item, in the order of the table and then of the file.
    pub items: Vec<Item>,
    /// The conditions of the `if`s that are decided during a run, as they are written.
    #[serde(skip)]
    conditions: Vec<String>,
}

impl Coverage {
    /// All that can be reached in a file; nothing is, so far.
    #[must_use]
    pub fn of(checked: &Checked, sources: &Sources) -> Self {
        let line = |span: crate::source::Span| sources.line(span.start);
        let mut all = Self::default();
        for (index, stage) in checked.stages.iter().enumerate() {
            let reach = Reach::Stage(StageId(offset(index)));
            all.put(
                Kind::Stage,
                format!("stage {}", stage.name),
                line(stage.span),
                reach,
            );
        }
        for (index, guard) in checked.guards.iter().enumerate() {
            let id = GuardId(offset(index));
            let (name, line) = (format!("guard {}", guard.name), line(guard.span));
            all.put(Kind::Guard, name.clone(), line, Reach::Guard(id));
            if let GuardAction::Decide { .. } = guard.action {
                for word in ["continue", "rollback"] {
                    let reach = Reach::Answered(id, word);
                    all.put(
                        Kind::Branch,
                        format!("{name}: {word} is answered"),
                        line,
                        reach,
                    );
                }
                let reach = Reach::Unanswered(id);
                all.put(Kind::Branch, format!("{name}: nobody answers"), line, reach);
            }
        }
        let levels = checked.rollback.iter().flat_map(|one| &one.levels);
        for (index, level) in levels.enumerate() {
            let id = LevelId(offset(index));
            let (name, line) = (format!("level {}", level.name), line(level.span));
            all.put(Kind::Level, name.clone(), line, Reach::Level(id));
            if level.when.is_some() {
                let reach = Reach::LevelSkipped(id);
                all.put(
                    Kind::Branch,
                    format!("{name}: its `when` does not hold"),
                    line,
                    reach,
                );
            }
            let next = checked
                .rollback
                .iter()
                .flat_map(|one| one.levels.get(index + 1));
            let what = if !next.into_iter().any(|next| next.way == level.way) {
                "it is not enough, and none is left"
            } else {
                "it is not enough"
            };
            let reach = Reach::LevelNotEnough(id);
            all.put(Kind::Branch, format!("{name}: {what}"), line, reach);
        }
        // What several calls of a task come to in one stage is one step, like the turns of a loop.
        let steps = checked.steps.iter().enumerate();
        for (index, step) in steps.filter(|(_, step)| step.copy_of.is_none()) {
            let id = StepId(offset(index));
            let name = match (&step.name, step.within.as_str()) {
                (StepName::Given(name), "") => format!("check {name}"),
                (StepName::Place(place), "") => place.clone(),
                (StepName::Given(name), within) => format!("step {name} in {within}"),
                (StepName::Place(place), within) if step.undoes.is_some() => {
                    let mut steps = checked.steps.iter().filter(|one| one.copy_of.is_none());
                    let is_other =
                        |one: &check::Step| one.name == step.name && one.within != within;
                    if steps.any(is_other) {
                        format!("{place} in {within}")
                    } else {
                        place.clone()
                    }
                }
                (StepName::Place(place), _) => format!("step {place}"),
            };
            all.put(Kind::Step, name.clone(), step.line, Reach::Step(id));
            all.put(
                Kind::Failure,
                format!("{name} fails"),
                step.line,
                Reach::Failure(id),
            );
            if step.unless.is_some() {
                let reach = Reach::StepDone(id);
                all.put(
                    Kind::Branch,
                    format!("{name}: it is done already"),
                    step.line,
                    reach,
                );
            }
            if step.on_unknown.is_some() {
                let reach = Reach::Unknown(id);
                all.put(
                    Kind::Branch,
                    format!("{name}: its outcome is unknown"),
                    step.line,
                    reach,
                );
            }
        }
        let stages = checked.stages.iter().map(|stage| &stage.ops);
        let levels = checked.rollback.iter().flat_map(|one| &one.levels);
        for ops in stages.chain(levels.map(|level| &level.ops)) {
            for op in check::Op::all(ops) {
                if let OpKind::If(one) = &op.kind
                    && !one.when.metrics.is_empty()
                    && !all.conditions.contains(&one.when.text)
                {
                    let index = all.conditions.len();
                    all.conditions.push(one.when.text.clone());
                    for (holds, what) in [(true, "it holds"), (false, "it does not hold")] {
                        let name = format!("if {}: {what}", one.when.text);
                        let reach = Reach::Decided(index, holds);
                        all.put(Kind::Branch, name, line(op.span), reach);
                    }
                }
            }
        }
        all.items.sort_by_key(|item| (item.kind, item.line));
        all
    }

    fn put(&mut self, kind: Kind, name: String, line: u32, reach: Reach) {
        self.items.push(Item {
            kind,
            name,
            line,
            hits: 0,
            possible: true,
            reach: ReachOf(reach),
        });
    }

    /// Adds what one test reached.
    /// `made` says of each step of its plan which step of the file it was made of.
    pub fn add(&mut self, played: &Played, made: &[StepId]) {
        let facts = Facts::of(played).by_the_file(made);
        for item in &mut self.items {
            if reached(&facts, (item.reach.0, &self.conditions)) {
                item.hits = item.hits.saturating_add(1);
            }
        }
    }

    /// Asks the proof about what no test reaches: with the values that the tests give, can it happen? Only that is excluded which
    /// the proof looks at in every way: not which of several guards that act alike trips, and not how an `if` is decided.
    pub fn exclude(&mut self, trials: &[Trial]) {
        let asked = |item: &Item| item.hits == 0 && is_proved(item.reach.0);
        if !self.items.iter().any(asked) {
            return;
        }
        let mut plans: Vec<(&Arc<Plan>, &[StepId])> = Vec::new();
        for trial in trials {
            if !plans.iter().any(|(plan, _)| Arc::ptr_eq(plan, &trial.plan)) {
                plans.push((&trial.plan, &trial.steps));
            }
        }
        let mut can = Facts::default();
        let mut planned = BTreeSet::new();
        for (plan, made) in &plans {
            let few = plan.for_proof();
            let mut facts = Facts::default();
            let mut watch = |(_, after): (&State, &State), _: &Input, effects: &[Effect]| {
                for effect in effects {
                    facts.see((&few, after.now), &mut During::default(), effect);
                }
            };
            let swept = sweep(&few, BUDGET, Some(&mut watch));
            if !swept.whole || swept.dead_end.is_some() {
                return;
            }
            can.add(facts.by_the_file(made));
            planned.extend(made.iter().copied());
        }
        for item in &mut self.items {
            let is_planned = match item.reach.0 {
                Reach::Step(step)
                | Reach::Failure(step)
                | Reach::StepDone(step)
                | Reach::Unknown(step) => planned.contains(&step),
                Reach::Stage(_)
                | Reach::Level(_)
                | Reach::LevelSkipped(_)
                | Reach::LevelNotEnough(_) => !plans.is_empty(),
                Reach::Guard(_)
                | Reach::Answered(..)
                | Reach::Unanswered(_)
                | Reach::Decided(..) => false,
            };
            if item.hits == 0 && is_planned && is_proved(item.reach.0) {
                item.possible = reached(&can, (item.reach.0, &self.conditions));
            }
        }
    }

    /// Adds what other tests of the same file reached.
    pub(super) fn join(&mut self, other: &Self) {
        for (item, more) in self.items.iter_mut().zip(&other.items) {
            item.hits = item.hits.saturating_add(more.hits);
        }
    }

    /// How many items of a kind are reached, and how many can be.
    #[must_use]
    pub fn count(&self, kind: Kind) -> (usize, usize) {
        let all = self.items.iter();
        let of_kind = || {
            all.clone()
                .filter(|item| item.kind == kind && item.possible)
        };
        (
            of_kind().filter(|item| item.hits > 0).count(),
            of_kind().count(),
        )
    }

    /// What no test reaches, although it can happen.
    pub fn missing(&self) -> impl Iterator<Item = &Item> {
        let all = self.items.iter();
        all.filter(|item| item.hits == 0 && item.possible)
    }

    /// The positions of what no test reaches, although it can happen.
    pub(super) fn places_missing(&self) -> Vec<usize> {
        let all = self.items.iter().enumerate();
        all.filter(|(_, item)| item.hits == 0 && item.possible)
            .map(|(place, _)| place)
            .collect()
    }

    /// Those of some positions that are reached by what happened.
    pub(super) fn reached_of(&self, places: &[usize], facts: &Facts) -> Vec<usize> {
        let is_reached = |place: &&usize| {
            let item = self.items.get(**place);
            item.is_some_and(|item| reached(facts, (item.reach.0, &self.conditions)))
        };
        places.iter().filter(is_reached).copied().collect()
    }

    /// Whether a test reaches a position.
    pub(super) fn is_reached(&self, place: usize) -> bool {
        self.items.get(place).is_none_or(|item| item.hits > 0)
    }

    /// Whether a run reaches a position.
    pub(super) fn would_reach(&self, place: usize, played: &Played, made: &[StepId]) -> bool {
        let facts = Facts::of(played).by_the_file(made);
        !self.reached_of(&[place], &facts).is_empty()
    }

    /// The step that is done already, if that is what a position is about.
    pub(super) fn done_already(&self, place: usize) -> Option<StepId> {
        match self.items.get(place)?.reach.0 {
            Reach::StepDone(step) => Some(step),
            Reach::Stage(_)
            | Reach::Guard(_)
            | Reach::Level(_)
            | Reach::Step(_)
            | Reach::Failure(_)
            | Reach::LevelSkipped(_)
            | Reach::LevelNotEnough(_)
            | Reach::Answered(..)
            | Reach::Unanswered(_)
            | Reach::Unknown(_)
            | Reach::Decided(..) => None,
        }
    }

    /// What a test can expect when a position is reached, besides the end of the run.
    pub(super) fn expected(&self, place: usize, script: &Script<'_>) -> Option<String> {
        let name = |word: &str, name: &str| Some(format!("{word} {name}"));
        let level = |id: LevelId| {
            let rollback = script.checked.rollback.as_ref()?;
            Some(rollback.levels.get(id.index())?.name.clone())
        };
        match self.items.get(place)?.reach.0 {
            Reach::Guard(id) | Reach::Answered(id, _) | Reach::Unanswered(id) => {
                name("tripped", &script.checked.guards.get(id.index())?.name)
            }
            Reach::Stage(id) => name("ran", &script.checked.stages.get(id.index())?.name),
            Reach::Level(id) | Reach::LevelNotEnough(id) => name("ran", &level(id)?),
            Reach::LevelSkipped(id) => name("never", &level(id)?),
            Reach::Step(id) | Reach::Failure(id) => name("ran", &script.written(id)?),
            Reach::StepDone(_) | Reach::Unknown(_) | Reach::Decided(..) => None,
        }
    }

    /// What cannot happen.
    pub fn impossible(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| !item.possible)
    }
}

/// Whether the proof looks at it in every way.
fn is_proved(reach: Reach) -> bool {
    match reach {
        Reach::Stage(_)
        | Reach::Level(_)
        | Reach::Step(_)
        | Reach::Failure(_)
        | Reach::LevelSkipped(_)
        | Reach::LevelNotEnough(_)
        | Reach::StepDone(_)
        | Reach::Unknown(_) => true,
        Reach::Guard(_) | Reach::Answered(..) | Reach::Unanswered(_) | Reach::Decided(..) => false,
    }
}

fn reached(facts: &Facts, (reach, conditions): (Reach, &[String])) -> bool {
    let settled = |guard: GuardId, word: &str, by_someone: bool| {
        facts.settled.iter().any(|(about, answer, by)| {
            *about == QuestionAbout::Guard(guard)
                && by.is_some() == by_someone
                && (word.is_empty() || answer == word)
        })
    };
    match reach {
        Reach::Stage(id) => facts.stages.contains_key(&id),
        Reach::Guard(id) => facts.tripped.contains_key(&id),
        Reach::Level(id) => facts.levels.contains_key(&id),
        Reach::Step(id) => facts.steps.contains_key(&id),
        Reach::Failure(id) => facts.failed_steps.contains_key(&id),
        Reach::LevelSkipped(id) => facts.skipped_levels.contains_key(&id),
        Reach::LevelNotEnough(id) => facts.failed_levels.contains_key(&id),
        Reach::StepDone(id) => facts.skipped_steps.contains_key(&id),
        Reach::Answered(id, word) => settled(id, word, true),
        Reach::Unanswered(id) => settled(id, "", false),
        Reach::Unknown(id) => facts.unknown_steps.contains_key(&id),
        Reach::Decided(index, holds) => conditions
            .get(index)
            .is_some_and(|text| facts.decided.contains(&(text.clone(), holds))),
    }
}

/// The table for people: a row a file, the total, and by name and line what no test reaches.
#[must_use]
pub fn table(files: &[(&str, &Coverage)]) -> Vec<String> {
    // A library has nothing to reach.
    let files: Vec<(&str, &Coverage)> = files
        .iter()
        .copied()
        .filter(|(_, coverage)| !coverage.items.is_empty())
        .collect();
    if files.is_empty() {
        return vec!["COVERAGE  no tests were run, so nothing is covered".to_owned()];
    }
    let width = files
        .iter()
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or(0)
        .max("COVERAGE".len());
    let row = |name: &str, cells: &[String]| {
        let cells: String = cells.iter().map(|cell| format!("{cell:>10}")).collect();
        format!("{name:<width$}{cells}")
    };
    let heads = Kind::ALL.map(|kind| kind.plural().to_owned());
    let mut lines = vec![row("COVERAGE", &heads)];
    let cell = |(reached, all): (usize, usize)| match all {
        0 => "-".to_owned(),
        all => format!("{reached}/{all}"),
    };
    for (name, coverage) in &files {
        lines.push(row(name, &Kind::ALL.map(|kind| cell(coverage.count(kind)))));
    }
    if files.len() > 1 {
        let total = Kind::ALL.map(|kind| {
            let counts = files.iter().map(|(_, coverage)| coverage.count(kind));
            cell(counts.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1)))
        });
        lines.push(row("total", &total));
    }
    let missing = listed(&files, |item| item.hits == 0 && item.possible);
    let never = listed(&files, |item| !item.possible);
    let head = match (missing.is_empty(), never.is_empty()) {
        (true, true) => "everything is covered",
        (true, false) => "everything that can happen is covered",
        (false, _) => "not covered",
    };
    lines.extend([String::new(), head.to_owned()]);
    lines.extend(missing);
    if !never.is_empty() {
        lines.push(String::new());
        lines.push("cannot happen, with the values that the tests give".to_owned());
        lines.extend(never);
    }
    lines
}

/// Items by file and line.
fn listed(files: &[(&str, &Coverage)], which: impl Fn(&Item) -> bool) -> Vec<String> {
    let all: Vec<(String, &str)> = files
        .iter()
        .flat_map(|(name, coverage)| {
            let items = coverage.items.iter().filter(|item| which(item));
            items.map(move |item| (format!("{name}:{}", item.line), item.name.as_str()))
        })
        .collect();
    let width = all.iter().map(|(at, _)| at.chars().count()).max();
    let width = width.unwrap_or(0);
    let lines = all
        .iter()
        .map(|(at, name)| format!("  {at:<width$}  {name}"));
    lines.collect()
}

/// The same for programs.
#[must_use]
pub fn coverage_json(files: &[(&str, &Coverage)]) -> serde_json::Value {
    let counts = |coverages: &[&Coverage]| {
        let kinds = Kind::ALL.map(|kind| {
            let (covered, total) = coverages
                .iter()
                .map(|coverage| coverage.count(kind))
                .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
            let counted = serde_json::json!({ "covered": covered, "total": total });
            (kind.plural().to_owned(), counted)
        });
        serde_json::Value::Object(kinds.into_iter().collect())
    };
    let all: Vec<&Coverage> = files.iter().map(|(_, coverage)| *coverage).collect();
    let files: Vec<serde_json::Value> = files
        .iter()
        .map(|(name, coverage)| {
            serde_json::json!({
                "file": name,
                "items": coverage.items,
                "summary": counts(&[coverage]),
            })
        })
        .collect();
    serde_json::json!({
        "schema": COVERAGE_SCHEMA,
        "files": files,
        "summary": counts(&all),
    })
}
