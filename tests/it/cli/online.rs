//! `check --online`: what would refuse a run, said before it; nothing is changed, nobody is told, nothing is kept.

use super::RUNBOOKS;
use super::said::Said;
use crate::faults::source::{Mood, Source, answered, number};
use crate::program::{Place, Ran};

/// What the sources answer, by the word that is asked for.
fn source(error_rate: f64, orders: Option<&'static str>) -> Source {
    Source::answering(Mood::Healthy, move |asked| {
        if asked.contains("error_rate") {
            number(asked, error_rate)
        } else if asked.contains("orders") {
            orders.map_or_else(|| number(asked, 20.0), |series| answered("vector", series))
        } else {
            "{\"open\": 3}".to_owned()
        }
    })
}

const TWICE: &str = "{\"metric\":{\"pod\":\"a\"},\"value\":[0,\"20\"]},{\"metric\":{\"pod\":\"b\"},\"value\":[0,\"2\"]}";

fn looks(said: &mut Said<'_>, metrics: &str, status: i32) {
    let file = format!("{RUNBOOKS}/online.runbook");
    let metrics = format!("metrics={metrics}");
    let ran = said.call(&["check", "--online", &file, "--param", &metrics]);
    assert_eq!(ran.status, Some(status), "{}", ran.err);
}

#[test]
fn every_source_is_asked_and_what_would_refuse_a_run_is_said() {
    let place = Place::new();
    place.write("share", "0\n");
    let mut said = Said::in_place(&place);
    let well = source(0.001, None);
    let empty = source(0.001, Some(""));
    let ill = source(0.2, Some(TWICE));
    for (source, status) in [(&well, 0), (&empty, 0), (&ill, 1)] {
        looks(&mut said, &source.url(), status);
    }
    looks(&mut said, "http://127.0.0.1:1", 1);
    let text = [&well, &empty, &ill]
        .iter()
        .fold(said.text().to_owned(), |text, source| {
            let url = source.url();
            let host = url.trim_start_matches("http://");
            text.replace(host, "[SOURCE]")
        });
    said.settings()
        .bind(|| insta::assert_snapshot!("online", text));
    for never in ["state", "changed", "notices"] {
        assert!(!place.at(never).exists(), "{never} was made");
    }
}

#[test]
fn what_it_needs_is_said() {
    let place = Place::new();
    let file = format!("{RUNBOOKS}/online.runbook");
    let mut said = Said::in_place(&place);
    for words in [
        &["check", &file, "--param", "metrics=http://127.0.0.1:1"][..],
        &["check", "--online", &file],
        &["check", "--online", "--fix", &file],
    ] {
        let Ran { status, .. } = said.call(words);
        assert_eq!(status, Some(2), "{words:?}");
    }
    assert_said!(said, "online_words");
}
