//! The runner is killed at a named moment: in a soak, in a step, in a level of the rollback.

use rustix::process::Signal;

use super::site::Site;
use crate::moment;
use crate::program::{Ran, Running, run_named_in};

const SPEED: &str = "1200x";

/// A gate that steps come to, and that lets them pass.
const OPEN: &str = "";

impl Site {
    /// Lays down how long the queue is when the service is exposed.
    fn with_load(self, load: &str) -> Self {
        self.place.write("site/queue", "0\n");
        self.place.write("site/load", load);
        self.place.write("site/copy_gate", OPEN);
        self.place.write("site/restore_gate", OPEN);
        self
    }

    /// From now on whoever comes to this gate waits.
    fn shut(self, gate: &str) -> Self {
        moment::shut(&self.place.at(gate));
        self
    }

    fn let_pass(&self, gate: &str) {
        moment::let_pass(&self.place.at(gate));
    }

    fn start(&self) -> Running {
        let words = self.run(SPEED);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        self.place.start(&words)
    }

    /// Takes the run up and lets it go on beside the test.
    fn start_again(&self, run: &str) -> Running {
        let mut again = self.place.start(&["resume", run, "--non-interactive"]);
        assert_eq!(again.has_said("resumed"), run);
        again
    }
}

fn kill(runner: Running) {
    moment::send(&runner, Signal::KILL);
    assert_eq!(runner.end().status, None, "killed by a signal");
}

#[test]
fn in_a_soak() {
    let site = Site::new("waits").with_load("500\n");
    let mut runner = site.start();
    let run = runner.has_said("of observed healthy time");
    kill(runner);
    let before = site.effects();

    let again = site.start_again(&run);
    site.place.write("site/queue", "0\n");
    let ran = again.end();
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    assert_eq!(site.effects(), before, "nothing is done twice");
    site.verify(&run);
}

#[test]
fn in_a_step_that_outlives_its_runner() {
    let site = Site::new("waits").with_load("0\n").shut("site/copy_gate");
    let runner = site.start();
    site.has_effect("copy");
    let run = run_named_in(&runner.err());
    kill(runner);

    let again = site.start_again(&run);
    site.let_pass("site/copy_gate");
    let ran = again.end();
    assert_eq!(ran.status, Some(0), "its true end is known: {}", ran.err);
    assert_eq!(site.effects().times("copy"), 1);
    site.effects().assert_at_most_once(&["copy"]);
    site.verify(&run);
}

#[test]
fn in_a_step_that_ends_while_nobody_looks() {
    let site = Site::new("waits").with_load("0\n").shut("site/copy_gate");
    let runner = site.start();
    site.has_effect("copy");
    let run = run_named_in(&runner.err());
    kill(runner);
    site.let_pass("site/copy_gate");
    crate::wait::until(
        "the step has ended",
        || site.place.at("site/copied").exists(),
        |ended| *ended,
    );

    let ran = site.resume(&run);
    assert_eq!(ran.status, Some(0), "its true end is known: {}", ran.err);
    assert_eq!(site.effects().times("copy"), 1);
    site.effects().assert_at_most_once(&["copy"]);
    site.verify(&run);
}

#[test]
fn in_a_level_of_the_rollback() {
    let site = Site::new("waits")
        .with_load("500\n")
        .shut("site/restore_gate");
    let mut runner = site.start();
    let run = runner.has_said("of observed healthy time");
    let ordered = site
        .place
        .call(&["rollback", &run, "--reason", "the queue grows"]);
    assert_eq!(ordered.status, Some(0), "{ordered:?}");
    site.has_effect("restore");
    kill(runner);

    let again = site.start_again(&run);
    assert_eq!(site.effects().times("restore"), 1);
    site.let_pass("site/restore_gate");
    let ran = again.end();
    assert_eq!(ran.status, Some(3), "{}", ran.err);
    let effects = site.effects();
    effects.assert_at_most_once(&["copy", "restore"]);
    assert_eq!(effects.times("set_0"), 1, "{effects:?}");
    site.verify(&run);
}

/// What a person said when they started the run is kept with it: nobody has to say it twice, and nothing is forgotten.
#[test]
fn before_its_first_record() {
    let site = Site::written(
        r#"runbook "Behind a window"
service shop
zone "UTC"
window office

window office {
  never 2020-01-01..2049-12-31
}

param site: path

before rollout {
  confirm "The review is done"
}

rollout {
  stage all {
    step mark $ echo "mark $RUNBOOK_ATTEMPT" >> "$site/effects"
  }
}

rollback {
  level code within 2m {
    step unmark $ rm -f "$site/mark"
  }
}
"#,
    );
    let mut first = site.place.command(&[]);
    first.args(site.run("1x"));
    first.args(["--confirm", "The review is done", "--by", "ada"]);
    first.args(["--hotfix", "the login is down"]);
    let died = Ran::of(first.env("RUNBOOK_FAILPOINT", "before:1"));
    assert_eq!(died.status, None, "{}", died.err);
    let run = run_named_in(&died.err);

    let ran = site.resume(&run);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    assert!(ran.err.contains("the login is down"), "{}", ran.err);
    assert_eq!(site.effects().times("mark"), 1);
    let log = site.place.call(&["log", &run]).out;
    assert!(log.contains("ada"), "{log}");
    site.verify(&run);
}

/// Stuck behind a point of no return, and let go forward again by a person: its runner may die in that too.
#[test]
fn in_a_way_forward_that_a_person_has_begun_again() {
    let text = r#"runbook "A column that is gone"

service shop
owner   "@proofs"

# The directory.
param site: path

channel people {
  log "${site}/notices"
}

rollout {
  stage drop {
    no return "the column is gone"
    step drop $ echo "drop $RUNBOOK_ATTEMPT" >> "$site/effects"; exit 1
  }
}

rollback {
  level restore within 5m {
    step restore $ echo "restore $RUNBOOK_ATTEMPT" >> "$site/effects"
  }
}

forward {
  level serve within 1h {
    step serve timeout 30m sh """
      test -e "$site/ready" || exit 1
      echo "serve $RUNBOOK_ATTEMPT" >> "$site/effects"
      cat "$site/serve_gate"
      """
  }
}

if stuck {
  notify people "stuck: ${reason}"
}

after forward {
  notify people "went forward by ${level}"
}
"#;
    let site = Site::written(text).shut("site/serve_gate");
    let stuck = site.start().end();
    assert_eq!(stuck.status, Some(4), "{}", stuck.err);
    let run = run_named_in(&stuck.err);

    site.place.write("site/ready", "");
    let words = [
        "rollback",
        &run,
        "--from",
        "serve",
        "--reason",
        "it is ready",
    ];
    let runner = site
        .place
        .start(&[&words[..], &["--non-interactive"]].concat());
    site.has_effect("serve");
    kill(runner);

    let again = site.start_again(&run);
    site.let_pass("site/serve_gate");
    let ran = again.end();
    assert_eq!(ran.status, Some(3), "{}", ran.err);
    assert!(
        ran.err.contains("went forward by level serve"),
        "{}",
        ran.err
    );
    let effects = site.effects();
    effects.assert_at_most_once(&["drop", "serve"]);
    assert_eq!((effects.times("serve"), effects.times("restore")), (1, 0));
    site.verify(&run);
}
