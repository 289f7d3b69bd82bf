//! Owns how foreign bytes become one line that is safe to show. It never changes what is stored.

/// The longest line that is quoted in a sentence, in characters.
pub(super) const QUOTE: usize = 200;

/// The last line with something to see, at most [`QUOTE`] characters of it; empty when there is none.
pub(super) fn last_line(bytes: &[u8]) -> String {
    last_lines(bytes, 1).pop().unwrap_or_default()
}

/// The last lines with something to see, at most so many, in their order.
pub(super) fn last_lines(bytes: &[u8], most: usize) -> Vec<String> {
    let lines = bytes.split(|byte| matches!(byte, b'\n' | b'\r')).rev();
    let seen = lines.map(one_line).filter(|line| !line.is_empty());
    let mut last: Vec<String> = seen.take(most).collect();
    last.reverse();
    last
}

/// The same without what runbook's own scripts printed behind these marks.
pub(super) fn last_line_without(bytes: &[u8], marks: &[&str]) -> String {
    last_line(without(bytes, marks).as_bytes())
}

/// The text without what stands behind these marks, to the end of their lines.
pub(super) fn without(bytes: &[u8], marks: &[&str]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let own = text.lines().map(|line| {
        let cut = marks.iter().filter_map(|mark| line.find(mark)).min();
        cut.and_then(|cut| line.get(..cut)).unwrap_or(line)
    });
    let text: Vec<&str> = own.collect();
    text.join("\n")
}

/// The bytes as one trimmed line without control and escape sequences, at most [`QUOTE`] characters.
pub(super) fn one_line(bytes: &[u8]) -> String {
    // Far more than can be quoted even when most of it is escape sequences.
    let head = bytes.get(..QUOTE * 64).unwrap_or(bytes);
    let clean = without_controls(&String::from_utf8_lossy(head));
    shortened(clean.trim(), QUOTE)
}

/// What the system says went wrong, without its number for it.
pub(super) fn reason(error: &std::io::Error) -> String {
    let said = error.to_string();
    match said.rsplit_once(" (os error ") {
        Some((words, _)) => words.to_owned(),
        None => said,
    }
}

/// The text, cut with an ellipsis when it is longer than `most` characters.
pub(super) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// The text without escape sequences, controls and marks that change the direction of writing. White space of all kinds,
/// line ends too, becomes a blank.
pub(crate) fn without_controls(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(ch) = rest.next() {
        match ch {
            '\u{1b}' => match rest.next() {
                Some('[') => {
                    for end in rest.by_ref() {
                        if ('\u{40}'..='\u{7e}').contains(&end) {
                            break;
                        }
                    }
                }
                Some(']' | 'P' | '_' | '^' | 'X') => {
                    while let Some(end) = rest.next() {
                        if end == '\u{7}' {
                            break;
                        }
                        if end == '\u{1b}' {
                            rest.next_if_eq(&'\\');
                            break;
                        }
                    }
                }
                Some(_) | None => {}
            },
            '\t' | '\n' | '\r' => clean.push(' '),
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            ch if ch.is_control() => {}
            ch => clean.push(ch),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_controls_are_gone() {
        let said = b"\x1b[31mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x1b\\ bell\x07 nul\0 end";
        assert_eq!(one_line(said), "red link bell nul end");
    }

    #[test]
    fn the_last_line_is_the_last_with_something_to_see() {
        assert_eq!(last_line(b"first\n10%\r100%\r\n \n\x1b[0m\n"), "100%");
        assert_eq!(last_line(b"\n\n"), "");
    }

    #[test]
    fn bad_bytes_and_long_lines_are_bounded() {
        assert_eq!(one_line(b"caf\xe9"), "caf\u{fffd}");
        assert_eq!(one_line(&vec![b'x'; 1_000_000]).chars().count(), QUOTE);
    }

    #[test]
    fn the_direction_of_writing_cannot_be_turned() {
        assert_eq!(one_line("safe\u{202e}evil".as_bytes()), "safeevil");
    }
}
