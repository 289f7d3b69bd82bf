//! What people have to be told beside where a run stands: which of several questions is meant, where runs are kept, who was not told.

use rustix::process::Signal;

use crate::program::{Place, Running, run_named_in};
use crate::{moment, wait};

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
    // With one level there is none to choose.
    let again = format!("try again runbook rollback {run} --reason");
    assert!(ran.err.contains(&again), "{}", ran.err);
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
    for words in [
        &[
            "--state", "of ours", "decide", &run, "continue", "--reason", "x",
        ][..],
        &["--state", "of ours", "rollback", &run, "--reason", "x"],
        &["--state", "of ours", "resume", &run],
    ] {
        let said = place.call(words).err;
        assert!(said.contains(&more), "{words:?}: {said}");
    }
    let usual = place.call(&["run", "two.runbook", "--rehearse", "1200x"]);
    assert!(!usual.err.contains("--state"), "{}", usual.err);
}

/// A guard that asks, and goes on when nobody answers.
fn asks_within(time: &str) -> String {
    format!(
        "runbook \"Asks\"\nservice asks\n\nmetric a {{ $ cat a\n  unit count\n  every 1m\n}}\n\n\
         guard first when a > 5 then decide within {time} else continue\n\n\
         rollout {{\n  stage all {{\n    step deploy $ true\n    wait 1h\n  }}\n}}\n\n\
         rollback {{\n  level back within 5m {{\n    step undeploy $ echo undeploy >> effects\n  }}\n}}\n"
    )
}

/// A run with an open question.
fn asking(place: &Place, within: &str) -> (Running, String) {
    place.write("asks.runbook", &asks_within(within));
    place.write("a", "0\n");
    let words = [
        "run",
        "asks.runbook",
        "--rehearse",
        "600x",
        "--non-interactive",
    ];
    let mut runner = place.start(&words);
    let run = runner.has_said("of observed healthy time");
    place.write("a", "9\n");
    let page = || place.call(&["status", &run]).out;
    wait::until("the guard asks", page, |page| page.contains("question  "));
    (runner, run)
}

/// The same, whose runner was killed.
fn left_alone(place: &Place) -> String {
    let (runner, run) = asking(place, "2h");
    drop(runner);
    run
}

fn until_it_is_over(place: &Place, run: &str) {
    let page = || place.call(&["status", run]).out;
    wait::until("its time is over", page, |page| {
        page.contains(": its time was over ") && page.contains(" ago: continue")
    });
}

/// It was said in time that the release is to go back. That no runner was there to hear it changes nothing.
#[test]
fn an_answer_in_time_counts_when_the_run_is_taken_up_too_late() {
    let place = Place::new();
    let run = left_alone(&place);
    // A reason is one line among others, whatever is pasted.
    let reason = "stop it\nstate     completed\x1b[2J";
    let words = [
        "decide", &run, "rollback", "--reason", reason, "--by", "ann",
    ];
    let decided = place.call(&words);
    assert_eq!(decided.status, Some(0), "{}", decided.err);
    let page = place.call(&["status", &run]).out;
    let waits = "answered  rollback, by ann: stop it state     completed (not read yet:";
    assert!(page.contains(waits), "{page}");
    until_it_is_over(&place, &run);
    let resumed = place.call(&["resume", &run, "--non-interactive"]);
    assert_eq!(resumed.status, Some(3), "{}", resumed.err);
    assert_eq!(place.read("effects"), "undeploy\n");
    let log = place.call(&["log", &run]).out;
    assert!(log.contains("ann: stop it state     completed"), "{log}");
    let whole = place.call(&["log", &run, "--verify"]);
    assert_eq!(whole.status, Some(0), "{}", whole.err);
    let page = place.call(&["status", &run]).out;
    assert!(!page.contains("answered  "), "{page}");
}

/// The same where the runner lives and sleeps: it was stopped, or its machine.
#[test]
fn an_answer_in_time_counts_when_the_runner_wakes_too_late() {
    let place = Place::new();
    let (runner, run) = asking(&place, "2h");
    moment::send(&runner, Signal::STOP);
    let decided = place.call(&["decide", &run, "rollback", "--reason", "stop it"]);
    assert_eq!(decided.status, Some(0), "{}", decided.err);
    until_it_is_over(&place, &run);
    moment::send(&runner, Signal::CONT);
    let ended = runner.end();
    assert_eq!(ended.status, Some(3), "{}", ended.err);
    assert!(
        ended.err.contains("stop it") && !ended.err.contains("nobody answered"),
        "{}",
        ended.err
    );
    assert_eq!(place.read("effects"), "undeploy\n");
}

/// An answer that comes too late is refused, and does not vanish; an order to go back is never too late.
#[test]
fn an_answer_that_is_too_late_is_refused_and_an_order_is_not() {
    let place = Place::new();
    let run = left_alone(&place);
    until_it_is_over(&place, &run);
    let late = place.call(&["decide", &run, "rollback", "--reason", "stop it"]);
    assert_eq!(late.status, Some(2), "{}", late.err);
    assert!(
        late.err.contains("the time to answer this was over at")
            && late.err.contains("of no answer: continue"),
        "{}",
        late.err
    );
    let ordered = [
        "rollback",
        &run,
        "--reason",
        "all the same",
        "--non-interactive",
    ];
    let ordered = place.call(&ordered);
    assert_eq!(ordered.status, Some(3), "{}", ordered.err);
    assert_eq!(place.read("effects"), "undeploy\n");
    let ended = place.call(&["resume", &run]);
    assert!(
        ended.err.contains("has ended: rolled back, by level back"),
        "{}",
        ended.err
    );
}
