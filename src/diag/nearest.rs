//! The word that was probably meant.

/// The word among `known` that `word` was probably meant to be, if one is near enough to be worth naming:
/// the longer the word, the more letters may differ. Of several that are equally near none is.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let allowed = match lower.chars().count() {
        0..=2 => 0,
        3..=5 => 1,
        6..=8 => 2,
        _longer => 3,
    };
    let mut near: Vec<(usize, &str)> = known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&lower, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .collect();
    near.sort_unstable();
    near.dedup();
    match near.as_slice() {
        [(first, _), (second, _), ..] if first == second => None,
        [(_, candidate), ..] => Some(candidate),
        [] => None,
    }
}

/// Whether one slip of the hand makes one word of the other: a letter too many, too few, wrong or in the wrong place, in a
/// word that is long enough for that, or other capitals.
pub(super) fn is_slip(found: &str, meant: &str) -> bool {
    let same = found.to_lowercase() == meant.to_lowercase();
    let long = meant.chars().count() >= 4;
    same || (long && strsim::damerau_levenshtein(found, meant) == 1)
}

#[cfg(test)]
mod tests {
    use super::{is_slip, nearest};

    #[test]
    fn only_what_is_near_is_named() {
        let known = ["stage", "step", "rollback", "rollout"];
        assert_eq!(nearest("stgae", known), Some("stage"));
        assert_eq!(nearest("Stage", known), Some("stage"));
        assert_eq!(nearest("roolback", known), Some("rollback"));
        assert_eq!(nearest("canary", known), None);
        assert_eq!(nearest("st", known), None);
        assert_eq!(nearest("", known), None);
        assert_eq!(nearest("rollbout", ["rollout", "rollabout"]), None);
    }

    #[test]
    fn one_slip_is_certain_and_two_are_a_guess() {
        assert!(is_slip("verison", "version"));
        assert!(is_slip("Version", "version"));
        assert!(!is_slip("vrsoin", "version"));
        assert!(!is_slip("eu", "us"));
    }
}
