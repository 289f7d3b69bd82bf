//! Files that are no runbooks: each command says what is wrong with them, once, and touches nothing.

use std::fs::File;

use super::said::Said;
use crate::program::Place;

/// A file of another tool that uses the same ending.
const OTHER: &str =
    "name: deploy\nsteps:\n  - name: build\n    run: make\n  - name: ship\n    run: make ship\n";

#[test]
fn what_is_no_runbook_is_said_once() {
    let place = Place::new();
    std::fs::create_dir(place.at("folder.runbook")).expect("a folder");
    std::fs::write(place.at("latin.runbook"), b"runbook \"caf\xe9\"\n").expect("a file");
    place.write("empty.runbook", "");
    place.write("blank.runbook", "\n\n  \n");
    place.write("other.runbook", OTHER);
    // A file with nothing but a hole in it: it takes no room.
    File::create(place.at("large.runbook"))
        .and_then(|file| file.set_len(50 * 1024 * 1024))
        .expect("a file with a hole");
    let files = [
        "missing.runbook",
        "folder.runbook",
        "latin.runbook",
        "empty.runbook",
        "blank.runbook",
        "large.runbook",
        "other.runbook",
    ];
    for command in ["check", "run"] {
        let mut said = Said::in_place(&place);
        for file in files {
            let ran = said.call(&[command, file]);
            let errors = ran
                .err
                .lines()
                .filter(|line| line.starts_with("error"))
                .count();
            assert_eq!(errors, 1, "one clear diagnostic:\n{}", ran.err);
        }
        match command {
            "check" => assert_said!(said, "files_check"),
            _ => assert_said!(said, "files_run"),
        }
    }
    for file in files {
        let checked = place.call(&["check", file]);
        let run = place.call(&["run", file]);
        let planned = place.call(&["plan", file]);
        assert_eq!(planned.status, run.status, "{file}");
        assert_eq!(checked.out, "", "data of nothing");
    }
    assert!(!place.at("state").exists(), "state was written");
}

#[test]
fn a_folder_is_walked_and_each_file_counted() {
    let place = Place::new();
    std::fs::create_dir_all(place.at("all/deep")).expect("a folder");
    let good = std::fs::read_to_string(format!("{}/params.runbook", super::RUNBOOKS));
    let good = good.expect("a runbook");
    place.write("all/good.runbook", &good);
    place.write("all/deep/bad.runbook", &good.replace("service  api\n", ""));
    place.write("all/notes.txt", "not looked at");
    let mut said = Said::in_place(&place);
    said.call(&["check", "all"]);
    said.call(&["check", "all/good.runbook"]);
    said.call(&["check", "all", "nowhere.runbook"]);
    let json = said.call(&["check", "all/deep", "--format", "json"]);
    let parsed: serde_json::Value = serde_json::from_str(&json.out).expect("JSON");
    assert!(parsed.is_array(), "{parsed}");
    // What nothing is wrong with is named too, and once.
    let twice = place.call(&["check", "--format", "json", "all", "all/good.runbook"]);
    let parsed: serde_json::Value = serde_json::from_str(&twice.out).expect("JSON");
    let files = parsed.as_array().expect("a list").iter();
    let files: Vec<&str> = files.filter_map(|one| one["file"].as_str()).collect();
    assert_eq!(files, ["all/deep/bad.runbook", "all/good.runbook"]);
    assert_said!(said, "folders");
}

/// Silence about a file would read as: nothing is wrong with it.
#[test]
fn programs_are_told_of_every_file_that_could_not_be_looked_at() {
    let place = Place::new();
    std::fs::create_dir_all(place.at("all")).expect("a folder");
    place.write("all/good.runbook", "runbook \"Good\"\nservice api\n");
    std::fs::write(place.at("latin.runbook"), b"runbook \"caf\xe9\"\n").expect("a file");
    let mut said = Said::in_place(&place);
    let json = |ran: &str| -> serde_json::Value { serde_json::from_str(ran).expect("JSON") };
    for file in ["missing.runbook", "latin.runbook"] {
        let ran = said.call(&["check", "--format", "json", file]);
        assert_eq!(ran.status, Some(2));
        let told = json(&ran.out);
        assert_eq!(told[0]["errors"], 1, "{told}");
        let first = &told[0]["diagnostics"][0];
        assert_eq!(first["severity"], "error");
        assert_eq!(first["at"]["file"], file);
        let ran = place.call(&["test", "--format", "json", file]);
        let told = json(&ran.out);
        assert_eq!(told["unread"][0]["file"], file, "{told}");
        assert_eq!(told["unread"][0]["diagnostics"]["errors"], 1, "{told}");
        let ran = place.call(&["test", "--format", "junit", file]);
        assert!(ran.out.contains("errors=\"1\""), "{}", ran.out);
        assert!(
            ran.out.contains(&format!("<testsuite name=\"{file}\"")),
            "{}",
            ran.out
        );
    }
    let both = place.call(&[
        "check",
        "--format",
        "json",
        "all/good.runbook",
        "missing.runbook",
    ]);
    let told = json(&both.out);
    assert_eq!(told.as_array().map(Vec::len), Some(2), "{told}");
    assert_eq!(told[1]["diagnostics"][0]["name"], "not-looked-at");
    assert_said!(said, "not_looked_at");
}
