//! The files that are measured: made here, so that their size is seen.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The runbook that the manual shows.
pub(crate) const CANONICAL: &str = include_str!("../../runbooks/jwt-auth.runbook");

/// The canonical runbook with its declarations and its stages over and over, until there is a megabyte. What may be said only once is said once.
pub(crate) fn megabyte() -> Option<String> {
    let (head, rest) = CANONICAL.split_once("\nprovider ")?;
    let (declarations, rest) = rest.split_once("\nbefore rollout ")?;
    let (before, rest) = rest.split_once("\nrollout {")?;
    let (stages, rest) = rest.split_once("\n}\n")?;
    let declarations = format!("\nprovider {declarations}");
    let times = 1_000_000 / (declarations.len() + stages.len()) + 1;
    Some(format!(
        "{head}{}\nbefore rollout {before}\nrollout {{{}\n}}\n{rest}",
        declarations.repeat(times),
        stages.repeat(times)
    ))
}

/// Writes a file into the folder; its path.
pub(crate) fn file(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("the input is written");
    path
}

/// So many stages of so many steps that do nothing, each stage with a wait at its end if one is given, and a way back.
pub(crate) fn steps(stages: usize, each: usize, wait: Option<&str>) -> String {
    let mut text = String::from("runbook \"Many steps\"\nservice many\nrollout {\n");
    for stage in 0..stages {
        writeln!(text, "  stage s{stage} {{").expect("a string takes everything");
        for step in 0..each {
            writeln!(text, "    step s{stage}_{step} $ true").expect("a string takes everything");
        }
        if let Some(wait) = wait {
            writeln!(text, "    wait {wait}").expect("a string takes everything");
        }
        text.push_str("  }\n");
    }
    text.push_str("}\nrollback {\n  level back within 5m {\n    step back $ true\n  }\n}\n");
    text
}

/// So many steps that do nothing, all at once, and a way back.
pub(crate) fn parallel_steps(steps: usize) -> String {
    let mut text = String::from(
        "runbook \"Many at once\"\nservice many\nrollout {\n  stage only {\n    parallel {\n",
    );
    for step in 0..steps {
        writeln!(text, "      step s{step} $ true").expect("a string takes everything");
    }
    text.push_str(
        "    }\n  }\n}\nrollback {\n  level back within 5m {\n    step back $ true\n  }\n}\n",
    );
    text
}

/// So many recipes that each start a shell, all of which `all` needs.
pub(crate) fn parallel_makefile(recipes: usize) -> String {
    let mut text = String::from("all:");
    for recipe in 0..recipes {
        write!(text, " r{recipe}").expect("a string takes everything");
    }
    for recipe in 0..recipes {
        write!(text, "\nr{recipe}:\n\t@sh -c true").expect("a string takes everything");
    }
    text.push('\n');
    text
}

/// A recipe of so many lines.
pub(crate) fn makefile(lines: usize) -> String {
    let mut text = String::from("all:\n");
    for line in 0..lines {
        writeln!(text, "\ttrue step {line}").expect("a string takes everything");
    }
    text
}
