//! Rows about what runs go through: output in masses, being told to stop, a day of polls.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::inputs;
use crate::measure::pairs;
use crate::programs::{resident, run, runbook};
use crate::table::{Limit, Outcome, Row, ms};

fn folder() -> TempDir {
    TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder for the inputs")
}

const OUTPUT: &str = "yes | head -c 1073741824";

/// One step that prints a gigabyte.
fn printing(folder: &Path) -> Command {
    let text = format!(
        "runbook \"Output\"\nservice output\nrollout {{\n  stage only {{\n    step print timeout 10m sh \"\"\"\n      set +eu\n      {OUTPUT} || true\n      \"\"\"\n  }}\n}}\nrollback {{\n  level back within 5m {{\n    step back $ true\n  }}\n}}\n"
    );
    let file = inputs::file(folder, "output.runbook", &text);
    let mut command = runbook();
    command
        .arg("--state")
        .arg(folder.join("state"))
        .arg("run")
        .arg(file);
    command
}

/// A gigabyte through a step into its file, against a shell that writes it.
pub(crate) fn output_of_a_gigabyte() -> Outcome {
    let folder = folder();
    let state = folder.path().join("state");
    let pairs = pairs(
        3,
        || {
            // Otherwise the disk would be full of it.
            drop(std::fs::remove_dir_all(&state));
            run(&mut printing(folder.path()));
        },
        || {
            let to_file = format!("{OUTPUT} > plain");
            run(Command::new("/bin/sh")
                .args(["-c", &to_file])
                .current_dir(folder.path()));
        },
    );
    Ok(Row {
        what: "1 GB of output: a shell's time / a step's",
        sides: format!("{}, shell {}", ms(pairs.ours), ms(pairs.other)),
        figure: 1.0 / pairs.ratio,
        unit: "x",
        limit: Limit::AtLeast(0.8),
    })
}

/// What runner and supervisor have resident at most meanwhile.
pub(crate) fn memory_of_a_gigabyte() -> Outcome {
    let folder = folder();
    Ok(Row {
        what: "resident memory of that run",
        sides: String::new(),
        figure: resident(&printing(folder.path()))?,
        unit: "MiB",
        limit: Limit::AtMost(25.0),
    })
}

/// The grace of the step, in seconds.
const GRACE: u64 = 1;

/// From the order to stop a step whose grandchildren take no notice of TERM, to the end of the runner.
pub(crate) fn stopping_a_step() -> Outcome {
    let folder = folder();
    let text = format!(
        "runbook \"Stop\"\nservice stop\nrollout {{\n  stage only {{\n    step deaf timeout 10m grace {GRACE}s sh \"\"\"\n      trap '' TERM\n      (sleep 600 & setsid sleep 600 & wait) &\n      touch begun\n      wait\n      \"\"\"\n  }}\n}}\nrollback {{\n  level back within 5m {{\n    step back $ true\n  }}\n}}\n"
    );
    let file = inputs::file(folder.path(), "stop.runbook", &text);
    let mut over = Vec::new();
    for round in 0..5 {
        drop(std::fs::remove_file(folder.path().join("begun")));
        let mut command = runbook();
        command
            .arg("--state")
            .arg(folder.path().join(format!("state-{round}")))
            .args(["run", "--non-interactive"])
            .arg(&file)
            .current_dir(folder.path());
        let mut child = started(&mut command);
        until(|| folder.path().join("begun").exists());
        let pid = Pid::from_child(&child);
        kill_process(pid, Signal::TERM).expect("it is ours");
        std::thread::sleep(Duration::from_millis(100));
        let from = Instant::now();
        kill_process(pid, Signal::TERM).expect("it is ours");
        let status = child.wait().expect("it is ours");
        over.push(from.elapsed().saturating_sub(Duration::from_secs(GRACE)));
        assert_eq!(status.code(), Some(75), "it leaves, and can be resumed");
    }
    over.sort();
    let worst = over.last().copied().unwrap_or_default();
    Ok(Row {
        what: "a step with deaf grandchildren, beyond its grace",
        sides: format!("the worst of {}", over.len()),
        figure: worst.as_secs_f64() * 1_000.0,
        unit: "ms",
        limit: Limit::AtMost(100.0),
    })
}

fn started(command: &mut Command) -> Child {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts")
}

/// Looks again and again, at most for half a minute.
fn until(wanted: impl Fn() -> bool) {
    let comes = (0..3_000).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        wanted()
    });
    assert!(comes, "waited in vain");
}

/// A day goes by in 36 seconds.
const SPEED: &str = "2400x";
const DAY: Duration = Duration::from_secs(36);

/// Five guards that each ask a server of its own series every 15 seconds, for a day: what is resident at the end, less what was after
/// a quarter of it. The store's cache of pages, two MiB, may fill in between.
pub(crate) fn memory_of_a_day() -> Outcome {
    let folder = folder();
    let address = serve();
    let mut text = format!(
        "runbook \"A day\"\nservice day\nprovider prom {{\n  prometheus \"http://{address}\"\n}}\nlimits {{\n  hold 20d\n}}\n"
    );
    for number in 0..5 {
        text += &format!(
            "metric m{number}: percent {{\n  query prom 'm{number}'\n  unit ratio\n  every 15s\n}}\nguard g{number} when m{number} > 5% for 1m then rollback\n"
        );
    }
    text += "rollout {\n  stage soak {\n    wait 30d..40d\n  }\n}\nrollback {\n  level back within 5m {\n    step back $ true\n  }\n  recovered when m0 < 1% for 1m within 3m\n}\n";
    let file = inputs::file(folder.path(), "day.runbook", &text);
    let mut command = runbook();
    command
        .arg("--state")
        .arg(folder.path().join("state"))
        .args(["run", "--non-interactive", "--rehearse", SPEED])
        .arg(&file);
    let mut child = started(&mut command);
    std::thread::sleep(DAY / 4);
    let early = resident_now(&child);
    std::thread::sleep(DAY * 3 / 4);
    let late = resident_now(&child);
    let alive = child.try_wait().expect("it is ours").is_none();
    drop(child.kill());
    drop(child.wait());
    assert!(alive, "it was over before the day was");
    Ok(Row {
        what: "a day of five guards: growth after its quarter",
        sides: format!("{early:.1} MiB, then {late:.1} MiB"),
        figure: (late - early).max(0.0),
        unit: "MiB",
        limit: Limit::AtMost(3.0),
    })
}

fn resident_now(child: &Child) -> f64 {
    let path = format!("/proc/{}/status", child.id());
    let status = std::fs::read_to_string(path).unwrap_or_default();
    let kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = kib.and_then(|text| text.trim().split(' ').next()?.parse::<f64>().ok());
    kib.expect("it lives") / 1024.0
}

/// A Prometheus that answers every question with a thousandth, for as long as this process lives.
fn serve() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its number");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || drop(answers(stream)));
        }
    });
    address
}

fn answers(mut stream: TcpStream) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    loop {
        loop {
            match lines.next().transpose()? {
                None => return Ok(()),
                Some(line) if line.is_empty() => break,
                Some(_) => {}
            }
        }
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .expect("after 1970")
            .as_secs_f64();
        let body = format!(
            "{{\"status\":\"success\",\"data\":{{\"resultType\":\"vector\",\"result\":[{{\"metric\":{{}},\"value\":[{now:.3},\"0.001\"]}}]}}}}"
        );
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
    }
}
