//! The journal cannot grow any more in the middle of a run. A limit on the size of files takes the place of a full disk.

use super::site::{Site, UNKNOWN};
use crate::program::{Ran, run_named_in};

const ONCE: &[&str] = &["announce", "brag", "migrate", "retire"];

/// The status of a runner that stopped because it could not write.
const STOPPED: i32 = 75;

impl Site {
    /// Runs it where no file may be larger than so many blocks.
    fn run_limited(&self, blocks: u32) -> Ran {
        // Without the trap the signal of the limit would be the end; a full disk sends none.
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let program = self.place.command(&[]);
        let mut limited = std::process::Command::new("/bin/sh");
        limited
            .args(["-c", &script])
            .arg(program.get_program())
            .args(self.run("1200x"))
            .env_clear()
            .envs(
                program
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            );
        Ran::of(&mut limited)
    }
}

#[test]
fn what_cannot_be_recorded_is_not_done_and_nothing_is_lost() {
    let (mut stopped, mut blocks) = (0, 64);
    loop {
        let site = Site::new("completes");
        let ran = site.run_limited(blocks);
        site.effects().assert_at_most_once(ONCE);
        match ran.status {
            Some(0) => break,
            // There was not even room for the beginning.
            Some(2) => assert_eq!(site.effects().0.len(), 0, "{}", ran.err),
            Some(STOPPED) => {
                stopped += 1;
                assert!(ran.err.contains("none of it was done"), "{}", ran.err);
                let run = run_named_in(&ran.err);
                assert!(
                    ran.err.contains(&format!("runbook resume {run}")),
                    "{}",
                    ran.err
                );
                site.verify(&run);
                let mut again = site.resume(&run);
                if again.status == Some(UNKNOWN) {
                    again = site.answer(&again, ONCE);
                }
                assert_eq!(again.status, Some(0), "{}", again.err);
                let effects = site.effects();
                effects.assert_at_most_once(ONCE);
                assert!(
                    ONCE.iter().all(|name| effects.times(name) == 1),
                    "{effects:?}"
                );
                site.verify(&run);
            }
            other => panic!("status {other:?}:\n{}", ran.err),
        }
        blocks += blocks / 6;
    }
    assert!(stopped >= 5, "it stopped only {stopped} times");
}
