//! Every runbook of the project in the simulated world, with one thing that goes wrong: each step, check, exposure and probe of its stages,
//! of its levels and of what it undoes fails once, hangs once, and is left unknown once, with each answer that a person has. The laws
//! hold, an end is reached, and it is one that the proof saw.
//!
//! Nothing of a run is kept but what is counted, so memory stays bounded however long a run polls.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::path::Path;

use runbook::engine::{
    Answer, Attempt, Effect, Input, Moment, Note, Outcome, Phase, State, Verdict, Work, apply, laws,
};
use runbook::plan::{LevelId, Op, Plan};
use runbook::prove::{BUDGET, End, Swept, sweep};
use runbook::simulate::{Scenario, Simulate};
use runbook::value::Millis;
use runbook::world::{Ended, Fact, Record, World, run};

use super::dies::runbooks;
use super::swept::plan_of;

/// No soak is longer: what is polled in a day is polled in them.
const SOAK: Millis = Millis::from_secs(90);

/// More facts than this are a run without an end.
const MOST: usize = 30_000;

fn short(path: &Path) -> Plan {
    fn cut(ops: &mut [Op]) {
        for op in ops {
            match op {
                Op::Wait { min, max } => {
                    let longer = Millis(max.0 - min.0).min(SOAK);
                    *min = (*min).min(SOAK);
                    *max = min.saturating_add(longer);
                }
                Op::Parallel { strands, .. } => {
                    strands.iter_mut().for_each(|one| cut(&mut one.ops));
                }
                Op::If {
                    then, otherwise, ..
                } => {
                    cut(then);
                    cut(otherwise);
                }
                _other => {}
            }
        }
    }
    let mut plan = plan_of(path).expect("a plan");
    for stage in &mut plan.stages {
        cut(&mut stage.ops);
    }
    plan
}

/// What is tried, and in which stage or level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Tried {
    place: (u8, usize),
    what: (u8, usize),
}

fn tried(state: &State, work: Work) -> Tried {
    let place = match &state.phase {
        Phase::Rolling { stage, .. } => (1, stage.index()),
        Phase::RollingBack { level, .. } => (2, level.index()),
        _other => (0, 0),
    };
    let what = match work {
        Work::Step { step, .. } => (0, step.index()),
        Work::Check { step } => (1, step.index()),
        Work::Unless { step } => (2, step.index()),
        Work::Set { exposure, .. } => (3, exposure.index()),
        Work::Read { exposure } => (4, exposure.index()),
        Work::Probe { probe } => (5, probe.index()),
    };
    Tried { place, what }
}

/// What goes wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Wrong {
    Fails,
    Hangs,
    Unknown,
    NeverBegan,
}

const WRONG: [Wrong; 4] = [
    Wrong::Fails,
    Wrong::Hangs,
    Wrong::Unknown,
    Wrong::NeverBegan,
];

/// A simulated world in which one attempt does not end well.
struct Once {
    well: Simulate,
    wrong: Option<(Tried, Wrong)>,
    /// Something that is on its way, and when it arrives; more of it follows at once.
    soon: Vec<(Moment, Input)>,
    seen: BTreeSet<Tried>,
    facts: usize,
    wall: i64,
}

impl Once {
    fn goes_wrong(&mut self, now: Moment, attempt: Attempt, (wrong, timeout): (Wrong, Millis)) {
        let ended = |outcome| Input::Ended { attempt, outcome };
        let resumed = Input::Resumed {
            by: "someone".to_owned(),
        };
        match wrong {
            Wrong::Fails => self.soon.push((
                now,
                ended(Outcome::Exited {
                    status: 1,
                    said: String::new(),
                }),
            )),
            Wrong::Hangs => self
                .soon
                .push((now.after(timeout), ended(Outcome::TimedOut))),
            Wrong::Unknown => {
                let why = "the machine died".to_owned();
                self.soon.push((now, resumed));
                self.soon.push((now, ended(Outcome::Unknown { why })));
            }
            Wrong::NeverBegan => {
                self.soon.push((now, resumed));
                self.soon.push((now, ended(Outcome::NeverBegan)));
            }
        }
    }
}

impl World for Once {
    fn start(&mut self, plan: &Plan, state: &State, effect: &Effect) {
        match effect {
            Effect::Start {
                attempt,
                work,
                timeout,
            } => {
                let this = tried(state, *work);
                self.seen.insert(this);
                if let Some((wanted, wrong)) = self.wrong
                    && wanted == this
                {
                    self.wrong = None;
                    self.goes_wrong(state.now, *attempt, (wrong, *timeout));
                    return;
                }
            }
            // What was meant to end later was told to stop.
            Effect::Stop { attempt } => self.soon.retain(
                |(_, input)| !matches!(input, Input::Ended { attempt: one, .. } if one == attempt),
            ),
            _other => {}
        }
        self.well.start(plan, state, effect);
    }

    fn next(&mut self, plan: &Plan, state: &State, wake: Option<Moment>) -> Option<Fact> {
        self.facts += 1;
        if self.facts > MOST {
            return None;
        }
        let own = self.soon.first().map(|(at, _)| *at);
        if own.is_some_and(|at| at <= state.now) {
            let (_, input) = self.soon.remove(0);
            let wall = self.wall + i64::try_from(state.now.0).expect("a time");
            return Some(Fact {
                stamp: runbook::engine::Stamp {
                    run: state.now,
                    wall,
                },
                input,
                letter: None,
            });
        }
        let soonest = own.into_iter().chain(wake).min();
        let fact = self.well.next(plan, state, soonest)?;
        if fact.input == Input::Tick && own == Some(fact.stamp.run) {
            let (_, input) = self.soon.remove(0);
            return Some(Fact { input, ..fact });
        }
        Some(fact)
    }
}

/// Holds the laws, and remembers what is counted.
struct Lawful<'a> {
    plan: &'a Plan,
    before: State,
    back: bool,
    /// The answers that people were offered about what nobody knows, what failed and what is to be undone.
    offered: BTreeSet<&'static str>,
    asked: bool,
    now: Moment,
}

fn word(answer: Answer) -> &'static str {
    match answer {
        Answer::Continue => "continue",
        Answer::Rollback => "rollback",
        Answer::Rerun => "rerun",
        Answer::Approve => "approve",
        Answer::Decline => "decline",
        Answer::Undo => "undo",
        Answer::Leave => "leave",
    }
}

const ANSWERS: [Answer; 7] = [
    Answer::Continue,
    Answer::Rollback,
    Answer::Rerun,
    Answer::Approve,
    Answer::Decline,
    Answer::Undo,
    Answer::Leave,
];

impl Record for Lawful<'_> {
    type Error = Infallible;

    fn keep(&mut self, fact: &Fact, effects: &[Effect]) -> Result<(), Infallible> {
        let mut after = self.before.clone();
        let mut again = Vec::new();
        apply(self.plan, &mut after, fact.stamp, &fact.input, &mut again);
        let broken = laws::broken(self.plan, (&self.before, &after), effects);
        assert_eq!(broken, None, "{:?}", fact.input);
        for effect in effects {
            match effect {
                Effect::Say(Note::RollbackBegan { .. }) => self.back = true,
                Effect::Ask(question) => {
                    self.asked |= question.until.is_none();
                    self.offered
                        .extend(question.answers.iter().copied().map(word));
                }
                _other => {}
            }
        }
        self.now = after.now;
        self.before = after;
        Ok(())
    }
}

/// How a run begins to go another way besides.
#[derive(Clone, Copy, Debug)]
enum Way {
    Well,
    /// A person orders the rollback at this moment, from a level on.
    Back(Moment, Option<LevelId>),
}

struct Came {
    end: Option<End>,
    offered: BTreeSet<&'static str>,
    asked: bool,
    seen: BTreeSet<Tried>,
    over: Moment,
}

fn played(plan: &Plan, way: Way, (wrong, answer): Case) -> Came {
    let mut scenario = Scenario::all_goes_well(plan, "someone");
    scenario.otherwise = answer.map(|answer| (answer, Millis::from_secs(60)));
    if let Way::Back(at, from) = way {
        let input = Input::RollBack {
            from,
            by: "someone".to_owned(),
            reason: "as it is".to_owned(),
        };
        scenario.facts.push((at, input));
    }
    // A Tuesday at noon.
    let wall = 1_772_539_200_000;
    let mut world = Once {
        well: Simulate::new(scenario, wall),
        wrong,
        soon: Vec::new(),
        seen: BTreeSet::new(),
        facts: 0,
        wall,
    };
    let mut state = State::new(plan);
    let mut record = Lawful {
        plan,
        before: state.clone(),
        back: false,
        offered: BTreeSet::new(),
        asked: false,
        now: Moment(0),
    };
    let Ok(ended) = run(plan, &mut state, &mut world, &mut record);
    assert!(world.facts <= MOST, "{way:?} {wrong:?} {answer:?}: no end");
    let end = match ended {
        Ended::Over(Verdict::Completed) => Some(End::Completed),
        Ended::Over(Verdict::Aborted { .. }) => Some(End::Aborted),
        Ended::Over(Verdict::Refused { .. }) => Some(End::Refused),
        Ended::Over(Verdict::RolledBack { level }) => Some(End::RolledBack(level)),
        Ended::Over(Verdict::WentForward { level }) => Some(End::WentForward(level)),
        Ended::Over(Verdict::Stuck { .. }) if record.back => Some(End::StuckAfterLevels),
        Ended::Over(Verdict::Stuck { .. }) => Some(End::StuckUndecided),
        Ended::Left(_) | Ended::Silent => None,
    };
    Came {
        end,
        offered: record.offered,
        asked: record.asked,
        seen: world.seen,
        over: record.now,
    }
}

#[derive(Debug, Default)]
struct Counts {
    files: usize,
    tried: usize,
    undone: usize,
    runs: usize,
    answered: usize,
}

/// What goes wrong with what, and what is answered when that is asked.
type Case = (Option<(Tried, Wrong)>, Option<Answer>);

fn held(plan: &Plan, swept: &Swept, case: (Way, Case)) -> Came {
    let came = played(plan, case.0, case.1);
    match came.end {
        Some(end) => assert!(
            swept.ends.contains_key(&end),
            "{case:?} ends {end:?}, which the proof excludes"
        ),
        // Who must be asked is waited for.
        None => assert!(
            came.asked && case.1.1.is_none(),
            "{case:?} does not end, and nobody is asked"
        ),
    }
    came
}

#[test]
fn whatever_goes_wrong_once_the_run_comes_to_an_end_that_was_proved() {
    let mut counts = Counts::default();
    for path in runbooks() {
        let plan = short(&path);
        let swept = sweep(&plan.for_proof(), BUDGET, None);
        assert!(swept.whole, "{}", path.display());
        counts.files += 1;
        let well = held(&plan, &swept, (Way::Well, (None, None)));
        assert_eq!(well.end, Some(End::Completed), "{}", path.display());
        let late = Moment(well.over.0.saturating_sub(30_000));
        let levels = plan.rollback.iter().flat_map(|one| &one.levels);
        let ways: Vec<Way> = [Way::Well, Way::Back(late, None)]
            .into_iter()
            .chain(levels.map(|level| Way::Back(late, Some(level.id))))
            .collect();
        let mut known: BTreeSet<Tried> = BTreeSet::new();
        for way in ways {
            let seen = held(&plan, &swept, (way, (None, None))).seen;
            for this in seen {
                if !known.insert(this) {
                    continue;
                }
                counts.tried += 1;
                let is_undo = this.what.0 == 0
                    && this.place.0 == 2
                    && plan
                        .steps
                        .get(this.what.1)
                        .is_some_and(|step| is_undone_by(&plan, step.id));
                counts.undone += usize::from(is_undo);
                for wrong in WRONG {
                    counts.runs += 1;
                    let case = (Some((this, wrong)), None);
                    let asked = held(&plan, &swept, (way, case));
                    for answer in ANSWERS {
                        if asked.offered.contains(word(answer)) {
                            counts.answered += 1;
                            held(&plan, &swept, (way, (Some((this, wrong)), Some(answer))));
                        }
                    }
                }
            }
        }
    }
    println!("{counts:?}");
    assert!(
        counts.files >= 6 && counts.tried >= 80 && counts.undone >= 5,
        "{counts:?}"
    );
    assert!(counts.runs >= 300 && counts.answered >= 40, "{counts:?}");
}

/// Whether a step is one of those that undo another one.
fn is_undone_by(plan: &Plan, step: runbook::plan::StepId) -> bool {
    let levels = plan.rollback.iter().flat_map(|one| &one.levels);
    let mut all = levels.flat_map(|level| &level.ops);
    all.any(|op| match op {
        Op::Undo { of } => of.iter().any(|one| {
            Op::all(&one.ops)
                .iter()
                .any(|op| matches!(op, Op::Step(id) if *id == step))
        }),
        _other => false,
    })
}
