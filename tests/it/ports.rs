//! Rollouts that others have published, re-expressed in the language: what is wrong with them there has to be found here.
//! Each file of `tests/ports` says in its first lines where it comes from, what is wrong there, and what `check` must find;
//! the table in its `README.md` is made of those lines and held here.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use runbook::diag::render::{Look, render};
use runbook::diag::{Diagnostics, Severity};
use runbook::link::AtHand;
use runbook::plan;
use runbook::prove::{Shapes, prove};
use runbook::source::{SourceFile, Sources};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ports")
}

/// A file, and what its first lines say.
struct Port {
    name: String,
    text: String,
    of: String,
    wrong: String,
    found: Vec<String>,
}

fn ports() -> Vec<Port> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder()).expect("it is part of the project") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|end| end != "runbook") {
            continue;
        }
        let name = path.file_name().expect("a file").to_string_lossy();
        let text = std::fs::read_to_string(&path).expect("an input");
        let line = |word: &str| {
            let lines = text.lines().filter_map(|line| line.strip_prefix(word));
            let found: Vec<&str> = lines.collect();
            assert_eq!(found.len(), 1, "{name} says once `{word}`");
            found[0].to_owned()
        };
        let (of, wrong) = (line("# Re-expressed from: "), line("# Wrong there: "));
        let found = line("# Found here: ");
        all.push(Port {
            name: name.into_owned(),
            of,
            wrong,
            found: found.split(", ").map(str::to_owned).collect(),
            text,
        });
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

/// What `check` says, with the proof, as the program does it.
fn said(port: &Port) -> (Diagnostics, Sources) {
    let file = SourceFile::new(port.name.as_str(), port.text.as_str());
    let mut read = plan::check_files(&file, &AtHand::alone(&file));
    if let Some(checked) = &read.checked
        && !read.found.has_errors()
    {
        let plan = plan::with_examples(checked, &file).expect("what was checked can be planned");
        let proof = prove(checked, &plan, (&read.sources, &Shapes::default()));
        read.found.extend(proof.found);
        read.found.sort();
    }
    (read.found, read.sources)
}

#[test]
fn what_is_wrong_with_what_others_published_is_found() {
    let ports = ports();
    assert!(ports.len() >= 8, "saw {}", ports.len());
    for port in &ports {
        let (found, sources) = said(port);
        let told: BTreeSet<&str> = found
            .iter()
            .filter(|one| one.severity != Severity::Note)
            .map(|one| one.name)
            .collect();
        let wanted: BTreeSet<&str> = port.found.iter().map(String::as_str).collect();
        let shown = render(&found, &sources, Look::default());
        assert_eq!(told, wanted, "{}:\n{shown}", port.name);
        insta::with_settings!({ snapshot_suffix => port.name.as_str(), prepend_module_to_snapshot => true }, {
            insta::assert_snapshot!("port", shown);
        });
    }
}

#[test]
fn the_table_says_what_the_files_say() {
    let mut table = String::from(
        "# Rollouts that others published\n\nEach file is a published rollout, re-expressed in the language, with what is wrong with it there. The table is made of their first\nlines and held by `tests/it/ports.rs`; `runbook check tests/ports` shows the findings.\n\n| file | published as | what is wrong with it there | `check` finds |\n|---|---|---|---|\n",
    );
    for port in ports() {
        let found: Vec<String> = port.found.iter().map(|name| format!("`{name}`")).collect();
        table.push_str(&format!(
            "| [{0}]({0}) | {1} | {2} | {3} |\n",
            port.name,
            port.of,
            port.wrong,
            found.join(", ")
        ));
    }
    let path = folder().join("README.md");
    if std::env::var_os("INSTA_UPDATE").is_some_and(|how| how == "always") {
        std::fs::write(&path, &table).expect("the table is written");
    }
    let held = std::fs::read_to_string(&path).expect("the table");
    assert_eq!(held, table, "make it again with INSTA_UPDATE=always");
}
