//! `demo`: a small production on this machine, and a real rollout against it by the ordinary way of `run`.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use super::args::{BreakWhat, Common, DemoArgs, RunArgs, RunnerArgs, Values};
use super::say::Say;
use super::{USAGE, run};
use crate::demo::{Break, Options, Production, tools};

/// The rollout that is run; the file is in the repository and in the program.
const RUNBOOK: &str = include_str!("../../runbooks/demo.runbook");

/// The demo's production is ready long before this.
const READY: Duration = Duration::from_secs(20);

/// `demo`.
pub(super) fn run(args: &DemoArgs, common: &Common, say: &Say) -> u8 {
    let fault = args.broken.map(|what| match what {
        BreakWhat::Errors => Break::Errors,
        BreakWhat::Latency => Break::Latency,
        BreakWhat::Flag => Break::Flag,
        BreakWhat::Prometheus => Break::Prometheus,
    });
    say.tell(
        "demo: a small production on this machine: an app, a feature flag, real requests, metrics.",
    );
    say.tell(match fault {
        None => "demo: nothing is broken; the release goes from 10% to 50% to 100%.",
        Some(Break::Errors) => "demo: the new code path answers errors; watch the guard roll it back.",
        Some(Break::Latency) => "demo: the new code path is slow; watch a person being asked, and what happens when nobody answers.",
        Some(Break::Flag) => "demo: the new code path answers errors, and the flag service refuses to switch it off; watch the rollback escalate.",
        Some(Break::Prometheus) => "demo: the metrics go away in the middle; watch it hold, neither going on nor rolling back.",
    });
    match prepared(args, fault, common, say) {
        Ok(status) => status,
        Err(why) => {
            say.error(&format!("the demo cannot start: {why}"), "");
            USAGE
        }
    }
}

fn prepared(
    args: &DemoArgs,
    fault: Option<Break>,
    common: &Common,
    say: &Say,
) -> Result<u8, String> {
    let words = |error: std::io::Error| error.to_string();
    let production = Production::start(Options {
        speed: f64::from(args.speed),
        fault,
    })
    .map_err(words)?;
    production.wait_ready(READY).map_err(words)?;
    let program = std::env::current_exe().map_err(words)?;
    let tools = production.write_tools(&program).map_err(words)?;
    let dir = production.directory();
    let file = dir.join("demo.runbook");
    std::fs::write(&file, RUNBOOK).map_err(words)?;
    let notices = dir.join("notices.log");
    say.tell(&format!(
        "demo: running runbooks/demo.runbook at {}x, an hour in half a minute; commands, requests and metrics are real.",
        args.speed
    ));
    say.tell("");
    let run_args = RunArgs {
        file,
        values: Values {
            params: vec![
                format!("health={}", production.health_url()),
                format!("metrics={}", production.prometheus_url()),
                format!("notices={}", notices.display()),
            ],
            files: Vec::new(),
        },
        confirm: Vec::new(),
        hotfix: None,
        wait: None,
        rehearse: Some(args.speed),
        runner: RunnerArgs {
            by: None,
            // A hold for want of metrics would only wait for a person; a decision runs into its `else`.
            detach_on_hold: fault == Some(Break::Prometheus),
            non_interactive: true,
        },
    };
    let kept = common.state.is_some();
    let common = Common {
        color: common.color,
        quiet: common.quiet,
        verbose: common.verbose,
        state: Some(common.state.clone().unwrap_or_else(|| dir.join("state"))),
    };
    let status = run::run_in(&run_args, &common, say, with_tools(&tools));
    told(&notices, say);
    say.tell("");
    say.tell(if kept {
        "demo: the production is gone; its runs stay in the state directory that you named."
    } else {
        "demo: the production and its journal are gone; keep the journal with --state DIR, then `runbook log`."
    });
    Ok(status)
}

/// This process's environment with the tools found first.
fn with_tools(tools: &Path) -> run::Environment {
    let mut path = OsString::from(tools);
    if let Some(rest) = std::env::var_os("PATH") {
        path.push(":");
        path.push(rest);
    }
    let others = std::env::vars_os().filter(|(name, _)| name != "PATH");
    others.chain([(OsString::from("PATH"), path)]).collect()
}

/// What people were told in the demo's channel.
fn told(notices: &Path, say: &Say) {
    let Ok(text) = std::fs::read_to_string(notices) else {
        return;
    };
    say.tell("");
    say.tell("demo: the notices that people got:");
    for line in text.lines() {
        say.tell(&format!("  {line}"));
    }
}

/// The tools that the demo's steps call.
pub(super) fn tool(tool: &str, words: &[String], say: &Say) -> u8 {
    let Ok(control) = std::env::var("RUNBOOK_DEMO") else {
        say.error(
            "this is a tool of `runbook demo`, and no demo runs here",
            "run `runbook demo`",
        );
        return USAGE;
    };
    match tools::main(tool, words, &control) {
        Ok(text) => {
            say.data(&text);
            0
        }
        Err(why) => {
            say.tell(&format!("{tool}: {why}"));
            1
        }
    }
}
