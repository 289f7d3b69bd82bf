//! Queries in PromQL: what is put together from values is escaped in its strings, and outside of them no value can be more than
//! one number, time or name.

use crate::ast::{Expr, ExprKind, TextPart};
use crate::value::Type;

use super::eval::{NoValue, Values, eval, spoken};

/// The query that an expression stands for. A value inside a string of the query is escaped for it; elsewhere it is taken as it is,
/// and must be one number, one duration or one name.
///
/// # Errors
/// Why there is none.
pub fn query(expr: &Expr, values: &Values) -> Result<String, NoValue> {
    let ExprKind::Text(text) = &expr.kind else {
        return eval(expr, values, Some(&Type::Text)).map(|value| value.plain());
    };
    let (mut whole, mut at) = (String::new(), At::Query);
    for part in &text.parts {
        match part {
            TextPart::Piece(piece) => {
                at = piece.chars().fold(at, At::after);
                whole.push_str(piece);
            }
            TextPart::Expr(expr) => {
                let value = spoken(&eval(expr, values, None)?);
                let written = at.written(&value).map_err(|why| NoValue::Unfit {
                    span: expr.span,
                    text: value,
                    why,
                })?;
                whole.push_str(&written);
            }
        }
    }
    Ok(whole)
}

/// Where a part of a query stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Among its words and signs.
    Query,
    /// In a string that ends with this sign.
    String(char),
    /// Behind a backslash in such a string.
    Escape(char),
    /// In a string between backquotes, in which nothing is escaped.
    Raw,
    /// In a comment.
    Comment,
}

impl At {
    fn after(self, ch: char) -> Self {
        match (self, ch) {
            (Self::Query, '"' | '\'') => Self::String(ch),
            (Self::Query, '`') => Self::Raw,
            (Self::Query, '#') => Self::Comment,
            (Self::String(_), '\\') => match self {
                Self::String(end) => Self::Escape(end),
                Self::Query | Self::Escape(_) | Self::Raw | Self::Comment => self,
            },
            (Self::String(end), ch) if ch == end => Self::Query,
            (Self::Escape(end), _) => Self::String(end),
            (Self::Raw, '`') | (Self::Comment, '\n') => Self::Query,
            (Self::Query | Self::String(_) | Self::Raw | Self::Comment, _) => self,
        }
    }

    /// A value as it is written here.
    fn written(self, value: &str) -> Result<String, &'static str> {
        match self {
            Self::Query if is_one_word(value) => Ok(value.to_owned()),
            Self::Query => {
                Err("outside of a string it must be one number, one duration or one name")
            }
            Self::String(end) => Ok(escaped(value, end)),
            Self::Escape(_) => Err("a backslash stands before it"),
            Self::Raw if value.contains('`') => {
                Err("a string between backquotes cannot hold a backquote")
            }
            Self::Comment if value.contains('\n') => Err("a comment ends with its line"),
            Self::Raw | Self::Comment => Ok(value.to_owned()),
        }
    }
}

fn escaped(value: &str, end: char) -> String {
    let mut out = String::with_capacity(value.len());
    for ch in value.chars() {
        match ch {
            '\n' => out.push_str("\\n"),
            '\\' => out.push_str("\\\\"),
            ch if ch == end => {
                out.push('\\');
                out.push(ch);
            }
            ch => out.push(ch),
        }
    }
    out
}

/// A number, a duration, or a name such as one of a label or a metric.
fn is_one_word(value: &str) -> bool {
    let number = value.strip_prefix('-').unwrap_or(value);
    let is_number =
        number.starts_with(|ch: char| ch.is_ascii_digit()) && number.parse::<f64>().is_ok();
    let is_name = value.starts_with(|ch: char| ch.is_ascii_alphabetic() || ch == '_')
        && value
            .chars()
            .all(|ch| ch.is_ascii_alphanumeric() || "_:".contains(ch));
    is_number || is_name || super::window::duration(value).is_some_and(|_| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(before: &str, value: &str) -> Result<String, &'static str> {
        before.chars().fold(At::Query, At::after).written(value)
    }

    #[test]
    fn a_value_cannot_end_the_string_that_it_stands_in() {
        for (before, value, is) in [
            ("a{b='", "c'}[1m])) * 0 #", "c\\'}[1m])) * 0 #"),
            ("a{b=\"", "c'\"\\", "c'\\\"\\\\"),
            ("a{b='x\\'y\"", "'\n", "\\'\\n"),
            ("a{b=`\\", "c'\"", "c'\""),
            ("a{b='c'}[", "1m30s", "1m30s"),
            ("a{b='c'} > ", "-0.5", "-0.5"),
            ("a{b='c'} # it's ", "c'}", "c'}"),
            ("a{b='c'} # it's \n sum by (", "region_eu:x", "region_eu:x"),
        ] {
            assert_eq!(written(before, value), Ok(is.to_owned()), "{before}");
        }
        for (before, value) in [
            ("a{b=`", "c`}"),
            ("a{b='\\", "n"),
            ("a{b=", "'c'"),
            ("a > ", "5%"),
            ("a > ", "5/min"),
            ("a > ", ""),
            ("a > ", "1 or b"),
            ("a > ", "infinity or"),
            ("a # ", "b\nc"),
        ] {
            assert!(written(before, value).is_err(), "{before}{value}");
        }
    }
}
