//! Owns the row of strands that are under way. There is seldom more than one, and a state is copied often where everything that can happen is
//! looked at: so they lie side by side. It knows nothing of what is done in them.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::strand::{StrandId, StrandState};

/// The strands that have begun and not ended, each under its number, in the order of the numbers.
#[derive(Debug, Default, PartialEq)]
pub struct Strands(Vec<(StrandId, StrandState)>);

impl Clone for Strands {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }

    fn clone_from(&mut self, from: &Self) {
        self.0.truncate(from.0.len());
        let (known, new) = from.0.split_at_checked(self.0.len()).unwrap_or_default();
        for ((id, one), (of, other)) in self.0.iter_mut().zip(known) {
            *id = *of;
            one.clone_from(other);
        }
        self.0.extend_from_slice(new);
    }
}

impl Strands {
    /// The main strand of a stage or level that begins.
    #[must_use]
    pub fn main_alone() -> Self {
        Self(vec![(StrandId::MAIN, StrandState::main())])
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, id: &StrandId) -> Option<&StrandState> {
        let place = self.place(*id).ok()?;
        self.0.get(place).map(|(_, one)| one)
    }

    /// One of them, to be changed.
    pub fn get_mut(&mut self, id: &StrandId) -> Option<&mut StrandState> {
        let place = self.place(*id).ok()?;
        self.0.get_mut(place).map(|(_, one)| one)
    }

    /// Where one lies, or where it would.
    fn place(&self, id: StrandId) -> Result<usize, usize> {
        self.0.binary_search_by_key(&id, |(known, _)| *known)
    }

    /// Whether one is there.
    #[must_use]
    pub fn contains_key(&self, id: &StrandId) -> bool {
        self.get(id).is_some()
    }

    /// Their numbers.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &StrandId> {
        self.0.iter().map(|(id, _)| id)
    }

    /// All of them.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &StrandState> {
        self.0.iter().map(|(_, one)| one)
    }

    /// All of them, to be changed.
    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut StrandState> {
        self.0.iter_mut().map(|(_, one)| one)
    }

    /// All of them with their numbers.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&StrandId, &StrandState)> {
        self.0.iter().map(|(id, one)| (id, one))
    }

    /// All of them with their numbers, to be changed.
    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = (&StrandId, &mut StrandState)> {
        self.0.iter_mut().map(|(id, one)| (&*id, one))
    }

    /// Puts one in its place.
    pub fn insert(&mut self, id: StrandId, strand: StrandState) {
        match self.place(id) {
            Ok(place) => {
                if let Some((_, known)) = self.0.get_mut(place) {
                    *known = strand;
                }
            }
            Err(place) => self.0.insert(place, (id, strand)),
        }
    }

    /// Takes one out.
    pub fn remove(&mut self, id: &StrandId) {
        if let Ok(place) = self.place(*id) {
            self.0.remove(place);
        }
    }

    /// Takes all out.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

impl Serialize for Strands {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Strands {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let all = BTreeMap::<StrandId, StrandState>::deserialize(from)?;
        Ok(Self(all.into_iter().collect()))
    }
}
