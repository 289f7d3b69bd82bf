//! From text to tree: every input file in `syntax/` with its tree or its diagnostics, and the laws of parsing.

pub(crate) mod laws;
mod outline;
mod outline_of_tests;
mod words;

use std::path::Path;

use insta::assert_snapshot;
use runbook::diag::Diagnostic;
use runbook::diag::render::{Look, render};
use runbook::source::{SourceFile, Sources};
use runbook::syntax;

use crate::inputs::glob;

/// Reads an input file under its bare name.
fn source(path: &Path) -> Result<SourceFile, Box<Diagnostic>> {
    let name = path.file_name().expect("a file").to_string_lossy();
    let bytes = std::fs::read(path).expect("an input file");
    syntax::decode(&name, bytes).map_err(Box::new)
}

/// The source and what is said about it, in one text.
fn with_diagnostics(path: &Path) -> (usize, String) {
    let (text, diagnostics, sources) = match source(path) {
        Err(one) => ("(no text)\n".to_owned(), (*one).into(), Sources::default()),
        Ok(file) => {
            let found = syntax::parse(&file).diagnostics;
            (file.text().to_owned(), found, Sources::single(file))
        }
    };
    let said = render(&diagnostics, &sources, Look::default());
    (diagnostics.len(), format!("{text}\n{:-<80}\n{said}", ""))
}

#[test]
fn good_files_have_a_tree_and_nothing_is_said() {
    glob!("syntax/good/*.runbook", |path| {
        let (count, said) = with_diagnostics(path);
        assert_eq!(count, 0, "{said}");
        let parsed = syntax::parse(&source(path).expect("it is text"));
        assert_snapshot!(outline::outline(&parsed.ast));
    });
}

#[test]
fn bad_files_are_explained() {
    glob!("syntax/bad/*.runbook", |path| {
        let (count, said) = with_diagnostics(path);
        assert!(count > 0, "nothing is said about {}", path.display());
        assert_snapshot!(said);
    });
}
