//! What the app counts about itself: requests by path, flow and code, and a latency histogram.
//!
//! Every series exists from the start, at zero: a counter that first appears with the first error makes the error
//! ratio an empty answer until then, and an empty answer is not evidence of health.

use std::fmt::Write as _;

use super::series::{Labels, labels};

/// Upper bounds of the latency histogram, in seconds; `+Inf` is the count.
const BOUNDS: [f64; 9] = [0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0];

/// Which code of the app served a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// The way of logging in that has been there all along.
    Old,
    /// The way behind the flag.
    New,
}

/// Whether a request was answered with an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Welcome,
    Failed,
}

/// The counters of one process of the app. A restart begins with new ones, as it does for a real process.
#[derive(Debug, Default)]
pub(super) struct Counters {
    old_ok: u64,
    new_ok: u64,
    new_failed: u64,
    buckets: [u64; BOUNDS.len()],
    seconds: f64,
}

impl Counters {
    /// Counts one answered request and the seconds it took.
    pub(super) fn count(&mut self, flow: Flow, answer: Answer, seconds: f64) {
        match (flow, answer) {
            (Flow::Old, _) => self.old_ok += 1,
            (Flow::New, Answer::Welcome) => self.new_ok += 1,
            (Flow::New, Answer::Failed) => self.new_failed += 1,
        }
        self.seconds += seconds;
        for (bound, bucket) in BOUNDS.iter().zip(&mut self.buckets) {
            if seconds <= *bound {
                *bucket += 1;
            }
        }
    }

    /// Every series with its value now.
    pub(super) fn samples(&self) -> Vec<(Labels, f64)> {
        let request = |flow, code| {
            let pairs = [("path", "/login"), ("flow", flow), ("code", code)];
            labels("http_requests_total", &pairs)
        };
        let mut samples = vec![
            (request("old", "200"), self.old_ok as f64),
            (request("old", "500"), 0.0),
            (request("new", "200"), self.new_ok as f64),
            (request("new", "500"), self.new_failed as f64),
        ];
        let count = (self.old_ok + self.new_ok + self.new_failed) as f64;
        for (bound, bucket) in BOUNDS.iter().zip(&self.buckets) {
            let le = bound.to_string();
            samples.push((
                labels("http_request_seconds_bucket", &[("le", &le)]),
                *bucket as f64,
            ));
        }
        samples.push((
            labels("http_request_seconds_bucket", &[("le", "+Inf")]),
            count,
        ));
        samples.push((labels("http_request_seconds_sum", &[]), self.seconds));
        samples.push((labels("http_request_seconds_count", &[]), count));
        samples
    }
}

/// Samples in the text format that a Prometheus scrapes.
pub(super) fn exposition(samples: &[(Labels, f64)]) -> String {
    let mut text = String::new();
    for (labels, value) in samples {
        let name = labels.get("__name__").map_or("", String::as_str);
        let pairs: Vec<String> = labels
            .iter()
            .filter(|(key, _)| *key != "__name__")
            .map(|(key, value)| format!("{key}={value:?}"))
            .collect();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name}{{{}}} {value}", pairs.join(","));
    }
    text
}
