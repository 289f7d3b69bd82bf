//! Looks at every transition of a run: where it comes to, how it ends, what takes longer than its bound, and which law is broken.

use std::collections::BTreeSet;

use runbook::engine::{
    Aim, Effect, Input, Moment, Note, Phase, Reading, State, Task, Turn, Verdict, laws,
};
use runbook::plan::{GuardId, LevelId, Plan, StageId, level_bound, stage_bound, way_bound};
use runbook::prove::End;
use runbook::value::Millis;
use runbook::world::{Fact, World};

/// Where a run stands: its phase, what is done in each strand, and what it turns to.
pub(super) type Place = Vec<u8>;

pub(super) fn place(state: &State) -> Place {
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
        // What was begun is over when it is looked which level is for it.
        if let Some(Turn::Look { .. }) = state.turn {
            continue;
        }
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
pub(super) struct Seen {
    pub(super) places: BTreeSet<Place>,
    pub(super) end: Option<End>,
    /// Times over their bound, and broken laws.
    pub(super) wrong: Vec<String>,
    /// Whether the rollback began, and whether a level did.
    pub(super) back: (bool, bool),
    pub(super) exposed: bool,
    pub(super) notified: bool,
    /// When the guard that is watched tripped.
    pub(super) tripped: Option<Moment>,
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
    lines: Vec<String>,
    /// What is asked and answered is in the lines too.
    in_full: bool,
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
                self.began.get_or_insert((now, Calm::Calm));
                self.broke = self.breach.filter(|(of, ..)| of == stage).map(|_| now);
            }
            Note::Tripped { guard, .. }
                if self.breach.is_some_and(|(_, of, _)| of == *guard) && self.broke.is_some() =>
            {
                self.seen.tripped = Some(now);
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
        self.seen.places.insert(place(after));
        if let (Some((stage, guard, bound)), Some(broke)) = (self.breach, self.broke)
            && self.seen.tripped.is_none()
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
        if self.in_full || !matches!(fact.input, Input::Sample { .. } | Input::Tick) {
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
            if self.in_full || !matches!(effect, Effect::Query { .. }) {
                self.lines.push(format!("    {effect:?}"));
            }
        }
        self.before = after.clone();
    }
}

/// Runs a plan in a world to its end; what it came to, and what happened.
pub(super) fn played(plan: &Plan, world: &mut impl World) -> (Seen, Vec<String>) {
    watched(plan, world, None)
}

pub(super) fn watched(
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
        lines: Vec::new(),
        in_full: std::env::var_os("RUNBOOK_AGREE_ONLY").is_some(),
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
