//! Values that come from outside as text: how they look, and what could be taken for something else.

use super::Type;

/// Why a text could be taken for something else by the commands that get it.
#[must_use]
pub fn risk_of(ty: &Type, text: &str) -> Option<&'static str> {
    match ty {
        Type::Text | Type::Path | Type::Url => {
            if text.starts_with('-') {
                Some("it begins with `-`, and commands would take it for an option")
            } else if text.contains('\0') {
                Some("it holds a NUL")
            } else if text.contains(['\n', '\r']) {
                Some("it holds a line break")
            } else {
                None
            }
        }
        Type::List(item) => text.split(',').find_map(|part| risk_of(item, part.trim())),
        Type::Bool
        | Type::Int
        | Type::Number
        | Type::Percent
        | Type::Duration
        | Type::Rate
        | Type::Bytes
        | Type::Version
        | Type::Date
        | Type::Time
        | Type::OneOf(_) => None,
    }
}

/// What a person types for a value of a type: without the quotes of a file.
#[must_use]
pub fn typed_example(ty: &Type) -> String {
    match ty {
        Type::Text => "TEXT".into(),
        Type::List(item) => {
            let item = typed_example(item);
            format!("{item},{item}")
        }
        Type::Bool
        | Type::Int
        | Type::Number
        | Type::Percent
        | Type::Duration
        | Type::Rate
        | Type::Bytes
        | Type::Version
        | Type::Date
        | Type::Time
        | Type::Url
        | Type::Path
        | Type::OneOf(_) => ty.example().trim_matches('"').to_owned(),
    }
}
