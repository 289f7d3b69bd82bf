//! Words at the end of a command that read like clauses of its step: the line goes on behind the command as if it had ended, and
//! the shell hands them to the program. Words in quotes, and those of a comment of the shell, are what they are.

use std::ops::Range;

/// The clauses at the end of a command, from the first of them on.
pub(super) fn at_the_end(text: &str) -> Option<Range<usize>> {
    let words = words(text);
    let plain: Vec<&str> = words.iter().map(|(_, word)| *word).collect();
    // From the last word to the first: whether there is nothing but clauses from it on.
    let mut ends = vec![false; plain.len()];
    let mut from = None;
    for first in (1..plain.len()).rev() {
        let is_end = match clause(plain.get(first..)?) {
            Some(Clause::OfAll) => true,
            Some(Clause::Of(count)) => {
                let next = first.saturating_add(count);
                next == plain.len() || ends.get(next).is_some_and(|ends| *ends)
            }
            None => false,
        };
        *ends.get_mut(first)? = is_end;
        if is_end {
            from = Some(first);
        }
    }
    let (at, _) = words.get(from?)?;
    let (last, end) = words.last()?;
    Some(*at..last + end.len())
}

/// The words of a text, each where it begins; one with quotes in it is nothing that a clause could consist of.
fn words(text: &str) -> Vec<(usize, &str)> {
    let mut all = Vec::new();
    let (mut start, mut quote, mut plain) = (None, None, true);
    let mut escaped = false;
    for (at, ch) in text.char_indices().chain([(text.len(), ' ')]) {
        let is_blank = matches!(ch, ' ' | '\t' | '\n') && quote.is_none() && !escaped;
        match start {
            None if is_blank => continue,
            // The rest is a comment.
            None if ch == '#' => return all,
            None => (start, plain) = (Some(at), true),
            Some(begin) if is_blank || at == text.len() => {
                let word = text.get(begin..at).unwrap_or_default();
                all.push((begin, if plain { word } else { "'" }));
                start = None;
                continue;
            }
            Some(_) => {}
        }
        match (quote, ch) {
            _any if escaped => escaped = false,
            (None | Some('"'), '\\') => (escaped, plain) = (true, false),
            (None, '\'' | '"' | '`') => (quote, plain) = (Some(ch), false),
            (Some(open), _) if ch == open => quote = None,
            (Some(_) | None, _) => {}
        }
    }
    all
}

/// How much of some words a clause is.
enum Clause {
    /// So many of them.
    Of(usize),
    /// What follows is a command of its own.
    OfAll,
}

/// The clause that some words begin with.
fn clause(words: &[&str]) -> Option<Clause> {
    let count = match words {
        ["timeout" | "grace" | "within", time, ..] if is_time(time) => 2,
        ["retry", times, "every", time, ..] if is_number(times) && is_time(time) => 4,
        ["retry", times, "backoff", first, "to", last, ..]
            if is_number(times) && is_time(first) && is_time(last) =>
        {
            6
        }
        ["idempotent" | "protected", ..] => 1,
        ["on", "failure", "rollback", "from", _, ..] => 5,
        ["on", "failure", "rollback" | "hold" | "continue", ..]
        | [
            "on",
            "unknown",
            "rerun" | "hold" | "rollback" | "done" | "ask",
            ..,
        ] => 3,
        ["on", _, "at", "most", most, ..] if is_number(most) => 5,
        ["undo" | "unless", "$", _, ..] | ["env", "{", ..] => return Some(Clause::OfAll),
        _other => return None,
    };
    Some(Clause::Of(count))
}

fn is_time(word: &str) -> bool {
    let unit = word.trim_start_matches(|ch: char| ch.is_ascii_digit());
    unit.len() < word.len() && matches!(unit, "ms" | "s" | "m" | "h" | "d")
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|ch| ch.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::at_the_end;

    fn of(text: &str) -> Option<&str> {
        at_the_end(text).map(|at| &text[at])
    }

    #[test]
    fn clauses_are_told_from_words() {
        for (text, clauses) in [
            ("./d timeout 5m", "timeout 5m"),
            (
                "./d retry 3 every 5s timeout 1m",
                "retry 3 every 5s timeout 1m",
            ),
            ("./d retry 3 backoff 1s to 1m", "retry 3 backoff 1s to 1m"),
            ("./d undo $ ./u --all", "undo $ ./u --all"),
            ("./d idempotent undo $ ./u", "idempotent undo $ ./u"),
            ("./d unless $ ./done", "unless $ ./done"),
            ("./d on failure continue", "on failure continue"),
            (
                "./d on failure rollback from code",
                "on failure rollback from code",
            ),
            ("./d on unknown rerun", "on unknown rerun"),
            ("./d \"$x\" protected", "protected"),
            ("./d on web at most 2", "on web at most 2"),
            ("./d env { A = 1 }", "env { A = 1 }"),
            ("./d timeout 5m # at most", "timeout 5m"),
            ("./d timeout x idempotent protected", "idempotent protected"),
        ] {
            assert_eq!(of(text), Some(clauses), "{text}");
        }
        for text in [
            "./d # timeout 5m",
            "./d 'timeout 5m'",
            "./d timeout \"5m\"",
            "./d \"idempotent\"",
            "echo \"a undo $ b\"",
            "echo a undo \\$ b",
            "timeout 5m ./d",
            "./d on failure",
            "./d timeout 5m --now",
            "./d idempotent idempotent protected --now",
            "./d x#y",
            "env X=1 ./d",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
