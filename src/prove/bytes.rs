//! Owns the room in which the bytes of a state are written, one state after the other.

/// Bytes one behind the other, in room that is kept when they are cleared.
#[derive(Debug, Default)]
pub(super) struct Bytes {
    room: Vec<u8>,
    length: usize,
}

impl Bytes {
    pub(super) fn clear(&mut self) {
        self.length = 0;
    }

    pub(super) fn written(&self) -> &[u8] {
        self.room.get(..self.length).unwrap_or_default()
    }

    #[inline(always)]
    pub(super) fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        loop {
            let rest = self.room.get_mut(self.length..).unwrap_or_default();
            if let Some(place) = rest.first_chunk_mut() {
                *place = bytes;
                self.length = self.length.saturating_add(N);
                return;
            }
            self.grow(self.length.saturating_add(N));
        }
    }

    pub(super) fn put_all(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.put([*byte]);
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, end: usize) {
        self.room.resize(end.saturating_mul(2).max(512), 0);
    }
}

#[cfg(test)]
mod tests {
    use super::Bytes;

    #[test]
    fn what_is_written_is_there_in_order_and_nothing_of_before() {
        let mut bytes = Bytes::default();
        for round in 0..3_u8 {
            bytes.clear();
            let mut expected = Vec::new();
            for number in 0..1_000_u32 {
                bytes.put(number.to_le_bytes());
                bytes.put([round]);
                bytes.put_all(b"abc");
                expected.extend_from_slice(&number.to_le_bytes());
                expected.push(round);
                expected.extend_from_slice(b"abc");
            }
            assert_eq!(bytes.written(), expected);
        }
    }
}
