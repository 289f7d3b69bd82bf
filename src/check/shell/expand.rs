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
                    let lead = if raw.starts_with("$[") {
                        let instead = "write $((…))".to_owned();
                        self.facts.bash.push((at.start..at.start + 2, instead));
                        "$[".len()
                    } else {
                        "$((".len()
                    };
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

    /// What an arithmetic expression reads: names, which need no `$`, and what is expanded in it first, as in quotes.
    fn sum(&mut self, text: &str, start: usize) {
        let Ok(pieces) = word::parse_heredoc(text, &super::parse::bash()) else {
            return;
        };
        self.pieces(text, &pieces, (start, Quoting::Whole));
        let plain = plain(text, &pieces);
        if let Some((sign, instead)) = super::bash::sum(&plain) {
            let sign = start + sign.start..start + sign.end;
            self.facts.bash.push((sign, instead.to_owned()));
        }
        for (at, word) in sum_words(&plain) {
            // A number, one with a base, or a name of which a part is known only when it runs.
            if !word.starts_with(|ch: char| ch.is_ascii_alphabetic() || ch == '_')
                || word.contains([EXPANDED, '#'])
            {
                continue;
            }
            let after = plain.get(at + word.len()..).unwrap_or_default();
            let after = after.trim_start();
            if after.starts_with('[') {
                continue;
            }
            if after.starts_with('=') && !after.starts_with("==") {
                self.facts.assigned.insert(word.to_owned());
                continue;
            }
            self.facts.variables.push(Variable {
                name: word.to_owned(),
                at: start + at..start + at + word.len(),
                quoting: Quoting::Whole,
                unset: Unset::Fails,
                place: self.place,
            });
        }
    }
}

/// What stands for each byte of what is expanded.
const EXPANDED: char = '$';

/// The text of a sum with every byte that is expanded before it is reckoned replaced, so that all others stay where they are.
fn plain(text: &str, pieces: &[WordPieceWithSource]) -> String {
    let mut plain = String::with_capacity(text.len());
    for piece in pieces {
        let range = piece.start_index..piece.end_index;
        match &piece.piece {
            WordPiece::Text(_) => plain.push_str(text.get(range).unwrap_or_default()),
            WordPiece::SingleQuotedText(_)
            | WordPiece::AnsiCQuotedText(_)
            | WordPiece::DoubleQuotedSequence(_)
            | WordPiece::GettextDoubleQuotedSequence(_)
            | WordPiece::TildeExpansion(_)
            | WordPiece::ParameterExpansion(_)
            | WordPiece::CommandSubstitution(_)
            | WordPiece::BackquotedCommandSubstitution(_)
            | WordPiece::EscapeSequence(_)
            | WordPiece::ArithmeticExpression(_) => {
                plain.extend(range.map(|_| EXPANDED));
            }
        }
    }
    plain
}

/// The names and numbers of a sum, each where it stands.
fn sum_words(plain: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_part = |ch: char| ch.is_ascii_alphanumeric() || matches!(ch, '_' | '#' | EXPANDED);
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = plain.get(from..)?;
        let start = from + rest.find(is_part)?;
        let rest = plain.get(start..)?;
        let length = rest.find(|ch| !is_part(ch)).unwrap_or(rest.len());
        from = start + length;
        Some((start, rest.get(..length)?))
    })
}

/// The variable whose value an expansion gives, and the text after its operator.
pub(super) fn value_of(expansion: &ParameterExpr) -> (Option<String>, Option<&str>) {
    let is_another = matches!(
        expansion,
        ParameterExpr::ParameterLength { .. } | ParameterExpr::UseAlternativeValue { .. }
    );
    match read(expansion) {
        None => (None, None),
        Some(one) if is_another => (None, one.rest),
        Some(one) => (name(one.parameter), one.rest),
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
