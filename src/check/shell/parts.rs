//! What a command of brush-parser's tree consists of: its words, what is redirected, its name. Nothing is noted here.

use brush_parser::ast::{
    AndOrList, Command, CommandPrefix, CommandPrefixOrSuffixItem, CommandSuffix,
    IoFileRedirectKind, IoRedirect, SimpleCommand, Word,
};

pub(super) fn prefix(command: &SimpleCommand) -> impl Iterator<Item = &CommandPrefixOrSuffixItem> {
    let list = command.prefix.iter();
    list.flat_map(|CommandPrefix(items)| items)
}

pub(super) fn suffix(command: &SimpleCommand) -> impl Iterator<Item = &CommandPrefixOrSuffixItem> {
    let list = command.suffix.iter();
    list.flat_map(|CommandSuffix(items)| items)
}

/// Where a command reads from and prints to.
pub(super) fn redirects(command: &SimpleCommand) -> impl Iterator<Item = &IoRedirect> {
    let all = prefix(command).chain(suffix(command));
    all.filter_map(|item| match item {
        CommandPrefixOrSuffixItem::IoRedirect(redirect) => Some(redirect),
        CommandPrefixOrSuffixItem::Word(_)
        | CommandPrefixOrSuffixItem::AssignmentWord(..)
        | CommandPrefixOrSuffixItem::ProcessSubstitution(..) => None,
    })
}

/// Whether a redirection gives a command something to read.
pub(super) fn feeds(redirect: &IoRedirect) -> bool {
    match redirect {
        IoRedirect::File(number, kind, _) => {
            number.is_none_or(|number| number == 0)
                && matches!(
                    kind,
                    IoFileRedirectKind::Read
                        | IoFileRedirectKind::ReadAndWrite
                        | IoFileRedirectKind::DuplicateInput
                )
        }
        IoRedirect::HereDocument(..) | IoRedirect::HereString(..) => true,
        IoRedirect::OutputAndError(..) => false,
    }
}

/// The words after the name of a command, without redirections.
pub(super) fn words_in(command: &SimpleCommand) -> impl Iterator<Item = &Word> {
    suffix(command).filter_map(|item| match item {
        CommandPrefixOrSuffixItem::Word(word)
        | CommandPrefixOrSuffixItem::AssignmentWord(_, word) => Some(word),
        CommandPrefixOrSuffixItem::IoRedirect(_)
        | CommandPrefixOrSuffixItem::ProcessSubstitution(..) => None,
    })
}

pub(super) fn words_of(command: &Command) -> Vec<String> {
    match command {
        Command::Simple(simple) => words_in(simple)
            .filter_map(|word| literal(&word.value))
            .collect(),
        Command::Compound(..) | Command::Function(_) | Command::ExtendedTest(..) => Vec::new(),
    }
}

/// The name that a command starts with, if it is written out.
pub(super) fn name_of(command: &Command) -> Option<String> {
    match command {
        Command::Simple(simple) => match &simple.word_or_name {
            Some(word) => literal(&word.value),
            // An assignment alone: it has the status of its substitution.
            None => Some("true".to_owned()),
        },
        Command::Compound(..) | Command::Function(_) => None,
        Command::ExtendedTest(..) => Some("[[".to_owned()),
    }
}

/// Whether a list consists of redirections alone: the rest of `&> file` as `/bin/sh` reads it.
pub(super) fn only_redirects(list: &AndOrList) -> bool {
    list.first.seq.iter().all(|command| match command {
        Command::Simple(simple) => {
            simple.word_or_name.is_none()
                && prefix(simple)
                    .all(|item| matches!(item, CommandPrefixOrSuffixItem::IoRedirect(_)))
        }
        Command::Compound(..) | Command::Function(_) | Command::ExtendedTest(..) => false,
    })
}

/// A word without its quotes, if nothing in it is expanded.
pub(super) fn literal(word: &str) -> Option<String> {
    if word.contains(['$', '`', '*', '?']) && !word.starts_with('\'') {
        return None;
    }
    let plain: String = word.chars().filter(|ch| !"\"'\\\n".contains(*ch)).collect();
    (!plain.is_empty()).then(|| plain.trim().to_owned())
}
