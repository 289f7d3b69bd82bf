//! Locks among real processes and threads.

use std::process::{Command, Stdio};
use std::sync::Barrier;

use runbook::journal::{Liveness, Owner, Store, StoreError};

use super::recorded::{claim, directory, new_run, open};
use crate::engine::stage::plan;

#[test]
fn a_process_is_known_as_dead_when_it_is_and_not_before() {
    let here = Owner::this().unwrap();
    // It ends when its input does.
    let mut child = Command::new("cat")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let owner = Owner::of(child.id()).unwrap();
    assert_eq!(owner.pid, child.id());
    assert_ne!(owner, here);
    assert_eq!(owner.liveness(&here), Liveness::Alive);

    let home = directory();
    let mut store = open(home.path());
    let liveness = |other: &Owner| other.liveness(&here);
    let (run, _) = store
        .create_run(&new_run(&plan()), &claim(&owner, &liveness))
        .unwrap();
    let taken = store.take_lock(&run, &claim(&here, &liveness));
    let Err(StoreError::Held(holder)) = taken else {
        panic!("{taken:?}");
    };
    assert_eq!(holder.owner, owner);

    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(owner.liveness(&here), Liveness::Dead);
    let refused = store.create_run(&new_run(&plan()), &claim(&here, &liveness));
    assert!(matches!(refused, Err(StoreError::Unfinished { .. })));
    let taken = store.take_lock(&run, &claim(&here, &liveness)).unwrap();
    assert_eq!(taken.died.unwrap().owner, owner);
    let again = store.take_lock(&run, &claim(&owner, &liveness));
    assert!(matches!(again, Err(StoreError::Held(_))), "we live");
}

#[test]
fn a_process_that_nobody_has_waited_for_is_dead() {
    let here = Owner::this().unwrap();
    let mut child = Command::new("cat")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let owner = Owner::of(child.id()).unwrap();
    let mut output = child.stdout.take().unwrap();
    drop(child.stdin.take());
    std::io::copy(&mut output, &mut std::io::sink()).unwrap();
    // Its output is closed, and it is about to become a zombie, which only we could take away.
    while owner.liveness(&here) == Liveness::Alive {
        std::thread::yield_now();
    }
    assert_eq!(owner.liveness(&here), Liveness::Dead);
    child.wait().unwrap();
}

#[test]
fn of_many_who_open_a_new_store_and_want_a_service_one_gets_it() {
    const MANY: usize = 8;
    let home = directory();
    let start = Barrier::new(MANY);
    let here = Owner::this().unwrap();
    let results: Vec<Result<(), StoreError>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..MANY)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    let mut store = open(&home.path().join("state"));
                    let liveness = |other: &Owner| other.liveness(&here);
                    store
                        .create_run(&new_run(&plan()), &claim(&here, &liveness))
                        .map(|_| ())
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    for result in results {
        if let Err(error) = result {
            assert!(matches!(error, StoreError::Held(_)), "{error}");
        }
    }
    assert_eq!(open(&home.path().join("state")).runs().unwrap().len(), 1);
}
