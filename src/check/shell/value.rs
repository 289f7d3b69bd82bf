//! Whether a value stays one word when shell text takes it without quotes.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::diag::Certainty;
use crate::value::Type;

/// A value that can become several words, a list of files, or nothing.
pub(super) struct Loose {
    /// What it is, with its article.
    pub(super) what: String,
    /// Whether quotes can only be right. Where its words or the files that it names may be meant, they are not.
    pub(super) quotes: Certainty,
}

impl Loose {
    /// A text that anything may be meant by.
    pub(super) fn text() -> Self {
        Self {
            what: "a text".to_owned(),
            quotes: Certainty::Guess,
        }
    }
}

/// How values of a type fall apart; `None` when they cannot.
pub(super) fn several_words(ty: &Type) -> Option<Loose> {
    let loose = |quotes| {
        Some(Loose {
            what: crate::check::types::described(ty),
            quotes,
        })
    };
    match ty {
        // Its `?` and `*` are no pattern for files.
        Type::Url => loose(Certainty::Certain),
        Type::Text | Type::Path | Type::List(_) => loose(Certainty::Guess),
        Type::Bool
        | Type::Int
        | Type::Number
        | Type::Percent
        | Type::Duration
        | Type::Rate
        | Type::Bytes
        | Type::Version
        | Type::Date
        | Type::Time
        | Type::OneOf(_) => None,
    }
}

/// What makes several words of one, or names of files.
const SPECIAL: &[u8] = b" \t\n*?[";

/// What ends a word or a text in source, or begins something that is run.
const SYNTAX: &[u8] = b"\n\"'`$\\;&|<>()";

/// Whether everything that a pattern lets through is one word, and no pattern for files.
pub(super) fn is_one_word(pattern: &str) -> bool {
    regex_syntax::parse(pattern).is_ok_and(|hir| {
        hir.properties()
            .minimum_len()
            .is_some_and(|least| least > 0)
            && is_without(&hir, SPECIAL)
    })
}

/// Whether nothing that a pattern lets through means anything in source.
pub(super) fn is_no_syntax(pattern: &str) -> bool {
    regex_syntax::parse(pattern).is_ok_and(|hir| is_without(&hir, SYNTAX))
}

/// Whether values of a type can hold any sign.
pub(super) fn holds_anything(ty: &Type) -> bool {
    match ty {
        Type::Text | Type::Path | Type::Url => true,
        Type::List(item) => holds_anything(item),
        Type::Bool
        | Type::Int
        | Type::Number
        | Type::Percent
        | Type::Duration
        | Type::Rate
        | Type::Bytes
        | Type::Version
        | Type::Date
        | Type::Time
        | Type::OneOf(_) => false,
    }
}

fn is_without(hir: &Hir, signs: &[u8]) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => !literal.0.iter().any(|byte| signs.contains(byte)),
        HirKind::Class(Class::Unicode(class)) => class.iter().all(|range| {
            !signs
                .iter()
                .any(|byte| (range.start()..=range.end()).contains(&char::from(*byte)))
        }),
        HirKind::Class(Class::Bytes(_)) => false,
        HirKind::Repetition(one) => is_without(&one.sub, signs),
        HirKind::Capture(one) => is_without(&one.sub, signs),
        HirKind::Concat(all) | HirKind::Alternation(all) => {
            all.iter().all(|one| is_without(one, signs))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_one_word;

    #[test]
    fn a_pattern_without_blanks_and_stars_lets_one_word_through() {
        assert!(is_one_word("[0-9a-f]{7,40}"));
        assert!(is_one_word("(eu|us)-[a-z]+-[0-9]"));
        for loose in ["[a-z ]+", ".*", "[a-z]*", r"\S+", "[^/]+", r"a\*b", "a b"] {
            assert!(!is_one_word(loose), "{loose}");
        }
    }
}
