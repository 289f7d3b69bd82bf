//! Every way in which a source of samples can answer, and the reading that follows.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::TcpListener;
use std::sync::atomic::Ordering;

use runbook::engine::{Effect, Input, Reading, State};
use runbook::execute::{Execute, Options};
use runbook::plan::{
    HeaderValue, MetricId, MetricSource, Plan, Provider, ProviderId, ProviderKind, RequestHeader,
    Secret, SecretSource,
};
use runbook::value::{Millis, Unit};
use runbook::world::World as _;

use super::bench::{Bench, Said, asked};
use super::plans::{exec, shell, with_metric};
use super::server::{Reply, Server, reply};

const DATE: &str = "Date: Tue, 14 Nov 2023 22:13:20 GMT\r\n";
/// The same time.
const NOW: u64 = 1_700_000_000;

fn prometheus(base: String, query: &str) -> Plan {
    let source = MetricSource::Query {
        provider: ProviderId(0),
        query: query.to_owned(),
    };
    Plan {
        providers: vec![Provider {
            id: ProviderId(0),
            name: "prom".to_owned(),
            kind: ProviderKind::Prometheus { url: base },
            headers: Vec::new(),
        }],
        ..with_metric(source, Unit::Ratio)
    }
}

fn vector(samples: &str) -> String {
    format!(r#"{{"status":"success","data":{{"resultType":"vector","result":[{samples}]}}}}"#)
}

fn sample(labels: &str, at: u64, value: &str) -> String {
    format!(r#"{{"metric":{{{labels}}},"value":[{at},"{value}"]}}"#)
}

fn said(reading: &Reading) -> String {
    match reading {
        Reading::Value(value) => format!("value {value}"),
        Reading::NoData(why) => format!("no data: {why}"),
        Reading::Error(why) => format!("error: {why}"),
        Reading::Misconfigured(why) => format!("misconfigured: {why}"),
    }
}

/// Asks the same thing of every reply of the server, and tells what came of it.
fn table(rows: &[(&str, Reply)], plan: impl Fn(&Server, &str) -> Plan) -> String {
    let replies: BTreeMap<String, Reply> = rows
        .iter()
        .enumerate()
        .map(|(row, (_, reply))| (format!("row{row}"), reply.clone()))
        .collect();
    let server = Server::start(replies);
    let bench = Bench::new();
    let mut world = bench.world();
    let mut text = String::new();
    for (row, (name, reply)) in rows.iter().enumerate() {
        let mut plan = plan(&server, &format!("row{row}"));
        if matches!(reply, Reply::Never) {
            plan.metrics[0].timeout = Millis(50);
        }
        let reading = said(&asked(&mut world, &plan)).replace(&server.host, "HOST");
        writeln!(text, "{name}\n    {reading}").expect("a string");
    }
    text
}

#[test]
fn every_answer_of_prometheus_is_one_reading() {
    let ok = |body: String| reply(200, DATE, &body);
    let one = |value: &str| ok(vector(&sample("", NOW, value)));
    let error = |kind: &str, error: &str| {
        format!(r#"{{"status":"error","errorType":"{kind}","error":"{error}"}}"#)
    };
    let scalar = |kind: &str, result: &str| {
        let data = format!(r#"{{"resultType":"{kind}","result":{result}}}"#);
        ok(format!(r#"{{"status":"success","data":{data}}}"#))
    };
    let two = format!(
        "{},{}",
        sample(r#""__name__":"up","job":"a""#, NOW, "1"),
        sample(r#""code":"500","job":"b""#, NOW, "2")
    );
    let rows = [
        ("one series", one("0.05")),
        ("exponent", one("5e-3")),
        ("+Inf", one("+Inf")),
        ("-Inf", one("-Inf")),
        ("NaN", one("NaN")),
        ("empty vector", ok(vector(""))),
        ("two series", ok(vector(&two))),
        ("scalar", scalar("scalar", r#"[1700000000,"0.5"]"#)),
        ("string", scalar("string", r#"[1700000000,"text"]"#)),
        ("matrix", scalar("matrix", "[]")),
        (
            "histogram",
            ok(vector(r#"{"metric":{},"histogram":[1,{}]}"#)),
        ),
        ("stale", ok(vector(&sample("", NOW - 61, "0.5")))),
        ("not yet stale", ok(vector(&sample("", NOW - 60, "0.5")))),
        (
            "with warnings",
            reply(
                200,
                DATE,
                &vector(&sample("", NOW, "0.5")).replace(
                    "\"data\"",
                    "\"warnings\":[\"no StoreAPIs matched\"],\"data\"",
                ),
            ),
        ),
        (
            "400 bad_data",
            reply(
                400,
                DATE,
                &error("bad_data", "1:5: parse error: unclosed left parenthesis"),
            ),
        ),
        (
            "422 execution",
            reply(422, DATE, &error("execution", "many-to-many matching")),
        ),
        (
            "503 timeout",
            reply(503, DATE, &error("timeout", "query timed out")),
        ),
        ("200 error", reply(200, DATE, &error("internal", "no"))),
        ("401", reply(401, DATE, "who are you")),
        ("403", reply(403, DATE, "<html>")),
        ("404", reply(404, DATE, "404 page not found")),
        ("405", reply(405, DATE, "")),
        ("429", reply(429, DATE, "slow down")),
        ("500", reply(500, DATE, "oops")),
        (
            "502 of a proxy",
            reply(502, DATE, "<html>bad gateway</html>"),
        ),
        (
            "a web page",
            reply(200, DATE, "<!doctype html><title>Sign in</title>"),
        ),
        ("something else", reply(200, DATE, r#"{"answer": 42}"#)),
        ("nothing at all", reply(200, DATE, "")),
        ("more than 1 MiB", reply(200, DATE, &" ".repeat(1_048_577))),
        ("closed connection", Reply::Close),
        ("no answer", Reply::Never),
        (
            "with remarks on the query",
            reply(
                200,
                DATE,
                &vector(&sample("", NOW, "0.5")).replace(
                    "\"data\"",
                    "\"warnings\":[\"PromQL info: no counter\"],\"infos\":[\"x\"],\"data\"",
                ),
            ),
        ),
        (
            "for ever elsewhere",
            reply(302, "Location: /row32/api/v1/query\r\n", ""),
        ),
    ];
    insta::assert_snapshot!(table(&rows, |server, row| prometheus(
        server.url(row),
        "up{job=\"a\"}"
    )));
}

#[test]
fn every_answer_of_json_is_one_reading() {
    let ok = |body: &str| reply(200, "", body);
    let rows = [
        ("number", ok(r#"{"v": 0.25}"#)),
        ("integer", ok(r#"{"v": 3}"#)),
        ("null", ok(r#"{"v": null}"#)),
        ("absent", ok("{}")),
        ("text", ok(r#"{"v": "12"}"#)),
        ("true", ok(r#"{"v": true}"#)),
        ("array", ok(r#"{"v": [1]}"#)),
        ("not an object", ok("[1, 2]")),
        ("web page", ok("<html>")),
        ("204", reply(204, "", "")),
        ("404", reply(404, "", "{}")),
        ("503", reply(503, "", r#"{"v": 1}"#)),
    ];
    let http = |server: &Server, row: &str| {
        let (url, filter) = (server.url(row), ".v".to_owned());
        with_metric(MetricSource::Http { url, filter }, Unit::Count)
    };
    insta::assert_snapshot!(table(&rows, http));
}

#[test]
fn a_filter_that_gives_none_or_many_or_is_none_is_told() {
    let replies = BTreeMap::from([("it".to_owned(), reply(200, "", "[1, 2]"))]);
    let server = Server::start(replies);
    let bench = Bench::new();
    let mut world = bench.world();
    let mut text = String::new();
    for filter in ["add", ".[]", "empty", ".[", "nan", "infinite", ".a"] {
        let source = MetricSource::Http {
            url: server.url("it"),
            filter: filter.to_owned(),
        };
        let reading = asked(&mut world, &with_metric(source, Unit::Count));
        writeln!(text, "{filter}\n    {}", said(&reading)).expect("a string");
    }
    insta::assert_snapshot!(text);
}

#[test]
fn every_end_of_a_command_is_one_reading() {
    let bench = Bench::new();
    let mut world = bench.world();
    let mut text = String::new();
    for command in [
        shell("echo 0.5"),
        shell("echo 5e2"),
        shell("echo inf"),
        shell("echo nan"),
        shell("true"),
        shell("echo"),
        shell("echo 5%"),
        shell("echo 1; echo 2"),
        shell("echo 1; exit 3"),
        shell("echo cannot reach it >&2; exit 3"),
        shell("kill -9 $$"),
        shell("sleep 600"),
        exec(&["no-such-program"]),
    ] {
        let name = format!("{command:?}");
        let mut plan = with_metric(MetricSource::Command(command), Unit::Count);
        if name.contains("sleep") {
            plan.metrics[0].timeout = Millis(50);
        }
        let reading = asked(&mut world, &plan);
        writeln!(text, "{name}\n    {}", said(&reading)).expect("a string");
    }
    insta::assert_snapshot!(text);
}

#[test]
fn units_become_canonical() {
    let bench = Bench::new();
    for (unit, wanted) in [
        (Unit::Ratio, 50.0),
        (Unit::Seconds, 500.0),
        (Unit::PerMinute, 0.5 / 60.0),
        (Unit::Count, 0.5),
    ] {
        let plan = with_metric(MetricSource::Command(shell("echo 0.5")), unit);
        assert_eq!(bench.reading(&plan), Reading::Value(wanted));
    }
}

/// -1 is what exporters say when they do not know; what errors and requests that are counted apart come to can be more than all, and less
/// than nothing by a hair.
#[test]
fn a_share_below_nothing_is_no_evidence_and_one_above_all_is() {
    let bench = Bench::new();
    let no_share =
        |shown: &str| Reading::Error(format!("the answer is {shown}, and no share is negative"));
    for (printed, unit, wanted) in [
        ("-5", Unit::Percent, no_share("-5%")),
        ("-1", Unit::Percent, no_share("-1%")),
        ("-1", Unit::Ratio, no_share("-100%")),
        ("-inf", Unit::Ratio, no_share("minus infinite")),
        ("-0.25", Unit::Percent, Reading::Value(0.0)),
        ("-0.0025", Unit::Ratio, Reading::Value(0.0)),
        ("250", Unit::Percent, Reading::Value(250.0)),
        ("2.5", Unit::Ratio, Reading::Value(250.0)),
        ("inf", Unit::Ratio, Reading::Value(f64::INFINITY)),
        ("-5", Unit::Count, Reading::Value(-5.0)),
        ("-0.5", Unit::Ms, Reading::Value(-0.5)),
    ] {
        let plan = with_metric(
            MetricSource::Command(shell(&format!("echo {printed}"))),
            unit,
        );
        assert_eq!(bench.reading(&plan), wanted, "{printed} {unit}");
    }
}

#[test]
fn what_a_source_remembers_is_judged_in_the_same_way() {
    const HOUR: u64 = 3_600;
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed();
    let now = now.expect("a time after 1970").as_secs();
    let values = format!(r#"[{},"-1"],[{now},"2.5"]"#, now - HOUR);
    let body = format!(
        r#"{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{}},"values":[{values}]}}]}}}}"#
    );
    let server = Server::start(BTreeMap::from([("it".to_owned(), reply(200, "", &body))]));
    let bench = Bench::new();
    let mut world = bench.world();
    let mut plan = prometheus(server.url("it"), "errors");
    plan.metrics[0].every = Millis(HOUR * 1_000);
    let state = State::new(&plan);
    let measure = Effect::Measure {
        metric: MetricId(0),
        over: Millis(2 * HOUR * 1_000),
    };
    world.start(&plan, &state, &measure);
    let past = loop {
        match world.next(&plan, &state, None).expect("an answer").input {
            Input::Measured { past, failed, .. } => {
                assert_eq!(failed, None);
                break past;
            }
            Input::ClockJumped { .. } => {}
            other => panic!("unexpected: {other:?}"),
        }
    };
    let past: Vec<String> = past.iter().map(said).collect();
    assert_eq!(
        past,
        [
            "error: the answer is -100%, and no share is negative",
            "value 250"
        ]
    );
}

#[test]
fn nobody_there_is_said_with_the_place() {
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port");
    let host = closed.local_addr().expect("an address").to_string();
    drop(closed);
    let bench = Bench::new();
    let reading = bench.reading(&prometheus(format!("http://{host}"), "up"));
    assert_eq!(
        reading,
        Reading::Error(format!("connection refused at {host}"))
    );
    let reading = bench.reading(&prometheus("http://no-such-host.invalid".to_owned(), "up"));
    assert_eq!(
        reading,
        Reading::Error("the name no-such-host.invalid cannot be resolved".to_owned())
    );
    let reading = bench.reading(&prometheus("prometheus:9090".to_owned(), "up"));
    assert!(matches!(reading, Reading::Misconfigured(_)), "{reading:?}");
}

#[test]
fn a_connection_is_timed_or_refused() {
    let bench = Bench::new();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let source = MetricSource::Tcp {
        address: address.clone(),
    };
    let plan = with_metric(source, Unit::Seconds);
    let reading = bench.reading(&plan);
    assert!(
        matches!(reading, Reading::Value(seconds) if seconds > 0.0),
        "{reading:?}"
    );
    drop(listener);
    let reading = bench.reading(&plan);
    assert!(
        matches!(&reading, Reading::Error(why) if why.contains(&address)),
        "{reading:?}"
    );
}

#[test]
fn a_query_is_sent_whole_and_the_connection_is_kept() {
    let body = vector(&sample("", NOW, "1"));
    let server = Server::start(BTreeMap::from([("it".to_owned(), reply(200, DATE, &body))]));
    let bench = Bench::new();
    let mut world = bench.world();
    let short = "sum(rate(http_requests_total{code=~\"5..\"}[1m])) + 1 & ü";
    let plan = prometheus(server.url("it/"), short);
    for _ in 0..3 {
        assert_eq!(asked(&mut world, &plan), Reading::Value(100.0));
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
    let request = server.last();
    assert_eq!(
        request.line,
        "GET /it/api/v1/query?query=sum%28rate%28http_requests_total%7Bcode%3D~%225..%22%7D%5B1m%5D%29%29%20%2B%201%20%26%20%C3%BC&lookback_delta=60.000&step=60.000&nocache=1&latency_offset=1ms HTTP/1.1"
    );
    assert!(request.headers.contains("user-agent: runbook/"));

    let long = format!("up{{job=\"{}\"}}", "x".repeat(3_000));
    let plan = prometheus(server.url("it"), &long);
    assert_eq!(asked(&mut world, &plan), Reading::Value(100.0));
    let request = server.last();
    assert_eq!(request.line, "POST /it/api/v1/query HTTP/1.1");
    assert!(request.body.starts_with("query=up%7Bjob%3D%22xxx"));
    assert!(request.body.contains("xxx%22%7D&lookback_delta="));
}

#[test]
fn a_source_is_asked_with_its_headers_and_their_secrets_are_told_to_nobody() {
    let body = vector(&sample("", NOW, "1"));
    let leaks = r#"{"status": "error", "errorType": "bad_data", "error": "no hunter2-and-more"}"#;
    let server = Server::start(BTreeMap::from([
        ("it".to_owned(), reply(200, DATE, &body)),
        ("leaks".to_owned(), reply(400, "", leaks)),
        ("json".to_owned(), reply(200, "", "{\"n\": 3}")),
        ("moved".to_owned(), reply(302, "Location: /json\r\n", "")),
    ]));
    let mut bench = Bench::new();
    let token = ("FLAG_TOKEN".into(), "hunter2-and-more".into());
    bench.environment.push(token);
    let bearer = || {
        vec![RequestHeader {
            name: "authorization".to_owned(),
            value: HeaderValue::Bearer("token".to_owned()),
        }]
    };
    let with_secret = |mut plan: Plan| {
        plan.secrets.push(Secret {
            name: "token".to_owned(),
            from: SecretSource::Env("FLAG_TOKEN".to_owned()),
        });
        for provider in &mut plan.providers {
            provider.headers = bearer();
        }
        if plan.providers.is_empty() {
            plan.metrics[0].headers = bearer();
        }
        plan
    };
    let http = |path: &str| {
        let url = server.url(path);
        let filter = ".n".to_owned();
        with_secret(with_metric(MetricSource::Http { url, filter }, Unit::Count))
    };
    let mut world = bench.world();
    let plan = with_secret(prometheus(server.url("it/"), "up"));
    assert_eq!(asked(&mut world, &plan), Reading::Value(100.0));
    assert!(
        server
            .last()
            .headers
            .contains("authorization: bearer hunter2-and-more")
    );

    let plan = with_secret(prometheus(server.url("leaks/"), "up"));
    let said = said(&asked(&mut world, &plan));
    assert!(
        said.contains("no ***") && !said.contains("hunter2"),
        "{said}"
    );

    assert_eq!(asked(&mut world, &http("json")), Reading::Value(3.0));
    assert!(
        server
            .last()
            .headers
            .contains("authorization: bearer hunter2-and-more")
    );
    // What is meant for one server is not sent on.
    let moved = asked(&mut world, &http("moved"));
    assert!(
        matches!(&moved, Reading::Error(why) if why.contains("302")),
        "{moved:?}"
    );

    let mut plan = http("json");
    plan.secrets[0].from = SecretSource::Env("NOT_SET".to_owned());
    let why = "secret token: the environment variable NOT_SET is not set";
    let refused = Reading::Misconfigured(why.to_owned());
    assert_eq!(asked(&mut world, &plan), refused);
}

#[test]
fn a_rehearsal_ages_values_faster() {
    let body = vector(&sample("", NOW - 2, "1"));
    let server = Server::start(BTreeMap::from([("it".to_owned(), reply(200, DATE, &body))]));
    let bench = Bench::new();
    let plan = prometheus(server.url("it"), "up");
    assert_eq!(bench.reading(&plan), Reading::Value(100.0));
    let options = Options {
        speed: 60.0,
        ..bench.options()
    };
    let mut world =
        Execute::new(options, Box::new(Said::default()), Box::new(|| None)).expect("a world");
    let reading = asked(&mut world, &plan);
    assert!(matches!(reading, Reading::NoData(_)), "{reading:?}");
}
