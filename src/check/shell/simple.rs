//! The facts of a shell line that is one plain command: words of harmless characters and whole `"$name"`. Most lines of a
//! runbook are like that, and need no parser. Anything else is left to `parse`.

use super::facts::{Facts, Handed, Of, Place, Quoting, Source, Started, Unset, Variable, Way};
use super::people;

/// Words that are more than a command's name.
const NOT_PLAIN: [&str; 34] = [
    "if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac",
    "in", "function", "select", "time", "coproc", "eval", "source", ".", "set", "cd", "export",
    "readonly", "local", "read", "getopts", "unset", "command", "exec", "wait", "test", "trap",
    "let",
];

/// Reads a plain command; `None` when it is not one.
pub(super) fn read(text: &str) -> Option<Facts> {
    let mut facts = Facts::default();
    let mut at = 0;
    let mut words = Vec::new();
    for word in text.split(' ') {
        let here = at..at + word.len();
        at = here.end + 1;
        if word.is_empty() {
            continue;
        }
        let is_first = facts.programs.is_empty();
        if let Some(name) = variable(word) {
            if is_first {
                return None;
            }
            words.push("…");
            let at = here.start + 1..here.end - 1;
            let first = facts.programs.first();
            if let Some(first) = first.filter(|one| !super::words::is_builtin(&one.name)) {
                let (of, way) = (Of::Variable(name.to_owned()), Way::Itself);
                let at = at.clone();
                facts.handed.push(Handed {
                    program: first.name.clone(),
                    source: Source { of, at, way },
                });
            }
            facts.variables.push(Variable {
                name: name.to_owned(),
                at,
                quoting: Quoting::Whole,
                unset: Unset::Fails,
                place: Place::Text,
            });
            continue;
        }
        if !word.bytes().all(is_harmless) || super::called::is_looked_into(word) {
            return None;
        }
        if is_first {
            if word.contains('=')
                || NOT_PLAIN.contains(&word)
                || super::words::wraps(word)
                || super::words::bash_command(word).is_some()
            {
                return None;
            }
            facts.programs.push(Started {
                name: word.to_owned(),
                at: here,
            });
        } else {
            let first = facts.programs.first().map(|one| one.name.as_str());
            if matches!(first, Some("echo" | "printf")) && word.contains(['-', '%']) {
                return None;
            }
            words.push(word);
        }
    }
    if let Some(first) = facts.programs.first()
        && let Some(want) = people::wants(&first.name, &words)
    {
        let one = (first.at.clone(), first.name.clone(), want);
        facts.people.push(one);
    }
    (!facts.programs.is_empty()).then_some(facts)
}

fn is_harmless(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_./:=,@%+-".contains(&byte)
}

/// The name in `"$name"`.
fn variable(word: &str) -> Option<&str> {
    let name = word.strip_prefix("\"$")?.strip_suffix('"')?;
    let is_name = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (is_name && !name.is_empty() && !name.starts_with(|ch: char| ch.is_ascii_digit()))
        .then_some(name)
}
