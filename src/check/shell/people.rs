//! Commands that want a person at a terminal. A step has neither: its standard input is empty, and nobody sees what it draws. Some
//! of them would wait for ever, some fail, and some take silence for a no and succeed without having done anything.

use super::facts::Hidden;

/// What a command wants of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Want {
    /// What it would do: `opens an editor`.
    pub(super) does: &'static str,
    /// What to write.
    pub(super) instead: &'static str,
    /// Whether something on its standard input is as good as a person.
    pub(super) reads: Hidden,
}

/// It draws, or asks at the terminal itself.
const fn sits(does: &'static str, instead: &'static str) -> Option<Want> {
    Some(Want {
        does,
        instead,
        reads: Hidden::No,
    })
}

/// It asks on its standard input.
const fn asks(does: &'static str, instead: &'static str) -> Option<Want> {
    Some(Want {
        does,
        instead,
        reads: Hidden::Yes,
    })
}

const EDITOR: &str = "opens an editor";
const ASKS: &str = "asks before it does anything";
const PASSWORD: &str = "asks for a password";
const DRAWS: &str = "draws on a terminal until someone ends it";
const LOGIN: &str = "asks somebody to log in";
const LINES: &str = "reads what somebody types";

/// What the command wants of a person, by its name and the words after it; `…` stands for a word that is not written out.
pub(super) fn wants(program: &str, words: &[&str]) -> Option<Want> {
    let name = program.rsplit('/').next().unwrap_or(program);
    let has = |options: &[&str]| words.iter().any(|word| options.contains(word));
    if has(&["--help", "--version"]) {
        return None;
    }
    match name {
        "read" => asks(
            LINES,
            "give it something to read: `stdin` in the step, `read NAME < FILE`, or a pipe",
        ),
        "vi" | "vim" | "nvim" | "view" => {
            let is_batch = has(&["-e", "-E", "-es", "-Es", "--headless"]);
            (!is_batch)
                .then_some(())
                .and(sits(EDITOR, "change files with a program such as `sed -i`"))
        }
        "emacs" => {
            let is_batch = has(&["--batch", "-batch", "--script", "--daemon"]);
            (!is_batch).then_some(()).and(sits(
                EDITOR,
                "write `emacs --batch …`, or change files with a program such as `sed -i`",
            ))
        }
        "nano" | "pico" | "joe" | "micro" | "vipw" | "vigr" | "sudoedit" => {
            sits(EDITOR, "change files with a program such as `sed -i`")
        }
        "visudo" if !has(&["-c", "--check"]) => sits(
            EDITOR,
            "install a file below /etc/sudoers.d, and look at it with `visudo -c -f FILE`",
        ),
        "crontab" if has(&["-e"]) => sits(EDITOR, "write `crontab FILE`"),
        "passwd" if words.iter().all(|word| !word.starts_with('-')) => {
            sits(PASSWORD, "write `chpasswd < FILE`")
        }
        "mysql" | "mysqldump" | "mysqladmin" | "mariadb" | "mariadb-dump"
            if has(&["-p", "--password"]) =>
        {
            sits(
                PASSWORD,
                "keep it in a file, and write `--defaults-extra-file=FILE` as the first option",
            )
        }
        "psql" | "pg_dump" | "pg_restore" | "createdb" | "dropdb" if has(&["-W", "--password"]) => {
            sits(
                PASSWORD,
                "take that option away, and name a file in PGPASSFILE",
            )
        }
        "ansible" | "ansible-playbook"
            if has(&[
                "-k",
                "-K",
                "-J",
                "--ask-pass",
                "--ask-become-pass",
                "--ask-vault-pass",
            ]) =>
        {
            sits(PASSWORD, "name a file that holds it")
        }
        "mysql_secure_installation" => sits(ASKS, "write its statements into a file for `mysql`"),
        "dialog" | "whiptail" | "fzf" => {
            sits(ASKS, "let a person answer before: `confirm` or a `param`")
        }
        "top" if !has(&["-b"]) && !bundled(words, 'b') => sits(DRAWS, "write `top -b -n 1`"),
        "htop" | "btop" | "iftop" | "nmon" | "watch" => sits(
            DRAWS,
            "look once: a probe is asked again by `verify` and `wait until`",
        ),
        "rm" | "mv" | "cp" | "ln" if bundled(words, 'i') && !bundled(words, 'f') => asks(
            "asks about each file, and takes silence for a no",
            "take `-i` away",
        ),
        "git" => git(words),
        "kubectl" | "oc" => (verb(words, KUBECTL) == Some("edit"))
            .then_some(())
            .and(sits(
                EDITOR,
                "write `kubectl patch` or `kubectl apply -f FILE`",
            )),
        "docker" | "podman" => docker(words),
        "npm" | "yarn" | "gh" | "gcloud" | "aws" | "az" => tool(name, words),
        "terraform" | "tofu" => terraform(words),
        "apt" | "apt-get" | "aptitude" | "dnf" | "yum" => packages(words),
        _other => None,
    }
}

/// Whether a letter is among the short options.
fn bundled(words: &[&str], letter: char) -> bool {
    words
        .iter()
        .take_while(|word| **word != "--")
        .filter_map(|word| word.strip_prefix('-'))
        .any(|rest| !rest.starts_with('-') && rest.contains(letter))
}

/// Options of kubectl with a value of their own.
const KUBECTL: &[&str] = &[
    "-n",
    "--namespace",
    "--context",
    "--kubeconfig",
    "--cluster",
];

/// The first word that is no option, nor the value of one of these.
fn verb<'w>(words: &[&'w str], valued: &[&str]) -> Option<&'w str> {
    after(words, valued).first().copied()
}

/// From the first word on that is no option, nor the value of one of these.
fn after<'a, 'w>(words: &'a [&'w str], valued: &[&str]) -> &'a [&'w str] {
    let mut rest = words;
    while let [first, more @ ..] = rest {
        if valued.contains(first) {
            rest = more.get(1..).unwrap_or_default();
        } else if first.starts_with('-') {
            rest = more;
        } else {
            break;
        }
    }
    rest
}

fn git(words: &[&str]) -> Option<Want> {
    let [verb, words @ ..] = after(words, &["-C", "-c", "--git-dir", "--work-tree"]) else {
        return None;
    };
    let has = |options: &[&str]| words.iter().any(|word| options.contains(word));
    let begins = |start: &str| words.iter().any(|word| word.starts_with(start));
    match *verb {
        "rebase" if has(&["-i", "--interactive"]) => sits(
            EDITOR,
            "write `git rebase` without it, or the commits by `git cherry-pick`",
        ),
        "add" | "clean" if has(&["-i", "--interactive", "-p", "--patch"]) => {
            asks(ASKS, "name the files")
        }
        "checkout" | "reset" | "restore" | "stash" | "commit" if has(&["-p", "--patch"]) => {
            asks(ASKS, "name the files")
        }
        "commit"
            if !has(&["--no-edit", "--dry-run", "-h"])
                && ![
                    "--message",
                    "--file",
                    "--reuse-message",
                    "--fixup",
                    "--squash",
                ]
                .iter()
                .any(|option| begins(option))
                && !['m', 'F', 'C'].iter().any(|letter| bundled(words, *letter)) =>
        {
            sits(EDITOR, "write `git commit -m \"…\"`, or `--no-edit`")
        }
        "tag"
            if (bundled(words, 'a') || bundled(words, 's'))
                && !(bundled(words, 'm')
                    || bundled(words, 'F')
                    || begins("--message")
                    || begins("--file")) =>
        {
            sits(EDITOR, "write `git tag -a NAME -m \"…\"`")
        }
        _other => None,
    }
}

fn docker(words: &[&str]) -> Option<Want> {
    let begins = |start: &str| words.iter().any(|word| word.starts_with(start));
    match words {
        ["run" | "exec", rest @ ..] => {
            // What follows the image or the container belongs to the command in it.
            let own: Vec<&str> = rest
                .iter()
                .copied()
                .take_while(|word| word.starts_with('-'))
                .collect();
            let is = |letter, word| bundled(&own, letter) || own.contains(&word);
            (is('i', "--interactive") && is('t', "--tty"))
                .then_some(())
                .and(sits("wants a terminal", "take `-t` away"))
        }
        ["login", rest @ ..] => {
            let is_told = begins("--password") || bundled(rest, 'p');
            (!is_told).then_some(()).and(sits(
                LOGIN,
                "write `docker login --username NAME --password-stdin < \"$NAME_file\"`",
            ))
        }
        _other => None,
    }
}

fn tool(name: &str, words: &[&str]) -> Option<Want> {
    let has = |options: &[&str]| words.iter().any(|word| options.contains(word));
    let token = "hand the tool a token: `env { NAME = secret }` in the step";
    match (name, words) {
        ("npm" | "yarn", ["init", ..]) if !has(&["-y", "--yes", "-yp", "-2"]) => {
            asks(ASKS, "write `npm init --yes`")
        }
        ("npm" | "yarn", ["login" | "adduser", ..]) => sits(LOGIN, token),
        ("gh", ["auth", "login", ..]) if !has(&["--with-token"]) => sits(LOGIN, token),
        ("gcloud", ["init", ..] | ["auth", "login", ..]) => sits(
            LOGIN,
            "write `gcloud auth activate-service-account --key-file \"$NAME_file\"`",
        ),
        ("aws", ["configure"] | ["sso", "login", ..]) => sits(LOGIN, token),
        ("az", ["login", ..])
            if !has(&[
                "--service-principal",
                "--identity",
                "-i",
                "--federated-token",
                "-u",
            ]) =>
        {
            sits(
                LOGIN,
                "write `az login --service-principal …` or `--identity`",
            )
        }
        (_, _) => None,
    }
}

fn terraform(words: &[&str]) -> Option<Want> {
    let [verb, rest @ ..] = after(words, &[]) else {
        return None;
    };
    let is_told = rest.iter().any(|word| {
        word.trim_start_matches('-').starts_with("auto-approve") || matches!(*word, "-h" | "-help")
    });
    // A plan in a file is applied without a question.
    let is_planned = *verb == "apply" && rest.iter().any(|word| !word.starts_with('-'));
    (matches!(*verb, "apply" | "destroy") && !is_told && !is_planned)
        .then_some(())
        .and(asks(
            ASKS,
            "apply a plan: `terraform plan -out=FILE`, and later `terraform apply FILE`",
        ))
}

fn packages(words: &[&str]) -> Option<Want> {
    let verbs = [
        "install",
        "remove",
        "purge",
        "upgrade",
        "dist-upgrade",
        "full-upgrade",
        "autoremove",
        "update",
    ];
    let verb = verb(words, &["-o", "-c", "-t"])?;
    let is_told = words.iter().any(|word| {
        matches!(
            *word,
            "--yes"
                | "--assume-yes"
                | "--assumeyes"
                | "--assumeno"
                | "-qq"
                | "--dry-run"
                | "--simulate"
                | "--download-only"
                | "--print-uris"
        )
    }) || ['y', 's', 'd'].iter().any(|letter| bundled(words, *letter));
    // `apt update` only reads; that of the others installs.
    (verbs.contains(&verb) && verb != "update" && !is_told)
        .then_some(())
        .and(asks(ASKS, "add `-y`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(line: &str) -> Option<Want> {
        let words: Vec<&str> = line.split(' ').collect();
        wants(words[0], &words[1..])
    }

    #[test]
    fn what_wants_a_person_is_told_from_the_same_program_without_one() {
        for (with, without) in [
            ("vim /etc/hosts", "vim -es /etc/hosts"),
            ("/usr/bin/nano x", "sed -i x y"),
            ("emacs x", "emacs --batch -l x"),
            ("crontab -e", "crontab jobs"),
            ("visudo", "visudo -c"),
            ("passwd deploy", "passwd -l deploy"),
            ("mysql -p app", "mysql -psecret app"),
            ("psql -W app", "psql -w app"),
            ("top", "top -b -n 1"),
            ("watch ls", "tail x"),
            ("rm -ri x", "rm -rf x"),
            ("rm -i x", "rm x -- -i"),
            ("git rebase -i HEAD~3", "git rebase main"),
            ("git -C x commit", "git -C x commit -am x"),
            ("git commit --amend", "git commit --amend --no-edit"),
            ("git add -p", "git add x"),
            ("git tag -a v1", "git tag -a v1 -m v1"),
            ("kubectl -n web edit deploy/api", "kubectl -n edit get pods"),
            ("docker run -it x sh", "docker run -i x sh -t"),
            (
                "docker exec --interactive --tty x sh",
                "docker exec x sh -it",
            ),
            ("docker login", "docker login -u x --password-stdin"),
            ("npm init", "npm init -y"),
            ("npm login", "npm ci"),
            ("gh auth login", "gh auth login --with-token"),
            ("gcloud auth login", "gcloud auth print-access-token"),
            ("aws configure", "aws configure set region x"),
            ("az login", "az login --identity"),
            ("terraform apply", "terraform apply tfplan"),
            ("terraform destroy", "terraform destroy -auto-approve"),
            ("tofu apply", "tofu apply -auto-approve"),
            ("apt-get install nginx", "apt-get -y install nginx"),
            ("yum upgrade", "yum -y upgrade"),
            ("ansible-playbook -K x", "ansible-playbook x"),
        ] {
            assert!(verdict(with).is_some(), "{with}");
            assert_eq!(verdict(without), None, "{without}");
        }
    }
}
