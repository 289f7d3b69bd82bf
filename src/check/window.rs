//! How far back a PromQL query looks: the largest range written in it.

use crate::value::Millis;

/// The largest range of a query, with its `offset` left out of account; `None` when it has no range.
pub fn window_of(query: &str) -> Option<Millis> {
    let mut found = None;
    let mut quote = None;
    let mut range: Option<String> = None;
    let mut escaped = false;
    for ch in query.chars() {
        if let Some(open) = quote {
            if escaped {
                escaped = false;
            } else if ch == '\\' && open != '`' {
                escaped = true;
            } else if ch == open {
                quote = None;
            }
            continue;
        }
        match ch {
            '"' | '\'' | '`' => quote = Some(ch),
            '[' => range = Some(String::new()),
            ']' => {
                // A subquery `[30m:1m]` looks back over its range; the part behind the colon is its step.
                let text = range.take().unwrap_or_default();
                let text = text.split(':').next().unwrap_or_default().trim();
                found = found.max(duration(text));
            }
            other => {
                if let Some(range) = &mut range {
                    range.push(other);
                }
            }
        }
    }
    found
}

/// A duration of PromQL: `1m`, `1h30m`, `1w`.
pub(super) fn duration(text: &str) -> Option<Millis> {
    const UNITS: [(&str, u64); 7] = [
        ("y", 31_536_000_000),
        ("w", 604_800_000),
        ("d", 86_400_000),
        ("h", 3_600_000),
        ("m", 60_000),
        ("s", 1_000),
        ("ms", 1),
    ];
    let mut total = 0_u64;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|ch: char| !ch.is_ascii_digit())?;
        let (number, tail) = rest.split_at(digits);
        let letters = tail
            .find(|ch: char| !ch.is_ascii_alphabetic())
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        let (_, size) = UNITS.iter().find(|(word, _)| *word == unit)?;
        total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(*size)?)?;
        rest = tail;
    }
    (total > 0).then_some(Millis(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_range_counts() {
        let of = |query| window_of(query).map(|window| window.to_string());
        assert_eq!(of("sum(rate(a[1m])) / sum(rate(b[5m]))"), Some("5m".into()));
        assert_eq!(of("max_over_time(x[1h30m:30s])"), Some("1h30m".into()));
        assert_eq!(of("a{code=~\"[45]..\"}"), None);
        assert_eq!(of("a{code=~\"\\\"[9d]\"}[2m]"), Some("2m".into()));
        assert_eq!(of("a"), None);
        assert_eq!(of("a[nonsense]"), None);
    }
}
