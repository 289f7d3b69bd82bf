//! `runbook test`: its statuses, its forms for programs, and that it is never green when nothing was tested.

use super::super::program::Place;

const RUNBOOK: &str = r#"runbook "Deploy"
service api

rollout {
  stage all {
    step build $ make
    wait 10m
  }
}

rollback {
  level back within 5m {
    step undo $ make undo
  }
}
"#;

const HOLDS: &str = r#"
test "it completes" {
  expect outcome == completed
}
"#;

const FAILS: &str = r#"
test "it <fails> & \"goes\" back" {
  fail build
  expect outcome == completed
}
"#;

fn place(tests: &str) -> Place {
    let place = Place::new();
    place.write("a.runbook", &format!("{RUNBOOK}{tests}"));
    place
}

fn call(place: &Place, more: &[&str]) -> (Option<i32>, String, String) {
    let file = place.at("a.runbook");
    let name = file.to_str().expect("a path of words");
    let mut words = vec!["test", name];
    words.extend(more);
    let ran = place.call(&words);
    let bare = |text: &str| text.replace(name, "a.runbook");
    (ran.status, bare(&ran.out), bare(&ran.err))
}

#[test]
fn what_holds_is_counted() {
    let place = place(HOLDS);
    assert_eq!(
        call(&place, &[]),
        (Some(0), String::new(), "1 test: 1 passed\n".to_owned())
    );
}

#[test]
fn what_does_not_hold_is_status_1_with_the_way_there() {
    let place = place(&format!("{HOLDS}{FAILS}"));
    let (status, out, err) = call(&place, &[]);
    assert_eq!((status, out.as_str()), (Some(1), ""));
    insta::assert_snapshot!(err);
    let (status, _, err) = call(&place, &["--filter", "completes"]);
    assert_eq!((status, err.as_str()), (Some(0), "1 test: 1 passed\n"));
}

#[test]
fn nothing_tested_is_never_green() {
    let place = place("");
    let (status, _, err) = call(&place, &[]);
    assert_eq!(status, Some(2), "{err}");
    assert!(err.contains("there is no test here"), "{err}");
    let place = self::place(HOLDS);
    let (status, _, err) = call(&place, &["--filter", "nowhere"]);
    assert_eq!(status, Some(2), "{err}");
    assert!(err.contains("none of 1 test has `nowhere`"), "{err}");
    let empty = Place::new();
    let ran = empty.call(&["test", empty.at("").to_str().expect("a path of words")]);
    assert_eq!(ran.status, Some(2), "{}", ran.err);
}

#[test]
fn a_file_that_is_wrong_is_explained_and_fails() {
    let place = place("\ntest \"it\" {\n  expect outcome == complete\n}\n");
    let (status, _, err) = call(&place, &[]);
    assert_eq!(status, Some(1), "{err}");
    assert!(err.contains("unknown-choice"), "{err}");
    let (_, _, covered) = call(&place, &["--coverage"]);
    assert!(
        covered.contains("no tests were run, so nothing is covered"),
        "{covered}"
    );
    assert!(
        err.contains("the tests of 1 file could not be run"),
        "{err}"
    );
}

#[test]
fn programs_get_json_with_a_version() {
    let place = place(&format!("{HOLDS}{FAILS}"));
    let coverage = place.at("coverage.json");
    let coverage = coverage.to_str().expect("a path of words");
    let (status, out, _) = call(
        &place,
        &[
            "--format",
            "json",
            "--coverage",
            "--coverage-json",
            coverage,
        ],
    );
    assert_eq!(status, Some(1));
    let told: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(told["schema"], 1);
    assert_eq!(told["summary"]["passed"], 1);
    assert_eq!(told["summary"]["failed"], 1);
    let tests = told["files"][0]["tests"].as_array().expect("tests");
    assert_eq!(tests.len(), 2);
    assert_eq!(tests[1]["outcome"], "rolled_back(back)");
    assert_eq!(tests[1]["failures"][0]["expected"], "outcome == completed");
    let written: serde_json::Value =
        serde_json::from_str(&place.read("coverage.json")).expect("JSON");
    let written = written.to_string().replace(
        place.at("a.runbook").to_str().expect("a path of words"),
        "a.runbook",
    );
    assert_eq!(written, told["coverage"].to_string());
    let steps = &told["coverage"]["summary"]["steps"];
    assert_eq!((&steps["covered"], &steps["total"]), (&2.into(), &2.into()));
    let items = told["coverage"]["files"][0]["items"].as_array();
    assert!(items.expect("items").iter().any(|item| {
        item["kind"] == "failure" && item["name"] == "step build in all fails" && item["hits"] == 1
    }));
}

/// What the proof excludes is not missing, and what it does not exclude is.
#[test]
fn what_cannot_happen_is_not_called_missing() {
    let exposed = r#"runbook "Deploy"
service api

channel people {
  log "/tmp/people.log"
}

exposure users: percent {
  set $ true
  read $ true
}

rollout {
  stage all {
STEP    expose 100%
    wait 10m
  }
}

rollback {
  level back within 5m when users > 0% {
    expose 0%
  }
  level image within 5m {
    step image $ make image
  }
}

if stuck {
  notify people "${reason}"
}

test "it goes back" {
  fail users in all
  fail users in back
  expect outcome == rolled_back(image)
}
"#;
    let cannot = "everything that can happen is covered\n\n\
                  cannot happen, with the values that the tests give\n  \
                  a.runbook:21  level back: its `when` does not hold\n";
    let place = Place::new();
    place.write("a.runbook", &exposed.replace("STEP", "").replace(
        "\ntest \"it goes back\"",
        "\ntest \"it is stuck\" {\n  fail users in all\n  fail users in back\n  fail image\n  expect outcome == stuck\n}\n\ntest \"it goes back\"",
    ));
    let (status, _, err) = call(&place, &["--coverage"]);
    assert_eq!(status, Some(0), "{err}");
    assert!(err.contains(cannot), "{err}");
    place.write(
        "a.runbook",
        &exposed.replace("STEP", "    step build $ make\n"),
    );
    let (status, _, err) = call(&place, &["--coverage"]);
    assert_eq!(status, Some(0), "{err}");
    assert!(!err.contains("cannot happen"), "{err}");
    for missing in [
        "a.runbook:15  step build in all fails",
        "a.runbook:22  level back: its `when` does not hold",
    ] {
        assert!(err.contains(missing), "{err}");
    }
}

/// Tests for what no test reaches are printed, and what was printed holds when it is put into the file.
#[test]
fn tests_are_suggested_for_what_no_test_reaches() {
    let place = place(HOLDS);
    let (status, out, err) = call(&place, &["--suggest"]);
    assert_eq!(status, Some(0), "{err}");
    insta::assert_snapshot!(format!("{out}{:-<80}\n{err}", ""));
    place.write("a.runbook", &format!("{RUNBOOK}{HOLDS}\n{out}"));
    let (status, _, err) = call(&place, &["--coverage"]);
    assert_eq!(status, Some(0), "{err}");
    assert!(err.contains("everything is covered"), "{err}");
    let (status, out, err) = call(&place, &["--suggest"]);
    assert_eq!((status, out.as_str()), (Some(0), ""), "{err}");
    let (status, _, err) = call(&place, &["--suggest", "--watch"]);
    assert_eq!(status, Some(2), "{err}");
    place.write("a.runbook", "runbook \"Deploy\"\n");
    let (status, out, err) = call(&place, &["--suggest"]);
    assert_eq!((status, out.as_str()), (Some(1), ""), "{err}");
}

/// The tests are run again when a file changes.
#[test]
fn a_change_is_seen_while_it_watches() {
    let place = place(HOLDS);
    let running = place.start(&["test", ".", "--watch"]);
    let says = |words: &str| {
        crate::wait::until(
            &format!("it says `{words}`"),
            || running.err(),
            |said| said.contains(words),
        );
    };
    says("1 test: 1 passed\nwatching");
    place.write("a.runbook", &format!("{RUNBOOK}{HOLDS}{FAILS}"));
    says("a.runbook has changed");
    says("2 tests: 1 passed, 1 failed\nwatching");
}

#[test]
fn programs_get_junit_that_can_be_read() {
    let place = place(&format!("{HOLDS}{FAILS}"));
    let (status, out, _) = call(&place, &["--format", "junit"]);
    assert_eq!(status, Some(1));
    well_formed(&out);
    insta::assert_snapshot!(out);
}

/// Every tag is closed by its own, attributes are quoted, and nothing stands bare that XML forbids.
fn well_formed(text: &str) {
    let body = text
        .strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        .expect("a declaration");
    let (mut open, mut rest, mut tags) = (Vec::new(), body, 0);
    while let Some(start) = rest.find('<') {
        let between = &rest[..start];
        assert!(!between.contains('>'), "{between}");
        for part in between.split('&').skip(1) {
            let entity = part.split(';').next().expect("its end");
            assert!(
                ["amp", "lt", "gt", "quot", "#10"].contains(&entity),
                "{entity}"
            );
        }
        let end = start + rest[start..].find('>').expect("a tag ends");
        let tag = &rest[start + 1..end];
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        assert!(!tag.contains('<'), "{tag}");
        let name = |tag: &str| tag.split(' ').next().expect("a name").to_owned();
        if let Some(closed) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(closed));
        } else if !tag.ends_with('/') {
            open.push(name(tag));
        }
        tags += 1;
        rest = &rest[end + 1..];
    }
    assert!(open.is_empty() && tags > 5, "{open:?}");
}
