//! Servers with series in them that were never scraped: a real Prometheus whose blocks promtool makes, and a real VictoriaMetrics
//! that imports them. Both listen on free ports of loopback and end with the test.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::prometheus::{free_port, get};
use crate::wait;

/// Whose program it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Prometheus,
    VictoriaMetrics,
}

pub(crate) const KINDS: [Kind; 2] = [Kind::Prometheus, Kind::VictoriaMetrics];

/// A series by its labels, `case="3"`: its values with their times in Unix seconds, in order.
pub(crate) type Series = (String, Vec<(f64, f64)>);

/// The name of every series here.
pub(crate) const NAME: &str = "error_rate";

/// Runs until it is dropped.
pub(crate) struct Tsdb {
    child: Child,
    /// `127.0.0.1:PORT`.
    pub(crate) address: String,
    _folder: TempDir,
}

impl Tsdb {
    /// Starts one that knows these.
    pub(crate) fn start(kind: Kind, all: &[Series]) -> Self {
        let folder = TempDir::new().expect("a folder for its data");
        let port = free_port();
        let address = format!("127.0.0.1:{port}");
        let mut command = match kind {
            Kind::Prometheus => prometheus(&folder, &address, all),
            Kind::VictoriaMetrics => {
                let mut command = Command::new("victoria-metrics");
                command
                    .arg("-storageDataPath=data")
                    .arg("-retentionPeriod=100y")
                    // What is younger than half a minute is kept from questions about ranges: five minutes of a tenfold run.
                    .arg("-search.latencyOffset=1ms")
                    .arg(format!("-httpListenAddr={address}"));
                command
            }
        };
        let log = std::fs::File::create(folder.path().join("log")).expect("a file for its log");
        let child = command
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{kind:?}: {error} (bash .ci/run installs it)"));
        let server = Self {
            child,
            address,
            _folder: folder,
        };
        wait::until(
            "it is ready",
            || get(&server.address, "/-/ready"),
            Result::is_ok,
        );
        match kind {
            Kind::Prometheus => {}
            Kind::VictoriaMetrics => {
                let text = lines(all, |at| format!("{:.0}", at * 1_000.0));
                import(&server.address, &text);
                get(&server.address, "/internal/force_flush").expect("it makes all of it visible");
            }
        }
        server
    }
}

impl Drop for Tsdb {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Lines of `NAME{LABELS} VALUE TIME`.
fn lines(all: &[Series], time: impl Fn(f64) -> String) -> String {
    let mut text = String::new();
    for (labels, values) in all {
        for (at, value) in values {
            let value = if value.is_nan() {
                "NaN".to_owned()
            } else {
                value.to_string()
            };
            writeln!(text, "{NAME}{{{labels}}} {value} {}", time(*at))
                .expect("a string takes everything");
        }
    }
    text
}

fn prometheus(folder: &TempDir, address: &str, all: &[Series]) -> Command {
    let text = format!(
        "# TYPE {NAME} gauge\n{}# EOF\n",
        lines(all, |at| format!("{at:.3}"))
    );
    std::fs::write(folder.path().join("series"), text).expect("a file");
    std::fs::write(folder.path().join("prometheus.yml"), "global: {}\n").expect("a file");
    let made = Command::new("promtool")
        .args([
            "tsdb",
            "create-blocks-from",
            "openmetrics",
            "series",
            "data",
        ])
        .current_dir(folder.path())
        .output()
        .expect("promtool is installed (bash .ci/run does it)");
    assert!(made.status.success(), "{made:?}");
    let mut command = Command::new("prometheus");
    command
        .arg("--config.file=prometheus.yml")
        .arg("--storage.tsdb.path=data")
        .arg(format!("--web.listen-address={address}"));
    command
}

fn import(address: &str, text: &str) {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .expect("a limit");
    write!(
        stream,
        "POST /api/v1/import/prometheus HTTP/1.0\r\nContent-Length: {}\r\n\r\n{text}",
        text.len()
    )
    .expect("it takes it");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    assert!(answer.contains(" 204 "), "{answer}");
}
