//! Speed and memory against peers and floors: ratios within one run, because figures drift with the machine.
//!
//! `cargo bench`, or `cargo bench -- WORD` for a row. A limit that is missed ends with status 1.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench reads the clock and prints; a broken assumption should end it"
)]

mod measure;
mod simulation;
mod table;

use std::process::ExitCode;

use measure::alone;
use table::{Limit, Outcome, Row, ms};

/// Measures one row.
type Measure = fn() -> Outcome;

/// The rows, each with a word that selects it.
const ROWS: &[(&str, Measure)] = &[("engine", engine_in_simulation)];

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
    if kept {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// A month of soak in the simulated world.
fn engine_in_simulation() -> Outcome {
    let plan = simulation::a_month_of_soak();
    let inputs = simulation::inputs(&plan);
    let taken = alone(5, || {
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
