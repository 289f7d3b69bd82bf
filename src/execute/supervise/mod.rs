//! Owns the supervisor: a process of its own for each attempt, forked by a server, which starts the step, keeps its output, its deadline and its
//! end, and ends whatever comes from it. It outlives the runner and needs nothing of it. It knows no plan and no journal.

mod assume;
mod brief;
mod desk;
mod ears;
mod family;
mod handover;
mod server;
mod start;
mod stream;
mod there;

use std::ffi::CString;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::os::unix::net::UnixStream;

use rustix::process::{
    Pid, Signal, WaitStatus, getpid, getppid, kill_process, set_child_subreaper, setpgid,
};
use rustix::thread::set_name;

use super::clock::Look;
use super::mask::Mask;
use super::outputs::{Files, Identity, Note, boot_id};
use super::request::Remote;
use super::steps::memory;
use super::{group, parts, request, secrets, sql, text};
use crate::engine::Outcome;

pub(super) use assume::assume;
pub(super) use brief::Brief;
use desk::Desk;
use ears::Ears;
use family::Family;
pub(super) use handover::Handover;
use handover::is_there;
pub use server::supervise;
use start::Start;
use stream::{Masked, Masking, Streams};
use there::Lead;

/// The hidden subcommand.
pub const SUPERVISE: &str = "__supervise";

/// Where a test says at which point the supervisor dies. Not in release builds.
const FAILPOINT: &str = "RUNBOOK_SUPERVISOR_FAILPOINT";

/// Children that are about to end by themselves when their leader has are no leak, in microseconds.
const SETTLE: u64 = 100_000;

/// What survives KILL for this long hangs in the kernel; nobody can end it. In microseconds.
const HOPELESS: u64 = 30_000_000;

/// The pause between two walks through those that do not die, in microseconds.
const WALK: u64 = 5_000;

/// The whole life of a supervisor; its exit status means nothing.
fn supervisor(handover: Handover) -> u8 {
    let Handover {
        mut memory,
        lock: notes,
        life,
        ..
    } = handover;
    let mut bytes = Vec::new();
    let read = memory
        .read_to_end(&mut bytes)
        .and_then(|_| memory.set_len(0));
    let Some(brief) = read.ok().and_then(|()| Brief::from_bytes(&bytes)) else {
        return 1;
    };
    drop(bytes);
    let outcome = match prepared(&brief, &notes, &life) {
        Ok(ears) => attempt(&brief, &notes, ears, &life),
        Err(error) => not_started(&format!(
            "its supervisor cannot begin: {}",
            text::reason(&error)
        )),
    };
    if let Some(folder) = &brief.folder {
        secrets::remove(folder);
    }
    point(&brief, "ended");
    let mut kept = Note::End(outcome.clone()).add_to(&notes);
    // A runner's journal is about to know, and syncs for itself.
    if !is_there(&life) {
        kept = kept.and_then(|()| brief.files.sync(&notes));
    }
    point(&brief, "kept");
    let answered = answer(&memory, &outcome);
    // Closed by the end of this process and not before: a runner that sees it closed finds nothing left of the attempt.
    std::mem::forget(life);
    u8::from(kept.is_err() || answered.is_err())
}

/// For a runner that still waits.
fn answer(memory: &File, outcome: &Outcome) -> io::Result<()> {
    memory.write_all_at(&serde_json::to_vec(outcome)?, 0)
}

fn prepared(brief: &Brief, notes: &File, life: &UnixStream) -> io::Result<Ears> {
    let this = getpid();
    // For people who look at the list of processes.
    let name = CString::new(format!("attempt-{}", brief.files.attempt().0))?;
    set_name(&name)?;
    set_child_subreaper(Some(this))?;
    let ears = Ears::new(life)?;
    // Whoever reads this may send an order, so the ears are there.
    let pid = this.as_raw_nonzero().get();
    let start = group::listed(pid).map_or(0, |listed| listed.start);
    Note::Supervisor { pid, start }.add_to(notes)?;
    Ok(ears)
}

fn not_started(why: &str) -> Outcome {
    Outcome::NotStarted {
        why: why.to_owned(),
    }
}

fn attempt(brief: &Brief, notes: &File, ears: Ears, life: &UnixStream) -> Outcome {
    point(brief, "told");
    // The runner has made the same mask before.
    let mask = match Mask::new(&brief.secrets) {
        Ok(mask) => mask,
        Err(why) => return not_started(&why),
    };
    let file = match brief.files.append() {
        Ok(file) => file,
        Err(error) => {
            return not_started(&format!(
                "its output file {} cannot be written: {}",
                brief.files.output().display(),
                text::reason(&error)
            ));
        }
    };
    let value = (brief.files.is_apart()).then(|| brief.files.begin_value());
    let value = match value.transpose() {
        Ok(value) => value,
        Err(error) => {
            return not_started(&format!(
                "the file of its value cannot be made: {}",
                text::reason(&error)
            ));
        }
    };
    let from = Look::now().boot;
    match spawn(brief, (file, value), &mask, (notes, life)) {
        Ok((leader, output, lead)) => {
            point(brief, "started");
            let watch = Watch {
                family: Family::new(leader),
                ears,
                output,
            };
            match (&brief.line, lead) {
                (Some(line), Some(lead)) => watch.see_there(brief, (line, lead), from),
                (_, _) => {
                    let outcome = watch.see_out(brief, from);
                    match brief.request {
                        None => outcome,
                        Some(Remote::Request(repeated)) => {
                            request::known(outcome, &brief.files, repeated)
                        }
                        Some(Remote::Sql(repeated)) => sql::known(outcome, &brief.files, repeated),
                    }
                }
            }
        }
        Err(error) => not_started(&brief.program.refusal(&error)),
    }
}

/// What was started, its output, and the way to it where it is on another machine.
type Started = (Pid, Streams, Option<Lead>);

fn spawn(
    brief: &Brief,
    files: (File, Option<File>),
    mask: &Mask,
    (notes, life): (&File, &UnixStream),
) -> io::Result<Started> {
    let mut command = Start::new(&brief.program, &brief.vars)?;
    if !brief.at_terminal {
        command.before(|| Ok(setpgid(None, None)?));
    }
    if let Some(input) = &brief.input {
        // Memory and no pipe: the step need not read it, and nobody has to stay to write it.
        let mut memory = memory()?;
        memory.write_all(input)?;
        memory.seek(SeekFrom::Start(0))?;
        command.stdin(memory);
    }
    let lead = match &brief.line {
        None => None,
        Some(line) => Some(Lead::connect(&mut command, line)?),
    };
    let output = if brief.at_terminal {
        let desk = Desk::connect(&mut command, brief, (files.0, mask), life)?;
        Streams {
            desk: Some(desk),
            ..Streams::default()
        }
    } else {
        stream::connect(&mut command, files, mask)?
    };
    noted(&mut command, brief, notes);
    if let Some(account) = &brief.account {
        // After the note, whose file is this process's own.
        command.before(assume::assuming(account));
    }
    Ok((command.start()?, output, lead))
}

/// The new process notes which one it is before it becomes the step: what is executed without this note does not exist.
fn noted<'a>(command: &mut Start<'a>, brief: &'a Brief, notes: &'a File) {
    let there = brief.line.as_ref().map_or(0, |_| there::LONGER);
    let (timeout, grace) = (brief.bounds.timeout.0, brief.bounds.grace.0);
    let timeout = timeout.saturating_add(there);
    let (named, runner) = (named_point(brief), brief.runner);
    command.before(move || {
        die_at(named.as_deref(), "forked", (runner, getppid()));
        let pid = getpid().as_raw_nonzero().get();
        let identity = Identity {
            pid,
            start: group::listed(pid).map(|listed| listed.start),
            boot: boot_id(),
            wall: Look::now().wall,
            timeout,
            grace,
            secrets: brief.folder.clone(),
        };
        Note::Step(identity).add_to(notes)?;
        die_at(named.as_deref(), "noted", (runner, getppid()));
        Ok(())
    });
}

/// Why an attempt is ended from outside.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Forced {
    TimedOut,
    Stopped,
}

/// A running attempt.
struct Watch {
    family: Family,
    ears: Ears,
    output: Streams,
}

impl Watch {
    /// Waits for whatever comes first, and takes note of it.
    fn turn(&mut self, until: u64) {
        let until = match &self.output.desk {
            None => until,
            Some(_) => until.min(Look::now().boot.saturating_add(desk::LOOK)),
        };
        self.ears.wait(self.output.awaited(), until);
        self.output.pump();
        self.family.reap();
    }

    fn see_out(mut self, brief: &Brief, from: u64) -> Outcome {
        let deadline = from.saturating_add(micros(brief.bounds.timeout.0));
        let forced = loop {
            if self.family.status().is_some() {
                break None;
            }
            if self.ears.is_ordered() {
                break Some(Forced::Stopped);
            }
            if Look::now().boot >= deadline {
                break Some(Forced::TimedOut);
            }
            self.turn(deadline);
        };
        if forced.is_none() {
            self.empty_by(Look::now().boot.saturating_add(SETTLE));
        }
        let leaked = if forced.is_some() || self.family.is_empty() {
            0
        } else {
            // The list is read one by one, and may miss those that are another process meanwhile.
            self.family.count().max(1)
        };
        if !self.end(micros(brief.bounds.grace.0)) {
            return Outcome::Unknown {
                why: "a process of it does not end even when it is killed; it hangs in the kernel"
                    .to_owned(),
            };
        }
        let (mut lost, _) = finished(self.output.output);
        if let Some(desk) = self.output.desk {
            lost = told(desk.finish()).0;
        }
        let (unvalued, masked) = finished(self.output.value);
        match forced {
            Some(Forced::TimedOut) => Outcome::TimedOut,
            Some(Forced::Stopped) => Outcome::Stopped,
            None => {
                let mut said = Vec::new();
                match leaked {
                    0 => {}
                    1 => {
                        said.push("it left a process running behind it, which was ended".to_owned())
                    }
                    more => said.push(format!(
                        "it left {more} processes running behind it, which were ended"
                    )),
                }
                said.extend(lost.or_else(|| unvalued.clone()));
                let outcome = ended(self.family.status(), said, &brief.files);
                if brief.files.is_apart() && matches!(outcome, Outcome::Exited { status: 0, .. }) {
                    valued(&brief.files, unvalued, masked)
                } else {
                    outcome
                }
            }
        }
    }

    /// Whether nothing of it is left by then.
    fn empty_by(&mut self, until: u64) -> bool {
        self.family.reap();
        while !self.family.is_empty() && Look::now().boot < until {
            self.turn(until);
        }
        self.family.is_empty()
    }

    /// TERM, then after `grace` KILL, until nothing of it is left: not its leader, all of it. Whether that came to pass.
    fn end(&mut self, grace: u64) -> bool {
        self.family.reap();
        if self.family.is_empty() {
            return true;
        }
        self.family.send(Signal::TERM);
        // A stopped process would take the TERM only when it goes on.
        self.family.send(Signal::CONT);
        let now = Look::now().boot;
        if self.empty_by(now.saturating_add(grace)) {
            return true;
        }
        let hopeless = Look::now().boot.saturating_add(HOPELESS);
        while Look::now().boot < hopeless {
            // Again and again: a process may have forked while the signal was on its way.
            self.family.kill();
            if self.empty_by(Look::now().boot.saturating_add(WALK)) {
                return true;
            }
        }
        false
    }
}

/// A sentence when it is not in the file.
fn finished(output: Option<Masking>) -> (Option<String>, Masked) {
    output.map_or((None, Masked::Nothing), |output| told(output.finish()))
}

fn told(finished: io::Result<Masked>) -> (Option<String>, Masked) {
    match finished {
        Ok(masked) => (None, masked),
        Err(error) => {
            let why = text::reason(&error);
            let lost = format!("its output could not be kept: {why}");
            (Some(lost), Masked::Nothing)
        }
    }
}

/// The value of a capture that ended well.
fn valued(files: &Files, lost: Option<String>, masked: Masked) -> Outcome {
    let refused = |said: String| Outcome::Exited { status: 1, said };
    match (lost, masked) {
        (Some(lost), _) => refused(lost),
        (None, Masked::Something) => {
            refused("it printed a secret, and a secret is never kept as a value".to_owned())
        }
        (None, Masked::Nothing) => match files.value() {
            Ok(text) => Outcome::Printed { text },
            Err(error) => refused(format!(
                "its value cannot be read: {}",
                text::reason(&error)
            )),
        },
    }
}

fn micros(millis: u64) -> u64 {
    millis.saturating_mul(1_000)
}

/// How the leader ended, with what it said last and what else there is to say.
fn ended(status: Option<WaitStatus>, mut said: Vec<String>, files: &Files) -> Outcome {
    let Some(status) = status else {
        return Outcome::Unknown {
            why: "its end was missed".to_owned(),
        };
    };
    let Some(code) = status.exit_status() else {
        return Outcome::Signalled {
            signal: status.terminating_signal().unwrap_or(0),
        };
    };
    if code != 0 {
        let tail = files.tail().unwrap_or_default();
        let line = parts::last_line(&tail);
        match (parts::begun(&tail), line.is_empty()) {
            (Some(part), false) => said.insert(0, format!("{part}: {line}")),
            (Some(part), true) => said.insert(0, part),
            (None, false) => said.insert(0, line),
            (None, true) => {}
        }
    }
    Outcome::Exited {
        status: code,
        said: said.join("; "),
    }
}

/// The point at which a test lets this process die; `both:` in front of it takes the runner along.
fn named_point(brief: &Brief) -> Option<String> {
    if !cfg!(debug_assertions) {
        return None;
    }
    let named = brief.vars.iter().find(|(name, _)| name == FAILPOINT)?;
    // POINT@ATTEMPT: all the others live. POINT@ATTEMPT+: all before it live.
    let named = named.1.to_string_lossy();
    let (point, attempt) = named.split_once('@')?;
    let this = brief.files.attempt().0;
    let meant = match attempt.strip_suffix('+') {
        Some(first) => first.parse().is_ok_and(|first| this >= first),
        None => attempt.parse() == Ok(this),
    };
    meant.then(|| point.to_owned())
}

fn point(brief: &Brief, name: &str) {
    die_at(
        named_point(brief).as_deref(),
        name,
        (brief.runner, Some(getpid())),
    );
}

/// Kills the supervisor, and the runner before it if that is wanted, when this is the point.
fn die_at(named: Option<&str>, name: &str, (runner, supervisor): (i32, Option<Pid>)) {
    let Some(named) = named else {
        return;
    };
    let both = named.strip_prefix("both:");
    if both.unwrap_or(named) != name {
        return;
    }
    let runner = both.and_then(|_| Pid::from_raw(runner));
    for pid in [runner, supervisor].into_iter().flatten() {
        let _ = kill_process(pid, Signal::KILL);
    }
}
