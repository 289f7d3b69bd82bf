//! `environment only`: what real commands of every kind find in their environment.

use super::RUNBOOKS;
use crate::program::{Place, Ran};

const KINDS: [&str; 10] = [
    "channel", "set", "read", "metric", "probe", "check", "unless", "step", "secret", "exec",
];

#[test]
fn commands_find_what_the_file_lets_through_and_what_it_gives() {
    let place = Place::new();
    place.write("flag", "0\n");
    let file = format!("{RUNBOOKS}/environment.runbook");
    let mut command = place.command(&["run", &file]);
    command
        .env("OPEN_DOOR", "yes")
        .env("CLOSED_DOOR", "LEAKED")
        .env("TOKEN", "LEAKED-TOKEN");
    let ran = Ran::of(&mut command);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    for kind in KINDS {
        let found = place.read(&format!("env.{kind}"));
        let has = |line: &str| found.lines().any(|one| one == line);
        assert!(has("OPEN_DOOR=yes"), "{kind}: {found}");
        assert!(has("note=said"), "{kind}: {found}");
        assert!(found.contains("PATH="), "{kind}: {found}");
        assert!(found.contains("RUNBOOK_RUN="), "{kind}: {found}");
        for name in ["CLOSED_DOOR", "HOME=", "USER=", "RUNBOOK_STATE", "NO_COLOR"] {
            assert!(!found.contains(name), "{kind} finds {name}: {found}");
        }
        // A secret is found by whom it is handed to, and by nobody else.
        assert_eq!(
            found.contains("LEAKED"),
            kind == "secret",
            "{kind}: {found}"
        );
    }
    assert!(place.read("env.step").contains("OWN=own"));
    assert!(place.read("env.secret").contains("HANDED=LEAKED-TOKEN"));
}
