//! Where the values of shell text go: by way of assignments into the arguments of programs. Nothing is judged here.

use brush_parser::ast::{
    AssignmentName, Command, CommandPrefixOrSuffixItem, IoFileRedirectKind, IoFileRedirectTarget,
    IoRedirect, SimpleCommand, SourceLocation, Word,
};
use brush_parser::word::{self, WordPiece, WordPieceWithSource};

use super::expand::value_of;
use super::facts::{Handed, Made, Of, Source, Way};
use super::parts::{literal, prefix, redirects, suffix, words_in};
use super::walk::Walk;
use super::words;

/// Programs that print the files that they are given, or a part of them.
const PRINTS: [&str; 10] = [
    "awk", "base64", "cat", "cut", "head", "jq", "sed", "tail", "tr", "yq",
];

impl Walk<'_> {
    /// Notes what a command makes variables of, and what it is handed.
    pub(super) fn flows(&mut self, command: &SimpleCommand) {
        let Some(name) = &command.word_or_name else {
            for item in prefix(command) {
                self.assigned(item);
            }
            return;
        };
        let plain = literal(&name.value).unwrap_or_default();
        match plain.as_str() {
            "export" | "local" | "readonly" | "declare" | "typeset" => {
                for item in suffix(command) {
                    self.assigned(item);
                }
            }
            "read" => {
                let from = read_from(command);
                let at = self.at(command);
                for one in words_in(command).filter_map(|word| literal(&word.value)) {
                    let sources = from.iter().map(|of| Source {
                        of: of.clone(),
                        at: at.clone(),
                        way: Way::Printed,
                    });
                    let (name, at) = (one, at.clone());
                    let sources = sources.collect();
                    self.facts.made.push(Made { name, at, sources });
                }
            }
            _other => self.handed(command, name),
        }
    }

    fn assigned(&mut self, item: &CommandPrefixOrSuffixItem) {
        match item {
            CommandPrefixOrSuffixItem::AssignmentWord(assignment, word) => {
                if let AssignmentName::VariableName(name) = &assignment.name {
                    self.made(name, word);
                }
            }
            CommandPrefixOrSuffixItem::Word(word) => {
                if let Some((name, _)) = word.value.split_once('=') {
                    self.made(name, word);
                }
            }
            CommandPrefixOrSuffixItem::IoRedirect(_)
            | CommandPrefixOrSuffixItem::ProcessSubstitution(..) => {}
        }
    }

    /// Notes that a variable is made of a word.
    pub(super) fn made(&mut self, name: &str, word: &Word) {
        let at = self.at(word);
        let sources = self.sources(word);
        let name = name.to_owned();
        self.facts.made.push(Made { name, at, sources });
    }

    /// The values in a word.
    pub(super) fn sources(&self, word: &Word) -> Vec<Source> {
        let Some((text, start)) = self.written(word) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        in_word(text, start, &mut found);
        found
    }

    /// A word as it is written, and where it begins.
    pub(super) fn written(&self, word: &Word) -> Option<(&str, usize)> {
        word.location()?;
        let at = self.at(word);
        let text = self.text.get(at.start - self.base..at.end - self.base)?;
        Some((text, at.start))
    }

    fn handed(&mut self, command: &SimpleCommand, name: &Word) {
        let mut all = std::iter::once(name).chain(words_in(command)).peekable();
        // What only starts another one is no program that keeps its arguments.
        let program = loop {
            let Some(word) = all.next() else { return };
            let plain = literal(&word.value);
            match plain.as_deref() {
                Some("exec" | "command" | "builtin") => {}
                Some("env") => while all.next_if(|word| is_assignment(&word.value)).is_some() {},
                Some(plain) if words::is_builtin(plain) => return,
                Some(_) | None => break plain.unwrap_or_else(|| word.value.clone()),
            }
        };
        let rest: Vec<&Word> = all.collect();
        for word in rest {
            for source in self.sources(word) {
                let program = program.trim_matches('"').to_owned();
                self.facts.handed.push(Handed { program, source });
            }
        }
    }
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        name.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

/// The values in a word that begins at `start`.
fn in_word(text: &str, start: usize, found: &mut Vec<Source>) {
    if text.contains(['$', '`'])
        && let Ok(pieces) = word::parse(text, &super::parse::bash())
    {
        in_pieces((text, start), &pieces, found);
    }
}

/// The same in the text of a here-document.
pub(super) fn in_document(text: &str, start: usize, found: &mut Vec<Source>) {
    if let Ok(pieces) = word::parse_heredoc(text, &super::parse::bash()) {
        in_pieces((text, start), &pieces, found);
    }
}

fn in_pieces(
    (text, start): (&str, usize),
    pieces: &[WordPieceWithSource],
    found: &mut Vec<Source>,
) {
    for piece in pieces {
        let at = start + piece.start_index..start + piece.end_index;
        match &piece.piece {
            WordPiece::DoubleQuotedSequence(inner)
            | WordPiece::GettextDoubleQuotedSequence(inner) => {
                in_pieces((text, start), inner, found);
            }
            WordPiece::ParameterExpansion(expansion) => {
                let (name, rest) = value_of(expansion);
                if let Some(rest) = rest {
                    in_word(rest, at.end.saturating_sub(1 + rest.len()), found);
                }
                let of = name.map(Of::Variable);
                let way = Way::Itself;
                found.extend(of.map(|of| Source { of, at, way }));
            }
            WordPiece::CommandSubstitution(inner)
            | WordPiece::BackquotedCommandSubstitution(inner) => {
                let all = printed(inner).into_iter();
                found.extend(all.map(|of| Source {
                    of,
                    at: at.clone(),
                    way: Way::Printed,
                }));
            }
            WordPiece::Text(_)
            | WordPiece::SingleQuotedText(_)
            | WordPiece::AnsiCQuotedText(_)
            | WordPiece::TildeExpansion(_)
            | WordPiece::EscapeSequence(_)
            | WordPiece::ArithmeticExpression(_) => {}
        }
    }
}

/// The values that a substitution prints, where it does nothing but print.
fn printed(inner: &str) -> Vec<Of> {
    let Ok(program) = super::parse::program(inner, &super::parse::sh()) else {
        return Vec::new();
    };
    let [list] = program.complete_commands.as_slice() else {
        return Vec::new();
    };
    let [item] = list.0.as_slice() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for command in &item.0.first.seq {
        let Command::Simple(simple) = command else {
            return Vec::new();
        };
        let name = simple.word_or_name.as_ref();
        let name = name.map(|word| literal(&word.value).unwrap_or_default());
        let says = match name.as_deref() {
            Some("echo" | "printf") => true,
            Some(name) if PRINTS.contains(&name) => false,
            None => false,
            Some(_) => return Vec::new(),
        };
        for word in words_in(simple) {
            let mut sources = Vec::new();
            in_word(&word.value, 0, &mut sources);
            found.extend(sources.into_iter().map(|source| match source.of {
                Of::Variable(name) if !says => Of::Contents(name),
                of @ (Of::Variable(_) | Of::Contents(_)) => of,
            }));
        }
        found.extend(read_from(simple));
    }
    found
}

/// The files that a command reads from its input, by the variables that name them.
fn read_from(command: &SimpleCommand) -> Vec<Of> {
    let mut found = Vec::new();
    for redirect in redirects(command) {
        if let IoRedirect::File(_, IoFileRedirectKind::Read, IoFileRedirectTarget::Filename(word)) =
            redirect
        {
            in_word(&word.value, 0, &mut found);
        }
    }
    let names = found.into_iter().map(|source| match source.of {
        Of::Variable(name) | Of::Contents(name) => Of::Contents(name),
    });
    names.collect()
}
