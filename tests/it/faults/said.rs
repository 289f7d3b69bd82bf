//! Owns what people were told by runners that died, and whether the journal has it.

use std::collections::BTreeMap;

use crate::crash::site::Site;

/// The words of lines that tell of something that has happened.
const TOLD: &[&str] = &[
    "STAGE",
    "done",
    "exposed",
    "served",
    "failed",
    "UNKNOWN",
    "answer",
    "ROLLBACK",
    "LEVEL",
    "recovered",
    "completed",
];

/// How often each line was told, by all runners of a run, without its time.
#[derive(Debug, Default)]
pub(crate) struct Told(BTreeMap<String, usize>);

impl Told {
    /// Hears what a runner said. A line that its death cut off was not told.
    pub(crate) fn hear(&mut self, err: &str) {
        let whole = err.rfind('\n').map_or("", |end| &err[..end]);
        for line in whole.lines() {
            // `      2m  done        deploy (10s)`
            let rest: Vec<&str> = line.split_whitespace().skip(1).collect();
            if line.starts_with("  ") && rest.first().is_some_and(|word| TOLD.contains(word)) {
                *self.0.entry(rest.join(" ")).or_default() += 1;
            }
        }
    }

    /// Everything that was told is in the journal, as often as it was told.
    pub(crate) fn is_in_the_journal(&self, site: &Site, run: &str) {
        let log = site.place.call(&["log", run]);
        assert_eq!(log.status, Some(0), "{log:?}");
        let mut kept: BTreeMap<String, usize> = BTreeMap::new();
        for line in log.out.lines() {
            // `  12  2026-11-23 12:00:00  +2m  done        deploy (10s)`
            if let Some((_, told)) = line.split_once('+') {
                let rest: Vec<&str> = told.split_whitespace().skip(1).collect();
                *kept.entry(rest.join(" ")).or_default() += 1;
            }
        }
        assert!(!self.0.is_empty(), "nobody was told anything");
        for (line, times) in &self.0 {
            let in_journal = kept.get(line).copied().unwrap_or(0);
            assert!(
                in_journal >= *times,
                "`{line}` was told {times} times and is {in_journal} times in:\n{}",
                log.out
            );
        }
    }
}
