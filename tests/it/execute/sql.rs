//! SQL that a step runs, up to the word that starts `psql`: one of our own stands in its place. With the real one, and a real database,
//! it is in `tests/real/postgres.rs`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use runbook::engine::Outcome;
use runbook::plan::{Command, Plan, Provider, ProviderId, ProviderKind, Secret, SecretSource, Sql};
use runbook::value::Millis;

use super::bench::{Bench, STEP, exited};
use super::plans::{step, with_step};

const ADDRESS: &str = "postgres://ann:hunter2-and-more@db.example.com:5433/app?sslmode=require";

/// A bench on which `psql` is this script, behind what notes its words, its variables and what it reads.
fn with_psql(script: &str) -> Bench {
    let mut bench = Bench::new();
    let bin = bench.path("bin");
    fs::create_dir(&bin).expect("a folder");
    let psql = bin.join("psql");
    let noted =
        "printf '%s\\n' \"$@\" >psql.words; env | grep ^PG | sort >psql.vars; cat >psql.read";
    fs::write(&psql, format!("#!/bin/sh\n{noted}\n{script}\n")).expect("a script");
    fs::set_permissions(&psql, fs::Permissions::from_mode(0o755)).expect("it can be run");
    let mut path = bin.into_os_string();
    path.push(":");
    path.push(std::env::var_os("PATH").expect("there is a PATH"));
    bench.environment = vec![
        ("PATH".into(), path),
        ("DATABASE_URL".into(), ADDRESS.into()),
    ];
    bench
}

fn plan(alone: Option<&str>) -> Plan {
    let sql = Sql {
        provider: ProviderId(0),
        file: "db/migrate.sql".to_owned(),
        sha256: String::new(),
        text: "alter table a add b int".to_owned(),
        alone: alone.map(str::to_owned),
    };
    Plan {
        secrets: vec![Secret {
            name: "db.postgres".to_owned(),
            from: SecretSource::Env("DATABASE_URL".to_owned()),
        }],
        providers: vec![Provider {
            id: ProviderId(0),
            name: "db".to_owned(),
            kind: ProviderKind::Postgres {
                address: "db.postgres".to_owned(),
            },
            headers: Vec::new(),
        }],
        ..with_step(step(Command::Sql { sql: Box::new(sql) }))
    }
}

#[test]
fn a_file_is_run_by_psql_which_is_told_the_address_by_variables_alone() {
    let bench = with_psql("echo runbook-sql[; echo \"I know hunter2-and-more\"");
    assert_eq!(bench.outcome(&plan(None), STEP), exited(0, ""));
    let read = |name: &str| fs::read_to_string(bench.path(name)).expect("it was noted");
    assert_eq!(
        read("psql.words"),
        "--no-psqlrc\n--quiet\n--no-password\n--set\nON_ERROR_STOP=1\n--single-transaction\n--file\n-\n"
    );
    assert_eq!(
        read("psql.vars"),
        "PGDATABASE=app\nPGHOST=db.example.com\nPGPASSWORD=hunter2-and-more\nPGPORT=5433\nPGSSLMODE=require\nPGUSER=ann\n"
    );
    assert_eq!(
        read("psql.read"),
        "\\echo 'runbook-sql[run-1] connected' \\\\ alter table a add b int\n"
    );
    let output = String::from_utf8(bench.output()).expect("text");
    assert!(
        output.contains("I know ***") && !output.contains("hunter2"),
        "{output}"
    );

    let bench = with_psql("exit 0");
    assert_eq!(bench.outcome(&plan(Some("vacuum")), STEP), exited(0, ""));
    let words = fs::read_to_string(bench.path("psql.words")).expect("it was noted");
    assert!(!words.contains("transaction"), "{words}");
}

#[test]
fn what_is_known_by_the_end_of_psql_is_said_and_nothing_more() {
    let of = |script: &str, idempotent: bool| {
        let mut plan = plan(None);
        plan.steps[0].idempotent = idempotent;
        with_psql(script).outcome_within(&plan, STEP, Millis(20_000))
    };
    let connected = "echo 'runbook-sql[run-1] connected'";
    assert_eq!(
        of(
            &format!("{connected}; echo 'ERROR: no table a' >&2; exit 3"),
            false
        ),
        exited(3, "ERROR: no table a")
    );
    assert_eq!(
        of("echo 'connection refused' >&2; exit 2", false),
        Outcome::NotStarted {
            why: "the database was not reached: connection refused".to_owned()
        }
    );
    let lost = format!("{connected}; echo 'the connection was lost' >&2; exit 2");
    let why = "the connection to the database was lost: the connection was lost";
    assert_eq!(
        of(&lost, false),
        Outcome::Unknown {
            why: why.to_owned()
        }
    );
    // What may be run again has failed, so that its retries are counted.
    assert_eq!(of(&lost, true), exited(2, why));
    let killed = of(&format!("{connected}; kill -9 $$"), false);
    assert!(matches!(killed, Outcome::Unknown { .. }), "{killed:?}");

    let mut late = plan(None);
    late.steps[0].grace = Millis(100);
    let outcome = with_psql("exec sleep 600").outcome_within(&late, STEP, Millis(500));
    assert!(matches!(outcome, Outcome::Unknown { .. }), "{outcome:?}");
}
