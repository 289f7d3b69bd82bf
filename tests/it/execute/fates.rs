//! What a runner finds that takes a run up after the last one was killed: every way in which an attempt can be left behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command as Process, Stdio};

use runbook::engine::{Attempt, Effect, Input, Moment, Outcome, Running, State, StrandId, Work};
use runbook::execute::{Fate, fate};
use runbook::plan::{ExposureId, ProbeId, Secret, SecretSource, StepId};
use runbook::value::Millis;
use runbook::world::World;

use super::bench::{Bench, LONG, STEP, ended, exited, start, state};
use super::plans::{shell, step, with_step};

const FOLDER: &str = "BENCH_OF_A_TEST";

/// The process of a runner, which the tests below start and kill. Alone it does nothing.
#[test]
fn runner() {
    let Some(dir) = std::env::var_os(FOLDER) else {
        return;
    };
    let dir = PathBuf::from(dir);
    let line = fs::read_to_string(dir.join("line")).expect("the line to run");
    let mut plan = with_step(step(shell(&line)));
    if dir.join("token").exists() {
        plan.secrets.push(Secret {
            name: "token".to_owned(),
            from: SecretSource::File("token".to_owned()),
        });
        plan.steps[0].secrets.push("token".to_owned());
    }
    let state = state(&plan);
    let bench = Bench::new();
    let timeout = dir.join("timeout");
    let options = runbook::execute::Options {
        outputs: dir.join("outputs"),
        temp: dir.clone(),
        dir,
        ..bench.options()
    };
    let mut world = runbook::execute::Execute::new(
        options,
        Box::new(super::bench::Said::default()),
        Box::new(|| None),
    )
    .expect("a world");
    let timeout = fs::read_to_string(timeout)
        .map_or(LONG, |millis| Millis(millis.parse().expect("a number")));
    start(&mut world, (&plan, &state), STEP, timeout);
    ended(&mut world, &plan, &state);
}

/// A runner in a process of its own, which runs this line.
fn runs(bench: &Bench, line: &str) -> Child {
    fs::write(bench.path("line"), line).expect("a file");
    Process::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "execute::fates::runner"])
        .env(FOLDER, bench.dir.path())
        .stdout(Stdio::null())
        .spawn()
        .expect("it starts")
}

fn kill(mut runner: Child) {
    runner.kill().expect("it is there");
    runner.wait().expect("it ends");
}

/// A runner that was killed while its step waits for the pipe `gate`.
fn left_behind(bench: &Bench) {
    let life = bench.fifo("life");
    let runner = runs(bench, "echo begun | tee life; read -r go < gate; echo over");
    assert_eq!(life.drain(), "begun\n");
    kill(runner);
}

/// The same, and its supervisor was killed as well.
fn left_alone(bench: &Bench) {
    left_behind(bench);
    kill_supervisor(bench);
}

fn kill_supervisor(bench: &Bench) {
    let pid = noted(&note(bench), "Supervisor")["pid"].to_string();
    let killed = Process::new("kill").args(["-KILL", &pid]).status();
    assert!(killed.expect("kill runs").success());
    wait_until(|| matches!(found(bench), Fate::StillRunning(alive) if !alive.is_supervised()));
}

fn wait_until(holds: impl Fn() -> bool) {
    crate::wait::until("it holds", holds, |holds| *holds);
}

fn note(bench: &Bench) -> PathBuf {
    bench.outputs().join("attempt-7.notes")
}

/// What the notes say of something.
fn noted(notes: &Path, kind: &str) -> serde_json::Value {
    let text = fs::read_to_string(notes).expect("notes");
    let mut lines = text.lines().filter(|line| !line.is_empty());
    let found = lines.find_map(|line| {
        let note: serde_json::Value = serde_json::from_str(line).expect("JSON");
        note.get(kind).cloned()
    });
    found.unwrap_or_else(|| panic!("no {kind} in {text}"))
}

/// Changes what the notes say of the process.
fn change(notes: &Path, what: &str, to: serde_json::Value) {
    let mut identity = noted(notes, "Step");
    assert!(identity.get(what).is_some(), "the note has {what}");
    identity[what] = to;
    fs::write(
        notes,
        format!("\n{}", serde_json::json!({ "Step": identity })),
    )
    .expect("notes");
}

fn group(notes: &Path) -> String {
    format!("-{}", noted(notes, "Step")["pid"])
}

/// Ends what is left of a step, so that no test leaves anything running.
fn end(bench: &Bench) {
    let killed = Process::new("kill")
        .args(["-KILL", "--", &group(&note(bench))])
        .stderr(Stdio::null())
        .status();
    killed.expect("kill runs");
}

fn found(bench: &Bench) -> Fate {
    fate(&bench.outputs(), Attempt(7), STEP)
}

fn why(bench: &Bench) -> String {
    match found(bench) {
        Fate::Unknown { why } => why,
        other => panic!("not unknown: {other:?}"),
    }
}

/// The state of a run whose attempt 7 is out.
fn out() -> State {
    let plan = with_step(step(shell("true")));
    let mut state = state(&plan);
    state.running.push(Running {
        attempt: Attempt(7),
        strand: StrandId::MAIN,
        work: STEP,
        since: Moment(0),
        stopping: false,
    });
    state
}

/// The same, after the order to stop it.
fn out_and_stopping() -> State {
    let mut state = out();
    state.running[0].stopping = true;
    state
}

#[test]
fn without_an_output_file_nothing_began() {
    let bench = Bench::new();
    assert_eq!(found(&bench), Fate::NeverBegan);
    fs::create_dir(bench.outputs()).expect("a folder");
    assert_eq!(found(&bench), Fate::NeverBegan);
    let mut world = bench.world();
    let plan = with_step(step(shell("true")));
    let state = out();
    world.recover(&state);
    assert_eq!(ended(&mut world, &plan, &state), Outcome::NeverBegan);
}

#[test]
fn a_missing_output_file_proves_nothing_after_a_restart_of_the_machine() {
    let bench = Bench::new();
    assert_eq!(bench.line("true"), exited(0, ""));
    let gone = Attempt(70);
    assert_eq!(fate(&bench.outputs(), gone, STEP), Fate::NeverBegan);
    fs::write(bench.outputs().join("boot"), "an earlier start").expect("a note");
    let Fate::Unknown { why } = fate(&bench.outputs(), gone, STEP) else {
        panic!("it may have begun");
    };
    assert!(
        why.contains("the machine has been restarted since"),
        "{why}"
    );
}

#[test]
fn what_only_reads_is_asked_again() {
    let bench = Bench::new();
    assert_eq!(bench.line("true"), exited(0, ""));
    for work in [
        Work::Unless { step: StepId(0) },
        Work::Probe { probe: ProbeId(0) },
        Work::Read {
            exposure: ExposureId(0),
        },
    ] {
        assert_eq!(fate(&bench.outputs(), Attempt(7), work), Fate::NeverBegan);
    }
}

#[test]
fn an_end_that_the_journal_missed_is_known() {
    let bench = Bench::new();
    let outcome = bench.line("echo broken; exit 3");
    assert_eq!(outcome, exited(3, "broken"));
    assert_eq!(found(&bench), Fate::Finished(outcome.clone()));
    let mut world = bench.world();
    let state = out();
    world.recover(&state);
    let plan = with_step(step(shell("true")));
    assert_eq!(ended(&mut world, &plan, &state), outcome);
}

#[test]
fn a_file_and_no_note_is_unknown() {
    let bench = Bench::new();
    fs::create_dir(bench.outputs()).expect("a folder");
    fs::write(bench.outputs().join("attempt-7.out"), "").expect("a file");
    assert_eq!(
        why(&bench),
        "the runner ended while it was starting it; whether it began is not known; it printed nothing"
    );
}

#[test]
fn a_torn_note_is_none_and_spoils_no_other() {
    let bench = Bench::new();
    assert_eq!(bench.line("exit 3"), exited(3, ""));
    let whole = fs::read_to_string(note(&bench)).expect("notes");
    let (begun, end) = whole.rsplit_once('\n').expect("lines");
    let torn = &end[..end.len() - 1];
    fs::write(note(&bench), format!("{begun}\n{torn}")).expect("a file");
    assert!(why(&bench).contains("it ended while nobody looked"));
    fs::write(note(&bench), format!("{begun}\n{torn}\n{end}")).expect("a file");
    assert_eq!(found(&bench), Fate::Finished(exited(3, "")));
}

/// A program before this one had a file for each note.
#[test]
fn what_an_earlier_program_noted_is_read() {
    let bench = Bench::new();
    let _gate = bench.fifo("gate");
    left_behind(&bench);
    let kept = |kind: &str| bench.outputs().join(format!("attempt-7.{kind}"));
    let supervisor = noted(&note(&bench), "Supervisor");
    let process = noted(&note(&bench), "Step").to_string();
    fs::rename(note(&bench), kept("lock")).expect("a lock");
    let said = format!("{} {}\n", supervisor["pid"], supervisor["start"]);
    fs::write(kept("lock"), said).expect("a lock");
    fs::write(kept("pid"), process).expect("a note");
    assert!(matches!(found(&bench), Fate::StillRunning(alive) if alive.is_supervised()));
    let mut world = bench.world();
    let state = out_and_stopping();
    world.recover(&state);
    let plan = with_step(step(shell("true")));
    // It was found and told to stop; its end is not where an earlier program would have noted it.
    let Outcome::Unknown { why } = ended(&mut world, &plan, &state) else {
        panic!("its end is not noted");
    };
    assert!(why.starts_with("it was started at 2"), "{why}");
    fs::write(kept("end"), r#"{"Exited":{"status":3,"said":""}}"#).expect("a note");
    assert_eq!(found(&bench), Fate::Finished(exited(3, "")));
}

#[test]
fn a_step_outlives_its_runner_and_its_end_is_awaited() {
    let bench = Bench::new();
    let gate = bench.fifo("gate");
    left_behind(&bench);
    let Fate::StillRunning(alive) = found(&bench) else {
        panic!("it still runs: {:?}", found(&bench));
    };
    assert!(alive.is_supervised());
    let mut world = bench.world();
    let state = out();
    world.recover(&state);
    gate.release();
    let plan = with_step(step(shell("true")));
    let outcome = ended(&mut world, &plan, &state);
    assert_eq!(outcome, exited(0, ""));
    assert_eq!(bench.output(), b"begun\nover\n");
    // A third runner learns the same, without looking for the process.
    assert_eq!(found(&bench), Fate::Finished(outcome));
}

#[test]
fn a_step_that_ends_while_nobody_looks_is_known_to_the_next_runner() {
    let bench = Bench::new();
    let (life, gate) = (bench.fifo("life"), bench.fifo("gate"));
    let runner = runs(
        &bench,
        "echo begun > life; read -r go < gate; echo broken; exit 3",
    );
    assert_eq!(life.drain(), "begun\n");
    kill(runner);
    gate.release();
    wait_until(|| found(&bench) == Fate::Finished(exited(3, "broken")));
}

#[test]
fn a_step_without_runner_and_supervisor_is_awaited_and_its_end_is_unknown() {
    let bench = Bench::new();
    let gate = bench.fifo("gate");
    left_alone(&bench);
    let mut world = bench.world();
    let state = out();
    world.recover(&state);
    gate.release();
    let plan = with_step(step(shell("true")));
    let Outcome::Unknown { why } = ended(&mut world, &plan, &state) else {
        panic!("its exit status is lost");
    };
    assert!(why.starts_with("it was started at 2"), "{why}");
    assert!(why.contains("attempt-7.out, and ends with: over"), "{why}");
    assert!(
        matches!(
            found(&bench),
            Fate::Unknown { .. } | Fate::Finished(Outcome::Unknown { .. })
        ),
        "a third runner learns no more"
    );
}

#[test]
fn a_supervisor_keeps_the_deadline_when_no_runner_is_left() {
    let bench = Bench::new();
    let life = bench.fifo("life");
    fs::write(bench.path("timeout"), "300").expect("a file");
    let runner = runs(&bench, "echo begun > life; sleep 600");
    assert_eq!(life.drain(), "begun\n");
    kill(runner);
    wait_until(|| found(&bench) == Fate::Finished(Outcome::TimedOut));
}

#[test]
fn a_step_with_secrets_outlives_its_runner_and_they_are_removed_after_it() {
    let bench = Bench::new();
    let (life, gate, end) = (bench.fifo("life"), bench.fifo("gate"), bench.fifo("end"));
    fs::write(bench.path("token"), "hunter2-and-more").expect("a file");
    let runner = runs(
        &bench,
        "echo begun > life; read -r go < gate; cat \"$token_file\"; cat \"$token_file\" > end",
    );
    assert_eq!(life.drain(), "begun\n");
    kill(runner);
    assert_eq!(folders(&bench), 1);
    let mut world = bench.world();
    let state = out();
    world.recover(&state);
    gate.release();
    assert_eq!(end.drain(), "hunter2-and-more");
    let plan = with_step(step(shell("true")));
    let outcome = ended(&mut world, &plan, &state);
    assert_eq!(outcome, exited(0, ""));
    assert_eq!(folders(&bench), 0);
    assert_eq!(bench.output(), b"***", "masked when no runner was there");
}

/// How many folders of secrets there are.
fn folders(bench: &Bench) -> usize {
    let entries = fs::read_dir(bench.dir.path()).expect("a folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    names
        .filter(|name| name.to_string_lossy().starts_with("runbook-"))
        .count()
}

#[test]
fn the_secrets_of_a_step_that_outlives_its_runner_are_removed_by_its_supervisor() {
    let bench = Bench::new();
    let (life, gate) = (bench.fifo("life"), bench.fifo("gate"));
    fs::write(bench.path("token"), "hunter2-and-more").expect("a file");
    let runner = runs(&bench, "echo begun > life; read -r go < gate");
    assert_eq!(life.drain(), "begun\n");
    kill(runner);
    assert_eq!(folders(&bench), 1);
    gate.release();
    // No runner comes by.
    wait_until(|| found(&bench) == Fate::Finished(exited(0, "")));
    assert_eq!(folders(&bench), 0);
}

/// A step with a secret whose runner and supervisor were killed: nobody is left who would remove it.
fn left_alone_with_a_secret(bench: &Bench) {
    fs::write(bench.path("token"), "hunter2-and-more").expect("a file");
    left_alone(bench);
    assert_eq!(folders(bench), 1);
}

#[test]
fn the_secrets_of_a_step_that_nobody_minds_are_removed_when_it_has_ended() {
    let bench = Bench::new();
    let gate = bench.fifo("gate");
    left_alone_with_a_secret(&bench);
    let mut world = bench.world();
    let state = out();
    world.recover(&state);
    assert_eq!(folders(&bench), 1, "the step may still read it");
    gate.release();
    let plan = with_step(step(shell("true")));
    let outcome = ended(&mut world, &plan, &state);
    assert!(matches!(outcome, Outcome::Unknown { .. }), "{outcome:?}");
    assert_eq!(folders(&bench), 0);
}

#[test]
fn the_secrets_of_a_step_that_has_ended_alone_are_removed_by_the_next_runner() {
    let bench = Bench::new();
    let _gate = bench.fifo("gate");
    left_alone_with_a_secret(&bench);
    end(&bench);
    wait_until(|| matches!(found(&bench), Fate::Unknown { .. }));
    let mut world = bench.world();
    world.recover(&out());
    assert_eq!(folders(&bench), 0);
}

#[test]
fn a_step_that_was_being_stopped_is_stopped() {
    let bench = Bench::new();
    let _gate = bench.fifo("gate");
    left_behind(&bench);
    let mut world = bench.world();
    let state = out_and_stopping();
    world.recover(&state);
    let plan = with_step(step(shell("true")));
    assert_eq!(ended(&mut world, &plan, &state), Outcome::Stopped);
}

#[test]
fn a_step_can_be_stopped_later() {
    let bench = Bench::new();
    let _gate = bench.fifo("gate");
    left_behind(&bench);
    let mut world = bench.world();
    let state = out();
    world.recover(&state);
    let plan = with_step(step(shell("true")));
    let attempt = Attempt(7);
    world.start(&plan, &state, &Effect::Stop { attempt });
    assert_eq!(ended(&mut world, &plan, &state), Outcome::Stopped);
}

#[test]
fn a_step_whose_time_ran_out_meanwhile_is_ended() {
    let bench = Bench::new();
    let _gate = bench.fifo("gate");
    left_alone(&bench);
    change(&note(&bench), "timeout", 0.into());
    let mut world = bench.world();
    let state = out();
    world.recover(&state);
    let plan = with_step(step(shell("true")));
    assert_eq!(ended(&mut world, &plan, &state), Outcome::TimedOut);
}

#[test]
fn an_end_that_nobody_saw_is_unknown_with_all_that_is_known() {
    let bench = Bench::new();
    let _gate = bench.fifo("gate");
    left_alone(&bench);
    end(&bench);
    let mut tries = 0;
    while matches!(found(&bench), Fate::StillRunning(_)) {
        tries += 1;
        assert!(tries < 100_000, "it never ends");
        std::thread::yield_now();
    }
    let why = why(&bench);
    assert!(why.starts_with("it was started at 2"), "{why}");
    assert!(
        why.contains("; it ended while nobody looked; its output is in /")
            && why.ends_with("attempt-7.out, and ends with: begun"),
        "{why}"
    );
}

#[test]
fn what_is_not_known_of_a_block_names_the_command_that_had_begun() {
    let bench = Bench::new();
    let _gate = bench.fifo("gate");
    left_alone(&bench);
    end(&bench);
    let output = bench.path("outputs/attempt-7.out");
    let mut text = fs::read_to_string(&output).expect("its output");
    text.insert_str(0, "runbook-part[run-1 7] 1 of 3: $ npm ci\n");
    text.push_str("runbook-part[run-1 7] 2 of 3: $ npm test\n");
    fs::write(&output, text).expect("its output");
    let mut tries = 0;
    while matches!(found(&bench), Fate::StillRunning(_)) {
        tries += 1;
        assert!(tries < 100_000, "it never ends");
        std::thread::yield_now();
    }
    let why = why(&bench);
    assert!(
        why.contains("; part 2 of 3, $ npm test, had begun; its output is in")
            && why.ends_with("and ends with: begun"),
        "{why}"
    );
}

#[test]
fn another_process_with_its_number_is_not_it() {
    let bench = Bench::new();
    let _gate = bench.fifo("gate");
    left_alone(&bench);
    change(&note(&bench), "start", 1.into());
    let why = why(&bench);
    end(&bench);
    assert!(why.contains("it ended while nobody looked"), "{why}");
}

#[test]
fn after_a_restart_of_the_machine_nothing_of_it_runs() {
    let bench = Bench::new();
    let _gate = bench.fifo("gate");
    left_alone(&bench);
    change(&note(&bench), "boot", "another".into());
    let why = why(&bench);
    end(&bench);
    assert!(why.contains("the machine has been restarted"), "{why}");
}

#[test]
fn children_without_their_leader_still_run_but_tell_no_status() {
    let bench = Bench::new();
    let life = bench.fifo("life");
    let gate = bench.fifo("gate");
    // The runner dies first, then the leader, and its child lives on.
    let runner = runs(
        &bench,
        "exec 3> life; sleep 600 & echo begun >&3; read -r go < gate; exit 0",
    );
    let mut life = std::io::BufReader::new(life.open());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut life, &mut line).expect("it begins");
    kill(runner);
    kill_supervisor(&bench);
    gate.release();
    let leader = group(&note(&bench)).replace('-', "/proc/");
    let mut tries = 0;
    while is_running(&leader) {
        tries += 1;
        assert!(tries < 1_000_000, "the leader never ends");
        std::thread::yield_now();
    }
    let mut world = bench.world();
    let state = out_and_stopping();
    world.recover(&state);
    let plan = with_step(step(shell("true")));
    let Outcome::Unknown { why } = ended(&mut world, &plan, &state) else {
        panic!("its exit status is lost");
    };
    assert!(why.contains("its exit status is not known"), "{why}");
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut life, &mut rest).expect("nobody holds it any more");
}

fn is_running(process: &str) -> bool {
    // Where nobody collects orphans, the leader stays in the list after its end.
    fs::read_to_string(format!("{process}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

#[test]
fn the_first_thing_told_comes_before_what_was_recovered() {
    let bench = Bench::new();
    let mut world = bench.world();
    let state = out();
    let by = "anna".to_owned();
    world.tell(Input::Resumed { by: by.clone() });
    world.recover(&state);
    let plan = with_step(step(shell("true")));
    let first = world.next(&plan, &state, None).expect("a fact");
    assert_eq!(first.input, Input::Resumed { by });
    assert_eq!(ended(&mut world, &plan, &state), Outcome::NeverBegan);
}
