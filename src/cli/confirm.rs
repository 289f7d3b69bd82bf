//! Owns what a person confirms before a run: what they named with the command, and what they are asked at the terminal.

use std::io::{IsTerminal, Write, stderr, stdin};

use super::USAGE;
use super::args::RunArgs;
use super::say::Say;
use crate::plan::{Plan, Precondition};

/// The items that are confirmed: given with the command, or asked at the terminal.
pub(super) fn confirmations(plan: &Plan, args: &RunArgs, say: &Say) -> Result<Vec<String>, u8> {
    let titles: Vec<&String> = plan
        .before
        .iter()
        .filter_map(|one| match one {
            Precondition::Confirm { title } => Some(title),
            Precondition::Check(_) | Precondition::Approve(_) => None,
        })
        .collect();
    let mut confirmed = Vec::new();
    for given in &args.confirm {
        let known = titles.iter().find(|title| title.as_str() == given);
        let Some(known) = known else {
            let all: Vec<String> = titles.iter().map(|title| format!("\"{title}\"")).collect();
            let help = if all.is_empty() {
                "the runbook has no `confirm`".to_owned()
            } else {
                format!("what can be confirmed: {}", all.join(", "))
            };
            say.error(
                &format!("there is nothing called \"{given}\" to confirm"),
                &help,
            );
            return Err(USAGE);
        };
        confirmed.push((*known).clone());
    }
    let interactive =
        !args.runner.non_interactive && stdin().is_terminal() && stderr().is_terminal();
    for title in titles {
        if interactive && !confirmed.contains(title) && asked(title) {
            confirmed.push(title.clone());
        }
    }
    Ok(confirmed)
}

/// Asks at the terminal; anything but a yes is a no.
fn asked(title: &str) -> bool {
    let mut err = stderr().lock();
    let _ = write!(err, "confirm: {title}? [y/N] ");
    let _ = err.flush();
    let mut line = String::new();
    if stdin().read_line(&mut line).is_err() {
        return false;
    }
    matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}
