//! Owns the table of faults: how often each was injected, how often the run came to what it had to come to, and how often not.
//! A fault that is in the list and never injected is missing from the table, so the table is printed only when all have been.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// How often one fault was injected, and what came of it.
#[derive(Debug, Default)]
pub(crate) struct Count {
    survived: AtomicUsize,
    lost: AtomicUsize,
}

impl Count {
    /// It was injected once, and all that has to hold does.
    pub(crate) fn survived(&self) {
        self.survived.fetch_add(1, Ordering::Relaxed);
    }

    /// It was injected once, and something does not hold.
    pub(crate) fn lost(&self, which: &str) {
        self.lost.fetch_add(1, Ordering::Relaxed);
        say(&format!("lost: {which}\n"));
    }

    /// Injects it once: what does not hold fails an assertion in there.
    pub(crate) fn case(&self, case: impl FnOnce()) {
        case();
        self.survived();
    }
}

/// The table.
pub(crate) struct Ledger {
    faults: &'static [&'static str],
    rows: Mutex<BTreeMap<usize, (usize, usize)>>,
}

impl Ledger {
    pub(crate) const fn new(faults: &'static [&'static str]) -> Self {
        Self {
            faults,
            rows: Mutex::new(BTreeMap::new()),
        }
    }

    /// Injects a fault as often as `inject` says, and notes what came of it.
    pub(crate) fn fault(&self, fault: &str, inject: impl FnOnce(&Count)) {
        let place = self.faults.iter().position(|known| *known == fault);
        let place = place.unwrap_or_else(|| panic!("`{fault}` is not in the list of faults"));
        let count = Count::default();
        let tried = catch_unwind(AssertUnwindSafe(|| inject(&count)));
        let survived = count.survived.into_inner();
        let lost = match tried {
            Ok(()) => count.lost.into_inner(),
            Err(_) => count.lost.into_inner().max(1),
        };
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.insert(place, (survived, lost));
        say(&line(fault, survived, lost));
        if rows.len() == self.faults.len() {
            say(&self.table(&rows));
        }
        drop(rows);
        if let Err(why) = tried {
            resume_unwind(why);
        }
        assert!(survived > 0, "`{fault}` was never injected");
    }

    fn table(&self, rows: &BTreeMap<usize, (usize, usize)>) -> String {
        let mut text = format!("\n{:<58} injected survived lost\n", "fault");
        let mut all = (0, 0);
        for (place, (survived, lost)) in rows {
            text += &line(self.faults[*place], *survived, *lost);
            all = (all.0 + survived, all.1 + lost);
        }
        text += &line("all", all.0, all.1);
        text
    }
}

fn line(fault: &str, survived: usize, lost: usize) -> String {
    let mut line = String::new();
    let injected = survived + lost;
    writeln!(line, "{fault:<58} {injected:>8} {survived:>8} {lost:>4}")
        .expect("a string takes everything");
    line
}

/// The table is shown for tests that pass, too.
pub(super) fn say(text: &str) {
    std::io::stderr()
        .lock()
        .write_all(text.as_bytes())
        .expect("stderr is open");
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_fault_that_is_not_survived_is_lost_and_fails() {
        use super::{AssertUnwindSafe, Ledger, catch_unwind};

        let ledger = Ledger::new(&["one", "other"]);
        ledger.fault("one", |count| count.case(|| ()));
        let failed = catch_unwind(AssertUnwindSafe(|| {
            ledger.fault("other", |count| {
                count.case(|| ());
                count.case(|| panic!("on purpose"));
            });
        }));
        assert!(failed.is_err());
        let never = catch_unwind(AssertUnwindSafe(|| ledger.fault("one", |_| ())));
        assert!(never.is_err(), "what was never injected proves nothing");
        let rows = ledger.rows.lock().expect("nobody panicked in there");
        assert_eq!(rows.get(&1), Some(&(1, 1)));
        assert!(ledger.table(&rows).ends_with("2        1    1\n"));
    }
}
