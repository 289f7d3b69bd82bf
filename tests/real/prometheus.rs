//! A real Prometheus on a free loopback port that scrapes one exporter, and that can be killed and started again over the same data.
//! It must not be mistaken for one that was there before: every series carries a label of this process's own.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::exporter::Exporter;
use crate::wait;

/// Runs until it is dropped.
pub(crate) struct Prometheus {
    child: Child,
    port: u16,
    folder: TempDir,
}

impl Prometheus {
    /// Starts one that scrapes the exporter five times a second, and waits until it has scraped it.
    pub(crate) fn start(exporter: &Exporter) -> Self {
        let folder = TempDir::new().expect("a folder for its data");
        let mark = format!(
            "runbook-{}-{}",
            std::process::id(),
            exporter.address().port()
        );
        let configuration = format!(
            "global:\n  scrape_interval: 200ms\n  scrape_timeout: 200ms\nscrape_configs:\n- job_name: app\n  static_configs:\n  - targets: ['{}']\n    labels: {{ fixture: {mark} }}\n",
            exporter.address()
        );
        std::fs::write(folder.path().join("prometheus.yml"), configuration)
            .expect("its configuration is written");
        let port = free_port();
        let mut started = Self {
            child: spawn(folder.path(), port),
            port,
            folder,
        };
        started.wait_until_ready();
        let up = format!("up{{fixture=\"{mark}\"}}");
        wait::until(
            "it has scraped",
            || started.query(&up),
            |up| *up == Ok(Some(1.0)),
        );
        started
    }

    /// Where it listens: a runbook's provider is `prometheus "http://ADDRESS"`.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Kills it without a chance to say goodbye. Nobody answers on the port then.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("the process is ours");
        self.child.wait().expect("the process is reaped");
    }

    /// Starts it again after `kill`, on the same port and over the same data, and waits until it answers queries.
    pub(crate) fn start_again(&mut self) {
        self.child = spawn(self.folder.path(), self.port);
        self.wait_until_ready();
    }

    /// The value of an instant query: `None` without data. Several series are an error, as are all answers but 200.
    pub(crate) fn query(&self, promql: &str) -> Result<Option<f64>, String> {
        let encoded: String = promql.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let body = get(&self.address(), &format!("/api/v1/query?query={encoded}"))?;
        let answer: Value = serde_json::from_str(&body).map_err(|error| error.to_string())?;
        let series = answer.pointer("/data/result").and_then(Value::as_array);
        match series.map(Vec::as_slice) {
            Some([]) => Ok(None),
            Some([one]) => one
                .pointer("/value/1")
                .and_then(Value::as_str)
                .and_then(|value| value.parse().ok())
                .map(Some)
                .ok_or(body),
            Some(_) | None => Err(body),
        }
    }

    fn wait_until_ready(&mut self) {
        let (address, child) = (self.address(), &mut self.child);
        wait::until(
            "it is ready",
            || {
                let over = child.try_wait().expect("the process is ours");
                assert!(over.is_none(), "prometheus ended at once: {over:?}");
                get(&address, "/-/ready")
            },
            Result::is_ok,
        );
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        // It may have been killed by the test already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A port that nobody listens on now. Another program could take it before Prometheus does; then Prometheus ends, and the test fails and says so.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("the port's number").port()
}

fn spawn(folder: &Path, port: u16) -> Child {
    let log = File::options()
        .create(true)
        .append(true)
        .open(folder.join("log"))
        .expect("a file for its log");
    Command::new("prometheus")
        .arg("--config.file=prometheus.yml")
        .arg("--storage.tsdb.path=data")
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("`prometheus` is installed (bash .ci/run does it)")
}

/// The body of the answer to a GET, if its status is 200.
pub(crate) fn get(address: &str, path: &str) -> Result<String, String> {
    let ask = || {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        // With 1.0 the server neither chunks the body nor keeps the connection.
        write!(stream, "GET {path} HTTP/1.0\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    let answer = ask().map_err(|error: std::io::Error| error.to_string())?;
    match answer.split_once("\r\n\r\n") {
        Some((head, body)) if head.split(' ').nth(1) == Some("200") => Ok(body.to_owned()),
        Some(_) | None => Err(answer),
    }
}

/// The fixture itself: a restart loses neither the history nor the scraping, and in between nobody answers.
pub(crate) fn answers_with_the_exporters_value_before_and_after_a_restart() {
    let exporter = Exporter::start();
    exporter.set("error_ratio{route=\"/pay\"}", 0.25);
    let mut prometheus = Prometheus::start(&exporter);
    let ask = "error_ratio{route=\"/pay\"}";
    let is = |value: f64| move |answer: &Result<Option<f64>, String>| *answer == Ok(Some(value));
    wait::until(
        "the first value is there",
        || prometheus.query(ask),
        is(0.25),
    );
    assert_eq!(prometheus.query("no_such_series"), Ok(None));

    prometheus.kill();
    assert!(
        prometheus.query(ask).is_err(),
        "somebody else answers on the port"
    );
    exporter.set("error_ratio{route=\"/pay\"}", 0.5);

    prometheus.start_again();
    wait::until(
        "the second value is there",
        || prometheus.query(ask),
        is(0.5),
    );
    // The first value is still in the history, so the data outlived the process.
    assert_eq!(
        prometheus.query(&format!("min_over_time({ask}[5m])")),
        Ok(Some(0.25))
    );
}
