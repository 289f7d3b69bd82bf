//! The journal is taken away under a run: nothing more is done, that is said, and what is put back goes on.

use super::operated::Queue;
use crate::moment::let_pass;

#[test]
fn a_run_whose_journal_is_moved_away_does_no_more_until_it_is_put_back() {
    let queue = Queue::with_a_shut_gate();
    let (runner, run) = queue.in_its_step();
    let (there, aside) = (queue.place.at("state"), queue.place.at("aside"));
    std::fs::rename(&there, &aside).expect("it is moved");
    let_pass(&queue.place.at("site/gate"));
    let left = runner.end();
    assert_eq!(left.status, Some(75), "{}", left.err);
    for said in [
        "runbook.db was deleted, moved or replaced while the journal was in use",
        "put back what was moved",
        "so none of it was done",
    ] {
        assert!(left.err.contains(said), "{said}:\n{}", left.err);
    }
    assert_eq!(queue.effects(), "deploy\n");
    std::fs::rename(&aside, &there).expect("it is put back");
    let ran = queue.place.call(&["rollback", &run, "--reason", "over"]);
    assert_eq!(ran.status, Some(3), "{}", ran.err);
    assert_eq!(queue.effects(), "deploy\nundeploy\n");
    let whole = queue.place.call(&["log", &run, "--verify"]);
    assert_eq!(whole.status, Some(0), "{}", whole.err);
}
