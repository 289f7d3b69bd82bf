//! The journal: how fast a long run is brought back, chain and all, as in `runbook resume`.

use std::path::Path;

use runbook::engine::{Entrance, Input, State};
use runbook::journal::sqlite::SqliteStore;
use runbook::journal::{Claim, Liveness, NewRun, Owner, RunId, Seq, Store, Writer, replay};
use runbook::plan::Plan;
use runbook::simulate::{Scenario, Simulate};
use runbook::world::{Ended, run};

/// Records the plan's run in a store; the run and how many rows it has.
pub(crate) fn record(directory: &Path, plan: &Plan) -> (SqliteStore, RunId, u64) {
    let mut store = SqliteStore::open(directory).expect("a store");
    let owner = Owner::this().expect("this process");
    let claim = Claim {
        owner: &owner,
        by: "bench",
        wall: 0,
        liveness: &|_| Liveness::Alive,
    };
    let new = NewRun {
        plan,
        source: "",
        program: "bench",
        dir: "/",
        speed: 1,
        begin: &Input::Begin {
            by: "bench".to_owned(),
            confirmed: Vec::new(),
            entry: Entrance::Now,
            missing: Vec::new(),
        },
    };
    let (id, taken) = store.create_run(&new, &claim).expect("a run");
    let mut world = Simulate::new(Scenario::all_goes_well(plan, "bench"), 0);
    let mut writer = Writer::new(&mut store, id.clone(), taken.epoch);
    let ended = run(plan, &mut State::new(plan), &mut world, &mut writer);
    assert!(matches!(ended, Ok(Ended::Over(_))), "{ended:?}");
    drop(writer);
    let rows = store.head(&id).expect("a head").next.0 - 1;
    (store, id, rows)
}

/// Checks the chain and brings the run back.
pub(crate) fn bring_back(store: &SqliteStore, id: &RunId) {
    store.verify(id).expect("the chain holds");
    let plan = store.load(id).expect("the run").plan().expect("the plan");
    let entries = store.entries(id, Seq::FIRST).expect("the rows");
    let replayed = replay(&plan, &entries).expect("it is replayed");
    assert!(replayed.state.verdict().is_some());
}
