//! Rows about the program as a whole, from the start of its process to its end.

use std::process::Command;

use crate::folders::folder;
use crate::measure::pairs;
use crate::programs::{find, resident, run, runbook};
use crate::table::{Limit, Outcome, Row, ms};
use crate::{floor, inputs};

/// `check` of a file with one step against `just --list` of a file with one recipe.
pub(crate) fn check_of_a_trivial_file() -> Outcome {
    let just = find("just")?;
    let folder = folder();
    let trivial = inputs::file(folder.path(), "trivial.runbook", &inputs::steps(1, 1, None));
    let justfile = inputs::file(folder.path(), "justfile", "only:\n    true\n");
    let pairs = pairs(
        200,
        || run(runbook().arg("check").arg(&trivial)),
        || {
            run(Command::new(&just)
                .arg("--list")
                .arg("--justfile")
                .arg(&justfile))
        },
    );
    Ok(Row {
        what: "check of a trivial file / just --list",
        sides: format!("{}, just {}", ms(pairs.ours), ms(pairs.other)),
        figure: pairs.ratio,
        unit: "x",
        limit: Limit::AtMost(2.0),
    })
}

/// What that `check` has resident at most.
pub(crate) fn memory_of_a_check() -> Outcome {
    let folder = folder();
    let trivial = inputs::file(folder.path(), "trivial.runbook", &inputs::steps(1, 1, None));
    Ok(Row {
        what: "resident memory of that check",
        sides: String::new(),
        figure: resident(runbook().arg("check").arg(&trivial))?,
        unit: "MiB",
        limit: Limit::AtMost(15.0),
    })
}

/// The dry run of a thousand steps and thirty days of waits against `make -n` on as many lines.
pub(crate) fn plan_of_many_steps() -> Outcome {
    let make = find("make")?;
    let folder = folder();
    let file = inputs::file(
        folder.path(),
        "steps.runbook",
        &inputs::steps(10, 100, Some("3d")),
    );
    let makefile = inputs::file(folder.path(), "Makefile", &inputs::makefile(1_000));
    let pairs = pairs(
        100,
        || run(runbook().arg("plan").arg(&file)),
        || run(Command::new(&make).arg("-n").arg("-f").arg(&makefile)),
    );
    Ok(Row {
        what: "plan of 1,000 steps and 30 days / make -n",
        sides: format!("{}, make {}", ms(pairs.ours), ms(pairs.other)),
        figure: pairs.ratio,
        unit: "x",
        limit: Limit::AtMost(2.0),
    })
}

/// Two hundred steps at once against make, which keeps nothing.
pub(crate) fn parallel_durable_steps() -> Outcome {
    const STEPS: usize = 200;
    let make = find("make")?;
    let folder = folder();
    let file = inputs::file(
        folder.path(),
        "parallel.runbook",
        &inputs::parallel_steps(STEPS),
    );
    let makefile = inputs::file(folder.path(), "Makefile", &inputs::parallel_makefile(STEPS));
    let state = folder.path().join("state");
    let pairs = pairs(
        7,
        || run(runbook().arg("--state").arg(&state).arg("run").arg(&file)),
        || {
            run(Command::new(&make)
                .arg(format!("-j{STEPS}"))
                .arg("-f")
                .arg(&makefile))
        },
    );
    Ok(Row {
        what: "200 durable steps at once / make -j200",
        sides: format!("{}, make {}", ms(pairs.ours), ms(pairs.other)),
        figure: pairs.ratio,
        unit: "x",
        limit: Limit::AtMost(1.3),
    })
}

/// How many syncs those cost, each: of intents that are written together there is one.
pub(crate) fn syncs_of_parallel_steps() -> Outcome {
    const STEPS: usize = 200;
    let strace = find("strace")?;
    let folder = folder();
    let file = inputs::file(
        folder.path(),
        "parallel.runbook",
        &inputs::parallel_steps(STEPS),
    );
    let trace = folder.path().join("trace");
    run(Command::new(strace)
        .args(["-f", "-qq", "-e", "trace=fsync,fdatasync", "-o"])
        .arg(&trace)
        .arg(runbook().get_program())
        .arg("--state")
        .arg(folder.path().join("state"))
        .arg("run")
        .arg(&file));
    let trace = std::fs::read_to_string(trace).map_err(|error| error.to_string())?;
    // A call that is interrupted by another process's has two lines.
    let calls = trace.lines().filter(|line| line.contains("sync("));
    let syncs = calls.count();
    Ok(Row {
        what: "syncs a step of 200 durable steps at once",
        sides: format!("{syncs} in the run"),
        figure: syncs as f64 / STEPS as f64,
        unit: "",
        limit: Limit::AtMost(0.6),
    })
}

/// A thousand steps in sequence against as many processes with two synced records each and nothing else.
pub(crate) fn durable_steps() -> Outcome {
    const STEPS: usize = 1_000;
    let folder = folder();
    let file = inputs::file(
        folder.path(),
        "steps.runbook",
        &inputs::steps(10, STEPS / 10, None),
    );
    let state = folder.path().join("state");
    let pairs = pairs(
        7,
        || run(runbook().arg("--state").arg(&state).arg("run").arg(&file)),
        || floor::steps_with_two_syncs(folder.path(), STEPS),
    );
    Ok(Row {
        what: "1,000 durable steps / a bare loop, two syncs each",
        sides: format!("{}, loop {}", ms(pairs.ours), ms(pairs.other)),
        figure: pairs.ratio,
        unit: "x",
        limit: Limit::AtMost(3.0),
    })
}
