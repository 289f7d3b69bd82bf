//! `check --diff` shows the changes that are certain, `check --fix` makes them, and neither makes any other.

use super::said::Said;
use crate::program::Place;

/// Slips that have one meaning, and some that have several.
const SLIPS: &str = r#"runbook "Slips"
service: api
param version: version
param commit: text
let limit: 5m

provider prom {
  prometheus "https://prometheus.example.com"
}

metric error_rate {
  query prom 'errors'
  unit ratio
}

guard outage when error_rate > 5% && not error_rate < 1% for 10min then rollback

rollout {
  stage all {
    step build timeout limt $ make "app:{{ version }}" --commit $commit
    wait 10 minutes
    step ship $ deploy "$verison" --to '{{ version }}' | tee log
  }
}

rollback {
  level code within 5m {
    $ make undeploy
  }
}
"#;

#[test]
fn what_is_certain_is_shown_made_and_left_alone_afterwards() {
    let place = Place::new();
    place.write("slips.runbook", SLIPS);
    let mut said = Said::in_place(&place);
    let shown = said.call(&["check", "--diff", "slips.runbook"]);
    assert_eq!(place.read("slips.runbook"), SLIPS, "--diff writes nothing");
    let made = said.call(&["check", "--fix", "slips.runbook"]);
    assert_eq!(shown.out, made.out, "what was shown is what was made");
    let mended = place.read("slips.runbook");
    assert_ne!(mended, SLIPS);
    let again = place.call(&["check", "--fix", "slips.runbook"]);
    assert_eq!(again.out, "", "nothing is left to mend");
    assert_eq!(place.read("slips.runbook"), mended);
    assert_said!(said, "fix");
}

#[test]
fn a_file_of_windows_keeps_its_mark_and_its_line_ends() {
    let place = Place::new();
    place.write("plain.runbook", SLIPS);
    let windows = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    place.write("slips.runbook", &windows(SLIPS));
    let plain = place.call(&["check", "--fix", "plain.runbook"]);
    let ran = place.call(&["check", "--fix", "slips.runbook"]);
    assert_eq!(
        (ran.status, plain.status),
        (Some(1), Some(1)),
        "{}",
        ran.err
    );
    let mended = place.read("plain.runbook");
    assert_ne!(mended, SLIPS);
    assert_eq!(place.read("slips.runbook"), windows(&mended));
}
