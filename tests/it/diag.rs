//! The registry of diagnostics, their pages, and how they look.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use runbook::check::{Remark, remarked};
use runbook::diag::render::{Colour, Drawing, Look, render, render_one};
use runbook::diag::{Diagnostics, Phase, json, page, registered};
use runbook::link::AtHand;
use runbook::source::{SourceFile, Sources};
use runbook::syntax;

/// All that is said about the bytes of a file by the phases that know it, from the first to `phase`.
fn said(phase: Phase, bytes: Vec<u8>, files: &[(String, String)]) -> Diagnostics {
    let file = match syntax::decode("example.runbook", bytes) {
        Ok(file) => file,
        Err(one) => return one.into(),
    };
    let mut at_hand = AtHand::alone(&file);
    for (path, text) in files {
        at_hand = at_hand.with(path, text);
    }
    match phase {
        Phase::Syntax => syntax::parse(&file).diagnostics,
        Phase::Check | Phase::Lint => runbook::plan::check_files(&file, &at_hand).found,
        Phase::Plan | Phase::Prove => match super::check::proved_with(&file, &at_hand) {
            Ok(_) => Diagnostics::default(),
            Err(read) => read.found,
        },
        Phase::Outside => {
            let mut found = runbook::plan::check_files(&file, &at_hand).found;
            let shells = runbook::plan::shells(&file, &at_hand);
            let texts = shells.texts.iter().enumerate();
            let remarks: Vec<Remark> = texts.filter_map(|(at, one)| unquoted(at, one)).collect();
            found.extend(remarked(&shells, &remarks));
            found
        }
        Phase::Test => match super::trial::played("example.runbook", file.text()) {
            Ok((tested, _)) => {
                let mut all = Diagnostics::new();
                for test in tested.tests {
                    all.extend(test.said);
                }
                all
            }
            Err(found) => *found,
        },
    }
}

/// What shellcheck would say of a variable without quotes; the program itself is asked by the tests against real components.
fn unquoted(text: usize, shell: &runbook::ast::Shell) -> Option<Remark> {
    let column = shell.text.find(" $name")? + 2;
    Some(Remark {
        text,
        from: (1, column),
        to: (1, column + "$name".len()),
        level: "info".to_owned(),
        code: 2086,
        message: "Double quote to prevent globbing and word splitting.".to_owned(),
    })
}

/// The examples of a page: what stands after `runbook` in the opening fence, and the text.
fn examples(page: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in page.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (Some(_), Some("")) => found.extend(open.take()),
            (None, Some(kind)) => open = Some((kind.to_owned(), String::new())),
            (Some((_, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
            (Some(_), Some(other)) => panic!("a fence in a fence: {other}"),
        }
    }
    assert!(open.is_none(), "a fence is not closed");
    found
}

/// A runbook for which settings hold.
const SETTLED: &str = "runbook \"A\"\nservice a\n\nrollout {\n  stage all {\n    wait 1m\n  }\n}\n";

/// The bytes of an example; a few mistakes cannot be shown as text and are made here.
fn bytes_of(kind: &str, text: &str) -> Vec<u8> {
    match kind {
        "runbook broken latin-1" => text
            .chars()
            .map(|ch| u8::try_from(u32::from(ch)).expect("a character of Latin-1"))
            .collect(),
        "runbook broken repeated" => text
            .repeat(syntax::SIZE_LIMIT / text.len() + 1)
            .into_bytes(),
        "runbook broken" | "runbook mended" => text.as_bytes().to_vec(),
        // What is shown are the settings; the runbook beside them is any.
        "toml broken" | "toml mended" => SETTLED.as_bytes().to_vec(),
        other => panic!("an example of an unknown kind: {other}"),
    }
}

#[test]
fn every_page_shows_a_mistake_and_how_it_is_mended() {
    assert!(registered().len() >= 20);
    for row in registered() {
        let name = row.name;
        let page = page(name).expect("every name has a page");
        assert!(page.starts_with(&format!("# {name}\n\n")), "{name}");
        let examples = examples(page);
        let files: Vec<(String, String)> = examples
            .iter()
            .filter_map(|(kind, text)| {
                let path = kind
                    .strip_prefix("runbook file ")
                    .or_else(|| kind.strip_prefix("sql file "))?;
                Some((path.to_owned(), text.clone()))
            })
            .collect();
        let count = |start: &str| {
            examples
                .iter()
                .filter(|(kind, _)| {
                    kind.split_once(' ')
                        .is_some_and(|(_, rest)| rest.starts_with(start))
                })
                .count()
        };
        assert!(count("broken") >= 1, "{name} shows no mistake");
        assert!(count("mended") >= 1, "{name} shows no way out");
        let shown = examples.iter();
        for (kind, text) in shown.filter(|(kind, _)| !kind.contains(" file ") && kind != "toml") {
            // What is typed is tested where the command line is.
            if kind.starts_with("sh ") && name == "not-looked-at" {
                continue;
            }
            let mut files = files.clone();
            if kind.starts_with("toml ") {
                files.push(("runbook.toml".to_owned(), text.clone()));
            }
            let mut found = said(row.phase, bytes_of(kind, text), &files);
            // A page about one rule is not about the rollout as a whole.
            if row.phase != Phase::Lint && !name.ends_with("-waive") {
                found = super::check::without_lints(&found);
            }
            let names: Vec<&str> = found.iter().map(|one| one.name).collect();
            if kind
                .split_once(' ')
                .is_some_and(|(_, rest)| rest.starts_with("broken"))
            {
                assert!(
                    names.contains(&name),
                    "{name}: its broken example gives {names:?}"
                );
            } else {
                assert!(
                    !names.contains(&name),
                    "{name}: its mended example is not mended"
                );
                assert!(
                    names.is_empty(),
                    "{name}: its mended example gives {names:?}"
                );
            }
        }
    }
}

#[test]
fn names_are_unique_and_written_alike() {
    let names: BTreeSet<&str> = registered().iter().map(|row| row.name).collect();
    assert_eq!(names.len(), registered().len());
    for row in registered() {
        let fine = |ch: char| ch.is_ascii_lowercase() || ch.is_ascii_digit() || ch == '-';
        assert!(row.name.chars().all(fine), "{}", row.name);
        assert!(
            !row.summary.is_empty() && !row.summary.ends_with('.'),
            "{}",
            row.name
        );
    }
    assert_eq!(page("no-such-name"), None);
}

/// For every name there is an input named after it, and the snapshot of that input holds it.
#[test]
fn every_diagnostic_is_provoked_by_an_input_of_its_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let mut snapshots: Vec<PathBuf> = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder of tests") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "snap") {
                snapshots.push(path);
            }
        }
    }
    let texts: Vec<String> = snapshots
        .iter()
        .map(|path| std::fs::read_to_string(path).expect("a snapshot"))
        .collect();
    for row in registered() {
        // An input of more than the limit is not kept as a file; a unit test of `decode` makes one. What another program says is
        // tested with a stand-in for it, and with the program itself.
        if row.name == "file-too-large" || row.phase == Phase::Outside {
            continue;
        }
        let input = format!("/err_{}", row.name.replace('-', "_"));
        let header = format!("[{}]: ", row.name);
        let shown = texts.iter().any(|text| {
            let of_input = text
                .lines()
                .any(|line| line.starts_with("input_file: ") && line.contains(&input));
            of_input && text.contains(&header)
        });
        assert!(
            shown,
            "no input {input}*.runbook has a snapshot with {}",
            row.name
        );
    }
}

fn example() -> (Diagnostics, Sources) {
    let text = "runbook \"A\"\nservice one\n\n\n# between\n\n\nservice two\nlet a = 5minutes\n";
    let file = SourceFile::new("dir/a.runbook", text);
    let found = syntax::parse(&file).diagnostics;
    (found, Sources::single(file))
}

#[test]
fn distant_labels_stand_in_one_box() {
    let (found, sources) = example();
    assert_snapshot!(render(&found, &sources, Look::default()));
}

#[test]
fn terminals_get_lines_and_colour_when_they_are_asked_for() {
    let (found, sources) = example();
    let look = Look {
        colour: Colour::Ansi,
        drawing: Drawing::Unicode,
        width: 60,
    };
    let text = render(&found, &sources, look);
    assert_snapshot!(text.replace('\u{1b}', "ESC"));
    assert!(!render(&found, &sources, Look::default()).contains('\u{1b}'));
    assert!(render(&found, &sources, Look::default()).is_ascii());
}

#[test]
fn a_second_file_is_shown_under_its_own_name() {
    let (found, mut sources) = example();
    let other = sources.add(SourceFile::new(
        "lib.runbook",
        "runbook \"B\"\nservice one\n",
    ));
    let mut one = found.iter().next().expect("it has findings").clone();
    for label in &mut one.secondary {
        label.span.start += other.base();
        label.span.end += other.base();
    }
    assert_snapshot!(render_one(&one, &sources, Look::default()));
}

#[test]
fn long_lines_are_cut_around_the_label() {
    let text = format!(
        "runbook \"A\"\nlet a = \"{}\" @ \"{}\"\n",
        "x".repeat(300),
        "y".repeat(300)
    );
    let file = SourceFile::new("a.runbook", text);
    let found = syntax::parse(&file).diagnostics;
    let text = render(
        &found,
        &Sources::single(file),
        Look {
            width: 60,
            ..Look::default()
        },
    );
    assert!(text.lines().all(|line| line.len() <= 80), "{text}");
    assert!(text.contains('@'), "{text}");
}

#[test]
fn programs_get_all_of_it_as_json() {
    let (found, sources) = example();
    assert_snapshot!(serde_json::to_string_pretty(&json(&found, &sources)).expect("it is JSON"));
}

#[test]
fn more_than_a_person_reads_is_only_counted() {
    let text = format!("runbook \"A\"\n{}", "let a = 5x\n".repeat(30));
    let file = SourceFile::new("a.runbook", text);
    let found = syntax::parse(&file).diagnostics;
    assert_eq!(found.len(), 30);
    let text = render(&found, &Sources::single(file), Look::default());
    assert_eq!(text.matches("error[").count(), Diagnostics::CAP);
    assert!(text.ends_with("\nand 10 more, not shown\n"), "{text}");
}
