//! The variables and substitutions in one word of shell text.

use std::ops::Range;

use brush_parser::word::{
    self, Parameter, ParameterExpr, SpecialParameter, WordPiece, WordPieceWithSource,
};

use super::facts::{Quoting, Unset, Variable};
use super::walk::Walk;

/// What an expansion says of its variable.
struct Expansion<'e> {
    parameter: &'e Parameter,
    unset: Unset,
    /// The text after the operator, which is expanded too.
    rest: Option<&'e str>,
    language: Language,
}

/// Whose expansion it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Language {
    Sh,
    Bash,
}

impl Walk<'_> {
    /// The expansions of a word that begins at `start` of the whole text.
    pub(super) fn scan(&mut self, text: &str, start: usize, quoting: Quoting) {
        if !text.contains(['$', '`']) {
            return;
        }
        // The rules of bash, because what only they know is worth a word of its own.
        if let Ok(pieces) = word::parse(text, &super::parse::bash()) {
            self.pieces(text, &pieces, (start, quoting));
        }
    }

    /// The same in the text of a here-document.
    pub(super) fn scan_document(&mut self, text: &str, start: usize) {
        if let Ok(pieces) = word::parse_heredoc(text, &super::parse::bash()) {
            self.pieces(text, &pieces, (start, Quoting::Whole));
        }
    }

    fn pieces(
        &mut self,
        text: &str,
        pieces: &[WordPieceWithSource],
        (start, quoting): (usize, Quoting),
    ) {
        for piece in pieces {
            let range = piece.start_index..piece.end_index;
            let at = start + range.start..start + range.end;
            match &piece.piece {
                WordPiece::Text(_)
                | WordPiece::SingleQuotedText(_)
                | WordPiece::TildeExpansion(_)
                | WordPiece::EscapeSequence(_) => {}
                WordPiece::AnsiCQuotedText(_) => {
                    let instead = "write \"$(printf '…')\"".to_owned();
                    self.facts.bash.push((at, instead));
                }
                WordPiece::GettextDoubleQuotedSequence(inner) => {
                    let instead = "take the `$` before the quotes away".to_owned();
                    self.facts.bash.push((at.start..at.start + 2, instead));
                    self.pieces(text, inner, (start, Quoting::Whole));
                }
                WordPiece::DoubleQuotedSequence(inner) => {
                    self.pieces(text, inner, (start, Quoting::Whole));
                }
                WordPiece::ParameterExpansion(expansion) => {
                    self.expansion(expansion, at, quoting);
                }
                WordPiece::CommandSubstitution(inner) => {
                    if is_file_alone(inner) {
                        let instead = "write $(cat FILE)".to_owned();
                        self.facts.bash.push((at.clone(), instead));
                    }
                    self.inner(inner, at.start + 2, at);
                }
                WordPiece::BackquotedCommandSubstitution(inner) => {
                    // Escapes in it are resolved, so that places hold only without any.
                    if !inner.contains('\\') {
                        self.inner(inner, at.start + 1, at);
                    }
                }
                WordPiece::ArithmeticExpression(sum) => {
                    let raw = text.get(range).unwrap_or_default();
                    let lead = raw.find(sum.value.as_str()).unwrap_or_default();
                    if let Some((sign, instead)) = super::bash::sum(&sum.value) {
                        let from = at.start + lead;
                        let sign = from + sign.start..from + sign.end;
                        self.facts.bash.push((sign, instead.to_owned()));
                    }
                    self.sum(&sum.value, at.start + lead);
                }
            }
        }
    }

    fn expansion(&mut self, expansion: &ParameterExpr, at: Range<usize>, quoting: Quoting) {
        let Some(Expansion {
            parameter,
            unset,
            rest,
            language,
        }) = read(expansion)
        else {
            let instead = "give the value by a variable of its own".to_owned();
            self.facts.bash.push((at, instead));
            return;
        };
        if language == Language::Bash {
            let instead = "use `sed`, `cut` or `tr`, or ${name%…} and ${name#…}".to_owned();
            self.facts.bash.push((at.clone(), instead));
        }
        if let Some(name) = name(parameter) {
            if matches!(expansion, ParameterExpr::AssignDefaultValues { .. }) {
                self.facts.assigned.insert(name.clone());
            }
            self.facts.variables.push(Variable {
                name,
                at: at.clone(),
                quoting: if matches!(expansion, ParameterExpr::ParameterLength { .. }) {
                    Quoting::Whole
                } else {
                    quoting
                },
                unset,
                place: self.place,
            });
        }
        if let Some(rest) = rest {
            self.scan(rest, at.end.saturating_sub(1 + rest.len()), quoting);
        }
    }

    /// The names in an arithmetic expression, which need no `$`.
    fn sum(&mut self, text: &str, start: usize) {
        let is_word = |ch: char| ch.is_ascii_alphanumeric() || ch == '_';
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let length = rest.find(|ch| !is_word(ch)).unwrap_or(rest.len());
            let word = rest.get(..length).unwrap_or_default();
            let is_name = word.starts_with(|ch: char| ch.is_ascii_alphabetic() || ch == '_');
            let before = text.get(..at).unwrap_or_default();
            if is_name {
                let sign = if before.ends_with("${") {
                    2
                } else {
                    usize::from(before.ends_with('$'))
                };
                self.facts.variables.push(Variable {
                    name: word.to_owned(),
                    at: start + at - sign..start + at + length,
                    quoting: Quoting::Whole,
                    unset: Unset::Fails,
                    place: self.place,
                });
            }
            let step = rest.chars().next().map_or(1, char::len_utf8);
            at += length.max(step);
        }
    }
}

/// `< file` without a command, whose text only bash gives.
fn is_file_alone(inner: &str) -> bool {
    let rest = inner.trim().strip_prefix('<');
    let rest = rest.filter(|rest| !rest.starts_with(['<', '(', '&', '>']));
    rest.is_some_and(|rest| !rest.trim().contains([' ', ';', '|', '&', '\n']))
}

/// The name under which a variable or an argument is known.
fn name(parameter: &Parameter) -> Option<String> {
    match parameter {
        Parameter::Positional(0) => None,
        Parameter::Positional(number) => Some(number.to_string()),
        Parameter::Special(special) => match special {
            SpecialParameter::AllPositionalParameters { concatenate } => {
                Some(if *concatenate { "*" } else { "@" }.to_owned())
            }
            SpecialParameter::PositionalParameterCount => Some("#".to_owned()),
            SpecialParameter::LastExitStatus
            | SpecialParameter::CurrentOptionFlags
            | SpecialParameter::ProcessId
            | SpecialParameter::LastBackgroundProcessId
            | SpecialParameter::ShellName => None,
        },
        Parameter::Named(name)
        | Parameter::NamedWithIndex { name, .. }
        | Parameter::NamedWithAllIndices { name, .. } => Some(name.clone()),
    }
}

/// The variable of an expansion; `None` for those that are about names or arrays.
fn read(expansion: &ParameterExpr) -> Option<Expansion<'_>> {
    use ParameterExpr as E;
    let of = |parameter, unset, rest, language| {
        Some(Expansion {
            parameter,
            unset,
            rest,
            language,
        })
    };
    match expansion {
        E::Parameter {
            parameter,
            indirect,
        }
        | E::ParameterLength {
            parameter,
            indirect,
        } => {
            let language = if *indirect || is_array(parameter) {
                Language::Bash
            } else {
                Language::Sh
            };
            of(parameter, Unset::Fails, None, language)
        }
        E::UseDefaultValues {
            parameter,
            default_value: rest,
            ..
        }
        | E::AssignDefaultValues {
            parameter,
            default_value: rest,
            ..
        }
        | E::IndicateErrorIfNullOrUnset {
            parameter,
            error_message: rest,
            ..
        }
        | E::UseAlternativeValue {
            parameter,
            alternative_value: rest,
            ..
        } => of(parameter, Unset::Foreseen, rest.as_deref(), Language::Sh),
        E::RemoveSmallestSuffixPattern {
            parameter, pattern, ..
        }
        | E::RemoveLargestSuffixPattern {
            parameter, pattern, ..
        }
        | E::RemoveSmallestPrefixPattern {
            parameter, pattern, ..
        }
        | E::RemoveLargestPrefixPattern {
            parameter, pattern, ..
        } => of(parameter, Unset::Fails, pattern.as_deref(), Language::Sh),
        E::Substring { parameter, .. }
        | E::Transform { parameter, .. }
        | E::UppercaseFirstChar { parameter, .. }
        | E::UppercasePattern { parameter, .. }
        | E::LowercaseFirstChar { parameter, .. }
        | E::LowercasePattern { parameter, .. }
        | E::ReplaceSubstring { parameter, .. } => {
            of(parameter, Unset::Fails, None, Language::Bash)
        }
        E::VariableNames { .. } | E::MemberKeys { .. } => None,
    }
}

fn is_array(parameter: &Parameter) -> bool {
    match parameter {
        Parameter::NamedWithIndex { .. } | Parameter::NamedWithAllIndices { .. } => true,
        Parameter::Named(_) | Parameter::Positional(_) | Parameter::Special(_) => false,
    }
}
