//! The words of the shell: its builtins, the programs that only start another one, those that cannot fail or are asked.

/// What `/bin/sh` does by itself, or what every system that has one has built in.
const BUILTINS: [&str; 40] = [
    ".", ":", "[", "alias", "bg", "break", "cd", "command", "continue", "echo", "eval", "exec",
    "exit", "export", "false", "fc", "fg", "getopts", "hash", "jobs", "kill", "local", "printf",
    "pwd", "read", "readonly", "return", "set", "shift", "test", "times", "trap", "true", "type",
    "ulimit", "umask", "unalias", "unset", "wait", "in",
];

/// What bash has besides, as a command.
const BASH: [(&str, &str); 13] = [
    ("function", "write NAME() { …; }"),
    ("[[", "write `[ … ]`, with `=` instead of `==`"),
    ("source", "write `. ./FILE`"),
    ("declare", "write NAME=VALUE"),
    ("typeset", "write NAME=VALUE"),
    ("let", "write NAME=$((…))"),
    ("shopt", "there is no such switch"),
    (
        "mapfile",
        "read the lines by `while read -r line; do … done`",
    ),
    (
        "readarray",
        "read the lines by `while read -r line; do … done`",
    ),
    ("pushd", "write ( cd DIR && … )"),
    ("popd", "write ( cd DIR && … )"),
    ("coproc", "write two steps"),
    ("select", "a step has nobody to ask"),
];

/// Programs and builtins that run the command after them.
const WRAPPERS: [&str; 10] = [
    "builtin", "command", "doas", "env", "exec", "ionice", "nice", "nohup", "sudo", "time",
];

/// Whether the shell does it by itself.
pub(super) fn is_builtin(name: &str) -> bool {
    BUILTINS.contains(&name) || BASH.iter().any(|(word, _)| *word == name)
}

/// What to write for a command that only bash has.
pub(super) fn bash_command(name: &str) -> Option<&'static str> {
    let known = BASH.iter().find(|(word, _)| *word == name);
    known.map(|(_, instead)| *instead)
}

/// Whether it runs the command that follows it.
pub(super) fn wraps(name: &str) -> bool {
    WRAPPERS.contains(&name)
}

/// Whether a failure of it at the head of a pipeline says nothing.
pub(super) fn never_fails(name: &str) -> bool {
    ["echo", "printf", "true", ":", "yes"].contains(&name)
}

/// Programs that read or make a value and have no reason to fail.
const READERS: [&str; 55] = [
    "arch",
    "awk",
    "base64",
    "basename",
    "cat",
    "cksum",
    "cut",
    "date",
    "df",
    "dirname",
    "du",
    "env",
    "expr",
    "find",
    "fold",
    "getconf",
    "getent",
    "head",
    "hostname",
    "id",
    "jq",
    "locale",
    "logname",
    "ls",
    "md5sum",
    "mktemp",
    "nproc",
    "od",
    "pgrep",
    "pidof",
    "printenv",
    "ps",
    "readlink",
    "realpath",
    "rev",
    "sed",
    "seq",
    "sha1sum",
    "sha256sum",
    "shuf",
    "sort",
    "ssh-agent",
    "stat",
    "tac",
    "tail",
    "tput",
    "tr",
    "tty",
    "uname",
    "uniq",
    "uuidgen",
    "wc",
    "who",
    "whoami",
    "yq",
];

/// Whether it reads or makes a value and has no reason to fail.
pub(super) fn is_reader(name: &str) -> bool {
    let name = name.rsplit('/').next().unwrap_or(name);
    READERS.contains(&name)
}

/// Whether a part of what it is given may be missing, because it only says or compares it.
pub(super) fn only_says(name: &str) -> bool {
    never_fails(name) || ["[", "[[", "test", "logger", "exit", "return", "false"].contains(&name)
}

/// Whether the commands after it are not reached.
pub(super) fn leaves(name: &str) -> bool {
    ["break", "continue", "exec", "exit", "return"].contains(&name)
}

/// Whether a script can go on after a failure of it, as far as can be seen by its name and its words.
pub(super) fn may_be_ignored(name: &str, words: &[String]) -> bool {
    let says = |flag: &str| words.iter().any(|word| word == flag);
    let is_harmless_builtin = is_builtin(name) && !["cd", "false", "wait"].contains(&name);
    is_harmless_builtin
        || never_fails(name)
        || (is_question(name) && name != "false")
        || is_reader(name)
        || ["kill", "mkdir", "pkill", "sleep", "tee", "touch"].contains(&name)
        || (name == "rm" && (says("-f") || says("-rf") || says("-fr")))
}

/// Whether its failure is an answer and not an accident.
pub(super) fn is_question(name: &str) -> bool {
    [
        "[", "[[", "test", "grep", "egrep", "fgrep", "rg", "command", "type", "which", "hash",
        "cmp", "diff", "true", "false", ":",
    ]
    .contains(&name)
}

/// Whether it fails when nothing comes in, so that a failure before it in a pipeline is seen.
pub(super) fn fails_on_nothing(name: &str, words: &[String]) -> bool {
    let says = |flag: char| {
        words
            .iter()
            .any(|word| word.starts_with('-') && !word.starts_with("--") && word.contains(flag))
    };
    match name {
        "grep" | "egrep" | "fgrep" | "rg" => !says('v') && !says('c') && !says('L'),
        "jq" => says('e') || words.iter().any(|word| word == "--exit-status"),
        _other => false,
    }
}
