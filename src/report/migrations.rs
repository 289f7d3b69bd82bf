//! Owns the sentence about the files of migrations that were looked at.

use crate::plan::Migrations;

/// What was looked at, with the names of few files, or of the first and the last.
#[must_use]
pub fn of_migrations(of: &Migrations) -> String {
    let names: Vec<&str> = of.files.iter().map(|one| one.file.as_str()).collect();
    let files = match names.as_slice() {
        [] => "no file".to_owned(),
        [one] => (*one).to_owned(),
        [first, .., last] => format!("{} files, {first} to {last}", names.len()),
    };
    format!("{}  migrations {} ({files})", of.title, of.pattern)
}
