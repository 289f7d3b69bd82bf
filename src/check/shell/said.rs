//! Failures that are only said: `./deploy || echo failed`, and `if ./migrate; then echo ok; else echo failed; fi`. What stands there succeeds, and
//! the step with it.

use std::collections::BTreeSet;

use brush_parser::ast::{
    AndOr, AndOrList, Command, CompoundCommand, CompoundList, CompoundListItem, IfClauseCommand,
    IoFileRedirectKind, IoFileRedirectTarget, IoRedirect, Pipeline, SeparatorOperator,
    SimpleCommand,
};

use super::facts::{Facts, Hidden, How, Loss, Place, Saying};
use super::parts::{literal, name_of, redirects, words_in, words_of};
use super::walk::{Rest, Walk};
use super::words;

/// Words of programs that ask how something is: their failure is an answer.
const ASKS: [&str; 33] = [
    "cat-file",
    "describe",
    "diff",
    "exists",
    "get",
    "head-bucket",
    "head-object",
    "history",
    "info",
    "inspect",
    "is-active",
    "is-ancestor",
    "is-enabled",
    "is-failed",
    "list",
    "logs",
    "ls",
    "ls-files",
    "ls-remote",
    "merge-base",
    "ping",
    "ps",
    "rev-parse",
    "search",
    "show",
    "show-ref",
    "stat",
    "status",
    "top",
    "verify",
    "version",
    "view",
    "whoami",
];

/// Programs that do nothing but ask.
const QUESTIONS: [&str; 13] = [
    "dig",
    "dpkg",
    "host",
    "id",
    "lsof",
    "mountpoint",
    "nc",
    "nslookup",
    "pg_isready",
    "ping",
    "rpm",
    "ss",
    "systemd-detect-virt",
];

/// Parts of the names of programs that tell somebody.
const TELLS: [&str; 9] = [
    "alert", "log", "logger", "mail", "mailx", "notify", "sendmail", "slack", "wall",
];

/// What stands behind a failure.
enum Behind {
    /// It only says something.
    Says(Vec<String>),
    /// Anything else.
    More,
}

impl Walk<'_> {
    /// `a || echo failed`, where nothing looks at `a` any more.
    pub(super) fn said(&mut self, list: &AndOrList, rest: Rest) {
        if self.output == Hidden::Yes {
            return;
        }
        let Some((AndOr::Or(behind), before)) = list.additional.split_last() else {
            return;
        };
        let mut chain = vec![&list.first];
        for next in before {
            match next {
                AndOr::And(pipeline) => chain.push(pipeline),
                AndOr::Or(_) => return,
            }
        }
        let leaves = |pipeline: &&Pipeline| {
            let name = pipeline.seq.first().and_then(name_of);
            name.is_some_and(|name| words::leaves(&name))
        };
        if list.first.bang || chain.iter().any(leaves) {
            return;
        }
        let by = match self.behind(behind) {
            Behind::Says(by) => by,
            Behind::More => match rest {
                Rest::Nothing if self.place == Place::Text && is_exit_0(behind) => Vec::new(),
                Rest::Nothing | Rest::Commands => return,
            },
        };
        let lost = chain.iter().rev().find(|pipeline| can_be_lost(pipeline));
        if let Some(lost) = lost {
            self.only_said(lost, by, Saying::Or);
        }
    }

    /// `if a; then echo ok; else echo failed; fi` and `if ! a; then echo failed; fi`.
    pub(super) fn said_by_if(&mut self, clause: &IfClauseCommand) {
        let [CompoundListItem(chain, SeparatorOperator::Sequence)] = clause.condition.0.as_slice()
        else {
            return;
        };
        let asked = &chain.first;
        if self.output == Hidden::Yes || !chain.additional.is_empty() || !can_be_lost(asked) {
            return;
        }
        let Behind::Says(mut by) = self.all_say(&clause.then) else {
            return;
        };
        match clause.elses.as_deref().unwrap_or_default() {
            [] if asked.bang => {}
            [other] if other.condition.is_none() => match self.all_say(&other.body) {
                Behind::Says(more) => by.extend(more),
                Behind::More => return,
            },
            _other => return,
        }
        self.only_said(asked, by, Saying::If);
    }

    fn only_said(&mut self, lost: &Pipeline, by: Vec<String>, how: Saying) {
        let Some(command) = lost.seq.last() else {
            return;
        };
        let name = name_of(command).unwrap_or_default();
        let at = self.at(command);
        let how = How::Said { how, by };
        self.facts.losses.push(Loss { how, at, name });
    }

    /// What the commands behind a failure do; the programs and functions among them by name.
    fn behind(&self, pipeline: &Pipeline) -> Behind {
        let [command] = pipeline.seq.as_slice() else {
            return Behind::More;
        };
        match command {
            Command::Simple(simple) => self.says(simple),
            Command::Compound(CompoundCommand::BraceGroup(group), None) => {
                self.all_say(&group.list)
            }
            Command::Compound(CompoundCommand::Subshell(shell), None) => self.all_say(&shell.list),
            Command::Compound(..) | Command::Function(_) | Command::ExtendedTest(..) => {
                Behind::More
            }
        }
    }

    fn all_say(&self, list: &CompoundList) -> Behind {
        let mut by = Vec::new();
        for CompoundListItem(chain, separator) in &list.0 {
            let is_plain =
                chain.additional.is_empty() && matches!(separator, SeparatorOperator::Sequence);
            match self.behind(&chain.first) {
                Behind::Says(more) if is_plain => by.extend(more),
                Behind::Says(_) | Behind::More => return Behind::More,
            }
        }
        Behind::Says(by)
    }

    fn says(&self, command: &SimpleCommand) -> Behind {
        let name = command.word_or_name.as_ref();
        let Some(name) = name.and_then(|word| literal(&word.value)) else {
            return Behind::More;
        };
        let prints = ["echo", "printf"].contains(&name.as_str());
        // What is kept in a file may be looked at, and what a function prints may be its value.
        let is_kept = redirects(command).any(keeps)
            || (prints && self.place == Place::Function && !redirects(command).any(to_errors));
        let tells = prints || tells(&name) || self.facts.functions.contains_key(&name);
        if !tells || is_kept {
            return Behind::More;
        }
        Behind::Says(if prints { Vec::new() } else { vec![name] })
    }

    /// What was found from a place on is part of a condition, which somebody looks at.
    pub(super) fn is_looked_at_from(&mut self, from: usize) {
        let from = from.min(self.facts.losses.len());
        let own = self.facts.losses.split_off(from);
        let kept = own.into_iter().filter(|loss| match loss.how {
            How::Said { .. } => false,
            How::Piped { .. }
            | How::Background
            | How::BareWait
            | How::Left
            | How::Turns
            | How::Off
            | How::Word { .. }
            | How::Unheeded { .. }
            | How::Statements
            | How::Answer
            | How::Each
            | How::Declared { .. } => true,
        });
        self.facts.losses.extend(kept);
    }
}

/// Whether everything that stands behind a failure only says something, now that all functions are known.
pub(super) fn all_say(facts: &Facts, by: &[String]) -> bool {
    by.iter().all(|name| match facts.functions.get(name) {
        Some(body) => body.starts.iter().all(|one| {
            ["echo", "printf", "date", "logger", "local"].contains(&one.as_str()) || tells(one)
        }),
        // It may come from a file that is read.
        None => facts.unknown.names == Hidden::No || name == "logger" || name.contains('/'),
    })
}

/// Whether a program tells somebody, as far as its name says.
fn tells(name: &str) -> bool {
    let base = name.rsplit('/').next().unwrap_or(name);
    let base = base.strip_suffix(".sh").unwrap_or(base);
    let mut parts = base.split(['-', '_']);
    parts.any(|part| TELLS.contains(&part)) && !base.contains("rollback")
}

/// Whether a failure of it is an accident and not an answer.
fn can_be_lost(pipeline: &Pipeline) -> bool {
    let Some(command @ Command::Simple(simple)) = pipeline.seq.last() else {
        return false;
    };
    let Some(name) = simple
        .word_or_name
        .as_ref()
        .and_then(|word| literal(&word.value))
    else {
        return false;
    };
    let all = words_of(command);
    if name == "command" && all.first().is_some_and(|word| word.starts_with('-')) {
        return false;
    }
    let wrapped = words::wraps(&name) || ["timeout", "xargs"].contains(&name.as_str());
    let named = match wrapped {
        true => all.iter().find(|word| {
            !word.starts_with('-') && !word.starts_with(|ch: char| ch.is_ascii_digit())
        }),
        false => Some(&name),
    };
    let base = named.map_or("", |name| name.rsplit('/').next().unwrap_or(name));
    let words: BTreeSet<&str> = all.iter().map(String::as_str).collect();
    // `kubectl get`, and behind the options of a program: `kubectl -n shop get`.
    let first = all
        .iter()
        .skip(usize::from(wrapped))
        .filter(|word| !word.starts_with('-'));
    let asks = first
        .take(2)
        .any(|word| ASKS.binary_search(&word.as_str()).is_ok());
    // `kubectl rollout status` waits, and does not only ask.
    let asks = asks && !words.contains("rollout");
    let quiet = [
        "--quiet",
        "--exit-code",
        "--version",
        "--dry-run",
        "--check",
    ];
    let is_question = asks
        || QUESTIONS.contains(&base)
        || quiet.iter().any(|word| words.contains(word))
        || ["is", "has", "needs", "can", "exists"]
            .iter()
            .any(|start| base.split(['-', '_']).next() == Some(*start));
    !is_question && !words::may_be_ignored(base, &all) && !base.is_empty()
}

fn is_exit_0(pipeline: &Pipeline) -> bool {
    let [Command::Simple(simple)] = pipeline.seq.as_slice() else {
        return false;
    };
    let name = simple
        .word_or_name
        .as_ref()
        .and_then(|word| literal(&word.value));
    let words: Vec<&str> = words_in(simple).map(|word| word.value.as_str()).collect();
    name.as_deref() == Some("exit") && words == ["0"]
}

/// Whether something is written into a file that is kept.
fn keeps(redirect: &IoRedirect) -> bool {
    match redirect {
        IoRedirect::File(_, kind, IoFileRedirectTarget::Filename(word)) => {
            let writes = match kind {
                IoFileRedirectKind::Write
                | IoFileRedirectKind::Append
                | IoFileRedirectKind::ReadAndWrite
                | IoFileRedirectKind::Clobber => true,
                IoFileRedirectKind::Read
                | IoFileRedirectKind::DuplicateInput
                | IoFileRedirectKind::DuplicateOutput => false,
            };
            writes && !word.value.starts_with("/dev/") && !word.value.starts_with("/proc/")
        }
        IoRedirect::OutputAndError(..) => true,
        IoRedirect::File(
            _,
            _,
            IoFileRedirectTarget::Fd(_)
            | IoFileRedirectTarget::ProcessSubstitution(..)
            | IoFileRedirectTarget::Duplicate(_),
        )
        | IoRedirect::HereDocument(..)
        | IoRedirect::HereString(..) => false,
    }
}

/// `>&2`
fn to_errors(redirect: &IoRedirect) -> bool {
    match redirect {
        IoRedirect::File(number, _, target) => {
            let is_output = number.is_none_or(|number| number == 1);
            is_output
                && match target {
                    IoFileRedirectTarget::Fd(to) => *to == 2,
                    IoFileRedirectTarget::Duplicate(word) => word.value == "2",
                    IoFileRedirectTarget::Filename(word) => word.value == "/dev/stderr",
                    IoFileRedirectTarget::ProcessSubstitution(..) => false,
                }
        }
        IoRedirect::HereDocument(..)
        | IoRedirect::HereString(..)
        | IoRedirect::OutputAndError(..) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::facts::How;
    use super::super::parse::read;
    use super::ASKS;

    fn said(text: &str) -> Vec<String> {
        let Ok(facts) = read(text) else {
            panic!("no shell text: {text}");
        };
        let losses = facts.losses.into_iter();
        let said = losses.filter(|loss| matches!(loss.how, How::Said { .. }));
        said.map(|loss| loss.name).collect()
    }

    #[test]
    fn words_that_ask_are_sorted() {
        assert!(ASKS.is_sorted());
    }

    #[test]
    fn what_is_only_said_is_found() {
        for (text, name) in [
            ("./a || echo failed", "./a"),
            ("./a || echo failed >&2", "./a"),
            ("./a || printf 'failed\\n'; ./b", "./a"),
            ("./a || logger -t x failed", "./a"),
            ("./a || { echo failed; logger failed; }", "./a"),
            ("./a || (echo failed)", "./a"),
            ("./a || ./notify-slack failed", "./a"),
            ("./a || exit 0", "./a"),
            ("cd /srv && git pull && ./a || echo failed", "./a"),
            ("[ -f a ] && ./a || echo none", "./a"),
            ("command -v b >/dev/null && ./a || echo none", "./a"),
            ("kubectl apply -f a || echo failed", "kubectl"),
            ("kubectl rollout status deploy/a || echo failed", "kubectl"),
            ("sudo ./a || echo failed", "sudo"),
            ("log() { echo \"$1\" >&2; }\n./a || log failed", "./a"),
            ("f() { ./a || echo failed >&2; }\nf", "./a"),
            ("if ./a; then echo ok; else echo failed; fi", "./a"),
            ("if ! ./a; then echo failed; fi", "./a"),
            ("for h in a b; do ./a \"$h\" || echo failed; done", "./a"),
            ("sh -c './a || echo failed'", "./a"),
        ] {
            assert_eq!(said(text), [name], "{text}");
        }
    }

    #[test]
    fn what_is_more_than_said_or_was_a_question_is_left_alone() {
        for text in [
            "./a || true",
            "./a || :",
            "./a || { echo failed; exit 1; }",
            "./a || { echo failed; true; }",
            "./a || { echo failed; failed=1; }",
            "./a || ./b",
            "./a || ./rollback-and-notify",
            "./a || exit 1",
            "./a || exit 0; ./b",
            "./a || echo failed > failed.txt",
            "./a || kubectl rollout undo deploy/a",
            "x=$(./a || echo 0)",
            "./b \"$(./a || echo 0)\"",
            "x=$(./a) || echo none",
            "{ ./a || echo none; } | ./b",
            "f() { ./a || echo 0; }\nx=$(f)",
            "[ -f a ] || echo none",
            "test -f a || echo none",
            "grep -q a b || echo none",
            "command -v a || echo none",
            "pgrep a || echo none",
            "ls a || echo none",
            "kubectl get a || echo none",
            "kubectl -n shop get a || echo none",
            "docker inspect a || echo none",
            "systemctl is-active a || echo down",
            "sudo systemctl is-active a || echo down",
            "git diff --quiet || echo changed",
            "nc -z a 80 || echo down",
            "die() { echo \"$1\"; exit 1; }\n./a || die failed",
            "fail() { echo \"$1\"; return 1; }\n./a || fail failed",
            ". ./lib.sh\n./a || notify failed",
            "is_up || echo down",
            "./a && exit 0 || echo again",
            "if ./a || echo none; then ./b; fi",
            "until ./a || echo again; do sleep 1; done",
            "{ ./a || echo none; } || true",
            "if ./a; then ./b; else echo none; fi",
            "if ./a; then echo ok; fi",
            "if ! ./a; then echo failed; exit 1; fi",
            "if ./a; then echo ok; else echo failed; exit 1; fi",
            "if [ -f a ]; then echo ok; else echo none; fi",
            "if ./a; then echo ok; elif ./b; then echo b; else echo none; fi",
            "./a || echo 'failed' && exit 1",
            "./a || ./b || echo none",
            "! ./a || echo none",
        ] {
            assert_eq!(said(text), [""; 0], "{text}");
        }
    }
}
