//! Owns the set of the kinds of states that were seen. A number finds the place of a kind; whether it is there is decided by all of its bytes.

/// Kinds, in the order in which they were seen.
#[derive(Debug, Default)]
pub(super) struct Kinds {
    bytes: Vec<u8>,
    /// Where the bytes of each kind end.
    ends: Vec<usize>,
    /// The place of a kind by its number, from 1; 0 where there is none.
    slots: Vec<u32>,
}

impl Kinds {
    /// Whether a kind was seen.
    pub(super) fn has(&self, kind: &[u8]) -> bool {
        self.find(kind).is_some_and(|(_, place)| place != 0)
    }

    /// Notes a kind that was not seen before.
    pub(super) fn put(&mut self, kind: &[u8]) {
        self.bytes.extend_from_slice(kind);
        self.ends.push(self.bytes.len());
        if self.ends.len().saturating_mul(2) > self.slots.len() {
            self.grow();
        } else if let Some((slot, 0)) = self.find(kind)
            && let Some(free) = self.slots.get_mut(slot)
        {
            *free = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        }
    }

    fn grow(&mut self) {
        let size = self.ends.len().saturating_mul(4).next_power_of_two();
        self.slots = vec![0; size.max(64)];
        for place in 0..self.ends.len() {
            let kind = self.kind(place).unwrap_or_default();
            let Some((slot, 0)) = self.find(kind) else {
                continue;
            };
            if let Some(free) = self.slots.get_mut(slot) {
                *free = u32::try_from(place.saturating_add(1)).unwrap_or(u32::MAX);
            }
        }
    }

    fn kind(&self, place: usize) -> Option<&[u8]> {
        let before = place.checked_sub(1).and_then(|one| self.ends.get(one));
        let from = before.copied().unwrap_or_default();
        self.bytes.get(from..*self.ends.get(place)?)
    }

    /// The slot of a kind with what is in it, or the free one in which it would be.
    fn find(&self, kind: &[u8]) -> Option<(usize, u32)> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut slot = number(kind) & mask;
        loop {
            let found = *self.slots.get(slot)?;
            let place = usize::try_from(found).ok()?;
            let is_it = place
                .checked_sub(1)
                .is_none_or(|place| self.kind(place) == Some(kind));
            if is_it {
                return Some((slot, found));
            }
            slot = slot.wrapping_add(1) & mask;
        }
    }
}

/// A number that is seldom the same for two kinds.
fn number(kind: &[u8]) -> usize {
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut number = 0_u64;
    let (words, rest) = kind.as_chunks::<8>();
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    for word in words.chain(rest.iter().map(|byte| u64::from(*byte))) {
        number = (number.rotate_left(5) ^ word).wrapping_mul(SPREAD);
    }
    usize::try_from(number >> 20).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::Kinds;

    #[test]
    fn what_was_put_is_there_and_nothing_else() {
        let mut kinds = Kinds::default();
        let kind = |number: u32| {
            number
                .to_le_bytes()
                .repeat(usize::try_from(number % 7).unwrap_or(0))
        };
        let mut all = std::collections::BTreeSet::new();
        for number in 0..5_000_u32 {
            let kind = kind(number.wrapping_mul(2_654_435_761));
            assert_eq!(kinds.has(&kind), all.contains(&kind), "{number}");
            if all.insert(kind.clone()) {
                kinds.put(&kind);
            }
            assert!(kinds.has(&kind), "{number}");
        }
        assert!(all.iter().all(|kind| kinds.has(kind)));
        assert!(all.len() > 4_000, "{}", all.len());
        assert!(!kinds.has(b"another"));
    }
}
