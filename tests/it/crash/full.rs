//! The journal cannot grow any more in the middle of a run. A limit on the size of files takes the place of a full disk.

use super::site::{Site, UNKNOWN};
use crate::faults::LEDGER;
use crate::program::{Ran, run_named_in};

const ONCE: &[&str] = &["announce", "brag", "migrate", "retire"];

/// The status of a runner that stopped because it could not write.
const STOPPED: i32 = 75;

impl Site {
    /// Runs it where no file may be larger than so many blocks.
    fn run_limited(&self, blocks: u32) -> Ran {
        let script = format!("ulimit -f {blocks}; exec \"$0\" \"$@\"");
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

/// Whether it stopped; nothing when there was room for all of it.
fn at(blocks: u32) -> Option<bool> {
    let site = Site::new("completes");
    let ran = site.run_limited(blocks);
    site.effects().assert_at_most_once(ONCE);
    match ran.status {
        Some(0) => None,
        // There was not even room for the beginning.
        Some(2) => {
            assert_eq!(site.effects().0.len(), 0, "{}", ran.err);
            Some(false)
        }
        Some(STOPPED) => {
            goes_on(&site, &ran);
            Some(true)
        }
        other => panic!("status {other:?}:\n{}", ran.err),
    }
}

/// Where there is room again, a run that stopped is taken up and comes to its end.
pub(crate) fn goes_on(site: &Site, ran: &Ran) {
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

#[test]
fn what_cannot_be_recorded_is_not_done_and_nothing_is_lost() {
    LEDGER.fault("no room for the journal, at every size", |count| {
        let (mut stopped, mut blocks) = (0, 64);
        while let Some(has_stopped) = at(blocks) {
            count.survived();
            stopped += usize::from(has_stopped);
            blocks += blocks / 6;
        }
        assert!(stopped >= 5, "it stopped only {stopped} times");
    });
}
