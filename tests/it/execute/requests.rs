//! HTTP requests of steps: what is sent, what an answer means, and what is known when none came.

use std::collections::BTreeMap;

use runbook::engine::{Effect, Outcome};
use runbook::plan::{
    Binding, Body, BodyPart, Command, Comparison, Expectation, Form, HeaderValue, Method, Observed,
    Piece, Plan, Request, RequestHeader, Secret, SecretSource, Template,
};
use runbook::value::{Millis, Value};
use runbook::world::World;

use super::bench::{Bench, STEP, exited};
use super::plans::{step, text, with_step};
use super::server::{Reply, Server, reply};

const SECRET: &str = "hunter2-and-more";

fn bench() -> Bench {
    let mut bench = Bench::new();
    bench.environment.push(("FLAG_TOKEN".into(), SECRET.into()));
    bench
}

fn request(url: String) -> Request {
    Request {
        method: Method::Post,
        url,
        headers: Vec::new(),
        body: None,
        expect: Vec::new(),
    }
}

fn plan(request: Request) -> Plan {
    let mut asks = step(Command::Http {
        request: Box::new(request),
    });
    asks.timeout = Millis(3_000);
    Plan {
        secrets: vec![Secret {
            name: "token".to_owned(),
            from: SecretSource::Env("FLAG_TOKEN".to_owned()),
        }],
        bindings: vec![Binding {
            name: "word".to_owned(),
            value: Value::Text("x".to_owned()),
        }],
        ..with_step(asks)
    }
}

fn server(replies: &[(&str, Reply)]) -> Server {
    let all = replies.iter();
    let all = all.map(|(name, reply)| ((*name).to_owned(), reply.clone()));
    Server::start(all.collect::<BTreeMap<String, Reply>>())
}

fn outcome(bench: &Bench, plan: &Plan) -> Outcome {
    bench.outcome_within(plan, STEP, plan.steps[0].timeout)
}

fn output(bench: &Bench) -> String {
    String::from_utf8(bench.output()).expect("text")
}

#[test]
fn what_is_sent_is_what_the_file_says_and_no_value_leaves_its_place() {
    let echo = format!("you are Bearer {SECRET}");
    let server = server(&[("a", reply(201, "", &echo))]);
    let mut put = request(server.url("a/b?c=d"));
    put.method = Method::Put;
    put.headers = vec![
        RequestHeader {
            name: "authorization".to_owned(),
            value: HeaderValue::Bearer("token".to_owned()),
        },
        RequestHeader {
            name: "x-key".to_owned(),
            value: HeaderValue::Secret("token".to_owned()),
        },
        RequestHeader {
            name: "x-run".to_owned(),
            value: HeaderValue::Text(Template(vec![Piece::Run])),
        },
    ];
    let by = |form| BodyPart::Value {
        of: Template(vec![Piece::By]),
        form,
    };
    put.body = Some(Body {
        is_json: true,
        parts: vec![
            BodyPart::Text("{\"by\": ".to_owned()),
            by(Form::Quoted),
            BodyPart::Text(", \"said\": \"of ".to_owned()),
            by(Form::Inside),
            BodyPart::Text("\"}".to_owned()),
        ],
    });
    let bench = bench();
    let plan = plan(put);
    let mut world = bench.world();
    let mut state = super::bench::state(&plan);
    state.by = "a \"b\" \\".to_owned();
    super::bench::start(&mut world, (&plan, &state), STEP, Millis(3_000));
    let outcome = super::bench::ended(&mut world, &plan, &state);
    assert_eq!(outcome, exited(0, ""));

    let sent = server.last();
    assert_eq!(sent.line, "PUT /a/b?c=d HTTP/1.1");
    for header in [
        format!("authorization: bearer {SECRET}"),
        format!("x-key: {SECRET}"),
        "x-run: run-1".to_owned(),
        "content-type: application/json".to_owned(),
    ] {
        assert!(sent.headers.contains(&header), "{header}: {}", sent.headers);
    }
    let body: serde_json::Value = serde_json::from_str(&sent.body).expect("JSON");
    let wanted = serde_json::json!({"by": "a \"b\" \\", "said": "of a \"b\" \\"});
    assert_eq!(body, wanted);
    let said = output(&bench);
    assert!(
        said.contains("answers HTTP 201\nyou are Bearer ***"),
        "{said}"
    );
    assert!(!said.contains(SECRET), "{said}");
}

#[test]
fn an_answer_is_held_against_what_is_expected() {
    let server = server(&[
        ("ok", reply(200, "", "{\"ok\": true}")),
        ("busy", reply(503, "", "try later")),
        (
            "moved",
            reply(302, "Location: https://elsewhere.example.com/\r\n", ""),
        ),
    ]);
    let of = |path: &str, expect: Vec<Expectation>| {
        let mut post = request(server.url(path));
        post.expect = expect;
        outcome(&bench(), &plan(post))
    };
    let expects = |of, value| {
        vec![Expectation {
            of,
            comparison: Comparison::Equal,
            value,
            text: String::new(),
        }]
    };
    assert_eq!(of("ok", Vec::new()), exited(0, ""));
    assert_eq!(
        of("busy", Vec::new()),
        exited(1, "status is 503, expected 200 to 299")
    );
    assert_eq!(
        of("busy", expects(Observed::Status, Value::Int(503))),
        exited(0, "")
    );
    assert_eq!(
        of(
            "ok",
            expects(Observed::Json(".ok".to_owned()), Value::Bool(false))
        ),
        exited(1, "json(\".ok\") is true, expected == false")
    );
    let Outcome::Exited { status: 1, said } = of("moved", Vec::new()) else {
        panic!("a redirect is an answer");
    };
    assert_eq!(
        said,
        "status is 302, expected 200 to 299; it points to https://elsewhere.example.com/, and what changes something is not sent on"
    );
    let requests = server.requests.lock().expect("nobody panicked").len();
    assert_eq!(requests, 5, "each is sent once");
}

#[test]
fn an_answer_that_was_lost_is_unknown_and_one_that_was_never_sent_is_not() {
    let server = server(&[("closes", Reply::Close), ("hangs", Reply::Never)]);
    let of = |url: String, idempotent: bool| {
        let mut plan = plan(request(url));
        plan.steps[0].idempotent = idempotent;
        plan.steps[0].timeout = Millis(1_000);
        outcome(&bench(), &plan)
    };
    let why = |outcome: Outcome| match outcome {
        Outcome::Unknown { why } => why,
        other => panic!("nobody knows: {other:?}"),
    };
    let lost = why(of(server.url("closes"), false));
    assert!(
        lost.starts_with("it was sent, and its answer was lost: "),
        "{lost}"
    );
    let late = why(of(server.url("hangs"), false));
    assert!(late.contains("no answer from 127.0.0.1:"), "{late}");
    // What may be made again has failed like any other attempt, so that its retries are counted.
    for path in ["closes", "hangs"] {
        let outcome = of(server.url(path), true);
        assert!(
            matches!(
                outcome,
                Outcome::Exited { status: 1, .. } | Outcome::TimedOut
            ),
            "{path}: {outcome:?}"
        );
    }
    let requests = server.requests.lock().expect("nobody panicked").len();
    assert_eq!(requests, 4, "no request is sent a second time by itself");

    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let nobody = free.local_addr().expect("an address");
    drop(free);
    let Outcome::NotStarted { why } = of(format!("http://{nobody}/"), false) else {
        panic!("nothing was sent");
    };
    assert_eq!(why, format!("connection refused at {nobody}"));
}

#[test]
fn a_request_that_is_told_to_stop_is_unknown() {
    let server = server(&[("hangs", Reply::Never)]);
    let plan = plan(request(server.url("hangs")));
    let bench = bench();
    let mut world = bench.world();
    let state = super::bench::state(&plan);
    super::bench::start(&mut world, (&plan, &state), STEP, Millis(60_000));
    // The world makes progress only while it is waited for.
    while server.requests.lock().expect("nobody panicked").is_empty() {
        let _ = world.next(&plan, &state, Some(runbook::engine::Moment(0)));
    }
    let attempt = runbook::engine::Attempt(7);
    world.start(&plan, &state, &Effect::Stop { attempt });
    let outcome = super::bench::ended(&mut world, &plan, &state);
    assert!(matches!(outcome, Outcome::Unknown { .. }), "{outcome:?}");
}

#[test]
fn a_header_that_no_header_can_be_sends_nothing() {
    let server = server(&[("a", reply(200, "", ""))]);
    let mut post = request(server.url("a"));
    post.headers = vec![RequestHeader {
        name: "x-note".to_owned(),
        value: HeaderValue::Text(text("a\r\nx-admin: yes")),
    }];
    let Outcome::NotStarted { why } = outcome(&bench(), &plan(post)) else {
        panic!("nothing is sent");
    };
    assert_eq!(why, "the header x-note holds a sign that no header can");
    assert!(server.requests.lock().expect("nobody panicked").is_empty());
}
