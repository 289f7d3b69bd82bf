//! Runs that are played in the simulated world and recorded in a store: what the other tests of the journal work on.

use std::collections::VecDeque;
use std::path::Path;

use runbook::engine::{Effect, Entrance, Input, Moment, Outcome, Stamp, State};
use runbook::journal::sqlite::SqliteStore;
use runbook::journal::{
    Claim, Epoch, Liveness, NewRun, Owner, Replayed, RunId, Seq, Standing, Store, StoreError,
    Writer, replay,
};
use runbook::plan::Plan;
use runbook::simulate::{Scenario, Simulate};
use runbook::world::{Ended, Fact, Record, World, run};

/// The start of every run here: noon of 23 November 2026.
pub(crate) const NOON: i64 = 1_795_435_200_000;

/// A process by its number; which ones live is the test's to say.
pub(crate) fn owner(pid: u32) -> Owner {
    Owner {
        host: "host".into(),
        pid,
        started: 1,
        boot: "boot".into(),
        space: "space".into(),
    }
}

/// A claim of a process while every other one is in this state.
pub(crate) fn claim<'a>(owner: &'a Owner, liveness: &'a dyn Fn(&Owner) -> Liveness) -> Claim<'a> {
    Claim {
        owner,
        by: "ada",
        wall: NOON,
        liveness,
    }
}

pub(crate) fn dead(_: &Owner) -> Liveness {
    Liveness::Dead
}

pub(crate) fn alive(_: &Owner) -> Liveness {
    Liveness::Alive
}

/// How every run of these tests begins.
pub(crate) static BEGIN: Input = Input::Begin {
    by: String::new(),
    confirmed: Vec::new(),
    entry: Entrance::Now,
    missing: Vec::new(),
};

pub(crate) fn new_run(plan: &Plan) -> NewRun<'_> {
    NewRun {
        plan,
        source: "runbook \"A small rollout\"\n",
        program: "0.1.0",
        dir: "/srv/app",
        speed: 1,
        begin: &BEGIN,
    }
}

pub(crate) fn create(store: &mut dyn Store, plan: &Plan) -> (RunId, Epoch) {
    let (id, taken) = store
        .create_run(&new_run(plan), &claim(&owner(1), &alive))
        .expect("a run is created");
    (id, taken.epoch)
}

pub(crate) fn open(directory: &Path) -> SqliteStore {
    SqliteStore::open(directory).expect("the store opens")
}

/// A directory that is gone after the test; in memory where there is such a place, because what a disk does when it is told
/// to sync is not tested here, and takes its time.
pub(crate) fn directory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .expect("a directory")
}

/// Everything stops at one commit, on one side of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Death {
    Never,
    Before(u64),
    After(u64),
}

/// Why recording stopped.
#[derive(Debug)]
pub(crate) enum Stopped {
    Died,
    Store(StoreError),
}

/// A writer whose process dies at one commit.
pub(crate) struct Mortal<'s> {
    pub(crate) writer: Writer<'s>,
    pub(crate) death: Death,
    pub(crate) commits: u64,
}

impl Record for Mortal<'_> {
    type Error = Stopped;

    fn keep(&mut self, fact: &Fact, effects: &[Effect]) -> Result<(), Stopped> {
        self.commits += 1;
        if self.death == Death::Before(self.commits) {
            return Err(Stopped::Died);
        }
        self.writer.keep(fact, effects).map_err(Stopped::Store)?;
        if self.death == Death::After(self.commits) {
            return Err(Stopped::Died);
        }
        Ok(())
    }
}

/// A simulated world that can be taken up again, and that knows what was really begun.
pub(crate) struct Watched<'a> {
    world: Simulate,
    first: VecDeque<Input>,
    begun: &'a mut Vec<Effect>,
    offset: Stamp,
}

impl<'a> Watched<'a> {
    /// For a run that begins.
    pub(crate) fn new(scenario: Scenario, begun: &'a mut Vec<Effect>) -> Self {
        Self {
            world: Simulate::new(scenario, NOON),
            first: VecDeque::new(),
            begun,
            offset: Stamp::default(),
        }
    }

    /// For a run that is taken up: what was out has never begun, or nobody knows.
    pub(crate) fn resume(
        scenario: Scenario,
        begun: &'a mut Vec<Effect>,
        replayed: &Replayed,
    ) -> Self {
        let mut first = VecDeque::from([Input::Resumed { by: "ada".into() }]);
        for (attempt, _) in replayed.outstanding() {
            let known = begun
                .iter()
                .any(|effect| matches!(effect, Effect::Start { attempt: other, .. } if *other == attempt));
            let outcome = if known {
                Outcome::Unknown {
                    why: "the runner died".into(),
                }
            } else {
                Outcome::NeverBegan
            };
            first.push_back(Input::Ended { attempt, outcome });
        }
        Self {
            world: Simulate::new(scenario, NOON),
            first,
            begun,
            offset: replayed.last,
        }
    }
}

impl World for Watched<'_> {
    fn start(&mut self, plan: &Plan, state: &State, effect: &Effect) {
        self.begun.push(effect.clone());
        self.world.start(plan, state, effect);
    }

    fn next(&mut self, plan: &Plan, state: &State, wake: Option<Moment>) -> Option<Fact> {
        if let Some(input) = self.first.pop_front() {
            return Some(Fact {
                stamp: self.offset,
                input,
                letter: None,
            });
        }
        self.world.next(plan, state, wake)
    }
}

/// Plays a run from its beginning and records it.
pub(crate) fn begin(
    store: &mut dyn Store,
    (plan, scenario): (&Plan, Scenario),
    death: Death,
    begun: &mut Vec<Effect>,
) -> (RunId, Result<Ended, Stopped>) {
    let (id, epoch) = create(store, plan);
    let mut mortal = Mortal {
        writer: Writer::new(store, id.clone(), epoch),
        death,
        commits: 0,
    };
    let mut world = Watched::new(scenario, begun);
    let ended = run(plan, &mut State::new(plan), &mut world, &mut mortal);
    drop(mortal);
    (id, ended)
}

/// Takes a run up from its journal and plays it on.
pub(crate) fn take_up(
    store: &mut dyn Store,
    id: &RunId,
    (scenario, death): (Scenario, Death),
    begun: &mut Vec<Effect>,
) -> Result<Ended, Stopped> {
    let epoch = store
        .take_lock(id, &claim(&owner(2), &dead))
        .expect("the lock of a dead runner is taken over")
        .epoch;
    store.verify(id).expect("the chain holds");
    let plan = store.load(id).unwrap().plan().expect("the plan is read");
    let replayed = bring_back(store, id, &plan);
    if let Standing::Over(verdict) = replayed.standing() {
        // The runner died after its last commit: nothing is left to do.
        return Ok(Ended::Over(verdict));
    }
    let mut state = replayed.state.clone();
    let mut world = Watched::resume(scenario, begun, &replayed);
    let mut mortal = Mortal {
        writer: Writer::resume(store, id.clone(), epoch, &replayed),
        death,
        commits: 0,
    };
    run(&plan, &mut state, &mut world, &mut mortal)
}

/// A run's state, out of its rows.
pub(crate) fn bring_back(store: &dyn Store, id: &RunId, plan: &Plan) -> Replayed {
    let entries = store.entries(id, Seq::FIRST).expect("the rows are read");
    replay(plan, &entries).expect("the journal is replayed")
}
