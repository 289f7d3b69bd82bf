//! Notices to other machines: exact bodies, what is tried again and what is not, and that no secret is told.

use std::collections::BTreeMap;

use runbook::engine::{Effect, Input, NoticeNumber, Phase, Verdict};
use runbook::execute::{Execute, Options, Patience};
use runbook::plan::{
    Address, Channel, ChannelId, ChannelKind, Command, Plan, Secret, SecretSource,
};
use runbook::value::Millis;
use runbook::world::World;

use super::bench::{Bench, Said, state};
use super::plans::plan;
use super::server::{Reply, Server, reply};

const HOOK: &str = "HOOK";

/// Two tries at most, as fast as they come.
const QUICK: Patience = Patience {
    one: Millis(5_000),
    all: Millis(5_000),
    pause: Millis(1),
};

fn with(kind: ChannelKind) -> Plan {
    let secret = |name: &str, variable: &str| Secret {
        name: name.to_owned(),
        from: SecretSource::Env(variable.to_owned()),
    };
    Plan {
        channels: vec![Channel {
            id: ChannelId(0),
            name: "people".to_owned(),
            kind,
        }],
        secrets: vec![secret("people.slack", HOOK), secret("token", "TOKEN")],
        ..plan()
    }
}

fn slack() -> Plan {
    with(ChannelKind::Slack {
        address: "people.slack".to_owned(),
    })
}

fn world(bench: &Bench, hook: &str, patience: Patience) -> Execute<'static> {
    let mut options = Options {
        patience,
        ..bench.options()
    };
    options.environment.push((HOOK.into(), hook.into()));
    options
        .environment
        .push(("TOKEN".into(), "s3cr3t-token".into()));
    Execute::new(options, Box::new(Said::default()), Box::new(|| None)).expect("a world")
}

/// Sends a notice while the run is stuck; why it could not be delivered.
fn told(world: &mut Execute<'_>, plan: &Plan, text: &str) -> Option<String> {
    let mut state = state(plan);
    state.phase = Phase::Closing(Verdict::Stuck { why: String::new() });
    world.start(
        plan,
        &state,
        &Effect::Notify {
            notice: NoticeNumber(3),
            channel: ChannelId(0),
            text: text.to_owned(),
        },
    );
    loop {
        match world.next(plan, &state, None).expect("it goes on").input {
            Input::Notified { notice, failed } => {
                assert_eq!(notice, NoticeNumber(3));
                return failed;
            }
            Input::ClockJumped { .. } => {}
            other => panic!("unexpected: {other:?}"),
        }
    }
}

fn server(name: &str, replies: Vec<Reply>) -> Server {
    Server::in_turn(BTreeMap::from([(name.to_owned(), replies)]))
}

fn answers(status: u16, headers: &str, body: &str) -> Reply {
    reply(status, headers, body)
}

#[test]
fn slack_is_sent_the_text_and_nothing_in_it_is_a_mark() {
    let bench = Bench::new();
    let server = server("services", vec![answers(200, "", "ok")]);
    let mut world = world(&bench, &server.url("services/T0/B0/abcdefgh"), QUICK);
    let said = told(&mut world, &slack(), "${run} is stuck: <!channel> & 5 > 3");
    assert_eq!(said, None);
    let request = server.last();
    assert_eq!(request.line, "POST /services/T0/B0/abcdefgh HTTP/1.1");
    assert!(request.headers.contains("content-type: application/json"));
    assert_eq!(
        request.body,
        r#"{"text":"run-1 is stuck: &lt;!channel&gt; &amp; 5 &gt; 3"}"#
    );
}

#[test]
fn pagerduty_is_sent_an_event_under_the_number_of_the_notice() {
    let bench = Bench::new();
    let server = server("v2", vec![answers(202, "", "{}")]);
    let plan = with(ChannelKind::PagerDuty {
        key: "token".to_owned(),
        at: server.url("v2/enqueue"),
    });
    let mut world = world(&bench, "", QUICK);
    assert_eq!(told(&mut world, &plan, "help"), None);
    let request = server.last();
    assert_eq!(request.line, "POST /v2/enqueue HTTP/1.1");
    let service = &plan.header.service;
    let title = &plan.header.title;
    assert_eq!(
        request.body,
        format!(
            r#"{{"dedup_key":"run-1-3","event_action":"trigger","payload":{{"custom_details":{{"run":"run-1","runbook":"{title}","text":"help"}},"severity":"critical","source":"{service}","summary":"help"}},"routing_key":"s3cr3t-token"}}"#
        )
    );
}

#[test]
fn a_webhook_is_sent_json_with_its_key_and_its_token() {
    let bench = Bench::new();
    let server = server("hook", vec![answers(204, "", "")]);
    let plan = with(ChannelKind::Webhook {
        address: Address::Open(server.url("hook")),
        bearer: Some("token".to_owned()),
    });
    let mut world = world(&bench, "", QUICK);
    assert_eq!(told(&mut world, &plan, "help \"now\""), None);
    let request = server.last();
    assert!(
        request
            .headers
            .contains("authorization: bearer s3cr3t-token")
    );
    assert!(request.headers.contains("idempotency-key: run-1-3"));
    let (service, title) = (&plan.header.service, &plan.header.title);
    assert_eq!(
        request.body,
        format!(
            r#"{{"key":"run-1-3","notice":3,"run":"run-1","runbook":"{title}","service":"{service}","text":"help \"now\""}}"#
        )
    );
}

#[test]
fn a_service_that_is_busy_or_broken_is_tried_again_with_the_same_letter() {
    let bench = Bench::new();
    let busy = vec![
        answers(500, "", "oops"),
        answers(429, "Retry-After: 0\r\n", "slow down"),
        Reply::Close,
        answers(200, "", "ok"),
    ];
    let server = server("services", busy);
    let mut world = world(&bench, &server.url("services/x"), QUICK);
    assert_eq!(told(&mut world, &slack(), "text"), None);
    let requests = server.requests.lock().expect("nobody panicked");
    assert_eq!(requests.len(), 4);
    assert!(requests.iter().all(|one| one.body == requests[0].body));
}

#[test]
fn a_service_is_not_waited_for_longer_than_the_notice_is_tried() {
    let bench = Bench::new();
    let slow = vec![answers(429, "Retry-After: 3600\r\n", "slow down")];
    let server = server("services", slow);
    let mut world = world(&bench, &server.url("services/x"), QUICK);
    let why = told(&mut world, &slack(), "text").expect("it is not delivered");
    let host = &server.host;
    assert_eq!(
        why,
        format!("{host} answers HTTP 429: slow down, and asks to wait 1h (one try)")
    );
}

#[test]
fn what_is_refused_or_sent_elsewhere_is_not_tried_again() {
    let bench = Bench::new();
    for (answer, says) in [
        (
            answers(404, "", "no_service"),
            "answers HTTP 404: no_service",
        ),
        (
            answers(307, "Location: /elsewhere\r\n", ""),
            "answers HTTP 307, a redirect, which a notice does not follow",
        ),
    ] {
        let server = server("services", vec![answer]);
        let mut world = world(&bench, &server.url("services/x"), QUICK);
        let why = told(&mut world, &slack(), "text").expect("it is not delivered");
        assert_eq!(why, format!("{} {says}", server.host));
        assert_eq!(server.requests.lock().expect("nobody panicked").len(), 1);
    }
}

#[test]
fn a_service_that_hangs_is_given_up_and_stops_nothing() {
    let bench = Bench::new();
    let server = server("services", vec![Reply::Never]);
    let hasty = Patience {
        one: Millis(50),
        all: Millis(60),
        pause: Millis(1),
    };
    let mut world = world(&bench, &server.url("services/x"), hasty);
    let why = told(&mut world, &slack(), "text").expect("it is not delivered");
    assert!(why.starts_with("no answer from"), "{why}");
    assert!(
        why.ends_with("within 50ms (2 tries)") || why.ends_with("within 50ms (one try)"),
        "{why}"
    );
}

#[test]
fn what_a_failure_says_never_tells_the_address() {
    let bench = Bench::new();
    let server = server(
        "services",
        vec![answers(
            404,
            "",
            "nothing at /services/T0000001/B0000002/ABCDEFGHIJK; try ABCDEFGHIJK",
        )],
    );
    let hook = server.url("services/T0000001/B0000002/ABCDEFGHIJK");
    let mut world = world(&bench, &hook, QUICK);
    let why = told(&mut world, &slack(), "text").expect("it is not delivered");
    assert!(!why.contains("ABCDEFGHIJK"), "{why}");
    assert!(why.contains("***"), "{why}");
}

#[test]
fn a_secret_that_is_not_there_is_named() {
    let bench = Bench::new();
    let mut world = bench.world();
    let why = told(&mut world, &slack(), "text");
    assert_eq!(
        why.as_deref(),
        Some("secret people.slack: the environment variable HOOK is not set")
    );
}

#[test]
fn a_command_finds_the_text_in_a_variable_and_its_failure_is_told() {
    let bench = Bench::new();
    let by = |text: &str| {
        with(ChannelKind::Command {
            command: Command::Shell {
                text: text.to_owned(),
            },
            secrets: vec!["token".to_owned()],
        })
    };
    let mut world = world(&bench, "", QUICK);
    let plan = by(
        r#"printf '%s|%s|%s' "$RUNBOOK_NOTICE" "$RUNBOOK_NOTICE_KEY" "$(cat "$token_file")" > said"#,
    );
    let hostile = "a'; touch pwned; \"$(touch pwned)\"";
    assert_eq!(told(&mut world, &plan, hostile), None);
    let said = std::fs::read_to_string(bench.path("said")).expect("the file");
    assert_eq!(said, format!("{hostile}|run-1-3|s3cr3t-token"));
    assert!(!bench.path("pwned").exists());
    let why = told(&mut world, &by("cat \"$token_file\" >&2; exit 3"), "text");
    assert_eq!(why.as_deref(), Some("its command exits with 3: ***"));
}
