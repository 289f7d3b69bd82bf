//! Owns how a metric is asked, and how an answer becomes a reading in the canonical unit. Whether a reading is good or bad is
//! the engine's business.

mod command;
mod history;
mod http;
mod lines;
mod prometheus;
mod tcp;

use std::sync::Arc;

pub(super) use history::recall;
pub(super) use lines::Lines;

use super::clock::Look;
use super::headers::{Open, Sealed};
use super::scene::{Base, Scene};
use super::stop::Stop;
use super::web::{Silence, Web};
use crate::engine::Reading;
use crate::plan::{Metric, MetricSource, Plan, ProviderKind};
use crate::value::{Millis, Unit};

/// An answer may come so much later than its limit.
const SLACK: Millis = Millis(2_000);

/// Asks a metric once.
pub(super) async fn ask(web: Arc<Web>, question: Question, scene: Scene) -> Reading {
    let metric = &question.metric;
    let limit = metric.timeout;
    let asked = Look::now().boot;
    let open = match question.opened(&scene).await {
        Ok(open) => open,
        // Before the run it is refused; later on it counts as an error like any other.
        Err(why) => return Reading::Misconfigured(why),
    };
    let headers = &open.headers;
    let reading = match &metric.source {
        MetricSource::Query { query, .. } => match &question.provider {
            Some(ProviderKind::Prometheus { url }) => {
                let ask = prometheus::Ask {
                    url,
                    query,
                    headers,
                    limit,
                    stale: metric.stale,
                    speed: question.speed,
                };
                prometheus::ask(&web, &ask).await
            }
            Some(ProviderKind::Postgres { .. }) => {
                Reading::Misconfigured("a database is not asked for metrics".to_owned())
            }
            None => Reading::Misconfigured("the plan has no such provider".to_owned()),
        },
        MetricSource::Http { url, filter } => http::ask(&web, (url, headers), filter, limit).await,
        MetricSource::Log { path, pattern } => {
            let file = scene.dir().join(path);
            lines::ask(question.lines, (metric.id, file), pattern, limit).await
        }
        MetricSource::Tcp { address } => tcp::ask(address, limit).await,
        MetricSource::Command(command) => command::ask(command, &scene, limit).await,
    };
    let took = Millis(Look::now().boot.saturating_sub(asked) / 1_000);
    // The limit is kept by a clock that stands still while the machine is suspended.
    if took.0 > limit.0.saturating_add(SLACK.0) {
        return Reading::Error(format!(
            "the answer came after {took}, too late to mean now"
        ));
    }
    sample(open.reading(reading), metric.unit)
}

/// What a source said as a sample. A number that its unit cannot have is no evidence of anything, neither of health nor of harm.
fn sample(reading: Reading, unit: Unit) -> Reading {
    match reading {
        Reading::Value(value) => {
            let base = unit.base(value);
            match unit.sample(base) {
                Some(base) => Reading::Value(base),
                None => Reading::Error(format!(
                    "the answer is {}, and no share is negative",
                    unit.show(base)
                )),
            }
        }
        Reading::NoData(why) => Reading::NoData(why),
        Reading::Error(why) => Reading::Error(why),
        Reading::Misconfigured(why) => Reading::Misconfigured(why),
    }
}

/// A metric with all that is needed to ask it.
#[derive(Clone, Debug)]
pub(super) struct Question {
    metric: Metric,
    provider: Option<ProviderKind>,
    /// Run time goes this much faster than the source's.
    speed: f64,
    /// How far files have been read.
    lines: Arc<Lines>,
    /// What is asked with, and where its secrets are read.
    sealed: Sealed,
    base: Arc<Base>,
}

impl Question {
    pub(super) fn new(
        (plan, metric): (&Plan, &Metric),
        speed: f64,
        (lines, base): (&Arc<Lines>, &Arc<Base>),
    ) -> Self {
        let provider = match &metric.source {
            MetricSource::Query { provider, .. } => plan.providers.get(provider.index()),
            MetricSource::Http { .. }
            | MetricSource::Log { .. }
            | MetricSource::Tcp { .. }
            | MetricSource::Command(_) => None,
        };
        let headers = provider.map_or(&metric.headers, |provider| &provider.headers);
        Self {
            metric: metric.clone(),
            sealed: Sealed::new(plan, headers),
            base: Arc::clone(base),
            provider: provider.map(|provider| provider.kind.clone()),
            speed,
            lines: Arc::clone(lines),
        }
    }

    /// What is asked with, with its secrets.
    async fn opened(&self, scene: &Scene) -> Result<Open, String> {
        let from = (self.base.as_ref(), scene);
        self.sealed.open(from, &mut Stop::never()).await
    }
}

/// A plain number as a reading: NaN is no data, infinity is a value.
fn number(value: f64) -> Reading {
    if value.is_nan() {
        Reading::NoData("the answer is not a number (NaN)".to_owned())
    } else {
        Reading::Value(value)
    }
}

fn silent(silence: Silence) -> Reading {
    match silence {
        Silence::Address(why) => Reading::Misconfigured(why),
        Silence::Transport(why) => Reading::Error(why),
    }
}

/// What an HTTP status says when it is not a success; nothing when it is one.
fn refused(status: u16, host: &str) -> Option<Reading> {
    let misconfigured = |why: String| Some(Reading::Misconfigured(why));
    match status {
        200..=299 => None,
        401 => misconfigured(format!("{host} wants to know who asks (HTTP 401)")),
        403 => misconfigured(format!("{host} does not let us ask (HTTP 403)")),
        404 => misconfigured(format!("{host} knows no such address (HTTP 404)")),
        408 | 425 => Some(Reading::Error(format!("{host} timed out (HTTP {status})"))),
        429 => Some(Reading::Error(format!(
            "{host} is asked too often (HTTP 429)"
        ))),
        400..=499 => misconfigured(format!("{host} refuses the question (HTTP {status})")),
        _ => Some(Reading::Error(format!("{host} answers HTTP {status}"))),
    }
}
