//! The files in `runbooks/`: they are the face of the language, so what they say has to be so.

use std::path::Path;
use std::time::Duration;

use runbook::demo::{Options, Production};
use runbook::engine::Outcome;
use runbook::plan::{Op, Plan, Step};
use runbook::report::trial::{Kind, suggest};
use runbook::simulate::Scenario;
use runbook::source::SourceFile;
use runbook::value::Millis;

use super::demo::query;

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("runbooks")
        .join(name);
    std::fs::read_to_string(path).expect("it is part of the project")
}

/// The names that a word such as `stage` declares, in order.
fn declared(text: &str, word: &str) -> Vec<String> {
    let lines = text.lines().map(str::split_whitespace);
    let named = lines.filter_map(|mut words| {
        words
            .next()
            .filter(|first| *first == word)
            .and_then(|_| words.next())
    });
    named.map(str::to_owned).collect()
}

/// The examples show how tests are written: they hold, and everything that can happen in them is reached.
#[test]
fn the_tests_of_every_example_hold_and_reach_all_of_it() {
    let (mut seen, mut items) = (0, 0);
    let mut impossible = Vec::new();
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("runbooks"))
        .expect("they are part of the project")
    {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|end| end != "runbook") {
            continue;
        }
        let name = path.file_name().expect("a file").to_string_lossy();
        let tested = super::trial::reached(&name, &read(&name))
            .unwrap_or_else(|found| panic!("{name}: {:?}", found.iter().next()));
        assert!(!tested.tests.is_empty(), "{name} has no test");
        for test in &tested.tests {
            assert!(test.failures.is_empty(), "{name}: {test:?}");
        }
        let missing: Vec<&str> = tested
            .coverage
            .missing()
            .map(|one| one.name.as_str())
            .collect();
        assert!(missing.is_empty(), "{name}: no test reaches {missing:?}");
        for kind in Kind::ALL {
            let (reached, all) = tested.coverage.count(kind);
            assert_eq!(reached, all, "{name}: {kind:?}");
            items += all;
        }
        let never = tested.coverage.impossible();
        let never = never.map(|item| format!("{name}: {}", item.name));
        impossible.extend(never);
        seen += 1;
    }
    assert!(seen >= 6, "saw {seen}");
    assert!(items >= 150, "saw {items}");
    // Its first stage begins with an exposure, and what is being set counts as exposed.
    let known = ["phased.runbook: level flag: its `when` does not hold"];
    assert_eq!(impossible, known);
}

/// What is suggested for an example without its tests is written as the examples are, holds, and reaches all that the tests reached.
#[test]
fn what_is_suggested_for_an_example_without_tests_reaches_all_of_it() {
    let names = [
        "jwt-auth",
        "demo",
        "kernel",
        "regions",
        "phased",
        "blue-green",
    ];
    let counts = std::thread::scope(|scope| {
        let all = names.map(|name| scope.spawn(move || suggested_for(&format!("{name}.runbook"))));
        all.map(|one| one.join().expect("it holds"))
    });
    let blocks: usize = counts.iter().sum();
    assert!(blocks >= 60, "saw {blocks}");
}

/// How many tests are suggested for an example without its own.
fn suggested_for(name: &str) -> usize {
    let text = read(name);
    let (bare, _) = text.split_once("\ntest \"").expect("it has tests");
    let suggested = suggest(bare, &|text| super::trial::ready(name, text));
    let suggested = suggested.unwrap_or_else(|| panic!("{name} is wrong"));
    let left: Vec<&str> = suggested.left.iter().map(|one| one.name.as_str()).collect();
    assert!(left.is_empty(), "{name}: nothing reaches {left:?}");
    let whole = format!("{}\n\n{}", bare.trim_end(), suggested.blocks.join("\n"));
    let file = SourceFile::new(name, &*whole);
    let formed = runbook::fmt::format(&file);
    assert_eq!(formed.as_deref(), Ok(whole.as_str()), "{name}");
    let tested = super::trial::reached(name, &whole)
        .unwrap_or_else(|found| panic!("{name}: {:?}", found.iter().next()));
    for test in &tested.tests {
        assert!(test.failures.is_empty(), "{name}: {test:?}");
    }
    let missing = tested.coverage.missing();
    let missing: Vec<&str> = missing.map(|one| one.name.as_str()).collect();
    assert!(missing.is_empty(), "{name}: no test reaches {missing:?}");
    // With them nothing more is suggested.
    let again = suggest(&whole, &|text| super::trial::ready(name, text));
    assert_eq!(again.map(|one| one.blocks.len()), Some(0), "{name}");
    suggested.blocks.len()
}

#[test]
fn the_demo_has_the_shape_of_the_real_thing() {
    let (demo, real) = (read("demo.runbook"), read("jwt-auth.runbook"));
    let stages = ["infrastructure", "integration", "canary", "partial", "full"];
    for text in [&demo, &real] {
        assert_eq!(declared(text, "stage"), stages);
        assert_eq!(declared(text, "expose"), ["10%", "50%", "100%", "0%"]);
        assert_eq!(declared(text, "level"), ["flag", "config", "code"]);
    }
}

#[test]
fn blue_green_and_phased_go_all_their_way_and_back() {
    let cases = [
        (
            "blue-green.runbook",
            "version=2.4.0",
            "expose live green",
            "expose live blue",
        ),
        (
            "phased.runbook",
            "",
            "expose cohort all",
            "expose cohort none",
        ),
    ];
    for (name, param, there, back) in cases {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("runbooks")
            .join(name);
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_runbook"));
        program.arg("plan").arg(path);
        if !param.is_empty() {
            program.args(["--param", param]);
        }
        let output = program.output().expect("it runs");
        let text = String::from_utf8_lossy(&output.stdout)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name}: {said}");
        for wanted in [there, back, "Nothing was changed."] {
            assert!(text.contains(wanted), "{name} lacks {wanted}: {text}");
        }
    }
}

#[test]
fn the_demo_s_production_answers_every_query_of_its_runbook_with_one_number() {
    let production = Production::start(Options {
        speed: 600.0,
        fault: None,
    })
    .expect("loopback is there");
    production
        .wait_ready(Duration::from_secs(60))
        .expect("it gets ready");
    let text = read("demo.runbook");
    let queries: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split("prom '").nth(1)?.strip_suffix('\''))
        .collect();
    assert_eq!(queries.len(), 4);
    for promql in queries {
        let (status, answer) = query(&production, promql);
        assert_eq!(status, 200, "{promql}: {answer}");
        let result = answer["data"]["result"].as_array().expect("a vector");
        let value: f64 = result[0]["value"][1]
            .as_str()
            .expect("text")
            .parse()
            .expect("a number");
        assert!(result.len() == 1 && value.is_finite(), "{promql}: {answer}");
    }
}

/// What undoes a step may fail like any other step: whatever it is that fails, the run ends as the file says, and nothing is undone that
/// did not begin.
#[test]
fn every_undo_of_every_example_fails_once() {
    let mut failed = 0;
    for folder in ["runbooks", "tests/it/check/good"] {
        for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
            .expect("they are part of the project")
        {
            let path = entry.expect("an entry").path();
            if path.extension().is_none_or(|end| end != "runbook") {
                continue;
            }
            let Some(plan) = super::prove::plan_of(&path) else {
                continue;
            };
            for undo in plan.steps.iter().filter(|step| step.undoes.is_some()) {
                fails_once(&plan, undo, &path.display().to_string());
                failed += 1;
            }
        }
    }
    assert!(failed >= 10, "{failed}");
}

/// The last step of the rollout fails, so that everything before it has begun; then this one, once.
fn fails_once(plan: &Plan, undo: &Step, name: &str) {
    let bad = Outcome::Exited {
        status: 1,
        said: String::new(),
    };
    let good = Outcome::Exited {
        status: 0,
        said: String::new(),
    };
    let in_stages = plan.stages.iter().flat_map(|stage| Op::all(&stage.ops));
    let last = in_stages.filter_map(Op::step).next_back().expect("a step");
    let mut scenario = Scenario::all_goes_well(plan, "ann");
    let always = usize::try_from(plan.steps[last.index()].retry.more).expect("a few") + 1;
    let ends = std::iter::repeat_n((bad.clone(), Millis(0)), always);
    scenario.steps.insert(last, ends.collect());
    let times = usize::try_from(undo.retry.more).expect("a few") + 1;
    let mut ends: Vec<_> = std::iter::repeat_n((bad, Millis(0)), times).collect();
    ends.push((good, Millis(0)));
    scenario.steps.insert(undo.id, ends);
    let said = super::engine::stage::play(plan, scenario);
    let undone = format!("failed      {}: exit status 1", undo.name);
    assert!(said.contains(&undone), "{name}, {}: {said}", undo.name);
    let ended = ["rolled back", "stuck"]
        .iter()
        .any(|end| said.contains(end));
    assert!(ended, "{name}, {}: {said}", undo.name);
}
