//! Owns the reading of input files: those of one folder, by name, each with snapshots of its own. `insta::glob!` walks all that lies below its
//! folder, whatever was built there, and takes the snapshots that other tests failed to match for its own.

use std::path::{Path, PathBuf};

/// The files of a folder whose names end so, in order; the folder is named from the root of the project.
pub(crate) fn of(folder: &str, ending: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{} cannot be read: {error}", folder.display()));
    let all = entries.map(|entry| entry.expect("an entry").path());
    let mut all: Vec<PathBuf> = all
        .filter(|path| path.is_file() && path.to_string_lossy().ends_with(ending))
        .collect();
    all.sort();
    all
}

/// Hands each of the files to a test, with its name behind those of the snapshots. `beside` is the source of the test, and the pattern is
/// `FOLDER/*ENDING`, from its folder.
pub(crate) fn each(beside: &str, pattern: &str, mut body: impl FnMut(&Path)) {
    let (folder, ending) = pattern.rsplit_once("/*").expect("FOLDER/*ENDING");
    let base = beside.rsplit_once('/').map_or("", |(base, _)| base);
    let files = of(&format!("{base}/{folder}"), ending);
    assert!(!files.is_empty(), "{pattern}: there is no such file");
    for path in files {
        let mut settings = insta::Settings::clone_current();
        settings.set_input_file(&path);
        settings.set_snapshot_suffix(path.file_name().expect("a file").to_string_lossy());
        settings.bind(|| body(&path));
    }
}

/// `glob!("FOLDER/*ENDING", |path| …)`, from the folder of the test's source.
macro_rules! glob {
    ($pattern:literal, $body:expr) => {
        $crate::inputs::each(file!(), $pattern, $body)
    };
}

pub(crate) use glob;
