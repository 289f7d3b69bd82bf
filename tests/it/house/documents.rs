//! The documents keep pace with the code: the code map has every module, and what the README says to type is what is run.
//! It must not judge their wording.

use super::{File, assert_none, project};

/// The most lines that the map may have: it is read in one sitting.
const MAP: usize = 150;

fn find<'f>(files: &'f [File], path: &str) -> &'f File {
    files
        .iter()
        .find(|file| file.path == path)
        .expect("a document that the house has")
}

/// The names of the entries right under `src/`: `engine/` for a folder, `source.rs` for a file, a folder's own file left out.
fn entries_of_src(files: &[File]) -> Vec<String> {
    let mut entries: Vec<String> = files
        .iter()
        .filter_map(|file| file.path.strip_prefix("src/"))
        .map(|path| match path.split_once('/') {
            Some((folder, _)) => format!("{folder}/"),
            None => path.to_owned(),
        })
        .collect();
    entries.sort();
    entries.dedup();
    let folders = entries.clone();
    entries.retain(|entry| !folders.contains(&format!("{}/", entry.trim_end_matches(".rs"))));
    entries
}

/// Complaints about a code map that is too long or leaves an entry of `src/` out.
fn incomplete(map: &str, entries: &[String]) -> Vec<String> {
    let mut complaints: Vec<String> = entries
        .iter()
        .filter(|entry| !map.contains(&format!("`{entry}`")))
        .map(|entry| format!("`{entry}` is not in the code map"))
        .collect();
    if map.lines().count() > MAP {
        complaints.push(format!("{} lines, at most {MAP}", map.lines().count()));
    }
    complaints
}

/// The code blocks of a language in a document.
fn blocks(document: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut lines = document.lines();
    while let Some(line) = lines.next() {
        if let Some(opened) = line.strip_prefix("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            if opened == language {
                blocks.push(block.join("\n") + "\n");
            }
        }
    }
    blocks
}

/// The entries under `## Unreleased`, which must be the first section.
fn unreleased(changelog: &str) -> Vec<&str> {
    let mut sections = changelog
        .lines()
        .skip_while(|line| !line.starts_with("## "));
    if sections.next() != Some("## Unreleased") {
        return Vec::new();
    }
    sections
        .take_while(|line| !line.starts_with("## "))
        .filter(|line| line.starts_with("- "))
        .collect()
}

#[test]
fn the_code_map_has_every_module() {
    let files = project();
    let entries = entries_of_src(&files);
    assert!(entries.len() >= 2, "saw {} entries", entries.len());
    let map = &find(&files, "ARCHITECTURE.md").text;
    assert_none("ARCHITECTURE.md", &incomplete(map, &entries));
}

#[test]
fn the_readme_says_what_is_run() {
    let files = project();
    let commands = blocks(&find(&files, "README.md").text, "sh").concat();
    let commands: Vec<&str> = commands.lines().collect();
    let script = &find(&files, ".ci/run").text;
    assert!(
        commands.contains(&"cargo run --release -- demo"),
        "{commands:?}"
    );
    assert!(commands.contains(&"cargo test"), "{commands:?}");
    assert!(script.lines().any(|line| line == "cargo test"));
}

#[test]
fn the_changelog_says_what_is_new() {
    let files = project();
    let entries = unreleased(&find(&files, "CHANGELOG.md").text).len();
    assert!(entries >= 1, "nothing under `## Unreleased`");
}

#[test]
fn the_checker_sees_a_map_with_a_hole() {
    let files = [
        File::new("src/lib.rs", ""),
        File::new("src/plan.rs", ""),
        File::new("src/plan/show.rs", ""),
        File::new("src/tricks.rs", ""),
    ];
    let entries = entries_of_src(&files);
    assert_eq!(entries, ["lib.rs", "plan/", "tricks.rs"]);
    let map = "`lib.rs` `plan/`\n".repeat(MAP + 1);
    assert_eq!(incomplete(&map, &entries).len(), 2);
}

#[test]
fn the_checker_reads_blocks_and_sections() {
    let text = "```sh\na\nb\n```\nc\n```\n```sh\n```\n```sh\nd\n```";
    assert_eq!(blocks(text, "sh"), ["a\nb\n", "d\n"]);
    assert_eq!(
        unreleased("# X\n## Unreleased\n- a\n\n- b\n## 0.1\n- c"),
        ["- a", "- b"]
    );
    assert!(unreleased("# X\n## 0.1\n- c\n## Unreleased\n- a").is_empty());
}
