//! Owns the body of a step that has several commands: one script of `/bin/sh` that runs them in order and ends with the first that
//! fails. What is run are single-quoted words of it; no value is ever spliced. Before each it prints a line of its own, so that
//! whoever finds the output knows which of them had begun.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use super::program::located;
use super::scene::Scene;
use super::text;
use crate::plan::Command;

/// What stands at the beginning of each line that says which part begins.
pub(super) const MARK: &str = "runbook-part[";

/// The longest that a part is called by, in characters.
const LABEL: usize = 60;

/// Where the programs of a script are looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// On this machine, before anything begins.
    Here,
    /// By the machine that runs the script.
    There,
}

/// The script.
///
/// # Errors
/// What is missing, as a sentence.
pub(super) fn script(parts: &[Command], scene: &Scene, found: Found) -> Result<Vec<u8>, String> {
    let mut script = b"set -e\n".to_vec();
    for (index, part) in parts.iter().enumerate() {
        let run = scene.get("RUNBOOK_RUN").unwrap_or_default();
        let attempt = scene.get("RUNBOOK_ATTEMPT").unwrap_or_default();
        let line = format!(
            "{MARK}{} {}] {} of {}: {}",
            run.to_string_lossy(),
            attempt.to_string_lossy(),
            index.saturating_add(1),
            parts.len(),
            label(part)
        );
        script.extend_from_slice(b"printf '%s\\n' ");
        word(&mut script, OsStr::new(&line));
        // Its own words are programs, never functions or what the shell does itself.
        script.extend_from_slice(b"\n(exec");
        match part {
            Command::Shell { text } => {
                for one in ["/bin/sh", "-eu", "-c", text] {
                    script.push(b' ');
                    word(&mut script, OsStr::new(one));
                }
            }
            Command::Exec { argv } => {
                let mut words = argv.iter().map(|word| scene.fill(word));
                let name = words.next().unwrap_or_default();
                let program = match found {
                    Found::Here => located(&name, scene.dir(), scene.get("PATH"))?.into_os_string(),
                    Found::There => name.into(),
                };
                script.push(b' ');
                word(&mut script, &program);
                for one in words {
                    script.push(b' ');
                    word(&mut script, OsStr::new(&one));
                }
            }
            // A block has no block in it, and no request.
            Command::Block { .. } | Command::Http { .. } | Command::Sql { .. } => {
                script.extend_from_slice(b" false");
            }
        }
        script.extend_from_slice(b")\n");
    }
    Ok(script)
}

/// What a part is called: its first line.
fn label(part: &Command) -> String {
    let said = match part {
        Command::Shell { text } => {
            let first = text.lines().map(str::trim).find(|line| !line.is_empty());
            format!("$ {}", first.unwrap_or_default())
        }
        Command::Exec { argv } => {
            let program = argv.first().and_then(|word| word.0.first());
            match program {
                Some(crate::plan::Piece::Text(name)) => format!("exec {name}"),
                Some(_) | None => "exec …".to_owned(),
            }
        }
        Command::Block { .. } | Command::Http { .. } | Command::Sql { .. } => String::new(),
    };
    text::shortened(&text::one_line(said.as_bytes()), LABEL)
}

/// One word for every POSIX shell, whatever it holds: nothing is special between single quotes but their end.
pub(super) fn word(script: &mut Vec<u8>, text: &OsStr) {
    script.push(b'\'');
    for byte in text.as_bytes() {
        match byte {
            b'\'' => script.extend_from_slice(b"'\\''"),
            byte => script.push(*byte),
        }
    }
    script.push(b'\'');
}

/// The same as a person types it: without quotes where none are needed.
pub(crate) fn typed_word(text: &OsStr) -> String {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-+:@%,".contains(byte);
    let mut bytes = Vec::new();
    if !text.is_empty() && text.as_bytes().iter().all(is_plain) {
        bytes.extend_from_slice(text.as_bytes());
    } else {
        word(&mut bytes, text);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Which part had begun last, by the output: `part 2 of 3, $ npm test`.
pub(super) fn begun(output: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(output);
    // What was printed before it need not have ended with its line.
    let (_, rest) = text.rsplit_once(MARK)?;
    let line = rest.lines().next()?;
    let (_, said) = line.split_once("] ")?;
    let (number, label) = said.split_once(": ")?;
    Some(format!(
        "part {number}, {}",
        text::one_line(label.as_bytes())
    ))
}

/// The last line with something to see that no part was announced by.
pub(super) fn last_line(output: &[u8]) -> String {
    text::last_line_without(output, &[MARK])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_part_that_began_is_known_by_its_line() {
        let output =
            b"runbook-part[r 7] 1 of 2: $ a: b\nsaid\nrunbook-part[r 7] 2 of 2: $ c\nmore\n";
        assert_eq!(begun(output).as_deref(), Some("part 2 of 2, $ c"));
        assert_eq!(last_line(output), "more");
        let open = b"no line endrunbook-part[r 7] 2 of 2: $ c\n";
        assert_eq!(begun(open).as_deref(), Some("part 2 of 2, $ c"));
        assert_eq!(last_line(open), "no line end");
        assert_eq!(begun(b"runbook-par\n"), None);
    }
}
