//! Steps, sets and reads: what they are given, what is kept of them, how their ends are told apart.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use runbook::engine::{Attempt, Outcome, Work};
use runbook::execute::output_path;
use runbook::plan::{Binding, Command, ExposureId, Plan, StepId, Unless, Variable, VariableValue};
use runbook::value::{Bytes, Millis, Percent, Value};

use super::bench::{Bench, LONG, STEP, exited, state};
use super::plans::{exec, shell, step, text, with_exposure, with_step};

const UNLESS: Work = Work::Unless { step: StepId(0) };
const READ: Work = Work::Read {
    exposure: ExposureId(0),
};

#[test]
fn success_and_failure_and_signals_are_told_apart() {
    assert_eq!(Bench::new().line("echo fine"), exited(0, ""));
    assert_eq!(
        Bench::new().line("echo one; echo two >&2; echo; exit 3"),
        exited(3, "two")
    );
    assert_eq!(Bench::new().line("exit 4"), exited(4, ""));
    assert_eq!(
        Bench::new().line("kill -9 $$"),
        Outcome::Signalled { signal: 9 }
    );
}

#[test]
fn a_failure_in_the_middle_and_an_unset_variable_end_a_step() {
    let bench = Bench::new();
    assert_eq!(bench.line("false; echo reached"), exited(1, ""));
    assert_eq!(bench.output(), b"");
    let Outcome::Exited { status, said } = Bench::new().line("echo \"$never_set\"") else {
        panic!("it exits");
    };
    assert_ne!(status, 0);
    assert!(said.contains("never_set"), "{said}");
}

#[test]
fn both_streams_are_kept_as_they_came_and_for_the_owner_alone() {
    let bench = Bench::new();
    assert_eq!(
        bench.line("echo out; echo err >&2; echo out"),
        exited(0, "")
    );
    assert_eq!(bench.output(), b"out\nerr\nout\n");
    let mode = |path| {
        let meta = fs::metadata(path).expect("it is there");
        meta.permissions().mode() & 0o777
    };
    assert_eq!(mode(output_path(&bench.outputs(), Attempt(7))), 0o600);
    assert_eq!(mode(bench.outputs()), 0o700);
}

#[test]
fn any_bytes_and_lines_of_any_length_do_no_harm() {
    let bench = Bench::new();
    let line =
        r"head -c 1000000 /dev/zero | tr '\0' x; printf '\n\000\377\033[31mred\033[0m\n'; exit 2";
    assert_eq!(bench.line(line), exited(2, "\u{fffd}red"));
    let mut wanted = vec![b'x'; 1_000_000];
    wanted.extend_from_slice(b"\n\0\xff\x1b[31mred\x1b[0m\n");
    assert!(bench.output() == wanted, "the output is kept as it came");

    let bench = Bench::new();
    let outcome = bench.line(r"head -c 1000000 /dev/zero | tr '\0' y; exit 2");
    let Outcome::Exited { said, .. } = outcome else {
        panic!("it exits");
    };
    assert_eq!(said.chars().count(), 200);
}

#[test]
fn nothing_can_be_read_from_the_terminal() {
    let bench = Bench::new();
    assert_eq!(bench.line("cat; echo end"), exited(0, ""));
    assert_eq!(bench.output(), b"end\n");
}

#[test]
fn a_step_reads_what_it_is_given_and_need_not() {
    let given = |stdin: &str, line: &str| {
        let bench = Bench::new();
        let mut reads = step(shell(line));
        reads.stdin = Some(text(stdin));
        let outcome = bench.outcome(&with_step(reads), STEP);
        (
            outcome,
            String::from_utf8_lossy(&bench.output()).into_owned(),
        )
    };
    let ran = |output: &str| (exited(0, ""), output.to_owned());
    // As from a file: its last line ends too, so that `read` takes it.
    assert_eq!(given("one", "read -r x; echo \"<$x>\""), ran("<one>\n"));
    assert_eq!(given("a\n$(id) '\n", "cat"), ran("a\n$(id) '\n"));
    let long = "x".repeat(1_000_000);
    assert_eq!(given(&long, "wc -c"), ran("1000001\n"));
    assert_eq!(given(&long, "echo not read"), ran("not read\n"));
}

#[test]
fn an_unless_reads_nothing_of_what_its_step_is_given() {
    let bench = Bench::new();
    let mut reads = step(shell("cat"));
    reads.stdin = Some(text("one"));
    reads.unless = Some(Unless::Command(shell("test -z \"$(cat)\"")));
    assert_eq!(bench.outcome(&with_step(reads), UNLESS), exited(0, ""));
}

/// Whether this test may become another user.
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

const LEFT_OUT: &str = "left out: only root can run something as another user";

fn as_user(line: &str, user: &str) -> runbook::plan::Step {
    let mut step = step(shell(line));
    step.user = Some(user.to_owned());
    step
}

#[test]
fn a_step_runs_as_its_user_or_not_at_all() {
    let refused = |user: &str| match Bench::new().outcome(&with_step(as_user("id", user)), STEP) {
        Outcome::NotStarted { why } => why,
        other => panic!("it is not started: {other:?}"),
    };
    assert_eq!(
        refused("no-such-user"),
        "this machine has no user no-such-user"
    );
    if !is_root() {
        let why = refused("root");
        assert!(why.contains("only root can run something as root"), "{why}");
        println!("{LEFT_OUT}");
        return;
    }
    let bench = Bench::new();
    let line = "id -un; id -Gn; echo $HOME $USER $LOGNAME; { cat /etc/shadow 2>/dev/null && exit 9; } || true";
    let outcome = bench.outcome(&with_step(as_user(line, "nobody")), STEP);
    assert_eq!(outcome, exited(0, ""));
    let output = String::from_utf8(bench.output()).expect("text");
    let groups = std::process::Command::new("id")
        .args(["-Gn", "nobody"])
        .output()
        .expect("id");
    let groups = String::from_utf8_lossy(&groups.stdout).into_owned();
    let home = output.lines().last().expect("a line");
    assert!(home.ends_with(" nobody nobody"), "{output}");
    assert!(!home.contains("/root"), "{output}");
    assert_eq!(output, format!("nobody\n{groups}{home}\n"));
}

#[test]
fn what_asks_whether_a_step_is_done_runs_as_its_user_too() {
    if !is_root() {
        println!("{LEFT_OUT}");
        return;
    }
    let mut asks = as_user("true", "nobody");
    asks.unless = Some(Unless::Command(shell("test \"$(id -un)\" = nobody")));
    assert_eq!(
        Bench::new().outcome(&with_step(asks), UNLESS),
        exited(0, "")
    );
}

#[test]
fn what_a_step_of_another_user_leaves_running_is_ended() {
    if !is_root() {
        println!("{LEFT_OUT}");
        return;
    }
    let bench = Bench::new();
    let left = as_user("sleep 600 & echo $!", "nobody");
    let Outcome::Exited { status: 0, said } = bench.outcome(&with_step(left), STEP) else {
        panic!("it exits");
    };
    assert!(said.contains("left a process running"), "{said}");
    let pid = String::from_utf8(bench.output()).expect("text");
    let state = fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    assert!(state.is_empty() || state.contains(") Z "), "{state}");
}

#[test]
fn values_arrive_as_variables() {
    let bench = Bench::new();
    let mut step = step(shell(
        "echo $share $pause $size \"$words\" $RUNBOOK_RUN $RUNBOOK_ATTEMPT $flag $extra",
    ));
    step.env = vec![Variable {
        name: "extra".to_owned(),
        value: VariableValue::Text(text("more")),
    }];
    let bind = |name: &str, value| Binding {
        name: name.to_owned(),
        value,
    };
    let plan = Plan {
        bindings: vec![
            bind("share", Value::Percent(Percent(12.5))),
            bind("pause", Value::Duration(Millis(90_000))),
            bind("size", Value::Bytes(Bytes(65_536))),
            bind("words", Value::Text("a  'b' $c".to_owned())),
        ],
        steps: vec![step],
        ..with_exposure(shell("true"), shell("true"))
    };
    let mut state = state(&plan);
    state.exposures = vec![Some(25.0)];
    let mut world = bench.world();
    super::bench::start(&mut world, (&plan, &state), STEP, LONG);
    let outcome = super::bench::ended(&mut world, &plan, &state);
    assert_eq!(outcome, exited(0, ""));
    let output = String::from_utf8(bench.output()).expect("text");
    assert_eq!(output, "12.5 90 65536 a  'b' $c run-1 7 25 more\n");
}

#[test]
fn the_callers_environment_is_inherited_and_that_of_a_surrounding_run_is_not() {
    let mut bench = Bench::new();
    for (name, value) in [("MINE", "yes"), ("RUNBOOK_STAGE", "another")] {
        bench.environment.push((name.into(), value.into()));
    }
    assert_eq!(
        bench.line("echo $MINE ${RUNBOOK_STAGE-none}"),
        exited(0, "")
    );
    assert_eq!(bench.output(), b"yes none\n");
}

#[test]
fn a_step_runs_where_it_says() {
    let bench = Bench::new();
    fs::create_dir(bench.path("sub")).expect("a folder");
    let mut inside = step(shell("pwd"));
    inside.dir = Some(text("sub"));
    assert_eq!(bench.outcome(&with_step(inside), STEP), exited(0, ""));
    let output = String::from_utf8(bench.output()).expect("text");
    assert!(output.ends_with("/sub\n"), "{output}");
}

#[test]
fn programs_are_run_without_a_shell() {
    let bench = Bench::new();
    let plan = with_step(step(exec(&["printf", "%s|", "$HOME", "a b", "*"])));
    assert_eq!(bench.outcome(&plan, STEP), exited(0, ""));
    assert_eq!(bench.output(), b"$HOME|a b|*|");
}

fn block(parts: Vec<Command>) -> Plan {
    with_step(step(Command::Block { parts }))
}

#[test]
fn the_commands_of_a_block_run_in_order_and_the_first_that_fails_is_the_last() {
    let bench = Bench::new();
    let plan = block(vec![
        shell("echo one; cd /; x=1"),
        exec(&["printf", "%s|", "$HOME", "a 'b'", "*"]),
        shell("echo \"${PWD##*/}${x-unset}\"; false\necho not reached"),
        shell("echo never"),
    ]);
    let said = "part 3 of 4, $ echo \"${PWD##*/}${x-unset}\"; false: ";
    let Outcome::Exited {
        status: 1,
        said: why,
    } = bench.outcome(&plan, STEP)
    else {
        panic!("it fails");
    };
    assert!(why.starts_with(said), "{why}");
    let output = String::from_utf8(bench.output()).expect("text");
    assert!(
        output.starts_with("runbook-part[run-1 7] 1 of 4: $ echo one; cd /; x=1\none\n"),
        "{output}"
    );
    assert!(
        output.contains("2 of 4: exec printf\n$HOME|a 'b'|*|"),
        "{output}"
    );
    assert!(
        output.contains("unset\n"),
        "each has a shell of its own: {output}"
    );
    assert!(!output.contains("never"), "{output}");
}

#[test]
fn a_block_reads_its_input_once_and_begins_nothing_when_a_program_of_it_is_missing() {
    let bench = Bench::new();
    let mut plan = block(vec![shell("read -r x; echo \"<$x>\""), exec(&["cat"])]);
    plan.steps[0].stdin = Some(text("one\ntwo"));
    assert_eq!(bench.outcome(&plan, STEP), exited(0, ""));
    let output = String::from_utf8(bench.output()).expect("text");
    assert!(
        output.contains("<one>\n") && output.ends_with("\ntwo\n"),
        "{output}"
    );

    let bench = Bench::new();
    let plan = block(vec![shell("touch began"), exec(&["no-such-program"])]);
    let Outcome::NotStarted { why } = bench.outcome(&plan, STEP) else {
        panic!("it is not started");
    };
    assert!(why.contains("no-such-program"), "{why}");
    assert!(!bench.path("began").exists());
}

#[test]
fn what_is_missing_is_named() {
    let bench = Bench::new();
    fs::write(bench.path("plain"), "text").expect("a file");
    fs::write(bench.path("broken"), "#!/nowhere/interpreter\n").expect("a file");
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(bench.path("broken"), executable).expect("a mode");
    let said = |command: Command, dir: Option<&str>| {
        let mut it = step(command);
        it.dir = dir.map(text);
        let bench = Bench {
            dir: tempfile::tempdir_in(bench.dir.path()).expect("a folder"),
            environment: bench.environment.clone(),
        };
        match bench.outcome(&with_step(it), STEP) {
            Outcome::NotStarted { why } => {
                why.replace(&bench.dir.path().display().to_string(), "HERE")
            }
            other => panic!("it is not started: {other:?}"),
        }
    };
    let all = [
        said(exec(&["no-such-program"]), None),
        said(exec(&["./no-such-script"]), None),
        said(exec(&["../plain"]), None),
        said(exec(&["../broken"]), None),
        said(exec(&["true"]), Some("nowhere")),
        said(shell("true"), Some("../plain")),
        said(exec(&[""]), None),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn an_attempt_is_never_made_twice() {
    let bench = Bench::new();
    assert_eq!(bench.line("echo first"), exited(0, ""));
    let Outcome::NotStarted { why } = bench.line("echo second") else {
        panic!("it is refused");
    };
    assert!(why.contains("attempt-7.out"), "{why}");
    assert_eq!(bench.output(), b"first\n");
}

#[test]
fn values_by_name_go_to_set_and_come_from_read_as_their_words() {
    let bench = Bench::new();
    let mut plan = with_exposure(shell("echo \"$flag\" > live"), shell("cat live"));
    let words = ["blue".to_owned(), "green".to_owned()];
    plan.exposures[0].scale = runbook::value::Scale::Choice(words.to_vec());
    let exposure = ExposureId(0);
    let set = Work::Set {
        exposure,
        target: 1.0,
    };
    assert_eq!(bench.outcome(&plan, set), exited(0, ""));
    let live = std::fs::read_to_string(bench.path("live")).expect("it was written");
    assert_eq!(live, "green\n");
    let read = || bench.outcome(&plan, Work::Read { exposure });
    assert_eq!(read(), Outcome::Read { value: 1.0 });
    std::fs::write(bench.path("live"), "Green\n").expect("it is written");
    assert_eq!(
        read(),
        exited(1, "it printed `Green`, expected one of blue, green")
    );
}

#[test]
fn a_set_is_given_the_target_under_the_name_of_the_exposure() {
    let bench = Bench::new();
    let plan = with_exposure(shell("echo \"$flag\" > level"), shell("echo $(cat level)%"));
    let mut state = state(&plan);
    state.exposures = vec![Some(0.0)];
    let work = Work::Set {
        exposure: ExposureId(0),
        target: 12.5,
    };
    let mut world = bench.world();
    super::bench::start(&mut world, (&plan, &state), work, LONG);
    let outcome = super::bench::ended(&mut world, &plan, &state);
    assert_eq!(outcome, exited(0, ""));
    assert_eq!(bench.outcome(&plan, READ), Outcome::Read { value: 12.5 });
}

#[test]
fn a_read_prints_one_number() {
    let read = |line: &str| {
        let plan = with_exposure(shell("true"), shell(line));
        Bench::new().outcome(&plan, READ)
    };
    assert_eq!(read("echo 25"), Outcome::Read { value: 25.0 });
    assert_eq!(read("echo ' 0.5 % '"), Outcome::Read { value: 0.5 });
    assert_eq!(
        read("echo twelve"),
        exited(1, "it printed `twelve`, expected one number")
    );
    assert_eq!(
        read("echo inf"),
        exited(1, "it printed `inf`, expected one number")
    );
    assert_eq!(
        read("true"),
        exited(1, "it printed nothing, expected one number")
    );
    // What it printed before it failed is not taken for the reason alone.
    assert_eq!(read("echo 0; exit 1"), exited(1, "exit status 1: 0"));
    assert_eq!(
        read("echo 25; echo broken >&2; exit 3"),
        exited(3, "broken")
    );
    assert_eq!(read("yes | head -c 1000000; echo; exit 5"), exited(5, "y"));
}

#[test]
fn unless_is_asked_where_the_step_would_run() {
    let bench = Bench::new();
    fs::create_dir(bench.path("sub")).expect("a folder");
    let mut done = step(shell("exit 9"));
    done.dir = Some(text("sub"));
    done.unless = Some(Unless::Command(shell("test -e marker")));
    let plan = with_step(done);
    assert_eq!(bench.outcome(&plan, UNLESS), exited(1, ""));
    fs::write(bench.path("sub/marker"), "").expect("a file");
    assert_eq!(bench.outcome(&plan, UNLESS), exited(0, ""));
}

/// After a loss of power a file that is not there proves nothing. That it was another start of the machine is known by this note, so it is
/// there before anything begins.
#[test]
fn an_attempt_begins_behind_the_note_of_the_start_of_the_machine() {
    let bench = Bench::new();
    let note = bench.outputs().join("boot").display().to_string();
    let line = format!("test \"$(cat '{note}')\" = \"$(cat /proc/sys/kernel/random/boot_id)\"");
    assert_eq!(bench.line(&line), exited(0, ""));
}
