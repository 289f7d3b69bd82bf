//! Code that a command hands to another shell: `sh -c '…'`. It is shell text of its own, and there nothing stops at a failure unless it says
//! so. What is found in it is moved to where it stands.

use std::ops::Range;

use brush_parser::ast::{IoHereDocument, Word};
use brush_parser::word::{self, WordPiece, WordPieceWithSource};

use super::called::{Code, Runs};
use super::facts::{
    Facts, Handed, Hidden, How, Loss, Made, Of, Source, Spliced, Unheeded, Unset, Within,
};
use super::walk::Walk;

/// Code in code in code is not looked at.
const DEEPEST: usize = 3;

/// What stands for something that the outer shell puts in.
const PUT_IN: &str = "$_";

/// A word as the shell reads it that gets it, and where each of its bytes stands.
struct Written {
    text: String,
    places: Vec<usize>,
}

impl Written {
    fn of(raw: &str, start: usize) -> Option<Self> {
        let pieces = word::parse(raw, &super::parse::bash()).ok()?;
        let mut written = Self {
            text: String::new(),
            places: Vec::new(),
        };
        written.pieces((raw, start), &pieces)?;
        Some(written)
    }

    /// The same of a here-document.
    fn of_document((raw, start): (&str, usize), document: &IoHereDocument) -> Option<Self> {
        let mut written = Self {
            text: String::new(),
            places: Vec::new(),
        };
        if document.requires_expansion {
            let pieces = word::parse_heredoc(raw, &super::parse::bash()).ok()?;
            written.pieces((raw, start), &pieces)?;
        } else {
            written.push(raw, start);
        }
        Some(written)
    }

    fn pieces(&mut self, (raw, start): (&str, usize), all: &[WordPieceWithSource]) -> Option<()> {
        for piece in all {
            let range = piece.start_index..piece.end_index;
            let text = raw.get(range.clone())?;
            let at = start + range.start;
            match &piece.piece {
                WordPiece::Text(_) => self.push(text, at),
                WordPiece::SingleQuotedText(_) => {
                    self.push(text.get(1..text.len().checked_sub(1)?)?, at + 1);
                }
                WordPiece::EscapeSequence(_) => match text.strip_prefix('\\')? {
                    "\n" => {}
                    rest => self.push(rest, at + 1),
                },
                WordPiece::DoubleQuotedSequence(inner) => self.pieces((raw, start), inner)?,
                WordPiece::ParameterExpansion(_)
                | WordPiece::CommandSubstitution(_)
                | WordPiece::BackquotedCommandSubstitution(_)
                | WordPiece::ArithmeticExpression(_)
                | WordPiece::TildeExpansion(_) => {
                    self.text.push_str(PUT_IN);
                    self.places
                        .extend([at, (at + text.len()).saturating_sub(1)]);
                }
                WordPiece::AnsiCQuotedText(_) | WordPiece::GettextDoubleQuotedSequence(_) => {
                    return None;
                }
            }
        }
        Some(())
    }

    fn push(&mut self, text: &str, at: usize) {
        self.text.push_str(text);
        self.places.extend(at..at + text.len());
    }

    /// A part of it where it stands.
    fn place(&self, part: &Range<usize>) -> Range<usize> {
        let start = self.places.get(part.start).or(self.places.last());
        let start = start.copied().unwrap_or_default();
        let last = part.end.checked_sub(1).filter(|last| *last >= part.start);
        let last = last.and_then(|last| self.places.get(last));
        start..last.map_or(start, |last| last + 1).max(start)
    }

    fn source(&self, source: Source) -> Source {
        let at = self.place(&source.at);
        Source { at, ..source }
    }
}

impl Walk<'_> {
    /// Walks the code in a word.
    pub(super) fn code(&mut self, word: &Word, code: &Code) {
        let Some((raw, start)) = self.written(word) else {
            return;
        };
        let whole = start..start + raw.len();
        let Some(written) = Written::of(raw, start) else {
            self.facts.code_not_read.push((whole, code.by.clone()));
            return;
        };
        self.code_of(&written, whole, (code, self.fed));
    }

    /// Walks the code that a shell reads from a here-document.
    pub(super) fn code_in_document(&mut self, document: &IoHereDocument, code: &Code) {
        // Where blanks are taken away, nothing stands where it stood.
        if document.remove_tabs {
            return;
        }
        let Some((raw, start)) = self.document(&document.doc) else {
            return;
        };
        if let Some(written) = Written::of_document((raw, start), document) {
            let whole = start..start + raw.len();
            self.code_of(&written, whole, (code, Hidden::Yes));
        }
    }

    fn code_of(&mut self, written: &Written, whole: Range<usize>, (code, fed): (&Code, Hidden)) {
        if written.text.trim() == PUT_IN || self.deep >= DEEPEST {
            return;
        }
        let is_sh = !["bash", "ksh", "zsh"]
            .iter()
            .any(|one| code.by.starts_with(one));
        let options = if is_sh {
            super::parse::sh()
        } else {
            super::parse::bash()
        };
        let Ok(program) = super::parse::code(&written.text, &options) else {
            self.facts.code_not_read.push((whole, code.by.clone()));
            return;
        };
        let mut inner = Facts::default();
        let mut walk = Walk::new(&written.text, &mut inner);
        walk.fed = fed;
        walk.output = self.output;
        walk.place = self.place;
        walk.deep = self.deep + 1;
        walk.program(&program);
        if code.stops == Hidden::No {
            let body = walk.code_body(&program);
            let (beside, within) = code.beside();
            walk.facts.unheeded.push(Unheeded {
                beside,
                within,
                body,
            });
        }
        super::unheeded::settle(&mut inner);
        if !is_sh || code.runs != Runs::Here {
            inner.bash.clear();
        }
        self.take(inner, written, code);
    }

    /// Takes over what was found in code.
    fn take(&mut self, inner: Facts, written: &Written, code: &Code) {
        let is_own = |name: &str| inner.functions.contains_key(name);
        let pipelines = inner.unknown.pipelines == Hidden::Yes || code.pipelines == Hidden::Yes;
        let losses = inner.losses.into_iter().filter(|loss| match loss.how {
            How::Piped { .. } => !pipelines,
            // It is off anyway.
            How::Off => code.stops == Hidden::Yes,
            How::Statements | How::Answer => !is_own(&loss.name),
            How::Background
            | How::BareWait
            | How::Left
            | How::Turns
            | How::Word { .. }
            | How::Each
            | How::Said { .. }
            | How::Unheeded { .. }
            | How::Declared { .. } => true,
        });
        self.facts.losses.extend(losses.map(|loss| Loss {
            at: written.place(&loss.at),
            how: moved(loss.how, written, code),
            name: loss.name,
        }));
        let people = inner.people.into_iter();
        let people = people.filter(|(_, name, _)| !is_own(name));
        self.facts
            .people
            .extend(people.map(|(at, name, want)| (written.place(&at), name, want)));
        let unread = inner.code_not_read.into_iter();
        let unread = unread.chain(inner.not_read.map(|at| (at, code.by.clone())));
        self.facts
            .code_not_read
            .extend(unread.map(|(at, by)| (written.place(&at), by)));
        let bash = inner.bash.into_iter();
        self.facts
            .bash
            .extend(bash.map(|(at, instead)| (written.place(&at), instead)));
        if code.runs == Runs::Elsewhere {
            return;
        }
        let programs = inner.programs.into_iter().filter(|one| {
            let is_relative = one.name.contains('/') && !one.name.starts_with('/');
            let is_elsewhere = inner.unknown.path == Hidden::Yes
                || (is_relative && inner.unknown.directory == Hidden::Yes);
            !(is_own(&one.name) || inner.looked_for.contains(&one.name) || is_elsewhere)
        });
        self.facts.programs.extend(programs.map(|mut one| {
            one.at = written.place(&one.at);
            one
        }));
        if code.runs == Runs::AsAnother {
            return;
        }
        let is_bash = code.by != "sh -c";
        let variables = inner.variables.into_iter().filter(|one| {
            one.name != "_"
                && one
                    .name
                    .starts_with(|ch: char| ch.is_ascii_alphabetic() || ch == '_')
                && !inner.assigned.contains(&one.name)
                && inner.unknown.names == Hidden::No
                && !(is_bash && super::bash::variable(&one.name).is_some())
        });
        self.facts.variables.extend(variables.map(|mut one| {
            one.at = written.place(&one.at);
            if one.unset == Unset::Fails {
                one.unset = Unset::Empty;
            }
            one
        }));
        let spliced = inner.spliced.into_iter();
        let spliced = spliced.filter(|one| one.source.of != Of::Variable("_".to_owned()));
        self.facts.spliced.extend(spliced.map(|one| Spliced {
            source: written.source(one.source),
            reads: one.reads,
        }));
        let made = inner.made.into_iter().map(|made| Made {
            at: written.place(&made.at),
            name: made.name,
            sources: made
                .sources
                .into_iter()
                .map(|one| written.source(one))
                .collect(),
        });
        self.facts.made.extend(made);
        let handed = inner.handed.into_iter().filter(|one| !is_own(&one.program));
        // What the outer shell puts in is handed to the shell, which was said.
        let handed = handed.filter(|one| one.source.of != Of::Variable("_".to_owned()));
        self.facts.handed.extend(handed.map(|one| Handed {
            source: written.source(one.source),
            program: one.program,
        }));
    }
}

fn moved(how: How, written: &Written, code: &Code) -> How {
    match how {
        How::Left if code.stops == Hidden::No => code.goes_on(),
        How::Unheeded {
            beside,
            within: Within::Function { name, at },
        } => {
            let at = written.place(&at);
            let within = Within::Function { name, at };
            How::Unheeded { beside, within }
        }
        How::Unheeded { .. }
        | How::Piped { .. }
        | How::Background
        | How::BareWait
        | How::Left
        | How::Turns
        | How::Off
        | How::Word { .. }
        | How::Statements
        | How::Answer
        | How::Each
        | How::Said { .. }
        | How::Declared { .. } => how,
    }
}
