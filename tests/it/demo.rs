//! The demo's production seen from outside: through its tools, its health and its query API, in every way it breaks.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use runbook::demo::{Break, Options, Production, tools};
use serde_json::Value;

/// A minute of a query is a tenth of a second.
const SPEED: f64 = 600.0;

const ERROR_RATE: &str =
    r#"sum(rate(http_requests_total{code=~"5.."}[1m])) / sum(rate(http_requests_total[1m]))"#;
const P95: &str = "histogram_quantile(0.95, sum by (le) (rate(http_request_seconds_bucket[1m])))";

fn start(fault: Option<Break>) -> Production {
    let production = Production::start(Options {
        speed: SPEED,
        fault,
    })
    .expect("loopback is there");
    production
        .wait_ready(Duration::from_secs(60))
        .expect("it gets ready");
    production
}

fn tool(production: &Production, line: &str) -> Result<String, String> {
    let mut words = line.split(' ').map(str::to_owned);
    let tool = words.next().expect("a tool");
    tools::main(
        &tool,
        &words.collect::<Vec<_>>(),
        &production.control_address(),
    )
}

fn get(url: &str) -> (u16, Value) {
    let (address, path) = url
        .trim_start_matches("http://")
        .split_once('/')
        .expect("a path");
    let mut stream = TcpStream::connect(address).expect("it listens");
    write!(
        stream,
        "GET /{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    let (head, body) = answer.split_once("\r\n\r\n").expect("it speaks HTTP");
    let status = head
        .split(' ')
        .nth(1)
        .expect("a status")
        .parse()
        .expect("a number");
    (status, serde_json::from_str(body).unwrap_or(Value::Null))
}

pub(super) fn query(production: &Production, promql: &str) -> (u16, Value) {
    let encoded: String = promql.bytes().map(|byte| format!("%{byte:02X}")).collect();
    get(&format!(
        "{}/api/v1/query?query={encoded}",
        production.prometheus_url()
    ))
}

/// The value of a query with one series; NaN when there is none.
fn value(production: &Production, promql: &str) -> f64 {
    let (_, answer) = query(production, promql);
    answer["data"]["result"][0]["value"][1]
        .as_str()
        .map_or(f64::NAN, |text| text.parse().expect("a number"))
}

/// Asks until the value is as wanted. Bounded by the number of questions, each of which the production has to serve.
fn until(production: &Production, promql: &str, wanted: impl Fn(f64) -> bool) -> f64 {
    let mut seen = f64::NAN;
    for _ in 0..20_000 {
        seen = value(production, promql);
        if wanted(seen) {
            return seen;
        }
    }
    panic!("{promql} stayed at {seen}");
}

fn until_healthy(production: &Production, version: &str, config: &str) {
    let wanted = serde_json::json!({ "status": "ok", "version": version, "config": config });
    let healthy = (0..20_000).any(|_| get(&production.health_url()) == (200, wanted.clone()));
    assert!(
        healthy,
        "it did not come up as {wanted}: {:?}",
        get(&production.health_url())
    );
}

/// The new release at ten percent, as at the start of a canary.
fn canary(fault: Option<Break>) -> Production {
    let production = start(fault);
    tool(&production, "appctl deploy 2.4.0").expect("it deploys");
    until_healthy(&production, "2.4.0", "auth-2");
    tool(&production, "flagctl set new_auth --percent 10").expect("the flag goes up");
    production
}

#[test]
fn a_healthy_release_serves_everyone_without_errors() {
    let production = canary(None);
    tool(&production, "flagctl set new_auth --percent 100").expect("the flag goes up");
    until(
        &production,
        r#"sum(rate(http_requests_total{flow="old"}[1m]))"#,
        |old| old == 0.0,
    );
    assert!(
        value(
            &production,
            r#"sum(rate(http_requests_total{flow="new"}[1m]))"#
        ) > 0.0
    );
    assert_eq!(value(&production, ERROR_RATE), 0.0);
    let p95 = value(&production, P95);
    assert!((0.05..0.2).contains(&p95), "{p95}");
}

#[test]
fn broken_by_errors_and_healed_by_the_flag() {
    let production = canary(Some(Break::Errors));
    until(&production, ERROR_RATE, |rate| (0.05..0.12).contains(&rate));
    tool(&production, "flagctl set new_auth --percent 0").expect("the flag goes down");
    assert_eq!(
        tool(&production, "flagctl get new_auth --percent"),
        Ok("0\n".to_owned())
    );
    until(&production, ERROR_RATE, |rate| rate == 0.0);
    assert_eq!(
        query(&production, r#"{code="404"}"#).1["data"]["result"],
        serde_json::json!([])
    );
}

#[test]
fn broken_by_latency_without_an_error() {
    let production = canary(Some(Break::Latency));
    until(&production, P95, |seconds| seconds > 0.5);
    assert_eq!(value(&production, ERROR_RATE), 0.0);
}

#[test]
fn a_flag_that_cannot_be_lowered_is_healed_by_the_configuration() {
    let production = canary(Some(Break::Flag));
    until(&production, ERROR_RATE, |rate| rate > 0.05);
    let refused = tool(&production, "flagctl set new_auth --percent 0").expect_err("it is broken");
    assert_eq!(
        refused,
        "POST /flags/new_auth was answered with 503: the flag store is read-only since its last write"
    );
    assert_eq!(
        tool(&production, "flagctl get new_auth --percent"),
        Ok("10\n".to_owned())
    );

    tool(&production, "appctl config restore").expect("it restores");
    assert_eq!(
        get(&production.health_url()).1["config"],
        "auth-2",
        "a restart is what loads it"
    );
    tool(&production, "appctl restart").expect("it restarts");
    until_healthy(&production, "2.4.0", "auth-1");
    until(&production, ERROR_RATE, |rate| rate == 0.0);
}

#[test]
fn a_release_that_is_reverted_is_healed_too() {
    let production = canary(Some(Break::Flag));
    until(&production, ERROR_RATE, |rate| rate > 0.05);
    tool(&production, "appctl deploy 2.3.7").expect("it deploys");
    until_healthy(&production, "2.3.7", "auth-1");
    until(&production, ERROR_RATE, |rate| rate == 0.0);
}

#[test]
fn metrics_are_lost_after_the_flag_went_up() {
    let production = canary(Some(Break::Prometheus));
    let lost = (0..20_000)
        .map(|_| query(&production, ERROR_RATE))
        .find(|(status, _)| *status != 200);
    let (status, answer) = lost.expect("they are lost in the end");
    assert_eq!(
        (status, answer["errorType"].as_str()),
        (503, Some("unavailable"))
    );
    assert_eq!(
        get(&format!("{}/-/ready", production.prometheus_url())).0,
        503
    );
    assert_eq!(
        get(&production.health_url()).0,
        200,
        "the app itself is well"
    );
}

#[test]
fn the_query_api_answers_as_prometheus_does() {
    let production = start(None);
    assert_eq!(
        get(&format!("{}/-/ready", production.prometheus_url())).0,
        200
    );
    let build = get(&format!(
        "{}/api/v1/status/buildinfo",
        production.prometheus_url()
    ))
    .1;
    assert_eq!(build["status"], "success");

    let (status, refused) = query(&production, "topk(3, http_requests_total)");
    assert_eq!(
        (status, refused["errorType"].as_str()),
        (400, Some("bad_data"))
    );
    let (status, refused) = query(&production, "http_requests_total[5m]");
    assert_eq!(
        (status, refused["errorType"].as_str()),
        (400, Some("bad_data"))
    );
    assert_eq!(
        get(&format!("{}/api/v1/query", production.prometheus_url())).0,
        400
    );

    let nothing = r#"sum(rate(http_requests_total{code="500"}[1m])) / sum(rate(http_requests_total{code="500"}[1m]))"#;
    assert_eq!(
        query(&production, nothing).1["data"]["result"][0]["value"][1],
        "NaN"
    );
    assert_eq!(query(&production, "2 / 4").1["data"]["result"][1], "0.5");

    let at = query(&production, "1").1["data"]["result"][0]
        .as_f64()
        .expect("a time");
    let range = format!("start={}&end={at}&step=0.01", at - 0.05);
    let url = format!(
        "{}/api/v1/query_range?query=http_requests_total&{range}",
        production.prometheus_url()
    );
    let data = &get(&url).1["data"];
    assert_eq!(data["resultType"], "matrix");
    assert_eq!(data["result"].as_array().map(Vec::len), Some(4));
    assert!(
        data["result"][0]["values"]
            .as_array()
            .is_some_and(|values| values.len() >= 5)
    );
}

#[test]
fn reports_of_users_are_counted() {
    let production = start(None);
    assert_eq!(
        tool(&production, "appctl report 10"),
        Ok("10 more users reported a problem\n".to_owned())
    );
    until(&production, "user_reports_total", |reports| reports == 10.0);
}

#[test]
fn tools_say_what_is_wrong() {
    let production = start(None);
    let wrong = |line| tool(&production, line).expect_err("it is wrong");
    assert_eq!(
        wrong("flagctl raise new_auth"),
        "usage: flagctl set new_auth --percent N | get new_auth --percent"
    );
    assert_eq!(
        wrong("pm2 restart app"),
        r#"the demo has no tool "pm2"; it has flagctl and appctl"#
    );
    assert_eq!(
        wrong("flagctl get old_auth --percent"),
        r#"GET /flags/old_auth was answered with 404: there is no flag "old_auth"; there is new_auth"#
    );
    assert_eq!(
        wrong("flagctl set new_auth --percent 101"),
        "POST /flags/new_auth was answered with 400: 101 is not a percentage from 0 to 100"
    );
    assert!(wrong("appctl deploy latest").contains(r#""latest" is not a version"#));

    let control = production.control_address();
    drop(production);
    let gone =
        tools::main("appctl", &["restart".to_owned()], &control).expect_err("nobody is there");
    assert!(
        gone.starts_with(&format!("no demo production answers at {control}: ")),
        "{gone}"
    );
}

#[test]
fn the_scripts_call_the_program_that_they_were_written_for_and_are_removed() {
    let production = start(None);
    let program = production.directory().join("it's a program");
    std::fs::write(&program, "#!/bin/sh\necho \"$RUNBOOK_DEMO\" \"$@\"\n")
        .expect("it can be written");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("it is ours");
    let bin = production
        .write_tools(&program)
        .expect("they can be written");
    let output = std::process::Command::new(bin.join("flagctl"))
        .args(["get", "a b"])
        .output()
        .expect("it starts");
    let expected = format!("{} __demo flagctl get a b\n", production.control_address());
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);

    drop(production);
    assert!(!bin.exists());
}
