//! Steps on another machine, up to the word that starts OpenSSH: an `ssh` of our own puts a shell of this machine in its place.
//! With the real one they are in `tests/real/hosts.rs`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command as Process;

use runbook::engine::{Attempt, Effect, Outcome, Work};
use runbook::plan::{
    Binding, Command, Host, OnHost, Plan, Secret, SecretSource, Step, StepId, Unless, Variable,
    VariableValue,
};
use runbook::value::{Millis, Value};
use runbook::world::World;

use super::bench::{Bench, STEP, ended, exited, start, state};
use super::plans::{exec, shell, step, text, with_step};

/// A value that means something to every shell, if it is let.
const HOSTILE: &str = "; rm -rf \"$HOME\" '`id`$(id)\\ *\t{a,b}\n# \u{e9}'";

/// What a host may run its scripts with, as far as this machine has it.
const SHELLS: [&str; 3] = ["/bin/sh", "bash --posix", "busybox sh"];

/// A bench on which `ssh` is this script.
fn with_ssh(script: &str) -> Bench {
    let mut bench = Bench::new();
    let bin = bench.path("bin");
    fs::create_dir(&bin).expect("a folder");
    let ssh = bin.join("ssh");
    let noted = "printf '%s\\n' \"$@\" >ssh.words";
    fs::write(&ssh, format!("#!/bin/sh\n{noted}\n{script}\n")).expect("a script");
    fs::set_permissions(&ssh, fs::Permissions::from_mode(0o755)).expect("it can be run");
    let mut path = bin.into_os_string();
    path.push(":");
    path.push(std::env::var_os("PATH").expect("there is a PATH"));
    bench.environment = vec![("PATH".into(), path), ("MINE".into(), "here".into())];
    bench
}

fn there(command: Command) -> Step {
    Step {
        timeout: Millis(60_000),
        grace: Millis(1_000),
        host: Some(OnHost {
            of: StepId(0),
            host: Host {
                name: "web1".to_owned(),
                address: "10.0.0.1".to_owned(),
                port: Some(2222),
                user: Some("deploy".to_owned()),
                identity: Some("keys/deploy".to_owned()),
                config: Some("ssh_config".to_owned()),
            },
        }),
        ..step(command)
    }
}

/// How the step ends where the host runs scripts with this shell.
fn outcome_in(shell: &str, plan: &Plan) -> (Outcome, String) {
    let bench = with_ssh(&format!("exec {shell} -s"));
    let timeout = plan.steps[0].timeout;
    let outcome = bench.outcome_within(plan, STEP, timeout);
    let output = String::from_utf8(bench.output()).expect("text");
    (outcome, output)
}

fn installed() -> Vec<&'static str> {
    let is_there = |shell: &&str| {
        let (program, _) = shell.split_once(' ').unwrap_or((shell, ""));
        Process::new(program).arg("-c").arg("true").output().is_ok()
            || Process::new(program).arg("sh").output().is_ok()
    };
    let all: Vec<&str> = SHELLS.into_iter().filter(is_there).collect();
    assert!(!all.is_empty());
    all
}

/// What the command printed, without what the script says of it.
fn own(output: &str) -> String {
    let lines = output.lines().filter(|line| !line.starts_with("runbook["));
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_hostile_value_is_one_word_everywhere() {
    for shell_there in installed() {
        let mut inside = there(shell(
            "printf '<%s>\\n' \"$word\" \"$extra\" \"${PWD##*/}\"; set -- $#; echo \"$1\"",
        ));
        inside.env = vec![Variable {
            name: "extra".to_owned(),
            value: VariableValue::Text(text(HOSTILE)),
        }];
        let folder = tempfile::tempdir().expect("a folder");
        let odd = folder.path().join("-a 'b' $(id)");
        fs::create_dir(&odd).expect("a folder");
        inside.dir = Some(text(&odd.to_string_lossy()));
        let mut plan = with_step(inside);
        plan.bindings = vec![Binding {
            name: "word".to_owned(),
            value: Value::Text(HOSTILE.to_owned()),
        }];
        let (outcome, output) = outcome_in(shell_there, &plan);
        assert_eq!(outcome, exited(0, ""), "{shell_there}: {output}");
        let wanted = format!("<{HOSTILE}>\n<{HOSTILE}>\n<-a 'b' $(id)>\n0\n");
        assert_eq!(own(&output), wanted, "{shell_there}");

        let words = ["printf", "<%s>", HOSTILE, "-x", ""];
        let (outcome, output) = outcome_in(shell_there, &with_step(there(exec(&words))));
        assert_eq!(outcome, exited(0, ""), "{shell_there}: {output}");
        assert!(
            output.contains(&format!("<{HOSTILE}><-x><>")),
            "{shell_there}: {output}"
        );
    }
}

#[test]
fn a_step_reads_there_what_it_is_given_here_and_need_not() {
    for shell_there in installed() {
        let given = |stdin: &str, line: &str| {
            let mut reads = there(shell(line));
            reads.stdin = Some(text(stdin));
            let (outcome, output) = outcome_in(shell_there, &with_step(reads));
            (outcome, own(&output))
        };
        let hostile = format!("{HOSTILE}\n%s\\n");
        let wanted = format!("{hostile}\n");
        assert_eq!(
            given(&hostile, "cat"),
            (exited(0, ""), wanted),
            "{shell_there}"
        );
        let long = "x".repeat(200_000);
        for (line, status, output) in [
            ("wc -c", 0, "200001\n"),
            ("echo not read; exit 3", 3, "not read\n"),
        ] {
            let (outcome, said) = given(&long, line);
            assert!(
                matches!(outcome, Outcome::Exited { status: ended, .. } if ended == status),
                "{shell_there}: {outcome:?}"
            );
            assert_eq!(said, output, "{shell_there}");
        }
    }
}

#[test]
fn a_block_runs_there_in_order_up_to_the_first_that_fails() {
    for shell_there in installed() {
        let parts = vec![
            shell("echo one"),
            exec(&["printf", "<%s>\\n", HOSTILE]),
            shell("echo two; exit 3"),
            shell("echo never"),
        ];
        let plan = with_step(there(Command::Block { parts }));
        let (outcome, output) = outcome_in(shell_there, &plan);
        let said = "part 3 of 4, $ echo two; exit 3: two";
        assert_eq!(outcome, exited(3, said), "{shell_there}: {output}");
        assert!(
            output.contains(&format!("<{HOSTILE}>\n")),
            "{shell_there}: {output}"
        );
        assert!(!output.contains("never"), "{shell_there}: {output}");
    }
}

#[test]
fn how_a_command_ends_is_known_whatever_its_status() {
    for shell_there in installed() {
        for status in [0, 1, 3, 124, 137, 255] {
            let line = format!("echo said; exit {status}");
            let (outcome, output) = outcome_in(shell_there, &with_step(there(shell(&line))));
            let said = if status == 0 { "" } else { "said" };
            assert_eq!(outcome, exited(status, said), "{shell_there}");
            let last = format!("runbook[run-1 7] ended on web1 with status {status}\n");
            assert!(output.ends_with(&last), "{shell_there}: {output}");
        }
    }
}

#[test]
fn the_callers_variables_stay_here_and_those_of_the_run_go_there() {
    let plan = with_step(there(shell(
        "echo ${MINE-none} $RUNBOOK_RUN $RUNBOOK_ATTEMPT $RUNBOOK_HOST; cat; set -u; echo $never",
    )));
    let bench = with_ssh("unset MINE; exec /bin/sh -s");
    let outcome = bench.outcome_within(&plan, STEP, plan.steps[0].timeout);
    let output = String::from_utf8(bench.output()).expect("text");
    assert!(own(&output).starts_with("none run-1 7 web1\n"), "{output}");
    let Outcome::Exited { status, said } = outcome else {
        panic!("it exits: {outcome:?}");
    };
    assert!(status != 0 && said.contains("never"), "{status} {said}");
}

#[test]
fn ssh_is_started_with_words_that_hold_no_value() {
    let mut inside = there(shell("echo \"$TOKEN $word\""));
    inside.env = vec![Variable {
        name: "TOKEN".to_owned(),
        value: VariableValue::Secret("token".to_owned()),
    }];
    let mut plan = with_step(inside);
    plan.secrets = vec![Secret {
        name: "token".to_owned(),
        from: SecretSource::Env("THE_TOKEN".to_owned()),
    }];
    plan.bindings = vec![Binding {
        name: "word".to_owned(),
        value: Value::Text("the-value".to_owned()),
    }];
    let mut bench = with_ssh("exec /bin/sh -s");
    bench
        .environment
        .push(("THE_TOKEN".into(), "s3cr3t-token".into()));
    let outcome = bench.outcome_within(&plan, STEP, plan.steps[0].timeout);
    assert_eq!(outcome, exited(0, ""));
    let output = String::from_utf8(bench.output()).expect("text");
    assert!(output.contains(" the-value\n"), "{output}");
    assert!(!output.contains("s3cr3t"), "it is masked: {output}");
    let words = fs::read_to_string(bench.path("ssh.words")).expect("the words");
    let words = words.replace(&*bench.dir.path().to_string_lossy(), "DIR");
    insta::assert_snapshot!(words);
}

#[test]
fn what_hangs_is_ended_there_with_all_that_came_from_it() {
    for shell_there in installed() {
        let line = "trap '' TERM; (trap '' TERM; exec sleep 600) & echo $! $$; sleep 600";
        let mut inside = there(shell(line));
        inside.timeout = Millis(1_000);
        let (outcome, output) = outcome_in(shell_there, &with_step(inside));
        assert_eq!(outcome, Outcome::TimedOut, "{shell_there}: {output}");
        let said = "was ended on web1: its time is over";
        assert!(output.contains(said), "the host did it: {output}");
        let own = own(&output);
        for pid in own.split_whitespace() {
            assert!(!lives(pid), "{shell_there}: {pid} lives");
        }
        assert_eq!(own.split_whitespace().count(), 2, "{output}");
    }
}

fn lives(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit_once(')').map(|(_, rest)| rest.trim_start());
    state.is_some_and(|state| !state.starts_with(['Z', 'X']))
}

#[test]
fn what_is_told_to_stop_is_ended_there_before_it_counts_as_stopped() {
    let bench = with_ssh("exec /bin/sh -s");
    let mut plan = with_step(there(shell("echo up >up; echo $$ >pid; sleep 600")));
    let gate = bench.fifo("up");
    plan.steps[0].dir = Some(text(&bench.dir.path().to_string_lossy()));
    let state = state(&plan);
    let mut world = bench.world();
    start(&mut world, (&plan, &state), STEP, Millis(60_000));
    let opened = std::thread::spawn(move || gate.drain());
    // The world makes progress only while it is waited for.
    while !opened.is_finished() {
        let _ = world.next(&plan, &state, Some(runbook::engine::Moment(0)));
    }
    let pid = bench.path("pid");
    while fs::read_to_string(&pid).unwrap_or_default().is_empty() {
        let _ = world.next(&plan, &state, Some(runbook::engine::Moment(0)));
    }
    let attempt = Attempt(7);
    world.start(&plan, &state, &Effect::Stop { attempt });
    assert_eq!(ended(&mut world, &plan, &state), Outcome::Stopped);
    let output = String::from_utf8(bench.output()).expect("text");
    assert!(
        output.contains("was ended on web1: it was told to stop"),
        "{output}"
    );
    let pid = fs::read_to_string(pid).expect("the process");
    assert!(!lives(pid.trim()), "{pid} lives");
}

#[test]
fn a_host_that_is_not_reached_has_run_nothing() {
    let bench = with_ssh("echo 'ssh: connect to host 10.0.0.1 port 2222: No route' >&2; exit 255");
    let plan = with_step(there(shell("touch ran")));
    assert_eq!(
        bench.outcome_within(&plan, STEP, plan.steps[0].timeout),
        Outcome::NotStarted {
            why: "web1 was not reached: ssh: connect to host 10.0.0.1 port 2222: No route"
                .to_owned()
        }
    );
}

#[test]
fn a_script_that_was_cut_off_does_nothing() {
    let mut seen = 0;
    for length in (50..2_000).step_by(250) {
        let bench = with_ssh(&format!("head -c {length} | /bin/sh -s"));
        let ran = bench.path("ran");
        let line = format!("touch '{}'", ran.display());
        let plan = with_step(there(shell(&line)));
        let outcome = bench.outcome_within(&plan, STEP, plan.steps[0].timeout);
        assert!(!ran.exists(), "{length} bytes are a script");
        assert!(
            matches!(outcome, Outcome::NotStarted { .. }),
            "{length}: {outcome:?}"
        );
        seen += 1;
    }
    assert_eq!(seen, 8);
}

#[test]
fn nobody_knows_how_a_step_ended_whose_connection_broke() {
    // The shell that waits for the way is killed first, or it would say so.
    let bench =
        with_ssh("echo $$ >ssh.pid; /bin/sh -s | sh -c 'echo $$ >way.pid; exec cat'; exit 0");
    let dir = bench.dir.path().display().to_string();
    let line = format!(
        "cd '{dir}'; until [ -s way.pid ]; do sleep 0.1; done; kill -9 $(cat ssh.pid way.pid); sleep 600"
    );
    let plan = with_step(there(shell(&line)));
    let outcome = bench.outcome_within(&plan, STEP, plan.steps[0].timeout);
    assert_eq!(
        outcome,
        Outcome::Unknown {
            why: "the connection to web1 broke while it ran; where web1 still runs it, \
                  it ends it by itself when its time is over"
                .to_owned()
        }
    );
}

#[test]
fn a_directory_that_is_not_there_begins_nothing() {
    let mut inside = there(shell("true"));
    inside.dir = Some(text("/nowhere/at/all"));
    let (outcome, _) = outcome_in("/bin/sh", &with_step(inside));
    assert_eq!(
        outcome,
        Outcome::NotStarted {
            why: "the directory /nowhere/at/all cannot be entered on web1".to_owned()
        }
    );
}

#[test]
fn a_machine_without_a_way_to_end_a_group_is_refused() {
    let bench = with_ssh("mkdir -p none; ln -sf /bin/sh none/sh; PATH=$PWD/none exec /bin/sh -s");
    let plan = with_step(there(shell("true")));
    let outcome = bench.outcome_within(&plan, STEP, plan.steps[0].timeout);
    assert_eq!(
        outcome,
        Outcome::NotStarted {
            why: "web1 has neither setsid nor perl, so the command could not be ended there"
                .to_owned()
        }
    );
}

#[test]
fn unless_is_asked_there_and_silence_is_no_answer() {
    const UNLESS: Work = Work::Unless { step: StepId(0) };
    let asked = |ssh: &str, line: &str| {
        let mut inside = there(shell("true"));
        inside.unless = Some(Unless::Command(shell(line)));
        with_ssh(ssh).outcome_within(&with_step(inside), UNLESS, Millis(40_000))
    };
    let here = "exec /bin/sh -s";
    assert_eq!(asked(here, "test \"$RUNBOOK_HOST\" = web1"), exited(0, ""));
    assert_eq!(asked(here, "echo no >&2; exit 1"), exited(1, "no"));
    assert_eq!(asked(here, "exit 255"), exited(254, ""));
    let lost = asked("echo 'ssh: no route' >&2; exit 255", "true");
    let why = "ssh: no route".to_owned();
    assert_eq!(lost, Outcome::NotStarted { why });
}

#[test]
fn a_large_script_gets_there() {
    let long = "x".repeat(300_000);
    let mut plan = with_step(there(shell("printf '%s' \"$a$b\" | wc -c")));
    // One variable may hold 128 KiB.
    let half = long.split_at(100_000).0.to_owned();
    plan.bindings = ["a", "b"]
        .map(|name| Binding {
            name: name.to_owned(),
            value: Value::Text(half.clone()),
        })
        .to_vec();
    let (outcome, output) = outcome_in("/bin/sh", &plan);
    assert_eq!(outcome, exited(0, ""), "{output}");
    assert_eq!(own(&output).trim(), "200000");
}
