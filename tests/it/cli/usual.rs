//! Baselines of the real world: a command that is asked before the rollout, and a journal that knows what it said.

use super::RUNBOOKS;
use crate::program::{Place, run_named_in};

#[test]
fn what_is_usual_is_measured_kept_and_judged_against() {
    let place = Place::new();
    place.write("queue", "10\n");
    let file = format!("{RUNBOOKS}/usual.runbook");
    let words = ["run", &file, "--rehearse", "600x", "--non-interactive"];
    let ran = place.call(&words);
    assert_eq!(ran.status, Some(3), "{}", ran.err);
    let run = run_named_in(&ran.err);
    assert!(
        ran.err.contains("queue: what is usual is measured for 10m"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("queue is usually 10"), "{}", ran.err);
    assert!(ran.err.contains("queue is 30, usually 10"), "{}", ran.err);
    assert_eq!(place.read("effects"), "deploy\nundeploy\n");
    let status = place.call(&["status", &run]).out;
    assert!(status.contains("baseline  queue is usually 10"), "{status}");

    // Where nothing is measured nothing begins.
    let place = Place::new();
    place.write("queue", "\n");
    let ran = place.call(&words);
    assert_eq!(ran.status, Some(5), "{}", ran.err);
    assert_eq!(place.read("effects"), "");
}
