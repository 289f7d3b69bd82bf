//! The machine fails under a run: the disk is full, a sync fails, the machine is started anew, names are no longer resolved. Each
//! needs a root's rights; the failures stay in mount namespaces and file systems of the test's own.

use std::path::Path;
use std::process::Command;

use crate::kin;
use crate::ledger::Ledger;
use crate::moment;
use crate::program::{Ran, Running, run_named_in};
use crate::site::{Site, UNKNOWN};
use crate::source::{Mood, Source};
use crate::wait;

/// The faults of the machine, in the order of the table.
pub(crate) static LEDGER: Ledger = Ledger::new(&[
    "disk full, at every size",
    "a sync fails, each of a run's",
    "the machine is started anew, in a step",
    "the machine is started anew, in a soak",
    "the name of Prometheus is gone in a stage",
    "5 GB of output, a line of 1 GB",
]);

/// The steps of `completes` that may not be repeated.
const ONCE: &[&str] = &["announce", "brag", "migrate", "retire"];

/// The status of a runner that stopped because it could not write.
const STOPPED: i32 = 75;

/// A run has fewer syncs before its first step.
const ALL: u32 = 20;

/// `sh` with this script, its words and the environment of the program; `"$@"` is the program with its words.
fn around(program: &Command, script: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", script, "sh"])
        .arg(program.get_program())
        .args(program.get_args())
        .env_clear()
        .envs(
            program
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
    command
}

/// A file system of a few pages, gone after the test.
struct Small<'a>(&'a Path);

impl<'a> Small<'a> {
    fn new(at: &'a Path, kib: u32) -> Self {
        std::fs::create_dir(at).expect("a folder");
        let small = Self(at);
        small.mount(&format!("size={kib}k,mode=0700"));
        small
    }

    fn mount(&self, options: &str) {
        let status = Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "none"])
            .arg(self.0)
            .status();
        assert!(
            status.expect("mount").success(),
            "this needs a root's rights"
        );
    }

    /// Someone makes room.
    fn grow(&self) {
        self.mount("remount,size=64m");
    }
}

impl Drop for Small<'_> {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(self.0).status());
    }
}

/// What stopped is taken up and comes to its end, with a question at most.
fn goes_on(site: &Site, ran: &Ran) {
    let run = run_named_in(&ran.err);
    site.verify(&run);
    let mut again = site.resume(&run);
    if again.status == Some(UNKNOWN) {
        again = site.answer(&again, ONCE);
    }
    assert_eq!(again.status, Some(0), "{}then:\n{}", ran.err, again.err);
    let effects = site.effects();
    effects.assert_at_most_once(ONCE);
    for name in ONCE {
        assert_eq!(effects.times(name), 1, "{name} in {effects:?}");
    }
    site.verify(&run);
}

pub(crate) fn a_full_disk_stops_a_run_and_loses_nothing() {
    LEDGER.fault("disk full, at every size", |count| {
        let (mut kib, mut stopped) = (64, 0);
        loop {
            let site = Site::new("completes");
            let state = site.place.at("state");
            let small = Small::new(&state, kib);
            let ran = Ran::of(site.place.command(&[]).args(site.run("1200x")));
            site.effects().assert_at_most_once(ONCE);
            match ran.status.unwrap_or(-1) {
                0 => break,
                // There was not even room for the beginning.
                2 => assert_eq!(site.effects().0.len(), 0, "{}", ran.err),
                STOPPED => {
                    stopped += 1;
                    assert!(ran.err.contains("none of it was done"), "{}", ran.err);
                    small.grow();
                    goes_on(&site, &ran);
                }
                other => panic!("{kib} KiB: status {other}:\n{}", ran.err),
            }
            count.survived();
            kib += kib / 10;
        }
        assert!(stopped > 10, "it stopped only {stopped} times");
    });
}

pub(crate) fn a_sync_that_fails_stops_a_run_and_loses_nothing() {
    LEDGER.fault("a sync fails, each of a run's", |count| {
        for number in 1_u32.. {
            let site = Site::new("completes");
            let mut program = site.place.command(&[]);
            program.args(site.run("600x"));
            let script = format!(
                "exec strace -f -qq -o /dev/null -e trace=fsync,fdatasync -e inject=fsync,fdatasync:error=EIO:when={number} \"$@\""
            );
            let ran = Ran::of(&mut around(&program, &script));
            site.effects().assert_at_most_once(ONCE);
            match ran.status.unwrap_or(-1) {
                0 if number > ALL => break,
                // Some of the first are of folders, and their failure changes nothing.
                0 => {}
                // Nothing has begun, and nothing does.
                2 | 5 => assert_eq!(site.effects().0.len(), 0, "{}", ran.err),
                STOPPED => {
                    let told = ran.err.contains("none of it was done");
                    assert!(told, "sync {number}: {}", ran.err);
                    goes_on(&site, &ran);
                }
                other => panic!("sync {number}: status {other}:\n{}", ran.err),
            }
            count.survived();
        }
    });
}

/// Where a run of `waits` is parked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parked {
    InStep,
    InSoak,
}

/// `waits`, parked in its step or in its soak.
fn parked(place: Parked, load: &str) -> (Site, Running) {
    let site = Site::new("waits");
    for (file, text) in [
        ("site/queue", "0\n"),
        ("site/load", load),
        ("site/copy_gate", ""),
        ("site/restore_gate", ""),
    ] {
        site.place.write(file, text);
    }
    if place == Parked::InStep {
        moment::shut(&site.place.at("site/copy_gate"));
    }
    let words = site.run("1200x");
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let runner = site.place.start(&words);
    (site, runner)
}

/// Everything of the run dies at once.
fn power_off(site: &Site, runner: Running) {
    kin::kill(&kin::of(&site.place.at("")));
    assert_eq!(runner.end().status, None);
    wait::until(
        "all of it is dead",
        || kin::of(&site.place.at("")),
        |kin| kin.is_empty(),
    );
}

/// Takes the run up on a machine that has been started anew.
fn resumed_after_the_start(site: &Site, run: &str) -> Ran {
    site.place
        .write("boot_id", "00000000-1111-2222-3333-444444444444\n");
    let program = site.place.command(&["resume", run, "--non-interactive"]);
    let script = "exec unshare -m sh -c 'mount --bind \"$HOME/boot_id\" /proc/sys/kernel/random/boot_id && exec \"$@\"' sh \"$@\"";
    Ran::of(&mut around(&program, script))
}

pub(crate) fn a_start_of_the_machine_makes_a_step_unknown() {
    LEDGER.fault("the machine is started anew, in a step", |count| {
        // With the files that the step had, and without those that no sync had forced to the disk.
        for lost in [false, true] {
            let (site, runner) = parked(Parked::InStep, "0\n");
            site.has_effect("copy");
            let run = run_named_in(&runner.err());
            power_off(&site, runner);
            if lost {
                let folder = site.place.at(&format!("state/runs/{run}"));
                for entry in std::fs::read_dir(folder).expect("its outputs") {
                    let path = entry.expect("an entry").path();
                    if path.file_name().is_some_and(|name| name != "boot") {
                        std::fs::remove_file(path).expect("it is ours");
                    }
                }
            }
            let before = site.effects();
            let ran = resumed_after_the_start(&site, &run);
            assert_eq!(ran.status, Some(UNKNOWN), "{}", ran.err);
            let why = "the machine has been restarted since";
            assert!(ran.err.contains(why), "{}", ran.err);
            assert_eq!(
                site.effects(),
                before,
                "nothing is done before it is answered"
            );
            let decided = ["decide", &run, "continue", "--reason", "it is all there"];
            assert_eq!(site.place.call(&decided).status, Some(0));
            let ran = resumed_after_the_start(&site, &run);
            assert_eq!(ran.status, Some(0), "{}", ran.err);
            assert_eq!(site.effects().times("copy"), 1);
            site.verify(&run);
            count.survived();
        }
    });
}

pub(crate) fn a_start_of_the_machine_in_a_soak_is_a_gap() {
    LEDGER.fault("the machine is started anew, in a soak", |count| {
        count.case(|| {
            let (site, mut runner) = parked(Parked::InSoak, "500\n");
            let run = runner.has_said("of observed healthy time");
            power_off(&site, runner);
            site.place.write("site/queue", "0\n");
            let ran = resumed_after_the_start(&site, &run);
            assert_eq!(ran.status, Some(0), "{}", ran.err);
            site.effects().assert_at_most_once(&["copy", "set_50"]);
            site.verify(&run);
        });
    });
}

pub(crate) fn a_name_that_is_gone_holds_the_run() {
    LEDGER.fault("the name of Prometheus is gone in a stage", |count| {
        count.case(|| {
            let source = Source::new(Mood::Healthy);
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/faults");
            let site = Site::of(Path::new(folder).join("watched.runbook"));
            let known = "127.0.0.1 localhost metrics.example\n";
            // Written in place: what is mounted is this file, whatever gets its name later.
            let hosts = |text: &str| std::fs::write(site.place.at("hosts"), text).expect("a file");
            hosts(known);
            site.place.write("names", "hosts: files\n");
            let port = source.url();
            let port = port.rsplit(':').next().expect("a port");
            let metrics = format!("metrics=http://metrics.example:{port}");
            let mut program = site.place.command(&[]);
            program
                .args(site.run("600x"))
                .args(["--param", &metrics]);
            let script = "exec unshare -m sh -c 'mount --bind \"$HOME/hosts\" /etc/hosts && mount --bind \"$HOME/names\" /etc/nsswitch.conf && exec \"$@\"' sh \"$@\"";
            let mut runner = site.place.started(around(&program, script));
            let run = runner.has_said("of observed healthy time");
            let asked = source.asked();
            wait::until("it is asked", || source.asked(), |now| *now > asked + 1);
            hosts("127.0.0.1 localhost\n");
            runner.has_said("HELD");
            assert_eq!(site.effects().0.len(), 1, "{:?}", site.effects());
            hosts(known);
            let ran = runner.end();
            assert_eq!(ran.status, Some(0), "{}", ran.err);
            let effects = site.effects();
            assert_eq!((effects.times("set_10"), effects.times("set_100")), (1, 1));
            let log = site.place.call(&["log", &run, "--format", "json"]).out;
            let why = "the name metrics.example cannot be resolved";
            assert!(log.contains(why), "`{why}` is not in the journal");
            site.verify(&run);
        });
    });
}

/// The runner and the supervisor have at most so much resident, in KiB.
const MOST: u64 = 60 * 1024;

const MUCH: &str = r#"runbook "Much output"

service  much
zone     "UTC"

# The directory.
param site: path

secret token from env TOKEN

rollout {
  stage only {
    step plain  timeout 10m $ head -c 5368709120 /dev/zero | tr '\0' 'x'
    step line   timeout 10m $ head -c 1073741824 /dev/zero | tr '\0' 'x'; cat "$token_file"
    step reached $ echo "reached $RUNBOOK_ATTEMPT" >> "$site/effects"
  }
}

rollback {
  level back within 5m {
    step undo idempotent $ true
  }
}
"#;

/// On a disk, because it does not fit into memory.
pub(crate) fn output_of_any_size_takes_no_memory() {
    LEDGER.fault("5 GB of output, a line of 1 GB", |count| {
        count.case(|| {
            let site = Site::written(MUCH);
            let disk = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
            let mut program = site.place.command(&[]);
            program
                .args(site.run("1x"))
                .env("RUNBOOK_STATE", disk.path())
                .env("TOKEN", "hunter2hunter2");
            let mut runner = site.place.started(program);
            let mut most = 0;
            while runner.child.try_wait().expect("it is ours").is_none() {
                moment::after(100_000);
                let of_program = |one: &kin::Kin| {
                    let runs = one.pid.as_raw_nonzero().get();
                    let is_runner = u32::try_from(runs) == Ok(runner.child.id());
                    (one.is_supervisor || is_runner).then(|| resident(runs))
                };
                let all = kin::of(disk.path());
                most = all
                    .iter()
                    .filter_map(of_program)
                    .max()
                    .unwrap_or(0)
                    .max(most);
            }
            let ran = runner.end();
            assert_eq!(ran.status, Some(0), "{}", ran.err);
            assert_eq!(site.effects().times("reached"), 1);
            let run = run_named_in(&ran.err);
            let size = |attempt: u32| {
                let path = disk
                    .path()
                    .join(format!("runs/{run}/attempt-{attempt}.out"));
                std::fs::metadata(path).expect("its output").len()
            };
            assert_eq!(size(0), 5 * 1024 * 1024 * 1024);
            assert_eq!(size(1), 1024 * 1024 * 1024 + "***".len() as u64);
            assert!(most > 0 && most < MOST, "{most} KiB were resident");
        });
    });
}

/// The most that a process ever had resident, in KiB.
fn resident(pid: i32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    most.and_then(|text| text.trim().split(' ').next()?.parse().ok())
        .unwrap_or(0)
}
