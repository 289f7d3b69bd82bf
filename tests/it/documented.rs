//! The runbooks that the README and `docs/` show: each is fine, and in the one form.

use std::path::{Path, PathBuf};

use crate::program::Place;

fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = std::fs::read_dir(root.join("docs")).expect("the folder is there");
    let mut all: Vec<PathBuf> = docs.map(|entry| entry.expect("an entry").path()).collect();
    all.push(root.join("README.md"));
    all.sort();
    all
}

/// The blocks that are whole runbooks.
fn runbooks(page: &str) -> Vec<&str> {
    let blocks = page.split("\n```runbook\n").skip(1);
    let texts = blocks.map(|block| block.split("```\n").next().expect("the block"));
    texts.filter(|text| text.contains("runbook \"")).collect()
}

#[test]
fn what_the_pages_show_is_fine_and_in_form() {
    let place = Place::new();
    let mut seen = 0;
    for page in pages() {
        let text = std::fs::read_to_string(&page).expect("the page is read");
        for shown in runbooks(&text) {
            place.write("shown.runbook", shown);
            for words in [
                ["check", "shown.runbook"].as_slice(),
                &["fmt", "--check", "--diff", "shown.runbook"],
            ] {
                let said = place.call(words);
                assert_eq!(
                    said.status,
                    Some(0),
                    "{}, {words:?}:\n{}{}",
                    page.display(),
                    said.out,
                    said.err
                );
            }
            seen += 1;
        }
    }
    assert_eq!(seen, 6, "so many runbooks are shown");
}
