//! Owns the command line: one file a subcommand. The only place that names clap, the environment and the current directory.

#![expect(
    clippy::disallowed_methods,
    reason = "the command line reads files, the environment and the clock on behalf of everything behind it"
)]

mod again;
mod args;
mod busy;
mod check;
mod compile;
mod confirm;
mod demo;
mod explain;
mod fix;
mod fmt;
mod incident;
mod library;
mod list;
mod log;
mod online;
mod operate;
mod overdue;
mod place;
mod plan;
mod run;
mod say;
mod show;
mod status;
mod test;
mod upset;
mod vote;
mod walk;

use clap::Parser;

use args::{Args, Command};

use crate::execute::{REQUEST, SUPERVISE, own_signals, request, supervise};

/// The exit status for wrong usage, unreadable files and bad configuration.
pub(crate) const USAGE: u8 = 2;

/// Runs the program with the process's arguments; the exit status (semantics, section 6).
#[must_use]
pub fn main() -> u8 {
    own_signals();
    // Before everything else: it is started for every attempt, and has nothing to read here.
    if std::env::args_os()
        .nth(1)
        .is_some_and(|word| word == SUPERVISE)
    {
        return supervise();
    }
    if std::env::args_os()
        .nth(1)
        .is_some_and(|word| word == REQUEST)
    {
        return request();
    }
    let mut args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // `--help` and `--version` are answers, everything else is wrong usage.
            let status = u8::try_from(error.exit_code()).unwrap_or(USAGE);
            let _ = error.print();
            return status;
        }
    };
    let say = say::Say::new(&args.common);
    // Not by clap, which would print the option in every usage line once the variable is set.
    let named = || std::env::var_os("RUNBOOK_STATE").filter(|dir| !dir.is_empty());
    args.common.state = args.common.state.or_else(|| named().map(Into::into));
    let status = match args.command {
        Command::Check(command) => check::run(&command, &say),
        Command::Fmt(command) => fmt::run(&command, &say),
        Command::Test(command) => test::run(&command, &say),
        Command::Plan(command) => plan::run(&command, &say),
        Command::Run(command) => run::run(&command, &args.common, &say),
        Command::Resume(command) => run::resume(&command, &args.common, &say),
        Command::Rollback(command) => operate::rollback(&command, &args.common, &say),
        Command::Decide(command) => operate::decide(&command, &args.common, &say),
        Command::Approve(command) => vote::approve(&command, &args.common, &say),
        Command::Decline(command) => vote::decline(&command, &args.common, &say),
        Command::Status(command) => status::run(&command, &args.common, &say),
        Command::List => list::run(&args.common, &say),
        Command::Incident(command) => incident::run(&command, &args.common, &say),
        Command::Log(command) => log::run(&command, &args.common, &say),
        Command::Explain(command) => explain::run(&command, &say),
        Command::Demo(command) => demo::run(&command, &args.common, &say),
        Command::DemoTool { tool, words } => demo::tool(&tool, &words, &say),
    };
    let status = say.status(status);
    say.finish();
    status
}
