//! What `check` finds stops a run, unless the file accepts it; and what it accepts is in every report.

use crate::program::Place;

/// A rollout that nobody watches, with a line above its stage.
fn book(above: &str) -> String {
    format!(
        "runbook \"Everyone\"\nservice api\n\nchannel people {{\n  log \"notices.log\"\n}}\n\nexposure flag: percent {{\n  set  $ echo \"$flag\" > flag\n  read $ cat flag\n}}\n\nrollout {{\n{above}  stage all {{\n    expose 100%\n  }}\n}}\n\nrollback {{\n  level off within 5m {{\n    expose 0%\n  }}\n}}\n\nif stuck {{\n  notify people \"stuck\"\n}}\n"
    )
}

#[test]
fn what_is_found_stops_a_run_and_what_is_accepted_is_in_every_report() {
    let place = Place::new();
    place.write("flag", "0\n");
    place.write("a.runbook", &book(""));
    for word in ["check", "plan", "run"] {
        let ran = place.call(&[word, "a.runbook"]);
        assert_eq!(ran.status, Some(1), "{word}: {}", ran.err);
        assert!(
            ran.err.contains("error[unguarded-exposure]"),
            "{word}: {}",
            ran.err
        );
    }
    assert_eq!(place.read("flag"), "0\n", "nothing was run");
    // A line that accepts something else accepts nothing here.
    place.write("a.runbook", &book("  waive vacuous-guard \"no\"\n"));
    let ran = place.call(&["run", "a.runbook"]);
    assert_eq!(ran.status, Some(1), "{}", ran.err);
    assert_eq!(place.read("flag"), "0\n", "nothing was run");

    place.write(
        "a.runbook",
        &book("  waive unguarded-exposure \"only our own accounts\"\n"),
    );
    let accepted = "unguarded-exposure (line 14): nobody looks while stage `all` exposes users; accepted: only our own accounts";
    let checked = place.call(&["check", "a.runbook"]);
    assert_eq!(checked.status, Some(0), "{}", checked.err);
    let plan = place.call(&["plan", "a.runbook"]);
    assert!(plan.out.contains(accepted), "{}", plan.out);
    let ran = place.call(&["run", "a.runbook", "--non-interactive"]);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    assert_eq!(place.read("flag"), "100\n");
    // At the beginning and at the end.
    assert_eq!(ran.err.matches(accepted).count(), 2, "{}", ran.err);
    let run = ran.err.split_whitespace().nth(1).expect("the run");
    let run = run.trim_end_matches(':').to_owned();
    for word in ["status", "log"] {
        let told = place.call(&[word, &run]);
        let all = format!("{}{}", told.out, told.err);
        assert!(all.contains(accepted), "{word}: {all}");
    }
}
