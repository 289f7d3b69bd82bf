//! The word that was probably meant.

/// The word among `known` that `word` was probably meant to be, if one is near enough to be worth naming:
/// the longer the word, the more letters may differ. Of several that are equally near, the first by alphabet.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let allowed = match lower.chars().count() {
        0..=2 => 0,
        3..=5 => 1,
        6..=8 => 2,
        _longer => 3,
    };
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&lower, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn only_what_is_near_is_named() {
        let known = ["stage", "step", "rollback", "rollout"];
        assert_eq!(nearest("stgae", known), Some("stage"));
        assert_eq!(nearest("Stage", known), Some("stage"));
        assert_eq!(nearest("roolback", known), Some("rollback"));
        assert_eq!(nearest("canary", known), None);
        assert_eq!(nearest("st", known), None);
        assert_eq!(nearest("", known), None);
    }
}
