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

/// What looks like slips, and means something else.
const OTHERS: &str = r#"runbook "Others"
service api

param region_eu: text = "a"

let url: text = "https://x"

exposure flag: percent {
  set  $ f set "$flag"
  read $ f get
}

metric latency_p95: duration {
  $ x
  unit  ms
}

guard slow when latency_p90 > 500ms for 1m then warn
guard same when latency_p95 = 500ms for 1m then warn

probe db_1 {
  $ p
}

rollout {
  stage canary {
    $ deploy "$region_uk"
    verify db_3 within 1m
    expose 10%
    capture b = $(x)
    wait 1h
  }
}

rollback {
  level code within 50m {
    expose 0%
  }
}
"#;

#[test]
fn what_may_mean_something_else_is_not_changed_and_no_change_is_offered() {
    let place = Place::new();
    place.write("others.runbook", OTHERS);
    let looked = place.call(&["check", "others.runbook"]);
    assert!(
        looked.err.contains("did you mean `latency_p95`?"),
        "{}",
        looked.err
    );
    assert!(!looked.err.contains("`--fix` makes them"), "{}", looked.err);
    place.call(&["check", "--fix", "others.runbook"]);
    assert_eq!(place.read("others.runbook"), OTHERS);
}

/// A release with one line that is not what it should be.
fn release(line: &str) -> String {
    format!(
        r#"runbook "Choices"
service api

param files: text = "*.log"

exposure flag: percent {{
  set  $ f set "$flag"
  read $ f get
}}

rollout {{
  stage canary {{
    {line}
    wait 1h
  }}
}}

rollback {{
  level code within 50m {{
    expose 0%
  }}
}}
"#
    )
}

#[test]
fn a_change_that_could_make_another_release_of_it_is_for_a_person() {
    let place = Place::new();
    for (line, ways) in [
        ("wait 2h..4m", ["`wait 2h..4h`", "`wait 4m..2h`"]),
        ("wait 4h..2h", ["`wait 2h..4h`", "a longer time than 4h"]),
        (
            "step x retry 3 backoff 30s..1s $ x",
            ["`backoff 1s..30s`", "a longer time than 30s"],
        ),
        (
            "$ rm -f $files",
            ["write \"$files\"", "for one in $files; do"],
        ),
        ("expose 1", ["`100%`", "`1%`"]),
    ] {
        let text = release(line);
        place.write("choices.runbook", &text);
        let looked = place.call(&["check", "choices.runbook"]);
        for way in ways {
            assert!(looked.err.contains(way), "{line}\n{}", looked.err);
        }
        assert!(!looked.err.contains("`--fix` makes them"), "{}", looked.err);
        place.call(&["check", "--fix", "choices.runbook"]);
        assert_eq!(place.read("choices.runbook"), text, "{line}");
    }
}

#[test]
fn quotes_that_can_only_be_right_are_put() {
    let place = Place::new();
    let text = release("$ curl -fsS $address -K $token_file").replace(
        "param files: text = \"*.log\"",
        "param address: url = \"https://example.com/?a=*\"\nsecret token from env TOKEN",
    );
    place.write("quotes.runbook", &text);
    place.call(&["check", "--fix", "quotes.runbook"]);
    assert_eq!(
        place.read("quotes.runbook"),
        text.replace("$address", "\"$address\"")
            .replace("$token_file", "\"$token_file\"")
    );
}

#[test]
fn a_change_is_offered_only_where_it_is_made() {
    let place = Place::new();
    // Its change would make it no better.
    let text = "runbook \"Sums\"\nservice api\nlet x = 5 % 2\nrollout {\n  stage a {\n    $ true\n  }\n}\n";
    place.write("sums.runbook", text);
    let looked = place.call(&["check", "sums.runbook"]);
    let shown = place.call(&["check", "--diff", "sums.runbook"]);
    assert_eq!(
        looked.err.contains("`--fix` makes them"),
        !shown.out.is_empty()
    );
    place.write("slips.runbook", SLIPS);
    let looked = place.call(&["check", "slips.runbook"]);
    assert!(looked.err.contains("`--fix` makes them"), "{}", looked.err);
}
