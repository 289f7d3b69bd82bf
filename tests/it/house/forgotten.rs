//! No test is forgotten: every Rust file under `tests/` and `src/` is reached by a `mod` from a root, and every input file is read by some test.
//! It must not know the stages: what is read is taken from the patterns that the tests themselves hand to `glob!`.

use std::collections::BTreeSet;

use ignore::overrides::OverrideBuilder;

use super::lexer::{At, Token, lex};
use super::{File, assert_none, project};

/// The files that rustc starts from.
const ROOTS: &[&str] = &[
    "src/lib.rs",
    "src/main.rs",
    "tests/it/main.rs",
    "tests/real/main.rs",
    "benches/speed/main.rs",
    "fuzz/fuzz_targets/check.rs",
    "fuzz/fuzz_targets/fmt.rs",
    "fuzz/fuzz_targets/parse.rs",
];

/// Input folders that a test reads without `glob!`: the folder, and the test file, which must name it.
const READ_BY_HAND: &[(&str, &str)] = &[
    ("benches/speed", "benches/speed/releases.rs"),
    ("runbooks", "tests/it/runbooks.rs"),
    ("tests/it/canonical", "tests/it/canonical.rs"),
    ("tests/it/check/calendars", "tests/it/check.rs"),
    ("tests/it/check/sql", "tests/it/check.rs"),
    ("tests/it/check/migrations", "tests/it/check.rs"),
    ("tests/it/check/templates", "tests/it/check.rs"),
    ("tests/it/check/settings", "tests/it/check.rs"),
    ("tests/it/cli", "tests/it/cli.rs"),
    ("tests/it/clauses", "tests/it/clauses.rs"),
    ("tests/it/crash", "tests/it/crash.rs"),
    ("tests/it/faults", "tests/it/faults.rs"),
    ("tests/it/guards", "tests/it/guards.rs"),
    ("tests/ports", "tests/it/ports.rs"),
    ("tests/real", "tests/real/rollout.rs"),
];

/// The folder that the modules of a file lie in: `src` for `src/lib.rs`, `src/plan` for `src/plan.rs` and `src/plan/mod.rs`.
fn folder_of_modules(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.trim_end_matches(".rs");
    match name {
        "lib.rs" | "main.rs" | "mod.rs" => folder.to_owned(),
        _ => format!("{folder}/{stem}"),
    }
}

/// The modules that a file declares without a body: the names, with the path if one is given.
fn declared(text: &str) -> Vec<(String, Option<String>)> {
    let tokens: Vec<Token> = lex(text)
        .into_iter()
        .map(|At { token, .. }| token)
        .collect();
    let mut modules = Vec::new();
    let mut path = None;
    for window in tokens.windows(3) {
        match window {
            [Token::Name(word), Token::Sign('='), Token::Text(text)] if word == "path" => {
                path = Some(text.clone());
            }
            [Token::Name(word), Token::Name(name), Token::Sign(';')] if word == "mod" => {
                modules.push((name.clone(), path.take()));
            }
            _ => {}
        }
    }
    modules
}

/// The Rust files that no root reaches.
fn unreached(files: &[File]) -> Vec<String> {
    let text = |path: &str| files.iter().find(|file| file.path == path);
    let mut reached = BTreeSet::new();
    let mut open: Vec<String> = ROOTS.iter().map(|root| (*root).to_owned()).collect();
    while let Some(path) = open.pop() {
        let Some(file) = text(&path) else { continue };
        if !reached.insert(path.clone()) {
            continue;
        }
        let folder = folder_of_modules(&path);
        let beside = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (name, given) in declared(&file.text) {
            match given {
                Some(given) => open.push(format!("{beside}/{given}")),
                None => open.extend([
                    format!("{folder}/{name}.rs"),
                    format!("{folder}/{name}/mod.rs"),
                ]),
            }
        }
    }
    files
        .iter()
        .filter(|file| file.is_rust() && !reached.contains(&file.path))
        .map(|file| format!("{}: no `mod` reaches it", file.path))
        .collect()
}

/// The patterns that a test file hands to `glob!`, from the root of the project.
fn patterns(file: &File) -> Vec<String> {
    let tokens: Vec<Token> = lex(&file.text).into_iter().map(|at| at.token).collect();
    let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut patterns = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        if !token.is_name("glob") || tokens.get(i + 1) != Some(&Token::Sign('!')) {
            continue;
        }
        let given: Vec<&str> = tokens[i + 3..]
            .iter()
            .filter(|token| **token != Token::Sign(','))
            .map_while(|token| match token {
                Token::Text(text) => Some(text.as_str()),
                Token::Name(_) | Token::PathSep | Token::Sign(_) => None,
            })
            .collect();
        patterns.push(normal(&format!("{folder}/{}", given.join("/"))));
    }
    patterns
}

/// A path without `.` and `..`.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Whether a file is something that a test reads: an input beside the tests, or a runbook of ours.
fn is_input(path: &str) -> bool {
    let beside_tests = path.starts_with("tests/")
        && [".rs", ".snap", ".proptest-regressions"]
            .iter()
            .all(|ending| !path.ends_with(ending));
    beside_tests || (path.starts_with("runbooks/") && path.ends_with(".runbook"))
}

/// The input files that no pattern and no folder read by hand covers.
fn unread(files: &[File], by_hand: &[(&str, &str)]) -> Vec<String> {
    let mut globs = OverrideBuilder::new("/");
    for file in files
        .iter()
        .filter(|file| file.path.starts_with("tests/") && file.is_rust())
    {
        for pattern in patterns(file) {
            globs
                .add(&format!("/{pattern}"))
                .expect("a pattern as in .gitignore");
        }
    }
    let globs = globs.build().expect("patterns that go together");
    let mut complaints: Vec<String> = by_hand
        .iter()
        .filter(|(folder, reader)| {
            !files
                .iter()
                .any(|file| file.path == *reader && file.text.contains(folder))
        })
        .map(|(folder, reader)| format!("{reader} does not read {folder}"))
        .collect();
    for file in files.iter().filter(|file| is_input(&file.path)) {
        let read = globs
            .matched(format!("/{}", file.path), false)
            .is_whitelist()
            || by_hand
                .iter()
                .any(|(folder, _)| file.path.starts_with(&format!("{folder}/")));
        if !read {
            complaints.push(format!("{}: no test reads it", file.path));
        }
    }
    complaints
}

#[test]
fn every_rust_file_is_compiled() {
    let files = project();
    let rust = files.iter().filter(|file| file.is_rust()).count();
    assert!(rust >= 10, "saw {rust} files");
    assert_none("files that nothing compiles", &unreached(&files));
}

#[test]
fn every_input_file_is_read() {
    assert_none(
        "inputs that no test reads",
        &unread(&project(), READ_BY_HAND),
    );
}

#[test]
fn the_checker_sees_a_file_that_nothing_compiles() {
    let files = [
        File::new("tests/it/main.rs", "mod check;\n// mod plan;\n"),
        File::new("tests/it/check.rs", "#[cfg(unix)]\nmod deep;"),
        File::new("tests/it/check/deep.rs", ""),
        File::new("tests/it/plan.rs", ""),
        File::new(
            "tests/real/main.rs",
            "#[path = \"servers/a.rs\"]\nmod server;",
        ),
        File::new("tests/real/servers/a.rs", ""),
    ];
    assert_eq!(unreached(&files), ["tests/it/plan.rs: no `mod` reaches it"]);
}

#[test]
fn the_checker_sees_an_input_that_nothing_reads() {
    let files = [
        File::new(
            "tests/it/check.rs",
            "fn f() { insta::glob!(\"check/*.{runbook,txt}\", |p| g(p)); glob!(\"../..\", \"runbooks/**/*.runbook\", g) }",
        ),
        File::new("tests/it/check/a.runbook", ""),
        File::new("tests/it/check/deep/b.runbook", ""),
        File::new("tests/it/plan/c.toml", ""),
        File::new("runbooks/std/d.runbook", ""),
    ];
    assert_eq!(
        unread(&files, &[]),
        [
            "tests/it/check/deep/b.runbook: no test reads it",
            "tests/it/plan/c.toml: no test reads it"
        ]
    );
    let by_hand = [
        ("tests/it/check/deep", "tests/it/check.rs"),
        ("tests/it/plan", "tests/it/check.rs"),
    ];
    assert_eq!(
        unread(&files, &by_hand),
        [
            "tests/it/check.rs does not read tests/it/check/deep",
            "tests/it/check.rs does not read tests/it/plan"
        ]
    );
}
