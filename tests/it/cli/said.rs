//! Owns how what the program says becomes a snapshot: what differs from run to run has a name instead. It must not hide
//! anything else.

use std::fmt::Write as _;

use insta::Settings;

use super::RUNBOOKS;
use crate::program::{Place, Ran};

/// `1h30m`, `29m59s423ms`.
const SPAN: &str = r"(?:\d+(?:ms|[smhd]))+";

/// What someone typed, one call after another, with what came of each.
pub(crate) struct Said<'p> {
    place: &'p Place,
    text: String,
}

impl<'p> Said<'p> {
    pub(crate) fn in_place(place: &'p Place) -> Self {
        Self {
            place,
            text: String::new(),
        }
    }

    /// Types this, and notes what came of it.
    pub(crate) fn call(&mut self, words: &[&str]) -> Ran {
        let ran = self.place.call(words);
        self.note(words, &ran);
        ran
    }

    /// Notes what came of something.
    pub(crate) fn note(&mut self, words: &[&str], ran: &Ran) {
        let words: Vec<String> = words
            .iter()
            .map(|word| {
                if word.contains(' ') {
                    format!("\"{word}\"")
                } else {
                    (*word).to_owned()
                }
            })
            .collect();
        let status = ran
            .status
            .map_or("ended by a signal".to_owned(), |status| status.to_string());
        writeln!(self.text, "$ runbook {}", words.join(" ")).expect("a string takes everything");
        for (stream, said) in [("err", &ran.err), ("out", &ran.out)] {
            for line in said.lines() {
                writeln!(self.text, "{stream}| {line}").expect("a string takes everything");
            }
        }
        writeln!(self.text, "status {status}\n").expect("a string takes everything");
    }

    /// All of it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// What has a name in a snapshot instead.
    pub(crate) fn settings(&self) -> Settings {
        let mut settings = Settings::clone_current();
        settings.set_omit_expression(true);
        settings.set_prepend_module_to_snapshot(false);
        let dir = self.place.at("").display().to_string();
        settings.add_filter(&regex::escape(dir.trim_end_matches('/')), "[DIR]");
        settings.add_filter(&regex::escape(RUNBOOKS), "[RUNBOOKS]");
        settings.add_filter(r"\d{8}-[0-9a-z]{4}\b", "[RUN]");
        settings.add_filter(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\dZ", "[TIME]");
        settings.add_filter(r"\b[0-9a-f]{64}\b", "[HASH]");
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").expect("the host's name");
        settings.add_filter(
            &format!(r"\bon {}\b", regex::escape(host.trim())),
            "on [HOST]",
        );
        settings.add_filter(r"process \d+", "process [PID]");
        // The columns of the running account, and of `log`.
        settings.add_filter(&format!(r"(?m)^err\|  *{SPAN}  "), "err|      [AT]  ");
        let row = r"(?m)^out\| +\d+  \[TIME\] +\+\S+  ";
        settings.add_filter(row, "out|     [SEQ]  [TIME]  [AT]  ");
        for before in [
            "after ",
            "within ",
            "elapsed   ",
            "looked for ",
            "breach for ",
            r"\(",
        ] {
            settings.add_filter(&format!("({before}){SPAN}"), "$1[SPAN]");
        }
        settings.add_filter(&format!("{SPAN} served"), "[SPAN] served");
        // What is left of a time.
        settings.add_filter(r"(?:\d+(?:ms|[smhd])){2,}", "[SPAN]");
        settings
    }
}
