//! No snapshot outlives its test: each one's source file, input file and assertion are still there.
//! It must not read what a snapshot says; insta does that.

use super::lexer::{Token, lex};
use super::{File, assert_none, project};

/// What a snapshot's head says about a field.
fn field<'s>(text: &'s str, name: &str) -> Option<&'s str> {
    text.lines()
        .skip(1)
        .take_while(|line| *line != "---")
        .filter_map(|line| line.split_once(": "))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.trim_matches('"'))
}

/// The name that the assertion gave: `shows_it` of `it__plan__shows_it@a.runbook.snap` and of `it__plan__shows_it-2.snap`.
fn name(path: &str) -> &str {
    let stem = path.rsplit_once('/').map_or(path, |(_, file)| file);
    let stem = stem.trim_end_matches(".snap");
    let stem = stem.split('@').next().unwrap_or(stem);
    let stem = stem.rsplit_once("__").map_or(stem, |(_, name)| name);
    match stem.rsplit_once('-') {
        Some((name, number)) if number.chars().all(|c| c.is_ascii_digit()) => name,
        Some(_) | None => stem,
    }
}

/// Whether a test file has a function of that name, or the name as a literal.
fn asserts(source: &File, name: &str) -> bool {
    // insta leaves the `test_` of a function's name out.
    let long = format!("test_{name}");
    lex(&source.text).iter().any(|at| match &at.token {
        Token::Name(own) => own == name || *own == long,
        Token::Text(text) => text == name,
        Token::PathSep | Token::Sign(_) => false,
    })
}

fn orphans(files: &[File]) -> Vec<String> {
    let find = |path: &str| files.iter().find(|file| file.path == path);
    let mut complaints = Vec::new();
    for snapshot in files.iter().filter(|file| file.path.ends_with(".snap")) {
        let source = field(&snapshot.text, "source").and_then(find);
        let input = field(&snapshot.text, "input_file");
        let name = name(&snapshot.path);
        let why = match (source, input) {
            (None, _) => "its test file is not there".to_owned(),
            (_, Some(input)) if find(input).is_none() => format!("its input {input} is not there"),
            (Some(source), _) if !asserts(source, name) => {
                format!("{} has no `{name}`", source.path)
            }
            (Some(_), _) => continue,
        };
        complaints.push(format!("{}: {why}", snapshot.path));
    }
    complaints
}

#[test]
fn every_snapshot_has_its_test() {
    assert_none("snapshots that nothing compares", &orphans(&project()));
}

#[test]
fn the_checker_sees_a_snapshot_without_its_test() {
    let head = |source: &str, input: &str| format!("---\nsource: {source}\n{input}---\nbody: x\n");
    let test = "tests/it/plan.rs";
    let with_input = head(test, "input_file: tests/it/plan/a.runbook\n");
    let files = [
        File::new(
            test,
            "fn test_old() {} fn shows_it() { snap(\"by_name\") } // gone",
        ),
        File::new("tests/it/plan/a.runbook", ""),
        File::new("s/it__plan__shows_it@a.runbook.snap", &with_input),
        File::new("s/it__plan__shows_it-2.snap", &head(test, "")),
        File::new("s/it__plan__by_name.snap", &head(test, "")),
        File::new("s/it__plan__old.snap", &head(test, "")),
    ];
    assert_eq!(orphans(&files), Vec::<String>::new());
    let orphaned = [
        File::new(test, "fn shows_it() {} // gone"),
        File::new("s/it__plan__gone.snap", &head(test, "")),
        File::new("s/it__plan__shows_it@a.runbook.snap", &with_input),
        File::new("s/it__check__shows_it.snap", &head("tests/it/check.rs", "")),
    ];
    assert_eq!(
        orphans(&orphaned),
        [
            "s/it__plan__gone.snap: tests/it/plan.rs has no `gone`",
            "s/it__plan__shows_it@a.runbook.snap: its input tests/it/plan/a.runbook is not there",
            "s/it__check__shows_it.snap: its test file is not there",
        ]
    );
}
