//! What people have to be told beside where a run stands: which of several questions is meant, where runs are kept, who was not told.

use crate::program::{Place, run_named_in};
use crate::wait;

/// Two guards that ask, and both of their files say that something is wrong.
const ASKS: &str = "\
runbook \"Two questions\"
service two

channel people { log \"notices\" }

metric a { $ cat a
  unit count
  every 1m
}
metric b { $ cat b
  unit count
  every 1m
}

guard first when a > 5 then decide within 6d else rollback
guard second when b > 5 then decide within 6d else rollback

rollout {
  stage all {
    step deploy $ true
    wait 30d
  }
}

rollback {
  level back within 5m {
    step undeploy $ echo undeploy >> effects
  }
}

if stuck {
  notify people \"stuck\"
}
";

#[test]
fn which_of_several_questions_is_meant_is_part_of_what_is_typed() {
    let place = Place::new();
    place.write("two.runbook", ASKS);
    place.write("a", "0\n");
    place.write("b", "0\n");
    let words = [
        "run",
        "two.runbook",
        "--rehearse",
        "1200x",
        "--non-interactive",
    ];
    let mut runner = place.start(&words);
    let run = runner.has_said("of observed healthy time");
    let page = || place.call(&["status", &run]).out;
    place.write("a", "9\n");
    wait::until("one guard asks", page, |page| page.contains("question  "));
    let one = page();
    assert!(
        one.contains("decide") && !one.contains("--question"),
        "{one}"
    );
    place.write("b", "9\n");
    wait::until("both guards ask", page, |page| {
        page.matches("question  ").count() == 2
    });
    let both = page();
    let ways: Vec<&str> = both
        .lines()
        .filter(|line| line.contains("runbook decide"))
        .collect();
    assert_eq!(ways.len(), 4, "{both}");
    assert_eq!(
        ways.iter()
            .filter(|way| way.contains(" --question 0 "))
            .count(),
        2,
        "{both}"
    );
    assert_eq!(
        ways.iter()
            .filter(|way| way.contains(" --question 1 "))
            .count(),
        2,
        "{both}"
    );

    let unclear = place.call(&["decide", &run, "rollback", "--reason", "x"]);
    assert_eq!(unclear.status, Some(2), "{}", unclear.err);
    for way in ways {
        assert!(unclear.err.contains(way.trim()), "{way}: {}", unclear.err);
    }
    let clear = [
        "decide",
        &run,
        "rollback",
        "--question",
        "1",
        "--reason",
        "x",
    ];
    let decided = place.call(&clear);
    assert_eq!(decided.status, Some(0), "{}", decided.err);
    let ended = runner.end();
    assert_eq!(ended.status, Some(3), "{}", ended.err);
    assert_eq!(place.read("effects"), "undeploy\n");
}

/// The page that nobody got is what the next person has to know.
#[test]
fn who_was_not_told_is_said_at_the_end_and_by_status() {
    let place = Place::new();
    place.write(
        "untold.runbook",
        "runbook \"Untold\"\nservice untold\n\nchannel people {\n  command $ exit 7\n}\n\nrollout {\n  stage all {\n    step deploy $ false\n  }\n}\n\nrollback {\n  level back within 5m {\n    step undeploy $ false\n  }\n}\n\nif stuck {\n  notify people \"stuck\"\n}\n",
    );
    let ran = place.call(&["run", "untold.runbook", "--rehearse", "1200x"]);
    assert_eq!(ran.status, Some(4), "{}", ran.err);
    let (_, end) = ran
        .err
        .split_once("is stuck after")
        .expect("it says how it ended");
    assert!(
        end.contains("untold    people could not be told"),
        "{}",
        ran.err
    );
    let run = run_named_in(&ran.err);
    let page = place.call(&["status", &run]).out;
    assert_eq!(
        page.matches("untold    people could not be told").count(),
        1,
        "{page}"
    );
}

/// A command that is printed works when it is typed.
#[test]
fn where_runs_are_kept_is_part_of_what_is_typed() {
    let place = Place::new();
    place.write("two.runbook", &ASKS.replace("wait 30d", "wait 2m"));
    place.write("a", "0\n");
    place.write("b", "0\n");
    let words = [
        "--state",
        "of ours",
        "run",
        "two.runbook",
        "--rehearse",
        "1200x",
    ];
    let ran = place.call(&words);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    let more = format!(
        "give each of these --state '{}'",
        place.at("of ours").display()
    );
    assert!(ran.err.contains(&more), "{}", ran.err);
    let run = run_named_in(&ran.err);
    let page = place.call(&["--state", "of ours", "status", &run]).out;
    assert!(page.contains(&more), "{page}");
    let usual = place.call(&["run", "two.runbook", "--rehearse", "1200x"]);
    assert!(!usual.err.contains("--state"), "{}", usual.err);
}
