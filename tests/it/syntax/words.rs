//! The words of the language: the grammar, the list beside it, and the inputs know the same ones.

use std::collections::BTreeSet;
use std::path::Path;

use pest_meta::ast::{Expr, Rule, RuleType};
use pest_meta::parser::{self, consume_rules};
use runbook::source::SourceFile;
use runbook::syntax::{RESERVED, keywords, parse};

fn grammar() -> Vec<Rule> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("grammar/runbook.pest");
    let text = std::fs::read_to_string(path).expect("the grammar");
    let pairs = parser::parse(parser::Rule::grammar_rules, &text).expect("it is a grammar");
    consume_rules(pairs).expect("its rules are sound")
}

/// All literals under an expression of the grammar.
fn literals(expr: Expr) -> Vec<String> {
    expr.iter_top_down()
        .filter_map(|one| match one {
            Expr::Str(text) => Some(text),
            _other => None,
        })
        .collect()
}

fn is_word(text: &str) -> bool {
    text.len() > 1 && text.chars().all(|ch| ch.is_ascii_lowercase() || ch == '_')
}

#[test]
fn the_list_of_keywords_is_the_one_of_the_grammar() {
    // Spelt-out units of rates are read only to be explained, and the letters of the lookahead are no words.
    let other = ["rate_unit"];
    let in_grammar: BTreeSet<String> = grammar()
        .into_iter()
        .filter(|rule| !other.contains(&rule.name.as_str()))
        .flat_map(|rule| literals(rule.expr))
        .filter(|text| is_word(text))
        .collect();
    // A few words are read as any word and judged when they are lowered.
    let by_lowering = [
        "aborted",
        "ask",
        "completed",
        "continue",
        "decline",
        "hold",
        "ignore",
        "nothing",
        "refuse",
        "refused",
        "rerun",
        "rolled_back",
        "went_forward",
        "warn",
    ];
    let listed: BTreeSet<String> = keywords().into_iter().map(str::to_owned).collect();
    assert!(listed.len() >= 80);
    let only_listed: Vec<&String> = listed
        .difference(&in_grammar)
        .filter(|word| !by_lowering.contains(&word.as_str()))
        .collect();
    let only_in_grammar: Vec<&String> = in_grammar.difference(&listed).collect();
    assert!(
        only_listed.is_empty() && only_in_grammar.is_empty(),
        "only in the list: {only_listed:?}; only in the grammar: {only_in_grammar:?}"
    );
}

#[test]
fn the_reserved_words_are_those_of_the_grammar() {
    let rule = grammar()
        .into_iter()
        .find(|rule| rule.name == "reserved")
        .expect("there is such a rule");
    let words: BTreeSet<String> = literals(rule.expr)
        .into_iter()
        .filter(|text| is_word(text))
        .collect();
    assert_eq!(words, RESERVED.into_iter().map(str::to_owned).collect());
}

/// Reserved words are no names, and every other keyword is one wherever a name is expected.
#[test]
fn only_reserved_words_are_kept_from_being_names() {
    for word in keywords() {
        let text = format!(
            "runbook \"a\"\nlet {word} = 1\nlet b = {word} + 1\nrollout {{\n  stage {word} {{\n    step {word} $ true\n    verify {word} within 1m\n  }}\n}}\n"
        );
        let parsed = parse(&SourceFile::new("a.runbook", text));
        let is_reserved = RESERVED.contains(&word);
        assert_eq!(parsed.diagnostics.has_errors(), is_reserved, "{word}");
    }
}

/// A word of the grammar that no input uses is either wrong or untested.
#[test]
fn every_word_of_the_grammar_is_used_by_an_input() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/syntax");
    let mut used = BTreeSet::new();
    for folder in ["good", "bad"] {
        for entry in std::fs::read_dir(root.join(folder)).expect("a folder of inputs") {
            let bytes = std::fs::read(entry.expect("an entry").path()).expect("an input");
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let words = text.split(|ch: char| !ch.is_ascii_alphanumeric() && ch != '_');
            used.extend(words.map(str::to_owned));
        }
    }
    let rules = grammar()
        .into_iter()
        .filter(|rule| rule.name != "rate_unit" && rule.ty != RuleType::Silent);
    let missing: Vec<String> = rules
        .flat_map(|rule| literals(rule.expr))
        .filter(|text| is_word(text) && !used.contains(text))
        .collect();
    assert!(missing.is_empty(), "no input uses {missing:?}");
}
