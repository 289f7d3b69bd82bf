//! A value that a parameter takes, for advice: an example of its type, or a short text that its pattern accepts.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::value::Type;

use super::header::whole_match;
use super::tree::Param;

/// As it would be written in a file.
pub fn of_param(param: &Param) -> String {
    let fitting = param.pattern.as_deref().and_then(fitting);
    match (&param.ty, fitting) {
        (Type::Text | Type::Url | Type::Path, Some(text)) => {
            crate::value::Value::Text(text).to_string()
        }
        (_, Some(text)) => text,
        (ty, None) => ty.example(),
    }
}

/// A text that a pattern accepts, if a simple one does.
fn fitting(pattern: &str) -> Option<String> {
    let hir = regex_syntax::parse(pattern).ok()?;
    let mut text = String::new();
    write(&hir, &mut text)?;
    whole_match(pattern, &text).then_some(text)
}

/// The longest example that is worth writing.
const LONGEST: usize = 80;

fn write(hir: &Hir, text: &mut String) -> Option<()> {
    if text.len() > LONGEST {
        return None;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(()),
        HirKind::Literal(literal) => {
            text.push_str(std::str::from_utf8(&literal.0).ok()?);
            Some(())
        }
        HirKind::Class(class) => {
            text.push(one_of(class)?);
            Some(())
        }
        HirKind::Repetition(repeated) => {
            for _ in 0..repeated.min {
                write(&repeated.sub, text)?;
            }
            Some(())
        }
        HirKind::Capture(capture) => write(&capture.sub, text),
        HirKind::Concat(parts) => parts.iter().try_for_each(|part| write(part, text)),
        HirKind::Alternation(parts) => write(parts.first()?, text),
    }
}

/// A character of a class that can be read, a letter if there is one.
fn one_of(class: &Class) -> Option<char> {
    let Class::Unicode(class) = class else {
        return None;
    };
    let holds = |ch: char| {
        class
            .iter()
            .any(|range| range.start() <= ch && ch <= range.end())
    };
    ('a'..='z')
        .chain('0'..='9')
        .chain('!'..='~')
        .find(|ch| holds(*ch))
}

#[cfg(test)]
mod tests {
    use super::fitting;

    #[test]
    fn a_simple_pattern_has_an_example() {
        assert_eq!(fitting("[0-9a-f]{7,40}").as_deref(), Some("aaaaaaa"));
        assert_eq!(fitting("v[0-9]+\\.(x|y)").as_deref(), Some("v0.x"));
        assert_eq!(fitting("a{1000}"), None);
    }
}
