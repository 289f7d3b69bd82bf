//! Runners that die at every commit, before it and after it. What they leave is taken up, and the run ends as one that was
//! never interrupted, with no step begun twice.

use runbook::engine::{Answer, Effect, Note, Outcome, Verdict, Work};
use runbook::journal::{
    Durability, Entry, Event, FailPoint, RunId, Seq, Standing, Store, durability,
};
use runbook::plan::{Op, Plan, StepId};
use runbook::simulate::{Feed, Scenario};
use runbook::value::Millis;
use runbook::world::Ended;

use super::recorded::{Death, Stopped, begin, bring_back, directory, open, take_up};
use crate::engine::stage::{MINUTE, minutes, plan, step};

/// The small plan with soaks so short, and looks so rare, that a runner can die at each of its commits.
pub(super) fn short() -> Plan {
    let mut plan = plan();
    for op in plan.stages.iter_mut().flat_map(|stage| &mut stage.ops) {
        if let Op::Wait { min, .. } = op {
            *min = minutes(3);
        }
    }
    plan.metrics[0].every = Millis(30_000);
    plan.guards[0].every = Millis(30_000);
    plan
}

/// All goes well, and people say "go on" to what nobody knows.
pub(super) fn well(plan: &Plan) -> Scenario {
    let mut scenario = Scenario::all_goes_well(plan, "ada");
    scenario.otherwise = Some((Answer::Continue, Millis(MINUTE)));
    scenario
}

/// Errors from the third minute of the run on, until the code is back.
pub(super) fn ill(plan: &Plan) -> Scenario {
    use runbook::engine::{Moment, Reading};
    let mut scenario = well(plan);
    let at = |from, value| Feed {
        from: Moment(from),
        reading: Reading::Value(value),
    };
    scenario.feeds.insert(
        runbook::plan::MetricId(0),
        vec![at(0, 0.0), at(3 * MINUTE, 9.0), at(8 * MINUTE, 0.0)],
    );
    scenario
}

/// The orders that a run's journal has.
fn recorded(store: &dyn Store, id: &RunId) -> Vec<Effect> {
    let entries = store.entries(id, Seq::FIRST).unwrap();
    let effect = |entry: Entry| match entry.event {
        Event::Effect(effect) => Some(effect),
        Event::Input(_) => None,
    };
    entries.into_iter().filter_map(effect).collect()
}

fn steps_begun(begun: &[Effect]) -> Vec<StepId> {
    let mut steps: Vec<StepId> = begun
        .iter()
        .filter_map(|effect| {
            if let Effect::Start {
                work: Work::Step { step, .. },
                ..
            } = effect
            {
                Some(*step)
            } else {
                None
            }
        })
        .collect();
    steps.sort();
    steps
}

/// Lets a runner die on each side of every commit of a scenario; the number of deaths.
fn die_everywhere(scenario: impl Fn(&Plan) -> Scenario, verdict: &Verdict) -> u64 {
    let plan = short();
    let mut deaths = 0;
    let mut uninterrupted = Vec::new();
    let home = directory();
    let mut store = open(home.path());
    let (_, ended) = begin(
        &mut store,
        (&plan, scenario(&plan)),
        Death::Never,
        &mut uninterrupted,
    );
    assert_eq!(ended.unwrap(), Ended::Over(verdict.clone()));
    let commits = store.commits();
    let commits = commits.durable + commits.lazy - 1;
    for number in 1..=commits {
        for death in [Death::Before(number), Death::After(number)] {
            let home = directory();
            let mut begun = Vec::new();
            let mut store = open(home.path());
            let (id, ended) = begin(&mut store, (&plan, scenario(&plan)), death, &mut begun);
            assert!(matches!(ended, Err(Stopped::Died)), "{death:?}: {ended:?}");
            assert!(
                recorded(&store, &id).starts_with(&begun),
                "{death:?}: nothing is done that is not on disk"
            );
            drop(store);

            let mut store = open(home.path());
            let ended = take_up(&mut store, &id, (scenario(&plan), Death::Never), &mut begun)
                .unwrap_or_else(|error| panic!("{death:?}: {error:?}"));
            assert_eq!(ended, Ended::Over(verdict.clone()), "{death:?}");
            assert_eq!(
                steps_begun(&begun),
                steps_begun(&uninterrupted),
                "{death:?}: each step is begun once"
            );
            store.verify(&id).unwrap();
            assert_eq!(
                store.load(&id).unwrap().meta.standing,
                Standing::Over(verdict.clone())
            );
            bring_back(&store, &id, &plan);
            deaths += 1;
        }
    }
    deaths
}

#[test]
fn a_run_that_dies_anywhere_completes() {
    let deaths = die_everywhere(well, &Verdict::Completed);
    assert!(deaths > 60, "died {deaths} times");
}

#[test]
fn a_run_that_dies_anywhere_rolls_back() {
    let verdict = Verdict::RolledBack {
        level: runbook::plan::LevelId(1),
    };
    let deaths = die_everywhere(ill, &verdict);
    assert!(deaths > 60, "died {deaths} times");
}

#[test]
fn a_runner_may_die_again_and_again() {
    let plan = plan();
    let home = directory();
    let mut begun = Vec::new();
    let mut store = open(home.path());
    let (id, ended) = begin(
        &mut store,
        (&plan, well(&plan)),
        Death::After(1),
        &mut begun,
    );
    assert!(matches!(ended, Err(Stopped::Died)));
    let mut lives = 1;
    let ended = loop {
        // Each runner gets a little further than the one before.
        let death = Death::After(3 + lives);
        match take_up(&mut store, &id, (well(&plan), death), &mut begun) {
            Ok(ended) => break ended,
            Err(Stopped::Died) => lives += 1,
            Err(Stopped::Store(error)) => panic!("{error}"),
        }
        assert!(lives < 100);
    };
    assert_eq!(ended, Ended::Over(Verdict::Completed));
    assert!(lives > 5, "{lives} lives");
    assert_eq!(steps_begun(&begun), [StepId(0)]);
    assert_eq!(store.load(&id).unwrap().meta.epoch.0, lives + 1);
}

/// The durable commits of a rollout with so many steps in a row.
fn durable_with(steps: u32) -> u64 {
    let mut plan = plan();
    for number in 0..steps {
        let id = 2 + number;
        plan.steps.push(step(id, &format!("s{number}")));
        plan.stages[0].ops.push(Op::Step(StepId(id)));
    }
    let home = directory();
    let mut store = open(home.path());
    let (_, ended) = begin(
        &mut store,
        (&plan, Scenario::all_goes_well(&plan, "ada")),
        Death::Never,
        &mut Vec::new(),
    );
    assert_eq!(ended.unwrap(), Ended::Over(Verdict::Completed));
    store.commits().durable
}

#[test]
fn a_step_in_sequence_costs_one_fsync() {
    assert_eq!(durable_with(12), durable_with(2) + 10);
}

#[test]
fn watching_costs_no_fsync() {
    let mut plan = plan();
    let durable = |plan: &Plan| {
        let home = directory();
        let mut store = open(home.path());
        let scenario = Scenario::all_goes_well(plan, "ada");
        begin(&mut store, (plan, scenario), Death::Never, &mut Vec::new())
            .1
            .unwrap();
        store.commits()
    };
    let coarse = durable(&plan);
    plan.metrics[0].every = Millis(1_000);
    plan.guards[0].every = Millis(1_000);
    let fine = durable(&plan);
    assert_eq!(fine.durable, coarse.durable);
    assert!(fine.lazy > 5 * coarse.lazy, "{fine:?} against {coarse:?}");
}

/// Nothing is begun that a power failure could make forgotten: whatever is lazy may be lost, so it must start nothing that
/// changes production and show no step's outcome.
#[test]
fn what_may_be_lost_changed_nothing() {
    let plan = plan();
    let home = directory();
    let mut store = open(home.path());
    let (id, _) = begin(
        &mut store,
        (&plan, ill(&plan)),
        Death::Never,
        &mut Vec::new(),
    );
    let entries = store.entries(&id, Seq::FIRST).unwrap();
    let mut seen = (0, 0);
    let mut rest = entries.as_slice();
    while let [first, tail @ ..] = rest {
        let Event::Input(input) = &first.event else {
            panic!("{first:?}");
        };
        let effects: Vec<Effect> = tail
            .iter()
            .map_while(|entry| match &entry.event {
                Event::Effect(effect) => Some(effect.clone()),
                Event::Input(_) => None,
            })
            .collect();
        rest = &tail[effects.len()..];
        let tells = effects.iter().any(|effect| {
            matches!(
                effect,
                Effect::Start {
                    work: Work::Step { .. } | Work::Set { .. },
                    ..
                } | Effect::Notify { .. }
                    | Effect::Finish(_)
                    | Effect::Say(Note::StepDone { .. } | Note::Tripped { .. })
            )
        });
        if tells {
            assert_eq!(
                durability(input, None, &effects),
                Durability::Durable,
                "{effects:?}"
            );
            seen.0 += 1;
        } else {
            seen.1 += 1;
        }
    }
    assert!(seen.0 >= 6 && seen.1 >= 20, "{seen:?}");
    let changed = Some(Work::Step {
        step: StepId(0),
        number: 1,
    });
    let ended = |outcome| runbook::engine::Input::Ended {
        attempt: runbook::engine::Attempt(1),
        outcome,
    };
    let stopped = ended(Outcome::Stopped);
    assert_eq!(durability(&stopped, changed, &[]), Durability::Durable);
    assert_eq!(durability(&stopped, None, &[]), Durability::Lazy);
    let never = ended(Outcome::NeverBegan);
    assert_eq!(durability(&never, changed, &[]), Durability::Lazy);
}

#[test]
fn a_fail_point_is_read_and_met_once() {
    use runbook::journal::Boundary::{After, Before};
    use runbook::journal::Nth;
    let nth = |all, durable| Nth { all, durable };
    let before = FailPoint::parse("before:3").unwrap();
    let after = FailPoint::parse("after:3").unwrap();
    let (second, third) = (nth(2, Some(1)), nth(3, None));
    assert!(before.is_at(Before(third)) && after.is_at(After(third)));
    assert!(!before.is_at(After(third)) && !before.is_at(Before(second)));
    assert!(!after.is_at(Before(third)));
    let durable = FailPoint::parse("after:durable:1").unwrap();
    assert!(durable.is_at(After(second)) && !durable.is_at(Before(second)));
    assert!(!durable.is_at(After(third)) && !durable.is_at(After(nth(1, None))));
    for text in ["", "3", "during:3", "after:", "after:x", "after:durable:"] {
        assert_eq!(FailPoint::parse(text), None, "{text}");
    }
}
