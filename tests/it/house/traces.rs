//! Nothing in the project tells on the machine where it was written: no path of a user or a checkout, no host of a package registry.
//! It must not hold such a name itself, so the ones to look for are put together here or asked of the running machine.

use std::path::Path;

use regex::Regex;

use super::{File, assert_none, project};

/// Beginnings of absolute paths that belong to one person or one machine. `/srv` and `/opt` are free for examples.
const PERSONAL: &str = r"(?:^|[^\w./-])/(?:home|root|Users|work|workspace|builds)/[\w.-]";

/// Hosts of package registries, in pieces.
const HOSTS: &[&[&str]] = &[
    &["crates", ".io"],
    &["docs", ".rs"],
    &["py", "pi.org"],
    &["npm", "js.org"],
    &["npm", "js.com"],
    &["debian", ".org"],
];

/// Folders of this very machine that no file may name: the checkout, the ones around it, the build's, the user's.
fn of_this_machine() -> Vec<String> {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let from_environment = ["HOME", "CARGO_HOME", "CARGO_TARGET_DIR", "RUSTUP_HOME"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok());
    checkout
        .map(|path| path.display().to_string())
        .chain(from_environment)
        // `/tmp` and its like are everybody's.
        .filter(|path| path.matches('/').count() >= 2)
        .collect()
}

fn traces(files: &[File], machine: &[String]) -> Vec<String> {
    let personal = Regex::new(PERSONAL).expect("a pattern");
    let hosts: Vec<String> = HOSTS.iter().map(|pieces| pieces.concat()).collect();
    let mut complaints = Vec::new();
    for file in files {
        for (number, line) in file.text.lines().enumerate() {
            // Cargo writes the name of the index beside every crate.
            if file.path.ends_with("Cargo.lock") && line.starts_with("source = ") {
                continue;
            }
            let known = hosts
                .iter()
                .chain(machine)
                .find(|name| line.contains(*name));
            if known.is_some() || personal.is_match(line) {
                complaints.push(format!("{}:{}: {}", file.path, number + 1, line.trim()));
            }
        }
    }
    complaints
}

#[test]
fn nothing_tells_on_the_machine_it_was_written_on() {
    let files = project();
    assert!(files.len() >= 15, "saw {} files", files.len());
    assert_none("traces of a machine", &traces(&files, &of_this_machine()));
}

#[test]
fn the_checker_sees_a_trace() {
    let see = |text: &str| traces(&[File::new("a.md", text)], &["/tmp/checkout".to_owned()]).len();
    assert_eq!(see(&format!("cd {}ann/project", "/home/")), 1);
    assert_eq!(see(&format!("/{}/main", "work")), 1);
    assert_eq!(see(&format!("see https://{}.io/x", "crates")), 1);
    assert_eq!(see("x\nCARGO_TARGET_DIR=/tmp/checkout/target"), 1);
    assert_eq!(
        see(&format!(
            "network/{}/load, /srv/app, /tmp/a and /home/",
            "work"
        )),
        0
    );
}
