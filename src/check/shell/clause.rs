//! Words at the end of a command that read like clauses of its step: the line goes on behind the command as if it had ended, and
//! the shell hands them to the program. Words in quotes, and those of a comment of the shell, are what they are.

use std::ops::Range;

/// The clauses at the end of a command, from the first of them on.
pub(super) fn at_the_end(text: &str) -> Option<Range<usize>> {
    let words = words(text);
    (1..words.len()).find_map(|first| {
        let rest: Vec<&str> = words.iter().skip(first).map(|(_, word)| *word).collect();
        let at = words.get(first)?.0;
        let (last, end) = words.last()?;
        is_clauses(&rest).then_some(at..last + end.len())
    })
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

/// Whether these words are clauses, one after another, to the end.
fn is_clauses(words: &[&str]) -> bool {
    let rest = match words {
        ["timeout" | "grace" | "within", time, rest @ ..] if is_time(time) => rest,
        ["retry", times, "every", time, rest @ ..] if is_number(times) && is_time(time) => rest,
        ["retry", times, "backoff", first, "to", last, rest @ ..]
            if is_number(times) && is_time(first) && is_time(last) =>
        {
            rest
        }
        ["idempotent" | "protected", rest @ ..] => rest,
        ["on", "failure", "rollback", "from", _, rest @ ..]
        | ["on", "failure", "rollback" | "hold" | "continue", rest @ ..]
        | [
            "on",
            "unknown",
            "rerun" | "hold" | "rollback" | "done" | "ask",
            rest @ ..,
        ] => rest,
        ["on", _, "at", "most", most, rest @ ..] if is_number(most) => rest,
        // What follows is a command of its own.
        ["undo" | "unless", "$", _, ..] | ["env", "{", ..] => return true,
        _other => return false,
    };
    rest.is_empty() || is_clauses(rest)
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
            "./d x#y",
            "env X=1 ./d",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
