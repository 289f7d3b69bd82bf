//! Metrics that wait for each other: each counts when another one is high enough, and that one when the first is. None of them would
//! ever have a value that counts.

use std::collections::BTreeMap;

use crate::diag::factory::check as say;
use crate::source::Span;

use super::Checker;
use super::tree::Metric;

/// How far the walk is with a metric.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Not,
    /// It is on the way that is walked.
    OnTheWay,
    Done,
}

impl Checker<'_> {
    /// Each circle is said once, and of those that share a metric one.
    pub(super) fn circles_of_enough(&mut self, metrics: &[Metric]) {
        let places = metrics.iter().enumerate();
        let places: BTreeMap<u32, usize> = places.map(|(at, one)| (one.id.0, at)).collect();
        // Of each metric: where those stand that it waits for.
        let waits: Vec<Vec<usize>> = metrics
            .iter()
            .map(|one| {
                let named = one.counts_when.iter().flat_map(|when| &when.metrics);
                named.filter_map(|id| places.get(&id.0).copied()).collect()
            })
            .collect();
        for circle in circles(&waits) {
            let chain: Vec<(&str, Span)> = circle
                .into_iter()
                .filter_map(|at| {
                    let metric = metrics.get(at)?;
                    let when = metric.counts_when.as_ref()?;
                    Some((metric.name.as_str(), when.span))
                })
                .collect();
            if let Some(said) = say::metric_loop(&chain) {
                self.found.push(said);
            }
        }
    }
}

/// The circles of a graph, each from where it is first come to. Walks without recursion: a file may name thousands in a row.
fn circles(waits: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut seen = vec![Seen::Not; waits.len()];
    let mut is_said = vec![false; waits.len()];
    let mut found = Vec::new();
    let mark = |seen: &mut Vec<Seen>, at: usize, now: Seen| {
        if let Some(one) = seen.get_mut(at) {
            *one = now;
        }
    };
    for first in 0..waits.len() {
        if seen.get(first) != Some(&Seen::Not) {
            continue;
        }
        mark(&mut seen, first, Seen::OnTheWay);
        // Where the walk is, with the number of the next to look at.
        let mut way: Vec<(usize, usize)> = vec![(first, 0)];
        while let Some((at, next)) = way.last_mut() {
            let (at, to) = (*at, waits.get(*at).and_then(|all| all.get(*next)).copied());
            *next = next.saturating_add(1);
            let Some(to) = to else {
                mark(&mut seen, at, Seen::Done);
                way.pop();
                continue;
            };
            match seen.get(to) {
                Some(Seen::Not) => {
                    mark(&mut seen, to, Seen::OnTheWay);
                    way.push((to, 0));
                }
                Some(Seen::OnTheWay) => {
                    let on_it = |at: &usize| is_said.get(*at) == Some(&true);
                    let mut back = way.iter().rev().map(|(at, _)| *at);
                    let mut circle: Vec<usize> = back.by_ref().take_while(|at| *at != to).collect();
                    circle.push(to);
                    if !circle.iter().any(on_it) {
                        circle.reverse();
                        for at in &circle {
                            if let Some(said) = is_said.get_mut(*at) {
                                *said = true;
                            }
                        }
                        found.push(circle);
                    }
                }
                Some(Seen::Done) | None => {}
            }
        }
    }
    found
}
