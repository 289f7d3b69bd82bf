//! Owns [`Execute`]: what is under way, and the one place that waits. Everything that can happen comes out of `next`, one fact at
//! a time.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use super::clock::{Clock, Look};
use super::dialogue::{Dialogue, Heard};
use super::fate::{Fate, await_end, fate};
use super::metrics::{self, Question};
use super::notify;
use super::operator::{Operator, Typed};
use super::outputs::{self, Files};
use super::scene::{Base, Scene};
use super::show::Show;
use super::signals::{Sent, Signals};
use super::web::Web;
use super::work::{Job, Tools};
use crate::engine::{
    Attempt, Effect, Input, LeaveWhy, Moment, Outcome, QuestionAbout, QuestionNumber, Running,
    Stamp, State,
};
use crate::plan::Plan;
use crate::value::Millis;
use crate::world::{Fact, Letter, World};

/// The longest time without a look at the clocks and the inbox.
const LOOK: Duration = Duration::from_millis(250);

/// A hold that was there when the run was taken up is left again only after this, so that guards can see and release it.
const SETTLE: Millis = Millis(60_000);

/// Gives the next letter of the run's inbox, if there is one. It is called again for a letter whose fact was not recorded.
pub type Inbox<'a> = Box<dyn FnMut() -> Option<(Letter, Input)> + 'a>;

/// What a runner does when the run is held or a person has to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnHold {
    /// It stays; answers come by the terminal or the inbox.
    Stay,
    /// It leaves; the run is resumed later.
    Leave,
}

/// What the runner has to know.
#[derive(Debug)]
pub struct Options {
    /// The run's id.
    pub run: String,
    /// When the run began, Unix milliseconds; nothing when it begins now.
    pub started: Option<i64>,
    /// The stamp of the last fact of a run that is taken up.
    pub last: Option<Stamp>,
    /// Who sits at the terminal.
    pub by: String,
    /// The directory that the run was started from.
    pub dir: PathBuf,
    /// The environment that steps inherit, less the variables of secrets.
    pub environment: Vec<(OsString, OsString)>,
    /// Where the files of attempts are; made when it is not there.
    pub outputs: PathBuf,
    /// Where the files of secrets are made.
    pub temp: PathBuf,
    /// Run time goes this much faster than real time; 1 but for rehearsals.
    pub speed: f64,
    /// What a hold does.
    pub on_hold: OnHold,
    /// The terminal of the person, opened for this alone (`/dev/tty`); nothing when nobody is there.
    pub terminal: Option<OwnedFd>,
}

/// The real world.
pub struct Execute<'a> {
    runtime: Runtime,
    clock: Clock,
    tools: Tools,
    show: Box<dyn Show + 'a>,
    inbox: Inbox<'a>,
    signals: Signals,
    operator: Option<Operator>,
    dialogue: Dialogue,
    /// What ended, answered or arrived.
    report: UnboundedSender<Input>,
    reports: UnboundedReceiver<Input>,
    /// What is told before anything else.
    queue: VecDeque<Input>,
    /// How to stop what is under way.
    stops: BTreeMap<Attempt, oneshot::Sender<()>>,
    /// When the inbox was last looked into.
    polled: Option<u64>,
    /// How often someone wanted to leave.
    presses: u8,
    gone: bool,
    speed: f64,
    on_hold: OnHold,
    /// When this runner took the run up.
    since: Moment,
    /// The questions that were open then.
    old: Vec<QuestionNumber>,
}

/// What ended a wait.
enum Event {
    Sent(Sent),
    Report(Input),
    Time,
}

impl<'a> Execute<'a> {
    /// Makes the world ready. The first fact has to be given by [`Self::tell`].
    ///
    /// # Errors
    /// When the system refuses the folder of outputs, the signals or the terminal.
    pub fn new(options: Options, show: Box<dyn Show + 'a>, inbox: Inbox<'a>) -> io::Result<Self> {
        outputs::make_folder(&options.outputs)?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (signals, operator) = {
            let _inside = runtime.enter();
            let operator = options.terminal.map(Operator::new).transpose()?;
            (Signals::listen()?, operator)
        };
        let now = Look::now();
        let speed = if options.speed > 0.0 {
            options.speed
        } else {
            1.0
        };
        let clock = Clock::new(now, options.last, speed);
        let since = clock.stamp(now).run;
        let (report, reports) = unbounded_channel();
        let base = Base {
            run: options.run,
            started: notify::instant(options.started.unwrap_or(now.wall)),
            dir: options.dir,
            environment: options.environment,
        };
        Ok(Self {
            runtime,
            clock,
            tools: Tools {
                base: Arc::new(base),
                web: Arc::new(Web::default()),
                outputs: options.outputs,
                temp: options.temp,
            },
            show,
            inbox,
            signals,
            operator,
            dialogue: Dialogue::new(options.by),
            report,
            reports,
            queue: VecDeque::new(),
            stops: BTreeMap::new(),
            polled: None,
            presses: 0,
            gone: false,
            speed,
            on_hold: options.on_hold,
            since,
            old: Vec::new(),
        })
    }

    /// Gives a fact that `next` reports before anything else: the beginning, or that the run is taken up.
    pub fn tell(&mut self, input: Input) {
        self.queue.push_back(input);
    }

    /// Finds out what became of what was under way when the last runner left, and reports it. To be called after the fact
    /// that the run is taken up was told.
    pub fn recover(&mut self, state: &State) {
        self.old = state.questions.iter().map(|open| open.number).collect();
        let Some(Running {
            attempt,
            work,
            stopping,
            ..
        }) = state.running
        else {
            return;
        };
        let outcome = match fate(&self.tools.outputs, attempt, work) {
            Fate::NeverBegan => Outcome::NeverBegan,
            Fate::Finished(outcome) => outcome,
            Fate::Unknown { why } => Outcome::Unknown { why },
            Fate::StillRunning(alive) => {
                let files = Files::new(&self.tools.outputs, attempt);
                let stop = self.stoppable(attempt);
                self.spawn(async move {
                    let outcome = await_end(alive, files, stop).await;
                    Input::Ended { attempt, outcome }
                });
                if stopping {
                    self.stop(attempt);
                }
                return;
            }
        };
        self.tell(Input::Ended { attempt, outcome });
    }

    /// Whether `next` gave nothing because someone wanted to leave at once. What is under way goes on.
    #[must_use]
    pub fn left_at_once(&self) -> bool {
        self.gone
    }

    fn spawn(&self, work: impl Future<Output = Input> + Send + 'static) {
        let report = self.report.clone();
        self.runtime.spawn(async move {
            // Nobody receives it when the runner is leaving, and nobody needs it then.
            let _ = report.send(work.await);
        });
    }

    fn stoppable(&mut self, attempt: Attempt) -> oneshot::Receiver<()> {
        let (stop, stopped) = oneshot::channel();
        self.stops.insert(attempt, stop);
        stopped
    }

    fn stop(&mut self, attempt: Attempt) {
        if let Some(stop) = self.stops.remove(&attempt) {
            // It may have ended in between; then there is nothing to stop.
            let _ = stop.send(());
        }
    }

    /// Waits for the next event, at most this long.
    fn wait(&mut self, limit: Duration) -> Event {
        let (signals, reports) = (&mut self.signals, &mut self.reports);
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                sent = signals.sent() => Event::Sent(sent),
                Some(input) = reports.recv() => Event::Report(input),
                () = tokio::time::sleep(limit) => Event::Time,
            }
        })
    }

    /// A signal; the fact that follows from it, if any.
    fn sent(&mut self, sent: Sent, plan: &Plan, state: &State) -> Option<Input> {
        match sent {
            Sent::Status => {
                let now = self.clock.stamp(Look::now());
                self.show.status(now, plan, state);
                None
            }
            Sent::Hangup => {
                self.operator = None;
                None
            }
            Sent::Leave => {
                self.presses = self.presses.saturating_add(1);
                match self.presses {
                    1 if self.operator.is_some() => {
                        self.dialogue.interrupt();
                        None
                    }
                    1 => {
                        self.show.say(
                            "Leaving at the next safe point. Once more stops what is running, a third time leaves at once.",
                        );
                        Some(Input::Leave {
                            why: LeaveWhy::Interrupted,
                        })
                    }
                    2 => {
                        self.show
                            .say("Stopping what is running. Once more leaves at once.");
                        Some(Input::Interrupt)
                    }
                    _ => {
                        self.gone = true;
                        None
                    }
                }
            }
        }
    }

    /// What the person at the terminal entered; the fact that follows from it, if any.
    fn typed(&mut self) -> Option<Input> {
        let line = match self.operator.as_mut()?.line() {
            Typed::Line(line) => line,
            Typed::Nothing => return None,
            // That decides nothing.
            Typed::Gone => {
                self.operator = None;
                return None;
            }
        };
        match self.dialogue.hear(&line) {
            Heard::Nothing => None,
            Heard::Show(text) => {
                self.show.say(&text);
                None
            }
            Heard::Tell(input) => {
                if matches!(input, Input::RollBack { .. }) {
                    self.presses = 0;
                }
                Some(input)
            }
            Heard::GoOn => {
                self.presses = 0;
                None
            }
        }
    }

    /// The next letter, looked for about four times a second.
    fn letter(&mut self, now: Look) -> Option<(Letter, Input)> {
        let interval = u64::try_from(LOOK.as_micros()).unwrap_or(u64::MAX);
        if let Some(polled) = self.polled
            && now.boot.saturating_sub(polled) < interval
        {
            return None;
        }
        let letter = (self.inbox)();
        // While there are letters, they are all read.
        self.polled = letter.is_none().then_some(now.boot);
        letter
    }

    /// Whether there is nothing left to do here: what is open needs a person, and none is there.
    fn leaves(&self, state: &State, now: Stamp) -> Option<LeaveWhy> {
        if state.leaving.is_some() || state.verdict().is_some() || self.polled.is_none() {
            return None;
        }
        let unknown = state
            .questions
            .iter()
            .any(|open| matches!(open.about, QuestionAbout::Unknown { .. }));
        if unknown && self.operator.is_none() {
            return Some(LeaveWhy::Unknown);
        }
        if self.on_hold == OnHold::Stay || !state.is_held() {
            return None;
        }
        let is_new = state
            .hold
            .as_ref()
            .is_some_and(|hold| hold.since > self.since)
            || state
                .questions
                .iter()
                .any(|open| !self.old.contains(&open.number));
        (is_new || now.run.since(self.since) >= SETTLE).then_some(LeaveWhy::Held)
    }

    fn prompt(&mut self, state: &State) {
        if self.operator.is_none() {
            return;
        }
        self.dialogue.follow(&state.questions);
        if let Some(text) = self.dialogue.prompt() {
            self.show.say(&text);
        }
    }
}

impl World for Execute<'_> {
    fn start(&mut self, plan: &Plan, state: &State, effect: &Effect) {
        let now = self.clock.stamp(Look::now());
        self.show.effect(now, plan, state, effect);
        match effect {
            Effect::Start {
                attempt,
                work,
                timeout,
            } => {
                let attempt = *attempt;
                let job = Job::new(&self.tools.base, (plan, state), (attempt, *work), *timeout);
                let (tools, stop) = (self.tools.clone(), self.stoppable(attempt));
                self.spawn(async move {
                    let outcome = job.run(tools, stop).await;
                    Input::Ended { attempt, outcome }
                });
            }
            Effect::Stop { attempt } => self.stop(*attempt),
            Effect::Query { metric } => {
                let id = *metric;
                let Some(metric) = plan.metrics.get(id.index()) else {
                    return;
                };
                let question = Question::new(plan, metric, self.speed);
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
            Effect::Notify {
                notice,
                channel,
                text,
            } => {
                let base = &self.tools.base;
                let words = text
                    .replace("${run}", &base.run)
                    .replace("${started}", &base.started);
                let failed = match plan.channels.get(channel.index()) {
                    Some(channel) => {
                        notify::deliver(&channel.kind, (&base.dir, &base.run), now.wall, &words)
                    }
                    None => Some("the plan has no such channel".to_owned()),
                };
                self.tell(Input::Notified {
                    notice: *notice,
                    failed,
                });
            }
            // Questions are followed in the state; the rest is for people to see.
            Effect::Ask(_)
            | Effect::Withdraw(_)
            | Effect::Say(_)
            | Effect::Left(_)
            | Effect::Finish(_) => {}
        }
    }

    fn next(&mut self, plan: &Plan, state: &State, wake: Option<Moment>) -> Option<Fact> {
        loop {
            if self.gone {
                return None;
            }
            self.prompt(state);
            let look = Look::now();
            let stamp = self.clock.stamp(look);
            let fact = |input| {
                Some(Fact {
                    stamp,
                    input,
                    letter: None,
                })
            };
            if let Some(input) = self.queue.pop_front() {
                return fact(input);
            }
            if let Some(by) = self.clock.jumped(look) {
                return fact(Input::ClockJumped { by });
            }
            if let Some((letter, input)) = self.letter(look) {
                return Some(Fact {
                    stamp,
                    input,
                    letter: Some(letter),
                });
            }
            if let Some(input) = self.typed() {
                return fact(input);
            }
            if let Some(why) = self.leaves(state, stamp) {
                return fact(Input::Leave { why });
            }
            let due = wake.map(|wake| self.clock.until(wake, look));
            // Never zero: work makes progress only while this waits.
            let limit = due.unwrap_or(LOOK).clamp(Duration::from_millis(1), LOOK);
            let input = match self.wait(limit) {
                Event::Sent(sent) => self.sent(sent, plan, state),
                Event::Report(input) => {
                    if let Input::Ended { attempt, .. } = &input {
                        self.stops.remove(attempt);
                    }
                    Some(input)
                }
                Event::Time => {
                    let now = self.clock.stamp(Look::now());
                    self.show.idle(now, plan, state);
                    wake.is_some_and(|wake| wake <= now.run)
                        .then_some(Input::Tick)
                }
            };
            if let Some(input) = input {
                return Some(Fact {
                    stamp: self.clock.stamp(Look::now()),
                    input,
                    letter: None,
                });
            }
        }
    }
}

impl Drop for Execute<'_> {
    fn drop(&mut self) {
        // A thread that waits for a command or a filter must not hold up the end of the program.
        if let Ok(empty) = Builder::new_current_thread().build() {
            std::mem::replace(&mut self.runtime, empty).shutdown_background();
        }
    }
}
