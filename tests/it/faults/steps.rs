//! What steps do to the run: leave children behind, leave their session, fork without end, ignore TERM, print anything.

use super::{LEDGER, kin};
use crate::crash::site::Site;
use crate::program::{Ran, run_named_in};

/// A rollout of one step, which is bounded by a second and a grace of a second, and a last one that says that it was reached.
pub(super) fn with(step: &str) -> Site {
    let text = format!(
        r#"runbook "One step"

service  one
zone     "UTC"

# The directory.
param site: path

rollout {{
  stage only {{
    step first timeout 5s grace 1s sh """
      echo "first $RUNBOOK_ATTEMPT" >> "$site/effects"
      {step}
      """
    step second $ echo "second $RUNBOOK_ATTEMPT" >> "$site/effects"
  }}
}}

rollback {{
  level back within 5m {{
    step undo idempotent $ echo "undo $RUNBOOK_ATTEMPT" >> "$site/effects"
  }}
}}
"#
    );
    Site::written(&text)
}

fn run(site: &Site) -> Ran {
    Ran::of(site.place.command(&[]).args(site.run("1x")))
}

/// What a step leaves running is ended, whatever it did to get away, and the report says so.
#[test]
fn what_a_step_leaves_behind_is_found_and_ended() {
    LEDGER.fault("a step leaves processes behind", |count| {
        for (step, left) in [
            ("sh -c 'sleep 600 & exit 0'", "it left a process running behind it"),
            ("setsid sleep 600 &", "it left a process running behind it"),
            ("(setsid sh -c 'sleep 600 & sleep 600' &)", "it left 3 processes running behind it"),
            (
                "for i in 1 2 3 4 5 6 7 8 9 10; do (setsid sleep 600 & sleep 600 & wait) & done",
                "processes running behind it",
            ),
            // Each of eight chains is another process every few milliseconds. They never become more.
            (
                "next() { (sleep 0.004; next) & }; for i in 1 2 3 4 5 6 7 8; do next; done; sleep 0.1",
                "running behind it",
            ),
        ] {
            count.case(|| {
                let site = with(step);
                let ran = run(&site);
                assert_eq!(kin::of(&site.place.at("")), [], "{step}");
                assert_eq!(ran.status, Some(0), "{step}\n{}", ran.err);
                assert_eq!(site.effects().times("second"), 1);
                let run = run_named_in(&ran.err);
                let log = site.place.call(&["log", &run, "--format", "json"]).out;
                assert!(log.contains(left), "{step}: `{left}` is not in {log}");
                assert!(ran.err.contains(left), "{step}: `{left}` is not said: {}", ran.err);
                site.verify(&run);
            });
        }
    });
}

/// A step that does not end in time is ended, and the run goes back: the bound of a step is a bound.
#[test]
fn a_step_that_ignores_term_is_ended() {
    LEDGER.fault("a step ignores TERM", |count| {
        for step in [
            "trap '' TERM; sleep 600",
            "trap '' TERM INT HUP; (trap '' TERM; sleep 600) & (setsid sh -c \"trap '' TERM; sleep 600\") & wait; sleep 600",
            "trap 'sleep 600' TERM; while :; do sleep 600; done",
            "trap '' TERM; kill -STOP $$",
        ] {
            count.case(|| {
                let site = with(step);
                let ran = run(&site);
                assert_eq!(kin::of(&site.place.at("")), [], "{step}");
                assert_eq!(ran.status, Some(3), "{step}\n{}", ran.err);
                assert!(ran.err.contains("did not end within its timeout"), "{}", ran.err);
                let effects = site.effects();
                assert_eq!((effects.times("second"), effects.times("undo")), (0, 1));
            });
        }
    });
}

/// Whatever a step prints is in its file as it came, and nothing of it reaches a terminal raw.
#[test]
fn any_output_is_kept_as_it_is_and_shown_safely() {
    LEDGER.fault(
        "NUL, bad UTF-8, escapes, endless lines in the output",
        |count| {
            for (step, bytes) in [
                (r"printf 'a\000b\n'", b"a\0b\n".to_vec()),
                (r"printf '\377\376\200x\n'", b"\xff\xfe\x80x\n".to_vec()),
                (
                    r"printf '\033]0;title\007\033[2J\033[31mred\r\n'",
                    b"\x1b]0;title\x07\x1b[2J\x1b[31mred\r\n".to_vec(),
                ),
                (
                    r"head -c 20000000 /dev/zero | tr '\000' x",
                    vec![b'x'; 20_000_000],
                ),
            ] {
                count.case(|| {
                    let site = with(&format!("{step}; exit 9"));
                    let ran = run(&site);
                    assert_eq!(ran.status, Some(3), "{step}\n{}", ran.err);
                    let run = run_named_in(&ran.err);
                    let file = site.place.at(&format!("state/runs/{run}/attempt-0.out"));
                    let kept = std::fs::read(&file).expect("the output of the first attempt");
                    assert!(
                        kept == bytes,
                        "{step}: {} bytes in {}",
                        kept.len(),
                        file.display()
                    );
                    let shown = site.place.call(&["log", &run]).out + &ran.err;
                    let raw = |byte: char| byte.is_control() && byte != '\n';
                    assert!(!shown.contains(raw), "{step}: {shown:?}");
                    assert!(
                        shown.len() < 20_000,
                        "{step}: {} bytes are shown",
                        shown.len()
                    );
                });
            }
        },
    );
}
