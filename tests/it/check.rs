//! From tree to plan: every input file in `check/` with its plan or what is said about it, the values of parameters, and the
//! pages of diagnostics.

use std::collections::BTreeMap;
use std::path::Path;

use insta::{assert_json_snapshot, assert_snapshot, glob};
use runbook::diag::Diagnostics;
use runbook::diag::render::{Look, render};
use runbook::plan::{self, Plan};
use runbook::source::{SourceFile, Sources};
use runbook::syntax;

/// Reads an input file under its bare name.
fn source(path: &Path) -> SourceFile {
    let name = path.file_name().expect("a file").to_string_lossy();
    let bytes = std::fs::read(path).expect("an input file");
    syntax::decode(&name, bytes).expect("the input files of this folder are text")
}

/// All that is said about a file.
fn said(file: &SourceFile, found: &Diagnostics) -> String {
    let sources = Sources::single(file.clone());
    render(found, &sources, Look::default())
}

/// The values that a file's own comments give: `# --param version=2.4.0`.
fn params(file: &SourceFile) -> BTreeMap<String, String> {
    let lines = file.text().lines();
    let given = lines.filter_map(|line| line.strip_prefix("# --param "));
    given
        .filter_map(|text| text.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// The whole way: text, tree, checked file, plan.
pub(super) fn plan_of(file: &SourceFile) -> Result<Plan, Diagnostics> {
    match plan::check_file(file) {
        (Some(checked), found) if found.is_empty() => {
            let mut plan = plan::build(&checked, &params(file), file)?;
            let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/check/calendars");
            let found = plan::read_holidays(&checked, &mut plan, &mut |path| {
                std::fs::read_to_string(beside.join(path))
                    .map_err(|_| "there is no such file".into())
            });
            if found.is_empty() {
                Ok(plan)
            } else {
                Err(found)
            }
        }
        (_, found) => Err(found),
    }
}

#[test]
fn good_files_have_a_plan_and_nothing_is_said() {
    glob!("check/good/*.runbook", |path| {
        let file = source(path);
        match plan_of(&file) {
            Ok(plan) => assert_json_snapshot!(plan),
            Err(found) => panic!("{}", said(&file, &found)),
        }
    });
}

#[test]
fn bad_files_are_explained() {
    glob!("check/bad/*.runbook", |path| {
        let file = source(path);
        let found = plan_of(&file).expect_err("something is wrong with it");
        assert!(!found.is_empty());
        assert_snapshot!(format!(
            "{}\n{:-<80}\n{}",
            file.text(),
            "",
            said(&file, &found)
        ));
    });
}

#[test]
fn the_runbooks_of_the_project_have_plans() {
    let mut seen = 0;
    glob!("../..", "runbooks/*.runbook", |path| {
        let file = source(path);
        let (checked, found) = plan::check_file(&file);
        assert!(found.is_empty(), "{}", said(&file, &found));
        let checked = checked.expect("nothing was found");
        plan::with_examples(&checked, &file).expect("a plan");
        seen += 1;
    });
    assert!(seen >= 2, "saw {seen}");
}

#[test]
fn a_file_without_one_of_its_lines_is_explained_or_has_a_plan() {
    let mut seen = 0;
    for name in ["good/everything.runbook", "good/jwt_auth.runbook"] {
        let whole = source(
            &Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("tests/it/check")
                .join(name),
        );
        let lines: Vec<&str> = whole.text().lines().collect();
        for left_out in 0..lines.len() {
            let mut text = String::new();
            for (index, line) in lines.iter().enumerate() {
                if index != left_out {
                    text.push_str(line);
                    text.push('\n');
                }
            }
            let file = SourceFile::new("a.runbook", text);
            let (checked, found) = plan::check_file(&file);
            match checked {
                Some(checked) => {
                    assert!(!found.has_errors());
                    plan::with_examples(&checked, &file).expect("what was checked can be planned");
                }
                None => assert!(found.has_errors(), "line {} of {name}", left_out + 1),
            }
            seen += 1;
        }
    }
    assert!(seen > 250, "saw {seen}");
}

#[test]
fn mending_never_makes_a_file_worse_and_twice_is_once() {
    let (mut files, mut changes) = (0, 0);
    for folder in ["syntax/bad", "check/bad"] {
        let inputs = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/it")
            .join(folder);
        for entry in std::fs::read_dir(inputs).expect("a folder") {
            let path = entry.expect("an entry").path();
            let bytes = std::fs::read(&path).expect("an input file");
            let Ok(file) = syntax::decode("a.runbook", bytes) else {
                continue;
            };
            let (_, before) = plan::check_file(&file);
            let mended = plan::mend(&file);
            let (_, after) = plan::check_file(&mended.file);
            assert_eq!(after.len(), mended.left.len(), "{}", path.display());
            if mended.changes == 0 {
                assert_eq!(mended.file.text(), file.text());
                assert_eq!(after.len(), before.len());
            }
            let again = plan::mend(&mended.file);
            assert_eq!(again.changes, 0, "{}", path.display());
            files += 1;
            changes += mended.changes;
        }
    }
    assert!(files > 80 && changes > 30, "{changes} in {files}");
}
