//! What the tests reach: every rule of the grammar and every diagnostic. Each test prints its table with `--nocapture`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use pest_vm::Vm;
use runbook::diag::{page, registered};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files below a folder whose names end like this, with their texts.
fn files(folder: &Path, ending: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder of the project") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                let bytes = std::fs::read(&path).expect("a file of the project");
                found.push((path, String::from_utf8_lossy(&bytes).into_owned()));
            }
        }
    }
    found.sort();
    found
}

/// Rules that stand only within an atomic rule, or in a look ahead: they are matched, and leave nothing in a tree.
const LEAVE_NOTHING: [&str; 5] = [
    "block_run",
    "double_run",
    "raw_run",
    "shell_run",
    "reserved",
];

/// A rule that no input reaches is wrong or untested.
#[test]
fn every_rule_of_the_grammar_occurs_in_the_corpus() {
    let grammar =
        std::fs::read_to_string(root().join("grammar/runbook.pest")).expect("the grammar");
    let (_, rules) = pest_meta::parse_and_optimize(&grammar).expect("it is a grammar");
    // What is silent leaves no trace in a tree, and `interpolation` is where the text of a string is read.
    let named: BTreeSet<String> = rules
        .iter()
        .filter(|rule| rule.ty != pest_meta::ast::RuleType::Silent)
        .filter(|rule| !LEAVE_NOTHING.contains(&rule.name.as_str()))
        .map(|rule| rule.name.clone())
        .collect();
    let vm = Vm::new(rules);
    let mut times: BTreeMap<String, usize> = named.iter().map(|name| (name.clone(), 0)).collect();
    let mut read = 0;
    for (_, text) in files(&root().join("tests/it"), ".runbook") {
        let mut inputs = vec![("file", text.clone())];
        for part in text.split("${").skip(1) {
            if let Some((inner, _)) = part.split_once('}') {
                inputs.push(("interpolation", inner.to_owned()));
            }
        }
        for (rule, input) in inputs {
            let Ok(pairs) = vm.parse(rule, &input) else {
                continue;
            };
            read += 1;
            for pair in pairs.flatten() {
                *times.entry(pair.as_rule().to_owned()).or_default() += 1;
            }
        }
    }
    assert!(read >= 100, "only {read} texts were read");
    println!("| rule | occurs |\n|---|---|");
    for (name, times) in &times {
        println!("| `{name}` | {times} |");
    }
    let never: Vec<&String> = times
        .iter()
        .filter(|(name, times)| **times == 0 && named.contains(*name))
        .map(|(name, _)| name)
        .collect();
    assert!(never.is_empty(), "no input has {never:?}");
}

/// A diagnostic has a page, an input that provokes it, and a snapshot of what is said then.
#[test]
fn every_diagnostic_has_its_page_its_input_and_its_snapshot() {
    let snapshots = files(&root().join("tests/it"), ".snap");
    let mut missing = Vec::new();
    let mut rows = 0;
    println!("| diagnostic | page | input | snapshots that show it |\n|---|---|---|---|");
    for row in registered() {
        let shown: Vec<&PathBuf> = snapshots
            .iter()
            .filter(|(_, text)| {
                // People see it in brackets, and programs as a field.
                text.contains(&format!("[{}]", row.name))
                    || text.contains(&format!("\"name\":\"{}\"", row.name))
            })
            .map(|(path, _)| path)
            .collect();
        // The name of a snapshot over input files ends with the input's.
        let input = shown.iter().find_map(|path| {
            let name = path.file_name()?.to_string_lossy().into_owned();
            let input = name.split_once('@')?.1.strip_suffix(".snap")?.to_owned();
            Some(input)
        });
        let has_page = page(row.name).is_some();
        println!(
            "| `{}` | {} | {} | {} |",
            row.name,
            if has_page { "yes" } else { "MISSING" },
            input.as_deref().unwrap_or("a test of its own"),
            shown.len()
        );
        if !has_page || shown.is_empty() {
            missing.push(row.name);
        }
        rows += 1;
    }
    assert!(rows >= 60, "only {rows} diagnostics");
    assert!(missing.is_empty(), "not shown anywhere: {missing:?}");
}
