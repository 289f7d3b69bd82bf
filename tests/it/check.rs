//! From tree to plan: every input file in `check/` with its plan or what is said about it, the values of parameters, and the
//! pages of diagnostics.

use std::collections::BTreeMap;
use std::path::Path;

use insta::{assert_json_snapshot, assert_snapshot};
use runbook::ast::FileKind;
use runbook::check::Checked;
use runbook::diag::Diagnostics;
use runbook::diag::render::{Look, render};
use runbook::link::{AtHand, STANDARD};
use runbook::plan::{self, Plan};
use runbook::prove::{Shapes, prove_all};
use runbook::source::SourceFile;
use runbook::syntax;

use crate::inputs::glob;

/// Reads an input file under its bare name.
fn source(path: &Path) -> SourceFile {
    let name = path.file_name().expect("a file").to_string_lossy();
    let bytes = std::fs::read(path).expect("an input file");
    syntax::decode(&name, bytes).expect("the input files of this folder are text")
}

/// The files beside an input, which it may use.
fn beside(path: &Path) -> AtHand {
    let mut files = AtHand::alone(&source(path));
    let settings = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/check/settings");
    let stem = path.with_extension("toml");
    let settings = settings.join(stem.file_name().expect("a file"));
    if let Ok(text) = std::fs::read_to_string(settings) {
        files = files.with("runbook.toml", text);
    }
    let folder = path.parent().expect("a folder");
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [
        ("", folder.to_path_buf()),
        ("lib/", folder.join("lib")),
        ("templates/", project.join("tests/it/check/templates")),
        ("sql/", project.join("tests/it/check/sql")),
        ("db/", project.join("tests/it/check/migrations")),
    ];
    for (prefix, folder) in folders {
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        for entry in entries.map(|entry| entry.expect("an entry").path()) {
            if entry
                .extension()
                .is_some_and(|end| end == "runbook" || end == "md" || end == "sql")
            {
                let name = entry.file_name().expect("a file").to_string_lossy();
                let text = std::fs::read_to_string(&entry).expect("a library");
                files = files.with(format!("{prefix}{name}"), text);
            }
        }
    }
    files
}

/// All that is said about a file.
fn said(read: &plan::Read) -> String {
    render(&read.found, &read.sources, Look::default())
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

/// The whole way of a file that uses none but those inside the program.
pub(super) fn plan_of(file: &SourceFile) -> Result<Plan, Diagnostics> {
    plan_with(file, &AtHand::alone(file)).map_err(|read| read.found)
}

/// What the proof of a file without other findings finds.
fn proved(read: &plan::Read, file: &SourceFile) -> Diagnostics {
    let Some(checked) = &read.checked else {
        return Diagnostics::new();
    };
    let plan = plan::with_examples(checked, file).expect("what was checked can be planned");
    let with = (&read.sources, &Shapes::default());
    prove_all(checked, (&plan, &read.cases), with).found
}

/// The same with the proof, which is the last that `check` does.
pub(super) fn proved_with(file: &SourceFile, files: &AtHand) -> Result<Plan, Box<plan::Read>> {
    let plan = plan_with(file, files)?;
    let mut read = plan::check_files(file, files);
    read.found = proved(&read, file);
    if read.found.is_empty() {
        Ok(plan)
    } else {
        Err(Box::new(read))
    }
}

/// What is found beside the lints: an input about one rule is small, and is no good rollout.
pub(super) fn without_lints(found: &Diagnostics) -> Diagnostics {
    let mut rest = Diagnostics::new();
    for one in found.iter().filter(|one| !plan::is_lint(one)) {
        rest.push(one.clone());
    }
    rest.sort();
    rest
}

/// The whole way: texts, trees, checked file, plan.
pub(super) fn plan_with(file: &SourceFile, files: &AtHand) -> Result<Plan, Box<plan::Read>> {
    let mut read = plan::check_files(file, files);
    let with_lints = read.found;
    read.found = without_lints(&with_lints);
    if read.checked.is_none() && with_lints.is_empty() {
        let read = plan::read_files(file, files);
        return Err(Box::new(read));
    }
    match &read.checked {
        Some(checked) if read.found.is_empty() => {
            let planned = plan::build(checked, &params(file), file);
            let planned = planned.and_then(|plan| with_holidays(checked, plan));
            planned.map_err(|found| Box::new(plan::Read { found, ..read }))
        }
        _other => {
            read.found = with_lints;
            Err(Box::new(read))
        }
    }
}

/// The same, with what the lints and the proof say.
fn strictly(file: &SourceFile, files: &AtHand) -> Result<Plan, Box<plan::Read>> {
    let mut read = plan::check_files(file, files);
    if without_lints(&read.found).is_empty() {
        let of_proof = proved(&read, file);
        if !of_proof.is_empty() {
            read.found.extend(of_proof);
            read.found.sort();
            return Err(Box::new(read));
        }
    }
    plan_with(file, files)?;
    match &read.checked {
        Some(checked) if read.found.is_empty() => {
            let judged = plan::judged(checked, &params(file), file);
            let planned = judged.and_then(|(plan, said)| {
                assert!(said.is_empty(), "`check` has said nothing");
                with_holidays(checked, plan)
            });
            planned.map_err(|found| Box::new(plan::Read { found, ..read }))
        }
        _other => Err(Box::new(read)),
    }
}

/// A plan with the files of days off that it names.
fn with_holidays(checked: &Checked, mut plan: Plan) -> Result<Plan, Diagnostics> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/check/calendars");
    let found = plan::read_holidays(checked, &mut plan, &mut |path, _| {
        std::fs::read_to_string(beside.join(path)).map_err(|_| "there is no such file".into())
    });
    if found.is_empty() {
        Ok(plan)
    } else {
        Err(found)
    }
}

#[test]
fn good_files_have_a_plan_and_nothing_is_said() {
    glob!("check/good/*.runbook", |path| {
        let file = source(path);
        match strictly(&file, &beside(path)) {
            Ok(plan) => assert_json_snapshot!(plan),
            Err(read) => panic!("{}", said(&read)),
        }
    });
}

#[test]
fn bad_files_are_explained() {
    glob!("check/bad/*.runbook", |path| {
        let file = source(path);
        let read = strictly(&file, &beside(path)).expect_err("something is wrong with it");
        assert!(!read.found.is_empty());
        assert_snapshot!(format!("{}\n{:-<80}\n{}", file.text(), "", said(&read)));
    });
}

#[test]
fn what_a_proof_cannot_hold_is_refused_by_its_number() {
    let lines = |count: usize, line: &dyn Fn(usize) -> String| -> String {
        (0..count)
            .map(|number| format!("{}\n", line(number)))
            .collect()
    };
    let said = |strands: usize, levels: usize| {
        let text = format!(
            "runbook \"Many\"\nservice many\nrollout {{\n  stage all {{\n    parallel {{\n{}    }}\n  }}\n}}\nrollback {{\n{}}}\n",
            lines(strands, &|number| format!("      step s{number} $ true")),
            lines(levels, &|number| format!(
                "  level l{number} within 5m {{\n    step back{number} $ true\n  }}"
            )),
        );
        let read = plan::check_file(&SourceFile::new("many.runbook", text)).1;
        let all = read.iter().map(|one| (one.name, one.message.clone()));
        all.filter(|(name, _)| *name == "out-of-range")
            .map(|(_, message)| message)
            .collect::<Vec<_>>()
    };
    assert_eq!(said(256, 100), Vec::<String>::new());
    assert_eq!(
        said(257, 1),
        ["this is one strand more than `parallel` can have"]
    );
    assert_eq!(
        said(2, 101),
        ["this is one level more than a runbook can have"]
    );
    let asked = |metrics: usize| {
        let text = format!(
            "runbook \"Many\"\nservice many\n{}rollout {{\n  stage all {{\n    wait 1h\n  }}\n}}\n",
            lines(metrics, &|number| format!(
                "metric m{number} {{\n  $ ./figure\n  unit count\n}}"
            )),
        );
        let read = plan::check_file(&SourceFile::new("many.runbook", text)).1;
        let all = read.iter().filter(|one| one.name != "never-read");
        let all = all.map(|one| one.message.clone());
        all.collect::<Vec<_>>()
    };
    assert_eq!(asked(1_000), Vec::<String>::new());
    assert_eq!(
        asked(1_001),
        ["this is one metric more than a runbook can have"]
    );
}

#[test]
fn what_no_shell_could_be_started_with_is_refused() {
    let said = |bytes: usize| {
        let text = format!(
            "runbook \"Long\"\nservice long\nrollout {{\n  stage all {{\n    step s $ echo {}\n  }}\n}}\nrollback {{\n  level back within 5m {{\n    step back $ true\n  }}\n}}\n",
            "a".repeat(bytes - 5)
        );
        let read = plan::check_file(&SourceFile::new("long.runbook", text)).1;
        let all = read.iter().map(|one| (one.name, one.message.clone()));
        all.collect::<Vec<_>>()
    };
    assert_eq!(said(128 * 1024 - 1), []);
    let message = "this text has more than 128 KiB, and no shell could be started with it";
    assert_eq!(said(128 * 1024), [("out-of-range", message.to_owned())]);
    // The parts of a block are one text.
    let block = |parts: usize| {
        let line = format!("      $ echo {}\n", "a".repeat(60_000));
        let text = format!(
            "runbook \"Long\"\nservice long\nrollout {{\n  stage all {{\n    step s {{\n{}    }}\n  }}\n}}\nrollback {{\n  level back within 5m {{\n    step back $ true\n  }}\n}}\n",
            line.repeat(parts)
        );
        let read = plan::check_file(&SourceFile::new("long.runbook", text)).1;
        let all = read.iter().map(|one| one.message.clone());
        all.collect::<Vec<_>>()
    };
    assert_eq!(block(2), Vec::<String>::new());
    let message =
        "these commands come to more than 128 KiB, and no shell could be started with them";
    assert_eq!(block(3), [message]);
    let longest = "a".repeat(128 * 1024 - 6);
    for (text, starts) in [(longest.clone(), true), (format!("{longest}a"), false)] {
        let script = format!("echo {text}");
        let ran = std::process::Command::new("/bin/sh")
            .args(["-c", &script])
            .output();
        assert_eq!(ran.is_ok(), starts, "{} bytes", script.len());
    }
}

#[test]
fn libraries_are_judged_by_themselves() {
    let mut seen = 0;
    glob!("check/good/lib/*.runbook", |path| {
        let file = source(path);
        let read = plan::check_files(&file, &beside(path));
        assert!(read.found.is_empty(), "{}", said(&read));
        assert!(read.checked.is_none(), "a library has no plan");
        seen += 1;
    });
    for (path, text) in STANDARD {
        let file = SourceFile::new(*path, *text);
        let read = plan::check_files(&file, &AtHand::alone(&file));
        assert!(read.found.is_empty(), "{}", said(&read));
        seen += 1;
    }
    assert!(seen >= 3, "saw {seen}");
    // Those that are wrong are explained with the files that use them.
    glob!("check/bad/lib/*.runbook", |path| {
        assert_eq!(syntax::parse(&source(path)).ast.kind, FileKind::Library);
    });
}

#[test]
fn the_runbooks_of_the_project_have_plans() {
    let mut seen = 0;
    glob!("../../runbooks/*.runbook", |path| {
        let file = source(path);
        let read = plan::check_files(&file, &beside(path));
        assert!(read.found.is_empty(), "{}", said(&read));
        assert!(read.checked.is_some(), "nothing was found");
        assert!(proved(&read, &file).is_empty(), "{}", path.display());
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
                    assert!(!without_lints(&found).has_errors());
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
            if path.is_dir() {
                continue;
            }
            let bytes = std::fs::read(&path).expect("an input file");
            let Ok(file) = syntax::decode("a.runbook", bytes) else {
                continue;
            };
            let (_, before) = plan::check_file(&file);
            let mended = plan::mend(&file, &AtHand::alone(&file));
            let (_, after) = plan::check_file(&mended.file);
            assert_eq!(after.len(), mended.left.len(), "{}", path.display());
            if mended.changes == 0 {
                assert_eq!(mended.file.text(), file.text());
                assert_eq!(after.len(), before.len());
            }
            let again = plan::mend(&mended.file, &AtHand::alone(&mended.file));
            assert_eq!(again.changes, 0, "{}", path.display());
            files += 1;
            changes += mended.changes;
        }
    }
    assert!(files > 80 && changes > 30, "{changes} in {files}");
}

/// What the README shows of findings is what is said about the inputs that it names.
#[test]
fn the_readme_shows_what_is_said() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).expect("a README");
    let mut shown = 0;
    for part in readme.split("<!-- err_").skip(1) {
        let (name, rest) = part.split_once(" -->\n```text\n").expect("a block of text");
        let (block, _) = rest.split_once("```").expect("its end");
        let path = root.join(format!("tests/it/check/bad/err_{name}.runbook"));
        let file = source(&path);
        let read = strictly(&file, &beside(&path)).expect_err("something is wrong with it");
        assert!(
            said(&read).contains(block),
            "the README shows of {name}\n{block}\nand it is\n{}",
            said(&read)
        );
        shown += 1;
    }
    assert!(shown >= 4, "saw {shown}");
}
