//! Which program a command comes to, behind those that only start another one, and where code stands among its arguments.

use super::facts::{Beside, Hidden, How, Reads, Within};

/// Shells, by their names.
const SHELLS: [&str; 6] = ["ash", "bash", "dash", "ksh", "sh", "zsh"];

/// Programs that run what follows in the words after them, with the variables that they have themselves.
const HERE: [&str; 14] = [
    "command", "env", "exec", "find", "flock", "ionice", "nice", "nohup", "setsid", "stdbuf",
    "taskset", "time", "timeout", "xargs",
];

/// The same as another user of this machine.
const AS_ANOTHER: [&str; 2] = ["doas", "sudo"];

/// The same in a container or on another machine.
const ELSEWHERE: [&str; 8] = [
    "chroot", "docker", "kubectl", "nerdctl", "nsenter", "oc", "podman", "ssh",
];

/// Options of `ssh` that are followed by a value.
const OF_SSH: &str = "BbcDEeFIiJLlmOopQRSWw";

/// Whether a name or a path is one that is looked into: such a command is never a plain one.
pub(super) fn is_looked_into(word: &str) -> bool {
    let name = base(word);
    SHELLS.contains(&name)
        || [
            "curl", "find", "mariadb", "mysql", "psql", "runuser", "ssh", "su",
        ]
        .contains(&name)
}

/// Where code runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Runs {
    /// With the variables of the text.
    Here,
    /// On this machine, as somebody else, with other variables.
    AsAnother,
    /// In a container, or on another machine.
    Elsewhere,
}

/// Code among the words of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Code {
    /// What runs it: `sh -c`.
    pub(super) by: String,
    /// Which word it is.
    pub(super) word: usize,
    /// Where it runs.
    pub(super) runs: Runs,
    /// Whether it stops at the first failure: `-e`.
    pub(super) stops: Hidden,
    /// Whether every command of a pipeline counts: `-o pipefail`.
    pub(super) pipelines: Hidden,
}

impl Code {
    /// Who reads it, for what is put into it.
    pub(super) fn reads(&self) -> Reads {
        let by = self.by.clone();
        match self.runs {
            Runs::Here => Reads::Shell { by },
            Runs::Elsewhere if by == "ssh" => Reads::Remote,
            Runs::AsAnother | Runs::Elsewhere => Reads::Other { by },
        }
    }

    /// What a command of it stands in whose failure nobody heeds.
    pub(super) fn beside(&self) -> (Beside, Within) {
        let by = self.by.clone();
        (Beside::Code, Within::Code { by })
    }

    /// How the failure of a command gets lost that it goes on after.
    pub(super) fn goes_on(&self) -> How {
        let (beside, within) = self.beside();
        How::Unheeded { beside, within }
    }
}

/// The words of a command, as far as they are written out.
pub(super) type Plain<'w> = &'w [Option<String>];

/// The program of this name that a command comes to, by the place of its word.
pub(super) fn program(words: Plain<'_>, wanted: &[&str]) -> Option<usize> {
    let is_wanted = |word: &Option<String>| {
        word.as_deref()
            .is_some_and(|word| wanted.contains(&base(word)))
    };
    let first = words.first()?;
    if is_wanted(first) {
        return Some(0);
    }
    starts(first.as_deref()?)?;
    words.iter().position(is_wanted)
}

/// Where what a program starts runs; nothing when it is none that only starts another one.
fn starts(name: &str) -> Option<Runs> {
    let name = base(name);
    if HERE.contains(&name) {
        Some(Runs::Here)
    } else if AS_ANOTHER.contains(&name) {
        Some(Runs::AsAnother)
    } else if ELSEWHERE.contains(&name) {
        Some(Runs::Elsewhere)
    } else {
        None
    }
}

/// The code that a command hands to a shell.
pub(super) fn code(words: Plain<'_>) -> Option<Code> {
    if let Some((host, first)) = remote(words) {
        // Several words are joined, and what was quoted is not any more.
        return (words.len() == first + 1).then(|| Code {
            by: "ssh".to_owned(),
            word: host + 1,
            runs: Runs::Elsewhere,
            stops: Hidden::No,
            pipelines: Hidden::No,
        });
    }
    if let Some(at) = program(words, &["runuser", "su"]) {
        let is_code = |word: &Option<String>| matches!(word.as_deref(), Some("-c" | "--command"));
        let option = words.iter().skip(at).position(is_code)?;
        let by = words.get(at)?.as_deref().map(base).unwrap_or_default();
        let word = at + option + 1;
        return words.get(word).map(|_| Code {
            by: format!("{by} -c"),
            word,
            runs: Runs::AsAnother,
            stops: Hidden::No,
            pipelines: Hidden::No,
        });
    }
    let at = program(words, &SHELLS)?;
    let runs = runs_behind(words.get(..at)?, at);
    let name = words.get(at)?.as_deref().map(base)?;
    let (mut reads, mut stops, mut pipelines) = (Hidden::No, Hidden::No, Hidden::No);
    let mut next = at + 1;
    while let Some(word) = words.get(next)?.as_deref() {
        if !word.starts_with(['-', '+']) {
            break;
        }
        next += 1;
        if word.starts_with("--") {
            continue;
        }
        if word.starts_with('-') && word.contains('c') {
            reads = Hidden::Yes;
        }
        if word.starts_with('-') && word.contains('e') {
            stops = Hidden::Yes;
        }
        if word.contains('o') {
            match words.get(next)?.as_deref() {
                Some("errexit") => stops = Hidden::Yes,
                Some("pipefail") => pipelines = Hidden::Yes,
                Some(_) | None => {}
            }
            next += 1;
        }
    }
    (reads == Hidden::Yes).then(|| Code {
        by: format!("{name} -c"),
        word: next,
        runs,
        stops,
        pipelines,
    })
}

/// The shell that reads its code from its standard input: `bash -s`, `sh` without a script.
pub(super) fn fed(words: Plain<'_>) -> Option<Code> {
    let at = program(words, &SHELLS)?;
    let name = words.get(at)?.as_deref().map(base)?;
    let mut code = Code {
        by: format!("{name} -s"),
        word: at,
        runs: runs_behind(words.get(..at)?, at),
        stops: Hidden::No,
        pipelines: Hidden::No,
    };
    let mut reads = Hidden::No;
    let mut rest = words.iter().skip(at + 1);
    while let Some(word) = rest.next() {
        let Some(word) = word.as_deref().filter(|word| word.starts_with(['-', '+'])) else {
            // A script, or the arguments of what is read.
            return (reads == Hidden::Yes).then_some(code);
        };
        if word.starts_with("--") {
            continue;
        }
        if word.contains('c') {
            return None;
        }
        if word.contains('s') {
            reads = Hidden::Yes;
        }
        if word.starts_with('-') && word.contains('e') {
            code.stops = Hidden::Yes;
        }
        if word.contains('o') {
            match rest.next()?.as_deref() {
                Some("errexit") => code.stops = Hidden::Yes,
                Some("pipefail") => code.pipelines = Hidden::Yes,
                Some(_) | None => {}
            }
        }
    }
    Some(code)
}

/// Where a shell runs that stands behind these words.
fn runs_behind(before: Plain<'_>, at: usize) -> Runs {
    let mut runs = Runs::Here;
    for word in before.iter().flatten() {
        match starts(word) {
            Some(Runs::Elsewhere) => runs = Runs::Elsewhere,
            Some(Runs::AsAnother) if runs == Runs::Here => runs = Runs::AsAnother,
            // `env X=1`, `env -i`: it sees other variables.
            Some(Runs::Here) if base(word) == "env" && at > 1 => runs = Runs::AsAnother,
            Some(Runs::Here | Runs::AsAnother) | None => {}
        }
    }
    runs
}

/// Where `ssh` names the machine, and the first word of what is run there.
pub(super) fn remote(words: Plain<'_>) -> Option<(usize, usize)> {
    let mut at = program(words, &["ssh"])? + 1;
    while let Some(option) = words
        .get(at)?
        .as_deref()
        .and_then(|one| one.strip_prefix('-'))
    {
        if option.starts_with(['N', 'O']) {
            return None;
        }
        let takes = option.len() == 1 && option.ends_with(|last| OF_SSH.contains(last));
        at += if takes { 2 } else { 1 };
    }
    words.get(at + 1).map(|_| (at, at + 1))
}

/// A program without its path.
pub(super) fn base(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_that_reads_its_code_is_told_from_one_with_a_script() {
        let reads = |text: &str| {
            let words: Vec<Option<String>> =
                text.split(' ').map(|word| Some(word.to_owned())).collect();
            fed(&words).map(|one| (one.by, one.runs, one.stops))
        };
        for (text, by, runs, stops) in [
            ("bash", "bash -s", Runs::Here, Hidden::No),
            ("sudo sh", "sh -s", Runs::AsAnother, Hidden::No),
            ("bash -s one two", "bash -s", Runs::Here, Hidden::No),
            ("bash -euo pipefail", "bash -s", Runs::Here, Hidden::Yes),
            ("ssh web-1 bash -s", "bash -s", Runs::Elsewhere, Hidden::No),
            (
                "docker exec -i api sh",
                "sh -s",
                Runs::Elsewhere,
                Hidden::No,
            ),
        ] {
            assert_eq!(reads(text), Some((by.to_owned(), runs, stops)), "{text}");
        }
        for text in [
            "bash script",
            "sh -c CODE",
            "sh -x script",
            "cat",
            "ssh web-1",
        ] {
            assert_eq!(reads(text), None, "{text}");
        }
    }

    fn of(text: &str) -> Option<(String, usize, Runs, Hidden)> {
        let words: Vec<Option<String>> = text
            .split(' ')
            .map(|word| (!word.starts_with('$')).then(|| word.to_owned()))
            .collect();
        code(&words).map(|one| (one.by, one.word, one.runs, one.stops))
    }

    #[test]
    fn code_is_found_behind_what_starts_a_shell() {
        use Hidden::{No, Yes};
        use Runs::{AsAnother, Elsewhere, Here};
        for (text, by, word, runs, stops) in [
            ("sh -c CODE", "sh -c", 2, Here, No),
            ("/bin/bash -lc CODE name", "bash -c", 2, Here, No),
            ("bash -euo pipefail -c CODE", "bash -c", 4, Here, Yes),
            ("bash -o errexit -c CODE", "bash -c", 4, Here, Yes),
            ("sh -ec $code", "sh -c", 2, Here, Yes),
            ("timeout 60 sh -c CODE", "sh -c", 4, Here, No),
            ("env X=1 sh -c CODE", "sh -c", 4, AsAnother, No),
            ("sudo -u deploy sh -c CODE", "sh -c", 5, AsAnother, No),
            ("docker exec app sh -c CODE", "sh -c", 5, Elsewhere, No),
            ("su - deploy -c CODE", "su -c", 4, AsAnother, No),
            ("ssh -p 22 $host CODE", "ssh", 4, Elsewhere, No),
        ] {
            let wanted = Some((by.to_owned(), word, runs, stops));
            assert_eq!(of(text), wanted, "{text}");
        }
        for text in [
            "sh script -c CODE",
            "echo sh -c CODE",
            "ssh host sh -c CODE",
            "ssh host",
            "ssh -N -L 80:a:80 host CODE",
            "bash",
            "sh -c",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
