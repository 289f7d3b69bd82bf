//! What a command is given of the run: `check` lets a variable pass exactly where every real command of its kind finds it.

use super::RUNBOOKS;
use crate::program::Place;

const KINDS: [&str; 11] = [
    "secret", "channel", "set", "read", "metric", "probe", "check", "unless", "undo", "step",
    "level",
];

const OURS: [&str; 7] = [
    "RUNBOOK_ATTEMPT",
    "RUNBOOK_HOST",
    "RUNBOOK_LEVEL",
    "RUNBOOK_NOTICE",
    "RUNBOOK_NOTICE_KEY",
    "RUNBOOK_RUN",
    "RUNBOOK_STAGE",
];

/// A variable that is set in some of the environments that a kind of command had is not one that it may read.
fn always(found: &str, name: &str) -> bool {
    let mut times = found.split("-- \n").skip(1).peekable();
    assert!(times.peek().is_some(), "a command of this kind ran");
    times.all(|env| {
        let line = format!("{name}=");
        env.lines().any(|one| one.starts_with(&line))
    })
}

#[test]
fn check_lets_pass_what_real_commands_find() {
    let place = Place::new();
    place.write("flag", "0\n");
    let file = format!("{RUNBOOKS}/given.runbook");
    let ran = place.call(&["run", &file]);
    assert_eq!(ran.status, Some(3), "{}", ran.err);
    let text = std::fs::read_to_string(&file).expect("the runbook is read");
    let mut passed = 0;
    for kind in KINDS {
        let found = place.read(&format!("given.{kind}"));
        for name in OURS.into_iter().chain(["flag", "RUNBOOK_STGAE"]) {
            let from = format!(">> given.{kind}");
            let to = format!(">> \"given.{kind}.${name}\"");
            assert_eq!(text.matches(&from).count(), 1, "{kind}");
            let read = text.replacen(&from, &to, 1);
            place.write("read.runbook", &read);
            let checked = place.call(&["check", "read.runbook"]);
            let passes = !checked.err.contains("unknown-variable");
            let is_there = always(&found, name);
            assert_eq!(passes, is_there, "{kind} {name}: {}\n{found}", checked.err);
            passed += usize::from(passes);
        }
    }
    assert!(passed > 30, "{passed}");
}
