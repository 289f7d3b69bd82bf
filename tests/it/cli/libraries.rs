//! Libraries on a disk: found beside the file that uses them, never outside of the project, and kept with the run.

use std::os::unix::fs::symlink;

use runbook::journal::sqlite::SqliteStore;
use runbook::journal::{Store, StoredRun};

use super::said::Said;
use crate::program::{Place, Ran, run_named_in};

/// A runbook in `project/deploy` that verifies a probe of a library.
fn runbook(uses: &str) -> String {
    format!(
        "runbook \"Libraries\"\nservice api\n\nuse \"{uses}\" as probes\n\nrollout {{\n  stage all {{\n    verify probes.healthy within 5s every 1s\n  }}\n}}\n"
    )
}

const PROBES: &str = "library \"Probes\"\n\nprobe healthy {\n  exec \"true\"\n}\n";

fn project() -> Place {
    let place = Place::new();
    for folder in ["project/.git", "project/deploy", "project/lib", "other"] {
        std::fs::create_dir_all(place.at(folder)).expect("a folder");
    }
    place.write("project/lib/probes.runbook", PROBES);
    place.write("other/probes.runbook", PROBES);
    place
}

/// What the journal keeps of a run.
fn kept(place: &Place, ran: &Ran) -> StoredRun {
    let store = SqliteStore::open_existing(&place.at("state"));
    let store = store.expect("it can be read").expect("it is there");
    let named = run_named_in(&ran.err);
    let runs = store.runs().expect("the runs are kept");
    let run = runs.iter().find(|run| run.id.as_str() == named);
    let run = run.expect("the run is kept");
    store.load(&run.id).expect("it can be read")
}

#[test]
fn a_library_is_found_from_the_file_that_uses_it_and_kept_with_the_run() {
    let place = project();
    let text = runbook("../lib/probes.runbook");
    place.write("project/deploy/api.runbook", &text);
    let ran = place.call(&["run", "project/deploy/api.runbook"]);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    let kept = kept(&place, &ran);
    assert_eq!(
        kept.source,
        format!("{text}\n# ---- project/lib/probes.runbook\n{PROBES}")
    );
    let libraries = kept.plan().expect("a plan").header.libraries;
    assert_eq!(libraries.len(), 1);
    let before = libraries[0].sha256.clone();
    // Another text of the library is another plan.
    place.write(
        "project/lib/probes.runbook",
        &PROBES.replace("exec \"true\"", "exec \"true\" \"again\""),
    );
    let ran = place.call(&["run", "project/deploy/api.runbook"]);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    let kept = self::kept(&place, &ran);
    assert_ne!(
        kept.plan().expect("a plan").header.libraries[0].sha256,
        before
    );
}

#[test]
fn nothing_outside_of_the_project_is_used() {
    let place = project();
    let link = |to: &str, from: &str| symlink(place.at(to), place.at(from)).expect("a link");
    link("other/probes.runbook", "project/lib/linked.runbook");
    link("other", "project/away");
    symlink("probes.runbook", place.at("project/lib/inside.runbook")).expect("a link");
    std::fs::create_dir(place.at("project/lib/folder.runbook")).expect("a folder");
    let absolute = place.at("project/lib/probes.runbook");
    let absolute = absolute.to_string_lossy().into_owned();
    let refused = [
        "../../other/probes.runbook",
        "../lib/linked.runbook",
        "../away/probes.runbook",
        absolute.as_str(),
    ];
    let file = "project/deploy/api.runbook";
    for uses in refused {
        place.write(file, &runbook(uses));
        for command in ["check", "plan", "run"] {
            let ran = place.call(&[command, file]);
            assert!(
                ran.err.contains("error[library-outside]"),
                "{uses}: {}",
                ran.err
            );
            assert_eq!(ran.status, Some(1), "{uses}: {}", ran.err);
        }
    }
    place.write(file, &runbook("../lib/folder.runbook"));
    let ran = place.call(&["check", file]);
    assert!(ran.err.contains("this is not a file"), "{}", ran.err);
    // A link that stays inside is as good as the file.
    place.write(file, &runbook("../lib/inside.runbook"));
    let ran = place.call(&["check", file]);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    assert!(!place.at("state").exists(), "state was written");
}

#[test]
fn each_finding_is_shown_in_its_own_file() {
    let place = project();
    place.write(
        "project/lib/probes.runbook",
        "library \"Probes\"\n\nuse \"names.runbook\"\n\nprobe healthy {\n  http get names.helth\n  expect status == 200\n}\n",
    );
    place.write(
        "project/lib/names.runbook",
        "library \"Names\"\n\nlet health = \"https://example.com/health\"\n",
    );
    place.write(
        "project/deploy/api.runbook",
        &runbook("../lib/probes.runbook"),
    );
    let mut said = Said::in_place(&place);
    said.call(&["check", "project/deploy/api.runbook"]);
    said.call(&["check", "project/lib"]);
    said.call(&["run", "project/lib/names.runbook"]);
    said.call(&["check", "--format", "json", "project/deploy/api.runbook"]);
    assert_said!(said, "libraries_findings");
}
