//! SQL of a step, run by the real `psql` against a database of its own on loopback.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::program::Place;
use crate::wait;

/// A server of PostgreSQL, which ends with the test. It does not run as root, so its files belong to another user.
struct Server {
    child: Child,
    port: u16,
    folder: PathBuf,
}

/// The folder of the server's programs.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .expect("PostgreSQL is installed: `. .ci/postgres.sh` does it");
    let mut all: Vec<PathBuf> = versions
        .map(|entry| entry.expect("an entry").path().join("bin"))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    all.sort();
    all.pop().expect("a version of PostgreSQL")
}

fn as_postgres(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command
        .args([
            "--reuid=postgres",
            "--regid=postgres",
            "--clear-groups",
            "--",
        ])
        .arg(program)
        .current_dir("/");
    command
}

impl Server {
    fn start() -> Self {
        let bin = programs();
        let folder = tempfile::tempdir().expect("a folder").keep();
        let data = folder.join("data");
        let owned = Command::new("chown").arg("postgres").arg(&folder).status();
        assert!(owned.expect("chown runs").success());
        let made = as_postgres(&bin.join("initdb"))
            .args(["--auth=trust", "--no-sync", "--pgdata"])
            .arg(&data)
            .stdout(Stdio::null())
            .status();
        assert!(made.expect("initdb runs").success());
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let child = as_postgres(&bin.join("postgres"))
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"])
            .args(["-c", "fsync=off", "-c"])
            .arg(format!("unix_socket_directories={}", folder.display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("postgres starts");
        let server = Self {
            child,
            port,
            folder,
        };
        wait::until(
            "postgres answers",
            || TcpStream::connect(("127.0.0.1", port)).is_ok() && server.asks("select 1").is_ok(),
            |is_there| *is_there,
        );
        server
    }

    fn address(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Asks the database itself, not our journal.
    fn asks(&self, question: &str) -> Result<String, String> {
        let port = self.port.to_string();
        let asked = Command::new("psql")
            .args([
                "-X",
                "-q",
                "-t",
                "-A",
                "-h",
                "127.0.0.1",
                "-U",
                "postgres",
                "-p",
                &port,
                "-c",
                question,
            ])
            .output()
            .expect("psql runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if asked.status.success() {
            Ok(text(&asked.stdout))
        } else {
            Err(text(&asked.stderr))
        }
    }

    fn tells(&self, question: &str) -> String {
        self.asks(question).expect("an answer")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Told to, it takes its shared memory away; killed, it leaves that behind.
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        let _ = pid.map(|pid| kill_process(pid, Signal::INT));
        for _ in 0..100 {
            if !matches!(self.child.try_wait(), Ok(None)) {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A place with a runbook whose only step runs this text.
fn site(server: &Server, clauses: &str, sql: &str) -> Place {
    let place = Place::new();
    place.write("change.sql", sql);
    place.write("url", &server.address());
    place.write(
        "sql.runbook",
        &format!(
            "runbook \"SQL\"\nservice api\nprovider db {{\n  postgres file \"url\"\n}}\n\
             rollout {{\n  stage all {{\n    step change {clauses} sql db \"change.sql\"\n  }}\n}}\n\
             rollback {{\n  level back within 5m {{\n    step back $ touch back\n  }}\n}}\n"
        ),
    );
    place
}

const RUN: [&str; 3] = ["run", "sql.runbook", "--non-interactive"];

pub(crate) fn all_of_a_file_happens_or_nothing_of_it() {
    let server = Server::start();
    let place = site(
        &server,
        "",
        "create table a (b int);\ninsert into a values (1), (2);\n",
    );
    let ran = place.call(&RUN);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    assert_eq!(server.tells("select count(*) from a"), "2");

    let place = site(&server, "", "insert into a values (3);\nselect 1 / 0;\n");
    let ran = place.call(&RUN);
    assert_eq!(ran.status, Some(3), "{}", ran.err);
    assert!(ran.err.contains("division by zero"), "{}", ran.err);
    assert_eq!(
        server.tells("select count(*) from a"),
        "2",
        "it is taken back"
    );

    // What cannot stand in a transaction runs without one.
    let place = site(&server, "", "create index concurrently i on a (b);\n");
    let ran = place.call(&RUN);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    assert_eq!(
        server.tells("select count(*) from pg_indexes where indexname = 'i'"),
        "1"
    );
}

pub(crate) fn a_connection_that_is_lost_leaves_an_unknown_outcome() {
    let server = Server::start();
    server.tells("create table a (b int)");
    let place = site(
        &server,
        "timeout 60s",
        "insert into a values (1);\nselect pg_sleep(60);\n",
    );
    let runner = place.start(&RUN);
    let sleeping = "select count(*) from pg_stat_activity where query like 'select pg_sleep%' and pid <> pg_backend_pid()";
    wait::until("it sleeps", || server.tells(sleeping), |count| count == "1");
    server.tells(
        "select pg_terminate_backend(pid) from pg_stat_activity where query like 'select pg_sleep%' and pid <> pg_backend_pid()",
    );
    let ran = runner.end();
    assert_eq!(ran.status, Some(6), "{}", ran.err);
    assert!(
        ran.err.contains("the connection to the database was lost"),
        "{}",
        ran.err
    );
    assert!(!place.at("back").exists());
}

pub(crate) fn a_database_that_is_not_there_has_run_nothing() {
    let server = Server::start();
    let place = site(&server, "", "create table a (b int);\n");
    drop(server);
    let ran = place.call(&RUN);
    assert_eq!(ran.status, Some(3), "{}", ran.err);
    assert!(
        ran.err.contains("the database was not reached"),
        "{}",
        ran.err
    );
    assert!(place.at("back").exists());
}
