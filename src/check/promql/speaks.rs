//! What the samples of a query are: a share, a time or a rate, and on which scale. The names of Prometheus say it (`_seconds`, `_ratio`,
//! `_total`), and what is done with them. See <https://prometheus.io/docs/practices/naming/>.

use crate::value::Unit;

use super::words::Word;

/// How deep parentheses are followed.
const DEEPEST: usize = 40;

/// What samples are, with how many of them are one: 1 of `Share` is a ratio, 100 are percent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Speaks {
    /// So many are all.
    Share(f64),
    /// So many are a second.
    Time(f64),
    /// Events in so many seconds.
    Rate(f64),
}

impl Speaks {
    /// How the samples would have to be for a unit, where that is of the same kind, and how they are.
    const fn scales(self, unit: Unit) -> Option<(f64, f64)> {
        match (self, unit) {
            (Self::Share(scale), Unit::Ratio) => Some((1.0, scale)),
            (Self::Share(scale), Unit::Percent) => Some((100.0, scale)),
            (Self::Time(scale), Unit::Seconds) => Some((1.0, scale)),
            (Self::Time(scale), Unit::Ms) => Some((1_000.0, scale)),
            (Self::Rate(scale), Unit::PerSecond) => Some((1.0, scale)),
            (Self::Rate(scale), Unit::PerMinute) => Some((60.0, scale)),
            (
                Self::Share(_) | Self::Time(_) | Self::Rate(_),
                Unit::Ratio
                | Unit::Percent
                | Unit::Seconds
                | Unit::Ms
                | Unit::PerSecond
                | Unit::PerMinute
                | Unit::Bytes
                | Unit::Count,
            ) => None,
        }
    }

    /// What the query gives and what to write, where that is not what the unit says.
    pub(super) fn against(self, unit: Unit) -> Option<(String, String)> {
        let (wanted, scale) = self.scales(unit)?;
        if is_same(wanted, scale) || !scale.is_finite() {
            return None;
        }
        let fits = Unit::ALL.into_iter().find(|other| {
            let scales = self.scales(*other);
            scales.is_some_and(|(wanted, scale)| is_same(wanted, scale))
        });
        let gives = match self {
            Self::Share(1.0) => "a share of one: all of them are 1".to_owned(),
            Self::Share(100.0) => "percent: all of them are 100".to_owned(),
            Self::Share(scale) => format!("a share of which all are {scale}"),
            Self::Time(1.0) => "seconds".to_owned(),
            Self::Time(1_000.0) => "milliseconds".to_owned(),
            Self::Time(scale) => format!("a time of which a second is {scale}"),
            Self::Rate(1.0) => "events per second".to_owned(),
            Self::Rate(60.0) => "events per minute".to_owned(),
            Self::Rate(scale) => format!("events per {scale} seconds"),
        };
        let factor = if wanted > scale {
            format!("let the query multiply by {}", wanted / scale)
        } else {
            format!("let the query divide by {}", scale / wanted)
        };
        let instead = match fits {
            Some(fits) => format!("write `unit {}`, or {factor}", fits.word()),
            None => factor,
        };
        Some((gives, instead))
    }
}

/// Whether two scales are one, but for how they were calculated.
fn is_same(wanted: f64, scale: f64) -> bool {
    (scale / wanted - 1.0).abs() < 0.001
}

/// What is known of a part of a query.
#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Number(f64),
    Of(Speaks),
    /// A series by its name, as it is or over a time in seconds.
    Series(String, Option<f64>),
    /// How fast series of a name grow, in so many seconds.
    Growth(String, f64),
    /// How many series of a name there are.
    Counted(String),
    Unknown,
}

/// What the samples of a query are, where it says so.
pub(super) fn speaks(words: &[Word]) -> Option<Speaks> {
    let mut reader = Reader { words, depth: 0 };
    let kind = reader.expr(0)?;
    if !reader.words.is_empty() {
        return None;
    }
    kind.spoken()
}

impl Kind {
    fn spoken(self) -> Option<Speaks> {
        match self {
            Self::Of(speaks) => Some(speaks),
            Self::Growth(name, seconds) if measures(&name).is_none() => Some(Speaks::Rate(seconds)),
            Self::Series(name, None) => of_gauge(&name),
            Self::Number(_)
            | Self::Series(..)
            | Self::Growth(..)
            | Self::Counted(_)
            | Self::Unknown => None,
        }
    }

    /// This, so many times.
    fn times(self, factor: f64) -> Self {
        match self {
            Self::Number(number) => Self::Number(number * factor),
            Self::Growth(name, seconds) => Self::Growth(name, seconds * factor),
            Self::Series(..) | Self::Of(_) => match self.spoken() {
                Some(Speaks::Share(scale)) => Self::Of(Speaks::Share(scale * factor)),
                Some(Speaks::Time(scale)) => Self::Of(Speaks::Time(scale * factor)),
                Some(Speaks::Rate(scale)) => Self::Of(Speaks::Rate(scale * factor)),
                None => Self::Unknown,
            },
            Self::Counted(_) | Self::Unknown => Self::Unknown,
        }
    }

    fn through(self, other: Self) -> Self {
        match (self, other) {
            (left, Self::Number(number)) => left.times(1.0 / number),
            (Self::Growth(left, of), Self::Growth(right, than)) => quotient(&left, &right)
                .map_or(Self::Unknown, |speaks| Self::Of(speaks).times(of / than)),
            (Self::Counted(left), Self::Counted(right)) if left == right => {
                Self::Of(Speaks::Share(1.0))
            }
            (_, _) => Self::Unknown,
        }
    }

    /// A sum or a difference.
    fn with(self, other: Self) -> Self {
        match (self, other) {
            // What is missing to all of them.
            (Self::Number(all), share) => match share.spoken() {
                Some(Speaks::Share(scale)) if is_same(all, scale) => Self::Of(Speaks::Share(scale)),
                Some(_) | None => Self::Unknown,
            },
            (Self::Growth(name, of), Self::Growth(_, than)) if of == than => Self::Growth(name, of),
            (Self::Of(left), Self::Of(right)) if left == right => Self::Of(left),
            (_, _) => Self::Unknown,
        }
    }
}

/// What one series that grows, through another one, is.
fn quotient(left: &str, right: &str) -> Option<Speaks> {
    if left == right {
        return Some(Speaks::Share(1.0));
    }
    if let (Some(sum), Some(count)) = (left.strip_suffix("_sum"), right.strip_suffix("_count"))
        && sum == count
    {
        return of_gauge(sum);
    }
    let is_sum = left.ends_with("_sum") || right.ends_with("_sum");
    (!is_sum && measures(left).is_none() && measures(right).is_none()).then_some(Speaks::Share(1.0))
}

/// What a series that is no counter measures.
fn of_gauge(name: &str) -> Option<Speaks> {
    if name == "up" {
        return Some(Speaks::Share(1.0));
    }
    match measures(name)? {
        "seconds" => Some(Speaks::Time(1.0)),
        "milliseconds" | "millis" | "ms" => Some(Speaks::Time(1_000.0)),
        "ratio" => Some(Speaks::Share(1.0)),
        "percent" => Some(Speaks::Share(100.0)),
        _other_unit => None,
    }
}

/// The unit in a name, before what says how it is counted.
fn measures(name: &str) -> Option<&'static str> {
    const COUNTED: [&str; 4] = ["_total", "_bucket", "_sum", "_count"];
    const UNITS: [&str; 14] = [
        "seconds",
        "milliseconds",
        "millis",
        "ms",
        "microseconds",
        "nanoseconds",
        "minutes",
        "ratio",
        "percent",
        "bytes",
        "celsius",
        "joules",
        "volts",
        "amperes",
    ];
    let base = COUNTED
        .iter()
        .find_map(|end| name.strip_suffix(end))
        .unwrap_or(name);
    // How many observations there were has no unit.
    if name.ends_with("_count") {
        return None;
    }
    let last = base.rsplit(['_', ':']).next().unwrap_or(base);
    UNITS.into_iter().find(|unit| *unit == last)
}

struct Reader<'w> {
    words: &'w [Word],
    depth: usize,
}

impl Reader<'_> {
    fn take(&mut self, sign: &str) -> Option<()> {
        match self.words.split_first() {
            Some((Word::Sign(found), rest)) if *found == sign => {
                self.words = rest;
                Some(())
            }
            Some(_) | None => None,
        }
    }

    fn take_name(&mut self, wanted: &[&str]) -> Option<()> {
        match self.words.split_first() {
            Some((Word::Name(name), rest)) if wanted.contains(&name.to_lowercase().as_str()) => {
                self.words = rest;
                Some(())
            }
            Some(_) | None => None,
        }
    }

    /// Everything up to the sign that closes; brackets in it are closed, which was looked at before.
    fn skip_to(&mut self, close: &str) -> Option<()> {
        let mut open = 0_usize;
        loop {
            let (word, rest) = self.words.split_first()?;
            self.words = rest;
            if let Word::Sign(sign) = word {
                match *sign {
                    sign if sign == close && open == 0 => return Some(()),
                    "(" | "[" | "{" => open += 1,
                    ")" | "]" | "}" => open = open.checked_sub(1)?,
                    _no_bracket => {}
                }
            }
        }
    }

    /// The operator that comes next, and how strongly it binds.
    fn operator(&self) -> Option<(&'static str, u8)> {
        const SIGNS: [(&str, u8); 12] = [
            ("==", 3),
            ("!=", 3),
            (">=", 3),
            ("<=", 3),
            (">", 3),
            ("<", 3),
            ("+", 4),
            ("-", 4),
            ("*", 5),
            ("/", 5),
            ("%", 5),
            ("^", 6),
        ];
        const NAMES: [(&str, u8); 7] = [
            ("or", 1),
            ("and", 2),
            ("unless", 2),
            ("default", 1),
            ("if", 2),
            ("ifnot", 2),
            ("atan2", 5),
        ];
        match self.words.first()? {
            Word::Sign(found) => SIGNS.into_iter().find(|(sign, _)| sign == found),
            Word::Name(found) => {
                let found = found.to_lowercase();
                NAMES.into_iter().find(|(name, _)| *name == found)
            }
            Word::Number(_) | Word::Time(_) | Word::String | Word::Other => None,
        }
    }

    fn expr(&mut self, least: u8) -> Option<Kind> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let mut left = self.operand()?;
        while let Some((operator, binds)) = self.operator() {
            if binds < least {
                break;
            }
            self.words = self.words.split_first()?.1;
            let is_bool = self.take_name(&["bool"]).is_some();
            if self.take_name(&["on", "ignoring"]).is_some() {
                self.take("(")?;
                self.skip_to(")")?;
            }
            if self.take_name(&["group_left", "group_right"]).is_some() && self.take("(").is_some()
            {
                self.skip_to(")")?;
            }
            let right = self.expr(binds.saturating_add(1))?;
            left = match operator {
                "+" | "-" => left.with(right),
                "/" => left.through(right),
                "*" => match (left, right) {
                    (Kind::Number(factor), other) | (other, Kind::Number(factor)) => {
                        other.times(factor)
                    }
                    (_, _) => Kind::Unknown,
                },
                "%" | "^" | "atan2" => Kind::Unknown,
                // What is kept of the left side stays what it is.
                _filters if is_bool => Kind::Unknown,
                _filters => left,
            };
        }
        self.depth = self.depth.saturating_sub(1);
        Some(left)
    }

    fn operand(&mut self) -> Option<Kind> {
        let (word, rest) = self.words.split_first()?;
        self.words = rest;
        let mut kind = match word {
            Word::Number(number) => Kind::Number(*number),
            Word::Time(_) | Word::String | Word::Other => Kind::Unknown,
            Word::Sign("(") => {
                let inner = self.expr(0)?;
                self.take(")")?;
                inner
            }
            Word::Sign("{") => {
                self.skip_to("}")?;
                Kind::Unknown
            }
            Word::Sign("-") => return self.operand().map(|kind| kind.times(-1.0)),
            Word::Sign(_) => return None,
            Word::Name(name) => self.named(name)?,
        };
        // What narrows, shifts or widens it.
        loop {
            if self.take("{").is_some() {
                self.skip_to("}")?;
            } else if self.take("[").is_some() {
                let range = match self.words {
                    [Word::Time(seconds), Word::Sign("]"), ..] => Some(*seconds),
                    [..] => None,
                };
                self.skip_to("]")?;
                kind = match (kind, range) {
                    (Kind::Series(name, None), Some(seconds)) => Kind::Series(name, Some(seconds)),
                    (Kind::Series(name, None), None) => Kind::Series(name, Some(f64::NAN)),
                    (_, _) => Kind::Unknown,
                };
            } else if self.take_name(&["offset"]).is_some() {
                let _ = self.take("-");
                self.words = self.words.split_first()?.1;
            } else if self.take("@").is_some() {
                self.words = self.words.split_first()?.1;
                if self.take("(").is_some() {
                    self.skip_to(")")?;
                }
            } else {
                return Some(kind);
            }
        }
    }

    /// What begins with a name: a series or a call.
    fn named(&mut self, name: &str) -> Option<Kind> {
        let function = name.to_lowercase();
        if self.take_name(&["by", "without"]).is_some() {
            self.take("(")?;
            self.skip_to(")")?;
        }
        if self.take("(").is_none() {
            return Some(Kind::Series(name.to_owned(), None));
        }
        let mut given = Vec::new();
        while self.take(")").is_none() {
            given.push(match self.words.first() {
                Some(Word::String) => {
                    self.words = self.words.split_first()?.1;
                    Kind::Unknown
                }
                Some(_) => self.expr(0)?,
                None => return None,
            });
            let _ = self.take(",");
        }
        if self.take_name(&["by", "without"]).is_some() {
            self.take("(")?;
            self.skip_to(")")?;
        }
        Some(called(&function, given))
    }
}

/// What a function makes of what it is given.
fn called(function: &str, given: Vec<Kind>) -> Kind {
    let is_number = |kind: &Kind| matches!(kind, Kind::Number(_));
    let of = given.into_iter().find(|kind| !is_number(kind));
    let of = of.unwrap_or(Kind::Unknown);
    match (function, of) {
        ("rate" | "irate", Kind::Series(name, Some(_))) => Kind::Growth(name, 1.0),
        ("increase", Kind::Series(name, Some(seconds))) => Kind::Growth(name, seconds),
        ("sum", Kind::Growth(name, seconds)) => Kind::Growth(name, seconds),
        ("count", Kind::Series(name, None)) => Kind::Counted(name),
        ("histogram_quantile", Kind::Growth(name, _)) => {
            of_gauge(&name).map_or(Kind::Unknown, Kind::Of)
        }
        (
            "avg_over_time" | "max_over_time" | "min_over_time" | "last_over_time"
            | "quantile_over_time",
            Kind::Series(name, Some(_)),
        ) => Kind::Series(name, None),
        (
            "avg" | "max" | "min" | "quantile" | "topk" | "bottomk" | "clamp_min" | "clamp_max"
            | "clamp" | "scalar" | "abs" | "round" | "ceil" | "floor" | "sort" | "sort_desc"
            | "label_replace" | "label_join",
            kind,
        ) => kind,
        (_, _) => Kind::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::words;
    use super::*;
    use crate::ast::{Quote, Text, TextPart};
    use crate::source::Span;

    fn of(query: &str) -> Option<Speaks> {
        let text = Text {
            quote: Quote::Raw,
            parts: vec![TextPart::Piece(query.to_owned())],
            span: Span::new(0, 0),
        };
        speaks(&words(&text).expect(query))
    }

    #[test]
    fn what_a_query_gives_is_known_where_its_names_say_it() {
        let share = |scale| Some(Speaks::Share(scale));
        let time = |scale| Some(Speaks::Time(scale));
        let rate = |scale| Some(Speaks::Rate(scale));
        for (query, expected) in [
            (
                r#"sum(rate(http_requests_total{code=~"5.."}[1m])) / sum(rate(http_requests_total[1m]))"#,
                share(1.0),
            ),
            (
                r#"100 * sum(rate(a_total{x="1"}[1m])) / sum(rate(a_total[1m]))"#,
                share(100.0),
            ),
            (
                "sum(rate(a_total[1m])) / sum(rate(b_total[1m])) * 100",
                share(100.0),
            ),
            (
                "(sum by (job) (rate(a[1m])) / sum(rate(b[1m])) by (job)) * 1e2",
                share(100.0),
            ),
            (
                "1 - sum(rate(a_total[1m])) / sum(rate(b_total[1m]))",
                share(1.0),
            ),
            (
                "100 - 100 * (sum(rate(a_total[1m])) / sum(rate(b_total[1m])))",
                share(100.0),
            ),
            ("100 * (1 - avg(up))", share(100.0)),
            (
                "sum(rate(a_total[1m])) / sum(rate(b_total[1m])) or vector(0)",
                share(1.0),
            ),
            (
                "max(sum by (pod) (rate(a_total[1m])) / on (pod) group_left (x) sum by (pod) (rate(b_total[1m]))) > 0",
                share(1.0),
            ),
            (
                "sum(increase(a_total[5m])) / sum(increase(a_total[5m] offset 1h))",
                share(1.0),
            ),
            ("count(up == 1) / count(up)", share(1.0)),
            (
                "clamp_max(rate(a_total[1m]) / rate(b_total[1m]), 1)",
                share(1.0),
            ),
            (
                "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[1m])))",
                time(1.0),
            ),
            (
                "1000 * histogram_quantile(0.95, sum(rate(x_seconds_bucket[1m])) by (le))",
                time(1000.0),
            ),
            (
                "histogram_quantile(0.95, sum by (le) (rate(istio_request_duration_milliseconds_bucket[1m])))",
                time(1000.0),
            ),
            (
                "rate(x_seconds_sum[5m]) / rate(x_seconds_count[5m])",
                time(1.0),
            ),
            (r#"max(rpc_duration_seconds{quantile="0.99"})"#, time(1.0)),
            ("max_over_time(queue_wait_ms[5m]) / 1000", time(1.0)),
            ("sum(rate(a_total[1m]))", rate(1.0)),
            ("sum(rate(a_total[1m])) * 60", rate(60.0)),
            ("sum(increase(a_total[1m]))", rate(60.0)),
            ("sum(rate(x_seconds_count[1m])) # of them", rate(1.0)),
            ("avg(cache_hit_ratio)", share(1.0)),
        ] {
            assert_eq!(of(query), expected, "{query}");
        }
    }

    #[test]
    fn what_is_not_certain_is_left_alone() {
        for query in [
            "sum(rate(bytes_total[1m])) / sum(rate(requests_total[1m]))",
            "sum(rate(x_seconds_total[1m]))",
            "sum(rate(cpu_percent_sum[1m])) / sum(rate(cpu_percent_count[1m])) / sum(x)",
            "sum(rate(size_sum[1m])) / sum(rate(size_count[1m]))",
            "sum(a) / sum(b)",
            "sum(up)",
            "count(up)",
            "errors",
            "job:errors:rate5m",
            "time() - backup_timestamp_seconds",
            "deriv(x[5m])",
            "sum(rate(a_total[1m])) > bool 5",
            "predict_linear(free_bytes[1h], 3600)",
            "rate(a_total[1m]) ^ 2",
            "vector(0)",
            "increase(sum(a)[5m:1m])",
            "a b",
            "",
        ] {
            assert_eq!(of(query), None, "{query}");
        }
    }

    #[test]
    fn what_nobody_could_read_is_told_apart() {
        use super::super::words::Broken;
        let broken = |query: &str| {
            let text = Text {
                quote: Quote::Raw,
                parts: vec![TextPart::Piece(query.to_owned())],
                span: Span::new(0, 0),
            };
            words(&text).err()
        };
        assert_eq!(broken("sum(rate(a[1m])"), Some(Broken::Open('(', ')')));
        assert_eq!(broken("sum(rate(a[1m))"), Some(Broken::Closes(')')));
        assert_eq!(broken("sum(a))"), Some(Broken::Closes(')')));
        assert_eq!(broken("a{b=\"c}"), Some(Broken::String('"')));
        assert_eq!(broken("a{b=\"}\\\"\"} # it's ("), None);
        assert_eq!(broken("a{b=`\\`}"), None);
    }
}
