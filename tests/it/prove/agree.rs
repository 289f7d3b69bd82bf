//! The proof against brute force: small runbooks are made at random, proved, and run many times in worlds in which things happen at random.
//! No run may come to a place or an end that the proof did not see, none may take longer than its bounds, and every path that the proof
//! tells as a finding must happen when a world follows it.
//!
//! `RUNBOOK_AGREE=2000x50` makes as many runbooks with as many runs each, `RUNBOOK_AGREE_SEED` other ones.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::io::Write as _;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use runbook::engine::{
    Aim, Effect, Input, Moment, Note, Phase, Reading, State, Task, Turn, Verdict, laws,
};
use runbook::plan::{
    self, GuardId, LevelId, Plan, StageId, Way, detection_bound, level_bound, stage_bound,
    way_bound,
};
use runbook::prove::{BUDGET, End, Fault, FaultKind, Swept, sweep};
use runbook::source::SourceFile;
use runbook::value::Millis;
use runbook::world::{Fact, Record, World};

use super::follow::{Follow, can_follow};
use super::made::{Shape, shapes};
use super::world::{Dice, Made};

/// Without a wish.
const RUNBOOKS: usize = 40;
const RUNS: usize = 15;
const SEED: u64 = 5;

/// Where a run stands: its phase, what is done in each strand, and what it turns to.
type Place = Vec<u8>;

fn place(state: &State) -> Place {
    let mut out = match &state.phase {
        Phase::New => vec![0],
        Phase::Preparing(_) => vec![1],
        Phase::Rolling { stage, .. } => vec![2, byte(stage.index())],
        Phase::RollingBack { level, .. } => vec![3, byte(level.index())],
        Phase::Closing(verdict) => vec![4, of_verdict(verdict)],
        Phase::Final(verdict) => vec![5, of_verdict(verdict)],
    };
    for strand in state.strands.values() {
        out.extend(strand.at.iter().map(|at| byte(*at)));
        let aim = |aim: &Aim| match aim {
            Aim::Step { number, .. } => [1, byte(*number as usize)],
            Aim::Unless { number, .. } => [2, byte(*number as usize)],
            Aim::Set { .. } => [3, 0],
            Aim::Agree { .. } => [4, 0],
            Aim::Probe { .. } => [5, 0],
            Aim::Approve { .. } => [6, 0],
        };
        match &strand.task {
            Task::Ready => out.push(0),
            Task::Attempting(what) => out.extend(aim(what)),
            // A read or a probe that is tried again is one attempt to the proof.
            Task::Pausing { then, .. } => match then {
                Aim::Agree { .. } | Aim::Probe { .. } => out.extend(aim(then)),
                Aim::Step { .. } | Aim::Unless { .. } | Aim::Set { .. } | Aim::Approve { .. } => {
                    out.push(7);
                    out.extend(aim(then));
                }
            },
            Task::Asking { aim: what } => {
                out.push(8);
                out.extend(aim(what));
            }
            Task::Interrupted { aim: what, .. } => {
                out.push(9);
                out.extend(aim(what));
            }
            Task::Soaking(_) => out.push(10),
            Task::Waiting(_) => out.push(11),
            Task::Joining { .. } => out.push(12),
            Task::Over => out.push(13),
            Task::Settling { .. } => out.push(14),
            Task::Recovering(_) => out.push(15),
            Task::Watching(_) => out.push(16),
        }
    }
    out.push(match &state.turn {
        None => 0,
        Some(Turn::RollBack { .. }) => 1,
        Some(Turn::LevelFailed { .. }) => 2,
        Some(Turn::Leave) => 3,
        Some(Turn::Look { .. }) => 4,
    });
    out
}

fn byte(number: usize) -> u8 {
    u8::try_from(number).expect("a small runbook")
}

fn of_verdict(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Completed => 0,
        Verdict::RolledBack { level } | Verdict::WentForward { level } => 10 + byte(level.index()),
        Verdict::Stuck { .. } => 1,
        Verdict::Aborted { .. } => 2,
        Verdict::Refused { .. } => 3,
    }
}

/// What a run came to.
#[derive(Debug, Default)]
struct Seen {
    places: BTreeSet<Place>,
    end: Option<End>,
    /// Times over their bound, and broken laws.
    wrong: Vec<String>,
    /// Whether the rollback began, and whether a level did.
    back: (bool, bool),
    exposed: bool,
    notified: bool,
    /// The guard that is watched has tripped.
    tripped: bool,
    /// It was held against the bound of the whole.
    whole: bool,
}

/// Looks at every transition of a run.
struct Watcher<'a> {
    plan: &'a Plan,
    before: State,
    seen: Seen,
    /// The stage or level that is on, since when, and whether anything held it up.
    on: Option<(On, Moment, Calm)>,
    back_since: Option<Moment>,
    /// When the first stage began, and whether anything has held the run up since.
    began: Option<(Moment, Calm)>,
    /// A breach begins with this stage, and this guard is to see it within this time.
    breach: Option<(StageId, GuardId, Millis)>,
    broke: Option<Moment>,
    /// Whether every sample of this stage was there. Where one is missing a stage can wait for its guards wherever it ends, which no proof
    /// tells apart; what comes of it is held against the ends.
    sees: Calm,
    lines: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum On {
    Stage(StageId),
    Level(LevelId),
}

/// Whether the bound of what nothing holds up is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Calm {
    Calm,
    Held,
}

impl Watcher<'_> {
    fn over(&mut self, now: Moment) {
        let Some((on, since, calm)) = self.on.take() else {
            return;
        };
        let took = now.since(since);
        let (bound, what) = match on {
            On::Stage(id) => {
                let stage = &self.plan.stages[id.index()];
                if calm == Calm::Held {
                    return;
                }
                (stage_bound(self.plan, stage).total, &stage.name)
            }
            On::Level(id) => {
                let level = &self.plan.rollback.as_ref().expect("a way back").levels[id.index()];
                // Whatever happens in it, it is cut off, and what runs then is killed.
                let cut = level.within.saturating_add(Millis::from_secs(10));
                let bound = match calm {
                    Calm::Calm => level_bound(self.plan, level).total.min(cut),
                    Calm::Held => cut,
                };
                (bound, &level.name)
            }
        };
        if took > bound {
            self.seen
                .wrong
                .push(format!("{what} took {took}, its bound is {bound}"));
        }
    }

    fn note(&mut self, now: Moment, note: &Note) {
        match note {
            Note::StageBegan(stage) => {
                self.on = Some((On::Stage(*stage), now, Calm::Calm));
                self.sees = Calm::Calm;
                self.began.get_or_insert((now, Calm::Calm));
                self.broke = self.breach.filter(|(of, ..)| of == stage).map(|_| now);
            }
            Note::Tripped { guard, .. } => {
                if self.breach.is_some_and(|(_, of, _)| of == *guard) && self.broke.is_some() {
                    self.seen.tripped = true;
                }
            }
            Note::StageEnded(_) => self.over(now),
            Note::RollbackBegan { .. } | Note::ForwardBegan { .. } => {
                self.on = None;
                self.back_since = Some(now);
                self.seen.back.0 = true;
            }
            Note::LevelBegan(level) => {
                self.seen.back.1 = true;
                self.on = Some((On::Level(*level), now, Calm::Calm));
            }
            Note::LevelFailed { .. } | Note::Recovered { .. } => self.over(now),
            Note::Held { .. }
            | Note::StreakBegan { .. }
            | Note::Blind { .. }
            | Note::Unclear { .. }
            | Note::TakenUp { .. } => {
                self.held();
            }
            _other => {}
        }
    }

    /// Something holds the run up.
    fn held(&mut self) {
        if let Some((_, _, calm)) = &mut self.on {
            *calm = Calm::Held;
        }
        if let Some((_, calm)) = &mut self.began {
            *calm = Calm::Held;
        }
    }

    fn ended(&mut self, now: Moment, (state, verdict): (&State, &Verdict)) {
        if let Some(since) = self.back_since {
            let bound = way_bound(self.plan, state.way()).total;
            let took = now.since(since);
            if took > bound {
                self.seen
                    .wrong
                    .push(format!("the way back took {took}, its bound is {bound}"));
            }
        }
        if let (Some((since, Calm::Calm)), Verdict::Completed) = (self.began, verdict) {
            let stages = self.plan.stages.iter();
            let bounds = stages.map(|stage| stage_bound(self.plan, stage).total.0);
            let (took, bound) = (now.since(since), Millis(bounds.sum()));
            self.seen.whole = true;
            if took > bound {
                self.seen
                    .wrong
                    .push(format!("the whole took {took}, its bound is {bound}"));
            }
        }
        self.seen.exposed = state.exposures.iter().flatten().any(|value| *value > 0.0);
        self.seen.end = Some(match verdict {
            Verdict::Completed => End::Completed,
            Verdict::Aborted { .. } => End::Aborted,
            Verdict::Refused { .. } => End::Refused,
            Verdict::RolledBack { level } => End::RolledBack(*level),
            Verdict::WentForward { level } => End::WentForward(*level),
            Verdict::Stuck { .. } if self.seen.back.0 => End::StuckAfterLevels,
            Verdict::Stuck { .. } => End::StuckUndecided,
        });
    }

    fn looks(&mut self, fact: &Fact, after: &State, effects: &[Effect]) {
        let now = after.now;
        if let Some(law) = laws::broken(self.plan, (&self.before, after), effects) {
            self.seen.wrong.push(format!("a law is broken: {law}"));
        }
        // What is not seen is waited for.
        let is_seen = match &fact.input {
            Input::Sample { reading, .. } => matches!(reading, Reading::Value(_)),
            _other => true,
        };
        if !is_seen {
            self.held();
        }
        if !is_seen || matches!(fact.input, Input::Resumed { .. } | Input::History { .. }) {
            self.sees = Calm::Held;
        }
        let mut tasks = after.strands.values().map(|strand| &strand.task);
        let settles = tasks.any(|task| matches!(task, Task::Settling { .. }));
        if !(settles && self.sees == Calm::Held) {
            self.seen.places.insert(place(after));
        }
        if let (Some((stage, guard, bound)), Some(broke)) = (self.breach, self.broke)
            && !self.seen.tripped
            && after.stage() == Some(stage)
            && after.questions.is_empty()
            && after.hold.is_none()
            && after.turn.is_none()
            && now.since(broke) > bound
        {
            self.seen.wrong.push(format!(
                "a breach is not seen by {guard:?} after {}, its bound is {bound}",
                now.since(broke)
            ));
            self.broke = None;
        }
        if !matches!(fact.input, Input::Sample { .. } | Input::Tick) {
            self.lines.push(format!("{now:?} {:?}", fact.input));
        }
        for effect in effects {
            match effect {
                Effect::Say(note) => self.note(now, note),
                Effect::Notify { .. } => self.seen.notified = true,
                Effect::Ask(_) => self.held(),
                Effect::Finish(verdict) => self.ended(now, (after, verdict)),
                _other => {}
            }
            if !matches!(effect, Effect::Query { .. }) {
                self.lines.push(format!("    {effect:?}"));
            }
        }
        self.before = after.clone();
    }
}

impl Record for Watcher<'_> {
    type Error = Infallible;

    fn keep(&mut self, _: &Fact, _: &[Effect]) -> Result<(), Infallible> {
        Ok(())
    }
}

/// Runs a plan in a world to its end; what it came to, and what happened.
fn played(plan: &Plan, world: &mut impl World) -> (Seen, Vec<String>) {
    watched(plan, world, None)
}

fn watched(
    plan: &Plan,
    world: &mut impl World,
    breach: Option<(StageId, GuardId, Millis)>,
) -> (Seen, Vec<String>) {
    let mut state = State::new(plan);
    let mut watcher = Watcher {
        plan,
        before: state.clone(),
        seen: Seen::default(),
        on: None,
        back_since: None,
        began: None,
        breach,
        broke: None,
        sees: Calm::Calm,
        lines: Vec::new(),
    };
    loop {
        let wake = runbook::engine::wake(plan, &state);
        let Some(fact) = world.next(plan, &state, wake) else {
            break;
        };
        let mut effects = Vec::new();
        runbook::engine::apply(plan, &mut state, fact.stamp, &fact.input, &mut effects);
        watcher.looks(&fact, &state, &effects);
        for effect in &effects {
            world.start(plan, &state, effect);
        }
        if watcher.seen.end.is_some() {
            break;
        }
    }
    (watcher.seen, watcher.lines)
}

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

/// What does not happen of a path that is told; nothing when it does.
fn is_a_tale(proved: &Proved, fault: &Fault) -> Option<String> {
    let mut world = Follow::new(&proved.plan, &fault.path);
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
    (!happens).then(|| {
        format!(
            "{:?} does not happen, it ends {:?}, after {done} of {all} moves\n{}\n{}",
            fault.kind,
            seen.end,
            fault
                .path
                .iter()
                .map(|one| format!("{one:?}"))
                .collect::<Vec<_>>()
                .join("\n"),
            lines.join("\n")
        )
    })
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
            counts.tripped += usize::from(seen.tripped);
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
    left_out: usize,
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
        if !can_follow(&fault.path) {
            counts.left_out += 1;
            continue;
        }
        counts.told += 1;
        if let Some(tale) = is_a_tale(&proved, fault) {
            return Some(tale);
        }
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

#[test]
fn what_the_proof_excludes_never_happens_and_what_it_tells_does() {
    let (runbooks, runs, seed) = wished();
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let all = shapes();
    let mut counts = Counts::default();
    for number in 0..runbooks {
        let mut tree = all.new_tree(&mut runner).expect("a shape");
        let which = (seed.wrapping_add(number as u64), runs);
        let Some(mut wrong) = judged(&tree.current(), which, &mut counts) else {
            continue;
        };
        // The smallest runbook about which they disagree.
        let mut smallest = tree.current();
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
        panic!(
            "runbook {number} of seed {seed}:\n{}\n{wrong}",
            smallest.text()
        );
    }
    let mut line = String::new();
    writeln!(
        line,
        "proof against chance: {} runbooks ({} refused), {} kinds of states, {} runs, {} told paths that happen ({} left out), {} breaches from the beginning of a stage ({} ended by the guard in time), 0 disagreements; seed {seed}",
        counts.made, counts.refused, counts.states, counts.runs, counts.told, counts.left_out, counts.breaches, counts.tripped
    )
    .expect("a string takes everything");
    std::io::stderr()
        .lock()
        .write_all(line.as_bytes())
        .expect("stderr is open");
    assert!(counts.refused * 3 < counts.made, "{counts:?}");
    assert!(counts.told > 0 && counts.runs > 0, "{counts:?}");
}
