//! The wording of what the syntax phase says.

use crate::diag::{Diagnostic, names};

/// The bytes of a file are not UTF-8.
pub(crate) fn not_utf8(file: &str, line: usize, offset: usize) -> Diagnostic {
    Diagnostic::new(
        &names::NOT_UTF8,
        format!(
            "`{file}` is not UTF-8 text: the first bad byte is at offset {offset}, in line {line}"
        ),
    )
    .help("save the file as UTF-8; if it is not a text file, check the name")
}
