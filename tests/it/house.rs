//! The rules of the house, read out of the files of the project and held: who may import whom, which crate is named where,
//! how long a file may be, that no test is forgotten, that nothing tells on the machine where it was written.
//!
//! Every checker is a function from texts to complaints, so that its own test can hand it a bad example and see it complain.
//! Every test over the real files asserts how many it saw, so that it cannot pass by looking at nothing.
//! It must not start a process: a copy of the files without their history passes too.

mod documents;
mod forgotten;
mod imports;
mod lexer;
mod shape;
mod snapshots;
mod traces;

use std::path::Path;

/// A file of the project: its path from the root with `/`, and its text.
struct File {
    path: String,
    text: String,
}

impl File {
    fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }
}

/// All files of the project that are text and not ignored, in the order of their paths.
fn project() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut walk = ignore::WalkBuilder::new(root);
    walk.hidden(false)
        .parents(false)
        .git_global(false)
        .git_exclude(false)
        .require_git(false)
        .filter_entry(|entry| entry.file_name() != ".git");
    let mut files: Vec<File> = walk
        .build()
        .map(|entry| entry.expect("the project can be walked"))
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
        .filter_map(|entry| {
            // An input may be anything but text on purpose.
            let bytes = std::fs::read(entry.path()).ok()?;
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let path = entry.path().strip_prefix(root).expect("under the root");
            let path = path.to_str().expect("a path in UTF-8").replace('\\', "/");
            Some(File { path, text })
        })
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// The Rust files under a folder.
fn rust_under<'f>(files: &'f [File], folder: &str) -> Vec<&'f File> {
    files
        .iter()
        .filter(|file| file.path.starts_with(folder) && file.is_rust())
        .collect()
}

/// Fails with every complaint on a line of its own.
fn assert_none(rule: &str, complaints: &[String]) {
    assert!(
        complaints.is_empty(),
        "{rule}\n  {}",
        complaints.join("\n  ")
    );
}
