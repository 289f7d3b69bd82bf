//! What came of a series under every rule, as the end of its file and as a table of the document.

use std::fmt::Write as _;
use std::fs;

use runbook::plan::{Plan, build, check_file};
use runbook::source::SourceFile;

use super::cases::{ACTIONS, RULES, Series};
use super::path;
use super::world::{Story, play};

/// The beginning of the document.
pub(super) const OPENING: &str = include_str!("opening.md");

/// The stories of a series: a row a rule, a column an action.
pub(super) struct Told {
    rows: Vec<Vec<Story>>,
    /// Each sentence once, in order of appearance.
    sentences: Vec<String>,
}

/// The rollout with a rule, compiled as `run` compiles it.
pub(super) fn plan(rule: &str) -> Plan {
    let text = fs::read_to_string(path("tests/it/guards/rollout.runbook")).expect("the rollout");
    assert_eq!(text.matches("RULE").count(), 2, "once in its comment");
    let text = text.replace("RULE", rule);
    let file = SourceFile::new("rollout.runbook", &text);
    let (checked, found) = check_file(&file);
    let checked = checked.unwrap_or_else(|| panic!("{rule}: {found:?}"));
    build(&checked, &std::collections::BTreeMap::new(), &file)
        .unwrap_or_else(|found| panic!("{rule}: {found:?}"))
}

impl Told {
    pub(super) fn of(series: &Series) -> Self {
        let mut told = Self {
            rows: Vec::new(),
            sentences: Vec::new(),
        };
        for (_, sustain, options) in RULES {
            let mut row = Vec::new();
            for (_, action) in ACTIONS {
                let options = if options.is_empty() {
                    String::new()
                } else {
                    format!(" {{ {options} }}")
                };
                let rule = format!("{sustain} {action}{options}");
                let story = play(&plan(rule.trim()), series);
                if !story.sentence.is_empty() && !told.sentences.contains(&story.sentence) {
                    told.sentences.push(story.sentence.clone());
                }
                row.push(story);
            }
            told.rows.push(row);
        }
        told
    }

    pub(super) fn cases(&self) -> usize {
        self.rows.iter().map(Vec::len).sum()
    }

    fn cell(&self, story: &Story) -> String {
        let number = self
            .sentences
            .iter()
            .position(|known| *known == story.sentence);
        match number {
            Some(number) => format!("{} [{}]", story.short, number + 1),
            None => story.short.clone(),
        }
    }

    /// The whole file of a series, as it should be.
    pub(super) fn file(&self, series: &Series) -> String {
        let mut text = format!("# {}\n{}\n\n", series.title, series.about);
        for line in &series.lines {
            writeln!(text, "{line}").expect("a string");
        }
        text.push_str("\nverdicts\n");
        for ((rule, _, _), row) in RULES.iter().zip(&self.rows) {
            writeln!(text, "\n{rule}").expect("a string");
            for ((action, _), story) in ACTIONS.iter().zip(row) {
                writeln!(text, "  {action:<24}{}", self.cell(story)).expect("a string");
            }
        }
        if !self.sentences.is_empty() {
            text.push_str("\nsentences\n\n");
        }
        for (number, sentence) in self.sentences.iter().enumerate() {
            writeln!(text, "[{}] {sentence}", number + 1).expect("a string");
        }
        text
    }

    /// The table of the document.
    pub(super) fn markdown(&self, series: &Series) -> String {
        let mut text = format!("\n### {}\n\n{}\n\n", series.title, series.about);
        if !series.lines.is_empty() {
            text.push_str("```text\n");
            for line in &series.lines {
                writeln!(text, "{line}").expect("a string");
            }
            text.push_str("```\n\n");
        }
        text.push_str("| rule |");
        for (action, _) in ACTIONS {
            write!(text, " {action} |").expect("a string");
        }
        text.push_str("\n|---|---|---|---|---|---|\n");
        for ((rule, _, _), row) in RULES.iter().zip(&self.rows) {
            write!(text, "| {rule} |").expect("a string");
            for story in row {
                write!(text, " {} |", story.short).expect("a string");
            }
            text.push('\n');
        }
        if let Some(sentence) = self.sentences.first() {
            writeln!(text, "\n> {sentence}").expect("a string");
        }
        text
    }
}
