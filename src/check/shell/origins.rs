//! What values in shell text are in the end, by way of its own assignments. The last assignment before a place counts; where there is
//! none, as in a loop, the first behind it.

use std::collections::BTreeMap;

use super::facts::{Facts, Made, Of, Source};

/// The assignments of a text, and what each of them comes to.
pub(super) struct Origins<'f, T, K> {
    all: BTreeMap<&'f str, Vec<One<'f, T>>>,
    known: K,
}

/// An assignment.
struct One<'f, T> {
    made: &'f Made,
    /// What the variable holds.
    itself: Option<T>,
    /// What is in the file that it names.
    contents: Option<T>,
}

impl<'f, T: Clone, K: Fn(&Of) -> Option<T>> Origins<'f, T, K> {
    /// Those of a text; `known` says what a variable is that the text does not set, and `counts` which values of an assignment do.
    pub(super) fn of(facts: &'f Facts, known: K, counts: impl Fn(&Source) -> bool) -> Self {
        let all = BTreeMap::new();
        let mut origins = Self { all, known };
        for made in &facts.made {
            let before = made.at.start;
            let sources = || made.sources.iter().filter(|source| counts(source));
            let itself = sources().find_map(|source| origins.find(&source.of, before));
            let contents = sources().find_map(|source| match &source.of {
                Of::Variable(name) => origins.find(&Of::Contents(name.clone()), before),
                Of::Contents(_) => None,
            });
            let one = One {
                made,
                itself: itself.map(|(known, _)| known),
                contents: contents.map(|(known, _)| known),
            };
            let name = made.name.as_str();
            origins.all.entry(name).or_default().push(one);
        }
        origins
    }

    /// What stands at a place, and the assignment by which it comes there, if there is one.
    pub(super) fn find(&self, of: &Of, before: usize) -> Option<(T, Option<&'f Made>)> {
        let (Of::Variable(name) | Of::Contents(name)) = of;
        let Some(all) = self.all.get(name.as_str()) else {
            return (self.known)(of).map(|known| (known, None));
        };
        let earlier = all.partition_point(|one| one.made.at.start < before);
        let one = all.get(earlier.saturating_sub(1))?;
        let known = match of {
            Of::Variable(_) => one.itself.clone(),
            Of::Contents(_) => one.contents.clone(),
        };
        known.map(|known| (known, Some(one.made)))
    }
}
