//! What a rollback leaves open: an incident that keeps the next rollout from beginning, and reminders, until a person resolves them.

use super::RUNBOOKS;
use super::said::Said;
use crate::program::{Place, run_named_in};

/// A watch of a week keeps the service, until a person says that it is enough.
#[test]
fn a_watch_is_looked_at_and_ended_from_another_terminal() {
    let place = Place::new();
    place.write("queue", "3\n");
    let file = format!("{RUNBOOKS}/relapse.runbook");
    let words = ["run", &file, "--rehearse", "1200x", "--non-interactive"];
    let mut runner = place.start(&words);
    let run = runner.has_said("is looked on");
    let status = place.call(&["status", &run]).out;
    assert!(status.contains("rolled back by level code; "), "{status}");
    let typed = format!("runbook decide {run} continue --reason");
    assert!(status.contains(&typed), "{status}");
    let other = place.call(&words);
    assert_eq!(other.status, Some(5), "{}", other.err);
    let wrong = place.call(&["decide", &run, "rerun", "--reason", "why not"]);
    assert_eq!(wrong.status, Some(2), "{}", wrong.err);
    assert!(wrong.err.contains("only looked on"), "{}", wrong.err);
    let decided = place.call(&["decide", &run, "continue", "--reason", "it is fixed"]);
    assert_eq!(decided.status, Some(0), "{}", decided.err);
    let ran = runner.end();
    assert_eq!(ran.status, Some(3), "{}", ran.err);
    assert!(ran.err.contains("ended by ann: it is fixed"), "{}", ran.err);
    let log = place.call(&["log", &run, "--verify"]);
    assert_eq!(log.status, Some(0), "{}", log.err);
}

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

/// Also where the file does not say so: what is stuck is worse than what was rolled back.
#[test]
fn a_stuck_run_leaves_an_incident_and_is_not_brought_back_under_a_newer_one() {
    let place = Place::new();
    let file = format!("{RUNBOOKS}/stuck.runbook");
    let again = ["run", &file, "--by", "ada", "--param", "ok=true"];
    let mut said = Said::in_place(&place);
    let ran = said.call(&["run", &file, "--by", "ada"]);
    assert_eq!(ran.status, Some(4), "{}", ran.err);
    let stuck = run_named_in(&ran.err);
    let refused = said.call(&again);
    assert_eq!(refused.status, Some(5), "{}", refused.err);
    assert_eq!(place.read("effects"), "deploy\n", "nothing was begun");
    said.call(&["status", &stuck]);
    said.call(&["incident", "show", &stuck]);
    let verified = place.call(&["log", &stuck, "--verify"]);
    assert_eq!(verified.status, Some(0), "{}", verified.err);

    let resolve = [
        "incident", "resolve", &stuck, "--by", "bob", "--note", "by hand",
    ];
    assert_eq!(said.call(&resolve).status, Some(0));
    let ran = said.call(&again);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    place.write("fixed", "");
    let back = ["rollback", &stuck, "--by", "bob", "--reason", "to be sure"];
    let refused = said.call(&back);
    assert_eq!(refused.status, Some(2), "{}", refused.err);
    assert_eq!(
        place.read("effects"),
        "deploy\ndeploy\n",
        "nothing was undone"
    );
    assert_said!(said, "stuck");
}

/// Its incident stays until someone says that it is dealt with.
#[test]
fn a_stuck_run_that_no_other_one_followed_is_brought_back() {
    let place = Place::new();
    let file = format!("{RUNBOOKS}/stuck.runbook");
    let ran = place.call(&["run", &file]);
    assert_eq!(ran.status, Some(4), "{}", ran.err);
    let stuck = run_named_in(&ran.err);
    let open = place.call(&["incident", "list", "--open"]);
    assert!(open.out.contains(&stuck), "{}", open.out);
    let resolve = ["incident", "resolve", &stuck, "--note", "it is known"];
    assert_eq!(place.call(&resolve).status, Some(0));
    // One that its own check has refused has put nothing in place.
    place.write("shut", "");
    let refused = place.call(&["run", &file]);
    assert_eq!(refused.status, Some(5), "{}", refused.err);
    assert_eq!(place.call(&["list"]).out.lines().count(), 2);
    place.write("fixed", "");
    let back = place.call(&["rollback", &stuck, "--reason", "it can be reached again"]);
    assert_eq!(back.status, Some(3), "{}", back.err);
    assert_eq!(place.read("effects"), "deploy\nundeploy\n");
}
