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
