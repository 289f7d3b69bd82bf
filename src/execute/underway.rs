//! Owns what is under way: it begins work, finds what a runner before left behind, stops it, and reports every end once.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::mpsc::UnboundedSender;

use super::clock::Look;
use super::fate::{Fate, await_end, fate};
use super::metrics::{self, Question};
use super::notify::{self, Letter, Post, Urgency, Way};
use super::operator::Lent;
use super::outputs::Files;
use super::scene::Scene;
use super::secrets;
use super::stop::{Order, Stop};
use super::work::{Job, Tools};
use crate::engine::{
    Attempt, Input, Moment, NoticeNumber, Outcome, Phase, Running, State, Verdict, Work, complete,
};
use crate::plan::{ChannelId, ChannelKind, MetricId, Plan};
use crate::value::Millis;

/// When so many supervisors in a row are killed before they begin, the step counts as one that cannot be started.
const PERSISTENT: u32 = 3;

/// What is under way.
#[derive(Debug)]
pub(super) struct Underway {
    runtime: Handle,
    tools: Tools,
    /// Where ends and answers go.
    report: UnboundedSender<Input>,
    /// Run time goes this much faster than real time.
    speed: f64,
    /// How far the files of metrics have been read.
    lines: Arc<metrics::Lines>,
    /// What each attempt does, and how to stop it.
    stops: BTreeMap<Attempt, (Work, Order)>,
    /// Notices go into a channel one after the other.
    turns: BTreeMap<ChannelId, Arc<tokio::sync::Mutex<()>>>,
    /// So many attempts of the same in a row never began, because their supervisors were killed.
    unbegun: Vec<(Work, u32)>,
}

impl Underway {
    pub(super) fn new(
        runtime: Handle,
        tools: Tools,
        report: UnboundedSender<Input>,
        speed: f64,
    ) -> Self {
        Self {
            runtime,
            tools,
            report,
            speed,
            lines: Arc::default(),
            stops: BTreeMap::new(),
            turns: BTreeMap::new(),
            unbegun: Vec::new(),
        }
    }

    /// Finds out what became of an attempt of a runner before: its end, or nothing yet when it still runs.
    pub(super) fn find(&mut self, running: Running) -> Option<Input> {
        let attempt = running.attempt;
        let files = Files::new(&self.tools.outputs, attempt);
        let outcome = match fate(&self.tools.outputs, attempt, running.work) {
            Fate::NeverBegan => Outcome::NeverBegan,
            Fate::Finished(outcome) => outcome,
            Fate::Unknown { why } => Outcome::Unknown { why },
            Fate::StillRunning(_) => {
                let stop = self.stoppable((attempt, running.work));
                self.spawn(async move {
                    let outcome = await_end(files.clone(), stop).await;
                    remove_secrets(&files);
                    Input::Ended { attempt, outcome }
                });
                if running.stopping {
                    self.stop(attempt);
                }
                return None;
            }
        };
        remove_secrets(&files);
        Some(Input::Ended { attempt, outcome })
    }

    /// The end of an attempt has been reported. One that never began is begun anew, but not for ever: whoever kills
    /// supervisors so persistently means it.
    pub(super) fn ended(&mut self, attempt: Attempt, outcome: &mut Outcome) {
        let Some((work, _)) = self.stops.remove(&attempt) else {
            return;
        };
        let known = self.unbegun.iter().position(|(one, _)| is_same(*one, work));
        let before = known.map_or(0, |known| self.unbegun.swap_remove(known).1);
        if *outcome != Outcome::NeverBegan {
            return;
        }
        let unbegun = before.saturating_add(1);
        self.unbegun.push((work, unbegun));
        if unbegun >= PERSISTENT {
            *outcome = Outcome::NotStarted {
                why: format!(
                    "its supervisor was killed before it began, {PERSISTENT} times in a row"
                ),
            };
        }
    }

    fn spawn(&self, work: impl Future<Output = Input> + Send + 'static) {
        let report = self.report.clone();
        self.runtime.spawn(async move {
            // Nobody receives it when the runner is leaving, and nobody needs it then.
            let _ = report.send(work.await);
        });
    }

    fn stoppable(&mut self, (attempt, work): (Attempt, Work)) -> Stop {
        let (order, stop) = Stop::new();
        self.stops.insert(attempt, (work, order));
        stop
    }

    /// Stops an attempt, if it has not ended.
    pub(super) fn stop(&self, attempt: Attempt) {
        if let Some((_, order)) = self.stops.get(&attempt) {
            order.give();
        }
    }

    /// Begins an attempt.
    pub(super) fn begin(
        &mut self,
        (plan, state): (&Plan, &State),
        (attempt, work): (Attempt, Work),
        (timeout, lent): (Millis, Option<Lent>),
    ) {
        let base = &self.tools.base;
        let job = Job::new(base, (plan, state), (attempt, work), timeout).at_terminal(lent);
        let (tools, stop) = (self.tools.clone(), self.stoppable((attempt, work)));
        self.spawn(async move {
            let outcome = job.run(tools, stop).await;
            Input::Ended { attempt, outcome }
        });
    }

    /// Asks a metric.
    pub(super) fn query(&self, (plan, state): (&Plan, &State), id: MetricId) {
        let Some(metric) = plan.metrics.get(id.index()) else {
            return;
        };
        let question = Question::new((plan, metric), self.speed, (&self.lines, &self.tools.base));
        let scene = Scene::new(&self.tools.base, plan, state);
        let web = Arc::clone(&self.tools.web);
        self.spawn(async move {
            let reading = metrics::ask(web, question, scene).await;
            Input::Sample {
                metric: id,
                reading,
            }
        });
    }

    /// Asks what a metric was between two moments of the run; `wall` is what the clock showed at the later one.
    pub(super) fn look_back(
        &self,
        plan: &Plan,
        id: MetricId,
        (from, to): (Moment, Moment),
        wall: i64,
    ) {
        let Some(metric) = plan.metrics.get(id.index()) else {
            return;
        };
        let question = Question::new((plan, metric), self.speed, (&self.lines, &self.tools.base));
        let web = Arc::clone(&self.tools.web);
        let scene = Scene::new(&self.tools.base, plan, &State::new(plan));
        self.spawn(async move {
            let told = metrics::recall(&web, (&question, &scene), (from, to), wall).await;
            let (past, failed) = match told {
                Ok(past) => (past, None),
                Err(why) => (Vec::new(), Some(why)),
            };
            Input::History {
                metric: id,
                past,
                failed,
            }
        });
    }

    /// Asks what a metric was for so long up to now; `wall` is what the clock shows now.
    pub(super) fn measure(&self, plan: &Plan, id: MetricId, span: (Moment, Moment), wall: i64) {
        let Some(metric) = plan.metrics.get(id.index()) else {
            return;
        };
        let question = Question::new((plan, metric), self.speed, (&self.lines, &self.tools.base));
        let web = Arc::clone(&self.tools.web);
        let scene = Scene::new(&self.tools.base, plan, &State::new(plan));
        self.spawn(async move {
            let told = metrics::recall(&web, (&question, &scene), span, wall).await;
            let (past, failed) = match told {
                Ok(past) => (past.into_iter().map(|one| one.reading).collect(), None),
                Err(why) => (Vec::new(), Some(why)),
            };
            Input::Measured {
                metric: id,
                past,
                failed,
            }
        });
    }

    /// Tells people; how that ended, when it has ended already.
    pub(super) fn notify(
        &mut self,
        (plan, state): (&Plan, &State),
        (notice, channel): (NoticeNumber, ChannelId),
        text: &str,
    ) -> Option<Input> {
        let base = &self.tools.base;
        let words = complete(text, &base.run, &base.started);
        let told = |failed| Some(Input::Notified { notice, failed });
        let Some(known) = plan.channels.get(channel.index()) else {
            return told(Some("the plan has no such channel".to_owned()));
        };
        if let ChannelKind::Log { path } = &known.kind {
            let from = (base.dir.as_path(), base.run.as_str());
            return told(notify::write_down(path, from, Look::now().wall, &words));
        }
        let way = match Way::to(plan, known) {
            Ok(way) => way,
            Err(why) => return told(Some(why)),
        };
        let letter = Letter {
            run: base.run.clone(),
            number: notice.0,
            service: plan.header.service.clone(),
            title: plan.header.title.clone(),
            text: words,
            urgency: urgency(state),
        };
        let scene = Scene::new(base, plan, state);
        let post = Post {
            web: Arc::clone(&self.tools.web),
            base: Arc::clone(base),
            temp: self.tools.temp.clone(),
            patience: self.tools.patience,
            turn: Arc::clone(self.turns.entry(channel).or_default()),
            ordered: tokio::time::Instant::now(),
        };
        self.spawn(async move {
            let failed = notify::deliver(way, letter, scene, post).await;
            Input::Notified { notice, failed }
        });
        None
    }
}

/// Removes the secrets of an attempt that has ended: neither its runner nor its supervisor may have lived to do it.
fn remove_secrets(files: &Files) {
    if let Some(folder) = files.identity().and_then(|identity| identity.secrets) {
        secrets::remove(&folder);
    }
}

/// Whether both do the same, the how-manieth time it may be.
fn is_same(one: Work, other: Work) -> bool {
    match (one, other) {
        (Work::Step { step: one, .. }, Work::Step { step: other, .. }) => one == other,
        (_, _) => one == other,
    }
}

/// How much what is told now matters.
fn urgency(state: &State) -> Urgency {
    match &state.phase {
        Phase::Closing(Verdict::Stuck { .. }) | Phase::Final(Verdict::Stuck { .. }) => {
            Urgency::Critical
        }
        Phase::RollingBack { .. }
        | Phase::Closing(Verdict::RolledBack { .. } | Verdict::WentForward { .. })
        | Phase::Final(Verdict::RolledBack { .. } | Verdict::WentForward { .. }) => Urgency::Error,
        Phase::New
        | Phase::Preparing(_)
        | Phase::Rolling { .. }
        | Phase::Closing(Verdict::Completed | Verdict::Aborted { .. } | Verdict::Refused { .. })
        | Phase::Final(Verdict::Completed | Verdict::Aborted { .. } | Verdict::Refused { .. }) => {
            Urgency::Warning
        }
    }
}
