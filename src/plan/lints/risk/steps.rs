//! The steps in which exposure grows and the healthy time at each of them, against the row of the class.

use super::Class;
use crate::check::{self, Exposes, OpKind, Stop};
use crate::diag::factory::risk as say;
use crate::diag::{Diagnostic, Diagnostics};
use crate::plan::lints::facts::{Facts, soak};
use crate::plan::{Exposure, ExposureId, Op};
use crate::source::Span;
use crate::value::{Millis, Percent, Scale};

pub(super) fn judge(facts: &Facts<'_>, class: &Class<'_>, found: &mut Diagnostics) {
    for exposure in &facts.plan.exposures {
        Walk::new(class, exposure).go(facts, found);
    }
    let is_exposed = facts.stages.iter().any(|stage| !stage.shown.is_empty());
    let stages = facts.stages.iter();
    let soaked = stages.fold(watched(facts), |sum, stage| sum.saturating_add(stage.soak));
    if !is_exposed
        && soaked < class.row.at_zero
        && let Some(last) = facts.stages.last()
    {
        found.push(say::soak_at_zero(
            (last.span, &last.name),
            (&soaked.to_string(), &class.row.at_zero.to_string()),
            (class.span, &class.words()),
        ));
    }
}

/// More ways than these through the branches are not told apart.
const MOST_WAYS: usize = 64;

/// The way of one exposure through the stages.
#[derive(Clone)]
struct Walk<'a> {
    class: &'a Class<'a>,
    exposure: &'a Exposure,
    /// Healthy time before anything of it is exposed.
    at_zero: Millis,
    /// Healthy time at each stop.
    at: Vec<Millis>,
    /// The stage in which each stop was left off last.
    last: Vec<Option<(Span, String)>>,
    /// Healthy time since the last change.
    since: Millis,
    now: Option<Now>,
    told: Vec<usize>,
}

/// What it is set to.
#[derive(Clone)]
struct Now {
    value: f64,
    /// Behind the last stop: the number of stops.
    stop: usize,
    place: (Span, String),
}

impl<'a> Walk<'a> {
    fn new(class: &'a Class<'a>, exposure: &'a Exposure) -> Self {
        let stops = class.row.steps.len();
        Self {
            class,
            exposure,
            at_zero: Millis::ZERO,
            at: vec![Millis::ZERO; stops],
            last: vec![None; stops],
            since: Millis::ZERO,
            now: None,
            told: Vec::new(),
        }
    }

    fn go(self, facts: &Facts<'_>, found: &mut Diagnostics) {
        let id = self.exposure.id;
        let (exposure, class) = (self.exposure, self.class);
        let mut ways = vec![self];
        let mut said: Vec<Diagnostic> = Vec::new();
        let stages = facts.plan.stages.iter().zip(&facts.checked.stages);
        for (stage, written) in stages {
            let place = (written.span, stage.name.clone());
            let mut spans = exposes(written, id).into_iter();
            for op in &stage.ops {
                let own = op.sets(id).and_then(|_| spans.next());
                let at = (own.unwrap_or(written.span), &place);
                ways = through(ways, op, at, &mut said);
            }
        }
        let watched = watched(facts);
        for way in &mut ways {
            way.since = way.since.saturating_add(watched);
        }
        for way in &ways {
            if let Some(now) = &way.now
                && way.since < class.row.at_end
            {
                said.push(say::soak_at_end(
                    (now.place.0, &now.place.1),
                    (&exposure.scale.show(now.value), &way.since.to_string()),
                    &class.row.at_end.to_string(),
                    (class.span, &class.words()),
                ));
            }
        }
        // What is wrong on several ways is said once.
        let mut known: Vec<Diagnostic> = Vec::new();
        for one in said {
            if !known.contains(&one) {
                known.push(one.clone());
                found.push(one);
            }
        }
    }

    /// Whether what follows comes to the same on two ways.
    fn is_as(&self, other: &Self) -> bool {
        let now = |way: &Self| {
            way.now
                .as_ref()
                .map(|now| (now.value, now.stop, now.place.0))
        };
        now(self) == now(other)
            && self.at_zero == other.at_zero
            && self.since == other.since
            && self.at == other.at
            && self.last == other.last
            && self.told == other.told
    }

    /// Healthy time goes by.
    fn soaked(&mut self, time: Millis, place: &(Span, String)) {
        self.since = self.since.saturating_add(time);
        match &mut self.now {
            None => self.at_zero = self.at_zero.saturating_add(time),
            Some(now) => {
                if time.0 > 0 {
                    now.place = place.clone();
                }
                if let Some(at) = self.at.get_mut(now.stop) {
                    *at = at.saturating_add(time);
                }
            }
        }
    }

    /// It is set to a value.
    fn moves(
        &mut self,
        value: f64,
        (at, place): (Span, &(Span, String)),
        found: &mut Vec<Diagnostic>,
    ) {
        let is_nothing = self.exposure.scale.is_ordered() && value <= 0.0;
        if is_nothing {
            // Nobody sees anything any more: what goes by from now on is time at no stop.
            if let Some(now) = self.now.take()
                && let Some(last) = self.last.get_mut(now.stop)
            {
                *last = Some(now.place);
            }
            self.since = Millis::ZERO;
            return;
        }
        if self.class.row.exposes == Exposes::Nothing {
            if self.now.is_none() {
                found.push(say::exposes_something(
                    (at, &self.exposure.name),
                    (self.class.span, self.class.risk),
                ));
            }
        } else if self.now.is_none() && self.at_zero < self.class.row.at_zero {
            found.push(say::soak_at_zero(
                (place.0, &place.1),
                (
                    &self.at_zero.to_string(),
                    &self.class.row.at_zero.to_string(),
                ),
                (self.class.span, &self.class.words()),
            ));
        }
        let stop = self.stop_of(value);
        if let Some(now) = &self.now
            && let Some(last) = self.last.get_mut(now.stop)
        {
            *last = Some(now.place.clone());
        }
        self.passed(stop, (at, value), found);
        self.since = Millis::ZERO;
        self.now = Some(Now {
            value,
            stop,
            place: place.clone(),
        });
    }

    /// The stop that a value belongs to.
    fn stop_of(&self, value: f64) -> usize {
        let stops = &self.class.row.steps;
        match &self.exposure.scale {
            Scale::Percent => stops
                .iter()
                .position(|stop| value <= stop.at_most)
                .unwrap_or(stops.len()),
            Scale::Choice(_) => stops.len(),
            // Each value but the first and the last is a stop, in order.
            Scale::Steps(words) => {
                let last = words.len().saturating_sub(1);
                let place = (0..=last)
                    .find(|place| u32::try_from(*place).map(f64::from) == Ok(value))
                    .unwrap_or(last);
                if place == last {
                    stops.len()
                } else {
                    place.saturating_sub(1).min(stops.len().saturating_sub(1))
                }
            }
        }
    }

    /// Judges every stop that lies behind now.
    fn passed(&mut self, stop: usize, (at, value): (Span, f64), found: &mut Vec<Diagnostic>) {
        let stops: Vec<Stop> = self.class.row.steps.clone();
        let mut left_out: Vec<&Stop> = Vec::new();
        for (index, wanted) in stops.iter().enumerate().take(stop) {
            if self.told.contains(&index) {
                continue;
            }
            let place = self.last.get(index).cloned().flatten();
            let soaked = self.at.get(index).copied().unwrap_or_default();
            match place {
                None => {
                    self.told.push(index);
                    left_out.push(wanted);
                }
                Some((span, stage)) if soaked < wanted.soak => {
                    self.told.push(index);
                    found.push(say::soak_at_stop(
                        (span, &stage),
                        (&self.bound(wanted), &soaked.to_string()),
                        &wanted.soak.to_string(),
                        (self.class.span, &self.class.words()),
                    ));
                }
                Some(_) => {}
            }
        }
        if left_out.is_empty() {
            return;
        }
        let missing: Vec<String> = left_out
            .iter()
            .map(|stop| format!("{} for at least {}", self.bound(stop), stop.soak))
            .collect();
        let from = self.now.as_ref().map_or_else(
            || "nothing".to_owned(),
            |now| self.exposure.scale.show(now.value),
        );
        let to_type = match &self.exposure.scale {
            Scale::Percent => left_out.first().map(|stop| {
                format!(
                    "expose {} and wait {} in a stage before it",
                    Percent(stop.at_most),
                    stop.soak
                )
            }),
            Scale::Choice(_) | Scale::Steps(_) => None,
        };
        found.push(say::stop_left_out(
            (at, &self.exposure.name),
            (&from, &self.exposure.scale.show(value)),
            (&missing.join(", then "), to_type.as_deref()),
            (self.class.span, &self.class.words()),
        ));
    }

    /// A stop, as it is said of this exposure.
    fn bound(&self, stop: &Stop) -> String {
        match &self.exposure.scale {
            Scale::Percent => format!("at most {}", Percent(stop.at_most)),
            Scale::Choice(_) | Scale::Steps(_) => "a part of the users".to_owned(),
        }
    }
}

/// The ways behind an operation, of those before it.
fn through<'a>(
    mut ways: Vec<Walk<'a>>,
    op: &Op,
    at: (Span, &(Span, String)),
    found: &mut Vec<Diagnostic>,
) -> Vec<Walk<'a>> {
    match op {
        Op::If {
            then, otherwise, ..
        } => {
            let mut all: Vec<Walk<'a>> = Vec::new();
            for branch in [then, otherwise] {
                let before = ways.clone();
                let behind = branch
                    .iter()
                    .fold(before, |ways, op| through(ways, op, at, found));
                for way in behind {
                    if all.len() < MOST_WAYS && !all.iter().any(|known| known.is_as(&way)) {
                        all.push(way);
                    }
                }
            }
            return all;
        }
        Op::Wait { .. } | Op::Parallel { .. } => {
            let time = soak(std::slice::from_ref(op));
            for way in &mut ways {
                way.soaked(time, at.1);
            }
        }
        Op::Expose { .. }
        | Op::Step(_)
        | Op::Until { .. }
        | Op::Verify { .. }
        | Op::Notify(_)
        | Op::Fail { .. }
        | Op::Undo { .. }
        | Op::NoReturn { .. }
        | Op::Approve(_) => {}
    }
    for one in Op::all(std::slice::from_ref(op)) {
        for way in &mut ways {
            if let Some(target) = one.sets(way.exposure.id) {
                way.moves(target, at, found);
            }
        }
    }
    ways
}

/// The healthy time of the watch after the rollout, which is a stage behind those of the file.
fn watched(facts: &Facts<'_>) -> Millis {
    let behind = facts.plan.stages.iter().skip(facts.checked.stages.len());
    behind.fold(Millis::ZERO, |sum, stage| {
        sum.saturating_add(soak(&stage.ops))
    })
}

/// Where a stage sets an exposure, in order.
fn exposes(stage: &check::Stage, id: ExposureId) -> Vec<Span> {
    let all = stage.ops.iter();
    all.filter(|op| matches!(&op.kind, OpKind::Expose { exposure, .. } if *exposure == id))
        .map(|op| op.span)
        .collect()
}
