//! Places in shell text: the parser counts characters, and everything else counts bytes.

/// Where the characters of a text stand: the parser counts characters, and everything else counts bytes.
pub(super) struct Characters {
    /// The byte of each; empty where each is one.
    at: Vec<usize>,
    length: usize,
}

impl Characters {
    pub(super) fn of(text: &str) -> Self {
        let at = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices().map(|(at, _)| at).collect()
        };
        Self {
            at,
            length: text.len(),
        }
    }

    /// The byte at which a character stands.
    pub(super) fn byte(&self, character: usize) -> usize {
        if self.at.is_empty() {
            return character.min(self.length);
        }
        self.at.get(character).copied().unwrap_or(self.length)
    }
}
