//! Every runbook of the project, in the simulated world: the machine dies at every record of the run in which all goes well. What comes of
//! it is an end that the proof saw, by the laws.

use std::convert::Infallible;
use std::path::{Path, PathBuf};

use runbook::engine::{Attempt, Effect, Input, Outcome, Stamp, State, Verdict, apply, laws, wake};
use runbook::plan::{Op, Plan};
use runbook::prove::{BUDGET, End, Swept, sweep};
use runbook::simulate::{Scenario, Simulate};
use runbook::value::Millis;
use runbook::world::{Ended, Fact, Record, World, run};

use super::swept::plan_of;

pub(super) fn runbooks() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("runbooks");
    let entries = std::fs::read_dir(folder).expect("they are part of the project");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut all: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|end| end == "runbook"))
        .collect();
    all.sort();
    all
}

/// The plan of a runbook, with no soak longer than twenty minutes: what is polled in a day is polled in them.
fn short(path: &Path) -> Plan {
    let mut plan = plan_of(path).expect("a plan");
    for op in plan.stages.iter_mut().flat_map(|stage| &mut stage.ops) {
        if let Op::Wait { min, max } = op {
            let longer = max.0 - min.0;
            *min = Millis(min.0.min(20 * 60_000));
            *max = min.saturating_add(Millis(longer.min(20 * 60_000)));
        }
    }
    plan
}

/// Keeps all that happens, and holds the laws against it.
struct Kept<'a> {
    plan: &'a Plan,
    before: State,
    facts: Vec<(Fact, Vec<Effect>)>,
}

/// Whether nothing happens but a look at a metric.
fn is_a_poll((fact, effects): (&Fact, &[Effect])) -> bool {
    let asks = |effect: &Effect| matches!(effect, Effect::Query { .. });
    matches!(fact.input, Input::Sample { .. } | Input::Tick) && effects.iter().all(asks)
}

impl Record for Kept<'_> {
    type Error = Infallible;

    fn keep(&mut self, fact: &Fact, effects: &[Effect]) -> Result<(), Infallible> {
        let mut after = self.before.clone();
        let mut again = Vec::new();
        apply(self.plan, &mut after, fact.stamp, &fact.input, &mut again);
        let broken = laws::broken(self.plan, (&self.before, &after), effects);
        assert_eq!(broken, None, "{:?}", fact.input);
        self.before = after;
        self.facts.push((fact.clone(), effects.to_vec()));
        Ok(())
    }
}

/// A run of a scenario: how it ended, and all that happened.
fn simulated(plan: &Plan, scenario: Scenario) -> (Ended, Vec<(Fact, Vec<Effect>)>) {
    let mut state = State::new(plan);
    let mut kept = Kept {
        plan,
        before: state.clone(),
        facts: Vec::new(),
    };
    // A Tuesday at noon.
    let mut world = Simulate::new(scenario, 1_772_539_200_000);
    let Ok(ended) = run(plan, &mut state, &mut world, &mut kept);
    (ended, kept.facts)
}

/// How it ended, as the proof calls it.
fn end_of(ended: &Ended, facts: &[(Fact, Vec<Effect>)]) -> Option<End> {
    let Ended::Over(verdict) = ended else {
        return None;
    };
    let began_back = facts.iter().flat_map(|(_, effects)| effects).any(|effect| {
        matches!(
            effect,
            Effect::Say(
                runbook::engine::Note::RollbackBegan { .. }
                    | runbook::engine::Note::ForwardBegan { .. }
            )
        )
    });
    Some(match verdict {
        Verdict::Completed => End::Completed,
        Verdict::Aborted { .. } => End::Aborted,
        Verdict::Refused { .. } => End::Refused,
        Verdict::RolledBack { level } => End::RolledBack(*level),
        Verdict::WentForward { level } => End::WentForward(*level),
        Verdict::Stuck { .. } if began_back => End::StuckAfterLevels,
        Verdict::Stuck { .. } => End::StuckUndecided,
    })
}

fn assert_seen(swept: &Swept, end: Option<End>, what: &str) {
    if let Some(end) = end {
        assert!(
            swept.ends.contains_key(&end),
            "{what} ends {end:?}, which the proof excludes"
        );
    }
}

/// What is out at some point of a run.
fn out(facts: &[(Fact, Vec<Effect>)]) -> Vec<Attempt> {
    let mut out = Vec::new();
    for (fact, effects) in facts {
        if let Input::Ended { attempt, .. } = &fact.input {
            out.retain(|one| one != attempt);
        }
        for effect in effects {
            if let Effect::Start { attempt, .. } = effect {
                out.push(*attempt);
            }
        }
    }
    out
}

/// The machine dies behind every record at which something begins, ends or is decided, and the run is taken up again.
#[test]
fn wherever_the_machine_dies_the_run_goes_on_to_an_end_that_was_proved() {
    let (mut files, mut cases) = (0, 0);
    for path in runbooks() {
        let plan = short(&path);
        let swept = sweep(&plan, BUDGET, None);
        files += 1;
        let well = Scenario::all_goes_well(&plan, "someone");
        let (_, facts) = simulated(&plan, well);
        for length in 1..facts.len() {
            let (last, effects) = &facts[length - 1];
            if is_a_poll((last, effects)) {
                continue;
            }
            let end = taken_up(&plan, &facts[..length]);
            let what = format!("{}: died behind record {length}", path.display());
            assert!(end.is_some(), "{what}: it does not end");
            assert_seen(&swept, end, &what);
            cases += 1;
        }
    }
    assert!(files >= 4 && cases >= 50, "{files} {cases}");
}

/// Brings a run back from its first records, says that nobody knows what was out, and lets it go on, with a person who says that what nobody
/// knows has happened.
fn taken_up(plan: &Plan, facts: &[(Fact, Vec<Effect>)]) -> Option<End> {
    let mut state = State::new(plan);
    for (fact, _) in facts {
        apply(plan, &mut state, fact.stamp, &fact.input, &mut Vec::new());
    }
    let last = facts.last().map(|(fact, _)| fact.stamp)?;
    let mut scenario = Scenario::all_goes_well(plan, "someone");
    scenario.otherwise = Some((runbook::engine::Answer::Continue, Millis(60_000)));
    let mut world = Simulate::new(scenario, last.wall - i64::try_from(last.run.0).ok()?);
    let mut soon: Vec<Input> = vec![Input::Resumed {
        by: "someone".to_owned(),
    }];
    soon.extend(out(facts).into_iter().map(|attempt| Input::Ended {
        attempt,
        outcome: Outcome::Unknown {
            why: "the machine died".to_owned(),
        },
    }));
    let stamp = Stamp {
        run: last.run.after(Millis(60_000)),
        wall: last.wall + 60_000,
    };
    let mut all: Vec<(Fact, Vec<Effect>)> = facts.to_vec();
    let mut feed = |state: &mut State, world: &mut Simulate, fact: Fact| -> Option<Verdict> {
        let before = state.clone();
        let mut effects = Vec::new();
        apply(plan, state, fact.stamp, &fact.input, &mut effects);
        assert_eq!(laws::broken(plan, (&before, state), &effects), None);
        for effect in &effects {
            world.start(plan, state, effect);
        }
        let verdict = effects.iter().find_map(|effect| match effect {
            Effect::Finish(verdict) => Some(verdict.clone()),
            _other => None,
        });
        all.push((fact, effects));
        verdict
    };
    let mut verdict = None;
    for input in soon {
        let fact = Fact {
            stamp,
            input,
            letter: None,
        };
        verdict = verdict.or(feed(&mut state, &mut world, fact));
    }
    // The first that this world says is that a run begins, which has no meaning any more.
    let mut most = 20_000;
    while verdict.is_none() && most > 0 {
        let wake = wake(plan, &state);
        let fact = world.next(plan, &state, wake)?;
        verdict = feed(&mut state, &mut world, fact);
        most -= 1;
    }
    end_of(&Ended::Over(verdict?), &all)
}
