//! The rules over the values of providers, channels, metrics, probes and guards.

use crate::ast::{CompareOp, Expr};
use crate::check::eval::{NoValue, Values, eval};
use crate::check::ids::MetricId;
use crate::check::query::query;
use crate::check::tree::{
    Address, BaselineOf, ChannelWay, Checked, Condition, Guard, GuardAction, Hidden, Metric,
    MetricSource, Number, ProbeAsk, ProviderWay, Recovered, SecretSource, Streak, Test, Threshold,
};
use crate::check::url::{address, fault, socket_fault};
use crate::check::window::window_of;
use crate::diag::factory::check as say;
use crate::value::{Millis, Percent, Type, Value};

use super::Judge;

/// How often a metric is asked when the file does not say.
pub const EVERY: Millis = Millis::from_secs(15);

/// So many samples are the fewest that a baseline is measured from.
const BASELINE_SAMPLES: u64 = 4;

/// The most samples that `for K of N` may look at.
const MOST_SAMPLES: i64 = 1_000;

impl Judge<'_> {
    fn channel(&mut self, way: &ChannelWay) {
        match way {
            ChannelWay::Log(path) => {
                self.value(path, &Type::Path);
            }
            ChannelWay::Webhook { address, bearer } => {
                match address {
                    Address::Open(url) => self.url(url),
                    Address::Hidden(hidden) => self.hidden(hidden),
                }
                if let Some(bearer) = bearer {
                    self.hidden(bearer);
                }
            }
            ChannelWay::Slack(address) => self.hidden(address),
            ChannelWay::PagerDuty { key, at } => {
                self.hidden(key);
                if let Some(at) = at {
                    self.url(at);
                }
            }
            ChannelWay::Command { .. } => {}
        }
    }

    fn hidden(&mut self, hidden: &Hidden) {
        if let Hidden::Own(SecretSource::File(path)) = hidden {
            self.value(path, &Type::Path);
        }
    }

    pub(super) fn observations(&mut self, checked: &Checked) {
        for secret in &checked.secrets {
            if let SecretSource::File(path) = &secret.from {
                self.value(path, &Type::Path);
            }
        }
        for provider in &checked.providers {
            match &provider.way {
                ProviderWay::Prometheus(url) => self.url(url),
                ProviderWay::Postgres(address) => self.hidden(address),
            }
        }
        for channel in &checked.channels {
            self.channel(&channel.way);
        }
        for metric in &checked.metrics {
            self.metric(checked, metric);
        }
        for probe in &checked.probes {
            match &probe.ask {
                ProbeAsk::Http(url) => self.url(url),
                ProbeAsk::Tcp(to) => self.socket(to),
                ProbeAsk::Command(_) => {}
            }
            self.positive_if_there(probe.timeout.as_ref(), "timeout");
            for expectation in &probe.expect {
                self.value(&expectation.value, &expectation.ty);
            }
        }
        for guard in &checked.guards {
            self.guard(checked, guard);
        }
        let ways = checked.rollback.iter();
        for recovered in ways.flat_map(|one| one.recovered.iter().chain(&one.recovered_forward)) {
            self.recovered(checked, recovered);
        }
    }

    fn socket(&mut self, to: &Expr) {
        if let Some(Value::Text(text)) = self.value(to, &Type::Text)
            && let Some(why) = socket_fault(&text)
        {
            self.found.push(say::bad_socket(to.span, &text, why));
        }
    }

    pub(super) fn url(&mut self, expr: &Expr) {
        match address(expr, self.values) {
            Ok(text) => {
                if let Some(why) = fault(&text) {
                    let instead = (!text.contains("://")
                        && fault(&format!("https://{text}")).is_none())
                    .then(|| format!("https://{text}"));
                    self.found
                        .push(say::bad_address(expr.span, &text, why, instead.as_deref()));
                }
            }
            Err(why) => self.no_value(expr, why),
        }
    }

    fn query(&mut self, expr: &Expr) {
        if let Err(why) = query(expr, self.values) {
            self.no_value(expr, why);
        }
    }

    fn metric(&mut self, checked: &Checked, metric: &Metric) {
        match &metric.source {
            MetricSource::Query { query, .. } => {
                self.query(query);
            }
            MetricSource::Http { url, .. } => self.url(url),
            MetricSource::Log { path, .. } => {
                self.value(path, &Type::Path);
            }
            MetricSource::Tcp(to) => self.socket(to),
            MetricSource::Command(_) => {}
        }
        let every = self.positive_if_there(metric.every.as_ref(), "every");
        self.positive_if_there(metric.timeout.as_ref(), "timeout");
        self.positive_if_there(metric.window.as_ref(), "window");
        if let Some(lag) = &metric.lag {
            self.duration(lag);
        }
        if let Some(expr) = &metric.stale
            && let Some(stale) = self.positive(expr, "stale")
            && let Some(every) = every.or(metric.every.is_none().then_some(EVERY))
            && stale < every
        {
            self.found.push(say::stale_too_short(
                (expr.span, &stale.to_string()),
                metric.every.as_ref().map(|every| every.span),
                &every.to_string(),
            ));
        }
        if let Some(alive) = &metric.zero_when {
            self.condition(checked, alive);
        }
        if let Some(enough) = &metric.counts_when {
            self.condition(checked, enough);
        }
        let warning_value = self.threshold(metric.warning.as_ref(), metric);
        let critical_value = self.threshold(metric.critical.as_ref(), metric);
        let every = every.or(metric.every.is_none().then_some(EVERY));
        self.baseline(metric, every, [warning_value, critical_value]);
        if let (Some(warning), Some(critical)) = (&metric.warning, &metric.critical) {
            let upward = |op| matches!(op, CompareOp::Greater | CompareOp::GreaterOrEqual);
            if upward(warning.op) != upward(critical.op) {
                self.found
                    .push(say::thresholds_on_two_sides(critical.span, warning.span));
            } else if let (Some(first), Some(second)) = (warning_value, critical_value)
                && (if upward(warning.op) {
                    first >= second
                } else {
                    first <= second
                })
            {
                self.found.push(say::thresholds_out_of_order(
                    critical.span,
                    warning.span,
                    if upward(warning.op) { "above" } else { "below" },
                ));
            }
        }
    }

    /// A baseline lies on the good side of both thresholds; one that is measured is measured often enough to be one.
    fn baseline(&mut self, metric: &Metric, every: Option<Millis>, values: [Option<f64>; 2]) {
        let Some(baseline) = &metric.baseline else {
            return;
        };
        let usual = match &baseline.of {
            BaselineOf::Measured(over) => {
                if let (Some(span), Some(every)) = (self.positive(over, "measured over"), every)
                    && span.0 < every.0.saturating_mul(BASELINE_SAMPLES)
                {
                    self.found.push(say::baseline_too_short(
                        (over.span, &span.to_string()),
                        &every.to_string(),
                        &every.saturating_mul(BASELINE_SAMPLES).to_string(),
                    ));
                }
                return;
            }
            BaselineOf::Value(value) => self.value(value, &metric.unit.ty()),
        };
        let Some(usual) = usual.and_then(|value| value.base()) else {
            return;
        };
        let thresholds = [&metric.warning, &metric.critical];
        let beyond = thresholds.into_iter().zip(values).find_map(|(one, bound)| {
            let (one, bound) = (one.as_ref()?, bound?);
            let is_beyond = match one.op {
                CompareOp::Less => usual < bound,
                CompareOp::LessOrEqual => usual <= bound,
                CompareOp::Greater => usual > bound,
                CompareOp::GreaterOrEqual => usual >= bound,
                CompareOp::Equal | CompareOp::NotEqual => false,
            };
            is_beyond.then_some(one.span)
        });
        if let Some(threshold) = beyond {
            self.found
                .push(say::baseline_beyond(baseline.span, threshold));
        }
    }

    /// A threshold that samples can be beyond.
    fn threshold(&mut self, threshold: Option<&Threshold>, metric: &Metric) -> Option<f64> {
        let threshold = threshold?;
        let ty = metric.unit.ty();
        let value = self.value(&threshold.value, &ty)?.base()?;
        let never = match threshold.op {
            CompareOp::Less => value <= 0.0,
            CompareOp::LessOrEqual => value < 0.0,
            // A failing service can count more errors than requests.
            CompareOp::Greater
            | CompareOp::GreaterOrEqual
            | CompareOp::Equal
            | CompareOp::NotEqual => false,
        };
        let always = match threshold.op {
            CompareOp::Greater => value < 0.0,
            CompareOp::GreaterOrEqual => value <= 0.0,
            CompareOp::Less | CompareOp::LessOrEqual | CompareOp::Equal | CompareOp::NotEqual => {
                false
            }
        };
        if never || always {
            self.found.push(say::threshold_out_of_range(
                threshold.span,
                if never {
                    "no sample can be"
                } else {
                    "every sample is"
                },
                &ty.to_string(),
            ));
            return None;
        }
        Some(value)
    }

    fn guard(&mut self, checked: &Checked, guard: &Guard) {
        self.condition(checked, &guard.when);
        match &guard.streak {
            Some(Streak::For(length)) => {
                if let Some(span) = self.positive(length, "for") {
                    self.long_enough(checked, &guard.when, (length, span));
                }
            }
            Some(Streak::Of { breaches, samples }) => {
                let k = self.int(breaches);
                let n = self.int(samples);
                if let Some(n) = n
                    && !(1..=MOST_SAMPLES).contains(&n)
                {
                    self.found.push(say::count_out_of_range(
                        samples.span,
                        "the number of samples",
                        &format!("1 to {MOST_SAMPLES}"),
                    ));
                }
                if let Some(k) = k
                    && k < 1
                {
                    self.found.push(say::count_out_of_range(
                        breaches.span,
                        "the number of breaches",
                        "1 or more",
                    ));
                }
                if let (Some(k), Some(n)) = (k, n)
                    && k > n
                {
                    self.found
                        .push(say::more_than_all(breaches.span, samples.span, (k, n)));
                }
            }
            None => {}
        }
        if let GuardAction::Decide { within, .. } = &guard.action {
            self.positive(within, "within");
        }
        if let Some(warmup) = &guard.warmup {
            self.duration(warmup);
        }
        if let Some(coverage) = &guard.coverage
            && let Some(share) = self.percent(coverage)
            && !(share > 0.0 && share <= 100.0)
        {
            self.found.push(say::share_out_of_range(
                coverage.span,
                ("coverage", &Percent(share).to_string()),
                "1% to 100%",
            ));
        }
    }

    /// A streak needs at least two samples, or one slip of the source is a trend.
    fn long_enough(&mut self, checked: &Checked, when: &Condition, (expr, span): (&Expr, Millis)) {
        let Some((every, name)) = pace(checked, when, self.values) else {
            return;
        };
        if span < every.saturating_mul(2) {
            self.found.push(say::streak_too_short(
                (expr.span, &span.to_string()),
                (&name, &every.to_string()),
                &every.saturating_mul(4).to_string(),
            ));
        }
    }

    fn recovered(&mut self, checked: &Checked, recovered: &Recovered) {
        self.condition(checked, &recovered.when);
        let within = self.positive(&recovered.within, "within");
        let hold = recovered.hold.as_ref().and_then(|hold| {
            let span = self.positive(hold, "for")?;
            self.long_enough(checked, &recovered.when, (hold, span));
            Some(span)
        });
        let Some(within) = within else { return };
        if recovered.hold.is_some() && hold.is_none() {
            return;
        }
        let Some(warmup) = warmup(checked, &recovered.when.metrics, self.values) else {
            return;
        };
        let needed = warmup.saturating_add(hold.unwrap_or_default());
        if needed >= within {
            self.found.push(say::recovery_too_short(
                (recovered.within.span, &within.to_string()),
                (recovered.when.span, &warmup.to_string()),
                recovered
                    .hold
                    .as_ref()
                    .zip(hold)
                    .map(|(expr, span)| (expr.span, span.to_string())),
                &needed.saturating_add(Millis::from_mins(1)).to_string(),
            ));
            return;
        }
        let Some((every, metric)) = pace(checked, &recovered.when, self.values) else {
            return;
        };
        // The first sample comes up to a beat late, and where it comes a moment late, the last one that counts is one beat later.
        let beats = if hold.is_some() { 2 } else { 1 };
        let sure = needed.saturating_add(every.saturating_mul(beats));
        if sure >= within {
            self.found.push(say::recovery_by_luck(
                (recovered.within.span, &within.to_string()),
                (&metric, &every.to_string()),
                &sure.to_string(),
                &sure.saturating_add(Millis::from_mins(1)).to_string(),
            ));
        }
    }

    /// A sample that looks back at a time before the wait does not count, so the wait must be longer than that.
    pub(super) fn until(&mut self, checked: &Checked, when: &Condition, within: &Expr) {
        self.condition(checked, when);
        let Some(length) = self.positive(within, "within") else {
            return;
        };
        let Some(warmup) = warmup(checked, &when.metrics, self.values) else {
            return;
        };
        if !when.metrics.is_empty() && warmup >= length {
            self.found.push(say::wait_too_short(
                (within.span, &length.to_string()),
                (when.span, &warmup.to_string()),
                &warmup.saturating_add(Millis::from_mins(1)).to_string(),
            ));
        }
    }

    /// The constants inside a condition must have values.
    pub(super) fn condition(&mut self, checked: &Checked, condition: &Condition) {
        self.test(checked, &condition.test);
    }

    fn test(&mut self, checked: &Checked, test: &Test) {
        match test {
            Test::Known(expr) => {
                self.value(expr, &Type::Bool);
            }
            Test::KnownCompare {
                left, right, ty, ..
            } => {
                self.value(left, ty);
                self.value(right, ty);
            }
            Test::And(left, right) | Test::Or(left, right) => {
                self.test(checked, left);
                self.test(checked, right);
            }
            Test::Not(inner) => self.test(checked, inner),
            Test::Compare(left, _, right) => {
                self.number(checked, left);
                self.number(checked, right);
            }
            Test::Captured { other, ty, .. } => {
                if let Some(other) = other {
                    self.value(other, ty);
                }
            }
            Test::InStage(_) | Test::Is(_, _) => {}
        }
    }

    fn number(&mut self, checked: &Checked, number: &Number) {
        match number {
            Number::Known(expr) => match eval(expr, self.values, None) {
                Ok(_)
                | Err(
                    NoValue::NotGiven
                    | NoValue::Reported
                    | NoValue::Misfit { .. }
                    | NoValue::Unfit { .. },
                ) => {}
                Err(NoValue::Impossible { span, why }) => {
                    self.found.push(say::impossible_value(span, why));
                }
            },
            Number::Negate(inner) => self.number(checked, inner),
            Number::Combine { left, right, .. } => {
                self.number(checked, left);
                self.number(checked, right);
            }
            Number::Word(exposure, expr) => {
                self.value(expr, &checked.scale(*exposure).ty());
            }
            Number::Metric(_)
            | Number::Baseline(_)
            | Number::Exposure(_)
            | Number::Capture(_)
            | Number::Elapsed => {}
        }
    }
}

fn known_duration(expr: &Expr, values: &Values) -> Option<Millis> {
    match eval(expr, values, Some(&Type::Duration)) {
        Ok(Value::Duration(value)) => Some(value),
        Ok(_) | Err(_) => None,
    }
}

/// How often a condition is judged, and the metric whose pace that is: the first that it reads.
fn pace(checked: &Checked, when: &Condition, values: &Values) -> Option<(Millis, String)> {
    let metric = checked.metric(*when.metrics.first()?)?;
    let every = match &metric.every {
        Some(expr) => known_duration(expr, values)?,
        None => EVERY,
    };
    Some((every, metric.name.clone()))
}

/// How far back the samples of some metrics look, at most, with their lag: as long after a change they show what was before
/// it. `None` where that is not known yet.
pub fn warmup(checked: &Checked, metrics: &[MetricId], values: &Values) -> Option<Millis> {
    let mut longest = Millis::ZERO;
    for id in metrics {
        let metric = checked.metric(*id)?;
        let lag = match &metric.lag {
            Some(lag) => known_duration(lag, values)?,
            None => Millis::ZERO,
        };
        longest = longest.max(window(metric, values)?.saturating_add(lag));
    }
    Some(longest)
}

/// How far back one sample looks: what the file says, else the largest range of the query.
pub fn window(metric: &Metric, values: &Values) -> Option<Millis> {
    if let Some(expr) = &metric.window {
        return known_duration(expr, values);
    }
    match &metric.source {
        MetricSource::Query { query: text, .. } => {
            let text = query(text, values).ok()?;
            Some(window_of(&text).unwrap_or_default())
        }
        // A sample is of the time since the one before.
        MetricSource::Log { .. } => match &metric.every {
            Some(every) => known_duration(every, values),
            None => Some(EVERY),
        },
        MetricSource::Http { .. } | MetricSource::Tcp(_) | MetricSource::Command(_) => {
            Some(Millis::ZERO)
        }
    }
}
