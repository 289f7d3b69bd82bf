//! Clauses that are seen in virtual time: with the clause, the tests of its file hold; without it, one of them does not.

use super::{Shown, inputs, rows};

/// The names of the tests that do not hold; what is wrong, if the file does not pass `check`.
fn broken(name: &str, text: &str) -> Result<Vec<String>, String> {
    let (tested, _) = crate::trial::played(name, text).map_err(|found| {
        let all: Vec<_> = found.iter().map(|one| one.message.clone()).collect();
        all.join("; ")
    })?;
    let broken = tested.tests.iter().filter(|test| !test.failures.is_empty());
    Ok(broken.map(|test| test.name.clone()).collect())
}

pub(super) fn shown() -> Shown {
    let mut shown = Shown::new();
    let mut wrong = Vec::new();
    for (name, text) in inputs("played") {
        let (rows, body) = rows(&text);
        match broken(&name, &body) {
            Ok(broken) if broken.is_empty() => {}
            other => wrong.push(format!("{name} as it stands: {other:?}")),
        }
        for row in rows {
            match broken(&name, &row.carried_out(&body)) {
                Err(why) => wrong.push(format!("{name}: {}: {why}", row.told())),
                Ok(broken) => match broken.first() {
                    Some(test) => shown
                        .entry(row.clause)
                        .or_default()
                        .push(format!("`clauses/played/{name}`: \"{test}\"")),
                    None => wrong.push(format!(
                        "{name}: {}: every test holds all the same",
                        row.told()
                    )),
                },
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    shown
}
