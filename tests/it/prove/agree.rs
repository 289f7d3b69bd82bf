//! The proof against brute force: small runbooks are made at random, proved, and run many times in worlds in which things happen at random.
//! No run may come to a place or an end that the proof did not see, none may take longer than its bounds, and every path that the proof
//! tells as a finding must happen when a world follows it.
//!
//! `RUNBOOK_AGREE=2000x50` makes as many runbooks with as many runs each, `RUNBOOK_AGREE_SEED` other ones, and
//! `RUNBOOK_AGREE_ONLY=694,879` judges only those of these numbers, and tells every question and answer of their runs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use runbook::engine::{Effect, Input, State};
use runbook::plan::{self, Plan, Way, detection_bound};
use runbook::prove::{BUDGET, End, Fault, FaultKind, Swept, legs, sweep};
use runbook::source::SourceFile;

use super::follow::{Follow, Pace, cannot_follow};
use super::made::{Shape, shapes};
use super::swept::unwatched;
use super::watcher::{Place, place, played, watched};
use super::world::{Dice, Made};

/// Without a wish.
const RUNBOOKS: usize = 40;
const RUNS: usize = 15;
const SEED: u64 = 5;

/// So many disagreements are told; all are counted.
const TOLD: usize = 20;

/// A plan and what the proof saw of it.
struct Proved {
    plan: Plan,
    swept: Swept,
    places: BTreeSet<Place>,
}

fn proved(text: &str) -> Option<Proved> {
    let file = SourceFile::new("made.runbook", text);
    let (checked, _) = plan::check_file(&file);
    let plan = plan::with_examples(&checked?, &file).ok()?;
    let mut places = BTreeSet::new();
    let mut watch = |(_, after): (&State, &State), _: &Input, _: &[Effect]| {
        places.insert(place(after));
    };
    let swept = sweep(&plan, BUDGET, Some(&mut watch));
    unwatched(&plan, &swept);
    Some(Proved {
        plan,
        swept,
        places,
    })
}

/// What a random run does that the proof excludes; nothing when they agree.
fn disagrees(proved: &Proved, dice: Dice) -> Option<String> {
    let wrong = [2, 10, 25][(dice.0 % 3) as usize];
    let (seen, lines) = played(&proved.plan, &mut Made::new(&proved.plan, (dice, wrong)));
    let mut said = seen.wrong;
    match seen.end {
        Some(end) if !proved.swept.ends.contains_key(&end) => {
            said.push(format!("it ends {end:?}, which the proof excludes"));
        }
        Some(_) | None => {}
    }
    if let Some(unseen) = seen.places.difference(&proved.places).next() {
        said.push(format!("it comes to {unseen:?}, which the proof excludes"));
    }
    (!said.is_empty()).then(|| format!("{}\n{}", said.join("\n"), lines.join("\n")))
}

/// What does not happen of a path that is told; nothing when it does. All of its moves have to happen, and the last one ends it.
fn is_a_tale(proved: &Proved, fault: &Fault, pace: Pace) -> Option<String> {
    let mut world = Follow::new(&proved.plan, &fault.path, pace);
    let (seen, lines) = played(&proved.plan, &mut world);
    let (done, all) = world.progress();
    let happens = match &fault.kind {
        FaultKind::EndsExposed { level } => {
            let end = match proved.plan.way_of(*level) {
                Way::Back => End::RolledBack(*level),
                Way::Forward => End::WentForward(*level),
            };
            seen.end == Some(end) && seen.exposed
        }
        FaultKind::NoLevelApplies(_) => {
            seen.end == Some(End::StuckAfterLevels) && seen.back == (true, false)
        }
        FaultKind::NobodyTold => {
            matches!(seen.end, Some(End::StuckAfterLevels | End::StuckUndecided)) && !seen.notified
        }
        FaultKind::LeftApart { .. } => {
            matches!(seen.end, Some(End::RolledBack(_) | End::WentForward(_)))
        }
    };
    let is_told = happens && done + 1 >= all;
    (!is_told).then(|| {
        format!(
            "{:?} does not happen as told, it ends {:?}, after {done} of {all} moves\n{}\n{}",
            fault.kind,
            seen.end,
            told_path(proved, fault),
            lines.join("\n")
        )
    })
}

/// A path with what follows from each of its moves.
fn told_path(proved: &Proved, fault: &Fault) -> String {
    let mut text = String::new();
    for leg in legs(&proved.plan, &fault.path) {
        writeln!(text, "{:?} {:?}", leg.happens, leg.readings).expect("a string takes everything");
        for effect in &leg.effects {
            writeln!(text, "    {effect:?}").expect("a string takes everything");
        }
    }
    text
}

/// How a breach that begins with a stage goes unseen for longer than the bound of a guard that watches it; nothing when it does not.
fn goes_unseen(proved: &Proved, dice: &Dice, counts: &mut Counts) -> Option<String> {
    let plan = &proved.plan;
    for stage in &plan.stages {
        let guards = plan.guards.iter();
        for guard in guards.filter(|guard| guard.scope.covers(stage.id)) {
            let metric = *guard.condition.metrics.first()?;
            // Beyond every limit, as a percentage and as a time.
            let value = if metric.index() == 0 { 100.0 } else { 10_000.0 };
            let well = Made::new(plan, (dice.clone(), 0));
            let mut world = well.with_breach((stage.id, metric, value));
            counts.breaches += 1;
            let bound = detection_bound(plan, guard).total;
            let (seen, lines) = watched(plan, &mut world, Some((stage.id, guard.id, bound)));
            counts.tripped += usize::from(seen.tripped.is_some());
            if !seen.wrong.is_empty() {
                return Some(format!("{}\n{}", seen.wrong.join("\n"), lines.join("\n")));
            }
        }
    }
    None
}

#[derive(Debug, Default)]
struct Counts {
    made: usize,
    refused: usize,
    runs: usize,
    told: usize,
    /// Those of them that happen sooner than they are told.
    sooner: usize,
    /// Told paths that no world here can follow, and why.
    left_out: BTreeMap<&'static str, usize>,
    disagree: usize,
    breaches: usize,
    tripped: usize,
    states: usize,
}

/// Everything about one shape; what disagrees, if anything does.
fn judged(shape: &Shape, (seed, runs): (u64, usize), counts: &mut Counts) -> Option<String> {
    counts.made += 1;
    let Some(proved) = proved(&shape.text()) else {
        counts.refused += 1;
        return None;
    };
    assert!(
        proved.swept.whole && proved.swept.dead_end.is_none(),
        "{}",
        shape.text()
    );
    counts.states += proved.swept.states;
    for fault in &proved.swept.faults {
        if let Some(why) = cannot_follow(&fault.path) {
            *counts.left_out.entry(why).or_default() += 1;
            continue;
        }
        counts.told += 1;
        let Some(tale) = is_a_tale(&proved, fault, Pace::Told) else {
            continue;
        };
        // A path gives everything the longest time that it may take. Where a poll that is due meanwhile would change what follows, the
        // same happens when it is over before.
        if let Some(sooner) = is_a_tale(&proved, fault, Pace::Sooner) {
            return Some(format!("{tale}\n\nand sooner:\n{sooner}"));
        }
        counts.sooner += 1;
    }
    if let Some(unseen) = goes_unseen(&proved, &Dice(seed), counts) {
        return Some(unseen);
    }
    (0..runs as u64).find_map(|run| {
        counts.runs += 1;
        disagrees(
            &proved,
            Dice(seed.wrapping_mul(1_000_003).wrapping_add(run)),
        )
    })
}

fn wished() -> (usize, usize, u64) {
    let wish = std::env::var("RUNBOOK_AGREE").ok();
    let (runbooks, runs) = wish
        .as_deref()
        .and_then(|wish| wish.split_once('x'))
        .and_then(|(runbooks, runs)| Some((runbooks.parse().ok()?, runs.parse().ok()?)))
        .unwrap_or((RUNBOOKS, RUNS));
    let seed = std::env::var("RUNBOOK_AGREE_SEED").ok();
    let seed = seed.and_then(|seed| seed.parse().ok());
    (runbooks, runs, seed.unwrap_or(SEED))
}

impl Counts {
    fn why_left_out(&self) -> String {
        let all = self.left_out.iter();
        let all: Vec<String> = all.map(|(why, times)| format!("{times}: {why}")).collect();
        if all.is_empty() {
            "none".to_owned()
        } else {
            all.join(", ")
        }
    }
}

/// The smallest runbook that is found about which they disagree, and how.
fn smallest(
    tree: &mut impl ValueTree<Value = Shape>,
    which: (u64, usize),
    first: String,
) -> (String, String) {
    let (mut wrong, mut smallest) = (first, tree.current());
    for _ in 0..200 {
        let less = match judged(&tree.current(), which, &mut Counts::default()) {
            Some(again) => {
                (wrong, smallest) = (again, tree.current());
                tree.simplify()
            }
            None => tree.complicate(),
        };
        if !less {
            break;
        }
    }
    (smallest.text(), wrong)
}

/// A streak is seen only when a poll comes: of 45 seconds at a pace of 20, three polls behind the first breach.
#[test]
fn a_breach_is_seen_within_its_bound_wherever_the_polls_fall() {
    let text = "runbook \"A\"\nservice a\n\
        provider prom { prometheus \"https://prometheus.example.com\" }\n\
        metric errors: percent {\n  query prom 'errors[30s]'\n  unit ratio\n  every 20s\n}\n\
        guard g when errors > 5% for 45s then rollback\n\
        rollout {\n  stage one {\n    step go $ ./go\n    wait 2m..9m\n  }\n  stage two {\n    step do $ ./do\n    wait 5m..9m\n  }\n}\n\
        rollback {\n  level l within 5m {\n    step back $ ./back\n  }\n}\n";
    let proved = proved(text).expect("a plan");
    let mut counts = Counts::default();
    for number in 0..40 {
        let unseen = goes_unseen(&proved, &Dice(number), &mut counts);
        assert_eq!(unseen, None);
    }
    assert_eq!((counts.breaches, counts.tripped), (80, 80));
}

#[test]
fn what_the_proof_excludes_never_happens_and_what_it_tells_does() {
    let (runbooks, runs, seed) = wished();
    let only = std::env::var("RUNBOOK_AGREE_ONLY").ok();
    let only = only.map(|only| {
        let numbers = only.split(',').map(|one| one.parse().expect("a number"));
        numbers.collect::<BTreeSet<usize>>()
    });
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let all = shapes();
    let mut counts = Counts::default();
    let mut wrong = Vec::new();
    for number in 0..runbooks {
        let mut tree = all.new_tree(&mut runner).expect("a shape");
        if only.as_ref().is_some_and(|only| !only.contains(&number)) {
            continue;
        }
        let which = (seed.wrapping_add(number as u64), runs);
        let Some(first) = judged(&tree.current(), which, &mut counts) else {
            continue;
        };
        counts.disagree += 1;
        if wrong.len() < TOLD {
            let (text, least) = smallest(&mut tree, which, first);
            wrong.push(format!("runbook {number} of seed {seed}:\n{text}\n{least}"));
        }
    }
    let mut line = String::new();
    writeln!(
        line,
        "proof against chance: {} runbooks ({} refused), {} kinds of states, {} runs, {} told paths followed ({} sooner than told), {} that could not be ({}), {} breaches from the beginning of a stage ({} ended by the guard in time), {} disagreements; seed {seed}",
        counts.made,
        counts.refused,
        counts.states,
        counts.runs,
        counts.told,
        counts.sooner,
        counts.left_out.values().sum::<usize>(),
        counts.why_left_out(),
        counts.breaches,
        counts.tripped,
        counts.disagree,
    )
    .expect("a string takes everything");
    std::io::stderr()
        .lock()
        .write_all(line.as_bytes())
        .expect("stderr is open");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(counts.refused * 3 < counts.made, "{counts:?}");
    assert!(counts.told > 0 && counts.runs > 0, "{counts:?}");
}
