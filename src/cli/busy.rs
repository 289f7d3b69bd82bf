//! Owns what a runner does while another process holds the journal: it waits, for without the journal it may do nothing else, and says so.

use super::say::Say;

/// So many waits of the store, of five seconds each, and the runner leaves.
const MOST: u32 = 120;

/// After so many of them it is said again.
const AGAIN: u32 = 12;

/// Whether the store is waited for once more after so many waits.
pub(super) fn patience(say: &Say) -> impl FnMut(u32) -> bool {
    let say = say.clone();
    move |waits| {
        if waits % AGAIN == 1 {
            say.tell(
                "the journal is BUSY: another process holds it, so that nothing can be recorded. Until it lets go nothing is begun, and nobody looks at the guards.",
            );
        }
        waits < MOST
    }
}
