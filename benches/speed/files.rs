//! Rows about `check` and `fmt` over many files and over large ones. Our side and the peer's are made of like content: as many files, or as many
//! bytes, of declarations and short blocks.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::folders::folder;
use crate::inputs;
use crate::measure::{Pairs, pairs};
use crate::programs::{find, processors, resident, run, runbook};
use crate::releases::{alike, distinct};
use crate::table::{Limit, Outcome, Row, ms};

/// How many files there are.
const FILES: usize = 10_000;

/// So many files of fifty lines below a folder of their own, a thousand a folder.
fn many(folder: &Path, ending: &str, files: usize, text: impl Fn(usize) -> String) -> PathBuf {
    let root = folder.join(format!("{ending}-{files}"));
    for number in 0..files {
        let file = file_of(&root, number, ending);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(&file, text(number)).expect("a folder that can be written");
    }
    root
}

/// A thousand in each folder.
fn file_of(root: &Path, number: usize, ending: &str) -> PathBuf {
    root.join(format!("{}/f{number}.{ending}", number / 1_000))
}

/// A program of fifty lines: functions of two statements. Valid Python and Starlark.
fn program(number: usize) -> String {
    let mut text = String::new();
    for part in 0..12 {
        writeln!(
            text,
            "def step_{number}_{part}(version, percent):\n    limit = percent * {part} + 1\n    return [version, limit]\n"
        )
        .expect("a string takes everything");
    }
    text.push_str("STAGES = [\"canary\", \"full\"]\nLIMIT = 5\n");
    text
}

fn row(what: &'static str, pairs: &Pairs, peer: &str, most: f64) -> Row {
    Row {
        what,
        sides: format!("{}, {peer} {}", ms(pairs.ours), ms(pairs.other)),
        figure: pairs.ratio,
        unit: "x",
        limit: Limit::AtMost(most),
    }
}

/// Ten thousand files of fifty lines, a second.
fn a_second(what: &'static str, text: impl Fn(usize) -> String) -> Outcome {
    let folder = folder();
    let ours = many(folder.path(), "runbook", FILES, text);
    let measured = pairs(
        3,
        || run(runbook().arg("check").arg(&ours)),
        || run(&mut Command::new("true")),
    );
    Ok(Row {
        what,
        sides: format!("{} on {} processors", ms(measured.ours), processors()),
        figure: FILES as f64 / measured.ours.as_secs_f64(),
        unit: "",
        limit: Limit::AtLeast(10_000.0),
    })
}

/// No two of them alike: each is proved by itself.
pub(crate) fn many_files() -> Outcome {
    a_second(
        "check of 10,000 distinct files of 50 lines: files a second",
        distinct,
    )
}

/// All of them alike but for their names: what is proved of one is proved of all.
pub(crate) fn many_files_alike() -> Outcome {
    a_second(
        "check of 10,000 files of 50 lines that differ in names: files a second",
        alike,
    )
}

/// The same against `starlark --check` of as many programs.
pub(crate) fn many_files_against_starlark() -> Outcome {
    let starlark = find("starlark")?;
    let folder = folder();
    let ours = many(folder.path(), "runbook", FILES, distinct);
    let theirs = many(folder.path(), "star", FILES, program);
    // Of a folder it says "0 files" and is content.
    let theirs = (0..FILES).map(|number| file_of(&theirs, number, "star"));
    let theirs: Vec<PathBuf> = theirs.collect();
    let pairs = pairs(
        3,
        || run(runbook().arg("check").arg(&ours)),
        || run(Command::new(&starlark).arg("--check").args(&theirs)),
    );
    Ok(row(
        "check of those files / starlark --check",
        &pairs,
        "starlark",
        1.0,
    ))
}

/// The same against `ruff check` of as many programs.
pub(crate) fn many_files_against_ruff() -> Outcome {
    let ruff = find("ruff")?;
    let folder = folder();
    let ours = many(folder.path(), "runbook", FILES, distinct);
    let theirs = many(folder.path(), "py", FILES, program);
    let pairs = pairs(
        5,
        || run(runbook().arg("check").arg(&ours)),
        || {
            run(Command::new(&ruff)
                .args(["check", "--isolated", "--no-cache", "--select", "F,E9"])
                .arg(&theirs))
        },
    );
    Ok(row(
        "check of those files / ruff check --select F,E9",
        &pairs,
        "ruff",
        2.0,
    ))
}

/// What ten thousand files have resident, through what a thousand have.
pub(crate) fn memory_of_many_files() -> Outcome {
    let folder = folder();
    let few = many(folder.path(), "runbook", FILES / 10, distinct);
    let all = many(folder.path(), "runbook", FILES, distinct);
    let few = resident(runbook().arg("check").arg(&few))?;
    let all = resident(runbook().arg("check").arg(&all))?;
    Ok(Row {
        what: "resident memory: 10,000 files / 1,000 files",
        sides: format!("{all:.1} MiB, {few:.1} MiB"),
        figure: all / few,
        unit: "x",
        limit: Limit::AtMost(1.5),
    })
}

/// A megabyte of runbook against a megabyte of recipes.
pub(crate) fn large_file_against_just() -> Outcome {
    let just = find("just")?;
    let folder = folder();
    let ours = inputs::file(folder.path(), "large.runbook", &large(1)?);
    let mut recipes = String::new();
    for number in 0.. {
        if recipes.len() >= 1_000_000 {
            break;
        }
        writeln!(
            recipes,
            "# Deploys part {number}.\ndeploy-{number} version percent=\"10\":\n    ./deploy --part {number} --percent {{{{percent}}}}\n"
        )
        .expect("a string takes everything");
    }
    let theirs = inputs::file(folder.path(), "justfile", &recipes);
    let pairs = pairs(
        10,
        || run(runbook().arg("check").arg(&ours)),
        || {
            run(Command::new(&just)
                .args(["--summary", "--justfile"])
                .arg(&theirs))
        },
    );
    Ok(row(
        "check of a file of 1 MB / just --summary",
        &pairs,
        "just",
        1.0,
    ))
}

/// Ten times the size: at most eleven times as long.
pub(crate) fn ten_times_the_size() -> Outcome {
    let folder = folder();
    let whole = inputs::file(folder.path(), "whole.runbook", &large(1)?);
    let tenth = inputs::file(folder.path(), "tenth.runbook", &large(10)?);
    let pairs = pairs(
        10,
        || run(runbook().arg("check").arg(&whole)),
        || run(runbook().arg("check").arg(&tenth)),
    );
    Ok(row(
        "check of 1 MB / check of 0.1 MB",
        &pairs,
        "a tenth",
        11.0,
    ))
}

/// The form of a megabyte against taplo's, of as much TOML.
pub(crate) fn form_against_taplo() -> Outcome {
    let taplo = find("taplo")?;
    let folder = folder();
    let ours = inputs::file(folder.path(), "large.runbook", &large(1)?);
    run(runbook().arg("fmt").arg(&ours));
    let mut toml = String::new();
    for number in 0.. {
        if toml.len() >= 1_000_000 {
            break;
        }
        writeln!(
            toml,
            "# Part {number}.\n[stage.s{number}]\ntitle = \"Deploy part {number}\"\nexpose = {number}\nwait = \"2h\"\nsteps = [\"deploy\", \"verify\"]\n"
        )
        .expect("a string takes everything");
    }
    let theirs = inputs::file(folder.path(), "large.toml", &toml);
    run(Command::new(&taplo).arg("fmt").arg(&theirs));
    let pairs = pairs(
        10,
        || run(runbook().arg("fmt").arg("--check").arg(&ours)),
        || run(Command::new(&taplo).args(["fmt", "--check"]).arg(&theirs)),
    );
    Ok(row(
        "fmt --check of 1 MB / taplo fmt --check",
        &pairs,
        "taplo",
        1.0,
    ))
}

/// A valid runbook of a megabyte, or of that part of it: stages of steps with their clauses, documented.
fn large(part: usize) -> Result<String, String> {
    let mut text =
        String::from("runbook \"Large\"\n\nservice large\n\nparam version: version\n\nrollout {\n");
    for stage in 0.. {
        if text.len() >= 1_000_000 / part {
            break;
        }
        writeln!(
            text,
            "  # Part {stage}.\n  stage s{stage} \"Deploy part {stage}\" {{"
        )
        .expect("a string takes everything");
        for step in 0..4 {
            writeln!(
                text,
                "    step deploy_{stage}_{step} timeout 5m retry 2 every 30s $ ./deploy --part {stage}.{step} \"$version\""
            )
            .expect("a string takes everything");
        }
        text.push_str("    wait 10m\n  }\n");
    }
    text.push_str(
        "}\n\nrollback {\n  level back within 5m {\n    step back $ ./deploy --back\n  }\n}\n",
    );
    Ok(text)
}
