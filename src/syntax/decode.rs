//! From bytes to the text of a source file. Reads no file itself.

use crate::diag::{Diagnostic, factory::syntax as say};
use crate::source::SourceFile;

/// How many bytes a runbook may have. The largest that people wrote are a hundredth of it.
pub const SIZE_LIMIT: usize = 8 << 20;

/// Makes a source file of the bytes of a file, or says why it is none: not UTF-8, too large, empty.
///
/// A byte order mark is dropped, and the line ends of Windows become plain newlines, so that offsets, the
/// text that a shell gets, and strings of several lines are the same on every system.
#[expect(
    clippy::result_large_err,
    reason = "it is made once a file, and then it is the end"
)]
pub fn decode(name: &str, bytes: Vec<u8>) -> Result<SourceFile, Diagnostic> {
    if bytes.len() > SIZE_LIMIT {
        return Err(say::file_too_large(name, bytes.len(), SIZE_LIMIT));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let before = error.as_bytes().get(..good).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        say::not_utf8(name, line, good)
    })?;
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    };
    let text = if text.contains("\r\n") {
        text.replace("\r\n", "\n")
    } else {
        text
    };
    let has_statement = text
        .lines()
        .any(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    if !has_statement {
        return Err(say::empty_file(name));
    }
    Ok(SourceFile::new(name, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name_of(bytes: &[u8]) -> &'static str {
        decode("a.runbook", bytes.to_vec()).unwrap_err().name
    }

    #[test]
    fn what_is_no_text_is_said_in_one_diagnostic() {
        assert_eq!(name_of(b""), "empty-file");
        assert_eq!(name_of(b" \n# only words\n"), "empty-file");
        assert_eq!(name_of(&vec![b'a'; SIZE_LIMIT + 1]), "file-too-large");
        assert_eq!(name_of(b"runbook\n\xff"), "not-utf8");
        let one = decode("a.runbook", b"ab\n\xff".to_vec()).unwrap_err();
        assert_eq!(
            one.message,
            "`a.runbook` is not UTF-8 text: the first bad byte is at offset 3, in line 2"
        );
    }

    #[test]
    fn marks_and_line_ends_of_other_systems_are_taken_away() {
        let file = decode("a", b"\xef\xbb\xbfrunbook \"a\"\r\nrisk low\r\n".to_vec()).unwrap();
        assert_eq!(file.text(), "runbook \"a\"\nrisk low\n");
    }
}
