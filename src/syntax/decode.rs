//! From bytes to the text of a source file. Reads no file itself.

use crate::diag::{Diagnostic, factory::syntax as say};
use crate::source::SourceFile;

/// How many bytes a runbook may have. The largest that people wrote are a hundredth of it.
pub const SIZE_LIMIT: usize = 8 << 20;

/// The byte order mark that some editors put before a text.
const MARK: char = '\u{feff}';

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
    let text = plain(text);
    let has_statement = text
        .lines()
        .any(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    if !has_statement {
        return Err(say::empty_file(name));
    }
    Ok(SourceFile::new(name, text))
}

/// A text without a byte order mark, with plain newlines.
fn plain(text: String) -> String {
    let text = match text.strip_prefix(MARK) {
        Some(rest) => rest.to_owned(),
        None => text,
    };
    if text.contains("\r\n") {
        text.replace("\r\n", "\n")
    } else {
        text
    }
}

/// The bytes that put `after` in the place of `before` in a file whose bytes are `there`: with its byte order mark, and with the line ends
/// of Windows where every line of it has them. Nothing, if `before` is not what is there.
pub fn encode_like(there: &[u8], before: &str, after: &str) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(there).ok()?;
    if plain(text.to_owned()) != before {
        return None;
    }
    let (windows, all) = (text.matches("\r\n").count(), text.matches('\n').count());
    let mut written = String::new();
    if text.starts_with(MARK) {
        written.push(MARK);
    }
    if windows > 0 && windows == all {
        written.push_str(&after.replace('\n', "\r\n"));
    } else {
        written.push_str(after);
    }
    Some(written.into_bytes())
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

    #[test]
    fn a_file_keeps_its_mark_and_its_line_ends() {
        let like = |there: &[u8], before, after| encode_like(there, before, after);
        assert_eq!(like(b"a\nb\n", "a\nb\n", "c\n").unwrap(), b"c\n");
        assert_eq!(
            like(b"\xef\xbb\xbfa\r\nb\r\n", "a\nb\n", "a\nc\nd\n").unwrap(),
            b"\xef\xbb\xbfa\r\nc\r\nd\r\n"
        );
        assert_eq!(
            like(b"a\r\nb\n", "a\nb\n", "a\nc\n").unwrap(),
            b"a\nc\n",
            "where they are mixed there is nothing to keep"
        );
        assert_eq!(
            like(b"a\r\n", "b\n", "c\n"),
            None,
            "it was changed meanwhile"
        );
    }
}
