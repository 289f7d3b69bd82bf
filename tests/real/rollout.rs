//! Rollouts by the real program, watched by a real Prometheus. It must not look at anything but what the program says, its
//! journal as `log` prints it, and the file that the exposure is kept in.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::exporter::Exporter;
use crate::program::{Place, Ran};
use crate::prometheus::Prometheus;
use crate::wait;

/// The folder of the runbook that is run here.
const RUNBOOKS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/real");

const GOOD: &str = "http_requests_total{code=\"200\"}";
const BAD: &str = "http_requests_total{code=\"500\"}";

/// A service that answers a hundred requests a second, the Prometheus that watches it, and the directory of its flag.
struct Service {
    place: Place,
    exporter: Exporter,
    prometheus: Prometheus,
}

impl Service {
    fn start() -> Self {
        let place = Place::new();
        place.write("share", "0\n");
        let exporter = Exporter::start();
        exporter.grow(GOOD, 100.0);
        exporter.grow(BAD, 0.0);
        let prometheus = Prometheus::start(&exporter);
        let ask = "sum(rate(http_requests_total[2s])) > 90";
        let there = |answer: &Result<Option<f64>, String>| matches!(answer, Ok(Some(_)));
        wait::until("the rate is known", || prometheus.query(ask), there);
        Self {
            place,
            exporter,
            prometheus,
        }
    }

    /// Of a hundred requests a second, so many fail.
    fn fail(&self, per_second: f64) {
        self.exporter.grow(BAD, per_second);
        self.exporter.grow(GOOD, 100.0 - per_second);
    }

    /// The words that run a file against it.
    fn words(&self, file: &str) -> Vec<String> {
        let site = format!("site={}", self.place.at("").display());
        let metrics = format!("metrics=http://{}", self.prometheus.address());
        ["run", file, "--param", &site, "--param", &metrics]
            .into_iter()
            .chain(["--rehearse", "20x", "--non-interactive"])
            .map(str::to_owned)
            .collect()
    }

    fn run(&self) -> crate::program::Running {
        let words = self.words(&format!("{RUNBOOKS}/search.runbook"));
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        self.place.start(&words)
    }

    fn is_exposed(&self, share: &str) {
        wait::until(
            &format!("{share}% are exposed"),
            || self.place.read("share"),
            |known| known.trim() == share,
        );
    }

    fn log(&self, run: &str) -> Vec<Value> {
        let log = self.place.call(&["log", run, "--format", "json"]);
        assert_eq!(log.status, Some(0), "{}", log.err);
        log.out
            .lines()
            .map(|line| serde_json::from_str(line).expect("a line is JSON"))
            .collect()
    }
}

pub(crate) fn a_breach_after_the_exposure_is_rolled_back_by_the_flag() {
    let service = Service::start();
    let runner = service.run();
    service.is_exposed("10");
    service.fail(20.0);
    service.is_exposed("0");
    service.fail(0.0);
    let ran = runner.end();
    assert_eq!(ran.status, Some(3), "{}", ran.err);
    assert!(
        ran.err.contains("rolled back by level flag and recovered"),
        "{}",
        ran.err
    );
    assert_eq!(service.place.read("sets"), "10\n0\n");
}

pub(crate) fn a_restart_of_prometheus_neither_rolls_back_nor_advances() {
    let mut service = Service::start();
    let mut runner = service.run();
    let run = runner.has_said("of observed healthy time");
    wait::until(
        "it has seen the service healthy in this stage",
        || service.log(&run),
        |log| log.iter().filter(|row| is_value(row)).count() > 6,
    );

    service.prometheus.kill();
    let death = now();
    runner.has_said("HELD");
    let held = service.log(&run).len();
    // So many polls that the soak would long be over.
    wait::until(
        "it has asked in vain for longer than the soak lasts",
        || service.log(&run),
        |log| log.iter().skip(held).filter(|row| is_error(row)).count() >= 12,
    );
    let back = now();
    service.prometheus.start_again();

    let ran = runner.end();
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    assert_eq!(service.place.read("sets"), "10\n100\n");
    let log = service.log(&run);
    let away: Vec<&Value> = log
        .iter()
        .filter(|row| (death..back).contains(&wall(row)))
        .collect();
    assert!(away.len() > 20, "{} rows", away.len());
    for row in away {
        let text = row.to_string();
        for never in ["Start", "StageEnded", "StageBegan", "WaitEnded", "Exposed"] {
            assert!(
                !text.contains(&format!("\"{never}\"")),
                "while it was away: {text}"
            );
        }
        for never in ["RollbackBegan", "Tripped", "Finish"] {
            assert!(
                !text.contains(&format!("\"{never}\"")),
                "while it was away: {text}"
            );
        }
    }
}

pub(crate) fn what_prometheus_refuses_is_refused_before_the_start() {
    let service = Service::start();
    let text = std::fs::read_to_string(format!("{RUNBOOKS}/search.runbook")).expect("the runbook");
    let good =
        "sum(rate(http_requests_total{code=~\"5..\"}[2s])) / sum(rate(http_requests_total[2s]))";
    assert!(text.contains(good), "the query is another one now");
    let refused = |query: &str, why: &str| {
        service
            .place
            .write("wrong.runbook", &text.replace(good, query));
        let words = service.words("wrong.runbook");
        let ran = Ran::of(service.place.command(&[]).args(words));
        assert_eq!(ran.status, Some(5), "{}", ran.err);
        assert!(ran.err.contains(why), "`{why}` is missing:\n{}", ran.err);
        assert!(ran.err.contains("nothing was changed"), "{}", ran.err);
    };
    refused(
        "sum(rate(http_requests_total))",
        "parse error: expected type range vector",
    );
    refused("rate(http_requests_total[2s])", "2 series, not one number");
    refused("http_requests_total[2s]", "a matrix, not one number");
    assert_eq!(service.place.read("sets"), "", "something was changed");
}

fn is_value(row: &Value) -> bool {
    row.pointer("/event/Sample/reading/Value").is_some()
}

fn is_error(row: &Value) -> bool {
    row.pointer("/event/Sample/reading/Error").is_some()
}

/// Unix milliseconds.
fn wall(row: &Value) -> i64 {
    row.get("wall_ms")
        .and_then(Value::as_i64)
        .expect("a row has a time")
}

/// Unix milliseconds.
fn now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970");
    i64::try_from(since.as_millis()).expect("some time left")
}
