//! Secrets: handed over as files and variables, masked in everything that is kept or said, and gone afterwards.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use runbook::engine::{Outcome, Work};
use runbook::plan::{Plan, Secret, SecretSource, Step, StepId, Unless, Variable, VariableValue};

use super::bench::{Bench, STEP, exited};
use super::plans::{shell, step, with_step};

const SECRET: &str = "hunter2-and-more";

fn bench() -> Bench {
    let mut bench = Bench::new();
    bench.environment.push(("FLAG_TOKEN".into(), SECRET.into()));
    bench
}

fn plan(from: SecretSource, step: Step) -> Plan {
    Plan {
        secrets: vec![Secret {
            name: "token".to_owned(),
            from,
        }],
        ..with_step(step)
    }
}

fn from_env() -> SecretSource {
    SecretSource::Env("FLAG_TOKEN".to_owned())
}

fn with_file(line: &str) -> Step {
    let mut step = step(shell(line));
    step.secrets = vec!["token".to_owned()];
    step
}

fn output(bench: &Bench) -> String {
    String::from_utf8(bench.output()).expect("text")
}

/// The folders of secrets that are there now.
fn folders(bench: &Bench) -> Vec<PathBuf> {
    fs::read_dir(bench.dir.path())
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.display().to_string().contains("/runbook-"))
        .collect()
}

#[test]
fn a_step_gets_a_file_that_only_its_owner_can_read_and_that_is_gone_afterwards() {
    let bench = bench();
    let plan = plan(
        from_env(),
        with_file(
            "stat -c %a \"$token_file\" \"$(dirname \"$token_file\")\"; wc -c < \"$token_file\"; cat \"$token_file\"",
        ),
    );
    assert_eq!(bench.outcome(&plan, STEP), exited(0, ""));
    assert_eq!(output(&bench), "600\n700\n16\n***");
    assert!(folders(&bench).is_empty(), "{:?}", folders(&bench));
}

#[test]
fn the_file_belongs_to_the_user_that_the_step_runs_as() {
    if !rustix::process::geteuid().is_root() {
        println!("left out: only root can run something as another user");
        return;
    }
    let bench = bench();
    fs::set_permissions(bench.dir.path(), fs::Permissions::from_mode(0o711)).expect("it is ours");
    let mut step = with_file("stat -c '%U %a' \"$token_file\"; wc -c < \"$token_file\"");
    step.user = Some("nobody".to_owned());
    assert_eq!(bench.outcome(&plan(from_env(), step), STEP), exited(0, ""));
    assert_eq!(output(&bench), "nobody 600\n16\n");
    assert!(folders(&bench).is_empty(), "{:?}", folders(&bench));
}

#[test]
fn the_variable_that_it_comes_from_is_not_inherited() {
    let bench = bench();
    let plan = plan(from_env(), step(shell("echo \"${FLAG_TOKEN-gone}\"")));
    assert_eq!(bench.outcome(&plan, STEP), exited(0, ""));
    assert_eq!(output(&bench), "gone\n");
}

#[test]
fn a_step_that_asks_for_it_gets_a_variable() {
    let bench = bench();
    let mut asks = step(shell(
        "test \"$API_KEY\" = hunter2-and-more && echo \"<$API_KEY>\"",
    ));
    asks.env = vec![Variable {
        name: "API_KEY".to_owned(),
        value: VariableValue::Secret("token".to_owned()),
    }];
    assert_eq!(bench.outcome(&plan(from_env(), asks), STEP), exited(0, ""));
    assert_eq!(output(&bench), "<***>\n");
}

#[test]
fn it_is_masked_in_both_streams_in_pieces_and_in_what_is_said() {
    let bench = bench();
    let plan = plan(
        from_env(),
        with_file(
            "head -c 65530 /dev/zero | tr '\\0' x; cat \"$token_file\"; echo; \
             printf hunter2; printf -- '-and-more\\n' >&2; base64 < \"$token_file\"; \
             echo \"it is $(cat \"$token_file\")\" >&2; exit 3",
        ),
    );
    assert_eq!(bench.outcome(&plan, STEP), exited(3, "it is ***"));
    let output = output(&bench);
    assert!(!output.contains("hunter2"), "{output}");
    assert!(!output.contains("aHVudGVyMi"), "{output}");
    assert!(output.starts_with(&format!("{}***\n***\n", "x".repeat(65_530))));
}

#[test]
fn a_child_left_behind_does_not_hold_up_a_masked_step() {
    let bench = bench();
    let plan = plan(from_env(), with_file("sleep 600 & echo done; exit 0"));
    assert_eq!(
        bench.outcome(&plan, STEP),
        exited(0, "it left a process running behind it, which was ended")
    );
    assert_eq!(output(&bench), "done\n");
}

#[test]
fn files_and_commands_are_sources_too() {
    let bench = bench();
    fs::write(bench.path("key"), "-----BEGIN-----\nabcdefgh\n").expect("a file");
    let file = SecretSource::File("key".to_owned());
    let step = with_file("cat \"$token_file\"; grep abc \"$token_file\"");
    assert_eq!(bench.outcome(&plan(file, step), STEP), exited(0, ""));
    assert_eq!(output(&bench), "***\n***\n");

    let bench = self::bench();
    let command = SecretSource::Command(shell("echo from-a-vault"));
    let step = with_file("wc -c < \"$token_file\"; cat \"$token_file\"");
    assert_eq!(bench.outcome(&plan(command, step), STEP), exited(0, ""));
    assert_eq!(output(&bench), "12\n***");
}

#[test]
fn one_that_cannot_be_read_starts_nothing_and_is_named_without_its_value() {
    let sources = [
        SecretSource::Env("NOT_SET".to_owned()),
        SecretSource::File("nowhere".to_owned()),
        SecretSource::Command(shell("echo hunter2-and-more; exit 7")),
        SecretSource::Command(shell("true")),
    ];
    let said: Vec<String> = sources
        .into_iter()
        .map(|source| {
            let bench = bench();
            let here = bench.dir.path().display().to_string();
            match bench.outcome(&plan(source, with_file("true")), STEP) {
                Outcome::NotStarted { why } => why.replace(&here, "HERE"),
                other => panic!("it is not started: {other:?}"),
            }
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn unless_has_the_secrets_of_its_step_and_says_none() {
    let bench = bench();
    let mut step = with_file("true");
    step.unless = Some(Unless::Command(shell("cat \"$token_file\" >&2; exit 1")));
    let outcome = bench.outcome(&plan(from_env(), step), Work::Unless { step: StepId(0) });
    assert_eq!(outcome, exited(1, "***"));
    assert!(folders(&bench).is_empty(), "{:?}", folders(&bench));
}
