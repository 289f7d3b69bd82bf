//! Owns the range query of the Prometheus HTTP API: what a metric was while nobody looked, one answer for each time at which it
//! should have been asked. Other sources remember nothing.

use serde::Deserialize;

use super::super::scene::Scene;
use super::super::text;
use super::super::web::{Silence, Web};
use super::prometheus::{AS_OF_NOW, encoded, incomplete, real_seconds, send};
use super::{Question, number, sample};
use crate::engine::{Moment, Past, Reading};
use crate::plan::{MetricSource, ProviderKind};
use crate::value::Millis;

/// So many samples are asked for at most; what is older is no data. Sources refuse more than 11,000.
const MOST: u64 = 2_000;

#[derive(Deserialize)]
struct Answer {
    data: Option<Data>,
    #[serde(default)]
    error: String,
    #[serde(default)]
    warnings: Vec<String>,
}

#[derive(Deserialize)]
struct Data {
    #[serde(default)]
    result: Vec<Series>,
}

#[derive(Deserialize)]
struct Series {
    #[serde(default)]
    values: Vec<(f64, String)>,
}

/// Asks what a metric was after `from` up to `to`; `wall` is the wall time of `to`, in Unix milliseconds.
pub(in super::super) async fn recall(
    web: &Web,
    (question, scene): (&Question, &Scene),
    (from, to): (Moment, Moment),
    wall: i64,
) -> Result<Vec<Past>, String> {
    let metric = &question.metric;
    let (MetricSource::Query { query, .. }, Some(ProviderKind::Prometheus { url })) =
        (&metric.source, &question.provider)
    else {
        return Err("its source remembers nothing".to_owned());
    };
    let every = Millis(metric.every.0.max(1));
    let count = (to.since(from).0 / every.0).min(MOST);
    if count == 0 {
        return Ok(Vec::new());
    }
    let grid = Grid {
        first: Moment(to.0.saturating_sub(every.0.saturating_mul(count.saturating_sub(1)))),
        every,
        count,
        step: every.to_std().as_secs_f64() / question.speed,
        end: seconds(wall),
    };
    let form = format!(
        "query={}&start={:.3}&end={:.3}&step={:.3}&lookback_delta={}&{AS_OF_NOW}",
        encoded(query),
        grid.start(),
        grid.end,
        grid.step,
        real_seconds(metric.stale, question.speed)
    );
    let open = question.opened(scene).await?;
    let api = format!("{}/api/v1/query_range", url.trim_end_matches('/'));
    let reply = match send(web, &api, (form, &open.headers), metric.timeout).await {
        Ok(reply) => reply,
        Err(Silence::Address(why) | Silence::Transport(why)) => return Err(why),
    };
    let host = &reply.host;
    let Ok(answer) = serde_json::from_slice::<Answer>(&reply.body) else {
        return Err(format!("{host} answers HTTP {}", reply.status));
    };
    if let Some(why) = incomplete(&answer.warnings) {
        return Err(format!("{host} {why}"));
    }
    let Some(data) = answer.data.filter(|_| reply.status == 200) else {
        let said = text::one_line(answer.error.as_bytes());
        return Err(format!("{host} says: {said}"));
    };
    let mut past = grid.empty();
    match data.result.as_slice() {
        [] => {}
        [one] => {
            for (at, value) in &one.values {
                let Ok(value) = value.parse::<f64>() else {
                    return Err(format!("{host} does not answer like Prometheus"));
                };
                if let Some(place) = past.get_mut(grid.index(*at)) {
                    place.reading = sample(number(value), metric.unit);
                }
            }
        }
        several => return Err(format!("the query gave {} series", several.len())),
    }
    Ok(past)
}

/// The times at which the metric should have been asked.
struct Grid {
    first: Moment,
    every: Millis,
    count: u64,
    /// Real seconds between two of them.
    step: f64,
    /// The last, in Unix seconds.
    end: f64,
}

impl Grid {
    #[expect(
        clippy::cast_precision_loss,
        reason = "there are at most a few thousand"
    )]
    fn start(&self) -> f64 {
        self.end - self.step * self.count.saturating_sub(1) as f64
    }

    /// No data at any of them.
    fn empty(&self) -> Vec<Past> {
        (0..self.count)
            .map(|index| Past {
                at: self.first.after(Millis(self.every.0.saturating_mul(index))),
                reading: Reading::NoData("the query returned nothing".to_owned()),
            })
            .collect()
    }

    /// The place of an answer by its time.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float becomes the nearest whole number, and one before the first becomes 0"
    )]
    fn index(&self, at: f64) -> usize {
        ((at - self.start()) / self.step).round() as usize
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds of this age of the world fit"
)]
fn seconds(wall: i64) -> f64 {
    wall as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_find_their_place_by_time() {
        let grid = Grid {
            first: Moment(15_000),
            every: Millis(15_000),
            count: 4,
            step: 15.0,
            end: 1_045.0,
        };
        assert!((grid.start() - 1_000.0).abs() < 1e-9);
        assert_eq!(grid.index(1_000.0), 0);
        assert_eq!(grid.index(1_030.001), 2);
        let moments: Vec<u64> = grid.empty().iter().map(|past| past.at.0).collect();
        assert_eq!(moments, [15_000, 30_000, 45_000, 60_000]);
    }
}
