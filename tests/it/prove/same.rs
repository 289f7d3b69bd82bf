//! What comes to the same is looked at once, and what only looks as if it did is looked at by itself: a sweep that is watched is shown all
//! of it, and sees the same.

use super::swept::{lawful, planned, unwatched};

/// Two guards that trip at once; what the second says, and what is done in the stage.
fn guarded(second: &str, stage: &str) -> String {
    format!(
        "runbook \"A\"\nservice a\n\
         exposure flag: percent {{\n  set $ set \"$flag\"\n  read $ get\n}}\n\
         channel ops {{\n  log \"ops.log\"\n}}\n\
         metric errors: int {{\n  exec \"errors\"\n  unit count\n}}\n\
         metric reports: int {{\n  exec \"reports\"\n  unit count\n}}\n\
         guard one when errors > 10 then rollback\n\
         guard two when reports > 10 then {second}\n\
         rollout {{\n  stage s {{\n{stage}  }}\n}}\n\
         rollback {{\n  level first within 5m {{\n    expose 0%\n  }}\n\
           level second within 5m {{\n    step back $ back\n  }}\n}}\n\
         if stuck {{\n  notify ops \"stuck\"\n}}\n"
    )
}

#[test]
fn of_what_comes_to_the_same_nothing_is_missed() {
    let soak = "    expose 10%\n    wait 10m..20m\n";
    let asks = "    expose 10%\n    step a unless $ is-done\n    $ a\n    wait 10m..20m\n";
    let waits = "    expose 10%\n    wait until errors < 5 within 5m\n    step a $ a\n";
    for (second, stage) in [
        ("rollback", soak),
        ("rollback from second", soak),
        ("hold", soak),
        ("decide within 5m else continue", soak),
        ("decide within 5m else rollback", asks),
        ("warn", asks),
        ("rollback from second", waits),
    ] {
        let plan = planned(&guarded(second, stage));
        unwatched(&plan, &lawful(&plan));
    }
}
