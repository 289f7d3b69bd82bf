//! Who may import whom, and which crate may be named where: the tables, and the reading of the paths in the source files.
//! The data flows one way, so a module sees only what stands before it in `ORDER`.

use std::collections::BTreeSet;

use super::lexer::{At, Token, lex};
use super::{File, assert_none, project, rust_under};

/// The modules in the order of the data's way. A module imports only from those before it.
const ORDER: &[&str] = &[
    "source", "diag", "value", "ast", "syntax", "fmt", "link", "check", "plan", "engine", "world",
    "journal", "simulate", "prove", "execute", "report", "demo", "cli",
];

/// Imports against the order: who, whom, and why it must be. One that no file needs is itself a complaint.
const EXCEPTIONS: &[(&str, &str, &str)] = &[];

/// Where a dependency may be named. `*` at the end of a place stands for any rest of the name.
const CRATES: &[(&str, &[&str])] = &[
    ("aho_corasick", &["execute"]),
    ("annotate_snippets", &["diag/render*"]),
    ("anstream", &["report/terminal*", "cli", "demo"]),
    ("anstyle", &["diag/render*", "report", "cli"]),
    ("axum", &["demo"]),
    ("brush_parser", &["check/shell*"]),
    ("clap", &["cli"]),
    ("duct", &["execute", "demo"]),
    ("globset", &["link/pattern"]),
    ("ignore", &["cli"]),
    ("jaq_core", &["check", "execute"]),
    ("jaq_json", &["check", "execute"]),
    ("jaq_std", &["check", "execute"]),
    ("jiff", &["*"]),
    ("miette", &["diag/render*"]),
    ("nix", &["execute"]),
    ("pest", &["syntax"]),
    ("pest_derive", &["syntax"]),
    ("regex", &["*"]),
    ("regex_syntax", &["check/shell*", "check/example"]),
    ("reqwest", &["execute", "demo"]),
    ("rusqlite", &["journal/sqlite*"]),
    ("rustls", &["execute/web*"]),
    ("rustix", &["journal/sqlite*", "execute", "demo", "cli"]),
    ("semver", &["value", "demo"]),
    ("serde", &["*"]),
    ("serde_json", &["*"]),
    ("sha2", &["plan", "journal"]),
    ("signal_hook", &["execute/signals", "execute/supervise*"]),
    ("strsim", &["diag"]),
    ("similar", &["cli"]),
    ("sqlparser", &["check/migrations*"]),
    ("tempfile", &["journal/sqlite*", "execute", "demo", "cli"]),
    ("tokio", &["execute", "demo"]),
    ("toml", &["check/settings"]),
];

/// Where the parts of `std` may be named that reach out of the process.
const OUTSIDE: &[(&str, &[&str])] = &[
    ("env", &["cli"]),
    (
        "fs",
        &["journal/sqlite*", "journal/owner", "execute", "demo", "cli"],
    ),
    ("net", &["execute", "demo"]),
    ("os", &["journal/sqlite*", "execute", "demo", "cli"]),
    ("process", &["execute", "demo", "cli", "main"]),
    ("thread", &["execute", "demo", "cli"]),
];

/// A path's beginning as found in a file: the root (`crate`, a crate's name) and what follows it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    root: String,
    next: String,
    line: usize,
}

/// `syntax/lower.rs` of `src/syntax/lower.rs`.
fn in_src(file: &File) -> &str {
    file.path.strip_prefix("src/").unwrap_or(&file.path)
}

/// The top module that a file of `src` belongs to: `syntax` for `src/syntax/lower.rs`, `lib` and `main` for the roots.
fn module(file: &File) -> &str {
    let path = in_src(file);
    path.split('/')
        .next()
        .map_or(path, |first| first.strip_suffix(".rs").unwrap_or(first))
}

/// How many modules down from the root a file is: 0 for `lib.rs`, 1 for `syntax.rs` and `syntax/mod.rs`.
fn depth(file: &File) -> usize {
    let path = in_src(file);
    match path {
        "lib.rs" | "main.rs" => 0,
        _ => path.split('/').count() - usize::from(path.ends_with("/mod.rs")),
    }
}

/// Every beginning of a path in a file. `super::` that climbs to the root is read as `crate::`.
fn paths(file: &File) -> Vec<Named> {
    let tokens = lex(&file.text);
    let mut found = Vec::new();
    let mut braces = 0usize;
    let mut inline = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        let at = &tokens[i];
        match &at.token {
            Token::Sign('{') => {
                braces += 1;
                if i >= 2 && tokens[i - 2].token.is_name("mod") {
                    inline.push(braces);
                }
            }
            Token::Sign('}') => {
                if inline.last() == Some(&braces) {
                    inline.pop();
                }
                braces = braces.saturating_sub(1);
            }
            Token::Name(name) if opens_a_path(&tokens, i) => {
                let (root, last) = climb(&tokens, i, name, depth(file) + inline.len());
                for next in followers(&tokens, last) {
                    found.push(Named {
                        root: root.clone(),
                        next,
                        line: at.line,
                    });
                }
                i = last;
            }
            Token::Name(_) | Token::Text(_) | Token::PathSep | Token::Sign(_) => {}
        }
        i += 1;
    }
    found
}

/// Whether the name at `i` is the first of its path: nothing but a leading `::` before it.
fn opens_a_path(tokens: &[At], i: usize) -> bool {
    if i == 0 || tokens[i - 1].token != Token::PathSep {
        return true;
    }
    match tokens[..i - 1].last().map(|at| &at.token) {
        Some(Token::Name(before)) => before == "use" || before == "return",
        Some(Token::Sign(before)) => *before != '>',
        Some(Token::Text(_) | Token::PathSep) | None => true,
    }
}

/// The root that a name stands for and the index of the token that ends it: `super::super` from two modules down is `crate`.
fn climb(tokens: &[At], start: usize, name: &str, depth: usize) -> (String, usize) {
    let (mut last, mut supers) = (start, usize::from(name == "super"));
    let sep = |i: usize| tokens.get(i).is_some_and(|at| at.token == Token::PathSep);
    if name == "super" || name == "self" {
        while sep(last + 1)
            && tokens
                .get(last + 2)
                .is_some_and(|at| at.token.is_name("super"))
        {
            last += 2;
            supers += 1;
        }
    }
    let root = if supers > 0 && supers >= depth {
        "crate".to_owned()
    } else {
        name.to_owned()
    };
    (root, last)
}

/// What follows the name at `i`: one name, the first names of a group, `*`, or the empty name of a bare `use name`.
fn followers(tokens: &[At], i: usize) -> Vec<String> {
    let token = |i: usize| tokens.get(i).map(|at| &at.token);
    if token(i + 1) != Some(&Token::PathSep) {
        let bare = i > 0
            && tokens[i - 1].token.is_name("use")
            && (token(i + 1) == Some(&Token::Sign(';'))
                || token(i + 1).is_some_and(|next| next.is_name("as")));
        return if bare {
            vec![String::new()]
        } else {
            Vec::new()
        };
    }
    match token(i + 2) {
        Some(Token::Name(name)) => vec![name.clone()],
        Some(Token::Sign('{')) => group(tokens, i + 3),
        Some(Token::Sign('*')) => vec!["*".to_owned()],
        Some(Token::Sign(_) | Token::Text(_) | Token::PathSep) | None => Vec::new(),
    }
}

/// The first name of each item of a `use` group that opens before `start`.
fn group(tokens: &[At], start: usize) -> Vec<String> {
    let mut names = Vec::new();
    let mut level = 1;
    let mut first = true;
    for at in &tokens[start..] {
        match &at.token {
            Token::Sign('{') => level += 1,
            Token::Sign('}') => level -= 1,
            Token::Sign(',') if level == 1 => first = true,
            Token::Sign('*') if level == 1 && first => names.push("*".to_owned()),
            Token::Name(name) if level == 1 && first => {
                names.push(name.clone());
                first = false;
            }
            Token::Name(_) | Token::Text(_) | Token::PathSep | Token::Sign(_) => {}
        }
        if level == 0 {
            break;
        }
    }
    names
}

/// Complaints about imports against the order; `exceptions` as in the table.
fn against_the_order(files: &[&File], exceptions: &[(&str, &str, &str)]) -> Vec<String> {
    let place = |name: &str| ORDER.iter().position(|own| *own == name);
    let mut complaints = Vec::new();
    let mut used = BTreeSet::new();
    for file in files {
        let own = module(file);
        if own == "lib" {
            continue;
        }
        // `main` uses the library by its name, and from it only the last module.
        let root = if own == "main" { "runbook" } else { "crate" };
        for Named { next, line, .. } in paths(file).iter().filter(|named| named.root == root) {
            let excepted = exceptions
                .iter()
                .position(|(from, to, _)| *from == own && to == next);
            used.extend(excepted);
            let fine = excepted.is_some()
                || match (place(own), place(next)) {
                    (Some(own), Some(other)) => other <= own,
                    (None, Some(_)) => own == "main" && next == "cli",
                    (_, None) => false,
                };
            if !fine {
                complaints.push(format!(
                    "{}:{line}: `{own}` may not import `{next}`: not before it in the order",
                    file.path
                ));
            }
        }
    }
    for (index, (from, to, _)) in exceptions.iter().enumerate() {
        if !used.contains(&index) {
            complaints.push(format!("the exception `{from}` -> `{to}` is not needed"));
        }
    }
    complaints
}

/// Whether a file of `src` lies in one of the places.
fn lies_in(path: &str, places: &[&str]) -> bool {
    places.iter().any(|place| match place.strip_suffix('*') {
        Some(beginning) => path.starts_with(beginning),
        None => path
            .strip_prefix(place)
            .is_some_and(|rest| rest == ".rs" || rest.starts_with('/')),
    })
}

/// Complaints about crates, and parts of `std`, that are named where they may not be.
fn out_of_place(files: &[&File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in files {
        for Named { root, next, line } in paths(file) {
            let (what, places) = if root == "std" {
                let row = OUTSIDE.iter().find(|(part, _)| *part == next);
                (format!("std::{next}"), row)
            } else {
                let row = CRATES.iter().find(|(name, _)| *name == root);
                (root, row)
            };
            if let Some((_, places)) = places
                && !lies_in(in_src(file), places)
            {
                complaints.push(format!(
                    "{}:{line}: `{what}` may be named only in {}",
                    file.path,
                    places.join(", ")
                ));
            }
        }
    }
    complaints
}

/// The names of the dependencies that `Cargo.toml` has for the program itself.
fn dependencies(manifest: &str) -> Vec<String> {
    manifest
        .lines()
        .skip_while(|line| *line != "[dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name.trim().replace('-', "_"))
        .collect()
}

/// The modules that `lib.rs` declares, in its order.
fn declared(lib: &str) -> Vec<String> {
    let tokens = lex(lib);
    tokens
        .windows(3)
        .filter(|w| w[0].token.is_name("mod") && w[2].token == Token::Sign(';'))
        .filter_map(|w| match &w[1].token {
            Token::Name(name) => Some(name.clone()),
            Token::Text(_) | Token::PathSep | Token::Sign(_) => None,
        })
        .collect()
}

/// Complaints about modules that `lib.rs` declares out of order, or that the table does not have.
fn out_of_order(declared: &[String]) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut last = 0;
    for name in declared {
        match ORDER.iter().position(|own| own == name) {
            Some(place) if place < last => {
                complaints.push(format!("lib.rs declares `{name}` after `{}`", ORDER[last]))
            }
            Some(place) => last = place,
            None => complaints.push(format!("`{name}` has no place in the order of modules")),
        }
    }
    complaints
}

#[test]
fn a_module_imports_only_what_stands_before_it() {
    let files = project();
    let src = rust_under(&files, "src/");
    assert!(src.len() >= 2, "saw {} files", src.len());
    assert_none(
        "imports against the way of the data",
        &against_the_order(&src, EXCEPTIONS),
    );
}

#[test]
fn a_crate_is_named_only_where_it_belongs() {
    let files = project();
    let src = rust_under(&files, "src/");
    assert!(src.len() >= 2, "saw {} files", src.len());
    assert_none("crates out of their place", &out_of_place(&src));
}

#[test]
fn every_dependency_has_a_place() {
    let mut named = dependencies(include_str!("../../../Cargo.toml"));
    let mut placed: Vec<String> = CRATES.iter().map(|(name, _)| (*name).to_owned()).collect();
    named.sort();
    placed.sort();
    assert!(named.len() >= 10, "saw {} dependencies", named.len());
    assert_eq!(named, placed, "Cargo.toml against the table of crates");
}

#[test]
fn the_library_declares_its_modules_in_the_order_of_the_data() {
    let declared = declared(include_str!("../../../src/lib.rs"));
    assert_none("the order of modules in lib.rs", &out_of_order(&declared));
}

#[test]
fn the_checker_sees_every_way_to_import() {
    let see = |path: &str, text: &str| {
        against_the_order(&[&File::new(path, text)], &[])
            .iter()
            .map(|complaint| complaint.split('`').nth(3).unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        see("src/plan/mod.rs", "use crate::engine::State;"),
        ["engine"]
    );
    assert_eq!(see("src/plan.rs", "fn f() { crate::cli::run() }"), ["cli"]);
    assert_eq!(
        see(
            "src/plan.rs",
            "use crate::{ast::{a, cli}, engine, diag::*};"
        ),
        ["engine"]
    );
    assert_eq!(see("src/plan.rs", "use super::engine;"), ["engine"]);
    assert_eq!(
        see("src/plan/show.rs", "use super::super::engine;"),
        ["engine"]
    );
    assert_eq!(
        see("src/plan.rs", "use crate::{self as all, *};"),
        ["self", "*"]
    );
    assert_eq!(see("src/main.rs", "use runbook::engine;"), ["engine"]);
    // What is fine: to the left, within the module, from a test into its own file, in words only.
    assert!(see("src/main.rs", "fn main() { runbook::cli::main() }").is_empty());
    assert!(
        see(
            "src/plan/show.rs",
            "use super::engine; use crate::ast::Step;"
        )
        .is_empty()
    );
    assert!(
        see(
            "src/plan.rs",
            "mod tests { use super::engine; } // crate::cli"
        )
        .is_empty()
    );
    assert!(see("src/plan.rs", "pub(crate) const A: &str = \"crate::cli\";").is_empty());
}

#[test]
fn an_exception_lifts_one_import_and_must_be_needed() {
    let file = File::new("src/plan.rs", "use crate::engine::State;");
    let exception = [("plan", "engine", "a reason")];
    assert!(against_the_order(&[&file], &exception).is_empty());
    let idle = File::new("src/plan.rs", "use crate::ast::Step;");
    assert_eq!(
        against_the_order(&[&idle], &exception),
        ["the exception `plan` -> `engine` is not needed"]
    );
}

#[test]
fn the_checker_sees_a_crate_out_of_its_place() {
    let see = |path: &str, text: &str| out_of_place(&[&File::new(path, text)]).len();
    assert_eq!(see("src/check/names.rs", "use pest::Span;"), 1);
    assert_eq!(see("src/engine.rs", "use tokio;"), 1);
    assert_eq!(see("src/engine.rs", "fn f() { ::tokio::spawn(g()) }"), 1);
    assert_eq!(see("src/engine.rs", "use std::{fmt, fs::File, net};"), 2);
    assert_eq!(see("src/syntaxes.rs", "use pest::Span;"), 1);
    assert_eq!(see("src/syntax/lower.rs", "use pest::Span;"), 0);
    assert_eq!(
        see(
            "src/journal/sqlite_schema.rs",
            "use rusqlite::Row; use std::fs;"
        ),
        0
    );
    assert_eq!(
        see("src/engine.rs", "use crate::value::pest::A; use std::fmt;"),
        0
    );
}

#[test]
fn the_checker_sees_modules_out_of_order() {
    let complaints = out_of_order(&declared("pub mod plan;\nmod ast;\nmod tricks;"));
    assert_eq!(complaints.len(), 2, "{complaints:?}");
}

#[test]
fn the_manifest_is_read_down_to_the_next_section() {
    let manifest = "[package]\nname = \"x\"\n[dependencies]\na-b = \"1\"\nc = { version = \"2\" }\n[dev-dependencies]\nd = \"3\"\n";
    assert_eq!(dependencies(manifest), ["a_b", "c"]);
}
