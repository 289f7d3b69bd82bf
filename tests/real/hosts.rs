//! Steps on hosts by the real program, over OpenSSH, to servers of their own on loopback. What was done there is read from the files
//! that the commands themselves write, never from our journal.

use std::path::Path;
use std::process::Command;

use rustix::process::{Pid, Signal, kill_process};

use crate::program::{Place, run_named_in};
use crate::sshd::{Servers, make_key};
use crate::wait;

/// A value that means something to every shell, if it is let.
const HOSTILE: &str = "; rm -rf \"$HOME\" '";

/// A place with so many hosts, `web1` and so on, and a runbook with this in its stage; `DIR` is the place.
fn site(count: usize, stage: &str) -> (Place, Servers) {
    let back = "    step back on web at most 4 in \"DIR\"\n      $ echo \"$RUNBOOK_HOST\" >>back";
    site_with(count, stage, back)
}

/// The same with this in its level.
fn site_with(count: usize, stage: &str, back: &str) -> (Place, Servers) {
    let place = Place::new();
    let servers = Servers::start(&place, count);
    let ports = servers.ports.iter().enumerate();
    let hosts: Vec<String> = ports
        .map(|(index, port)| {
            format!(
                "  host web{} at \"127.0.0.1\" port {port}\n",
                index.saturating_add(1)
            )
        })
        .collect();
    let text = format!(
        "runbook \"Hosts\"\nservice api\n\
         param word: text = \"none\"\n\
         hosts web {{\n  config \"ssh_config\"\n  identity \"user_key\"\n{}}}\n\
         rollout {{\n  stage all {{\n{stage}\n  }}\n}}\n\
         rollback {{\n  waive risk-rollback \"hosts one by one\"\n  level code within 10m {{\n{back}\n  }}\n}}\n",
        hosts.concat(),
    );
    let text = text.replace("DIR", &place.at("").display().to_string());
    place.write("hosts.runbook", &text);
    (place, servers)
}

fn lives(pid: &str) -> bool {
    let stat = std::fs::read_to_string(Path::new("/proc").join(pid).join("stat"));
    let stat = stat.unwrap_or_default();
    let state = stat.rsplit_once(')').map(|(_, rest)| rest.trim_start());
    state.is_some_and(|state| !state.starts_with(['Z', 'X']))
}

/// Each writes when it begins and ends, what it was given, and how many others are there meanwhile.
const DEPLOY: &str = r#"    step deploy on web at most 2 tolerate 2 timeout 4s grace 1s in "DIR"
      sh """
      touch "here.$RUNBOOK_HOST"
      find . -name 'here.*' | grep -c . >>counts
      printf '<%s>' "$word" >"word.$RUNBOOK_HOST"
      set -- "$word"
      echo "$#" >>"word.$RUNBOOK_HOST"
      case $RUNBOOK_HOST in
        web2) sleep 1; rm "here.$RUNBOOK_HOST"; exit 3 ;;
        web3) trap '' TERM
              sh -c 'trap "" TERM; echo $$ >>pids; sleep 600' &
              hung=$!
              echo $$ >>pids
              wait "$hung" ;;
      esac
      sleep 1
      rm "here.$RUNBOOK_HOST"
      """
    step after in "DIR" $ touch after"#;

/// Four hosts, two at once: one fails, one hangs, and two end well; as many fail as may.
pub(crate) fn four_at_two_at_once_one_failing_one_hanging_and_a_hostile_value_is_one_word() {
    let (place, _servers) = site(4, DEPLOY);
    let word = format!("word={HOSTILE}");
    let ran = place.call(&[
        "run",
        "hosts.runbook",
        "--param",
        &word,
        "--non-interactive",
    ]);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    for host in ["web1", "web2", "web3", "web4"] {
        let got = place.read(&format!("word.{host}"));
        assert_eq!(got, format!("<{HOSTILE}>1\n"), "on {host}");
    }
    let counts = place.read("counts");
    let counts: Vec<&str> = counts.split_whitespace().collect();
    assert_eq!(counts.len(), 4, "each host begins once: {counts:?}");
    assert!(counts.contains(&"2"), "two at once: {counts:?}");
    assert!(
        !counts.iter().any(|count| ["3", "4"].contains(count)),
        "{counts:?}"
    );
    let pids = place.read("pids");
    assert_eq!(pids.split_whitespace().count(), 2, "{pids}");
    for pid in pids.split_whitespace() {
        assert!(!lives(pid), "what hung is gone: {pid}");
    }
    assert!(place.at("after").exists(), "two may fail: {}", ran.err);
    for words in [
        "deploy on web2: exit status 3",
        "deploy on web3: it did not end within its timeout",
        "deploy ended well on 2 hosts, failed on web2, web3",
    ] {
        assert!(ran.err.contains(words), "{words}\n{}", ran.err);
    }
}

/// It says that it is there, and waits for a gate.
const GATED: &str = r#"    step deploy on web at most 2 timeout 60s grace 1s in "DIR"
      $ echo $$ >"pid.$RUNBOOK_HOST"; until test -e gate; do sleep 1; done; echo "$RUNBOOK_HOST" >>done"#;

fn both_are_there(place: &Place) -> Vec<String> {
    let pids = || ["pid.web1", "pid.web2"].map(|name| place.read(name).trim().to_owned());
    wait::until("both hosts are at it", pids, |pids| {
        pids.iter().all(|pid| !pid.is_empty())
    });
    pids().to_vec()
}

fn send(pid: &str, signal: Signal) {
    let pid = pid.parse().ok().and_then(Pid::from_raw).expect("a process");
    kill_process(pid, signal).expect("it is there");
}

pub(crate) fn a_runner_that_is_killed_leaves_the_hosts_alone_and_another_takes_them_up() {
    let (place, _servers) = site(2, GATED);
    let runner = place.start(&["run", "hosts.runbook", "--non-interactive"]);
    let pids = both_are_there(&place);
    let run = run_named_in(&runner.err());
    send(&runner.child.id().to_string(), Signal::KILL);
    assert_eq!(runner.end().status, None, "killed by a signal");
    assert!(pids.iter().all(|pid| lives(pid)), "the hosts go on");

    let mut again = place.start(&["resume", &run, "--non-interactive"]);
    again.has_said("resumed");
    place.write("gate", "");
    let ran = again.end();
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    let done = place.read("done");
    let mut done: Vec<&str> = done.split_whitespace().collect();
    done.sort_unstable();
    assert_eq!(done, ["web1", "web2"], "once on each");
}

/// The supervisors of a machine's attempts.
fn supervisors(place: &Place) -> Vec<String> {
    let state = place.at("state").display().to_string();
    let all = Command::new("pgrep")
        .args(["-f", &format!("__supervise {state}")])
        .output()
        .expect("pgrep runs");
    let all = String::from_utf8_lossy(&all.stdout).into_owned();
    let minds = |pid: &&str| {
        // Not the server that they are forked from.
        let name = std::fs::read_to_string(format!("/proc/{pid}/comm"));
        name.is_ok_and(|name| name.starts_with("attempt-"))
    };
    all.split_whitespace()
        .filter(minds)
        .map(str::to_owned)
        .collect()
}

pub(crate) fn a_supervisor_that_is_killed_takes_the_command_there_along_and_a_person_is_asked_by_host()
 {
    let (place, _servers) = site(2, GATED);
    let runner = place.start(&["run", "hosts.runbook", "--non-interactive"]);
    let pids = both_are_there(&place);
    let run = run_named_in(&runner.err());
    let supervisors = supervisors(&place);
    assert_eq!(supervisors.len(), 2, "one for each host");
    send(&runner.child.id().to_string(), Signal::KILL);
    for pid in &supervisors {
        send(pid, Signal::KILL);
    }
    assert_eq!(runner.end().status, None, "killed by a signal");
    wait::until(
        "the hosts end what nobody listens to",
        || pids.iter().filter(|pid| lives(pid)).count(),
        |alive| *alive == 0,
    );

    let ran = place.call(&["resume", &run, "--non-interactive"]);
    assert_eq!(ran.status, Some(6), "a person has to say: {}", ran.err);
    for host in ["web1", "web2"] {
        let asked = format!("the outcome of step deploy on {host} is unknown");
        assert!(ran.err.contains(&asked), "{asked}\n{}", ran.err);
    }
    assert_eq!(place.read("done"), "", "nothing is run again by itself");
}

pub(crate) fn a_host_with_another_key_is_not_spoken_to() {
    let (place, _servers) = site(1, "    step deploy on web $ touch ran");
    make_key(&place, "other_key");
    let other = place.read("other_key.pub");
    let key: Vec<&str> = other.split_whitespace().take(2).collect();
    let known = place.read("known_hosts");
    let name = known.split_whitespace().next().expect("a name").to_owned();
    place.write("known_hosts", &format!("{name} {}\n", key.join(" ")));
    let ran = place.call(&["run", "hosts.runbook", "--non-interactive"]);
    assert!(ran.err.contains("web1 was not reached"), "{}", ran.err);
    assert!(
        ran.err.contains("Host key verification failed"),
        "{}",
        ran.err
    );
}

/// It notes what it does, and each undo waits for a gate of its host.
const UNDONE: &str = r#"    step attach on web at most 1 timeout 60s in "DIR"
      undo sh """
      echo "detach $RUNBOOK_HOST" >>log
      until test -e "gate.$RUNBOOK_HOST"; do sleep 0.1; done
      echo "detached $RUNBOOK_HOST" >>log
      """
      sh """
      echo "attach $RUNBOOK_HOST" >>log
      test "$RUNBOOK_HOST" != web3
      """"#;

const LOG: &[&str] = &[
    "attach web1",
    "attach web2",
    "attach web3",
    "detach web3",
    "detached web3",
    "detach web2",
    "detached web2",
    "detach web1",
    "detached web1",
];

fn undoing() -> (Place, Servers) {
    let (place, servers) = site_with(4, UNDONE, "    undo");
    for host in ["web1", "web3", "web4"] {
        place.write(&format!("gate.{host}"), "");
    }
    (place, servers)
}

pub(crate) fn a_step_is_undone_on_the_hosts_on_which_it_began_the_newest_first() {
    let (place, _servers) = undoing();
    place.write("gate.web2", "");
    let ran = place.call(&["run", "hosts.runbook", "--non-interactive"]);
    assert_eq!(ran.status, Some(3), "{}", ran.err);
    let log = place.read("log");
    assert_eq!(log.lines().collect::<Vec<_>>(), LOG, "{}", ran.err);
}

pub(crate) fn an_undo_on_hosts_whose_runner_is_killed_is_taken_up_and_goes_on_with_the_next() {
    let (place, _servers) = undoing();
    let runner = place.start(&["run", "hosts.runbook", "--non-interactive"]);
    let log = || place.read("log");
    wait::until("it is undone on web2", log, |log| {
        log.contains("detach web2")
    });
    let run = run_named_in(&runner.err());
    send(&runner.child.id().to_string(), Signal::KILL);
    assert_eq!(runner.end().status, None, "killed by a signal");

    let mut again = place.start(&["resume", &run, "--non-interactive"]);
    again.has_said("resumed");
    place.write("gate.web2", "");
    let ran = again.end();
    assert_eq!(ran.status, Some(3), "{}", ran.err);
    let log = place.read("log");
    assert_eq!(log.lines().collect::<Vec<_>>(), LOG, "{}", ran.err);
}
