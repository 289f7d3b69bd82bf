//! What a rollback leaves open: an incident that keeps the next rollout from beginning, and reminders, until a person resolves them.

use super::RUNBOOKS;
use super::said::Said;
use crate::program::{Place, run_named_in};

#[test]
fn an_incident_blocks_the_next_rollout_until_it_is_resolved() {
    let place = Place::new();
    let file = format!("{RUNBOOKS}/left.runbook");
    let run = ["run", &file, "--by", "ada"];
    let mut said = Said::in_place(&place);
    said.call(&["plan", &file]);
    let ran = said.call(&run);
    assert_eq!(ran.status, Some(3), "{}", ran.err);
    let id = run_named_in(&ran.err);
    crate::wait::until(
        "a reminder is due",
        || place.call(&["list"]).err,
        |err| err.contains("due now"),
    );

    // Neither a hotfix nor a rehearsal gets by.
    let refused = said.call(&[&run[..], &["--param", "ok=true"]].concat());
    assert_eq!(refused.status, Some(5), "{}", refused.err);
    let rehearsed = place.call(&[&run[..], &["--rehearse", "60x"]].concat());
    assert_eq!(rehearsed.status, Some(5), "{}", rehearsed.err);
    assert_eq!(place.read("effects"), "undeploy\n", "nothing was begun");

    said.call(&["list"]);
    said.call(&["status", &id]);
    said.call(&["incident", "list"]);
    said.call(&["incident", "show", &id]);
    let no_note = said.call(&["incident", "resolve", &id]);
    assert_eq!(no_note.status, Some(2), "{}", no_note.err);
    let empty = place.call(&["incident", "resolve", &id, "--note", " "]);
    assert_eq!(empty.status, Some(2), "{}", empty.err);
    let resolve = [
        "incident", "resolve", &id, "--by", "bob", "--note", "a typo",
    ];
    let resolved = said.call(&resolve);
    assert_eq!(resolved.status, Some(0), "{}", resolved.err);
    let twice = said.call(&resolve);
    assert_eq!(twice.status, Some(2), "{}", twice.err);
    said.call(&["incident", "show", &id]);
    said.call(&["incident", "list", "--open"]);

    let ran = said.call(&[&run[..], &["--param", "ok=true"]].concat());
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    let id = run_named_in(&ran.err);
    said.call(&["incident", "show", &id]);
    let done = said.call(&["incident", "resolve", &id, "--by", "bob", "--note", "gone"]);
    assert_eq!(done.status, Some(0), "{}", done.err);
    let log = place.call(&["log", &id, "--verify"]);
    assert_eq!(log.status, Some(0), "{}", log.err);
    assert_said!(said, "left_open");
}
