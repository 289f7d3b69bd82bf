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

/// So many letters are the fewest of a word in which a slip can be told from another word.
const LONG: usize = 4;

/// Whether one slip of the hand makes one word of the other and nothing else is likely: two letters in the wrong order, one that is
/// doubled or missing, or other capitals. A digit, or a short ending, names something else: `db_1` and `db_3`, `region_eu` and `region_uk`.
pub(super) fn is_slip(found: &str, meant: &str) -> bool {
    if found.to_lowercase() == meant.to_lowercase() {
        return true;
    }
    let ending = |word: &str| -> String {
        let parts = word.rsplit(['_', '-', '.']);
        parts.into_iter().next().unwrap_or_default().to_owned()
    };
    let (of_found, of_meant) = (ending(found), ending(meant));
    let is_long = of_found == of_meant || of_meant.chars().count() >= LONG;
    let (found, meant): (Vec<char>, Vec<char>) = (found.chars().collect(), meant.chars().collect());
    is_long
        && (is_swapped(&found, &meant) || is_missing(&found, &meant) || is_doubled(&found, &meant))
}

/// How far two words begin alike, and how far they end alike behind that.
fn alike(one: &[char], other: &[char]) -> (usize, usize) {
    let same = |(one, other): &(&char, &char)| one == other;
    let head = one.iter().zip(other).take_while(same).count();
    let least = one.len().min(other.len()) - head;
    let tail = one.iter().rev().zip(other.iter().rev());
    (head, tail.take_while(same).count().min(least))
}

fn is_swapped(found: &[char], meant: &[char]) -> bool {
    let (head, tail) = alike(found, meant);
    let middle = |word: &[char]| word.get(head..word.len() - tail).map(<[char]>::to_vec);
    match (middle(found).as_deref(), middle(meant).as_deref()) {
        (Some([a, b]), Some([c, d])) => (a, b) == (d, c) && a.is_alphabetic() && b.is_alphabetic(),
        (_, _) => false,
    }
}

/// The letter that only the longer of two words has, which are alike but for it; an `s` at the end makes another word.
fn more(longer: &[char], shorter: &[char]) -> Option<usize> {
    let (head, tail) = alike(longer, shorter);
    let letter = longer.get(head)?;
    let is_plural = head + 1 == longer.len() && *letter == 's';
    (longer.len() == shorter.len() + 1
        && head + tail == shorter.len()
        && letter.is_alphabetic()
        && !is_plural)
        .then_some(head)
}

fn is_missing(found: &[char], meant: &[char]) -> bool {
    more(meant, found).is_some()
}

fn is_doubled(found: &[char], meant: &[char]) -> bool {
    more(found, meant).is_some_and(|at| at > 0 && found.get(at - 1) == found.get(at))
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
        for (found, meant) in [
            ("comit", "commit"),
            ("commmit", "commit"),
            ("error_raet", "error_rate"),
            ("eror_rate", "error_rate"),
            ("db_migratoin_1", "db_migration_1"),
        ] {
            assert!(is_slip(found, meant), "{found}");
        }
        for (found, meant) in [
            ("region_uk", "region_eu"),
            ("region_ue", "region_eu"),
            ("latency_p90", "latency_p95"),
            ("latency_p9", "latency_p95"),
            ("db_3", "db_1"),
            ("db_11", "db_1"),
            ("level2", "level1"),
            ("hosts", "host"),
            ("node", "nodes"),
            ("staging", "staring"),
            ("vxersion", "version"),
        ] {
            assert!(!is_slip(found, meant), "{found}");
        }
    }
}
