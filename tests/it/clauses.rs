//! Every clause of the language is enforced, and a test shows it.
//!
//! In the input files a row names a clause and a piece of the file below it. Once the piece is replaced, as if the clause had no say, it is seen:
//! in `clauses/played`, whose tests hold, one of them no longer does; in `clauses/done`, whose commands are run, something else is left behind. What
//! can be seen in neither way has its test by name in `clauses/named.md`.

mod done;
mod played;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use runbook::syntax::clauses;

/// What each clause is shown by.
type Shown = BTreeMap<String, Vec<String>>;

/// A row of an input file.
struct Row {
    /// The clause: its place, then its word.
    clause: String,
    old: String,
    new: String,
}

impl Row {
    fn of(line: &str) -> Option<Self> {
        let mut parts = line.strip_prefix("#~ ")?.split(" |").map(str::trim);
        let mut part = || {
            parts
                .next()
                .expect("a clause, a piece, and what takes its place")
        };
        let row = Self {
            clause: part().to_owned(),
            old: part().replace("\\n", "\n"),
            new: part().replace("\\n", "\n"),
        };
        assert!(parts.next().is_none(), "a part too many: {line}");
        Some(row)
    }

    /// The file as if the clause had no say.
    fn carried_out(&self, text: &str) -> String {
        let replaced = text.replace(&self.old, &self.new);
        assert!(replaced != text, "nothing has {:?}", self.old);
        replaced
    }

    /// How the row reads where something is wrong with it.
    fn told(&self) -> String {
        format!("{}: {:?} -> {:?}", self.clause, self.old, self.new)
    }
}

/// The input files of a folder, by name. Not by `glob!`, which takes the failures of other tests for its own while it looks.
fn inputs(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/clauses")
        .join(folder);
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let read = |path: &std::path::PathBuf| {
        let name = path
            .file_name()
            .expect("a file")
            .to_string_lossy()
            .into_owned();
        (name, std::fs::read_to_string(path).expect("an input file"))
    };
    files.iter().map(read).collect()
}

/// The rows of a file, and the runbook below them.
fn rows(text: &str) -> (Vec<Row>, String) {
    let (rows, body): (Vec<&str>, Vec<&str>) =
        text.lines().partition(|line| line.starts_with("#~ "));
    (
        rows.into_iter().filter_map(Row::of).collect(),
        body.join("\n") + "\n",
    )
}

/// Every test function of the project, as `file::function` without the ending.
fn tests_of_the_project() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tests = BTreeSet::new();
    for folder in ["tests", "src"] {
        let mut folders = vec![root.join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|ending| ending == "rs") {
                    let text = std::fs::read_to_string(&path).expect("a source");
                    let name = path.strip_prefix(root).expect("below").with_extension("");
                    let name = name.to_string_lossy().into_owned();
                    let functions = text.lines().filter_map(|line| {
                        let line = line.trim_start();
                        let line = line.strip_prefix("pub(crate) ").unwrap_or(line);
                        line.strip_prefix("fn ")?.split('(').next()
                    });
                    tests.extend(functions.map(|function| format!("{name}::{function}")));
                }
            }
        }
    }
    tests
}

/// What each clause is shown by: the test that is named for it.
fn shown_by_name() -> Shown {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/clauses/named.md");
    let text = std::fs::read_to_string(path).expect("the table");
    let tests = tests_of_the_project();
    let mut shown = Shown::new();
    for line in text.lines().filter(|line| line.starts_with("| ")).skip(1) {
        let mut cells = line.trim_matches('|').split('|').map(str::trim);
        let clause = cells.next().expect("a clause").to_owned();
        let test = cells.next().expect("a test").trim_matches('`');
        assert!(tests.contains(test), "{clause}: there is no test {test}");
        shown.entry(clause).or_default().push(format!("`{test}`"));
    }
    shown
}

#[test]
fn every_clause_is_enforced_and_a_test_shows_it() {
    let shown = [played::shown(), done::shown(), shown_by_name()];
    let all: BTreeSet<String> = clauses()
        .into_iter()
        .map(|(place, word)| format!("{place}: {word}"))
        .collect();
    println!("| clause | the test that does not hold without it |\n|---|---|");
    let mut unshown = Vec::new();
    for clause in &all {
        let mut tests = shown.iter().filter_map(|shown| shown.get(clause)).flatten();
        match tests.next() {
            Some(first) => println!("| {clause} | {first} |"),
            None => unshown.push(clause.as_str()),
        }
    }
    let unknown: Vec<&String> = shown
        .iter()
        .flat_map(BTreeMap::keys)
        .filter(|clause| !all.contains(*clause))
        .collect();
    assert!(
        unknown.is_empty(),
        "no clauses of the language: {unknown:?}"
    );
    assert!(
        unshown.is_empty(),
        "nothing shows that these are enforced; add a row to tests/it/clauses/{{played,done}}/*.runbook or to named.md:\n{}",
        unshown.join("\n")
    );
    assert!(all.len() >= 100, "only {} clauses", all.len());
}
