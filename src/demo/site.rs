//! The state of the demo production and its rules: which release runs, who takes the new way of logging in, what
//! happens to them there, and which of its parts is broken. Pure: time is handed in, no sockets, no clock.

use super::counters::{Answer, Counters, Flow};
use super::pace::Unix;
use super::production::Break;
use super::series::{Labels, labels};

/// The release that runs when the production starts. It has no new way of logging in.
const FIRST_VERSION: &str = "2.3.7";
/// The configuration that goes with it.
const GOOD_CONFIG: &str = "auth-1";
/// The configuration that every later release brings along, and that turns its new way of logging in on.
const NEW_CONFIG: &str = "auth-2";

/// How long a restarted app answers that it is starting, in real seconds.
const STARTING: f64 = 0.04;
/// Of so many users who meet an error, one writes to support.
const REPORTERS: u64 = 10;
/// How long after the flag first went up the metrics are lost, in seconds as written.
const METRICS_LOST_AFTER: f64 = 240.0;

/// What `/health` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Health {
    pub(super) ready: bool,
    pub(super) version: String,
    pub(super) config: String,
}

/// Why the production refuses what a tool asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The request makes no sense: 4xx.
    Invalid(String),
    /// The part that would do it is broken: 503.
    Broken(String),
}

/// The app, its flag and its configuration.
#[derive(Debug)]
pub(super) struct Site {
    fault: Option<Break>,
    version: String,
    /// The configuration that the running process has read.
    loaded_config: String,
    /// The configuration that the next process will read.
    stored_config: String,
    percent: f64,
    raised_at: Option<Unix>,
    ready_at: Unix,
    counters: Counters,
    errors_met: u64,
    reports: u64,
}

impl Site {
    /// A healthy production with the flag at zero. `fault` breaks it once the new flow has users.
    pub(super) fn new(fault: Option<Break>) -> Self {
        Self {
            fault,
            version: FIRST_VERSION.to_owned(),
            loaded_config: GOOD_CONFIG.to_owned(),
            stored_config: GOOD_CONFIG.to_owned(),
            percent: 0.0,
            raised_at: None,
            ready_at: 0.0,
            counters: Counters::default(),
            errors_met: 0,
            reports: 0,
        }
    }

    /// One user logs in.
    pub(super) fn login(&mut self, user: &str) -> Answer {
        let below_flag = f64::from(bucket(user)) < self.percent;
        let has_new_flow = self.version != FIRST_VERSION && self.loaded_config == NEW_CONFIG;
        if !(below_flag && has_new_flow) {
            let seconds = 0.02 + f64::from(bucket(user)) / 1000.0;
            self.counters.count(Flow::Old, Answer::Welcome, seconds);
            return Answer::Welcome;
        }
        let healthy = 0.015 + f64::from(bucket(user)) / 1250.0;
        let (answer, seconds) = match self.fault {
            Some(Break::Errors | Break::Flag) => (Answer::Failed, healthy),
            Some(Break::Latency) => (Answer::Welcome, healthy + 0.8),
            Some(Break::Prometheus) | None => (Answer::Welcome, healthy),
        };
        self.counters.count(Flow::New, answer, seconds);
        if answer == Answer::Failed {
            self.errors_met += 1;
            self.reports += u64::from(self.errors_met.is_multiple_of(REPORTERS));
        }
        answer
    }

    /// How the app is.
    pub(super) fn health(&self, now: Unix) -> Health {
        Health {
            ready: now >= self.ready_at,
            version: self.version.clone(),
            config: self.loaded_config.clone(),
        }
    }

    /// The share of users, in percent, for whom the flag is on.
    pub(super) fn percent(&self) -> f64 {
        self.percent
    }

    /// Sets the flag.
    pub(super) fn set_percent(&mut self, percent: f64, now: Unix) -> Result<(), Refusal> {
        if !(0.0..=100.0).contains(&percent) {
            return Err(Refusal::Invalid(format!(
                "{percent} is not a percentage from 0 to 100"
            )));
        }
        let lowered = percent < self.percent;
        if lowered && self.fault == Some(Break::Flag) {
            return Err(Refusal::Broken(
                "the flag store is read-only since its last write".to_owned(),
            ));
        }
        if percent > 0.0 && self.raised_at.is_none() {
            self.raised_at = Some(now);
        }
        self.percent = percent;
        Ok(())
    }

    /// Replaces the app by another release, with the configuration that belongs to it.
    pub(super) fn deploy(&mut self, version: &str, now: Unix) -> Result<(), Refusal> {
        let numbers = version
            .split('.')
            .filter(|part| part.parse::<u32>().is_ok())
            .count();
        if numbers != 3 || version.split('.').count() != 3 {
            return Err(Refusal::Invalid(format!(
                "{version:?} is not a version such as {FIRST_VERSION}"
            )));
        }
        self.version = version.to_owned();
        let config = if version == FIRST_VERSION {
            GOOD_CONFIG
        } else {
            NEW_CONFIG
        };
        self.stored_config = config.to_owned();
        self.restart(now);
        Ok(())
    }

    /// Puts a revision of the configuration in place; it is read at the next restart.
    pub(super) fn store_config(&mut self, revision: &str) -> Result<(), Refusal> {
        if ![GOOD_CONFIG, NEW_CONFIG].contains(&revision) {
            let known = format!("there are {GOOD_CONFIG} and {NEW_CONFIG}");
            return Err(Refusal::Invalid(format!(
                "there is no configuration {revision:?}: {known}"
            )));
        }
        self.stored_config = revision.to_owned();
        Ok(())
    }

    /// Puts the configuration of before the rollout back in place.
    pub(super) fn restore_config(&mut self) {
        self.stored_config = GOOD_CONFIG.to_owned();
    }

    /// Begins a new process of the app. Users are served throughout; `/health` says when it is up.
    pub(super) fn restart(&mut self, now: Unix) {
        self.loaded_config = self.stored_config.clone();
        self.counters = Counters::default();
        self.ready_at = now + STARTING;
    }

    /// Adds reports of users about the login.
    pub(super) fn report(&mut self, count: u64) {
        self.reports = self.reports.saturating_add(count);
    }

    /// Everything that can be scraped.
    pub(super) fn samples(&self) -> Vec<(Labels, f64)> {
        let mut samples = self.counters.samples();
        samples.push((labels("user_reports_total", &[]), self.reports as f64));
        samples.push((
            labels("feature_flag_percent", &[("flag", "new_auth")]),
            self.percent,
        ));
        samples
    }

    /// Whether the metrics are lost by now; `real_seconds` turns written seconds into real ones.
    pub(super) fn metrics_lost(&self, now: Unix, real_seconds: impl Fn(f64) -> f64) -> bool {
        let broken = self.fault == Some(Break::Prometheus);
        broken
            && self
                .raised_at
                .is_some_and(|raised| now >= raised + real_seconds(METRICS_LOST_AFTER))
    }
}

/// The hundredth that a user falls into, always the same one: 64-bit FNV-1a.
pub(super) fn bucket(user: &str) -> u32 {
    let hash = user.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    // The remainder is below 100, so it always fits.
    u32::try_from(hash % 100).unwrap_or_default()
}
