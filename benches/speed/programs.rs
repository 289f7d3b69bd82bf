//! Programs that are measured or measure: ours, the peers, GNU time, strace.

use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};

/// Our program, as it is released.
pub(crate) fn runbook() -> Command {
    Command::new(env!("CARGO_BIN_EXE_runbook"))
}

/// A peer or a tool, from the PATH or from where `benches/peers.sh` puts it; else what to do about it.
pub(crate) fn find(name: &str) -> Result<PathBuf, String> {
    let peers = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("../peers/bin");
    std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .chain([peers])
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
        .ok_or_else(|| format!("{name} is not there (bash benches/peers.sh)"))
}

/// How many processors this machine gives us.
pub(crate) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn ended(command: &mut Command) -> ExitStatus {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the program starts")
}

/// Runs to the end without a word. A status but 0 would make the measurement worthless, so it ends the bench.
pub(crate) fn run(command: &mut Command) {
    let status = ended(command);
    assert!(status.success(), "{command:?}: {status}");
}

/// Runs to the end without a word, whatever is found; a program that is killed by a signal ends the bench.
pub(crate) fn run_to_the_end(command: &mut Command) {
    let status = ended(command);
    assert!(
        matches!(status.code(), Some(0..=2)),
        "{command:?}: {status}"
    );
}

/// The most memory that a command had resident, in MiB, as GNU time sees it. The command is started by a small program, because
/// the kernel counts what the parent had resident when it forked.
pub(crate) fn resident(command: &Command) -> Result<f64, String> {
    let output = Command::new(find("time")?)
        .args(["-f", "%M", "-q"])
        .arg(command.get_program())
        .args(command.get_args())
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stderr);
    let kib: f64 = text
        .lines()
        .last()
        .and_then(|line| line.trim().parse().ok())
        .ok_or_else(|| format!("time said {text:?}"))?;
    Ok(kib / 1024.0)
}
