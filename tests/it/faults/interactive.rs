//! Steps that have the terminal of the run: what is typed is theirs, what they print is kept, they are bounded like every step, and
//! a terminal that is not there, or goes away, decides nothing.

use rustix::process::{Pid, Signal, kill_process};

use super::terminal::Terminal;
use super::{LEDGER, kin};
use crate::crash::site::Site;
use crate::moment;
use crate::program::run_named_in;

/// The runner left, and the run goes on with `resume`.
const LEFT: i32 = 75;

/// What the step at the terminal does when someone is there who answers.
const TALKS: &str = r#"
      test -t 0 && test -t 1 && test -t 2 || exit 7
      printf 'wh%s? ' o > /dev/tty
      read -r who
      cat "$token_file"; echo
      echo "hello $who"
"#;

/// A run with a step before that can be held at a gate, and a step at the terminal.
fn site(clauses: &str, does: &str) -> Site {
    let text = format!(
        r#"runbook "Somebody has to log in"
service  attended
owner    "@proofs"
zone     "UTC"

param site: path

secret token from file "token"

channel people {{
  log "${{site}}/notices"
}}

rollout {{
  stage all {{
    step build sh """
      echo "build $RUNBOOK_ATTEMPT" >> "$site/effects"
      cat "$site/build_gate"
    """
    step login interactive {clauses} sh """
      echo "login $RUNBOOK_ATTEMPT" >> "$site/effects"
{does}
    """
    step deploy $ echo "deploy $RUNBOOK_ATTEMPT" >> "$site/effects"; test ! -t 0
  }}
}}

rollback {{
  level off within 5m {{
    step back $ echo "back $RUNBOOK_ATTEMPT" >> "$site/effects"
  }}
}}

if stuck {{
  notify people "stuck: ${{reason}}"
}}
"#
    );
    let site = Site::written(&text);
    site.place.write("token", "hunter2-and-more");
    site.place.write("site/build_gate", "");
    site
}

/// The words of a run at a terminal.
fn attended(site: &Site) -> Vec<String> {
    let mut words = site.run("1200x");
    words.retain(|word| word != "--non-interactive");
    words
}

/// All that the steps have printed, as it is kept.
fn kept(site: &Site, run: &str) -> String {
    let outputs = std::fs::read_dir(site.place.at(&format!("state/runs/{run}")));
    outputs
        .expect("the outputs")
        .map(|entry| {
            let bytes = std::fs::read(entry.expect("an entry").path()).expect("a file");
            String::from_utf8_lossy(&bytes).into_owned()
        })
        .collect()
}

fn happened(site: &Site, names: &[&str]) {
    let effects = site.effects();
    effects.assert_at_most_once(names);
    assert!(
        names.iter().all(|name| effects.times(name) == 1),
        "{effects:?}"
    );
    assert_eq!(effects.0.len(), names.len(), "{effects:?}");
}

const ALL: &[&str] = &["build", "login", "deploy"];

#[test]
fn a_step_at_the_terminal_is_answered_interrupted_or_too_slow() {
    LEDGER.fault("a step at the terminal: answered, interrupted, too slow", |count| {
        count.case(|| {
            let site = site("timeout 1h", TALKS);
            let (terminal, mut runner) = Terminal::start(&site.place, &attended(&site));
            terminal.has_shown("who? ");
            assert!(!terminal.is_usual(), "each key goes to the step");
            terminal.types("ann\n");
            let status = terminal.until_end(&mut runner);
            let shown = terminal.shown();
            assert_eq!(status, Some(0), "{shown}");
            assert!(shown.contains("hello ann"), "{shown}");
            assert!(terminal.is_usual(), "it is given back as it was");
            happened(&site, ALL);
            let run = run_named_in(&shown);
            let kept = kept(&site, &run);
            // What was typed is there because the terminal shows it.
            assert!(kept.contains("who? ann\r\n***\r\nhello ann\r\n"), "{kept:?}");
            assert!(!kept.contains("hunter2"), "{kept:?}");
            site.verify(&run);
        });
        // Ctrl-C is for the step alone.
        count.case(|| {
            let site = site("timeout 1h on failure continue", "echo th''ere\nsleep 600");
            let (terminal, mut runner) = Terminal::start(&site.place, &attended(&site));
            terminal.has_shown("there");
            terminal.types("\x03");
            let status = terminal.until_end(&mut runner);
            let shown = terminal.shown();
            assert_eq!(status, Some(0), "{shown}");
            assert!(shown.contains("signal 2") && !shown.contains("etach"), "{shown}");
            happened(&site, ALL);
        });
        // All that comes from it is ended, whatever session it made for itself, and the terminal is given back.
        count.case(|| {
            let lasts = "trap '' TERM HUP\nsetsid sleep 600 &\necho \"$!\" > \"$site/child\"\nsleep 600";
            let clauses = "timeout 1s grace 100ms on failure continue";
            let site = site(clauses, lasts);
            let (terminal, mut runner) = Terminal::start(&site.place, &attended(&site));
            let status = terminal.until_end(&mut runner);
            assert_eq!(status, Some(0), "{}", terminal.shown());
            assert!(terminal.is_usual(), "it is given back as it was");
            let child = site.place.read("site/child");
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.trim()));
            assert!(stat.is_err(), "it runs: {stat:?}");
            happened(&site, ALL);
        });
    });
}

/// Leads the session, runs the program, and has the terminal when that is gone: it gets it back in a moment, and may look before.
const SHELL: &str = r#"
  sh -c 'echo $$ > runner.new; mv runner.new runner; exec "$@"' sh "$@"
  n=0
  until stty -a | grep -q " icanon" || [ $n = 100 ]; do n=$((n + 1)); sleep 0.05; done
  stty -a
  echo "whose?"
  read -r line
  echo "heard $line"
"#;

fn kill(pid: &str) {
    let pid = pid.trim().parse().ok().and_then(Pid::from_raw);
    kill_process(pid.expect("a number"), Signal::KILL).expect("it is ours");
}

#[test]
fn who_has_no_terminal_decides_nothing() {
    LEDGER.fault(
        "a step at the terminal, and its runner dies or has none",
        |count| {
            // It is refused before it begins, by name.
            count.case(|| {
                let site = site("timeout 1h", TALKS);
                let words = site.run("1200x");
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                let ran = site.place.call(&words);
                assert_eq!(ran.status, Some(5), "{ran:?}");
                let why =
                    "step login wants a person at a terminal, and this run has none (line 20)";
                assert!(ran.err.contains(why), "{}", ran.err);
                happened(&site, &[]);
            });
            // The step goes on without its runner, the terminal is given back, and what is typed then is not for the step.
            count.case(|| {
                let does =
                    "cat \"$site/login_gate\"\ntimeout --foreground 0.2 head -n 1 > \"$site/typed\" || true";
                let site = site("timeout 1h", does);
                moment::shut(&site.place.at("site/login_gate"));
                let before = ["sh", "-c", SHELL, "sh"];
                let (terminal, mut shell) =
                    Terminal::start_from(&site.place, &before, &attended(&site));
                site.has_effect("login");
                let run = run_named_in(&terminal.shown());
                assert!(!terminal.is_usual(), "each key goes to the step");
                kill(&site.place.read("runner"));
                terminal.has_shown("whose?");
                let shown = terminal.shown();
                assert!(
                    shown.contains(" icanon") && shown.contains(" echo "),
                    "{shown}"
                );
                terminal.types("mine\n");
                terminal.has_shown("heard mine");
                terminal.until_end(&mut shell);
                drop(terminal);
                moment::let_pass(&site.place.at("site/login_gate"));
                let ran = site.resume(&run);
                assert_eq!(ran.status, Some(0), "{}", ran.err);
                assert_eq!(
                    site.place.read("site/typed"),
                    "",
                    "nobody typed for the step"
                );
                happened(&site, ALL);
                site.verify(&run);
            });
            // Without its supervisor nobody knows how the step ended. The person has the terminal back, and is asked there.
        count.case(|| {
            let site = site("timeout 1h", "cat \"$site/login_gate\"");
            moment::shut(&site.place.at("site/login_gate"));
            let (terminal, mut runner) = Terminal::start(&site.place, &attended(&site));
            site.has_effect("login");
            assert!(!terminal.is_usual(), "each key goes to the step");
            let kin = kin::of(&site.place.at(""));
            let supervisors: Vec<_> = kin.into_iter().filter(|one| one.minds).collect();
            assert_eq!(supervisors.len(), 1);
            kin::kill(&supervisors);
            terminal.has_shown("the outcome of step login is unknown");
            terminal.has_shown("[c]ontinue");
            assert!(terminal.is_usual(), "it is given back as it was");
            terminal.types("c\n");
            terminal.has_shown("Why?");
            terminal.types("looked at it\n");
            let status = terminal.until_end(&mut runner);
            assert_eq!(status, Some(0), "{}", terminal.shown());
            happened(&site, ALL);
        });
        // Taken up where nobody sits, the run waits for somebody before the step: it neither fails nor goes back.
            count.case(|| {
                let site = site("timeout 1h", TALKS);
                moment::shut(&site.place.at("site/build_gate"));
                let (terminal, mut runner) = Terminal::start(&site.place, &attended(&site));
                site.has_effect("build");
                let run = run_named_in(&terminal.shown());
                runner.kill().expect("it is ours");
                runner.wait().expect("it is ours");
                drop(terminal);
                moment::let_pass(&site.place.at("site/build_gate"));
                for _ in 0..2 {
                    let ran = site.resume(&run);
                    assert_eq!(ran.status, Some(LEFT), "{}", ran.err);
                    let why = "step login wants a person at the terminal";
                    assert!(ran.err.contains(why), "{}", ran.err);
                    happened(&site, &["build"]);
                }
                let words = ["resume".to_owned(), run.clone()];
                let (terminal, mut runner) = Terminal::start(&site.place, &words);
                terminal.has_shown("who? ");
                terminal.types("ann\n");
                let status = terminal.until_end(&mut runner);
                assert_eq!(status, Some(0), "{}", terminal.shown());
                happened(&site, ALL);
                site.verify(&run);
            });
        },
    );
}

/// Keys from before a step has the terminal were meant for somebody else: a half line that the run would have read answers nothing.
#[test]
fn what_was_typed_ahead_is_not_for_the_step() {
    let site = site("timeout 1h", TALKS);
    moment::shut(&site.place.at("site/build_gate"));
    let (terminal, mut runner) = Terminal::start(&site.place, &attended(&site));
    site.has_effect("build");
    terminal.types("zzahead");
    terminal.has_shown("zzahead");
    moment::let_pass(&site.place.at("site/build_gate"));
    terminal.has_shown("who? ");
    terminal.types("ann\n");
    let status = terminal.until_end(&mut runner);
    let shown = terminal.shown();
    assert_eq!(status, Some(0), "{shown}");
    assert!(shown.contains("hello ann\r\n"), "{shown}");
    happened(&site, ALL);
}

/// What a step prints last, before it ends and the terminal with it, is kept.
#[test]
fn the_last_words_at_a_terminal_are_kept() {
    let site = site("timeout 1h", "printf 'the very last words'; exit 3");
    let (terminal, mut runner) = Terminal::start(&site.place, &attended(&site));
    let status = terminal.until_end(&mut runner);
    assert_eq!(status, Some(3), "{}", terminal.shown());
    let run = run_named_in(&terminal.shown());
    assert!(kept(&site, &run).contains("the very last words"));
}
