//! From text to tree: every input file in `syntax/` with its tree or its diagnostics, and the laws of parsing.

mod laws;
mod outline;

use std::path::Path;

use insta::{assert_snapshot, glob};
use runbook::diag::render::{Look, render};
use runbook::source::{SourceFile, Sources};
use runbook::syntax;

/// Reads an input file under its bare name.
fn source(path: &Path) -> SourceFile {
    let name = path.file_name().expect("a file").to_string_lossy();
    let bytes = std::fs::read(path).expect("an input file");
    syntax::decode(&name, bytes).expect("the input files of this folder are text")
}

/// The source and what is said about it, in one text.
fn with_diagnostics(file: SourceFile) -> (usize, String) {
    let parsed = syntax::parse(&file);
    let count = parsed.diagnostics.len();
    let text = file.text().to_owned();
    let said = render(&parsed.diagnostics, &Sources::single(file), Look::default());
    (count, format!("{text}\n{:-<80}\n{said}", ""))
}

#[test]
fn good_files_have_a_tree_and_nothing_is_said() {
    glob!("syntax/good/*.runbook", |path| {
        let file = source(path);
        let parsed = syntax::parse(&file);
        let (count, said) = with_diagnostics(file.clone());
        assert_eq!(count, 0, "{said}");
        assert_snapshot!(outline::outline(&parsed.ast));
    });
}

#[test]
fn bad_files_are_explained() {
    glob!("syntax/bad/*.runbook", |path| {
        let (count, said) = with_diagnostics(source(path));
        assert!(count > 0, "nothing is said about {}", path.display());
        assert_snapshot!(said);
    });
}
