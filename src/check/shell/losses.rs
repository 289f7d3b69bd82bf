//! Failures that nobody would see: in declarations, in the words of `for`, behind `&`.

use brush_parser::ast::{AssignmentValue, CommandPrefixOrSuffixItem, SimpleCommand, Word};

use super::facts::{How, Loss};
use super::parts::suffix;
use super::walk::Walk;
use super::words;

impl Walk<'_> {
    pub(super) fn declared(&mut self, by: &str, command: &SimpleCommand) {
        for item in suffix(command) {
            let value = match item {
                CommandPrefixOrSuffixItem::AssignmentWord(assignment, _) => match &assignment.value
                {
                    AssignmentValue::Scalar(word) => word.value.as_str(),
                    AssignmentValue::Array(_) => continue,
                },
                CommandPrefixOrSuffixItem::Word(word) => {
                    word.value.split_once('=').map_or("", |(_, value)| value)
                }
                CommandPrefixOrSuffixItem::IoRedirect(_)
                | CommandPrefixOrSuffixItem::ProcessSubstitution(..) => continue,
            };
            let Some(name) = of_substitution(value) else {
                continue;
            };
            if !words::never_fails(name) {
                let at = self.at(item);
                self.facts.losses.push(Loss {
                    how: How::Declared { by: by.to_owned() },
                    at,
                    name: name.to_owned(),
                });
            }
        }
    }

    /// A `wait` ends the worry about the jobs before it, or says that it looks at none of them.
    pub(super) fn waited(&mut self, how: How) {
        match how {
            How::BareWait => {
                for loss in &mut self.facts.losses {
                    if loss.how == How::Background {
                        loss.how = How::BareWait;
                    }
                }
            }
            How::Background
            | How::Piped { .. }
            | How::Left
            | How::Declared { .. }
            | How::Turns
            | How::Off => {
                let losses = &mut self.facts.losses;
                losses.retain(|loss| !matches!(loss.how, How::Background | How::BareWait));
            }
        }
    }

    /// A word of `for`: what a substitution in it does not print is not looped over, and its failure is nobody's.
    pub(super) fn turns(&mut self, word: &Word) {
        let name = of_substitution(&word.value);
        if let Some(name) = name.filter(|name| !words::never_fails(name) && *name != "seq") {
            let loss = Loss {
                how: How::Turns,
                at: self.at(word),
                name: name.to_owned(),
            };
            self.facts.losses.push(loss);
        }
    }
}

/// The command of a word that is `$(…)`, in quotes or not.
fn of_substitution(word: &str) -> Option<&str> {
    let word = word.strip_prefix('"').unwrap_or(word);
    let inner = word
        .strip_prefix("$(")
        .filter(|rest| !rest.starts_with('('))?;
    let name = inner.split([' ', '\t', '\n', ')', '"', ';', '|']);
    name.into_iter().find(|name| !name.is_empty())
}
