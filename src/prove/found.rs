//! Owns what a sweep means for the file: which of its paths is a finding, and where in the file its story happens.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::check::{Checked, Op, OpKind};
use crate::diag::Diagnostics;
use crate::diag::factory::proof as say;
use crate::plan::{Exposure, LevelId, Plan, StepId, Way};
use crate::simulate::at_rest;
use crate::source::{Sources, Span};

use super::act::Actor;
use super::likeness::shape;
use super::moves::Move;
use super::never;
use super::pairs::pairs;
use super::story::{Place, Told, Turns, tell};
use super::sweep::{
    BUDGET, Fault, FaultKind, Swept, budget_of, in_stages, is_too_long, sweep, sweep_of,
};

/// No story has more labels in the file than this.
const LABELS: usize = 6;

/// What the proof of a file came to.
#[derive(Clone, Debug)]
pub struct Proof {
    /// What was seen.
    pub swept: Swept,
    /// What is wrong, each with its story.
    pub found: Diagnostics,
}

/// No more shapes are kept than this: what many files need does not grow with them.
const MOST: usize = 512;

/// The sweeps of many files: two plans that differ in nothing but their words are swept once.
#[derive(Debug, Default)]
pub struct Shapes {
    swept: Mutex<BTreeMap<Vec<u8>, Swept>>,
}

impl Shapes {
    /// What a sweep sees of a plan, within what a proof may look at.
    pub fn sweep(&self, plan: &Plan) -> Swept {
        let Some(mut key) = shape(plan).map(Vec::from) else {
            return sweep(plan, budget_of(plan), None);
        };
        // The words of steps decide in one thing: what takes apart and what puts together.
        let pairs = pairs(plan, &in_stages(plan));
        for pair in &pairs {
            key.extend_from_slice(format!("{pair:?}").as_bytes());
        }
        let known = self.known().get(&key).cloned();
        known.unwrap_or_else(|| {
            let swept = sweep_of((plan, &pairs), budget_of(plan), None);
            let mut known = self.known();
            if known.len() >= MOST {
                known.clear();
            }
            known.insert(key, swept.clone());
            swept
        })
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<Vec<u8>, Swept>> {
        self.swept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes the plan of a checked file through everything that can happen, and says which paths end as none may.
#[must_use]
pub fn prove(checked: &Checked, plan: &Plan, (sources, shapes): (&Sources, &Shapes)) -> Proof {
    let plan = &plan.for_proof();
    let swept = shapes.sweep(plan);
    let mut found = Diagnostics::new();
    let file = File {
        checked,
        plan,
        sources,
    };
    if swept.whole && swept.dead_end.is_none() {
        if !swept.completes() {
            found.push(never::completes(checked, plan));
        }
        if swept.faults.is_empty() {
            return Proof { swept, found };
        }
    }
    let actor = Actor::of(plan);
    for fault in &swept.faults {
        let told = tell(&actor, &fault.path);
        found.push(file.finding(fault, &told));
    }
    if let Some(path) = &swept.dead_end {
        found.push(say::proof_lost(
            checked.header.title.span,
            &file.story(&actor, path),
        ));
    } else if !swept.whole {
        let title = checked.header.title.span;
        found.push(if is_too_long(plan) {
            say::proof_too_long(title, plan.steps.len(), BUDGET)
        } else {
            say::proof_unfinished(title, swept.states)
        });
    }
    found.sort();
    Proof { swept, found }
}

/// The file that is proved.
struct File<'a> {
    checked: &'a Checked,
    plan: &'a Plan,
    sources: &'a Sources,
}

impl File<'_> {
    /// The first exposure that the rollout moves and that this level does not set back.
    fn left_exposed(&self, level: LevelId) -> Option<&Exposure> {
        let mut levels = self.plan.rollback.iter().flat_map(|one| &one.levels);
        let level = levels.rfind(|one| one.id == level)?;
        let ops = crate::plan::Op::all(&level.ops);
        self.plan.exposures.iter().find(|one| {
            let last = ops.iter().rev().find_map(|op| op.sets(one.id));
            let mut stages = self.plan.stages.iter();
            stages.any(|stage| !stage.sets(one.id).is_empty())
                && last != Some(at_rest(self.plan, one))
        })
    }

    fn story(&self, actor: &Actor<'_>, path: &[Move]) -> say::Story {
        self.written(&tell(actor, path), None)
    }

    fn finding(&self, fault: &Fault, told: &[Told]) -> crate::diag::Diagnostic {
        let title = self.checked.header.title.span;
        match &fault.kind {
            FaultKind::EndsExposed { level } => {
                let written = self.level(*level);
                let place = written.map_or(title, |level| level.span);
                let name = written.map_or("?", |level| level.name.as_str());
                let left = self.left_exposed(*level);
                let (why, lower) = match (self.plan.exposures.as_slice(), left) {
                    ([_, _, ..], Some(one)) => (
                        format!("nothing in it sets `{}` back", one.name),
                        format!("expose {} {}", one.name, self.at_rest(one)),
                    ),
                    ([one, ..], _) => (
                        "nothing in it lowers the exposure".to_owned(),
                        format!("expose {}", self.at_rest(one)),
                    ),
                    ([], _) => (String::new(), String::new()),
                };
                let story = self.written(told, Some(place));
                let at = (place, name);
                match self.plan.way_of(*level) {
                    Way::Back => say::path_ends_exposed(at, (&why, &lower), &story),
                    Way::Forward => say::path_ends_unjudged((place, name), &story),
                }
            }
            FaultKind::NoLevelApplies(way) => {
                let what = match way {
                    Way::Back => "a rollback",
                    Way::Forward => "a way forward",
                };
                let levels = self.plan.levels_on(*way);
                let last = levels.last().and_then(|level| self.level(level.id));
                let place = last.map_or(title, |level| {
                    level.when.as_ref().map_or(level.span, |when| when.span)
                });
                let name = last.map_or("?", |level| level.name.as_str());
                say::path_gets_stuck((place, name), what, &self.written(told, Some(place)))
            }
            FaultKind::NobodyTold => {
                let last = told.iter().rev().find(|one| one.turn == Turns::Wrong);
                let last = last.and_then(|one| self.span(one.place?));
                let place = last.unwrap_or(title);
                let channel = self.plan.channels.first();
                say::path_without_telling(
                    place,
                    channel.map(|one| one.name.as_str()),
                    &self.written(told, Some(place)),
                )
            }
            FaultKind::LeftApart { opens, words } => {
                let place = self.span(Place::Step(*opens)).unwrap_or(title);
                let name = self.plan.steps.get(opens.index());
                let name = name.map_or("?", |step| step.name.as_str());
                say::path_left_apart(
                    (place, name),
                    (&words.0, &words.1),
                    &self.written(told, Some(place)),
                )
            }
        }
    }

    /// What an exposure is where the rollout has everything left to do.
    fn at_rest(&self, exposure: &Exposure) -> String {
        let rest = at_rest(self.plan, exposure);
        self.plan.shown(exposure.id, rest)
    }

    fn level(&self, id: LevelId) -> Option<&crate::check::Level> {
        self.checked.rollback.as_ref()?.levels.get(id.index())
    }

    /// The story with its labels; what is said of a place already is not said again.
    fn written(&self, told: &[Told], primary: Option<Span>) -> say::Story {
        let mut labels: Vec<(Span, String)> = Vec::new();
        for one in told.iter().filter(|one| one.turn == Turns::Wrong) {
            let Some(span) = one.place.and_then(|place| self.span(place)) else {
                continue;
            };
            let is_new = primary != Some(span) && labels.iter().all(|(known, _)| *known != span);
            if is_new && labels.len() < LABELS {
                labels.push((span, format!("+{}: {}", one.at, one.text)));
            }
        }
        let width = told.iter().map(|one| one.at.to_string().len()).max();
        let width = width.unwrap_or_default();
        let lines = told.iter().map(|one| {
            let at = format!("+{}", one.at);
            format!("{at:>0$}  {1}", width + 1, one.text)
        });
        say::Story {
            lines: lines.collect(),
            labels,
        }
    }

    /// Where a place of the plan stands in the file: the first line of its statement.
    fn span(&self, place: Place) -> Option<Span> {
        let whole = match place {
            Place::Step(step) => self.step(self.plan.of_file(step))?,
            Place::InStage(stage, op) => {
                let stage = self.checked.stages.get(stage.index())?;
                Self::op(&stage.ops, op).unwrap_or(stage.span)
            }
            Place::InLevel(level, op) => {
                let level = self.level(level)?;
                Self::op(&level.ops, op).unwrap_or(level.span)
            }
            Place::Guard(guard) => self.checked.guards.get(guard.index())?.span,
            Place::Level(level) => self.level(level)?.span,
        };
        let file = self.sources.at(whole.start)?;
        let text = file.slice(whole);
        let line = text.lines().next().unwrap_or_default();
        let length = u32::try_from(line.trim_end().len()).unwrap_or(0);
        Some(Span::new(whole.start, whole.start.saturating_add(length)))
    }

    /// Where a step stands: the one of its line and name, since a loop or a task makes several of one.
    fn step(&self, wanted: StepId) -> Option<Span> {
        let planned = self.plan.steps.get(wanted.index())?;
        let mut written = self.checked.steps.iter();
        let found = written.find(|step| {
            let rest = planned.name.strip_prefix(step.name.as_str());
            step.line == planned.line
                && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
        });
        found.map(|step| step.span)
    }

    /// The operation of a stage or level, where none before it is more or less than one in the plan.
    fn op(ops: &[Op], index: usize) -> Option<Span> {
        let is_one = |op: &Op| {
            !matches!(
                op.kind,
                OpKind::For(_) | OpKind::If(_) | OpKind::Call(_) | OpKind::Parallel(_)
            )
        };
        let known = ops.get(..=index)?;
        known.iter().all(is_one).then_some(known.last()?.span)
    }
}
