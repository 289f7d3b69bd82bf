//! Captures in the real world: what commands get of them, and what is never kept.

use super::RUNBOOKS;
use super::said::Said;
use crate::program::Place;

#[test]
fn what_was_printed_is_handed_on_and_what_does_not_fit_rolls_back() {
    let place = Place::new();
    std::fs::create_dir(place.at("site")).expect("a folder");
    place.write("site/size", "quite large\n");
    place.write("token", "hunter2-and-more");
    let mut said = Said::in_place(&place);
    let file = format!("{RUNBOOKS}/captured.runbook");
    let site = format!("site={}", place.at("site").display());
    let ran = said.call(&[
        "run",
        &file,
        "--param",
        &site,
        "--non-interactive",
        "--verbose",
    ]);
    assert_eq!(ran.status, Some(3), "{}", ran.err);
    said.call(&["status"]);
    assert_said!(said, "captured");
    assert_eq!(
        place.read("site/effects"),
        "1.9.0 50 none\nwas 1.9.0\nundeploy 1.9.0\n"
    );
    assert!(place.read("site/notices").contains(": it was 1.9.0 at 50%"));
    assert!(!ran.err.contains("hunter2"), "{}", ran.err);
}
