//! What holds for every text: parsing never panics, spans lie in the text, nothing is said twice,
//! and a bad line leaves its neighbours alone.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use runbook::ast::{Item, Statement};
use runbook::diag::render::{Look, render};
use runbook::source::{SourceFile, Sources};
use runbook::syntax::{Parsed, parse};

/// All runbooks of the project: inputs of tests, examples, the library.
fn corpus() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![root.join("runbooks"), root.join("tests/it")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder of the project") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "runbook") {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(found.len() >= 5, "the corpus is gone: {found:?}");
    found
}

pub(crate) fn texts() -> Vec<String> {
    let read = |path: PathBuf| std::fs::read(path).expect("an input file");
    let texts = corpus().into_iter().map(read);
    texts
        .filter_map(|bytes| String::from_utf8(bytes).ok())
        .collect()
}

/// Parses, and holds what must be true of every result.
fn lawful(text: &str) -> Parsed {
    let file = SourceFile::new("a.runbook", text);
    let parsed = parse(&file);
    let fits =
        |span: runbook::source::Span| span.start <= span.end && text.get(span.range()).is_some();
    for one in parsed.diagnostics.iter() {
        let labels = one.primary.iter().chain(&one.secondary);
        for label in labels {
            assert!(fits(label.span), "{one:?} is not in {text:?}");
        }
        assert!(one.primary.is_some(), "{one:?} has no place");
    }
    for item in &parsed.ast.items {
        assert!(fits(item.span()), "{item:?} is not in {text:?}");
    }
    for comment in &parsed.comments {
        assert!(file.slice(comment.span).starts_with('#'));
    }
    assert!(
        parsed.readable || parsed.diagnostics.has_errors(),
        "nothing is said about {text:?}"
    );
    let said = render(&parsed.diagnostics, &Sources::single(file), Look::default());
    assert_eq!(said.is_empty(), parsed.diagnostics.is_empty());
    parsed
}

#[test]
fn every_runbook_of_the_project_is_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("runbooks");
    let ours: Vec<PathBuf> = corpus()
        .into_iter()
        .filter(|path| path.starts_with(&root))
        .collect();
    assert!(!ours.is_empty());
    for path in ours {
        let text = std::fs::read_to_string(&path).expect("an example");
        let parsed = lawful(&text);
        let said: Vec<String> = parsed
            .diagnostics
            .iter()
            .map(|one| one.message.clone())
            .collect();
        assert!(said.is_empty(), "{}: {said:?}", path.display());
    }
}

/// Cut off anywhere, a file gives a lawful result: an editor sees every one of these.
#[test]
fn every_beginning_of_a_file_is_lawful() {
    let text = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/syntax/good/canonical.runbook"),
    )
    .expect("an input file");
    for (at, _) in text.char_indices() {
        lawful(&text[..at]);
    }
}

#[test]
fn one_line_that_is_lost_leaves_its_neighbours() {
    let text = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/syntax/good/canonical.runbook"),
    )
    .expect("an input file");
    let whole = lawful(&text);
    let lines: Vec<&str> = text.lines().collect();
    let mut tried = 0;
    for (at, line) in lines.iter().enumerate() {
        // Lines that open or close a block change more than themselves, and so do those of a script.
        let opens = line.contains(['{', '}']) && !line.contains("[0-9a-f]{7,40}");
        let script =
            line.contains("\"\"\"") || line.contains("set -e") || line.contains("git status");
        let of_a_step = line.contains("unless") || line.contains("migrate");
        if at < 2 || opens || script || of_a_step || line.trim().is_empty() || line.starts_with('#')
        {
            continue;
        }
        tried += 1;
        let mut changed = lines.clone();
        changed[at] = "  @@ nonsense";
        let parsed = lawful(&changed.join("\n"));
        assert_eq!(parsed.diagnostics.len(), 1, "in the place of {line:?}");
        let top_level = !line.starts_with(' ');
        let expected = whole.ast.items.len() - usize::from(top_level);
        assert_eq!(parsed.ast.items.len(), expected, "in the place of {line:?}");
    }
    assert!(tried >= 35, "only {tried} lines were tried");
}

#[test]
fn deep_nesting_is_one_diagnostic_and_no_crash() {
    let many = 100_000;
    let cases = [
        format!(
            "runbook \"a\"\nlet a = {}1{}\n",
            "(".repeat(many),
            ")".repeat(many)
        ),
        format!(
            "runbook \"a\"\nlet a = {}1{}\n",
            "[".repeat(many),
            "]".repeat(many)
        ),
        format!("runbook \"a\"\nlet a = {}true\n", "not ".repeat(many)),
        format!("runbook \"a\"\nlet a = {}1\n", "- ".repeat(many)),
        format!("runbook \"a\"\nlet a = {}1\n", "1 + ".repeat(many)),
        format!("runbook \"a\"\nlet a = {}a\n", "a or ".repeat(many)),
        format!(
            "runbook \"a\"\nrollout {}{}\n",
            "{".repeat(many),
            "}".repeat(many)
        ),
        format!(
            "runbook \"a\"\nlet a = \"${{{}1{}}}\"\n",
            "(".repeat(many),
            ")".repeat(many)
        ),
    ];
    for text in cases {
        let parsed = lawful(&text);
        let names: Vec<&str> = parsed.diagnostics.iter().map(|one| one.name).collect();
        let start: String = text.chars().skip(10).take(30).collect();
        assert_eq!(names, ["nested-too-deep"], "{start}");
    }
}

/// As deep as it is allowed in one way, repeated in the other: the tree stays shallow enough to walk.
#[test]
fn the_depth_of_a_tree_is_bounded_in_all_directions_at_once() {
    let mut expr = "1".to_owned();
    for _ in 0..60 {
        expr = format!("({expr}{})", " + 1".repeat(60));
    }
    let parsed = lawful(&format!("runbook \"a\"\nlet a = {expr}\n"));
    assert!(
        parsed
            .diagnostics
            .iter()
            .all(|one| one.name == "nested-too-deep")
    );
    assert!(!parsed.diagnostics.is_empty());
}

/// The last character before a gap may be wider than a byte.
#[test]
fn labels_cover_whole_characters() {
    for line in [
        "let gr\u{f6}\u{df}",
        "channel b\u{e4}",
        "owner \"\u{e4}",
        "\u{1F600}",
        "let a = 1 \u{2265} 2",
    ] {
        let parsed = lawful(&format!("runbook \"a\"\n{line}"));
        assert!(!parsed.diagnostics.is_empty(), "{line}");
    }
}

#[test]
fn unclosed_interpolations_cost_no_more_than_their_length() {
    let text = format!("runbook \"a\"\nlet a = {}\n", "\"${".repeat(50_000));
    let parsed = lawful(&text);
    assert!(parsed.diagnostics.has_errors());
}

#[test]
fn statements_keep_their_place_in_the_text() {
    let text = "runbook \"a\"\nrollout {\n  stage one {\n    step a timeout 5m $ one \\\n      two   \n    wait 5m # rest\n  }\n}\n";
    let parsed = lawful(text);
    let [Item::Rollout(rollout)] = parsed.ast.items.as_slice() else {
        panic!("{:?}", parsed.ast.items);
    };
    let spans = rollout.stages[0].statements.iter().map(Statement::span);
    let slices: Vec<&str> = spans.map(|span| &text[span.range()]).collect();
    assert_eq!(slices, ["step a timeout 5m $ one \\\n      two", "wait 5m"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn any_text_is_lawful(text in "\\PC{0,200}") {
        lawful(&text);
        lawful(&format!("runbook \"a\"\n{text}"));
    }

    #[test]
    fn any_soup_of_our_words_is_lawful(words in prop::collection::vec(word(), 0..60)) {
        lawful(&format!("runbook \"a\"\n{}", words.concat()));
    }

    #[test]
    fn a_file_with_a_piece_taken_out_or_put_in_is_lawful(
        pick in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        length in 0_usize..40,
        put in prop::option::of(word()),
    ) {
        let texts = texts();
        let text = pick.get(&texts);
        let mut start = at.index(text.len().max(1));
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let mut end = (start + length).min(text.len());
        while !text.is_char_boundary(end) {
            end += 1;
        }
        let put = put.unwrap_or_default();
        lawful(&format!("{}{put}{}", &text[..start], &text[end..]));
    }
}

/// Pieces from which sentences, and everything but sentences, can be made.
fn word() -> impl Strategy<Value = String> {
    let pieces = [
        " ",
        "\n",
        "  ",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "\"",
        "'",
        "\"\"\"",
        "$ ",
        "$",
        "\\",
        "#",
        "${",
        "/",
        "..",
        ",",
        ":",
        "=",
        "==",
        ">",
        "<=",
        "&&",
        "!",
        "-",
        "+",
        "|",
        "%",
        "5",
        "5%",
        "1h30m",
        "2.4.0",
        "10:00",
        "2026-12-24",
        "5/min",
        "a",
        "\u{e4}",
        "\u{201c}",
        "\u{feff}",
        "\r\n",
        "\t",
        "matching /",
        "one of ",
        "list of ",
    ];
    let keywords = runbook::syntax::keywords();
    prop_oneof![
        prop::sample::select(pieces.to_vec()).prop_map(str::to_owned),
        prop::sample::select(keywords).prop_map(|word| format!("{word} ")),
    ]
}
