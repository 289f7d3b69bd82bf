//! Owns how a command gets to another machine: the words that OpenSSH is started with, and the script that it is handed through
//! its standard input, which nobody sees in a list of processes. What is run there, its directory and every value are
//! single-quoted words of that script; none is ever spliced. It starts nothing.
//!
//! The script says that it is there and waits for the word to go, so that what was never told to go has not run. From then on
//! the command there has a group of its own, which is ended when its time is over, and when the connection is.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::parts::{self, Found};
use super::program::{Program, located};
use super::scene::Scene;
use super::steps::Bounds;
use crate::plan::{Command, Host};
use crate::value::Millis;

/// What every connection is made with. Nothing asks at a terminal; a host whose key is not known is refused; a connection that is
/// dead is noticed within a minute; nothing of the configuration makes the connection outlive its command or run another one.
const OPTIONS: [&str; 11] = [
    "BatchMode=yes",
    "ConnectTimeout=10",
    "ServerAliveInterval=15",
    "ServerAliveCountMax=3",
    "RequestTTY=no",
    "ControlMaster=no",
    "ControlPath=none",
    "ClearAllForwardings=yes",
    "PermitLocalCommand=no",
    "RemoteCommand=none",
    "LogLevel=ERROR",
];

/// The word to go.
pub(super) const GO: &str = "go\n";

/// How an attempt on another machine is spoken with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// What the host is called.
    pub(super) host: String,
    /// The script.
    pub(super) script: Vec<u8>,
    /// What stands at the beginning of each line that the script itself prints.
    pub(super) mark: String,
}

/// What is run on another machine.
pub(super) struct There<'a> {
    pub(super) host: &'a Host,
    pub(super) command: &'a Command,
    /// The directory there; absent: the one in which the user begins.
    pub(super) dir: Option<String>,
    /// What the command reads.
    pub(super) input: Option<Vec<u8>>,
    pub(super) bounds: Bounds,
}

/// Whether the connection is a lifeline.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lifeline {
    /// The command there is ended when nothing can be read any more.
    Held,
    /// The whole script is sent at once; only its time ends it.
    None,
}

/// OpenSSH's client with its words.
///
/// # Errors
/// What is missing, as a sentence.
pub(super) fn client(host: &Host, scene: &Scene) -> Result<Program, String> {
    let dir = scene.dir().to_owned();
    let path = located("ssh", &dir, scene.get("PATH"))?;
    let mut args: Vec<OsString> = Vec::new();
    if let Some(config) = &host.config {
        args.push("-F".into());
        args.push(file(config, &dir, scene).into());
    }
    args.extend(["-T", "-x", "-a"].map(OsString::from));
    for option in OPTIONS {
        args.push("-o".into());
        args.push(option.into());
    }
    if let Some(identity) = &host.identity {
        args.extend(["-o", "IdentitiesOnly=yes", "-i"].map(OsString::from));
        args.push(file(identity, &dir, scene).into());
    }
    if let Some(port) = host.port {
        args.push("-p".into());
        args.push(port.to_string().into());
    }
    if let Some(user) = &host.user {
        args.push("-l".into());
        args.push(user.into());
    }
    // Whatever the shell of the user there is, this starts one that reads the script.
    args.extend(["--", &host.address, "exec /bin/sh -s"].map(OsString::from));
    Ok(Program { path, args, dir })
}

/// A file that the plan names, seen from the directory of the run; `~/` is the caller's.
pub(super) fn file(path: &str, dir: &Path, scene: &Scene) -> PathBuf {
    match (path.strip_prefix("~/"), scene.get("HOME")) {
        (Some(rest), Some(home)) => Path::new(home).join(rest),
        (_, _) => dir.join(path),
    }
}

/// The script.
pub(super) fn script(there: &There<'_>, scene: &Scene, lifeline: Lifeline, mark: &str) -> Vec<u8> {
    let mut script = Script(Vec::new());
    // A script that was cut off is none: the shell reads it to its last brace before it does anything.
    script.line("{");
    script.line("unset CDPATH");
    script.set("__host", OsStr::new(&there.host.name));
    script.set("__mark", OsStr::new(mark));
    for (name, value) in scene.own() {
        script.add("export ");
        script.set_bytes(name.as_bytes(), value);
    }
    let seconds = |time: Millis| OsString::from(time.0.div_ceil(1_000).max(1).to_string());
    script.set("__time", &seconds(there.bounds.timeout));
    script.set("__grace", &seconds(there.bounds.grace));
    if lifeline == Lifeline::Held {
        script.line("exec 2>&1");
    }
    script.line(BEGIN);
    script.line(OWN);
    if let Some(dir) = &there.dir {
        script.set("__dir", OsStr::new(dir));
        script.line(ENTER);
    }
    if lifeline == Lifeline::Held {
        script.line(WAIT_FOR_GO);
    }
    script.line("exec 3<&0 </dev/null");
    script.add("set -- ");
    match there.command {
        Command::Shell { text } => {
            script.add("/bin/sh -eu -c ");
            script.word(OsStr::new(text));
        }
        Command::Exec { argv } => {
            for word in argv {
                script.word(OsStr::new(&scene.fill(word)));
                script.add(" ");
            }
        }
        // `check` refuses it on hosts.
        Command::Http { .. } | Command::Sql { .. } => script.add("false"),
        Command::Block { parts } => {
            script.add("/bin/sh -c ");
            // Nothing is looked for here, so nothing is missing.
            let text = parts::script(parts, scene, Found::There).unwrap_or_default();
            script.word(OsStr::from_bytes(&text));
        }
    }
    script.line("");
    script.line(START);
    match &there.input {
        None => script.line(BEGIN_IT),
        Some(input) => {
            script.set("__input", OsStr::from_bytes(input));
            script.line(FEED_IT);
        }
    }
    script.line(TIME);
    if lifeline == Lifeline::Held {
        script.line(HOLD);
    }
    script.line(SEE_OUT);
    script.line(match lifeline {
        Lifeline::Held => SAY_END,
        Lifeline::None => PASS_END,
    });
    script.line("}");
    script.0
}

/// How each line begins that a script of ours prints there about itself.
pub(super) const MARK: &str = "runbook[";

const BEGIN: &str = r#"__say() { printf '%s %s\n' "$__mark" "$*"; }"#;

/// Finds out how a process gets a group of its own on this machine.
const OWN: &str = r#"if command -v setsid >/dev/null 2>&1; then __own() { exec setsid "$@"; }
elif command -v perl >/dev/null 2>&1; then __own() { exec perl -e 'setpgrp(0, 0); exec { $ARGV[0] } @ARGV; exit 127' "$@"; }
else __say "cannot begin: $__host has neither setsid nor perl, so the command could not be ended there" >&2; exit 255
fi"#;

const ENTER: &str = r#"case $__dir in -*) __dir=./$__dir;; esac
if ! cd "$__dir" 2>/dev/null; then __say "cannot begin: the directory $__dir cannot be entered on $__host" >&2; exit 255; fi"#;

const WAIT_FOR_GO: &str = r#"__say "begins on $__host as process $$"
IFS= read -r __go || exit 255
if [ "$__go" != go ]; then exit 255; fi"#;

/// How it is known why the command ended.
const START: &str = r#"__how=
trap '__how=late' USR1
trap '__how=cut' USR2"#;

const BEGIN_IT: &str = r#"( trap - USR1 USR2; exec 3<&-; __own "$@" ) &"#;

/// The same with something to read: the shell's own `printf` writes it, so it is in no list of processes, and ends when nobody reads.
const FEED_IT: &str =
    r#"printf '%s' "$__input" 3<&- 2>/dev/null | ( trap - USR1 USR2; exec 3<&-; __own "$@" ) &"#;

/// Who ends it when its time is over.
const TIME: &str = r#"__led=$!
trap '' PIPE
__end() { kill -s "$1" -- "-$2" 2>/dev/null || kill -s "$1" "$2" 2>/dev/null; }
( exec 3<&- >/dev/null 2>&1; trap - USR1 USR2
  __own /bin/sh -c 'sleep "$1"; kill -s USR1 "$2"; kill -s TERM -- "-$3"; sleep "$4"; kill -s KILL -- "-$3"' sh "$__time" "$$" "$__led" "$__grace" ) &
__late=$!"#;

/// Who ends it when the connection is over.
const HOLD: &str = r#"( exec >/dev/null 2>&1; trap - USR1 USR2
  __own /bin/sh -c 'while IFS= read -r line; do :; done; kill -s USR2 "$1"; kill -s TERM -- "-$2"; sleep "$3"; kill -s KILL -- "-$2"' sh "$$" "$__led" "$__grace" <&3 ) &
__cut=$!"#;

/// Waits for the end of the command, then of its group.
const SEE_OUT: &str = r#"exec 3<&- 4>&2 2>/dev/null
while :; do wait "$__led"; __status=$?; kill -s 0 "$__led" 2>/dev/null || break; done
if [ -z "$__how" ] && kill -s 0 -- "-$__led" 2>/dev/null; then
  sleep 1
  if [ -z "$__how" ] && kill -s TERM -- "-$__led" 2>/dev/null; then __left=1; fi
fi
__n=0
while kill -s 0 -- "-$__led" 2>/dev/null && [ "$__n" -lt "$__grace" ]; do sleep 1; __n=$((__n + 1)); done
kill -s KILL -- "-$__led" 2>/dev/null && sleep 1
__end KILL "$__late"
if [ -n "${__cut:-}" ]; then __end KILL "$__cut"; fi"#;

const SAY_END: &str = r#"case $__how in
late) __say "was ended on $__host: its time is over";;
cut) __say "was ended on $__host: it was told to stop";;
*) if [ -n "${__left:-}" ]; then __say "left processes running behind it on $__host, which were ended"; fi
   __say "ended on $__host with status $__status";;
esac
exit 0"#;

/// The status of ssh itself means that ssh failed, so the command's own is never that.
const PASS_END: &str = r#"if [ "$__how" = late ]; then __say "was ended on $__host: its time is over" >&4; exit 255; fi
if [ "$__status" -eq 255 ]; then exit 254; fi
exit "$__status""#;

struct Script(Vec<u8>);

impl Script {
    fn add(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    fn line(&mut self, text: &str) {
        self.add(text);
        self.add("\n");
    }

    /// `name='value'`
    fn set(&mut self, name: &str, value: &OsStr) {
        self.set_bytes(name.as_bytes(), value);
    }

    fn set_bytes(&mut self, name: &[u8], value: &OsStr) {
        self.0.extend_from_slice(name);
        self.add("=");
        self.word(value);
        self.add("\n");
    }

    /// One word for every POSIX shell, whatever it holds: nothing is special between single quotes but their end.
    fn word(&mut self, text: &OsStr) {
        parts::word(&mut self.0, text);
    }
}

/// What the script said of the attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// It is there and waits.
    Begins,
    /// It cannot begin.
    Cannot,
    /// The command ended with this status.
    Ended(i32),
    /// Its time was over.
    Late,
    /// It was told to stop.
    Cut,
}

/// How a line begins that says why the command cannot.
pub(super) const CANNOT: &str = "cannot begin: ";

/// What the last line of the script says that is in the output.
pub(super) fn said(output: &[u8], mark: &str) -> Option<Said> {
    let mark = format!("{mark} ");
    let text = String::from_utf8_lossy(output);
    let (_, rest) = text.rsplit_once(mark.as_str())?;
    // A line that is not whole may say another thing.
    let (line, _) = rest.split_once('\n')?;
    if line.starts_with("begins on ") {
        Some(Said::Begins)
    } else if line.starts_with(CANNOT) {
        Some(Said::Cannot)
    } else if line.starts_with("was ended on ") {
        let is_late = line.ends_with("its time is over");
        Some(if is_late { Said::Late } else { Said::Cut })
    } else if let Some((_, status)) = line.rsplit_once(" with status ") {
        status.parse().ok().map(Said::Ended)
    } else {
        Some(Said::Begins)
    }
}
