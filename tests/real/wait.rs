//! Waiting for a real process: asking again, a bounded number of times.
//! Nothing else in the tests sleeps.

use std::fmt::Debug;
use std::thread::sleep;
use std::time::Duration;

/// Half a minute, of which a server on an idle machine needs a fraction of a second.
const ATTEMPTS: u32 = 600;

const BETWEEN: Duration = Duration::from_millis(50);

/// Asks until the answer is `wanted`. Fails the test, with the last answer, when there is none in half a minute.
pub(crate) fn until<T: Debug>(what: &str, mut ask: impl FnMut() -> T, wanted: impl Fn(&T) -> bool) {
    let mut last = ask();
    for _ in 0..ATTEMPTS {
        if wanted(&last) {
            return;
        }
        sleep(BETWEEN);
        last = ask();
    }
    panic!("waited in vain until {what}; the last answer was {last:?}");
}
