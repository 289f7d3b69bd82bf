//! A command by its name: what its words do to names and failures, what it starts, and whether it wants a person.

use std::ops::Range;

use brush_parser::ast::{AssignmentName, CommandPrefixOrSuffixItem, SimpleCommand, Word};

use super::facts::{Hidden, How, Started};
use super::parts::{feeds, literal, prefix, redirects, words_in};
use super::walk::Walk;
use super::{people, words};

impl Walk<'_> {
    /// A command by its name, and what its words do to names and failures.
    pub(super) fn started(&mut self, command: &SimpleCommand, word: &Word) {
        let Some(name) = literal(&word.value) else {
            return;
        };
        let at = self.at(word);
        let words: Vec<&Word> = words_in(command).collect();
        if let Some(instead) = words::bash_command(&name) {
            let file = words.first().map(|word| word.value.as_str());
            let instead = match file.filter(|_| name == "source") {
                Some(file) => super::bash::source(file),
                None => instead.into(),
            };
            self.facts.bash.push((at.clone(), instead));
        }
        let literals: Vec<String> = words.iter().filter_map(|one| literal(&one.value)).collect();
        let plain = words.iter().map(|one| one.value.trim_matches(['"', '\'']));
        let plain: Vec<&str> = plain.collect();
        if let Some((index, instead)) = super::bash::option(&name, &plain)
            && let Some(word) = words.get(index)
        {
            let at = self.at(*word);
            self.facts.bash.push((at, instead.into()));
        }
        if name.split_once("+=").is_some_and(|(name, _)| {
            name.bytes()
                .all(|ch| ch.is_ascii_alphanumeric() || ch == b'_')
        }) {
            let instead = "write NAME=\"$NAME…\"".to_owned();
            self.facts.bash.push((at.clone(), instead));
        }
        match name.as_str() {
            "eval" | "." | "source" => self.facts.unknown.names = Hidden::Yes,
            "cd" | "pushd" => self.facts.unknown.directory = Hidden::Yes,
            "set" => self.set(&literals, &at),
            "read" | "getopts" | "unset" | "local" | "export" | "readonly" | "declare"
            | "typeset" | "mapfile" | "readarray" => self.names(&name, &literals),
            "printf" => {
                let variable = literals.iter().skip_while(|one| *one != "-v").nth(1);
                self.facts.assigned.extend(variable.cloned());
            }
            "[" | "test" => {
                if let Some(sign) = words.iter().find(|one| one.value == "==") {
                    let at = self.at(*sign);
                    self.facts.bash.push((at, "write `=`".into()));
                }
            }
            "wait" if literals.is_empty() && words.is_empty() => self.waited(How::BareWait),
            "wait" => self.waited(How::Background),
            _other => {}
        }
        if ["export", "local", "readonly", "declare", "typeset"].contains(&name.as_str()) {
            self.declared(&name, command);
        }
        if ["command", "type", "which", "hash"].contains(&name.as_str())
            && (name != "command" || literals.first().is_some_and(|one| one.starts_with("-")))
        {
            self.facts.looked_for.extend(literals.iter().cloned());
            return;
        }
        let wraps = words::wraps(&name);
        let all: Vec<String> = words
            .iter()
            .map(|one| literal(&one.value).unwrap_or_else(|| "…".to_owned()))
            .collect();
        self.wanted(command, (&name, &at), &all);
        self.facts.programs.push(Started { name, at });
        if wraps {
            let inner = words.iter().find(|one| {
                let value = one.value.as_str();
                !value.starts_with('-') && !value.contains('=')
            });
            // After an option it may be the option's value.
            let has_options = words.iter().any(|one| one.value.starts_with('-'));
            if let Some(inner) = inner.filter(|_| !has_options)
                && let Some(name) = literal(&inner.value)
            {
                let at = self.at(*inner);
                let after = all.iter().skip_while(|one| **one != name).skip(1);
                let after: Vec<String> = after.cloned().collect();
                self.wanted(command, (&name, &at), &after);
                self.facts.programs.push(Started { name, at });
            }
        }
    }

    /// Notes a command that wants a person.
    fn wanted(
        &mut self,
        command: &SimpleCommand,
        (name, at): (&str, &Range<usize>),
        words: &[String],
    ) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let Some(want) = people::wants(name, &words) else {
            return;
        };
        let is_fed = self.fed == Hidden::Yes || redirects(command).any(feeds);
        // EDITOR=… in front of it: the editor is a program.
        let is_edited = prefix(command).any(|item| match item {
            CommandPrefixOrSuffixItem::AssignmentWord(assignment, _) => match &assignment.name {
                AssignmentName::VariableName(name) | AssignmentName::ArrayElementName(name, _) => {
                    name.ends_with("EDITOR")
                }
            },
            CommandPrefixOrSuffixItem::IoRedirect(_)
            | CommandPrefixOrSuffixItem::Word(_)
            | CommandPrefixOrSuffixItem::ProcessSubstitution(..) => false,
        });
        let is_answered = is_edited || (is_fed && want.reads == Hidden::Yes);
        if !is_answered {
            let one = (at.clone(), name.to_owned(), want);
            self.facts.people.push(one);
        }
    }

    /// The names after `read`, `local` and the like.
    fn names(&mut self, command: &str, words: &[String]) {
        let names = words.iter().filter(|word| {
            let mut bytes = word.bytes();
            bytes
                .next()
                .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        });
        let given = names.map(|word| word.split('=').next().unwrap_or_default().to_owned());
        match command {
            "export" | "readonly" | "unset" => {}
            "getopts" => {
                self.facts.assigned.extend(given);
                self.facts
                    .assigned
                    .extend(["OPTARG", "OPTIND"].map(str::to_owned));
            }
            _sets => self.facts.assigned.extend(given),
        }
    }
}
