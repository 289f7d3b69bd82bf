//! The time series of the demo's metrics store: labelled samples in memory, oldest dropped first.
//! It stores and selects; what a query means is `promql`'s business.

use std::collections::{BTreeMap, VecDeque};

use super::pace::Unix;

/// The labels of a series; its name is the label `__name__`.
pub(super) type Labels = BTreeMap<String, String>;

/// One observed value and when it was observed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) at: Unix,
    pub(super) value: f64,
}

/// Labels from a metric's name and its pairs.
pub(super) fn labels(name: &str, pairs: &[(&str, &str)]) -> Labels {
    let name = [("__name__", name)];
    name.iter()
        .chain(pairs)
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

/// All series of one production.
#[derive(Debug)]
pub(super) struct Store {
    series: BTreeMap<Labels, VecDeque<Point>>,
    /// Real seconds after which a sample is dropped.
    retention: f64,
}

impl Store {
    /// An empty store that keeps samples for `retention` real seconds.
    pub(super) fn new(retention: f64) -> Self {
        Self {
            series: BTreeMap::new(),
            retention,
        }
    }

    /// Takes in what one scrape saw at `at`.
    pub(super) fn append(&mut self, at: Unix, samples: Vec<(Labels, f64)>) {
        for (labels, value) in samples {
            let points = self.series.entry(labels).or_default();
            points.push_back(Point { at, value });
            while points
                .front()
                .is_some_and(|oldest| oldest.at < at - self.retention)
            {
                points.pop_front();
            }
        }
    }

    /// The series whose labels satisfy `matches`, each with its points after `from` and up to `to`. Series without a
    /// point in there are left out.
    pub(super) fn select(
        &self,
        matches: impl Fn(&Labels) -> bool,
        from: Unix,
        to: Unix,
    ) -> Vec<(&Labels, Vec<Point>)> {
        let within = |point: &&Point| point.at > from && point.at <= to;
        self.series
            .iter()
            .filter(|(labels, _)| matches(labels))
            .map(|(labels, points)| {
                (
                    labels,
                    points.iter().filter(within).copied().collect::<Vec<_>>(),
                )
            })
            .filter(|(_, points)| !points.is_empty())
            .collect()
    }
}
