//! Migrations on a disk: found beside the runbook, before every run, and kept with it.

use std::os::unix::fs::symlink;

use crate::program::{Place, run_named_in};

/// A runbook whose check reads `pattern`.
fn runbook(pattern: &str) -> String {
    format!(
        "runbook \"Schema\"\nservice api\n\nbefore rollout {{\n  check \"Migrations are compatible\" migrations \"{pattern}\"\n}}\n\nrollout {{\n  stage all {{\n    step mark $ echo done > marked\n  }}\n}}\n\nrollback {{\n  level back within 4m {{\n    step unmark timeout 1m $ rm marked\n  }}\n}}\n"
    )
}

const ADDS: &str = "alter table users add column email text;\n";
const DROPS: &str = "alter table users drop column nickname;\n";

#[test]
fn what_a_migration_takes_away_stops_the_run_until_it_is_accepted() {
    let place = Place::new();
    std::fs::create_dir_all(place.at("project/.git")).expect("a folder");
    std::fs::create_dir_all(place.at("project/db")).expect("a folder");
    place.write("project/a.runbook", &runbook("db/*.sql"));
    place.write("project/db/0001.sql", ADDS);
    place.write("project/db/0002.sql", DROPS);
    place.write("project/db/notes.txt", DROPS);
    for word in ["check", "plan", "run"] {
        let ran = place.call(&[word, "project/a.runbook"]);
        assert_eq!(ran.status, Some(1), "{word}: {}", ran.err);
        let found = "error[migration-drops]: column `nickname` of users is dropped";
        assert_eq!(ran.err.matches(found).count(), 1, "{word}: {}", ran.err);
        let at = "project/db/0002.sql:1:31";
        assert!(ran.err.contains(at), "{word}: {}", ran.err);
    }
    assert!(!place.at("project/marked").exists(), "nothing was run");

    let accepts = format!("-- waive migration-drops \"unused since 2.3\"\n{DROPS}");
    place.write("project/db/0002.sql", &accepts);
    let checked = place.call(&["check", "project/a.runbook"]);
    assert_eq!(checked.status, Some(0), "{}", checked.err);
    let looked = "Migrations are compatible  migrations db/*.sql (2 files, project/db/0001.sql to project/db/0002.sql)";
    let accepted = "migration-drops (project/db/0002.sql, line 1): column `nickname` of users is dropped; accepted: unused since 2.3";
    let plan = place.call(&["plan", "project/a.runbook"]);
    assert!(plan.out.contains(looked), "{}", plan.out);
    assert!(plan.out.contains(accepted), "{}", plan.out);
    let ran = place.call(&["run", "project/a.runbook", "--non-interactive"]);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    assert!(ran.err.contains(looked), "{}", ran.err);
    assert!(ran.err.contains(accepted), "{}", ran.err);
    // The journal has what was looked at, whatever becomes of the files.
    place.write("project/db/0002.sql", "drop table users;\n");
    let log = place.call(&["log", &run_named_in(&ran.err)]);
    assert!(log.err.contains(looked), "{}", log.err);
    assert!(log.err.contains(accepted), "{}", log.err);
}

#[test]
fn a_pattern_that_finds_nothing_or_leads_out_is_said() {
    let place = Place::new();
    for folder in ["project/.git", "project/db/more", "other"] {
        std::fs::create_dir_all(place.at(folder)).expect("a folder");
    }
    place.write("other/0001.sql", ADDS);
    place.write("project/db/more/0001.sql", DROPS);
    let said = |pattern: &str| {
        place.write("project/a.runbook", &runbook(pattern));
        let ran = place.call(&["check", "project/a.runbook"]);
        assert_eq!(ran.status, Some(1), "{pattern}: {}", ran.err);
        ran.err
    };
    let cases = [
        ("db/*.sql", "no file is like `db/*.sql`"),
        ("sql/*.sql", "project/sql, which is not there"),
        ("../other/*.sql", "this leads out of it"),
        ("db/**/*.sql", "error[migration-drops]"),
        ("db/*/0001.sql", "error[migration-drops]"),
    ];
    for (pattern, wanted) in cases {
        let said = said(pattern);
        assert!(said.contains(wanted), "{pattern}: {said}");
    }
    symlink(place.at("other/0001.sql"), place.at("project/db/0001.sql")).expect("a link");
    let said = said("db/*.sql");
    assert!(
        said.contains("a symbolic link on the way leads to"),
        "{said}"
    );
}

#[test]
fn a_statement_that_no_stack_holds_is_not_looked_at() {
    let place = Place::new();
    std::fs::create_dir_all(place.at("project/.git")).expect("a folder");
    std::fs::create_dir_all(place.at("project/db")).expect("a folder");
    place.write("project/a.runbook", &runbook("db/*.sql"));
    let chain = |terms: usize| format!("{ADDS}select 1{};\n", " + 1".repeat(terms));
    place.write("project/db/0001.sql", &chain(100_000));
    let ran = place.call(&["check", "project/a.runbook"]);
    assert_eq!(ran.status, Some(1), "{}", ran.err);
    assert!(
        ran.err
            .contains("this statement is too long to be looked at"),
        "{}",
        ran.err
    );
    assert!(
        ran.err
            .contains("no more than 5000 words without a comma are looked at"),
        "{}",
        ran.err
    );
    place.write("project/db/0001.sql", &chain(2_000));
    let ran = place.call(&["check", "project/a.runbook"]);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
}

#[test]
fn bytes_that_are_no_text_are_said() {
    let place = Place::new();
    std::fs::create_dir_all(place.at("db")).expect("a folder");
    place.write("a.runbook", &runbook("db/*.sql"));
    std::fs::write(place.at("db/1.sql"), b"-- caf\xe9\n").expect("a file");
    let ran = place.call(&["check", "a.runbook"]);
    assert_eq!(ran.status, Some(1), "{}", ran.err);
    assert!(
        ran.err.contains("db/1.sql is not UTF-8 text"),
        "{}",
        ran.err
    );
}
