//! Owns the words of the command line. What they do stands in the file named for each command.

use std::path::PathBuf;

use crate::execute::without_controls;
use crate::value::{Date, Millis, Time, Type, Value};

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

/// Rollouts and rollbacks that are checked before, watched while, and known after they run.
#[derive(Parser)]
#[command(
    name = "runbook",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command understands.
#[derive(ClapArgs)]
pub(crate) struct Common {
    /// When to use colour; NO_COLOR and CLICOLOR_FORCE are honoured
    #[arg(long, global = true, value_enum, default_value_t = ColourWhen::Auto)]
    pub(crate) color: ColourWhen,
    /// Say only what a person has to know
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Say everything, reads and probes too
    #[arg(long, short, global = true, conflicts_with = "quiet")]
    pub(crate) verbose: bool,
    /// Where runs are kept [default: $RUNBOOK_STATE, $XDG_STATE_HOME/runbook or ~/.local/state/runbook]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColourWhen {
    Auto,
    Always,
    Never,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Say everything that is wrong with runbooks, before anything runs
    Check(CheckArgs),
    /// Give runbooks their one form
    Fmt(FmtArgs),
    /// Show what a run would do, when, and within which bounds; nothing is changed
    Plan(PlanArgs),
    /// Play the tests of runbooks, in virtual time; nothing is executed
    Test(TestArgs),
    /// Run a rollout
    Run(RunArgs),
    /// Take an unfinished run up again
    Resume(ResumeArgs),
    /// Order the rollback of a run
    Rollback(RollbackArgs),
    /// Answer an open question of a run
    Decide(DecideArgs),
    /// Approve what a run waits for
    Approve(VoteArgs),
    /// Decline what a run waits for
    Decline(VoteArgs),
    /// Say where a run stands
    Status(StatusArgs),
    /// List all runs
    List,
    /// Look at what rollbacks left open, and resolve it
    #[command(subcommand)]
    Incident(IncidentCommand),
    /// Print the journal of a run
    Log(LogArgs),
    /// Explain a diagnostic
    Explain(ExplainArgs),
    /// Run a rollout against a small production of its own, on this machine
    Demo(DemoArgs),
    /// The tools of the demo's production.
    #[command(name = "__demo", hide = true, disable_help_flag = true)]
    DemoTool {
        tool: String,
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<String>,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Human,
    Json,
}

#[derive(ClapArgs)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line, and clap refuses those that do not go together"
)]
pub(crate) struct CheckArgs {
    /// Files, or directories that are walked for *.runbook
    #[arg(default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,
    /// How findings are printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
    /// Make the changes that are certain, and print them as a patch; what is left is said
    #[arg(long, conflicts_with = "format")]
    pub(crate) fix: bool,
    /// Print the patch that --fix would make, and write nothing
    #[arg(long, conflicts_with = "fix", conflicts_with = "format")]
    pub(crate) diff: bool,
    /// Ask every metric and read every exposure once, as a run does before its first step, and say what would refuse it
    #[arg(long, conflicts_with_all = ["fix", "diff", "format"])]
    pub(crate) online: bool,
    /// Ask the program shellcheck about every command, and add what it says
    #[arg(long, conflicts_with = "online")]
    pub(crate) shellcheck: bool,
    #[command(flatten)]
    pub(crate) values: Values,
}

#[derive(ClapArgs)]
pub(crate) struct FmtArgs {
    /// Files, or directories that are walked for *.runbook; `-` reads stdin and writes stdout
    #[arg(default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,
    /// Change nothing; name the files that are not in form; status 1 if there are any
    #[arg(long)]
    pub(crate) check: bool,
    /// Change nothing; print what would change; status 1 if anything would
    #[arg(long)]
    pub(crate) diff: bool,
}

/// Values of parameters.
#[derive(ClapArgs)]
pub(crate) struct Values {
    /// The value of a parameter, for example version=2.4.0
    #[arg(long = "param", short, value_name = "NAME=VALUE")]
    pub(crate) params: Vec<String>,
    /// A file of such lines; --param goes first
    #[arg(long = "params", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(ClapArgs)]
pub(crate) struct PlanArgs {
    /// The runbook
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) values: Values,
    /// When the run would begin, in the runbook's zone, for example 2026-03-25T10:00: shows whether the window lets it
    #[arg(long, value_name = "WHEN", value_parser = when)]
    pub(crate) start: Option<When>,
    /// How the plan is printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestFormat {
    Human,
    Json,
    Junit,
}

#[derive(ClapArgs)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line, and clap refuses those that do not go together"
)]
pub(crate) struct TestArgs {
    /// Files, or directories that are walked for *.runbook
    #[arg(default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,
    /// Only the tests with this in their name
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Option<String>,
    /// Say what the tests reach, and by name and line what they do not
    #[arg(long)]
    pub(crate) coverage: bool,
    /// Write what the tests reach into this file, as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) coverage_json: Option<PathBuf>,
    /// How results are printed
    #[arg(long, value_enum, default_value_t = TestFormat::Human)]
    pub(crate) format: TestFormat,
    /// Run the tests again whenever a file changes
    #[arg(long)]
    pub(crate) watch: bool,
    /// Print tests for what the tests do not reach, to be put into the files
    #[arg(long, conflicts_with_all = ["filter", "coverage", "coverage_json", "format", "watch"])]
    pub(crate) suggest: bool,
}

#[derive(ClapArgs)]
pub(crate) struct RunArgs {
    /// The runbook
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) values: Values,
    /// Confirm an item of `before rollout`, by its title; recorded with who
    #[arg(long, value_name = "TITLE")]
    pub(crate) confirm: Vec<String>,
    /// Begin although the window is closed, and let nothing wait for it later; recorded, and shown in every report
    #[arg(long, value_name = "REASON", conflicts_with = "wait", value_parser = said)]
    pub(crate) hotfix: Option<String>,
    /// Wait for the window to open, at most this long
    #[arg(long, value_name = "DURATION", num_args = 0..=1, default_missing_value = "7d", require_equals = true, value_parser = span)]
    pub(crate) wait: Option<Millis>,
    /// Let waits, polls and deadlines go by this much faster, for example 60x. Commands are really run.
    #[arg(long, value_name = "SPEED", value_parser = speed)]
    pub(crate) rehearse: Option<u32>,
    #[command(flatten)]
    pub(crate) runner: RunnerArgs,
}

/// How a runner behaves.
#[derive(ClapArgs)]
pub(crate) struct RunnerArgs {
    /// Who runs this [default: the user's name]
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
    /// Leave when the run is held or a person has to decide; status 7
    #[arg(long)]
    pub(crate) detach_on_hold: bool,
    /// Ask nobody at the terminal; answers come by `runbook decide`
    #[arg(long)]
    pub(crate) non_interactive: bool,
}

#[derive(ClapArgs)]
pub(crate) struct ResumeArgs {
    /// The run, or the beginning of its name
    pub(crate) run: String,
    #[command(flatten)]
    pub(crate) runner: RunnerArgs,
}

#[derive(ClapArgs)]
pub(crate) struct RollbackArgs {
    /// The run, or the beginning of its name
    pub(crate) run: String,
    /// From this level on
    #[arg(long, value_name = "LEVEL")]
    pub(crate) from: Option<String>,
    /// Why; recorded
    #[arg(long, value_name = "TEXT", value_parser = said)]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) runner: RunnerArgs,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum AnswerWord {
    /// Go on; of an unknown outcome: it has happened
    Continue,
    /// Run the step again
    Rerun,
    /// Roll back
    Rollback,
    /// Of a step that is to be undone, when nobody knows how it stands: undo it
    Undo,
    /// Of the same: leave it as it is
    Leave,
}

#[derive(ClapArgs)]
pub(crate) struct DecideArgs {
    /// The run, or the beginning of its name
    pub(crate) run: String,
    /// The answer
    #[arg(value_enum)]
    pub(crate) answer: AnswerWord,
    /// Why; recorded
    #[arg(long, value_name = "TEXT", value_parser = said)]
    pub(crate) reason: String,
    /// Which question, when several are open: its number in `runbook status`
    #[arg(long, value_name = "N")]
    pub(crate) question: Option<u32>,
    /// Who decides [default: the user's name]
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
}

/// A yes or a no to an approval.
#[derive(ClapArgs)]
pub(crate) struct VoteArgs {
    /// The run, or the beginning of its name
    pub(crate) run: String,
    /// Why; recorded
    #[arg(long, value_name = "TEXT", value_parser = said)]
    pub(crate) reason: String,
    /// The group that you speak for; recorded [default: the one that is asked]
    #[arg(long = "as", value_name = "GROUP")]
    pub(crate) group: Option<String>,
    /// Which question, when several are open: its number in `runbook status`
    #[arg(long, value_name = "N")]
    pub(crate) question: Option<u32>,
    /// Who says so [default: the user's name]
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
}

#[derive(ClapArgs)]
pub(crate) struct StatusArgs {
    /// The run, or the beginning of its name; the newest when not given
    pub(crate) run: Option<String>,
}

#[derive(Subcommand)]
pub(crate) enum IncidentCommand {
    /// List incidents, newest first, and reminders that nobody has ended
    List(IncidentListArgs),
    /// Print an incident
    Show(IncidentShowArgs),
    /// Say that what a run left open is dealt with: its incident and its reminders; rollouts of the service may begin again
    Resolve(IncidentResolveArgs),
}

#[derive(ClapArgs)]
pub(crate) struct IncidentListArgs {
    /// Only the open ones
    #[arg(long)]
    pub(crate) open: bool,
}

#[derive(ClapArgs)]
pub(crate) struct IncidentShowArgs {
    /// The run that left it, or the beginning of its name
    pub(crate) run: String,
}

#[derive(ClapArgs)]
pub(crate) struct IncidentResolveArgs {
    /// The run that left it, or the beginning of its name
    pub(crate) run: String,
    /// What was found and done; recorded
    #[arg(long, value_name = "TEXT", value_parser = said)]
    pub(crate) note: String,
    /// Who says so [default: the user's name]
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
}

#[derive(ClapArgs)]
pub(crate) struct LogArgs {
    /// The run, or the beginning of its name
    pub(crate) run: String,
    /// Walk the hash chain and say whether the journal is whole
    #[arg(long)]
    pub(crate) verify: bool,
    /// How the journal is printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
}

#[derive(ClapArgs)]
pub(crate) struct ExplainArgs {
    /// The diagnostic's name, for example unclosed-block; all of them when not given
    pub(crate) name: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum BreakWhat {
    /// The new code path answers errors
    Errors,
    /// The new code path is slow
    Latency,
    /// Errors, and the flag service refuses to switch the flag off
    Flag,
    /// The metrics go away
    Prometheus,
}

#[derive(ClapArgs)]
pub(crate) struct DemoArgs {
    /// What goes wrong
    #[arg(long = "break", value_enum, value_name = "WHAT")]
    pub(crate) broken: Option<BreakWhat>,
    /// How much faster than real time it goes
    #[arg(long, value_name = "SPEED", value_parser = speed, default_value = "120x")]
    pub(crate) speed: u32,
}

/// A date and a time of day.
#[derive(Clone, Copy)]
pub(crate) struct When {
    pub(crate) date: Date,
    pub(crate) minute: u16,
}

/// `2026-03-25T10:00` or `2026-03-25 10:00`.
fn when(text: &str) -> Result<When, String> {
    let wrong = || "write a date and a time of day, for example 2026-03-25T10:00".to_owned();
    let (date, time) = text.split_once(['T', ' ']).ok_or_else(wrong)?;
    let date: Date = date.parse().map_err(|_| wrong())?;
    let time: Time = time.parse().map_err(|_| wrong())?;
    let minutes = i32::from(time.0.hour()) * 60 + i32::from(time.0.minute());
    let minute = u16::try_from(minutes).map_err(|_| wrong())?;
    Ok(When { date, minute })
}

/// A reason that says something, as one line: it is printed among others.
fn said(text: &str) -> Result<String, String> {
    let text = without_controls(text);
    let text = text.trim();
    if text.is_empty() {
        return Err("say why".to_owned());
    }
    Ok(text.to_owned())
}

/// `12h`, from a second to a year.
fn span(text: &str) -> Result<Millis, String> {
    match Value::read(&Type::Duration, text) {
        Ok(Value::Duration(span)) if (1_000..=MOST_WAIT.0).contains(&span.0) => Ok(span),
        Ok(_) | Err(_) => Err(format!(
            "write a duration up to {MOST_WAIT}, for example 12h or 7d"
        )),
    }
}

/// The longest wait for a window.
const MOST_WAIT: Millis = Millis::from_hours(365 * 24);

/// `60x` or `60`.
fn speed(text: &str) -> Result<u32, String> {
    let number = text.strip_suffix('x').unwrap_or(text);
    match number.parse() {
        Ok(speed) if (1..=10_000).contains(&speed) => Ok(speed),
        Ok(_) | Err(_) => Err("a speed is a whole number from 1x to 10000x".to_owned()),
    }
}
