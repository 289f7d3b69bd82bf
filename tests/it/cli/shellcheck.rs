//! `check --shellcheck` with a stand-in for the program; the real one is asked by the tests against real components.

use std::os::unix::fs::PermissionsExt;

use crate::program::{Place, Ran};

const BOOK: &str = r#"runbook "Shell"
service api

param count: int

rollout {
  stage all {
    step one $ file=$(cat list); cp $file \
      "copy" && seq $count
    step two sh """
      y=$(date)
      echo ü $y
    """
  }
}

rollback {
  level back within 5m {
    step undo timeout 1m $ rm -f list
  }
}
"#;

/// Says something about each text: the words with which it was started are kept in `words`, and the texts beside them.
fn place(answer: &str, status: u8) -> Place {
    let place = Place::new();
    std::fs::create_dir(place.at("bin")).expect("a folder");
    place.write(
        "bin/shellcheck",
        &format!(
            "#!/bin/sh\necho \"$@\" > {0}/words\ncat 0.sh > {0}/first\ncat 1.sh > {0}/second\ncat <<'E'\n{answer}\nE\nexit {status}\n",
            place.at("").display()
        ),
    );
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(place.at("bin/shellcheck"), mode).expect("it may be run");
    place.write("a.runbook", BOOK);
    place
}

fn checked(place: &Place, words: &[&str]) -> Ran {
    let mut command = place.command(words);
    let path = format!("{}:/usr/bin:/bin", place.at("bin").display());
    Ran::of(command.env("PATH", path))
}

const ANSWER: &str = r#"{"comments":[
 {"file":"0.sh","line":1,"endLine":1,"column":22,"endColumn":27,"level":"info","code":2086,"message":"Double quote to prevent globbing and word splitting.","fix":null},
 {"file":"0.sh","line":2,"endLine":2,"column":21,"endColumn":27,"level":"info","code":2086,"message":"Double quote to prevent globbing and word splitting.","fix":null},
 {"file":"1.sh","line":2,"endLine":2,"column":8,"endColumn":10,"level":"info","code":2086,"message":"Double quote to prevent globbing and word splitting.","fix":null}
]}"#;

#[test]
fn what_it_says_is_where_the_runbook_has_it() {
    let place = place(ANSWER, 1);
    let ran = checked(&place, &["check", "--shellcheck", "a.runbook"]);
    assert_eq!(ran.status, Some(1), "{}", ran.err);
    insta::assert_snapshot!(ran.err);
    assert_eq!(
        place.read("words"),
        "--format=json1 --shell=sh --exclude=SC2154,SC2148 0.sh 1.sh 2.sh\n"
    );
    assert_eq!(place.read("second"), "y=$(date)\necho ü $y\n");
    // Without the option it is not asked.
    std::fs::remove_file(place.at("words")).expect("it was written");
    let ran = checked(&place, &["check", "a.runbook"]);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    assert!(!place.at("words").exists());
}

#[test]
fn that_it_is_not_there_or_does_not_answer_is_no_success() {
    let there = place("no json", 0);
    let ran = checked(&there, &["check", "--shellcheck", "a.runbook"]);
    assert_eq!(ran.status, Some(2), "{}", ran.err);
    assert!(
        ran.err
            .contains("shellcheck gives no answer: its answer cannot be read"),
        "{}",
        ran.err
    );
    let broken = place("", 3);
    let ran = checked(&broken, &["check", "--shellcheck", "a.runbook"]);
    assert_eq!(ran.status, Some(2), "{}", ran.err);
    assert!(
        ran.err
            .contains("shellcheck gives no answer: exit status: 3"),
        "{}",
        ran.err
    );
    let ran = checked(
        &broken,
        &["check", "--shellcheck", "--format", "json", "a.runbook"],
    );
    assert!(ran.out.contains("\"not-looked-at\""), "{}", ran.out);
    let ran = checked(
        &broken,
        &["check", "--shellcheck", "--format", "json", "a.runbook"],
    );
    assert!(ran.out.contains("\"not-looked-at\""), "{}", ran.out);
    let ran = Ran::of(
        broken
            .command(&["check", "--shellcheck", "a.runbook"])
            .env("PATH", "/nowhere"),
    );
    assert_eq!(ran.status, Some(2), "{}", ran.err);
    assert!(
        ran.err
            .contains("the program `shellcheck` is not on the PATH"),
        "{}",
        ran.err
    );
}
