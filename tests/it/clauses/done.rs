//! Clauses that are seen in what a run leaves behind: the file is run, with real commands, and run again without the clause.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Row, Shown, inputs, rows};
use crate::program::Place;

/// What a run left behind: its status, and every file beside the runbook, with its text.
#[derive(PartialEq, Debug)]
struct Left {
    status: Option<i32>,
    files: BTreeMap<String, String>,
}

fn files_below(folder: &Path, root: &Path, files: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path
            .strip_prefix(root)
            .expect("below")
            .to_string_lossy()
            .into_owned();
        if name == "state" || name == "it.runbook" || name.starts_with(".") {
            continue;
        }
        if path.is_dir() {
            files.insert(name, String::new());
            files_below(&path, root, files);
        } else {
            let text = std::fs::read_to_string(&path).expect("a text");
            // What is logged begins with its time and the run.
            let heads = if name.ends_with(".log") { 2 } else { 0 };
            let told = |line: &str| line.splitn(heads + 1, ' ').skip(heads).collect::<String>();
            let told: Vec<String> = text.lines().map(told).collect();
            files.insert(name, told.join("\n"));
        }
    }
}

/// Runs the file in a place of its own.
fn left_by(text: &str) -> Result<Left, String> {
    let place = Place::new();
    place.write("it.runbook", text);
    for (name, text) in [
        ("token", "hunter2-and-more"),
        ("other", "hunter3-and-more"),
        ("load", "0.5"),
        ("idle", "0.01"),
        ("steady", "3"),
        ("whole", "50"),
        ("word", "yes"),
        ("ready", ""),
        ("flag", "0"),
    ] {
        place.write(name, text);
    }
    std::fs::create_dir(place.at("deep")).expect("a folder");
    place.write("deep/inside", "");
    let ran = place.call(&["run", "it.runbook", "--non-interactive"]);
    // What is wrong with the file, or with how it is called, is no run.
    if matches!(ran.status, None | Some(1 | 2)) {
        return Err(ran.err);
    }
    let mut files = BTreeMap::new();
    files_below(&place.at(""), &place.at(""), &mut files);
    Ok(Left {
        status: ran.status,
        files,
    })
}

/// What is wrong with a row; nothing when it shows something.
fn seen(row: &Row, body: &str, whole: &Left) -> Option<String> {
    match left_by(&row.carried_out(body)) {
        Err(why) => Some(format!("{}: {why}", row.told())),
        Ok(left) if left == *whole => Some(format!("{}: the same is left behind", row.told())),
        Ok(_) => None,
    }
}

pub(super) fn shown() -> Shown {
    let mut shown = Shown::new();
    let mut wrong = Vec::new();
    for (name, text) in inputs("done") {
        let (rows, body) = rows(&text);
        let whole = left_by(&body).unwrap_or_else(|why| panic!("{name}: {why}"));
        let again = left_by(&body).unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_eq!(whole, again, "{name} leaves the same behind every time");
        std::thread::scope(|scope| {
            let shares: Vec<_> = rows
                .chunks(rows.len().div_ceil(8))
                .map(|share| {
                    let (body, whole) = (&body, &whole);
                    scope.spawn(move || {
                        let one = |row: &Row| {
                            (row.clause.clone(), row.old.clone(), seen(row, body, whole))
                        };
                        share.iter().map(one).collect::<Vec<_>>()
                    })
                })
                .collect();
            for share in shares {
                for (clause, old, trouble) in share.join().expect("no row panics") {
                    match trouble {
                        Some(trouble) => wrong.push(format!("{name}: {trouble}")),
                        None => shown.entry(clause).or_default().push(format!(
                            "`clauses/done/{name}` without `{}`",
                            old.replace('\n', " ")
                        )),
                    }
                }
            }
        });
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    shown
}
