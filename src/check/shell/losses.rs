//! Failures that nobody would see: in declarations, in the words of a command or of `for`, behind `&`.

use std::ops::Range;

use brush_parser::ast::{
    AndOr, AssignmentValue, Command, CommandPrefixOrSuffixItem, CompoundListItem, Program,
    SimpleCommand, Word,
};

use super::facts::{Hidden, How, Loss};
use super::parts::{literal, name_of, suffix, words_of};
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
            | How::Word { .. }
            | How::Unheeded { .. }
            | How::Statements
            | How::Answer
            | How::Each
            | How::Said { .. }
            | How::Off => {
                let losses = &mut self.facts.losses;
                losses.retain(|loss| !matches!(loss.how, How::Background | How::BareWait));
            }
        }
    }

    /// A substitution in a word of a command: the command runs all the same, with nothing in its place.
    pub(super) fn in_a_word(&mut self, program: &Program, at: Range<usize>) {
        if let Some(by) = self.by.clone()
            && let Some(name) = that_fails(program)
        {
            let how = How::Word { by };
            self.facts.losses.push(Loss { how, at, name });
        }
    }

    /// `set`, which says whether a failure stops the script.
    pub(super) fn set(&mut self, words: &[String], at: &Range<usize>) {
        let turns = |sign| {
            words
                .iter()
                .any(|word| word.starts_with(sign) && word.contains('e') && !word.starts_with("--"))
        };
        if turns('+') {
            self.facts.losses.push(Loss {
                how: How::Off,
                at: at.clone(),
                name: String::new(),
            });
        } else if turns('-') {
            self.facts.losses.retain(|loss| loss.how != How::Off);
        }
        if words.iter().any(|word| word == "--") {
            self.facts.unknown.arguments = Hidden::Yes;
        }
        let mut options = words
            .iter()
            .skip_while(|word| !(word.starts_with('-') && word.ends_with('o')));
        if options.next().is_some() && options.next().is_some_and(|word| word == "pipefail") {
            self.facts.unknown.pipelines = Hidden::Yes;
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

/// The first word of a command whose status stands for those of its words; `None` for those that only say or compare them, and for
/// declarations, which are looked at by themselves.
pub(super) fn stands_for_its_words(command: &SimpleCommand) -> Option<String> {
    let word = command.word_or_name.as_ref()?;
    let name = literal(&word.value).unwrap_or_default();
    let declares = ["declare", "export", "local", "readonly", "typeset"].contains(&name.as_str());
    (!declares && !words::only_says(&name)).then_some(name)
}

/// The first command of a substitution that has a reason to fail. What is behind `||` is foreseen.
fn that_fails(program: &Program) -> Option<String> {
    let lists = program.complete_commands.iter().flat_map(|list| &list.0);
    let chains = lists.filter_map(|CompoundListItem(chain, _)| {
        let mut all = vec![&chain.first];
        for next in &chain.additional {
            match next {
                AndOr::And(pipeline) => all.push(pipeline),
                AndOr::Or(_) => return None,
            }
        }
        Some(all)
    });
    let mut commands = chains.flatten().flat_map(|pipeline| &pipeline.seq);
    commands.find_map(fails)
}

fn fails(command: &Command) -> Option<String> {
    let name = name_of(command)?;
    let words = words_of(command);
    let name = match words::wraps(&name) {
        true => words.into_iter().find(|word| is_plain(word))?,
        false => name,
    };
    let can_fail = !words::is_builtin(&name)
        && !words::never_fails(&name)
        && !words::is_question(&name)
        && !words::is_reader(&name);
    can_fail.then_some(name)
}

/// Neither an option nor a variable that is set.
fn is_plain(word: &str) -> bool {
    !word.starts_with('-') && !word.contains('=')
}
