//! Steps that start something on another machine by themselves, with `ssh`. What bounds the step bounds the `ssh` here: when it is killed,
//! the command over there goes on, and the machine that does not answer takes all of the step's time.

use super::facts::Facts;
use super::words::{commands, program};
use crate::check::{Command, Piece};
use crate::diag::Diagnostics;
use crate::diag::factory::lint as say;

pub(super) fn judge(facts: &Facts<'_>, found: &mut Diagnostics) {
    for step in &facts.checked.steps {
        let Some(remote) = first(&step.command) else {
            continue;
        };
        if remote.bounded && remote.refuses {
            continue;
        }
        let name = step.name.as_str();
        found.push(say::remote_without_bound(
            (step.span, name),
            &remote.place(),
            (remote.bounded, remote.refuses),
        ));
    }
}

/// The first `ssh` of a command.
fn first(command: &Command) -> Option<Remote> {
    match command {
        Command::Shell(text) if text.contains("ssh") => commands(text).into_iter().find_map(remote),
        Command::Exec(words) => {
            let plain = words.iter().map(|word| {
                let pieces = word.0.iter().map(|piece| match piece {
                    Piece::Text(text) => text.as_str(),
                    Piece::Value(_) | Piece::Live(_) | Piece::Exposure(_) | Piece::Capture(_) => {
                        VALUE
                    }
                });
                pieces.collect::<String>()
            });
            remote(&plain.collect::<Vec<_>>().join(" "))
        }
        Command::Block(all) => all.iter().find_map(first),
        Command::Shell(_) | Command::Http(_) | Command::Sql(_) => None,
    }
}

/// Stands for what only the run knows.
const VALUE: &str = "$value";

/// What an `ssh` does.
#[derive(Debug, PartialEq, Eq)]
struct Remote {
    /// Where, as it is written.
    host: String,
    /// Something over there ends it.
    bounded: bool,
    /// A machine that does not answer is given up.
    refuses: bool,
}

impl Remote {
    fn place(&self) -> String {
        if self.host.contains(VALUE) {
            "another machine".to_owned()
        } else {
            format!("`{}`", self.host)
        }
    }
}

/// Options of `ssh` that are followed by a value.
const WITH_VALUE: &str = "BbcDEeFIiJLlmOopQRSWw";

/// What ends a command over there.
const BOUNDS: [&str; 3] = ["timeout", "systemd-run", "gtimeout"];

/// The `ssh` of a simple command that runs a command elsewhere; nothing when it is none.
fn remote(command: &str) -> Option<Remote> {
    let (name, rest) = program(command)?;
    let name = name.rsplit('/').next().unwrap_or_default().to_owned();
    let mut words = rest.split_whitespace().peekable();
    match name.as_str() {
        "ssh" => {}
        // A bound here is no bound there.
        "timeout" | "nice" | "nohup" | "sudo" | "time" => {
            let at = rest.find("ssh ")?;
            return remote(rest.get(at..)?);
        }
        _ => return None,
    }
    let mut refuses = false;
    let host = loop {
        let word = words.next()?;
        let Some(option) = word.strip_prefix('-') else {
            break word.to_owned();
        };
        let takes = option
            .chars()
            .next_back()
            .is_some_and(|last| WITH_VALUE.contains(last))
            && option.len() == 1;
        let value = if takes {
            words.next().unwrap_or_default()
        } else {
            option
        };
        refuses |= value.to_ascii_lowercase().contains("connecttimeout=");
        if option.starts_with('N') || option.starts_with('O') {
            // Nothing is run over there.
            return None;
        }
    };
    let rest: Vec<&str> = words.collect();
    let first = rest.first()?.trim_start_matches(['"', '\'']);
    // What comes before a `timeout` that is part of it: `sudo timeout 60 …`.
    let bounded = [first]
        .into_iter()
        .chain(rest.iter().skip(1).take(3).copied())
        .any(|word| {
            let word = word.trim_matches(['"', '\'']);
            BOUNDS.contains(&word.rsplit('/').next().unwrap_or_default())
        });
    Some(Remote {
        host: host.trim_matches(['"', '\'']).to_owned(),
        bounded,
        refuses,
    })
}

#[cfg(test)]
mod tests {
    use super::remote;

    #[test]
    fn what_ssh_runs_elsewhere_is_seen() {
        let cases = [
            (
                "ssh web-1 systemctl restart api",
                Some(("web-1", false, false)),
            ),
            (
                "ssh -o ConnectTimeout=5 web-1 systemctl restart api",
                Some(("web-1", false, true)),
            ),
            (
                "ssh -oConnectTimeout=5 -p 22 \"$host\" \"timeout 60 restart\"",
                Some(("$host", true, true)),
            ),
            (
                "timeout 60 ssh web-1 restart",
                Some(("web-1", false, false)),
            ),
            (
                "ssh web-1 sudo timeout 60 restart",
                Some(("web-1", true, false)),
            ),
            ("ssh -N -L 80:localhost:80 web-1", None),
            ("ssh web-1", None),
            ("ssh-keyscan web-1 more", None),
            ("echo ssh web-1 restart", None),
        ];
        for (command, wanted) in cases {
            let seen = remote(command).map(|one| (one.host, one.bounded, one.refuses));
            let wanted = wanted
                .map(|(host, bounded, refuses): (&str, _, _)| (host.to_owned(), bounded, refuses));
            assert_eq!(seen, wanted, "{command}");
        }
    }
}
