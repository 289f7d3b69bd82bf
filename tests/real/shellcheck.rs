//! The real shellcheck about the commands of a runbook.

use crate::program::Place;

const BOOK: &str = r#"runbook "Shell"
service api

param name: text
param count: int

rollout {
  stage all {
    step one $ file=$(cat list); cp $file \
      "$name" && seq $count
    step two sh """
      x=$(ls)
      # shellcheck disable=SC2086
      echo $x
      # ümlaut
      y=$(date); echo ü $y
    """
  }
}

rollback {
  level back within 5m {
    step undo timeout 1m $ rm -f list
  }
}
"#;

pub(crate) fn what_it_says_is_where_the_runbook_has_it() {
    let place = Place::new();
    place.write("a.runbook", BOOK);
    let ran = place.call(&["check", "--shellcheck", "a.runbook"]);
    assert_eq!(ran.status, Some(1), "{}", ran.err);
    for at in ["a.runbook:9:37", "a.runbook:16:25"] {
        let said = ran
            .err
            .lines()
            .any(|line| line.trim_start().starts_with(&format!("--> {at}")));
        assert!(said, "{at}: {}", ran.err);
    }
    // What a comment accepts, and what a type makes safe, is not said.
    assert_eq!(ran.err.matches("SC2086").count(), 4, "{}", ran.err);
    assert!(
        ran.err.contains("https://www.shellcheck.net/wiki/SC2086"),
        "{}",
        ran.err
    );
    // The settings of the project are kept.
    place.write(".shellcheckrc", "disable=SC2086\n");
    let ran = place.call(&["check", "--shellcheck", "a.runbook"]);
    assert!(!ran.err.contains("SC2086"), "{}", ran.err);
}
