//! Lines of a step that only change the shell that reads them: `cd`, `export`, an assignment. Each line has a shell of its own, which ends with it.

use brush_parser::ast::{
    AndOr, Command, CommandPrefixOrSuffixItem, CompoundListItem, SeparatorOperator, SimpleCommand,
};

use super::super::Checker;
use super::parts::{literal, prefix, words_in};
use crate::ast;
use crate::diag::factory::check as say;
use crate::source::Span;

/// What a line changes in its shell, and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Idle {
    /// `cd`, and where to if that is written out.
    Folder(Option<String>),
    /// `export X=…`, `X=…`, and the name.
    Variable(String),
    /// `set -e`
    Options,
    /// `. FILE`
    File,
    /// `umask`, `ulimit`, `unset`, `alias`
    Other,
}

/// What comes behind a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Behind {
    Nothing,
    Lines,
}

impl Checker<'_> {
    /// Reports the lines of a step that do nothing.
    pub(in crate::check) fn idle_lines(&mut self, command: &ast::Command) {
        match command {
            ast::Command::Shell(shell) => self.idle_line(shell, Behind::Nothing),
            ast::Command::Block(block) => {
                let count = block.parts.len();
                for (index, part) in block.parts.iter().enumerate() {
                    let behind = match index + 1 < count {
                        true => Behind::Lines,
                        false => Behind::Nothing,
                    };
                    match part {
                        ast::Command::Shell(shell) => self.idle_line(shell, behind),
                        ast::Command::Exec(_)
                        | ast::Command::Block(_)
                        | ast::Command::Http(_)
                        | ast::Command::Sql(_) => {}
                    }
                }
            }
            ast::Command::Exec(_) | ast::Command::Http(_) | ast::Command::Sql(_) => {}
        }
    }

    fn idle_line(&mut self, shell: &ast::Shell, behind: Behind) {
        let Some(idle) = of_text(&shell.text) else {
            return;
        };
        // What a file does beside setting something is not known.
        if idle == Idle::File && behind == Behind::Nothing {
            return;
        }
        let start = super::Text::of(shell).span(&(0..0)).start;
        let word = shell.text.split_whitespace().next().unwrap_or_default();
        let word = word.split('=').next().unwrap_or_default();
        let span = Span::new(start, start + crate::source::offset(word.len()));
        let what = match shell.form {
            ast::ShellForm::Line => "line",
            ast::ShellForm::Script => "text",
        };
        self.found.push(match &idle {
            Idle::Folder(folder) => say::folder_left(span, what, folder.as_deref()),
            Idle::Variable(name) => say::variable_left(span, what, name),
            Idle::Options => say::options_left(span, what),
            Idle::File | Idle::Other => say::setting_left(span, what, word),
        });
    }
}

/// What a text changes, if it does nothing else: the first of it.
fn of_text(text: &str) -> Option<Idle> {
    // Most lines begin with a program, and need not be read for this.
    let first = text.split_whitespace().next()?;
    let may_be = first.contains('=')
        || [
            ".", "alias", "cd", "export", "readonly", "set", "source", "ulimit", "umask", "unset",
        ]
        .contains(&first);
    if !may_be {
        return None;
    }
    let program = super::parse::code(text, &super::parse::sh()).ok()?;
    let mut found = None;
    for CompoundListItem(chain, separator) in
        program.complete_commands.iter().flat_map(|list| &list.0)
    {
        match separator {
            SeparatorOperator::Sequence => {}
            SeparatorOperator::Async => return None,
        }
        let mut pipelines = vec![&chain.first];
        for next in &chain.additional {
            match next {
                AndOr::And(pipeline) => pipelines.push(pipeline),
                AndOr::Or(_) => return None,
            }
        }
        for pipeline in pipelines {
            let [Command::Simple(simple)] = pipeline.seq.as_slice() else {
                return None;
            };
            let idle = of_command(simple)?;
            found.get_or_insert(idle);
        }
    }
    found
}

fn of_command(command: &SimpleCommand) -> Option<Idle> {
    let Some(name) = &command.word_or_name else {
        return prefix(command).find_map(|item| match item {
            CommandPrefixOrSuffixItem::AssignmentWord(_, word) => {
                let (name, _) = word.value.split_once('=')?;
                Some(Idle::Variable(name.to_owned()))
            }
            CommandPrefixOrSuffixItem::IoRedirect(_)
            | CommandPrefixOrSuffixItem::Word(_)
            | CommandPrefixOrSuffixItem::ProcessSubstitution(..) => None,
        });
    };
    let name = literal(&name.value)?;
    let words: Vec<&str> = words_in(command).map(|word| word.value.as_str()).collect();
    let first = words.first().copied();
    // Without words, and with these, they print.
    let prints = first.is_none_or(|first| ["-p", "-a", "-S"].contains(&first));
    match name.as_str() {
        "cd" => Some(Idle::Folder(first.and_then(literal))),
        "export" | "readonly" if !prints => {
            let name = first.and_then(|word| word.split('=').next());
            Some(Idle::Variable(name.unwrap_or_default().to_owned()))
        }
        "set" if !prints => Some(Idle::Options),
        "." | "source" => Some(Idle::File),
        "ulimit" | "umask" | "unset" | "alias" if !prints => Some(Idle::Other),
        _other => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Idle, of_text};

    #[test]
    fn lines_that_only_change_their_shell_are_found() {
        let variable = |name: &str| Idle::Variable(name.to_owned());
        for (text, idle) in [
            ("cd /srv/app", Idle::Folder(Some("/srv/app".to_owned()))),
            ("cd \"$dir\" && set -e", Idle::Folder(None)),
            ("export TAG=$(git describe)", variable("TAG")),
            ("TAG=1", variable("TAG")),
            ("set -euo pipefail", Idle::Options),
            (". ./env.sh", Idle::File),
            ("umask 022; cd /srv", Idle::Other),
        ] {
            assert_eq!(of_text(text), Some(idle), "{text}");
        }
        for text in [
            "cd /srv && git pull",
            "cd /srv; ./a",
            "cd /srv || exit 1",
            "TAG=1 ./a",
            "export",
            "export -p",
            "ulimit -a",
            "umask -S",
            "set -e; ./a",
            "cd /srv &",
            ". ./env.sh; ./a",
            "(cd /srv)",
            "cdk deploy",
            "",
        ] {
            assert_eq!(of_text(text), None, "{text}");
        }
    }
}
