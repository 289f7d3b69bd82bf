//! Probes: what they see, what is expected of it, and the sentence when it differs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::TcpListener;

use runbook::engine::{Outcome, Work};
use runbook::plan::{
    Comparison, Expectation, HeaderValue, Observed, Plan, ProbeAsk, ProbeId, RequestHeader, Secret,
    SecretSource,
};
use runbook::value::{Millis, Value};

use super::bench::{Bench, exited};
use super::plans::{exec, shell, with_probe};
use super::server::{Reply, Server, reply};

const PROBE: Work = Work::Probe { probe: ProbeId(0) };

fn expecting(ask: ProbeAsk, lines: Vec<(Observed, Comparison, Value)>) -> Plan {
    let mut plan = with_probe(ask);
    plan.probes[0].expect = lines
        .into_iter()
        .map(|(of, comparison, value)| Expectation {
            of,
            comparison,
            value,
            text: String::new(),
        })
        .collect();
    plan
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn json(filter: &str) -> Observed {
    Observed::Json(filter.to_owned())
}

fn verdict(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Exited { status: 0, said } if said.is_empty() => "yes".to_owned(),
        Outcome::Exited { status: 1, said } => format!("no: {said}"),
        other => format!("{other:?}"),
    }
}

#[test]
fn http_answers_are_held_against_what_is_expected() {
    let body = r#"{"status": "ok", "version": "2.4.0", "load": 0.75, "ready": true, "none": null}"#;
    let server = Server::start(BTreeMap::from([
        ("ok".to_owned(), reply(200, "X-Region: eu\r\n", body)),
        (
            "down".to_owned(),
            reply(503, "", "{\"status\": \"down\"}\n"),
        ),
        ("moved".to_owned(), reply(302, "Location: /ok/\r\n", "")),
        ("page".to_owned(), reply(200, "", "<html>")),
    ]));
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, NotEqual};
    let version = |text: &str| Value::Version(text.parse().expect("a version"));
    let rows = [
        ("ok", vec![]),
        ("down", vec![]),
        ("moved", vec![]),
        ("ok", vec![(Observed::Status, Equal, Value::Int(200))]),
        ("down", vec![(Observed::Status, Equal, Value::Int(200))]),
        ("down", vec![(Observed::Status, Equal, Value::Int(503))]),
        ("down", vec![(json(".status"), Equal, text("down"))]),
        ("ok", vec![(json(".status"), Equal, text("ok"))]),
        ("ok", vec![(json(".status"), NotEqual, text("ok"))]),
        (
            "ok",
            vec![(json(".version"), GreaterOrEqual, version("2.4.0"))],
        ),
        ("ok", vec![(json(".version"), Greater, version("2.10.0"))]),
        ("ok", vec![(json(".load"), Less, Value::Number(0.8))]),
        ("ok", vec![(json(".load"), Less, Value::Number(0.5))]),
        ("ok", vec![(json(".ready"), Equal, Value::Bool(true))]),
        ("ok", vec![(json(".ready"), Equal, text("true"))]),
        ("ok", vec![(json(".none"), NotEqual, text("x"))]),
        ("ok", vec![(json(".["), Equal, text("x"))]),
        ("page", vec![(json(".status"), Equal, text("ok"))]),
        ("page", vec![(Observed::Body, Equal, text("<html>"))]),
        (
            "ok",
            vec![(Observed::Header("x-region".to_owned()), Equal, text("eu"))],
        ),
        (
            "ok",
            vec![(Observed::Header("x-zone".to_owned()), NotEqual, text("eu"))],
        ),
        (
            "ok",
            vec![
                (Observed::Status, Equal, Value::Int(200)),
                (json(".status"), Equal, text("fine")),
            ],
        ),
    ];
    let bench = Bench::new();
    let mut table = String::new();
    for (name, lines) in rows {
        let shown: Vec<String> = lines
            .iter()
            .map(|(of, comparison, value)| format!("{of:?} {} {value}", comparison.symbol()))
            .collect();
        let url = server.url(&format!("{name}/"));
        let outcome = bench.outcome(&expecting(ProbeAsk::Http { url }, lines), PROBE);
        let verdict = verdict(&outcome);
        writeln!(table, "{name} {}\n    {verdict}", shown.join(", ")).expect("a string");
    }
    insta::assert_snapshot!(table);
}

#[test]
fn a_server_is_asked_with_the_headers_of_the_probe() {
    let echo = r#"{"you": "hunter2-and-more"}"#;
    let server = Server::start(BTreeMap::from([("a".to_owned(), reply(200, "", echo))]));
    let mut bench = Bench::new();
    let token = ("FLAG_TOKEN".into(), "hunter2-and-more".into());
    bench.environment.push(token);
    let url = server.url("a");
    let lines = vec![(json(".you"), Comparison::Equal, text("me"))];
    let mut plan = expecting(ProbeAsk::Http { url }, lines);
    plan.secrets.push(Secret {
        name: "token".to_owned(),
        from: SecretSource::Env("FLAG_TOKEN".to_owned()),
    });
    plan.probes[0].headers = vec![RequestHeader {
        name: "x-key".to_owned(),
        value: HeaderValue::Secret("token".to_owned()),
    }];
    let outcome = bench.outcome(&plan, PROBE);
    assert!(server.last().headers.contains("x-key: hunter2-and-more"));
    let said = verdict(&outcome);
    assert!(said.contains("***") && !said.contains("hunter2"), "{said}");
}

#[test]
fn commands_are_held_against_what_is_expected() {
    use Comparison::{Equal, Greater};
    let rows = [
        (shell("true"), vec![]),
        (shell("echo it is down >&2; exit 3"), vec![]),
        (
            shell("exit 3"),
            vec![(Observed::Exit, Equal, Value::Int(3))],
        ),
        (
            shell("echo up"),
            vec![(Observed::Output, Equal, text("up"))],
        ),
        (
            shell("echo up; exit 1"),
            vec![(Observed::Output, Equal, text("up"))],
        ),
        (
            shell("echo ' 12 '"),
            vec![(Observed::Output, Greater, Value::Int(9))],
        ),
        (
            shell("echo '{\"n\": [1, 2]}'"),
            vec![(json(".n | length"), Equal, Value::Int(3))],
        ),
        (exec(&["no-such-program"]), vec![]),
    ];
    let bench = Bench::new();
    let mut table = String::new();
    for (command, lines) in rows {
        let name = format!("{command:?}");
        let outcome = bench.outcome(&expecting(ProbeAsk::Command(command), lines), PROBE);
        writeln!(table, "{name}\n    {}", verdict(&outcome)).expect("a string");
    }
    insta::assert_snapshot!(table);
}

#[test]
fn a_port_answers_or_does_not() {
    let bench = Bench::new();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let plan = with_probe(ProbeAsk::Tcp {
        address: address.clone(),
    });
    assert_eq!(bench.outcome(&plan, PROBE), exited(0, ""));
    drop(listener);
    assert_eq!(
        bench.outcome(&plan, PROBE),
        exited(1, &format!("connection refused at {address}"))
    );
}

/// The bounds count with its time and nothing more: between TERM and its end it does next to nothing.
#[test]
fn what_has_used_up_its_time_gets_no_more() {
    let bench = Bench::new();
    let beats =
        "trap 'echo TERM >> beats' TERM; while :; do echo beat >> beats; sleep 0.02 || true; done";
    let plan = with_probe(ProbeAsk::Command(shell(beats)));
    let outcome = bench.outcome_within(&plan, PROBE, Millis(300));
    assert_eq!(outcome, Outcome::TimedOut);
    let beats = std::fs::read_to_string(bench.path("beats")).expect("it has begun");
    let after = beats.lines().skip_while(|line| *line != "TERM");
    let after = after.filter(|line| *line == "beat").count();
    assert!(after < 25, "{after} beats in what would be fifty");
}

#[test]
fn no_answer_in_time_is_a_no_with_the_reason() {
    let server = Server::start(BTreeMap::from([("it".to_owned(), Reply::Never)]));
    let plan = with_probe(ProbeAsk::Http {
        url: server.url("it"),
    });
    let outcome = Bench::new().outcome_within(&plan, PROBE, Millis(50));
    let wanted = format!("no answer from {} within 50ms", server.host);
    assert_eq!(outcome, exited(1, &wanted));
}
