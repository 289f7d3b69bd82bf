//! `check --fix` and `check --diff`: the changes that are certain, shown as a patch, and written if that is wanted.

use std::io::Write;
use std::path::Path;

use similar::TextDiff;

use crate::plan::Mended;
use crate::source::SourceFile;
use crate::syntax::encode_like;

/// The changes of a file, as a patch.
pub(super) fn patch(before: &SourceFile, mended: &Mended) -> String {
    let name = before.name();
    TextDiff::from_lines(before.text(), mended.file.text())
        .unified_diff()
        .context_radius(1)
        .header(name, name)
        .to_string()
}

/// Puts the mended text in the place of the old one, whole or not at all; else why it cannot, in a sentence.
pub(super) fn write(path: &Path, before: &SourceFile, mended: &Mended) -> Result<(), String> {
    replace(path, before.text(), mended.file.text())
        .map_err(|why| format!("{} cannot be written: {why}", path.display()))
}

/// Puts a text in the place of another, whole or not at all, with the line ends that the file has.
pub(super) fn replace(path: &Path, before: &str, after: &str) -> Result<(), String> {
    let words = |error: std::io::Error| error.to_string();
    // A link stays a link: what it points to is replaced.
    let path = path.canonicalize().map_err(words)?;
    let there = std::fs::read(&path).map_err(words)?;
    let Some(bytes) = encode_like(&there, before, after) else {
        return Err("it is not the text that was read: it was changed meanwhile".to_owned());
    };
    let dir = path.parent().unwrap_or(Path::new("/"));
    let mode = path.metadata().map_err(words)?.permissions();
    let mut file = tempfile::NamedTempFile::new_in(dir).map_err(words)?;
    file.write_all(&bytes).map_err(words)?;
    file.as_file().set_permissions(mode).map_err(words)?;
    file.as_file().sync_all().map_err(words)?;
    file.persist(&path)
        .map_err(|error| error.error.to_string())?;
    Ok(())
}
