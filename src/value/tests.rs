//! Literals and their canonical text.

use super::*;

#[test]
fn literals_and_their_canonical_text() {
    let cases = [
        ("3", "3"),
        ("1_000", "1000"),
        ("0.5", "0.5"),
        ("5%", "5%"),
        ("0.05%", "0.05%"),
        ("250ms", "250ms"),
        ("30s", "30s"),
        ("90s", "1m30s"),
        ("1h30m", "1h30m"),
        ("1.5h", "1h30m"),
        ("48h", "2d"),
        ("0s", "0s"),
        ("5/min", "5/min"),
        ("120/min", "2/s"),
        ("7/h", "7/h"),
        ("64MiB", "64MiB"),
        ("65536KiB", "64MiB"),
        ("1.5KiB", "1536B"),
        ("1500B", "1500B"),
        ("2MB", "2MB"),
        ("0B", "0B"),
        ("2.4.0", "2.4.0"),
        ("2.4.0-rc.1+b7", "2.4.0-rc.1+b7"),
        ("2026-12-24", "2026-12-24"),
        ("10:00", "10:00"),
        ("9:05:30", "09:05:30"),
    ];
    for (text, canonical) in cases {
        let value = literal(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        assert_eq!(value.to_string(), canonical, "{text}");
        assert_eq!(literal(canonical).as_ref(), Ok(&value), "{canonical}");
        let json = serde_json::to_string(&value).unwrap();
        let back: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(back, value, "{json}");
    }
}

#[test]
fn words_that_are_no_literals() {
    let cases = [
        ("5x", LiteralError::UnknownUnit("x".into())),
        ("5/parsec", LiteralError::UnknownUnit("parsec".into())),
        ("5minutes", LiteralError::UnknownUnit("minutes".into())),
        ("30m1h", LiteralError::DurationOrder),
        ("1h1h", LiteralError::DurationOrder),
        ("99999999999999999999", LiteralError::TooLarge),
        ("999999999999999999d", LiteralError::TooLarge),
        ("0.5ms", LiteralError::TooFine),
        ("0.5B", LiteralError::TooFine),
        ("2026-02-30", LiteralError::NotOnTheCalendar),
        ("25:00", LiteralError::NotOnTheCalendar),
        ("2.4.", LiteralError::NotAVersion),
        ("1.02.3", LiteralError::NotAVersion),
        ("1_", LiteralError::Malformed),
        ("", LiteralError::Malformed),
        ("1h30", LiteralError::UnknownUnit(String::new())),
    ];
    for (text, error) in cases {
        assert_eq!(literal(text), Err(error), "{text}");
    }
}

#[test]
fn a_program_sees_plain_numbers() {
    let plain = |text: &str| literal(text).unwrap().plain();
    assert_eq!(plain("0.5%"), "0.5");
    assert_eq!(plain("1m30s"), "90");
    assert_eq!(plain("1250ms"), "1.25");
    assert_eq!(plain("64MiB"), "67108864");
    assert_eq!(plain("2.4.0"), "2.4.0");
}

#[test]
fn values_from_the_command_line() {
    assert_eq!(
        Value::read(&Type::Text, "a b"),
        Ok(Value::Text("a b".into()))
    );
    assert_eq!(
        Value::read(&Type::Duration, "1h"),
        Ok(Value::Duration(Millis::from_hours(1)))
    );
    assert!(Value::read(&Type::Duration, "5%").is_err());
    assert!(Value::read(&Type::Number, "inf").is_err());
    assert!(Value::read(&Type::Url, "example.com").is_err());
    assert!(Value::read(&Type::Url, "https://example.com/a").is_ok());
    let live = Type::OneOf(vec!["blue".into(), "green".into()]);
    assert_eq!(Value::read(&live, "blue"), Ok(Value::OneOf("blue".into())));
    let misfit = Value::read(&live, "red").unwrap_err();
    assert_eq!(misfit.to_string(), "`red` is not one of blue, green");
}

#[test]
fn samples_are_scaled_to_the_base_of_their_type() {
    assert_eq!(Unit::Ratio.base(0.05), 5.0);
    assert_eq!(Unit::Seconds.base(0.31), 310.0);
    assert_eq!(Unit::PerMinute.base(60.0), 1.0);
    assert_eq!(Unit::Ratio.show(7.000_000_000_001), "7%");
    assert_eq!(Unit::Seconds.show(310.2), "310ms");
    assert_eq!(Unit::PerMinute.show(0.5), "30/min");
    assert_eq!(Unit::Ratio.show(f64::INFINITY), "infinite");
}

#[test]
fn text_is_quoted_so_that_it_reads_back() {
    let value = Value::Text("a \"b\" ${c} \\ $d\n".into());
    assert_eq!(value.to_string(), r#""a \"b\" \${c} \\ $d\n""#);
}
