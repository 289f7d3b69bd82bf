//! Queries over a small store with known answers. The expected values were taken from a real Prometheus (2.42) with
//! the same samples, at the same moment.

use super::super::pace::Pace;
use super::super::series::{Labels, Store, labels};
use super::{QueryError, Value, evaluate, parse};

/// Two minutes of samples every fifteen seconds, from 0 to 120: 2 requests a second, of which every tenth fails from 60
/// on; the counters of `b` begin anew at 90.
fn store() -> Store {
    let mut store = Store::new(10_000.0);
    for second in (0..=120).step_by(15) {
        let at = f64::from(second);
        let failed = (at - 60.0).max(0.0) / 5.0;
        let restarted = if second < 90 { at } else { at - 90.0 };
        let requests = |code, instance| {
            let pairs = [("code", code), ("instance", instance)];
            labels("requests_total", &pairs)
        };
        let bucket = |le| labels("seconds_bucket", &[("le", le)]);
        store.append(
            at,
            vec![
                (requests("200", "a"), at * 2.0 - failed),
                (requests("500", "a"), failed),
                (requests("200", "b"), restarted),
                (
                    labels("failures_total", &[("code", "500"), ("instance", "a")]),
                    failed,
                ),
                (bucket("0.1"), at * 5.0),
                (bucket("0.5"), at * 9.0),
                (bucket("+Inf"), at * 10.0),
            ],
        );
    }
    store
}

fn ask(query: &str, at: f64) -> Result<Value, QueryError> {
    evaluate(&parse(query)?, &store(), Pace::new(1.0), at)
}

/// Each element as `{labels} value`, rounded to a millionth.
fn show(query: &str) -> Vec<String> {
    let described = |labels: &Labels| -> Vec<String> {
        labels
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect()
    };
    match ask(query, 121.0).expect(query) {
        Value::Scalar(value) => vec![format!("{value}")],
        Value::Vector(samples) => {
            let one = |value: f64| {
                if value.is_nan() {
                    value
                } else {
                    (value * 1e6).round() / 1e6
                }
            };
            let each = samples.iter();
            each.map(|sample| {
                format!(
                    "{{{}}} {}",
                    described(&sample.labels).join(","),
                    one(sample.value)
                )
            })
            .collect()
        }
    }
}

#[test]
fn queries_mean_what_they_mean_to_prometheus() {
    let cases: &[(&str, &[&str])] = &[
        ("1 + 2 * 3 - 4 / (1 + 1)", &["5"]),
        ("0 / 0", &["NaN"]),
        ("nothing_here", &[]),
        ("sum(nothing_here) / sum(requests_total)", &[]),
        (
            r#"requests_total{code="500"}"#,
            &["{__name__=requests_total,code=500,instance=a} 12"],
        ),
        (
            r#"requests_total{code!="500",instance!~"b|c"} / 2"#,
            &["{code=200,instance=a} 114"],
        ),
        // A pattern has to fit as a whole.
        (r#"requests_total{code=~"50"}"#, &[]),
        (r#"sum(requests_total{code=~"5.."})"#, &["{} 12"]),
        (
            "sum by (instance) (requests_total)",
            &["{instance=a} 240", "{instance=b} 30"],
        ),
        (
            "sum(requests_total) by (code)",
            &["{code=200} 258", "{code=500} 12"],
        ),
        // The samples in the window are 45 seconds apart; the rest of it is extrapolated.
        (
            r#"rate(requests_total{code="500"}[1m])"#,
            &["{code=500,instance=a} 0.2"],
        ),
        (
            r#"increase(requests_total{code="500"}[1m])"#,
            &["{code=500,instance=a} 12"],
        ),
        // The reset at 90 is growth from zero: 0, 15, 30 after 75.
        (
            r#"increase(requests_total{instance="b"}[1m])"#,
            &["{code=200,instance=b} 40"],
        ),
        // One sample is no rate.
        ("rate(requests_total[10s])", &[]),
        (
            r#"sum(rate(requests_total{instance="a",code=~"5.."}[1m])) / sum(rate(requests_total{instance="a"}[1m]))"#,
            &["{} 0.1"],
        ),
        (
            "histogram_quantile(0.5, sum by (le) (rate(seconds_bucket[1m])))",
            &["{} 0.1"],
        ),
        (
            "histogram_quantile(0.7, rate(seconds_bucket[1m]))",
            &["{} 0.3"],
        ),
        // Above the highest finite bound a histogram can say no more.
        (
            "histogram_quantile(0.99, rate(seconds_bucket[1m]))",
            &["{} 0.5"],
        ),
        (
            "histogram_quantile(0.9, rate(seconds_bucket[1m]) * 0)",
            &["{} NaN"],
        ),
        (
            r#"requests_total{code="500"} / requests_total{code="500"}"#,
            &["{code=500,instance=a} 1"],
        ),
        (
            r#"requests_total{code="500"} / requests_total{code="200"}"#,
            &[],
        ),
    ];
    for (query, expected) in cases {
        assert_eq!(show(query), *expected, "{query}");
    }
}

#[test]
fn an_old_sample_stands_for_the_present_for_five_minutes() {
    let found = |at| match ask(r#"requests_total{code="500"}"#, at) {
        Ok(Value::Vector(samples)) => samples.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!((found(419.0), found(421.0)), (1, 0));
}

#[test]
fn durations_are_compressed_and_rates_are_per_written_second() {
    let query = parse(r#"rate(requests_total{code="500"}[4m])"#).expect("it reads");
    let value = evaluate(&query, &store(), Pace::new(4.0), 120.0).expect("it has an answer");
    let Value::Vector(samples) = value else {
        panic!("{value:?}")
    };
    // Twelve in a real minute that stands for four.
    assert!((samples[0].value - 0.05).abs() < 1e-9, "{samples:?}");
}

#[test]
fn what_is_not_spoken_is_refused_and_not_half_read() {
    let refused = [
        "",
        "requests_total[5m]",
        "rate(requests_total)",
        "rate(requests_total[5m:1m])",
        "rate(requests_total[1w])",
        "requests_total offset 5m",
        "requests_total > 5",
        "topk(3, requests_total)",
        "avg(requests_total)",
        "sum without (code) (requests_total)",
        "sum bytes(requests_total)",
        "sum by (code) (requests_total) by (code)",
        "sum(1)",
        "histogram_quantile(requests_total, requests_total)",
        "requests_total{code=500}",
        r#"requests_total{code=~"("}"#,
        r#"requests_total{code="500}"#,
        r#"requests_total{code="5\n"}"#,
        "1 +",
        "1 2",
        "(1",
        "-1",
        "{}",
    ];
    for query in refused {
        assert!(
            matches!(ask(query, 120.0), Err(QueryError::BadData(_))),
            "{query} was accepted"
        );
    }
    let deep = "(".repeat(1_000);
    let long = "1+".repeat(100_000);
    assert!(matches!(parse(&deep), Err(QueryError::BadData(_))));
    assert!(matches!(parse(&long), Err(QueryError::BadData(_))));
}

#[test]
fn vectors_that_do_not_match_one_to_one_cannot_be_computed() {
    // The two metrics with this code differ in nothing but their name.
    let ambiguous = ask(r#"{code="500"} / {code="500"}"#, 120.0);
    assert!(
        matches!(ambiguous, Err(QueryError::Execution(_))),
        "{ambiguous:?}"
    );
    let partnerless = ask("requests_total / sum by (code) (requests_total)", 120.0);
    assert_eq!(partnerless, Ok(Value::Vector(Vec::new())));
}
