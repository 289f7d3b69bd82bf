//! Speed and memory against peers and floors: ratios within one run, because figures drift with the machine.
//!
//! `bash benches/peers.sh && cargo bench`, or `cargo bench -- WORD` for a row. A row whose peer is missing says so, and a limit that is
//! missed ends with status 1.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench reads the clock and prints; a broken assumption should end it"
)]

mod commands;
mod files;
mod floor;
mod folders;
mod hostile;
mod inputs;
mod journal;
mod measure;
mod processes;
mod programs;
mod proofs;
mod releases;
mod simulation;
mod table;

use std::hint::black_box;
use std::process::ExitCode;

use measure::computing;
use runbook::source::SourceFile;
use runbook::syntax::parse;
use table::{Limit, Outcome, Row, ms};

/// Measures one row.
type Measure = fn() -> Outcome;

/// The rows, each with a word that selects it.
const ROWS: &[(&str, Measure)] = &[
    ("check", commands::check_of_a_trivial_file),
    ("memory", commands::memory_of_a_check),
    ("plan", commands::plan_of_many_steps),
    ("step", commands::durable_steps),
    ("parallel", commands::parallel_durable_steps),
    ("parallel", commands::syncs_of_parallel_steps),
    ("files", files::many_files),
    ("files", files::many_files_alike),
    ("files", files::many_files_against_starlark),
    ("files", files::many_files_against_ruff),
    ("files", files::memory_of_many_files),
    ("large", files::large_file_against_just),
    ("large", files::ten_times_the_size),
    ("large", files::form_against_taplo),
    ("hostile", hostile::check),
    ("hostile", hostile::form),
    ("parse", parse_to_tree),
    ("engine", engine_in_simulation),
    ("journal", journal_brought_back),
    ("proof", proofs::canonical),
    ("proof", proofs::small),
    ("proof", proofs::hundred_steps),
    ("proof", proofs::thousand_steps),
    ("rollouts", proofs::rollouts),
    ("tests", proofs::tests),
    ("journal", long_journal_brought_back),
    ("output", processes::output_of_a_gigabyte),
    ("output", processes::memory_of_a_gigabyte),
    ("stop", processes::stopping_a_step),
    ("day", processes::memory_of_a_day),
];

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let mut kept = true;
    for (name, row) in ROWS {
        if !words.is_empty() && !words.iter().any(|word| word == name) {
            continue;
        }
        match row() {
            Ok(row) => kept &= row.print(),
            Err(why) => println!("{name}: left out: {why}"),
        }
    }
    folders::remove_all();
    if kept {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// A megabyte of what the canonical runbook is made of, to a tree.
fn parse_to_tree() -> Outcome {
    let text = inputs::megabyte().ok_or("the canonical runbook has another order of parts")?;
    let megabytes = text.len() as f64 / 1e6;
    let file = SourceFile::new("megabyte.runbook", text);
    let found = parse(&file).diagnostics.iter().count();
    assert_eq!(found, 0, "what is not read is not measured");
    let taken = computing(20, || {
        black_box(parse(&file));
    });
    Ok(Row {
        what: "text to tree, a file of 1 MB",
        sides: ms(taken),
        figure: megabytes / taken.as_secs_f64(),
        unit: "MB/s",
        limit: Limit::AtLeast(15.0),
    })
}

/// A month of soak in the simulated world.
fn engine_in_simulation() -> Outcome {
    let plan = simulation::soak(30);
    let inputs = simulation::inputs(&plan);
    let taken = computing(5, || {
        simulation::inputs(&plan);
    });
    Ok(Row {
        what: "the engine, simulated: inputs a second",
        sides: format!("{inputs} inputs in {}", ms(taken)),
        figure: inputs as f64 / taken.as_secs_f64() / 1_000_000.0,
        unit: "million",
        limit: Limit::AtLeast(1.0),
    })
}

/// Two days of soak, recorded and brought back.
fn journal_brought_back() -> Outcome {
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let plan = simulation::soak(2);
    let (store, id, rows) = journal::record(directory.path(), &plan);
    let taken = computing(3, || journal::bring_back(&store, &id));
    Ok(Row {
        what: "the journal, checked and replayed: rows a second",
        sides: format!("{rows} rows in {}", ms(taken)),
        figure: rows as f64 / taken.as_secs_f64() / 1_000_000.0,
        unit: "million",
        limit: Limit::AtLeast(0.1),
    })
}

/// A hundred thousand events, as in `resume`.
fn long_journal_brought_back() -> Outcome {
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let (mut days, mut recorded) = (4, None);
    while recorded.as_ref().is_none_or(|(_, _, rows)| *rows < 100_000) {
        let plan = simulation::soak(days);
        let folder = directory.path().join(days.to_string());
        recorded = Some(journal::record(&folder, &plan));
        days += 2;
    }
    let (store, id, rows) = recorded.ok_or("nothing was recorded")?;
    let taken = computing(3, || journal::bring_back(&store, &id));
    Ok(Row {
        what: "a journal of 100,000 events, checked and replayed",
        sides: format!("{rows} rows in {}", ms(taken)),
        figure: taken.as_secs_f64() * 100_000.0 / rows as f64,
        unit: "s",
        limit: Limit::AtMost(1.0),
    })
}
