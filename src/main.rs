//! The program: calls the command line, and turns what it says into an exit status. Nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(runbook::cli::main())
}
