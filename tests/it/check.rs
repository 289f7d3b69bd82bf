//! From tree to plan: every input file in `check/` with its plan or what is said about it, the values of parameters, and the
//! pages of diagnostics.

use std::collections::BTreeMap;
use std::path::Path;

use insta::{assert_json_snapshot, assert_snapshot, glob};
use runbook::check::Checked;
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

/// All that is found in a file without values for its parameters.
pub(super) fn check(file: &SourceFile) -> (Option<Checked>, Diagnostics) {
    let parsed = syntax::parse(file);
    let mut found = parsed.diagnostics;
    if !parsed.readable {
        return (None, found);
    }
    let (checked, more) = plan::check_file(file, &parsed.ast);
    found.extend(more);
    found.sort();
    (checked.filter(|_| !found.has_errors()), found)
}

/// The whole way: text, tree, checked file, plan.
pub(super) fn plan_of(file: &SourceFile) -> Result<Plan, Diagnostics> {
    match check(file) {
        (Some(checked), found) if found.is_empty() => plan::build(&checked, &params(file), file),
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
        let (checked, found) = check(&file);
        assert!(found.is_empty(), "{}", said(&file, &found));
        let checked = checked.expect("nothing was found");
        plan::with_examples(&checked, &file).expect("a plan");
        seen += 1;
    });
    assert!(seen >= 2, "saw {seen}");
}
